package sklearn

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// xgboostConverters holds the scikit-learn classes of XGBoost.
func xgboostConverters() map[string]converter {
	classifier, regressor := converter{predict: predictXGBClassifier}, converter{predict: predictXGBRegressor}
	return map[string]converter{
		"xgboost.sklearn.XGBClassifier":   classifier,
		"xgboost.sklearn.XGBRFClassifier": classifier,
		"xgboost.sklearn.XGBRegressor":    regressor,
		"xgboost.sklearn.XGBRFRegressor":  regressor,
	}
}

// float32Tolerance is two units in the last place of float32, in which XGBoost computes.
const (
	float32Tolerance = 0x1p-22
	float32Reason    = "XGBoost computes in float32, and its exponential function may be off by a unit in the last place"
)

// xgboostParams are the attributes that only the fit reads; the booster holds the model.
var xgboostParams = []string{"n_estimators", "objective", "max_depth", "max_leaves", "max_bin", "grow_policy", "learning_rate", "verbosity", "booster",
	"tree_method", "gamma", "min_child_weight", "max_delta_step", "subsample", "sampling_method", "colsample_bytree", "colsample_bylevel", "colsample_bynode",
	"reg_alpha", "reg_lambda", "scale_pos_weight", "base_score", "num_parallel_tree", "monotone_constraints", "interaction_constraints", "importance_type",
	"device", "gpu_id", "predictor", "validate_parameters", "enable_categorical", "feature_types", "feature_weights", "max_cat_to_onehot", "max_cat_threshold",
	"multi_strategy", "eval_metric", "early_stopping_rounds", "callbacks", "n_classes_", "kwargs", "use_label_encoder", "evals_result_", "classes_", "_le"}

// xgboostModel is the part of a booster that answers.
type xgboostModel struct {
	objective string
	// groups is the number of margins of a row.
	groups int
	// base is the margin that the sum starts from.
	base  []float64
	trees []engine.Tree
	names []string
	// columns is the number of features.
	columns int
}

// predictXGBClassifier follows xgboost.sklearn.XGBClassifier.predict and predict_proba: classes are 0, 1, …
func predictXGBClassifier(e *estimator, in matrix) prediction {
	margin, m, ok := e.xgboostMargin(in)
	if !ok {
		return prediction{}
	}
	b := e.c.b
	out := prediction{task: model.Multiclass, float32: true}
	var p engine.Span
	switch {
	case m.objective == "binary:logistic" && m.groups == 1:
		out.task, p = model.Binary, b.Floats(2)
		positive := engine.Span{Start: p.Start + 1, N: 1}
		e.sigmoid32(margin, positive)
		b.Add(&engine.Arith{Op: "rsub", In: positive, Out: engine.Span{Start: p.Start, N: 1}, Values: []float64{1}, Float32: true})
		label := b.Floats(1)
		b.Add(&engine.Above{In: positive.Start, Out: label.Start, Value: 0.5})
		out.label = answer{span: label}
	case m.objective == "multi:softprob" || m.objective == "multi:softmax":
		p = b.Floats(m.groups)
		b.Add(&engine.Softmax32{In: margin, Out: p})
		label := b.Floats(1)
		b.Add(&engine.ArgMax{In: p, Out: label.Start})
		out.label = answer{span: label}
	case m.objective == "binary:logistic":
		e.refuse(fmt.Sprintf("a target of %d columns", m.groups), "of a classifier one output is compiled", "fit one for each column, for example by MultiOutputClassifier")
		return prediction{}
	default:
		e.refuse("objective is "+m.objective, "of a classifier binary:logistic, multi:softprob and multi:softmax are compiled", "refit with one of them")
		return prediction{}
	}
	classes := make([]model.Class, p.N)
	for i := range classes {
		classes[i] = model.Class{RawMessage: json.RawMessage(strconv.Itoa(i))}
	}
	out.classes = [][]model.Class{classes}
	out.probabilities = answer{p, float32Tolerance, float32Reason}
	return out
}

