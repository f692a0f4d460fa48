package sklearn

import (
	"math"
	"slices"

	"sklambda/model/pickle"
)

// policy reads handle_unknown or handle_missing: a text, a number that stands for what is unknown or missing, or None.
func (e *estimator) policy(name string) (text string, value float64, isNumber bool) {
	switch v := e.get(name).(type) {
	case nil:
		return "", 0, false
	case string:
		return v, 0, false
	case int64, float64:
		value, _ = number(v)
		return "", value, true
	case *pickle.Dict:
		return "", 0, false // CountEncoder's, by column: the fit has made _handle_unknown of it
	default:
		e.refuse(name+" is "+describe(v), "a Python function is not executed", "use 'value', 'return_nan', 'error' or a number")
		return "", 0, false
	}
}

// mappingOf finds the mapping of a column in a list of them: [{'col': …, 'mapping': …}, …].
func mappingOf(of *estimator, column pickle.Value) pickle.Value {
	for _, item := range of.items("mapping") {
		entry, ok := item.(*pickle.Dict)
		if !ok {
			return nil
		}
		if name, _ := entry.Get("col"); samePlain(pickle.Plain(name), column) {
			v, _ := entry.Get("mapping")
			return v
		}
	}
	return nil
}

// ordinals reads the codes of a column from the mapping of an OrdinalEncoder. They are whole: pandas would cut the others off, unless another row of the batch is
// missing.
func (e *estimator) ordinals(of *estimator, column pickle.Value) (labelled, bool) {
	codes, ok := readSeries(mappingOf(of, column))
	for _, code := range codes.values {
		f, isNumber := number(code)
		ok = ok && isNumber && f == math.Trunc(f) && math.Abs(f) < exactInteger
	}
	if !ok {
		e.refuseMapping(column)
	}
	return codes, ok
}

func (e *estimator) refuseMapping(column pickle.Value) {
	e.refuse("mapping of column "+describe(column), "it is no table of texts or numbers, each once, and whole codes or numbers, that is known",
		"refit with category_encoders 2.6 to 2.11; with pyarrow installed, after pandas.set_option('mode.string_storage', 'python')")
}

// inner is the OrdinalEncoder that the fit has made: it gives -1 to what it has not seen and -2 to what is missing.
func (e *estimator) inner() *estimator {
	child := e.child("ordinal_encoder", e.get("ordinal_encoder"))
	if child != nil {
		child.ignores(child.attributes()...)
	}
	return child
}

// groups reads the labels that the fit has lumped together: {label: name of the group}.
func (e *estimator) groups(attribute string, column pickle.Value) labelled {
	all, _ := e.getOr(attribute, nil).(*pickle.Dict)
	var out labelled
	if all == nil {
		return out
	}
	for _, p := range all.Pairs {
		of, ok := p.Value.(*pickle.Dict)
		if !ok || !samePlain(pickle.Plain(p.Key), column) {
			continue
		}
		for _, pair := range of.Pairs {
			if !out.add(pickle.Plain(pair.Key), pickle.Plain(pair.Value)) {
				e.refuse(attribute, "a label of column "+describe(column)+" is neither a text nor a number", "make strings of it before the pipeline")
			}
		}
	}
	return out
}

// byLabel builds the encoding of a column from the row of numbers of each label; NaN is the missing one.
func byLabel(labels []pickle.Value, lumped labelled, row func(label pickle.Value) []float64, unknown, missing []float64) encoded {
	out := encoded{unknown: unknown, missing: missing}
	add := func(label, as pickle.Value) {
		switch {
		case !isNaN(label):
			out.categories, out.rows = append(out.categories, label), append(out.rows, row(as))
		case missing != nil:
			out.missing = row(as)
		}
	}
	for _, label := range labels {
		if _, other := lumped.at(label); !other {
			add(label, label)
		}
	}
	for i, label := range lumped.labels {
		add(label, lumped.values[i])
	}
	return out
}

// whole refuses an encoding that has no category or mixes strings with numbers, as no lookup of ours does.
func (e *estimator) whole(out encoded, column pickle.Value) (encoded, bool) {
	l := lookup{categories: out.categories}
	if len(out.categories) == 0 || l.has(isString) && l.has(isScalar) || l.has(isBool) && !allOf(out.categories, isBool) {
		e.refuse("column "+describe(column), "its categories are none, or mix strings, numbers and booleans", "make strings of them before the pipeline")
	}
	return out, !e.refused()
}

// ordinalCategories follows OrdinalEncoder.ordinal_encoding: a code, what stands for an unknown one, and then for a missing one.
func (e *estimator) ordinalCategories(column pickle.Value) (encoded, bool) {
	codes, ok := e.ordinals(e, column)
	if !ok {
		return encoded{}, false
	}
	unknowns, value, isNumber := e.policy("handle_unknown")
	unknown := math.NaN()
	switch {
	case isNumber:
		unknown = value
	case unknowns == "value":
		unknown = float64(unknownSentinel)
	}
	at := func(label pickle.Value) []float64 {
		code, found := codes.at(label)
		f, _ := number(code)
		if !found {
			f = unknown
		}
		return []float64{e.afterMissing(f)}
	}
	other := []float64{e.afterMissing(unknown)}
	out := byLabel(codes.labels, e.groups("min_group_lumping_", column), at, other, at(math.NaN()))
	if unknowns == "error" {
		out.unknown = nil
		if _, seen := codes.at(math.NaN()); !seen {
			out.missing = nil
		}
	}
	if missings, _, _ := e.policy("handle_missing"); missings == "error" {
		out.missing = nil
	}
	return e.whole(out, column)
}

