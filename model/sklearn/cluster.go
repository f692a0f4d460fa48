package sklearn

import (
	"fmt"
	"slices"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// clusterConverters holds the classes of sklearn.cluster.
//
// What is promised: the label is the nearest centre by scikit-learn's own formula, the first of equally near ones. A row that lies between two centres to
// the last bits of a BLAS product is undecided.
func clusterConverters() map[string]converter {
	kMeans := converter{transform: transformKMeans, predict: predictKMeans}
	all := map[string]converter{
		"sklearn.cluster._kmeans.KMeans":                            kMeans,
		"sklearn.cluster._kmeans.MiniBatchKMeans":                   kMeans,
		"sklearn.cluster._bisect_k_means.BisectingKMeans":           {transform: transformKMeans, predict: predictBisectingKMeans},
		"sklearn.cluster._mean_shift.MeanShift":                     {predict: predictMeanShift},
		"sklearn.cluster._affinity_propagation.AffinityPropagation": {predict: predictAffinityPropagation},
		"sklearn.cluster._birch.Birch":                              {transform: transformBirch, predict: predictBirch},
		"sklearn.cluster._agglomerative.FeatureAgglomeration":       {transform: transformFeatureAgglomeration},
	}
	for _, class := range []string{"_dbscan.DBSCAN", "_hdbscan.hdbscan.HDBSCAN", "_optics.OPTICS", "_agglomerative.AgglomerativeClustering",
		"_spectral.SpectralClustering", "_bicluster.SpectralBiclustering", "_bicluster.SpectralCoclustering"} {
		all["sklearn.cluster."+class] = converter{predict: refuseNewRows}
	}
	return all
}

// refuseNewRows refuses an estimator that tells something of its training rows alone.
func refuseNewRows(e *estimator, _ matrix) prediction {
	e.ignores(e.attributes()...)
	e.refuse("class "+e.class, "it labels its training rows, and has no predict or transform for new ones", "use KMeans, Birch, MeanShift or GaussianMixture; or train a classifier on its labels_")
	return prediction{}
}

// kMeansParams are the attributes that only the fit reads.
var kMeansParams = []string{"n_clusters", "init", "n_init", "max_iter", "tol", "copy_x", "algorithm", "batch_size", "compute_labels", "max_no_improvement", "init_size",
	"reassignment_ratio", "labels_", "inertia_", "n_iter_", "n_steps_", "_n_features_out", "_n_threads", "_n_init", "_tol", "_algorithm", "_init_size", "_batch_size",
	"_n_since_last_reassign", "_counts", "_ewa_inertia", "_ewa_inertia_min", "_no_improvement", "_random_state", "_lloyd_iter", "bisecting_strategy", "_kmeans_single"}

// centers reads the centres that a row is compared with, and adds the check of the input: an index for distances to them.
func (e *estimator) centers(in matrix, name string, products engine.Products) (x index, ok bool) {
	data, n, _, ok := e.table(name, -1, in.width())
	if !ok || n == 0 {
		return x, false
	}
	if in.sparse {
		products = engine.Plain
	}
	x = index{e: e, in: in, points: n, data: data, metric: engine.Metric{Name: "euclidean"}, search: engine.Heap}
	x.setGram(products)
	x.span = e.c.checked(e, e.c.dense(e, in), engine.Check{})
	return x, true
}

// transformKMeans follows sklearn.cluster._kmeans._BaseKMeans.transform: euclidean_distances to the centres.
func transformKMeans(e *estimator, in matrix) matrix {
	e.ignores(kMeansParams...)
	e.ignores("_bisecting_tree", "_X_mean")
	return e.distancesTo(in, "cluster_centers_")
}

// distancesTo is sklearn.metrics.pairwise.euclidean_distances to the points of an attribute.
func (e *estimator) distancesTo(in matrix, name string) matrix {
	x, ok := e.centers(in, name, engine.Paired)
	if !ok {
		return unknownMatrix
	}
	t := float64Type
	if _, _, stored, _ := denseArray(e.get(name)); stored == float32Type && in.floatType() == float32Type {
		t, x.metric.Float32 = float32Type, true // _euclidean_distances_upcast
	}
	out := e.c.computed(x.distances(x.span), matrix{}, t)
	for i := range out.cols {
		out.cols[i].inexact = true
	}
	return out
}

// predictKMeans follows _labels_inertia in sklearn/cluster/_kmeans.py: lloyd_iter_chunked_dense or, for a sparse matrix, lloyd_iter_chunked_sparse.
func predictKMeans(e *estimator, in matrix) prediction {
	e.ignores(kMeansParams...)
	x, ok := e.centers(in, "cluster_centers_", engine.Fused)
	if !ok || x.isFloat32() {
		return prediction{}
	}
	if _, _, stored, _ := denseArray(e.get("cluster_centers_")); stored == float32Type {
		e.refuse("cluster_centers_ is float32", "the rows are float64, and scikit-learn raises for every one of them", "refit on float64")
		return prediction{}
	}
	label := e.c.b.Floats(1)
	e.c.b.Add(&engine.NearestCenter{In: x.span, Out: label.Start, Gram: x.gram, Data: x.data, Norms: x.centerNorms()})
	return clustering(label, x.points)
}

// isFloat32 refuses input that scikit-learn compares with the centres in float32.
func (x *index) isFloat32() bool {
	if x.in.floatType() != float32Type {
		return false
	}
	x.e.refuse("float32 input", "scikit-learn adds the products up in float32, in an order that it does not promise", "give this step float64")
	return true
}

// centerNorms are row_norms(centers, squared=True).
func (x *index) centerNorms() []float64 {
	norms, width := make([]float64, x.points), len(x.data)/x.points
	for i := range norms {
		norms[i] = engine.Paired.SquaredNorm(x.data[i*width : (i+1)*width])
	}
	return norms
}

// clustering is the prediction of the clusters 0 to n-1.
func clustering(label engine.Span, n int) prediction {
	classes := make([]model.Class, n)
	for i := range classes {
		classes[i].RawMessage = marshal(int64(i))
	}
	return prediction{task: model.Clustering, classes: [][]model.Class{classes}, label: answer{span: label}}
}

// predictBisectingKMeans follows sklearn.cluster.BisectingKMeans.predict: at each node the nearer of two centres, moved back by the mean.
func predictBisectingKMeans(e *estimator, in matrix) prediction {
	e.ignores(kMeansParams...)
	centers, _, _, ok := e.table("cluster_centers_", -1, in.width())
	var mean []float64
	if e.has("_X_mean") {
		mean = e.vector("_X_mean", in.width())
	}
	if !ok {
		return prediction{}
	}
	x := index{e: e, in: in, points: len(centers) / in.width(), data: centers}
	root, isNode := e.get("_bisecting_tree").(*pickle.Object)
	if !isNode || x.isFloat32() {
		e.wrong("_bisecting_tree", e.get("_bisecting_tree"), "a tree of centres")
		return prediction{}
	}
	step := &engine.Bisection{NearestCenter: engine.NearestCenter{Gram: engine.Fused}}
	if in.sparse {
		step.Gram = engine.Plain
	}
	if !e.bisect(step, root, mean, in.width(), 0) {
		return prediction{}
	}
	step.In, step.Out = e.c.checked(e, e.c.dense(e, in), engine.Check{}), e.c.b.Floats(1).Start
	label := engine.Span{Start: step.Out, N: 1}
	if len(step.Norms) == 0 { // one cluster
		e.c.b.Add(&engine.Select{From: []int32{step.In.Start}, Out: label})
		e.c.b.Add(&engine.Clip{In: label, Out: label, Min: []float64{0}, Max: []float64{0}})
	} else {
		e.c.b.Add(step)
	}
	return clustering(label, x.points)
}

// maxBisections bounds the depth of a tree that a file holds.
const maxBisections = 10000

// bisect adds an inner node and all below it.
func (e *estimator) bisect(step *engine.Bisection, node *pickle.Object, mean []float64, width, depth int) bool {
	left, right := childNode(node, "left"), childNode(node, "right")
	if left == nil || right == nil {
		return depth == 0 && left == nil && right == nil
	}
	first := len(step.Next)
	step.Next = append(step.Next, 0, 0)
	for _, child := range []*pickle.Object{left, right} {
		v, _ := child.Attr("center")
		a, ok := v.(*pickle.Array)
		var center []float64
		if ok {
			center, _ = a.Float64s()
		}
		if len(center) != width || depth > maxBisections {
			e.refuse("_bisecting_tree", "a node has no centre of "+fmt.Sprint(width)+" columns", "check that the file is whole")
			return false
		}
		center = slices.Clone(center)
		for i, m := range mean {
			center[i] += m
		}
		step.Data = append(step.Data, center...)
		step.Norms = append(step.Norms, engine.Paired.SquaredNorm(center))
	}
	for i, child := range []*pickle.Object{left, right} {
		if childNode(child, "left") == nil {
			v, _ := child.Attr("label")
			label, ok := pickle.Plain(v).(int64)
			if !ok || label < 0 || label > 1<<20 {
				e.refuse("_bisecting_tree", "a leaf has no label", "check that the file is whole")
				return false
			}
			step.Next[first+i] = int32(-1 - label)
			continue
		}
		step.Next[first+i] = int32(len(step.Next) / 2)
		if !e.bisect(step, child, mean, width, depth+1) {
			return false
		}
	}
	return true
}

// childNode is a child of a _BisectingTree, nil for none.
func childNode(node *pickle.Object, name string) *pickle.Object {
	v, _ := node.Attr(name)
	child, _ := v.(*pickle.Object)
	return child
}

// nearestPoint follows sklearn.metrics.pairwise_distances_argmin: the index of the nearest of the centres.
func (x *index) nearestPoint() engine.Span {
	b := x.e.c.b
	near := b.Floats(1)
	b.Add(&engine.Nearest{In: x.span, Indices: near, Distances: b.Floats(1), Search: engine.Heap, Points: x.engine()})
	return near
}

// predictMeanShift follows sklearn.cluster.MeanShift.predict.
func predictMeanShift(e *estimator, in matrix) prediction {
	e.ignores("bandwidth", "seeds", "bin_seeding", "min_bin_freq", "cluster_all", "max_iter", "n_iter_", "labels_")
	if in.sparse {
		e.refuse("sparse input", "MeanShift takes none: scikit-learn raises for every row", "give it dense input")
		return prediction{}
	}
	x, ok := e.centers(in, "cluster_centers_", engine.Fused)
	if !ok {
		return prediction{}
	}
	return clustering(x.nearestPoint(), x.points)
}

// predictAffinityPropagation follows sklearn.cluster.AffinityPropagation.predict.
func predictAffinityPropagation(e *estimator, in matrix) prediction {
	e.ignores("damping", "max_iter", "convergence_iter", "copy", "preference", "affinity", "cluster_centers_indices_", "affinity_matrix_", "n_iter_", "labels_")
	if !e.has("cluster_centers_") {
		e.refuse("affinity is "+describe(e.get("affinity")), "it has no centres to compare a new row with", "refit with affinity='euclidean'")
		return prediction{}
	}
	if a, ok := e.get("cluster_centers_").(*pickle.Array); ok && a.Len() == 0 {
		e.refuse("cluster_centers_", "the fit has not converged: scikit-learn warns and labels every row -1", "refit with more iterations or another damping")
		return prediction{}
	}
	x, ok := e.centers(in, "cluster_centers_", engine.Fused)
	if !ok {
		return prediction{}
	}
	return clustering(x.nearestPoint(), x.points)
}

// birchParams are the attributes that only the fit reads.
var birchParams = []string{"threshold", "branching_factor", "n_clusters", "compute_labels", "root_", "dummy_leaf_", "_n_features_out", "labels_", "copy", "_deprecated_fit", "fit_"}

// transformBirch follows sklearn.cluster.Birch.transform.
func transformBirch(e *estimator, in matrix) matrix {
	e.ignores(birchParams...)
	e.ignores("subcluster_labels_", "_subcluster_norms")
	return e.distancesTo(in, "subcluster_centers_")
}

// predictBirch follows sklearn.cluster.Birch.predict: the label of the nearest subcluster.
func predictBirch(e *estimator, in matrix) prediction {
	e.ignores(birchParams...)
	x, ok := e.centers(in, "subcluster_centers_", engine.Fused)
	labels := e.array("subcluster_labels_")
	norms := e.vector("_subcluster_norms", max(x.points, 0))
	if !ok {
		return prediction{}
	}
	numbers, err := labels.Int64s()
	if err != nil || len(numbers) != x.points {
		e.wrong("subcluster_labels_", labels, "a cluster for each subcluster")
		return prediction{}
	}
	x.norms = norms
	classes := slices.Clone(numbers)
	slices.Sort(classes)
	classes = slices.Compact(classes)
	codes, keys := make([]float64, x.points), make([]float64, x.points)
	for i, label := range numbers {
		at, _ := slices.BinarySearch(classes, label)
		codes[i], keys[i] = float64(at), float64(i)
	}
	near := x.nearestPoint()
	out := clustering(e.c.b.Floats(1), len(classes))
	for i, label := range classes {
		out.classes[0][i].RawMessage = marshal(label)
	}
	e.c.b.Add(&engine.LookupNumber{In: near.Start, Lookup: engine.Lookup{Out: out.label.span.Start, Codes: codes}, Keys: keys})
	return out
}
