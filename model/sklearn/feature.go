package sklearn

import (
	"encoding/json"
	"fmt"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// feature is one column of the input table. Its dtype is settled by the first consumer whose fitted attributes tell it,
// else by the sample, else it is a number.
type feature struct {
	index   int32
	name    string
	kind    featureKind
	dtype   dtype
	used    bool
	missing missing
	// settledMissing: a consumer has told whether null is None or NaN.
	settledMissing bool
	categories     []json.RawMessage
	sample         sampleColumn
}

type featureKind uint8

const (
	openKind featureKind = iota
	numberKind
	textKind
)

// missing says what a missing cell is in the reference table.
type missing uint8

const (
	missingNaN missing = iota
	missingNone
)

// input declares the features of the root and returns the matrix of them.
func (c *compiler) input(root *estimator) (in matrix, named bool) {
	names, n := featureNames(root)
	if n < 0 {
		root.refuse("n_features_in_", "no step says how many columns the pipeline was fitted with",
			"refit the pipeline; a fitted scikit-learn pipeline has n_features_in_")
		return unknownMatrix, false
	}
	named = names != nil
	if !named {
		names = c.defaultNames(n)
	}
	in.frame = named
	for i, name := range names {
		f := &feature{index: int32(i), name: name, sample: c.sampleColumn(name, i)}
		f.dtype = f.sample.dtype()
		c.features = append(c.features, f)
		in.cols = append(in.cols, column{feature: f, dtype: f.dtype, origin: f.index})
	}
	return in, named
}

// defaultNames are the sample header's names by position, else x0, x1, …, as scikit-learn's own default.
func (c *compiler) defaultNames(n int) []string {
	if c.opt.Sample != nil && len(c.opt.Sample.Names) == n {
		return c.opt.Sample.Names
	}
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("x%d", i)
	}
	return names
}

// featureNames finds the names and the number of columns that the estimator was fitted with; n is -1 if nothing tells.
func featureNames(e *estimator) (names []string, n int) {
	if v, ok := e.obj.Attr("feature_names_in_"); ok {
		if a, ok := v.(*pickle.Array); ok {
			if names, err := a.Strings(); err == nil {
				return names, len(names)
			}
		}
	}
	if v, ok := e.obj.Attr("n_features_in_"); ok {
		if n, ok := pickle.Plain(v).(int64); ok {
			return nil, int(n)
		}
	}
	for _, attribute := range []string{"steps", "transformer_list"} {
		if _, ok := e.obj.Attr(attribute); !ok {
			continue
		}
		for _, s := range namedSteps(e, attribute) {
			if obj, ok := s.value.(*pickle.Object); ok {
				if names, n := featureNames(e.c.estimator(e.path, obj)); n >= 0 {
					return names, n
				}
			}
		}
	}
	return nil, -1
}

// numbers returns the columns as a contiguous span of float slots.
func (c *compiler) numbers(e *estimator, m matrix) engine.Span {
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
	if col.laid {
		if col.text {
			c.needsNumber(e, col)
		}
		return col.slot
	}
	f := col.feature
	if f.kind == textKind || f.kind == openKind && f.sample.kind == textKind {
		c.needsNumber(e, col)
		return 0
	}
	f.kind, f.used = numberKind, true
	return c.b.Number(int(f.index))
}

func (c *compiler) needsNumber(e *estimator, col column) {
	name := "a computed column"
	if col.origin >= 0 {
		name = fmt.Sprintf("column %q", c.features[col.origin].name)
	}
	e.refuse(name, "it holds strings, and this step computes with numbers", "encode the column first, for example with OneHotEncoder or OrdinalEncoder")
}

// text returns the text slot of a column; a column of the input becomes a string by it.
func (c *compiler) text(e *estimator, col column) engine.TextSlot {
	if col.laid {
		if !col.text {
			e.refuse("a column of numbers", "this step was fitted on strings there", "check that the file is whole")
		}
		return col.textSlot
	}
	f := col.feature
	if f.kind == numberKind {
		e.refuse(fmt.Sprintf("column %q", f.name), "one step reads it as numbers, this one as strings", "give each step a column of its own")
		return 0
	}
	f.kind, f.used, f.dtype = textKind, true, objectType
	return c.b.Text(int(f.index))
}

// isText reports whether a column is known to hold strings.
func (col column) isText() bool {
	if col.laid {
		return col.text
	}
	return col.feature.kind == textKind || col.feature.kind == openKind && col.feature.sample.kind == textKind
}

// settleMissing says what a missing cell of an input column is; the first consumer that tells wins.
func (col column) settleMissing(m missing) {
	if f := col.feature; f != nil && !f.settledMissing {
		f.missing, f.settledMissing = m, true
	}
}

// missingKind is what a missing cell of the column is.
func (col column) missingKind() missing {
	if col.feature != nil {
		return col.feature.missing
	}
	return missingNaN
}

// computed returns the matrix of a span of new float slots, one for each column of the matrix it came from.
func (c *compiler) computed(span engine.Span, from matrix, t dtype) matrix {
	out := matrix{cols: make([]column, span.N), sparse: from.sparse}
	for i := range out.cols {
		out.cols[i] = column{laid: true, slot: span.Start + int32(i), dtype: t, origin: -1}
		if len(from.cols) == len(out.cols) {
			out.cols[i].origin = from.cols[i].origin
			out.cols[i].inexact = from.cols[i].inexact
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

// tolerance is 0 if every column is bit for bit scikit-learn's, else roundingTolerance.
func (m matrix) tolerance() float64 {
	for _, col := range m.cols {
		if col.inexact {
			return roundingTolerance
		}
	}
	return 0
}

// settleRest gives the features that no step has settled their type from the sample.
func (c *compiler) settleRest() {
	for _, f := range c.features {
		if f.kind == openKind {
			f.kind = max(f.sample.kind, numberKind)
		}
		if f.kind == textKind {
			f.dtype = objectType
		}
	}
}

// featureType is the JSON type of the feature.
func (f *feature) featureType() model.FeatureType {
	switch {
	case f.kind == textKind:
		return model.StringType
	case f.dtype == boolType:
		return model.BooleanType
	case f.sample.integer, f.dtype == int64Type:
		return model.IntegerType
	}
	return model.NumberType
}
