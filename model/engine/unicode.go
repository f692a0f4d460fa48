package engine

import (
	"slices"
	"unicode/utf8"
)

// This file holds Python's methods of str that text steps need, in the Unicode of unicode_tables.go. Text is UTF-8; they append to a buffer of bytes.

//go:generate sh -c "${SKLAMBDA_PYTHON:-python3} ../python/tests/unicode_tables.py > unicode_tables.go && gofmt -w unicode_tables.go"

// runeRange is a range of characters: both ends belong to it.
type runeRange struct{ first, last rune }

// inRanges reports whether one of the ascending ranges holds c.
func inRanges(ranges []runeRange, c rune) bool {
	low, high := 0, len(ranges)
	for low < high {
		middle := int(uint(low+high) >> 1)
		switch r := ranges[middle]; {
		case c < r.first:
			high = middle
		case c > r.last:
			low = middle + 1
		default:
			return true
		}
	}
	return false
}

// runeStrings maps characters to strings: string i ends at ends[i] of text and starts where the one before ends.
type runeStrings struct {
	keys []rune
	ends []uint16
	text string
}

// find returns the string of c.
func (m *runeStrings) find(c rune) (string, bool) {
	i, ok := slices.BinarySearch(m.keys, c)
	if !ok {
		return "", false
	}
	start := uint16(0)
	if i > 0 {
		start = m.ends[i-1]
	}
	return m.text[start:m.ends[i]], true
}

// isWord is \w of Python's re for str: str.isalnum, or the underscore.
func isWord(c rune) bool {
	if c < utf8.RuneSelf {
		return isASCIIWord(c)
	}
	return inRanges(wordRunes, c)
}

func isASCIIWord(c rune) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || c == '_'
}

// isSpace is \s of Python's re for str, and str.isspace.
func isSpace(c rune) bool {
	if c < utf8.RuneSelf {
		return c == ' ' || '\t' <= c && c <= '\r' || 0x1c <= c && c <= 0x1f
	}
	return inRanges(spaceRunes, c)
}

// appendLower appends str.lower of s. Special cases are the I with a dot, which becomes two characters, and the capital sigma, which is
// ς at the end of a word (CPython: handle_capital_sigma in Objects/unicodeobject.c).
func appendLower(dst, s []byte) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(s[i:])
		if r == 'Σ' {
			if endsWord(s[:i], s[i+size:]) {
				dst = utf8.AppendRune(dst, 'ς')
			} else {
				dst = utf8.AppendRune(dst, 'σ')
			}
		} else if lower, ok := lowerRunes.find(r); ok {
			dst = append(dst, lower...)
		} else {
			dst = append(dst, s[i:i+size]...)
		}
		i += size
	}
	return dst
}

// endsWord reports whether a sigma between the two texts is final: a cased character stands before it and none behind it.
func endsWord(before, after []byte) bool {
	for len(before) > 0 {
		r, size := utf8.DecodeLastRune(before)
		if !inRanges(ignorableRunes, r) {
			break
		}
		before = before[:len(before)-size]
	}
	if r, size := utf8.DecodeLastRune(before); size == 0 || !inRanges(casedRunes, r) {
		return false
	}
	for len(after) > 0 {
		r, size := utf8.DecodeRune(after)
		if !inRanges(ignorableRunes, r) {
			return !inRanges(casedRunes, r)
		}
		after = after[size:]
	}
	return true
}

// Hangul syllables are decomposed by arithmetic (The Unicode Standard, section 3.12).
const (
	hangulFirst, hangulLast                = 0xac00, 0xd7a3
	hangulLead, hangulVowel, hangulTail    = 0x1100, 0x1161, 0x11a7
	hangulVowels, hangulTails, hangulBlock = 21, 28, hangulVowels * hangulTails
)

// appendStripped appends what is left of s in NFKD without its combining characters. With ascii, characters beyond ASCII are dropped after that. The order
// of combining characters, which NFKD defines as well, does not matter: none are left.
func appendStripped(dst, s []byte, ascii bool) []byte {
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			dst = append(dst, s[i])
			i++
			continue
		}
		r, size := utf8.DecodeRune(s[i:])
		start := len(dst)
		if r >= hangulFirst && r <= hangulLast {
			dst = appendJamo(dst, r-hangulFirst)
		} else if left, ok := strippedRunes.find(r); ok {
			dst = append(dst, left...)
		} else {
			dst = append(dst, s[i:i+size]...)
		}
		if ascii {
			dst = append(dst[:start], keepASCII(dst[start:])...)
		}
		i += size
	}
	return dst
}

// appendJamo appends the two or three letters of Hangul syllable n.
func appendJamo(dst []byte, n rune) []byte {
	dst = utf8.AppendRune(dst, hangulLead+n/hangulBlock)
	dst = utf8.AppendRune(dst, hangulVowel+n%hangulBlock/hangulTails)
	if tail := n % hangulTails; tail != 0 {
		dst = utf8.AppendRune(dst, hangulTail+tail)
	}
	return dst
}

// keepASCII removes the bytes of characters beyond ASCII in place.
func keepASCII(b []byte) []byte {
	kept := b[:0]
	for _, c := range b {
		if c < utf8.RuneSelf {
			kept = append(kept, c)
		}
	}
	return kept
}
