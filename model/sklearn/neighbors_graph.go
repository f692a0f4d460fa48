package sklearn

import (
	"fmt"

	"sklambda/model/engine"
)

// transformKNeighborsTransformer follows sklearn.neighbors.KNeighborsTransformer.transform: kneighbors_graph, with one neighbour more for distances.
func transformKNeighborsTransformer(e *estimator, in matrix) matrix {
	e.ignores("_n_features_out")
	x, ok := e.index(in)
	k := e.int("n_neighbors")
	mode := e.str("mode", "distance", "connectivity")
	if mode == "distance" {
		k++
		x.preciseGraph()
	}
	if !ok {
		return unknownMatrix
	}
	near, ok := x.nearest(k, nil)
	if !ok {
		return unknownMatrix
	}
	return x.graph(near, mode)
}

// graph is the row of the neighbours' graph.
func (x *index) graph(near found, mode string) matrix {
	out := x.e.c.b.Floats(x.points)
	step := &engine.Scatter{Neighborhood: engine.Neighborhood{Indices: near.indices, Count: near.count}, Out: out}
	if mode == "distance" {
		step.Weights = near.distances
	}
	x.e.c.b.Add(step)
	m := x.e.c.computed(out, matrix{sparse: true}, float64Type)
	for i := range m.cols {
		m.cols[i].inexact = mode == "distance" && !x.exact || x.in.tolerance() > 0
	}
	if mode == "distance" && x.products() {
		m.loosen(answer{tolerance: worstTolerance, reason: expandedSquares})
	}
	return m
}

// transformRadiusNeighborsTransformer follows sklearn.neighbors.RadiusNeighborsTransformer.transform: radius_neighbors_graph.
func transformRadiusNeighborsTransformer(e *estimator, in matrix) matrix {
	e.ignores("_n_features_out")
	x, ok := e.index(in)
	radius, mode := e.float("radius"), e.str("mode", "distance", "connectivity")
	if mode == "distance" {
		x.preciseGraph()
	}
	if !ok {
		return unknownMatrix
	}
	near, ok := x.within(radius)
	if !ok {
		return unknownMatrix
	}
	return x.graph(near, mode)
}

// predictLocalOutlierFactor follows sklearn.neighbors.LocalOutlierFactor.score_samples, decision_function and predict, which novelty=True offers.
func predictLocalOutlierFactor(e *estimator, in matrix) prediction {
	e.ignores("contamination", "negative_outlier_factor_")
	if !e.bool("novelty") {
		e.refuse("novelty is False", "it can tell outliers among its training rows alone", "refit with novelty=True")
	}
	x, ok := e.index(in)
	k, offset := e.int("n_neighbors_"), e.float("offset_")
	distances, densities := e.array("_distances_fit_X_"), e.vector("_lrd", x.points)
	all, err := distances.Float64s()
	if !ok {
		return prediction{}
	}
	if err != nil || len(distances.Shape) != 2 || distances.Shape[0] != x.points || k < 1 || distances.Shape[1] != k {
		e.wrong("_distances_fit_X_", distances, fmt.Sprintf("%d distances for each of %d points", k, x.points))
		return prediction{}
	}
	if in.checkedType() == float32Type {
		e.refuse("float32 input", "scikit-learn adds distances up in float32", "give this step float64")
		return prediction{}
	}
	x.precise()
	e.c.checked(e, in, engine.Check{}) // of score_samples, which no metric lets NaN through
	near, ok := x.nearest(k, nil)
	if !ok {
		return prediction{}
	}
	radii := make([]float64, x.points)
	for i := range radii {
		radii[i] = all[(i+1)*k-1]
	}
	score := e.c.b.Floats(1)
	e.c.b.Add(&engine.OutlierFactor{Neighborhood: engine.Neighborhood{Indices: near.indices, Weights: near.distances, Count: near.count},
		Out: score.Start, Radii: radii, Densities: densities})
	b := e.c.b
	decision := b.Floats(1)
	b.Add(&engine.Arith{Op: "sub", In: score, Out: decision, Values: []float64{offset}})
	// -1 where the decision is below 0: a NaN is 1
	opposite, below, label := b.Floats(1), b.Floats(1), b.Floats(1)
	b.Add(&engine.Map{Op: "negative", In: decision, Out: opposite})
	b.Add(&engine.Map{Op: "positive", In: opposite, Out: below})
	b.Add(&engine.Map{Op: "logical_not", In: below, Out: label})
	return outliers(label, decision, score)
}

// refuseNearestNeighbors refuses a search, which finds neighbours and predicts nothing.
func refuseNearestNeighbors(e *estimator, _ matrix) prediction {
	for _, p := range e.attributes() {
		e.ignores(p)
	}
	e.refuse("class NearestNeighbors", "it finds neighbours, and has neither predict nor transform", "use KNeighborsClassifier, KNeighborsRegressor or KNeighborsTransformer")
	return prediction{}
}

// transformNeighborhoodComponentsAnalysis follows sklearn.neighbors.NeighborhoodComponentsAnalysis.transform: X @ components_.T.
func transformNeighborhoodComponentsAnalysis(e *estimator, in matrix) matrix {
	e.ignores("n_components", "init", "warm_start", "max_iter", "tol", "callback", "random_state_", "n_iter_", "_n_features_out")
	components, n, _, ok := e.table("components_", -1, in.width())
	if in.sparse {
		e.refuse("sparse input", "it takes none: scikit-learn raises for every row", "give it dense input")
	}
	if !ok {
		return unknownMatrix
	}
	out := e.c.computed(e.c.matMul(e.c.checked(e, in, engine.Check{}), components, n, nil), matrix{}, float64Type)
	for i := range out.cols {
		out.cols[i].inexact = true
	}
	return out
}
