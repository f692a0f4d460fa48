package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model"
	"sklambda/model/engine"
)

// decompositionConverters holds the classes of sklearn.decomposition, sklearn.cross_decomposition and sklearn.random_projection whose
// transform is a linear map.
func decompositionConverters() map[string]converter {
	pls := converter{transform: transformPLS, predict: predictPLS}
	return map[string]converter{
		"sklearn.decomposition._pca.PCA":                        {transform: transformPCA, predict: predictPCA},
		"sklearn.decomposition._incremental_pca.IncrementalPCA": {transform: transformPCA},
		"sklearn.decomposition._truncated_svd.TruncatedSVD":     {transform: transformTruncatedSVD},
		"sklearn.decomposition._factor_analysis.FactorAnalysis": {transform: transformFactorAnalysis, predict: predictFactorAnalysis},
		"sklearn.decomposition._fastica.FastICA":                {transform: transformFastICA},
		"sklearn.decomposition._sparse_pca.SparsePCA":           {transform: transformSparsePCA},
		"sklearn.decomposition._sparse_pca.MiniBatchSparsePCA":  {transform: transformSparsePCA},
		"sklearn.random_projection.GaussianRandomProjection":    {transform: transformRandomProjection},
		"sklearn.random_projection.SparseRandomProjection":      {transform: transformRandomProjection},
		"sklearn.cross_decomposition._pls.PLSRegression":        pls,
		"sklearn.cross_decomposition._pls.PLSCanonical":         pls,
		"sklearn.cross_decomposition._pls.CCA":                  pls,
		"sklearn.cross_decomposition._pls.PLSSVD":               {transform: transformPLS},
	}
}

// finite is the input of a decomposition, which computes in float64: checked to be finite.
func (e *estimator) finite(in matrix, takesSparse bool) engine.Span {
	if in.sparse && !takesSparse {
		e.refuse("sparse input", "it takes none: scikit-learn raises for every row", "let the step before give dense output")
	}
	e.needsFloat64(in, "it adds products up")
	return e.c.checked(e, in, engine.Check{})
}

// dotProducts is the matrix span @ weights.T, weights a row for each output.
func (e *estimator) dotProducts(span engine.Span, weights []float64, outputs int) matrix {
	return computedColumns(e.c.matMul(span, weights, outputs, nil))
}

// computedColumns are columns that no single input column made, inexact.
func computedColumns(span engine.Span) matrix {
	m := matrix{}
	for i := range span.N {
		m.cols = append(m.cols, column{laid: true, slot: span.Start + i, dtype: float64Type, origin: -1, inexact: true})
	}
	return m
}

// centered subtracts a vector from a span.
func (e *estimator) centered(span engine.Span, mean []float64) engine.Span {
	out := e.c.b.Floats(int(span.N))
	e.c.arith("sub", span, out, mean, float64Type)
	return out
}

// gaussian gives a transform with score_samples: the log-likelihood of a row under a normal distribution around mean_. The precision is the inverse
// of the covariance, of which scikit-learn and this package lose as many digits as the condition number has: with too few left, score_samples is left out.
func (e *estimator) gaussian(in, out matrix, covariance []float64) prediction {
	n := in.width()
	if out.width() == 0 {
		e.refuseEmpty()
		return prediction{}
	}
	answers := prediction{task: model.Transform, value: answer{span: e.c.numbers(e, out), tolerance: roundingTolerance}}
	if in.sparse {
		e.leaveOut("score_samples", "it takes no sparse input")
		return answers
	}
	f := factor(covariance, n)
	condition := math.Inf(1)
	var precision []float64
	if f.regular {
		precision = f.inverse()
		condition = maxNorm(covariance, n) * maxNorm(precision, n)
	}
	const worst = 1e7 // measured on 300 random covariances: at most 2e-16 times the condition number, two algorithms apart
	if !(condition < worst) {
		e.leaveOut("score_samples", fmt.Sprintf("the covariance has the condition number %.1g, so its inverse has too few digits; scale the columns before it to have it", condition))
		return answers
	}
	centered := e.centered(e.c.numbers(e, in), e.vector("mean_", n))
	square := e.quadraticForm(centered, precision)
	score := e.c.b.Floats(1)
	e.c.arith("mul", square, score, []float64{-0.5}, float64Type)
	e.c.arith("sub", score, score, []float64{0.5 * (float64(float64(n)*math.Log(2*math.Pi)) + f.logDet())}, float64Type)
	answers.score = answer{span: score, tolerance: roundingTolerance}
	if condition > 1000 {
		answers.score.tolerance = min(1e-9, 1e-15*condition)
		answers.score.reason = fmt.Sprintf("the inverse of a covariance with the condition number %.0f", condition)
	}
	return answers
}

