package engine

import (
	"errors"
	"fmt"
	"math"
)

// Sparse is a sparse register of a row: Width columns, of which those that are stored have a value, in ascending order; the others are 0. A
// stored value may be 0 as well, as in scipy's csr_matrix. Steps read registers and write registers of their own.
type Sparse struct {
	Register int32 `json:"register"`
	Width    int32 `json:"width"`
}

// maxSparse bounds the registers of a row.
const maxSparse = 1 << 12

// sparseRow is what a register holds for one row. It grows with the rows and is kept.
type sparseRow struct {
	columns []int32
	values  []float64
}

func (s *sparseRow) reset() { s.columns, s.values = s.columns[:0], s.values[:0] }

func (s *sparseRow) append(column int32, value float64) {
	s.columns, s.values = append(s.columns, column), append(s.values, value)
}

// sparse is register t of row r.
func (s *session) sparse(r int, t Sparse) *sparseRow {
	return &s.registers[r*s.sparseWidth+int(t.Register)]
}

// readSparse checks that the register has been written with the same width.
func (f *frame) readSparse(what string, s Sparse) error {
	if s.Register < 0 || int(s.Register) >= len(f.sparse) || f.sparse[s.Register] != s.Width+1 {
		return fmt.Errorf("%s is register %d of %d columns, which nothing has written", what, s.Register, s.Width)
	}
	return nil
}

// writeSparse checks the register and marks it as written. It is written once.
func (f *frame) writeSparse(s Sparse) error {
	if s.Register < 0 || s.Register >= maxSparse || s.Width < 0 || s.Width == math.MaxInt32 {
		return fmt.Errorf("out is register %d of %d columns, want one of %d registers", s.Register, s.Width, maxSparse)
	}
	for len(f.sparse) <= int(s.Register) {
		f.sparse = append(f.sparse, 0)
	}
	if f.sparse[s.Register] != 0 {
		return fmt.Errorf("out is register %d, which an earlier step has written", s.Register)
	}
	f.sparse[s.Register] = s.Width + 1
	return nil
}

// eachSparse checks a step that computes each stored value of Out from that of In.
func (f *frame) eachSparse(in, out Sparse) error {
	if in.Width != out.Width {
		return fmt.Errorf("in has %d columns and out %d, want the same number", in.Width, out.Width)
	}
	if err := f.readSparse("in", in); err != nil {
		return err
	}
	return f.writeSparse(out)
}

// SparseArith multiplies or divides the stored values by column: Out = In op Values[column] ("mul", "div"). Values has Width items, or one for
// all. With Float32 the result is rounded to float32 once.
type SparseArith struct {
	Op      string    `json:"op"`
	In      Sparse    `json:"in"`
	Out     Sparse    `json:"out"`
	Float32 bool      `json:"float32"`
	Values  []float64 `tensor:"values"`
}

// Kind is "sparse_arith".
func (*SparseArith) Kind() string { return "sparse_arith" }

func (t *SparseArith) check(f *frame) error {
	if t.Op != "mul" && t.Op != "div" {
		return fmt.Errorf(`op is %q, want "mul" or "div"`, t.Op)
	}
	if err := perColumn("values", t.Values, t.In.Width); err != nil {
		return err
	}
	return f.eachSparse(t.In, t.Out)
}

func (t *SparseArith) run(s *session, n int) {
	last := int32(len(t.Values) - 1)
	for r := range n {
		in, out := s.sparse(r, t.In), s.sparse(r, t.Out)
		out.reset()
		for i, column := range in.columns {
			v := in.values[i]
			if t.Op == "mul" {
				v *= t.Values[min(column, last)]
			} else {
				v /= t.Values[min(column, last)]
			}
			if t.Float32 {
				v = float64(float32(v))
			}
			out.append(column, v)
		}
	}
}

