package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Bounds of row files.
const (
	// MaxCell is the largest CSV cell in bytes.
	MaxCell = 1 << 20
	// MaxColumns is the largest number of CSV columns.
	MaxColumns = 1 << 16
	// MaxLine is the largest line in bytes, of CSV and JSON Lines; a CSV row may have several, and no more bytes.
	MaxLine = 16 << 20
)

// CSVReader reads rows from blocks of CSV as RFC 4180 writes it: a header row, cells parted by commas, lines ended by LF or CR LF, a cell in double quotes where
// it holds any of these, a quote in it doubled. A byte order mark at the start is dropped. Spaces belong to the cell. An empty cell without
// quotes is Null, "" is the empty string; any other cell has Kind Cell, for Retype, unless Types has been told its kind. An empty line is left out, but with a
// single column it is a row whose cell is Null.
type CSVReader struct {
	columns *Columns
	places  []int  // column of each cell
	absent  []int  // columns without a cell
	kinds   []Kind // of the values of each cell, Cell where Retype is to settle it
	inputs  []int  // of each cell, see Inputs

	data  []byte // the block
	text  string // a view of data
	pos   int    // in text
	line  int    // at pos
	from  int    // where the row starts
	start int    // line on which it does
	cell  int    // in the row, from 0
}

// NewCSVReader reads the header from the first block of a file and then the rows of that block. Every name of the header must be one of columns; with nil, the
// header makes the columns. Columns that the header lacks are Absent in every row.
func NewCSVReader(first Block, columns *Columns) (*CSVReader, error) {
	c := &CSVReader{}
	c.Reset(first)
	names, err := c.header()
	if err != nil {
		return nil, err
	}
	if columns == nil {
		columns = NewColumns(names)
	}
	c.columns, c.places, c.kinds = columns, make([]int, len(names)), make([]Kind, len(names))
	var unknown []string
	for i, name := range names {
		place, ok := columns.Index(name)
		if !ok && len(unknown) < maxProblems {
			unknown = append(unknown, fmt.Sprintf("%q", name))
		}
		c.places[i], c.kinds[i] = place, Cell
	}
	for place := range columns.Len() {
		if !slices.Contains(c.places, place) {
			c.absent = append(c.absent, place)
		}
	}
	if i := strings.IndexAny(names[0], ";\t"); unknown != nil && len(names) == 1 && i >= 0 {
		return nil, fmt.Errorf("line 1: found %q between the names of the header, want a comma: write the file with commas between the cells", names[0][i])
	}
	if unknown != nil {
		return nil, fmt.Errorf("line 1: unknown columns %s: leave them out, or copy them as ids; the columns are %s", strings.Join(unknown, ", "), quoteNames(columns.names))
	}
	return c, nil
}

