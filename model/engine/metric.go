package engine

import (
	"fmt"
	"math"
)

// Metric is a distance between two vectors of the same length. Most metrics are compared by a reduced distance, which is cheaper and ranks the
// same: the square of a Euclidean distance, the sum before the root of a Minkowski distance.
//
// The order of operations is that of the loops in sklearn/metrics/_dist_metrics.pyx.tp.
type Metric struct {
	// Name is "euclidean", "sqeuclidean", "manhattan", "chebyshev", "minkowski" (P; Vector: weights, or empty), "seuclidean" (Vector: variances),
	// "mahalanobis" (Matrix: the inverse covariance, row-major), "hamming", "canberra", "braycurtis", "haversine", "cosine", "correlation", "nan_euclidean",
	// or one of truth values (not 0): "jaccard", "dice", "rogerstanimoto", "russellrao", "sokalmichener", "sokalsneath", "yule".
	Name string   `json:"metric"`
	P    Number64 `json:"p"`
	// Float32: the vectors are float32, differences and results are rounded to float32.
	Float32 bool      `json:"float32"`
	Vector  []float64 `tensor:"vector"`
	Matrix  []float64 `tensor:"matrix"`
}

// distance computes a reduced distance.
type distance func(m *Metric, a, b []float64) float64

// checkMetric checks the metric for vectors of a width.
func (m *Metric) checkMetric(width int) error {
	if m.reduced() == nil {
		return fmt.Errorf("metric is %q, which is not known", m.Name)
	}
	vector, matrix := 0, 0
	switch m.Name {
	case "minkowski":
		if !(float64(m.P) > 0) || math.IsInf(float64(m.P), 0) {
			return fmt.Errorf("p is %v, want a finite number above 0", m.P)
		}
		if len(m.Vector) > 0 {
			vector = width
		}
	case "seuclidean":
		vector = width
	case "mahalanobis":
		matrix = width * width
	case "haversine":
		if width != 2 {
			return fmt.Errorf("haversine takes 2 columns, got %d", width)
		}
	}
	if err := items("vector", m.Vector, vector); err != nil {
		return err
	}
	return items("matrix", m.Matrix, matrix)
}

// reduced is the function of the metric's reduced distance, nil for an unknown name.
func (m *Metric) reduced() distance {
	switch m.Name {
	case "euclidean", "sqeuclidean":
		return squaredEuclidean
	case "manhattan":
		return manhattan
	case "chebyshev":
		return chebyshev
	case "minkowski":
		return minkowski
	case "seuclidean":
		return standardizedEuclidean
	case "mahalanobis":
		return mahalanobis
	case "hamming":
		return hamming
	case "canberra":
		return canberra
	case "braycurtis":
		return brayCurtis
	case "haversine":
		return haversine
	case "cosine":
		return cosineDistance
	case "correlation":
		return correlation
	case "nan_euclidean":
		return nanEuclidean
	case "jaccard", "dice", "rogerstanimoto", "russellrao", "sokalmichener", "sokalsneath", "yule":
		return boolean
	}
	return nil
}

// difference is a - b in the vectors' own arithmetic. The float64 difference of two float32 numbers, rounded, is their float32 difference.
func (m *Metric) difference(a, b float64) float64 {
	if m.Float32 {
		return float64(float32(a - b))
	}
	return a - b
}

// rounded is the result of a function that returns the vectors' type.
func (m *Metric) rounded(v float64) float64 {
	if m.Float32 {
		return float64(float32(v))
	}
	return v
}

// unreduce is the distance of a reduced distance.
func (m *Metric) unreduce(v float64) float64 {
	v = m.rounded(v)
	switch m.Name {
	case "euclidean", "seuclidean", "mahalanobis":
		return m.rounded(math.Sqrt(v))
	case "minkowski":
		return m.rounded(power(v, 1/float64(m.P)))
	case "haversine":
		return m.rounded(2 * math.Asin(math.Sqrt(v)))
	}
	return v
}

// reduce is the reduced distance of a distance.
func (m *Metric) reduce(v float64) float64 {
	v = m.rounded(v)
	switch m.Name {
	case "euclidean", "seuclidean", "mahalanobis":
		return m.rounded(v * v)
	case "minkowski":
		return m.rounded(power(v, float64(m.P)))
	case "haversine":
		s := math.Sin(0.5 * v)
		return m.rounded(s * s)
	}
	return v
}

func squaredEuclidean(m *Metric, a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		d := m.difference(v, b[i])
		sum += float64(d * d)
	}
	return m.rounded(sum)
}

func manhattan(m *Metric, a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += math.Abs(m.difference(v, b[i]))
	}
	return m.rounded(sum)
}

func chebyshev(m *Metric, a, b []float64) float64 {
	top := 0.0
	for i, v := range a {
		if d := math.Abs(m.difference(v, b[i])); d > top {
			top = d
		}
	}
	return top
}

func minkowski(m *Metric, a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		d := power(math.Abs(m.difference(v, b[i])), float64(m.P))
		if len(m.Vector) > 0 {
			d = float64(m.Vector[i] * d)
		}
		sum += float64(d)
	}
	return m.rounded(sum)
}

