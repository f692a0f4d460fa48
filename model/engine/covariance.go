package engine

import (
	"fmt"
	"math"
)

// Covariance writes the covariance of a Gaussian process between the row x and each of the points y. With d² = Σ (xᵢ/Scales[i] - yᵢ)², the points being
// divided by the scales already, the functions are
//
//	squared_exponential  exp(-d²/2)
//	matern               2^(1-A)/Γ(A) · (√(2A)·d)^A · K_A(√(2A)·d), with the closed forms for A = 1/2, 3/2, 5/2 and ∞
//	rational_quadratic   (1 + d²/(2A·B²))^-A
//	periodic             exp(-2 (sin(π/B·d)/A)²)
//	dot                  x·y + A
//
// The operations are those of the classes of sklearn.gaussian_process.kernels.
type Covariance struct {
	Op     string    `json:"op"`
	In     Span      `json:"in"`
	Out    Span      `json:"out"`
	A      Number64  `json:"a"`
	B      Number64  `json:"b"`
	Scales []float64 `tensor:"scales"` // In.N
	Points []float64 `tensor:"points"` // Out.N × In.N
}

// Raise raises each value to a power. In place allowed.
type Raise struct {
	In       Span     `json:"in"`
	Out      Span     `json:"out"`
	Exponent Number64 `json:"exponent"`
}

// LowerSolve writes the solution v of L·v = In, for a lower triangular L. In place allowed.
type LowerSolve struct {
	In  Span      `json:"in"`
	Out Span      `json:"out"`
	L   []float64 `tensor:"l"` // row after row, up to the diagonal
}

// LogisticGaussian writes (1-p, p), where p is the mean of the logistic function of a normal variable, approximated by five error functions (Williams and Barber:
// Bayesian classification with Gaussian processes, 1998, appendix A; _BinaryGaussianProcessClassifierLaplace.predict_proba).
type LogisticGaussian struct {
	Mean     Slot `json:"mean"`
	Variance Slot `json:"variance"`
	Out      Span `json:"out"`
}

// Kind is "covariance".
func (*Covariance) Kind() string { return "covariance" }

func (t *Covariance) check(f *frame) error {
	if t.function() == nil {
		return fmt.Errorf("op is %q, which is not known", t.Op)
	}
	if int64(len(t.Points)) != int64(t.In.N)*int64(t.Out.N) || len(t.Scales) != int(t.In.N) {
		return fmt.Errorf("points has %d items and scales %d, want %d × %d and %d", len(t.Points), len(t.Scales), t.Out.N, t.In.N, t.In.N)
	}
	return f.apart(t.In, t.Out)
}

func (t *Covariance) run(s *session, n int) {
	function := t.function()
	for r := range n {
		x, out := s.span(r, t.In), s.span(r, t.Out)
		for j := range out {
			out[j] = function(t, x, t.Points[j*len(x):][:len(x)])
		}
	}
}

// squared is d².
func (t *Covariance) squared(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		d := v/t.Scales[i] - y[i]
		sum += float64(d * d)
	}
	return sum
}

func (t *Covariance) function() func(t *Covariance, x, y []float64) float64 {
	switch t.Op {
	case "squared_exponential":
		return squaredExponential
	case "matern":
		return matern
	case "rational_quadratic":
		return rationalQuadratic
	case "periodic":
		return periodic
	case "dot":
		return func(t *Covariance, x, y []float64) float64 { return dotGEMM(x, y) + float64(t.A) }
	}
	return nil
}

func squaredExponential(t *Covariance, x, y []float64) float64 {
	return math.Exp(-0.5 * t.squared(x, y))
}

func rationalQuadratic(t *Covariance, x, y []float64) float64 {
	a, b := float64(t.A), float64(t.B)
	return math.Pow(1+t.squared(x, y)/float64(2*a*float64(b*b)), -a)
}

func periodic(t *Covariance, x, y []float64) float64 {
	v := math.Sin(math.Pi/float64(t.B)*math.Sqrt(t.squared(x, y))) / float64(t.A)
	return math.Exp(-2 * float64(v*v))
}

func matern(t *Covariance, x, y []float64) float64 {
	d, nu := math.Sqrt(t.squared(x, y)), float64(t.A)
	switch {
	case nu == 0.5:
		return math.Exp(-d)
	case nu == 1.5:
		k := float64(d * math.Sqrt(3))
		return (1 + k) * math.Exp(-k)
	case nu == 2.5:
		k := float64(d * math.Sqrt(5))
		return (1 + k + float64(k*k)/3) * math.Exp(-k)
	case math.IsInf(nu, 1):
		return math.Exp(-float64(d*d) / 2)
	}
	if d == 0 {
		d = 0x1p-52
	}
	v := math.Sqrt(2*nu) * d
	return math.Pow(2, 1-nu) / math.Gamma(nu) * math.Pow(v, nu) * besselK(nu, v)
}

// Kind is "raise".
func (*Raise) Kind() string { return "raise" }

func (t *Raise) check(f *frame) error { return f.each(t.In, t.Out) }

func (t *Raise) run(s *session, n int) {
	for r := range n {
		out := s.span(r, t.Out)
		for i, v := range s.span(r, t.In) {
			out[i] = power(v, float64(t.Exponent))
		}
	}
}

// Kind is "lower_solve".
func (*LowerSolve) Kind() string { return "lower_solve" }

func (t *LowerSolve) check(f *frame) error {
	if n := int64(t.In.N); int64(len(t.L)) != n*(n+1)/2 {
		return fmt.Errorf("l has %d items, want %d", len(t.L), n*(n+1)/2)
	}
	return f.each(t.In, t.Out)
}

func (t *LowerSolve) run(s *session, n int) {
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		rest := t.L
		for i, v := range in {
			row := rest[:i+1]
			rest = rest[i+1:]
			for j, l := range row[:i] {
				v -= float64(l * out[j])
			}
			out[i] = v / row[i]
		}
	}
}

// Kind is "logistic_gaussian".
func (*LogisticGaussian) Kind() string { return "logistic_gaussian" }

func (t *LogisticGaussian) check(f *frame) error {
	if t.Out.N != 2 {
		return fmt.Errorf("out has %d slots, want 2", t.Out.N)
	}
	if err := f.read("variance", one(t.Variance)); err != nil {
		return err
	}
	if overlap(one(t.Variance), t.Out) {
		return fmt.Errorf("variance %d lies in out %v", t.Variance, t.Out)
	}
	return f.apart(one(t.Mean), t.Out)
}

// The scales and the coefficients of the error functions.
var (
	logisticScales       = [5]float64{0.41, 0.4, 0.37, 0.44, 0.39}
	logisticCoefficients = [5]float64{-1854.8214151, 3516.89893646, 221.29346712, 128.12323805, -2010.49422654}
)

func (t *LogisticGaussian) run(s *session, n int) {
	for r := range n {
		row := s.row(r)
		mean, variance := row[t.Mean], row[t.Variance]
		alpha := 1 / float64(2*variance)
		p, total := 0.0, 0.0
		for i, scale := range logisticScales {
			integral := math.Sqrt(math.Pi/alpha) * math.Erf(float64(scale*mean)*math.Sqrt(alpha/(alpha+float64(scale*scale)))) / float64(2*math.Sqrt(variance*2*math.Pi))
			p += float64(logisticCoefficients[i] * integral)
			total += logisticCoefficients[i]
		}
		p += float64(0.5 * total)
		out := s.span(r, t.Out)
		out[0], out[1] = 1-p, p
	}
}
