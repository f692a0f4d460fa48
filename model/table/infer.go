package table

import (
	"math"
	"slices"
)

// Inferred is what the values of a column say about its type.
type Inferred struct {
	// Kind is Number, Boolean or Text; Absent if every cell is missing.
	Kind Kind
	// Nullable: a cell is missing. In a column of numbers a NaN counts as missing.
	Nullable bool
	// Integers: all numbers are integers within int64.
	Integers bool
	// Finite are the finite numbers of a column of numbers, in ascending order.
	Finite []float64
	// Odd is the first value that keeps a column with numbers from being one of numbers, OddRow its row, from 1; 0 if there is none.
	Odd    string
	OddRow int
}

// Infer returns the type of column i: boolean or number if every cell that is not missing is one, else text. In JSON Lines the strings
// "NaN", "Infinity" and "-Infinity" count as numbers beside numbers.
func (s *Sample) Infer(i int) Inferred {
	var t tally
	for at, row := range s.Rows {
		before := t.numbers + t.missing
		if t.add(row[i]); t.oddRow == 0 && t.numbers+t.missing == before {
			t.odd, t.oddRow = row[i], at+1
		}
	}
	switch {
	case t.cells == 0:
		return Inferred{Kind: Absent, Nullable: t.missing > 0}
	case t.booleans == t.cells:
		return Inferred{Kind: Boolean, Nullable: t.missing > 0}
	case t.numbers == t.cells && t.spelled < t.cells:
		slices.Sort(t.finite)
		return Inferred{Kind: Number, Nullable: t.missing+t.nans > 0, Integers: t.integers > 0 && t.integers+t.nans == t.cells, Finite: t.finite}
	default:
		text := Inferred{Kind: Text, Nullable: t.missing > 0}
		if t.numbers > t.spelled {
			text.Odd, text.OddRow = t.odd.Text, t.oddRow
		}
		return text
	}
}

// tally counts the cells of a column by what they could be.
type tally struct {
	missing, cells, booleans, numbers int
	integers, nans                    int // of the numbers
	spelled                           int // of the numbers: strings of JSON Lines
	finite                            []float64
	odd                               Value // the first cell that is no number, of row oddRow
	oddRow                            int
}

func (t *tally) add(v Value) {
	if v.Kind == Null {
		t.missing++
		return
	}
	t.cells++
	switch v.Kind {
	case Boolean:
		t.booleans++
	case Number:
		t.number(v)
	case Text:
		if number, ok := NonFinite(v); ok {
			t.spelled++
			t.number(number)
		}
	case Cell:
		if _, ok := parseBoolean(v.Text); ok {
			t.booleans++
		} else if number, valid, _ := parseNumber(v.Text); valid {
			t.number(number)
		}
	}
}

func (t *tally) number(v Value) {
	t.numbers++
	if v.IsInt {
		t.integers++
	}
	switch {
	case math.IsNaN(v.Float):
		t.nans++
	case !math.IsInf(v.Float, 0):
		t.finite = append(t.finite, v.Float)
	}
}
