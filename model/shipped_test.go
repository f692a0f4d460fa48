package model_test

import (
	"path/filepath"
	"testing"

	"sklambda/model"
	"sklambda/model/table"
)

// TestShippedAllocations holds the whole way of a row, from JSON over the plan to JSON, to no allocation: a linear model, boosted trees, a forest. A
// string costs one, since it outlives the text of the request.
func TestShippedAllocations(t *testing.T) { // not parallel: AllocsPerRun counts the whole process
	for name, dir := range map[string]string{
		"demo": "artifact", "breast_cancer": "testdata/breast_cancer/artifact", "diabetes": "testdata/diabetes/artifact", "penguins": "testdata/penguins/artifact",
	} {
		want := 0
		m, err := model.Open(filepath.FromSlash(dir), model.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range m.Manifest().Features {
			if f.Type == model.StringType {
				want++
			}
		}
		rows := shippedRows(t, m)
		b, values := m.NewBatch(), make([]table.Value, m.Columns().Len())
		var out []byte
		at := 0
		one := func() {
			b.Reset()
			data := rows[at%len(rows)]
			at++
			if problems, err := m.Columns().ParseObject(data, values); problems != nil || err != nil || b.Append(values, model.RowOptions{}) != nil {
				t.Fatal(name, problems, err)
			}
			p := m.Predict(b)
			out = p.AppendFields(out[:0], 0, nil)
		}
		for range len(rows) {
			one() // what is reused grows to its size
		}
		if n := testing.AllocsPerRun(100, one); n != float64(want) {
			t.Errorf("%s: %v allocations a row, want %d", name, n, want)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

// shippedRows are rows within the ranges of a model's sample, as JSON objects.
func shippedRows(t *testing.T, m *model.Model) [][]byte {
	t.Helper()
	rows := make([][]byte, 16)
	for i := range rows {
		row := []byte{'{'}
		for k, f := range m.Manifest().Features {
			if k > 0 {
				row = append(row, ',')
			}
			row = append(table.AppendString(row, f.Name), ':')
			switch {
			case len(f.Categories) > 0:
				row = append(row, f.Categories[i%len(f.Categories)]...)
			case f.Min != nil && f.Max != nil:
				row = table.AppendFloat(row, *f.Min+(*f.Max-*f.Min)*float64((i*7+k)%16)/16)
			default:
				t.Fatalf("feature %q has neither categories nor a range", f.Name)
			}
		}
		rows[i] = append(row, '}')
	}
	return rows
}
