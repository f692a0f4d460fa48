package sklearn

import (
	"math"

	"sklambda/model"
	"sklambda/model/engine"
)

// weightBoostingConverters holds the classes of sklearn.ensemble._weight_boosting.
func weightBoostingConverters() map[string]converter {
	return map[string]converter{
		"sklearn.ensemble._weight_boosting.AdaBoostClassifier": {predict: predictAdaBoostClassifier},
		"sklearn.ensemble._weight_boosting.AdaBoostRegressor":  {predict: predictAdaBoostRegressor},
	}
}

// weightBoostingParams are the attributes that only the fit reads.
var weightBoostingParams = []string{"estimator", "base_estimator", "estimator_", "base_estimator_", "_estimator", "n_estimators", "learning_rate",
	"estimator_params", "estimator_errors_", "n_classes_"}

// boostedInput is the input as BaseWeightBoosting._check_X gives it to the members.
func (e *estimator) boostedInput(in matrix) matrix {
	in = in.array()
	return e.c.computed(e.c.checked(e, in, engine.Check{}), in, in.resultType())
}

// predictAdaBoostClassifier follows sklearn.ensemble.AdaBoostClassifier.decision_function, predict and predict_proba.
func predictAdaBoostClassifier(e *estimator, in matrix) prediction {
	e.ignores(weightBoostingParams...)
	classes := e.classes("classes_")
	if !e.atLeastTwo(classes) {
		return prediction{}
	}
	n := totalClasses(classes)
	weights := e.vector("estimator_weights_", -1)
	algorithm := e.getOr("algorithm", "SAMME")
	in = e.boostedInput(in)
	var sum answer
	var ok bool
	switch algorithm {
	case "SAMME.R": // before 1.6
		sum, ok = e.addedLogarithms(in, n)
	case "SAMME", "deprecated":
		sum, ok = e.addedVotes(in, classes[0], weights)
	default:
		e.wrong("algorithm", algorithm, "SAMME or SAMME.R")
	}
	if !ok {
		return prediction{}
	}
	e.c.divided(sum.span, numpySum(weights))
	decision := sum
	if n == 2 {
		decision = worst(e.c.b.Floats(1), sum)
		e.c.b.Add(&engine.WeightedSum{From: []int32{sum.span.Start, sum.span.Start + 1}, Weights: []float64{-1, 1}, Out: decision.span})
	}
	return prediction{
		task: classTask(classes), classes: classes,
		label:         answer{span: e.linearLabel(decision.span)},
		probabilities: answer{span: e.adaBoostProbabilities(decision.span, n), tolerance: max(roundingTolerance, sum.tolerance), reason: sum.reason},
		decision:      decision,
	}
}

// adaBoostProbabilities follows AdaBoostClassifier._compute_proba_from_decision.
func (e *estimator) adaBoostProbabilities(decision engine.Span, n int) engine.Span {
	b := e.c.b
	out := b.Floats(n)
	if n == 2 {
		b.Add(&engine.Select{From: []int32{decision.Start, decision.Start}, Out: out})
		b.Add(&engine.Arith{Op: "mul", In: out, Out: out, Values: []float64{-0.5, 0.5}})
	} else {
		b.Add(&engine.Arith{Op: "div", In: decision, Out: out, Values: []float64{float64(n - 1)}})
	}
	b.Add(&engine.Softmax{In: out, Out: out})
	return out
}

// addedVotes adds up, for each member, its weight for the class that it predicts, and -1/(n-1) of the weight for any other class (nothing
// before 1.3.1).
func (e *estimator) addedVotes(in matrix, classes []model.Class, weights []float64) (answer, bool) {
	items := e.items("estimators_")
	if len(items) > len(weights) {
		e.refuse("estimator_weights_", "there are fewer weights than estimators", "check that the file is whole")
		return answer{}, false
	}
	table := func(i int, positions []int) []float64 {
		n := len(classes)
		out := make([]float64, 0, len(positions)*n)
		for _, position := range positions {
			for k := range n {
				switch {
				case k == position:
					out = append(out, weights[i])
				case e.since(1, 3, 1):
					out = append(out, -1/float64(n-1)*weights[i])
				default:
					out = append(out, 0)
				}
			}
		}
		return out
	}
	if trees, allowNaN := e.votingTrees(in, classes, table); trees != nil {
		return answer{span: e.trees(in, len(classes), allowNaN, trees)}, true
	}
	members, ok := e.members("estimators_", same(in))
	if !ok {
		return answer{}, false
	}
	spans := make([]engine.Span, len(members))
	for i, p := range members {
		positions, ok := e.positions(p, classes)
		if !ok {
			return answer{}, false
		}
		spans[i] = e.c.b.Floats(len(classes))
		e.c.b.Add(&engine.Gather{In: p.label.span.Start, Out: spans[i], Table: table(i, positions)})
	}
	out := e.c.b.Floats(len(classes))
	e.c.b.Add(&engine.WeightedSum{From: starts(spans), FromZero: true, Out: out})
	return answer{span: out}, true
}

