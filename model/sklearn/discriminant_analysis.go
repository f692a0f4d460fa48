package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
)

// discriminantConverters holds the classes of sklearn.discriminant_analysis.
func discriminantConverters() map[string]converter {
	return map[string]converter{
		"sklearn.discriminant_analysis.LinearDiscriminantAnalysis":    {predict: predictLDA, transform: transformLDA},
		"sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis": {predict: predictQDA},
	}
}

// discriminantParams are the attributes that only the fit reads or that only describe it.
var discriminantParams = []string{"solver", "shrinkage", "priors", "n_components", "store_covariance", "tol", "covariance_estimator", "reg_param", "covariance_",
	"explained_variance_ratio_", "means_", "priors_", "xbar_", "scalings_", "_max_components", "_n_features_out", "rotations_"}

// predictLDA follows sklearn.discriminant_analysis.LinearDiscriminantAnalysis.predict_proba: the sigmoid of the decision, or the softmax.
func predictLDA(e *estimator, in matrix) prediction {
	e.ignores(discriminantParams...)
	e.denseOnly(in)
	classes, coef, ok := e.linearClasses(in)
	if !ok {
		return prediction{}
	}
	decision := coef.of(in, e.affine(in, coef))
	out := e.linearClassification(classes, decision)
	// linearProbabilities takes the softmax over a binary decision only where it stands for two
	out.probabilities = answer{e.linearProbabilities(decision.span, decision.span.N == 1), decision.tolerance, decision.reason}
	coef.steadyShares(e, decision.span, out.probabilities)
	return out
}

// transformLDA follows sklearn.discriminant_analysis.LinearDiscriminantAnalysis.transform: (X - xbar_) @ scalings_ for solver="svd", X @ scalings_ for
// "eigen", and the first _max_components columns.
func transformLDA(e *estimator, in matrix) matrix {
	e.ignores(discriminantParams...)
	e.ignores("coef_", "intercept_", "classes_")
	e.denseOnly(in)
	solver := e.str("solver", "svd", "eigen", "lsqr")
	if solver == "lsqr" {
		e.refuse(`solver "lsqr"`, "it has no transform: scikit-learn raises for every row", "refit with solver='svd' or 'eigen'")
		return unknownMatrix
	}
	scalings, rows, columns, ok := e.table("scalings_", in.width(), -1)
	if !ok {
		return unknownMatrix
	}
	e.refuseAllFloat32(in, "scalings_")
	span := e.c.checked(e, in, engine.Check{})
	if solver == "svd" {
		centred := e.c.b.Floats(int(span.N))
		e.c.b.Add(&engine.Arith{Op: "sub", In: span, Out: centred, Values: e.vector("xbar_", in.width())})
		span = centred
	}
	kept := min(columns, max(e.int("_max_components"), 0))
	return e.c.inexact(e.c.matMul(span, transposed(scalings, rows)[:kept*rows], kept, nil))
}

// predictQDA follows sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis._decision_function: for each class the squared length of the centred row in the scaled
// rotation, and the logarithms of scalings and prior.
func predictQDA(e *estimator, in matrix) prediction {
	e.ignores(discriminantParams...)
	e.denseOnly(in)
	classes := e.classes("classes_")
	if !e.atLeastTwo(classes) {
		return prediction{}
	}
	n, width := len(classes[0]), in.width()
	means, _, _, ok := e.table("means_", n, width)
	rotations, scalings := e.items("rotations_"), e.items("scalings_")
	if !ok || len(rotations) != n || len(scalings) != n {
		e.wrong("rotations_", e.get("rotations_"), fmt.Sprintf("a list of %d arrays, as scalings_", n))
		return prediction{}
	}
	span := e.c.checked(e, in, engine.Check{})
	b := e.c.b
	centred, scores := b.Floats(width), b.Floats(n)
	for k := range n {
		name := fmt.Sprintf("scalings_[%d]", k)
		scaling, _, t, err := denseArray(scalings[k])
		rotation, _, _, ok := e.tableOf(fmt.Sprintf("rotations_[%d]", k), rotations[k], width, len(scaling))
		if err != nil || !ok {
			e.wrong(name, scalings[k], "an array of numbers")
			return prediction{}
		}
		if t == float32Type {
			e.refuse(name+" is float32", "its powers and logarithms are those of numpy in float32, whose last bit is not promised", "refit on float64")
			return prediction{}
		}
		weights, logs := transposed(rotation, width), 0.0
		for i, s := range scaling {
			for j := range width {
				weights[i*width+j] *= math.Pow(s, -0.5)
			}
			logs += math.Log(s)
		}
		b.Add(&engine.Arith{Op: "sub", In: span, Out: centred, Values: means[k*width:][:width]})
		rotated := e.c.matMul(centred, weights, len(scaling), nil)
		b.Add(&engine.Map{Op: "square", In: rotated, Out: rotated})
		b.Add(&engine.MatMul{In: rotated, Out: engine.Span{Start: scores.Start + int32(k), N: 1}, Weights: slices.Repeat([]float64{1}, len(scaling)), Bias: []float64{logs}})
	}
	b.Add(&engine.Arith{Op: "mul", In: scores, Out: scores, Values: []float64{-0.5}})
	b.Add(&engine.Arith{Op: "add", In: scores, Out: scores, Values: logarithms(e.vector("priors_", n))})
	label, p := b.Floats(1), b.Floats(n)
	b.Add(&engine.ArgMax{In: scores, Out: label.Start})
	b.Add(&engine.Softmax{In: scores, Out: p})
	e.steadyShares(scores, p)
	decision := scores
	if n == 2 {
		decision = e.c.matMul(scores, []float64{-1, 1}, 1, nil)
		b.Add(&engine.Steady{In: scores, Out: decision, Bound: roundingTolerance, Errors: []float64{ulp, ulp}})
	}
	return prediction{
		task: classTask(classes), classes: classes, label: answer{span: label},
		probabilities: answer{p, roundingTolerance, ""}, decision: answer{decision, roundingTolerance, ""},
	}
}
