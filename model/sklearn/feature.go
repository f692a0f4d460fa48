package sklearn

import (
	"encoding/json"
	"fmt"
	"slices"

	"sklambda/model"
	"sklambda/model/pickle"
)

// feature is one column of the input table. Its dtype is settled by the first consumer whose fitted attributes tell it,
// else by the sample, else it is a number.
type feature struct {
	index int32
	name  string
	used  bool
	settled
	// start is what this pass began with.
	start settled
	// categories are those of the first encoder that reads the column.
	categories []json.RawMessage
	sample     sampleColumn
}

// settled is what the consumers of a feature have settled.
type settled struct {
	kind  featureKind
	dtype dtype
	// missing says what a missing cell is in the reference table.
	missing missing
	// bothMissing: the first consumer was fitted on None and on NaN.
	bothMissing bool
	// boolean: the JSON type is boolean, whatever the dtype.
	boolean bool
	// guessed: the kind was taken from the value that an imputer fills in, and a later step may know better.
	guessed bool
	// imputed: missing was taken from missing_values of an imputer of objects, and a later step may know better.
	imputed bool
	// passesNone: the imputer, which looks for NaN, left None in the column.
	passesNone bool
	// the settled ones of the above; a later consumer does not change them
	hasDType, hasMissing bool
}

type featureKind uint8

const (
	openKind featureKind = iota
	numberKind
	textKind
)

// missing says what a missing cell is.
type missing uint8

const (
	missingNaN missing = iota
	missingNone
	missingAlien
)

// maxFeatures bounds the columns of a table: n_features_in_ is only what a file says.
const maxFeatures = 1 << 16

// input declares the features of the root and returns the matrix of them.
func (c *compiler) input(root *estimator) (in matrix, named bool) {
	if _, ok := c.converters[root.class]; !ok {
		return unknownMatrix, false // refused by its class
	}
	names, n := featureNames(root)
	if c.startsWithText = len(root.first(takesText)) > 0; c.startsWithText {
		names, n, in.vector = nil, 1, true
	}
	if takers := root.first(takesDicts); len(takers) > 0 {
		c.startsWithDicts, in.dicts = true, true
		names = c.dictKeys(takers)
		n = len(names)
	}
	if delegate := c.converters[root.class].delegate; n < 0 && delegate != "" && !root.has(delegate) {
		return unknownMatrix, false // refused for want of the estimator that answers
	}
	if _, dummy := dummyConverters()[root.class]; dummy && n < 0 && c.opt.Sample != nil { // before 1.5 they keep no count, as they look at no column
		n = len(c.opt.Sample.Names)
	}
	if n < 0 {
		if root.columnless() {
			return unknownMatrix, false
		}
		root.refuse("n_features_in_", "no step says how many columns it was fitted with", "fit it before it is dumped")
		return unknownMatrix, false
	}
	if n > maxFeatures {
		root.refuse("n_features_in_", fmt.Sprintf("it is %d, and %d columns are the most that are compiled", n, maxFeatures), "select fewer columns before the fit")
		return unknownMatrix, false
	}
	if names == nil {
		names = c.defaultNames(n)
	} else {
		in.frame, named = true, !in.dicts
	}
	for i, name := range names {
		f := &feature{index: int32(i), name: name, sample: c.sampleColumn(name)}
		f.dtype, f.boolean = f.sample.dtype(), f.sample.boolean
		if in.dicts && f.boolean { // a dict has no column that a missing value would make one of objects
			f.dtype = boolType
		}
		if c.prior != nil {
			f.settled = c.prior[i]
		}
		f.start = f.settled
		c.features = append(c.features, f)
		in.cols = append(in.cols, column{feature: f, values: f, dtype: f.dtype, origin: f.index})
	}
	if !in.frame {
		in = in.withType(arrayType(in))
	}
	return in, named
}

