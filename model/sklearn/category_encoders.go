package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// The codes that category_encoders.utils reserves for what the fit has not seen and for what is missing.
const unknownSentinel, missingSentinel = int64(-1), int64(-2)

// categoryEncodersConverters holds the encoders of category_encoders (2.6 to 2.11) that are used most.
func categoryEncodersConverters() map[string]converter {
	return map[string]converter{
		"category_encoders.ordinal.OrdinalEncoder":       {transform: transformCategories((*estimator).ordinalCategories)},
		"category_encoders.count.CountEncoder":           {transform: transformCategories((*estimator).countCategories)},
		"category_encoders.target_encoder.TargetEncoder": {transform: transformCategories((*estimator).estimatedCategories)},
		"category_encoders.woe.WOEEncoder":               {transform: transformCategories((*estimator).estimatedCategories)},
		"category_encoders.one_hot.OneHotEncoder":        {transform: transformCategories((*estimator).indicatedCategories)},
	}
}

// encoded is what an encoder makes of one column: a row of numbers for each category, one for anything else, and one for a missing cell.
type encoded struct {
	names      []pickle.Value // of the columns it becomes; nil for its own
	categories []pickle.Value // without the missing one
	rows       [][]float64
	unknown    []float64 // nil: it raises
	missing    []float64 // nil: it raises
}

// transformCategories follows BaseEncoder.transform: the columns in cols are encoded where they stand, the others stay, and the invariant ones are dropped.
func transformCategories(read func(*estimator, pickle.Value) (encoded, bool)) func(*estimator, matrix) matrix {
	return func(e *estimator, in matrix) matrix {
		e.ignores("use_default_cols", "use_all_cols", "_dim", "feature_names_out_", "feature_dtypes_in_", "lab_encoder_", "feature_names", "mapping_supplied", "index_start",
			"min_group_size", "min_group_name", "combine_min_nan_groups", "composite_cols", "keep_components", "drop_invariant", "supervised", "random_state", "randomized", "sigma",
			"regularization", "min_samples_leaf", "smoothing", "hierarchy", "hierarchy_depth", "cols_hier", "_mean", "_sum", "_count", "use_cat_names", "normalize")
		e.ignores("mapping", "ordinal_encoder", "handle_unknown", "handle_missing", "_handle_unknown", "_handle_missing", "min_group_lumping_", "_min_group_categories") // of columns
		names, encode := e.fittedColumns(in)
		if e.refused() {
			return unknownMatrix
		}
		dropped := e.items("invariant_cols")
		out := matrix{frame: e.returnsFrame() && in.frame}
		for i, col := range in.cols {
			cols, given := []column{col}, []pickle.Value{names[i]}
			if slices.ContainsFunc(encode, func(name pickle.Value) bool { return samePlain(name, names[i]) }) {
				of, ok := read(e, names[i])
				if !ok {
					return unknownMatrix
				}
				if cols = e.encodeColumn(in, col, of); cols == nil {
					return unknownMatrix
				}
				if of.names != nil {
					given = of.names
				}
			}
			for k, col := range cols {
				if !slices.ContainsFunc(dropped, func(name pickle.Value) bool { return samePlain(name, given[k]) }) {
					out.cols = append(out.cols, col)
				}
			}
		}
		return out
	}
}

// returnsFrame reports whether the output is a DataFrame; without return_df it is an array.
func (e *estimator) returnsFrame() bool {
	asked := e.bool("return_df")
	return e.setOutput() || asked
}

// fittedColumns are the names of the input's columns and of those to encode.
func (e *estimator) fittedColumns(in matrix) (names, encode []pickle.Value) {
	names, encode = e.items("feature_names_in_"), e.items("cols")
	if composites, ok := e.getOr("composite_members_", nil).(*pickle.Dict); ok && len(composites.Pairs) > 0 {
		e.refuse("composite_cols", "columns that are joined to one are not compiled", "join them before the pipeline")
	}
	if in.sparse || len(names) != in.width() && !e.refused() {
		e.refuse(fmt.Sprintf("an input of %d columns", in.width()), fmt.Sprintf("it was fitted on a dense table of %d", len(names)), "check that the file is whole")
	}
	return names, encode
}

