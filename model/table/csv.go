package table

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Bounds of row files.
const (
	// MaxCell is the largest CSV cell in bytes.
	MaxCell = 1 << 20
	// MaxColumns is the largest number of CSV columns.
	MaxColumns = 1 << 16
	// MaxLine is the largest line in bytes, of CSV and JSON Lines.
	MaxLine = 16 << 20
)

// CSVReader reads rows from CSV as RFC 4180 writes it: a header row, cells parted by commas, lines ended by LF or CR LF, a cell in double quotes where it
// holds any of these, a quote in it doubled. A byte order mark at the start is dropped. Spaces belong to the cell. An empty cell without
// quotes is Null, "" is the empty string; any other cell has Kind Cell, for Retype. An empty line is left out, but with a single
// column it is a row whose cell is Null. Memory does not grow with the input.
type CSVReader struct {
	lines   *lineReader
	columns *Columns
	places  []int // column of each cell
	start   int   // line on which the row starts

	text   []byte // cells of the row, one after the other
	ends   []int  // where each ends in text
	quoted []bool
}

// NewCSVReader reads the header from r. Every name of the header must be one of columns; with nil, the header makes the columns. Columns that the header lacks
// are Absent in every row.
func NewCSVReader(r io.Reader, columns *Columns) (*CSVReader, error) {
	c := &CSVReader{lines: newLineReader(r)}
	names, err := c.header()
	if err != nil {
		return nil, err
	}
	if columns == nil {
		columns = NewColumns(names)
	}
	c.columns, c.places = columns, make([]int, len(names))
	var unknown []string
	for i, name := range names {
		place, ok := columns.Index(name)
		if !ok && len(unknown) < maxProblems {
			unknown = append(unknown, fmt.Sprintf("%q", name))
		}
		c.places[i] = place
	}
	if unknown != nil {
		return nil, fmt.Errorf("line 1: unknown columns %s; the columns are %s", strings.Join(unknown, ", "), quoteNames(columns.names))
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

// Columns returns the columns that Read fills.
func (c *CSVReader) Columns() *Columns { return c.columns }

// Line is the line on which the row that was read last starts, from 1.
func (c *CSVReader) Line() int { return c.start }

// Read reads the next row into row, which has a Value for each column. It returns problems of this row alone (a wrong number of cells, invalid UTF-8),
// after which the next row can be read; io.EOF at the end; or an error that names the line, after which nothing can.
// Strings are copies: the row may be kept.
func (c *CSVReader) Read(row []Value) ([]Problem, error) {
	if err := c.record(); err != nil {
		return nil, err
	}
	clear(row)
	if len(c.ends) != len(c.places) {
		return []Problem{{Code: WrongCellCount,
			Message: fmt.Sprintf("line %d: %d cells, the header has %d", c.start, len(c.ends), len(c.places))}}, nil
	}
	text, from := string(c.text), 0
	var problems []Problem
	for i, end := range c.ends {
		place, cell := c.places[i], text[from:end]
		from = end
		if cell == "" && !c.quoted[i] {
			row[place].Kind = Null
			continue
		}
		row[place] = Value{Kind: Cell, Text: cell}
		if !utf8.ValidString(cell) && len(problems) < maxProblems {
			problems = append(problems, Problem{Field: c.columns.names[place], Code: InvalidUTF8,
				Message: fmt.Sprintf("line %d: the cell is not valid UTF-8", c.start)})
		}
	}
	return problems, nil
}

// header reads the names of the columns.
func (c *CSVReader) header() ([]string, error) {
	if err := c.record(); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line 1: the file is empty, a header row is expected")
	} else if err != nil {
		return nil, err
	}
	if len(c.ends) == 1 && len(c.text) == 0 && !c.quoted[0] {
		return nil, fmt.Errorf("line 1: the line is empty, a header row is expected")
	}
	names, from := make([]string, len(c.ends)), 0
	seen := make(map[string]int, len(c.ends))
	for i, end := range c.ends {
		name := string(c.text[from:end])
		from = end
		if !utf8.ValidString(name) {
			return nil, fmt.Errorf("line 1, column %d: the name is not valid UTF-8: save the file as UTF-8", i+1)
		}
		if first, ok := seen[name]; ok {
			return nil, fmt.Errorf("line 1, column %d: the name %q is that of column %d as well", i+1, name, first+1)
		}
		seen[name] = i
		names[i] = name
	}
	return names, nil
}

// record reads the cells of the next row into text, ends and quoted.
func (c *CSVReader) record() error {
	c.text, c.ends, c.quoted = c.text[:0], c.ends[:0], c.quoted[:0]
	line, err := c.lines.next()
	for err == nil && len(line) == 0 && len(c.places) > 1 {
		line, err = c.lines.next()
	}
	c.start = c.lines.number
	for more := true; more && err == nil; {
		if len(c.ends) == MaxColumns {
			return c.errorf("more than %d columns", MaxColumns)
		}
		if len(line) > 0 && line[0] == '"' {
			line, more, err = c.quotedCell(line[1:])
		} else {
			line, more, err = c.plainCell(line)
		}
	}
	return err
}

// plainCell reads a cell without quotes from the rest of a line. It returns what is left of the line, and whether there is another cell.
func (c *CSVReader) plainCell(line []byte) (rest []byte, more bool, err error) {
	n := 0
	for n < len(line) && line[n] != ',' {
		if line[n] == '"' || line[n] == '\r' {
			return nil, false, c.errorf("%q in a cell without quotes: put the cell in double quotes and double the quotes in it", line[n])
		}
		n++
	}
	if n > MaxCell {
		return nil, false, c.errorf("the cell is larger than %d bytes", MaxCell)
	}
	c.endCell(line[:n], false)
	if n == len(line) {
		return nil, false, nil
	}
	return line[n+1:], true, nil
}

// quotedCell reads a cell behind its opening quote, over as many lines as it has.
func (c *CSVReader) quotedCell(line []byte) (rest []byte, more bool, err error) {
	start := len(c.text)
	for {
		for i := 0; i < len(line); i++ {
			if line[i] != '"' {
				continue
			}
			c.text = append(c.text, line[:i]...)
			line = line[i+1:]
			if len(line) > 0 && line[0] == '"' {
				i = 0
				continue
			}
			return c.closeCell(line, start)
		}
		c.text = append(c.text, line...)
		c.text = append(c.text, c.lines.end...)
		if len(c.text)-start > MaxCell {
			return nil, false, c.errorf("the cell is larger than %d bytes, or its closing quote is missing", MaxCell)
		}
		line, err = c.lines.next()
		if errors.Is(err, io.EOF) {
			return nil, false, c.errorf("the quotes of the cell are not closed: the file ends on line %d", c.lines.number)
		}
		if err != nil {
			return nil, false, err
		}
	}
}

// closeCell ends a quoted cell; rest is what follows its closing quote on the line.
func (c *CSVReader) closeCell(rest []byte, start int) ([]byte, bool, error) {
	if len(c.text)-start > MaxCell {
		return nil, false, c.errorf("the cell is larger than %d bytes", MaxCell)
	}
	if len(rest) > 0 && rest[0] != ',' {
		return nil, false, c.errorf("%q after the closing quote of the cell, a comma or the end of the line is expected", rest[0])
	}
	c.endCell(nil, true)
	if len(rest) == 0 {
		return nil, false, nil
	}
	return rest[1:], true, nil
}

// endCell adds the last bytes of a cell and ends it.
func (c *CSVReader) endCell(last []byte, quoted bool) {
	c.text = append(c.text, last...)
	c.ends = append(c.ends, len(c.text))
	c.quoted = append(c.quoted, quoted)
}

// errorf returns an error that names the line on which the row starts and the column.
func (c *CSVReader) errorf(format string, args ...any) error {
	return fmt.Errorf("line %d, column %d: %s", c.start, len(c.ends)+1, fmt.Sprintf(format, args...))
}
