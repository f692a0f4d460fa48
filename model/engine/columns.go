package engine

import (
	"fmt"
	"math"
)

// The steps of this file work column by column: Out[i] depends on In[i] alone.

// Kind is "select".
func (*Select) Kind() string { return "select" }

func (t *Select) check(f *frame) error {
	if err := items("from", t.From, int(t.Out.N)); err != nil {
		return err
	}
	if err := f.inside("out", t.Out); err != nil {
		return err
	}
	for i, from := range t.From {
		if err := f.inside("from", one(from)); err != nil {
			return err
		}
		if overlap(one(from), t.Out) {
			return fmt.Errorf("from[%d] is slot %d, inside out %v", i, from, t.Out)
		}
		if f.floats[from] == unset {
			return fmt.Errorf("from[%d] reads slot %d, which nothing has written", i, from)
		}
		f.floats[int(t.Out.Start)+i] = f.floats[from] // an Integer stays one
	}
	return nil
}

func (t *Select) run(s *session, n int) {
	for r := range n {
		row, out := s.row(r), s.span(r, t.Out)
		for i, from := range t.From[:len(out)] {
			out[i] = row[from]
		}
	}
}

// Kind is "check".
func (*Check) Kind() string { return "check" }

func (t *Check) check(f *frame) error {
	if err := items("features", t.Features, int(t.In.N)); err != nil {
		return err
	}
	return f.read("in", t.In)
}

// largest is the magnitude up to which no value can be an error.
func (t *Check) largest() uint64 {
	if t.Float32 {
		return magnitude(largestFloat32)
	}
	return magnitude(math.MaxFloat64)
}

// magnitude orders numbers without their sign; NaN is above all.
func magnitude(v float64) uint64 { return math.Float64bits(v) << 1 }

func (t *Check) run(s *session, n int) {
	largest := t.largest()
	for r := range n {
		for i, v := range s.span(r, t.In) {
			if magnitude(v) > largest { // seldom
				if code := t.judge(v); code != OK {
					s.mark(r, code, t.Features[i])
				}
			}
		}
	}
}

// largestFloat32 is the largest float64 that is rounded to a finite float32: below half a step above the largest of them.
const largestFloat32 = 0x1.fffffefffffffp127

// judge says what is wrong with a value, in the way of sklearn.utils.validation.check_array.
func (t *Check) judge(v float64) ErrorCode {
	switch {
	case math.IsNaN(v):
		if !t.AllowNaN {
			return MissingValue
		}
	case math.IsInf(v, 0):
		if !t.AllowInf {
			return NotFinite
		}
	case t.Float32 && math.IsInf(float64(float32(v)), 0):
		return TooLarge
	}
	return OK
}

// Kind is "arith".
func (*Arith) Kind() string { return "arith" }

func (t *Arith) check(f *frame) error {
	switch t.Op {
	case "add", "sub", "mul", "div", "rsub":
	default:
		return fmt.Errorf(`op is %q, want "add", "sub", "mul", "div" or "rsub"`, t.Op)
	}
	if err := perColumn("values", t.Values, t.In.N); err != nil {
		return err
	}
	return f.each(t.In, t.Out)
}

func (t *Arith) run(s *session, n int) {
	floats, step, to := s.floats[:n*s.width], s.width, int(t.Out.Start)-int(t.In.Start)
	for i := range int(t.In.N) {
		from, v := int(t.In.Start)+i, t.Values[min(i, len(t.Values)-1)]
		switch t.Op {
		case "add":
			for at := from; at < len(floats); at += step {
				floats[at+to] = floats[at] + v
			}
		case "sub":
			for at := from; at < len(floats); at += step {
				floats[at+to] = floats[at] - v
			}
		case "mul":
			for at := from; at < len(floats); at += step {
				floats[at+to] = floats[at] * v
			}
		case "div":
			for at := from; at < len(floats); at += step {
				floats[at+to] = floats[at] / v
			}
		case "rsub":
			for at := from; at < len(floats); at += step {
				floats[at+to] = v - floats[at]
			}
		}
	}
	if t.Float32 {
		s.eachColumn(n, t.Out, t.Out, func(v float64) float64 { return float64(float32(v)) })
	}
}

// Kind is "clip".
func (*Clip) Kind() string { return "clip" }

func (t *Clip) check(f *frame) error {
	if err := perColumn("min", t.Min, t.In.N); err != nil {
		return err
	}
	if err := perColumn("max", t.Max, t.In.N); err != nil {
		return err
	}
	return f.each(t.In, t.Out)
}

func (t *Clip) run(s *session, n int) {
	for r := range n {
		out := s.span(r, t.Out)
		for i, v := range s.span(r, t.In) {
			out[i] = clip(v, t.Min[min(i, len(t.Min)-1)], t.Max[min(i, len(t.Max)-1)])
		}
	}
}

// clip is numpy.clip with scalar bounds: a value that equals a bound stays (which shows in the sign of a zero), a NaN bound wins.
func clip(v, low, high float64) float64 {
	if math.IsNaN(v) {
		return v
	}
	if v < low || math.IsNaN(low) {
		v = low
	}
	if v > high || math.IsNaN(high) {
		v = high
	}
	return v
}

// Kind is "impute".
func (*Impute) Kind() string { return "impute" }

func (t *Impute) check(f *frame) error {
	if err := items("fill", t.Fill, int(t.In.N)); err != nil {
		return err
	}
	return f.each(t.In, t.Out)
}

func (t *Impute) run(s *session, n int) {
	for r := range n {
		out := s.span(r, t.Out)
		for i, v := range s.span(r, t.In) {
			if same(v, float64(t.Missing)) {
				v = t.Fill[i]
			}
			out[i] = v
		}
	}
}

// Kind is "indicate".
func (*Indicate) Kind() string { return "indicate" }

func (t *Indicate) check(f *frame) error { return f.each(t.In, t.Out) }

func (t *Indicate) run(s *session, n int) {
	for r := range n {
		out := s.span(r, t.Out)
		for i, v := range s.span(r, t.In) {
			out[i] = truth(same(v, float64(t.Missing)))
		}
	}
}

// same is equality that holds for two NaNs, as in sklearn.utils._mask._get_mask.
func same(v, missing float64) bool {
	return v == missing || math.IsNaN(v) && math.IsNaN(missing)
}

// truth is 1 or 0. An integer between makes the compiler do without a branch, which could not be foreseen.
func truth(b bool) float64 {
	bit := 0
	if b {
		bit = 1
	}
	return float64(bit)
}
