package engine

import (
	"fmt"
	"math"
)

// maxSplineDegree bounds the scratch that a B-spline needs.
const maxSplineDegree = 32

// Spline writes the B-splines of each column, evaluated at the value, on the column's ascending knots t = Knots[i*K:(i+1)*K], K = len(Knots)/In.N.
// Outside says what happens beyond the base interval [t[Margins[i]], t[K-Margins[i]-1]], where the margin is usually the degree: "continue" (the outermost polynomials go on),
// "periodic" (the value is mapped back, and the last Degree splines are the first ones), "constant", or "linear" (from the edge); a NaN gives zeros.
// A spline that is not finite makes all others of its column NaN, unless they are Sparse. With DropLast the last spline of each column is left out. (scipy.interpolate.BSpline, sklearn.preprocessing.SplineTransformer)
type Spline struct {
	In       Span      `json:"in"`
	Out      Span      `json:"out"`
	Degree   int32     `json:"degree"`
	Outside  string    `json:"outside"`
	DropLast bool      `json:"drop_last"`
	Sparse   bool      `json:"sparse"`
	Margins  []int32   `tensor:"margins"`
	Knots    []float64 `tensor:"knots"`
}

// Kind is "spline".
func (*Spline) Kind() string { return "spline" }

func (t *Spline) check(f *frame) error {
	switch t.Outside {
	case "continue", "periodic", "constant", "linear":
	default:
		return fmt.Errorf(`outside is %q, want "continue", "periodic", "constant" or "linear"`, t.Outside)
	}
	if t.Degree < 0 || t.Degree > maxSplineDegree {
		return fmt.Errorf("degree is %d, want 0 to %d", t.Degree, maxSplineDegree)
	}
	if err := atLeastOne(t.In); err != nil {
		return err
	}
	knots := t.knots()
	if len(t.Knots) != knots*int(t.In.N) || knots < 2*int(t.Degree)+2 {
		return fmt.Errorf("knots has %d items, want a multiple of %d of at least %d each", len(t.Knots), t.In.N, 2*t.Degree+2)
	}
	if t.bases() < max(1, int(t.Degree)) {
		return fmt.Errorf("%d knots a column are too few for degree %d", knots, t.Degree)
	}
	if err := items("margins", t.Margins, int(t.In.N)); err != nil {
		return err
	}
	for i, m := range t.Margins {
		if m < t.Degree || 2*int(m)+1 > knots {
			return fmt.Errorf("margins[%d] is %d, want at least the degree %d and at most half of %d knots", i, m, t.Degree, knots)
		}
	}
	if want := t.width() * int(t.In.N); want != int(t.Out.N) {
		return fmt.Errorf("out has %d slots, want %d", t.Out.N, want)
	}
	return f.apart(t.In, t.Out)
}

func (t *Spline) knots() int { return len(t.Knots) / max(int(t.In.N), 1) }

// bases is the number of splines of a column.
func (t *Spline) bases() int {
	n := t.knots() - int(t.Degree) - 1
	if t.Outside == "periodic" {
		n -= int(t.Degree)
	}
	return n
}

// width is the number of splines of a column that are written.
func (t *Spline) width() int {
	if t.DropLast {
		return t.bases() - 1
	}
	return t.bases()
}

func (t *Spline) run(s *session, n int) {
	knots, width := t.knots(), t.width()
	for r := range n {
		out := s.span(r, t.Out)
		clear(out)
		for i, v := range s.span(r, t.In) {
			c := splineColumn{t.Knots[i*knots:][:knots], int(t.Degree), int(t.Margins[i]), t.bases(), out[i*width:][:width], t.Sparse}
			if !math.IsNaN(v) {
				t.write(&c, v)
			}
		}
	}
}

// write writes the splines of one column at v.
func (t *Spline) write(c *splineColumn, v float64) {
	low, high := c.knots[c.margin], c.knots[len(c.knots)-c.margin-1]
	switch {
	case t.Outside == "periodic":
		if high-low > 0 {
			v = low + floorMod(v-low, high-low)
		} else {
			v = 0
		}
		c.evaluate(v)
	case t.Outside == "continue" || low <= v && v <= high:
		c.evaluate(v)
	case t.Outside == "constant":
		c.constant(v < low, min(max(v, low), high))
	default:
		c.linear(v, low, high)
	}
}