// predictXGBRegressor follows xgboost.sklearn.XGBRegressor.predict with the transformation of each objective (src/objective in XGBoost).
func predictXGBRegressor(e *estimator, in matrix) prediction {
	margin, m, ok := e.xgboostMargin(in)
	if !ok {
		return prediction{}
	}
	value := regression(margin, in.tolerance())
	value.float32 = true
	switch m.objective {
	case "reg:squarederror", "reg:squaredlogerror", "reg:pseudohubererror", "reg:absoluteerror", "reg:quantileerror", "reg:linear", "binary:logitraw":
		return value
	case "reg:logistic", "binary:logistic":
		e.sigmoid32(margin, margin)
	case "count:poisson", "reg:gamma", "reg:tweedie":
		e.c.b.Add(&engine.Map{Op: "exp", In: margin, Out: margin})
		e.c.b.Add(&engine.Map{Op: "float32", In: margin, Out: margin})
	default:
		e.refuse("objective is "+m.objective, "it is not compiled", "refit with one of the reg: or count: objectives of XGBoost's documentation")
	}
	value.value.tolerance, value.value.reason = float32Tolerance, float32Reason
	return value
}

// sigmoid32 is common::Sigmoid of XGBoost (src/common/math.h) in float32: 1 / (exp(min(-x, 88.7)) + 1).
func (e *estimator) sigmoid32(in, out engine.Span) {
	b := e.c.b
	b.Add(&engine.Arith{Op: "mul", In: in, Out: out, Values: []float64{-1}})
	b.Add(&engine.Clip{In: out, Out: out, Min: []float64{math.Inf(-1)}, Max: []float64{float64(float32(88.7))}})
	b.Add(&engine.Map{Op: "exp", In: out, Out: out})
	b.Add(&engine.Map{Op: "float32", In: out, Out: out})
	b.Add(&engine.Arith{Op: "add", In: out, Out: out, Values: []float64{1}, Float32: true})
	b.Add(&engine.Map{Op: "reciprocal", In: out, Out: out})
	b.Add(&engine.Map{Op: "float32", In: out, Out: out})
}

// xgboostMargin adds the sum of the leaves, in float32 and in the order of the trees (CPU predictor of XGBoost: inplace_predict of what is no DMatrix).
func (e *estimator) xgboostMargin(in matrix) (engine.Span, *xgboostModel, bool) {
	e.ignores(xgboostParams...)
	e.has("missing")
	o, _ := e.get("_Booster").(*pickle.Object)
	m, err := readXGBoost(o)
	if err != nil {
		e.refuseBooster("_Booster", err, "XGBoost 1.7 to 3.2")
		return engine.Span{}, nil, false
	}
	if m.columns != in.width() {
		e.refuse("_Booster", fmt.Sprintf("it takes %d columns and is given %d", m.columns, in.width()), "check that the file is whole")
		return engine.Span{}, nil, false
	}
	if in.sparse && !in.storesNoZeros() {
		e.refuse("a sparse matrix that may store zeros", "to XGBoost its cells that are not stored are missing, and stored ones are 0",
			"let the step before give dense output: sparse_threshold=0 of ColumnTransformer, sparse=False of DictVectorizer")
	}
	b := e.c.b
	span := e.c.numbers(e, in)
	if in.sparse {
		cells := b.Floats(int(span.N))
		b.Add(&engine.Impute{In: span, Out: cells, Fill: slices.Repeat([]float64{math.NaN()}, int(span.N))})
		span = cells
	}
	if missing, ok := number(e.getOr("missing", nil)); ok && !math.IsNaN(missing) {
		rounded := b.Floats(int(span.N))
		b.Add(&engine.Map{Op: "float32", In: span, Out: rounded})
		fill := slices.Repeat([]float64{math.NaN()}, int(span.N))
		b.Add(&engine.Impute{In: rounded, Out: rounded, Missing: engine.Number64(float32(missing)), Fill: fill})
		span = rounded
	}
	out := b.Floats(m.groups)
	e.addTrees(span, out, engine.Float32Sum, m.base, m.trees, nil)
	return out, m, true
}