// leaveOut notes that the answers of a transformer do without a method's.
func (e *estimator) leaveOut(method, why string) {
	e.c.leftOut = append(e.c.leftOut, fmt.Sprintf("%s (%s): the answers have no %s: %s", e.path, e.class, method, why))
}

// maxNorm is the largest sum of absolute values of a row.
func maxNorm(a []float64, n int) float64 {
	largest := 0.0
	for i := range n {
		sum := 0.0
		for _, v := range a[i*n : (i+1)*n] {
			sum += math.Abs(v)
		}
		largest = max(largest, sum)
	}
	return largest
}

// quadraticForm is x @ a @ x of each row, for a symmetric a.
func (e *estimator) quadraticForm(span engine.Span, a []float64) engine.Span {
	product := e.c.matMul(span, a, int(span.N), nil)
	e.c.b.Add(&engine.Pair{Op: "mul", Left: product, Right: span, Out: product})
	return e.c.matMul(product, slices.Repeat([]float64{1}, int(span.N)), 1, nil)
}

// transformTruncatedSVD follows sklearn.decomposition.TruncatedSVD.transform: X @ components_.T.
func transformTruncatedSVD(e *estimator, in matrix) matrix {
	e.ignores("algorithm", "n_components", "n_iter", "n_oversamples", "power_iteration_normalizer", "tol", "explained_variance_",
		"explained_variance_ratio_", "singular_values_")
	return e.projected(in, "components_")
}

// projected is X @ attribute.T.
func (e *estimator) projected(in matrix, attribute string) matrix {
	weights, n, _, ok := e.table(attribute, -1, in.width())
	if !ok {
		return unknownMatrix
	}
	if in.register != nil {
		e.needsFloat64(in, "it adds products up")
		return computedColumns(e.affineOf(*in.register, linear{coef: weights, intercept: make([]float64, n)}))
	}
	span := e.finite(in, true)
	return e.dotProducts(span, weights, n)
}

// transformRandomProjection follows sklearn.random_projection: X @ components_.T, sparse for a sparse X unless dense_output.
func transformRandomProjection(e *estimator, in matrix) matrix {
	e.ignores("n_components", "eps", "compute_inverse_components", "inverse_components_", "density", "density_", "n_components_", "_n_features_out")
	out := e.projected(in, "components_")
	dense := !e.has("dense_output") || e.bool("dense_output")
	out.sparse = in.sparse && !dense
	return out
}

// transformFastICA follows sklearn.decomposition.FastICA.transform.
func transformFastICA(e *estimator, in matrix) matrix {
	e.ignores("n_components", "algorithm", "fun", "fun_args", "max_iter", "tol", "w_init", "whiten_solver", "n_iter_", "whitening_", "mixing_", "_unmixing", "_whiten")
	span := e.finite(in, false)
	components, n, _, ok := e.table("components_", -1, in.width())
	if !ok {
		return unknownMatrix
	}
	if whiten := e.get("whiten"); whiten != false {
		span = e.centered(span, e.vector("mean_", in.width()))
	}
	return e.dotProducts(span, components, n)
}

// transformFactorAnalysis follows sklearn.decomposition.FactorAnalysis.transform: the expectation of the factors, given the row.
func transformFactorAnalysis(e *estimator, in matrix) matrix {
	e.ignores("n_components", "tol", "max_iter", "svd_method", "noise_variance_init", "iterated_power", "rotation", "loglike_", "n_iter_")
	span := e.finite(in, false)
	components, n, _, ok := e.table("components_", -1, in.width())
	noise, mean := e.vector("noise_variance_", in.width()), e.vector("mean_", in.width())
	if !ok {
		return unknownMatrix
	}
	scaled := slices.Clone(components)
	for i := range scaled {
		scaled[i] /= noise[i%in.width()]
	}
	inner := multiply(scaled, transposed(components, n), n, in.width(), n)
	for i := range n {
		inner[i*n+i]++
	}
	f := factor(inner, n)
	if !f.regular {
		e.refuse("components_", "they and noise_variance_ have no inverse", "refit with fewer components")
		return unknownMatrix
	}
	tmp := e.c.matMul(e.centered(span, mean), scaled, n, nil)
	return e.dotProducts(tmp, transposed(f.inverse(), n), n)
}

// predictFactorAnalysis gives transform and score_samples of sklearn.decomposition.FactorAnalysis.
func predictFactorAnalysis(e *estimator, in matrix) prediction {
	out := transformFactorAnalysis(e, in)
	if out.unknown {
		return prediction{}
	}
	components, n, _, _ := e.table("components_", -1, in.width())
	covariance := multiply(transposed(components, n), components, in.width(), n, in.width())
	for i, v := range e.vector("noise_variance_", in.width()) {
		covariance[i*in.width()+i] += v
	}
	return e.gaussian(in, out, covariance)
}

