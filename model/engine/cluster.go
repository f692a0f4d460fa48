package engine

import (
	"fmt"
	"math"
)

// NearestCenter writes the index of the nearest of some centres c, the first of several: the smallest |c|² - 2xc, which leaves |x|² out.
type NearestCenter struct {
	In    Span      `json:"in"`
	Out   Slot      `json:"out"`
	Gram  Products  `json:"gram"`
	Data  []float64 `tensor:"data"`  // centres × columns
	Norms []float64 `tensor:"norms"` // |c|²
}

// Bisection writes the leaf of a binary tree that a row falls into: each inner node has two centres, of which the row follows the nearer one.
type Bisection struct {
	NearestCenter
	// Next holds what follows each centre: the inner node, whose centres are 2i and 2i+1; or -1-l for the leaf l.
	Next []int32 `tensor:"next"`
}

// Kind is "nearest_center".
func (*NearestCenter) Kind() string { return "nearest_center" }

func (t *NearestCenter) check(f *frame) error {
	if t.Gram != Fused && t.Gram != Paired && t.Gram != Plain {
		return fmt.Errorf("gram is %q, want %q, %q or %q", t.Gram, Fused, Paired, Plain)
	}
	if len(t.Norms) == 0 || len(t.Data) != len(t.Norms)*int(t.In.N) {
		return fmt.Errorf("data has %d items and norms %d, want at least one centre of %d columns", len(t.Data), len(t.Norms), t.In.N)
	}
	return f.apart(t.In, one(t.Out))
}

// nearest is the nearest of the centres from first to before last.
func (t *NearestCenter) nearest(x []float64, first, last int) int {
	best, least := first, math.Inf(1)
	for j := first; j < last; j++ {
		d := t.Norms[j] - 2*t.Gram.dot(x, t.Data[j*len(x):(j+1)*len(x)])
		if j == first || d < least {
			best, least = j, d
		}
	}
	return best
}

func (t *NearestCenter) run(s *session, n int) {
	for r := range n {
		s.row(r)[t.Out] = float64(t.nearest(s.span(r, t.In), 0, len(t.Norms)))
	}
}

// Kind is "bisection".
func (*Bisection) Kind() string { return "bisection" }

func (t *Bisection) check(f *frame) error {
	if len(t.Next) != len(t.Norms) || len(t.Next)%2 != 0 {
		return fmt.Errorf("next has %d items for %d centres, want one for each, and two centres a node", len(t.Next), len(t.Norms))
	}
	for j, next := range t.Next {
		if next >= 0 && (int(next) <= j/2 || int(next) >= len(t.Next)/2) {
			return fmt.Errorf("next[%d] is %d, want a later node of %d or a leaf", j, next, len(t.Next)/2)
		}
	}
	return t.NearestCenter.check(f)
}

func (t *Bisection) run(s *session, n int) {
	for r := range n {
		next := int32(0)
		for next >= 0 {
			next = t.Next[t.nearest(s.span(r, t.In), 2*int(next), 2*int(next)+2)]
		}
		s.row(r)[t.Out] = float64(-1 - next)
	}
}

// Gaussians writes the logarithm of the density of normal distributions (sklearn.mixture._gaussian_mixture._estimate_log_gaussian_prob), plus Offsets.
type Gaussians struct {
	In  Span `json:"in"`
	Out Span `json:"out"`
	// Covariance is "full" or "tied", with Factors that make the deviations independent: (x·Factors - Shifts)² is added up; or "diag" or "spherical", with
	// precisions: the square is expanded.
	Covariance string    `json:"covariance"`
	Factors    []float64 `tensor:"factors"` // full: out × columns × columns, each transposed; tied: one of those; diag: precisions, out × columns; spherical: one each
	Shifts     []float64 `tensor:"shifts"`  // full, tied: mean·factor, out × columns; diag: mean × precision; spherical: means
	Squares    []float64 `tensor:"squares"` // diag, spherical: Σ mean² × precision; else empty
	LogDets    []float64 `tensor:"log_dets"`
	Offsets    []float64 `tensor:"offsets"`
}

