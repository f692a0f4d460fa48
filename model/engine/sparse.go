package engine

import (
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

// NewSparse allocates a sparse register of a width.
func (b *Builder) NewSparse(width int) Sparse {
	b.sparse++
	return Sparse{Register: slot(b.sparse - 1), Width: slot(width)}
}
