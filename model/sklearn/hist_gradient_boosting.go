package sklearn

import (
	"fmt"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// histGradientBoostingConverters holds the classes of sklearn.ensemble._hist_gradient_boosting.
func histGradientBoostingConverters() map[string]converter {
	return map[string]converter{
		"sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier": {predict: predictHistGradientBoostingClassifier},
		"sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor":  {predict: predictHistGradientBoostingRegressor},
	}
}

// histParams are the attributes that only the fit reads.
var histParams = []string{"learning_rate", "max_iter", "max_leaf_nodes", "max_depth", "min_samples_leaf", "l2_regularization",
	"max_features", "max_bins", "monotonic_cst", "interaction_cst", "categorical_features", "warm_start", "early_stopping", "scoring",
	"validation_fraction", "n_iter_no_change", "tol", "class_weight", "quantile", "is_categorical_", "_is_categorical_remapped", "_label_encoder",
	"n_trees_per_iteration_", "_random_seed", "_feature_subsample_rng", "_n_features", "_loss", "do_early_stopping_", "_use_validation_data",
	"_scorer", "train_score_", "validation_score_", "_fitted_with_sw", "_n_threads", "_in_fit", "n_iter_"}

// predictHistGradientBoostingClassifier follows HistGradientBoostingClassifier.decision_function, predict and predict_proba.
func predictHistGradientBoostingClassifier(e *estimator, in matrix) prediction {
	loss := e.str("loss", "log_loss", "auto", "binary_crossentropy", "categorical_crossentropy")
	classes := e.classes("classes_")
	outputs := boostedOutputs(classes)
	raw, tolerance := e.histBoosted(in, outputs)
	if !e.atLeastTwo(classes) {
		return prediction{}
	}
	probabilities := e.boostedProbabilities(raw, loss)
	label := e.c.b.Floats(1)
	switch {
	case !e.since(1, 5):
		e.c.b.Add(&engine.ArgMax{In: probabilities, Out: label.Start})
	case outputs == 1:
		e.c.b.Add(&engine.Above{In: raw.Start, Out: label.Start})
	default:
		e.c.b.Add(&engine.ArgMax{In: raw, Out: label.Start})
	}
	return prediction{
		task: classTask(classes), classes: classes,
		label:         answer{span: label},
		probabilities: answer{probabilities, roundingTolerance, ""},
		decision:      answer{span: raw, tolerance: tolerance},
	}
}

// predictHistGradientBoostingRegressor follows HistGradientBoostingRegressor.predict: the inverse link of the raw prediction.
func predictHistGradientBoostingRegressor(e *estimator, in matrix) prediction {
	loss := e.str("loss", "squared_error", "absolute_error", "quantile", "gamma", "poisson", "least_squares", "least_absolute_deviation")
	raw, tolerance := e.histBoosted(in, 1)
	if loss != "gamma" && loss != "poisson" {
		return regression(raw, tolerance)
	}
	value := e.c.b.Floats(1)
	e.c.b.Add(&engine.Map{Op: "exp", In: raw, Out: value})
	return regression(value, roundingTolerance)
}

// histBoosted follows BaseHistGradientBoosting._raw_predict: the baseline, then the value of each tree, added in order.
func (e *estimator) histBoosted(in matrix, outputs int) (engine.Span, float64) {
	e.ignores(histParams...)
	in = e.histPreprocessed(in)
	baseline := e.array("_baseline_prediction")
	init, err := baseline.Float64s()
	if err != nil || len(init) != outputs || baseline.Type.Size != 8 {
		e.wrong("_baseline_prediction", baseline, fmt.Sprintf("%d numbers in float64", outputs))
		return engine.Span{}, 0
	}
	known := e.knownCategories(in.width())
	var trees []engine.Tree
	var sets []engine.CategorySet
	for i, item := range e.items("_predictors") {
		stage, ok := sequence(item)
		if !ok || len(stage) != outputs {
			e.wrong(fmt.Sprintf("_predictors[%d]", i), item, fmt.Sprintf("a list of %d trees", outputs))
			return engine.Span{}, 0
		}
		for k, v := range stage {
			tree, err := readPredictor(v, in.width(), known, &sets)
			if err != nil {
				e.refuse(fmt.Sprintf("_predictors[%d][%d]", i, k), err.Error(), "check that the file is whole")
				return engine.Span{}, 0
			}
			tree.Output = k
			trees = append(trees, tree)
		}
	}
	if in.unknown || in.sparse {
		e.refuse("sparse input", "HistGradientBoosting takes none", "set sparse_output=False in the encoder, or sparse_threshold=0")
		return engine.Span{}, 0
	}
	span, raw := e.c.numbers(e, in), e.c.b.Floats(outputs)
	if !e.has("_preprocessor") {
		e.checkCodes(in, span, known)
	}
	e.steadySplits(in, span, trees)
	e.addTrees(span, raw, engine.Float64LE, init, trees, sets)
	return raw, in.tolerance()
}

// steadySplits looks for numbers that rounding may carry over a threshold of trees that compare float64: these may be numbers of training rows, where values repeat.
func (e *estimator) steadySplits(in matrix, span engine.Span, trees []engine.Tree) {
	byColumn := make([][]float64, in.width())
	for _, t := range trees {
		for i, f := range t.Feature {
			if t.Left[i] != -1 && (t.Category == nil || t.Category[i] == -1) && int(f) < len(byColumn) {
				byColumn[f] = append(byColumn[f], t.Threshold[i])
			}
		}
	}
	e.c.steadySides(in, span, func(i int) engine.SteadySide {
		slices.Sort(byColumn[i])
		return engine.SteadySide{Jumps: slices.Compact(byColumn[i])}
	})
}

// histPreprocessed follows BaseHistGradientBoosting._preprocess_X: since 1.4 an inner ColumnTransformer encodes the
// categorical columns and puts them first; check_array lets every number through.
func (e *estimator) histPreprocessed(in matrix) matrix {
	v := e.getOr("_preprocessor", nil)
	if v == nil {
		return in.array()
	}
	inner := e.child("_preprocessor", v)
	if inner == nil {
		return unknownMatrix
	}
	indices, _ := inner.get("_transformer_to_input_indices").(*pickle.Dict)
	var parts []matrix
	for _, s := range namedSteps(inner, "transformers_") {
		part, _ := inner.selectColumns(in, indices, s.name)
		child, isObject := s.value.(*pickle.Object)
		switch {
		case part.unknown:
			return part
		case part.width() == 0 || s.name == "remainder":
			continue
		case s.name == "encoder" && isObject:
			part = e.c.transform(e.c.estimator(inner.path+".encoder", child), part)
		case s.name == "numerical": // FunctionTransformer(partial(check_array, dtype=[float64], ensure_all_finite=False))
		default:
			inner.refuse("transformer "+s.name, "only the encoder and the numerical columns are known", "refit with a supported scikit-learn version")
			return unknownMatrix
		}
		parts = append(parts, part.array())
	}
	return inner.hstack(parts, false)
}

// checkCodes rejects the categories from 256 on: before 1.4 nothing encoded a category, and its conversion to uint8 in
// _predict_one_from_raw_data is undefined in C and differs between processors.
func (e *estimator) checkCodes(in matrix, span engine.Span, known []*[8]uint32) {
	const limit = 256
	b := e.c.b
	for i, col := range in.cols {
		if known[i] == nil {
			continue
		}
		out := b.Floats(1)
		b.Add(&engine.Clip{In: engine.Span{Start: span.Start + int32(i), N: 1}, Out: out, Min: []float64{0}, Max: []float64{limit}})
		b.Add(&engine.LookupNumber{In: out.Start, Keys: []float64{limit}, Lookup: engine.Lookup{Out: out.Start, Codes: []float64{1}}})
		b.Add(&engine.LookupNumber{In: out.Start, Keys: []float64{0}, Lookup: engine.Lookup{Out: out.Start, Codes: []float64{0}, Reject: true, Feature: col.origin}})
	}
}

// knownCategories returns, by column, the bitset of the categories seen in training, nil for numeric columns
// (_BinMapper.make_known_categories_bitsets).
func (e *estimator) knownCategories(columns int) []*[8]uint32 {
	known := make([]*[8]uint32, columns)
	mapper := e.child("_bin_mapper", e.get("_bin_mapper"))
	if mapper == nil {
		return known
	}
	categorical, err := mapper.array("is_categorical_").Int64s()
	thresholds := mapper.items("bin_thresholds_")
	if err != nil || len(categorical) != columns || len(thresholds) != columns {
		e.refuse("_bin_mapper", fmt.Sprintf("it describes %d columns, the input has %d", len(categorical), columns), "check that the file is whole")
		return known
	}
	for i, flag := range categorical {
		if flag == 0 {
			continue
		}
		known[i] = new([8]uint32)
		categories, ok := sequence(thresholds[i])
		for _, c := range categories {
			code, isNumber := number(pickle.Plain(c))
			if !isNumber || !(code >= 0 && code < 256) {
				ok = false
				break
			}
			known[i][int(code)/32] |= 1 << (int(code) % 32)
		}
		if !ok {
			mapper.wrong(fmt.Sprintf("bin_thresholds_[%d]", i), thresholds[i], "category codes from 0 to 255")
		}
	}
	return known
}

// predictorNodes are the members of PREDICTOR_RECORD_DTYPE that a prediction reads.
type predictorNodes struct {
	feature, left, right, leaf, missingLeft, categorical, bitset []int64
	threshold, value                                             []float64
}

// readPredictor reads a TreePredictor; its category splits are appended to sets.
func readPredictor(v pickle.Value, columns int, known []*[8]uint32, sets *[]engine.CategorySet) (engine.Tree, error) {
	obj, ok := v.(*pickle.Object)
	if !ok || obj.ClassName() != "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor" {
		return engine.Tree{}, fmt.Errorf("it is %s, want a TreePredictor", describe(v))
	}
	nodes, err := readPredictorNodes(obj)
	if err != nil {
		return engine.Tree{}, err
	}
	bitsets, err := readBitsets(obj)
	if err != nil {
		return engine.Tree{}, err
	}
	n := len(nodes.left)
	tree := engine.Tree{Left: make([]int32, n), Right: make([]int32, n), Feature: make([]int32, n), MissingLeft: make([]bool, n),
		Threshold: nodes.threshold, Values: nodes.value, Width: 1}
	for i := range n {
		if nodes.leaf[i] != 0 {
			tree.Left[i], tree.Right[i] = -1, -1
			continue
		}
		f := nodes.feature[i]
		if f < 0 || f >= int64(columns) {
			return tree, fmt.Errorf("node %d looks at column %d of %d", i, f, columns)
		}
		tree.Left[i], tree.Right[i], tree.Feature[i] = int32(nodes.left[i]), int32(nodes.right[i]), int32(f)
		tree.MissingLeft[i] = nodes.missingLeft[i] != 0
		if nodes.categorical[i] == 0 {
			continue
		}
		if k := nodes.bitset[i]; known[f] == nil || k < 0 || k >= int64(len(bitsets)) {
			return tree, fmt.Errorf("node %d splits column %d by category set %d of %d, and the column is not categorical or the set is missing", i, f, k, len(bitsets))
		}
		if tree.Category == nil {
			tree.Category = numericSplits(n)
		}
		tree.Category[i] = int32(len(*sets))
		*sets = append(*sets, engine.CategorySet{Known: *known[f], Left: bitsets[nodes.bitset[i]]})
	}
	return tree, nil
}

func numericSplits(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = -1
	}
	return out
}

