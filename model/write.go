package model

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"sklambda/model/engine"
)

// Artifact is what Write makes a folder of.
type Artifact struct {
	// Manifest in full but for Files and Golden, which Write settles in a copy.
	Manifest *Manifest
	Plan     *engine.Plan
	// Golden is the content of golden.jsonl; empty for an artifact that is not certified.
	Golden []byte
	// Undecided counts the rows that were left out of Golden because scikit-learn disagrees with itself about them.
	Undecided int
	// Hunt tells of the search that gave some rows of Golden; nil if there was none.
	Hunt *Hunt
}

// MismatchError says that the answers of a plan are not scikit-learn's.
type MismatchError struct{ Report *Report }

// Error lists the first differences.
func (e *MismatchError) Error() string { return e.Report.Err().Error() }

// Write makes the artifact folder dir. The files are written aside, opened as a runtime opens them and all golden rows replayed; then the folder takes the place of
// dir in one step. On any failure dir stays as it was and nothing stays beside it. A folder that holds anything but an artifact is not
// replaced. The error is a *MismatchError if a golden row differs. The Report is nil without golden rows.
func Write(dir string, a *Artifact) (*Report, error) {
	dir, err := target(dir)
	if err != nil {
		return nil, err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, err
	}
	aside, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".new-*")
	if err != nil {
		return nil, err
	}
	report, err := a.writeAside(aside)
	if err == nil {
		err = errors.Join(os.Chmod(aside, 0o755), syncDir(aside))
	}
	if err == nil {
		err = swap(aside, dir)
	}
	// After a swap the old folder lies aside.
	if removed := os.RemoveAll(aside); err == nil {
		err = errors.Join(removed, syncDir(parent))
	}
	if err != nil {
		return report, fmt.Errorf("write the artifact %s: %w", dir, err)
	}
	return report, nil
}

// target returns the absolute path of the folder to write, links resolved, if it may be replaced.
func target(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		dir = resolved
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return dir, nil
	}
	if err != nil {
		return "", fmt.Errorf("an artifact is a folder: %w", err)
	}
	for _, entry := range entries {
		if !slices.Contains([]string{ManifestFile, PlanFile, GoldenFile}, entry.Name()) {
			return "", fmt.Errorf("%s holds %s, which is not part of an artifact: the folder is replaced as a whole, so choose another or move the file", dir, entry.Name())
		}
	}
	return dir, nil
}

// writeAside writes the artifact into an empty folder and replays it there.
func (a *Artifact) writeAside(dir string) (*Report, error) {
	manifest := *a.Manifest
	manifest.SchemaVersion, manifest.Golden, manifest.Files = SchemaVersion, nil, map[string]File{}
	if err := manifest.addFile(dir, PlanFile, a.Plan.WriteTo); err != nil {
		return nil, err
	}
	var report *Report
	if len(a.Golden) > 0 {
		var golden []byte
		var err error
		if report, golden, err = a.certify(dir, &manifest); err != nil {
			return report, err
		}
		if err := manifest.addFile(dir, GoldenFile, bytes.NewReader(golden).WriteTo); err != nil {
			return report, err
		}
	}
	data, err := manifest.Encode()
	if err != nil {
		return report, err
	}
	if err := writeFile(filepath.Join(dir, ManifestFile), bytes.NewReader(data).WriteTo); err != nil {
		return report, err
	}
	m, err := Open(dir, OpenOptions{Full: true, AllowUncertified: true})
	if err != nil {
		return report, err
	}
	return report, m.Close()
}

// certify replays the golden rows on the plan as it lies in dir. It returns them with those of the self-test first, so that INIT reads no others. Rows that are
// a Tie or Unstable are left out as undecided: scikit-learn's answer is that of one kind of processor.
func (a *Artifact) certify(dir string, manifest *Manifest) (report *Report, golden []byte, err error) {
	plan, err := engine.Open(filepath.Join(dir, PlanFile))
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, plan.Close()) }()
	m, err := New(manifest, plan)
	if err != nil {
		return nil, nil, err
	}
	report = &Report{Undecided: a.Undecided}
	var chooser selfTestChooser
	unsure := map[int]bool{}
	comparer, replay := NewComparer(manifest), m.newReplayer()
	rows, err := readGolden(bytes.NewReader(a.Golden), nil, func(row int, g GoldenRow) error {
		answer, code, err := replay.answer(g.Input)
		if err != nil {
			return err
		}
		if code == Tie || code == Unstable {
			unsure[row] = true
			return nil
		}
		report.Add(row, comparer.Compare(g.Expected, answer))
		chooser.offer(row-len(unsure), kindOf(g.Expected, code), g.Input)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", GoldenFile, err)
	}
	report.Outputs = comparer.Outputs()
	if report.Failed > 0 {
		return report, nil, &MismatchError{report}
	}
	chosen := chooser.rows()
	report.Undecided += len(unsure)
	manifest.Golden = &Golden{Rows: rows - len(unsure), Undecided: report.Undecided, Hunt: a.Hunt}
	for row := range chosen {
		manifest.Golden.SelfTest = append(manifest.Golden.SelfTest, row)
	}
	return report, chosenFirst(withoutRows(a.Golden, unsure), chosen), nil
}

// withoutRows leaves lines out.
func withoutRows(golden []byte, out map[int]bool) []byte {
	if len(out) == 0 {
		return golden
	}
	var kept []byte
	row := 0
	for line := range bytes.Lines(golden) {
		if !out[row] {
			kept = append(kept, line...)
		}
		row++
	}
	return kept
}

// chosenFirst moves the chosen lines to the front; the order within them and within the others stays.
func chosenFirst(golden []byte, chosen []int) []byte {
	var first, rest []byte
	row := 0
	for line := range bytes.Lines(golden) {
		to := &rest
		if slices.Contains(chosen, row) {
			to = &first
		}
		*to = append(append(*to, bytes.TrimSuffix(line, []byte("\n"))...), '\n')
		row++
	}
	return append(first, rest...)
}

// addFile writes a file and notes its identity.
func (m *Manifest) addFile(dir, name string, write func(io.Writer) (int64, error)) error {
	path := filepath.Join(dir, name)
	if err := writeFile(path, write); err != nil {
		return err
	}
	file, err := identify(path)
	m.Files[name] = file
	return err
}

// writeFile writes a file through to the disk.
func writeFile(path string, write func(io.Writer) (int64, error)) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err = write(f); err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncDir writes a folder's entries through to the disk.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// swap puts the folder aside in the place of dir, and what was there in its place. Where the system can exchange two names at once, dir is never absent.
func swap(aside, dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return os.Rename(aside, dir)
	}
	if err := exchange(aside, dir); !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return swapByRenames(aside, dir)
}

// swapByRenames is swap where names cannot be exchanged at once.
func swapByRenames(aside, dir string) error {
	old := aside + ".old"
	if err := os.Rename(dir, old); err != nil {
		return err
	}
	if err := os.Rename(aside, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.Rename(old, aside)
}
