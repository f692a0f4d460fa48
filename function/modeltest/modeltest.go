// Package modeltest makes small models of every task for the tests of this folder. Their answers are easy to work out by hand; they come from no
// pipeline, and their golden rows hold the runtime's own answers: they prove nothing of exactness, they are what INIT wants to see.
package modeltest

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/table"
)

// Write writes the artifact, with 200 golden rows made from the example inputs, and returns its folder.
func Write(t testing.TB, a *model.Artifact, inputs ...string) string {
	t.Helper()
	m, err := model.New(a.Manifest, a.Plan)
	if err != nil {
		t.Fatal(err)
	}
	var golden strings.Builder
	for i := 0; len(inputs) > 0 && i < model.MinGoldenRows; i++ {
		input := inputs[i%len(inputs)]
		fmt.Fprintf(&golden, "{\"input\":%s,\"expected\":%s}\n", input, answer(t, m, input))
	}
	a.Golden = []byte(golden.String())
	dir := filepath.Join(t.TempDir(), "artifact")
	if _, err := model.Write(dir, a); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Open opens the artifact, uncertified, until the test ends.
func Open(t testing.TB, a *model.Artifact) *model.Model {
	t.Helper()
	m, err := model.Open(Write(t, a), model.OpenOptions{AllowUncertified: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func answer(t testing.TB, m *model.Model, input string) []byte {
	t.Helper()
	row := make([]table.Value, m.Columns().Len())
	problems, err := m.Columns().ParseObject([]byte(input), row)
	if err != nil {
		t.Fatal(err)
	}
	batch := m.NewBatch()
	if problems = append(problems, batch.Append(row, model.RowOptions{})...); problems != nil {
		t.Fatalf("%s: %v", input, problems)
	}
	return m.Predict(batch).AppendJSON(nil, 0)
}

// plan builds a plan.
func plan(t testing.TB, b *engine.Builder) *engine.Plan {
	t.Helper()
	p, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func pointer[T any](v T) *T { return &v }

// number is a numeric feature whose sample ranged from 0 to 100.
func number(name string) model.Feature {
	return model.Feature{Name: name, Type: model.NumberType, DType: "float64", Used: true, Min: pointer(0.0), Max: pointer(100.0),
		Quantiles: []float64{5, 25, 50.125, 75, 95}}
}

// classes are labels written as JSON.
func classes(list ...string) []model.Class {
	var c []model.Class
	for _, raw := range list {
		c = append(c, model.Class{RawMessage: json.RawMessage(raw)})
	}
	return c
}

// manifest fills in what all manifests have.
func manifest(task model.Task, m model.Manifest) *model.Manifest {
	m.SchemaVersion, m.Name, m.Version, m.Task = model.SchemaVersion, "test", "v1.0", task
	m.Pipeline = []model.Estimator{{Path: "pipeline", Class: "sklearn.pipeline.Pipeline"}}
	m.Source = model.Source{Name: "test.joblib", SHA256: strings.Repeat("0", 64), Size: 1, Versions: map[string]string{"scikit-learn": "1.9.1"}}
	return &m
}

// Binary is a classifier of the numbers a, b and c and the boolean d, with a threshold of 0.5 and four decimals: the probability of class 1 is
// expit(a + 2b - c + 10d). Only b may be null, which stands for 0, and none may be infinite or beyond float32. Column "id" is not used.
func Binary(t testing.TB) *model.Artifact {
	b := engine.NewBuilder()
	in := engine.Span{Start: b.Number(0), N: 4}
	for i := 1; i < 4; i++ {
		b.Number(i)
	}
	b.Add(&engine.Impute{In: engine.Span{Start: in.Start + 1, N: 1}, Out: engine.Span{Start: in.Start + 1, N: 1},
		Missing: engine.Number64(math.NaN()), Fill: []float64{0}})
	b.Add(&engine.Check{In: in, Float32: true, Features: []int32{0, 1, 2, 3}})
	z := b.Floats(1)
	b.Add(&engine.MatMul{In: in, Out: z, Weights: []float64{1, 2, -1, 10}})
	label := b.Floats(1)
	b.Add(&engine.Above{In: z.Start, Out: label.Start})
	probabilities := b.Floats(2)
	positive, negative := engine.Span{Start: probabilities.Start + 1, N: 1}, engine.Span{Start: probabilities.Start, N: 1}
	b.Add(&engine.Map{Op: "expit", In: z, Out: positive})
	b.Add(&engine.Arith{Op: "rsub", In: positive, Out: negative, Values: []float64{1}})
	b.Output(model.LabelOutput, label)
	b.Output(model.ProbabilitiesOutput, probabilities)
	b.Output(model.DecisionOutput, z)
	nullable := number("b")
	nullable.Nullable = true
	boolean := model.Feature{Name: "d", Type: model.BooleanType, DType: "bool", Used: true}
	integer := number("c")
	integer.Type, integer.DType = model.IntegerType, "int64"
	unused := model.Feature{Name: "id", Type: model.StringType, DType: "object"}
	return &model.Artifact{Plan: plan(t, b), Manifest: manifest(model.Binary, model.Manifest{
		Features:  []model.Feature{number("a"), nullable, integer, boolean, unused},
		Classes:   [][]model.Class{classes("0", "1")},
		Positive:  pointer(1),
		Threshold: pointer(0.5), Decimals: pointer(4),
		Outputs: []model.Output{{Name: model.LabelOutput, Width: 1}, {Name: model.ProbabilitiesOutput, Width: 2, Tolerance: 1e-12},
			{Name: model.DecisionOutput, Width: 1, Tolerance: 1e-12}},
	})}
}

// Multiclass is a classifier of the string "island" (α, β or "q", anything else is an error) and the number "bill/len~mm". The classes are strings; the
// decision is 1 for the island's own class, 0 for the others, and softmax makes the probabilities, rounded to twelve decimals.
func Multiclass(t testing.TB) *model.Artifact {
	b := engine.NewBuilder()
	island := b.Text(0)
	bill := b.Number(1)
	b.Add(&engine.Check{In: engine.Span{Start: bill, N: 1}, AllowNaN: true, Features: []int32{1}})
	code := b.Floats(1)
	b.Add(&engine.LookupText{In: island, Keys: engine.NewStrings([]string{`"q"`, "α", "β"}),
		Lookup: engine.Lookup{Out: code.Start, Reject: true, Feature: 0, Codes: []float64{2, 0, 1}}})
	decision := b.Floats(3)
	b.Add(&engine.OneHot{In: code, Out: decision, Widths: []int32{3}})
	probabilities := b.Floats(3)
	b.Add(&engine.Softmax{In: decision, Out: probabilities})
	label := b.Floats(1)
	b.Add(&engine.ArgMax{In: decision, Out: label.Start})
	b.Output(model.LabelOutput, label)
	b.Output(model.ProbabilitiesOutput, probabilities)
	b.Output(model.DecisionOutput, decision)
	text := model.Feature{Name: "island", Type: model.StringType, DType: "object", Used: true,
		Categories: []json.RawMessage{[]byte(`"α"`), []byte(`"β"`), []byte(`"\"q\""`)}}
	length := number("bill/len~mm")
	length.Nullable = true
	return &model.Artifact{Plan: plan(t, b), Manifest: manifest(model.Multiclass, model.Manifest{
		Features: []model.Feature{text, length},
		Classes:  [][]model.Class{classes(`"Adélie"`, `"Gen\"too"`, `"C"`)},
		Decimals: pointer(12),
		Outputs: []model.Output{{Name: model.LabelOutput, Width: 1}, {Name: model.ProbabilitiesOutput, Width: 3, Tolerance: 1e-12},
			{Name: model.DecisionOutput, Width: 3, Tolerance: 1e-12}},
	})}
}

// Regression gives 2x+1 for the number x, which may be anything.
func Regression(t testing.TB) *model.Artifact {
	b := engine.NewBuilder()
	x := engine.Span{Start: b.Number(0), N: 1}
	value := b.Floats(1)
	b.Add(&engine.MatMul{In: x, Out: value, Weights: []float64{2}, Bias: []float64{1}})
	b.Output(model.ValueOutput, value)
	return &model.Artifact{Plan: plan(t, b), Manifest: manifest(model.Regression, model.Manifest{
		Features: []model.Feature{number("x")},
		Outputs:  []model.Output{{Name: model.ValueOutput, Width: 1, Tolerance: 1e-12}},
	})}
}

// MultioutputRegression gives x and 3x, rounded to one decimal.
func MultioutputRegression(t testing.TB) *model.Artifact {
	b := engine.NewBuilder()
	x := engine.Span{Start: b.Number(0), N: 1}
	values := b.Floats(2)
	b.Add(&engine.MatMul{In: x, Out: values, Weights: []float64{1, 3}})
	b.Output(model.ValueOutput, values)
	return &model.Artifact{Plan: plan(t, b), Manifest: manifest(model.MultioutputRegression, model.Manifest{
		Features: []model.Feature{number("x")},
		Decimals: pointer(1),
		Outputs:  []model.Output{{Name: model.ValueOutput, Width: 2, Tolerance: 1e-12}},
	})}
}

// MultioutputClassification tells whether x is above 0 (true or false) and above 1 ("lo" or "hi"), with probabilities 0 and 1.
func MultioutputClassification(t testing.TB) *model.Artifact {
	b := engine.NewBuilder()
	x := b.Number(0)
	labels, probabilities := b.Floats(2), b.Floats(4)
	for i := range int32(2) {
		b.Add(&engine.Above{In: x, Out: labels.Start + i, Value: engine.Number64(i)})
		positive := engine.Span{Start: probabilities.Start + 2*i + 1, N: 1}
		b.Add(&engine.Select{From: []int32{labels.Start + i}, Out: positive})
		b.Add(&engine.Arith{Op: "rsub", In: positive, Out: engine.Span{Start: positive.Start - 1, N: 1}, Values: []float64{1}})
	}
	b.Output(model.LabelOutput, labels)
	b.Output(model.ProbabilitiesOutput, probabilities)
	return &model.Artifact{Plan: plan(t, b), Manifest: manifest(model.MultioutputClassification, model.Manifest{
		Features: []model.Feature{number("x")},
		Classes:  [][]model.Class{classes("false", "true"), classes(`"lo"`, `"hi"`)},
		Outputs:  []model.Output{{Name: model.LabelOutput, Width: 2}, {Name: model.ProbabilitiesOutput, Width: 4}},
	})}
}

// DecisionOnly is a binary classifier without probabilities: x, and whether it is above 0.
func DecisionOnly(t testing.TB) *model.Artifact {
	b := engine.NewBuilder()
	x := b.Number(0)
	label := b.Floats(1)
	b.Add(&engine.Above{In: x, Out: label.Start})
	b.Output(model.LabelOutput, label)
	b.Output(model.DecisionOutput, engine.Span{Start: x, N: 1})
	return &model.Artifact{Plan: plan(t, b), Manifest: manifest(model.Binary, model.Manifest{
		Features: []model.Feature{number("x")},
		Classes:  [][]model.Class{classes("-1", "1")},
		Positive: pointer(1),
		Outputs:  []model.Output{{Name: model.LabelOutput, Width: 1}, {Name: model.DecisionOutput, Width: 1}},
	})}
}

// Mixture is a clusterer of two clusters that gives their probabilities and a score.
func Mixture(t testing.TB) *model.Artifact {
	b := engine.NewBuilder()
	x := b.Number(0)
	label, probabilities := b.Floats(1), b.Floats(2)
	b.Add(&engine.Above{In: x, Out: label.Start})
	b.Add(&engine.MatMul{In: engine.Span{Start: x, N: 1}, Out: probabilities, Weights: []float64{-1, 1}, Bias: []float64{1, 0}})
	b.Output(model.LabelOutput, label)
	b.Output(model.ProbabilitiesOutput, probabilities)
	b.Output(model.ScoreOutput, engine.Span{Start: x, N: 1})
	return &model.Artifact{Plan: plan(t, b), Manifest: manifest(model.Clustering, model.Manifest{
		Features: []model.Feature{number("x")},
		Classes:  [][]model.Class{classes("0", "1")},
		Outputs: []model.Output{{Name: model.LabelOutput, Width: 1}, {Name: model.ProbabilitiesOutput, Width: 2, Tolerance: 1e-12},
			{Name: model.ScoreOutput, Width: 1}},
	})}
}

// OutlierDetection is a detector that gives a decision and a score.
func OutlierDetection(t testing.TB) *model.Artifact {
	b := engine.NewBuilder()
	x := b.Number(0)
	label, score := b.Floats(1), b.Floats(1)
	b.Add(&engine.Above{In: x, Out: label.Start, OrEqual: true})
	b.Add(&engine.Arith{Op: "sub", In: engine.Span{Start: x, N: 1}, Out: score, Values: []float64{1.5}})
	b.Output(model.LabelOutput, label)
	b.Output(model.DecisionOutput, engine.Span{Start: x, N: 1})
	b.Output(model.ScoreOutput, score)
	return &model.Artifact{Plan: plan(t, b), Manifest: manifest(model.OutlierDetection, model.Manifest{
		Features: []model.Feature{number("x")},
		Classes:  [][]model.Class{classes("-1", "1")},
		Outputs:  []model.Output{{Name: model.LabelOutput, Width: 1}, {Name: model.DecisionOutput, Width: 1}, {Name: model.ScoreOutput, Width: 1}},
	})}
}

// Density is a density estimator.
func Density(t testing.TB) *model.Artifact {
	b := engine.NewBuilder()
	x := b.Number(0)
	b.Output(model.ScoreOutput, engine.Span{Start: x, N: 1})
	return &model.Artifact{Plan: plan(t, b), Manifest: manifest(model.Density, model.Manifest{
		Features: []model.Feature{number("x")},
		Outputs:  []model.Output{{Name: model.ScoreOutput, Width: 1}},
	})}
}
