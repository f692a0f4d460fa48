package engine

import "math"

// power is v to the n for v ≥ 0, right to the last bit but for about one case in a thousand, as the pow of the C library is that scikit-learn calls: neighbours that
// are equally near but for rounding come in its order. math.Pow is wrong in the last bits too often.
func power(v, n float64) float64 {
	switch {
	case n == 1:
		return v
	case n == 2:
		return v * v
	case n == math.Trunc(n) && n >= 0 && n <= maxPower:
		return carriedPower(v, int(n))
	case !(v > 0) || v == 1 || math.IsInf(v, 0) || math.IsNaN(n) || math.IsInf(n, 0):
		return math.Pow(v, n)
	}
	logHigh, logLow := logarithmPair(v)
	high := float64(n * logHigh)
	if math.Abs(high) > maxExponent {
		return math.Pow(v, n)
	}
	return expPair(high, fma(n, logHigh, -high)+float64(n*logLow))
}

// exactExp is exp(v), right to the last bit but for about one case in a thousand.
func exactExp(v float64) float64 {
	switch {
	case math.Abs(v) <= maxExponent:
		return expPair(v, 0)
	case math.Abs(v) <= 750: // at the ends of the range, where math.Exp is infinite from 709.44 on (amd64, Go 1.26)
		sign := math.Copysign(1, v)
		p, k := expParted(twoSum(v-float64(sign*(512*ln2High)), -float64(sign*(512*ln2Low))))
		return math.Ldexp(p.high+p.low, k+int(sign)*512)
	}
	return math.Exp(v)
}

// exactLog is log(v), right to the last bit but for about one case in a thousand.
func exactLog(v float64) float64 {
	if !(v > 0x1p-1022) || math.IsInf(v, 1) {
		return logarithm(v)
	}
	high, low := logarithmPair(v)
	return high + low
}

// maxExponent bounds what expPair takes: beyond it k·ln2By32 is no longer exact.
const maxExponent = 500

// maxPower is the largest whole power that is multiplied out.
const maxPower = 64

// carriedPower multiplies in twice the precision.
func carriedPower(v float64, n int) float64 {
	high, low := 1.0, 0.0
	for range n {
		product := float64(high * v)
		low = fma(high, v, -product) + float64(low*v)
		high = product + low
		low -= high - product
	}
	if math.IsNaN(low) || math.IsInf(low, 0) { // out of range on the way
		return math.Pow(v, float64(n))
	}
	return high
}

const (
	// The parts of log 2 and of log(2)/32 of 40 and 39 bits, so that a whole multiple is exact, and what they lack.
	ln2High   = 0x1.62e42fefa4000p-1
	ln2Low    = -0x1.8432a1b0e2634p-43
	ln2By32   = ln2High / 32
	ln2By32Lo = ln2Low / 32
)

// twoSum is a + b and its rounding error, where a is the larger or either is 0.
func twoSum(a, b float64) (sum, low float64) {
	sum = a + b
	return sum, b - (sum - a)
}

// logarithmPair is log v as the sum of two numbers: e·log 2 + log c + 2·atanh(s), where v = 2^e·m, c is the entry of the table next to m and s = (m-c)/(m+c).
func logarithmPair(v float64) (high, low float64) {
	m, e := math.Frexp(v)
	if m < 0.75 {
		m, e = float64(2*m), e-1
	}
	i := int(math.Round((m - 0.75) * 64))
	c := 0.75 + float64(float64(i)*(1./64))
	above, below := m-c, m+c // above is exact
	belowLow := c - (below - m)
	if m < c {
		belowLow = m - (below - c)
	}
	s := above / below
	sLow := (-fma(s, below, -above) - float64(s*belowLow)) / below
	q := float64(s * s)
	series := float64(float64(s*q) * (1./3 + float64(q*(1./5+float64(q*(1./7+float64(q*(1./9+float64(q/11)))))))))
	high, low = twoSum(float64(float64(e)*ln2High), logTable[i][0])
	high, carry := twoSum(high, float64(2*s))
	series += sLow
	low += carry + (float64(float64(e)*ln2Low) + logTable[i][1]) + (series + series)
	return twoSum(high, low)
}

// expPair is exp(high + low).
func expPair(high, low float64) float64 {
	p, k := expParted(high, low)
	return math.Ldexp(p.high+p.low, k)
}

