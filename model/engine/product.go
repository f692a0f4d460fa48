package engine

import (
	"fmt"
	"math"
)

// Monomials writes Out[k] = slot Left[k] * slot Right[k], one after the other: a later product may read an earlier one. With Float32 each is
// rounded to float32. With Sparse a product with a zero is 0 whatever the other factor, as in a sparse matrix, which does not store it.
type Monomials struct {
	Out     Span    `json:"out"`
	Float32 bool    `json:"float32"`
	Sparse  bool    `json:"sparse"`
	Left    []int32 `tensor:"left"`
	Right   []int32 `tensor:"right"`
}

// Kind is "monomials".
func (*Monomials) Kind() string { return "monomials" }

func (t *Monomials) check(f *frame) error {
	if err := items("left", t.Left, int(t.Out.N)); err != nil {
		return err
	}
	if err := items("right", t.Right, int(t.Out.N)); err != nil {
		return err
	}
	for k := range t.Left {
		if err := f.read("left", one(t.Left[k])); err != nil {
			return err
		}
		if err := f.read("right", one(t.Right[k])); err != nil {
			return err
		}
		if err := f.write("out", one(t.Out.Start+int32(k))); err != nil {
			return err
		}
	}
	return nil
}

func (t *Monomials) run(s *session, n int) {
	for r := range n {
		row, out := s.row(r), s.span(r, t.Out)
		for k := range out {
			a, b := row[t.Left[k]], row[t.Right[k]]
			switch v := a * b; {
			case t.Sparse && (a == 0 || b == 0):
				out[k] = 0
			case t.Float32:
				out[k] = float64(float32(v))
			default:
				out[k] = v
			}
		}
	}
}

// Pair applies one IEEE operation to two spans: Out[i] = Left[i] op Right[i], op "add", "sub", "mul" or "div". Right may be one slot, which then
// serves for all. Out may be Left; otherwise it must not overlap either.
type Pair struct {
	Op    string `json:"op"`
	Left  Span   `json:"left"`
	Right Span   `json:"right"`
	Out   Span   `json:"out"`
}

// Kind is "pair".
func (*Pair) Kind() string { return "pair" }

func (t *Pair) check(f *frame) error {
	switch t.Op {
	case "add", "sub", "mul", "div":
	default:
		return fmt.Errorf(`op is %q, want "add", "sub", "mul" or "div"`, t.Op)
	}
	if t.Right.N != 1 && t.Right.N != t.Left.N {
		return fmt.Errorf("right has %d slots, want 1 or left's %d", t.Right.N, t.Left.N)
	}
	if err := f.read("right", t.Right); err != nil {
		return err
	}
	if overlap(t.Right, t.Out) {
		return fmt.Errorf("right %v and out %v overlap", t.Right, t.Out)
	}
	return f.each(t.Left, t.Out)
}

func (t *Pair) run(s *session, n int) {
	for r := range n {
		left, right, out := s.span(r, t.Left), s.span(r, t.Right), s.span(r, t.Out)
		for i, v := range left {
			w := right[min(i, len(right)-1)]
			switch t.Op {
			case "add":
				out[i] = v + w
			case "sub":
				out[i] = v - w
			case "mul":
				out[i] = v * w
			default:
				out[i] = v / w
			}
		}
	}
}

// Scale divides each value by the norm of In: "l1" (the sum of absolute values), "l2" or "max" (the largest absolute value). A norm below
// Smallest counts as 1. In place allowed.
type Scale struct {
	Norm     string   `json:"norm"`
	In       Span     `json:"in"`
	Out      Span     `json:"out"`
	Smallest Number64 `json:"smallest"`
	Float32  bool     `json:"float32"`
}

// Kind is "scale".
func (*Scale) Kind() string { return "scale" }

func (t *Scale) check(f *frame) error {
	if t.Norm != "l1" && t.Norm != "l2" && t.Norm != "max" {
		return fmt.Errorf(`norm is %q, want "l1", "l2" or "max"`, t.Norm)
	}
	return f.each(t.In, t.Out)
}

func (t *Scale) run(s *session, n int) {
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		norm := t.norm(in)
		if norm < float64(t.Smallest) {
			norm = 1
		}
		for i, v := range in {
			out[i] = v / norm
			if t.Float32 {
				out[i] = float64(float32(out[i]))
			}
		}
	}
}

func (t *Scale) norm(in []float64) float64 {
	sum := 0.0
	for _, v := range in {
		switch t.Norm {
		case "l1":
			sum += math.Abs(v)
		case "l2":
			sum += float64(v * v)
		default:
			sum = max(sum, math.Abs(v))
		}
	}
	if t.Norm == "l2" {
		return math.Sqrt(sum)
	}
	return sum
}
