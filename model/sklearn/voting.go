package sklearn

import (
	"fmt"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// votingConverters holds the classes of sklearn.ensemble._voting.
func votingConverters() map[string]converter {
	return map[string]converter{
		"sklearn.ensemble._voting.VotingClassifier": {transform: transformVotingClassifier, predict: predictVotingClassifier, composite: true},
		"sklearn.ensemble._voting.VotingRegressor":  {transform: transformVotingRegressor, predict: predictVotingRegressor, composite: true},
	}
}

// votingParams are the attributes that only the fit reads, or that repeat estimators_.
var votingParams = []string{"estimators", "named_estimators_", "le_"}

// predictVotingClassifier follows sklearn.ensemble.VotingClassifier.predict and predict_proba. The members were fitted on the codes of the classes.
func predictVotingClassifier(e *estimator, in matrix) prediction {
	e.ignores(votingParams...)
	e.ignores("flatten_transform")
	voting := e.str("voting", "hard", "soft")
	classes := e.classes("classes_")
	weights, okWeights := e.votingWeights()
	members, ok := e.members("estimators_", same(in))
	if !ok || !okWeights || !e.atLeastTwo(classes) {
		return prediction{}
	}
	n := totalClasses(classes)
	out := prediction{task: classTask(classes), classes: classes}
	if voting == "soft" {
		spans, parts, ok := e.memberProbabilities(members, n)
		if !ok {
			return prediction{}
		}
		if out.float32 = weights == nil && single(members); out.float32 {
			out.probabilities = e.singleMean(parts)
		} else {
			out.probabilities = worst(e.average(spans, weights), parts...)
		}
		out.label = e.c.argMax(out.probabilities.span)
		return out
	}
	spans := make([]engine.Span, len(members))
	for i, p := range members {
		positions, ok := e.codes(p, n)
		if !ok {
			return prediction{}
		}
		spans[i] = e.votes(p, positions, n)
	}
	for _, w := range weights {
		if !(w >= 0) {
			e.refuse(fmt.Sprintf("the weight %v", w), "numpy.bincount leaves out the classes above the largest vote, which a negative weight lets win", "use weights of at least 0")
			return prediction{}
		}
	}
	counts := e.c.b.Floats(n)
	e.c.b.Add(&engine.WeightedSum{From: starts(spans), Weights: weights, FromZero: true, Out: counts})
	out.label = e.c.argMax(counts)
	return out
}

// memberProbabilities are those of each member, for all of n classes.
func (e *estimator) memberProbabilities(members []prediction, n int) ([]engine.Span, []answer, bool) {
	spans, parts := make([]engine.Span, len(members)), make([]answer, len(members))
	for i, p := range members {
		if int(p.probabilities.span.N) != n {
			e.refuse(fmt.Sprintf("estimators_[%d]", i), fmt.Sprintf("it gives %d probabilities for %d classes, and scikit-learn raises", p.probabilities.span.N, n), "use classifiers with predict_proba")
			return nil, nil, false
		}
		spans[i], parts[i] = p.probabilities.span, p.probabilities
	}
	return spans, parts, true
}

// votingWeights are the weights of the estimators that are not dropped; nil for none.
func (e *estimator) votingWeights() ([]float64, bool) {
	v := e.getOr("weights", nil)
	if v == nil {
		return nil, true
	}
	items, ok := sequence(v)
	estimators := namedSteps(e, "estimators")
	if !ok || len(items) != len(estimators) {
		e.wrong("weights", v, "a number for each estimator")
		return nil, false
	}
	var weights []float64
	for i, item := range items {
		w, ok := number(pickle.Plain(item))
		if !ok {
			e.wrong("weights", item, "numbers")
			return nil, false
		}
		if estimators[i].value != "drop" {
			weights = append(weights, w)
		}
	}
	if numpySum(weights) == 0 {
		e.refuse("weights", "they add up to 0, and scikit-learn raises", "use weights with another sum")
		return nil, false
	}
	return weights, true
}

// average follows numpy.average over the members: the sum of the weighted numbers divided by the sum of the weights; without weights, numpy.mean.
func (e *estimator) average(spans []engine.Span, weights []float64) engine.Span {
	out := e.c.b.Floats(int(spans[0].N))
	e.c.b.Add(&engine.WeightedSum{From: starts(spans), Weights: weights, Out: out})
	divisor := float64(len(spans))
	if weights != nil {
		divisor = numpySum(weights)
	}
	e.c.divided(out, divisor)
	return out
}

// predictVotingRegressor follows sklearn.ensemble.VotingRegressor.predict.
func predictVotingRegressor(e *estimator, in matrix) prediction {
	e.ignores(votingParams...)
	weights, okWeights := e.votingWeights()
	members, ok := e.members("estimators_", same(in))
	if !ok || !okWeights {
		return prediction{}
	}
	values, ok := e.memberValues(members)
	if !ok {
		return prediction{}
	}
	if weights == nil && single(members) {
		return prediction{task: model.Regression, value: e.singleMean(values), float32: true}
	}
	spans := make([]engine.Span, len(values))
	for i, v := range values {
		spans[i] = v.span
	}
	value := worst(e.average(spans, weights), values...)
	return prediction{task: model.Regression, value: value}
}

// memberValues are the predictions of regressors with one output.
func (e *estimator) memberValues(members []prediction) ([]answer, bool) {
	out := make([]answer, len(members))
	for i, p := range members {
		if p.value.span.N != 1 {
			e.refuse(fmt.Sprintf("estimators_[%d]", i), "it is no regressor with one output", "use regressors with one output")
			return nil, false
		}
		out[i] = p.value
	}
	return out, true
}

// transformVotingClassifier follows sklearn.ensemble.VotingClassifier.transform: the probabilities of all members side by side, or their labels.
func transformVotingClassifier(e *estimator, in matrix) matrix {
	e.ignores(votingParams...)
	e.ignores("classes_", "weights", "flatten_transform")
	voting := e.str("voting", "hard", "soft")
	members, ok := e.members("estimators_", same(in))
	if !ok {
		return unknownMatrix
	}
	if voting == "soft" && !e.bool("flatten_transform") {
		e.refuse("flatten_transform is False", "the transform has three dimensions, which no step takes", "set flatten_transform=True")
		return unknownMatrix
	}
	out := matrix{}
	for _, p := range members {
		method := "predict"
		if voting == "soft" {
			method = "predict_proba"
		}
		a, t, ok := e.ask(p, method)
		if !ok {
			return unknownMatrix
		}
		out.cols = append(out.cols, e.c.predicted(a, t).cols...)
	}
	return out
}

// transformVotingRegressor follows sklearn.ensemble.VotingRegressor.transform: the predictions of all members side by side.
func transformVotingRegressor(e *estimator, in matrix) matrix {
	e.ignores(votingParams...)
	e.ignores("weights")
	members, ok := e.members("estimators_", same(in))
	if !ok {
		return unknownMatrix
	}
	values, ok := e.memberValues(members)
	if !ok {
		return unknownMatrix
	}
	return e.c.predicted(e.beside(values...), singleType(single(members)))
}
