package sklearn

import (
	"fmt"
	"math"

	"sklambda/model/engine"
)

// manifoldConverters holds the classes of sklearn.manifold.
func manifoldConverters() map[string]converter {
	all := map[string]converter{
		"sklearn.manifold._isomap.Isomap":                         {transform: transformIsomap},
		"sklearn.manifold._locally_linear.LocallyLinearEmbedding": {transform: transformLocallyLinearEmbedding},
	}
	for _, class := range []string{"_t_sne.TSNE", "_mds.MDS", "_classical_mds.ClassicalMDS", "_spectral_embedding.SpectralEmbedding"} {
		all["sklearn.manifold."+class] = converter{predict: refuseEmbedding}
	}
	return all
}

// refuseEmbedding refuses an embedding of the training rows alone.
func refuseEmbedding(e *estimator, _ matrix) prediction {
	e.ignores(e.attributes()...)
	e.refuse("class "+e.class, "it places its training rows, and has no transform for new ones", "use Isomap, LocallyLinearEmbedding, KernelPCA or PCA")
	return prediction{}
}

// search adds the neighbours that nbrs_, a NearestNeighbors, finds to a precision: the k nearest, or those within its radius if k is 0.
func (e *estimator) search(in matrix, k int, precision engine.Precision) (x index, near found, ok bool) {
	search := e.child("nbrs_", e.get("nbrs_"))
	if search == nil {
		return x, near, false
	}
	x, ok = search.index(in)
	if ok && in.checkedType() == float32Type {
		e.refuse("float32 input", "scikit-learn goes on in float32", "give this step float64")
		ok = false
	}
	if x.cancels() || x.products() {
		x.precision = precision
	}
	switch {
	case !ok:
	case k > 0:
		near, ok = x.nearest(k, nil)
	default:
		near, ok = x.within(search.float("radius"))
		e.c.b.Add(&engine.Domain{In: engine.Span{Start: near.count, N: 1}, Min: []float64{1}, Max: []float64{math.Inf(1)}, Features: []int32{-1}})
	}
	search.close()
	return x, near, ok
}

// transformIsomap follows sklearn.manifold.Isomap.transform: the shortest paths to the training points, as a kernel that kernel_pca_ projects.
func transformIsomap(e *estimator, in matrix) matrix {
	e.ignores("radius", "n_components", "eigen_solver", "tol", "max_iter", "path_method", "neighbors_algorithm", "metric", "p", "metric_params", "embedding_", "_n_features_out")
	k := 0
	if e.has("n_neighbors") {
		k = e.int("n_neighbors")
	}
	x, near, ok := e.search(in, k, engine.Precision{Bound: roundingTolerance})
	if !ok {
		e.ignores("dist_matrix_", "kernel_pca_")
		return unknownMatrix
	}
	paths, _, _, ok := e.table("dist_matrix_", x.points, x.points)
	pca := e.child("kernel_pca_", e.get("kernel_pca_"))
	if !ok || pca == nil {
		return unknownMatrix
	}
	b := e.c.b
	out, squared := b.Floats(x.points), b.Floats(x.points)
	b.Add(&engine.Geodesic{Neighborhood: engine.Neighborhood{Indices: near.indices, Weights: near.distances, Count: near.count}, Out: out, Paths: paths})
	b.Add(&engine.Pair{Op: "mul", Left: out, Right: out, Out: squared})
	e.c.arith("mul", squared, squared, []float64{-0.5}, float64Type)
	return e.c.transform(pca, e.c.inexact(squared))
}

// transformLocallyLinearEmbedding follows sklearn.manifold.LocallyLinearEmbedding.transform: the places of the neighbours, weighted as they add up to the row.
func transformLocallyLinearEmbedding(e *estimator, in matrix) matrix {
	e.ignores("eigen_solver", "tol", "max_iter", "method", "hessian_tol", "modified_tol", "neighbors_algorithm", "reconstruction_error_", "_n_features_out", "n_components")
	k, reg := e.int("n_neighbors"), e.float("reg")
	x, near, ok := e.search(in, k, engine.Precision{Bound: engine.Number64(math.Inf(1))})
	if !ok {
		e.ignores("embedding_")
		return unknownMatrix
	}
	embedding, _, components, ok := e.table("embedding_", x.points, -1)
	points, ok1 := x.coordinates()
	lost := 0x1p-50 * float64(k) / reg // the condition of the system, times the rounding
	if !(lost <= 1e-9) && ok {
		e.refuse(fmt.Sprintf("reg is %v", reg), "the weights of the neighbours hang on the last bits", "refit with reg of at least 1e-5")
	}
	if !ok || !ok1 || components == 0 {
		return unknownMatrix
	}
	b := e.c.b
	weights, out := b.Floats(k), b.Floats(components)
	b.Add(&engine.Barycenter{In: x.span, Indices: near.indices, Out: weights, Scratch: b.Floats(k * (k + in.width())), Regularization: engine.Number64(reg), Points: points})
	b.Add(&engine.Average{Neighborhood: engine.Neighborhood{Indices: near.indices, Weights: weights, Count: -1}, Out: out, Sum: true, Values: embedding})
	m := e.c.inexact(out)
	if lost > roundingTolerance {
		m.loosen(answer{tolerance: lost, reason: fmt.Sprintf("the weights solve a system whose condition may be %.2g", float64(k)/reg)})
	}
	return m
}

// coordinates are the training points in their own order.
func (x *index) coordinates() ([]float64, bool) {
	if x.tree == nil {
		return x.data, len(x.data) > 0
	}
	width := len(x.tree.Data) / len(x.tree.Order)
	out := make([]float64, len(x.tree.Data))
	for at, i := range x.tree.Order {
		copy(out[int(i)*width:(int(i)+1)*width], x.tree.Data[at*width:(at+1)*width])
	}
	return out, true
}
