package engine

import (
	"errors"
	"fmt"
	"math"
)

// The steps of this file combine the columns of a row.

// Kind is "mat_mul".
func (*MatMul) Kind() string { return "mat_mul" }

func (t *MatMul) check(f *frame) error {
	if want := int64(t.In.N) * int64(t.Out.N); int64(len(t.Weights)) != want {
		return fmt.Errorf("weights has %d items, want %d", len(t.Weights), want)
	}
	if len(t.Bias) != 0 && len(t.Bias) != int(t.Out.N) {
		return fmt.Errorf("bias has %d items, want none or %d", len(t.Bias), t.Out.N)
	}
	return f.apart(t.In, t.Out)
}

func (t *MatMul) run(s *session, n int) {
	r := 0
	for ; r+4 <= n; r += 4 {
		t.fourRows(s, r)
	}
	for ; r < n; r++ {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		for j := range out {
			sum := 0.0
			for i, w := range t.Weights[j*len(in):][:len(in)] {
				sum += float64(in[i] * w)
			}
			out[j] = sum
		}
	}
	for j, bias := range t.Bias {
		for at := int(t.Out.Start) + j; at < n*s.width; at += s.width {
			s.floats[at] += bias
		}
	}
}

// fourRows multiplies the rows from r on. Each sum has its own order, and does not wait for the additions of the others.
func (t *MatMul) fourRows(s *session, r int) {
	a, b, c, d := s.span(r, t.In), s.span(r+1, t.In), s.span(r+2, t.In), s.span(r+3, t.In)
	for j := range t.Out.N {
		sumA, sumB, sumC, sumD := 0.0, 0.0, 0.0, 0.0
		for i, w := range t.Weights[int(j)*len(a):][:len(a)] {
			sumA += float64(a[i] * w)
			sumB += float64(b[i] * w)
			sumC += float64(c[i] * w)
			sumD += float64(d[i] * w)
		}
		out := s.floats[r*s.width+int(t.Out.Start+j):]
		out[0], out[s.width], out[2*s.width], out[3*s.width] = sumA, sumB, sumC, sumD
	}
}

// atLeastOne refuses an empty span.
func atLeastOne(in Span) error {
	if in.N < 1 {
		return errors.New("in is empty, want at least one slot")
	}
	return nil
}

// Kind is "softmax".
func (*Softmax) Kind() string { return "softmax" }

func (t *Softmax) check(f *frame) error {
	if err := atLeastOne(t.In); err != nil {
		return err
	}
	return f.each(t.In, t.Out)
}

func (t *Softmax) run(s *session, n int) {
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		top := in[0]
		for _, v := range in[1:] {
			top = max(top, v) // a NaN stays, as in numpy.max
		}
		sum := 0.0
		for i, v := range in {
			out[i] = math.Exp(v - top)
			sum += out[i]
		}
		for i := range out {
			out[i] /= sum
		}
	}
}

// Kind is "log_softmax".
func (*LogSoftmax) Kind() string { return "log_softmax" }

func (t *LogSoftmax) check(f *frame) error {
	if err := atLeastOne(t.In); err != nil {
		return err
	}
	return f.each(t.In, t.Out)
}

func (t *LogSoftmax) run(s *session, n int) {
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		total := logSumExp(in)
		for i, v := range in {
			out[i] = v - total
		}
	}
}

// logSumExp takes the largest values out of the sum, so that they keep their precision.
func logSumExp(in []float64) float64 {
	top := in[0]
	for _, v := range in[1:] {
		top = max(top, v)
	}
	shift := top
	if math.IsInf(top, 0) {
		shift = 0
	}
	largest, sum := 0.0, 0.0
	for _, v := range in {
		if v == top {
			largest++
		} else {
			sum += math.Exp(v - shift)
		}
	}
	if sum != 0 {
		sum /= largest
	}
	return math.Log1p(sum) + logarithm(largest) + top
}

// Kind is "normalize".
func (*Normalize) Kind() string { return "normalize" }

func (t *Normalize) check(f *frame) error {
	if t.ZeroSum != "uniform" && t.ZeroSum != "keep" && t.ZeroSum != "nan" {
		return fmt.Errorf(`zero_sum is %q, want "uniform", "keep" or "nan"`, t.ZeroSum)
	}
	return f.each(t.In, t.Out)
}

func (t *Normalize) run(s *session, n int) {
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		sum := 0.0
		for _, v := range in {
			sum += v
		}
		if sum == 0 && t.ZeroSum == "keep" {
			sum = 1
		}
		uniform := sum == 0 && t.ZeroSum == "uniform"
		for i, v := range in {
			if uniform {
				out[i] = 1 / float64(len(in))
			} else {
				out[i] = v / sum
			}
		}
	}
}

// Kind is "arg_max".
func (*ArgMax) Kind() string { return "arg_max" }

func (t *ArgMax) check(f *frame) error {
	if err := atLeastOne(t.In); err != nil {
		return err
	}
	return f.through(t.In, one(t.Out))
}

func (t *ArgMax) run(s *session, n int) {
	for r := range n {
		in, best := s.span(r, t.In), 0
		for i, v := range in {
			if math.IsNaN(v) {
				best = i
				break
			}
			if v > in[best] {
				best = i
			}
		}
		s.row(r)[t.Out] = float64(best)
	}
}

// Kind is "above".
func (*Above) Kind() string { return "above" }

func (t *Above) check(f *frame) error { return f.through(one(t.In), one(t.Out)) }

func (t *Above) run(s *session, n int) {
	value := float64(t.Value)
	if t.OrEqual {
		s.eachColumn(n, one(t.In), one(t.Out), func(v float64) float64 { return truth(v >= value) })
	} else {
		s.eachColumn(n, one(t.In), one(t.Out), func(v float64) float64 { return truth(v > value) })
	}
}
