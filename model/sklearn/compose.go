package sklearn

import (
	"sklambda/model/pickle"
)

// composeConverters holds the classes of sklearn.compose.
func composeConverters() map[string]converter {
	return map[string]converter{
		"sklearn.compose._column_transformer.ColumnTransformer": {transform: transformColumnTransformer, composite: true},
	}
}

// transformColumnTransformer follows sklearn.compose.ColumnTransformer.transform. The columns that each transformer
// reads are taken from _transformer_to_input_indices, which the fit resolved from names, masks, slices and selectors.
func transformColumnTransformer(e *estimator, in matrix) matrix {
	e.ignores("transformers", "remainder", "sparse_threshold", "verbose_feature_names_out", "_columns", "_remainder",
		"output_indices_", "_n_features", "_feature_names_in", "_transformers_feature_names_out", "force_int_remainder_cols",
		"_name_to_fitted_passthrough")
	weights := e.transformerWeights()
	indices, ok := e.get("_transformer_to_input_indices").(*pickle.Dict)
	if !ok {
		e.wrong("_transformer_to_input_indices", nil, "a dict of column indices")
		return unknownMatrix
	}
	var parts []matrix
	for _, s := range namedSteps(e, "transformers_") {
		if s.value == "drop" {
			continue
		}
		selected, empty := e.selectColumns(in, indices, s.name)
		if empty {
			continue
		}
		if !in.unknown && !in.frame && selectsByName(s.rest) {
			e.refuse("transformer "+s.name, "it selects columns by name, and gets an array without names, so scikit-learn raises for every row",
				"select the columns by position, or let the step before give DataFrames by set_output")
			continue
		}
		selected.vector = selectsOne(s.rest)
		part := selected
		if !s.isPassthrough() {
			child := e.child(s.name, s.value)
			if child == nil {
				return unknownMatrix
			}
			part = e.c.transform(child, selected)
		}
		parts = append(parts, e.weighted(part, weights, s.name))
	}
	if len(parts) == 0 {
		e.ignores("sparse_output_") // not fitted then
		return matrix{}
	}
	return e.hstack(parts, e.bool("sparse_output_"))
}

// selectColumns returns the columns that the fit resolved for a transformer. Without any the transformer was not fitted.
func (e *estimator) selectColumns(in matrix, indices *pickle.Dict, name string) (selected matrix, empty bool) {
	attribute := "_transformer_to_input_indices[" + name + "]"
	v, ok := indices.Get(name)
	items, isList := sequence(v)
	if !ok || !isList {
		e.wrong(attribute, v, "a list of column indices")
		return unknownMatrix, false
	}
	if in.unknown {
		return in, len(items) == 0
	}
	columns := make([]int, len(items))
	for k, item := range items {
		i, ok := pickle.Plain(item).(int64)
		if !ok || i < 0 || int(i) >= in.width() {
			e.wrong(attribute, item, "an index of an input column")
			return unknownMatrix, false
		}
		columns[k] = int(i)
	}
	return in.pick(columns), len(items) == 0
}

// selectsOne reports whether the column of a transformer is given as a string or an integer: it is handed on as a sequence then.
func selectsOne(rest []pickle.Value) bool {
	if len(rest) == 0 {
		return false
	}
	switch pickle.Plain(rest[0]).(type) {
	case string, int64:
		return true
	}
	return false
}

// selectsByName reports whether the columns of a transformer are given by name: a string, a list of them, a slice between them.
func selectsByName(rest []pickle.Value) bool {
	if len(rest) == 0 {
		return false
	}
	items := []pickle.Value{rest[0]}
	if list, ok := sequence(rest[0]); ok {
		items = list
	} else if slice, ok := rest[0].(*pickle.Object); ok && slice.ClassName() == "builtins.slice" {
		items = slice.Args
	}
	for _, item := range items {
		if _, ok := item.(string); ok {
			return true
		}
	}
	return false
}
