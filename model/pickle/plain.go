package pickle

import (
	"bytes"
	"math"
	"math/big"
	"unicode/utf8"
)

// Plain turns a numpy scalar into the plain value that its item() method returns: bool, int64 or *big.Int, float64, complex128, string
// ('U'), Bytes ('S' and unstructured 'V'), or the object of an object scalar. A scalar that has no plain form here (long double,
// datetime64, timedelta64, structured) and any other value are returned as they are.
func Plain(v Value) Value {
	if s, ok := v.(*Scalar); ok {
		return s.plain()
	}
	return v
}

// plain is Plain of a scalar.
func (s *Scalar) plain() Value {
	if s.Data == nil {
		return s.Object
	}
	if v, ok := s.Type.item(s.Data); ok {
		return v
	}
	return s
}

// Values returns the items in C order as plain values, each as Plain returns it.
func (a *Array) Values() []Value {
	a = a.contiguous()
	out := make([]Value, a.Len())
	for i := range out {
		out[i] = a.value(i)
	}
	return out
}

// value returns the i-th stored item as a plain value.
func (a *Array) value(i int) Value {
	if a.Data == nil {
		return Plain(a.Objects[i])
	}
	size := a.Type.Size
	return (&Scalar{Type: a.Type, Data: a.Data[i*size : (i+1)*size : (i+1)*size]}).plain()
}

// item returns an item as a plain value; ok is false for a type that has none.
func (t *DType) item(b []byte) (v Value, ok bool) {
	switch t.Kind {
	case 'b':
		return b[0] != 0, true
	case 'i':
		return t.int(b), true
	case 'u':
		if n := bits(b, t.BigEndian); n > math.MaxInt64 {
			return new(big.Int).SetUint64(n), true
		}
		return t.int(b), true
	case 'f':
		if t.Size <= 8 {
			return t.float(b), true
		}
	case 'c':
		if t.Size <= 16 {
			return t.complex(b), true
		}
	case 'U':
		s, ok := t.unicode(b)
		return s, ok
	case 'S':
		return Bytes(bytes.TrimRight(b, "\x00")), true
	case 'V':
		if t.Fields == nil && t.Sub == nil {
			return Bytes(b), true
		}
	}
	return nil, false
}

// int reads an item of a bool, int or uint dtype; the caller knows that it fits.
func (t *DType) int(b []byte) int64 {
	switch t.Kind {
	case 'b':
		if b[0] != 0 {
			return 1
		}
		return 0
	case 'u':
		return int64(bits(b, t.BigEndian))
	}
	shift := 64 - 8*len(b)
	return int64(bits(b, t.BigEndian)<<shift) >> shift
}

// number reads an item of a bool, int, uint or float dtype of at most 8 bytes.
func (t *DType) number(b []byte) float64 {
	switch {
	case t.Kind == 'f':
		return t.float(b)
	case t.Kind == 'u' && t.Size == 8:
		return float64(bits(b, t.BigEndian))
	default:
		return float64(t.int(b))
	}
}

// float reads a float item of 2, 4 or 8 bytes.
func (t *DType) float(b []byte) float64 {
	n := bits(b, t.BigEndian)
	switch len(b) {
	case 2:
		return float16(uint16(n))
	case 4:
		return float64(math.Float32frombits(uint32(n)))
	default:
		return math.Float64frombits(n)
	}
}

// complex reads a complex item of 8 or 16 bytes.
func (t *DType) complex(b []byte) complex128 {
	h := len(b) / 2
	return complex(t.float(b[:h]), t.float(b[h:]))
}

// unicode reads a 'U' item: code points of 4 bytes, padded with zeros.
func (t *DType) unicode(b []byte) (string, bool) {
	for len(b) > 0 && bits(b[len(b)-4:], false) == 0 {
		b = b[:len(b)-4]
	}
	var out []byte
	for ; len(b) > 0; b = b[4:] {
		c := bits(b[:4], t.BigEndian)
		if c > utf8.MaxRune {
			return "", false
		}
		out = appendWTF8(out, rune(c))
	}
	return string(out), true
}
