package engine

import (
	"fmt"
	"math"
	"slices"
)

// SteadySide marks a row Unstable where rounding errors may carry a number over a jump of the function that comes next, such as the edge of a bin: where it is within
// Bound, absolute or relative, of one of Jumps (ascending), or of From + k·Every for a whole k (with Every 0 of none). A number that equals a jump is on its side for sure,
// unless Touching: then it is a sum, which may come out a little to either side.
type SteadySide struct {
	In       Slot      `json:"in"`
	Jumps    []float64 `tensor:"jumps"`
	From     Number64  `json:"from"`
	Every    Number64  `json:"every"`
	Bound    Number64  `json:"bound"`
	Touching bool      `json:"touching"`
}

// Kind is "steady_side".
func (*SteadySide) Kind() string { return "steady_side" }

func (t *SteadySide) check(f *frame) error {
	if !slices.IsSorted(t.Jumps) {
		return fmt.Errorf("jumps are not in ascending order")
	}
	return f.read("in", Span{Start: t.In, N: 1})
}

func (t *SteadySide) run(s *session, n int) {
	for r := range n {
		if v := s.span(r, Span{Start: t.In, N: 1})[0]; !math.IsInf(v, 0) && t.unsteady(v) {
			s.mark(r, Unstable, -1)
		}
	}
}

// unsteady tells whether rounding errors may carry a number over a jump.
func (t *SteadySide) unsteady(v float64) bool {
	lost := float64(float64(t.Bound) * max(1, math.Abs(v)))
	over := func(jump float64) bool { return math.Abs(v-jump) <= lost && (v != jump || t.Touching) }
	if every := float64(t.Every); every != 0 && over(float64(t.From)+float64(every*math.RoundToEven((v-float64(t.From))/every))) {
		return true
	}
	first, _ := slices.BinarySearch(t.Jumps, v-lost)
	for _, jump := range t.Jumps[first:] {
		if over(jump) {
			return true
		}
		if !(jump <= v+lost) {
			return false
		}
	}
	return false
}
