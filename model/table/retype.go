package table

import (
	"fmt"
	"math"
	"strings"
)

// Retype returns a CSV cell as a value of the wanted kind: Number, Boolean or Text. Any other value is returned as it is. A number is written as
// Python prints one (decimal, inf, nan in any case, spaces around it), a boolean is True, False, true or false; quotes make no
// difference here. The problem, without a field, is nil if the cell fits.
func Retype(v Value, want Kind) (Value, *Problem) {
	if v.Kind != Cell {
		return v, nil
	}
	switch want {
	case Number:
		return retypeNumber(v.Text)
	case Boolean:
		if f, ok := parseBoolean(v.Text); ok {
			return Value{Kind: Boolean, Float: f}, nil
		}
		return v, &Problem{Code: WrongType, Message: fmt.Sprintf("got %.60q, True or False is expected", v.Text)}
	default:
		return Value{Kind: Text, Text: v.Text}, nil
	}
}

func retypeNumber(s string) (Value, *Problem) {
	v, valid, inRange := parseNumber(s)
	if !valid {
		return v, &Problem{Code: WrongType, Message: fmt.Sprintf("got %.60q, a number is expected", s)}
	}
	if !inRange {
		return v, &Problem{Code: NumberOutOfRange, Message: fmt.Sprintf("%.60q is beyond the range of float64", s)}
	}
	return v, nil
}

// parseNumber reads a number as a CSV cell may have it.
func parseNumber(s string) (v Value, valid, inRange bool) {
	s = strings.Trim(s, " \t")
	if v, valid, inRange = parseDecimal(s); !valid {
		v, valid = parseNonFinite(s)
		inRange = valid
	}
	return v, valid, inRange
}

// parseNonFinite reads what Python's float takes for a number that is not finite.
func parseNonFinite(s string) (Value, bool) {
	sign := 1
	digits := strings.TrimPrefix(s, "-")
	if len(digits) < len(s) {
		sign = -1
	} else {
		digits = strings.TrimPrefix(s, "+")
	}
	switch {
	case strings.EqualFold(digits, "inf"), strings.EqualFold(digits, "infinity"):
		return Value{Kind: Number, Float: math.Inf(sign)}, true
	case strings.EqualFold(digits, "nan"):
		return Value{Kind: Number, Float: math.NaN()}, true
	default:
		return Value{}, false
	}
}

func parseBoolean(s string) (float64, bool) {
	switch s {
	case "True", "true":
		return 1, true
	case "False", "false":
		return 0, true
	default:
		return 0, false
	}
}

// NonFinite returns the number that JSON Lines write as the string "NaN", "Infinity" or "-Infinity". ok is false for any other value.
func NonFinite(v Value) (number Value, ok bool) {
	if v.Kind != Text {
		return v, false
	}
	switch v.Text {
	case "NaN":
		return Value{Kind: Number, Float: math.NaN()}, true
	case "Infinity":
		return Value{Kind: Number, Float: math.Inf(1)}, true
	case "-Infinity":
		return Value{Kind: Number, Float: math.Inf(-1)}, true
	default:
		return v, false
	}
}
