package engine

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// translator writes a pattern of Python in the syntax of Go, with \w, \d and \s as the characters they stand for.
type translator struct {
	rest  string
	out   strings.Builder
	ascii bool
	dot   string
}

var (
	flagGroup  = lazyRegexp(`^\(\?([a-zA-Z]+)\)`)
	repetition = lazyRegexp(`^\{(\d*)(,?)(\d*)\}`)
	groupStart = lazyRegexp(`^\((\?:|\?P<[A-Za-z_][A-Za-z_0-9]*>)?`)
)

func (t *translator) all() error {
	t.dot = `[^\n]`
	if m := flagGroup().FindStringSubmatch(t.rest); m != nil {
		for _, flag := range m[1] {
			switch flag {
			case 'u':
			case 'a':
				t.ascii = true
			case 's':
				t.dot = `(?s:.)`
			default:
				return fmt.Errorf("the flag %q is not supported, only a, s and u are", flag)
			}
		}
		t.rest = t.rest[len(m[0]):]
	}
	for t.rest != "" {
		if err := t.item(); err != nil {
			return err
		}
	}
	return nil
}

// item translates the next item.
func (t *translator) item() error {
	c, size := utf8.DecodeRuneInString(t.rest)
	switch c {
	case '\\':
		return t.escape()
	case '[':
		return t.class()
	case '(':
		m := groupStart().FindStringSubmatch(t.rest)
		if m[1] == "" && strings.HasPrefix(t.rest, "(?") {
			return fmt.Errorf("%.8q is not supported: no lookaround, flags or references", t.rest)
		}
		t.out.WriteString(m[0])
		t.rest = t.rest[len(m[0]):]
		return nil
	case '{':
		if m := repetition().FindStringSubmatch(t.rest); m != nil && (m[1] != "" || m[2] != "") {
			low := m[1]
			if low == "" {
				low = "0"
			}
			t.out.WriteString("{" + low + m[2] + m[3] + "}")
			t.rest = t.rest[len(m[0]):]
			return nil
		}
		t.out.WriteString(`\{`)
	case '^':
		t.out.WriteString(`\A`)
	case '$':
		return fmt.Errorf("$ is not supported, which in Python matches before a last line feed too: use \\Z")
	case '.':
		t.out.WriteString(t.dot)
	case '*', '+', '?', '|', ')':
		t.out.WriteRune(c)
	default:
		t.out.WriteString(regexp.QuoteMeta(t.rest[:size]))
	}
	t.rest = t.rest[size:]
	return nil
}

// escape translates a backslash and what follows, outside a class.
func (t *translator) escape() error {
	if len(t.rest) > 1 {
		switch c := t.rest[1]; c {
		case 'b', 'B', 'A':
			t.out.WriteString(t.rest[:2])
			t.rest = t.rest[2:]
			return nil
		case 'Z':
			t.out.WriteString(`\z`)
			t.rest = t.rest[2:]
			return nil
		}
	}
	ranges, err := t.escaped()
	if err == nil {
		t.writeClass(ranges, false)
	}
	return err
}

// escaped reads a backslash and what follows, inside or outside a class, as the characters that it matches.
func (t *translator) escaped() ([]runeRange, error) {
	if len(t.rest) < 2 {
		return nil, fmt.Errorf("it ends in a backslash")
	}
	c, size := utf8.DecodeRuneInString(t.rest[1:])
	whole := t.rest
	t.rest = t.rest[1+size:]
	switch c {
	case 'w', 'd', 's':
		return t.named(c), nil
	case 'W', 'D', 'S':
		return complement(t.named(c + 'a' - 'A')), nil
	case 'n', 't', 'r', 'f', 'v', 'a':
		r := rune("\n\t\r\f\v\a"[strings.IndexRune("ntrfva", c)])
		return []runeRange{{r, r}}, nil
	case 'x', 'u', 'U':
		digits := map[rune]int{'x': 2, 'u': 4, 'U': 8}[c]
		if len(t.rest) >= digits {
			if r, err := strconv.ParseUint(t.rest[:digits], 16, 31); err == nil && utf8.ValidRune(rune(r)) {
				t.rest = t.rest[digits:]
				return []runeRange{{rune(r), rune(r)}}, nil
			}
		}
	default:
		if c >= utf8.RuneSelf || !isASCIIWord(c) || c == '_' {
			return []runeRange{{c, c}}, nil
		}
	}
	return nil, fmt.Errorf("the escape %.4q is not supported", whole)
}

// named are the characters of \w, \d or \s.
func (t *translator) named(c rune) []runeRange {
	switch {
	case t.ascii && c == 'w':
		return []runeRange{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	case t.ascii && c == 'd':
		return []runeRange{{'0', '9'}}
	case t.ascii:
		return []runeRange{{'\t', '\r'}, {' ', ' '}}
	case c == 'w':
		return wordRunes
	case c == 'd':
		return digitRunes
	}
	return spaceRunes
}

// complement are the characters that ascending ranges leave out.
func complement(ranges []runeRange) []runeRange {
	var out []runeRange
	next := rune(0)
	for _, r := range ranges {
		if r.first > next {
			out = append(out, runeRange{next, r.first - 1})
		}
		next = r.last + 1
	}
	return append(out, runeRange{next, utf8.MaxRune})
}

// class translates a class in brackets.
func (t *translator) class() error {
	t.rest = t.rest[1:]
	negated := strings.HasPrefix(t.rest, "^")
	t.rest = strings.TrimPrefix(t.rest, "^")
	var ranges []runeRange
	for first := true; first || !strings.HasPrefix(t.rest, "]"); first = false {
		item, single, err := t.member()
		if err != nil {
			return err
		}
		if len(t.rest) > 1 && t.rest[0] == '-' && t.rest[1] != ']' {
			t.rest = t.rest[1:]
			last, alone, err := t.member()
			if err != nil {
				return err
			}
			if !single || !alone || last[0].first < item[0].first {
				return fmt.Errorf("a range in brackets does not go from one character to a later one")
			}
			item = []runeRange{{item[0].first, last[0].first}}
		}
		ranges = append(ranges, item...)
	}
	t.rest = t.rest[1:]
	t.writeClass(ranges, negated)
	return nil
}

// member reads one item of a class, and whether it is a single character.
func (t *translator) member() (ranges []runeRange, single bool, err error) {
	if t.rest == "" {
		return nil, false, fmt.Errorf("a bracket is not closed")
	}
	if strings.HasPrefix(t.rest, `\b`) {
		t.rest = t.rest[2:]
		return []runeRange{{'\b', '\b'}}, true, nil
	}
	if t.rest[0] == '\\' {
		named := len(t.rest) > 1 && strings.IndexByte("wdsWDS", t.rest[1]) >= 0
		ranges, err = t.escaped()
		return ranges, !named, err
	}
	c, size := utf8.DecodeRuneInString(t.rest)
	t.rest = t.rest[size:]
	return []runeRange{{c, c}}, true, nil
}

// writeClass writes a class of Go.
func (t *translator) writeClass(ranges []runeRange, negated bool) {
	t.out.WriteString("[")
	if negated {
		t.out.WriteString("^")
	}
	for _, r := range ranges {
		fmt.Fprintf(&t.out, `\x{%x}-\x{%x}`, r.first, r.last)
	}
	t.out.WriteString("]")
}
