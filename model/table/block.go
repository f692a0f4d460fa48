package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// blockSize is the size of a block in bytes, but for rows that are longer: enough to make the cost of passing it on small, few enough to stay in the
// second-level cache with its answers.
const blockSize = 128 << 10

// Block is whole rows of a file, as they stand in it.
type Block struct {
	Data []byte
	// Line is the line on which Data starts, from 1.
	Line int
}

// BlockReader cuts a file of rows into blocks, which can be read independently of each other. It looks for nothing but the ends of rows. Memory does not grow
// with the file.
type BlockReader struct {
	r      io.Reader
	quotes bool
	size   int    // of a block, but for long rows
	least  int    // that is waited for: a byte of the first block, so that a header is seen when it is there
	line   int    // on which rest starts
	rest   []byte // of what was read: the start of a row
	err    error  // what reading said; then rest is the end of the input
}

// NewBlockReader returns a reader of blocks of r. With quotes a line that ends within double quotes ends no row, as in CSV.
func NewBlockReader(r io.Reader, quotes bool) *BlockReader {
	return &BlockReader{r: r, quotes: quotes, size: blockSize, least: 1, line: 1}
}

// Next reads the next block in place of the one in block, whose memory it takes. It returns io.EOF behind the last one, and what reading said otherwise, with
// the line, when the rows before it have been returned. A row of more than twice MaxLine, too long for the readers of rows, is cut.
func (b *BlockReader) Next(block *Block) error {
	data, end := append(block.Data[:0], b.rest...), 0
	for least := b.least; end == 0; least *= 2 {
		data = b.fill(data, least)
		if end = b.lastEnd(data); errors.Is(b.err, io.EOF) || end == 0 && len(data) >= 2*MaxLine {
			end = len(data)
		}
		if b.err != nil {
			break
		}
	}
	if end == 0 && errors.Is(b.err, io.EOF) {
		return io.EOF
	}
	if end == 0 {
		return fmt.Errorf("line %d: %w", b.line+bytes.Count(data, []byte{'\n'}), b.err)
	}
	*block = Block{data[:end], b.line}
	b.least = b.size
	b.line += bytes.Count(block.Data, []byte{'\n'})
	b.rest = append(b.rest[:0], data[end:]...)
	return nil
}

// fill reads until data has some bytes at least, or the input ends.
func (b *BlockReader) fill(data []byte, least int) []byte {
	size := max(b.size, least)
	data = slices.Grow(data, max(0, size-len(data)))
	for len(data) < least && b.err == nil {
		var n int
		n, b.err = b.r.Read(data[len(data):size])
		data = data[:len(data)+n]
	}
	return data
}

// lastEnd is the length of the whole rows at the start of data. What is not whole has an odd number of quotes in front of its last line end.
func (b *BlockReader) lastEnd(data []byte) int {
	odd := b.quotes && bytes.Count(data, []byte{'"'})%2 == 1
	for {
		end := bytes.LastIndexByte(data, '\n') + 1
		if !b.quotes || end == 0 {
			return end
		}
		if odd = odd != (bytes.Count(data[end:], []byte{'"'})%2 == 1); !odd {
			return end
		}
		data = data[:end-1]
	}
}
