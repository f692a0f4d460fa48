package table

import (
	"bytes"
	"fmt"
	"io"
)

// lineReader reads the lines of a block.
type lineReader struct {
	rest   []byte
	number int // of the line that was read last, from 1
}

func newLineReader(block Block) lineReader {
	if block.Line == 1 {
		block.Data = bytes.TrimPrefix(block.Data, byteOrderMark)
	}
	return lineReader{block.Data, block.Line - 1}
}

// byteOrderMark may stand at the start of a file.
var byteOrderMark = []byte("\ufeff")

// next returns a line without its end, io.EOF behind the last.
func (l *lineReader) next() ([]byte, error) {
	if len(l.rest) == 0 {
		return nil, io.EOF
	}
	l.number++
	line, rest, ended := bytes.Cut(l.rest, []byte{'\n'})
	if len(line) > MaxLine {
		return nil, errTooLong(l.number)
	}
	l.rest = rest
	if ended {
		line = bytes.TrimSuffix(line, []byte{'\r'})
	}
	return line, nil
}

func errTooLong(line int) error { return fmt.Errorf("line %d: longer than %d bytes", line, MaxLine) }
