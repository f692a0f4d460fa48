package sklearn

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// column is one column of the table that flows between estimators: a feature of the input as it came, or a float slot,
// or a text slot.
type column struct {
	// feature is set for a column of the input, as long as nothing has changed its values.
	feature *feature
	// values is the feature whose values the column shows, imputed at most; nil for a computed column.
	values *feature
	// slot holds the numbers, if laid is set and text is not.
	slot engine.Slot
	// textSlot holds the texts, if laid and text are set.
	textSlot engine.TextSlot
	laid     bool
	text     bool
	dtype    dtype
	// absent is what a missing cell of a laid column stands for; a column of the input asks its feature.
	absent absent
	// unknown: a refusal came before, and nothing is known of the column.
	unknown bool
	// negativeZero: the matrix is sparse and does not store the zeros of this column, which may have been -0.
	negativeZero bool
	// unstored: the matrix, if it is sparse, stores no zero of this column.
	unstored bool
	// inexact: the numbers may differ from scikit-learn's in the last bits.
	inexact bool
	// sameAlone: they are inexact only through functions such as log, which are right to the last bit but for one case in a hundred, here and in scikit-learn.
	sameAlone bool
	// loose bounds how far they may be off where that is more than roundingTolerance; why is the reason.
	loose float64
	why   string
	// noise is the absolute rounding error to be expected in the column of an ordinary row; 0 where it is not known.
	noise float64
	// origin is the index of the feature that errors of this column name, -1 for a computed column.
	origin int32
}

// absent is what a cell without a value stands for: NaN, None, or a value of another type than the column's, with
// which an imputer has filled it.
type absent struct {
	kind missing
	// alien is that other value, with missingAlien.
	alien pickle.Value
}

// value is the Python value that the cell has.
func (a absent) value() pickle.Value {
	switch a.kind {
	case missingNone:
		return nil
	case missingAlien:
		return a.alien
	}
	return math.NaN()
}

// matrix is the table that an estimator is given or gives.
type matrix struct {
	cols []column
	// frame: a DataFrame, whose columns keep their dtypes; otherwise an array, whose columns share one.
	frame bool
	// sparse: a scipy sparse matrix; a few estimators compute it in another order.
	sparse bool
	// vector: a sequence, not a table of one column; text vectorizers take one.
	vector bool
	// dicts: a sequence of dicts, whose keys are the columns; DictVectorizer and FeatureHasher take one.
	dicts bool
	// register holds a wide sparse matrix, which has no cols then.
	register *register
	// unknown: a refusal came before; the columns are not known and nothing can be compiled from them.
	unknown bool
}

var unknownMatrix = matrix{unknown: true}

func (m matrix) width() int {
	if m.register != nil {
		return int(m.register.Width)
	}
	return len(m.cols)
}

// pick returns the matrix of some of its columns.
func (m matrix) pick(columns []int) matrix {
	cols := make([]column, len(columns))
	for k, i := range columns {
		cols[k] = m.cols[i]
	}
	m.cols = cols
	return m
}

// array returns the matrix as numpy.asarray gives it: one dtype for all columns.
func (m matrix) array() matrix {
	if !m.frame {
		return m
	}
	m.frame = false
	return m.withType(m.resultType())
}

// withType returns the matrix with the same dtype in every column. The values do not change: a step that rounds is the caller's.
func (m matrix) withType(t dtype) matrix {
	if m.register != nil {
		r := *m.register
		r.dtype = t
		m.register = &r
	}
	cols := make([]column, len(m.cols))
	for i, col := range m.cols {
		col.dtype = t
		cols[i] = col
	}
	m.cols = cols
	return m
}

// resultType is the dtype of numpy.asarray(m). A DataFrame does not mix booleans with numbers: it gives objects.
func (m matrix) resultType() dtype {
	for _, col := range m.cols {
		if m.frame && (m.cols[0].dtype == boolType) != (col.dtype == boolType) {
			return objectType
		}
	}
	return m.checkedType()
}

