package engine

import (
	"fmt"
	"math"
)

// SumRows adds up rows of a table: column i of In is a code, which chooses one of Widths[i] rows of Out.N values, and the rows are added in the order of the columns,
// starting from 0; then Bias is added. A code outside [0, Widths[i]) gives NaN.
type SumRows struct {
	In     Span      `json:"in"`
	Out    Span      `json:"out"`
	Widths []int32   `tensor:"widths"`
	Rows   []float64 `tensor:"rows"` // the rows of column 0, of column 1, …
	Bias   []float64 `tensor:"bias"`
}

// Kind is "sum_rows".
func (*SumRows) Kind() string { return "sum_rows" }

func (t *SumRows) check(f *frame) error {
	if err := items("widths", t.Widths, int(t.In.N)); err != nil {
		return err
	}
	total := int64(0)
	for i, w := range t.Widths {
		if w < 0 {
			return fmt.Errorf("widths[%d] is %d", i, w)
		}
		total += int64(w)
	}
	if want := total * int64(t.Out.N); int64(len(t.Rows)) != want {
		return fmt.Errorf("rows has %d items, want %d", len(t.Rows), want)
	}
	if err := items("bias", t.Bias, int(t.Out.N)); err != nil {
		return err
	}
	return f.apart(t.In, t.Out)
}

func (t *SumRows) run(s *session, n int) {
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		clear(out)
		first := 0
		for i, code := range in {
			t.add(out, first, code, t.Widths[i])
			first += int(t.Widths[i])
		}
		for j, v := range t.Bias {
			out[j] += v
		}
	}
}

// add adds the row that a code chooses among those from first on.
func (t *SumRows) add(out []float64, first int, code float64, width int32) {
	if !(code >= 0 && code < float64(width)) {
		for j := range out {
			out[j] = math.NaN()
		}
		return
	}
	for j, v := range t.Rows[(first+int(code))*len(out):][:len(out)] {
		out[j] += v
	}
}
