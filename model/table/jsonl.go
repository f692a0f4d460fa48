package table

import (
	"bytes"
	"errors"
	"fmt"
)

// JSONLReader reads rows from a block of JSON Lines: one flat object a line. Lines of white space are left out.
type JSONLReader struct {
	lines   lineReader
	columns *Columns
}

// NewJSONLReader returns a reader of the given columns, which has no rows before Reset.
func NewJSONLReader(columns *Columns) *JSONLReader { return &JSONLReader{columns: columns} }

// Columns returns the columns that Read fills.
func (j *JSONLReader) Columns() *Columns { return j.columns }

// Reset lets the reader read the rows of a block.
func (j *JSONLReader) Reset(block Block) { j.lines = newLineReader(block) }

// Line is the line that was read last, from 1.
func (j *JSONLReader) Line() int { return j.lines.number }

// Read reads the next row into row, which has a Value for each column. A line that is not JSON is a problem of this row alone, as are those of
// ParseObject; io.EOF at the end; any other error names the line and ends the reading.
func (j *JSONLReader) Read(row []Value) ([]Problem, error) {
	line, err := j.nextLine()
	if err != nil {
		return nil, err
	}
	problems, err := j.columns.ParseObject(line, row)
	if syntax, ok := errors.AsType[*SyntaxError](err); ok {
		message := fmt.Sprintf("line %d, byte %d: %s", j.Line(), syntax.Offset, syntax.Message)
		return []Problem{{Field: syntax.Field, Code: syntax.Code, Message: message}}, nil
	}
	return problems, err
}

// nextLine returns the next line that is not white space.
func (j *JSONLReader) nextLine() ([]byte, error) {
	for {
		line, err := j.lines.next()
		if err != nil || len(bytes.TrimLeft(line, " \t\r")) > 0 {
			return line, err
		}
	}
}
