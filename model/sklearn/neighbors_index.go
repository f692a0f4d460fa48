package sklearn

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// neighborsParams are the attributes of a search that only the fit reads, or that say again what the fitted ones say.
var neighborsParams = []string{"algorithm", "leaf_size", "metric", "p", "metric_params", "n_neighbors", "radius", "n_samples_fit_", "_tree", "_fit_X"}

// index is the fitted state of sklearn.neighbors._base.NeighborsBase: the training points and how they are searched through.
type index struct {
	e      *estimator
	in     matrix
	span   engine.Span // the row, checked
	points int
	tree   *engine.SpaceTree // nil for brute force
	metric engine.Metric
	data   []float64 // brute force: points × columns
	gram   engine.Products
	norms  []float64
	// rowLast: the expansion adds the row's norm last.
	rowLast bool
	search  engine.Search
	// exact: distances are bit for bit scikit-learn's.
	exact bool
	// precision is what the search is held to; set before it is added.
	precision engine.Precision
}

// index reads the search of an estimator and adds the check that validate_data makes of its input. ok is false after a refusal.
func (e *estimator) index(in matrix) (x index, ok bool) {
	e.ignores(neighborsParams...)
	x = index{e: e, in: in, search: engine.Merged}
	method := e.str("_fit_method", "brute", "kd_tree", "ball_tree")
	before := len(e.c.reasons)
	x.readMetric(method)
	if method == "brute" {
		x.readPoints()
	} else {
		x.readTree()
	}
	if len(e.c.reasons) > before {
		return x, false
	}
	x.precision.Noise = engine.Number64(noiseOf(in) * stretch(x.metric))
	if x.cancels() || x.products() || x.precision.Noise != 0 {
		x.precision.Bound = engine.Number64(math.Inf(1)) // of the choice of neighbours alone
	}
	x.span = e.c.checked(e, e.c.dense(e, in), engine.Check{AllowNaN: x.metric.Name == "nan_euclidean"})
	if x.metric.Name == "precomputed" { // check_non_negative
		e.nonNegative(in, x.span)
	}
	return x, x.span.N > 0
}

// noiseOf is what the numbers of a row may be off by, absolute or relative, so that points that are equally near may not be; 0 where scikit-learn's are known to the bit.
func noiseOf(m matrix) float64 {
	noise := 0.0
	for _, col := range m.cols {
		if col.inexact && !col.sameAlone || col.loose > 0 {
			noise = max(noise, roundingTolerance/10, col.loose, 4*col.noise)
		}
	}
	return noise
}

// stretch is how much a metric makes of an error in a column, at least 1: weights, reciprocals of variances, and an inverse covariance magnify it.
func stretch(m engine.Metric) float64 {
	most := 1.0
	switch m.Name {
	case "minkowski":
		for _, w := range m.Vector {
			most = max(most, w)
		}
	case "seuclidean":
		for _, variance := range m.Vector {
			most = max(most, 1/math.Sqrt(variance))
		}
	case "mahalanobis":
		sum := 0.0
		for _, v := range m.Matrix {
			sum += math.Abs(v)
		}
		most = max(most, math.Sqrt(sum))
	}
	if math.IsInf(most, 1) {
		return 1 // a variance of 0: no distance is finite
	}
	return most
}

// metricAliases are the names of a metric that mean another one.
var metricAliases = map[string]string{
	"l2": "euclidean", "l1": "manhattan", "cityblock": "manhattan", "p": "minkowski", "infinity": "chebyshev", "pyfunc": "",
}

// reductionMetrics are those that sklearn.metrics._pairwise_distances_reduction takes (BaseDistancesReductionDispatcher.valid_metrics).
var reductionMetrics = []string{"euclidean", "sqeuclidean", "manhattan", "chebyshev", "minkowski", "seuclidean", "haversine", "canberra", "braycurtis"}

