package engine

import "math"

// Keys of a missing value, below and above those of every number.
const (
	missingLow    = 0
	missingHigh32 = math.MaxUint32
	missingHigh64 = math.MaxUint64
)

// key32 maps numbers to unsigned integers that are ordered alike. -0 comes before 0; NaN is the caller's.
func key32(v float32) uint32 {
	b := math.Float32bits(v)
	return b ^ (uint32(int32(b)>>31) | 1<<31)
}

// key64 is key32 for float64.
func key64(v float64) uint64 {
	b := math.Float64bits(v)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// number64 is the number of a key. It gives NaN for the keys of a missing value.
func number64(key uint64) float64 {
	return math.Float64frombits(key ^ (^uint64(int64(key)>>63) | 1<<63))
}

// thresholdKey32 is the key of the largest float32 that is not above t: no key of a number v is above it if v <= t. Everything but a missing value
// that is to go left is above NaN.
func thresholdKey32(t float64) uint32 {
	if t != t {
		return missingLow
	}
	return key32(floor32(t) + 0) // the sum makes 0 of -0, which 0 is not above
}

// thresholdKey64 is thresholdKey32 for float64.
func thresholdKey64(t float64) uint64 {
	if t != t {
		return missingLow
	}
	return key64(t + 0)
}

// fillKeys32 writes the keys of n rows, blocks of eight rows first; each row that is left over has a block of its own, where all lanes have its keys.
func (t *Trees) fillKeys32(s *session, n int) {
	columns := t.keyColumns()
	for r := range n {
		block, lane, alone := keyPlace(r, n)
		keys := s.keys32[block*columns:][:columns]
		setKey(&keys[0], lane, alone, 0)
		for i, v := range s.span(r, t.In) {
			f := float32(v)
			high, low := key32(f), key32(f)
			if f != f {
				high, low = missingHigh32, missingLow
			}
			setKey(&keys[1+i], lane, alone, high)
			if t.missingLeft {
				setKey(&keys[1+int(t.In.N)+i], lane, alone, low)
			}
		}
	}
}

// fillKeys64 is fillKeys32 for wide nodes. Where the values are float32, they are rounded to float32 first.
func (t *Trees) fillKeys64(s *session, n int) {
	columns := t.keyColumns()
	for r := range n {
		block, lane, alone := keyPlace(r, n)
		keys := s.keys64[block*columns:][:columns]
		setKey(&keys[0], lane, alone, 0)
		for i, v := range s.span(r, t.In) {
			if t.Compare.single() {
				v = float64(float32(v))
			}
			high, low := key64(v), key64(v)
			if v != v {
				high, low = missingHigh64, missingLow
			}
			setKey(&keys[1+i], lane, alone, high)
			if t.missingLeft {
				setKey(&keys[1+int(t.In.N)+i], lane, alone, low)
			}
		}
	}
}

// setKey sets the key of one lane, or of all lanes for a row that is alone in its block: each by itself, as an array of them would be made elsewhere and read
// back before it is all written, which processors wait for.
func setKey[K uint32 | uint64](column *[lanes]K, lane int, alone bool, key K) {
	if alone {
		column[0], column[1], column[2], column[3], column[4], column[5], column[6], column[7] = key, key, key, key, key, key, key, key
	} else {
		column[lane%lanes] = key
	}
}

// keyPlace is where the keys of row r of n are: in a lane of a block that eight rows share, or alone in one.
func keyPlace(r, n int) (block, lane int, alone bool) {
	if whole := n / lanes; r >= whole*lanes {
		return whole + r%lanes, 0, true
	}
	return r / lanes, r % lanes, false
}

// blocks is the number of blocks that a chunk of rows may need.
func blocks(rows int) int { return rows/lanes + min(rows, lanes-1) }

// narrowBlocks is the memory of a number of columns of narrow keys: from each of them on a narrowKeys can be viewed. What is behind them is never
// touched, and so takes no memory.
func narrowBlocks(columns int) [][lanes]uint32 {
	if columns == 0 {
		return nil
	}
	return make([][lanes]uint32, columns+len(narrowKeys{}))
}
