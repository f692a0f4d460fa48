package engine

import (
	"errors"
	"fmt"
)

// The steps of this file move the columns of sparse registers, and multiply them.

// SparseSelect writes some columns: column c of In becomes Columns[c] of Out, -1 for none; the kept ones ascend.
type SparseSelect struct {
	In      Sparse  `json:"in"`
	Out     Sparse  `json:"out"`
	Columns []int32 `tensor:"columns"`
}

// Kind is "sparse_select".
func (*SparseSelect) Kind() string { return "sparse_select" }

func (t *SparseSelect) check(f *frame) error {
	if err := items("columns", t.Columns, int(t.In.Width)); err != nil {
		return err
	}
	last := int32(-1)
	for i, c := range t.Columns {
		if c == -1 {
			continue
		}
		if c <= last || c >= t.Out.Width {
			return fmt.Errorf("columns[%d] is %d, want -1 or more than %d and less than %d", i, c, last, t.Out.Width)
		}
		last = c
	}
	if err := f.readSparse("in", t.In); err != nil {
		return err
	}
	return f.writeSparse(t.Out)
}

func (t *SparseSelect) run(s *session, n int) {
	for r := range n {
		in, out := s.sparse(r, t.In), s.sparse(r, t.Out)
		out.reset()
		for i, column := range in.columns {
			if c := t.Columns[column]; c >= 0 {
				out.append(c, in.values[i])
			}
		}
	}
}

// StackPart is a part of a SparseStack: a register, or the slots of a span, of which those that are not 0 are stored.
type StackPart struct {
	IsSpan   bool   `json:"is_span"`
	Span     Span   `json:"span"`
	Register Sparse `json:"register"`
}

// SparseStack sets parts side by side.
type SparseStack struct {
	Parts []StackPart `json:"parts"`
	Out   Sparse      `json:"out"`
}

// Kind is "sparse_stack".
func (*SparseStack) Kind() string { return "sparse_stack" }

func (t *SparseStack) check(f *frame) error {
	total := int64(0)
	for _, p := range t.Parts {
		width, err := p.Register.Width, error(nil)
		if p.IsSpan {
			width, err = p.Span.N, f.read("part", p.Span)
		} else {
			err = f.readSparse("part", p.Register)
		}
		if err != nil {
			return err
		}
		total += int64(width)
	}
	if total != int64(t.Out.Width) {
		return fmt.Errorf("parts of %d columns in all, want out's %d", total, t.Out.Width)
	}
	return f.writeSparse(t.Out)
}

func (t *SparseStack) run(s *session, n int) {
	for r := range n {
		out, start := s.sparse(r, t.Out), int32(0)
		out.reset()
		for _, p := range t.Parts {
			if p.IsSpan {
				for i, v := range s.span(r, p.Span) {
					if v != 0 {
						out.append(start+int32(i), v)
					}
				}
				start += p.Span.N
				continue
			}
			in := s.sparse(r, p.Register)
			for i, column := range in.columns {
				out.append(start+column, in.values[i])
			}
			start += p.Register.Width
		}
	}
}

// SparseDense writes a register to slots: 0 where nothing is stored. It adds, as csr_todense of scipy does: -0 becomes 0.
type SparseDense struct {
	In  Sparse `json:"in"`
	Out Span   `json:"out"`
}

// Kind is "sparse_dense".
func (*SparseDense) Kind() string { return "sparse_dense" }

func (t *SparseDense) check(f *frame) error {
	if t.In.Width != t.Out.N {
		return fmt.Errorf("in has %d columns and out %d slots, want the same number", t.In.Width, t.Out.N)
	}
	if err := f.readSparse("in", t.In); err != nil {
		return err
	}
	return f.write("out", t.Out)
}

func (t *SparseDense) run(s *session, n int) {
	for r := range n {
		in, out := s.sparse(r, t.In), s.span(r, t.Out)
		clear(out)
		for i, column := range in.columns {
			out[column] += in.values[i]
		}
	}
}

// SparseMatMul writes Out[j] = sum over the stored columns, in order, of In[c]*Weights[c*Out.N+j], then + Bias[j] (Bias may be empty), as
// csr_matvecs of scipy adds. No fused multiply-add. With Float32 every product and sum is rounded to float32.
type SparseMatMul struct {
	In      Sparse    `json:"in"`
	Out     Span      `json:"out"`
	Float32 bool      `json:"float32"`
	Weights []float64 `tensor:"weights"`
	Bias    []float64 `tensor:"bias"`
}

// Kind is "sparse_mat_mul".
func (*SparseMatMul) Kind() string { return "sparse_mat_mul" }

func (t *SparseMatMul) check(f *frame) error {
	if want := int64(t.In.Width) * int64(t.Out.N); int64(len(t.Weights)) != want {
		return fmt.Errorf("weights has %d items, want %d", len(t.Weights), want)
	}
	if len(t.Bias) != 0 && len(t.Bias) != int(t.Out.N) {
		return fmt.Errorf("bias has %d items, want none or %d", len(t.Bias), t.Out.N)
	}
	if t.Out.N < 1 {
		return errors.New("out is empty, want at least one slot")
	}
	if err := f.readSparse("in", t.In); err != nil {
		return err
	}
	return f.write("out", t.Out)
}

func (t *SparseMatMul) run(s *session, n int) {
	for r := range n {
		in, out := s.sparse(r, t.In), s.span(r, t.Out)
		clear(out)
		for i, column := range in.columns {
			weights := t.Weights[int(column)*len(out):][:len(out)]
			v := in.values[i]
			if t.Float32 {
				for j, w := range weights {
					out[j] = float64(float32(out[j] + float64(float32(v*w))))
				}
				continue
			}
			for j, w := range weights {
				out[j] += float64(v * w)
			}
		}
		for j, b := range t.Bias {
			out[j] += b
			if t.Float32 {
				out[j] = float64(float32(out[j]))
			}
		}
	}
}
