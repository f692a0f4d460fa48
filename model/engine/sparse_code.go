package engine

import (
	"errors"
	"fmt"
	"math"
)

// Shrink moves every value by By towards 0, to 0 at most: sign(v)·max(|v| - By, 0). With Positive negative results become 0. In place allowed.
type Shrink struct {
	In       Span     `json:"in"`
	Out      Span     `json:"out"`
	By       Number64 `json:"by"`
	Positive bool     `json:"positive"`
}

// Kind is "shrink".
func (*Shrink) Kind() string { return "shrink" }

func (t *Shrink) check(f *frame) error { return f.each(t.In, t.Out) }

func (t *Shrink) run(s *session, n int) {
	for r := range n {
		out := s.span(r, t.Out)
		for i, v := range s.span(r, t.In) {
			out[i] = shrink(v, float64(t.By))
			if t.Positive {
				out[i] = max(out[i], 0)
			}
		}
	}
}

func shrink(v, by float64) float64 { return sign(v) * max(math.Abs(v)-by, 0) }

// checkGram checks a square matrix of In.N rows and scratch that is apart from in and out.
func checkGram(f *frame, gram []float64, in, out, work Span, want int) error {
	if in.N < 1 {
		return errors.New("in is empty, want at least one slot")
	}
	if size := int64(in.N) * int64(in.N); int64(len(gram)) != size {
		return fmt.Errorf("gram has %d items, want %d", len(gram), size)
	}
	if int(work.N) != want {
		return fmt.Errorf("work has %d slots, want %d", work.N, want)
	}
	if in.N != out.N {
		return fmt.Errorf("in has %d slots and out %d, want the same number", in.N, out.N)
	}
	if overlap(work, in) || overlap(work, out) {
		return fmt.Errorf("work %v overlaps in %v or out %v", work, in, out)
	}
	if err := f.apart(in, out); err != nil {
		return err
	}
	return f.write("work", work)
}

// Lasso minimises ½‖x - codeᵀD‖² + Alpha·‖code‖₁ by coordinate descent on a Gram matrix with gap safe screening, until no coefficient moves by more than
// Tolerance of the largest and the duality gap is at most Tolerance·‖x‖². In are the products of the atoms with the row, SquaredNorm is ‖x‖².
// Work has 4·In.N slots. (sklearn.linear_model._cd_fast.enet_coordinate_descent_gram)
type Lasso struct {
	In          Span      `json:"in"`
	SquaredNorm Slot      `json:"squared_norm"`
	Out         Span      `json:"out"`
	Alpha       Number64  `json:"alpha"`
	Tolerance   Number64  `json:"tolerance"`
	Iterations  int32     `json:"iterations"`
	Positive    bool      `json:"positive"`
	Work        Span      `json:"work"`
	Gram        []float64 `tensor:"gram"`
}

// Kind is "lasso".
func (*Lasso) Kind() string { return "lasso" }

func (t *Lasso) check(f *frame) error {
	if err := f.read("squared_norm", one(t.SquaredNorm)); err != nil {
		return err
	}
	if overlap(one(t.SquaredNorm), t.Work) || overlap(one(t.SquaredNorm), t.Out) {
		return fmt.Errorf("squared_norm %d is inside work %v or out %v", t.SquaredNorm, t.Work, t.Out)
	}
	return checkGram(f, t.Gram, t.In, t.Out, t.Work, 4*int(t.In.N))
}

func (t *Lasso) run(s *session, n int) {
	size := int(t.In.N)
	for r := range n {
		work := s.span(r, t.Work)
		d := descent{t: t, w: s.span(r, t.Out), q: s.span(r, t.In), fitted: work[:size], slack: work[size : 2*size], active: work[2*size : 3*size], out: work[3*size:],
			norm: s.row(r)[t.SquaredNorm]}
		clear(d.w)
		clear(work)
		d.minimise()
	}
}

