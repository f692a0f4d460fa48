package sklearn

import (
	"fmt"
	"math"
	"slices"
)

// pcaParams are the attributes that describe the fit of a PCA.
var pcaParams = []string{"n_components", "svd_solver", "tol", "iterated_power", "n_oversamples", "power_iteration_normalizer", "_fit_svd_solver",
	"noise_variance_", "n_samples_", "n_components_", "explained_variance_", "explained_variance_ratio_", "singular_values_", "batch_size", "n_samples_seen_", "var_", "batch_size_"}

// transformPCA follows sklearn.decomposition._base._BasePCA.transform: X @ components_.T - mean_ @ components_.T (before 1.5 the mean was
// subtracted first), divided by the deviations under whiten.
func transformPCA(e *estimator, in matrix) matrix {
	e.ignores(pcaParams...)
	span := e.finite(in, true)
	components, n, _, ok := e.table("components_", -1, in.width())
	mean := e.vector("mean_", in.width())
	if !ok {
		return unknownMatrix
	}
	var out matrix
	if e.since(1, 5) {
		out = e.dotProducts(span, components, n)
		e.c.arith("sub", e.c.numbers(e, out), e.c.numbers(e, out), multiply(components, mean, n, in.width(), 1), float64Type)
	} else {
		out = e.dotProducts(e.centered(span, mean), components, n)
	}
	scale := slices.Clone(e.vector("explained_variance_", n))
	sizes := productSizes(components, mean, scale)
	for i := range out.cols {
		out.cols[i].noise = 0x1p-52 * sizes[i]
	}
	if e.bool("whiten") {
		for i, v := range scale {
			scale[i] = math.Sqrt(v)
			if e.since(1, 5) {
				scale[i] = max(scale[i], 2.220446049250313e-16)
			}
		}
		e.c.arith("div", e.c.numbers(e, out), e.c.numbers(e, out), scale, float64Type)
		e.whitened(out, sizes, scale)
	}
	return out
}

// productSizes gives for each component the sum of the magnitudes that its product with an ordinary row adds up; variances are those of the components.
func productSizes(components, mean, variances []float64) []float64 {
	columns := make([]float64, len(mean)) // squares of the columns
	for j := range columns {
		columns[j] = float64(mean[j] * mean[j])
		for k, v := range variances {
			w := components[k*len(mean)+j]
			columns[j] += float64(v * w * w)
		}
	}
	sizes := make([]float64, len(variances))
	for k := range sizes {
		for j, square := range columns {
			sizes[k] += float64(math.Abs(components[k*len(mean)+j]) * math.Sqrt(square))
		}
	}
	return sizes
}

// whitened loosens the components whose deviations are so small against what their products add up that rounding errors show, and refuses those that are
// nothing else, as where a column repeats another: scikit-learn's own answers then differ in the first digit between batches.
func (e *estimator) whitened(out matrix, sizes, deviations []float64) {
	for i, deviation := range deviations {
		lost := sizes[i] * ulp / deviation
		why := fmt.Sprintf("component %d has the deviation %.2g, and its products the size %.2g", i, deviation, sizes[i])
		switch {
		case lost > worstTolerance:
			e.refuse("whiten is True", why+fmt.Sprintf(": rounding errors of %.1g are left in it, and scikit-learn's own answers differ by as much between batches", lost),
				fmt.Sprintf("refit with at most %d components, without columns that follow from others, or with a StandardScaler before it", i))
			return
		case lost > roundingTolerance:
			out.cols[i].loose, out.cols[i].why = lost, why
		}
		out.cols[i].noise = lost
	}
}

// predictPCA gives transform and score_samples of sklearn.decomposition.PCA.
func predictPCA(e *estimator, in matrix) prediction {
	out := transformPCA(e, in)
	covariance, ok := e.pcaCovariance(in.width())
	if out.unknown || !ok {
		return prediction{}
	}
	return e.gaussian(in, out, covariance)
}

// pcaCovariance follows _BasePCA.get_covariance.
func (e *estimator) pcaCovariance(columns int) ([]float64, bool) {
	components, n, _, ok := e.table("components_", -1, columns)
	variance, noise := e.vector("explained_variance_", n), e.float("noise_variance_")
	covariance := identity(columns)
	for i := range covariance {
		covariance[i] *= noise
	}
	whiten := e.bool("whiten")
	for k := range variance {
		above := variance[k] - noise
		if whiten { // the components count as scaled to their deviations
			above *= variance[k]
		}
		if above > 0 && ok {
			for i := range columns {
				for j := range columns {
					covariance[i*columns+j] += float64(float64(components[k*columns+i]*above) * components[k*columns+j])
				}
			}
		}
	}
	return covariance, ok
}
