package sklearn

import (
	"fmt"
	"math"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// imputeConverters holds the classes of sklearn.impute.
func imputeConverters() map[string]converter {
	return map[string]converter{
		"sklearn.impute._base.SimpleImputer":         {transform: transformSimpleImputer},
		"sklearn.impute._base.MissingIndicator":      {transform: transformMissingIndicator},
		"sklearn.impute._knn.KNNImputer":             {transform: transformKNNImputer},
		"sklearn.impute._iterative.IterativeImputer": {transform: transformIterativeImputer},
	}
}

// imputer is a fitted SimpleImputer.
type imputer struct {
	e *estimator
	// missing is missing_values: nil for None, NaN, a number, a string; missingNA for pandas.NA.
	missing pickle.Value
	// statistics are the values that are filled in, by column.
	statistics []pickle.Value
	// dtype is that of the array it works on.
	dtype dtype
}

// missingNA stands for pandas.NA as missing_values: both None and NaN count as missing.
const missingNA = missingMarker("pandas.NA")

type missingMarker string

// transformSimpleImputer follows sklearn.impute.SimpleImputer.transform.
func transformSimpleImputer(e *estimator, in matrix) matrix {
	e.ignores("fill_value", "verbose")
	p := &imputer{e: e, missing: e.missingValues(), statistics: e.statistics(in.width())}
	strategy := e.get("strategy") // a callable has left its results in statistics_, as the others have
	p.dtype = e.imputedType(in, strategy == "most_frequent" || strategy == "constant")
	p.castStatistics()
	// Before 1.8, which stores _fill_dtype, the strategy "constant" kept columns that were empty in the fit.
	keep := e.truth("keep_empty_features") || strategy == "constant" && !e.has("_fill_dtype")
	if m, isNumber := number(p.missing); in.sparse && isNumber && m == 0 {
		e.refuse("missing_values is 0", "on a sparse matrix scikit-learn raises for every row", "give the imputer dense input")
	}
	in = p.settle(in)
	kept := p.kept(keep)
	var out matrix
	if p.dtype.kind == 'O' {
		out = p.fillObjects(in, kept)
	} else {
		out = p.fillNumbers(in, kept)
	}
	if !e.bool("add_indicator") {
		e.ignores("indicator_")
		return out
	}
	out.cols = append(out.cols, p.indicate(in)...)
	return out.withType(promote(p.dtype, boolType))
}

// truth is a flag that older versions do not have; False then.
func (e *estimator) truth(name string) bool {
	if !e.has(name) {
		return false
	}
	return e.bool(name)
}

// missingValues reads missing_values.
func (e *estimator) missingValues() pickle.Value {
	switch v := e.get("missing_values").(type) {
	case nil, string, bool, int64, float64:
		return v
	case *pickle.Global:
		if v.Name == "NA" {
			return missingNA
		}
		e.wrong("missing_values", v, "NaN, None, pandas.NA, a number or a string")
	default:
		e.wrong("missing_values", v, "NaN, None, pandas.NA, a number or a string")
	}
	return nil
}

// statistics reads statistics_, one value for each column.
func (e *estimator) statistics(n int) []pickle.Value {
	array, ok := e.fetchArray("statistics_")
	if !ok {
		return make([]pickle.Value, n)
	}
	values, _ := sequence(array)
	if len(values) != n {
		e.refuse("statistics_", fmt.Sprintf("it has %d values for %d columns", len(values), n), "check that the file is whole and the estimator fitted")
		return make([]pickle.Value, n)
	}
	for i, v := range values {
		switch v.(type) {
		case nil, string, bool, int64, float64:
		default:
			e.wrong(fmt.Sprintf("statistics_[%d]", i), v, "None, a number, a boolean or a string")
			values[i] = nil
		}
	}
	return values
}

// imputedType follows SimpleImputer._validate_input: an imputer fitted on objects makes objects of its input; the
// strategies that compute make floats of it, the others take it as it is.
func (e *estimator) imputedType(in matrix, asIs bool) dtype {
	v := e.get("_fit_dtype")
	fitted, ok := dtypeOf(v)
	switch {
	case !ok:
		e.wrong("_fit_dtype", v, "a dtype of numbers or objects")
		return float64Type
	case fitted.kind == 'O':
		return objectType
	case asIs:
		return in.checkedType()
	}
	return in.floatType()
}

// castStatistics rounds the statistics as filling them in does: since 1.8 first to the dtype of the fit, then to that of
// the input.
func (p *imputer) castStatistics() {
	steps := []dtype{p.dtype}
	if p.e.has("_fill_dtype") {
		if t, ok := dtypeOf(p.e.get("_fill_dtype")); ok {
			steps = []dtype{t, p.dtype}
		}
	}
	for i, v := range p.statistics {
		f, isNumber := number(v)
		if !isNumber || math.IsNaN(f) || p.dtype.kind == 'O' && steps[0].kind == 'O' {
			continue
		}
		for _, t := range steps {
			var ok bool
			if f, ok = t.cast(f); !ok {
				p.e.refuse(fmt.Sprintf("statistics_[%d] is %v", i, f), fmt.Sprintf("the data are of dtype %s, which cannot hold it", t),
					"fit on float64, or fill another value")
			}
		}
		p.statistics[i] = f
	}
}

// settle tells the input columns what a missing cell is.
func (p *imputer) settle(in matrix) matrix {
	m := missingNaN
	if p.missing == nil {
		m = missingNone
	}
	for _, col := range in.cols {
		if f := col.feature; f != nil && !f.hasMissing && p.dtype.kind == 'O' && isNaN(p.missing) {
			f.imputed = true
		}
		col.settleMissing(m)
	}
	return in
}

// kept lists the columns that are not dropped: those whose statistic is not NaN, or all.
func (p *imputer) kept(all bool) []int {
	var kept []int
	for i, v := range p.statistics {
		if all || !isNaN(v) {
			kept = append(kept, i)
		}
	}
	return kept
}

func isNaN(v pickle.Value) bool {
	f, ok := v.(float64)
	return ok && math.IsNaN(f)
}

// masks reports whether a value counts as missing (sklearn.utils._mask._get_mask).
func (p *imputer) masks(v pickle.Value) bool {
	if p.missing == missingNA {
		return v == nil || isNaN(v)
	}
	return samePlain(p.missing, v)
}

// samePlain is Python's equality of two plain values, with NaN equal to NaN.
func samePlain(a, b pickle.Value) bool {
	if isNaN(a) || isNaN(b) {
		return isNaN(a) && isNaN(b)
	}
	x, ok1 := number(a)
	y, ok2 := number(b)
	if ok1 && ok2 {
		return x == y
	}
	return a == b
}

// acceptsNaN: missing_values allows NaN in the input, whether it fills it or not (ensure_all_finite="allow-nan").
func (p *imputer) acceptsNaN() bool { return p.missing == missingNA || isNaN(p.missing) }

// number is missing_values as an engine step compares with it.
func (p *imputer) number() (float64, bool) {
	if p.acceptsNaN() {
		return math.NaN(), true
	}
	return number(p.missing)
}

// fillNumbers imputes an array of numbers.
func (p *imputer) fillNumbers(in matrix, kept []int) matrix {
	e := p.e
	missing, ok := p.number()
	if !ok {
		e.refuse("missing_values is "+describe(p.missing), "the input are numbers: scikit-learn raises for every row", "use a number or NaN")
		return unknownMatrix
	}
	e.c.checked(e, in, engine.Check{AllowNaN: p.acceptsNaN()})
	in = in.pick(kept)
	return e.c.imputed(in, p.impute(in, missing, p.fills(kept)), p.dtype)
}

// fills are the numbers to fill in.
func (p *imputer) fills(kept []int) []float64 {
	fills := make([]float64, len(kept))
	for k, i := range kept {
		f, ok := number(p.statistics[i])
		if !ok {
			p.e.wrong(fmt.Sprintf("statistics_[%d]", i), p.statistics[i], "a number, as the data are numbers")
		}
		fills[k] = f
	}
	return fills
}

// impute adds the step that fills numbers in.
func (p *imputer) impute(in matrix, missing float64, fills []float64) engine.Span {
	c := p.e.c
	span, out := c.numbers(p.e, in), c.b.Floats(in.width())
	if in.width() > 0 {
		c.b.Add(&engine.Impute{In: span, Out: out, Missing: engine.Number64(missing), Fill: fills})
	}
	return out
}

// imputed is computed for columns that still show the values of their features.
func (c *compiler) imputed(in matrix, span engine.Span, t dtype) matrix {
	out := c.computed(span, in, t)
	for i := range out.cols {
		out.cols[i].values = in.cols[i].values
	}
	return out
}

// indicate gives the columns of the MissingIndicator: 1 where a value is missing in a column that had a missing one in the fit.
func (p *imputer) indicate(in matrix) []column {
	e := p.e.child("indicator_", p.e.get("indicator_"))
	if e == nil {
		return nil
	}
	e.ignores("missing_values", "features", "sparse", "error_on_new", "_n_features", "_precomputed")
	features, err := e.array("features_").Int64s()
	e.close()
	out := make([]column, len(features))
	for k, i := range features {
		if err != nil || i < 0 || int(i) >= in.width() {
			e.refuse("features_", "it names a column that is not there", "check that the file is whole")
			return nil
		}
		col := in.cols[i]
		flag := p.e.c.b.Floats(1)
		p.indicateColumn(col, flag)
		out[k] = column{laid: true, slot: flag.Start, dtype: boolType, origin: col.origin}
	}
	return out
}

// indicateColumn writes 1 where the column's value is missing.
func (p *imputer) indicateColumn(col column, flag engine.Span) {
	c, null := p.e.c, p.masks(col.null().value())
	missing, isNumber := p.number()
	text, isString := p.missing.(string)
	switch {
	case col.isText() && null:
		c.b.Add(&engine.IndicateText{In: c.text(p.e, col), Out: flag.Start, Missing: engine.MissingText})
	case col.isText() && isString:
		c.b.Add(&engine.IndicateText{In: c.text(p.e, col), Out: flag.Start, Missing: engine.RawText(text)})
	case !col.isText() && null:
		c.b.Add(&engine.Indicate{In: engine.Span{Start: c.slot(p.e, col), N: 1}, Out: flag, Missing: engine.Number64(math.NaN())})
	case !col.isText() && isNumber && !math.IsNaN(missing):
		c.b.Add(&engine.Indicate{In: engine.Span{Start: c.slot(p.e, col), N: 1}, Out: flag, Missing: engine.Number64(missing)})
	default: // nothing is ever missing
		c.zero(p.e, col, flag.Start)
	}
}
