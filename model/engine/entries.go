package engine

import (
	"fmt"
	"math"
)

// The steps of this file make a sparse register of the entries of a row, names with a value each. An entry whose cell is missing is not there.

// SparsePlace stores the numbers of In in Columns, and 1 in each column whose number stands in Codes (any other number: in none).
type SparsePlace struct {
	In    Span   `json:"in"`
	Codes Span   `json:"codes"`
	Out   Sparse `json:"out"`
	// Float32 rounds the numbers to float32.
	Float32 bool `json:"float32"`
	// Columns are those of In's slots.
	Columns []int32 `tensor:"columns"`
}

// Kind is "sparse_place".
func (*SparsePlace) Kind() string { return "sparse_place" }

func (t *SparsePlace) check(f *frame) error {
	if err := items("columns", t.Columns, int(t.In.N)); err != nil {
		return err
	}
	for i, c := range t.Columns {
		if c < 0 || c >= t.Out.Width {
			return fmt.Errorf("columns[%d] is %d, outside %d", i, c, t.Out.Width)
		}
	}
	if err := f.read("in", t.In); err != nil {
		return err
	}
	if err := f.read("codes", t.Codes); err != nil {
		return err
	}
	return f.writeSparse(t.Out)
}

func (t *SparsePlace) run(s *session, n int) {
	for r := range n {
		in, out := s.span(r, t.In), s.sparse(r, t.Out)
		out.reset()
		for i, v := range in {
			if !math.IsNaN(v) {
				out.append(t.Columns[i], rounded(v, t.Float32))
			}
		}
		for _, code := range s.span(r, t.Codes) {
			if code >= 0 && code < float64(t.Out.Width) {
				out.append(int32(code), 1)
			}
		}
		out.sort()
	}
}

// HashEntries stores the entries of a row in the columns that hashes of their names give, and sums those of one column, as
// sklearn/feature_extraction/_hashing_fast.pyx and scipy's sum_duplicates do. A number is stored under its name, unless it is 0; for a text, 1 is stored
// under the name, Separator and the text.
type HashEntries struct {
	Out Sparse `json:"out"`
	// Alternate turns the sign of every other value, by the sign of the hash.
	Alternate bool `json:"alternate"`
	// Float32 rounds the values and each sum to float32.
	Float32   bool    `json:"float32"`
	Separator RawText `json:"separator"`
	// Names are those of the entries, in their order.
	Names Strings `tensor:"names"`
	// Numbers are the slots of the entries, -1 for one that is a text; Texts are the others', -1 for a number.
	Numbers []int32 `tensor:"numbers"`
	Texts   []int32 `tensor:"texts"`
}

// Kind is "hash_entries".
func (*HashEntries) Kind() string { return "hash_entries" }

func (t *HashEntries) check(f *frame) error {
	if t.Out.Width < 1 {
		return fmt.Errorf("out has %d columns, want at least one", t.Out.Width)
	}
	if err := t.Names.check(); err != nil {
		return err
	}
	if err := items("numbers", t.Numbers, t.Names.Len()); err != nil {
		return err
	}
	if err := items("texts", t.Texts, t.Names.Len()); err != nil {
		return err
	}
	for i, slot := range t.Numbers {
		err := f.readText(t.Texts[i])
		if slot != -1 {
			err = f.read("numbers", one(slot))
		}
		if err != nil {
			return err
		}
	}
	return f.writeSparse(t.Out)
}

func (t *HashEntries) run(s *session, n int) {
	for r := range n {
		out := s.sparse(r, t.Out)
		out.reset()
		for i, slot := range t.Numbers {
			value, name := 1.0, append(s.textual.other[:0], t.Names.At(i)...)
			if slot == -1 {
				text := *s.text(r, t.Texts[i])
				if text == MissingText {
					continue
				}
				name = append(append(name, t.Separator...), text...)
			} else if value = s.row(r)[slot]; value == 0 || math.IsNaN(value) {
				continue
			}
			s.textual.other = name
			column, negative := HashColumn(name, t.Out.Width)
			if t.Alternate && negative {
				value = -value
			}
			out.append(column, rounded(value, t.Float32))
		}
		out.sort()
		out.sumDuplicates(t.Float32)
	}
}

// sumDuplicates adds up what is stored in one column, in its order (csr_sum_duplicates of scipy).
func (s *sparseRow) sumDuplicates(float32s bool) {
	kept := 0
	for i := 0; i < len(s.columns); kept++ {
		column, sum := s.columns[i], s.values[i]
		for i++; i < len(s.columns) && s.columns[i] == column; i++ {
			sum = rounded(sum+s.values[i], float32s)
		}
		s.columns[kept], s.values[kept] = column, sum
	}
	s.columns, s.values = s.columns[:kept], s.values[:kept]
}

// rounded is v, or the float32 next to it.
func rounded(v float64, float32s bool) float64 {
	if float32s {
		return float64(float32(v))
	}
	return v
}