// descent is the state of one row: the coefficients w, fitted = Gram·w, the active coordinates, the excluded ones (out), and the correlations with
// the residual (slack).
type descent struct {
	t                                *Lasso
	w, q, fitted, slack, active, out []float64
	norm, dualNorm                   float64
	count                            int
}

func (d *descent) minimise() {
	tolerance := float64(float64(d.t.Tolerance) * d.norm)
	gap := d.gap()
	if 0 <= gap && gap <= tolerance {
		return
	}
	d.screen(gap)
	for iteration := range int(d.t.Iterations) {
		largest, moved := d.sweep()
		if largest != 0 && !(moved/largest <= float64(d.t.Tolerance)) && iteration != int(d.t.Iterations)-1 {
			continue
		}
		if gap = d.gap(); gap <= tolerance {
			return
		}
		d.screen(gap)
	}
}

// sweep moves every active coordinate once.
func (d *descent) sweep() (largest, moved float64) {
	n := len(d.w)
	for _, at := range d.active[:d.count] {
		j := int(at)
		diagonal := d.t.Gram[j*n+j]
		if diagonal == 0 {
			continue
		}
		before := d.w[j]
		v := d.q[j] - d.fitted[j] + float64(before*diagonal)
		if d.t.Positive && v < 0 {
			d.w[j] = 0
		} else {
			d.w[j] = shrink(v, float64(d.t.Alpha)) / diagonal
		}
		if d.w[j] != before {
			d.move(j, d.w[j]-before)
		}
		moved = max(moved, math.Abs(d.w[j]-before))
		largest = max(largest, math.Abs(d.w[j]))
	}
	return largest, moved
}

func (d *descent) move(j int, by float64) {
	for i, g := range d.t.Gram[j*len(d.w):][:len(d.w)] {
		d.fitted[i] += float64(by * g)
	}
}

// screen keeps the coordinates that can be other than 0 in the solution, given the duality gap. Without a penalty all are kept.
func (d *descent) screen(gap float64) {
	n, alpha := len(d.w), float64(d.t.Alpha)
	radius := math.Sqrt(2*math.Abs(gap)) / alpha
	d.count = 0
	for j := range n {
		diagonal := d.t.Gram[j*n+j]
		if d.out[j] == 1 && alpha > 0 {
			continue
		}
		distance := (1 - math.Abs(d.slack[j]/max(alpha, d.dualNorm))) / math.Sqrt(diagonal)
		if alpha == 0 || diagonal != 0 && distance <= radius {
			d.active[d.count] = float64(j)
			d.count++
			continue
		}
		if d.w[j] != 0 {
			d.move(j, -d.w[j])
			d.w[j] = 0
		}
		d.out[j] = 1
	}
}

// gap is the duality gap (gap_enet_gram with beta = 0).
func (d *descent) gap() float64 {
	qw, wqw, l1, squares := 0.0, 0.0, 0.0, 0.0
	d.dualNorm = math.Inf(-1)
	for j, w := range d.w {
		qw += float64(w * d.q[j])
		wqw += float64(w * d.fitted[j])
		l1 += math.Abs(w)
		d.slack[j] = d.q[j] - d.fitted[j]
		squares += float64(d.slack[j] * d.slack[j])
		if d.t.Positive {
			d.dualNorm = max(d.dualNorm, d.slack[j])
		} else {
			d.dualNorm = max(d.dualNorm, math.Abs(d.slack[j]))
		}
	}
	alpha := float64(d.t.Alpha)
	if alpha == 0 {
		return squares
	}
	residual := d.norm + wqw - float64(2*qw)
	scale := 1.0
	if d.dualNorm > alpha {
		scale = alpha / d.dualNorm
	}
	primal := float64(0.5*residual) + float64(alpha*l1)
	dual := float64(-0.5*float64(scale*scale)*residual) + float64(scale*(d.norm-qw))
	return primal - dual
}
