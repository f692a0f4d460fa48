package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// linearModelConverters holds the classes of sklearn.linear_model, and the linear machines of sklearn.svm.
func linearModelConverters() map[string]converter {
	converters := map[string]converter{
		"sklearn.linear_model._logistic.LogisticRegression":        {predict: predictLogisticRegression},
		"sklearn.linear_model._logistic.LogisticRegressionCV":      {predict: predictLogisticRegression},
		"sklearn.linear_model._stochastic_gradient.SGDClassifier":  {predict: predictSGDClassifier},
		"sklearn.linear_model._stochastic_gradient.SGDOneClassSVM": {predict: predictSGDOneClassSVM},
		"sklearn.linear_model._ridge.RidgeClassifier":              {predict: predictRidgeClassifier},
		"sklearn.linear_model._ridge.RidgeClassifierCV":            {predict: predictRidgeClassifier},
		"sklearn.linear_model._glm.glm.PoissonRegressor":           {predict: predictGeneralizedLinear},
		"sklearn.linear_model._glm.glm.GammaRegressor":             {predict: predictGeneralizedLinear},
		"sklearn.linear_model._glm.glm.TweedieRegressor":           {predict: predictTweedieRegressor},
		"sklearn.linear_model._ransac.RANSACRegressor":             {predict: predictRANSACRegressor},
	}
	for _, class := range []string{"_passive_aggressive.PassiveAggressiveClassifier", "_perceptron.Perceptron"} {
		converters["sklearn.linear_model."+class] = converter{predict: predictLinearClassifier}
	}
	converters["sklearn.svm._classes.LinearSVC"] = converter{predict: predictLinearClassifier}
	for _, class := range []string{
		"_base.LinearRegression", "_ridge.Ridge", "_ridge.RidgeCV", "_bayes.ARDRegression", "_bayes.BayesianRidge", "_huber.HuberRegressor",
		"_coordinate_descent.Lasso", "_coordinate_descent.LassoCV", "_coordinate_descent.ElasticNet", "_coordinate_descent.ElasticNetCV",
		"_coordinate_descent.MultiTaskLasso", "_coordinate_descent.MultiTaskLassoCV",
		"_coordinate_descent.MultiTaskElasticNet", "_coordinate_descent.MultiTaskElasticNetCV",
		"_least_angle.Lars", "_least_angle.LarsCV", "_least_angle.LassoLars", "_least_angle.LassoLarsCV", "_least_angle.LassoLarsIC",
		"_omp.OrthogonalMatchingPursuit", "_omp.OrthogonalMatchingPursuitCV", "_quantile.QuantileRegressor", "_theil_sen.TheilSenRegressor",
		"_stochastic_gradient.SGDRegressor", "_passive_aggressive.PassiveAggressiveRegressor",
	} {
		converters["sklearn.linear_model."+class] = converter{predict: predictLinearRegressor}
	}
	converters["sklearn.svm._classes.LinearSVR"] = converter{predict: predictLinearRegressor}
	return converters
}

// linearParams are the attributes of linear models that only the fit reads or that only describe it.
var linearParams = []string{"_alphas", "C", "C_", "Cs", "Cs_", "X_offset_", "X_scale_", "X_val", "_average_coef", "_average_intercept", "_base_loss",
	"_expanded_class_weight", "_loss_function_", "_standard_coef", "_standard_intercept", "active_", "alpha", "alpha_", "alpha_1", "alpha_2", "alpha_init",
	"alpha_per_target", "alphas", "alphas_", "average", "best_score_", "breakdown_", "class_weight", "coef_path_", "coefs_paths_", "compute_score", "copy_X",
	"criterion", "criterion_", "cv", "cv_alphas_", "cv_results_", "cv_values_", "dual", "dual_gap_", "early_stopping", "eps", "eps_", "epsilon", "eta0", "fit_intercept", "fit_path",
	"gcv_mode", "intercept_scaling", "jitter", "l1_ratio", "l1_ratio_", "l1_ratios", "l1_ratios_", "lambda_", "lambda_1", "lambda_2", "lambda_init", "learning_rate", "loss",
	"loss_function_", "max_iter", "max_n_alphas", "max_subpopulation", "mse_path_", "multi_class", "n_alphas", "n_iter", "n_iter_", "n_iter_no_change", "n_nonzero_coefs",
	"n_nonzero_coefs_", "n_subpopulation_", "n_subsamples", "noise_variance", "noise_variance_", "normalize", "nu", "outliers_", "penalty", "positive", "power_t",
	"precompute", "quantile", "rank_", "refit", "sample_weight_val", "scale_", "scores_", "scoring", "selection", "shuffle", "sigma_", "singular_", "solver", "solver_",
	"solver_options", "store_cv_results", "store_cv_values", "_store_cv_results", "t_", "threshold_lambda", "tol", "use_legacy_attributes", "validation_fraction", "warm_start", "y_val"}

