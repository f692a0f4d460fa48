package engine

import (
	"math"
	"testing"
)

// TestPower holds powers that math.Pow or a plain product rounds wrongly, against the pow of the C library (Python's **).
func TestPower(t *testing.T) {
	t.Parallel()
	tests := []struct{ v, n, want float64 }{
		{5441.771374903459, 0.4444444444444444, 45.74346077654413},
		{1.7, 0.38665044956203287, 1.2277308790307848},
		{4.8, 1.5, 10.516273104099188},
		{7.8, 0.3333333333333333, 1.9831924826807745},
		{0.3, 6.0, 0.0007289999999999998},
		{0.7, 3.0, 0.3429999999999999},
		{3.5e+38, 2.25, 5.298501965663336e+86},
		{0.9964017115813844, 3.3624925085482573, 0.9879521254316038},
		{6.16e-18, 0.25, 4.9819019753485426e-05},
		{0, 1.5, 0},
		{1, 2.5, 1},
		{math.Inf(1), 0.5, math.Inf(1)},
		{1e300, 1.5, math.Inf(1)},
		{5e-324, 1.5, 0},
	}
	for _, tt := range tests {
		if got := power(tt.v, tt.n); got != tt.want {
			t.Errorf("power(%v, %v) = %v, want %v", tt.v, tt.n, got, tt.want)
		}
	}
	if got := power(math.NaN(), 1.5); !math.IsNaN(got) {
		t.Errorf("power(NaN, 1.5) = %v, want NaN", got)
	}
}

// TestExactExpLog holds values that math.Exp and math.Log round wrongly on some processor, against those of the C library (Python's math).
func TestExactExpLog(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]float64{
		-25.45818710749163: 8.783140296388043e-12, -8.765226958442202: 0.0001560667186576901, -16.91462183537482: 4.508925643319043e-08,
		2.278446309967194: 9.76150227273589, -4.228617761814853: 0.014572519326495358, -499.3: 1.434713502865538e-217, -600.7: 1.3161479774412904e-261, 709.5: 1.3549863193146328e+308, 709.782: 1.7964120280206387e+308, 709.79: math.Inf(1), -745.1: 5e-324,
		650.123: 2.2122360153364486e+282, -555.5: 5.6158474593561004e-242, 0: 1, -800: 0, 800: math.Inf(1), math.Inf(-1): 0,
	} {
		if got := exactExp(v); got != want {
			t.Errorf("exp(%v) = %v, want %v", v, got, want)
		}
	}
	for v, want := range map[float64]float64{
		0.3997817931588419: -0.9168363978256405, 1.125781356090186: 0.11847733332279996, 0.6157792946696908: -0.48486666752293134,
		2.368824037155585: 0.8623936451514232, 2.8076196565029914: 1.0323370270260679, 1: 0, 0: math.Inf(-1), math.Inf(1): math.Inf(1), 1e-310: -713.8013788281542,
	} {
		if got := exactLog(v); got != want {
			t.Errorf("log(%v) = %v, want %v", v, got, want)
		}
	}
	if got := exactLog(-1); !math.IsNaN(got) {
		t.Errorf("log(-1) = %v, want NaN", got)
	}
}
