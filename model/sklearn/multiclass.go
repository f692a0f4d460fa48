package sklearn

import (
	"fmt"
	"slices"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

const constantPredictor = "sklearn.multiclass._ConstantPredictor"

// multiclassConverters holds the classes of sklearn.multiclass.
func multiclassConverters() map[string]converter {
	return map[string]converter{
		"sklearn.multiclass.OneVsRestClassifier":  {predict: predictOneVsRest, composite: true},
		"sklearn.multiclass.OneVsOneClassifier":   {predict: predictOneVsOne},
		"sklearn.multiclass.OutputCodeClassifier": {predict: predictOutputCode, composite: true},
		constantPredictor:                         {predict: predictConstant, composite: true},
	}
}

// predictConstant follows sklearn.multiclass._ConstantPredictor: y_ is the one label of 0 and 1, or of -1 and 1.
func predictConstant(e *estimator, _ matrix) prediction {
	y := e.vector("y_", 1)[0]
	low, label := 0, y
	if y == -1 {
		low, label = -1, 0
	}
	if label != 0 && label != 1 {
		e.refuse(fmt.Sprintf("y_ is %v", y), "allowed is -1, 0 or 1", "check that the file is whole")
		return prediction{}
	}
	return prediction{
		task: model.Binary, classes: [][]model.Class{{{RawMessage: marshal(low)}, {RawMessage: marshal(1)}}},
		label:         answer{span: e.c.constants([]float64{label})},
		probabilities: answer{span: e.c.constants([]float64{1 - y, y})},
		decision:      answer{span: e.c.constants([]float64{y})},
	}
}

// binaryScore follows sklearn.multiclass._predict_binary: the prediction of a regressor, the decision, else the probability of the second class.
func (e *estimator) binaryScore(p prediction) (answer, bool) {
	switch {
	case p.value.span.N == 1:
		return p.value, true
	case p.decision.span.N == 1:
		return p.decision, true
	case p.decision.span.N == 0 && p.probabilities.span.N == 2:
		return p.probabilities.part(1), true
	}
	e.refuse("a member", "it gives no score for two classes", "use binary classifiers or regressors")
	return answer{}, false
}

// binaryThreshold follows sklearn.multiclass._threshold_for_binary_predict.
func binaryThreshold(p prediction) engine.Number64 {
	if p.decision.span.N > 0 {
		return 0
	}
	return 0.5
}

// binaryMembers compiles estimators_ and the score of each.
func (e *estimator) binaryMembers(in matrix) (members []prediction, scores []answer, ok bool) {
	e.ignores("estimator")
	members, ok = e.members("estimators_", same(in))
	if !ok {
		return nil, nil, false
	}
	for _, p := range members {
		score, ok := e.binaryScore(p)
		if !ok {
			return nil, nil, false
		}
		scores = append(scores, score)
	}
	return members, scores, true
}

// predictOneVsRest follows sklearn.multiclass.OneVsRestClassifier.predict, predict_proba and decision_function.
func predictOneVsRest(e *estimator, in matrix) prediction {
	binarizer := e.child("label_binarizer_", e.get("label_binarizer_"))
	if binarizer == nil {
		return prediction{}
	}
	target := binarizer.str("y_type_", "binary", "multiclass", "multilabel-indicator")
	labels := e.labels("classes_", e.oneVsRestClasses(binarizer))
	members, scores, ok := e.binaryMembers(in)
	if !ok {
		return prediction{}
	}
	switch {
	case target == "multilabel-indicator" && len(members) == len(labels), target == "multiclass" && len(members) == len(labels) && len(labels) > 2,
		target == "binary" && len(members) == 1 && len(labels) == 2:
	default:
		e.refuse("classes_", fmt.Sprintf("%d estimators for %d classes of a %s target have no answer", len(members), len(labels), target), "fit on at least two classes")
		return prediction{}
	}
	out := prediction{task: classTask([][]model.Class{labels}), classes: [][]model.Class{labels}}
	if target == "multiclass" {
		out.label = e.largest(e.beside(scores...).span)
	} else {
		out.label = e.above(scores, binaryThreshold(members[0]))
	}
	if target == "multilabel-indicator" {
		out.task, out.classes = model.MultioutputClassification, indicators(len(labels))
	}
	out.decision = e.oneVsRestDecision(members)
	out.probabilities = e.oneVsRestProbabilities(members, target)
	return out
}

// oneVsRestClasses are the classes of the binarizer; OneVsRestClassifier repeats them since 0.22.
func (e *estimator) oneVsRestClasses(binarizer *estimator) pickle.Value {
	if e.has("classes_") {
		return e.get("classes_")
	}
	return binarizer.get("classes_")
}

// indicators are the classes of a multilabel target: 0 and 1 for each output.
func indicators(n int) [][]model.Class {
	out := make([][]model.Class, n)
	for i := range out {
		out[i] = []model.Class{{RawMessage: marshal(0)}, {RawMessage: marshal(1)}}
	}
	return out
}

// largest is the class with the largest score, the first of several since 1.8 and the last before.
func (e *estimator) largest(scores engine.Span) answer {
	if e.since(1, 8) {
		return e.c.argMax(scores)
	}
	reversed := make([]int32, scores.N)
	for i := range reversed {
		reversed[i] = scores.Start + scores.N - 1 - int32(i)
	}
	out := e.c.b.Floats(len(reversed))
	e.c.b.Add(&engine.Select{From: reversed, Out: out})
	label := e.c.argMax(out)
	e.c.b.Add(&engine.Arith{Op: "rsub", In: label.span, Out: label.span, Values: []float64{float64(scores.N - 1)}})
	return label
}

// above is 1 for each score above the threshold, else 0.
func (e *estimator) above(scores []answer, threshold engine.Number64) answer {
	out := e.c.b.Floats(len(scores))
	for i, score := range scores {
		e.c.b.Add(&engine.Above{In: score.span.Start, Out: out.Start + int32(i), Value: threshold})
	}
	return answer{span: out}
}

// oneVsRestDecision are the decisions of all members, if the first has one.
func (e *estimator) oneVsRestDecision(members []prediction) answer {
	if members[0].decision.span.N == 0 {
		return answer{}
	}
	var parts []answer
	for i, p := range members {
		if p.decision.span.N != 1 {
			e.refuse(fmt.Sprintf("estimators_[%d]", i), "it has no decision_function, unlike estimators_[0], and scikit-learn raises", "use classifiers that all have one")
			return answer{}
		}
		parts = append(parts, p.decision)
	}
	return e.beside(parts...)
}

// oneVsRestProbabilities are the members' probabilities of the second class, divided by their sum for a target of several classes, if the first has them.
func (e *estimator) oneVsRestProbabilities(members []prediction, target string) answer {
	if members[0].probabilities.span.N == 0 {
		return answer{}
	}
	var parts []answer
	for i, p := range members {
		if p.probabilities.span.N != 2 {
			e.refuse(fmt.Sprintf("estimators_[%d]", i), "it has no predict_proba, unlike estimators_[0], and scikit-learn raises", "use classifiers that all have one")
			return answer{}
		}
		parts = append(parts, p.probabilities.part(1))
	}
	if target == "binary" {
		out := worst(e.c.b.Floats(2), parts[0])
		e.c.b.Add(&engine.Arith{Op: "rsub", In: parts[0].span, Out: out.part(0).span, Values: []float64{1}})
		e.c.b.Add(&engine.Select{From: []int32{parts[0].span.Start}, Out: out.part(1).span})
		parts = []answer{out}
	}
	out := e.beside(parts...)
	if target == "multilabel-indicator" {
		return out
	}
	zeroSum := "nan"
	if e.since(1, 7) {
		zeroSum = "keep"
	}
	e.c.b.Add(&engine.Normalize{In: out.span, Out: out.span, ZeroSum: zeroSum})
	if out.span.N >= 8 { // numpy adds eight sums side by side
		out.tolerance = max(out.tolerance, roundingTolerance)
	}
	return out
}

// predictOneVsOne follows sklearn.multiclass.OneVsOneClassifier.decision_function and predict: the votes of all pairs, and the sums of
// their scores where votes are equal.
func predictOneVsOne(e *estimator, in matrix) prediction {
	classes := e.classes("classes_")
	if e.getOr("pairwise_indices_", nil) != nil {
		e.refuse("pairwise_indices_", "the estimator was fitted on a precomputed kernel", "fit on the features themselves")
		return prediction{}
	}
	if !e.atLeastTwo(classes) {
		return prediction{}
	}
	in = in.array()
	in = e.c.computed(e.c.numbers(e, in), in, in.resultType())
	members, scores, ok := e.binaryMembers(in)
	n := totalClasses(classes)
	if !ok || len(members) != n*(n-1)/2 {
		e.refuse("estimators_", fmt.Sprintf("there are %d for %d classes", len(members), n), "check that the file is whole")
		return prediction{}
	}
	var labels []answer
	for _, p := range members {
		label, _, ok := e.ask(p, "predict")
		if !ok {
			return prediction{}
		}
		labels = append(labels, label)
	}
	votes, confidences := e.beside(labels...), e.beside(scores...)
	sums := worst(e.c.b.Floats(n), votes, confidences)
	e.c.b.Add(&engine.PairVotes{Predictions: votes.span, Confidences: confidences.span, Out: sums.span})
	out := prediction{task: classTask(classes), classes: classes, decision: sums}
	if n == 2 {
		out.decision = sums.part(1)
		out.label = e.above([]answer{out.decision}, binaryThreshold(members[0]))
		return out
	}
	out.label = e.c.argMax(sums.span)
	return out
}

// predictOutputCode follows sklearn.multiclass.OutputCodeClassifier.predict: the class whose code is nearest to the scores.
func predictOutputCode(e *estimator, in matrix) prediction {
	e.ignores("code_size")
	classes := e.classes("classes_")
	codes, shape, _, err := denseArray(e.get("code_book_"))
	members, scores, ok := e.binaryMembers(in)
	n := totalClasses(classes)
	if !ok || !e.atLeastTwo(classes) {
		return prediction{}
	}
	if err != nil || len(shape) != 2 || shape[0] != n || shape[1] != len(members) {
		e.refuse("code_book_ is "+describe(e.get("code_book_")), fmt.Sprintf("allowed is a row for each of %d classes, with an item for each of %d estimators", n, len(members)), "check that the file is whole")
		return prediction{}
	}
	y := e.beside(scores...)
	e.c.checked(e, e.c.predicted(y, float64Type), engine.Check{})
	return prediction{task: classTask(classes), classes: classes, label: e.nearest(y.span, codes)}
}

// nearest is the row of points with the smallest squared Euclidean distance, computed as (|y|² - 2y·p) + |p|² and no less than 0, as
// sklearn.metrics.pairwise_distances_argmin computes it.
func (e *estimator) nearest(y engine.Span, points []float64) answer {
	b, width := e.c.b, int(y.N)
	n := len(points) / width
	norms, weights := make([]float64, n), make([]float64, len(points))
	for i, v := range points {
		norms[i/width] += float64(v * v)
		weights[i] = -2 * v
	}
	squares, norm, products, distances := b.Floats(width), b.Floats(1), b.Floats(n), b.Floats(n)
	b.Add(&engine.Map{Op: "square", In: y, Out: squares})
	b.Add(&engine.MatMul{In: squares, Out: norm, Weights: slices.Repeat([]float64{1}, width)})
	b.Add(&engine.MatMul{In: y, Out: products, Weights: weights})
	b.Add(&engine.Select{From: slices.Repeat([]int32{norm.Start}, n), Out: distances})
	sums := b.Floats(n)
	b.Add(&engine.WeightedSum{From: []int32{distances.Start, products.Start, e.c.constants(norms).Start}, Out: sums})
	b.Add(&engine.Map{Op: "relu", In: sums, Out: sums})
	b.Add(&engine.Arith{Op: "mul", In: sums, Out: sums, Values: []float64{-1}})
	return e.c.argMax(sums)
}
