package sklearn

import (
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// transformFeatureAgglomeration follows sklearn.cluster._feature_agglomeration.AgglomerationTransform.transform: the columns of each cluster are
// pooled into one, by numpy.mean (added up in order), max, min or median.
func transformFeatureAgglomeration(e *estimator, in matrix) matrix {
	e.ignores("n_clusters", "distance_threshold", "memory", "connectivity", "compute_full_tree", "linkage", "metric", "affinity", "compute_distances", "children_", "distances_",
		"n_connected_components_", "n_leaves_", "n_clusters_", "_n_features_out", "_metric")
	if in.sparse {
		e.refuse("sparse input", "its pooled columns are matrices of their own kind", "let the step before give dense output")
	}
	t := in.floatType()
	span := e.c.checked(e, in, engine.Check{})
	labels := e.vector("labels_", in.width())
	clusters := 0
	for _, l := range labels {
		if l < 0 || int(l) > len(labels) {
			e.wrong("labels_", l, "the index of a cluster")
			return unknownMatrix
		}
		clusters = max(clusters, int(l)+1)
	}
	name := ""
	if g, ok := e.get("pooling_func").(*pickle.Global); ok {
		name = g.String()
	}
	op := map[string]string{"numpy.mean": "mean", "numpy.max": "max", "numpy.amax": "max", "numpy.min": "min", "numpy.amin": "min", "numpy.median": "median"}[name]
	if op == "" || op != "mean" && t != float64Type {
		e.refuse("pooling_func is "+describe(e.get("pooling_func")), "known are numpy.mean, max, min and median, those but the mean for float64", "use numpy.mean")
		return unknownMatrix
	}
	step := &engine.Pool{Op: op, In: span, Out: e.c.b.Floats(clusters)}
	for _, l := range labels {
		step.Groups = append(step.Groups, int32(l))
	}
	e.c.b.Add(step)
	m := computedColumns(step.Out)
	for i := range m.cols {
		m.cols[i].inexact = in.tolerance() > 0
	}
	return m
}
