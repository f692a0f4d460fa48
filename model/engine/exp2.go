package engine

import "math"

// exp2 is 2 to the power of v, correctly rounded but for one value in 2^40 or so: what the C library's pow gives nearly everywhere, and with it numpy's. A score on
// the border between two labels may hang on the last bit. v is split into a whole number and a rest r of at most 1/2; exp(r·ln 2) is summed
// up as a series.
func exp2(v float64) float64 {
	whole := math.RoundToEven(v)
	if math.IsNaN(v) || math.Abs(v) > 1000 {
		return math.Exp2(v)
	}
	sum := add(pair{1, 0}, expSeries(multiply(pair{v - whole, 0}, ln2)))
	return math.Ldexp(sum.high+sum.low, int(whole))
}

// exp2Terms is where a term is below 2^-110.
const exp2Terms = 25

// ln2 is the natural logarithm of 2 to 106 bits.
var ln2 = pair{math.Ln2, 2.319046813846299616e-17}

// pair is the unevaluated sum of two float64, the low one at most half a unit in the last place of the high one.
type pair struct{ high, low float64 }

// sumOf is a + b without an error.
func sumOf(a, b float64) pair {
	s := a + b
	t := s - a
	return pair{s, (a - (s - t)) + (b - t)}
}

// productOf is a * b without an error.
func productOf(a, b float64) pair {
	p := float64(a * b)
	a1, a2 := halves(a)
	b1, b2 := halves(b)
	return pair{p, ((float64(a1*b1) - p) + float64(a1*b2) + float64(a2*b1)) + float64(a2*b2)}
}

// halves splits the 53 bits of v into two numbers of 26.
func halves(v float64) (high, low float64) {
	c := float64(v * (1<<27 + 1))
	high = c - (c - v)
	return high, v - high
}

func add(a, b pair) pair {
	s := sumOf(a.high, b.high)
	return sumOf(s.high, s.low+(a.low+b.low))
}

func multiply(a, b pair) pair {
	p := productOf(a.high, b.high)
	return sumOf(p.high, p.low+(float64(a.high*b.low)+float64(a.low*b.high)))
}

func divide(a pair, by float64) pair {
	q := a.high / by
	p := productOf(q, by)
	return sumOf(q, ((a.high-p.high)-p.low+a.low)/by)
}
