package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sklambda/model"
	"sklambda/model/engine"
)

// result is what a command line gave.
type result struct {
	status   int
	out, err string
}

// runText runs a command line with text on standard input.
func runText(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	status := run(t.Context(), args, stdio{in: strings.NewReader(stdin), out: &out, err: &err})
	return result{status, out.String(), err.String()}
}

// wantFailure checks the status and each text that standard error must have.
func (r result) wantFailure(t *testing.T, status int, texts ...string) {
	t.Helper()
	if r.status != status {
		t.Errorf("status is %d, want %d; stderr: %s", r.status, status, r.err)
	}
	for _, text := range texts {
		if !strings.Contains(r.err, text) {
			t.Errorf("stderr is %q, want %q in it", r.err, text)
		}
	}
}

func (r result) wantSuccess(t *testing.T) {
	t.Helper()
	if r.status != exitOK {
		t.Fatalf("status is %d, want 0; stderr: %s", r.status, r.err)
	}
}

// churn is a model whose answers can be told without it: probability = age/128 + 1/4 if the city is Köln, in exact steps.
// age may not be missing, a third city is an error, "note" is a column that nothing reads.
func churn(t *testing.T, version string, golden []byte) string {
	t.Helper()
	b := engine.NewBuilder()
	in := b.Floats(2)
	age, city := b.Number(0), b.Text(1)
	p, proba, label := b.Floats(1), b.Floats(2), b.Floats(1)
	for _, s := range []engine.Step{
		&engine.Check{In: engine.Span{Start: age, N: 1}, Features: []int32{0}},
		&engine.LookupText{In: city, Keys: engine.NewStrings([]string{"Bonn", "Köln"}),
			Lookup: engine.Lookup{Out: in.Start + 1, Reject: true, Feature: 1, Codes: []float64{0, 1}}},
		&engine.Select{From: []int32{age}, Out: engine.Span{Start: in.Start, N: 1}},
		&engine.MatMul{In: in, Out: p, Weights: []float64{1.0 / 128, 0.25}},
		&engine.Arith{Op: "rsub", In: p, Out: engine.Span{Start: proba.Start, N: 1}, Values: []float64{1}},
		&engine.Select{From: []int32{p.Start}, Out: engine.Span{Start: proba.Start + 1, N: 1}},
		&engine.Above{In: p.Start, Out: label.Start, Value: 0.5},
	} {
		b.Add(s)
	}
	b.Output(model.LabelOutput, label)
	b.Output(model.ProbabilitiesOutput, proba)
	plan, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	low, high, positive := 18.0, 90.0, 1
	manifest := &model.Manifest{
		Name: "churn", Version: version, Task: model.Binary, Positive: &positive,
		Features: []model.Feature{
			{Name: "age", Type: model.IntegerType, DType: "float64", Used: true, Min: &low, Max: &high, Quantiles: []float64{20, 30, 40.4, 60, 80}},
			{Name: "city", Type: model.StringType, DType: "object", Used: true, Categories: rawMessages(`"Köln"`, `"Bonn"`)},
			{Name: "note", Type: model.StringType, DType: "object", Nullable: true},
		},
		Classes:  [][]model.Class{{{RawMessage: []byte(`"stay"`)}, {RawMessage: []byte(`"leave, now"`)}}},
		Outputs:  []model.Output{{Name: model.LabelOutput, Width: 1}, {Name: model.ProbabilitiesOutput, Width: 2}},
		Pipeline: []model.Estimator{{Path: "pipeline.model", Class: "sklearn.linear_model._logistic.LogisticRegression", Params: map[string]json.RawMessage{"C": json.RawMessage("1.0")}}},
		Notes:    []string{"null in column city is None"},
		Source:   model.Source{Name: "churn.joblib", SHA256: strings.Repeat("0", 64), Size: 1, Versions: map[string]string{"scikit-learn": "1.9.1"}},
	}
	dir := filepath.Join(t.TempDir(), "artifact")
	if _, err := model.Write(dir, &model.Artifact{Manifest: manifest, Plan: plan, Golden: golden, Undecided: 3, Hunt: &model.Hunt{Rows: 64, Largest: 1e-15}}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// churnGolden are rows for churn: ordinary ones, one with an infinite age, and at the end one that has no answer.
func churnGolden(rows int) []byte {
	var b bytes.Buffer
	for i := range rows - 2 {
		age := i % 90
		fmt.Fprintf(&b, `{"input":{"age":%d,"city":"Bonn"},"expected":{"label":%s,"probability":%v,"probabilities":{"stay":%v,"leave, now":%[3]v}}}`+"\n",
			age, churnLabel(age), float64(age)/128, 1-float64(age)/128)
	}
	b.WriteString(`{"input":{"age":"Infinity","city":"Bonn"},"expected":{"error":{}}}` + "\n")
	b.WriteString(`{"input":{"age":3,"city":"Rom"},"expected":{"error":{}}}` + "\n")
	return b.Bytes()
}

func churnLabel(age int) string {
	if age > 64 {
		return `"leave, now"`
	}
	return `"stay"`
}

// certified is the model churn with its golden rows.
func certified(t *testing.T) string {
	t.Helper()
	return churn(t, "v2", churnGolden(model.MinGoldenRows))
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"help"}, {"--help"}, {"-h"}} {
		got := runText(t, "", args...)
		got.wantSuccess(t)
		for _, name := range append(commandNames(), "help", "version") {
			if !strings.Contains(got.out, "\n  "+name+" ") {
				t.Errorf("sklambda %v does not list %s", args, name)
			}
		}
	}
	version := runText(t, "", "version")
	version.wantSuccess(t)
	if want := regexp.MustCompile(`^sklambda \S+, artifact schema 1, go1\.\S+ \w+/\w+\n$`); !want.MatchString(version.out) {
		t.Errorf("version is %q", version.out)
	}
}

