package sklearn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// featureSelectionConverters holds the classes of sklearn.feature_selection.
func featureSelectionConverters() map[string]converter {
	const univariate = "sklearn.feature_selection._univariate_selection."
	wrapper := converter{transform: selector((*estimator).fittedSupport), predict: predictRFE}
	return map[string]converter{
		"sklearn.feature_selection._variance_threshold.VarianceThreshold": {transform: selector((*estimator).varianceSupport)},
		univariate + "SelectKBest":                                        {transform: selector((*estimator).univariateSupport)},
		univariate + "SelectPercentile":                                   {transform: selector((*estimator).univariateSupport)},
		univariate + "SelectFpr":                                          {transform: selector((*estimator).univariateSupport)},
		univariate + "SelectFdr":                                          {transform: selector((*estimator).univariateSupport)},
		univariate + "SelectFwe":                                          {transform: selector((*estimator).univariateSupport)},
		univariate + "GenericUnivariateSelect":                            {transform: selector((*estimator).univariateSupport)},
		"sklearn.feature_selection._from_model.SelectFromModel":           {transform: selector((*estimator).modelSupport)},
		"sklearn.feature_selection._rfe.RFE":                              wrapper,
		"sklearn.feature_selection._rfe.RFECV":                            wrapper,
		"sklearn.feature_selection._sequential.SequentialFeatureSelector": {transform: selector((*estimator).fittedSupport)},
	}
}

// support is what a selector keeps: a flag for each column, and whether its transform checks nothing (the tag allow_nan).
type support struct {
	mask     []bool
	allowNaN bool
}

// selector is the transform of a class whose fit ends in a column mask (sklearn.feature_selection.SelectorMixin.transform).
func selector(read func(e *estimator, columns int) support) func(*estimator, matrix) matrix {
	return func(e *estimator, in matrix) matrix {
		s := read(e, in.width())
		if len(s.mask) != in.width() {
			e.refuse(fmt.Sprintf("a mask of %d columns", len(s.mask)), fmt.Sprintf("the input has %d", in.width()), "check that the file is whole and the estimator fitted")
			return unknownMatrix
		}
		if in.register != nil {
			if !s.allowNaN {
				e.c.b.Add(&engine.SparseCheck{In: in.register.Sparse})
			}
			if !slices.Contains(s.mask, true) {
				return matrix{}
			}
			return inRegister(e.c.selected(*in.register, s.mask))
		}
		// a DataFrame that stays one is neither checked nor converted
		if !in.frame || !e.setOutput() || !e.since(1, 3) {
			in = in.array()
			if !s.allowNaN {
				e.checkSelected(in)
			}
		}
		var kept []int
		for i, keep := range s.mask {
			if keep {
				kept = append(kept, i)
			}
		}
		out := in.pick(kept)
		out.sparse = in.sparse && len(kept) > 0 // numpy.empty(0) stands for no columns
		return out
	}
}

// checkSelected adds check_array(dtype=None): an array of objects may hold infinity, but no NaN.
func (e *estimator) checkSelected(in matrix) {
	objects := in.checkedType().kind == 'O'
	var numbers []int
	for i, col := range in.cols {
		switch {
		case !col.isText():
			if !objects || col.null().kind != missingNone {
				numbers = append(numbers, i)
			}
		case col.null().kind == missingNaN:
			missing := e.c.b.Floats(1)
			e.c.b.Add(&engine.IndicateText{In: e.c.text(e, col), Out: missing.Start, Missing: engine.MissingText})
			e.c.domain(in.pick([]int{i}), missing, engine.Domain{Min: []float64{0}, Max: []float64{0}})
		}
	}
	e.c.checked(e, in.pick(numbers), engine.Check{AllowInf: objects})
}

// fittedSupport reads support_, which RFE, RFECV and SequentialFeatureSelector store.
func (e *estimator) fittedSupport(int) support {
	e.ignores("n_features_to_select", "step", "importance_getter", "n_features_", "ranking_", "estimator_", "min_features_to_select", "cv", "scoring",
		"cv_results_", "tol", "direction", "n_features_to_select_", "grid_scores_", "step_scores_", "step_n_features_", "step_support_", "step_ranking_")
	var mask []bool
	for _, item := range e.items("support_") {
		keep, ok := item.(bool)
		if !ok {
			e.wrong("support_", item, "a boolean for each column")
		}
		mask = append(mask, keep)
	}
	return support{mask, e.allowsNaN(e.get("estimator"))}
}

// predictRFE follows sklearn.feature_selection.RFE.predict, predict_proba and decision_function: those of estimator_ on the columns that are kept.
func predictRFE(e *estimator, in matrix) prediction {
	out := selector((*estimator).fittedSupport)(e, in)
	child := e.child("estimator_", e.get("estimator_"))
	if child == nil {
		return prediction{}
	}
	return e.c.predict(child, e.configured(out))
}

