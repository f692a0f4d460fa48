package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Len returns the number of items: the product of Shape, 1 for a 0-d array.
func (a *Array) Len() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// contiguous returns the array in C (row-major) order: a itself, or a copy of an array in Fortran order.
func (a *Array) contiguous() *Array {
	if !a.Fortran {
		return a
	}
	return &Array{
		Type:  a.Type,
		Shape: a.Shape,
		Data:  gather(a.Data, a.Type.Size, a.Shape, strides(a.Shape, true)),
	}
}

// Field returns a column of a structured array as a contiguous copy, in C order. The shape of a
// sub-array member is appended to the array's. A column of an array that holds Python objects
// (numpy's dtype.hasobject) is an object array.
func (a *Array) Field(name string) (*Array, error) {
	for i, f := range a.Type.Fields {
		if f.Name == name {
			return a.column(i, f)
		}
	}
	return nil, fmt.Errorf("no field %q in an array of dtype %s", name, a.Type)
}

func (a *Array) column(i int, f Field) (*Array, error) {
	if a.Data == nil {
		return a.objectColumn(i, f)
	}
	size, n := a.Type.Size, a.Len()
	out := &Array{Type: f.Type, Shape: a.Shape, Data: make([]byte, 0, n*f.Type.Size)}
	data := a.contiguous().Data
	for k := range n {
		at := k*size + f.Offset
		out.Data = append(out.Data, data[at:at+f.Type.Size]...)
	}
	for out.Type.Sub != nil {
		out.Shape = append(out.Shape[:len(out.Shape):len(out.Shape)], out.Type.SubShape...)
		out.Type = out.Type.Sub
	}
	return out, nil
}

func (a *Array) objectColumn(i int, f Field) (*Array, error) {
	out := &Array{Type: &DType{Kind: 'O', Size: 8}, Shape: a.Shape, Objects: make([]Value, len(a.Objects))}
	for k, item := range a.Objects {
		row, ok := item.(*Tuple)
		if !ok || len(row.Items) != len(a.Type.Fields) {
			return nil, fmt.Errorf("item %d of a structured array is not a tuple of its fields: %s", k, describe(item))
		}
		out.Objects[k] = row.Items[i]
	}
	return out, nil
}

// strides returns the distance between neighbours along each axis, in items.
func strides(shape []int, fortran bool) []int {
	out := make([]int, len(shape))
	step := 1
	for k := range shape {
		i := len(shape) - 1 - k
		if fortran {
			i = k
		}
		out[i] = step
		step *= shape[i]
	}
	return out
}

// gather copies strided items into C order.
func gather(data []byte, size int, shape, step []int) []byte {
	out := make([]byte, 0, len(data))
	at, index := 0, make([]int, len(shape))
	for len(out) < len(data) {
		out = append(out, data[at*size:(at+1)*size]...)
		for i := len(shape) - 1; i >= 0; i-- {
			index[i]++
			at += step[i]
			if index[i] < shape[i] {
				break
			}
			at -= step[i] * shape[i]
			index[i] = 0
		}
	}
	return out
}

// bits returns an unsigned number of 1, 2, 4 or 8 bytes.
func bits(b []byte, bigEndian bool) uint64 {
	var order binary.ByteOrder = binary.LittleEndian
	if bigEndian {
		order = binary.BigEndian
	}
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(order.Uint16(b))
	case 4:
		return uint64(order.Uint32(b))
	default:
		return order.Uint64(b)
	}
}

// float16 widens an IEEE 754 half, exactly.
func float16(h uint16) float64 {
	exp, frac := int(h>>10&0x1f), float64(h&0x3ff)
	var f float64
	switch exp {
	case 0:
		f = math.Ldexp(frac, -24)
	case 31:
		if h&0x3ff != 0 {
			// The payload moves to the top of the wider fraction, as numpy's npy_halfbits_to_doublebits does.
			return math.Float64frombits(uint64(h>>15)<<63 | 0x7ff<<52 | uint64(h&0x3ff)<<42)
		}
		f = math.Inf(1)
	default:
		f = math.Ldexp(1024+frac, exp-25)
	}
	if h>>15 != 0 {
		return -f
	}
	return f
}
