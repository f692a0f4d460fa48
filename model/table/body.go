package table

import (
	"bytes"
	"errors"
)

// Element is one row of a request body.
type Element struct {
	// Index is the place in "instances", 0 for a body that is a single object.
	Index int
	// Raw are the bytes of the element, a view of the body.
	Raw []byte
	// Row and Problems are as ParseObject gives them; both are overwritten by the next element.
	Row      []Value
	Problems []Problem
}

// Body says what a request body was.
type Body struct {
	// Batch: the body was {"instances":[…]}; otherwise it was one object.
	Batch bool
	// FeaturesUsed is the member "features_used" of a batch.
	FeaturesUsed bool
	// Problems are those of the batch object itself; rows report theirs by Element.
	Problems []Problem
}

// Members of a batch.
const (
	instancesMember    = "instances"
	featuresUsedMember = "features_used"
)

// ParseBody reads a request body, a flat object or {"instances":[object, …]}, and calls visit for each row in order as it is read. An object is
// a batch if its member "instances" is an array, or anything where no column has that name; "features_used" (a boolean) is the only other member it may have. An error that visit
// returns ends the reading and is returned; any other error is a *SyntaxError. Rows may have been visited before a syntax error is found.
func (c *Columns) ParseBody(data []byte, visit func(Element) error) (Body, error) {
	s := scanner{data: data}
	b := bodyReader{columns: c, scanner: &s, row: make([]Value, c.Len()), visit: visit}
	var err error
	if b.body.Batch = c.isBatch(data); b.body.Batch {
		s.peek()
		err = s.object(b.member)
	} else {
		err = b.element(0)
	}
	if err != nil {
		return b.body, err
	}
	return b.body, s.end()
}

// errFound stops isBatch.
var errFound = errors.New("found")

// isBatch reports whether data starts as an object with a member "instances" that is an array, or that is no column. It reads no further than it must.
func (c *Columns) isBatch(data []byte) bool {
	if !bytes.Contains(data, []byte(instancesMember)) && bytes.IndexByte(data, '\\') < 0 {
		return false
	}
	s := scanner{data: data}
	if s.peek() != '{' {
		return false
	}
	_, column := c.Index(instancesMember)
	return errors.Is(s.object(func(name []byte, escaped bool) error {
		if text(name, escaped) == instancesMember && (s.peek() == '[' || !column) {
			return errFound
		}
		return s.skip(2)
	}), errFound)
}

// bodyReader reads a body.
type bodyReader struct {
	columns      *Columns
	scanner      *scanner
	row          []Value
	visit        func(Element) error
	body         Body
	instances    bool // "instances" has been read
	featuresUsed bool // "features_used" has been read
}

// element reads one row and has it visited.
func (b *bodyReader) element(i int) error {
	b.scanner.peek()
	start := b.scanner.pos
	problems, err := b.columns.parseRow(b.scanner, b.row)
	if err != nil {
		return err
	}
	return b.visit(Element{Index: i, Raw: b.scanner.data[start:b.scanner.pos], Row: b.row, Problems: problems})
}

// member reads one member of a batch.
func (b *bodyReader) member(name []byte, escaped bool) error {
	s, key := b.scanner, text(name, escaped)
	switch first := s.peek(); {
	case key == instancesMember && !b.instances && first == '[':
		b.instances = true
		return s.array(b.element)
	case key == featuresUsedMember && !b.featuresUsed && (first == 't' || first == 'f'):
		b.featuresUsed = true
		v, _, err := s.value()
		b.body.FeaturesUsed = v.Float == 1
		return err
	case key == instancesMember && first == '{':
		b.report(key, WrongType, "got an object, an array of rows is expected")
	case key == instancesMember && first != '[':
		b.report(key, WrongType, "got "+s.kind().String()+", an array of rows is expected")
	case key == featuresUsedMember && !b.featuresUsed:
		b.report(key, WrongType, "got "+s.kind().String()+", a boolean is expected")
	case key == instancesMember || key == featuresUsedMember:
		b.report(key, DuplicateField, "the field occurs twice")
	default:
		b.report(key, UnknownField, `a batch has the fields "instances" and "features_used" only`)
	}
	return s.skip(2)
}

// report adds a problem, up to maxProblems.
func (b *bodyReader) report(field, code, message string) {
	if len(b.body.Problems) < maxProblems {
		b.body.Problems = append(b.body.Problems, Problem{Field: field, Code: code, Message: message})
	}
}
