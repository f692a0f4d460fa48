package sklearn

import "sklambda/model/engine"

// This file has what scikit-learn computes in float32, because the members of an ensemble answer in float32, as XGBoost does.

// pairwiseFrom is how many numbers numpy adds up in another order than their own, where they lie side by side.
const pairwiseFrom = 8

// single reports whether all members answer in float32.
func single(members []prediction) bool {
	for _, p := range members {
		if !p.float32 {
			return false
		}
	}
	return len(members) > 0
}

// singleType is the dtype of numbers that are float32 or not.
func singleType(isFloat32 bool) dtype {
	if isFloat32 {
		return float32Type
	}
	return float64Type
}

// singleMean is the mean of answers in float32: each sum is rounded, and the quotient.
func (e *estimator) singleMean(answers []answer) answer {
	out := e.c.copied(answers[0].span)
	for _, a := range answers[1:] {
		e.c.b.Add(&engine.Pair{Op: "add", Left: out, Right: a.span, Out: out})
		e.c.b.Add(&engine.Map{Op: "float32", In: out, Out: out})
	}
	e.c.arith("div", out, out, []float64{float64(len(answers))}, float32Type)
	mean := worst(out, answers...)
	if len(answers) >= pairwiseFrom && mean.tolerance < float32Tolerance {
		mean.tolerance, mean.reason = float32Tolerance, "numpy adds the members up in float32, of a row alone in another order than in a batch"
	}
	return mean
}
