package engine

import (
	"fmt"
	"slices"
)

// TextCount writes how often each term of a vocabulary stands in a text.
type TextCount struct {
	Analysis
	Out Sparse `json:"out"`
	// Binary writes 1 for every term that occurs.
	Binary bool `json:"binary"`
	// Columns are those of the terms.
	Columns []int32 `tensor:"columns"`
	// Table is a hash table with linear probing, of a power of two items: the number of a term, -1 for none. See NewTermTable.
	Table []int32 `tensor:"table"`
	Terms Strings `tensor:"terms"`
}

// NewTermTable returns the hash table of a TextCount for terms, which are unique.
func NewTermTable(terms Strings) []int32 {
	size := 1
	for size < 2*terms.Len()+1 {
		size *= 2
	}
	table := slices.Repeat([]int32{-1}, size)
	for i := range terms.Len() {
		at := murmur3([]byte(terms.At(i)))
		for table[at&uint32(size-1)] >= 0 {
			at++
		}
		table[at&uint32(size-1)] = int32(i)
	}
	return table
}

// Kind is "text_count".
func (*TextCount) Kind() string { return "text_count" }

func (t *TextCount) check(f *frame) error {
	if err := t.checkAnalysis(f); err != nil {
		return err
	}
	if err := t.Terms.check(); err != nil {
		return err
	}
	if err := items("columns", t.Columns, t.Terms.Len()); err != nil {
		return err
	}
	for i, c := range t.Columns {
		if c < 0 || c >= t.Out.Width {
			return fmt.Errorf("columns[%d] is %d, outside %d", i, c, t.Out.Width)
		}
	}
	if n := len(t.Table); n == 0 || n&(n-1) != 0 || !slices.Contains(t.Table, -1) {
		return fmt.Errorf("table has %d items, want a power of two with an empty one", n)
	}
	for i, term := range t.Table {
		if term < -1 || int(term) >= t.Terms.Len() {
			return fmt.Errorf("table[%d] is %d, outside %d terms", i, term, t.Terms.Len())
		}
	}
	return f.writeSparse(t.Out)
}

func (t *TextCount) gram(s *textScratch, term []byte) {
	mask := uint32(len(t.Table) - 1)
	for at := murmur3(term); ; at++ {
		i := t.Table[at&mask]
		if i < 0 {
			return
		}
		if t.Terms.At(int(i)) == string(term) {
			s.keys = append(s.keys, int64(t.Columns[i])<<1)
			return
		}
	}
}

func (t *TextCount) run(s *session, n int) {
	for r := range n {
		s.textual.keys = s.textual.keys[:0]
		t.terms(s, r, t)
		s.textual.sum(s.sparse(r, t.Out), t.Binary)
	}
}

// sum writes how often each key occurs: negative ones count down. A column whose keys cancel each other is kept, as scipy's sum_duplicates keeps it.
func (s *textScratch) sum(out *sparseRow, binary bool) {
	slices.Sort(s.keys)
	out.reset()
	for i := 0; i < len(s.keys); {
		column, count := s.keys[i]>>1, 0
		for ; i < len(s.keys) && s.keys[i]>>1 == column; i++ {
			count += 1 - 2*int(s.keys[i]&1)
		}
		if binary {
			count = 1
		}
		out.append(int32(column), float64(count))
	}
}

// TextHash writes how often each term stands in a text, in the column that its hash gives (sklearn/feature_extraction/_hashing_fast.pyx).
type TextHash struct {
	Analysis
	// Out's width is the number of columns that terms are hashed to.
	Out Sparse `json:"out"`
	// Binary writes 1 for every column that occurs.
	Binary bool `json:"binary"`
	// Alternate counts down for every other term, by the hash's sign.
	Alternate bool `json:"alternate"`
}

// Kind is "text_hash".
func (*TextHash) Kind() string { return "text_hash" }

func (t *TextHash) check(f *frame) error {
	if err := t.checkAnalysis(f); err != nil {
		return err
	}
	if t.Out.Width < 1 {
		return fmt.Errorf("out has %d columns, want at least one", t.Out.Width)
	}
	return f.writeSparse(t.Out)
}

func (t *TextHash) gram(s *textScratch, term []byte) {
	column, negative := HashColumn(term, t.Out.Width)
	key := int64(column) << 1
	if t.Alternate && negative {
		key++
	}
	s.keys = append(s.keys, key)
}

// HashColumn is the column of a term among n, and whether its hash is negative.
func HashColumn(term []byte, n int32) (column int32, negative bool) {
	h := int64(int32(murmur3(term)))
	if h == -1<<31 {
		return (1<<31 - 1 - (n - 1)) % n, true
	}
	return int32(max(h, -h) % int64(n)), h < 0
}

func (t *TextHash) run(s *session, n int) {
	for r := range n {
		s.textual.keys = s.textual.keys[:0]
		t.terms(s, r, t)
		s.textual.sum(s.sparse(r, t.Out), t.Binary)
	}
}
