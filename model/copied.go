package model

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"sklambda/model/table"
)

// answerFields are the fields that an answer in JSON Lines may have.
var answerFields = []string{"label", "labels", "probability", "probabilities", "decision", "score", "value", "values", "error"}

// IsAnswerField reports whether answers in JSON Lines use the name, so that no copied value may have it.
func IsAnswerField(name string) bool { return slices.Contains(answerFields, name) }

// IDs are columns of the input whose values are copied to the answers. An id may be a feature.
type IDs struct {
	model   *Model
	columns *table.Columns
	places  []int
}

// NewIDs returns the IDs of these names, which are different from each other.
func (m *Model) NewIDs(ids []string) *IDs {
	names := slices.Clone(m.columns.Names())
	for _, id := range ids {
		if !slices.Contains(names, id) {
			names = append(names, id)
		}
	}
	copied := &IDs{model: m, columns: table.NewColumns(names)}
	for i, f := range m.manifest.Features {
		if !f.Used && !slices.Contains(ids, f.Name) {
			copied.columns.Ignore(i)
		}
	}
	for _, id := range ids {
		place, _ := copied.columns.Index(id)
		copied.places = append(copied.places, place)
	}
	return copied
}

// Columns are those of a row to be read: the features, in order, then the ids that are no features.
func (ids *IDs) Columns() *table.Columns { return ids.columns }

// Len is the number of ids.
func (ids *IDs) Len() int { return len(ids.places) }

// Kinds says of which kind the values of each of Columns are, Cell where a CSV cell is not to be typed: in ids, and where nothing reads the column.
func (ids *IDs) Kinds() []table.Kind {
	kinds := make([]table.Kind, ids.columns.Len())
	for i := range kinds {
		kinds[i] = table.Cell
	}
	for _, used := range ids.model.used {
		if !slices.Contains(ids.places, int(used.feature)) {
			kinds[used.feature] = used.kind
		}
	}
	return kinds
}

// AppendValues appends the ids of a row; in the place of one that Problem finds it appends null, and not a number that is nearly it.
func (ids *IDs) AppendValues(dst []table.Value, row []table.Value) []table.Value {
	for _, place := range ids.places {
		v := row[place]
		if inexactID(v) {
			v = table.Value{Kind: table.Null}
		}
		dst = append(dst, v)
	}
	return dst
}

// inexactID reports whether v is a number whose digits float64 may not keep.
func inexactID(v table.Value) bool {
	return v.Kind == table.Number && !v.IsInt && math.Abs(v.Float) >= 1<<53
}

// Problem finds an id that cannot be copied: a number whose digits float64 does not keep, an array or an object.
func (ids *IDs) Problem(row []table.Value) *table.Problem {
	for _, place := range ids.places {
		name := ids.columns.Names()[place]
		switch v := row[place]; {
		case inexactID(v):
			return &table.Problem{Field: name, Code: table.NumberOutOfRange,
				Message: "the id is an integer beyond 64 bits, which would not be copied exactly: write it as a string"}
		case v.Kind == table.Other:
			return &table.Problem{Field: name, Code: table.WrongType, Message: "the id is an array or object, a plain value is expected"}
		}
	}
	return nil
}

// CheckColumns refuses a table whose columns are fixed, such as CSV, if it lacks one of Columns that is to be read: a feature that a step reads, or an id.
func (ids *IDs) CheckColumns(has func(i int) bool) error {
	var missing []string
	for i, name := range ids.columns.Names() {
		if features := ids.model.manifest.Features; !has(i) && (i >= len(features) || features[i].Used) {
			missing = append(missing, strconv.Quote(name))
		}
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("lacks the columns %s", strings.Join(missing, ", "))
}

// CopyEncoder writes answers as JSON Lines have them, each behind some copied values. It is immutable.
type CopyEncoder struct {
	keys [][]byte // `"name":` of each copied value
}

// NewCopyEncoder returns an encoder that puts values under these names, none of which IsAnswerField.
func NewCopyEncoder(names []string) CopyEncoder {
	var e CopyEncoder
	for _, name := range names {
		e.keys = append(e.keys, append(table.AppendString(nil, name), ':'))
	}
	return e
}

// AppendAnswer appends the answer for row i of p, an object without a newline.
func (e CopyEncoder) AppendAnswer(dst []byte, values []table.Value, p *Predictions, i int) []byte {
	dst, open := e.open(dst, values)
	return e.close(p.AppendJSON(dst, i), open)
}

// AppendProblem appends the answer for a row that the model was not asked about.
func (e CopyEncoder) AppendProblem(dst []byte, values []table.Value, problem *table.Problem) []byte {
	dst, open := e.open(dst, values)
	return e.close(AppendProblem(dst, problem), open)
}

// open appends the brace and the values, but for the last byte: close puts it where the answer's own brace is.
func (e CopyEncoder) open(dst []byte, values []table.Value) ([]byte, int) {
	dst = append(dst, '{')
	for i, key := range e.keys {
		dst = table.AppendValue(append(dst, key...), values[i])
		dst = append(dst, ',')
	}
	return dst[:len(dst)-1], len(dst) - 1
}

func (e CopyEncoder) close(dst []byte, open int) []byte {
	if len(e.keys) > 0 {
		dst[open] = ','
	}
	return dst
}