func standardizedEuclidean(m *Metric, a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		d := m.difference(v, b[i])
		sum += float64(d*d) / m.Vector[i]
	}
	return m.rounded(sum)
}

func mahalanobis(m *Metric, a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		inner := 0.0
		for j, w := range m.Matrix[i*len(a) : (i+1)*len(a)] {
			inner += float64(w * m.difference(a[j], b[j]))
		}
		sum += float64(inner * m.difference(v, b[i]))
	}
	return m.rounded(sum)
}

func hamming(m *Metric, a, b []float64) float64 {
	unequal := 0
	for i, v := range a {
		if v != b[i] {
			unequal++
		}
	}
	return m.rounded(float64(unequal) / float64(len(a)))
}

func canberra(m *Metric, a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		if scale := math.Abs(v) + math.Abs(b[i]); scale > 0 {
			sum += math.Abs(m.difference(v, b[i])) / scale
		}
	}
	return m.rounded(sum)
}

func brayCurtis(m *Metric, a, b []float64) float64 {
	sum, scale := 0.0, 0.0
	for i, v := range a {
		sum += math.Abs(m.difference(v, b[i]))
		scale += math.Abs(v) + math.Abs(b[i])
	}
	if scale > 0 {
		return m.rounded(sum / scale)
	}
	return 0
}

func haversine(m *Metric, a, b []float64) float64 {
	s0 := math.Sin(0.5 * m.difference(a[0], b[0]))
	s1 := math.Sin(0.5 * m.difference(a[1], b[1]))
	return m.rounded(float64(s0*s0) + float64(float64(float64(math.Cos(a[0])*math.Cos(b[0]))*s1)*s1))
}

// cosineDistance is one minus the cosine of the angle; a vector of zeros has the distance 1 to any other.
func cosineDistance(_ *Metric, a, b []float64) float64 {
	na, nb := math.Sqrt(dot(a, a)), math.Sqrt(dot(b, b))
	if na == 0 {
		na = 1
	}
	if nb == 0 {
		nb = 1
	}
	sum := 0.0
	for i, v := range a {
		sum = fma(v/na, b[i]/nb, sum)
	}
	return min(max(1-sum, 0), 2)
}

// correlation is one minus the correlation, as scipy.spatial.distance.correlation has it.
func correlation(_ *Metric, a, b []float64) float64 {
	ma, mb := mean(a), mean(b)
	ab, aa, bb := 0.0, 0.0, 0.0
	for i, v := range a {
		da, db := v-ma, b[i]-mb
		ab += float64(da * db)
		aa += float64(da * da)
		bb += float64(db * db)
	}
	r := ab / (math.Sqrt(aa) * math.Sqrt(bb))
	if math.Abs(r) > 1 {
		r = math.Copysign(1, r)
	}
	return 1 - r
}

func mean(v []float64) float64 { return pairwiseSum(v) / float64(len(v)) }

// nanEuclidean is sklearn.metrics.pairwise.nan_euclidean_distances: the coordinates that both have, scaled up to all; NaN if there are none. It expands the
// square with zeros for what is missing, then takes off what met them, and so loses digits where a is close to b.
func nanEuclidean(_ *Metric, a, b []float64) float64 {
	present, products, aloneA, aloneB := 0, 0.0, 0.0, 0.0
	for i, v := range a {
		switch w := b[i]; {
		case math.IsNaN(w):
			aloneA += square(v)
		case math.IsNaN(v):
			aloneB += square(w)
		default:
			products = fma(v, w, products)
			present++
		}
	}
	if present == 0 {
		return math.NaN()
	}
	squared := max(pairedNorm(a)-2*products+pairedNorm(b), 0)
	squared = max(squared-aloneA-aloneB, 0)
	return math.Sqrt(squared / float64(present) * float64(len(a)))
}

// boolean holds the metrics that take numbers for truth values.
func boolean(m *Metric, a, b []float64) float64 {
	both, first, second := 0.0, 0.0, 0.0 // how many coordinates are true in both, in the first or in the second alone
	for i, v := range a {
		switch {
		case v != 0 && b[i] != 0:
			both++
		case v != 0:
			first++
		case b[i] != 0:
			second++
		}
	}
	n, unequal := float64(len(a)), first+second
	switch m.Name {
	case "jaccard":
		if both+unequal == 0 {
			return 0
		}
		return m.rounded(unequal / (both + unequal))
	case "dice":
		return m.rounded(unequal / (2*both + unequal))
	case "rogerstanimoto", "sokalmichener":
		return m.rounded(2 * unequal / (n + unequal))
	case "russellrao":
		return m.rounded((n - both) / n)
	case "sokalsneath":
		return m.rounded(unequal / (float64(0.5*both) + unequal))
	}
	neither, half := n-both-unequal, float64(first*second)
	if half == 0 {
		return 0
	}
	return 2 * half / (float64(both*neither) + half) // yule
}
