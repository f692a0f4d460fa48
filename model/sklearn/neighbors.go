package sklearn

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// neighborsConverters holds the classes of sklearn.neighbors.
//
// What is promised: the neighbours, and the order of equally near ones, are those of scikit-learn's fitted method (kd_tree, ball_tree, or brute force by
// its Cython reductions). Brute force with another metric sorts by numpy.argpartition, whose order of equally near points depends on
// the processor: a row that is equally near to points that answer differently, of which not all are among the neighbours, has no answer (engine.Tie). Euclidean brute force takes ‖x‖² - 2xy + ‖y‖², as the BLAS
// of numpy and scipy for amd64 adds it up; a row whose neighbours hang on its last bits may have other ones on another processor.
func neighborsConverters() map[string]converter {
	return map[string]converter{
		"sklearn.neighbors._classification.KNeighborsClassifier":      {predict: predictKNeighborsClassifier},
		"sklearn.neighbors._classification.RadiusNeighborsClassifier": {predict: predictRadiusNeighborsClassifier},
		"sklearn.neighbors._regression.KNeighborsRegressor":           {predict: predictKNeighborsRegressor},
		"sklearn.neighbors._regression.RadiusNeighborsRegressor":      {predict: predictRadiusNeighborsRegressor},
		"sklearn.neighbors._graph.KNeighborsTransformer":              {transform: transformKNeighborsTransformer},
		"sklearn.neighbors._graph.RadiusNeighborsTransformer":         {transform: transformRadiusNeighborsTransformer},
		"sklearn.neighbors._lof.LocalOutlierFactor":                   {predict: predictLocalOutlierFactor},
		"sklearn.neighbors._unsupervised.NearestNeighbors":            {predict: refuseNearestNeighbors},
		"sklearn.neighbors._nearest_centroid.NearestCentroid":         {predict: predictNearestCentroid},
		"sklearn.neighbors._nca.NeighborhoodComponentsAnalysis":       {transform: transformNeighborhoodComponentsAnalysis},
		"sklearn.neighbors._kde.KernelDensity":                        {predict: predictKernelDensity},
	}
}

// found are the neighbours of the row: their indices and distances, and the slot of their number, -1 if it is the same for all rows.
type found struct {
	indices, distances engine.Span
	count              engine.Slot
}

// nearest adds the search of KNeighborsMixin.kneighbors for the k nearest points. Points that answer alike are of the same group; without groups no two do.
func (x *index) nearest(k int, groups []int32) (found, bool) {
	e := x.e
	if k < 1 || k > x.points {
		e.refuse(fmt.Sprintf("n_neighbors is %d", k), fmt.Sprintf("there are %d training points: scikit-learn raises for every row", x.points), "refit with fewer neighbours")
		return found{}, false
	}
	if x.tree != nil && x.in.sparse {
		e.refuse("sparse input", x.e.str("_fit_method")+" takes none: scikit-learn raises for every row", "use algorithm='brute', or dense output before it")
		return found{}, false
	}
	b := e.c.b
	near := found{indices: b.Floats(k), distances: b.Floats(k), count: -1}
	switch {
	case x.tree != nil:
		step := &engine.NearestInTree{In: x.span, Indices: near.indices, Distances: near.distances, Precision: x.precision, Metric: x.metric, SpaceTree: *x.tree}
		if x.precision.Noise != 0 {
			step.Groups = groups
			if k < x.points {
				step.Scratch = b.Floats(2 * (k + 1))
			}
		}
		b.Add(step)
	default:
		step := &engine.Nearest{In: x.span, Indices: near.indices, Distances: near.distances, Search: x.search, Precision: x.precision, Points: x.engine()}
		if x.search == engine.Merged {
			step.Scratch = b.Floats(2 * k)
		}
		if x.search == engine.Stable || x.precision.Bound != 0 {
			step.Groups = groups
		}
		b.Add(step)
	}
	return near, true
}

