package engine

import (
	"fmt"
	"math"
)

// Kernel writes a kernel function of the row x and each of the points y, in order. With d = x·y and the parameters g (Gamma), c (Coef0)
// and n (Degree) the functions are
//
//	linear          d
//	polynomial      (g·d + c)ⁿ
//	sigmoid         tanh(g·d + c)
//	cosine          x/|x| · y, where the points are of length 1 already and |x| = 0 counts as 1
//	rbf             exp(-g · max(0, |x|² - 2d + |y|²)), the squared distance by its expansion, which loses digits where x is close to y
//	gaussian        exp(-g · Σ (xᵢ - yᵢ)²), the same function without that loss
//	laplacian       exp(-g · Σ |xᵢ - yᵢ|)
//	additive_chi2   -Σ (xᵢ - yᵢ)² / (xᵢ + yᵢ), where a sum of 0 adds nothing
//	chi2            exp(g · additive_chi2)
type Kernel struct {
	Op     string    `json:"op"`
	Gram   Products  `json:"gram"` // how products are added up; Plain, Vectors, or Paired for the matrices of a BLAS
	In     Span      `json:"in"`
	Out    Span      `json:"out"`
	Gamma  Number64  `json:"gamma"`
	Coef0  Number64  `json:"coef0"`
	Degree Number64  `json:"degree"`
	Points []float64 `tensor:"points"` // Out.N × In.N
	Norms  []float64 `tensor:"norms"`  // for rbf |y|² of each point, else empty
}

// Kind is "kernel".
func (*Kernel) Kind() string { return "kernel" }

func (t *Kernel) check(f *frame) error {
	if t.function() == nil {
		return fmt.Errorf(`op is %q, want "linear", "polynomial", "sigmoid", "cosine", "rbf", "gaussian", "laplacian", "additive_chi2" or "chi2"`, t.Op)
	}
	if t.Gram != Plain && t.Gram != Vectors && t.Gram != Paired {
		return fmt.Errorf("gram is %q, want %q, %q or %q", t.Gram, Plain, Vectors, Paired)
	}
	if want := int64(t.In.N) * int64(t.Out.N); int64(len(t.Points)) != want {
		return fmt.Errorf("points has %d items, want %d", len(t.Points), want)
	}
	norms := 0
	if t.Op == "rbf" {
		norms = int(t.Out.N)
	}
	if err := items("norms", t.Norms, norms); err != nil {
		return err
	}
	return f.apart(t.In, t.Out)
}

func (t *Kernel) run(s *session, n int) {
	k := t.function()
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		norm := 0.0
		if t.Op == "rbf" || t.Op == "cosine" {
			norm = t.Gram.SquaredNorm(in)
		}
		for j := range out {
			out[j] = k(t, in, t.Points[j*len(in):][:len(in)], norm, j)
		}
	}
}

// function is the kernel that Op names, nil for an unknown one. It is given the row, point j and |x|², which only some use.
func (t *Kernel) function() func(t *Kernel, x, y []float64, norm float64, j int) float64 {
	switch t.Op {
	case "linear":
		return func(t *Kernel, x, y []float64, _ float64, _ int) float64 { return t.Gram.dot(x, y) }
	case "polynomial":
		return func(t *Kernel, x, y []float64, _ float64, _ int) float64 {
			return t.Gram.power(t.affine(x, y), float64(t.Degree))
		}
	case "sigmoid":
		return func(t *Kernel, x, y []float64, _ float64, _ int) float64 { return math.Tanh(t.affine(x, y)) }
	case "cosine":
		return func(t *Kernel, x, y []float64, norm float64, _ int) float64 { return t.cosine(x, y, norm) }
	case "rbf":
		return func(t *Kernel, x, y []float64, norm float64, j int) float64 {
			squared := float64(-2*t.Gram.dot(x, y)) + norm + t.Norms[j]
			return math.Exp(-float64(t.Gamma) * max(squared, 0))
		}
	case "gaussian":
		return func(t *Kernel, x, y []float64, _ float64, _ int) float64 {
			return math.Exp(-float64(t.Gamma) * t.Gram.squaredDistance(x, y))
		}
	case "laplacian":
		return func(t *Kernel, x, y []float64, _ float64, _ int) float64 {
			return math.Exp(-float64(t.Gamma) * absoluteDistance(x, y))
		}
	case "additive_chi2":
		return func(_ *Kernel, x, y []float64, _ float64, _ int) float64 { return -chiSquared(x, y) }
	case "chi2":
		return func(t *Kernel, x, y []float64, _ float64, _ int) float64 {
			return math.Exp(float64(t.Gamma) * -chiSquared(x, y))
		}
	default:
		return nil
	}
}

// affine is g·(x·y) + c.
func (t *Kernel) affine(x, y []float64) float64 {
	return float64(t.Gram.dot(x, y)*float64(t.Gamma)) + float64(t.Coef0)
}

// power is v to the n. For Paired it is that of numpy; otherwise a whole power is the product with itself, in the order of libsvm's powi.
func (p Products) power(v, n float64) float64 {
	if n != math.Trunc(n) || n < 0 || n > maxPower {
		return math.Pow(v, n)
	}
	if p == Paired {
		return carriedPower(v, int(n))
	}
	result := 1.0
	for t := int(n); t > 0; t /= 2 {
		if t%2 == 1 {
			result *= v
		}
		v *= v
	}
	return result
}

// dot is the sum of the products, in order.
func dot(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += float64(v * y[i])
	}
	return sum
}

func (t *Kernel) cosine(x, y []float64, norm float64) float64 {
	length := math.Sqrt(norm)
	if length == 0 {
		length = 1
	}
	sum := 0.0
	for i, v := range x {
		if t.Gram == Paired {
			sum = fma(v/length, y[i], sum)
		} else {
			sum += float64(v / length * y[i])
		}
	}
	return sum
}

// squaredDistance is the dot product of x - y with itself.
func (p Products) squaredDistance(x, y []float64) float64 {
	if p == Vectors {
		return vectorDot(len(x), func(i int) (a, b float64) { return x[i] - y[i], x[i] - y[i] })
	}
	return squaredDistance(x, y)
}

func squaredDistance(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		d := v - y[i]
		sum += float64(d * d)
	}
	return sum
}

func absoluteDistance(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += math.Abs(v - y[i])
	}
	return sum
}

func chiSquared(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		if total := v + y[i]; total != 0 {
			d := v - y[i]
			sum += d * d / total
		}
	}
	return sum
}