// Kind is "gaussians".
func (*Gaussians) Kind() string { return "gaussians" }

func (t *Gaussians) check(f *frame) error {
	d, k := int64(t.In.N), int64(t.Out.N)
	factors, squares := int64(0), k
	switch t.Covariance {
	case "full":
		factors, squares = k*d*d, 0
	case "tied":
		factors, squares = d*d, 0
	case "diag":
		factors = k * d
	case "spherical":
		factors = k
	default:
		return fmt.Errorf(`covariance is %q, want "full", "tied", "diag" or "spherical"`, t.Covariance)
	}
	if int64(len(t.Factors)) != factors || int64(len(t.Shifts)) != k*d || int64(len(t.Squares)) != squares || int64(len(t.LogDets)) != k || int64(len(t.Offsets)) != k {
		return fmt.Errorf("factors, shifts, squares, log_dets and offsets have %d, %d, %d, %d and %d items, want %d, %d, %d, %d and %d",
			len(t.Factors), len(t.Shifts), len(t.Squares), len(t.LogDets), len(t.Offsets), factors, k*d, squares, k, k)
	}
	return f.apart(t.In, t.Out)
}

func (t *Gaussians) run(s *session, n int) {
	for r := range n {
		x, out := s.span(r, t.In), s.span(r, t.Out)
		constant := float64(float64(len(x)) * math.Log(2*math.Pi))
		for k := range out {
			out[k] = float64(-0.5*(constant+t.squared(x, k))) + t.LogDets[k] + t.Offsets[k]
		}
	}
}

// squared is the squared distance of x to mean k, in units of the covariance.
func (t *Gaussians) squared(x []float64, k int) float64 {
	d := len(x)
	shift := t.Shifts[k*d : (k+1)*d]
	switch t.Covariance {
	case "full", "tied":
		factor := t.Factors
		if t.Covariance == "full" {
			factor = factor[k*d*d : (k+1)*d*d]
		}
		return pairwise(d, func(j int) float64 {
			y := dotGEMM(x, factor[j*d:(j+1)*d]) - shift[j]
			return float64(y * y)
		})
	case "diag":
		squares := 0.0
		for j, v := range x {
			squares = fma(v*v, t.Factors[k*d+j], squares)
		}
		return t.Squares[k] - float64(2*dotGEMM(x, shift)) + squares
	}
	precision := t.Factors[k]
	return t.Squares[k] - float64(2*float64(dotGEMM(x, shift)*precision)) + float64(pairedNorm(x)*precision)
}

// LogSumExp writes log(sum over In of exp(v)), in the form of scipy.special.logsumexp.
type LogSumExp struct {
	In  Span `json:"in"`
	Out Slot `json:"out"`
}

// Kind is "log_sum_exp".
func (*LogSumExp) Kind() string { return "log_sum_exp" }

func (t *LogSumExp) check(f *frame) error {
	if err := atLeastOne(t.In); err != nil {
		return err
	}
	return f.apart(t.In, one(t.Out))
}

func (t *LogSumExp) run(s *session, n int) {
	for r := range n {
		s.row(r)[t.Out] = logSumExp(s.span(r, t.In))
	}
}

// AddFactor fills in component k of full or tied covariances, whose factor is row-major: its transpose, mean·factor and the logarithm of its determinant. It
// returns the magnitude of the squares that the run adds up at the origin.
func (t *Gaussians) AddFactor(k int, mean, factor []float64) float64 {
	d := len(mean)
	transposed, logs, size := make([]float64, d*d), make([]float64, d), 0.0
	for j := range d {
		column := transposed[j*d : (j+1)*d]
		for i := range d {
			column[i] = factor[i*d+j]
		}
		shift := dotGEMM(mean, column)
		t.Shifts[k*d+j], logs[j] = shift, logarithm(factor[j*d+j])
		size += float64(shift * shift)
	}
	if t.Covariance == "full" || k == 0 {
		t.Factors = append(t.Factors, transposed...)
	}
	t.LogDets[k] = pairwiseSum(logs)
	return size
}
