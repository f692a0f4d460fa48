package table

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// BenchmarkReaders reads rows of 20 columns, 16 of them numbers, and types the cells of CSV.
func BenchmarkReaders(b *testing.B) {
	names := make([]string, 20)
	var csv, object []string
	for i := range names {
		names[i] = "column_" + string(rune('a'+i))
		value := "123.456789"
		if i%5 == 4 {
			value = "category"
		}
		csv = append(csv, value)
		if i%5 == 4 {
			value = `"category"`
		}
		object = append(object, `"`+names[i]+`":`+value)
	}
	columns := NewColumns(names)
	line := "{" + strings.Join(object, ",") + "}\n"
	b.Run("jsonl", func(b *testing.B) {
		benchmarkReader(b, NewJSONLReader(&repeated{line: []byte(line)}, columns), len(line))
	})
	b.Run("csv", func(b *testing.B) {
		row := strings.Join(csv, ",") + "\n"
		r, err := NewCSVReader(io.MultiReader(strings.NewReader(strings.Join(names, ",")+"\n"), &repeated{line: []byte(row)}), columns)
		if err != nil {
			b.Fatal(err)
		}
		benchmarkReader(b, r, len(row))
	})
}

func benchmarkReader(b *testing.B, r RowReader, size int) {
	row := make([]Value, r.Columns().Len())
	b.ReportAllocs()
	b.SetBytes(int64(size))
	for b.Loop() {
		if problems, err := r.Read(row); problems != nil || err != nil {
			b.Fatal(problems, err)
		}
		for i := range row {
			want := Number
			if i%5 == 4 {
				want = Text
			}
			if v, problem := Retype(row[i], want); problem != nil || v.Kind != want {
				b.Fatal(v, problem)
			}
		}
	}
}

// repeated is a line without end.
type repeated struct{ line, rest []byte }

func (r *repeated) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		r.rest = bytes.Repeat(r.line, 100)
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
