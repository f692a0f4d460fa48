package engine

import "math"

// Softmax32 is Softmax in float32, as XGBoost computes it (common::Softmax in src/common/math.h): differences, exponentials and quotients are
// rounded to float32, the sum is added up in float64 and rounded once. In place allowed.
type Softmax32 struct {
	In  Span `json:"in"`
	Out Span `json:"out"`
}

// Kind is "softmax32".
func (*Softmax32) Kind() string { return "softmax32" }

func (t *Softmax32) check(f *frame) error {
	if err := atLeastOne(t.In); err != nil {
		return err
	}
	return f.each(t.In, t.Out)
}

func (t *Softmax32) run(s *session, n int) {
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		top := in[0]
		for _, v := range in[1:] {
			top = max(top, v)
		}
		sum := 0.0
		for i, v := range in {
			out[i] = float64(float32(math.Exp(float64(float32(v - top)))))
			sum += out[i]
		}
		sum = float64(float32(sum))
		for i, v := range out {
			out[i] = float64(float32(v / sum))
		}
	}
}
