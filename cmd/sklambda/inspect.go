package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/table"
)

func inspectCommand() *command {
	return &command{
		name:    "inspect",
		usage:   "--model DIR [--json]",
		summary: "show the signature, steps, sizes and provenance of an artifact",
		about:   "Shows what an artifact takes and gives, the estimators it was compiled from, its plan, how exact it is, and where it comes from.",
		example: "sklambda inspect --model model/artifact",
		exit:    exitUsual,
		setup: func(fs *flag.FlagSet) action {
			dir := fs.String("model", "", "artifact `DIR`")
			asJSON := fs.Bool("json", false, "print one JSON object")
			return func(_ context.Context, _ []string, std stdio) error { return inspect(*dir, *asJSON, std) }
		},
	}
}

func inspect(dir string, asJSON bool, std stdio) (err error) {
	m, err := openModel(dir, std)
	if err != nil {
		return err
	}
	defer closeModel(m, &err)
	if asJSON {
		return inspectJSON(m, std.out)
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	printIdentity(w, m)
	printFeatures(w, m.Manifest())
	printOutputs(w, m.Manifest())
	printSteps(w, m)
	printFiles(w, m.Manifest())
	return w.Flush()
}

// planSummary is the plan as inspect --json shows it.
type planSummary struct {
	Bytes  int      `json:"bytes"`
	Floats int      `json:"floats"` // slots of a row's frame
	Texts  int      `json:"texts"`
	Steps  []string `json:"steps"` // kinds, in the order in which they run
}

func inspectJSON(m *model.Model, w io.Writer) error {
	summary := planSummary{Bytes: m.Plan().MappedBytes(), Floats: m.Plan().Floats(), Texts: m.Plan().Texts(), Steps: stepKinds(m.Plan())}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(struct {
		Certified bool            `json:"certified"`
		Manifest  *model.Manifest `json:"manifest"`
		Plan      planSummary     `json:"plan"`
	}{m.Certified(), m.Manifest(), summary})
}

func stepKinds(p *engine.Plan) []string {
	var kinds []string
	for _, s := range p.Steps() {
		kinds = append(kinds, s.Kind())
	}
	return kinds
}

func printIdentity(w io.Writer, m *model.Model) {
	manifest := m.Manifest()
	fmt.Fprintf(w, "name\t%s\nversion\t%s\ntask\t%s\n", manifest.Name, manifest.Version, manifest.Task)
	for i, classes := range manifest.Classes {
		name := "classes"
		if manifest.Task == model.MultioutputClassification {
			name = fmt.Sprintf("classes of output %d", i)
		}
		fmt.Fprintf(w, "%s\t%s\n", name, joinClasses(classes))
	}
	if manifest.Positive != nil {
		fmt.Fprintf(w, "positive class\t%s\n", manifest.Classes[0][*manifest.Positive].RawMessage)
	}
	if manifest.Threshold != nil {
		fmt.Fprintf(w, "threshold\t%s\n", table.AppendFloat(nil, *manifest.Threshold))
	}
	if manifest.Decimals != nil {
		fmt.Fprintf(w, "decimals\t%d in HTTP answers\n", *manifest.Decimals)
	}
	fmt.Fprintf(w, "certified\t%s\n", certification(manifest))
	fmt.Fprintf(w, "source\t%s, %d bytes, sha256 %s\n", manifest.Source.Name, manifest.Source.Size, manifest.Source.SHA256)
	for _, name := range slices.Sorted(maps.Keys(manifest.Source.Versions)) {
		fmt.Fprintf(w, "made with\t%s %s\n", name, manifest.Source.Versions[name])
	}
	for _, note := range manifest.Notes {
		fmt.Fprintf(w, "note\t%s\n", note)
	}
}

func joinClasses(classes []model.Class) string {
	var words []string
	for _, c := range classes {
		words = append(words, string(c.RawMessage))
	}
	return strings.Join(words, ", ")
}

func certification(m *model.Manifest) string {
	if reason := m.Uncertified(); reason != "" {
		return "no: " + reason
	}
	text := fmt.Sprintf("yes: %d golden rows, %d undecided", m.Golden.Rows, m.Golden.Undecided)
	if hunt := m.Golden.Hunt; hunt != nil {
		text += fmt.Sprintf("; of %d rows hunted through the largest error is %g", hunt.Rows, hunt.Largest)
	}
	return text
}

func printFeatures(w io.Writer, m *model.Manifest) {
	fmt.Fprint(w, "\nfeature\ttype\tdtype\tnull\trange or categories\n")
	for _, f := range m.Features {
		null := "refused"
		switch {
		case f.Nullable && f.NullIsNone:
			null = "None"
		case f.Nullable:
			null = "NaN"
		}
		if !f.Used {
			null = "not used"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Name, f.Type, f.DType, null, valueRange(&f))
	}
}

// valueRange lists the categories of a feature, or its range in the sample.
func valueRange(f *model.Feature) string {
	const most = 8
	if n := len(f.Categories); n > 0 {
		var words []string
		for _, c := range f.Categories[:min(n, most)] {
			words = append(words, string(c))
		}
		if n > most {
			words = append(words, fmt.Sprintf("… (%d in all)", n))
		}
		return strings.Join(words, ", ")
	}
	if f.Min == nil || f.Max == nil {
		return ""
	}
	return fmt.Sprintf("%s to %s", table.AppendFloat(nil, *f.Min), table.AppendFloat(nil, *f.Max))
}

func printOutputs(w io.Writer, m *model.Manifest) {
	fmt.Fprint(w, "\noutput\twidth\tallowed difference from scikit-learn\n")
	for _, o := range m.Outputs {
		fmt.Fprintf(w, "%s\t%d\t%s\n", o.Name, o.Width, toleranceText(o.Tolerance, o.Reason))
	}
}

func toleranceText(tolerance float64, reason string) string {
	switch {
	case tolerance == 0:
		return "none: every bit counts"
	case reason != "":
		return fmt.Sprintf("%g, %s", tolerance, reason)
	default:
		return fmt.Sprintf("%g", tolerance)
	}
}

func printSteps(w io.Writer, m *model.Model) {
	fmt.Fprint(w, "\nestimator\tclass\tparameters\n")
	for _, e := range m.Manifest().Pipeline {
		var params []string
		for _, name := range slices.Sorted(maps.Keys(e.Params)) {
			params = append(params, name+"="+string(e.Params[name]))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", e.Path, e.Class, oneLine(strings.Join(params, " ")))
	}
	kinds := stepKinds(m.Plan())
	fmt.Fprintf(w, "\nplan\t%d steps, %d numbers and %d texts a row\nsteps\t%s\n", len(kinds), m.Plan().Floats(), m.Plan().Texts(), strings.Join(kinds, " "))
}

func printFiles(w io.Writer, m *model.Manifest) {
	fmt.Fprint(w, "\nfile\tbytes\tsha256\n")
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		fmt.Fprintf(w, "%s\t%d\t%s\n", name, m.Files[name].Size, m.Files[name].SHA256)
	}
}
