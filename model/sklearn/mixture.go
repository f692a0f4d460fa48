package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// mixtureConverters holds the classes of sklearn.mixture.
func mixtureConverters() map[string]converter {
	return map[string]converter{
		"sklearn.mixture._gaussian_mixture.GaussianMixture":         {predict: predictGaussianMixture},
		"sklearn.mixture._bayesian_mixture.BayesianGaussianMixture": {predict: predictBayesianGaussianMixture},
	}
}

// mixtureParams are the attributes that only the fit reads.
var mixtureParams = []string{"n_components", "tol", "reg_covar", "max_iter", "n_init", "init_params", "warm_start", "verbose_interval", "weights_init", "means_init",
	"precisions_init", "covariances_", "precisions_", "converged_", "n_iter_", "lower_bound_", "lower_bounds_", "weight_concentration_prior",
	"weight_concentration_prior_", "mean_precision_prior", "mean_precision_prior_", "mean_prior", "mean_prior_", "degrees_of_freedom_prior",
	"degrees_of_freedom_prior_", "covariance_prior", "covariance_prior_"}

// predictGaussianMixture follows sklearn.mixture.GaussianMixture: the logarithm of each component's density plus that of its weight.
func predictGaussianMixture(e *estimator, in matrix) prediction {
	offsets := e.vector("weights_", -1)
	for i, w := range offsets {
		offsets[i] = math.Log(w)
	}
	return e.mixture(in, offsets)
}

// predictBayesianGaussianMixture follows sklearn.mixture.BayesianGaussianMixture._estimate_log_prob and _estimate_log_weights.
func predictBayesianGaussianMixture(e *estimator, in matrix) prediction {
	e.ignores("weights_")
	offsets := e.logWeights()
	precision := e.vector("mean_precision_", len(offsets))
	var freedom []float64
	if f, ok := number(e.get("degrees_of_freedom_")); ok { // of a tied covariance
		freedom = slices.Repeat([]float64{f}, len(offsets))
	} else {
		freedom = e.vector("degrees_of_freedom_", len(offsets))
	}
	d := float64(in.width())
	for k := range offsets {
		logLambda := d * math.Log(2)
		for i := range in.width() {
			logLambda += digamma(0.5 * (freedom[k] - float64(i)))
		}
		offsets[k] += float64(-0.5*d*math.Log(freedom[k])) + float64(0.5*(logLambda-d/precision[k]))
	}
	return e.mixture(in, offsets)
}

// logWeights is BayesianGaussianMixture._estimate_log_weights.
func (e *estimator) logWeights() []float64 {
	v := e.get("weight_concentration_")
	if e.str("weight_concentration_prior_type", "dirichlet_process", "dirichlet_distribution") == "dirichlet_distribution" {
		a := e.vector("weight_concentration_", -1)
		total := digamma(numpySum(a))
		for i, w := range a {
			a[i] = digamma(w) - total
		}
		return a
	}
	parts, ok := sequence(v)
	var ab [2][]float64
	for i := range ab {
		if ok && len(parts) == 2 {
			if a, isArray := parts[i].(*pickle.Array); isArray {
				ab[i], _ = a.Float64s()
			}
		}
	}
	if len(ab[0]) == 0 || len(ab[0]) != len(ab[1]) {
		e.wrong("weight_concentration_", v, "two arrays of a number for each component")
		return nil
	}
	out, rest := make([]float64, len(ab[0])), 0.0
	for k, a := range ab[0] {
		total := digamma(a + ab[1][k])
		out[k] = digamma(a) - total + rest
		rest += digamma(ab[1][k]) - total
	}
	return out
}