// readXGBoost reads the bytes that Booster.__getstate__ stores as its handle.
func readXGBoost(o *pickle.Object) (*xgboostModel, error) {
	if o == nil || o.ClassName() != "xgboost.core.Booster" {
		return nil, fmt.Errorf("it is no booster")
	}
	v, _ := o.Attr("handle")
	raw, ok := v.(pickle.Bytes)
	if !ok || len(raw) == 0 || raw[0] != '{' {
		return nil, fmt.Errorf("its handle is not in UBJSON, which XGBoost writes since 1.6")
	}
	doc, err := parseUBJSON(raw)
	if err != nil {
		return nil, fmt.Errorf("its UBJSON is damaged: %w", err)
	}
	learner, err := at[map[string]any](doc, "Model", "learner")
	if err != nil {
		return nil, err
	}
	m := &xgboostModel{}
	booster, err := m.header(learner)
	if err != nil {
		return nil, err
	}
	return m, m.readTrees(booster, learner)
}

// header reads all but the trees, and returns the model of the trees.
func (m *xgboostModel) header(learner map[string]any) (map[string]any, error) {
	var err error
	if m.objective, err = at[string](learner, "objective", "name"); err != nil {
		return nil, err
	}
	params, err := at[map[string]any](learner, "learner_model_param")
	if err != nil {
		return nil, err
	}
	classes, targets := intParam(params["num_class"]), max(intParam(params["num_target"]), 1)
	m.groups, m.columns = max(classes, targets), intParam(params["num_feature"])
	if m.groups > 1<<16 || m.columns < 1 || m.columns > maxFeatures {
		return nil, fmt.Errorf("it has %d outputs and %d features", m.groups, m.columns)
	}
	base, _ := params["base_score"].(string)
	if m.base, err = m.margins(base); err != nil {
		return nil, err
	}
	if names, ok := learner["feature_names"].([]any); ok {
		for _, name := range names {
			text, _ := name.(string)
			m.names = append(m.names, text)
		}
	}
	booster, err := at[map[string]any](learner, "gradient_booster")
	if err != nil {
		return nil, err
	}
	return booster, nil
}

func intParam(v any) int {
	s, _ := v.(string)
	n, _ := strconv.Atoi(s)
	return n
}

// margins turns base_score, which is in the units of the answer, into the margin that the sum starts from (ProbToMargin of the objective).
func (m *xgboostModel) margins(text string) ([]float64, error) {
	parts := strings.Split(strings.Trim(text, "[]"), ",")
	out := make([]float64, m.groups)
	for i := range out {
		part := parts[0]
		if len(parts) == m.groups {
			part = parts[i]
		} else if len(parts) != 1 {
			return nil, fmt.Errorf("base_score is %.60q for %d outputs", text, m.groups)
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 32)
		if err != nil {
			return nil, fmt.Errorf("base_score is %.60q", text)
		}
		switch m.objective {
		case "reg:logistic", "binary:logistic", "binary:logitraw":
			v = -math.Log(float64(float32(1/v) - 1))
		case "count:poisson", "reg:gamma", "reg:tweedie":
			v = math.Log(v)
		}
		out[i] = float64(float32(v))
	}
	return out, nil
}

// readTrees reads the trees of gbtree and dart, as many as the best iteration asks for.
func (m *xgboostModel) readTrees(booster, learner map[string]any) error {
	name, _ := booster["name"].(string)
	var drop []float64
	gbtree := booster
	switch name {
	case "gbtree":
	case "dart":
		var err error
		if drop, err = at[[]float64](booster, "weight_drop"); err != nil {
			return err
		}
		if gbtree, err = at[map[string]any](booster, "gbtree"); err != nil {
			return err
		}
	default:
		return option{fmt.Sprintf("booster is %.20q", name), "only those that hold trees are compiled, gbtree and dart", "refit with booster='gbtree', or use a linear model of scikit-learn"}
	}
	list, err := at[[]any](gbtree, "model", "trees")
	if err != nil {
		return err
	}
	groups, err := at[[]float64](gbtree, "model", "tree_info")
	if err != nil || len(groups) != len(list) {
		return fmt.Errorf("tree_info does not fit %d trees", len(list))
	}
	n, err := m.treeCount(gbtree, learner, len(list))
	if err != nil {
		return err
	}
	for i, item := range list[:n] {
		tree, err := m.tree(item)
		if err != nil {
			return fmt.Errorf("tree %d: %w", i, err)
		}
		if tree.Output = int(groups[i]); tree.Output < 0 || tree.Output >= m.groups {
			return fmt.Errorf("tree %d adds to output %d of %d", i, tree.Output, m.groups)
		}
		if drop != nil {
			if len(drop) != len(list) {
				return fmt.Errorf("weight_drop has %d items for %d trees", len(drop), len(list))
			}
			weighDropped(tree.Values, float32(m.base[tree.Output]), float32(drop[i]))
		}
		m.trees = append(m.trees, tree)
	}
	return nil
}

