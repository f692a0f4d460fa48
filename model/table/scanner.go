package table

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// MaxDepth is how deep arrays and objects may be nested in JSON input.
const MaxDepth = 64

// SyntaxError says where and why input is not the JSON that is accepted.
type SyntaxError struct {
	// Offset is the byte at which reading stopped, from 0.
	Offset int
	// Code is MalformedJSON, InvalidUTF8, LoneSurrogate, TooDeep or, from UniqueNames, DuplicateField.
	Code string
	// Field is the name of the member that was being read, empty outside a member.
	Field string
	// Pointer is the place of the value that was being read (RFC 6901), empty at the top.
	Pointer string
	// Message says what was got and what was expected.
	Message string
}

// Error names the byte and the field.
func (e *SyntaxError) Error() string {
	if e.Field != "" {
		return fmt.Sprintf("byte %d, in field %q: %s", e.Offset, e.Field, e.Message)
	}
	return fmt.Sprintf("byte %d: %s", e.Offset, e.Message)
}

// scanner reads JSON as RFC 8259 defines it, with valid UTF-8 and whole surrogate pairs as RFC 7493 asks. It does not allocate but for errors.
type scanner struct {
	data []byte
	pos  int
}

// peek returns the next byte that is not white space, 0 at the end (a zero byte is never legal where peek is used).
func (s *scanner) peek() byte {
	for ; s.pos < len(s.data); s.pos++ {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// fail returns a MalformedJSON error at the current byte.
func (s *scanner) fail(expected string) error {
	got := "the end"
	if s.pos < len(s.data) {
		got = s.token()
	}
	return &SyntaxError{Offset: s.pos, Code: MalformedJSON, Message: "got " + got + ", expected " + expected}
}

// token quotes what stands at the current byte: a word, or one character.
func (s *scanner) token() string {
	rest := s.data[s.pos:]
	n := 0
	for n < len(rest) && n < 20 && (isDigit(rest[n]) || rest[n]|0x20 >= 'a' && rest[n]|0x20 <= 'z') {
		n++
	}
	if n == 0 {
		_, n = utf8.DecodeRune(rest)
	}
	return strconv.Quote(string(rest[:n]))
}

// expect reads one byte after white space.
func (s *scanner) expect(c byte, what string) error {
	if s.peek() != c || s.pos == len(s.data) {
		return s.fail(what)
	}
	s.pos++
	return nil
}

// end checks that nothing but white space is left.
func (s *scanner) end() error {
	if s.peek(); s.pos < len(s.data) {
		return s.fail("the end of the input")
	}
	return nil
}

// number reads a number. ok is false if it is beyond float64.
func (s *scanner) number() (v Value, ok bool, err error) {
	token, err := s.numberToken()
	if err != nil {
		return Value{}, false, err
	}
	// The string lives no longer than the call.
	v, _, ok = parseDecimal(unsafe.String(unsafe.SliceData(token), len(token)))
	return v, ok, nil
}

// numberToken reads the bytes of a number.
func (s *scanner) numberToken() ([]byte, error) {
	start := s.pos
	if s.data[s.pos] == '-' {
		s.pos++
	}
	if s.at('0') {
		s.pos++
	} else if !s.digits() {
		return nil, s.fail("a digit")
	}
	if s.at('.') {
		s.pos++
		if !s.digits() {
			return nil, s.fail("a digit after the decimal point")
		}
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		if !s.digits() {
			return nil, s.fail("a digit in the exponent")
		}
	}
	return s.data[start:s.pos], nil
}

// at reports whether c is the current byte.
func (s *scanner) at(c byte) bool { return s.pos < len(s.data) && s.data[s.pos] == c }

// digits moves over digits and reports whether there were any.
func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.data) && isDigit(s.data[s.pos]) {
		s.pos++
	}
	return s.pos > start
}

// literal reads true, false or null.
func (s *scanner) literal(word string) error {
	if !bytes.HasPrefix(s.data[s.pos:], []byte(word)) {
		return s.fail("a value")
	}
	s.pos += len(word)
	return nil
}

// skip reads any value and keeps nothing. Names that occur twice inside it are not looked for.
func (s *scanner) skip(depth int) error {
	switch c := s.peek(); {
	case c == '"':
		_, _, err := s.stringToken()
		return err
	case c == '-' || isDigit(c):
		_, err := s.numberToken()
		return err
	case c == 't':
		return s.literal("true")
	case c == 'f':
		return s.literal("false")
	case c == 'n':
		return s.literal("null")
	case c == '{' || c == '[':
		if depth > MaxDepth {
			return &SyntaxError{Offset: s.pos, Code: TooDeep, Message: fmt.Sprintf("nested more than %d deep", MaxDepth)}
		}
		if c == '[' {
			return s.array(func(int) error { return s.skip(depth + 1) })
		}
		return s.object(func([]byte, bool) error { return s.skip(depth + 1) })
	default:
		return s.fail("a value")
	}
}

// array reads an array; element reads each value.
func (s *scanner) array(element func(i int) error) error {
	s.pos++
	if s.peek() == ']' {
		s.pos++
		return nil
	}
	for i := 0; ; i++ {
		if err := element(i); err != nil {
			return within(err, strconv.Itoa(i))
		}
		if s.peek() == ']' {
			s.pos++
			return nil
		}
		if err := s.expect(',', "a comma or ] after a value"); err != nil {
			return err
		}
	}
}

// object reads an object; member is given each name as it stands between the quotes and reads the value. What it returns as an error gets the
// name as its field.
func (s *scanner) object(member func(name []byte, escaped bool) error) error {
	s.pos++
	for first := true; ; first = false {
		name, escaped, more, err := s.memberName(first)
		if err != nil || !more {
			return err
		}
		if err := member(name, escaped); err != nil {
			return inField(err, name, escaped)
		}
	}
}

// memberName reads up to the value of the next member of an object, or the end of the object; first says that no member has been read.
func (s *scanner) memberName(first bool) (name []byte, escaped, more bool, err error) {
	if s.peek() == '}' {
		s.pos++
		return nil, false, false, nil
	}
	if !first {
		if err := s.expect(',', "a comma or } after a member"); err != nil {
			return nil, false, false, err
		}
	}
	if s.peek() != '"' {
		return nil, false, false, s.fail("a name in double quotes")
	}
	if name, escaped, err = s.stringToken(); err != nil {
		return nil, false, false, err
	}
	return name, escaped, true, s.expect(':', "a colon after a name")
}

// inField names the member in which a syntax error is, the innermost first.
func inField(err error, name []byte, escaped bool) error {
	member := text(name, escaped)
	if e, ok := errors.AsType[*SyntaxError](err); ok && e.Field == "" {
		e.Field = member
	}
	return within(err, member)
}

// pointerEscaper writes a name as a part of a JSON pointer.
var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// AppendPointer appends a name, or an index, to a JSON pointer (RFC 6901).
func AppendPointer(pointer, part string) string { return pointer + "/" + pointerEscaper.Replace(part) }

// within notes that an error was found inside a member or an element.
func within(err error, part string) error {
	if e, ok := errors.AsType[*SyntaxError](err); ok {
		e.Pointer = AppendPointer("", part) + e.Pointer
	}
	return err
}