// encodeColumn adds the steps of one column: one lookup of a place, where the rows have a 1 at one place and else 0, or one for each number.
func (e *estimator) encodeColumn(in matrix, col column, of encoded) []column {
	width := len(of.rows[0])
	out := e.c.b.Floats(width)
	if places, ok := of.places(); ok && width > 1 {
		at := e.c.b.Floats(1)
		e.look(in, col, places, 0, at.Start)
		e.c.b.Add(&engine.OneHot{In: at, Out: out, Widths: []int32{int32(width)}})
	} else {
		if width*len(of.rows) > maxCells {
			e.refuse(e.c.columnName(col), fmt.Sprintf("%d categories times %d columns are too many for numbers that are looked up one by one", len(of.rows), width),
				"let handle_unknown and handle_missing be 'value', or use a TargetEncoder")
			return nil
		}
		for k := range width {
			e.look(in, col, of, k, out.Start+int32(k))
		}
	}
	if of.missing == nil {
		e.raisesForMissing(col)
	}
	cols := make([]column, width)
	for k := range cols {
		cols[k] = column{laid: true, slot: out.Start + int32(k), dtype: float64Type, origin: col.origin}
	}
	return cols
}

// maxCells bounds the numbers of one column's categories that are looked up one by one: a plan has each category once for each of them.
const maxCells = 1 << 20

// places gives the place of the 1 in each row in the place of the row, -1 for a row of zeros; false if a row is neither.
func (of encoded) places() (encoded, bool) {
	all := true
	place := func(row []float64) []float64 {
		if row == nil {
			return nil
		}
		at := slices.Index(row, 1)
		for i, v := range row {
			all = all && (v == 0 || i == at)
		}
		return []float64{float64(at)}
	}
	out := encoded{categories: of.categories, unknown: place(of.unknown), missing: place(of.missing)}
	for _, row := range of.rows {
		out.rows = append(out.rows, place(row))
	}
	return out, all
}

// look adds the lookup of number k of a column's rows.
func (e *estimator) look(in matrix, col column, of encoded, k int, out engine.Slot) {
	l := lookup{categories: of.categories, dtype: objectType, reject: of.unknown == nil, unchecked: true}
	switch {
	case l.has(isString):
	case slices.ContainsFunc(of.categories, func(v pickle.Value) bool { _, is := v.(float64); return is }):
		l.dtype = float64Type
	case !l.has(isBool):
		l.dtype = int64Type
	}
	for _, row := range of.rows {
		l.codes = append(l.codes, row[k])
	}
	if of.missing != nil {
		l.categories, l.codes = append(slices.Clip(l.categories), missingKey(col)), append(l.codes, of.missing[k])
	}
	if of.unknown != nil {
		l.unknown = of.unknown[k]
	}
	l.add(e, in, col, out)
}

// missingKey is the missing value of a column: NaN, unless a step before has settled that it is None, of which these encoders make NaN.
func missingKey(col column) pickle.Value {
	if f := col.feature; f != nil && f.hasMissing && f.missing == missingNone || f == nil && col.absent.kind == missingNone {
		return nil
	}
	return math.NaN()
}

// raisesForMissing marks rows whose cell is missing.
func (e *estimator) raisesForMissing(col column) {
	if !col.isText() {
		e.c.b.Add(&engine.Check{In: engine.Span{Start: e.c.slot(e, col), N: 1}, AllowInf: true, Features: []int32{col.origin}})
		return
	}
	missing := e.c.b.Floats(1)
	e.c.b.Add(&engine.IndicateText{In: e.c.text(e, col), Out: missing.Start, Missing: engine.MissingText})
	e.c.domain(matrix{cols: []column{col}}, missing, engine.Domain{Min: []float64{0}, Max: []float64{0}})
}
