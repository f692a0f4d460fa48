package engine

import (
	"errors"
	"fmt"
	"math"
	"sort"
)

// Bin writes how many edges of the value's column lie below it (numpy.searchsorted): edges that are equal to it count with Right. Column i has
// Counts[i] ascending edges, one column after the other in Edges. A NaN lies above all. In place allowed.
type Bin struct {
	In     Span      `json:"in"`
	Out    Span      `json:"out"`
	Right  bool      `json:"right"`
	Counts []int32   `tensor:"counts"`
	Edges  []float64 `tensor:"edges"`
}

// Kind is "bin".
func (*Bin) Kind() string { return "bin" }

func (t *Bin) check(f *frame) error {
	if err := items("counts", t.Counts, int(t.In.N)); err != nil {
		return err
	}
	total := 0
	for i, n := range t.Counts {
		if n < 0 {
			return fmt.Errorf("counts[%d] is %d, want 0 or more", i, n)
		}
		total += int(n)
	}
	if err := items("edges", t.Edges, total); err != nil {
		return err
	}
	return f.each(t.In, t.Out)
}

func (t *Bin) run(s *session, n int) {
	for r := range n {
		out, edges := s.span(r, t.Out), t.Edges
		for i, v := range s.span(r, t.In) {
			column := edges[:t.Counts[i]]
			edges = edges[t.Counts[i]:]
			out[i] = float64(sort.Search(len(column), func(k int) bool {
				return column[k] > v || !t.Right && column[k] == v
			}))
		}
	}
}

// Quantile writes where a value lies among the quantiles of its column: the mean of the linear interpolation from below and from above, 0 at the
// first quantile and 1 at the last. Column i has the ascending Quantiles[i*len(References):]. With Normal the result goes through the inverse of
// the normal distribution, clipped. Inverse goes the other way. NaN stays. In place allowed. (sklearn.preprocessing.QuantileTransformer._transform_col)
type Quantile struct {
	In         Span      `json:"in"`
	Out        Span      `json:"out"`
	Normal     bool      `json:"normal"`
	Inverse    bool      `json:"inverse"`
	References []float64 `tensor:"references"`
	Quantiles  []float64 `tensor:"quantiles"`
}

// boundsThreshold is the distance from the outermost quantiles within which a value counts as them, and which the normal output keeps from 0 and 1.
const boundsThreshold = 1e-7

// Kind is "quantile".
func (*Quantile) Kind() string { return "quantile" }

func (t *Quantile) check(f *frame) error {
	if len(t.References) == 0 {
		return errors.New("references is empty, want at least one")
	}
	if want := int64(len(t.References)) * int64(t.In.N); int64(len(t.Quantiles)) != want {
		return fmt.Errorf("quantiles has %d items, want %d", len(t.Quantiles), want)
	}
	return f.each(t.In, t.Out)
}

func (t *Quantile) run(s *session, n int) {
	for r := range n {
		out := s.span(r, t.Out)
		for i, v := range s.span(r, t.In) {
			quantiles := t.Quantiles[i*len(t.References):][:len(t.References)]
			if t.Inverse {
				out[i] = t.value(v, quantiles)
			} else {
				out[i] = t.place(v, quantiles)
			}
		}
	}
}

// place is the answer for one value among the quantiles of its column.
func (t *Quantile) place(v float64, quantiles []float64) float64 {
	if math.IsNaN(v) {
		return v
	}
	first, last := quantiles[0], quantiles[len(quantiles)-1]
	p := 0.5 * (interpolate(v, quantiles, t.References, 1) - interpolate(-v, quantiles, t.References, -1))
	if t.Normal {
		if v+boundsThreshold > last {
			p = 1
		}
		if v-boundsThreshold < first {
			p = 0
		}
		const edge = boundsThreshold - 2.220446049250313e-16
		return clip(NormalQuantile(p), NormalQuantile(edge), NormalQuantile(1-edge))
	}
	if v == last {
		p = 1
	}
	if v == first {
		p = 0
	}
	return p
}

// value is the inverse of place.
func (t *Quantile) value(v float64, quantiles []float64) float64 {
	if math.IsNaN(v) {
		return v
	}
	if t.Normal {
		v = float64(0.5 * math.Erfc(-v/math.Sqrt2))
		switch {
		case v-boundsThreshold < 0:
			return quantiles[0]
		case v+boundsThreshold > 1:
			return quantiles[len(quantiles)-1]
		}
	}
	return interpolate(v, t.References, quantiles, 1)
}

// interpolate is numpy.interp. With side -1 the points are (-x, -y) in descending order of x.
func interpolate(v float64, x, y []float64, side float64) float64 {
	last := len(x) - 1
	at := func(points []float64, i int) float64 {
		if side < 0 {
			return -points[last-i]
		}
		return points[i]
	}
	j := sort.Search(len(x), func(i int) bool { return at(x, i) > v }) - 1
	switch {
	case j < 0:
		return at(y, 0)
	case j == last:
		return at(y, last)
	case at(x, j) == v: // avoids what may not be finite
		return at(y, j)
	}
	slope := (at(y, j+1) - at(y, j)) / (at(x, j+1) - at(x, j))
	out := float64(slope*(v-at(x, j))) + at(y, j)
	if math.IsNaN(out) {
		out = float64(slope*(v-at(x, j+1))) + at(y, j+1)
		if math.IsNaN(out) && at(y, j) == at(y, j+1) {
			out = at(y, j)
		}
	}
	return out
}

// NormalQuantile is the inverse of the standard normal distribution function: Go's inverse error function, which loses digits in the
// tails, made exact by Halley steps on the complementary error function.
func NormalQuantile(p float64) float64 {
	switch {
	case p == 0:
		return math.Inf(-1)
	case p == 1:
		return math.Inf(1)
	case p == 0.5:
		return 0
	case p > 0.5:
		return -NormalQuantile(1 - p)
	}
	x := math.Sqrt2 * math.Erfinv(float64(2*p)-1)
	if math.IsInf(x, 0) { // p < 2^-54
		x = -math.Sqrt(-2 * logarithm(p))
	}
	for range 6 {
		e := (float64(0.5*math.Erfc(-x/math.Sqrt2)) - p) * math.Sqrt(2*math.Pi) * math.Exp(float64(x*x)/2)
		step := e / (1 + float64(x*e*0.5))
		x -= step
		if math.Abs(step) < 1e-12*math.Abs(x) {
			break
		}
	}
	return x
}
