package table

import (
	"fmt"
	"slices"
)

// ParseObject reads one flat JSON object into row, which has a Value for each column: Absent where the object does not name the column. The
// error, a *SyntaxError, says that the input is not JSON; problems name fields of well-formed input. Strings are copied: data may be reused.
// A row of numbers, booleans and nulls costs no allocation. After an error or a problem the row is of no use.
func (c *Columns) ParseObject(data []byte, row []Value) ([]Problem, error) {
	s := scanner{data: data}
	problems, err := c.parseRow(&s, row)
	if err != nil {
		return nil, err
	}
	return problems, s.end()
}

// parseRow reads one value, which should be a flat object, at the scanner's place.
func (c *Columns) parseRow(s *scanner, row []Value) ([]Problem, error) {
	clear(row)
	if s.peek() != '{' {
		got := s.kind().String()
		if s.peek() == '[' {
			got = "an array"
		}
		problem := Problem{Code: WrongType, Message: fmt.Sprintf("got %s, an object of fields is expected", got)}
		return []Problem{problem}, s.skip(1)
	}
	r := rowReader{columns: c, row: row}
	s.pos++
	for first := true; ; first = false {
		name, escaped, more, err := s.memberName(first)
		if err != nil || !more {
			return r.problems, err
		}
		if err := r.member(s, name, escaped); err != nil {
			return nil, inField(err, name, escaped)
		}
	}
}

// rowReader reads the members of one object.
type rowReader struct {
	columns  *Columns
	row      []Value
	next     int
	problems []Problem
}

// member reads one member of the object.
func (r *rowReader) member(s *scanner, name []byte, escaped bool) error {
	key := name
	if escaped {
		key = unescape(nil, name)
	}
	i, known := r.columns.find(key, r.next)
	if !known {
		r.report(string(key), UnknownField, "the model has no such field")
		return s.skip(2)
	}
	r.next = i + 1
	if r.row[i].Kind != Absent {
		r.report(string(key), DuplicateField, "the field occurs twice")
	}
	v, inRange, err := s.value()
	if err != nil {
		return err
	}
	if !inRange && !r.columns.ignored[i] {
		r.report(string(key), NumberOutOfRange, "the number is beyond the range of float64")
	}
	r.row[i] = v
	return nil
}

// report adds a problem, up to maxProblems.
func (r *rowReader) report(field, code, message string) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, Problem{Field: field, Code: code, Message: message})
	}
}

// value reads a value. ok is false for a number beyond float64.
func (s *scanner) value() (v Value, ok bool, err error) {
	switch c := s.peek(); {
	case c == '-' || isDigit(c):
		return s.number()
	case c == '"':
		raw, escaped, err := s.stringToken()
		if err != nil {
			return Value{}, false, err
		}
		return Value{Kind: Text, Text: text(raw, escaped)}, true, nil
	case c == 't':
		return Value{Kind: Boolean, Float: 1}, true, s.literal("true")
	case c == 'f':
		return Value{Kind: Boolean}, true, s.literal("false")
	case c == 'n':
		return Value{Kind: Null}, true, s.literal("null")
	default:
		return Value{Kind: Other}, true, s.skip(2)
	}
}

// kind names the type of the next value by its first byte.
func (s *scanner) kind() Kind {
	switch c := s.peek(); {
	case c == '-' || isDigit(c):
		return Number
	case c == '"':
		return Text
	case c == 't' || c == 'f':
		return Boolean
	case c == 'n':
		return Null
	default:
		return Other
	}
}

// EachMember visits the members of one JSON object in order, with their values as they stand in data, until visit returns an error. The error is a
// *SyntaxError if data is anything else.
func EachMember(data []byte, visit func(name string, value []byte) error) error {
	s := scanner{data: data}
	if s.peek() != '{' {
		return s.fail("an object")
	}
	err := s.object(func(name []byte, escaped bool) error {
		s.peek()
		start := s.pos
		if err := s.skip(2); err != nil {
			return err
		}
		return visit(text(name, escaped), data[start:s.pos])
	})
	if err != nil {
		return err
	}
	return s.end()
}

// UniqueNames refuses data that is not one JSON value, and names that occur twice in an object, at any depth. The error is a *SyntaxError.
func UniqueNames(data []byte) error {
	s := scanner{data: data}
	if err := s.uniqueNames(1); err != nil {
		return err
	}
	return s.end()
}

// uniqueNames is skip, but that names that occur twice are looked for.
func (s *scanner) uniqueNames(depth int) error {
	switch c := s.peek(); {
	case c != '{' && c != '[' || depth > MaxDepth:
		return s.skip(depth)
	case c == '[':
		return s.array(func(int) error { return s.uniqueNames(depth + 1) })
	}
	return s.uniqueObject(func(string) error { return s.uniqueNames(depth + 1) })
}

// uniqueObject is object with the names as text, each of which may occur once.
func (s *scanner) uniqueObject(member func(name string) error) error {
	var seen names
	return s.object(func(name []byte, escaped bool) error {
		key := text(name, escaped)
		if !seen.add(key) {
			return &SyntaxError{Offset: s.pos, Code: DuplicateField, Message: fmt.Sprintf("%q occurs twice in its object", key)}
		}
		return member(key)
	})
}

// names is a set of the names in an object: a list while they are few.
type names struct {
	few  []string
	many map[string]bool
}

// fewNames is how many names are looked through one by one.
const fewNames = 16

// add reports whether the name is new.
func (n *names) add(name string) bool {
	if n.many == nil && len(n.few) == fewNames {
		n.many = make(map[string]bool, 2*fewNames)
		for _, name := range n.few {
			n.many[name] = true
		}
	}
	if n.many == nil {
		known := slices.Contains(n.few, name)
		n.few = append(n.few, name)
		return !known
	}
	known := n.many[name]
	n.many[name] = true
	return !known
}