// expParted is exp(high + low) divided by 2 to the k.
func expParted(high, low float64) (p pair, k int) {
	steps := math.Round(high / (ln2By32 + ln2By32Lo))
	r, carry := twoSum(high-float64(steps*ln2By32), -float64(steps*ln2By32Lo))
	low += carry
	// e^r - 1, less r itself
	rest := low + float64(low*r) + float64(float64(r*r)*(0.5+float64(r*(1./6+float64(r*(1./24+float64(r*(1./120+float64(r*(1./720+float64(r/5040)))))))))))
	whole := int(steps)
	t := expTable[whole&31]
	product := float64(t[0] * r)
	sum, error := twoSum(t[0], product)
	error += fma(t[0], r, -product) + float64(t[0]*rest) + t[1] + float64(t[1]*r)
	return pair{sum, error}, (whole - whole&31) / 32
}

// logTable holds log(0.75+i/64), each as a sum of two numbers.
var logTable = [...][2]float64{
	{-0x1.269621134db92p-2, -0x1.e0efadd9db02bp-56},
	{-0x1.1178e8227e47cp-2, 0x1.0e63a5f01c691p-57},
	{-0x1.f991c6cb3b379p-3, -0x1.f665066f980a2p-57},
	{-0x1.d1037f2655e7bp-3, -0x1.60629242471a2p-57},
	{-0x1.a93ed3c8ad9e3p-3, -0x1.bcafa9de97203p-57},
	{-0x1.823c16551a3c2p-3, 0x1.1232ce70be781p-57},
	{-0x1.5bf406b543db2p-3, 0x1.1f5b44c0df7e7p-61},
	{-0x1.365fcb0159016p-3, -0x1.7d411a5b944adp-58},
	{-0x1.1178e8227e47cp-3, 0x1.0e63a5f01c691p-58},
	{-0x1.da727638446a2p-4, -0x1.401fa71733019p-58},
	{-0x1.9335e5d594989p-4, 0x1.478a85704ccb7p-58},
	{-0x1.4d3115d207eacp-4, -0x1.769f42c7842ccp-58},
	{-0x1.08598b59e3a07p-4, 0x1.dd7009902bf32p-58},
	{-0x1.894aa149fb343p-5, -0x1.a8be97660a23dp-60},
	{-0x1.0415d89e74444p-5, -0x1.c05cf1d753622p-59},
	{-0x1.0205658935847p-6, -0x1.27c8e8416e71fp-60},
	{0x0.0p+0, 0x0.0p+0},
	{0x1.fc0a8b0fc03e4p-7, -0x1.83092c59642a1p-62},
	{0x1.f829b0e783300p-6, 0x1.33e3f04f1ef23p-60},
	{0x1.77458f632dcfcp-5, 0x1.18d3ca87b9296p-59},
	{0x1.f0a30c01162a6p-5, 0x1.85f325c5bbacdp-59},
	{0x1.341d7961bd1d1p-4, -0x1.b599f227becbbp-58},
	{0x1.6f0d28ae56b4cp-4, -0x1.906d99184b992p-58},
	{0x1.a926d3a4ad563p-4, 0x1.942f48aa70ea9p-58},
	{0x1.e27076e2af2e6p-4, -0x1.61578001e0162p-60},
	{0x1.0d77e7cd08e59p-3, 0x1.9a5dc5e9030acp-57},
	{0x1.29552f81ff523p-3, 0x1.301771c407dbfp-57},
	{0x1.44d2b6ccb7d1ep-3, 0x1.9f4f6543e1f88p-57},
	{0x1.5ff3070a793d4p-3, -0x1.bc60efafc6f6ep-58},
	{0x1.7ab890210d909p-3, 0x1.be36b2d6a0608p-59},
	{0x1.9525a9cf456b4p-3, 0x1.d904c1d4e2e26p-57},
	{0x1.af3c94e80bff3p-3, -0x1.398cff3641985p-58},
	{0x1.c8ff7c79a9a22p-3, -0x1.4f689f8434012p-57},
	{0x1.e27076e2af2e6p-3, -0x1.61578001e0162p-59},
	{0x1.fb9186d5e3e2bp-3, -0x1.caaae64f21acbp-57},
	{0x1.0a324e27390e3p-2, 0x1.7dcfde8061c03p-56},
	{0x1.1675cababa60ep-2, 0x1.ce63eab883717p-61},
	{0x1.22941fbcf7966p-2, -0x1.76f5eb09628afp-56},
	{0x1.2e8e2bae11d31p-2, -0x1.8f4cdb95ebdf9p-56},
	{0x1.3a64c556945eap-2, -0x1.c68651945f97cp-57},
	{0x1.4618bc21c5ec2p-2, 0x1.f42decdeccf1dp-56},
	{0x1.51aad872df82dp-2, 0x1.3927ac19f55e3p-59},
	{0x1.5d1bdbf5809cap-2, 0x1.4236383dc7fe1p-56},
	{0x1.686c81e9b14afp-2, -0x1.ddea0f7f58e3dp-57},
	{0x1.739d7f6bbd007p-2, -0x1.8c76ceb014b04p-56},
	{0x1.7eaf83b82afc3p-2, 0x1.92ce979ed2950p-56},
	{0x1.89a3386c1425bp-2, -0x1.29639dfbbf0fbp-56},
	{0x1.947941c2116fbp-2, -0x1.16cc8bae0bbe4p-56},
	{0x1.9f323ecbf984cp-2, -0x1.a92e513217f5cp-59},
}

