package engine

import (
	"fmt"
	"math"
)

// Geodesic writes the length of the shortest path from the row to each point: over one of its neighbours, whose distances to all points are known.
// The weights of the neighbours are their distances.
type Geodesic struct {
	Neighborhood
	Out   Span      `json:"out"`     // a slot for each point
	Paths []float64 `tensor:"paths"` // points × points
}

// Barycenter writes the weights with which the neighbours of the row add up to it best: the solution of G·w = 1, divided by its sum, where G holds the products of
// the differences between neighbours and row, with Regularization times its trace added to the diagonal (barycenter_weights in sklearn/manifold/_locally_linear.py). A
// row without a solution is marked OutOfDomain.
type Barycenter struct {
	In             Span      `json:"in"`
	Indices        Span      `json:"indices"`
	Out            Span      `json:"out"`
	Scratch        Span      `json:"scratch"` // k × (k + In.N) slots for k neighbours
	Regularization Number64  `json:"regularization"`
	Points         []float64 `tensor:"points"`
}

// Kind is "geodesic".
func (*Geodesic) Kind() string { return "geodesic" }

func (t *Geodesic) check(f *frame) error {
	n := int64(t.Out.N)
	if n < 1 || int64(len(t.Paths)) != n*n || t.Weights.N == 0 {
		return fmt.Errorf("paths has %d items for %d points and weights %d slots, want the square, and weights", len(t.Paths), n, t.Weights.N)
	}
	if err := t.checkNeighbors(f, t.Out); err != nil {
		return err
	}
	return f.write("out", t.Out)
}

func (t *Geodesic) run(s *session, n int) {
	for r := range n {
		indices, distances := t.neighbors(s, r)
		out := s.span(r, t.Out)
		for j := range out {
			out[j] = math.Inf(1)
		}
		for i, index := range indices {
			at := place(index, len(out)-1) * len(out)
			for j, path := range t.Paths[at : at+len(out)] {
				out[j] = min(out[j], path+distances[i])
			}
		}
	}
}

// Kind is "barycenter".
func (*Barycenter) Kind() string { return "barycenter" }

func (t *Barycenter) check(f *frame) error {
	k, d := int64(t.Indices.N), int64(t.In.N)
	if k < 1 || d < 1 || len(t.Points) == 0 || int64(len(t.Points))%d != 0 || t.Out.N != t.Indices.N {
		return fmt.Errorf("points has %d items, indices and out %d and %d slots, want points of %d columns and a weight for each index", len(t.Points), k, t.Out.N, d)
	}
	if int64(t.Scratch.N) != k*(k+d) {
		return fmt.Errorf("scratch has %d slots, want %d", t.Scratch.N, k*(k+d))
	}
	for _, other := range []Span{t.In, t.Indices, t.Out} {
		if overlap(t.Scratch, other) {
			return fmt.Errorf("scratch %v overlaps %v", t.Scratch, other)
		}
	}
	if err := f.read("in", t.In); err != nil {
		return err
	}
	if overlap(t.In, t.Out) {
		return fmt.Errorf("in %v and out %v overlap", t.In, t.Out)
	}
	if err := f.write("scratch", t.Scratch); err != nil {
		return err
	}
	return f.apart(t.Indices, t.Out)
}

func (t *Barycenter) run(s *session, n int) {
	k, d := int(t.Indices.N), int(t.In.N)
	last := len(t.Points)/d - 1
	for r := range n {
		x, scratch, out := s.span(r, t.In), s.span(r, t.Scratch), s.span(r, t.Out)
		gram, differences := scratch[:k*k], scratch[k*k:]
		for i, index := range s.span(r, t.Indices) {
			at := place(index, last) * d
			for j, v := range t.Points[at : at+d] {
				differences[i*d+j] = v - x[j]
			}
		}
		trace := 0.0
		for i := range k {
			for j := range i + 1 {
				gram[i*k+j] = dot(differences[i*d:(i+1)*d], differences[j*d:(j+1)*d])
			}
			trace += gram[i*k+i]
		}
		ridge := float64(t.Regularization)
		if trace > 0 {
			ridge = float64(ridge * trace)
		}
		largest := 0.0
		for i := range k {
			gram[i*k+i] += ridge
			largest = max(largest, gram[i*k+i])
			out[i] = 1
		}
		// An infinite diagonal would pass the factorization: scipy.linalg.solve raises for it.
		if math.IsInf(largest, 1) || !cholesky(gram, k) {
			s.mark(r, OutOfDomain, -1)
			continue
		}
		solveCholesky(gram, out)
		sum := pairwiseSum(out)
		for i := range out {
			out[i] /= sum
		}
	}
}

// cholesky replaces the lower triangle of a symmetric matrix by its factor; false if the matrix is not positive definite.
func cholesky(a []float64, n int) bool {
	for i := range n {
		for j := range i + 1 {
			sum := a[i*n+j] - dot(a[i*n:i*n+j], a[j*n:j*n+j])
			switch {
			case i != j:
				a[i*n+j] = sum / a[j*n+j]
			case !(sum > 0):
				return false
			default:
				a[i*n+i] = math.Sqrt(sum)
			}
		}
	}
	return true
}

// solveCholesky solves L·Lᵀ·v = v in place.
func solveCholesky(l, v []float64) {
	n := len(v)
	for i := range n {
		v[i] = (v[i] - dot(l[i*n:i*n+i], v[:i])) / l[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		sum := v[i]
		for j := i + 1; j < n; j++ {
			sum -= float64(l[j*n+i] * v[j])
		}
		v[i] = sum / l[i*n+i]
	}
}
