package engine

import (
	"math"
	"math/rand/v2"
	"testing"
)

// expitTable is scipy 1.x special.expit, printed by repr.
var expitTable = map[float64]float64{
	-745.0:             0.0,
	-709.0:             1.216780750623423e-308,
	-700.0:             9.85967654375977e-305,
	-300.5:             3.1225412772322846e-131,
	-40.0:              4.248354255291589e-18,
	-37.0:              8.533047625744066e-17,
	-36.5:              1.4068617124461467e-16,
	-20.0:              2.0611536181902037e-09,
	-10.1:              4.107786776476334e-05,
	-5.0:               0.0066928509242848554,
	-1.0:               0.2689414213699951,
	-0.5:               0.3775406687981454,
	-1e-09:             0.49999999975,
	0.0:                0.5,
	1e-09:              0.50000000025,
	0.1:                0.52497918747894,
	1.0:                0.7310585786300049,
	5.0:                0.9933071490757153,
	20.0:               0.9999999979388463,
	36.0:               0.9999999999999998,
	37.0:               1.0,
	40.0:               1.0,
	700.0:              1.0,
	800.0:              1.0,
	-800.0:             0.0,
	-710.0:             0.0,
	-709.79:            0.0,
	-709.78:            5.577796105262746e-309,
	-709.6:             6.677834345173433e-309,
	-708.3:             2.450295530965988e-308,
	-707.0675825192883: 8.403313756497511e-308,
	-622.6497250627204: 3.860648361476592e-271,
	-514.6874149226052: 2.9791734851201675e-224,
	708.5:              1.0,
}

// TestExpit holds small and large arguments against results of scipy.special.expit.
func TestExpit(t *testing.T) {
	t.Parallel()
	for v, want := range expitTable {
		if got := expit(v); ulps(got, want) > 1 {
			t.Errorf("expit(%v) = %v, want %v", v, got, want)
		}
	}
	for v, want := range map[float64]float64{math.Inf(-1): 0, math.Inf(1): 1} {
		if got := expit(v); got != want {
			t.Errorf("expit(%v) = %v, want %v", v, got, want)
		}
	}
	if got := expit(math.NaN()); !math.IsNaN(got) {
		t.Errorf("expit(NaN) = %v, want NaN", got)
	}
}

// TestExpitNearExact holds random arguments against the exponential that is right to the last bit; a bit of 1+exp is up to four of the answer.
func TestExpitNearExact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 300_000 {
		v := float64(math.Copysign(math.Exp(float64(r.Float64()*40)-34), r.Float64()-0.5))
		if got, want := expit(v), 1/(1+exactExp(-v)); ulps(got, want) > 4 {
			t.Fatalf("expit(%v) = %v, want %v", v, got, want)
		}
	}
}

// TestExpits holds a column against each of its numbers alone, to the bit, and writes into the column that it reads.
func TestExpits(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	hard := []float64{math.Inf(1), math.Inf(-1), math.NaN(), 708, -708, math.Nextafter(708, 0), math.Nextafter(-708, 0), 709.9, -709.7, -745, 745}
	for n := range 40 {
		column := make([]float64, n)
		for i := range column {
			column[i] = float64(100 * r.NormFloat64())
			if r.IntN(3) == 0 {
				column[i] = hard[r.IntN(len(hard))]
			}
		}
		want := make([]float64, n)
		for i, v := range column {
			want[i] = expit(v)
		}
		expits(column, column)
		if err := sameBits(column, want); err != nil {
			t.Fatal(err)
		}
	}
}

// ulps is how many float64 lie between two of one sign.
func ulps(a, b float64) uint64 {
	x, y := math.Float64bits(a), math.Float64bits(b)
	return max(x, y) - min(x, y)
}
