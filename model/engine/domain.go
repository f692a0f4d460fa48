package engine

import (
	"fmt"
	"math"
	"sort"
)

// Kind is "domain".
func (*Domain) Kind() string { return "domain" }

func (t *Domain) check(f *frame) error {
	if err := perColumn("min", t.Min, t.In.N); err != nil {
		return err
	}
	if err := perColumn("max", t.Max, t.In.N); err != nil {
		return err
	}
	if err := items("features", t.Features, int(t.In.N)); err != nil {
		return err
	}
	return f.read("in", t.In)
}

func (t *Domain) run(s *session, n int) {
	for r := range n {
		for i, v := range s.span(r, t.In) {
			low, high := t.Min[min(i, len(t.Min)-1)], t.Max[min(i, len(t.Max)-1)]
			if v < low || t.Open && v == low || v > high {
				s.mark(r, OutOfDomain, t.Features[i])
				break
			}
		}
	}
}

// Kind is "interpolate".
func (*Interpolate) Kind() string { return "interpolate" }

func (t *Interpolate) check(f *frame) error {
	if len(t.X) < 2 {
		return fmt.Errorf("x has %d items, want at least 2", len(t.X))
	}
	if err := items("y", t.Y, len(t.X)); err != nil {
		return err
	}
	for i := range len(t.X) - 1 {
		if !(t.X[i] < t.X[i+1]) {
			return fmt.Errorf("x[%d] is %v, want more than %v", i+1, t.X[i+1], t.X[i])
		}
	}
	return f.through(one(t.In), one(t.Out))
}

func (t *Interpolate) run(s *session, n int) {
	last := len(t.X) - 1
	for r := range n {
		row := s.row(r)
		v := row[t.In]
		switch {
		case math.IsNaN(v), t.Outside && (v < t.X[0] || v > t.X[last]):
			v = math.NaN()
		case t.Float32:
			v = t.between32(float32(v))
		default:
			v = t.between(v)
		}
		row[t.Out] = v
	}
}

// between follows arr_interp of numpy/_core/src/multiarray/compiled_base.c.
func (t *Interpolate) between(v float64) float64 {
	last := len(t.X) - 1
	i := sort.Search(len(t.X), func(i int) bool { return t.X[i] > v }) - 1 // the last point not above v
	switch {
	case i < 0:
		return t.Y[0]
	case i >= last || t.X[i] == v:
		return t.Y[i]
	}
	slope := (t.Y[i+1] - t.Y[i]) / (t.X[i+1] - t.X[i])
	y := float64(slope*(v-t.X[i])) + t.Y[i]
	if math.IsNaN(y) {
		y = float64(slope*(v-t.X[i+1])) + t.Y[i+1]
		if math.IsNaN(y) && t.Y[i] == t.Y[i+1] {
			y = t.Y[i]
		}
	}
	return y
}

// between32 follows interp1d._call_linear of scipy/interpolate/_interpolate.py. X and Y hold float32 values.
func (t *Interpolate) between32(v float32) float64 {
	last := len(t.X) - 1
	switch {
	case float64(v) < t.X[0]:
		return t.Y[0]
	case float64(v) > t.X[last]:
		return t.Y[last]
	}
	hi := sort.SearchFloat64s(t.X, float64(v))
	hi = min(max(hi, 1), last)
	x, y := float32(t.X[hi-1]), float32(t.Y[hi-1])
	slope := (float32(t.Y[hi]) - y) / (float32(t.X[hi]) - x)
	return float64(float32(slope*(v-x)) + y)
}
