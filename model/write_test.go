package model

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree returns the content of every file below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestWriteOpenVerify(t *testing.T) {
	t.Parallel()
	dir := written(t, 200)
	m, err := Open(dir, OpenOptions{Full: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if !m.Certified() {
		t.Errorf("not certified: %s", m.Manifest().Uncertified())
	}
	if diff := cmp.Diff([]int{0, 1, 2, 3, 4, 5, 6, 7}, m.Manifest().Golden.SelfTest); diff != "" {
		t.Errorf("self-test rows (-want +got)\n%s", diff)
	}
	var ids []int
	err = m.EachGolden(t.Context(), func(_ int, g GoldenRow) error {
		var input struct{ ID int }
		err := json.Unmarshal(g.Input, &input)
		ids = append(ids, input.ID)
		return err
	})
	// The self-test comes first: the first row of each label and of the error, then others by chance. See golden.
	if diff := cmp.Diff([]int{0, 1, 3, 40, 43, 124, 175, 192, 2, 4, 5}, ids[:11]); err != nil || diff != "" {
		t.Errorf("%v, order of the golden rows (-want +got)\n%s", err, diff)
	}
	calls := 0
	report, err := m.Verify(t.Context(), func(done, total int) {
		if calls++; done != calls || total != 200 {
			t.Errorf("progress %d of %d, want %d of 200", done, total, calls)
		}
	})
	if err != nil || report.Err() != nil || report.Rows != 200 || report.Undecided != 2 || calls != 200 || len(report.Outputs) != 3 {
		t.Errorf("got %+v, %v, %d calls of progress", report, err, calls)
	}
	for path, want := range map[string]os.FileMode{dir: 0o755, filepath.Join(dir, ManifestFile): 0o644, filepath.Join(dir, PlanFile): 0o644} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v: Lambda reads it as another user", path, info.Mode(), err, want)
		}
	}
}

func TestWriteIsReproducible(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(tree(t, written(t, 200)), tree(t, written(t, 200))); diff != "" {
		t.Errorf("(-first +second)\n%s", diff)
	}
}

