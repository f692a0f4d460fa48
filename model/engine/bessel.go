package engine

import "math"

// besselK is the modified Bessel function of the second kind of order nu >= 0, for x > 0: Temme's series up to 2, his continued fraction beyond, and the
// recurrence up from the order in [-1/2, 1/2] (N. Temme: On the numerical evaluation of the modified Bessel function of the third kind, 1975).
func besselK(nu, x float64) float64 {
	steps := math.Floor(nu + 0.5)
	mu := nu - steps
	function := besselSeries
	if x > 2 {
		function = besselFraction
	}
	low, high := function(mu, x)
	for i := 1.0; i <= steps; i++ {
		low, high = high, float64(2*(mu+i)/x*high)+low
	}
	return low
}

// besselSeries returns the functions of the orders mu and mu+1, for x up to 2.
func besselSeries(mu, x float64) (low, high float64) {
	gamma1, gamma2 := temmeGammas(mu)
	logHalf := logarithm(2 / x)
	e := mu * logHalf
	sinc, sinhc := 1.0, 1.0
	if mu != 0 {
		sinc = math.Pi * mu / math.Sin(math.Pi*mu)
	}
	if e != 0 {
		sinhc = math.Sinh(e) / e
	}
	f := float64(sinc * (float64(gamma1*math.Cosh(e)) + float64(gamma2*sinhc*logHalf)))
	p := float64(0.5 * math.Exp(e) * math.Gamma(1+mu))
	q := float64(0.5 * math.Exp(-e) * math.Gamma(1-mu))
	c, quarter := 1.0, x*x/4
	low, high = f, p
	for i := 1.0; i < 200; i++ {
		f = (float64(i*f) + p + q) / (float64(i*i) - float64(mu*mu))
		p /= i - mu
		q /= i + mu
		c *= quarter / i
		term := float64(c * f)
		low += term
		high += float64(c * (p - float64(i*f)))
		if math.Abs(term)+float64(c*math.Abs(p))+float64(c*math.Abs(q)) < math.Abs(low)*0x1p-55 {
			break
		}
	}
	return low, high * 2 / x
}

// reciprocalGamma are the odd coefficients of the series of 1/Γ(1+z) in z (Abramowitz and Stegun, 6.1.34), from the first on.
var reciprocalGamma = []float64{0.5772156649015329, -0.0420026350340952, -0.0421977345555443, 0.0072189432466630, -0.0002152416741149, -0.0000201348547807,
	0.0000011330272320, 0.0000000061160950, -0.0000000011812746, 0.0000000000077823}

// temmeGammas returns (1/Γ(1-mu) - 1/Γ(1+mu)) / (2mu), and the mean of the two.
func temmeGammas(mu float64) (gamma1, gamma2 float64) {
	for i := len(reciprocalGamma) - 1; i >= 0; i-- {
		gamma1 = float64(gamma1*mu*mu) - reciprocalGamma[i]
	}
	return gamma1, (1/math.Gamma(1-mu) + 1/math.Gamma(1+mu)) / 2
}

// besselFraction returns the functions of the orders mu and mu+1, for x from 2 up: Temme's second continued fraction, with the sum that goes with it.
func besselFraction(mu, x float64) (low, high float64) {
	start := 0.25 - float64(mu*mu)
	a, b := -start, float64(2*(1+x))
	d := 1 / b
	delta, h := d, d
	before, q, c := 0.0, 1.0, start
	weight := start
	sum := 1 + float64(weight*delta)
	for i := 2.0; i < 10000; i++ {
		a -= float64(2 * (i - 1))
		c *= -a / i
		before, q = q, (before-float64(b*q))/a
		weight += float64(c * q)
		b += 2
		d = 1 / (b + float64(a*d))
		delta = float64(delta * (float64(b*d) - 1))
		h += delta
		term := float64(weight * delta)
		sum += term
		if math.Abs(term) < math.Abs(sum)*0x1p-55 {
			break
		}
	}
	low = math.Sqrt(math.Pi/(2*x)) * math.Exp(-x) / sum
	return low, low * (mu + x + 0.5 - float64(start*h)) / x
}
