package sklearn

import "math"

// factored is a square matrix taken apart by Gaussian elimination with partial pivoting, row by row.
type factored struct {
	n    int
	lu   []float64
	rows []int // where each row of lu came from
	// regular: no pivot is 0.
	regular bool
	odd     bool // an odd number of rows was exchanged
}

// factor takes a matrix of n rows apart; a is not changed.
func factor(a []float64, n int) *factored {
	f := &factored{n: n, lu: append([]float64(nil), a...), rows: indices(n), regular: true}
	for k := range n {
		pivot := k
		for i := k + 1; i < n; i++ {
			if math.Abs(f.lu[i*n+k]) > math.Abs(f.lu[pivot*n+k]) {
				pivot = i
			}
		}
		if pivot != k {
			f.odd = !f.odd
			f.rows[k], f.rows[pivot] = f.rows[pivot], f.rows[k]
			for j := range n {
				f.lu[k*n+j], f.lu[pivot*n+j] = f.lu[pivot*n+j], f.lu[k*n+j]
			}
		}
		if top := f.lu[k*n+k]; top == 0 || math.IsNaN(top) {
			f.regular = false
			return f
		}
		for i := k + 1; i < n; i++ {
			f.lu[i*n+k] /= f.lu[k*n+k]
			for j := k + 1; j < n; j++ {
				f.lu[i*n+j] -= float64(f.lu[i*n+k] * f.lu[k*n+j])
			}
		}
	}
	return f
}

// solve gives x of a x = b, b of n rows and m columns.
func (f *factored) solve(b []float64, m int) []float64 {
	n := f.n
	x := make([]float64, n*m)
	for i, from := range f.rows {
		copy(x[i*m:(i+1)*m], b[from*m:(from+1)*m])
	}
	for i := range n {
		for k := range i {
			for j := range m {
				x[i*m+j] -= float64(f.lu[i*n+k] * x[k*m+j])
			}
		}
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			for j := range m {
				x[i*m+j] -= float64(f.lu[i*n+k] * x[k*m+j])
			}
		}
		for j := range m {
			x[i*m+j] /= f.lu[i*n+i]
		}
	}
	return x
}

// inverse gives the inverse of the matrix.
func (f *factored) inverse() []float64 { return f.solve(identity(f.n), f.n) }

// logDet is sklearn.utils.extmath.fast_logdet: -Inf where the determinant is not positive.
func (f *factored) logDet() float64 {
	sum, negative := 0.0, f.odd
	for i := range f.n {
		v := f.lu[i*f.n+i]
		negative = negative != (v < 0)
		sum += math.Log(math.Abs(v))
	}
	if negative || !f.regular {
		return math.Inf(-1)
	}
	return sum
}

// magnitudes are the absolute values of a matrix.
func magnitudes(a []float64) []float64 {
	out := make([]float64, len(a))
	for i, v := range a {
		out[i] = math.Abs(v)
	}
	return out
}

func identity(n int) []float64 {
	out := make([]float64, n*n)
	for i := range n {
		out[i*n+i] = 1
	}
	return out
}

// multiply gives the product of an n × k and a k × m matrix.
func multiply(a, b []float64, n, k, m int) []float64 {
	out := make([]float64, n*m)
	for i := range n {
		for t := range k {
			for j := range m {
				out[i*m+j] += float64(a[i*k+t] * b[t*m+j])
			}
		}
	}
	return out
}