// TestWriteReplaces: the new artifact takes the place of the old, also through a link, and nothing stays beside it.
func TestWriteReplaces(t *testing.T) {
	t.Parallel()
	dir := written(t, 200)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	manifest, plan := binary(t)
	manifest.Version = "v2.0"
	if _, err := Write(link, &Artifact{Manifest: manifest, Plan: plan}); err != nil {
		t.Fatal(err)
	}
	m, err := Open(dir, OpenOptions{AllowUncertified: true, Full: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if m.Manifest().Version != "v2.0" || m.Certified() || len(tree(t, filepath.Dir(dir))) != 2 {
		t.Errorf("version %s, certified %v, files %v", m.Manifest().Version, m.Certified(), tree(t, filepath.Dir(dir)))
	}
}

// TestWriteFailsWhole: whatever goes wrong, the old folder stays as it was and nothing stays beside it.
func TestWriteFailsWhole(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(t *testing.T, a *Artifact, dir string)
		want   string
	}{
		{"another label", func(_ *testing.T, a *Artifact, _ string) {
			a.Golden = bytes.Replace(a.Golden, []byte(`"label":"yes"`), []byte(`"label":"no"`), 1)
		}, `1 of 200 golden rows differ from scikit-learn:` + "\n" + `  golden.jsonl line 1: label is "yes", scikit-learn's is "no"`},
		{"an answer where scikit-learn raises", func(_ *testing.T, a *Artifact, _ string) {
			a.Golden = append(a.Golden, `{"input":{"x":0,"id":0,"flag":true,"colour":"red"},"expected":{"error":{}}}`+"\n"...)
		}, "golden.jsonl line 201: scikit-learn raises"},
		{"golden row is not JSON", func(_ *testing.T, a *Artifact, _ string) { a.Golden = append(a.Golden, "{\n"...) }, "golden.jsonl: line 201: not a golden row"},
		{"golden row without input", func(_ *testing.T, a *Artifact, _ string) { a.Golden = append(a.Golden, `{"expected":{}}`...) }, "line 201: not a golden row"},
		{"golden row with more", func(_ *testing.T, a *Artifact, _ string) {
			a.Golden = append(a.Golden, `{"input":{},"expected":{},"x":1}`...)
		}, `line 201: not a golden row: unknown field "x"`},
		{"manifest", func(_ *testing.T, a *Artifact, _ string) { a.Manifest.Task = "x" }, `task is "x"`},
		{"plan", func(_ *testing.T, a *Artifact, _ string) { a.Manifest.Features[3].Type = NumberType }, "plan.safetensors does not fit manifest.json"},
		{"another file in the folder", func(t *testing.T, _ *Artifact, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "thesis.tex"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "holds thesis.tex, which is not part of an artifact"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := written(t, 200)
			manifest, plan := binary(t)
			a := &Artifact{Manifest: manifest, Plan: plan, Golden: golden(t, opened(t, manifest, plan), 200)}
			tt.change(t, a, dir)
			before := tree(t, filepath.Dir(dir))
			_, err := Write(dir, a)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if diff := cmp.Diff(before, tree(t, filepath.Dir(dir))); diff != "" {
				t.Errorf("files (-before +after)\n%s", diff)
			}
			entries, err := os.ReadDir(filepath.Dir(dir))
			if err != nil || len(entries) != 1 {
				t.Errorf("%v, beside the artifact lie %v", err, entries)
			}
		})
	}
}

// TestWriteOverFile: a file is not replaced by the folder of an artifact.
func TestWriteOverFile(t *testing.T) {
	t.Parallel()
	manifest, plan := binary(t)
	file := filepath.Join(t.TempDir(), "train.py")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(file, &Artifact{Manifest: manifest, Plan: plan}); err == nil || !strings.Contains(err.Error(), "an artifact is a folder: ") {
		t.Errorf("got %v, want that an artifact is a folder", err)
	}
}

func TestWriteMismatchIsTyped(t *testing.T) {
	t.Parallel()
	manifest, plan := binary(t)
	a := &Artifact{Manifest: manifest, Plan: plan, Golden: []byte(`{"input":{"x":0,"id":0,"flag":true,"colour":"red"},"expected":{"label":"no"}}`)}
	report, err := Write(filepath.Join(t.TempDir(), "a", "b"), a)
	if mismatch, ok := errors.AsType[*MismatchError](err); !ok || report == nil || mismatch.Report != report || report.Failed != 1 {
		t.Errorf("got %v and %+v", err, report)
	}
}

// TestSwap: both ways to put a folder in the place of another do so, and leave the other there if they cannot.
func TestSwap(t *testing.T) {
	t.Parallel()
	for name, swap := range map[string]func(aside, dir string) error{"swap": swap, "by renames": swapByRenames} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			aside, dir := filepath.Join(parent, "new"), filepath.Join(parent, "dir")
			for path, content := range map[string]string{aside: "new", dir: "old"} {
				if err := errors.Join(os.Mkdir(path, 0o755), os.WriteFile(filepath.Join(path, "f"), []byte(content), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			if err := swap(aside, dir); err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"/dir/f": "new", "/new/f": "old"}
			if diff := cmp.Diff(want, tree(t, parent)); diff != "" {
				t.Errorf("files (-want +got)\n%s", diff)
			}
			if err := swap(filepath.Join(parent, "missing"), dir); err == nil {
				t.Error("a missing folder was put in place")
			}
			if diff := cmp.Diff(want, tree(t, parent)); diff != "" {
				t.Errorf("files after a failure (-want +got)\n%s", diff)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	replace := func(name, old, new string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			data, err := os.ReadFile(path)
			if err != nil || !bytes.Contains(data, []byte(old)) {
				t.Fatalf("%s: %v, it does not hold %s", path, err, old)
			}
			if err := os.WriteFile(path, bytes.Replace(data, []byte(old), []byte(new), 1), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name   string
		rows   int
		change func(*testing.T, string)
		full   bool
		want   string
	}{
		{"no folder", 200, func(t *testing.T, dir string) { _ = os.RemoveAll(dir) }, false, "is not an artifact folder; python -m sklambda export makes one"},
		{"a file for a folder", 200, func(t *testing.T, dir string) { _, _ = os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600) }, false, "is not an artifact folder; python -m sklambda export makes one"},
		{"no plan", 200, remove(PlanFile), false, "plan.safetensors: no such file"},
		{"no golden rows", 200, remove(GoldenFile), false, "golden.jsonl: no such file"},
		{"cut plan", 200, func(t *testing.T, dir string) { _ = os.Truncate(filepath.Join(dir, PlanFile), 100) }, false,
			"plan.safetensors: 100 bytes, manifest.json says"},
		{"longer golden rows", 200, replace(GoldenFile, "\n", "\n\n"), false, "the file was changed after the build; build the artifact again"},
		{"changed golden row, full", 200, replace(GoldenFile, `"id":1,`, `"id":2,`), true, "golden.jsonl: sha256 is "},
		{"changed self-test row", 200, replace(GoldenFile, `"label":"no"`, `"lAbel":"no"`), false, "golden.jsonl: line 2: self-test: lAbel is missing in the answer"},
		{"too few rows", 199, func(*testing.T, string) {}, false, "is not certified: it has 199 golden rows, 200 are needed"},
		{"uncertified", 0, func(*testing.T, string) {}, false, "is not certified: it has no golden rows"},
		{"golden rows that the manifest does not know", 200, func(t *testing.T, dir string) {
			m, err := ReadManifest(filepath.Join(dir, ManifestFile))
			if err != nil {
				t.Fatal(err)
			}
			m.Golden = nil
			delete(m.Files, GoldenFile)
			data, _ := m.Encode()
			if err := os.WriteFile(filepath.Join(dir, ManifestFile), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}, false, "is not certified"},
		{"manifest", 200, replace(ManifestFile, `"name": "colours"`, `"nome": "colours"`), false, `manifest.json: not a manifest: unknown field "nome"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := written(t, tt.rows)
			tt.change(t, dir)
			if _, err := Open(dir, OpenOptions{Full: tt.full}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestVerifyFindsDifferences: rows changed together with their hash in the manifest are told line by line.
func TestVerifyFindsDifferences(t *testing.T) {
	t.Parallel()
	dir := written(t, 200)
	path := filepath.Join(dir, GoldenFile)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	for _, i := range []int{9, 13} {
		lines[i] = strings.Replace(lines[i], `"decision":-9`, `"decision":-8`, 1)
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	manifest, err := ReadManifest(filepath.Join(dir, ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	if manifest.Files[GoldenFile], err = identify(path); err != nil {
		t.Fatal(err)
	}
	encoded, err := manifest.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ManifestFile), encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Open(dir, OpenOptions{Full: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	report, err := m.Verify(t.Context(), nil)
	if err != nil || report.Failed != 2 || report.Rows != 200 || report.Differences[1].Line != 14 {
		t.Errorf("got %+v, %v", report, err)
	}
	if err := report.Err(); err == nil || !strings.Contains(err.Error(), "2 of 200 golden rows differ from scikit-learn:\n  golden.jsonl line 10: decision is ") {
		t.Errorf("got %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Verify(cancelled, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v from a cancelled context", err)
	}
}

func TestSelfTestRows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		kinds string // of the first rows, a letter each; the others are of kind a
		n     int
		want  []int
	}{
		{"one row", "a", 1, []int{0}},
		{"few rows", "", 3, []int{0, 1, 2}},
		{"eight rows", "", 8, []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"by chance", "", 800, []int{0, 44, 114, 249, 349, 410, 510, 610}},
		{"kinds first", "aabcb", 100, []int{0, 2, 3, 4, 19, 40, 44, 48}},
		{"more kinds than rows", "abcdefghij", 10, []int{0, 1, 2, 3, 4, 5, 6, 7}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var lines []string
			for row := range tt.n {
				lines = append(lines, fmt.Sprintf("%c %d", (tt.kinds + strings.Repeat("a", tt.n))[row], row))
			}
			choose := func(lines []string) []int {
				var c selfTestChooser
				for row, line := range lines {
					c.offer(row, line[:1], []byte(line))
				}
				return c.rows()
			}
			chosen := choose(lines)
			if diff := cmp.Diff(tt.want, chosen); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			moved := chosenFirst([]byte(strings.Join(lines, "\n")), chosen)
			for i, row := range choose(strings.Split(strings.TrimSuffix(string(moved), "\n"), "\n")) {
				if row != i {
					t.Errorf("row %d is chosen when those of before come first", row)
				}
			}
		})
	}
}