// allowsNaN is the tag allow_nan of the estimator that a selector wraps.
func (e *estimator) allowsNaN(v pickle.Value) bool {
	obj, ok := v.(*pickle.Object)
	if !ok {
		return false
	}
	child := e.c.estimator(e.path, obj)
	criterion, _ := obj.Attr("criterion")
	known := e.since(1, 9) || slices.Contains([]pickle.Value{"gini", "log_loss", "entropy", "squared_error", "friedman_mse", "poisson"}, criterion)
	switch child.class {
	case "sklearn.tree._classes.DecisionTreeClassifier", "sklearn.tree._classes.DecisionTreeRegressor",
		"sklearn.tree._classes.ExtraTreeClassifier", "sklearn.tree._classes.ExtraTreeRegressor":
		return child.treesAllowNaN(matrix{})
	case "sklearn.ensemble._forest.RandomForestClassifier", "sklearn.ensemble._forest.RandomForestRegressor":
		return e.since(1, 4) && known
	case "sklearn.ensemble._forest.ExtraTreesClassifier", "sklearn.ensemble._forest.ExtraTreesRegressor":
		return e.since(1, 6) && known
	case "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
		"sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor", "sklearn.ensemble._iforest.IsolationForest":
		return true
	case "sklearn.ensemble._bagging.BaggingClassifier", "sklearn.ensemble._bagging.BaggingRegressor":
		inner, _ := obj.Attr("estimator")
		return e.since(1, 5) && (inner == nil || e.allowsNaN(inner))
	}
	return false
}

// varianceSupport follows VarianceThreshold._get_support_mask: variances_ > threshold.
func (e *estimator) varianceSupport(columns int) support {
	threshold := e.float("threshold")
	s := support{allowNaN: true}
	for _, v := range e.vector("variances_", columns) {
		s.mask = append(s.mask, v > threshold)
	}
	return s
}

// univariateSupport follows the _get_support_mask of the classes that select by the scores or p-values of single columns.
func (e *estimator) univariateSupport(columns int) support {
	e.ignores("score_func", "scores_", "pvalues_")
	mode, param := "", "param"
	switch e.class[len("sklearn.feature_selection._univariate_selection."):] {
	case "SelectKBest":
		mode, param = "k_best", "k"
	case "SelectPercentile":
		mode, param = "percentile", "percentile"
	case "SelectFpr":
		mode, param = "fpr", "alpha"
	case "SelectFdr":
		mode, param = "fdr", "alpha"
	case "SelectFwe":
		mode, param = "fwe", "alpha"
	default:
		mode = e.str("mode", "percentile", "k_best", "fpr", "fdr", "fwe")
	}
	if mode == "k_best" && e.get(param) == "all" {
		return support{mask: slices.Repeat([]bool{true}, columns)}
	}
	p := e.float(param)
	if _, isFloat := pickle.Plain(e.get(param)).(float64); isFloat && mode == "k_best" && p != 0 {
		e.wrong(param, e.get(param), "an integer where the mode is k_best: scikit-learn raises for every row otherwise")
	}
	switch mode {
	case "k_best":
		return support{mask: kBest(cleanNaN(e.vector("scores_", columns)), int(p))}
	case "percentile":
		return support{mask: percentileSupport(cleanNaN(e.vector("scores_", columns)), p)}
	case "fdr":
		return support{mask: fdrSupport(e.vector("pvalues_", columns), p)}
	case "fwe":
		p /= float64(columns)
	}
	mask := make([]bool, columns)
	for i, v := range e.vector("pvalues_", columns) {
		mask[i] = v < p
	}
	return support{mask: mask}
}

// cleanNaN is _clean_nans: a NaN is the smallest score.
func cleanNaN(scores []float64) []float64 {
	out := slices.Clone(scores)
	for i, v := range out {
		if math.IsNaN(v) {
			out[i] = -math.MaxFloat64
		}
	}
	return out
}

// kBest keeps the k largest scores; of equal ones the later.
func kBest(scores []float64, k int) []bool {
	mask := make([]bool, len(scores))
	order := indices(len(scores))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[a], scores[b]) })
	for _, i := range order[max(0, len(order)-k):] {
		mask[i] = true
	}
	return mask
}

// percentileSupport follows SelectPercentile._get_support_mask: of scores that are equal to the threshold, the first.
func percentileSupport(scores []float64, p float64) []bool {
	mask := make([]bool, len(scores))
	if len(scores) == 0 || p == 0 {
		return mask
	}
	threshold := percentile(scores, 100-p)
	kept := 0
	for i, v := range scores {
		if mask[i] = v > threshold || p == 100; mask[i] {
			kept++
		}
	}
	ties := int(float64(len(scores))*p/100) - kept
	tied := 0
	for _, v := range scores {
		if v == threshold {
			tied++
		}
	}
	if ties < 0 { // a slice to before the last ones
		ties = max(0, tied+ties)
	}
	for i, v := range scores {
		if v == threshold && ties > 0 {
			mask[i] = true
			ties--
		}
	}
	return mask
}

// percentile is numpy.percentile, linear.
func percentile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := float64(float64(len(sorted)-1) * (q / 100))
	low := int(math.Floor(at))
	if low >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	a, b, t := sorted[low], sorted[low+1], at-float64(low)
	if t >= 0.5 {
		return b - float64((b-a)*(1-t))
	}
	return a + float64((b-a)*t)
}

// fdrSupport is the Benjamini-Hochberg procedure of SelectFdr.
func fdrSupport(pvalues []float64, alpha float64) []bool {
	sorted := slices.Clone(pvalues)
	slices.SortFunc(sorted, func(a, b float64) int { // NaN last, as numpy sorts
		if math.IsNaN(a) || math.IsNaN(b) {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	})
	mask := make([]bool, len(pvalues))
	largest := math.Inf(-1)
	for i, p := range sorted {
		if p <= alpha/float64(len(sorted))*float64(i+1) {
			largest = max(largest, p)
		}
	}
	for i, p := range pvalues {
		mask[i] = p <= largest
	}
	return mask
}
