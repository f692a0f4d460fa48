package model

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"sklambda/model/engine"
	"sklambda/model/table"
)

// Model is a plan with its signature. It is immutable and may be used by many goroutines, each with a Batch of its own.
type Model struct {
	dir      string // empty for a model that is not in a folder
	manifest *Manifest
	sum      string // sha256 of manifest.json, in hex; empty for a model that is not in a folder
	plan     *engine.Plan
	columns  *table.Columns
	used     []usedFeature
	numbers  []numberInput // in the order of the plan's Number and Integer inputs
	texts    []int32       // features, in the order of the plan's Text inputs

	label, probabilities, decision, score, value, std span
	keys                                              [][]string // classes as JSON keys, quotes included, per output
	cells                                             [][]string // classes as CSV cells, per output
	offsets                                           []int      // where the probabilities of each output start
	positive                                          int
}

// span is where an output lies in a row of results; n is 0 if the plan does not have it.
type span struct{ start, n int }

// usedFeature is a feature that a step reads, and the kind that its values have.
type usedFeature struct {
	feature int32
	kind    table.Kind
}

// numberInput is a feature that goes into a Number or Integer slot.
type numberInput struct {
	feature int32
	integer bool
}

// OpenOptions says how much Open checks and accepts.
type OpenOptions struct {
	// Full also compares the sha256 of every file.
	Full bool
	// AllowUncertified opens an artifact without golden rows, or with too few.
	AllowUncertified bool
}

// Open maps the artifact in dir. It checks the manifest, the size of every file, the plan's checksums and structure, that both fit each
// other, and replays the self-test rows. Close frees the mapping.
func Open(dir string, opt OpenOptions) (*Model, error) {
	manifest, sum, err := readManifest(filepath.Join(dir, ManifestFile))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("%w: %s is not an artifact folder; python -m sklambda export makes one", err, dir)
	}
	if err != nil {
		return nil, err
	}
	if reason := manifest.Uncertified(); reason != "" && !opt.AllowUncertified {
		return nil, fmt.Errorf("the artifact in %s is not certified: %s", dir, reason)
	}
	if err := checkFiles(dir, manifest, opt.Full); err != nil {
		return nil, err
	}
	plan, err := engine.Open(filepath.Join(dir, PlanFile))
	if err != nil {
		return nil, err
	}
	m, err := join(manifest, plan)
	if err == nil {
		m.dir, m.sum = dir, sum
		err = m.selfTest()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the artifact in %s: %w", dir, err), plan.Close())
	}
	return m, nil
}

// New joins a manifest, whose Files and Golden do not matter, and a plan that fits it.
func New(manifest *Manifest, plan *engine.Plan) (*Model, error) {
	if err := manifest.validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", ManifestFile, err)
	}
	return join(manifest, plan)
}

// join is New for a manifest that is validated.
func join(manifest *Manifest, plan *engine.Plan) (*Model, error) {
	m := &Model{manifest: manifest, plan: plan}
	names := make([]string, len(manifest.Features))
	for i, f := range manifest.Features {
		names[i] = f.Name
	}
	m.columns = table.NewColumns(names)
	for i, f := range manifest.Features {
		if f.Used {
			m.used = append(m.used, usedFeature{int32(i), f.Type.kind()})
		} else {
			m.columns.Ignore(i)
		}
	}
	if err := m.bindInputs(); err != nil {
		return nil, fmt.Errorf("%s does not fit %s: %w", PlanFile, ManifestFile, err)
	}
	if err := m.bindOutputs(); err != nil {
		return nil, fmt.Errorf("%s does not fit %s: %w", PlanFile, ManifestFile, err)
	}
	return m, m.bindClasses()
}

// bindInputs finds the feature of each input of the plan.
func (m *Model) bindInputs() error {
	for _, in := range m.plan.Inputs() {
		if in.Feature < 0 || int(in.Feature) >= len(m.manifest.Features) {
			return fmt.Errorf("an input reads feature %d of %d", in.Feature, len(m.manifest.Features))
		}
		f := &m.manifest.Features[in.Feature]
		if !f.Used {
			return fmt.Errorf("an input reads feature %q, which is not used", f.Name)
		}
		if (in.Kind == engine.Text) != (f.Type == StringType) {
			return fmt.Errorf("a %s input reads feature %q, which is a %s", in.Kind, f.Name, f.Type)
		}
		if in.Kind == engine.Text {
			m.texts = append(m.texts, in.Feature)
		} else {
			m.numbers = append(m.numbers, numberInput{in.Feature, in.Kind == engine.Integer})
		}
	}
	return nil
}

// bindOutputs finds the outputs in the plan's results.
func (m *Model) bindOutputs() error {
	spans := map[string]*span{LabelOutput: &m.label, ProbabilitiesOutput: &m.probabilities, DecisionOutput: &m.decision,
		ScoreOutput: &m.score, ValueOutput: &m.value, StdOutput: &m.std}
	if got, want := len(m.plan.Outputs()), len(m.manifest.Outputs); got != want {
		return fmt.Errorf("the plan has %d outputs, the manifest %d", got, want)
	}
	for _, o := range m.manifest.Outputs {
		start, n, ok := m.plan.Output(o.Name)
		if !ok || n != o.Width {
			return fmt.Errorf("output %q is %d wide in the manifest, %d in the plan", o.Name, o.Width, n)
		}
		*spans[o.Name] = span{start, n}
	}
	return nil
}

// bindClasses prepares the keys of probabilities.
func (m *Model) bindClasses() error {
	offset := 0
	for _, classes := range m.manifest.Classes {
		keys, err := classKeys(classes)
		if err != nil {
			return err
		}
		cells := make([]string, len(keys))
		for i, key := range keys {
			keys[i] = string(table.AppendString(nil, key))
			cells[i] = string(table.AppendCell(nil, key))
		}
		m.keys = append(m.keys, keys)
		m.cells = append(m.cells, cells)
		m.offsets = append(m.offsets, offset)
		offset += len(classes)
	}
	if m.manifest.Positive != nil {
		m.positive = *m.manifest.Positive
	}
	return nil
}

// Close frees the plan. Neither the model nor its batches may be used afterwards.
func (m *Model) Close() error { return m.plan.Close() }

// Manifest returns the manifest, which must not be changed.
func (m *Model) Manifest() *Manifest { return m.manifest }

// ManifestSHA256 is the sha256 of manifest.json, in hex, which holds that of every other file: the identity of the artifact. It is empty for a model
// that was not opened from a folder.
func (m *Model) ManifestSHA256() string { return m.sum }

// Plan returns the plan.
func (m *Model) Plan() *engine.Plan { return m.plan }

// Certified reports whether the artifact has been compared with scikit-learn's answers on enough rows.
func (m *Model) Certified() bool { return m.manifest.Uncertified() == "" }

// Columns returns the features as columns, in the order of the manifest.
func (m *Model) Columns() *table.Columns { return m.columns }
