package engine

import (
	"fmt"
	"math"
	"slices"
)

// The steps of this file put the answers of several models together.

// WeightedSum adds spans up, in order: Out[j] = sum over i of Weights[i]*In[From[i]+j]. Without weights nothing is multiplied. FromZero starts at 0, where a sum of
// negative zeros is 0; otherwise the first term is the start.
type WeightedSum struct {
	Out      Span      `json:"out"`
	FromZero bool      `json:"from_zero"`
	From     []int32   `tensor:"from"`
	Weights  []float64 `tensor:"weights"`
}

// Gather writes row In of a table with rows as wide as Out. The step before guarantees that In is the number of a row; anything else gives NaN.
type Gather struct {
	In    Slot      `json:"in"`
	Out   Span      `json:"out"`
	Table []float64 `tensor:"table"`
}

// WeightedMedian writes the smallest value of In at which the sum of the weights of all values up to it is at least half of the whole. Values of In that
// are equal are added in their order. Work is In.N slots of scratch.
type WeightedMedian struct {
	In      Span      `json:"in"`
	Out     Slot      `json:"out"`
	Work    Span      `json:"work"`
	Weights []float64 `tensor:"weights"`
}

// LogProbabilities writes log(v + Epsilon) of each value, if they are probabilities: all from 0 to 1, with a sum within 1e-5 relative and 1e-8 absolute of 1. Other values
// it copies. In place allowed.
type LogProbabilities struct {
	In      Span     `json:"in"`
	Out     Span     `json:"out"`
	Epsilon Number64 `json:"epsilon"`
}

// Kind is "weighted_sum".
func (*WeightedSum) Kind() string { return "weighted_sum" }

func (t *WeightedSum) check(f *frame) error {
	if len(t.From) == 0 {
		return fmt.Errorf("from is empty, want at least one span")
	}
	if len(t.Weights) != 0 {
		if err := items("weights", t.Weights, len(t.From)); err != nil {
			return err
		}
	}
	for _, from := range t.From {
		in := Span{Start: from, N: t.Out.N}
		if overlap(in, t.Out) {
			return fmt.Errorf("from %v and out %v overlap", in, t.Out)
		}
		if err := f.read("from", in); err != nil {
			return err
		}
	}
	return f.write("out", t.Out)
}

func (t *WeightedSum) run(s *session, n int) {
	for r := range n {
		row, out := s.row(r), s.span(r, t.Out)
		if t.FromZero {
			clear(out)
		}
		for i, from := range t.From {
			in := row[from:][:len(out)]
			for j, v := range in {
				if len(t.Weights) > 0 {
					v = float64(v * t.Weights[i])
				}
				if i > 0 || t.FromZero {
					v = out[j] + v
				}
				out[j] = v
			}
		}
	}
}

// Kind is "gather".
func (*Gather) Kind() string { return "gather" }

func (t *Gather) check(f *frame) error {
	if t.Out.N < 1 || len(t.Table) == 0 || len(t.Table)%int(t.Out.N) != 0 {
		return fmt.Errorf("table has %d items, want rows of %d", len(t.Table), t.Out.N)
	}
	return f.apart(one(t.In), t.Out)
}

func (t *Gather) run(s *session, n int) {
	rows := len(t.Table) / int(t.Out.N)
	for r := range n {
		out, at := s.span(r, t.Out), s.row(r)[t.In]
		if at >= 0 && at < float64(rows) && at == math.Trunc(at) {
			copy(out, t.Table[int(at)*len(out):])
			continue
		}
		for j := range out {
			out[j] = math.NaN()
		}
	}
}

// Kind is "weighted_median".
func (*WeightedMedian) Kind() string { return "weighted_median" }

func (t *WeightedMedian) check(f *frame) error {
	if err := atLeastOne(t.In); err != nil {
		return err
	}
	if err := items("weights", t.Weights, int(t.In.N)); err != nil {
		return err
	}
	if t.Work.N != t.In.N || overlap(t.Work, t.In) || overlap(t.Work, one(t.Out)) {
		return fmt.Errorf("work is %v, want %d slots apart from in %v and out", t.Work, t.In.N, t.In)
	}
	if err := f.write("work", t.Work); err != nil {
		return err
	}
	return f.through(t.In, one(t.Out))
}

func (t *WeightedMedian) run(s *session, n int) {
	for r := range n {
		in, order := s.span(r, t.In), s.span(r, t.Work)
		for i := range order {
			order[i] = float64(i)
		}
		slices.SortStableFunc(order, func(a, b float64) int { return ascending(in[int(a)], in[int(b)]) })
		whole := 0.0
		for _, i := range order {
			whole += t.Weights[int(i)]
		}
		sum, median := 0.0, in[int(order[0])]
		for _, i := range order {
			sum += t.Weights[int(i)]
			if sum >= 0.5*whole {
				median = in[int(i)]
				break
			}
		}
		s.row(r)[t.Out] = median
	}
}

// ascending orders numbers as numpy.sort does: NaN last.
func ascending(a, b float64) int {
	switch {
	case a < b || math.IsNaN(b) && !math.IsNaN(a):
		return -1
	case a > b || math.IsNaN(a) && !math.IsNaN(b):
		return 1
	}
	return 0
}

// Kind is "log_probabilities".
func (*LogProbabilities) Kind() string { return "log_probabilities" }

func (t *LogProbabilities) check(f *frame) error { return f.each(t.In, t.Out) }

func (t *LogProbabilities) run(s *session, n int) {
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		sum, inside := 0.0, true
		for _, v := range in {
			sum += v
			inside = inside && v >= 0 && v <= 1
		}
		if !inside || !(math.Abs(sum-1) <= 1e-8+1e-5) {
			copy(out, in)
			continue
		}
		for i, v := range in {
			out[i] = logarithm(v + float64(t.Epsilon))
		}
	}
}
