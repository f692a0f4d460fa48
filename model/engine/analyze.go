package engine

import (
	"fmt"
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
