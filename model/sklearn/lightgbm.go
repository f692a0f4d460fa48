package sklearn

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// lightgbmConverters holds the scikit-learn classes of LightGBM.
func lightgbmConverters() map[string]converter {
	return map[string]converter{
		"lightgbm.sklearn.LGBMClassifier": {predict: predictLGBMClassifier},
		"lightgbm.sklearn.LGBMRegressor":  {predict: predictLGBMRegressor},
	}
}

// lightgbmModel is the part of a booster's text that answers.
type lightgbmModel struct {
	header map[string]string
	// objective is its name, parameters the words behind it, such as "sigmoid:1".
	objective  string
	parameters []string
	columns    int
	// groups is the number of trees in an iteration: one for each raw score.
	groups int
	trees  []engine.Tree
	sets   []engine.CategorySet
	// categorical are the columns that are split by category.
	categorical map[int32]bool
}

// lightgbmKnown are the attributes that a fitted estimator may have beside its parameters, of which the booster's text is the result.
var lightgbmKnown = []string{"_Booster", "_evals_result", "_best_score", "_best_iteration", "_other_params", "_objective", "class_weight", "_class_weight",
	"_class_map", "_fitted_with_feature_names", "_n_features", "_n_features_in", "_classes", "_n_classes", "_le", "fitted_"}

// predictLGBMClassifier follows lightgbm.sklearn.LGBMClassifier.predict and predict_proba: the first largest probability decides.
func predictLGBMClassifier(e *estimator, in matrix) prediction {
	sum, m, ok := e.lightgbmRaw(in)
	classes := [][]model.Class{e.labels("_classes", e.get("_classes"))}
	if !ok {
		return prediction{}
	}
	raw := e.lightgbmMean(m, sum)
	b, n := e.c.b, len(classes[0])
	p := b.Floats(max(n, 2))
	switch {
	case m.groups == 1 && n == 2 && (m.objective == "binary" || m.objective == "cross_entropy"):
		positive := engine.Span{Start: p.Start + 1, N: 1}
		e.lightgbmSigmoid(m, raw, positive)
		b.Add(&engine.Arith{Op: "rsub", In: positive, Out: engine.Span{Start: p.Start, N: 1}, Values: []float64{1}})
	case m.groups == n && m.objective == "multiclass":
		b.Add(&engine.Softmax{In: raw, Out: p})
	case m.groups == n && m.objective == "multiclassova":
		e.lightgbmSigmoid(m, raw, p)
	default:
		e.refuse("objective is "+m.objective, fmt.Sprintf("it is not compiled with %d raw scores for %d classes", m.groups, n), "refit with binary, multiclass or multiclassova")
		return prediction{}
	}
	label := b.Floats(1)
	b.Add(&engine.ArgMax{In: p, Out: label.Start})
	return prediction{task: classTask(classes), classes: classes, label: answer{span: label},
		probabilities: answer{p, roundingTolerance, ""}, decision: answer{span: sum, tolerance: in.tolerance()}}
}

// predictLGBMRegressor follows lightgbm.sklearn.LGBMRegressor.predict with ConvertOutput of each objective (src/objective in LightGBM).
func predictLGBMRegressor(e *estimator, in matrix) prediction {
	raw, m, ok := e.lightgbmRaw(in)
	if !ok {
		return prediction{}
	}
	raw = e.lightgbmMean(m, raw)
	value := regression(raw, in.tolerance())
	switch m.objective {
	case "regression", "regression_l1", "huber", "fair", "quantile", "mape":
		if strings.Contains(" "+strings.Join(m.parameters, " ")+" ", " sqrt ") {
			e.refuse("reg_sqrt is True", "it is not compiled", "fit the root of the target by TransformedTargetRegressor")
		}
	case "poisson", "gamma", "tweedie":
		e.c.b.Add(&engine.Map{Op: "exp", In: raw, Out: raw})
		value.value.tolerance = roundingTolerance
	case "cross_entropy":
		e.lightgbmSigmoid(m, raw, raw)
		value.value.tolerance = roundingTolerance
	default:
		e.refuse("objective is "+m.objective, "it is not compiled", "refit with an objective of LightGBM for regression")
	}
	return value
}

