package engine

import (
	"fmt"
	"math"
)

// Steady marks a row Unstable where rounding errors may move a number of Out by more than Bound, absolute or relative: where Errors[k]·|In| + Offsets[k], the error
// to be expected in Out[k], is larger than Bound·max(1, |Out[k]|).
type Steady struct {
	In      Span      `json:"in"`
	Out     Span      `json:"out"`
	Bound   Number64  `json:"bound"`
	Errors  []float64 `tensor:"errors"`  // Out.N × In.N: the error of Out[k] for each unit of In[i]
	Offsets []float64 `tensor:"offsets"` // Out.N, or none
}

// Kind is "steady".
func (*Steady) Kind() string { return "steady" }

func (t *Steady) check(f *frame) error {
	if want := int64(t.In.N) * int64(t.Out.N); int64(len(t.Errors)) != want {
		return fmt.Errorf("errors has %d items, want %d", len(t.Errors), want)
	}
	if len(t.Offsets) != 0 && len(t.Offsets) != int(t.Out.N) {
		return fmt.Errorf("offsets has %d items, want %d or none", len(t.Offsets), t.Out.N)
	}
	if err := f.read("in", t.In); err != nil {
		return err
	}
	return f.read("out", t.Out)
}

func (t *Steady) run(s *session, n int) {
	for r := range n {
		in := s.span(r, t.In)
		for k, v := range s.span(r, t.Out) {
			lost := 0.0
			if len(t.Offsets) > 0 {
				lost = t.Offsets[k]
			}
			for i, e := range t.Errors[k*len(in) : (k+1)*len(in)] {
				lost += float64(e * math.Abs(in[i]))
			}
			if unsteady(lost, v, float64(t.Bound)) {
				s.mark(r, Unstable, -1)
				break
			}
		}
	}
}

// unsteady tells whether an error is beyond a bound, absolute or relative to the value that may have it.
func unsteady(lost, value, bound float64) bool { return lost > bound*max(1, math.Abs(value)) }
