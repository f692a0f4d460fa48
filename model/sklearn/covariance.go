package sklearn

import (
	"fmt"
	"math"
)

// covarianceConverters holds the classes of sklearn.covariance that answer for new rows.
func covarianceConverters() map[string]converter {
	return map[string]converter{
		"sklearn.covariance._elliptic_envelope.EllipticEnvelope": {predict: predictEllipticEnvelope},
	}
}

// predictEllipticEnvelope follows sklearn.covariance.EllipticEnvelope: score_samples is the negative squared Mahalanobis distance.
func predictEllipticEnvelope(e *estimator, in matrix) prediction {
	e.ignores("assume_centered", "support_fraction", "contamination", "raw_location_", "raw_covariance_", "raw_support_", "support_", "dist_", "covariance_", "precision_")
	n := in.width()
	span := e.centered(e.finite(in, false), e.vector("location_", n))
	attribute := "covariance_"
	if e.bool("store_precision") {
		attribute = "precision_"
	}
	precision, _, _, ok := e.table(attribute, n, n)
	if !ok {
		return prediction{}
	}
	if attribute == "covariance_" { // scipy.linalg.pinvh: the inverse where there is one
		f := factor(precision, n)
		inverse := f.inverse()
		if condition := maxNorm(precision, n) * maxNorm(inverse, n); !f.regular || !(condition < 1e4) {
			e.refuse("store_precision is False", "the inverse of this covariance_ has too few digits", "refit with store_precision=True")
			return prediction{}
		}
		precision = inverse
	}
	score, decision := e.c.b.Floats(1), e.c.b.Floats(1)
	e.c.arith("mul", e.quadraticForm(span, precision), score, []float64{-1}, float64Type)
	offset := e.float("offset_")
	e.c.arith("sub", score, decision, []float64{offset}, float64Type)
	out := e.outlierDetection(decision, score, true)
	if lost := roundingTolerance * math.Abs(offset); lost > roundingTolerance { // what the score may be off by, where the decision is 0
		out.decision.tolerance = math.Min(lost, worstTolerance)
		out.decision.reason = fmt.Sprintf("the offset, %.3g, is taken off a score as large", offset)
	}
	return out
}
