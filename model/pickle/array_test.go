package pickle

import (
	"encoding/binary"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ints16 is an array of big-endian or little-endian int16.
func ints16(order binary.AppendByteOrder, kind byte, shape []int, fortran bool, items ...uint16) *Array {
	a := &Array{Type: &DType{Kind: kind, Size: 2, BigEndian: order == binary.BigEndian}, Shape: shape, Fortran: fortran}
	for _, n := range items {
		a.Data = order.AppendUint16(a.Data, n)
	}
	return a
}

func objects(items ...Value) *Array {
	return &Array{Type: &DType{Kind: 'O', Size: 8}, Shape: []int{len(items)}, Objects: items}
}

func TestFloat64s(t *testing.T) {
	t.Parallel()
	wide := new(big.Int).Lsh(big.NewInt(1), 64)
	tests := []struct {
		name    string
		input   *Array
		want    []float64
		wantErr string
	}{
		{"fortran order", ints16(binary.LittleEndian, 'i', []int{2, 3}, true, 1, 2, 3, 4, 5, 6), []float64{1, 3, 5, 2, 4, 6}, ""},
		{"big endian", ints16(binary.BigEndian, 'i', []int{2}, false, 0xffff, 2), []float64{-1, 2}, ""},
		{"unsigned", ints16(binary.LittleEndian, 'u', []int{1}, false, 0xffff), []float64{65535}, ""},
		{"half", ints16(binary.LittleEndian, 'f', []int{6}, false, 0x3555, 0x0001, 0x8000, 0x7c00, 0xfbff, 0xc000),
			[]float64{0.333251953125, 5.960464477539063e-08, math.Copysign(0, -1), math.Inf(1), -65504, -2}, ""},
		{"bool", &Array{Type: &DType{Kind: 'b', Size: 1}, Shape: []int{2}, Data: []byte{0, 1}}, []float64{0, 1}, ""},
		{"largest uint64", &Array{Type: &DType{Kind: 'u', Size: 8}, Data: []byte("\xff\xff\xff\xff\xff\xff\xff\xff")}, []float64{1 << 64}, ""},
		{"objects", objects(true, int64(3), 2.5, wide, &Scalar{Type: &DType{Kind: 'i', Size: 1}, Data: []byte{0xfe}}), []float64{1, 3, 2.5, 1 << 64, -2}, ""},
		{"empty", objects(), []float64{}, ""},
		{"None", objects(1.5, nil), nil, "item 1 of an array of dtype |O8 is not a float64: got None"},
		{"str", &Array{Type: &DType{Kind: 'U', Size: 4}, Shape: []int{1}, Data: []byte("a\x00\x00\x00")}, nil, "of dtype <U1 is not a float64: got a str"},
		{"long double", &Array{Type: &DType{Kind: 'f', Size: 16}, Data: make([]byte, 16)}, nil, "got a numpy scalar of dtype <f16"},
		{"too wide", objects(new(big.Int).Lsh(wide, 2000)), nil, "is not a float64: got a wide int"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.input.Float64s()
			checkError(t, err, tt.wantErr)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("got %v, want no error", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got %v, want an error with %q", err, want)
	}
}

func TestInt64s(t *testing.T) {
	t.Parallel()
	got, err := ints16(binary.BigEndian, 'i', []int{2}, false, 0x8000, 7).Int64s()
	checkError(t, err, "")
	if diff := cmp.Diff([]int64{-32768, 7}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got, err = objects(true, int64(4)).Int64s()
	checkError(t, err, "")
	if diff := cmp.Diff([]int64{1, 4}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	_, err = ints16(binary.LittleEndian, 'f', []int{1}, false, 0x3c00).Int64s()
	checkError(t, err, "is not an int64: got a float")
	_, err = (&Array{Type: &DType{Kind: 'u', Size: 8}, Data: []byte("\xff\xff\xff\xff\xff\xff\xff\xff")}).Int64s()
	checkError(t, err, "is not an int64: got a wide int")
}

func TestStrings(t *testing.T) {
	t.Parallel()
	u := &Array{Type: &DType{Kind: 'U', Size: 8, BigEndian: true}, Shape: []int{3}, Data: []byte("\x00\x00\x00a\x00\x00\x00\x00\x00\x01\xf6\x00\x00\x00\xd8\x00\x00\x00\x00\x00\x00\x00\x00\x00")}
	texts, err := u.Strings()
	checkError(t, err, "")
	if diff := cmp.Diff([]string{"a", "\U0001f600\xed\xa0\x80", ""}, texts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	_, err = objects("a", nil).Strings()
	checkError(t, err, "item 1 of an array of dtype |O8 is not a str: got None")
	bad := &Array{Type: &DType{Kind: 'U', Size: 4}, Shape: []int{1}, Data: []byte("\xff\xff\xff\xff")}
	_, err = bad.Strings()
	checkError(t, err, "is not a str")
}

func TestField(t *testing.T) {
	t.Parallel()
	half := &DType{Kind: 'i', Size: 2}
	pair := &DType{Kind: 'V', Size: 4, Sub: half, SubShape: []int{2}}
	row := &DType{Kind: 'V', Size: 6, Fields: []Field{{"a", half, 0}, {"b", pair, 2}}}
	a := &Array{Type: row, Shape: []int{2}, Data: []byte{1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0}}
	b, err := a.Field("b")
	checkError(t, err, "")
	if diff := cmp.Diff([]int{2, 2}, b.Shape); diff != "" {
		t.Errorf("shape (-want +got)\n%s", diff)
	}
	got, err := b.Int64s()
	checkError(t, err, "")
	if diff := cmp.Diff([]int64{2, 3, 5, 6}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	held := &DType{Kind: 'V', Size: 10, Fields: []Field{{"a", half, 0}, {"o", &DType{Kind: 'O', Size: 8}, 2}}}
	rows := &Array{Type: held, Shape: []int{2}, Objects: []Value{&Tuple{Items: []Value{int64(1), "x"}}, &Tuple{Items: []Value{int64(2), "y"}}}}
	o, err := rows.Field("o")
	checkError(t, err, "")
	texts, err := o.Strings()
	checkError(t, err, "")
	if diff := cmp.Diff([]string{"x", "y"}, texts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	_, err = a.Field("c")
	checkError(t, err, `no field "c" in an array of dtype V{a,b}`)
}

func TestPlain(t *testing.T) {
	t.Parallel()
	time := &Scalar{Type: &DType{Kind: 'M', Size: 8}, Data: make([]byte, 8)}
	tests := []struct {
		name        string
		input, want Value
	}{
		{"plain already", "a", "a"},
		{"float32", &Scalar{Type: &DType{Kind: 'f', Size: 4}, Data: []byte{0, 0, 0x80, 0x3f}}, 1.0},
		{"complex64", &Scalar{Type: &DType{Kind: 'c', Size: 8}, Data: []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0x40}}, complex(1, 2)},
		{"bytes", &Scalar{Type: &DType{Kind: 'S', Size: 3}, Data: []byte("a\x00\x00")}, Bytes("a")},
		{"object", &Scalar{Type: &DType{Kind: 'O', Size: 8}, Object: int64(1)}, int64(1)},
		{"time stays", time, time},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, Plain(tt.input)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}