// mixture adds the densities, with an offset for each component, and what sklearn.mixture._base.BaseMixture makes of them.
func (e *estimator) mixture(in matrix, offsets []float64) prediction {
	e.ignores(mixtureParams...)
	k, d := len(offsets), in.width()
	means, _, _, ok := e.table("means_", k, d)
	covariance := e.str("covariance_type", "full", "tied", "diag", "spherical")
	if !ok || k == 0 {
		return prediction{}
	}
	switch t := in.checkedType(); {
	case in.sparse:
		e.refuse("sparse input", "a mixture takes none: scikit-learn raises for every row", "give it dense input")
		return prediction{}
	case t == float32Type:
		e.refuse("float32 input", "scikit-learn adds the products up in float32, in an order that it does not promise", "give this step float64")
		return prediction{}
	case t.kind != 'f' && t.kind != 'O' && e.since(1, 8) && (covariance == "full" || covariance == "tied"):
		e.refuse("a table of integers alone", "since scikit-learn 1.8 squared distances are cut to whole numbers then", "give this step float64 columns, for example behind StandardScaler")
		return prediction{}
	}
	step := &engine.Gaussians{Covariance: covariance, Offsets: offsets}
	scale, ok := e.gaussians(step, means, k, d)
	if !ok {
		return prediction{}
	}
	b := e.c.b
	step.In, step.Out = e.c.checked(e, in, engine.Check{}), b.Floats(k)
	b.Add(step)
	label, score, probabilities := b.Floats(1), b.Floats(1), b.Floats(k)
	b.Add(&engine.ArgMax{In: step.Out, Out: label.Start})
	b.Add(&engine.LogSumExp{In: step.Out, Out: score.Start})
	// exp(v - logsumexp): a softmax has digits that scikit-learn loses where the logarithms are large
	b.Add(&engine.LogSoftmax{In: step.Out, Out: probabilities})
	b.Add(&engine.Map{Op: "exp", In: probabilities, Out: probabilities})
	out := clustering(label, k)
	out.probabilities, out.score = gaussianAnswer(probabilities, scale), gaussianAnswer(score, scale)
	return out
}

// gaussianAnswer bounds an answer by the digits that scikit-learn itself loses: it subtracts mean·factor, or squares, of the magnitude of scale, each with a rounding error.
func gaussianAnswer(span engine.Span, scale float64) answer {
	const digits = 0x1p-50
	if tolerance := digits * scale; tolerance > roundingTolerance {
		return answer{span, math.Min(tolerance, 1e-9), fmt.Sprintf("the means are far from 0 for their covariances: scikit-learn subtracts numbers up to %.2g, whose last bits depend on the BLAS", scale)}
	}
	return answer{span, roundingTolerance, ""}
}

// gaussians fills in the step for precisions_cholesky_, and returns the magnitude of the numbers that are subtracted.
func (e *estimator) gaussians(step *engine.Gaussians, means []float64, k, d int) (scale float64, ok bool) {
	chol := e.array("precisions_cholesky_")
	factors, err := chol.Float64s()
	want := map[string]int{"full": k * d * d, "tied": d * d, "diag": k * d, "spherical": k}[step.Covariance]
	if err != nil || len(factors) != want || want == 0 {
		e.wrong("precisions_cholesky_", chol, fmt.Sprintf("%d numbers for the covariance type %s", want, step.Covariance))
		return 0, false
	}
	step.Shifts, step.LogDets = make([]float64, k*d), make([]float64, k)
	for c := range k {
		mean, shift := means[c*d:(c+1)*d], step.Shifts[c*d:(c+1)*d]
		var size float64
		switch step.Covariance {
		case "full", "tied":
			factor := factors
			if step.Covariance == "full" {
				factor = factors[c*d*d : (c+1)*d*d]
			}
			size = 8 * math.Sqrt(step.AddFactor(c, mean, factor))
		case "diag":
			size = diagonal(step, c, mean, shift, factors[c*d:(c+1)*d])
		case "spherical":
			copy(shift, mean)
			precision := factors[c] * factors[c]
			step.Factors = append(step.Factors, precision)
			step.LogDets[c] = float64(d) * math.Log(factors[c])
			size = squares(mean) * precision
			step.Squares = append(step.Squares, size)
		}
		scale = math.Max(scale, size)
	}
	return scale, true
}

// diagonal fills in component c of a diagonal covariance.
func diagonal(step *engine.Gaussians, c int, mean, shift, chol []float64) float64 {
	terms, logs := make([]float64, len(mean)), make([]float64, len(mean))
	for j, m := range mean {
		precision := chol[j] * chol[j]
		step.Factors = append(step.Factors, precision)
		shift[j], terms[j], logs[j] = m*precision, float64(m*m)*precision, math.Log(chol[j])
	}
	step.LogDets[c] = numpySum(logs)
	step.Squares = append(step.Squares, numpySum(terms))
	return numpySum(terms)
}

// squares is numpy.sum(v**2).
func squares(v []float64) float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = x * x
	}
	return numpySum(out)
}

// digamma is scipy.special.digamma for positive numbers: the asymptotic series, after the recurrence has made the number large.
func digamma(x float64) float64 {
	shift := 0.0
	for ; x < 12; x++ {
		shift -= 1 / x
	}
	inverse := 1 / (x * x)
	series := 0.0
	for _, c := range []float64{-691. / 32760, 1. / 132, -1. / 240, 1. / 252, -1. / 120, 1. / 12} {
		series = float64(series*inverse) + c
	}
	return shift + math.Log(x) - 0.5/x - float64(series*inverse)
}