// checkedType is the dtype that sklearn.utils.check_array finds with dtype=None: numpy.result_type over the columns.
func (m matrix) checkedType() dtype {
	if m.register != nil {
		return m.register.dtype
	}
	if len(m.cols) == 0 {
		return float64Type
	}
	t := m.cols[0].dtype
	for _, col := range m.cols[1:] {
		t = promote(t, col.dtype)
	}
	return t
}

// floatType is the dtype that check_array gives for dtype=FLOAT_DTYPES: a float type is kept, any other becomes float64.
func (m matrix) floatType() dtype {
	if t := m.checkedType(); t.kind == 'f' {
		return t
	}
	return float64Type
}

// numbers returns the columns as a contiguous span of float slots.
func (c *compiler) numbers(e *estimator, m matrix) engine.Span {
	if m.register != nil {
		m = c.spread(e, m)
	}
	slots := make([]int32, m.width())
	contiguous := true
	for i := range m.cols {
		slots[i] = c.number(e, m.cols[i])
		contiguous = contiguous && slots[i] == slots[0]+int32(i)
	}
	if len(slots) == 0 {
		return engine.Span{}
	}
	if contiguous {
		return engine.Span{Start: slots[0], N: int32(len(slots))}
	}
	out := c.b.Floats(len(slots))
	c.b.Add(&engine.Select{From: slots, Out: out})
	return out
}

// number returns the float slot of a column; a column of the input becomes a number by it.
func (c *compiler) number(e *estimator, col column) engine.Slot {
	if col.isText() {
		c.needsNumber(e, col)
		return 0
	}
	slot := c.slot(e, col)
	if text, isText := col.absent.alien.(string); isText { // float("…") raises
		if looksNumeric(text) {
			e.refuse(fmt.Sprintf("%s is filled with the string %q", c.columnName(col), text), "numpy reads it as a number in this step", "fill it with a number")
		}
		c.b.Add(&engine.Check{In: engine.Span{Start: slot, N: 1}, AllowInf: true, Features: []int32{col.origin}})
	}
	return slot
}

