package engine

import "math"

// noiseUnit is what rounding in two implementations lets a sum of two exponentials be apart by, for each unit of noise.
const noiseUnit = 0x1p-52

// closeLogs is how far apart two implementations' logarithms of a bound may be, absolute or relative.
const closeLogs = 0x1p-48

// manyDeviations is how many times the root of the squares of many errors their sum is at most, but with a probability of 2·exp(-32) = 3e-14 (W. Hoeffding: Probability
// inequalities for sums of bounded random variables, 1963).
const manyDeviations = 8

// noise is a bound of the rounding errors in numbers that are kept as logarithms, added and taken off one another, in units of noiseUnit·exp(scale): their sum, and that of
// their squares. It is 0 as long as no operation rounds, as where what is added to is 0, or all is taken off.
type noise struct{ sum, squares, scale float64 }

// add notes an error of units for a number whose logarithm is given.
func (n *noise) add(log, units float64) {
	switch {
	case math.IsInf(log, -1):
		return
	case n.sum == 0:
		n.scale = log
	case log > n.scale:
		less := math.Exp(n.scale - log)
		n.sum, n.squares, n.scale = n.sum*less, n.squares*less*less, log
	}
	units = float64(units * math.Exp(log-n.scale))
	n.sum += units
	n.squares += float64(units * units)
}

// round notes the error of an operation on numbers whose larger logarithm is given: of exp, log and the sums in them, and, where the logarithm itself is rounded, of that.
func (n *noise) round(log float64) { n.add(log, 4+math.Abs(log)) }

// plus is logAddExp.
func (n *noise) plus(a, b float64) float64 {
	sum := logAddExp(a, b)
	if !math.IsInf(a, -1) && !math.IsInf(b, -1) {
		n.round(sum)
	}
	return sum
}

// minus is logSubExp. What is below 0 by rounding is cut off there.
func (n *noise) minus(a, b float64) float64 {
	if a != b && !math.IsInf(b, -1) {
		n.round(max(a, b))
	}
	return logSubExp(a, b)
}

// share is the error as a part of a number whose logarithm is given.
func (n *noise) share(log float64) float64 {
	if n.sum == 0 {
		return 0
	}
	return min(n.sum, manyDeviations*math.Sqrt(n.squares)) * noiseUnit * math.Exp(n.scale-log)
}
