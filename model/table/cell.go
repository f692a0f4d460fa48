package table

import (
	"fmt"
	"strings"
)

// startRow moves to the first cell of a row. It reports whether there is one.
func (c *CSVReader) startRow() bool {
	for len(c.places) > 1 && c.pos < len(c.text) && (c.text[c.pos] == '\n' || c.text[c.pos] == '\r') { // an empty line is no row
		if _, ok := c.end(c.pos); !ok {
			break
		}
	}
	c.from, c.start, c.cell = c.pos, c.line, 0
	return c.pos < len(c.text)
}

// end ends a cell at a place of the text and moves behind it. It returns whether the row has another cell; ok is false, and nothing has happened, if no cell
// ends there.
func (c *CSVReader) end(at int) (more, ok bool) {
	if at == len(c.text) {
		c.pos = at
		return false, true
	}
	switch c.text[at] {
	case ',':
		c.pos = at + 1
		return true, true
	case '\r':
		if at++; at == len(c.text) || c.text[at] != '\n' {
			return false, false
		}
		fallthrough
	case '\n':
		c.pos = at + 1
		c.line++
		return false, true
	}
	return false, false
}

// next reads the next cell, and whether it stood in quotes; more says that the row has another.
func (c *CSVReader) next() (cell string, quoted, more bool, err error) {
	if c.cell == MaxColumns {
		return "", false, false, c.errorf("more than %d columns", MaxColumns)
	}
	if c.pos < len(c.text) && c.text[c.pos] == '"' {
		cell, more, err = c.quotedCell()
		return cell, true, more, err
	}
	cell, more, err = c.plainCell()
	return cell, false, more, err
}

// plainCell reads a cell without quotes.
func (c *CSVReader) plainCell() (cell string, more bool, err error) {
	from, at := c.pos, c.pos
	for at < len(c.text) && !endsPlain[c.text[at]] {
		at++
	}
	if at-from > MaxCell {
		return "", false, c.errorf("the cell is larger than %d bytes", MaxCell)
	}
	more, ok := c.end(at)
	if !ok {
		return "", false, c.errorf("%q in a cell without quotes: put the cell in double quotes and double the quotes in it", c.text[at])
	}
	return c.text[from:at], more, nil
}

// endsPlain are the bytes that a cell without quotes cannot have.
var endsPlain = [256]bool{',': true, '\n': true, '\r': true, '"': true}

// quotedCell reads a cell in quotes, over as many lines as it has.
func (c *CSVReader) quotedCell() (cell string, more bool, err error) {
	from := c.pos + 1
	at, doubled := from, false
	for {
		n := strings.IndexByte(c.text[at:], '"')
		if n < 0 {
			return "", false, c.notClosed(from)
		}
		if at += n + 1; at == len(c.text) || c.text[at] != '"' {
			break
		}
		doubled = true
		at++
	}
	cell = c.text[from : at-1]
	lines := strings.Count(cell, "\n")
	if doubled {
		cell = strings.ReplaceAll(cell, `""`, `"`)
	}
	if len(cell) > MaxCell {
		return "", false, c.errorf("the cell is larger than %d bytes", MaxCell)
	}
	more, ok := c.end(at)
	if !ok {
		return "", false, c.errorf("%q after the closing quote of the cell, a comma or the end of the line is expected", c.text[at])
	}
	c.line += lines
	return cell, more, nil
}

// notClosed is the error of a cell in quotes that has no end.
func (c *CSVReader) notClosed(from int) error {
	cell := c.text[from:]
	if len(cell) <= MaxCell && len(c.text)-c.from > MaxLine {
		return errTooLong(c.start) // and cut
	}
	if len(cell) > MaxCell {
		return c.errorf("the cell is larger than %d bytes, or its closing quote is missing", MaxCell)
	}
	return c.errorf("the quotes of the cell are not closed: the file ends on line %d", c.line+strings.Count(strings.TrimSuffix(cell, "\n"), "\n"))
}

// errorf returns an error that names the line on which the row starts and the column.
func (c *CSVReader) errorf(format string, args ...any) error {
	return fmt.Errorf("line %d, column %d: %s", c.start, c.cell+1, fmt.Sprintf(format, args...))
}
