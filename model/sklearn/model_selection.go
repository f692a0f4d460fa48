package sklearn

import (
	"fmt"
	"slices"
	"strings"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// modelSelectionConverters holds the classes of sklearn.model_selection and sklearn.frozen.
func modelSelectionConverters() map[string]converter {
	search := delegating("best_estimator_")
	return map[string]converter{
		"sklearn.model_selection._search.GridSearchCV":                                 search,
		"sklearn.model_selection._search.RandomizedSearchCV":                           search,
		"sklearn.model_selection._search_successive_halving.HalvingGridSearchCV":       search,
		"sklearn.model_selection._search_successive_halving.HalvingRandomSearchCV":     search,
		"sklearn.frozen._frozen.FrozenEstimator":                                       delegating("estimator"),
		"sklearn.model_selection._classification_threshold.FixedThresholdClassifier":   {predict: predictFixedThreshold, composite: true},
		"sklearn.model_selection._classification_threshold.TunedThresholdClassifierCV": {predict: predictTunedThreshold, composite: true},
	}
}

// searchParams are the attributes of a search (sklearn.model_selection._search.BaseSearchCV) beside the estimator that it found.
var searchParams = []string{"estimator", "param_grid", "param_distributions", "n_iter", "scoring", "refit", "cv", "pre_dispatch", "error_score", "return_train_score",
	"factor", "resource", "min_resources", "max_resources", "aggressive_elimination", "n_candidates", "best_score_", "best_params_", "best_index_", "cv_results_",
	"scorer_", "n_splits_", "refit_time_", "multimetric_", "n_resources_", "n_candidates_", "n_remaining_candidates_", "max_resources_", "min_resources_", "n_iterations_",
	"n_possible_iterations_", "n_required_iterations_", "min_resources_", "_checked_cv_orig", "_n_samples_orig", "_rng_cv"}

// delegating is the converter of an estimator that answers with another one, held in an attribute.
func delegating(attribute string) converter {
	inner := func(e *estimator) *estimator {
		e.ignores(searchParams...)
		v, ok := e.obj.Attr(attribute)
		e.ignores(attribute)
		if !ok {
			e.refuse("refit is "+describe(e.getOr("refit", nil)), "the search kept no fitted estimator, so it has no answer", "fit it with refit=True")
			return nil
		}
		return e.child(attribute, v)
	}
	return converter{
		transform: func(e *estimator, in matrix) matrix {
			if child := inner(e); child != nil {
				return e.c.transform(child, in)
			}
			return unknownMatrix
		},
		predict: func(e *estimator, in matrix) prediction {
			if child := inner(e); child != nil {
				return e.c.predict(child, in)
			}
			return prediction{}
		},
		delegate:  attribute,
		composite: true,
	}
}

// predictFixedThreshold follows sklearn.model_selection.FixedThresholdClassifier.predict.
func predictFixedThreshold(e *estimator, in matrix) prediction {
	p, ok := e.thresholded(in)
	if !ok {
		return prediction{}
	}
	threshold := e.get("threshold")
	at, isNumber := number(threshold)
	if !isNumber && threshold != "auto" {
		e.wrong("threshold", threshold, "auto or a number")
	}
	if threshold == "auto" && e.thresholdMethod(p) == "predict_proba" {
		at = 0.5
	}
	return e.labelled(p, at, e.get("pos_label"))
}

// predictTunedThreshold follows sklearn.model_selection.TunedThresholdClassifierCV.predict.
func predictTunedThreshold(e *estimator, in matrix) prediction {
	e.ignores("scoring", "thresholds", "cv", "refit", "store_cv_results", "best_score_", "cv_results_", "_curve_scorer")
	p, ok := e.thresholded(in)
	if !ok {
		return prediction{}
	}
	positive, ok := e.scorerPositive()
	if !ok {
		return prediction{}
	}
	return e.labelled(p, e.float("best_threshold_"), positive)
}

// thresholded compiles the classifier whose labels are decided anew.
func (e *estimator) thresholded(in matrix) (prediction, bool) {
	e.ignores("estimator")
	name := "estimator_"
	v, ok := e.obj.Attr(name)
	e.ignores(name)
	if !ok { // an estimator that was fitted before
		name = "estimator"
		v, _ = e.obj.Attr(name)
	}
	p, ok := e.member(name, v, in)
	if ok && p.task != model.Binary {
		e.refuse(name, "it does not tell two classes apart", "use a binary classifier")
		return p, false
	}
	return p, ok
}

// thresholdMethod is the method whose numbers are compared with the threshold.
func (e *estimator) thresholdMethod(p prediction) string {
	method := e.str("response_method", "auto", "predict_proba", "decision_function")
	if method == "auto" {
		method = "decision_function"
		if p.probabilities.span.N > 0 {
			method = "predict_proba"
		}
	}
	return method
}

// labelled decides the label: the positive class where its score is at least the threshold (sklearn.metrics._scorer._threshold_scores_to_class_labels).
// positive is pos_label, nil for the second class.
func (e *estimator) labelled(p prediction, threshold float64, positive pickle.Value) prediction {
	class := 1
	if positive != nil {
		raw, ok := jsonScalar(positive)
		class = slices.IndexFunc(p.classes[0], func(c model.Class) bool { return ok && sameLabel(string(c.RawMessage), string(raw)) })
		if class < 0 {
			e.wrong("pos_label", positive, "one of the classes")
			return prediction{}
		}
	}
	score, b := e.c.b.Floats(1), e.c.b
	switch e.thresholdMethod(p) {
	case "predict_proba":
		if p.probabilities.span.N != 2 {
			e.refuse("response_method", "the classifier has no predict_proba", "use decision_function")
			return prediction{}
		}
		b.Add(&engine.Select{From: []int32{p.probabilities.span.Start + int32(class)}, Out: score})
	default:
		if p.decision.span.N != 1 {
			e.refuse("response_method", "the classifier has no decision_function", "use predict_proba")
			return prediction{}
		}
		b.Add(&engine.Arith{Op: "mul", In: p.decision.span, Out: score, Values: []float64{float64(2*class - 1)}})
	}
	label := b.Floats(1)
	b.Add(&engine.Above{In: score.Start, Out: label.Start, Value: engine.Number64(threshold), OrEqual: true})
	if class == 0 {
		b.Add(&engine.Arith{Op: "rsub", In: label, Out: label, Values: []float64{1}})
	}
	p.label = answer{span: label}
	return p
}

// sameLabel compares labels as Python does: True is 1.
func sameLabel(a, b string) bool {
	if a == b {
		return true
	}
	truth := map[string]string{"true": "1", "false": "0"}
	asNumber := func(s string) string {
		if n, ok := truth[s]; ok {
			return n
		}
		return strings.TrimSuffix(s, ".0")
	}
	return asNumber(a) == asNumber(b) && a[0] != '"' && b[0] != '"'
}

// positiveOne are the functions of sklearn.metrics whose pos_label is 1 by default; the others that a scorer may be made of have none.
var positiveOne = []string{"f1_score", "fbeta_score", "precision_score", "recall_score", "jaccard_score", "average_precision_score"}

// noPositive are functions of sklearn.metrics without pos_label, or with None.
var noPositive = []string{"accuracy_score", "balanced_accuracy_score", "matthews_corrcoef", "cohen_kappa_score", "zero_one_loss", "hamming_loss", "roc_auc_score",
	"top_k_accuracy_score", "log_loss", "brier_score_loss", "d2_brier_score", "d2_log_loss_score", "mutual_info_score", "adjusted_mutual_info_score", "normalized_mutual_info_score",
	"rand_score", "adjusted_rand_score", "completeness_score", "homogeneity_score", "v_measure_score", "fowlkes_mallows_score", "class_likelihood_ratios", "hinge_loss",
	"positive_likelihood_ratio", "negative_likelihood_ratio", "r2_score", "explained_variance_score", "max_error", "d2_absolute_error_score", "mean_absolute_error",
	"median_absolute_error", "mean_absolute_percentage_error", "mean_squared_error", "root_mean_squared_error", "mean_squared_log_error", "root_mean_squared_log_error",
	"mean_poisson_deviance", "mean_gamma_deviance"}

// scorerPositive follows sklearn.metrics._scorer._BaseScorer._get_pos_label: the scorer's own pos_label, else the default of its function.
func (e *estimator) scorerPositive() (pickle.Value, bool) {
	scorer, ok := e.get("_curve_scorer").(*pickle.Object)
	if !ok {
		e.wrong("_curve_scorer", e.get("_curve_scorer"), "a scorer of scikit-learn")
		return nil, false
	}
	arguments, _ := scorer.Attr("_kwargs")
	if given, ok := arguments.(*pickle.Dict); ok {
		if v, ok := given.Get("pos_label"); ok {
			return pickle.Plain(v), true
		}
	}
	function, _ := scorer.Attr("_score_func")
	if f, ok := function.(*pickle.Global); ok && strings.HasPrefix(f.Module, "sklearn.metrics.") {
		switch {
		case slices.Contains(positiveOne, f.Name):
			return int64(1), true
		case slices.Contains(noPositive, f.Name):
			return nil, true
		}
	}
	e.refuse("scoring by "+describe(function), "the function is not known, so its pos_label is not", fmt.Sprintf("score by one of sklearn.metrics, such as %s", positiveOne[0]))
	return nil, false
}
