package table

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestScanNumber(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text   string
		number float64
		isInt  bool
		end    int // 0 for what is left to parseDecimal
	}{
		{"0", 0, true, 1}, {"-0", math.Copysign(0, -1), true, 2}, {"-0.00", math.Copysign(0, -1), true, 5}, {"12,34", 12, true, 2}, {"3.0\n", 3, true, 3},
		{"-12.5,7", -12.5, false, 5}, {"0.1257302210933933,-0.1", 0.1257302210933933, false, 18}, {"-2.3250307746388343", -2.3250307746388343, false, 19},
		{"9223372036854775807", 9223372036854775807, true, 19}, {"9223372036854775808", 0, false, 0}, {"00000000000000000001", 0, false, 0},
		{"0.1234567890123456789", 0.1234567890123456789, false, 21}, {"1.1234567890123456789", 0, false, 0}, {"0.00000000000000000001", 0, false, 0},
		{"1e5", 1, true, 1}, {"1.5x", 1.5, false, 3}, {"0.12345678é", 0.12345678, false, 10}, {"1.2345/78", 1.2345, false, 6}, {"1.2345:78", 1.2345, false, 6},
		{"", 0, false, 0}, {"-", 0, false, 0}, {".5", 0, false, 0}, {"5.", 0, false, 0}, {"+5", 0, false, 0}, {" 5", 0, false, 0}, {"nan", 0, false, 0}, {"--5", 0, false, 0},
	}
	for _, tt := range tests {
		number, integer, isInt, end := scanNumber(tt.text, 0)
		if math.Float64bits(number) != math.Float64bits(tt.number) || isInt != tt.isInt || end != tt.end || isInt && float64(integer) != number {
			t.Errorf("scanNumber(%q) = %v, %d, %t, %d, want %v, %t, %d", tt.text, number, integer, isInt, end, tt.number, tt.isInt, tt.end)
		}
	}
}

// TestScanNumberRandom: numbers of up to 19 digits, halves between two float64 among them, are what strconv reads, alone and with text behind them.
func TestScanNumberRandom(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 500_000 {
		digits := strconv.FormatUint(random.Uint64N(1e19), 10)
		digits = digits[:1+random.IntN(len(digits))]
		text := fmt.Sprintf("%d.5", 1<<52+random.Uint64N(1<<52)) // halves
		if point := random.IntN(len(digits)); point > 0 {
			text = digits[:point] + "." + digits[point:]
		} else if random.IntN(2) == 0 {
			text = "-0." + digits
		}
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		for _, behind := range []string{"", ",", "\n1234567890", "x"} {
			number, _, _, end := scanNumber(text+behind, 0)
			if end != len(text) || math.Float64bits(number) != math.Float64bits(want) {
				t.Fatalf("%s%q is %v up to byte %d, want %v", text, behind, number, end, want)
			}
		}
		if got, ok := readFloat(t, text); !ok && len(text) != maxDigits || ok && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%s is read as %v, want %v", text, got, want)
		}
	}
}

// readFloat reads a number as the first cell of a row; ok is false if ReadInputs leaves it to Read.
func readFloat(t *testing.T, text string) (number float64, ok bool) {
	t.Helper()
	row := make([]float64, 2)
	c := CSVReader{inputs: []int{1, 0}}
	c.Reset(Block{[]byte(text + ",5\n" + strings.Repeat("\n", windowSize)), 2})
	if !c.ReadInputs(row, nil) {
		return 0, false
	}
	if row[0] != 5 || c.pos != len(text)+len(",5\n") || c.Line() != 2 || c.line != 3 {
		t.Fatalf("%q: %v, up to byte %d, line %d of %d", text, row, c.pos, c.Line(), c.line)
	}
	return row[1], true
}
