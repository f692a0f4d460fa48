package sklearn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ubjson reads Universal Binary JSON (draft 12) as XGBoost writes it: numbers are big-endian, arrays of numbers have one type. All input is taken to be hostile:
// depth and sizes are bounded by the bytes there are.
type ubjson struct {
	rest []byte
	err  error
}

const maxUBJSONDepth = 64

// parseUBJSON returns maps, lists ([]any), lists of numbers ([]float64), strings, float64 numbers, booleans and nil.
func parseUBJSON(data []byte) (any, error) {
	p := ubjson{rest: data}
	v := p.value(p.byte(), 0)
	if p.err == nil && len(p.rest) > 0 {
		p.fail("%d bytes follow it", len(p.rest))
	}
	return v, p.err
}

func (p *ubjson) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
		p.rest = nil
	}
}

func (p *ubjson) take(n int) []byte {
	if p.err != nil || n < 0 || n > len(p.rest) {
		p.fail("it ends early")
		return nil
	}
	b := p.rest[:n]
	p.rest = p.rest[n:]
	return b
}

func (p *ubjson) byte() byte {
	if b := p.take(1); b != nil {
		return b[0]
	}
	return 0
}

// numberSize is the size of a type of numbers, 0 for any other.
func numberSize(kind byte) int {
	switch kind {
	case 'i', 'U':
		return 1
	case 'I':
		return 2
	case 'l', 'd':
		return 4
	case 'L', 'D':
		return 8
	}
	return 0
}

func ubjsonNumber(kind byte, b []byte) float64 {
	switch kind {
	case 'i':
		return float64(int8(b[0]))
	case 'U':
		return float64(b[0])
	case 'I':
		return float64(int16(binary.BigEndian.Uint16(b)))
	case 'l':
		return float64(int32(binary.BigEndian.Uint32(b)))
	case 'L':
		return float64(int64(binary.BigEndian.Uint64(b)))
	case 'd':
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b))
}

// length reads a length: an integer with its type.
func (p *ubjson) length() int {
	kind := p.byte()
	size := numberSize(kind)
	b := p.take(size)
	if size == 0 || len(b) != size || kind == 'd' || kind == 'D' {
		p.fail("a length is no integer")
		return 0
	}
	n := ubjsonNumber(kind, b)
	if n < 0 || n > float64(len(p.rest)) { // every item takes a byte at least
		p.fail("a length is %v, with %d bytes left", n, len(p.rest))
		return 0
	}
	return int(n)
}

func (p *ubjson) value(kind byte, depth int) any {
	if depth > maxUBJSONDepth {
		p.fail("it is nested more than %d deep", maxUBJSONDepth)
	}
	if p.err != nil {
		return nil
	}
	switch kind {
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case 'S':
		return string(p.take(p.length()))
	case 'C':
		return string(p.take(1))
	case 'T', 'F':
		return kind == 'T'
	case 'Z':
		return nil
	}
	size := numberSize(kind)
	if b := p.take(size); size > 0 && len(b) == size {
		return ubjsonNumber(kind, b)
	}
	p.fail("it has a value of the type %q", kind)
	return nil
}

func (p *ubjson) object(depth int) map[string]any {
	out := map[string]any{}
	for p.err == nil {
		if len(p.rest) > 0 && p.rest[0] == '}' {
			p.byte()
			return out
		}
		key := string(p.take(p.length()))
		out[key] = p.value(p.byte(), depth+1)
	}
	return out
}

func (p *ubjson) array(depth int) any {
	if len(p.rest) > 1 && p.rest[0] == '$' {
		p.byte()
		kind := p.byte()
		size := numberSize(kind)
		if size == 0 || p.byte() != '#' {
			p.fail("it has a list of the type %q", kind)
			return nil
		}
		n := p.length()
		b := p.take(n * size)
		if p.err != nil {
			return nil
		}
		out := make([]float64, n)
		for i := range out {
			out[i] = ubjsonNumber(kind, b[i*size:])
		}
		return out
	}
	count := -1
	if len(p.rest) > 0 && p.rest[0] == '#' {
		p.byte()
		count = p.length()
	}
	out := []any{}
	for p.err == nil && len(out) != count {
		if count < 0 && len(p.rest) > 0 && p.rest[0] == ']' {
			p.byte()
			break
		}
		out = append(out, p.value(p.byte(), depth+1))
	}
	return out
}

var errNoValue = errors.New("a value is missing, or of another type")

// at follows keys through maps. Numbers may be in a list without a type.
func at[T any](v any, keys ...string) (T, error) {
	for _, key := range keys {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	if list, ok := v.([]any); ok {
		if _, want := any(*new(T)).([]float64); want {
			v = onlyNumbers(list)
		}
	}
	out, ok := v.(T)
	if !ok {
		return out, fmt.Errorf("%v: %w", keys, errNoValue)
	}
	return out, nil
}

// onlyNumbers are the numbers of a list; nil if it holds anything else.
func onlyNumbers(list []any) any {
	out := make([]float64, len(list))
	for i, item := range list {
		f, ok := item.(float64)
		if !ok {
			return nil
		}
		out[i] = f
	}
	return out
}
