package engine

import (
	"slices"
	"testing"
)

// entries hashes, from the slots of sparseCases, a missing number, 0, 0.1, 1 and -1, with the text 50 between the last two.
func entries(width int32, float32s bool) *HashEntries {
	return &HashEntries{
		Out: Sparse{0, width}, Separator: "=", Float32: float32s, Alternate: float32s,
		Names: NewStrings([]string{"a", "b", "c", "d", "s", "f"}), Numbers: []int32{12, 13, 14, 15, -1, 16}, Texts: []int32{-1, -1, -1, -1, 0, -1},
	}
}

// hashed are columns with values under the hashes of names.
func hashed(width int32, values map[string]float64) []float64 {
	out := make([]float64, width)
	for name, v := range values {
		column, _ := HashColumn([]byte(name), width)
		out[column] = v
	}
	return out
}

// TestSortOfStandardLibrary holds orders that std::sort of libstdc++ gave: of what its quick sort takes too long for, which goes to the heap, and of few
// columns with many entries each.
func TestSortOfStandardLibrary(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		columns []int32
		want    []float64
	}{
		{
			[]int32{
				0, 20, 1, 21, 2, 22, 3, 23, 4, 24, 5, 25, 6, 26, 7, 27, 8, 28, 9, 29, 10, 30, 11, 31, 12, 32, 13, 33, 14, 34, 15, 35, 16, 36, 17, 37, 18,
				38, 19, 39, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
				35, 36, 37, 38, 39, 40,
			},
			[]float64{
				0, 40, 2, 41, 4, 42, 6, 43, 8, 44, 10, 45, 12, 46, 14, 16, 47, 48, 18, 20, 49, 50, 22, 51, 24, 52, 26, 28, 53, 30, 54, 55, 32, 56, 34, 57,
				36, 58, 38, 1, 59, 60, 3, 61, 5, 62, 7, 63, 9, 64, 11, 65, 13, 66, 15, 67, 17, 19, 68, 21, 69, 23, 70, 25, 71, 27, 72, 73, 29, 31, 74, 33,
				75, 76, 35, 77, 37, 39, 78, 79,
			},
		},
		{
			[]int32{3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0},
			[]float64{23, 3, 7, 19, 11, 15, 2, 22, 6, 18, 10, 14, 1, 21, 17, 13, 9, 5, 16, 12, 8, 20, 4, 0},
		},
		{[]int32{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1}, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}},
	} {
		var s sparseRow
		for i, column := range c.columns {
			s.append(column, float64(i))
		}
		if s.sort(); !slices.Equal(s.values, c.want) {
			t.Errorf("%v\ngot  %v\nwant %v", c.columns, s.values, c.want)
		}
	}
}
