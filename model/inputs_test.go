package model

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sklambda/model/engine"
	"sklambda/model/table"
)

// TestInputs: a row is read straight in if every feature is a number or a text that a step reads once, and nothing is copied.
func TestInputs(t *testing.T) {
	t.Parallel()
	manifest, plan := identity(t, Transform, nil, Output{Name: ValueOutput, Width: 3})
	numbers := opened(t, manifest, plan)
	manifest, plan = identity(t, Transform, nil, Output{Name: ValueOutput, Width: 2})
	manifest.Features[1].Type = BooleanType
	boolean := opened(t, manifest, plan)
	manifest, plan = binary(t)
	mixed := opened(t, manifest, plan)
	manifest, plan = numberAndText(t)
	both := opened(t, manifest, plan)
	for _, tt := range []struct {
		name string
		ids  *IDs
		want []int
	}{
		{"numbers", numbers.NewIDs(nil), []int{0, 1, 2}},
		{"a feature copied", numbers.NewIDs([]string{"x1"}), nil},
		{"another column copied", numbers.NewIDs([]string{"key"}), nil},
		{"a boolean", boolean.NewIDs(nil), nil},
		{"features of all types", mixed.NewIDs(nil), nil},
		{"a text between numbers", both.NewIDs(nil), []int{0, ^0, 1}},
	} {
		if diff := cmp.Diff(tt.want, tt.ids.Inputs()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// numberAndText is a plan of two numbers with a text between them, whose output is what the features are: a number, a code and a number.
func numberAndText(t *testing.T) (*Manifest, *engine.Plan) {
	t.Helper()
	b := engine.NewBuilder()
	first, text, last := b.Number(0), b.Text(1), b.Number(2)
	out := b.Floats(3)
	b.Add(&engine.Select{From: []int32{first}, Out: engine.Span{Start: out.Start, N: 1}})
	b.Add(&engine.LookupText{In: text, Keys: engine.NewStrings([]string{"blue", "red"}), Lookup: engine.Lookup{Out: out.Start + 1, Unknown: -1, Codes: []float64{1, 2}}})
	b.Add(&engine.Select{From: []int32{last}, Out: engine.Span{Start: out.Start + 2, N: 1}})
	b.Output(ValueOutput, out)
	manifest, _ := identity(t, Transform, nil, Output{Name: ValueOutput, Width: 3})
	manifest.Features[1].Type, manifest.Features[1].DType = StringType, "object"
	return manifest, built(t, b)
}

// TestAppendInputs: rows that are read straight in are answered as typed ones are, and one that is left to Append leaves nothing behind.
func TestAppendInputs(t *testing.T) {
	t.Parallel()
	manifest, plan := numberAndText(t)
	m := opened(t, manifest, plan)
	direct, typed := m.NewBatch(), m.NewBatch()
	for i, text := range []string{"red", "green", "blue"} {
		if !direct.AppendInputs(func(floats []float64, texts []string) bool {
			floats[0], texts[0], floats[1] = float64(i), text, -0.5
			return true
		}) {
			t.Fatalf("row %d was not taken", i)
		}
		if direct.AppendInputs(func(floats []float64, texts []string) bool { floats[0], texts[0] = 7, "blue"; return false }) {
			t.Fatal("a row that was not read was taken")
		}
		row := []table.Value{{Kind: table.Number, Float: float64(i)}, {Kind: table.Text, Text: text}, {Kind: table.Number, Float: -0.5}}
		if problems := typed.Append(row, RowOptions{}); problems != nil {
			t.Fatal(problems)
		}
	}
	got, want := m.Predict(direct), m.Predict(typed)
	for r := range 3 {
		if diff := cmp.Diff(string(want.AppendFields(nil, r, nil)), string(got.AppendFields(nil, r, nil))); diff != "" {
			t.Errorf("row %d (-typed +direct):\n%s", r, diff)
		}
	}
}
