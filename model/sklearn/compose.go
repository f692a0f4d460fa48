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
	weights, _ := e.getOr("transformer_weights", nil).(*pickle.Dict)
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
		selected := e.selectColumns(in, indices, s.name)
		if !selected.unknown && selected.width() == 0 {
			continue
		}
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
	return e.hstack(parts, e.bool("sparse_output_"))
}

// selectColumns returns the columns that the fit resolved for a transformer.
func (e *estimator) selectColumns(in matrix, indices *pickle.Dict, name string) matrix {
	v, ok := indices.Get(name)
	items, isList := sequence(v)
	if !ok || !isList {
		e.wrong("_transformer_to_input_indices["+name+"]", v, "a list of column indices")
		return unknownMatrix
	}
	if in.unknown {
		return in
	}
	out := in
	out.cols = nil
	for _, item := range items {
		i, ok := pickle.Plain(item).(int64)
		if !ok || i < 0 || int(i) >= in.width() {
			e.wrong("_transformer_to_input_indices["+name+"]", item, "an index of an input column")
			return unknownMatrix
		}
		out.cols = append(out.cols, in.cols[i])
	}
	return out
}
