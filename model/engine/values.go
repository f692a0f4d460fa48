package engine

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
	"unsafe"
)

// NotInteger is what an Integer slot holds for a cell that is not an int64: a missing one, a fraction, a number out of range.
const NotInteger = math.MinInt64

// Number64 is a float64 parameter. In JSON it is a number, or one of the strings "NaN", "Infinity", "-Infinity". A NaN's payload
// is not kept.
type Number64 float64

// MarshalJSON writes the shortest form that reads back as the same float64.
func (n Number64) MarshalJSON() ([]byte, error) {
	switch v := float64(n); {
	case math.IsNaN(v):
		return []byte(`"NaN"`), nil
	case math.IsInf(v, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(v, -1):
		return []byte(`"-Infinity"`), nil
	default:
		return strconv.AppendFloat(nil, v, 'g', -1, 64), nil
	}
}

// UnmarshalJSON reads what MarshalJSON writes.
func (n *Number64) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"NaN"`:
		*n = Number64(math.NaN())
	case `"Infinity"`:
		*n = Number64(math.Inf(1))
	case `"-Infinity"`:
		*n = Number64(math.Inf(-1))
	default:
		v, err := strconv.ParseFloat(string(b), 64)
		if err != nil || b[0] != '-' && (b[0] < '0' || b[0] > '9') || math.IsInf(v, 0) {
			return fmt.Errorf(`got %.40s, want a number, "NaN", "Infinity" or "-Infinity"`, b)
		}
		*n = Number64(v)
	}
	return nil
}

// RawText is a text parameter that keeps every byte. In JSON it is a string where it is valid UTF-8, else an object: {"hex":"ff"}.
type RawText string

// rawHex is the JSON form of a RawText that is not valid UTF-8.
type rawHex struct {
	Hex string `json:"hex"`
}

// MarshalJSON writes the string form where it is exact.
func (t RawText) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return json.Marshal(string(t))
	}
	return json.Marshal(rawHex{hex.EncodeToString([]byte(t))})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *RawText) UnmarshalJSON(b []byte) error {
	if s, err := text(b); err == nil {
		*t = RawText(s)
		return nil
	}
	m, err := members(b)
	digits, keyErr := text(m["hex"])
	if err != nil || keyErr != nil || len(m) != 1 {
		return fmt.Errorf(`got %.40s, want a string or {"hex":"…"}`, b)
	}
	raw, err := hex.DecodeString(digits)
	if err != nil || utf8.Valid(raw) {
		return fmt.Errorf("got hex %.40q, want the hexadecimal of a text that is not valid UTF-8", digits)
	}
	*t = RawText(raw)
	return nil
}

// Strings is a read-only table of strings: their bytes one after the other, and where each starts. It is stored as two
// tensors, name.bytes and name.offsets. The zero value is the empty table.
type Strings struct {
	bytes   []byte
	offsets []int64 // Len()+1 items; nil for the empty table
}

// NewStrings makes a table of a copy of the strings, in order.
func NewStrings(list []string) Strings {
	if len(list) == 0 {
		return Strings{}
	}
	t := Strings{offsets: make([]int64, 1, len(list)+1)}
	for _, s := range list {
		t.bytes = append(t.bytes, s...)
		t.offsets = append(t.offsets, int64(len(t.bytes)))
	}
	return t
}

// Len is the number of strings.
func (t Strings) Len() int { return max(len(t.offsets)-1, 0) }

// At returns string i. It is a view: no copy, and valid no longer than the plan it belongs to.
func (t Strings) At(i int) string {
	b := t.bytes[t.offsets[i]:t.offsets[i+1]]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// find is where a string is in a table in ascending order.
func (t *Strings) find(s string) (at int, found bool) {
	low, high := 0, t.Len()
	for low < high {
		middle := int(uint(low+high) / 2)
		switch key := t.At(middle); {
		case key == s:
			return middle, true
		case key < s:
			low = middle + 1
		default:
			high = middle
		}
	}
	return low, false
}

// check reports whether the offsets start at 0, ascend and end with the bytes.
func (t Strings) check() error {
	if len(t.offsets) == 0 {
		if len(t.bytes) != 0 {
			return fmt.Errorf("string table has %d bytes but no offsets", len(t.bytes))
		}
		return nil
	}
	last := int64(0)
	for i, o := range t.offsets {
		if o < last || o > int64(len(t.bytes)) || i == 0 && o != 0 {
			return fmt.Errorf("string table offset %d is %d, want an ascending offset from 0 to %d", i, o, len(t.bytes))
		}
		last = o
	}
	if last != int64(len(t.bytes)) {
		return fmt.Errorf("string table ends at %d of %d bytes", last, len(t.bytes))
	}
	return nil
}

// IntegerBits is how an Integer slot carries an int64.
func IntegerBits(v int64) float64 { return math.Float64frombits(uint64(v)) }