// votingTrees are the members as trees whose leaves hold a row of the member's table, one step for all; nil unless all of them are classification trees
// of scikit-learn that agree on whether they take NaN.
func (e *estimator) votingTrees(in matrix, classes []model.Class, table func(i int, positions []int) []float64) (trees []engine.Tree, allowNaN bool) {
	items, n := e.items("estimators_"), len(classes)
	for i, item := range items {
		tree, ok := e.memberTree(i, item)
		if i == 0 && ok {
			allowNaN = tree.treesAllowNaN(in)
		}
		if !ok || tree.treesAllowNaN(in) != allowNaN {
			return nil, false
		}
		t, ok := tree.fittedTree(in.width())
		if !ok {
			return nil, false
		}
		own := tree.classes("classes_")
		positions, ok := tree.positions(prediction{classes: own}, classes)
		if !ok || !t.fits(tree, own) {
			return nil, false
		}
		rows := table(i, positions)
		_, labels := t.leafProbabilities(tree, own)
		values := make([]float64, 0, len(labels)*n)
		for _, label := range labels {
			values = append(values, rows[int(label)*n:int(label+1)*n]...)
		}
		t.Values, t.Width, t.values = values, n, nil
		trees = append(trees, t.Tree)
	}
	if len(trees) > 0 {
		e.listFirst(items)
	}
	return trees, allowNaN
}

// addedLogarithms follows _samme_proba of scikit-learn before 1.6 and adds it up: the members' centred logarithms of the probabilities.
func (e *estimator) addedLogarithms(in matrix, n int) (answer, bool) {
	members, ok := e.members("estimators_", same(in))
	if !ok {
		return answer{}, false
	}
	spans, _, ok := e.memberProbabilities(members, n)
	if !ok {
		return answer{}, false
	}
	centred := make([]float64, n*n)
	for i := range centred {
		centred[i] = -float64(n-1) / float64(n)
		if i/n == i%n {
			centred[i] += float64(n - 1)
		}
	}
	for i, span := range spans {
		logs := e.c.b.Floats(n)
		e.c.b.Add(&engine.Clip{In: span, Out: logs, Min: []float64{0x1p-52}, Max: []float64{math.Inf(1)}})
		e.c.b.Add(&engine.Map{Op: "log", In: logs, Out: logs})
		spans[i] = e.c.b.Floats(n)
		e.c.b.Add(&engine.MatMul{In: logs, Out: spans[i], Weights: centred})
	}
	out := e.c.b.Floats(n)
	e.c.b.Add(&engine.WeightedSum{From: starts(spans), FromZero: true, Out: out})
	return answer{span: out, tolerance: roundingTolerance}, true
}

// predictAdaBoostRegressor follows sklearn.ensemble.AdaBoostRegressor.predict: the weighted median of the members' predictions.
func predictAdaBoostRegressor(e *estimator, in matrix) prediction {
	e.ignores(weightBoostingParams...)
	e.ignores("loss")
	weights := e.vector("estimator_weights_", -1)
	members, ok := e.members("estimators_", same(e.boostedInput(in)))
	if !ok {
		return prediction{}
	}
	values, ok := e.memberValues(members)
	if !ok || len(weights) < len(values) {
		e.refuse("estimator_weights_", "there are fewer weights than estimators", "check that the file is whole")
		return prediction{}
	}
	all := e.beside(values...)
	out, work := e.c.b.Floats(1), e.c.b.Floats(len(values))
	e.c.b.Add(&engine.WeightedMedian{In: all.span, Out: out.Start, Work: work, Weights: weights[:len(values)]})
	return prediction{task: model.Regression, value: worst(out, all)}
}
