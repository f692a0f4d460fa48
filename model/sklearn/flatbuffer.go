package sklearn

import (
	"encoding/binary"
	"fmt"
	"math"
)

// flatbuffer reads a buffer of Google's FlatBuffers without a schema's code (https://flatbuffers.dev/internals). Whatever lies outside the buffer reads as
// absent, and is told once, in err. Nothing is copied but what is asked for.
type flatbuffer struct {
	data []byte
	err  error
}

// flatTable is a table: pos is where it starts, vtable where its offsets do, of which there are fields.
type flatTable struct {
	buf                 *flatbuffer
	pos, vtable, fields int
}

// slice returns n items of size bytes at a position.
func (b *flatbuffer) slice(pos, n, size int) []byte {
	if pos < 0 || n < 0 || pos > len(b.data) || n > (len(b.data)-pos)/size {
		if b.err == nil {
			b.err = fmt.Errorf("%d items of %d bytes at %d are outside its %d bytes", n, size, pos, len(b.data))
		}
		return nil
	}
	return b.data[pos : pos+n*size]
}

func (b *flatbuffer) uint16(pos int) int {
	if s := b.slice(pos, 1, 2); s != nil {
		return int(binary.LittleEndian.Uint16(s))
	}
	return 0
}

func (b *flatbuffer) uint32(pos int) int {
	if s := b.slice(pos, 1, 4); s != nil {
		return int(binary.LittleEndian.Uint32(s))
	}
	return 0
}

// table reads the head of the table at a position.
func (b *flatbuffer) table(pos int) flatTable {
	t := flatTable{buf: b, pos: pos}
	t.vtable = pos - int(int32(b.uint32(pos)))
	t.fields = (b.uint16(t.vtable) - 4) / 2
	return t
}

// root is the buffer's own table.
func (b *flatbuffer) root() flatTable { return b.table(b.uint32(0)) }

// field is where a field is stored, 0 if it is not.
func (t flatTable) field(i int) int {
	if i >= t.fields {
		return 0
	}
	if offset := t.buf.uint16(t.vtable + 4 + 2*i); offset != 0 {
		return t.pos + offset
	}
	return 0
}

// target is where what a field points to is stored, 0 if there is none.
func (t flatTable) target(i int) int {
	if at := t.field(i); at != 0 {
		return at + t.buf.uint32(at)
	}
	return 0
}

// vector returns the bytes of a vector whose items have a size.
func (t flatTable) vector(i, size int) []byte {
	at := t.target(i)
	if at == 0 {
		return nil
	}
	return t.buf.slice(at+4, t.buf.uint32(at), size)
}

func (t flatTable) table(i int) flatTable {
	if at := t.target(i); at != 0 {
		return t.buf.table(at)
	}
	return flatTable{buf: t.buf}
}

// tables returns the tables of a vector.
func (t flatTable) tables(i int) []flatTable {
	at, n := t.target(i)+4, len(t.vector(i, 4))/4
	out := make([]flatTable, n)
	for k := range out {
		out[k] = t.buf.table(at + 4*k + t.buf.uint32(at+4*k))
	}
	return out
}

func (t flatTable) int32(i, absent int) int {
	if at := t.field(i); at != 0 {
		return int(int32(t.buf.uint32(at)))
	}
	return absent
}

func (t flatTable) byte(i int) byte {
	if at := t.field(i); at != 0 {
		if s := t.buf.slice(at, 1, 1); s != nil {
			return s[0]
		}
	}
	return 0
}

func (t flatTable) float64(i int, absent float64) float64 {
	if at := t.field(i); at != 0 {
		if s := t.buf.slice(at, 1, 8); s != nil {
			return math.Float64frombits(binary.LittleEndian.Uint64(s))
		}
	}
	return absent
}

// uint32s decodes a vector of 32-bit integers.
func (t flatTable) uint32s(i int) []uint32 {
	data := t.vector(i, 4)
	out := make([]uint32, len(data)/4)
	for k := range out {
		out[k] = binary.LittleEndian.Uint32(data[4*k:])
	}
	return out
}

// float64s decodes a vector of float64.
func (t flatTable) float64s(i int) []float64 {
	data := t.vector(i, 8)
	out := make([]float64, len(data)/8)
	for k := range out {
		out[k] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*k:]))
	}
	return out
}
