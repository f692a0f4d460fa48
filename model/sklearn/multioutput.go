package sklearn

import (
	"fmt"
	"slices"
	"strings"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// multioutputConverters holds the classes of sklearn.multioutput.
func multioutputConverters() map[string]converter {
	return map[string]converter{
		"sklearn.multioutput.MultiOutputClassifier": {predict: predictMultiOutputClassifier, composite: true},
		"sklearn.multioutput.MultiOutputRegressor":  {predict: predictMultiOutputRegressor, composite: true},
		"sklearn.multioutput.ClassifierChain":       {predict: predictClassifierChain},
		"sklearn.multioutput.RegressorChain":        {predict: predictRegressorChain},
	}
}

// predictMultiOutputClassifier follows sklearn.multioutput.MultiOutputClassifier: a classifier for each output.
func predictMultiOutputClassifier(e *estimator, in matrix) prediction {
	e.ignores("estimator", "classes_")
	members, ok := e.members("estimators_", same(in))
	if !ok {
		return prediction{}
	}
	out := prediction{task: model.MultioutputClassification}
	var labels, probabilities []answer
	for i, p := range members {
		if len(p.classes) != 1 {
			e.refuse(fmt.Sprintf("estimators_[%d]", i), "it is no classifier with one output", "use classifiers")
			return prediction{}
		}
		out.classes = append(out.classes, p.classes[0])
		labels = append(labels, p.label)
		if p.probabilities.span.N > 0 {
			probabilities = append(probabilities, p.probabilities)
		}
	}
	out.label = e.beside(labels...)
	if len(probabilities) == len(members) {
		out.probabilities = e.beside(probabilities...)
	}
	return out
}

// predictMultiOutputRegressor follows sklearn.multioutput.MultiOutputRegressor: a regressor for each output.
func predictMultiOutputRegressor(e *estimator, in matrix) prediction {
	e.ignores("estimator")
	members, ok := e.members("estimators_", same(in))
	if !ok {
		return prediction{}
	}
	values, ok := e.memberValues(members)
	if !ok {
		return prediction{}
	}
	value := e.beside(values...)
	out := regression(value.span, 0)
	out.value, out.float32 = value, single(members)
	return out
}

// chained follows sklearn.multioutput._BaseChain._get_predictions: each estimator sees the input and the answers of those before it. They are returned by
// output.
func (e *estimator) chained(in matrix) ([]prediction, bool) {
	e.ignores("estimator", "base_estimator", "order", "cv", "chain_method", "classes_")
	method, ok := e.getOr("chain_method_", "predict").(string) // since 1.5
	if !ok || in.unknown {
		e.wrong("chain_method_", e.getOr("chain_method_", nil), "the name of a method")
		return nil, false
	}
	in = in.array()
	in = e.c.computed(e.c.checked(e, in, engine.Check{}), in, in.resultType())
	seen := in.withType(promote(in.floatType(), float64Type))
	answered := true
	members, ok := e.members("estimators_", func(i int, before []prediction) matrix {
		if i > 0 && answered {
			var a answer
			if a, answered = e.chainAnswer(before[i-1], method, className(e.items("estimators_")[i-1])); answered {
				seen.cols = append(seen.cols[:len(seen.cols):len(seen.cols)], e.c.predicted(a, float64Type).cols...)
			}
		}
		if !answered {
			return unknownMatrix
		}
		return seen
	})
	order := e.items("order_")
	if !ok || !answered || len(order) != len(members) {
		return nil, false
	}
	out := make([]prediction, len(members))
	for i, item := range order {
		output, ok := pickle.Plain(item).(int64)
		if !ok || output < 0 || output >= int64(len(out)) || out[output].task != "" {
			e.wrong("order_", item, "a permutation of the outputs")
			return nil, false
		}
		out[output] = members[i]
	}
	return out, true
}

// logProbability are modules whose classes have numpy.log(self.predict_proba(X)) for predict_log_proba.
var logProbability = []string{"sklearn.linear_model._logistic.", "sklearn.linear_model._stochastic_gradient.", "sklearn.tree._classes.", "sklearn.ensemble._forest.",
	"sklearn.ensemble._gb.", "sklearn.ensemble._weight_boosting.", "sklearn.neural_network._multilayer_perceptron.", "sklearn.svm._classes.", "sklearn.dummy."}

// className is the class of an object, "" if it is none.
func className(v pickle.Value) string {
	obj, ok := v.(*pickle.Object)
	if !ok {
		return ""
	}
	return obj.ClassName()
}

// chainAnswer follows sklearn.utils._response._get_response_values for one member: one number.
func (e *estimator) chainAnswer(p prediction, method, class string) (answer, bool) {
	if method == "predict_proba" && p.probabilities.span.N == 2 {
		return p.probabilities.part(1), true
	}
	if method == "predict_log_proba" && p.probabilities.span.N == 2 {
		if !slices.ContainsFunc(logProbability, func(module string) bool { return strings.HasPrefix(class, module) }) {
			e.refuse("chain_method_ is predict_log_proba", "that of "+class+" is no logarithm of its predict_proba", "use chain_method='predict_proba'")
			return answer{}, false
		}
		out := answer{span: e.c.b.Floats(1), tolerance: max(roundingTolerance, p.probabilities.tolerance)}
		e.c.b.Add(&engine.Map{Op: "log", In: p.probabilities.part(1).span, Out: out.span})
		return out, true
	}
	a, _, ok := e.ask(p, method)
	if !ok || a.span.N != 1 {
		e.refuse("chain_method_ is "+method, "a member gives more or fewer numbers than one, and scikit-learn raises", "use chain_method='predict'")
		return answer{}, false
	}
	return a, true
}

// predictClassifierChain follows sklearn.multioutput.ClassifierChain: labels, and one probability and one decision for each output.
func predictClassifierChain(e *estimator, in matrix) prediction {
	members, ok := e.chained(in)
	if !ok {
		return prediction{}
	}
	out := prediction{task: model.MultioutputClassification}
	var labels, probabilities, decisions []answer
	for i, p := range members {
		if len(p.classes) != 1 || !areNumbers(p.classes[0]) {
			e.refuse(fmt.Sprintf("estimators_[%d]", i), "the labels of a chain are numbers", "fit on integers")
			return prediction{}
		}
		labels, out.classes = append(labels, p.label), append(out.classes, p.classes[0])
		if p.probabilities.span.N > 0 {
			probabilities = append(probabilities, p.probabilities)
		}
		if p.decision.span.N > 0 {
			decisions = append(decisions, p.decision)
		}
	}
	out.label = e.beside(labels...)
	for i := range probabilities {
		if probabilities[i].span.N != 2 {
			e.refuse("predict_proba", "an output has more than two classes, and scikit-learn raises", "use MultiOutputClassifier")
			return prediction{}
		}
		probabilities[i] = probabilities[i].part(1)
	}
	if len(probabilities) == len(members) {
		out.probabilities = e.beside(probabilities...)
	}
	if len(decisions) == len(members) {
		out.decision = e.beside(decisions...)
	}
	return out
}

func areNumbers(classes []model.Class) bool {
	for _, class := range classes {
		if _, _, ok := classNumber(class); !ok {
			return false
		}
	}
	return true
}

// predictRegressorChain follows sklearn.multioutput.RegressorChain.
func predictRegressorChain(e *estimator, in matrix) prediction {
	members, ok := e.chained(in)
	if !ok {
		return prediction{}
	}
	values, ok := e.memberValues(members)
	if !ok {
		return prediction{}
	}
	value := e.beside(values...)
	out := regression(value.span, 0)
	out.value, out.float32 = value, single(members)
	return out
}