// looksNumeric reports whether Python's float may take the text.
func looksNumeric(text string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(strings.ReplaceAll(text, "_", "")), 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// slot returns the float slot of a column of numbers, whatever its empty cells stand for.
func (c *compiler) slot(e *estimator, col column) engine.Slot {
	switch {
	case col.unknown:
		return c.b.Floats(1).Start
	case col.laid:
		return col.slot
	}
	f := col.feature
	f.kind, f.used = numberKind, true
	col.settleMissing(missingNaN)
	return c.b.Number(int(f.index))
}

// zero writes 0 to a slot: what is not in an empty table has the code Unknown.
func (c *compiler) zero(e *estimator, col column, out engine.Slot) {
	if col.isText() {
		c.b.Add(&engine.LookupText{In: c.text(e, col), Lookup: engine.Lookup{Out: out}})
	} else {
		c.b.Add(&engine.LookupNumber{In: c.slot(e, col), Lookup: engine.Lookup{Out: out}})
	}
}

func (c *compiler) needsNumber(e *estimator, col column) {
	if f := col.feature; f != nil && f.sample.oddRow > 0 {
		e.refuse(c.columnName(col), fmt.Sprintf("row %d of the sample has %q among numbers", f.sample.oddRow, f.sample.odd),
			"leave the cell of a missing value empty; a column of strings is encoded first, for example with OneHotEncoder")
		return
	}
	e.refuse(c.columnName(col), "it holds strings, and this step computes with numbers", "encode the column first, for example with OneHotEncoder or OrdinalEncoder")
}

// columnName names a column in messages.
func (c *compiler) columnName(col column) string {
	if col.origin >= 0 {
		return fmt.Sprintf("column %q", c.features[col.origin].name)
	}
	return "a computed column"
}

// text returns the text slot of a column; a column of the input becomes a string by it.
func (c *compiler) text(e *estimator, col column) engine.TextSlot {
	switch {
	case col.unknown:
		return c.b.NewText()
	case col.laid && !col.text:
		e.refuse(c.columnName(col), "it holds numbers, and this step was fitted on strings there", "check that the file is whole")
		return 0
	case col.laid:
		return col.textSlot
	}
	f := col.feature
	if f.kind == numberKind {
		e.refuse(c.columnName(col), "one step reads it as numbers, this one as strings", "give each step a column of its own")
		return 0
	}
	f.kind, f.used, f.dtype = textKind, true, objectType
	col.settleMissing(missingNaN)
	return c.b.Text(int(f.index))
}

// isText reports whether a column is known to hold strings.
func (col column) isText() bool {
	if col.laid || col.unknown {
		return col.text
	}
	return col.feature.isText()
}

// null is what a missing cell of the column stands for.
func (col column) null() absent {
	if col.feature != nil {
		return absent{kind: col.feature.missing}
	}
	return col.absent
}

// computed returns the matrix of a span of new float slots, one for each column of the matrix it came from.
func (c *compiler) computed(span engine.Span, from matrix, t dtype) matrix {
	out := matrix{cols: make([]column, span.N), sparse: from.sparse}
	for i := range out.cols {
		out.cols[i] = column{laid: true, slot: span.Start + int32(i), dtype: t, origin: -1}
		if len(from.cols) == len(out.cols) {
			out.cols[i].origin = from.cols[i].origin
			out.cols[i].inexact, out.cols[i].sameAlone = from.cols[i].inexact, from.cols[i].sameAlone
			out.cols[i].loose, out.cols[i].why, out.cols[i].noise = from.cols[i].loose, from.cols[i].why, from.cols[i].noise
			out.cols[i].negativeZero = from.cols[i].negativeZero
		}
	}
	return out
}

// checked adds the check that sklearn.utils.check_array makes and returns the columns' slots.
func (c *compiler) checked(e *estimator, m matrix, check engine.Check) engine.Span {
	check.In = c.numbers(e, m)
	for _, col := range m.cols {
		check.Features = append(check.Features, col.origin)
	}
	if check.In.N > 0 {
		c.b.Add(&check)
	}
	return check.In
}

// dense returns a matrix as toarray() gives it: zeros that a sparse matrix does not store are positive.
func (c *compiler) dense(e *estimator, m matrix) matrix {
	if !m.sparse {
		return m
	}
	if m.register != nil {
		m = c.spread(e, m)
	}
	m.sparse = false
	cols := make([]column, len(m.cols))
	for i, col := range m.cols {
		if col.negativeZero {
			in, out := engine.Span{Start: c.number(e, col), N: 1}, c.b.Floats(1)
			c.b.Add(&engine.Arith{Op: "add", In: in, Out: out, Values: []float64{0}})
			col = c.computed(out, matrix{cols: []column{col}}, col.dtype).cols[0]
			col.negativeZero = false
		}
		cols[i] = col
	}
	m.cols = cols
	return m
}

// tolerance is 0 if every column is bit for bit scikit-learn's, else roundingTolerance, or what a loose column says.
func (m matrix) tolerance() float64 { return m.asAnswer().tolerance }

// asAnswer is the tolerance of all columns with its reason.
func (m matrix) asAnswer() answer {
	a := answer{}
	if m.register != nil && m.register.inexact {
		a.tolerance = roundingTolerance
	}
	for _, col := range m.cols {
		if col.inexact {
			a.tolerance = max(a.tolerance, roundingTolerance)
		}
		if col.loose > a.tolerance {
			a.tolerance, a.reason = col.loose, col.why
		}
	}
	return a
}

// inexact is the matrix of computed columns that may differ from scikit-learn's in the last bits; they name no column of the input.
func (c *compiler) inexact(span engine.Span) matrix {
	out := matrix{cols: make([]column, span.N)}
	for i := range out.cols {
		out.cols[i] = column{laid: true, slot: span.Start + int32(i), dtype: float64Type, origin: -1, inexact: true}
	}
	return out
}

// loosen lets the columns be off as far as an answer says.
func (m matrix) loosen(a answer) {
	for i := range m.cols {
		if a.tolerance > roundingTolerance {
			m.cols[i].loose, m.cols[i].why = a.tolerance, a.reason
		}
	}
}