// floorMod is numpy's remainder: it has the sign of the divisor.
func floorMod(a, b float64) float64 {
	mod := math.Mod(a, b)
	switch {
	case mod == 0:
		return math.Copysign(0, b)
	case (b < 0) != (mod < 0):
		return mod + b
	}
	return mod
}

// splineColumn is one column: its knots, and where its splines go.
type splineColumn struct {
	knots  []float64
	degree int
	margin int
	bases  int
	out    []float64
	sparse bool
}

// put adds to the spline of basis b; periodic ones come round.
func (c *splineColumn) put(b int, v float64) {
	if b >= c.bases {
		b -= c.bases
	}
	if b < len(c.out) {
		c.out[b] += v
	}
}

// evaluate writes the degree+1 splines that are not zero at v, as a product with the identity: where one is not finite all others are NaN; a sparse matrix has no others.
func (c *splineColumn) evaluate(v float64) {
	var work [2 * (maxSplineDegree + 1)]float64
	first := c.interval(v) - c.degree
	finite := true
	for a, w := range c.deBoor(work[:], v, first+c.degree, 0) {
		c.put(first+a, w)
		finite = finite && w-w == 0
	}
	if finite || c.sparse {
		return
	}
	clear(c.out)
	for b := range c.bases {
		sum := 0.0
		for a, w := range work[:c.degree+1] {
			row := first + a
			if row >= c.bases {
				row -= c.bases
			}
			sum += float64(truth(row == b) * w)
		}
		c.put(b, sum)
	}
}

// constant writes the first degree splines at the lower end, or the last ones at the upper end; at degree 0 above it all of them.
func (c *splineColumn) constant(below bool, end float64) {
	var work [2 * (maxSplineDegree + 1)]float64
	first := c.interval(end) - c.degree
	for a, w := range c.deBoor(work[:], end, first+c.degree, 0) {
		if b := first + a; below && b < c.degree || !below && (b >= c.bases-c.degree || c.degree == 0) {
			c.put(b, w)
		}
	}
}

// linear continues the outermost splines with their slope at the end of the interval.
func (c *splineColumn) linear(v, low, high float64) {
	var values, slopes [2 * (maxSplineDegree + 1)]float64
	end := high
	if v < low {
		end = low
	}
	interval := c.interval(end)
	f, slope := c.deBoor(values[:], end, interval, 0), c.deBoor(slopes[:], end, interval, 1)
	at := func(of []float64, b int) float64 {
		if a := b - interval + c.degree; a >= 0 && a < len(of) {
			return of[a]
		}
		return 0
	}
	for j := range max(c.margin, min(c.margin+1, 2)) { // margin+1 for margins 0 and 1
		b := j
		if v > high {
			b = c.bases - 1 - j
		}
		if b >= 0 && b < len(c.out) {
			c.out[b] = at(f, b) + float64((v-end)*at(slope, b))
		}
	}
}

// interval finds l with t[l] <= v < t[l+1] within the base interval; values beyond it belong to the outermost ones (scipy's find_interval).
func (c *splineColumn) interval(v float64) int {
	l, last := c.degree, len(c.knots)-c.degree-1
	for l+1 != last && v >= c.knots[l+1] {
		l++
	}
	return l
}

// deBoor computes the degree+1 B-splines, or their first derivatives, that are not zero in knot interval l (scipy's _deBoor_D).
func (c *splineColumn) deBoor(work []float64, v float64, l, derivative int) []float64 {
	k, t := c.degree, c.knots
	h, hh := work[:k+1], work[k+1:2*k+2]
	h[0] = 1
	for j := 1; j <= k; j++ {
		copy(hh, h[:j])
		h[0] = 0
		for n := 1; n <= j; n++ {
			above, below := t[l+n], t[l+n-j]
			switch {
			case above == below:
				h[n] = 0
			case j > k-derivative:
				w := float64(j) * hh[n-1] / (above - below)
				h[n-1] -= w
				h[n] = w
			default:
				w := hh[n-1] / (above - below)
				h[n-1] += float64(w * (above - v))
				h[n] = w * (v - below)
			}
		}
	}
	if derivative > k {
		h[0] = 0
	}
	return h
}
