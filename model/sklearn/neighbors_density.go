package sklearn

import (
	"math"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// predictKernelDensity follows sklearn.neighbors.KernelDensity.score_samples.
func predictKernelDensity(e *estimator, in matrix) prediction {
	e.ignores("algorithm", "bandwidth", "leaf_size", "metric", "metric_params")
	kernel := e.str("kernel", "gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine")
	bandwidth, atol, rtol, breadthFirst := e.float("bandwidth_"), e.float("atol"), e.float("rtol"), e.bool("breadth_first")
	v := e.get("tree_")
	tree, stored, ok := e.spaceTree(v, in.width())
	if !ok {
		return prediction{}
	}
	metric, ok := e.treeMetric(stored)
	if !ok {
		return prediction{}
	}
	if in.sparse {
		e.refuse("sparse input", "KernelDensity takes none: scikit-learn raises for every row", "give it dense input")
		return prediction{}
	}
	b := e.c.b
	step := &engine.KernelDensity{In: e.c.checked(e, in, engine.Check{}), Out: b.Floats(1).Start, Kernel: kernel, Bandwidth: engine.Number64(bandwidth),
		LogRTol: engine.Number64(math.Log(rtol)), BreadthFirst: breadthFirst, LogNorm: engine.Number64(logKernelNorm(bandwidth, in.width(), kernel)),
		Bound: worstTolerance, Metric: metric, SpaceTree: *tree}
	total := float64(len(tree.Order))
	if weights, ok := e.treeWeights(v, tree); !ok {
		return prediction{}
	} else if weights != nil {
		total = numpySum(weights)
		for _, i := range tree.Order {
			step.Weights = append(step.Weights, weights[i])
		}
	}
	for node := range tree.Starts {
		weight := float64(tree.Ends[node] - tree.Starts[node])
		if step.Weights != nil {
			weight = 0
			for _, w := range step.Weights[tree.Starts[node]:tree.Ends[node]] {
				weight += w
			}
		}
		step.NodeWeights = append(step.NodeWeights, weight)
	}
	step.LogATol, step.LogTotal = engine.Number64(math.Log(atol*total)), engine.Number64(math.Log(total))
	if breadthFirst {
		step.Scratch = b.Floats(4 * len(tree.Starts))
	}
	b.Add(step)
	return prediction{task: model.Density, score: answer{span: engine.Span{Start: step.Out, N: 1}, tolerance: worstTolerance,
		reason: "the search takes bounds of the density off one another, and what is left of large ones is noise"}}
}

// treeWeights reads the sample weights of a tree, nil if it has none.
func (e *estimator) treeWeights(v pickle.Value, tree *engine.SpaceTree) ([]float64, bool) {
	_, state := newObject(v.(*pickle.Object))
	if state[12] == nil {
		return nil, true
	}
	if a, ok := state[12].(*pickle.Array); ok {
		if weights, err := a.Float64s(); err == nil && len(weights) == len(tree.Order) {
			return weights, true
		}
	}
	e.wrong("sample_weight of the tree", state[12], "a number for each point")
	return nil, false
}

// treeMetrics are the classes of sklearn.metrics._dist_metrics that a tree takes.
var treeMetrics = map[string]string{
	"Euclidean": "euclidean", "Manhattan": "manhattan", "Chebyshev": "chebyshev", "Minkowski": "minkowski", "SEuclidean": "seuclidean",
	"Mahalanobis": "mahalanobis", "Hamming": "hamming", "Canberra": "canberra", "BrayCurtis": "braycurtis", "Haversine": "haversine",
	"Jaccard": "jaccard", "Dice": "dice", "RogersTanimoto": "rogerstanimoto", "RussellRao": "russellrao", "SokalMichener": "sokalmichener",
	"SokalSneath": "sokalsneath", "Matching": "hamming",
}

// treeMetric is the metric of a tree by its class, "EuclideanDistance64" or, before 1.3, "EuclideanDistance".
func (e *estimator) treeMetric(stored treeMetric) (engine.Metric, bool) {
	class := stored.class
	for _, suffix := range []string{"64", "Distance"} {
		class = cutSuffix(class, suffix)
	}
	name, ok := treeMetrics[class]
	m := engine.Metric{Name: name}
	switch name {
	case "":
		e.refuse("the metric "+stored.class, "it is not supported", "use one of scikit-learn's named metrics")
	case "minkowski":
		m.P, m.Vector = engine.Number64(stored.p), stored.vector
	case "seuclidean":
		m.Vector = stored.vector
	case "mahalanobis":
		m.Matrix = stored.matrix
	}
	return m, ok
}

func cutSuffix(s, suffix string) string {
	if len(s) > len(suffix) && s[len(s)-len(suffix):] == suffix {
		return s[:len(s)-len(suffix)]
	}
	return s
}

// logKernelNorm is _log_kernel_norm in sklearn/neighbors/_binary_tree.pxi.tp: the kernel's volume in d dimensions.
func logKernelNorm(h float64, d int, kernel string) float64 {
	n := float64(d)
	logV := func(n float64) float64 { return float64(0.5*n*math.Log(math.Pi)) - logGamma(float64(0.5*n)+1) }
	logS := func(n float64) float64 { return math.Log(2*math.Pi) + logV(n-1) }
	factor := 0.0
	switch kernel {
	case "gaussian":
		factor = float64(0.5*n) * math.Log(2*math.Pi)
	case "tophat":
		factor = logV(n)
	case "epanechnikov":
		factor = logV(n) + math.Log(2/(n+2))
	case "exponential":
		factor = logS(n-1) + logGamma(n)
	case "linear":
		factor = logV(n) - math.Log(n+1)
	case "cosine":
		share := 2 / math.Pi // rounded, and so is its square, which sums of large terms of alternating signs hang on
		square, term := float64(share*share), share
		for k := 1; k <= d; k += 2 {
			factor += term
			term *= -(n - float64(k)) * (n - float64(k) - 1) * square
		}
		factor = math.Log(factor) + logS(n-1)
	}
	return -factor - float64(n*math.Log(h))
}

func logGamma(v float64) float64 {
	out, _ := math.Lgamma(v)
	return out
}
