package table

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestAppendFraction(t *testing.T) {
	t.Parallel()
	check := func(f float64) {
		if f < 1e-6 || f >= 1<<53 || f == math.Trunc(f) {
			return
		}
		want := strconv.FormatFloat(f, 'f', -1, 64)
		if got := string(appendFraction(nil, f)); got != want {
			t.Errorf("%v is written as %s, want %s", math.Float64bits(f), got, want)
		}
	}
	for exponent := -20; exponent < 53; exponent++ { // powers of two, their neighbours, and what lies around them
		power := math.Ldexp(1, exponent)
		for i := range uint64(500) {
			check(math.Float64frombits(math.Float64bits(power) + i))
			check(math.Float64frombits(math.Float64bits(power) - i))
		}
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 1_000_000 {
		check(math.Ldexp(1+random.Float64(), random.IntN(73)-20))
		check(random.Float64())
		check(math.Round(random.Float64()*1e9) / math.Pow10(random.IntN(13)))
		check(math.Ldexp(float64(random.IntN(1<<20)), -random.IntN(30)))
	}
	check(1e-6)
	check(math.Nextafter(1<<53, 0))
}