// grouped numbers the points by their key.
func grouped(points int, key func(i int) string) []int32 {
	numbers, groups := map[string]int32{}, make([]int32, points)
	for i := range groups {
		number, seen := numbers[key(i)]
		if !seen {
			number = int32(len(numbers))
			numbers[key(i)] = number
		}
		groups[i] = number
	}
	return groups
}

// engine is the set of points that a brute-force search goes through.
func (x *index) engine() engine.Points {
	return engine.Points{Metric: x.metric, Gram: x.gram, RowLast: x.rowLast, Data: x.data, Norms: x.norms}
}

// within adds the search of RadiusNeighborsMixin.radius_neighbors.
func (x *index) within(radius float64) (found, bool) {
	e := x.e
	if x.tree != nil && x.in.sparse {
		e.refuse("sparse input", x.e.str("_fit_method")+" takes none: scikit-learn raises for every row", "use algorithm='brute', or dense output before it")
		return found{}, false
	}
	b := e.c.b
	near := found{indices: b.Floats(x.points), distances: b.Floats(x.points), count: b.Floats(1).Start}
	r := engine.Number64(radius)
	if x.tree != nil {
		b.Add(&engine.WithinTree{In: x.span, Count: near.count, Indices: near.indices, Distances: near.distances, Radius: r, Precision: x.precision, Metric: x.metric, SpaceTree: *x.tree})
	} else {
		b.Add(&engine.Within{In: x.span, Count: near.count, Indices: near.indices, Distances: near.distances, Radius: r, Precision: x.precision, Points: x.engine()})
	}
	return near, true
}

// weighted reads weights and turns distances into them; the span is empty if all neighbours count the same.
func (x *index) weighted(near found) (engine.Span, bool) {
	e := x.e
	switch v := e.get("weights"); v {
	case nil, "uniform":
		return engine.Span{}, true
	case "distance":
		e.c.b.Add(&engine.InverseWeights{Distances: near.distances, Count: near.count})
		return near.distances, true
	default:
		e.refuse("weights is "+describe(v), "a Python function is not executed; allowed are uniform, distance and None", "refit with one of these")
		return engine.Span{}, false
	}
}

// someWeight marks a row all of whose neighbours weigh 0, because they are infinitely far: scikit-learn raises for it.
func (x *index) someWeight(weights engine.Span) {
	if weights.N == 0 {
		return
	}
	total := x.e.c.matMul(weights, slices.Repeat([]float64{1}, int(weights.N)), 1, []float64{0})
	x.e.c.b.Add(&engine.Domain{In: total, Min: []float64{math.SmallestNonzeroFloat64}, Max: []float64{math.Inf(1)}, Features: []int32{-1}})
}

// expandedSquares is why an answer of distances is exact to worstTolerance.
const expandedSquares = "distances are roots of expanded squares, or of sums, which lose digits next to a point"

// answer is one that counts neighbours, or that their distances enter.
func (x *index) answer(span, weights engine.Span) answer {
	switch {
	case weights.N == 0:
		return answer{span: span, tolerance: x.in.tolerance()}
	case x.precision.Weights:
		return answer{span: span, tolerance: worstTolerance, reason: expandedSquares}
	}
	return answer{span: span, tolerance: roundingTolerance}
}

// predictKNeighborsClassifier follows sklearn.neighbors.KNeighborsClassifier.predict_proba and predict.
func predictKNeighborsClassifier(e *estimator, in matrix) prediction {
	x, ok := e.index(in)
	x.weighs(1)
	classes, widths, labels, fits := x.labels()
	if !ok || !fits {
		return prediction{}
	}
	near, ok := x.nearest(e.int("n_neighbors"), grouped(x.points, func(i int) string {
		var key []byte
		for k := range classes {
			key = binary.AppendVarint(key, int64(labels[k*x.points+i]))
		}
		return string(key)
	}))
	if !ok {
		return prediction{}
	}
	weights, ok := x.weighted(near)
	if !ok {
		return prediction{}
	}
	x.someWeight(weights)
	b := e.c.b
	vote, label := b.Floats(totalClasses(classes)), b.Floats(len(classes))
	hood := engine.Neighborhood{Indices: near.indices, Weights: weights, Count: near.count}
	b.Add(&engine.Vote{Neighborhood: hood, Out: vote, Widths: widths, Labels: labels})
	b.Add(&engine.Mode{Neighborhood: hood, Out: label, Widths: widths, Labels: labels})
	return prediction{task: classTask(classes), classes: classes, label: answer{span: label},
		probabilities: x.answer(vote, weights)}
}