// readMetric reads effective_metric_ and its parameters, as sklearn.metrics.DistanceMetric and scipy's cdist take them.
func (x *index) readMetric(method string) {
	e := x.e
	v := e.get("effective_metric_")
	name, isString := v.(string)
	if !isString {
		e.refuse("metric is "+describe(v), "a Python function is not executed", "use one of scikit-learn's named metrics")
		return
	}
	if alias, ok := metricAliases[name]; ok {
		name = alias
	}
	x.metric = engine.Metric{Name: name}
	for p, v := range e.strings("effective_metric_params_") {
		switch {
		case p == "p":
			f, _ := number(pickle.Plain(v))
			x.metric.P = engine.Number64(f)
		case v == nil:
		case p == "w" && name == "minkowski", p == "V" && name == "seuclidean":
			x.metric.Vector = e.metricArray(p, v)
		case p == "VI" && name == "mahalanobis":
			x.metric.Matrix = e.metricArray(p, v)
		case p == "V" && name == "mahalanobis" && method != "brute": // the tree holds its inverse
		default:
			e.refuse("the parameter "+p+" of the metric "+name, "it is not supported", "leave it out")
		}
	}
	switch {
	case name == "minkowski" && float64(x.metric.P) == 2 && len(x.metric.Vector) == 0:
		x.metric = engine.Metric{Name: "euclidean"}
	case name == "minkowski" && float64(x.metric.P) == 1 && len(x.metric.Vector) == 0:
		x.metric = engine.Metric{Name: "manhattan"}
	case name == "minkowski" && math.IsInf(float64(x.metric.P), 1):
		x.metric = engine.Metric{Name: "chebyshev"}
	}
	x.exact = slices.Contains([]string{"manhattan", "chebyshev", "canberra", "braycurtis", "hamming"}, name)
}

// strings reads a dict whose keys are strings, in their order.
func (e *estimator) strings(name string) iter.Seq2[string, pickle.Value] {
	v := e.get(name)
	d, ok := v.(*pickle.Dict)
	if !ok {
		e.wrong(name, v, "a dict")
		d = &pickle.Dict{}
	}
	return func(yield func(string, pickle.Value) bool) {
		for _, p := range d.Pairs {
			if key, ok := p.Key.(string); ok && !yield(key, p.Value) {
				return
			}
		}
	}
}

// metricArray reads an array among the parameters of a metric.
func (e *estimator) metricArray(name string, v pickle.Value) []float64 {
	if a, ok := pickle.Plain(v).(*pickle.Array); ok {
		if f, err := a.Float64s(); err == nil {
			return f
		}
	}
	if items, ok := sequence(v); ok {
		out := make([]float64, len(items))
		for i, item := range items {
			f, ok := number(pickle.Plain(item))
			if !ok {
				e.wrong("metric_params["+name+"]", item, "numbers")
			}
			out[i] = f
		}
		return out
	}
	e.wrong("metric_params["+name+"]", v, "an array of numbers")
	return nil
}

