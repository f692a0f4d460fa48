package engine

import "math"

// The elementary functions here are right to the last bit but for about one case in a thousand: a value on the edge of a bin, such as log10(1000), has to come out on the
// side that numpy's has.

// perLn10 and perLn2 are 1/log 10 and 1/log 2 to 106 bits.
var (
	perLn10 = pair{0.4342944819032518, 1.0983196502167652e-17}
	perLn2  = pair{1.4426950408889634, 2.0355273740931033e-17}
)

// exactLog10 is log10(v).
func exactLog10(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 1) {
		return math.Log10(v)
	}
	return scaledLog(v, perLn10)
}

// exactLog2 is log2(v).
func exactLog2(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 1) {
		return math.Log2(v)
	}
	return scaledLog(v, perLn2)
}

// scaledLog is log(v) times a factor.
func scaledLog(v float64, factor pair) float64 {
	high, low := logarithmPair(v)
	product := multiply(pair{high, low}, factor)
	return product.high + product.low
}

// exactLog1p is log(1+v): the logarithm of the rounded sum, and what the rounding took away.
func exactLog1p(v float64) float64 {
	if !(v > -1) || math.IsInf(v, 1) || math.Abs(v) < 0x1p-60 {
		return math.Log1p(v)
	}
	s := sumOf(1, v)
	high, low := logarithmPair(s.high)
	q := s.low / s.high
	return high + (low + (q - float64(float64(q*q)/2)))
}

// exactExpm1 is exp(v) - 1.
func exactExpm1(v float64) float64 {
	switch {
	case !(math.Abs(v) <= maxExponent) || math.Abs(v) < 0x1p-60:
		return math.Expm1(v)
	case math.Abs(v) < 0.5:
		sum := expSeries(pair{v, 0})
		return sum.high + sum.low
	}
	p, k := expParted(v, 0)
	sum := add(pair{math.Ldexp(p.high, k), math.Ldexp(p.low, k)}, pair{-1, 0})
	return sum.high + sum.low
}

// expSeries is exp(x) - 1 for a small x: a Taylor series in pairs of float64 (T. J. Dekker: A floating-point technique for extending the available precision, 1971).
func expSeries(x pair) pair {
	sum, term := x, x
	for i := 2.0; i <= exp2Terms; i++ {
		term = divide(multiply(term, x), i)
		sum = add(sum, term)
	}
	return sum
}

// exactCbrt is the cube root: a step of Newton's from the library's, with its cube in twice the precision.
func exactCbrt(v float64) float64 {
	root := math.Cbrt(v)
	if root == 0 || math.IsNaN(root) || math.IsInf(root, 0) || math.Abs(v) < 0x1p-900 {
		return root
	}
	cube := multiply(productOf(root, root), pair{root, 0})
	return root - ((cube.high-v)+cube.low)/(3*float64(root*root))
}
