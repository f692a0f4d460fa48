package sklearn

import (
	"bytes"
	"encoding/json"
	"fmt"

	"sklambda/model"
	"sklambda/model/pickle"
)

// dummyConverters holds the classes of sklearn.dummy.
func dummyConverters() map[string]converter {
	return map[string]converter{
		"sklearn.dummy.DummyClassifier": {predict: predictDummyClassifier},
		"sklearn.dummy.DummyRegressor":  {predict: predictDummyRegressor},
	}
}

// predictDummyRegressor follows sklearn.dummy.DummyRegressor.predict: the constants that the fit found.
func predictDummyRegressor(e *estimator, _ matrix) prediction {
	e.ignores("strategy", "constant", "quantile", "n_outputs_")
	v := e.get("constant_")
	values, _, _, err := denseArray(v)
	if err != nil || len(values) == 0 {
		e.wrong("constant_", v, "an array of numbers")
		return prediction{}
	}
	out := linearRegression(e.c.constants(values))
	out.value.tolerance = 0
	return out
}

// predictDummyClassifier follows sklearn.dummy.DummyClassifier.predict and predict_proba for the strategies that draw nothing.
func predictDummyClassifier(e *estimator, _ matrix) prediction {
	e.ignores("strategy", "n_outputs_", "n_classes_", "constant", "_strategy", "classes_", "class_prior_")
	if e.bool("sparse_output_") {
		e.refuse("sparse_output_ is True", "it was fitted on a sparse table of labels, and gives one", "fit on a dense one")
		return prediction{}
	}
	classes := e.classes("classes_")
	strategy := e.str("_strategy", "most_frequent", "prior", "constant", "uniform", "stratified")
	if strategy == "uniform" || strategy == "stratified" {
		e.refuse(fmt.Sprintf("strategy %q", strategy), "it draws the label of each row at random", "use most_frequent, prior or constant")
		return prediction{}
	}
	var labels, probabilities []float64
	for k, list := range classes {
		prior, ok := e.dummyPrior(k, len(list))
		if !ok {
			return prediction{}
		}
		label := argMax(prior)
		if strategy == "constant" {
			if label, ok = e.dummyConstant(k, list); !ok {
				return prediction{}
			}
		}
		labels = append(labels, float64(label))
		if strategy != "prior" {
			prior = make([]float64, len(list))
			prior[label] = 1
		}
		probabilities = append(probabilities, prior...)
	}
	return prediction{
		task: classTask(classes), classes: classes,
		label: answer{span: e.c.constants(labels)}, probabilities: answer{span: e.c.constants(probabilities)},
	}
}

// dummyPrior reads class_prior_ of output k.
func (e *estimator) dummyPrior(k, classes int) ([]float64, bool) {
	v := e.get("class_prior_")
	if list, ok := v.(*pickle.List); ok && k < len(list.Items) {
		v = list.Items[k]
	}
	prior, shape, _, err := denseArray(v)
	if err != nil || len(shape) != 1 || len(prior) != classes || classes == 0 {
		e.wrong("class_prior_", v, fmt.Sprintf("an array of %d numbers", classes))
		return nil, false
	}
	return prior, true
}

// dummyConstant is the index of the constant of output k among the classes.
func (e *estimator) dummyConstant(k int, classes []model.Class) (int, bool) {
	v := e.get("constant")
	if items, ok := constantItems(v); ok && k < len(items) {
		v = pickle.Plain(items[k])
	}
	raw, ok := jsonScalar(v)
	for i, class := range classes {
		if ok && equalLabel(class.RawMessage, raw) {
			return i, true
		}
	}
	e.wrong("constant", v, "one of the classes")
	return 0, false
}

// equalLabel compares two labels in JSON: 1.0 is 1.
func equalLabel(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y float64
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && x == y
}

// constantItems are the constants of several outputs: a list, an array, or an array of one column.
func constantItems(v pickle.Value) ([]pickle.Value, bool) {
	if a, ok := v.(*pickle.Array); ok {
		return a.Values(), true
	}
	return sequence(v)
}
