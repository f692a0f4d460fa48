package sklearn

import (
	"fmt"

	"sklambda/model/engine"
)

// stackingConverters holds the classes of sklearn.ensemble._stacking.
func stackingConverters() map[string]converter {
	return map[string]converter{
		"sklearn.ensemble._stacking.StackingClassifier": {transform: transformStacking, predict: predictStackingClassifier, composite: true},
		"sklearn.ensemble._stacking.StackingRegressor":  {transform: transformStacking, predict: predictStackingRegressor, composite: true},
	}
}

// transformStacking follows sklearn.ensemble._stacking._BaseStacking.transform and _concatenate_predictions.
func transformStacking(e *estimator, in matrix) matrix {
	e.ignores("estimators", "final_estimator", "cv", "stack_method", "named_estimators_", "_label_encoder", "_n_feature_outs", "classes_", "final_estimator_")
	members, ok := e.members("estimators_", same(in))
	passthrough := e.bool("passthrough")
	methods := e.items("stack_method_")
	if !ok || in.unknown {
		return unknownMatrix
	}
	if len(methods) != len(members) {
		e.refuse("stack_method_", fmt.Sprintf("it has %d items for %d estimators", len(methods), len(members)), "check that the file is whole")
		return unknownMatrix
	}
	var parts []matrix
	for i, p := range members {
		method, _ := methods[i].(string)
		a, t, ok := e.ask(p, method)
		if !ok {
			e.refuse(fmt.Sprintf("estimators_[%d]", i), "it gives no "+describe(methods[i]), "check that the file is whole")
			return unknownMatrix
		}
		m := e.c.predicted(a, t)
		if method == "predict_proba" {
			m = m.pick(e.stackedColumns(p, m.width()))
		}
		parts = append(parts, m)
	}
	if passthrough {
		parts = append(parts, in)
	}
	return e.hstack(parts, passthrough && in.sparse)
}

// stackedColumns are the columns of predict_proba that are kept: not the first one of two classes, nor the first one of each output.
func (e *estimator) stackedColumns(p prediction, width int) []int {
	if len(p.classes) > 1 && totalClasses(p.classes) == width {
		var kept []int
		from := 0
		for _, classes := range p.classes {
			for k := 1; k < len(classes); k++ {
				kept = append(kept, from+k)
			}
			from += len(classes)
		}
		return kept
	}
	first := 0
	if items, ok := sequence(e.getOr("classes_", nil)); ok && len(items) == 2 {
		first = 1
	}
	return indices(width)[first:]
}

// stackedInput is the input of the final estimator.
func (e *estimator) stackedInput(in matrix) matrix {
	before := len(e.c.reasons)
	m := transformStacking(e, in)
	if m.unknown || len(e.c.reasons) > before {
		return unknownMatrix
	}
	return e.configured(m)
}

// predictStackingClassifier follows sklearn.ensemble.StackingClassifier: the final estimator was fitted on the codes of the classes.
func predictStackingClassifier(e *estimator, in matrix) prediction {
	meta := e.stackedInput(in)
	classes := e.classes("classes_")
	p, ok := e.member("final_estimator_", e.get("final_estimator_"), meta)
	if !ok || meta.unknown {
		return prediction{}
	}
	if len(p.classes) != len(classes) {
		e.refuse("final_estimator_", fmt.Sprintf("it has %d outputs, classes_ has %d", len(p.classes), len(classes)), "check that the file is whole")
		return prediction{}
	}
	for k, list := range p.classes {
		if len(list) != len(classes[k]) || !isRange(list) {
			e.refuse("final_estimator_", "it was fitted on other classes than those of classes_", "check that the file is whole")
			return prediction{}
		}
	}
	if len(classes) > 1 && p.probabilities.span.N > 0 {
		p.probabilities = e.firstProbabilities(p)
	}
	p.classes = classes
	return p
}

// firstProbabilities is what StackingClassifier.predict_proba gives for several outputs: the first column of each.
func (e *estimator) firstProbabilities(p prediction) answer {
	if int(p.probabilities.span.N) != totalClasses(p.classes) {
		e.refuse("final_estimator_", "it gives its probabilities as one array, for which scikit-learn raises", "use a final estimator that gives a list of arrays, such as RandomForestClassifier")
		return answer{}
	}
	var from []int32
	at := p.probabilities.span.Start
	for _, classes := range p.classes {
		from = append(from, at)
		at += int32(len(classes))
	}
	out := e.c.b.Floats(len(from))
	e.c.b.Add(&engine.Select{From: from, Out: out})
	return worst(out, p.probabilities)
}

// predictStackingRegressor follows sklearn.ensemble.StackingRegressor: the prediction of the final estimator.
func predictStackingRegressor(e *estimator, in matrix) prediction {
	meta := e.stackedInput(in)
	p, ok := e.member("final_estimator_", e.get("final_estimator_"), meta)
	if !ok || meta.unknown || p.value.span.N == 0 {
		return prediction{}
	}
	return prediction{task: p.task, value: p.value, float32: p.float32}
}
