package table

import (
	"math"
	"math/bits"
)

// maxDigits is how many digits scanNumber takes: any integer of so many is within uint64.
const maxDigits = 19

// powers are the powers of ten within uint64.
var powers = [maxDigits + 1]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// scanNumber reads the number that starts at a place of text in the form that most have: an optional minus, digits, and perhaps a point with digits behind it,
// 19 digits in all but for a zero in front of the point. It returns where the number ends, at itself for any other form. The number is the float64
// nearest to what is written; isInt is that of Value. Files of numbers take as long as this does: it is several times as fast as strconv.ParseFloat, which is told
// where the number ends. Signs and lengths change from cell to cell, so that what depends on them is computed without a branch.
func scanNumber(text string, at int) (number float64, integer int64, isInt bool, end int) {
	if at >= len(text) {
		return 0, 0, false, at
	}
	minus := int((uint32(text[at]^'-') - 1) >> 31) // 1 for a minus, 0 for any other byte
	mantissa, point := uint64(0), at+minus
	for ; point < len(text) && isDigit(text[point]); point++ {
		mantissa = mantissa*10 + uint64(text[point]-'0')
	}
	whole := point - at - minus
	if whole == 0 || whole > maxDigits {
		return 0, 0, false, at
	}
	if point == len(text) || text[point] != '.' {
		if integer = int64(mantissa); integer < 0 {
			return 0, 0, false, at
		}
		number, isInt, end = float64(integer), true, point
	} else {
		if mantissa == 0 {
			whole = 0
		}
		mantissa, end = scanDigits(text, point+1, mantissa)
		fraction := end - point - 1
		if fraction == 0 || whole+fraction > maxDigits {
			return 0, 0, false, at
		}
		number = quotient(mantissa, fraction)
		integer = int64(number)
		if isInt = math.Float64bits(float64(integer)) == math.Float64bits(number); !isInt {
			integer = 0
		}
	}
	number = math.Float64frombits(math.Float64bits(number) | uint64(minus)<<63)
	return number, (integer ^ -int64(minus)) + int64(minus), isInt, end
}

// scanDigits reads the digits of text from a place on, behind those of mantissa, and returns where they end. What does not fit is lost.
func scanDigits(text string, at int, mantissa uint64) (uint64, int) {
	for ; len(text)-at >= 8; at += 8 {
		eight := eightBytes(text[at:])
		if other := notDigits(eight); other != 0 {
			n := bits.TrailingZeros64(other) / 8
			return mantissa*powers[n] + eightDigits(eight<<8<<(56-8*n)), at + n
		}
		mantissa = mantissa*1e8 + eightDigits(eight)
	}
	for ; at < len(text) && isDigit(text[at]); at++ {
		mantissa = mantissa*10 + uint64(text[at]-'0')
	}
	return mantissa, at
}

// eightBytes loads the first eight bytes of text, the first of them lowest.
func eightBytes(text string) uint64 {
	_ = text[7]
	return uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
		uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
}

// notDigits has the high bit of the lowest byte that is not a digit, and of no byte below it.
func notDigits(eight uint64) uint64 {
	// The high bit of a byte is set in one of the two if the byte is above '9' or below '0'. A carry comes from such a byte alone, and goes to those above it.
	const ones = 0x0101010101010101
	return ((eight + ones*(0x7f-'9')) | (eight - ones*'0')) & (ones * 0x80)
}

// eightDigits is the number that eight digits write, the first lowest; of each byte only the low half counts. Pairs are joined, then fours, then eights.
// Source: Daniel Lemire, "Quickly parsing eight digits", https://lemire.me/blog/2018/10/03/quickly-parsing-eight-digits/
func eightDigits(eight uint64) uint64 {
	const low, pairs = 0x0f0f0f0f0f0f0f0f, 0x000000ff000000ff
	eight &= low
	eight = eight*10 + eight>>8
	return (eight&pairs*(100+1e6<<32) + eight>>16&pairs*(1+1e4<<32)) >> 32
}

// inverses are 2^127 / 10^i, the power shifted until its highest bit is set, rounded down; scales are the bits of the power of two that belongs to each.
var inverses, scales = func() (inverses, scales [maxDigits + 1]uint64) {
	for i := 1; i <= maxDigits; i++ {
		up := bits.LeadingZeros64(powers[i])
		inverses[i], _ = bits.Div64(1<<63, 0, powers[i]<<up)
		scales[i] = uint64(1023+up-62) << 52
	}
	return inverses, scales
}()

// quotient is the float64 nearest to mantissa / 10^power, of two equally near ones the even one; power is from 1 to maxDigits.
func quotient(mantissa uint64, power int) float64 {
	if number, ok := multiply(mantissa, power); ok {
		return number
	}
	return divide(mantissa, power)
}

// multiply is quotient for most numbers that are not a float64 themselves; ok is false for the others. After D. Lemire, "Number Parsing at a Gigabyte per
// Second" (2021): the product with the inverse of the power, which is rounded down, is too small by less than one in its upper half. Unless the bits of that
// half behind those of a float64 and the one that rounds it are all ones, what is missing changes none of these; it is not nothing, which the lowest bit tells
// the conversion: the quotient is no tie.
func multiply(mantissa uint64, power int) (number float64, ok bool) {
	up := bits.LeadingZeros64(mantissa)
	high, _ := bits.Mul64(mantissa<<(up&63), inverses[power])
	return float64(int64(high>>1|1)) * math.Float64frombits(scales[power]-uint64(up)<<52), high&0x1ff != 0x1ff && mantissa > 0
}

// divide is quotient, in all cases.
func divide(mantissa uint64, power int) float64 {
	if mantissa <= 1<<53 {
		return float64(mantissa) / powersOfTen[power] // both are exact, so that the quotient is rounded once
	}
	// Both are shifted until their highest bit is set, and the mantissa by 63 more: the quotient has at least 63 bits. One for what is left behind it keeps the
	// conversion, which rounds as it should, from taking it for a tie.
	divisor := powers[power]
	up, down := bits.LeadingZeros64(mantissa), bits.LeadingZeros64(divisor)
	mantissa <<= up & 63
	q, rest := bits.Div64(mantissa>>1, mantissa<<63, divisor<<down)
	var behind uint64
	if rest != 0 {
		behind = 1
	}
	return float64(int64(q>>1|q&1|behind)) * math.Float64frombits(uint64(1023+down-up-62)<<52)
}
