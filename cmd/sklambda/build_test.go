package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sklambda/model"
)

// shipped are the examples with their artifact folders.
var shipped = map[string]string{
	"demo":          filepath.Join("..", "..", "model", "artifact"),
	"breast_cancer": example("breast_cancer", "artifact"),
	"diabetes":      example("diabetes", "artifact"),
	"penguins":      example("penguins", "artifact"),
}

func example(name, file string) string {
	return filepath.Join("..", "..", "model", "testdata", name, file)
}

// TestExamples goes from each example's joblib file to HTTP answers: the shipped artifact is what build makes of the file and its
// golden rows, byte for byte, and a live endpoint gives scikit-learn's answers.
func TestExamples(t *testing.T) {
	t.Parallel()
	for name, artifact := range shipped {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := model.ReadManifest(filepath.Join(artifact, model.ManifestFile))
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "artifact")
			golden := filepath.Join(artifact, model.GoldenFile)
			args := []string{"build", example(name, "pipeline.joblib"), "--sample", example(name, "sample.csv"), "--golden", golden, "--out", dir,
				"--name", want.Name, "--version", want.Version, "--undecided", fmt.Sprint(want.Golden.Undecided)}
			if hunt := want.Golden.Hunt; hunt != nil {
				args = append(args, "--hunted", fmt.Sprintf("%d=%g", hunt.Rows, hunt.Largest))
			}
			if want.Threshold != nil {
				args = append(args, "--threshold", fmt.Sprint(*want.Threshold))
			}
			if want.Decimals != nil {
				args = append(args, "--decimals", fmt.Sprint(*want.Decimals))
			}
			for library, version := range want.Source.Versions {
				if library != "scikit-learn" { // the file has its own word for it
					args = append(args, "--version-of", library+"="+version)
				}
			}
			got := runText(t, "", args...)
			got.wantSuccess(t)
			if replayed := fmt.Sprintf("golden rows: %d replayed, %d undecided\n", want.Golden.Rows, want.Golden.Undecided); !strings.Contains(got.out, replayed) {
				t.Errorf("stdout is %q, want %q in it", got.out, replayed)
			}
			for _, file := range []string{model.ManifestFile, model.PlanFile, model.GoldenFile} {
				if readText(t, filepath.Join(dir, file)) != readText(t, filepath.Join(artifact, file)) {
					t.Errorf("%s of %s is not what build makes today: run make export", file, artifact)
				}
			}
			runText(t, "", "verify", "--model", dir).wantSuccess(t)
			runText(t, "", "verify", "--model", dir, "--url", endpoint(t, dir, nil)).wantSuccess(t)
			sample := readText(t, example(name, "sample.csv"))
			answers := runText(t, sample, "score", "--model", dir, "--in", "-", "--in-format", "csv", "--out", "-", "--out-format", "jsonl")
			answers.wantSuccess(t)
			if got, want := strings.Count(answers.out, "\n"), strings.Count(sample, "\n")-1; got != want {
				t.Errorf("%d rows out, %d in", got, want)
			}
		})
	}
}

// TestFirstContract is the request that the shipped demo promises an answer to.
func TestFirstContract(t *testing.T) {
	t.Parallel()
	request := `{"feature_1": 10, "feature_2": 3, "feature_3": 1}`
	response, err := http.Post(endpoint(t, shipped["demo"], nil)+"/predict", "application/json", strings.NewReader(request))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var got json.RawMessage
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	want := `{"prediction":{"probability":0.9983,"label":1,"threshold":0.5,"model_version":"v1.0","features_used":{"feature_1":10,"feature_2":3,"feature_3":1}}}`
	if response.StatusCode != http.StatusOK || string(got) != want {
		t.Errorf("status %d, %s; want %s", response.StatusCode, got, want)
	}
}

// TestBuildUncertified: without golden rows there is an artifact, and a warning.
func TestBuildUncertified(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	got := runText(t, "", "build", example("demo", "pipeline.joblib"), "--out", dir)
	got.wantSuccess(t)
	if !strings.Contains(got.err, "warning: not certified: ") || !strings.Contains(got.out, "pipeline v1.0: binary_classification, 3 features") {
		t.Errorf("stdout %q, stderr %q", got.out, got.err)
	}
	if want := "warning: no sample: the file does not tell the type of 3 columns, which are taken for numbers (feature_1, feature_2, feature_3): "; !strings.Contains(got.err, want) {
		t.Errorf("stderr %q, want %q in it", got.err, want)
	}
	got = runText(t, "", "build", example("demo", "pipeline.joblib"), "--sample", example("demo", "sample.csv"), "--out", dir)
	if got.wantSuccess(t); strings.Contains(got.err, "no sample") {
		t.Errorf("with a sample: stderr %q", got.err)
	}
	runText(t, "", "inspect", "--model", dir).wantSuccess(t)
}

