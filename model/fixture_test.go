package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"sklambda/model/engine"
	"sklambda/model/table"
)

// pointer returns a pointer to v.
func pointer[T any](v T) *T { return &v }

func classes(list ...string) []Class {
	all := make([]Class, len(list))
	for i, raw := range list {
		all[i] = Class{json.RawMessage(raw)}
	}
	return all
}

// binary is a classifier of five features: decision = x + (colour red: 0, blue: 10, green: -10), p = expit(decision), label decision > 0. x may be
// neither missing nor infinite; id is looked up as an int64 (2^53+1 adds 100); flag adds 1000; note is not used.
func binary(t testing.TB) (*Manifest, *engine.Plan) {
	t.Helper()
	b := engine.NewBuilder()
	x, id, flag, colour := b.Number(0), b.Integer(1), b.Number(2), b.Text(3)
	terms := b.Floats(4)
	b.Add(&engine.Check{In: engine.Span{Start: x, N: 1}, Features: []int32{0}})
	b.Add(&engine.Select{From: []int32{x}, Out: engine.Span{Start: terms.Start, N: 1}})
	b.Add(&engine.LookupInteger{In: id, Keys: []int64{1<<53 + 1},
		Lookup: engine.Lookup{Out: terms.Start + 1, Feature: 1, Codes: []float64{100}}})
	b.Add(&engine.LookupNumber{In: flag, Keys: []float64{1}, Lookup: engine.Lookup{Out: terms.Start + 2, Feature: 2, Codes: []float64{1000}}})
	b.Add(&engine.LookupText{In: colour, Keys: engine.NewStrings([]string{"blue", "green", "red", engine.MissingText}),
		Lookup: engine.Lookup{Out: terms.Start + 3, Feature: 3, Reject: true, Codes: []float64{10, -10, 0, 0}}})
	decision, label, p, both := b.Floats(1), b.Floats(1), b.Floats(1), b.Floats(2)
	b.Add(&engine.MatMul{In: terms, Out: decision, Weights: []float64{1, 1, 1, 1}})
	b.Add(&engine.Above{In: decision.Start, Out: label.Start})
	b.Add(&engine.Map{Op: "expit", In: decision, Out: p})
	b.Add(&engine.Arith{Op: "rsub", In: p, Out: engine.Span{Start: both.Start, N: 1}, Values: []float64{1}})
	b.Add(&engine.Select{From: []int32{p.Start}, Out: engine.Span{Start: both.Start + 1, N: 1}})
	b.Output(ProbabilitiesOutput, both)
	b.Output(LabelOutput, label)
	b.Output(DecisionOutput, decision)
	return &Manifest{
		SchemaVersion: SchemaVersion, Name: "colours", Version: "v1.0", Task: Binary, Positive: pointer(1),
		Features: []Feature{
			{Name: "x", Type: NumberType, DType: "float64", Used: true},
			{Name: "id", Type: IntegerType, DType: "int64", Used: true},
			{Name: "flag", Type: BooleanType, DType: "bool", Used: true},
			{Name: "colour", Type: StringType, DType: "object", Used: true, Nullable: true, Categories: []json.RawMessage{
				json.RawMessage(`"blue"`), json.RawMessage(`"green"`), json.RawMessage(`"red"`)}},
			{Name: "note", Type: StringType, DType: "object"},
		},
		Classes: [][]Class{classes(`"no"`, `"yes"`)},
		Outputs: []Output{{Name: LabelOutput, Width: 1}, {Name: ProbabilitiesOutput, Width: 2, Tolerance: 1e-12}, {Name: DecisionOutput, Width: 1, Tolerance: 1e-12}},
		Source:  Source{Name: "colours.joblib", SHA256: "00", Size: 1},
	}, built(t, b)
}

func built(t testing.TB, b *engine.Builder) *engine.Plan {
	t.Helper()
	plan, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// identity is a model of the given task whose outputs are its features as they are: each output takes the next features.
func identity(t testing.TB, task Task, lists [][]Class, outputs ...Output) (*Manifest, *engine.Plan) {
	t.Helper()
	b := engine.NewBuilder()
	m := &Manifest{SchemaVersion: SchemaVersion, Name: "identity", Version: "v1.0", Task: task, Classes: lists, Outputs: outputs}
	for _, o := range outputs {
		start := int32(len(m.Features))
		for range o.Width {
			b.Number(len(m.Features))
			m.Features = append(m.Features, Feature{Name: fmt.Sprintf("x%d", len(m.Features)), Type: NumberType, DType: "float64", Used: true})
		}
		b.Output(o.Name, engine.Span{Start: start, N: int32(o.Width)})
	}
	return m, built(t, b)
}

func opened(t testing.TB, manifest *Manifest, plan *engine.Plan) *Model {
	t.Helper()
	m, err := New(manifest, plan)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// predictJSON answers one JSON object.
func predictJSON(t testing.TB, m *Model, input string) *Predictions {
	t.Helper()
	b := m.NewBatch()
	row := make([]table.Value, m.Columns().Len())
	problems, err := m.Columns().ParseObject([]byte(input), row)
	if problems == nil && err == nil {
		problems = b.Append(row, RowOptions{NonFinite: true})
	}
	if problems != nil || err != nil {
		t.Fatalf("%s: %v, %v", input, problems, err)
	}
	return m.Predict(b)
}

// golden returns n golden rows whose answers are the model's own, every fourth an error; change may spoil them.
func golden(t testing.TB, m *Model, n int) []byte {
	t.Helper()
	var lines bytes.Buffer
	for i := range n {
		input := fmt.Sprintf(`{"x":%d.25,"id":%d,"flag":%t,"colour":%q}`, i-n/2, i, i%5 == 0, []string{"red", "blue", "green", "pink"}[i%4])
		answer := string(predictJSON(t, m, input).AppendJSON(nil, 0))
		if i%4 == 3 {
			answer = `{"error":{}}`
		}
		fmt.Fprintf(&lines, "{\"input\":%s,\"expected\":%s}\n", input, answer)
	}
	return lines.Bytes()
}

// written writes the binary model with n golden rows into a new folder.
func written(t testing.TB, n int) string {
	t.Helper()
	manifest, plan := binary(t)
	dir := filepath.Join(t.TempDir(), "artifact")
	if _, err := Write(dir, &Artifact{Manifest: manifest, Plan: plan, Golden: golden(t, opened(t, manifest, plan), n), Undecided: 2}); err != nil {
		t.Fatal(err)
	}
	return dir
}
