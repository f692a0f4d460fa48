package table

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text    string
		want    Value
		valid   bool
		inRange bool
	}{
		{"0", Value{Kind: Number, IsInt: true}, true, true},
		{"-0", Value{Kind: Number, IsInt: true, Float: math.Copysign(0, -1)}, true, true},
		{"0.000", Value{Kind: Number, IsInt: true}, true, true},
		{"0e999999999999", Value{Kind: Number, IsInt: true}, true, true},
		{"3", Value{Kind: Number, IsInt: true, Int: 3, Float: 3}, true, true},
		{"3.0", Value{Kind: Number, IsInt: true, Int: 3, Float: 3}, true, true},
		{"3e0", Value{Kind: Number, IsInt: true, Int: 3, Float: 3}, true, true},
		{"300e-2", Value{Kind: Number, IsInt: true, Int: 3, Float: 3}, true, true},
		{"0.03E+2", Value{Kind: Number, IsInt: true, Int: 3, Float: 3}, true, true},
		{"-1.5e1", Value{Kind: Number, IsInt: true, Int: -15, Float: -15}, true, true},
		{"00012", Value{Kind: Number, IsInt: true, Int: 12, Float: 12}, true, true},
		{"+5.", Value{Kind: Number, IsInt: true, Int: 5, Float: 5}, true, true},
		{".5", Value{Kind: Number, Float: 0.5}, true, true},
		{"0.1", Value{Kind: Number, Float: 0.1}, true, true},
		{"9007199254740993", Value{Kind: Number, IsInt: true, Int: 9007199254740993, Float: 9007199254740992}, true, true},
		{"9007199254740993.000", Value{Kind: Number, IsInt: true, Int: 9007199254740992, Float: 9007199254740992}, true, true},
		{"1.152921504606847e+18", Value{Kind: Number, IsInt: true, Int: 1 << 60, Float: 1 << 60}, true, true},
		{"9.3e18", Value{Kind: Number, Float: 9.3e18}, true, true},
		{"9223372036854775807", Value{Kind: Number, IsInt: true, Int: math.MaxInt64, Float: 1 << 63}, true, true},
		{"9223372036854775808", Value{Kind: Number, Float: 1 << 63}, true, true},
		{"-9223372036854775808", Value{Kind: Number, IsInt: true, Int: math.MinInt64, Float: -1 << 63}, true, true},
		{"-9223372036854775809", Value{Kind: Number, Float: -1 << 63}, true, true},
		{"99999999999999999999", Value{Kind: Number, Float: 1e20}, true, true},
		{"1e18", Value{Kind: Number, IsInt: true, Int: 1e18, Float: 1e18}, true, true},
		{"1e19", Value{Kind: Number, Float: 1e19}, true, true},
		{"1.00000000000000000000000000001", Value{Kind: Number, IsInt: true, Int: 1, Float: 1}, true, true},
		{"5e-324", Value{Kind: Number, Float: 5e-324}, true, true},
		{"1e-400", Value{Kind: Number, IsInt: true}, true, true},
		{"1e308", Value{Kind: Number, Float: 1e308}, true, true},
		{"1e400", Value{Kind: Number, Float: math.Inf(1)}, true, false},
		{"-1e99999999999999999999", Value{Kind: Number, Float: math.Inf(-1)}, true, false},
		{"", Value{}, false, false},
		{"-", Value{}, false, false},
		{".", Value{}, false, false},
		{"1e", Value{}, false, false},
		{"1e+-2", Value{}, false, false},
		{"1.2.3", Value{}, false, false},
		{"0x10", Value{}, false, false},
		{"1_000", Value{}, false, false},
		{"1 ", Value{}, false, false},
		{"nan", Value{}, false, false},
		{"١", Value{}, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, valid, inRange := parseDecimal(tt.text)
			if got != tt.want || math.Signbit(got.Float) != math.Signbit(tt.want.Float) || valid != tt.valid || inRange != tt.inRange {
				t.Errorf("parseDecimal(%q) = %+v, %v, %v, want %+v, %v, %v", tt.text, got, valid, inRange, tt.want, tt.valid, tt.inRange)
			}
		})
	}
}

// FuzzParseDecimal holds integers and floats against strconv and math/big.
func FuzzParseDecimal(f *testing.F) {
	for _, text := range []string{"0", "-1.50e3", "9007199254740993", "1e-400", "123456789012345678901234567890e-20", "1e400"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, valid, inRange := parseDecimal(text)
		if !valid {
			return
		}
		want, err := strconv.ParseFloat(text, 64)
		if (err == nil) != inRange || math.Float64bits(v.Float) != math.Float64bits(want) {
			t.Errorf("parseDecimal(%q) = %v, %v, strconv gives %v, %v", text, v.Float, inRange, want, err)
		}
		if len(text) > 60 {
			return
		}
		integer, exact := exactInteger(text)
		if strings.ContainsAny(text, ".eE") { // a float64 first
			integer, exact = 0, false
			if want == math.Trunc(want) {
				integer, exact = exactInteger(strconv.FormatFloat(want, 'f', 0, 64)) // all digits of a float64
			}
		}
		if v.IsInt != exact || v.Int != integer {
			t.Errorf("parseDecimal(%q) is integer %v, %v, exactly it is %v, %v", text, v.IsInt, v.Int, exact, integer)
		}
	})
}

// TestFloatsRoundTrip: what AppendFloat and others write reads back as the same float64.
func TestFloatsRoundTrip(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		f := math.Float64frombits(random.Uint64())
		if random.IntN(2) == 0 { // ordinary magnitudes, few digits
			f = math.Round(random.NormFloat64()*1e6) / math.Pow10(random.IntN(12))
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		for _, text := range []string{string(AppendFloat(nil, f)), strconv.FormatFloat(f, 'e', 17, 64), strconv.FormatFloat(f, 'f', -1, 64)} {
			v, valid, inRange := parseDecimal(text)
			if !valid || !inRange || math.Float64bits(v.Float) != math.Float64bits(f) {
				t.Fatalf("%s reads as %v, want %v", text, v.Float, f)
			}
		}
	}
}
