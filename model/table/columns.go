package table

// Problem is one thing wrong with one field of a row. The row has no answer; the rows around it may.
type Problem struct {
	// Field is the name of the column, empty for the row as a whole.
	Field string
	// Code is one of the codes below, or one that the reader of the row adds.
	Code string
	// Message says what was got and what is allowed.
	Message string
}

// Codes of problems and of SyntaxError.
const (
	// MalformedJSON: not JSON as RFC 8259 defines it.
	MalformedJSON = "malformed_json"
	// TooDeep: arrays and objects nested more than MaxDepth deep.
	TooDeep = "too_deep"
	// InvalidUTF8: bytes that are not UTF-8.
	InvalidUTF8 = "invalid_utf8"
	// LoneSurrogate: half of a surrogate pair in a \u escape.
	LoneSurrogate = "lone_surrogate"
	// DuplicateField: a name that occurs twice in an object.
	DuplicateField = "duplicate_field"
	// UnknownField: a name that is not a column.
	UnknownField = "unknown_field"
	// WrongType: a value of another type than the column's.
	WrongType = "wrong_type"
	// NumberOutOfRange: a number beyond float64, such as 1e400.
	NumberOutOfRange = "number_out_of_range"
	// WrongCellCount: a CSV row with more or fewer cells than the header.
	WrongCellCount = "wrong_cell_count"
)

// maxProblems bounds the problems that are reported for one row or one body.
const maxProblems = 100

// Columns is a list of column names and the way from a name to its place. Once the last Ignore is made it is immutable and may be shared.
type Columns struct {
	names   []string
	index   map[string]int
	ignored []bool
}

// NewColumns returns the columns of the given names, which must be different from each other; of equal names the last one counts.
func NewColumns(names []string) *Columns {
	c := &Columns{names: names, index: make(map[string]int, len(names)), ignored: make([]bool, len(names))}
	for i, name := range names {
		c.index[name] = i
	}
	return c
}

// Ignore says that nothing reads column i: any JSON value is well there, a number beyond float64 too, which is then read as an infinity.
func (c *Columns) Ignore(i int) { c.ignored[i] = true }

// Len is the number of columns.
func (c *Columns) Len() int { return len(c.names) }

// Names returns the names in order. The caller must not change them.
func (c *Columns) Names() []string { return c.names }

// Index returns the place of a name.
func (c *Columns) Index(name string) (int, bool) {
	i, ok := c.index[name]
	return i, ok
}

// find is Index for a name in bytes; next is tried first, since rows mostly name their columns in order.
func (c *Columns) find(name []byte, next int) (int, bool) {
	if next < len(c.names) && c.names[next] == string(name) {
		return next, true
	}
	i, ok := c.index[string(name)]
	return i, ok
}
