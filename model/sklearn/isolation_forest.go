package sklearn

import (
	"fmt"
	"math"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// isolationForestParams are the attributes that only the fit reads.
var isolationForestParams = []string{"contamination", "max_samples", "_max_features"}

// predictIsolationForest follows sklearn.ensemble.IsolationForest.score_samples, decision_function and predict: the depths of the leaves are added up in
// order, and the score is -2**(-depth / the depth of an average row).
func predictIsolationForest(e *estimator, in matrix) prediction {
	e.ignores(baggingParams...)
	e.ignores(isolationForestParams...)
	offset, samples := e.float("offset_"), e.float("max_samples_")
	if e.since(1, 3) {
		samples = e.float("_max_samples")
	}
	bags, ok := e.bags(in)
	if !ok {
		return prediction{}
	}
	trees, ok := e.isolationTrees(bags)
	if !ok {
		return prediction{}
	}
	check := engine.Check{Float32: true}
	if e.since(1, 6) { // numpy casts to float32 what is beyond it, and nothing is checked
		check = engine.Check{AllowNaN: true, AllowInf: true}
	}
	span := e.c.checked(e, bags.in, check)
	score, decision, label := e.c.b.Floats(1), e.c.b.Floats(1), e.c.b.Floats(1)
	e.addTrees(span, score, engine.Float32LE, nil, trees, nil)
	if depth := float64(len(trees)) * averagePathLength(samples); depth != 0 {
		e.c.divided(score, depth)
	} else { // a forest of one row each: every score is -2**-1
		score = e.c.constants([]float64{1})
	}
	negative := []float64{-1}
	e.c.b.Add(&engine.Arith{Op: "mul", In: score, Out: score, Values: negative})
	e.c.b.Add(&engine.Map{Op: "exp2", In: score, Out: score})
	e.c.b.Add(&engine.Arith{Op: "mul", In: score, Out: score, Values: negative})
	e.c.b.Add(&engine.Arith{Op: "sub", In: score, Out: decision, Values: []float64{offset}})
	e.c.b.Add(&engine.Above{In: decision.Start, Out: label.Start, OrEqual: true})
	return prediction{
		task: model.OutlierDetection, classes: [][]model.Class{{{RawMessage: marshal(-1)}, {RawMessage: marshal(1)}}},
		label:    answer{span: label},
		decision: answer{span: decision, tolerance: roundingTolerance},
		score:    answer{span: score, tolerance: roundingTolerance},
	}
}

// isolationTrees are the trees with the depth of each leaf: the nodes on the path to it, and the average path length of the rows that are left in it.
func (e *estimator) isolationTrees(bags bags) ([]engine.Tree, bool) {
	lengths, averages := e.getOr("_decision_path_lengths", nil), e.getOr("_average_path_length_per_tree", nil) // since 1.3
	var trees []engine.Tree
	for i, item := range e.items("estimators_") {
		tree := e.child(fmt.Sprintf("estimators_[%d]", i), item)
		if tree == nil {
			return nil, false
		}
		t, ok := tree.fittedTree(len(bags.columns[i]))
		if !ok {
			return nil, false
		}
		path, ok1 := vectorAt(lengths, i, t.nodes())
		average, ok2 := vectorAt(averages, i, t.nodes())
		if lengths == nil && averages == nil {
			path, average, ok1 = tree.isolationDepths(t)
			ok2 = ok1
		}
		if !ok1 || !ok2 {
			e.refuse("_decision_path_lengths", "it does not fit the trees", "check that the file is whole")
			return nil, false
		}
		t.Values, t.Width, t.values = make([]float64, t.nodes()), 1, nil
		for node := range t.Values {
			t.Values[node] = path[node] + average[node] - 1
			if t.Left[node] >= 0 {
				t.Feature[node] = int32(bags.columns[i][t.Feature[node]])
			}
		}
		trees = append(trees, t.Tree)
	}
	return trees, true
}

// vectorAt is item i of a sequence of vectors, of n numbers (any if n < 0).
func vectorAt(v pickle.Value, i, n int) ([]float64, bool) {
	items, _ := sequence(v)
	if i >= len(items) {
		return nil, false
	}
	a, ok := items[i].(*pickle.Array)
	if !ok {
		return nil, false
	}
	out, err := a.Float64s()
	return out, err == nil && (n < 0 || len(out) == n)
}

// isolationDepths computes for each node what scikit-learn before 1.3 computed for each row.
func (e *estimator) isolationDepths(t *fittedTree) (path, average []float64, ok bool) {
	obj, _ := e.get("tree_").(*pickle.Object)
	nodesValue, _ := obj.Attr("nodes")
	nodes, isArray := nodesValue.(*pickle.Array)
	if !isArray {
		return nil, nil, false
	}
	samples, err := nodeInts(nodes, "n_node_samples")
	if err != nil || len(samples) != t.nodes() {
		return nil, nil, false
	}
	path, average = make([]float64, t.nodes()), make([]float64, t.nodes())
	path[0] = 1
	for node := range path {
		average[node] = averagePathLength(float64(samples[node]))
		for _, child := range []int32{t.Left[node], t.Right[node]} {
			if child >= 0 && int(child) < len(path) {
				path[child] = path[node] + 1 // children come after their parent
			}
		}
	}
	return path, average, true
}

// averagePathLength follows sklearn.ensemble._iforest._average_path_length.
func averagePathLength(samples float64) float64 {
	const eulerGamma = 0.5772156649015328606
	switch {
	case samples <= 1:
		return 0
	case samples == 2:
		return 1
	}
	return float64(2*(math.Log(samples-1)+eulerGamma)) - 2*(samples-1)/samples
}
