package table

import (
	"fmt"
	"strconv"
)

// Decoder reads one JSON document of a known shape from its start, without reflection: what stands next is asked for by its type. Every error
// about the document is a *SyntaxError. A name that occurs twice in an object is refused.
type Decoder struct{ s scanner }

// NewDecoder returns a Decoder for data, which what it returns from Raw refers to.
func NewDecoder(data []byte) *Decoder { return &Decoder{scanner{data: data}} }

// Object reads an object; member is given each name and reads the value.
func (d *Decoder) Object(member func(name string) error) error {
	if d.s.peek() != '{' {
		return d.s.fail("an object")
	}
	return d.s.uniqueObject(member)
}

// Array reads an array, each element of which element reads. null is an empty one.
func (d *Decoder) Array(element func(i int) error) error {
	switch d.s.peek() {
	case 'n':
		return d.s.literal("null")
	case '[':
		return d.s.array(element)
	}
	return d.s.fail("an array")
}

// Text reads a string.
func (d *Decoder) Text() (string, error) {
	if d.s.peek() != '"' {
		return "", d.s.fail("a string")
	}
	raw, escaped, err := d.s.stringToken()
	if err != nil {
		return "", err
	}
	return text(raw, escaped), nil
}

// Float reads a number that float64 has.
func (d *Decoder) Float() (float64, error) {
	start := d.s.pos
	if d.s.kind() != Number {
		return 0, d.s.fail("a number")
	}
	v, ok, err := d.s.number()
	if err == nil && !ok {
		err = &SyntaxError{Offset: start, Code: NumberOutOfRange, Message: "the number is beyond the range of float64"}
	}
	return v.Float, err
}

// Int reads a whole number of 64 bits, written without a fraction or an exponent.
func (d *Decoder) Int() (int64, error) {
	if d.s.kind() != Number {
		return 0, d.s.fail("a whole number")
	}
	start := d.s.pos
	token, err := d.s.numberToken()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(token), 10, 64)
	if err != nil {
		return 0, &SyntaxError{Offset: start, Code: MalformedJSON, Message: fmt.Sprintf("got %.40s, expected a whole number of 64 bits", token)}
	}
	return n, nil
}

// Bool reads true or false.
func (d *Decoder) Bool() (bool, error) {
	switch d.s.peek() {
	case 't':
		return true, d.s.literal("true")
	case 'f':
		return false, d.s.literal("false")
	}
	return false, d.s.fail("true or false")
}

// Raw reads any value and returns it as it stands.
func (d *Decoder) Raw() ([]byte, error) {
	d.s.peek()
	start := d.s.pos
	err := d.s.uniqueNames(1)
	return d.s.data[start:d.s.pos:d.s.pos], err
}

// End checks that nothing is left.
func (d *Decoder) End() error { return d.s.end() }