// predictLinearRegressor follows sklearn.linear_model._base.LinearModel.predict: X @ coef_.T + intercept_.
func predictLinearRegressor(e *estimator, in matrix) prediction {
	e.ignores(linearParams...)
	coef := e.linear(in)
	coef.unchecked = in.sparse && slices.Contains(elasticNets, e.class)
	out := linearRegression(e.affine(in, coef))
	out.value = coef.of(in, out.value.span)
	return out
}

// elasticNets are the classes with ElasticNet._decision_function, which takes a sparse matrix as it is.
var elasticNets = []string{
	"sklearn.linear_model._coordinate_descent.ElasticNet", "sklearn.linear_model._coordinate_descent.Lasso",
	"sklearn.linear_model._coordinate_descent.MultiTaskElasticNet", "sklearn.linear_model._coordinate_descent.MultiTaskLasso",
}

// linearRegression is the prediction of a linear function, or of one behind a link.
func linearRegression(span engine.Span) prediction {
	task := model.Regression
	if span.N > 1 {
		task = model.MultioutputRegression
	}
	return prediction{task: task, value: answer{span, roundingTolerance, ""}}
}

// predictGeneralizedLinear follows sklearn.linear_model._glm.glm._GeneralizedLinearRegressor.predict with the log link, which
// HalfPoissonLoss and HalfGammaLoss have.
func predictGeneralizedLinear(e *estimator, in matrix) prediction {
	e.ignores(linearParams...)
	coef := e.linear(in)
	out := linearRegression(e.affine(in, coef))
	out.value = coef.of(in, out.value.span)
	e.c.b.Add(&engine.Map{Op: "exp", In: out.value.span, Out: out.value.span})
	return out
}

// predictTweedieRegressor follows sklearn.linear_model.TweedieRegressor._get_loss: link="auto" is the identity up to power 0, else the logarithm.
func predictTweedieRegressor(e *estimator, in matrix) prediction {
	link, power := e.str("link", "auto", "identity", "log"), e.float("power")
	if link == "identity" || link == "auto" && power <= 0 {
		return predictLinearRegressor(e, in)
	}
	return predictGeneralizedLinear(e, in)
}

// predictRANSACRegressor follows sklearn.linear_model.RANSACRegressor.predict: the answer of the estimator that was fitted on the inliers, which is
// given an array of numbers.
func predictRANSACRegressor(e *estimator, in matrix) prediction {
	e.ignores("estimator", "base_estimator", "is_data_valid", "is_model_valid", "loss", "max_skips", "max_trials", "min_samples", "residual_threshold",
		"stop_n_inliers", "stop_probability", "stop_score", "inlier_mask_", "n_skips_invalid_data_", "n_skips_invalid_model_", "n_skips_no_inliers_", "n_trials_")
	child := e.child("estimator_", e.get("estimator_"))
	if child == nil {
		return prediction{}
	}
	in = in.array()
	if in.checkedType() == objectType {
		in = in.withType(float64Type)
	}
	return e.c.predict(child, in)
}

// linear is a fitted linear function: coef row-major, a row for each output, and an intercept for each.
type linear struct {
	coef      []float64
	intercept []float64
	float32   bool
	// products is the largest sum of the magnitudes that an output adds up for an ordinary row of the sample; 0 where it is not known.
	products  float64
	unchecked bool // scikit-learn does not look for missing and infinite numbers
}

// of is the answer of the function for a matrix, whose columns may be loose.
func (l linear) of(in matrix, span engine.Span) answer {
	loose := in.asAnswer()
	if len(l.coef) == 0 || in.register != nil {
		return answer{span, roundingTolerance, ""}
	}
	if loose.tolerance <= roundingTolerance {
		return l.noisy(in, span)
	}
	steepest := 0.0
	for row := range slices.Chunk(l.coef, max(in.width(), 1)) {
		sum := 0.0
		for _, c := range row {
			sum += math.Abs(c)
		}
		steepest = max(steepest, sum)
	}
	return answer{span, min(max(loose.tolerance*steepest, l.cancellation()), worstTolerance), loose.reason}
}

// noisy is the answer of the function for a matrix whose columns have rounding noise.
func (l linear) noisy(in matrix, span engine.Span) answer {
	noise := 0.0
	for row := range slices.Chunk(l.coef, max(in.width(), 1)) {
		sum := 0.0
		for i, c := range row {
			sum += float64(math.Abs(c) * in.cols[i].noise)
		}
		noise = max(noise, sum)
	}
	switch bound := l.cancellation(); {
	case noise > bound:
		return answer{span, min(noise, worstTolerance), fmt.Sprintf("coefficients multiply the rounding errors of the columns, to %.0e", noise)}
	case bound > roundingTolerance:
		return answer{span, bound, fmt.Sprintf("products or coefficients of the size %.0e: rounding errors remain where they cancel", l.size())}
	}
	return answer{span, roundingTolerance, ""}
}

