package engine

import (
	"fmt"
	"math"
)

// SteadyMap marks a row Unstable where an error of Lost in a number, absolute or relative, moves the function Op of it (see Map) by more than Bound, absolute or relative, or
// makes it missing or infinite, as next to the pole of a tangent or to the 0 of a root.
type SteadyMap struct {
	Op    string   `json:"op"`
	In    Slot     `json:"in"`
	Lost  Number64 `json:"lost"`
	Bound Number64 `json:"bound"`
}

// Kind is "steady_map".
func (*SteadyMap) Kind() string { return "steady_map" }

func (t *SteadyMap) check(f *frame) error {
	if mapping(t.Op) == nil {
		return fmt.Errorf("op is %q, want one of those that Map documents", t.Op)
	}
	return f.read("in", Span{Start: t.In, N: 1})
}

func (t *SteadyMap) run(s *session, n int) {
	apply := mapping(t.Op)
	for r := range n {
		v := s.span(r, Span{Start: t.In, N: 1})[0]
		lost := float64(float64(t.Lost) * max(1, math.Abs(v)))
		if math.IsInf(lost, 1) || math.IsNaN(v) {
			continue
		}
		at := apply(v)
		for _, beside := range [...]float64{apply(v - lost), apply(v + lost)} {
			if beside != at && !t.agree(beside, at) {
				s.mark(r, Unstable, -1)
				break
			}
		}
	}
}

// agree compares what the function gives beside a number with what it gives at it.
func (t *SteadyMap) agree(beside, at float64) bool {
	if math.IsNaN(at) || math.IsNaN(beside) {
		return math.IsNaN(at) && math.IsNaN(beside)
	}
	return !math.IsInf(at, 0) && !math.IsInf(beside, 0) && !unsteady(math.Abs(beside-at), at, float64(t.Bound))
}