// TestBuildFails: the artifact that was there stays as it was, and nothing is left beside it.
func TestBuildFails(t *testing.T) {
	t.Parallel()
	pipeline := readText(t, example("demo", "pipeline.joblib"))
	tests := []struct {
		name     string
		pipeline string // content; empty: no file
		sample   string
		golden   string
		args     []string
		status   int
		want     []string
	}{
		{name: "no file", status: exitFailed, want: []string{"pipeline.joblib", "no such file"}},
		{name: "not a pickle", pipeline: "hello", status: exitFailed, want: []string{"pipeline.joblib: "}},
		{name: "a stream with no end", pipeline: "\x80\x02]", status: exitFailed, want: []string{"pipeline.joblib: "}},
		{name: "truncated", pipeline: pipeline[:500], status: exitFailed, want: []string{"pipeline.joblib: "}},
		{name: "not an estimator", pipeline: "\x80\x02]q\x00.", status: exitRefused, want: []string{"does not hold a fitted estimator"}},
		{name: "every unsupported step", pipeline: pipelineOf("sklearn.cluster._dbscan DBSCAN", "mine Model"), status: exitRefused,
			want: []string{"pipeline.a (sklearn.cluster._dbscan.DBSCAN): ", "pipeline.b (mine.Model): ", "docs/supported.md, or add it as docs/adding-an-estimator.md shows\n"}},
		{name: "deviation of a linear model", pipeline: readText(t, example("diabetes", "pipeline.joblib")), args: []string{"--std"},
			status: exitRefused, want: []string{"a standard deviation for each value", "leave std out"}},
		{name: "threshold of a regressor", pipeline: readText(t, example("diabetes", "pipeline.joblib")), args: []string{"--threshold", "0.5"},
			status: exitRefused, want: []string{"threshold 0.5", "leave the threshold out"}},
		{name: "target in the sample", pipeline: pipeline, sample: "feature_1,feature_2,feature_3,y\n1,2,3,0\n", status: exitFailed,
			want: []string{`"y"`, "leave it out"}},
		{name: "index in the sample", pipeline: pipeline, sample: ",feature_1,feature_2,feature_3\n0,1,2,3\n", status: exitFailed, want: []string{"index=False"}},
		{name: "semicolons in the sample", pipeline: pipeline, sample: "feature_1;feature_2;feature_3\n1;2;3\n", status: exitFailed,
			want: []string{`the column "feature_1;feature_2;feature_3", which`, "write the file with commas between the cells"}},
		{name: "text among the numbers of the sample", pipeline: pipeline, sample: "feature_1,feature_2,feature_3\n1,2,3\n1,,3\n1,n/a,3\n", status: exitRefused,
			want: []string{`column "feature_2": row 3 of the sample has "n/a" among numbers`, "leave the cell of a missing value empty"}},
		{name: "column in another case", pipeline: pipeline, sample: "feature_1,Feature_2,feature_3\n1,2,3\n", status: exitFailed,
			want: []string{`lacks the column "feature_2": is it "Feature_2"? rename that`}},
		{name: "column missing in the sample", pipeline: pipeline, sample: "feature_1,feature_3\n1,3\n", status: exitFailed, want: []string{`lacks the column "feature_2"`}},
		{name: "broken sample", pipeline: pipeline, sample: "feature_1,feature_2,feature_3\n1,\"2,3\n", status: exitFailed, want: []string{"sample.csv", "line 2"}},
		{name: "empty golden rows", pipeline: pipeline, args: []string{"--golden", "/dev/null"}, status: exitFailed, want: []string{"/dev/null: the file is empty"}},
		{name: "broken golden rows", pipeline: pipeline, golden: "{}\n", status: exitFailed, want: []string{"golden.jsonl: line 1"}},
		{name: "another answer", pipeline: pipeline, status: exitFailed, want: []string{"1 of 1 golden rows differ", "golden.jsonl line 1: label is 1, scikit-learn's is 0"},
			golden: `{"input":{"feature_1":10,"feature_2":3,"feature_3":1},"expected":{"label":0}}` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := certified(t)
			before := readText(t, filepath.Join(dir, model.ManifestFile))
			work := t.TempDir()
			args := append([]string{"build", filepath.Join(work, "pipeline.joblib"), "--out", dir}, tt.args...)
			for name, text := range map[string]string{"pipeline.joblib": tt.pipeline, "sample.csv": tt.sample, "golden.jsonl": tt.golden} {
				if text == "" {
					continue
				}
				writeText(t, filepath.Join(work, name), text)
				if flag := strings.SplitN(name, ".", 2)[0]; flag != "pipeline" {
					args = append(args, "--"+flag, filepath.Join(work, name))
				}
			}
			got := runText(t, "", args...)
			got.wantFailure(t, tt.status, tt.want...)
			if got.out != "" {
				t.Errorf("stdout is %q", got.out)
			}
			if readText(t, filepath.Join(dir, model.ManifestFile)) != before {
				t.Error("the artifact has changed")
			}
			wantFiles(t, filepath.Dir(dir), filepath.Base(dir))
			wantFiles(t, dir, model.GoldenFile, model.ManifestFile, model.PlanFile)
		})
	}
}

