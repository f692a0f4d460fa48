package engine

import (
	"fmt"
	"slices"
	"sort"
	"unicode/utf8"
)

// Analysis is how a text step cuts a text into terms: the text is lower-cased and freed of accents, cut into words or characters, and
// n-grams of MinN to MaxN neighbours are the terms. A missing text marks the row MissingValue (of Feature).
type Analysis struct {
	In      TextSlot `json:"in"`
	Feature int32    `json:"feature"`
	// Lower is Python's str.lower.
	Lower bool `json:"lower"`
	// Accents is "keep", "unicode" (NFKD without combining characters) or "ascii" (of that, what is ASCII).
	Accents string `json:"accents"`
	// Unit is "word" (n-grams of words, joined by a space), "char" (of characters, white space of two or more being one space) or
	// "char_wb" (of the characters of each word between two spaces; a word shorter than n counts once).
	Unit string `json:"unit"`
	// Pattern is what re.findall of Python finds words by; empty for str.split. Words alone have it.
	Pattern RawText `json:"pattern"`
	MinN    int32   `json:"min_n"`
	MaxN    int32   `json:"max_n"`
	// Stop are words that are left out, sorted bytewise.
	Stop Strings `tensor:"stop"`

	pattern *Pattern // compiled by check
}

// grams receives the terms of a text, in no particular order, equal ones included.
type grams interface {
	gram(s *textScratch, term []byte)
}

// textScratch is the memory of a text step. It grows with the texts and is kept.
type textScratch struct {
	text, other []byte
	ends        []int32 // of words or characters: two for each word
	keys        []int64 // of terms: column<<1, plus 1 for a negative one
	machine     machine
}

func (t *Analysis) checkAnalysis(f *frame) error {
	switch t.Accents {
	case "keep", "unicode", "ascii":
	default:
		return fmt.Errorf(`accents is %q, want "keep", "unicode" or "ascii"`, t.Accents)
	}
	switch t.Unit {
	case "word", "char", "char_wb":
	default:
		return fmt.Errorf(`unit is %q, want "word", "char" or "char_wb"`, t.Unit)
	}
	if t.MinN < 1 || t.MaxN < t.MinN {
		return fmt.Errorf("n-grams of %d to %d, want 1 or more, in order", t.MinN, t.MaxN)
	}
	if t.Unit != "word" && (t.Pattern != "" || t.Stop.Len() > 0) {
		return fmt.Errorf("pattern or stop words with unit %q, want them with words alone", t.Unit)
	}
	if err := t.Stop.check(); err != nil {
		return err
	}
	for i := 1; i < t.Stop.Len(); i++ {
		if t.Stop.At(i-1) >= t.Stop.At(i) {
			return fmt.Errorf("stop[%d] is not greater than the word before it", i)
		}
	}
	if t.Pattern != "" {
		p, err := CompilePattern(string(t.Pattern))
		if err != nil {
			return fmt.Errorf("pattern %.60q: %w", string(t.Pattern), err)
		}
		t.pattern = p
	}
	return f.readText(t.In)
}

// terms gives the terms of row r; false if its text is missing.
func (t *Analysis) terms(s *session, r int, to grams) bool {
	text := *s.text(r, t.In)
	if text == MissingText {
		s.mark(r, MissingValue, t.Feature)
		return false
	}
	scratch := &s.textual
	scratch.text = append(scratch.text[:0], text...)
	if t.Lower {
		scratch.other = appendLower(scratch.other[:0], scratch.text)
		scratch.text, scratch.other = scratch.other, scratch.text
	}
	if t.Accents != "keep" {
		scratch.other = appendStripped(scratch.other[:0], scratch.text, t.Accents == "ascii")
		scratch.text, scratch.other = scratch.other, scratch.text
	}
	switch t.Unit {
	case "word":
		t.wordGrams(scratch, to)
	case "char":
		t.charGrams(scratch, to)
	default:
		t.boundedGrams(scratch, to)
	}
	return true
}