// labels reads classes_ and _y: the class of each training point, outputs × points.
func (x *index) labels() (classes [][]model.Class, widths, labels []int32, ok bool) {
	e := x.e
	classes = e.classes("classes_")
	e.ignores("outputs_2d_")
	y := e.array("_y")
	values, err := y.Int64s()
	if err != nil || len(values) != x.points*len(classes) || len(values) == 0 {
		e.wrong("_y", y, fmt.Sprintf("a class for each of %d points and %d outputs", x.points, len(classes)))
		return nil, nil, nil, false
	}
	for k, output := range classes {
		widths = append(widths, int32(len(output)))
		for i := range x.points {
			label := values[i*len(classes)+k]
			if label < 0 || label >= int64(len(output)) {
				e.wrong("_y", label, fmt.Sprintf("a class from 0 to %d", len(output)-1))
				return nil, nil, nil, false
			}
			labels = append(labels, int32(label))
		}
	}
	return classes, widths, labels, true
}

// predictKNeighborsRegressor follows sklearn.neighbors.KNeighborsRegressor.predict.
func predictKNeighborsRegressor(e *estimator, in matrix) prediction {
	x, ok := e.index(in)
	values, outputs, _, fits := x.targets()
	if !ok || !fits {
		return prediction{}
	}
	x.weighs(spread(values, outputs))
	near, ok := x.nearest(e.int("n_neighbors"), grouped(x.points, func(i int) string { return fmt.Sprint(values[i*outputs : (i+1)*outputs]) }))
	if !ok {
		return prediction{}
	}
	weights, ok := x.weighted(near)
	if !ok {
		return prediction{}
	}
	span := e.c.b.Floats(outputs)
	e.c.b.Add(&engine.Average{Neighborhood: engine.Neighborhood{Indices: near.indices, Weights: weights, Count: near.count}, Out: span, Values: values})
	out := regression(span, 0)
	out.value = x.answer(span, weights)
	return out
}

// spread is the largest range of an output, as a part of its smallest magnitude if that is above 1.
func spread(values []float64, outputs int) float64 {
	widest := 0.0
	for k := range outputs {
		low, high, least := math.Inf(1), math.Inf(-1), math.Inf(1)
		for i := k; i < len(values); i += outputs {
			low, high, least = min(low, values[i]), max(high, values[i]), min(least, math.Abs(values[i]))
		}
		widest = max(widest, (high-low)/max(1, least))
	}
	return widest
}

// targets reads _y of a regressor: points × outputs, and its dtype.
func (x *index) targets() (values []float64, outputs int, t dtype, ok bool) {
	e := x.e
	y := e.array("_y")
	values, err := y.Float64s()
	t, _ = dtypeOf(y.Type)
	if err != nil || len(y.Shape) < 1 || len(y.Shape) > 2 || y.Shape[0] != x.points || len(values) == 0 {
		e.wrong("_y", y, fmt.Sprintf("numbers for each of %d points", x.points))
		return nil, 0, t, false
	}
	if t == float32Type || t == float16Type {
		e.refuse("a target of float32", "scikit-learn adds it up in float32", "fit with a float64 target")
		return nil, 0, t, false
	}
	return values, len(values) / x.points, t, true
}

