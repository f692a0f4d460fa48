package table

import (
	"fmt"
	"unicode/utf8"
)

// stringToken reads a string whose opening quote is next. It returns what stands between the quotes, valid UTF-8, and whether that
// holds escapes.
func (s *scanner) stringToken() (raw []byte, escaped bool, err error) {
	s.pos++
	start, ascii := s.pos, true
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			raw = s.data[start:s.pos]
			if !ascii && !utf8.Valid(raw) {
				s.pos = start + invalidUTF8(raw)
				return nil, false, &SyntaxError{Offset: s.pos, Code: InvalidUTF8, Message: "the string is not valid UTF-8"}
			}
			s.pos++
			return raw, escaped, nil
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return nil, false, err
			}
		case c < ' ':
			return nil, false, s.fail("no control character in a string: write it as an escape")
		default:
			ascii = ascii && c < utf8.RuneSelf
			s.pos++
		}
	}
	return nil, false, s.fail("a closing quote")
}

// escape checks the escape at the current byte and moves behind it.
func (s *scanner) escape() error {
	if s.pos+1 < len(s.data) {
		switch s.data[s.pos+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			s.pos += 2
			return nil
		case 'u':
			return s.unicodeEscape()
		}
	}
	s.pos = min(s.pos+1, len(s.data))
	return s.fail(`one of "\/bfnrtu after a backslash`)
}

// unicodeEscape checks \uXXXX or a surrogate pair of two.
func (s *scanner) unicodeEscape() error {
	first, ok := hex4(s.data, s.pos)
	if !ok {
		return s.fail(`four hexadecimal digits after \u`)
	}
	n := 6
	if 0xD800 <= first && first <= 0xDFFF {
		second, ok := hex4(s.data, s.pos+6)
		if !ok || first >= 0xDC00 || second < 0xDC00 || second > 0xDFFF {
			return &SyntaxError{Offset: s.pos, Code: LoneSurrogate,
				Message: fmt.Sprintf(`\u%04x is half of a surrogate pair, which is no character`, first)}
		}
		n = 12
	}
	s.pos += n
	return nil
}

// hex4 reads \uXXXX at pos.
func hex4(data []byte, pos int) (rune, bool) {
	if pos+6 > len(data) || data[pos] != '\\' || data[pos+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range data[pos+2 : pos+6] {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8.
func invalidUTF8(raw []byte) int {
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(raw)
}

// text returns a copy of a string token with its escapes resolved.
func text(raw []byte, escaped bool) string {
	if !escaped {
		return string(raw)
	}
	return string(unescape(make([]byte, 0, len(raw)), raw))
}

// unescape appends a checked string token with its escapes resolved.
func unescape(dst, raw []byte) []byte {
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			dst = append(dst, raw[i])
			i++
			continue
		}
		if raw[i+1] != 'u' {
			dst = append(dst, unescaped[raw[i+1]])
			i += 2
			continue
		}
		r, _ := hex4(raw, i)
		i += 6
		if 0xD800 <= r && r <= 0xDFFF {
			low, _ := hex4(raw, i)
			r = (r-0xD800)<<10 + (low - 0xDC00) + 0x10000
			i += 6
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// unescaped maps the letter after a backslash to its byte.
var unescaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}
