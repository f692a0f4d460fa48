package table

import (
	"bytes"
	"errors"
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
	kinds := make([]Kind, len(names))
	for i := range kinds {
		kinds[i] = Number
		if i%5 == 4 {
			kinds[i] = Text
		}
	}
	b.Run("jsonl", func(b *testing.B) {
		benchmarkReader(b, NewJSONLReader(columns), kinds, "{"+strings.Join(object, ",")+"}\n")
	})
	b.Run("csv", func(b *testing.B) {
		r, err := NewCSVReader(Block{[]byte(strings.Join(names, ",") + "\n"), 1}, columns)
		if err != nil {
			b.Fatal(err)
		}
		r.Types(kinds)
		benchmarkReader(b, r, kinds, strings.Join(csv, ",")+"\n")
	})
}

func benchmarkReader(b *testing.B, r RowReader, kinds []Kind, line string) {
	block := Block{[]byte(strings.Repeat(line, 1000)), 2}
	row := make([]Value, r.Columns().Len())
	b.ReportAllocs()
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		problems, err := r.Read(row)
		if errors.Is(err, io.EOF) {
			r.Reset(block)
			problems, err = r.Read(row)
		}
		if problems != nil || err != nil {
			b.Fatal(problems, err)
		}
		for i := range row {
			if row[i].Kind != kinds[i] {
				b.Fatal(row[i])
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