// readPoints reads the training points of a brute-force search, and decides which of scikit-learn's two ways it goes: the reductions in Cython, or
// pairwise_distances with numpy.argpartition.
func (x *index) readPoints() {
	e := x.e
	data, shape, t, err := denseArray(e.get("_fit_X"))
	if x.metric.Name == "precomputed" && err == nil && len(shape) == 2 && shape[0] == x.in.width() {
		x.points, x.search, x.exact = shape[0], engine.Stable, true
		return
	}
	if err != nil || len(shape) != 2 || shape[1] != x.in.width() || shape[0] == 0 {
		e.wrong("_fit_X", e.get("_fit_X"), fmt.Sprintf("points of %d columns", x.in.width()))
		return
	}
	x.data, x.points = data, shape[0]
	query := x.in.checkedType()
	_, sparse := e.get("_fit_X").(*pickle.Object)
	named := e.get("effective_metric_")
	euclidean := named == "euclidean" || named == "sqeuclidean"
	reduced := t == query && t.kind == 'f' && t.size >= 4 && slices.Contains(reductionMetrics, x.metric.Name) &&
		!(sparse && x.in.sparse && euclidean && e.since(1, 4))
	switch {
	case reduced:
		x.metric.Float32 = t == float32Type && x.metric.Name != "sqeuclidean" // its squares are left in float64
	case t == float32Type && query == float32Type:
		e.refuse("float32 input to the metric "+x.metric.Name, "scikit-learn adds the products up in float32, in an order that it does not promise",
			"give this step float64, or use algorithm kd_tree or ball_tree")
	default:
		x.search = engine.Stable
	}
	switch {
	case reduced && !euclidean, x.metric.Name != "euclidean" && x.metric.Name != "sqeuclidean":
	case sparse || x.in.sparse:
		x.setGram(engine.Plain)
	case reduced:
		x.setGram(engine.Fused)
	case x.metric.Name == "euclidean": // euclidean_distances
		x.setGram(engine.Paired)
	}
	if x.metric.Name == "haversine" && x.in.width() != 2 {
		e.refuse("metric haversine", "it takes 2 columns: scikit-learn raises for every row", "use another metric")
	}
	if slices.Contains(booleanMetrics, x.metric.Name) {
		x.exact = true
	}
}

// cancels tells whether distances lose digits next to a point, with last bits that depend on the processor and are not followed; scipy's loops do not.
func (x *index) cancels() bool {
	return slices.Contains([]string{"nan_euclidean", "cosine", "correlation"}, x.metric.Name) && !x.in.sparse && x.tree == nil
}

// precise makes a row an error (engine.Unstable) next to a point, where the distance is rounding noise.
func (x *index) precise() {
	if x.cancels() {
		x.precision.Bound = roundingTolerance
	}
}

// preciseGraph is precise for distances that are the answer, those by products as well.
func (x *index) preciseGraph() {
	if x.precise(); x.products() {
		x.precision.Bound = worstTolerance
	}
}

// products tells whether distances are expanded squares that BLAS adds up: they lose digits, as cancels tells of others, and are followed but next to a point.
func (x *index) products() bool { return x.gram == engine.Fused || x.gram == engine.Paired }

// weighs makes a row an error where rounding decides about the weights of neighbours. spread is the range of what they answer, as a part of it.
func (x *index) weighs(spread float64) {
	if (x.cancels() || x.products() || x.precision.Noise != 0) && x.e.getOr("weights", nil) == "distance" {
		x.precision.Bound, x.precision.Weights = engine.Number64(worstTolerance/max(1, spread)), true
	}
}

// setGram makes Euclidean distances come from products.
func (x *index) setGram(products engine.Products) {
	x.gram = products
	width := len(x.data) / x.points
	for i := range x.points {
		x.norms = append(x.norms, x.gram.SquaredNorm(x.data[i*width:(i+1)*width]))
	}
}

// distances adds the distances from a row to all points.
func (x *index) distances(row engine.Span) engine.Span {
	out := x.e.c.b.Floats(x.points)
	x.e.c.b.Add(&engine.Distances{In: row, Out: out, Points: x.engine()})
	return out
}

// booleanMetrics take numbers for truth values.
var booleanMetrics = []string{"jaccard", "dice", "rogerstanimoto", "russellrao", "sokalmichener", "sokalsneath", "yule"}

// readTree reads _tree.
func (x *index) readTree() {
	tree, stored, ok := x.e.spaceTree(x.e.get("_tree"), x.in.width())
	if !ok {
		return
	}
	if x.metric.Name == "mahalanobis" {
		x.metric.Matrix = stored.matrix
	}
	x.tree, x.points = tree, len(tree.Order)
}

// treeMetric is what the state of a DistanceMetric holds: p, a vector and a matrix.
type treeMetric struct {
	class          string
	p              float64
	vector, matrix []float64
}