// lightgbmSigmoid is 1 / (1 + exp(-sigmoid * x)).
func (e *estimator) lightgbmSigmoid(m *lightgbmModel, in, out engine.Span) {
	slope := 1.0
	for _, word := range m.parameters {
		if text, ok := strings.CutPrefix(word, "sigmoid:"); ok {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				e.refuse("objective "+m.objective, "its sigmoid is "+strconv.Quote(text), "check that the file is whole")
			}
			slope = v
		}
	}
	e.c.b.Add(&engine.Arith{Op: "mul", In: in, Out: out, Values: []float64{slope}})
	e.c.b.Add(&engine.Map{Op: "expit", In: out, Out: out})
}

// lightgbmRaw adds the sum of the leaves, in float64 and in the order of the trees (GBDT::PredictRaw of src/boosting/gbdt_prediction.cpp).
func (e *estimator) lightgbmRaw(in matrix) (engine.Span, *lightgbmModel, bool) {
	e.ignores(lightgbmKnown...)
	state, _ := e.obj.State.(*pickle.Dict)
	if state != nil { // any further keyword of the constructor is a parameter of the fit
		for _, p := range state.Pairs {
			if name, ok := p.Key.(string); ok && name != "" && name[0] != '_' && name[len(name)-1] != '_' {
				e.ignores(name)
			}
		}
	}
	o, _ := e.get("_Booster").(*pickle.Object)
	m, err := readLightGBM(o)
	if err != nil {
		e.refuseBooster("_Booster", err, "LightGBM 4")
		return engine.Span{}, nil, false
	}
	if m.columns != in.width() {
		e.refuse("_Booster", fmt.Sprintf("it takes %d columns and is given %d", m.columns, in.width()), "check that the file is whole")
		return engine.Span{}, nil, false
	}
	b := e.c.b
	span := e.c.numbers(e, in)
	if len(m.categorical) > 0 { // the code is cut off to an integer
		whole := b.Floats(int(span.N))
		from := make([]int32, span.N)
		for i := range from {
			from[i] = span.Start + int32(i)
		}
		b.Add(&engine.Select{From: from, Out: whole})
		for i := range span.N {
			if m.categorical[i] {
				one := engine.Span{Start: whole.Start + i, N: 1}
				b.Add(&engine.Map{Op: "trunc", In: one, Out: one})
			}
		}
		span = whole
	}
	out := b.Floats(m.groups)
	e.steadySplits(in, span, m.trees)
	e.addTrees(span, out, engine.Float64LE, nil, m.trees, m.sets)
	return out, m, true
}

// lightgbmMean is the raw score that an objective converts: the sum of the leaves, divided by the iterations for random forests.
func (e *estimator) lightgbmMean(m *lightgbmModel, raw engine.Span) engine.Span {
	if _, average := m.header["average_output"]; !average {
		return raw
	}
	out := e.c.b.Floats(m.groups)
	e.c.b.Add(&engine.Arith{Op: "div", In: raw, Out: out, Values: []float64{float64(len(m.trees) / m.groups)}})
	return out
}

