package engine

import (
	"math"
	"slices"
	"testing"
)

// TestPartition compares with numpy.argpartition of numpy 2.4.6 under NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4 AVX512_ICL AVX512_SPR".
func TestPartition(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name   string
		values []float64
		kth    int
		want   []float64
	}{
		{"ties, few", []float64{3, 1, 1, 1, 3, 1}, 1, []float64{1, 2, 0, 3, 4, 5}},
		{"ties", []float64{2, 1, 1, 2, 1, 2, 1, 1, 2, 1, 2, 2}, 5, []float64{1, 7, 6, 9, 4, 2, 5, 10, 0, 8, 3, 11}},
		{"NaN last", []float64{nan, 1, nan, 0, 1, 0, 1, nan, 0}, 5, []float64{5, 8, 6, 3, 4, 1, 2, 7, 0}},
		{"last", []float64{1, 2, 2, 1, 2, 1}, 5, []float64{0, 1, 2, 3, 5, 4}},
		{"median of medians", []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}, 38, []float64{81, 0, 1, 80, 2, 79, 78, 3, 7, 4, 6, 77, 76, 75, 74, 73, 5, 8, 10, 66, 67, 68, 69, 70, 9, 71, 72, 15, 14, 13, 12, 11, 16, 17, 64, 65, 18, 63, 19, 62, 61, 20, 60, 22, 59, 21, 58, 23, 57, 24, 56, 26, 25, 55, 27, 54, 53, 52, 51, 31, 30, 29, 28, 50, 32, 49, 48, 47, 46, 45, 44, 42, 39, 38, 37, 36, 35, 34, 33, 43, 41, 40}},
	} {
		s := selection{values: c.values}
		for i := range c.values {
			s.order = append(s.order, float64(i))
		}
		if s.partition(c.kth); !slices.Equal(s.order, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, s.order, c.want)
		}
	}
}
