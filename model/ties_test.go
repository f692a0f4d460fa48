package model

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"sklambda/model/engine"
)

// nearestPoint answers with the index of the nearest of two points at 0 and 2, which answer differently: halfway between them a row is a Tie.
func nearestPoint(t *testing.T) (*Manifest, *engine.Plan) {
	t.Helper()
	b := engine.NewBuilder()
	x, index, distance := b.Number(0), b.Floats(1), b.Floats(1)
	b.Add(&engine.Check{In: engine.Span{Start: x, N: 1}, Features: []int32{0}})
	b.Add(&engine.Nearest{In: engine.Span{Start: x, N: 1}, Indices: index, Distances: distance, Search: engine.Stable,
		Points: engine.Points{Metric: engine.Metric{Name: "manhattan"}, Data: []float64{0, 2}}})
	b.Output(ValueOutput, index)
	return &Manifest{
		SchemaVersion: SchemaVersion, Name: "nearest", Version: "v1.0", Task: Regression,
		Features: []Feature{{Name: "x", Type: NumberType, DType: "float64", Used: true}},
		Outputs:  []Output{{Name: ValueOutput, Width: 1}}, Source: Source{Name: "nearest.joblib", SHA256: "00", Size: 1},
	}, built(t, b)
}

func TestWriteLeavesTiesOut(t *testing.T) {
	t.Parallel()
	var golden bytes.Buffer
	for i := range 250 { // every fifth row is a Tie, and scikit-learn's answer is that of its processor
		x, value := float64(i%5)/2, 0
		if x > 1 {
			value = 1
		}
		fmt.Fprintf(&golden, "{\"input\":{\"x\":%g},\"expected\":{\"value\":%d}}\n", x, value)
	}
	golden.WriteString(`{"input":{"x":"Infinity"},"expected":{"error":{}}}` + "\n")
	manifest, plan := nearestPoint(t)
	dir := filepath.Join(t.TempDir(), "artifact")
	report, err := Write(dir, &Artifact{Manifest: manifest, Plan: plan, Golden: golden.Bytes(), Undecided: 3})
	if err != nil || report.Rows != 201 || report.Undecided != 53 {
		t.Fatalf("got %+v, %v, want 201 rows and 53 undecided", report, err)
	}
	m, err := Open(dir, OpenOptions{Full: true})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if got := m.Manifest().Golden; !m.Certified() || got.Rows != 201 || got.Undecided != 53 {
		t.Errorf("certified %t, %+v", m.Certified(), got)
	}
	if err := m.selfTest(); err != nil {
		t.Error(err)
	}
	var inputs []string
	err = m.EachGolden(t.Context(), func(_ int, g GoldenRow) error {
		inputs = append(inputs, string(g.Input))
		return nil
	})
	if err != nil || slices.Contains(inputs, `{"x":1}`) || len(inputs) != 201 {
		t.Errorf("%v, %d rows, a tie among them: %t", err, len(inputs), slices.Contains(inputs, `{"x":1}`))
	}
	if !slices.Contains(inputs[:8], `{"x":"Infinity"}`) {
		t.Errorf("the self-test has not the one error: %q", inputs[:8])
	}
}