// pipelineOf is the pickle of a Pipeline of steps a, b, … of the given classes ("module name").
func pipelineOf(classes ...string) string {
	object := func(class, state string) string {
		module, name, _ := strings.Cut(class, " ")
		return "c" + module + "\n" + name + "\n)\x81}(" + state + "ub"
	}
	text := func(s string) string {
		return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
	}
	steps := "]("
	for i, class := range classes {
		steps += text(string(rune('a'+i))) + object(class, text("n_features_in_")+"K\x02") + "\x86"
	}
	return "\x80\x02" + object("sklearn.pipeline Pipeline", text("steps")+steps+"e"+text("n_features_in_")+"K\x02") + "."
}

func TestRows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, example, file, sample string
		want                        []string
	}{
		{
			name: "numbers by name", example: "demo", file: "sample.csv",
			sample: "feature_3,feature_1,feature_2\n1,10,3\n,inf,nan\n0,-0.0,9007199254740993\n",
			want: []string{
				`{"columns":[{"name":"feature_1","dtype":"float64","null":"nan"},{"name":"feature_2","dtype":"float64","null":"nan"},` +
					`{"name":"feature_3","dtype":"float64","null":"nan"}],"names":true,"text":false,"dicts":false}`,
				`[10,3,1]`, `["Infinity","NaN",null]`, `[-0.0,9007199254740993,0]`,
			},
		},
		{
			name: "JSON Lines", example: "demo", file: "sample.jsonl",
			sample: `{"feature_1":"-Infinity","feature_2":null,"feature_3":1e-7}` + "\n" + `{"feature_3":2,"feature_1":3,"feature_2":1}` + "\n",
			want: []string{
				`{"columns":[{"name":"feature_1","dtype":"float64","null":"nan"},{"name":"feature_2","dtype":"float64","null":"nan"},` +
					`{"name":"feature_3","dtype":"float64","null":"nan"}],"names":true,"text":false,"dicts":false}`,
				`["-Infinity",null,1e-7]`, `[3,1,2]`,
			},
		},
		{
			name: "strings", example: "penguins", file: "sample.csv",
			sample: "island,sex,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g\n\"True\",,1,2,3,4\n\"\",\"1\",1,2,3,4\n",
			want: []string{
				`{"columns":[{"name":"island","dtype":"object","null":"nan"},{"name":"sex","dtype":"object","null":"nan"},{"name":"bill_length_mm","dtype":"float64","null":"nan"},` +
					`{"name":"bill_depth_mm","dtype":"float64","null":"nan"},{"name":"flipper_length_mm","dtype":"float64","null":"nan"},` +
					`{"name":"body_mass_g","dtype":"float64","null":"nan"}],"names":true,"text":false,"dicts":false}`,
				`["True",null,1,2,3,4]`, `["","1",1,2,3,4]`,
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sample := filepath.Join(t.TempDir(), tt.file)
			writeText(t, sample, tt.sample)
			got := runText(t, "", "rows", example(tt.example, "pipeline.joblib"), "--sample", sample)
			got.wantSuccess(t)
			if diff := cmp.Diff(tt.want, strings.Split(strings.TrimSpace(got.out), "\n")); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRowsFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sample string
		want         []string
	}{
		{"a word in a column of numbers", "feature_1,feature_2,feature_3\n1,2,3\n1,two,3\n", []string{"feature_2"}},
		{"target", "feature_1,feature_2,feature_3,y\n1,2,3,0\n", []string{`"y"`}},
		{"too few columns", "feature_1\n1\n", []string{`"feature_2"`, `"feature_3"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sample := filepath.Join(t.TempDir(), "sample.csv")
			writeText(t, sample, tt.sample)
			got := runText(t, "", "rows", example("demo", "pipeline.joblib"), "--sample", sample)
			if got.status == exitOK {
				t.Error("status is 0")
			}
			got.wantFailure(t, got.status, tt.want...)
		})
	}
}