// eachFlag visits the flags of a command.
func eachFlag(c *command, visit func(f *flag.Flag)) {
	fs := c.flags()
	c.setup(fs)
	fs.VisitAll(visit)
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, c := range commands() {
		for _, args := range [][]string{{c.name, "--help"}, {c.name, "-h"}, {"help", c.name}} {
			got := runText(t, "", args...)
			got.wantSuccess(t)
			for _, want := range []string{"Usage: sklambda " + c.name + " ", "\nFlags:\n", "\nExample:\n  ", "\nExit status: 0 "} {
				if !strings.Contains(got.out, want) {
					t.Errorf("sklambda %v: %q is missing in\n%s", args, want, got.out)
				}
			}
			eachFlag(c, func(f *flag.Flag) {
				if !strings.Contains(got.out, "\n  --"+f.Name+" ") {
					t.Errorf("sklambda %v: --%s is missing", args, f.Name)
				}
				if _, usage := flag.UnquoteUsage(f); usage == "" {
					t.Errorf("%s --%s has no usage text", c.name, f.Name)
				}
			})
		}
	}
}

// TestReference holds docs/reference.md to the commands: a section each, with every flag, and nothing that is not there.
func TestReference(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference.md"))
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, section := range strings.Split(string(data), "\n### ") {
		title, body, _ := strings.Cut(section, "\n")
		sections[title] = body
	}
	for _, c := range commands() {
		body, ok := sections["sklambda "+c.name]
		if !ok {
			t.Errorf("there is no section \"### sklambda %s\"", c.name)
			continue
		}
		declared := []string{}
		eachFlag(c, func(f *flag.Flag) { declared = append(declared, "--"+f.Name) })
		documented := []string{}
		for _, match := range regexp.MustCompile("(?m)^\\| `(--[a-z-]+)").FindAllStringSubmatch(body, -1) {
			documented = append(documented, match[1])
		}
		if diff := cmp.Diff(declared, documented); diff != "" {
			t.Errorf("flags of %s in docs/reference.md (-declared +documented):\n%s", c.name, diff)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"unknown command", []string{"predict"}, []string{`unknown command "predict"`, "build, serve, score, verify, inspect, rows"}},
		{"help on an unknown command", []string{"help", "predict"}, []string{`unknown command "predict"`}},
		{"unknown flag", []string{"inspect", "--modle", "x"}, []string{"not defined: --modle; allowed: --json, --model"}},
		{"flag without a value", []string{"inspect", "--model"}, []string{"needs an argument: --model\n"}},
		{"no pipeline", []string{"build", "--out", "x"}, []string{"got 0 arguments", "build PIPELINE.joblib"}},
		{"two pipelines", []string{"build", "a.joblib", "--out", "x", "b.joblib"}, []string{"got 2 arguments"}},
		{"an argument too many", []string{"inspect", "artifact"}, []string{"got 1 arguments"}},
		{"build without --out", []string{"build", "a.joblib"}, []string{"missing --out"}},
		{"rows without --sample", []string{"rows", "a.joblib"}, []string{"missing --sample"}},
		{"no model", []string{"inspect"}, []string{"missing --model"}},
		{"serve without model", []string{"serve"}, []string{"missing --model"}},
		{"verify without model", []string{"verify"}, []string{"missing --model"}},
		{"score without anything", []string{"score"}, []string{"missing --model", "missing --in", "missing --out"}},
		{"no artifact", []string{"inspect", "--model", "no/such/folder"}, []string{"no/such/folder"}},
		{"no such pipeline", []string{"build", "no.joblib", "--out", "x"}, []string{"no.joblib"}},
		{"a folder for a pipeline", []string{"build", ".", "--out", "x"}, []string{". is not a regular file"}},
		{"no pickle", []string{"build", "main.go", "--out", "x"}, []string{"main.go: the file is no pickle (offset 0: ", "allowed are joblib, pickle and .skops files"}},
		{"no version", []string{"build", "a.joblib", "--out", "x", "--version", ""}, []string{"missing --version"}},
		{"threshold", []string{"build", "a.joblib", "--out", "x", "--threshold", "1.5"}, []string{"from 0 to 1\n"}},
		{"decimals", []string{"build", "a.joblib", "--out", "x", "--decimals", "-1"}, []string{"from 0 to 17"}},
		{"undecided", []string{"build", "a.joblib", "--out", "x", "--undecided", "-1"}, []string{"want 0 or more"}},
		{"no number", []string{"build", "a.joblib", "--out", "x", "--undecided", "few"}, []string{`invalid value "few" for flag --undecided: `}},
		{"no boolean", []string{"inspect", "--json=few"}, []string{`invalid boolean value "few" for --json: `}},
		{"hunted without a figure", []string{"build", "a.joblib", "--out", "x", "--hunted", "12"}, []string{"want N=X"}},
		{"hunted", []string{"build", "a.joblib", "--out", "x", "--hunted", "12=-1"}, []string{"want N=X"}},
		{"version-of", []string{"build", "a.joblib", "--out", "x", "--version-of", "numpy"}, []string{"want LIBRARY=VERSION"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := runText(t, "", tt.args...)
			got.wantFailure(t, exitFailed, tt.want...)
			if got.out != "" {
				t.Errorf("stdout is %q", got.out)
			}
		})
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, err bytes.Buffer
	status := run(ctx, []string{"verify", "--model", certified(t)}, stdio{out: &out, err: &err})
	if status != exitFailed || !strings.Contains(err.String(), "interrupted") {
		t.Errorf("status %d, stderr %q", status, err.String())
	}
}

func rawMessages(values ...string) []json.RawMessage {
	var raw []json.RawMessage
	for _, v := range values {
		raw = append(raw, json.RawMessage(v))
	}
	return raw
}
