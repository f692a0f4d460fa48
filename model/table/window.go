package table

import (
	"encoding/binary"
	"math/bits"
)

// window is text longer than any number of the common form, so that no place has to be looked for in it before it is read: indices are masked.
type window [windowSize]byte

const windowSize = 64

// decimal reads what scanNumber reads, at the start of the window: a number of the common form is mantissa / 10^fraction, negative if minus is 1. length is
// that of the text, 0 for any other form, and for 19 bytes without a point.
func (w *window) decimal() (mantissa uint64, fraction, minus, length int) {
	minus = int((uint32(w[0]^'-') - 1) >> 31) // 1 for a minus, 0 for any other byte
	i := minus
	for ; isDigit(w[i&31]) && i < maxDigits; i++ {
		mantissa = mantissa*10 + uint64(w[i&31]-'0')
	}
	whole, point := i-minus, i
	if whole == 0 || i == maxDigits {
		return 0, 0, 0, 0
	}
	if w[i&31] != '.' {
		return mantissa, 0, minus, i
	}
	if mantissa == 0 {
		whole = 0
	}
	i++
	eight, next := w.eightBytes(i), w.eightBytes(i+8)
	if notDigits(eight) == 0 {
		mantissa, i, eight = mantissa*1e8+eightDigits(eight), i+8, next
	}
	if other := notDigits(eight); other != 0 {
		n := bits.TrailingZeros64(other) / 8
		mantissa, i = mantissa*powers[n]+eightDigits(eight<<8<<(56-8*n)), i+n
	} else { // 16 digits, and mostly no more than two behind them
		mantissa, i = mantissa*1e8+eightDigits(eight), i+8
		for ; isDigit(w[i&(windowSize-1)]) && i < windowSize; i++ {
			mantissa = mantissa*10 + uint64(w[i&(windowSize-1)]-'0')
		}
	}
	if fraction = i - point - 1; fraction == 0 || whole+fraction > maxDigits {
		return 0, 0, 0, 0
	}
	return mantissa, fraction, minus, i
}

// eightBytes loads eight bytes from a place on, the first of them lowest.
func (w *window) eightBytes(at int) uint64 { return binary.LittleEndian.Uint64(w[at&31:]) }
