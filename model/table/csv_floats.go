package table

import "math"

// Floats says at which place of a row of floats each column lies, for ReadFloats: every column has a cell, whose kind is Number.
func (c *CSVReader) Floats(places []int) {
	c.floats = make([]int, len(c.places))
	for i, place := range c.places {
		c.floats[i] = places[place]
	}
}

// ReadFloats reads the next row into row, which has a float for each column, if all its cells are numbers of the common form, and Floats has been called.
// Otherwise, and at the end of a block, it returns false and has read nothing: Read says what the row is. It takes three quarters of the time of Read and
// Retype.
func (c *CSVReader) ReadFloats(row []float64) bool {
	if c.floats == nil {
		return false
	}
	rest, last := c.data[c.pos:], len(c.floats)-1
	for cell, place := range c.floats {
		if len(rest) < windowSize {
			return false
		}
		w := (*window)(rest)
		mantissa, fraction, minus, length := w.decimal()
		if length == 0 {
			return false
		}
		number := float64(int64(mantissa))
		if fraction > 0 {
			var ok bool // quotient, whose call would cost as much as the product
			if number, ok = multiply(mantissa, fraction); !ok {
				number = divide(mantissa, fraction)
			}
		}
		row[place] = math.Float64frombits(math.Float64bits(number) | uint64(minus)<<63)
		if cell < last {
			if w[length&(windowSize-1)] != ',' {
				return false
			}
			length++
		}
		rest = rest[length:]
	}
	from, start := c.pos, c.line
	if more, ok := c.end(len(c.data) - len(rest)); more || !ok {
		c.pos = from
		return false
	}
	c.start = start
	return true
}
