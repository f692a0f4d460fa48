package engine

import "math"

// expit is the logistic function in the form of scipy.special.expit. The exponential is off by 0.52 units in the last place at most; where 1+exp is rounded, that
// is up to four units of the answer. The sum only ever adds to 1, so that tiny results keep their relative precision down to exp(-709.78), below which
// scipy answers 0 as well. math.Exp has other bits on other processors, and on amd64 is infinite from 709.44 on (Go 1.26).
func expit(v float64) float64 {
	switch {
	case v < -710:
		return 0
	case v > expRange:
		return 1
	case math.IsNaN(v):
		return v
	}
	k, r := expParts(-v)
	return 1 / (1 + float64(2*expOf(k-32, expRest(r)))) // half of it is in range
}

// expits writes expit of each number of in to out, which may be in. Nothing is called for numbers within expRange.
func expits(out, in []float64) {
	for len(in) > 0 {
		n := expitsInRange(out, in)
		if n == len(in) {
			return
		}
		out[n] = expit(in[n])
		out, in = out[n+1:], in[n+1:]
	}
}

// expitsInRange stops at the first number beyond expRange and returns how many are before it.
func expitsInRange(out, in []float64) int {
	out = out[:len(in)]
	for i, v := range in {
		if magnitude(v) >= magnitude(expRange) {
			return i
		}
		k, r := expParts(-v)
		out[i] = 1 / (1 + expOf(k, expRest(r)))
	}
	return len(in)
}

// expRange bounds the numbers whose exponential expOf can scale: none is subnormal or infinite.
const expRange = 708

// The parts of log(2)/32, as in FreeBSD's e_exp.c: the first of 32 bits, so that its multiples are exact, and what it lacks.
const (
	expStep    = 0x1.62e42feep-1 / 32
	expStepLow = 0x1.a39ef35793c76p-33 / 32
)

// expParts splits v into k·log(2)/32 and a rest r of at most log(2)/64. Adding 1.5·2^52 rounds to a whole number, which then is in the last bits of k.
func expParts(v float64) (k uint64, r float64) {
	const round = 0x1.8p52
	whole := float64(v*(32/math.Ln2)) + round
	k = math.Float64bits(whole)
	whole -= round
	return k, v - float64(whole*expStep) - float64(whole*expStepLow)
}

// expRest is exp(r)-1, |r| ≤ log(2)/64, by its Taylor series: the term after r^6/720 is below 2^-58.
func expRest(r float64) float64 {
	q := float64(r * r)
	low := 1./2 + float64(r*(1./6))
	high := 1./24 + float64(r*(1./120)) + float64(q*(1./720))
	return r + float64(q*(low+float64(q*high)))
}

// expOf is 2^(k/32)·(1+rest).
func expOf(k uint64, rest float64) float64 {
	t := &expTable[k&31]
	return float64((t[0] + (t[1] + float64(t[0]*rest))) * math.Float64frombits((k>>5+1023)<<52))
}