// arrayType is the dtype of an array of columns of these dtypes: only numbers share one, anything else makes objects.
func arrayType(m matrix) dtype {
	t := m.checkedType()
	for _, col := range m.cols {
		if (col.dtype == boolType) != (t == boolType) {
			return objectType
		}
	}
	return t
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
		if list, ok := v.(*pickle.List); ok { // category_encoders keeps a list, of numbers where there were no names
			if names, ok := texts(list.Items); ok {
				return names, len(names)
			}
		}
	}
	if v, ok := e.obj.Attr("n_features_in_"); ok {
		if n, ok := pickle.Plain(v).(int64); ok {
			return nil, int(n)
		}
	}
	if names, n := boosterFeatures(e); n >= 0 {
		return names, n
	}
	if e.class == isotonicRegression { // it keeps no count of its one column
		return nil, 1
	}
	for _, inner := range e.nested() {
		if names, n := featureNames(inner); n >= 0 {
			return names, n
		}
	}
	for _, attribute := range []string{"estimator_", "estimator"} { // SelectFromModel asks the model that it wraps
		v, _ := e.obj.Attr(attribute)
		if obj, ok := v.(*pickle.Object); ok {
			if names, n := featureNames(e.c.estimator(e.path, obj)); n >= 0 {
				return names, n
			}
		}
	}
	if v, ok := e.obj.Attr("dictionary"); ok { // SparseCoder before 1.9
		if a, ok := v.(*pickle.Array); ok && len(a.Shape) == 2 {
			return nil, a.Shape[1]
		}
	}
	if slices.Contains(labelEncoders, e.class) {
		return nil, 1
	}
	return nil, -1
}

// columnless refuses, of an estimator that nothing tells the columns of, what keeps no count because it looks at none: a kernel that is a function, or what takes dicts.
func (e *estimator) columnless() bool {
	if takesDicts(e.class) {
		e.refuseTable()
		return true
	}
	if _, isMachine := svmConverters()[e.class]; isMachine {
		_, byName := e.kernelName()
		return !byName
	}
	if isPipeline(e.class) {
		for _, s := range pipelineSteps(e) {
			if obj, ok := s.value.(*pickle.Object); ok && e.c.estimator(e.path+"."+s.name, obj).columnless() {
				return true
			}
		}
		return false
	}
	return slices.ContainsFunc(e.nested(), (*estimator).columnless)
}

// isText reports whether the feature holds strings, as far as is known.
func (f *feature) isText() bool {
	return f.kind == textKind || f.kind == openKind && f.sample.kind == textKind
}

// settleMissing says what a missing cell of an input column is; the first consumer wins. A column that holds None is one of objects.
func (col column) settleMissing(m missing) {
	f := col.feature
	if f == nil || f.hasMissing {
		return
	}
	f.missing, f.hasMissing = m, true
	if m == missingNone && !f.hasDType {
		f.dtype, f.hasDType = objectType, true
	}
}

// settleDType says what dtype an input column has; the first consumer wins.
func (col column) settleDType(t dtype) {
	if f := col.feature; f != nil && !f.hasDType {
		f.dtype, f.hasDType = t, true
	}
}

// addCategories notes the categories of an input column for the signature.
func (col column) addCategories(categories []pickle.Value) {
	f := col.values
	if f == nil || f.categories != nil {
		return
	}
	for _, category := range categories {
		if raw, ok := jsonScalar(category); ok {
			f.categories = append(f.categories, raw)
		}
	}
	f.categories = slices.Clip(f.categories)
}

// settledFeatures is what this pass has settled, for the next one.
func (c *compiler) settledFeatures() []settled {
	var out []settled
	for _, f := range c.features {
		if f.kind == openKind {
			f.kind = max(f.sample.kind, numberKind)
		}
		if f.kind == textKind {
			f.dtype = objectType
		}
		out = append(out, f.settled)
	}
	return out
}

// notes tell what the user may not expect of the features.
func (c *compiler) notes() []string {
	var notes []string
	for _, f := range c.features {
		if f.bothMissing {
			notes = append(notes, fmt.Sprintf("column %q was trained with None and with NaN; null stands for None", f.name))
		}
		if f.passesNone {
			notes = append(notes, fmt.Sprintf("column %q was trained with None, which its SimpleImputer leaves as it is (missing_values is NaN); null stands for None", f.name))
		}
	}
	return notes
}

// again reports whether steps may have read a column under another type than the one that was settled in the end.
func (c *compiler) again() bool {
	again := c.wrongGuess
	for i, s := range c.settledFeatures() {
		start := c.features[i].start
		again = again || s.dtype != start.dtype || s.missing != start.missing || (s.kind == textKind) != (start.kind == textKind)
	}
	return again
}

// featureType is the JSON type of the feature.
func (f *feature) featureType() model.FeatureType {
	switch {
	case f.kind == textKind:
		return model.StringType
	case f.boolean:
		return model.BooleanType
	case f.sample.integer, f.dtype == int64Type:
		return model.IntegerType
	}
	return model.NumberType
}

// texts are values that are all strings.
func texts(values []pickle.Value) ([]string, bool) {
	out := make([]string, len(values))
	for i, v := range values {
		var ok bool
		if out[i], ok = v.(string); !ok {
			return nil, false
		}
	}
	return out, true
}