// expTable holds 2 to the i/32, each as a sum of two numbers.
var expTable = [...][2]float64{
	{0x1.0000000000000p+0, 0x0.0p+0},
	{0x1.059b0d3158574p+0, 0x1.d73e2a475b465p-55},
	{0x1.0b5586cf9890fp+0, 0x1.8a62e4adc610bp-54},
	{0x1.11301d0125b51p+0, -0x1.6c51039449b3ap-54},
	{0x1.172b83c7d517bp+0, -0x1.19041b9d78a76p-55},
	{0x1.1d4873168b9aap+0, 0x1.e016e00a2643cp-54},
	{0x1.2387a6e756238p+0, 0x1.9b07eb6c70573p-54},
	{0x1.29e9df51fdee1p+0, 0x1.612e8afad1255p-55},
	{0x1.306fe0a31b715p+0, 0x1.6f46ad23182e4p-55},
	{0x1.371a7373aa9cbp+0, -0x1.63aeabf42eae2p-54},
	{0x1.3dea64c123422p+0, 0x1.ada0911f09ebcp-55},
	{0x1.44e086061892dp+0, 0x1.89b7a04ef80d0p-59},
	{0x1.4bfdad5362a27p+0, 0x1.d4397afec42e2p-56},
	{0x1.5342b569d4f82p+0, -0x1.07abe1db13cadp-55},
	{0x1.5ab07dd485429p+0, 0x1.6324c054647adp-54},
	{0x1.6247eb03a5585p+0, -0x1.383c17e40b497p-54},
	{0x1.6a09e667f3bcdp+0, -0x1.bdd3413b26456p-54},
	{0x1.71f75e8ec5f74p+0, -0x1.16e4786887a99p-55},
	{0x1.7a11473eb0187p+0, -0x1.41577ee04992fp-55},
	{0x1.82589994cce13p+0, -0x1.d4c1dd41532d8p-54},
	{0x1.8ace5422aa0dbp+0, 0x1.6e9f156864b27p-54},
	{0x1.93737b0cdc5e5p+0, -0x1.75fc781b57ebcp-57},
	{0x1.9c49182a3f090p+0, 0x1.c7c46b071f2bep-56},
	{0x1.a5503b23e255dp+0, -0x1.d2f6edb8d41e1p-54},
	{0x1.ae89f995ad3adp+0, 0x1.7a1cd345dcc81p-54},
	{0x1.b7f76f2fb5e47p+0, -0x1.5584f7e54ac3bp-56},
	{0x1.c199bdd85529cp+0, 0x1.11065895048ddp-55},
	{0x1.cb720dcef9069p+0, 0x1.503cbd1e949dbp-56},
	{0x1.d5818dcfba487p+0, 0x1.2ed02d75b3707p-55},
	{0x1.dfc97337b9b5fp+0, -0x1.1a5cd4f184b5cp-54},
	{0x1.ea4afa2a490dap+0, -0x1.e9c23179c2893p-54},
	{0x1.f50765b6e4540p+0, 0x1.9d3e12dd8a18bp-54},
}