// wordGrams follows _VectorizerMixin._word_ngrams of sklearn/feature_extraction/text.py: words are laid out with one space between them, so
// that every n-gram is a part of the buffer.
func (t *Analysis) wordGrams(s *textScratch, to grams) {
	s.other, s.ends = s.other[:0], s.ends[:0]
	switch {
	case t.pattern == nil:
		for rest := s.text; ; {
			word, after := nextField(rest)
			if len(word) == 0 {
				break
			}
			t.keep(s, word)
			rest = after
		}
	case t.pattern.letters > 0:
		t.runs(s)
	default:
		s.machine.reset(t.pattern, s.text)
		for at := 0; ; {
			end, word, ok := s.machine.find(at)
			if !ok {
				break
			}
			t.keep(s, word)
			at = end
		}
	}
	words := len(s.ends) / 2
	for n := int(t.MinN); n <= min(int(t.MaxN), words); n++ {
		for i := 0; i+n <= words; i++ {
			to.gram(s, s.other[s.ends[2*i]:s.ends[2*(i+n)-1]])
		}
	}
}

// runs finds the longest runs of word characters, of at least the pattern's letters.
func (t *Analysis) runs(s *textScratch) {
	start, letters := 0, 0
	for i := 0; i < len(s.text); {
		c, size := rune(s.text[i]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRune(s.text[i:])
		}
		if isWord(c) {
			letters++
		} else {
			if letters >= t.pattern.letters {
				t.keep(s, s.text[start:i])
			}
			start, letters = i+size, 0
		}
		i += size
	}
	if letters >= t.pattern.letters {
		t.keep(s, s.text[start:])
	}
}

// keep appends a word unless it is a stop word.
func (t *Analysis) keep(s *textScratch, word []byte) {
	if stops := t.Stop.Len(); stops > 0 {
		if i := sort.Search(stops, func(i int) bool { return t.Stop.At(i) >= string(word) }); i < stops && t.Stop.At(i) == string(word) {
			return
		}
	}
	if len(s.ends) > 0 {
		s.other = append(s.other, ' ')
	}
	s.ends = append(s.ends, int32(len(s.other)))
	s.other = append(s.other, word...)
	s.ends = append(s.ends, int32(len(s.other)))
}

// nextField is the next word of str.split, and what follows it.
func nextField(b []byte) (word, rest []byte) {
	start := -1
	for i := 0; i < len(b); {
		c, size := utf8.DecodeRune(b[i:])
		switch space := isSpace(c); {
		case space && start >= 0:
			return b[start:i], b[i:]
		case !space && start < 0:
			start = i
		}
		i += size
	}
	if start < 0 {
		return nil, nil
	}
	return b[start:], nil
}

// charGrams follows _VectorizerMixin._char_ngrams.
func (t *Analysis) charGrams(s *textScratch, to grams) {
	s.other = appendNarrow(s.other[:0], s.text)
	s.ends = appendEnds(s.ends[:0], s.other)
	chars := len(s.ends) - 1
	for n := int(t.MinN); n <= min(int(t.MaxN), chars); n++ {
		for i := 0; i+n <= chars; i++ {
			to.gram(s, s.other[s.ends[i]:s.ends[i+n]])
		}
	}
}

// appendNarrow appends s with every run of two or more white space characters as one space: re.sub(r"\s\s+", " ", s).
func appendNarrow(dst, s []byte) []byte {
	for i := 0; i < len(s); {
		c, size := utf8.DecodeRune(s[i:])
		end := i + size
		if isSpace(c) {
			for end < len(s) {
				next, more := utf8.DecodeRune(s[end:])
				if !isSpace(next) {
					break
				}
				end += more
			}
		}
		if end > i+size {
			dst = append(dst, ' ')
		} else {
			dst = append(dst, s[i:end]...)
		}
		i = end
	}
	return dst
}

// appendEnds appends where each character of b starts, and the end.
func appendEnds(dst []int32, b []byte) []int32 {
	for i := 0; i < len(b); {
		dst = append(dst, int32(i))
		_, size := utf8.DecodeRune(b[i:])
		i += size
	}
	return append(dst, int32(len(b)))
}

// boundedGrams follows _VectorizerMixin._char_wb_ngrams.
func (t *Analysis) boundedGrams(s *textScratch, to grams) {
	for rest := s.text; ; {
		word, after := nextField(rest)
		if len(word) == 0 {
			return
		}
		rest = after
		s.other = append(append(append(s.other[:0], ' '), word...), ' ')
		s.ends = appendEnds(s.ends[:0], s.other)
		chars := len(s.ends) - 1
		for n := int(t.MinN); n <= int(t.MaxN); n++ {
			last := max(chars-n, 0)
			for i := 0; i <= last; i++ {
				to.gram(s, s.other[s.ends[i]:s.ends[min(i+n, chars)]])
			}
			if last == 0 {
				break
			}
		}
	}
}

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
