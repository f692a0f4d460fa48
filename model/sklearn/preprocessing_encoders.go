package sklearn

import (
	"fmt"
	"math"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// encoderParams are the attributes of the encoders that only the fit reads, or that are read from what the fit made of them.
var encoderParams = []string{"categories", "drop", "drop_idx_", "min_frequency", "max_categories", "feature_name_combiner",
	"sparse", "_infrequent_enabled", "_n_features_outs"}

// encoder is what OneHotEncoder and OrdinalEncoder share (sklearn.preprocessing._encoders._BaseEncoder).
type encoder struct {
	e          *estimator
	categories [][]pickle.Value
	types      []dtype
	// mappings are _default_to_infrequent_mappings: by column, the code of each category after the infrequent ones are
	// grouped; nil without infrequent ones.
	mappings [][]int64
}

// encoder reads what the fit has learned.
func (e *estimator) encoder(columns int) *encoder {
	e.ignores(encoderParams...)
	n := &encoder{e: e, categories: make([][]pickle.Value, columns), types: make([]dtype, columns), mappings: make([][]int64, columns)}
	v, found := e.fetch("categories_")
	items, _ := sequence(v)
	if len(items) != columns {
		if found {
			e.refuse("categories_", fmt.Sprintf("it describes %d columns, the input has %d", len(items), columns), "check that the file is whole")
		}
		return n
	}
	for i, item := range items {
		n.categories[i], n.types[i] = e.categories(i, item)
	}
	if e.truth("_infrequent_enabled") {
		n.readMappings()
	} else {
		e.ignores("_default_to_infrequent_mappings", "_infrequent_indices")
	}
	return n
}

// categories reads categories_[i]: strings, or numbers and booleans, and None and NaN.
func (e *estimator) categories(i int, v pickle.Value) ([]pickle.Value, dtype) {
	name := fmt.Sprintf("categories_[%d]", i)
	const allowed = "an array of strings, numbers or booleans, with None and NaN"
	array, ok := v.(*pickle.Array)
	if !ok || len(array.Shape) != 1 {
		e.wrong(name, v, allowed)
		return nil, objectType
	}
	t, isPlain := dtypeOf(array.Type)
	if !isPlain { // strings of numpy's own
		t = objectType
	}
	values := array.Values()
	for _, value := range values {
		switch value.(type) {
		case nil, string, bool, int64, float64:
		default:
			e.wrong(name, value, allowed)
			return nil, t
		}
	}
	return values, t
}

// readMappings reads the grouping of infrequent categories.
func (n *encoder) readMappings() {
	e := n.e
	items, indices := e.items("_default_to_infrequent_mappings"), e.items("_infrequent_indices")
	if len(items) != len(n.categories) || len(indices) != len(n.categories) {
		e.refuse("_default_to_infrequent_mappings", fmt.Sprintf("it describes %d columns of %d", len(items), len(n.categories)), "check that the file is whole")
		return
	}
	for i, item := range items {
		if item == nil {
			continue
		}
		array, ok := item.(*pickle.Array)
		if ok {
			n.mappings[i], ok = mapping(array, len(n.categories[i]))
		}
		if !ok {
			e.wrong(fmt.Sprintf("_default_to_infrequent_mappings[%d]", i), item, "a code for each category")
		}
	}
}

// mapping reads the codes of n categories; the last one, a missing value, may have none.
func mapping(array *pickle.Array, n int) ([]int64, bool) {
	codes, err := array.Int64s()
	if err != nil || len(codes) == 0 || len(codes) != n && len(codes) != n-1 {
		return nil, false
	}
	for _, code := range codes {
		if code < 0 || code >= int64(n) {
			return nil, false
		}
	}
	return codes, true
}

// codes are the codes of the categories of column i, infrequent ones grouped, and the code of the group, -1 if there is none.
func (n *encoder) codes(i int) (codes []int64, infrequent int64) {
	codes, infrequent = make([]int64, len(n.categories[i])), -1
	for k := range codes {
		codes[k] = int64(k)
	}
	for k, code := range n.mappings[i] {
		codes[k] = code
		infrequent = max(infrequent, code)
	}
	return codes, infrequent
}

// output reads the dtype parameter.
func (e *estimator) outputType() dtype {
	v := e.get("dtype")
	t, ok := dtypeOf(v)
	if !ok {
		e.wrong("dtype", v, "a float, integer, boolean or object dtype")
		return float64Type
	}
	return t
}

// transformOneHotEncoder follows sklearn.preprocessing.OneHotEncoder.transform.
func transformOneHotEncoder(e *estimator, in matrix) matrix {
	e.refuseSparse(in)
	n := e.encoder(in.width())
	unknowns := e.str("handle_unknown", "error", "ignore", "infrequent_if_exist", "warn")
	dropped := e.dropIndices(in.width())
	codes, step := e.c.b.Floats(in.width()), &engine.OneHot{}
	origins := []int32{}
	for i, col := range in.cols {
		order, infrequent := n.codes(i)
		width := int64(0)
		for _, code := range order {
			width = max(width, code+1)
		}
		unknown := int64(-1)
		if unknowns == "infrequent_if_exist" || unknowns == "warn" && e.since(1, 8) { // _map_infrequent_categories forgot it before
			unknown = infrequent
		}
		if d := dropped[i]; d >= 0 {
			width--
			for k := range order {
				order[k] = afterDrop(order[k], d)
			}
			unknown = afterDrop(unknown, d)
		}
		l := lookup{categories: n.categories[i], dtype: n.types[i], codes: floats(order), unknown: float64(unknown), reject: unknowns == "error"}
		l.add(e, in, col, codes.Start+int32(i))
		step.Widths = append(step.Widths, int32(width))
		for range width {
			origins = append(origins, col.origin)
		}
	}
	step.In, step.Out = codes, e.c.b.Floats(len(origins))
	if len(origins) > 0 {
		e.c.b.Add(step)
	}
	out := matrix{sparse: e.bool("sparse_output")}
	t := e.outputType()
	if t == float16Type || t == objectType {
		e.refuse("dtype is "+describe(e.get("dtype")), "scipy has no sparse matrix of it", "use another dtype")
	}
	for i, origin := range origins {
		out.cols = append(out.cols, column{laid: true, slot: step.Out.Start + int32(i), dtype: t, origin: origin, unstored: true})
	}
	return out
}

// afterDrop is a code when category d is left out: its own cells are all zero.
func afterDrop(code, d int64) int64 {
	switch {
	case code == d:
		return -1
	case code > d:
		return code - 1
	}
	return code
}

// dropIndices reads _drop_idx_after_grouping, or drop_idx_, which it was before 1.2.2: by column, the code that is left out, -1 for none.
func (e *estimator) dropIndices(columns int) []int64 {
	dropped := make([]int64, columns)
	for i := range dropped {
		dropped[i] = -1
	}
	attribute := "_drop_idx_after_grouping"
	if _, ok := e.obj.Attr(attribute); !ok {
		attribute = "drop_idx_"
	}
	if v, ok := e.fetch(attribute); !ok || v == nil {
		return dropped
	}
	items := e.items(attribute)
	for i, item := range items {
		code, isInt := item.(int64)
		switch {
		case len(items) != columns, !isInt && item != nil, isInt && code < 0:
			e.wrong(attribute, item, "a code or None for each column")
			return dropped
		case isInt:
			dropped[i] = code
		}
	}
	return dropped
}

func floats(codes []int64) []float64 {
	out := make([]float64, len(codes))
	for i, code := range codes {
		out[i] = float64(code)
	}
	return out
}

// refuseSparse refuses a sparse input.
func (e *estimator) refuseSparse(in matrix) {
	if in.sparse {
		e.refuse("sparse input", "the encoder takes none: scikit-learn raises for every row", "let the step before give dense output")
	}
}

// transformOrdinalEncoder follows sklearn.preprocessing.OrdinalEncoder.transform.
func transformOrdinalEncoder(e *estimator, in matrix) matrix {
	e.ignores("_missing_indices")
	e.refuseSparse(in)
	n, t := e.encoder(in.width()), e.outputType()
	reject := e.str("handle_unknown", "error", "use_encoded_value") == "error"
	missing, unknown := e.code("encoded_missing_value", t), 0.0
	if reject {
		e.ignores("unknown_value")
	} else {
		unknown = e.code("unknown_value", t)
	}
	out := e.c.b.Floats(in.width())
	for i, col := range in.cols {
		order, _ := n.codes(i)
		codes := make([]float64, len(order))
		for k, code := range order {
			var ok bool
			if codes[k], ok = t.cast(float64(code)); !ok {
				e.refuse("dtype", fmt.Sprintf("it cannot hold the code %d of column %d", code, i), "use a wider dtype")
			}
		}
		if last := len(codes) - 1; last >= 0 && isNaN(n.categories[i][last]) {
			codes[last] = missing
		}
		l := lookup{categories: n.categories[i], dtype: n.types[i], codes: codes, unknown: unknown, reject: reject}
		l.add(e, in, col, out.Start+int32(i))
	}
	return e.c.computed(out, in, t)
}

// code reads a code that a parameter gives; it must fit the dtype. NaN in an integer dtype is refused by the fit where it can occur.
func (e *estimator) code(name string, t dtype) float64 {
	v := e.get(name)
	f, ok := number(v)
	if !ok {
		e.wrong(name, v, "an integer or NaN")
		return 0
	}
	if math.IsNaN(f) && t.kind != 'f' && t.kind != 'O' {
		return f
	}
	if f, ok = t.cast(f); !ok {
		e.wrong(name, v, fmt.Sprintf("a value that the dtype %s holds", t))
	}
	return f
}