// afterMissing follows OrdinalEncoder._apply_missing_policy: a code of -2, whatever it came from, becomes NaN or a number.
func (e *estimator) afterMissing(code float64) float64 {
	missings, value, isNumber := e.policy("handle_missing")
	switch {
	case code != float64(missingSentinel):
	case missings == "return_nan":
		return math.NaN()
	case isNumber:
		return value
	}
	return code
}

// countCategories follows CountEncoder._transform.
func (e *estimator) countCategories(column pickle.Value) (encoded, bool) {
	e.ignores("ordinal_encoder", "_min_group_size", "_min_group_name", "_combine_min_nan_groups", "_normalize", "min_group_lumping_")
	missings, _, _ := e.policy("handle_missing")
	e.policy("handle_unknown")
	counts, ok := e.byColumn("mapping", column)
	if !ok {
		return encoded{}, false
	}
	unknowns, value, isNumber := e.ofColumn("_handle_unknown", column)
	otherwise, _, _ := e.ofColumn("_handle_missing", column)
	fallback := []float64{math.NaN()}
	switch {
	case isNumber:
		fallback[0] = value
	case unknowns == "value" && otherwise != "return_nan":
		fallback[0] = 0
	case unknowns == "error":
		fallback = nil
	}
	at := func(label pickle.Value) []float64 {
		v, _ := counts.at(label)
		if f, ok := number(v); ok && !math.IsNaN(f) {
			return []float64{f}
		}
		return fallback
	}
	out := byLabel(counts.labels, e.groups("_min_group_categories", column), at, fallback, []float64{math.NaN()})
	if _, seen := counts.at(math.NaN()); !seen && len(out.missing) == 1 && math.IsNaN(out.missing[0]) {
		out.missing = fallback
	}
	if missings == "error" {
		out.missing = nil
	}
	return e.whole(out, column)
}

// ofColumn reads what the fit of a CountEncoder has made of a parameter: {column: value}.
func (e *estimator) ofColumn(attribute string, column pickle.Value) (text string, value float64, isNumber bool) {
	all, _ := e.get(attribute).(*pickle.Dict)
	if all == nil {
		return "", 0, false
	}
	for _, p := range all.Pairs {
		if samePlain(pickle.Plain(p.Key), column) {
			switch v := pickle.Plain(p.Value).(type) {
			case string:
				return v, 0, false
			case int64:
				return "", float64(v), true
			}
		}
	}
	return "", 0, false
}

// byColumn reads the Series of a column from {column: Series}.
func (e *estimator) byColumn(attribute string, column pickle.Value) (labelled, bool) {
	if all, ok := e.get(attribute).(*pickle.Dict); ok {
		for _, p := range all.Pairs {
			if !samePlain(pickle.Plain(p.Key), column) {
				continue
			}
			if s, ok := readSeries(p.Value); ok {
				return s, true
			}
		}
	}
	e.refuseMapping(column)
	return labelled{}, false
}

// estimatedCategories follows TargetEncoder._transform and WOEEncoder._transform: the codes of the inner encoder, and the number that the fit has found for each.
func (e *estimator) estimatedCategories(column pickle.Value) (encoded, bool) {
	inner := e.inner()
	if inner == nil {
		return encoded{}, false
	}
	codes, ok := e.ordinals(inner, column)
	numbers, known := e.byColumn("mapping", column)
	if !ok || !known {
		return encoded{}, false
	}
	return e.coded(column, codes, func(code pickle.Value) []float64 {
		v, _ := numbers.at(code)
		if f, ok := number(v); ok {
			return []float64{f}
		}
		return []float64{math.NaN()}
	})
}

// coded is an encoding that goes through the codes of the inner OrdinalEncoder.
func (e *estimator) coded(column pickle.Value, codes labelled, row func(code pickle.Value) []float64) (encoded, bool) {
	unknowns, _, _ := e.policy("handle_unknown")
	missings, _, _ := e.policy("handle_missing")
	unknown := row(unknownSentinel)
	if unknowns == "error" {
		unknown = nil
	}
	at := func(label pickle.Value) []float64 {
		code, found := codes.at(label)
		if !found {
			code = unknownSentinel
		}
		return row(code)
	}
	out := byLabel(codes.labels, e.groups("min_group_lumping_", column), at, unknown, row(unknownSentinel))
	if _, seen := codes.at(math.NaN()); !seen && unknowns == "error" {
		out.missing = nil
	}
	if missings == "error" {
		out.missing = nil
	}
	return e.whole(out, column)
}

// indicatedCategories follows OneHotEncoder.get_dummies: the row of a column's DataFrame for each code.
func (e *estimator) indicatedCategories(column pickle.Value) (encoded, bool) {
	inner := e.inner()
	if inner == nil {
		return encoded{}, false
	}
	codes, ok := e.ordinals(inner, column)
	if !ok {
		return encoded{}, false
	}
	table, ok := readGrid(mappingOf(e, column))
	if !ok || len(table.columns) == 0 {
		e.refuseMapping(column)
		return encoded{}, false
	}
	out, ok := e.coded(column, codes, table.row)
	out.names = table.columns
	return out, ok
}

func allOf(values []pickle.Value, is func(pickle.Value) bool) bool {
	return !slices.ContainsFunc(values, func(v pickle.Value) bool { return !is(v) })
}