// weighDropped follows Dart::InplacePredict (src/gbm/gbtree.cc): the tree's own prediction, base included, less the base, times the tree's weight.
func weighDropped(values []float64, base, weight float32) {
	for i, v := range values {
		alone := base + float32(v)
		part := alone - base
		values[i] = float64(part * weight)
	}
}

// treeCount is the number of trees up to the best iteration, which early stopping notes; all without one.
func (m *xgboostModel) treeCount(gbtree, learner map[string]any, all int) (int, error) {
	attributes, _ := learner["attributes"].(map[string]any)
	text, ok := attributes["best_iteration"].(string)
	if !ok {
		return all, nil
	}
	best, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("best_iteration is %.20q", text)
	}
	starts, err := at[[]float64](gbtree, "model", "iteration_indptr")
	if err != nil { // before 1.7: the same number of trees in each iteration
		params, _ := at[map[string]any](gbtree, "model", "gbtree_model_param")
		return min(all, (best+1)*m.groups*max(1, intParam(params["num_parallel_tree"]))), nil //nolint:nilerr // an older file
	}
	if best < 0 || best+1 >= len(starts) || starts[best+1] > float64(all) {
		return 0, fmt.Errorf("best_iteration is %d of %d", best, len(starts)-1)
	}
	return int(starts[best+1]), nil
}

// tree reads one tree (RegTree::LoadModel). It goes left if the value is less than the threshold, both float32: that is not above the float32 before.
func (m *xgboostModel) tree(v any) (engine.Tree, error) {
	t := engine.Tree{Width: 1}
	left, err0 := at[[]float64](v, "left_children")
	right, err1 := at[[]float64](v, "right_children")
	features, err2 := at[[]float64](v, "split_indices")
	conditions, err3 := at[[]float64](v, "split_conditions")
	defaults, err4 := at[[]float64](v, "default_left")
	types, err5 := at[[]float64](v, "split_type")
	for _, err := range []error{err0, err1, err2, err3, err4, err5} {
		if err != nil {
			return t, err
		}
	}
	n := len(left)
	if len(right) != n || len(features) != n || len(conditions) != n || len(defaults) != n || len(types) != 0 && len(types) != n {
		return t, fmt.Errorf("its lists have different lengths")
	}
	if params, _ := at[map[string]any](v, "tree_param"); intParam(params["size_leaf_vector"]) > 1 {
		return t, option{`multi_strategy is "multi_output_tree"`, "trees whose leaves hold several values are not compiled", "refit with multi_strategy='one_output_per_tree'"}
	}
	for i := range n {
		leaf := left[i] == -1
		if !leaf && len(types) > 0 && types[i] != 0 {
			return t, option{"a split by category (enable_categorical)", "sets of categories are not compiled for XGBoost",
				"encode the column before the fit, for example with OneHotEncoder or OrdinalEncoder"}
		}
		t.Left, t.Right = append(t.Left, int32(left[i])), append(t.Right, int32(right[i]))
		t.Feature = append(t.Feature, int32(features[i]))
		t.MissingLeft = append(t.MissingLeft, !leaf && defaults[i] != 0)
		t.Threshold = append(t.Threshold, float64(before32(float32(conditions[i]))))
		t.Values = append(t.Values, float64(float32(conditions[i])))
	}
	return t, nil
}

// before32 is the float32 before f: x < f exactly if x <= before32(f). Nothing is below the lowest, nor below NaN: then it is NaN.
func before32(f float32) float32 {
	if math.IsInf(float64(f), -1) {
		return float32(math.NaN())
	}
	return math.Nextafter32(f, float32(math.Inf(-1)))
}
