package sklearn

import (
	"fmt"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// baggingConverters holds the classes of sklearn.ensemble._bagging.
func baggingConverters() map[string]converter {
	return map[string]converter{
		"sklearn.ensemble._bagging.BaggingClassifier": {predict: predictBaggingClassifier},
		"sklearn.ensemble._bagging.BaggingRegressor":  {predict: predictBaggingRegressor},
	}
}

// baggingParams are the attributes that only the fit reads.
var baggingParams = []string{"estimator", "base_estimator", "estimator_", "base_estimator_", "_estimator", "n_estimators", "max_samples", "max_features",
	"bootstrap", "bootstrap_features", "oob_score", "warm_start", "oob_score_", "oob_decision_function_", "oob_prediction_", "n_classes_",
	"estimator_params", "_max_samples", "_max_features", "_n_samples", "_seeds", "_sample_weight", "n_features_"}

// predictBaggingClassifier follows sklearn.ensemble.BaggingClassifier: the probabilities of the members, or a vote each, are added up
// and divided once. A member knows the codes of the classes that its bag had.
func predictBaggingClassifier(e *estimator, in matrix) prediction {
	e.ignores(baggingParams...)
	classes := e.classes("classes_")
	if !e.atLeastTwo(classes) {
		return prediction{}
	}
	n := totalClasses(classes)
	out := prediction{task: classTask(classes), classes: classes}
	bags, ok := e.bags(in)
	if !ok {
		return prediction{}
	}
	if trees, columns, allowNaN := e.baggedTrees(bags, n); trees != nil {
		sum := e.trees(bags.in.pick(columns), n, allowNaN, trees)
		e.c.divided(sum, float64(len(trees)))
		out.probabilities, out.label = answer{span: sum, tolerance: in.tolerance()}, e.c.argMax(sum)
		return out
	}
	members, ok := e.members("estimators_", bags.input)
	if !ok {
		return prediction{}
	}
	spans, parts := make([]engine.Span, len(members)), make([]answer, len(members))
	for i, p := range members {
		positions, ok := e.codes(p, n)
		if !ok {
			return prediction{}
		}
		if p.probabilities.span.N > 0 {
			spans[i], parts[i] = e.spread(p.probabilities.span, positions, n), p.probabilities
		} else {
			spans[i] = e.votes(p, positions, n)
		}
	}
	out.probabilities = worst(e.meanFromZero(spans), parts...)
	out.label = e.c.argMax(out.probabilities.span)
	out.decision, ok = e.baggedDecision(members)
	if !ok {
		return prediction{}
	}
	return out
}

// meanFromZero adds spans up, starting at 0, and divides by their number.
func (e *estimator) meanFromZero(spans []engine.Span) engine.Span {
	out := e.c.b.Floats(int(spans[0].N))
	e.c.b.Add(&engine.WeightedSum{From: starts(spans), FromZero: true, Out: out})
	e.c.divided(out, float64(len(spans)))
	return out
}

// baggedDecision is the mean of the members' decision functions, if the first member has one.
func (e *estimator) baggedDecision(members []prediction) (answer, bool) {
	if members[0].decision.span.N == 0 {
		return answer{}, true
	}
	spans, parts := make([]engine.Span, len(members)), make([]answer, len(members))
	for i, p := range members {
		if p.decision.span.N != members[0].decision.span.N || len(p.classes[0]) != len(members[0].classes[0]) {
			e.refuse("decision_function", fmt.Sprintf("estimators_[%d] was fitted on other classes than estimators_[0], and scikit-learn raises or adds up what does not belong together", i),
				"use larger bags, so that each has every class")
			return answer{}, false
		}
		spans[i], parts[i] = p.decision.span, p.decision
	}
	return worst(e.meanFromZero(spans), parts...), true
}

// predictBaggingRegressor follows sklearn.ensemble.BaggingRegressor.predict: the mean of the members' predictions.
func predictBaggingRegressor(e *estimator, in matrix) prediction {
	e.ignores(baggingParams...)
	bags, ok := e.bags(in)
	if !ok {
		return prediction{}
	}
	members, ok := e.members("estimators_", bags.input)
	if !ok {
		return prediction{}
	}
	spans, parts := make([]engine.Span, len(members)), make([]answer, len(members))
	for i, p := range members {
		if p.value.span.N == 0 || p.value.span.N != members[0].value.span.N {
			e.refuse(fmt.Sprintf("estimators_[%d]", i), fmt.Sprintf("it gives %d values, estimators_[0] %d", p.value.span.N, members[0].value.span.N), "use regressors with the same outputs")
			return prediction{}
		}
		spans[i], parts[i] = p.value.span, p.value
	}
	if single(members) {
		return prediction{task: members[0].task, value: e.singleMean(parts), float32: true}
	}
	value := worst(e.meanFromZero(spans), parts...)
	return prediction{task: members[0].task, value: value}
}

// bags are the input of a bagging ensemble, and the columns of it that each member reads.
type bags struct {
	in      matrix
	columns [][]int
}

func (b bags) input(i int, _ []prediction) matrix { return b.in.pick(b.columns[i]) }

// bags reads estimators_features_. The input becomes an array, of which each member is given some columns, one of them several times under
// bootstrap_features.
func (e *estimator) bags(in matrix) (bags, bool) {
	items, estimators := e.items("estimators_features_"), e.items("estimators_")
	b := bags{in: in.array()}
	if in.unknown || len(items) != len(estimators) {
		e.refuse("estimators_features_", fmt.Sprintf("it has %d items for %d estimators", len(items), len(estimators)), "check that the file is whole")
		return b, false
	}
	for _, item := range items {
		columns, ok := columnIndices(item, in.width())
		if !ok {
			e.wrong("estimators_features_", item, "arrays of indices of columns")
			return b, false
		}
		b.columns = append(b.columns, columns)
	}
	return b, true
}

// columnIndices reads an array of indices below n.
func columnIndices(v pickle.Value, n int) ([]int, bool) {
	a, ok := v.(*pickle.Array)
	if !ok || len(a.Shape) != 1 {
		return nil, false
	}
	values, err := a.Int64s()
	if err != nil {
		return nil, false
	}
	out := make([]int, len(values))
	for i, v := range values {
		if v < 0 || v >= int64(n) {
			return nil, false
		}
		out[i] = int(v)
	}
	return out, true
}

// baggedTrees are the members as trees over the columns that any of them is given, one step for all; nil unless all of them are classification trees
// of scikit-learn that agree on whether they take NaN.
func (e *estimator) baggedTrees(bags bags, n int) (trees []engine.Tree, columns []int, allowNaN bool) {
	items := e.items("estimators_")
	place := map[int]int32{}
	for _, drawn := range bags.columns {
		for _, column := range drawn {
			if _, ok := place[column]; !ok {
				place[column] = int32(len(columns))
				columns = append(columns, column)
			}
		}
	}
	for i, item := range items {
		tree, ok := e.memberTree(i, item)
		if i == 0 && ok {
			allowNaN = tree.treesAllowNaN(bags.in)
		}
		if !ok || tree.treesAllowNaN(bags.in) != allowNaN {
			return nil, nil, false
		}
		t, ok := tree.fittedTree(len(bags.columns[i]))
		if !ok {
			return nil, nil, false
		}
		classes := tree.classes("classes_")
		positions, ok := tree.codes(prediction{classes: classes}, n)
		if !ok || !t.fits(tree, classes) {
			return nil, nil, false
		}
		probabilities, _ := t.leafProbabilities(tree, classes)
		t.Values, t.Width, t.values = spreadRows(probabilities, positions, n), n, nil
		for node, left := range t.Left {
			if left >= 0 {
				t.Feature[node] = place[bags.columns[i][t.Feature[node]]]
			}
		}
		trees = append(trees, t.Tree)
	}
	e.listFirst(items)
	return trees, columns, allowNaN
}

// listFirst lists the first member in the manifest, for all of them.
func (e *estimator) listFirst(items []pickle.Value) {
	if tree, ok := e.memberTree(0, items[0]); ok {
		e.c.lookup(tree)
	}
}

// memberTree is a member that is a classification tree of scikit-learn, known by its attributes.
func (e *estimator) memberTree(i int, item pickle.Value) (*estimator, bool) {
	obj, ok := item.(*pickle.Object)
	if !ok {
		return nil, false
	}
	tree := e.c.estimator(fmt.Sprintf("%s.estimators_[%d]", e.path, i), obj)
	return tree, tree.isClassifierTree()
}

// spreadRows widens rows of numbers for some of n classes to all of them.
func spreadRows(values []float64, positions []int, n int) []float64 {
	if isIdentity(positions, n) {
		return values
	}
	out := make([]float64, 0, len(values)/len(positions)*n)
	for row := range slices.Chunk(values, len(positions)) {
		wide := make([]float64, n)
		for k, position := range positions {
			wide[position] = row[k]
		}
		out = append(out, wide...)
	}
	return out
}
