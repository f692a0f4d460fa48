package model

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"sklambda/model/table"
)

// Bounds of golden.jsonl.
const (
	maxGolden     = 1 << 30
	maxGoldenLine = 16 << 20
)

// selfTestRows is how many golden rows INIT replays.
const selfTestRows = 8

// GoldenRow is a line of golden.jsonl: a row, and scikit-learn's answer in the shape of JSON Lines, {"error":{}} where it raises.
type GoldenRow struct {
	Input    json.RawMessage `json:"input"`
	Expected json.RawMessage `json:"expected"`
}

// readGolden visits the golden rows in order; want selects them, all if it is nil. visit may stop it with io.EOF. It returns the number of rows seen.
func readGolden(r io.Reader, want func(row int) bool, visit func(row int, g GoldenRow) error) (int, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxGoldenLine)
	row := 0
	for ; lines.Scan(); row++ {
		if want != nil && !want(row) {
			continue
		}
		g, err := decodeGolden(bytes.Clone(lines.Bytes()))
		if err == nil {
			err = visit(row, g)
		}
		if errors.Is(err, io.EOF) {
			return row + 1, nil
		}
		if err != nil {
			return row, fmt.Errorf("line %d: %w", row+1, err)
		}
	}
	if err := lines.Err(); err != nil {
		return row, fmt.Errorf("line %d: %w", row+1, err)
	}
	return row, nil
}

// decodeGolden reads one line, which is not to be changed while the row is in use.
func decodeGolden(line []byte) (GoldenRow, error) {
	var g GoldenRow
	err := table.EachMember(line, func(name string, value []byte) error {
		switch name {
		case "input":
			g.Input = value
		case "expected":
			g.Expected = value
		default:
			return fmt.Errorf("unknown field %q", name)
		}
		return nil
	})
	if err != nil {
		return g, fmt.Errorf("not a golden row: %w", err)
	}
	if g.Input == nil || g.Expected == nil {
		return g, errors.New(`not a golden row: one object with "input" and "expected" is expected`)
	}
	return g, nil
}

// EachGolden visits the golden rows of the artifact in order, until visit returns an error.
func (m *Model) EachGolden(ctx context.Context, visit func(row int, g GoldenRow) error) error {
	if m.manifest.Golden == nil || m.dir == "" {
		return errors.New("the artifact has no golden rows")
	}
	path := filepath.Join(m.dir, GoldenFile)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	rows, err := readGolden(f, nil, func(row int, g GoldenRow) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return visit(row, g)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if rows != m.manifest.Golden.Rows {
		return fmt.Errorf("%s: %d rows, %s says %d", path, rows, ManifestFile, m.manifest.Golden.Rows)
	}
	return nil
}

// replayer answers golden rows.
type replayer struct {
	model *Model
	batch *Batch
	row   []table.Value
	out   []byte
}

func (m *Model) newReplayer() *replayer {
	return &replayer{model: m, batch: m.NewBatch(), row: make([]table.Value, m.columns.Len())}
}

// answer returns the model's answer for an input as JSON Lines have it, valid until the next call, and the code of its problem, if any.
func (r *replayer) answer(input []byte) (answer []byte, code string, err error) {
	problems, err := r.model.columns.ParseObject(input, r.row)
	if err != nil {
		return nil, "", fmt.Errorf("input: %w", err)
	}
	r.batch.Reset()
	if problems == nil {
		problems = r.batch.Append(r.row, RowOptions{NonFinite: true})
	}
	if problems != nil {
		r.out = AppendProblem(r.out[:0], &problems[0])
		return r.out, problems[0].Code, nil
	}
	p := r.model.Predict(r.batch)
	if problem := p.Problem(0); problem != nil {
		code = problem.Code
	}
	r.out = p.AppendJSON(r.out[:0], 0)
	return r.out, code, nil
}

// selfTest replays the self-test rows.
func (m *Model) selfTest() error {
	golden := m.manifest.Golden
	if golden == nil {
		return nil
	}
	path := filepath.Join(m.dir, GoldenFile)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	replay, comparer, seen := m.newReplayer(), NewComparer(m.manifest), 0
	chosen := func(row int) bool { return slices.Contains(golden.SelfTest, row) }
	_, err = readGolden(f, chosen, func(row int, g GoldenRow) error {
		answer, _, err := replay.answer(g.Input)
		if err != nil {
			return err
		}
		if difference := comparer.Compare(g.Expected, answer); difference != "" {
			return fmt.Errorf("self-test: %s", difference)
		}
		if seen++; seen == len(golden.SelfTest) {
			return io.EOF
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", GoldenFile, err)
	}
	if seen != len(golden.SelfTest) {
		return fmt.Errorf("%s: only %d of the self-test rows %v are there", GoldenFile, seen, golden.SelfTest)
	}
	return nil
}

// checkFiles compares the files in dir with the manifest: their sizes, and with full their sha256.
func checkFiles(dir string, m *Manifest, full bool) error {
	for _, name := range []string{PlanFile, GoldenFile} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		want, listed := m.Files[name]
		if !listed && err == nil {
			return fmt.Errorf("%s: %s does not know this file: build the artifact again", path, ManifestFile)
		}
		if !listed {
			continue
		}
		if err != nil {
			return err
		}
		if info.Size() != want.Size {
			return fmt.Errorf("%s: %d bytes, %s says %d: the file was changed after the build; build the artifact again", path, info.Size(), ManifestFile, want.Size)
		}
		if name == GoldenFile && want.Size > maxGolden {
			return fmt.Errorf("%s: %d bytes; at most %d are read", path, want.Size, maxGolden)
		}
		if !full {
			continue
		}
		got, err := identify(path)
		if err != nil {
			return err
		}
		if got.SHA256 != want.SHA256 {
			return fmt.Errorf("%s: sha256 is %s, %s says %s: the file was changed after the build; build the artifact again", path, got.SHA256, ManifestFile, want.SHA256)
		}
	}
	return nil
}

// identify returns the sha256 and the size of a file.
func identify(path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, f)
	return File{SHA256: hex.EncodeToString(hash.Sum(nil)), Size: n}, err
}