// transformSparsePCA follows sklearn.decomposition._sparse_pca._BaseSparsePCA.transform: a ridge regression of the centred row on the
// components, solved by sklearn.linear_model._ridge._solve_cholesky.
func transformSparsePCA(e *estimator, in matrix) matrix {
	e.ignores("n_iter", "n_components", "alpha", "max_iter", "tol", "method", "U_init", "V_init", "n_iter_", "n_components_", "error_", "callback", "batch_size",
		"shuffle", "max_no_improvement")
	span := e.finite(in, false)
	components, n, _, ok := e.table("components_", -1, in.width())
	mean, alpha := e.vector("mean_", in.width()), e.float("ridge_alpha")
	if !ok {
		return unknownMatrix
	}
	gram := multiply(components, transposed(components, n), n, in.width(), n)
	for i := range n {
		gram[i*n+i] += alpha
	}
	f := factor(gram, n)
	if !f.regular {
		e.refuse("components_", "they have no inverse, and ridge_alpha is "+describe(alpha), "refit with a ridge_alpha above 0")
		return unknownMatrix
	}
	centered, weights := e.centered(span, mean), f.solve(components, in.width())
	out := e.dotProducts(centered, weights, n)
	e.steady(centered, out, e.solutionErrors(gram, f.inverse(), components, weights, n))
	return out
}

// solutionErrors bounds the errors of the weights gram⁻¹ @ components, n × columns, each for scikit-learn's solution of one row: 2⁻⁵¹ of the magnitudes that are added up
// on the way, times what gram⁻¹ makes of them (Higham, Accuracy and Stability of Numerical Algorithms, 10.4).
func (e *estimator) solutionErrors(gram, inverse, components, weights []float64, n int) []float64 {
	width := len(components) / n
	sums := multiply(magnitudes(gram), magnitudes(weights), n, n, width)
	for i, v := range components {
		sums[i] = 0x1p-51 * (sums[i] + math.Abs(v))
	}
	return multiply(magnitudes(inverse), sums, n, n, width)
}

// plsParams are the attributes that describe the fit of the classes of cross_decomposition.
var plsParams = []string{"n_components", "deflation_mode", "mode", "scale", "algorithm", "max_iter", "tol", "_norm_y_weights", "y_weights_", "_x_scores",
	"_y_scores", "x_loadings_", "y_loadings_", "n_iter_", "x_rotations_", "y_rotations_", "_n_features_out", "x_scores_", "y_scores_", "_coef_", "coef_", "intercept_",
	"_y_mean", "_y_std", "x_weights_", "_predict_1d", "_x_mean", "_x_std", "_coef_no_warning"}

// transformPLS follows sklearn.cross_decomposition._pls._PLS.transform and PLSSVD.transform.
func transformPLS(e *estimator, in matrix) matrix {
	e.ignores(plsParams...)
	attribute := "x_rotations_"
	if e.class == "sklearn.cross_decomposition._pls.PLSSVD" {
		attribute = "x_weights_"
	}
	rotations, rows, n, ok := e.table(attribute, in.width(), -1)
	if !ok {
		return unknownMatrix
	}
	span := e.centered(e.finite(in, false), e.vector("_x_mean", in.width()))
	e.c.arith("div", span, span, e.vector("_x_std", in.width()), float64Type)
	return e.dotProducts(span, transposed(rotations, rows), n)
}

// predictPLS follows sklearn.cross_decomposition._pls._PLS.predict: (X - _x_mean) @ coef_.T + intercept_. Before 1.5 coef_, which before 1.3 was
// _coef_, was that of scaled columns, and X was divided by _x_std.
func predictPLS(e *estimator, in matrix) prediction {
	e.ignores(plsParams...)
	span := e.centered(e.finite(in, false), e.vector("_x_mean", in.width()))
	attribute := "coef_"
	if !e.since(1, 3) {
		attribute = "_coef_"
	}
	if !e.since(1, 5) {
		e.c.arith("div", span, span, e.vector("_x_std", in.width()), float64Type)
	}
	coef, n, _, ok := e.table(attribute, -1, in.width())
	if !ok {
		return prediction{}
	}
	value := answer{span: e.c.matMul(span, coef, n, e.intercept(n)), tolerance: roundingTolerance}
	if n > 1 {
		return prediction{task: model.MultioutputRegression, value: value}
	}
	return prediction{task: model.Regression, value: value}
}