// size is the largest intercept or Euclidean length of the coefficients of an output, or what an ordinary row makes of them.
func (l linear) size() float64 {
	largest := l.products
	for k, b := range l.intercept {
		n := len(l.coef) / len(l.intercept)
		largest = max(largest, math.Abs(b), math.Sqrt(engine.Plain.SquaredNorm(l.coef[k*n:(k+1)*n])))
	}
	return largest
}

// cancellation is how far rounding may move the answer for an ordinary row, or one whose columns are about 1, or whose products take the intercept off again:
// roundingTolerance, or 8 ulps of so large products or coefficients, worstTolerance at most.
func (l linear) cancellation() float64 {
	lost := ulp * l.size()
	if !(lost > roundingTolerance) || math.IsInf(lost, 1) {
		return roundingTolerance
	}
	return min(8*lost, worstTolerance)
}

// steadyShares makes a row an error (engine.Unstable) whose decisions, of which the softmax takes the differences, are too large for their last bits: 4 ulps apart were
// measured between two orders of the sums.
func (l linear) steadyShares(e *estimator, decisions engine.Span, shares answer) {
	if decisions.N > 1 && l.cancellation() > roundingTolerance {
		e.c.b.Add(&engine.SteadyShares{Logs: decisions, Shares: shares.span, Unit: 8 * ulp, Bound: engine.Number64(shares.tolerance)})
	}
}

// steady makes a row an error (engine.Unstable) whose products are so large that they leave larger rounding errors than the function allows.
func (l linear) steady(e *estimator, in, out engine.Span) {
	if l.cancellation() > roundingTolerance {
		e.c.b.Add(l.steadyStep(in, out))
	}
}

// steadyStep looks for such rows.
func (l linear) steadyStep(in, out engine.Span) *engine.Steady {
	step := &engine.Steady{In: in, Out: out, Bound: engine.Number64(l.cancellation()), Errors: magnitudes(l.coef), Offsets: magnitudes(l.intercept)}
	for _, errors := range [][]float64{step.Errors, step.Offsets} {
		for i := range errors {
			errors[i] *= ulp
		}
	}
	return step
}

// linear reads coef_ and intercept_ for the columns of a matrix.
func (e *estimator) linear(in matrix) linear {
	v := e.get("coef_")
	coef, shape, t, err := denseArray(v)
	if err != nil || len(shape) == 0 || len(shape) > 2 || shape[len(shape)-1] != in.width() {
		e.refuse("coef_ is "+describe(v), fmt.Sprintf("allowed is an array of %d columns, as many as the step is given", in.width()),
			"check that the file is whole and the estimator fitted")
		return linear{intercept: make([]float64, 1)}
	}
	rows := 1
	if len(shape) == 2 {
		rows = shape[0]
	}
	return linear{coef: coef, intercept: e.intercept(rows), float32: t == float32Type, products: ordinaryProducts(in, coef)}
}

// ordinaryProducts is the largest sum of magnitudes of coefficients times columns, at the medians of the sample; computed columns count as 0.
func ordinaryProducts(in matrix, coef []float64) float64 {
	if in.register != nil || in.width() == 0 {
		return 0
	}
	largest := 0.0
	for row := range slices.Chunk(coef, in.width()) {
		sum := 0.0
		for i, c := range row {
			if f := in.cols[i].values; f != nil {
				sum += math.Abs(float64(c * f.sample.median()))
			}
		}
		largest = max(largest, sum)
	}
	return largest
}

// intercept reads intercept_, a number or an array of one number for each output (one number stands for all).
func (e *estimator) intercept(rows int) []float64 {
	v := e.get("intercept_")
	if f, ok := number(v); ok {
		return slices.Repeat([]float64{f}, rows)
	}
	a, ok := v.(*pickle.Array)
	if ok {
		if f, err := a.Float64s(); err == nil && (len(f) == rows || len(f) == 1) {
			return slices.Repeat(f, rows/len(f))
		}
	}
	e.wrong("intercept_", v, fmt.Sprintf("a number or an array of %d numbers", rows))
	return make([]float64, rows)
}

// affine adds X @ coef.T + intercept, after the check for finite numbers that LinearModel makes.
func (e *estimator) affine(in matrix, l linear) engine.Span {
	if l.float32 && in.resultType() == float32Type {
		e.refuseFloat32("coef_")
	}
	if in.register != nil {
		return e.affineOf(*in.register, l)
	}
	var span engine.Span
	if l.unchecked {
		span = e.c.numbers(e, in)
	} else {
		span = e.c.checked(e, in, engine.Check{})
	}
	out := e.c.b.Floats(len(l.intercept))
	if len(l.coef) == len(l.intercept)*int(span.N) {
		e.c.b.Add(&engine.MatMul{In: span, Out: out, Weights: l.coef, Bias: l.intercept})
		l.steady(e, span, out)
	}
	return out
}