// readLightGBM reads the text that Booster.__getstate__ stores as its handle.
func readLightGBM(o *pickle.Object) (*lightgbmModel, error) {
	if o == nil || o.ClassName() != "lightgbm.basic.Booster" {
		return nil, fmt.Errorf("it is no booster")
	}
	v, ok := o.Attr("_handle")
	if !ok {
		v, _ = o.Attr("handle") // LightGBM 3
	}
	text, ok := v.(string)
	if !ok || !strings.HasPrefix(text, "tree\n") {
		return nil, fmt.Errorf("it holds no model in text")
	}
	v, _ = o.Attr("pandas_categorical")
	if tables, ok := v.(*pickle.List); ok && len(tables.Items) > 0 { // it predicts by the place of a value in these
		return nil, option{fmt.Sprintf("%d columns of the dtype category", len(tables.Items)), "LightGBM looks their values up among those of the fit, which is not compiled",
			"encode them before the fit, for example with OrdinalEncoder, and name them by categorical_feature"}
	}
	best, _ := o.Attr("best_iteration")
	iterations, _ := pickle.Plain(best).(int64)
	m := &lightgbmModel{categorical: map[int32]bool{}}
	text, _, _ = strings.Cut(text, "\nend of trees")
	parts := strings.Split(text, "\nTree=")
	m.header = lightgbmFields(parts[0])
	if err := m.readHeader(); err != nil {
		return nil, err
	}
	trees := parts[1:]
	if iterations > 0 && int(iterations)*m.groups < len(trees) {
		trees = trees[:int(iterations)*m.groups]
	}
	if len(trees) == 0 || len(trees)%m.groups != 0 {
		return nil, fmt.Errorf("it has %d trees for %d raw scores", len(trees), m.groups)
	}
	for i, part := range trees {
		if err := m.readTree(lightgbmFields(part), i%m.groups); err != nil {
			return nil, fmt.Errorf("tree %d: %w", i, err)
		}
	}
	return m, nil
}

// lightgbmFields reads lines of name=value; a line without = is a flag.
func lightgbmFields(text string) map[string]string {
	out := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		name, value, _ := strings.Cut(line, "=")
		out[name] = value
	}
	return out
}

func (m *lightgbmModel) readHeader() error {
	words := strings.Fields(m.header["objective"])
	if len(words) == 0 {
		return option{"objective is a function", "a Python function is not executed", "refit with an objective of LightGBM by its name"}
	}
	m.objective, m.parameters = words[0], words[1:]
	groups, err := strconv.Atoi(m.header["num_tree_per_iteration"])
	last, err2 := strconv.Atoi(m.header["max_feature_idx"])
	if err != nil || err2 != nil || groups < 1 || groups > 1<<16 || last < 0 || last >= maxFeatures {
		return fmt.Errorf("its header has %q trees an iteration and %q as the last feature", m.header["num_tree_per_iteration"], m.header["max_feature_idx"])
	}
	m.groups, m.columns = groups, last+1
	return nil
}

// list reads numbers apart by spaces.
func list[T any](fields map[string]string, name string, n int, parse func(string) (T, error)) ([]T, error) {
	words := strings.Fields(fields[name])
	if n >= 0 && len(words) != n {
		return nil, fmt.Errorf("%s has %d items, want %d", name, len(words), n)
	}
	out := make([]T, len(words))
	for i, word := range words {
		v, err := parse(word)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[i] = v
	}
	return out, nil
}

func parseFloat(s string) (float64, error) { return strconv.ParseFloat(s, 64) }

func parseInt32(s string) (int32, error) {
	v, err := strconv.ParseInt(s, 10, 32)
	return int32(v), err
}

func parseUint32(s string) (uint32, error) {
	v, err := strconv.ParseUint(s, 10, 32)
	return uint32(v), err
}

// Bits of decision_type (include/LightGBM/tree.h).
const (
	lightgbmCategorical = 1
	lightgbmDefaultLeft = 2
	lightgbmMissingZero = 1
	lightgbmMissingNaN  = 2
)

