package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
)

// predictNearestCentroid follows sklearn.neighbors.NearestCentroid: predict takes the nearest centroid if all classes are equally likely, and
// DiscriminantAnalysisPredictionMixin.predict otherwise (since 1.6).
func predictNearestCentroid(e *estimator, in matrix) prediction {
	e.ignores("shrink_threshold", "deviations_", "priors")
	metric := e.str("metric", "euclidean", "manhattan")
	classes := e.classes("classes_")
	n := len(classes[0])
	centroids, shape, _, err := denseArray(e.get("centroids_"))
	if !e.atLeastTwo(classes) {
		return prediction{}
	}
	if err != nil || len(shape) != 2 || shape[0] != n || shape[1] != in.width() {
		e.wrong("centroids_", e.get("centroids_"), fmt.Sprintf("%d points of %d columns", n, in.width()))
		return prediction{}
	}
	if in.checkedType() == float32Type && metric == "manhattan" {
		in = in.withType(float64Type) // the centroids are float64
	}
	x := index{e: e, in: in, search: engine.Heap, points: n, data: centroids, metric: engine.Metric{Name: metric}}
	x.span = e.c.checked(e, e.c.dense(e, in), engine.Check{})
	if metric == "euclidean" {
		x.setGram(engine.Fused)
	}
	out := prediction{task: classTask(classes), classes: classes}
	if !e.since(1, 6) {
		e.ignores("within_class_std_dev_")
		return x.nearestCentroid(out)
	}
	prior, deviation := e.vector("class_prior_", n), e.vector("within_class_std_dev_", in.width())
	equal := true
	for _, p := range prior {
		equal = equal && math.Abs(p-1/float64(n)) <= 1e-8+float64(1e-5*math.Abs(1/float64(n))) // numpy.isclose
	}
	var scores answer
	if metric == "euclidean" || !equal {
		scores = x.discriminants(prior, deviation)
	}
	if equal {
		out = x.nearestCentroid(out)
	} else {
		out.label = answer{span: e.c.b.Floats(1)}
		e.c.b.Add(&engine.ArgMax{In: scores.span, Out: out.label.span.Start})
	}
	if metric == "euclidean" {
		out.probabilities = worst(e.c.b.Floats(n), scores)
		e.c.b.Add(&engine.Softmax{In: scores.span, Out: out.probabilities.span})
		out.decision = worst(e.binaryDifference(scores.span), scores)
	}
	return out
}

// binaryDifference is the decision of DiscriminantAnalysisPredictionMixin.decision_function: the scores, or for two classes their difference.
func (e *estimator) binaryDifference(scores engine.Span) engine.Span {
	if scores.N != 2 {
		return scores
	}
	out := e.c.b.Floats(1)
	e.c.b.Add(&engine.MatMul{In: scores, Out: out, Weights: []float64{-1, 1}})
	return out
}

// nearestCentroid sets the label to the nearest point of the index, the first of several.
func (x *index) nearestCentroid(out prediction) prediction {
	b := x.e.c.b
	label := b.Floats(1)
	b.Add(&engine.Nearest{In: x.span, Indices: label, Distances: b.Floats(1), Search: engine.Heap, Points: x.engine()})
	out.label = answer{span: label}
	return out
}

// discriminants is NearestCentroid._decision_function: minus the squared distance between row and centroid, both divided by the deviations, plus twice the
// logarithm of the prior.
func (x *index) discriminants(prior, deviation []float64) answer {
	e, columns := x.e, len(deviation)
	divisor := make([]float64, columns)
	for i, d := range deviation {
		divisor[i] = d
		if d == 0 {
			divisor[i] = 1
		}
	}
	row := e.c.b.Floats(columns)
	e.c.b.Add(&engine.Arith{Op: "div", In: x.span, Out: row, Values: divisor})
	e.c.checked(e, e.c.computed(row, x.in, float64Type), engine.Check{}) // pairwise_distances looks again
	scaled := make([]float64, len(x.data))
	for i, v := range x.data {
		scaled[i] = v / divisor[i%columns]
	}
	out := e.c.b.Floats(len(prior))
	y := index{e: e, points: len(prior), data: scaled, metric: x.metric}
	if x.metric.Name == "euclidean" {
		y.setGram(engine.Paired)
	}
	distances := y.distances(row)
	minus, plus := e.c.b.Floats(len(prior)), make([]float64, len(prior))
	for i, p := range prior {
		plus[i] = 2 * math.Log(p)
	}
	e.c.b.Add(&engine.Pair{Op: "mul", Left: distances, Right: distances, Out: minus})
	e.c.b.Add(&engine.Arith{Op: "mul", In: minus, Out: minus, Values: []float64{-1}})
	e.c.b.Add(&engine.Arith{Op: "add", In: minus, Out: out, Values: plus})
	if x.metric.Name != "euclidean" {
		return answer{span: out, tolerance: roundingTolerance}
	}
	return y.steadySquares(row, out)
}

// steadySquares is an answer that hangs on the squared distances from a row, which are expanded and off by an ulp of the squared lengths of row and point (a quarter of that
// was measured between batches). It is off by 8 ulps of the longest point, worstTolerance at most; a row that is off by more is an error (engine.Unstable).
func (x *index) steadySquares(row, out engine.Span) answer {
	lost := 8 * ulp * slices.Max(x.norms)
	if !(lost > roundingTolerance) {
		return answer{span: out, tolerance: roundingTolerance}
	}
	lost = min(lost, worstTolerance)
	b := x.e.c.b
	squares := b.Floats(int(row.N))
	b.Add(&engine.Pair{Op: "mul", Left: row, Right: row, Out: squares})
	step := &engine.Steady{In: squares, Out: out, Bound: engine.Number64(lost), Errors: slices.Repeat([]float64{ulp}, len(x.data))}
	for _, length := range x.norms {
		step.Offsets = append(step.Offsets, ulp*length)
	}
	b.Add(step)
	return answer{span: out, tolerance: lost, reason: "squared distances are expanded, and lose digits where columns are large beside their deviations"}
}