// spaceTree reads a KDTree or a BallTree (BinaryTree.__getstate__ in sklearn/neighbors/_binary_tree.pxi.tp).
func (e *estimator) spaceTree(v pickle.Value, columns int) (*engine.SpaceTree, treeMetric, bool) {
	bad := func(what string) (*engine.SpaceTree, treeMetric, bool) {
		e.refuse("the tree", what, "check that the file is whole, or refit with a supported scikit-learn version")
		return nil, treeMetric{}, false
	}
	obj, _ := v.(*pickle.Object)
	name, state := newObject(obj)
	if name != "KDTree" && name != "BallTree" || len(state) < 13 {
		return bad("it is " + describe(v) + " and not a KDTree or BallTree")
	}
	data, ok0 := state[0].(*pickle.Array)
	order, ok1 := state[1].(*pickle.Array)
	nodes, ok2 := state[2].(*pickle.Array)
	bounds, ok3 := state[3].(*pickle.Array)
	if !ok0 || !ok1 || !ok2 || !ok3 || len(data.Shape) != 2 || data.Shape[1] != columns {
		return bad(fmt.Sprintf("it does not hold points of %d columns", columns))
	}
	points, err0 := data.Float64s()
	indices, err1 := order.Int64s()
	box, err2 := bounds.Float64s()
	starts, err3 := nodeInts(nodes, "idx_start")
	ends, err4 := nodeInts(nodes, "idx_end")
	leaf, err5 := nodeInts(nodes, "is_leaf")
	radii, err6 := nodes.Field("radius")
	for _, err := range []error{err0, err1, err2, err3, err4, err5, err6} {
		if err != nil {
			return bad(err.Error())
		}
	}
	radius, err := radii.Float64s()
	if err != nil || len(indices)*columns != len(points) {
		return bad("its arrays do not fit together")
	}
	t := &engine.SpaceTree{Ball: name == "BallTree", Starts: starts, Ends: ends, Leaf: leaf, Radius: radius, Bounds: box}
	for _, i := range indices {
		if i < 0 || i >= int64(len(indices)) {
			return bad("its order is no permutation of the points")
		}
		t.Order = append(t.Order, int32(i))
		t.Data = append(t.Data, points[int(i)*columns:(int(i)+1)*columns]...)
	}
	metric, ok := distanceMetric(state[11])
	if !ok {
		return bad("its metric is " + describe(state[11]))
	}
	return t, metric, true
}

// newObject reads an extension type that is pickled as newObj(class) with a tuple as its state; a .skops file names the class itself.
func newObject(o *pickle.Object) (class string, state []pickle.Value) {
	if o == nil {
		return "", nil
	}
	g, isGlobal := o.Class.(*pickle.Global)
	tuple, isTuple := o.State.(*pickle.Tuple)
	if !isGlobal || !isTuple {
		return "", nil
	}
	if len(o.Args) == 0 {
		return g.Name, tuple.Items
	}
	made, isGlobal := o.Args[0].(*pickle.Global)
	if len(o.Args) != 1 || !isGlobal || g.Name != "newObj" {
		return "", nil
	}
	return made.Name, tuple.Items
}

// distanceMetric reads a sklearn.metrics.DistanceMetric.
func distanceMetric(v pickle.Value) (m treeMetric, ok bool) {
	obj, _ := v.(*pickle.Object)
	class, state := newObject(obj)
	if len(state) < 3 {
		return m, false
	}
	vector, ok0 := state[1].(*pickle.Array)
	matrix, ok1 := state[2].(*pickle.Array)
	p, ok2 := number(pickle.Plain(state[0]))
	if !ok0 || !ok1 || !ok2 {
		return m, false
	}
	m.class, m.p = class, p
	var err0, err1 error
	m.vector, err0 = vector.Float64s()
	m.matrix, err1 = matrix.Float64s()
	return m, err0 == nil && err1 == nil
}
