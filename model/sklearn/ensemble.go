package sklearn

import (
	"fmt"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// ensembleConverters holds the forests and gradient boosting of sklearn.ensemble.
func ensembleConverters() map[string]converter {
	classifier := converter{predict: predictForestClassifier}
	regressor := converter{predict: predictForestRegressor}
	return map[string]converter{
		"sklearn.ensemble._forest.RandomForestClassifier": classifier,
		"sklearn.ensemble._forest.ExtraTreesClassifier":   classifier,
		"sklearn.ensemble._forest.RandomForestRegressor":  regressor,
		"sklearn.ensemble._forest.ExtraTreesRegressor":    regressor,
		"sklearn.ensemble._gb.GradientBoostingClassifier": {predict: predictGradientBoostingClassifier},
		"sklearn.ensemble._gb.GradientBoostingRegressor":  {predict: predictGradientBoostingRegressor},
		"sklearn.ensemble._forest.RandomTreesEmbedding":   {transform: transformRandomTreesEmbedding},
		"sklearn.ensemble._iforest.IsolationForest":       {predict: predictIsolationForest},
	}
}

// forestParams are the attributes of a forest that only the fit reads, beside those of its trees.
var forestParams = []string{"n_estimators", "bootstrap", "oob_score", "warm_start", "max_samples", "estimator", "base_estimator",
	"estimator_params", "estimator_", "base_estimator_", "_estimator", "_n_samples", "_n_samples_bootstrap", "_sample_weight", "oob_score_", "oob_decision_function_", "oob_prediction_",
	"estimators_", "estimators_samples_"}

// predictForestClassifier follows sklearn.ensemble._forest.ForestClassifier.predict_proba and predict: the trees'
// probabilities are added up in order and divided once.
func predictForestClassifier(e *estimator, in matrix) prediction {
	e.ignores(forestParams...)
	e.ignores(treeParams...)
	classes := e.classes("classes_")
	width := totalClasses(classes)
	first, trees := e.forest(in, func(tree *estimator, t *fittedTree) bool {
		if !t.fits(tree, classes) {
			return false
		}
		t.Values, _ = t.leafProbabilities(tree, classes)
		t.Width = width
		return true
	})
	if first == nil {
		return prediction{}
	}
	out := e.trees(in, width, e.forestAllowsNaN(first, in), trees)
	e.c.b.Add(&engine.Arith{Op: "div", In: out, Out: out, Values: []float64{float64(len(trees))}})
	label := e.c.b.Floats(len(classes))
	from := out.Start
	for k := range classes {
		n := int32(len(classes[k]))
		e.c.b.Add(&engine.ArgMax{In: engine.Span{Start: from, N: n}, Out: label.Start + int32(k)})
		from += n
	}
	return prediction{
		task: classTask(classes), classes: classes,
		label:         answer{span: label},
		probabilities: answer{span: out, tolerance: in.tolerance()},
	}
}

// predictForestRegressor follows sklearn.ensemble._forest.ForestRegressor.predict.
func predictForestRegressor(e *estimator, in matrix) prediction {
	e.ignores(forestParams...)
	e.ignores(treeParams...)
	outputs := e.int("n_outputs_")
	first, trees := e.forest(in, func(tree *estimator, t *fittedTree) bool {
		if t.outputs != outputs {
			tree.refuse("tree_", fmt.Sprintf("it has %d outputs, the forest has %d", t.outputs, outputs), "check that the file is whole")
			return false
		}
		t.Values, t.Width = t.outputValues(), outputs
		return true
	})
	if first == nil {
		return prediction{}
	}
	out := e.trees(in, outputs, e.forestAllowsNaN(first, in), trees)
	e.c.b.Add(&engine.Arith{Op: "div", In: out, Out: out, Values: []float64{float64(len(trees))}})
	return regression(out, in.tolerance())
}

// transformRandomTreesEmbedding follows sklearn.ensemble.RandomTreesEmbedding.transform: the leaf of each tree, one-hot encoded among those of the fit.
func transformRandomTreesEmbedding(e *estimator, in matrix) matrix {
	e.ignores(forestParams...)
	e.ignores(treeParams...)
	e.ignores("sparse_output", "_n_features_out")
	encoder := e.child("one_hot_encoder_", e.get("one_hot_encoder_"))
	if encoder == nil {
		return unknownMatrix
	}
	leaves := encoder.items("categories_")
	var widths []int32
	first, trees := e.forest(in, func(tree *estimator, t *fittedTree) bool {
		i := len(widths)
		known, ok := vectorAt(encoder.get("categories_"), i, -1)
		if !ok || i >= len(leaves) {
			encoder.refuse("categories_", "it does not list the leaves of every tree", "check that the file is whole")
			return false
		}
		t.Values, t.Width, t.Output = make([]float64, t.nodes()), 1, i
		found := 0
		for code, leaf := range known {
			if node := int(leaf); node >= 0 && node < t.nodes() && t.Left[node] < 0 {
				t.Values[node] = float64(code)
				found++
			}
		}
		if found != len(known) || found != (t.nodes()+1)/2 {
			encoder.refuse("categories_", fmt.Sprintf("tree %d has %d leaves, of which it lists %d", i, (t.nodes()+1)/2, found), "check that the file is whole")
			return false
		}
		widths = append(widths, int32(len(known)))
		return true
	})
	if first == nil {
		return unknownMatrix
	}
	codes := e.trees(in, len(trees), e.forestAllowsNaN(first, in), trees)
	width := 0
	for _, w := range widths {
		width += int(w)
	}
	out := e.c.b.Floats(width)
	e.c.b.Add(&engine.OneHot{In: codes, Out: out, Widths: widths})
	m := e.c.computed(out, matrix{}, float64Type)
	m.sparse = encoder.bool("sparse_output")
	return m
}

// forest reads the trees of estimators_; values gives each its leaf values. The first tree is returned as an estimator,
// nil if anything was refused.
func (e *estimator) forest(in matrix, values func(*estimator, *fittedTree) bool) (first *estimator, trees []engine.Tree) {
	for i, item := range e.items("estimators_") {
		tree, t, ok := e.treeAt(in, i, item)
		if !ok || !values(tree, t) {
			return nil, nil
		}
		t.values = nil
		if first == nil {
			first = tree
		}
		trees = append(trees, t.Tree)
	}
	if first == nil {
		e.refuse("estimators_ is empty", "a forest of no trees has no answer", "fit the forest")
	}
	return first, trees
}

// forestAllowsNaN follows BaseForest._validate_X_predict: since 1.4 the first tree decides.
func (e *estimator) forestAllowsNaN(first *estimator, in matrix) bool {
	return e.since(1, 4) && first.treesAllowNaN(in)
}

// treeAt reads one tree estimator of an ensemble.
func (e *estimator) treeAt(in matrix, i int, item pickle.Value) (*estimator, *fittedTree, bool) {
	tree := e.child(fmt.Sprintf("estimators_[%d]", i), item)
	if tree == nil {
		return nil, nil, false
	}
	if _, ok := treeConverters()[tree.class]; !ok {
		tree.refuse("class "+tree.class, "not a tree of scikit-learn", "use an ensemble of scikit-learn's own trees")
		return nil, nil, false
	}
	t, ok := tree.fittedTree(in.width())
	return tree, t, ok
}