// quoteNames lists names for a message.
func quoteNames(names []string) string {
	const most = 20
	quoted := make([]string, 0, most)
	for _, name := range names[:min(len(names), most)] {
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	if len(names) > most {
		quoted = append(quoted, fmt.Sprintf("… (%d in all)", len(names)))
	}
	return strings.Join(quoted, ", ")
}

// Types says of which kind the values of each column are: Number, Boolean or Text. Read then gives what Retype would; a cell that does not fit stays a Cell, as
// do those of a column whose kind is Cell.
func (c *CSVReader) Types(kinds []Kind) {
	for i, place := range c.places {
		c.kinds[i] = kinds[place]
	}
}

// Clone returns a reader of the same columns, for another goroutine. It has no rows before Reset.
func (c *CSVReader) Clone() *CSVReader {
	return &CSVReader{columns: c.columns, places: c.places, absent: c.absent, kinds: c.kinds, inputs: c.inputs}
}

// Columns returns the columns that Read fills.
func (c *CSVReader) Columns() *Columns { return c.columns }

// Has reports whether the header names column i.
func (c *CSVReader) Has(i int) bool { return !slices.Contains(c.absent, i) }

// Line is the line on which the row that was read last starts, from 1.
func (c *CSVReader) Line() int { return c.start }

// Reset lets the reader read the rows of a block.
func (c *CSVReader) Reset(block Block) {
	if block.Line == 1 {
		block.Data = bytes.TrimPrefix(block.Data, byteOrderMark)
	}
	c.data, c.text = block.Data, unsafe.String(unsafe.SliceData(block.Data), len(block.Data))
	c.pos, c.line = 0, block.Line
}

// Rest is the part of the block that has not been read: whole rows.
func (c *CSVReader) Rest() Block { return Block{c.data[c.pos:], c.line} }

// Read reads the next row into row, which has a Value for each column. It returns problems of this row alone (a wrong number of cells, invalid UTF-8),
// after which the next row can be read; io.EOF at the end; or an error that names the line, after which nothing can.
// Strings are views of the block: they hold as long as its bytes.
func (c *CSVReader) Read(row []Value) (problems []Problem, err error) {
	if !c.startRow() {
		return nil, io.EOF
	}
	for _, place := range c.absent {
		row[place] = Value{}
	}
	for more := true; more; c.cell++ {
		if c.numbers(row); c.cell >= len(c.places) {
			if _, _, more, err = c.next(); err != nil {
				return nil, err
			}
			continue
		}
		v, kind := &row[c.places[c.cell]], c.kinds[c.cell]
		if kind == Number {
			if f, i, isInt, end := scanNumber(c.text, c.pos); end > c.pos {
				if after, ok := c.end(end); ok {
					*v, more = Value{Kind: Number, IsInt: isInt, Int: i, Float: f}, after
					continue
				}
			}
		}
		var valid bool
		if valid, more, err = c.value(v, kind); err != nil {
			return nil, err
		}
		if !valid && len(problems) < maxProblems {
			problems = append(problems, Problem{Field: c.columns.names[c.places[c.cell]], Code: InvalidUTF8,
				Message: fmt.Sprintf("line %d: the cell is not valid UTF-8: save the file as UTF-8", c.start)})
		}
	}
	if c.pos-c.from > MaxLine+len("\r\n") {
		return nil, errTooLong(c.start)
	}
	if c.cell != len(c.places) {
		clear(row)
		problems = []Problem{{Code: WrongCellCount, Message: fmt.Sprintf("line %d: %d cells, the header has %d", c.start, c.cell, len(c.places))}}
	}
	return problems, nil
}

// numbers reads the next cells, but for the last, as far as they are numbers of the common form in columns of numbers. Read does without it, and takes a tenth
// longer.
func (c *CSVReader) numbers(row []Value) {
	text, at, cell, places, kinds := c.text, c.pos, c.cell, c.places, c.kinds
	for cell < len(places)-1 && cell < len(kinds) && kinds[cell] == Number {
		f, i, isInt, end := scanNumber(text, at)
		if end == at || end >= len(text) || text[end] != ',' {
			break
		}
		row[places[cell]] = Value{Kind: Number, IsInt: isInt, Int: i, Float: f}
		at = end + 1
		cell++
	}
	c.pos, c.cell = at, cell
}

// value reads the next cell as a value of a kind. valid is false if it is not UTF-8.
func (c *CSVReader) value(v *Value, kind Kind) (valid, more bool, err error) {
	text, quoted, more, err := c.next()
	if err != nil || text == "" && !quoted {
		*v = Value{Kind: Null}
		return true, more, err
	}
	*v = Value{Kind: Cell, Text: text}
	switch kind {
	case Text:
		v.Kind = Text
	case Number, Boolean:
		if typed, problem := Retype(*v, kind); problem == nil {
			*v = typed
		}
	}
	return utf8.ValidString(text), more, nil
}

// header reads the names of the columns.
func (c *CSVReader) header() ([]string, error) {
	if !c.startRow() {
		return nil, errors.New("line 1: the file is empty, a header row is expected")
	}
	var names []string
	for more := true; more; c.cell++ {
		name, quoted, another, err := c.next()
		if err != nil {
			return nil, err
		}
		if more = another; name == "" && !quoted && !more && c.cell == 0 {
			return nil, errors.New("line 1: the line is empty, a header row is expected")
		}
		names = append(names, strings.Clone(name))
	}
	seen := make(map[string]int, len(names))
	for i, name := range names {
		if !utf8.ValidString(name) {
			return nil, fmt.Errorf("line 1, column %d: the name is not valid UTF-8: save the file as UTF-8", i+1)
		}
		if first, ok := seen[name]; ok {
			return nil, fmt.Errorf("line 1, column %d: the name %q is that of column %d as well", i+1, name, first+1)
		}
		seen[name] = i
	}
	return names, nil
}
