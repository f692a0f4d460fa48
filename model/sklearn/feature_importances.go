package sklearn

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"sklambda/model/pickle"
)

// modelSupport follows SelectFromModel._get_support_mask: the columns whose importance is not below the threshold, at most max_features of them.
func (e *estimator) modelSupport(columns int) support {
	e.ignores("threshold_", "norm_order", "prefit", "max_features_")
	name := "estimator_"
	if !e.has(name) {
		name = "estimator"
	}
	e.ignores("estimator", "estimator_")
	model := e.child(name, e.get(name))
	if model == nil {
		return support{mask: make([]bool, columns)}
	}
	before := len(e.c.reasons)
	scores := e.importances(model, columns)
	threshold := e.importanceThreshold(model, scores)
	mask := slices.Repeat([]bool{true}, len(scores))
	if most := e.get("max_features"); most != nil {
		if e.has("max_features_") {
			most = e.get("max_features_")
		}
		n, ok := most.(int64)
		if !ok {
			e.wrong("max_features", most, "None or an integer")
		}
		order := indices(len(scores))
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(-scores[a], -scores[b]) })
		for k, i := range order {
			mask[i] = k < int(n)
		}
	}
	for i, v := range scores {
		mask[i] = mask[i] && !(v < threshold)
	}
	if len(e.c.reasons) > before { // already refused
		mask = make([]bool, columns)
	}
	return support{mask, e.allowsNaN(e.get("estimator"))}
}

// importances follows _get_feature_importances with transform_func="norm".
func (e *estimator) importances(model *estimator, columns int) []float64 {
	getter := e.str("importance_getter")
	parts := strings.Split(getter, ".")
	for _, part := range parts[:len(parts)-1] {
		v, _ := model.obj.Attr(part)
		obj, ok := v.(*pickle.Object)
		if !ok {
			e.refuse("importance_getter is "+describe(getter), "the file does not store "+part, "let the getter name stored attributes, such as estimator_.coef_")
			return make([]float64, columns)
		}
		model = e.c.estimator(model.path+"."+part, obj)
	}
	last := parts[len(parts)-1]
	if last == "auto" {
		last = "feature_importances_"
		if model.has("coef_") {
			last = "coef_"
		}
	}
	if v, ok := model.obj.Attr(last); ok {
		data, shape, t, err := denseArray(v)
		if err == nil && len(shape) >= 1 && len(shape) <= 2 && shape[len(shape)-1] == columns && t == float64Type {
			return e.importanceNorms(data, shape)
		}
		e.refuse(name(model, last)+" is "+describe(v), fmt.Sprintf("allowed is a float64 array of %d columns", columns), "fit it on float64")
		return make([]float64, columns)
	}
	if last != "feature_importances_" {
		e.refuse("importance_getter of "+model.class, "it does not store "+last, "use a linear model, a tree or an ensemble of trees")
		return make([]float64, columns)
	}
	out := model.treeImportances(columns)
	for i, v := range out {
		out[i] = math.Abs(v)
	}
	return out
}

func name(e *estimator, attribute string) string { return e.path + "." + attribute }

// importanceNorms is numpy.abs of a vector, or numpy.linalg.norm(axis=0, ord=norm_order) of a matrix.
func (e *estimator) importanceNorms(data []float64, shape []int) []float64 {
	columns := shape[len(shape)-1]
	out := make([]float64, columns)
	order := e.float("norm_order")
	for j := range columns {
		sum, small, large := 0.0, math.Inf(1), 0.0
		for i := j; i < len(data); i += columns {
			v := math.Abs(data[i])
			small, large = min(small, v), max(large, v)
			switch {
			case len(shape) == 1 || order == 1:
				sum += v
			case order == 2:
				sum += float64(v * v)
			default:
				sum += math.Pow(v, order)
			}
		}
		switch {
		case len(shape) == 1 || order == 1:
			out[j] = sum
		case order == 2:
			out[j] = math.Sqrt(sum)
		case math.IsInf(order, 1):
			out[j] = large
		case math.IsInf(order, -1):
			out[j] = small
		default:
			out[j] = math.Pow(sum, 1/order)
		}
	}
	return out
}

// importanceThreshold follows _calculate_threshold.
func (e *estimator) importanceThreshold(model *estimator, scores []float64) float64 {
	v := e.get("threshold")
	if v == nil {
		v = "mean"
		if model.isL1() {
			v = 1e-5
		}
	}
	text, isText := v.(string)
	if !isText {
		f, ok := number(v)
		if !ok {
			e.wrong("threshold", v, "None, a number, mean, median or a multiple of them")
		}
		return f
	}
	factor, reference := 1.0, strings.TrimSpace(text)
	if left, right, ok := strings.Cut(text, "*"); ok {
		var err error
		if factor, err = strconv.ParseFloat(strings.TrimSpace(left), 64); err != nil {
			e.wrong("threshold", v, "a number times mean or median")
		}
		reference = strings.TrimSpace(right)
	}
	switch reference {
	case "mean":
		return factor * (numpySum(scores) / float64(len(scores)))
	case "median":
		return factor * median(scores)
	}
	e.wrong("threshold", v, "mean, median, or a multiple of them such as 1.25*mean")
	return 0
}

