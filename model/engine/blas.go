package engine

import "math"

// This file adds products up as the BLAS does that numpy and scipy ship for amd64 (OpenBLAS, kernels with AVX2 and FMA). Where a result hangs on the last
// bits, as a Euclidean distance by ‖x‖² - 2xy + ‖y‖² does next to 0, that is what makes it the same.

// fma is math.FMA behind a call, so that a search for fused multiply-adds in the code finds this one alone.
//
//go:noinline
func fma(x, y, z float64) float64 { return math.FMA(x, y, z) }

// Products says how products are added up.
type Products string

const (
	// Fused is the order of the BLAS for dense float64 matrices.
	Fused Products = "fused"
	// Paired is that of the BLAS for the products of two vectors, and that of numpy.einsum for squared norms.
	Paired Products = "paired"
	// Vectors is that of the BLAS for the product of two vectors, where libsvm computes kernels.
	Vectors Products = "vectors"
	// Plain adds one product after the other, each rounded: the loops of scipy.sparse.
	Plain Products = "plain"
)

// dot is one cell of the product of two matrices.
func (p Products) dot(a, b []float64) float64 {
	switch p {
	case Plain:
		return dot(a, b)
	case Vectors:
		return vectorDot(len(a), func(i int) (x, y float64) { return a[i], b[i] })
	}
	return dotGEMM(a, b)
}

// SquaredNorm is the dot product of a vector with itself.
func (p Products) SquaredNorm(v []float64) float64 {
	switch p {
	case Fused:
		return squaredNorm(v)
	case Paired:
		return pairedNorm(v)
	}
	return dot(v, v)
}

// pairedNorm is numpy.einsum("i,i", v, v): two sums side by side, of pairs that are taken four at a time, the last of them first. A NaN counts as 0.
func pairedNorm(v []float64) float64 {
	var even, odd float64
	i := 0
	for ; i+8 <= len(v); i += 8 {
		for k := i + 6; k >= i; k -= 2 {
			even += square(v[k])
			odd += square(v[k+1])
		}
	}
	for ; i+1 < len(v); i += 2 {
		even += square(v[i])
		odd += square(v[i+1])
	}
	if i < len(v) {
		even += square(v[i])
	}
	return even + odd
}

// square is v², 0 for NaN.
func square(v float64) float64 {
	if v != v {
		return 0
	}
	return float64(v * v)
}

// gemmBlock is how many products dgemm adds up before it adds them to the result.
const gemmBlock = 256

// dotGEMM is one cell of the product of two matrices (dgemm): a chain of fused multiply-adds, in blocks where the vectors are long.
func dotGEMM(a, b []float64) float64 {
	total := 0.0
	for at := 0; at < len(a); {
		n := len(a) - at
		switch {
		case n >= 2*gemmBlock:
			n = gemmBlock
		case n > gemmBlock:
			n = (n/2 + 3) / 4 * 4
		}
		sum := 0.0
		for i, v := range a[at : at+n] {
			sum = fma(v, b[at+i], sum)
		}
		total += sum
		at += n
	}
	return total
}

// squaredNorm is the dot product (ddot) of a vector with itself.
func squaredNorm(v []float64) float64 {
	return vectorDot(len(v), func(i int) (x, y float64) { return v[i], v[i] })
}

// vectorDot is the dot product (ddot) of n pairs: four vectors of four sums for each whole 16 items, then the rest one by one.
func vectorDot(n int, at func(i int) (x, y float64)) float64 {
	whole := n &^ 15
	var sums [16]float64
	for i := 0; i < whole; i += 16 {
		for k := range sums {
			x, y := at(i + k)
			sums[k] = fma(x, y, sums[k])
		}
	}
	var halves [2]float64
	for k := range halves {
		halves[k] = ((sums[k] + sums[k+2]) + (sums[k+4] + sums[k+6])) + ((sums[k+8] + sums[k+10]) + (sums[k+12] + sums[k+14]))
	}
	total := halves[0] + halves[1]
	for i := whole; i < n; i++ {
		x, y := at(i)
		total += float64(x * y)
	}
	return total
}

// pairwiseSum is numpy.sum along a contiguous axis.
func pairwiseSum(v []float64) float64 {
	return pairwise(len(v), func(i int) float64 { return v[i] })
}

// pairwise adds n items up as numpy.sum does along a contiguous axis (pairwise_sum in loops_utils.h.src): plainly below 8 items, eight sums side by side
// up to 128, halves beyond.
func pairwise(n int, at func(int) float64) float64 { return pairwiseFrom(0, n, at) }

func pairwiseFrom(from, n int, at func(int) float64) float64 {
	switch {
	case n < 8:
		sum := 0.0
		for i := from; i < from+n; i++ {
			sum += at(i)
		}
		return sum
	case n <= 128:
		var r [8]float64
		for k := range r {
			r[k] = at(from + k)
		}
		i := 8
		for ; i < n-n%8; i += 8 {
			for k := range r {
				r[k] += at(from + i + k)
			}
		}
		sum := ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
		for ; i < n; i++ {
			sum += at(from + i)
		}
		return sum
	}
	half := n / 2
	half -= half % 8
	return pairwiseFrom(from, half, at) + pairwiseFrom(from+half, n-half, at)
}
