package table

import (
	"math"
	"strconv"
	"strings"
)

// decimal collects the digits of a decimal number, to tell whether it is an integer within int64.
type decimal struct {
	negative bool
	mantissa uint64 // significant digits without the trailing zeros
	zeros    int    // zeros after them that a later digit would make significant
	exponent int    // power of ten of the last digit seen
	big      bool   // more digits than mantissa holds
}

// digit adds one digit of the integer part or, with fraction, of the part after the point.
func (d *decimal) digit(c byte, fraction bool) {
	if fraction {
		d.exponent--
	}
	if c == '0' {
		d.zeros++
		return
	}
	if d.mantissa != 0 {
		d.shift(d.zeros + 1)
	}
	d.zeros = 0
	d.mantissa += uint64(c - '0')
	d.big = d.big || d.mantissa > math.MaxInt64+1
}

// shift multiplies the mantissa by a power of ten.
func (d *decimal) shift(n int) {
	for ; n > 0 && !d.big; n-- {
		if d.mantissa > math.MaxInt64/10+1 {
			d.big = true
			return
		}
		d.mantissa *= 10
	}
}

// integer returns the number if it is an integer within int64.
func (d *decimal) integer() (int64, bool) {
	if d.mantissa == 0 {
		return 0, !d.big
	}
	power := d.exponent + d.zeros
	if power < 0 {
		return 0, false
	}
	d.shift(power)
	switch {
	case d.big || d.mantissa > math.MaxInt64+1 || d.mantissa > math.MaxInt64 && !d.negative:
		return 0, false
	case d.negative:
		return int64(-d.mantissa), true
	default:
		return int64(d.mantissa), true
	}
}

// maxExponent bounds the exponent that is added up digit by digit; float64 and int64 end long before it.
const maxExponent = 1 << 20

// powersOfTen are those that float64 holds exactly.
var powersOfTen = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// value returns the number written as text, whose digits d has seen. ok is false if it is beyond float64. With a point or
// an exponent it is a float64 first, as in Python's json: 1.152921504606847e+18 is 2**60, not 1152921504606847000.
func (d *decimal) value(text string) (v Value, ok bool) {
	v.Kind = Number
	v.Int, v.IsInt = d.integer()
	asFloat := strings.ContainsAny(text, ".eE")
	if asFloat && (v.Int > 1<<53 || v.Int < -1<<53) {
		v.Int, v.IsInt = 0, false
	}
	if v.IsInt && v.Int != 0 { // 0 may be -0
		v.Float = float64(v.Int) // the nearest float64, as ParseFloat
		return v, true
	}
	if power := d.exponent + d.zeros; -22 <= power && power < 0 && d.mantissa <= 1<<53 && !d.big {
		// Both are exact, so that the quotient is rounded once: the nearest float64.
		if v.Float = float64(d.mantissa) / powersOfTen[-power]; d.negative {
			v.Float = -v.Float
		}
		return v, true
	}
	f, err := strconv.ParseFloat(text, 64)
	v.Float = f
	if asFloat && f == math.Trunc(f) && -0x1p63 <= f && f < 0x1p63 {
		v.Int, v.IsInt = int64(f), true
	}
	return v, err == nil
}

// parseDecimal reads a number as Python's repr and JSON write it: digits with an optional sign, point and exponent. No hexadecimal, no
// underscores. valid is false for any other text, inRange for a number beyond float64.
func parseDecimal(text string) (v Value, valid, inRange bool) {
	if f, i, isInt, end := scanNumber(text, 0); end > 0 && end == len(text) {
		return Value{Kind: Number, IsInt: isInt, Int: i, Float: f}, true, true
	}
	var d decimal
	i, digits := 0, 0
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		d.negative = text[i] == '-'
		i++
	}
	for fraction := false; i < len(text); i++ {
		if c := text[i]; c == '.' && !fraction {
			fraction = true
		} else if isDigit(c) {
			d.digit(c, fraction)
			digits++
		} else {
			break
		}
	}
	if digits == 0 {
		return Value{}, false, false
	}
	if i < len(text) {
		exponent, ok := parseExponent(text[i:])
		if !ok {
			return Value{}, false, false
		}
		d.exponent += exponent
	}
	v, inRange = d.value(text)
	return v, true, inRange
}

// parseExponent reads an exponent: e, an optional sign, digits to the end.
func parseExponent(text string) (int, bool) {
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	digits := strings.TrimPrefix(text[1:], "-")
	negative := len(digits) < len(text)-1
	if !negative {
		digits = strings.TrimPrefix(digits, "+")
	}
	n := 0
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return 0, false
		}
		n = min(n*10+int(digits[i]-'0'), maxExponent)
	}
	if negative {
		n = -n
	}
	return n, digits != ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