// predictRadiusNeighborsClassifier follows sklearn.neighbors.RadiusNeighborsClassifier.predict_proba and predict.
func predictRadiusNeighborsClassifier(e *estimator, in matrix) prediction {
	x, ok := e.index(in)
	x.weighs(1)
	classes, widths, labels, fits := x.labels()
	e.has("weights")
	if !ok || !fits {
		return prediction{}
	}
	outliers, ok := x.outlierLabels(classes)
	if !ok {
		return prediction{}
	}
	near, ok := x.within(e.float("radius"))
	if !ok {
		return prediction{}
	}
	weights, ok := x.weighted(near)
	if !ok {
		return prediction{}
	}
	b := e.c.b
	hood := engine.Neighborhood{Indices: near.indices, Weights: weights, Count: near.count}
	step := &engine.Vote{Neighborhood: hood, Out: b.Floats(totalClasses(classes)), Widths: widths, Labels: labels, Empty: outliers}
	if outliers == nil { // scikit-learn raises for a row without neighbours
		b.Add(&engine.Domain{In: engine.Span{Start: near.count, N: 1}, Min: []float64{1}, Max: []float64{math.Inf(1)}, Features: []int32{-1}})
	}
	b.Add(step)
	label, at := b.Floats(len(classes)), step.Out.Start
	for k, width := range widths {
		b.Add(&engine.ArgMax{In: engine.Span{Start: at, N: width}, Out: label.Start + int32(k)})
		at += width
	}
	return prediction{task: classTask(classes), classes: classes, label: answer{span: label},
		probabilities: x.answer(step.Out, weights)}
}

// outlierLabels reads outlier_label_: for each output the class of a row without neighbours, nil if there is none.
func (x *index) outlierLabels(classes [][]model.Class) ([]int32, bool) {
	e := x.e
	v := e.get("outlier_label_")
	e.ignores("outlier_label")
	if v == nil {
		return nil, true
	}
	items, ok := sequence(v)
	if !ok || len(items) != len(classes) {
		e.wrong("outlier_label_", v, "a label for each output")
		return nil, false
	}
	var out []int32
	for k, item := range items {
		raw, _ := jsonScalar(pickle.Plain(item))
		found := -1
		for c, class := range classes[k] {
			if bytes.Equal(class.RawMessage, raw) {
				found = c
			}
		}
		if found < 0 {
			e.refuse("outlier_label "+describe(pickle.Plain(item)), "it is none of the classes, so such rows have a label without a probability",
				"use one of the training classes, or 'most_frequent'")
			return nil, false
		}
		out = append(out, int32(found))
	}
	// RadiusNeighborsClassMode takes the label for the index of a class, and knows no 'most_frequent'
	plain := e.getOr("outlier_label", nil)
	i, isIndex := pickle.Plain(plain).(int64)
	inCython := x.tree == nil && x.search == engine.Merged && x.gram == "" && len(classes) == 1 && e.getOr("weights", nil) == "uniform" && e.since(1, 4)
	if inCython && !(isIndex && i == int64(out[0])) {
		e.refuse("outlier_label is "+describe(plain), "with algorithm='brute' and this metric scikit-learn takes it for the index of a class, depending on the layout of the table in memory",
			"use algorithm='kd_tree' or 'ball_tree'")
		return nil, false
	}
	return out, true
}

// predictRadiusNeighborsRegressor follows sklearn.neighbors.RadiusNeighborsRegressor.predict.
func predictRadiusNeighborsRegressor(e *estimator, in matrix) prediction {
	x, ok := e.index(in)
	values, outputs, t, fits := x.targets()
	if !ok || !fits {
		return prediction{}
	}
	x.weighs(spread(values, outputs))
	near, ok := x.within(e.float("radius"))
	if !ok {
		return prediction{}
	}
	weights, ok := x.weighted(near)
	if !ok {
		return prediction{}
	}
	empty := math.NaN() // numpy.full_like(_y[0], nan)
	if t.kind != 'f' {
		empty = math.MinInt64
	}
	span := e.c.b.Floats(outputs)
	e.c.b.Add(&engine.Average{Neighborhood: engine.Neighborhood{Indices: near.indices, Weights: weights, Count: near.count},
		Out: span, Values: values, Empty: engine.Number64(empty)})
	out := regression(span, 0)
	out.value = x.answer(span, weights)
	return out
}