// SparseMap applies a function to each stored value: "log", "add" (adds Value), "above" (1 for a value above Value; others are stored no
// longer). With Float32 the result is rounded to float32.
type SparseMap struct {
	Op      string   `json:"op"`
	In      Sparse   `json:"in"`
	Out     Sparse   `json:"out"`
	Value   Number64 `json:"value"`
	Float32 bool     `json:"float32"`
}

// Kind is "sparse_map".
func (*SparseMap) Kind() string { return "sparse_map" }

func (t *SparseMap) check(f *frame) error {
	switch t.Op {
	case "log", "add", "above":
		return f.eachSparse(t.In, t.Out)
	}
	return fmt.Errorf(`op is %q, want "log", "add" or "above"`, t.Op)
}

func (t *SparseMap) run(s *session, n int) {
	for r := range n {
		in, out := s.sparse(r, t.In), s.sparse(r, t.Out)
		out.reset()
		for i, v := range in.values {
			switch t.Op {
			case "log":
				v = logarithm(v)
			case "add":
				v += float64(t.Value)
			case "above":
				if !(v > float64(t.Value)) {
					continue
				}
				v = 1
			}
			if t.Float32 {
				v = float64(float32(v))
			}
			out.append(in.columns[i], v)
		}
	}
}

// SparseNormalize divides a row by its norm, unless that is 0: "l1" (the sum of the stored magnitudes, in order), "l2" (the root of the sum of
// their squares) or "max" (the largest magnitude), as sklearn/utils/sparsefuncs_fast.pyx does. With Float32 squares and quotients are rounded to float32.
type SparseNormalize struct {
	Norm    string `json:"norm"`
	In      Sparse `json:"in"`
	Out     Sparse `json:"out"`
	Float32 bool   `json:"float32"`
}

// Kind is "sparse_normalize".
func (*SparseNormalize) Kind() string { return "sparse_normalize" }

func (t *SparseNormalize) check(f *frame) error {
	switch t.Norm {
	case "l1", "l2", "max":
		return f.eachSparse(t.In, t.Out)
	}
	return fmt.Errorf(`norm is %q, want "l1", "l2" or "max"`, t.Norm)
}

func (t *SparseNormalize) run(s *session, n int) {
	for r := range n {
		in, out := s.sparse(r, t.In), s.sparse(r, t.Out)
		norm := t.norm(in.values)
		out.columns, out.values = append(out.columns[:0], in.columns...), append(out.values[:0], in.values...)
		if norm == 0 {
			continue
		}
		for i, v := range out.values {
			v /= norm
			if t.Float32 {
				v = float64(float32(v))
			}
			out.values[i] = v
		}
	}
}

// norm is the norm of the stored values.
func (t *SparseNormalize) norm(values []float64) float64 {
	norm := 0.0
	for _, v := range values {
		switch t.Norm {
		case "l1":
			norm += math.Abs(v)
		case "l2":
			square := float64(v * v)
			if t.Float32 {
				square = float64(float32(square))
			}
			norm += square
		default:
			norm = max(norm, math.Abs(v))
		}
	}
	if t.Norm == "l2" {
		norm = math.Sqrt(norm)
	}
	return norm
}

// SparseCheck marks rows that store a value which is not finite, as NotFinite (NaN: as MissingValue).
type SparseCheck struct {
	In Sparse `json:"in"`
}

// Kind is "sparse_check".
func (*SparseCheck) Kind() string { return "sparse_check" }

func (t *SparseCheck) check(f *frame) error { return f.readSparse("in", t.In) }

func (t *SparseCheck) run(s *session, n int) {
	for r := range n {
		for _, v := range s.sparse(r, t.In).values {
			if math.IsNaN(v) {
				s.mark(r, MissingValue, -1)
			} else if math.IsInf(v, 0) {
				s.mark(r, NotFinite, -1)
			}
		}
	}
}

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

// NewSparse allocates a sparse register of a width.
func (b *Builder) NewSparse(width int) Sparse {
	b.sparse++
	return Sparse{Register: slot(b.sparse - 1), Width: slot(width)}
}