// median is numpy.median.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// isL1 reports whether the default threshold of SelectFromModel is 1e-5.
func (e *estimator) isL1() bool {
	class := e.class[strings.LastIndexByte(e.class, '.')+1:]
	isOne := func(attribute string) bool { // numpy.isclose(ratio, 1)
		v, _ := e.obj.Attr(attribute)
		values := []pickle.Value{v}
		if items, ok := sequence(v); ok {
			values = items
		}
		for _, item := range values {
			f, ok := number(pickle.Plain(item))
			if !ok || !(math.Abs(f-1) <= 1e-8+1e-5) {
				return false
			}
		}
		return true
	}
	penalty, _ := e.obj.Attr("penalty")
	switch class {
	case "ElasticNet":
		if isOne("l1_ratio") {
			return true
		}
	case "ElasticNetCV":
		if isOne("l1_ratio_") {
			return true
		}
	case "LogisticRegression":
		if e.since(1, 8) && isOne("l1_ratio") {
			return true
		}
	case "LogisticRegressionCV":
		if e.since(1, 8) && isOne("l1_ratio_") {
			return true
		}
	}
	return penalty == "l1" || strings.Contains(class, "Lasso")
}

// treeImportances is feature_importances_ of a tree, a forest, gradient boosting or AdaBoost, which compute it when it is asked for.
func (e *estimator) treeImportances(columns int) []float64 {
	switch class := e.class[strings.LastIndexByte(e.class, '.')+1:]; class {
	case "DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor":
		importances, _ := e.nodeImportances(columns, true)
		return importances
	case "RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor":
		return e.meanImportances(columns, true)
	case "GradientBoostingClassifier", "GradientBoostingRegressor":
		return e.meanImportances(columns, false)
	case "AdaBoostClassifier", "AdaBoostRegressor":
		return e.weightedImportances(columns)
	}
	e.refuse("feature_importances_ of "+e.class, "the file does not hold them", "use a linear model, a tree, a forest, or GradientBoosting")
	return make([]float64, columns)
}

// meanImportances follows BaseForest.feature_importances_ and BaseGradientBoosting.feature_importances_: the mean over all trees with a split, over its sum.
func (e *estimator) meanImportances(columns int, normalize bool) []float64 {
	out := make([]float64, columns)
	var items []pickle.Value
	if a, ok := e.get("estimators_").(*pickle.Array); ok { // gradient boosting: iterations × classes
		items = a.Values()
	} else {
		items = e.items("estimators_")
	}
	count := 0
	for i, item := range items {
		tree := e.child(fmt.Sprintf("estimators_[%d]", i), item)
		if tree == nil {
			return out
		}
		importances, splits := tree.nodeImportances(columns, normalize)
		if !splits {
			continue
		}
		count++
		for k, v := range importances {
			out[k] += v
		}
	}
	for k := range out {
		out[k] /= float64(max(count, 1))
	}
	if sum := numpySum(out); count > 0 {
		for k := range out {
			out[k] /= sum
		}
	}
	return out
}

// weightedImportances follows BaseWeightBoosting.feature_importances_.
func (e *estimator) weightedImportances(columns int) []float64 {
	out := make([]float64, columns)
	items := e.items("estimators_")
	weights := e.vector("estimator_weights_", -1)
	used := min(len(weights), len(items))
	for i := range used {
		tree := e.child(fmt.Sprintf("estimators_[%d]", i), items[i])
		if tree == nil {
			return out
		}
		for k, v := range tree.treeImportances(columns) {
			out[k] += float64(weights[i] * v)
		}
	}
	norm := numpySum(weights)
	for k := range out {
		out[k] /= norm
	}
	return out
}

// nodeImportances follows Tree.compute_feature_importances; splits is false for a tree of one node.
func (e *estimator) nodeImportances(columns int, normalize bool) (importances []float64, splits bool) {
	importances = make([]float64, columns)
	t, ok := e.fittedTree(columns)
	if !ok {
		return importances, false
	}
	v, _ := e.get("tree_").(*pickle.Object).Attr("nodes")
	nodes, _ := v.(*pickle.Array)
	read := func(field string) []float64 {
		column, err := nodes.Field(field)
		if err == nil {
			values, err := column.Float64s()
			if err == nil {
				return values
			}
		}
		e.refuse("tree_", "its nodes have no "+field, "check that the file is whole")
		return make([]float64, t.nodes())
	}
	impurity, weight := read("impurity"), read("weighted_n_node_samples")
	for i, left := range t.Left {
		if right := t.Right[i]; left >= 0 && int(left) < t.nodes() && right >= 0 && int(right) < t.nodes() {
			importances[t.Feature[i]] += float64(weight[i]*impurity[i]) - float64(weight[left]*impurity[left]) - float64(weight[right]*impurity[right])
		}
	}
	sum := 0.0
	for k := range importances {
		importances[k] /= weight[0]
	}
	sum = numpySum(importances)
	if normalize && sum > 0 {
		for k := range importances {
			importances[k] /= sum
		}
	}
	return importances, t.nodes() > 1
}
