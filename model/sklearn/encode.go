package sklearn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// lookup finds the values of a column in its categories (sklearn.utils._encode._check_unknown and _encode).
type lookup struct {
	categories []pickle.Value
	// dtype is that of categories_, which is the dtype of the column in the fit.
	dtype dtype
	// codes are written for the categories, unknown for any other value, unless that is rejected.
	codes   []float64
	unknown float64
	reject  bool
	// unchecked: an infinite number is no error but another value.
	unchecked bool
}

// exactInteger is the first integer from which on a float64 does not tell all integers apart.
const exactInteger = 1 << 53

// add adds the steps that write the code of a column of in.
func (l *lookup) add(e *estimator, in matrix, col column, out engine.Slot) {
	l.settle(e, col)
	col.addCategories(l.categories)
	shared := engine.Lookup{Out: out, Unknown: engine.Number64(l.unknown), Reject: l.reject, Feature: col.origin}
	l.correctGuess(e.c, col)
	isText := col.isText()
	if !isText && !col.laid && !col.unknown && col.feature.kind == openKind && l.has(isString) {
		isText = true
	}
	if isText || col.unknown && l.has(isString) {
		l.addText(e, col, shared)
		return
	}
	if l.has(isString) && !col.laid && !l.has(isScalar) {
		e.c.text(e, col) // refuses: another step reads numbers
		return
	}
	l.addNumber(e, in, col, shared)
}

func (l *lookup) has(kind func(pickle.Value) bool) bool {
	return slices.ContainsFunc(l.categories, kind)
}

func isString(v pickle.Value) bool {
	_, ok := v.(string)
	return ok
}

// isScalar: a number or a boolean.
func isScalar(v pickle.Value) bool { return isNumber(v) }

func isBool(v pickle.Value) bool {
	_, ok := v.(bool)
	return ok
}

func isNone(v pickle.Value) bool { return v == nil }

// settle tells an input column what the fit saw in it: its dtype, and whether a missing cell is None or NaN.
func (l *lookup) settle(e *estimator, col column) {
	f := col.feature
	if f == nil {
		return
	}
	booleans := l.has(isBool)
	numbers := slices.ContainsFunc(l.categories, func(v pickle.Value) bool { return isScalar(v) && !isBool(v) })
	t := l.dtype
	switch {
	case t.kind == 'f' && f.sample.boolean && l.isBinary(): // fitted on pandas' "boolean", which becomes floats
		t, booleans, numbers = f.sample.dtype(), true, false
	case t.kind == 'f':
		t = float64Type
	case t.kind == 'i' || t.kind == 'u':
		t = int64Type
	case t.kind == 'O' && booleans && !l.has(isNone) && !l.has(isNaN) && e.since(1, 6): // before, an array of booleans was not looked up in objects
		t = boolType
	}
	switch {
	case booleans || numbers:
		if !f.hasDType {
			f.boolean = booleans && !numbers
		}
		col.settleDType(t)
	case t.kind == 'O' && !l.has(isString): // empty in the fit; scikit-learn raises for a column of floats now
		col.settleDType(objectType)
	}
	m := missingNaN
	if l.has(isNone) {
		m = missingNone
		f.bothMissing = f.bothMissing || !f.hasMissing && l.has(isNaN)
	}
	col.settleMissing(m)
}

// isBinary: the categories are 0 and 1, and missing ones.
func (l *lookup) isBinary() bool {
	return !slices.ContainsFunc(l.categories, func(v pickle.Value) bool {
		f, ok := number(v)
		return !ok || f != 0 && f != 1 && !math.IsNaN(f)
	})
}

// correctGuess notes that a column which an imputer took for one of strings holds numbers, or the other way round; or that the imputer, which looks for NaN, let None through.
func (l *lookup) correctGuess(c *compiler, col column) {
	f := col.values
	if f == nil {
		return
	}
	if f.imputed && col.null().kind != missingNone && l.has(isNone) {
		f.missing, f.imputed, f.passesNone, c.wrongGuess = missingNone, false, true, true
	}
	if !f.guessed {
		return
	}
	kind := f.kind
	if l.has(isScalar) {
		kind = numberKind
	} else if l.has(isString) {
		kind = textKind
	}
	if kind != f.kind {
		f.settled = settled{kind: kind, dtype: f.sample.dtype(), missing: f.missing, hasMissing: f.hasMissing, imputed: f.imputed, passesNone: f.passesNone}
		c.wrongGuess = true
	}
}

