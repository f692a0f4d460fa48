package model

import (
	"testing"

	"sklambda/model/table"
)

func BenchmarkOpen(b *testing.B) {
	dir := written(b, 200)
	b.ReportAllocs()
	for b.Loop() {
		m, err := Open(dir, OpenOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if err := m.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRow takes one row from JSON to JSON.
func BenchmarkRow(b *testing.B) {
	manifest, plan := binary(b)
	m := opened(b, manifest, plan)
	batch, row := m.NewBatch(), make([]table.Value, m.Columns().Len())
	data := []byte(`{"x":0.123456789,"id":9007199254740993,"flag":true,"colour":"green"}`)
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		batch.Reset()
		if problems, err := m.Columns().ParseObject(data, row); problems != nil || err != nil || batch.Append(row, RowOptions{}) != nil {
			b.Fatal(problems, err)
		}
		out = m.Predict(batch).AppendJSON(out[:0], 0)
	}
}
