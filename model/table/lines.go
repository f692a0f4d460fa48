package table

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// lineReader reads lines of bounded length.
type lineReader struct {
	r      *bufio.Reader
	number int    // of the line that was read last, from 1
	end    []byte // what ended that line: LF, CR LF, or nothing at the end of the input
	long   []byte // a line that is longer than the buffer of r
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 1<<16)}
}

// next returns a line without its end, valid until the next call; io.EOF behind the last. A byte order mark at the start is dropped.
func (l *lineReader) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.rest(line)
	}
	if errors.Is(err, io.EOF) && len(line) > 0 {
		err = nil
	}
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if l.number++; err != nil {
		return nil, fmt.Errorf("line %d: %w", l.number, err)
	}
	if l.number == 1 {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	n := len(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")))
	if !bytes.HasSuffix(line, []byte("\n")) {
		n = len(line)
	}
	l.end = line[n:]
	return line[:n], nil
}

// rest reads on where a line is longer than the buffer; first is its start.
func (l *lineReader) rest(first []byte) ([]byte, error) {
	l.long = append(l.long[:0], first...)
	for {
		part, err := l.r.ReadSlice('\n')
		l.long = append(l.long, part...)
		if len(l.long) > MaxLine {
			return nil, fmt.Errorf("longer than %d bytes", MaxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return l.long, err
		}
	}
}
