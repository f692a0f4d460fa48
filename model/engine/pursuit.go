package engine

import (
	"fmt"
	"math"
)

// Pursuit is orthogonal matching pursuit on a Gram matrix: In are the products of the atoms with the row, Out their coefficients, at most Atoms of which are
// not 0. The atom of the largest residual product is taken next. Work has 3·In.N + Atoms·(Atoms+3) slots. (sklearn.linear_model._omp._gram_omp)
//
// A row is marked Unstable where rounding errors decide which atom is taken, unless all are, or may move a coefficient by more than Bound, absolute or relative.
type Pursuit struct {
	In    Span      `json:"in"`
	Out   Span      `json:"out"`
	Row   Span      `json:"row"` // the row itself
	Atoms int32     `json:"atoms"`
	Bound Number64  `json:"bound"`
	Work  Span      `json:"work"`
	Gram  []float64 `tensor:"gram"`
}

// Kind is "pursuit".
func (*Pursuit) Kind() string { return "pursuit" }

func (t *Pursuit) check(f *frame) error {
	if t.Atoms < 1 || t.Atoms > t.In.N {
		return fmt.Errorf("atoms is %d, want 1 to %d", t.Atoms, t.In.N)
	}
	if overlap(t.Row, t.Work) || overlap(t.Row, t.Out) {
		return fmt.Errorf("row %v overlaps work %v or out %v", t.Row, t.Work, t.Out)
	}
	if err := f.read("row", t.Row); err != nil {
		return err
	}
	return checkGram(f, t.Gram, t.In, t.Out, t.Work, PursuitWork(int(t.In.N), int(t.Atoms)))
}

// PursuitWork is the number of slots that Pursuit.Work has.
func PursuitWork(n, atoms int) int { return 3*n + atoms*(atoms+3) }

func (t *Pursuit) run(s *session, n int) {
	size, atoms := int(t.In.N), int(t.Atoms)
	for r := range n {
		work := s.span(r, t.Work)
		p := pursuit{t: t, products: work[:size], residual: work[size : 2*size], order: work[2*size : 3*size], gamma: work[3*size:][:atoms],
			spread: work[3*size+atoms:][:atoms], column: work[3*size+2*atoms:][:atoms], factor: work[3*size+3*atoms:], length: length(s.span(r, t.Row))}
		copy(p.products, s.span(r, t.In))
		copy(p.residual, p.products)
		for i := range p.order {
			p.order[i] = float64(i)
		}
		active := 0
		for active < atoms && p.take(active) {
			active++
			p.solve(active)
		}
		if p.tied && atoms < size || p.unsteady(active) {
			s.mark(r, Unstable, -1)
		}
		out := s.span(r, t.Out)
		clear(out)
		for i := range active {
			out[int(p.order[i])] = p.gamma[i]
		}
	}
}

// length is at least the Euclidean length of a vector, and no more than it can be.
func length(v []float64) float64 {
	largest := 0.0
	for _, f := range v {
		largest = max(largest, math.Abs(f))
	}
	return largest * math.Sqrt(float64(len(v)))
}

// pursuit is the state of one row. Atoms are swapped to the front as they are taken: order says which they are.
type pursuit struct {
	t                                                        *Pursuit
	products, residual, order, gamma, factor, spread, column []float64
	length                                                   float64 // of the row
	tied                                                     bool    // rounding decided which atom was taken
}

func (p *pursuit) gram(i, j int) float64 {
	return p.t.Gram[int(p.order[i])*len(p.order)+int(p.order[j])]
}

// take adds the next atom to the Cholesky factor; false if there is none that helps.
func (p *pursuit) take(active int) bool {
	const eps = 2.220446049250313e-16
	next := 0
	for i, v := range p.residual {
		if math.IsNaN(v) {
			next = i
			break
		}
		if math.Abs(v) > math.Abs(p.residual[next]) {
			next = i
		}
	}
	p.tied = p.tied || p.closeTo(next, active)
	if next < active || p.residual[next]*p.residual[next] < eps {
		return false
	}
	width := int(p.t.Atoms)
	row := p.factor[active*width:][:active+1]
	square := p.gram(next, next)
	for i := range active {
		v := p.gram(next, i)
		for k := range i {
			v -= float64(p.factor[i*width+k] * row[k])
		}
		row[i] = v / p.factor[i*width+i]
		square -= float64(row[i] * row[i])
	}
	if active > 0 && square <= eps {
		return false
	}
	row[active] = math.Sqrt(square)
	p.order[active], p.order[next] = p.order[next], p.order[active]
	p.products[active], p.products[next] = p.products[next], p.products[active]
	return true
}

// solve computes the coefficients of the active atoms, and what is left of the products.
func (p *pursuit) solve(active int) {
	width := int(p.t.Atoms)
	for i := range active {
		v := p.products[i]
		for k := range i {
			v -= float64(p.factor[i*width+k] * p.gamma[k])
		}
		p.gamma[i] = v / p.factor[i*width+i]
	}
	for i := active - 1; i >= 0; i-- {
		v := p.gamma[i]
		for k := i + 1; k < active; k++ {
			v -= float64(p.factor[k*width+i] * p.gamma[k])
		}
		p.gamma[i] = v / p.factor[i*width+i]
	}
	for i := range p.residual {
		sum := 0.0
		for k := range active {
			sum += float64(p.gram(i, k) * p.gamma[k])
		}
		p.residual[i] = p.products[i] - sum
	}
}

// slack is the rounding error to be expected in the residual product of atom i, which is a few ulps of what is added up in it.
func (p *pursuit) slack(i, active int) float64 {
	sum := float64(math.Sqrt(p.gram(i, i)) * p.length)
	for k := range active {
		sum += math.Abs(float64(p.gram(i, k) * p.gamma[k]))
	}
	return 0x1p-51 * sum
}

// closeTo tells whether another atom's residual product is as large as that of the next, but for rounding. Equal whole numbers had none.
func (p *pursuit) closeTo(next, active int) bool {
	largest := math.Abs(p.residual[next])
	slack := p.slack(next, active)
	for i, v := range p.residual {
		v = math.Abs(v)
		if i == next || v == largest && v == math.Trunc(v) && v < 1<<52 {
			continue
		}
		if largest-v <= slack+p.slack(i, active) {
			return true
		}
	}
	return false
}

// unsteady tells whether a coefficient may be off by more than the bound: |gram⁻¹|ᵢⱼ ≤ √(gram⁻¹ᵢᵢ·gram⁻¹ⱼⱼ), which the columns of the inverse factor give.
func (p *pursuit) unsteady(active int) bool {
	width, lost := int(p.t.Atoms), 0.0
	for j := range active {
		clear(p.column)
		p.column[j] = 1
		sum := 0.0
		for i := j; i < active; i++ {
			v := p.column[i]
			for k := j; k < i; k++ {
				v -= float64(p.factor[i*width+k] * p.column[k])
			}
			p.column[i] = v / p.factor[i*width+i]
			sum += float64(p.column[i] * p.column[i])
		}
		p.spread[j] = math.Sqrt(sum)
		lost += float64(p.spread[j] * p.slack(j, active))
	}
	for i, v := range p.gamma[:active] {
		if unsteady(float64(p.spread[i]*lost), v, float64(p.t.Bound)) {
			return true
		}
	}
	return false
}