// missingCode is the code of an empty cell, if it is a category.
func (l *lookup) missingCode(col column) (float64, bool) {
	null := col.null().value()
	i := slices.IndexFunc(l.categories, func(v pickle.Value) bool { return samePlain(v, null) })
	if i < 0 {
		return 0, false
	}
	return l.codes[i], true
}

// addText looks strings up.
func (l *lookup) addText(e *estimator, col column, shared engine.Lookup) {
	type entry struct {
		key  string
		code float64
	}
	var entries []entry
	for i, v := range l.categories {
		if s, ok := v.(string); ok {
			entries = append(entries, entry{s, l.codes[i]})
		}
	}
	if code, ok := l.missingCode(col); ok {
		entries = append(entries, entry{engine.MissingText, code})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	var keys []string
	for _, item := range entries {
		if len(keys) > 0 && keys[len(keys)-1] == item.key {
			e.refuse("categories_", fmt.Sprintf("%q is there twice", item.key), "refit with unique categories")
			continue
		}
		keys, shared.Codes = append(keys, item.key), append(shared.Codes, item.code)
	}
	e.c.b.Add(&engine.LookupText{In: e.c.text(e, col), Keys: engine.NewStrings(keys), Lookup: shared})
}

// addNumber looks numbers and booleans up. A column of floats is checked: infinity raises, while objects and booleans are not checked.
func (l *lookup) addNumber(e *estimator, in matrix, col column, shared engine.Lookup) {
	c := e.c
	slot := c.slot(e, col)
	t := col.dtype
	if !in.frame {
		t = in.checkedType()
	}
	if t.kind != 'O' && t.kind != 'b' && !l.unchecked {
		c.b.Add(&engine.Check{In: engine.Span{Start: slot, N: 1}, AllowNaN: true, Features: []int32{col.origin}})
	}
	if t.kind != 'f' && l.has(isWide) && !col.unknown {
		if col.laid {
			e.refuse(c.columnName(col), "its categories are integers beyond 2^53, which do not go through the step before exactly",
				"encode the column itself, or make strings of it")
			return
		}
		l.addInteger(e, col, shared)
		return
	}
	type entry struct{ key, code float64 }
	var entries []entry
	for i, v := range l.categories {
		if isScalar(v) {
			key, _ := number(v)
			entries = append(entries, entry{key, l.codes[i]})
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	var keys []float64
	for _, item := range entries {
		// Integers that are one float64 are compared as such with a column of floats: numpy.searchsorted finds the first.
		if len(keys) == 0 || keys[len(keys)-1] != item.key {
			keys, shared.Codes = append(keys, item.key), append(shared.Codes, item.code)
		}
	}
	if code, ok := l.missingCode(col); ok {
		keys, shared.Codes = append(keys, math.NaN()), append(shared.Codes, code)
	}
	c.b.Add(&engine.LookupNumber{In: slot, Keys: keys, Lookup: shared})
}

// isWide: an integer that a float64 may not tell from its neighbours.
func isWide(v pickle.Value) bool {
	i, ok := v.(int64)
	return ok && (i >= exactInteger || i <= -exactInteger)
}

// addInteger looks integers up as such.
func (l *lookup) addInteger(e *estimator, col column, shared engine.Lookup) {
	type entry struct {
		key  int64
		code float64
	}
	var entries []entry
	for i, v := range l.categories {
		key, ok := v.(int64)
		if !ok || key == engine.NotInteger {
			e.wrong("categories_", v, "integers within int64 beside integers beyond 2^53")
			return
		}
		entries = append(entries, entry{key, l.codes[i]})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	var keys []int64
	for _, item := range entries {
		keys, shared.Codes = append(keys, item.key), append(shared.Codes, item.code)
	}
	e.c.b.Add(&engine.LookupInteger{In: e.c.b.Integer(int(col.feature.index)), Keys: keys, Lookup: shared})
}
