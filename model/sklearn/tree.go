package sklearn

import (
	"fmt"
	"slices"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// treeConverters holds the classes of sklearn.tree.
func treeConverters() map[string]converter {
	classifier := converter{predict: predictTreeClassifier}
	regressor := converter{predict: predictTreeRegressor}
	return map[string]converter{
		"sklearn.tree._classes.DecisionTreeClassifier": classifier,
		"sklearn.tree._classes.ExtraTreeClassifier":    classifier,
		"sklearn.tree._classes.DecisionTreeRegressor":  regressor,
		"sklearn.tree._classes.ExtraTreeRegressor":     regressor,
	}
}

// treeParams are the attributes of a tree that only the fit reads.
var treeParams = []string{"criterion", "splitter", "max_depth", "min_samples_split", "min_samples_leaf", "min_weight_fraction_leaf",
	"max_features", "max_leaf_nodes", "min_impurity_decrease", "min_impurity_split", "class_weight", "ccp_alpha", "monotonic_cst",
	"max_features_", "n_outputs_", "n_features_", "n_classes_", "classes_", "tree_"}

// predictTreeClassifier follows sklearn.tree.DecisionTreeClassifier.predict_proba and predict.
func predictTreeClassifier(e *estimator, in matrix) prediction {
	e.ignores(treeParams...)
	classes := e.classes("classes_")
	t, ok := e.fittedTree(in.width())
	if !ok || !t.fits(e, classes) {
		return prediction{}
	}
	probabilities, labels := t.leafProbabilities(e, classes)
	// the label is a leaf value of its own: scikit-learn takes the argmax of the raw leaf values
	width := totalClasses(classes)
	values := make([]float64, 0, t.nodes()*(width+len(classes)))
	for node := range t.nodes() {
		values = append(values, probabilities[node*width:(node+1)*width]...)
		values = append(values, labels[node*len(classes):(node+1)*len(classes)]...)
	}
	t.Values, t.Width = values, width+len(classes)
	out := e.trees(in, t.Width, e.treesAllowNaN(in), []engine.Tree{t.Tree})
	return prediction{
		task: classTask(classes), classes: classes,
		label:         answer{span: engine.Span{Start: out.Start + int32(width), N: int32(len(classes))}},
		probabilities: answer{span: engine.Span{Start: out.Start, N: int32(width)}, tolerance: in.tolerance()},
	}
}

// predictTreeRegressor follows sklearn.tree.DecisionTreeRegressor.predict.
func predictTreeRegressor(e *estimator, in matrix) prediction {
	e.ignores(treeParams...)
	t, ok := e.fittedTree(in.width())
	if !ok {
		return prediction{}
	}
	t.Values, t.Width = t.outputValues(), t.outputs
	return regression(e.trees(in, t.outputs, e.treesAllowNaN(in), []engine.Tree{t.Tree}), in.tolerance())
}

// regression is the prediction of a regressor with one value an output.
func regression(value engine.Span, tolerance float64) prediction {
	task := model.Regression
	if value.N > 1 {
		task = model.MultioutputRegression
	}
	return prediction{task: task, value: answer{span: value, tolerance: tolerance}}
}

// trees adds the check that a tree estimator makes of its input, and the trees.
func (e *estimator) trees(in matrix, width int, allowNaN bool, trees []engine.Tree) engine.Span {
	span := e.c.checked(e, in, engine.Check{AllowNaN: allowNaN, Float32: true})
	if !allowNaN { // where a missing value goes would take a second key for each column
		for i := range trees {
			trees[i].MissingLeft = nil
		}
	}
	out := e.c.b.Floats(width)
	e.addTrees(span, out, engine.Float32LE, nil, trees, nil)
	return out
}

// addTrees adds trees from one span of slots to another, which starts at init.
func (e *estimator) addTrees(in, out engine.Span, compare engine.Compare, init []float64, trees []engine.Tree, sets []engine.CategorySet) {
	e.addTreeSums(engine.TreeSums{In: in, Out: out, Compare: compare, Init: init}, trees, sets)
}

// addTreeSums adds trees whose sums may start as what earlier steps have written.
func (e *estimator) addTreeSums(sums engine.TreeSums, trees []engine.Tree, sets []engine.CategorySet) {
	steps, err := engine.PackTrees(sums, trees, sets)
	if err != nil {
		e.refuse("the trees", "they are not well formed: "+err.Error(), "check that the file is whole")
		return
	}
	e.c.b.Add(steps...)
}

// treesAllowNaN follows BaseDecisionTree._support_missing_values and __sklearn_tags__ of each version. The estimator is a
// tree; a forest asks its first tree.
func (e *estimator) treesAllowNaN(in matrix) bool {
	splitter, _ := e.obj.Attr("splitter")
	if in.sparse || !e.since(1, 3) {
		return false
	}
	if e.since(1, 9) {
		return !e.isExtraTree() || splitter == "random"
	}
	monotonic, _ := e.obj.Attr("monotonic_cst")
	criterion, _ := e.obj.Attr("criterion")
	criteria := []pickle.Value{"gini", "log_loss", "entropy"}
	if !e.isClassifierTree() {
		criteria = []pickle.Value{"squared_error", "friedman_mse", "poisson"}
	}
	return monotonic == nil && slices.Contains(criteria, criterion) &&
		(splitter == "best" && (!e.isExtraTree() || !e.since(1, 6)) || splitter == "random" && e.since(1, 6))
}

func (e *estimator) isExtraTree() bool {
	return e.class == "sklearn.tree._classes.ExtraTreeClassifier" || e.class == "sklearn.tree._classes.ExtraTreeRegressor"
}

func (e *estimator) isClassifierTree() bool {
	return e.class == "sklearn.tree._classes.DecisionTreeClassifier" || e.class == "sklearn.tree._classes.ExtraTreeClassifier"
}

// fittedTree is sklearn.tree._tree.Tree: the nodes, and the values of every node, nodes × outputs × classes.
type fittedTree struct {
	engine.Tree
	values           []float64
	outputs, classes int
}

func (t *fittedTree) nodes() int { return len(t.Left) }

// fittedTree reads tree_ and checks that it looks at no more than the given number of columns.
func (e *estimator) fittedTree(columns int) (t *fittedTree, ok bool) {
	v := e.get("tree_")
	obj, isObject := v.(*pickle.Object)
	if !isObject || obj.ClassName() != "sklearn.tree._tree.Tree" {
		e.wrong("tree_", v, "a sklearn.tree._tree.Tree")
		return nil, false
	}
	t, err := readTree(obj)
	if err != nil {
		e.refuse("tree_", err.Error(), "check that the file is whole, or refit with a supported scikit-learn version")
		return nil, false
	}
	for i, f := range t.Feature {
		if t.Left[i] >= 0 && (f < 0 || int(f) >= columns) {
			e.refuse("tree_", fmt.Sprintf("node %d looks at column %d of %d", i, f, columns), "check that the file is whole")
			return nil, false
		}
	}
	return t, true
}

// readTree reads the state of a Tree (sklearn/tree/_tree.pyx, Tree.__getstate__): the structured array nodes and the array values.
func readTree(obj *pickle.Object) (*fittedTree, error) {
	nodesValue, _ := obj.Attr("nodes")
	valuesValue, _ := obj.Attr("values")
	nodes, ok0 := nodesValue.(*pickle.Array)
	values, ok1 := valuesValue.(*pickle.Array)
	if !ok0 || !ok1 || len(values.Shape) != 3 || len(nodes.Shape) != 1 || values.Shape[0] != nodes.Shape[0] {
		return nil, fmt.Errorf("nodes are %s and values are %s, want n nodes and n × outputs × classes values", describe(nodesValue), describe(valuesValue))
	}
	t := &fittedTree{outputs: values.Shape[1], classes: values.Shape[2]}
	var err error
	read := func(name string) []int32 {
		column, e := nodeInts(nodes, name)
		if err == nil {
			err = e
		}
		return column
	}
	t.Left, t.Right, t.Feature = read("left_child"), read("right_child"), read("feature")
	if err != nil {
		return nil, err
	}
	threshold, err := nodes.Field("threshold")
	if err != nil {
		return nil, err
	}
	if t.Threshold, err = threshold.Float64s(); err != nil {
		return nil, err
	}
	if missing, err := nodes.Field("missing_go_to_left"); err == nil { // since 1.3
		ints, err := missing.Int64s()
		if err != nil {
			return nil, err
		}
		t.MissingLeft = make([]bool, len(ints))
		for i, v := range ints {
			t.MissingLeft[i] = v != 0
		}
	}
	t.values, err = values.Float64s()
	return t, err
}

// nodeInts reads an integer member of a node array.
func nodeInts(nodes *pickle.Array, name string) ([]int32, error) {
	column, err := nodes.Field(name)
	if err != nil {
		return nil, err
	}
	ints, err := column.Int64s()
	if err != nil {
		return nil, err
	}
	out := make([]int32, len(ints))
	for i, v := range ints {
		out[i] = int32(v)
		if int64(out[i]) != v {
			return nil, fmt.Errorf("%s of node %d is %d, which is beyond 32 bits", name, i, v)
		}
	}
	return out, nil
}

// fits refuses a classification tree whose values do not fit the classes.
func (t *fittedTree) fits(e *estimator, classes [][]model.Class) bool {
	widest := 0
	for _, c := range classes {
		widest = max(widest, len(c))
	}
	if t.outputs != len(classes) || t.classes != widest || widest == 0 {
		e.refuse("tree_", fmt.Sprintf("it has %d outputs of %d classes, classes_ has %d of %d", t.outputs, t.classes, len(classes), widest),
			"check that the file is whole")
		return false
	}
	return true
}

// leafProbabilities returns, for each node, the probabilities of all outputs side by side, and the class index of each output.
// Before 1.4 the values were weights and predict_proba divided them by their sum; since then they are stored as fractions.
func (t *fittedTree) leafProbabilities(e *estimator, classes [][]model.Class) (probabilities, labels []float64) {
	normalize := !e.since(1, 4)
	probabilities = make([]float64, 0, t.nodes()*totalClasses(classes))
	labels = make([]float64, 0, t.nodes()*len(classes))
	for node := range t.nodes() {
		for k := range classes {
			start := (node*t.outputs + k) * t.classes
			labels = append(labels, float64(argMax(t.values[start:start+t.classes])))
			values := t.values[start : start+len(classes[k])]
			divisor := 1.0
			if normalize {
				if sum := numpySum(values); sum != 0 {
					divisor = sum
				}
			}
			for _, v := range values {
				probabilities = append(probabilities, v/divisor)
			}
		}
	}
	return probabilities, labels
}

// outputValues returns, for each node, one value an output (regression trees have one class).
func (t *fittedTree) outputValues() []float64 {
	if t.classes == 1 {
		return t.values
	}
	out := make([]float64, 0, t.nodes()*t.outputs)
	for i := 0; i < len(t.values); i += t.classes {
		out = append(out, t.values[i])
	}
	return out
}

func totalClasses(classes [][]model.Class) int {
	n := 0
	for _, c := range classes {
		n += len(c)
	}
	return n
}

// argMax is numpy.argmax: the first largest value, the first NaN if there is one.
func argMax(values []float64) int {
	best := 0
	for i, v := range values {
		if v != v {
			return i
		}
		if v > values[best] {
			best = i
		}
	}
	return best
}

// numpySum adds in numpy's order for a contiguous axis: plainly below 8 items, else eight sums side by side (numpy's
// pairwise_sum in loops_utils.h.src).
func numpySum(values []float64) float64 {
	n := len(values)
	switch {
	case n < 8:
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		return sum
	case n <= 128:
		var r [8]float64
		copy(r[:], values)
		i := 8
		for ; i < n-n%8; i += 8 {
			for k := range r {
				r[k] += values[i+k]
			}
		}
		sum := ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
		for ; i < n; i++ {
			sum += values[i]
		}
		return sum
	}
	half := n / 2
	half -= half % 8
	return numpySum(values[:half]) + numpySum(values[half:])
}