func readPredictorNodes(obj *pickle.Object) (n predictorNodes, err error) {
	v, _ := obj.Attr("nodes")
	array, ok := v.(*pickle.Array)
	if !ok || len(array.Shape) != 1 {
		return n, fmt.Errorf("nodes are %s, want a structured array", describe(v))
	}
	for _, m := range []struct {
		name string
		to   *[]int64
	}{
		{"feature_idx", &n.feature}, {"left", &n.left}, {"right", &n.right}, {"is_leaf", &n.leaf},
		{"missing_go_to_left", &n.missingLeft}, {"is_categorical", &n.categorical}, {"bitset_idx", &n.bitset},
	} {
		column, err := array.Field(m.name)
		if err != nil {
			return n, err
		}
		if *m.to, err = column.Int64s(); err != nil {
			return n, err
		}
	}
	for _, m := range []struct {
		name string
		to   *[]float64
	}{{"num_threshold", &n.threshold}, {"value", &n.value}} {
		column, err := array.Field(m.name)
		if err != nil {
			return n, err
		}
		if *m.to, err = column.Float64s(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// readBitsets reads raw_left_cat_bitsets, splits × 8 words.
func readBitsets(obj *pickle.Object) ([][8]uint32, error) {
	v, _ := obj.Attr("raw_left_cat_bitsets")
	array, ok := v.(*pickle.Array)
	if !ok || len(array.Shape) != 2 || array.Shape[1] != 8 {
		return nil, fmt.Errorf("raw_left_cat_bitsets is %s, want splits × 8 words", describe(v))
	}
	words, err := array.Int64s()
	if err != nil {
		return nil, err
	}
	out := make([][8]uint32, array.Shape[0])
	for i, w := range words {
		out[i/8][i%8] = uint32(w)
	}
	return out, nil
}
