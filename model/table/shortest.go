package table

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// fives are the powers of five up to the 22nd, shifted until their highest bit is set.
var fives = func() (list [23]uint64) {
	five := uint64(1)
	for i := range list {
		list[i] = five << bits.LeadingZeros64(five)
		five *= 5
	}
	return list
}()

// appendFraction appends the shortest decimal number that reads back as f, the nearest to f where several are as short, in fixed notation: what strconv.AppendFloat
// appends for 'f' and -1, in about half the time: printing is most of what an answer of a small model costs. f is from 1e-6 up to 2^53 and no integer.
//
// The algorithm is that of R. Giulietti, "The Schubfach way to render doubles" (2020). For these numbers 10^-k of the paper is exact in 64 bits, but for a
// power of two, and so is everything that follows.
func appendFraction(dst []byte, f float64) []byte {
	digits, exponent := shortest(math.Float64bits(f))
	for digits < 1e16 {
		digits, exponent = digits*10, exponent-1
	}
	exponent += 16 // of the first of 17 digits
	var text [17]byte
	first, rest := digits/1e16, digits%1e16
	high, low := digitBytes(uint32(rest/1e8)), digitBytes(uint32(rest%1e8))
	text[0] = byte('0' + first)
	const zeros = 0x3030303030303030
	binary.LittleEndian.PutUint64(text[1:], high|zeros)
	binary.LittleEndian.PutUint64(text[9:], low|zeros)
	n := len(text) - bits.LeadingZeros64(low)/8 // without zeros at the end
	if low == 0 {
		n -= bits.LeadingZeros64(high) / 8
	}
	if exponent < 0 {
		return append(append(dst, "0.00000"[:1-exponent]...), text[:n]...)
	}
	dst = append(append(dst, text[:exponent+1]...), '.')
	return append(dst, text[exponent+1:n]...)
}

// shortest returns digits and an exponent of ten: the decimal number of the fewest digits, but for zeros at the end, that reads back as the float64 of these bits.
func shortest(float uint64) (digits uint64, exponent int) {
	const fraction = 1<<52 - 1
	significand, q := float&fraction|1<<52, int(float>>52&0x7ff)-1075
	odd := significand & 1 // the ends of the interval that reads back as f belong to it if the significand is even
	closer := uint64(0)    // 1 if the float64 below f is nearer than the one above
	if float&fraction == 0 {
		closer = 1
	}
	k := (q*1262611 - int(closer)*524031) >> 22 // ⌊log10⌋ of the width of the interval
	shift := q + -k*1741647>>19 + 1
	five := fives[-k]
	// The interval and f, in quarters of 10^k; the lowest bit is set if something is behind it.
	lower := toOdd(five, (4*significand-2+closer)<<shift) + odd
	quarters := toOdd(five, 4*significand<<shift)
	upper := toOdd(five, (4*significand+2)<<shift) - odd
	digits = quarters / 4
	tens := digits / 10
	below, above := lower <= 40*tens, 40*tens+40 <= upper
	if below != above {
		if above {
			tens++
		}
		return tens, k + 1
	}
	below, above = lower <= 4*digits, 4*digits+4 <= upper
	middle := 4*digits + 2
	if below != above && above || below == above && (quarters > middle || quarters == middle && digits&1 == 1) {
		digits++
	}
	return digits, k
}

// toOdd is the upper half of a product, with the lowest bit set if the lower half is not zero.
func toOdd(x, y uint64) uint64 {
	high, low := bits.Mul64(x, y)
	if low != 0 {
		high |= 1
	}
	return high
}

// digitBytes is the inverse of eightDigits: a byte for each of eight digits, the first lowest.
func digitBytes(n uint32) uint64 {
	fours := uint64(n/10_000) | uint64(n%10_000)<<32
	hundreds := fours * 10_486 >> 20 & (0x7f<<32 | 0x7f) // of each of two numbers
	pairs := hundreds | (fours-hundreds*100)<<16
	tens := pairs * 103 >> 10 & (0xf<<48 | 0xf<<32 | 0xf<<16 | 0xf)
	return tens | (pairs-tens*10)<<8
}