// readTree reads one tree: n-1 inner nodes, then n leaves, to which negative children point.
func (m *lightgbmModel) readTree(fields map[string]string, group int) error {
	n, err := strconv.Atoi(fields["num_leaves"])
	if err != nil || n < 1 || n > len(fields["leaf_value"])+1 {
		return fmt.Errorf("num_leaves is %.20q", fields["num_leaves"])
	}
	if fields["is_linear"] == "1" {
		return option{"linear_tree is True", "leaves that are linear models are not compiled", "refit with linear_tree=False"}
	}
	inner := n - 1
	left, err0 := list(fields, "left_child", inner, parseInt32)
	right, err1 := list(fields, "right_child", inner, parseInt32)
	features, err2 := list(fields, "split_feature", inner, parseInt32)
	thresholds, err3 := list(fields, "threshold", inner, parseFloat)
	types, err4 := list(fields, "decision_type", inner, parseInt32)
	leaves, err5 := list(fields, "leaf_value", n, parseFloat)
	bounds, err6 := list(fields, "cat_boundaries", -1, parseInt32)
	bits, err7 := list(fields, "cat_threshold", -1, parseUint32)
	for _, err := range []error{err0, err1, err2, err3, err4, err5, err6, err7} {
		if err != nil {
			return err
		}
	}
	child := func(c int32) int32 {
		if c < 0 {
			return int32(inner) + ^c
		}
		return c
	}
	t := engine.Tree{Width: 1, Output: group, Threshold: make([]float64, inner+n), Feature: append(features, make([]int32, n)...)}
	for i := range inner {
		t.Left, t.Right = append(t.Left, child(left[i])), append(t.Right, child(right[i]))
		t.Threshold[i] = lightgbmThreshold(thresholds[i])
		category, missingLeft := int32(-1), false
		if types[i]&lightgbmCategorical != 0 {
			if category, err = m.category(thresholds[i], bounds, bits); err != nil {
				return err
			}
			m.categorical[features[i]] = true
		} else if missingLeft, err = lightgbmMissingLeft(types[i], thresholds[i]); err != nil {
			return err
		}
		t.Category, t.MissingLeft = append(t.Category, category), append(t.MissingLeft, missingLeft)
	}
	for range n {
		t.Left, t.Right = append(t.Left, -1), append(t.Right, -1)
		t.Category, t.MissingLeft = append(t.Category, -1), append(t.MissingLeft, false)
	}
	t.Values = append(make([]float64, inner), leaves...)
	m.trees = append(m.trees, t)
	return nil
}

// lightgbmZero is kZeroThreshold of LightGBM (include/LightGBM/meta.h): no value nearer to 0 is told from it.
const lightgbmZero = float64(float32(1e-35))

// lightgbmThreshold is the threshold at which values as they are part as LightGBM's do, whose reader of dense rows makes 0 of values near it
// (RowPairFunctionFromDenseMatric of src/c_api.cpp).
func lightgbmThreshold(t float64) float64 {
	switch {
	case t >= 0 && t < lightgbmZero:
		return lightgbmZero
	case t < 0 && t >= -lightgbmZero:
		return math.Nextafter(-lightgbmZero, math.Inf(-1))
	}
	return t
}

// lightgbmMissingLeft follows Tree::NumericalDecision: NaN goes the default way where the fit has seen NaN, else it counts as 0.
func lightgbmMissingLeft(decision int32, threshold float64) (bool, error) {
	switch decision >> 2 & 3 {
	case lightgbmMissingNaN:
		return decision&lightgbmDefaultLeft != 0, nil
	case lightgbmMissingZero:
		return false, option{"zero_as_missing is True", "zeros that count as missing are not compiled", "refit with zero_as_missing=False, and NaN for what is missing"}
	}
	return 0 <= threshold, nil
}

// category is the number of the set of a split by category (Tree::CategoricalDecision): the categories of the set go left, all others and missing ones right.
func (m *lightgbmModel) category(index float64, bounds []int32, bits []uint32) (int32, error) {
	i := int(index)
	if float64(i) != index || i < 0 || i+1 >= len(bounds) || bounds[i] < 0 || bounds[i+1] < bounds[i] || int(bounds[i+1]) > len(bits) {
		return 0, fmt.Errorf("a split by category has no set")
	}
	var set engine.CategorySet
	words := bits[bounds[i]:bounds[i+1]]
	for k, word := range words {
		if k >= len(set.Left) && word != 0 {
			return 0, option{"a category beyond 255", "sets of categories up to 255 are compiled", "number the categories from 0, for example with OrdinalEncoder"}
		}
		if k < len(set.Left) {
			set.Left[k] = word
		}
	}
	for k := range set.Known {
		set.Known[k] = math.MaxUint32
	}
	m.sets = append(m.sets, set)
	return int32(len(m.sets) - 1), nil
}
