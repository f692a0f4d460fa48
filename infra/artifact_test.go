package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sklambda/model"
	"sklambda/model/engine"

	"github.com/google/go-cmp/cmp"
)

// writeArtifact writes an artifact that doubles its one feature, with the given number of golden rows.
func writeArtifact(t *testing.T, rows int) string {
	t.Helper()
	builder := engine.NewBuilder()
	in := builder.Number(0)
	out := builder.Floats(1)
	builder.Add(&engine.Arith{Op: "mul", In: engine.Span{Start: in, N: 1}, Out: out, Values: []float64{2}})
	builder.Output(model.ValueOutput, out)
	plan, err := builder.Plan()
	if err != nil {
		t.Fatal(err)
	}
	var golden bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&golden, `{"input":{"x":%d.0},"expected":{"value":%d.0}}`+"\n", i, 2*i)
	}
	dir := filepath.Join(t.TempDir(), "artifact")
	_, err = model.Write(dir, &model.Artifact{
		Manifest: &model.Manifest{
			Name:     "doubler",
			Version:  "v2.1",
			Task:     model.Regression,
			Features: []model.Feature{{Name: "x", Type: model.NumberType, DType: "float64", Used: true}},
			Outputs:  []model.Output{{Name: model.ValueOutput, Width: 1}},
			Pipeline: []model.Estimator{{Path: "pipeline", Class: "sklearn.linear_model.LinearRegression"}},
			Source:   model.Source{Name: "doubler.joblib", SHA256: strings.Repeat("0", 64), Size: 1},
		},
		Plan:   plan,
		Golden: golden.Bytes(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// edit replaces a file of an artifact by what change makes of it.
func edit(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

func replace(old, new string) func([]byte) []byte {
	return func(data []byte) []byte { return bytes.ReplaceAll(data, []byte(old), []byte(new)) }
}

func sha256Of(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func TestOpenArtifactRefuses(t *testing.T) {
	flip := func(data []byte) []byte { data[len(data)-1] ^= 1; return data }
	truncate := func(data []byte) []byte { return data[:len(data)/2] }
	for _, tt := range []struct {
		name string
		rows int
		harm func(t *testing.T, dir string)
		want []string // words that the refusal has to have
	}{
		{"no folder", 200, func(t *testing.T, dir string) { os.RemoveAll(dir) }, []string{"no artifact in", "python -m sklambda export"}},
		{"a file for a folder", 200, func(t *testing.T, dir string) { _, _ = os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600) }, []string{"no artifact in", "python -m sklambda export"}},
		{"no manifest", 200, func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, model.ManifestFile)) }, []string{"no artifact in", "manifest.json"}},
		{"no plan", 200, func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, model.PlanFile)) }, []string{"plan.safetensors", "no such file"}},
		{"no golden rows", 200, func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, model.GoldenFile)) }, []string{"golden.jsonl", "no such file"}},
		{"flipped bit", 200, func(t *testing.T, dir string) { edit(t, filepath.Join(dir, model.PlanFile), flip) }, []string{"plan.safetensors", "sha256"}},
		{"truncated plan", 200, func(t *testing.T, dir string) { edit(t, filepath.Join(dir, model.PlanFile), truncate) }, []string{"plan.safetensors", "bytes"}},
		{"truncated manifest", 200, func(t *testing.T, dir string) { edit(t, filepath.Join(dir, model.ManifestFile), truncate) }, []string{"manifest.json"}},
		{"changed golden row", 200, func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, model.GoldenFile), replace(`{"value":20.0}`, `{"value":21.0}`))
		}, []string{"golden.jsonl", "sha256"}},
		{"hash of another file", 200, func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, model.ManifestFile), replace(sha256Of(t, filepath.Join(dir, model.PlanFile)), strings.Repeat("a", 64)))
		}, []string{"plan.safetensors", "sha256", strings.Repeat("a", 64)}},
		{"wrong answer under a right hash", 200, func(t *testing.T, dir string) {
			path := filepath.Join(dir, model.GoldenFile)
			before := sha256Of(t, path)
			edit(t, path, replace(`{"value":20.0}`, `{"value":21.0}`))
			edit(t, filepath.Join(dir, model.ManifestFile), replace(before, sha256Of(t, path)))
		}, []string{"golden.jsonl", "line 18", "1 of 200 golden rows differ from scikit-learn"}},
		{"not certified", 0, func(*testing.T, string) {}, []string{"not certified", "no golden rows", "python -m sklambda export"}},
		{"too few golden rows", 199, func(*testing.T, string) {}, []string{"not certified", "199 golden rows"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := writeArtifact(t, tt.rows)
			tt.harm(t, dir)
			got, err := openArtifact(t.Context(), dir)
			if err == nil {
				t.Fatalf("took %+v", got)
			}
			for _, want := range append(tt.want, dir) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error is %q, want %q in it", err, want)
				}
			}
		})
	}
}

func TestStage(t *testing.T) {
	dir := writeArtifact(t, 200)
	if err := os.WriteFile(filepath.Join(dir, "README.md"), []byte("not part of the artifact"), 0o600); err != nil {
		t.Fatal(err)
	}
	proven, err := openArtifact(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	want := ModelIdentity{Name: "doubler", Version: "v2.1", SHA256: sha256Of(t, filepath.Join(dir, model.ManifestFile))}
	if want.LongestResult = proven.identity.LongestResult; want.LongestResult <= 0 {
		t.Errorf("the longest answer has %d bytes", want.LongestResult)
	}
	if diff := cmp.Diff(want, proven.identity); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	to := filepath.Join(t.TempDir(), "layer", "model")
	if err := proven.stage(to); err != nil {
		t.Fatal(err)
	}
	got := map[string]fs.FileMode{}
	entries, err := os.ReadDir(to)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		got[entry.Name()] = info.Mode()
	}
	if diff := cmp.Diff(map[string]fs.FileMode{"golden.jsonl": 0o644, "manifest.json": 0o644, "plan.safetensors": 0o644}, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestStageRefusesWhatWasNotProven(t *testing.T) {
	dir := writeArtifact(t, 200)
	proven, err := openArtifact(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(dir, model.GoldenFile), replace(`{"value":20.0}`, `{"value":21.0}`))
	err = proven.stage(filepath.Join(t.TempDir(), "model"))
	if want := "golden.jsonl changed while it was read"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q in it", err, want)
	}
}

// TestRefusesBeforeBuilding holds that a bad artifact leaves nothing behind: no bootstrap, no folder.
func TestRefusesBeforeBuilding(t *testing.T) {
	dir := writeArtifact(t, 0)
	t.Chdir(t.TempDir())
	if _, _, err := prepareAssets(t.Context(), environments()[0], []ModelConfig{{Dir: dir}}); err == nil || !strings.Contains(err.Error(), "not certified") {
		t.Errorf("got %v, want a refusal of an uncertified artifact", err)
	}
	if left, _ := os.ReadDir("."); len(left) != 0 {
		t.Errorf("left %v behind", left)
	}
}

func TestBuildFailureSaysWhat(t *testing.T) {
	dir := writeArtifact(t, 200)
	t.Chdir(t.TempDir())
	_, _, err := prepareAssets(t.Context(), environments()[0], []ModelConfig{{Dir: dir}})
	if want := "build the bootstrap for arm64"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q in it", err, want)
	}
	if left, _ := filepath.Glob(filepath.Join(distDir, "*")); len(left) != 0 {
		t.Errorf("left %v behind", left)
	}
}
