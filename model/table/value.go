// Package table reads and writes rows of the input table: a value per column, from JSON objects, JSON Lines and CSV.
// It knows nothing of models: what a value means is settled by the reader of the row.
package table

// Kind says what a Value is.
type Kind uint8

const (
	// Absent: the row does not name the column.
	Absent Kind = iota
	// Null: JSON null, an empty unquoted CSV cell.
	Null
	// Number: Float is the value; Int as well where IsInt.
	Number
	// Boolean: Float is 0 or 1.
	Boolean
	// Text: Text is the value, valid UTF-8 without lone surrogates.
	Text
	// Other: a JSON array or object, allowed only where nothing reads the column.
	Other
	// Cell: a CSV cell whose type is not known yet; Text is what it holds. Retype settles it.
	Cell
)

// String names the kind as error messages do: "a number", "null".
func (k Kind) String() string {
	switch k {
	case Absent:
		return "nothing"
	case Null:
		return "null"
	case Number:
		return "a number"
	case Boolean:
		return "a boolean"
	case Text:
		return "a string"
	case Cell:
		return "a cell"
	default:
		return "an array or object"
	}
}

// Value is one cell.
type Value struct {
	Kind Kind
	// IsInt says that a Number was exactly an integer within int64 (as written: 3, 3.0 and 3e0 all are), kept in Int.
	IsInt bool
	Int   int64
	Float float64
	Text  string
}
