package sklearn

import (
	"sklambda/model/engine"
)

// predictLabelPropagation follows sklearn.semi_supervised.LabelPropagation and LabelSpreading: the distributions of the training points, weighted by the kernel and
// divided by their sum. A row that no point has a weight for has NaN, and the first class.
func predictLabelPropagation(e *estimator, in matrix) prediction {
	e.ignores("max_iter", "tol", "alpha", "n_neighbors", "gamma", "n_iter_", "transduction_", "X_", "nn_fit")
	classes := e.classes("classes_")
	kernel, ok := e.kernelName()
	if !ok || !e.atLeastTwo(classes) {
		return prediction{}
	}
	distributions, n, _, ok := e.table("label_distributions_", -1, totalClasses(classes))
	if !ok {
		return prediction{}
	}
	shares := e.c.b.Floats(totalClasses(classes))
	switch kernel {
	case "knn":
		ok = e.neighborShares(in, shares, distributions)
	case "rbf":
		ok = e.kernelShares(in, shares, distributions, n)
	default:
		e.wrong("kernel", kernel, "knn, rbf")
		ok = false
	}
	if !ok {
		return prediction{}
	}
	e.c.b.Add(&engine.Normalize{In: shares, Out: shares, ZeroSum: "nan"})
	out := prediction{task: classTask(classes), classes: classes, label: e.c.argMax(shares)}
	out.probabilities = answer{span: shares, tolerance: roundingTolerance}
	return out
}

// neighborShares adds the distributions of the nearest points, which nn_fit finds.
func (e *estimator) neighborShares(in matrix, out engine.Span, distributions []float64) bool {
	search := e.child("nn_fit", e.get("nn_fit"))
	if search == nil {
		return false
	}
	x, ok := search.index(in)
	k := search.int("n_neighbors")
	search.close()
	if !ok || x.points*int(out.N) != len(distributions) {
		return false
	}
	near, ok := x.nearest(k, nil)
	if ok {
		e.c.b.Add(&engine.Average{Neighborhood: engine.Neighborhood{Indices: near.indices, Count: near.count}, Out: out, Sum: true, Values: distributions})
	}
	return ok
}

// kernelShares adds the distributions of all points, weighted by rbf_kernel(X_, X).
func (e *estimator) kernelShares(in matrix, out engine.Span, distributions []float64, n int) bool {
	if in.floatType() == float32Type {
		e.refuseFloat32("X_")
		return false
	}
	x, ok := e.centers(in, "X_", engine.Paired)
	if !ok || x.points != n {
		return false
	}
	x.metric.Name, x.rowLast = "sqeuclidean", true
	weights := x.distances(x.span)
	e.c.arith("mul", weights, weights, []float64{-e.float("gamma")}, float64Type)
	e.c.b.Add(&engine.Map{Op: "exp", In: weights, Out: weights})
	e.c.b.Add(&engine.MatMul{In: weights, Out: out, Weights: transposed(distributions, n)})
	return true
}
