package sklearn

import (
	"fmt"
	"math"

	"sklambda/model/engine"
)

// calibrationConverters holds the classes of sklearn.calibration.
func calibrationConverters() map[string]converter {
	return map[string]converter{
		"sklearn.calibration.CalibratedClassifierCV": {predict: predictCalibratedClassifierCV, composite: true},
	}
}

// predictCalibratedClassifierCV follows sklearn.calibration.CalibratedClassifierCV.predict_proba and predict: the mean over calibrated_classifiers_.
func predictCalibratedClassifierCV(e *estimator, in matrix) prediction {
	e.ignores("estimator", "base_estimator", "method", "cv", "ensemble")
	classes := e.classes("classes_")
	var spans []engine.Span
	var parts []answer
	listed := map[string]bool{}
	for i, item := range e.items("calibrated_classifiers_") {
		start := len(e.c.estimators)
		child := e.child(fmt.Sprintf("calibrated_classifiers_[%d]", i), item)
		if child == nil {
			return prediction{}
		}
		p, ok := child.calibrated(in)
		if !ok {
			return prediction{}
		}
		spans, parts = append(spans, p.span), append(parts, p)
		e.c.estimators = unlisted(e.c.estimators, start, len(child.path), listed)
	}
	if len(spans) == 0 || !e.atLeastTwo(classes) {
		return prediction{}
	}
	n := totalClasses(classes)
	for _, span := range spans {
		if int(span.N) != n {
			e.refuse("calibrated_classifiers_", fmt.Sprintf("one gives %d probabilities for %d classes", span.N, n), "check that the file is whole")
			return prediction{}
		}
	}
	mean := worst(e.meanFromZero(spans), parts...)
	return prediction{task: classTask(classes), classes: classes, label: e.c.argMax(mean.span), probabilities: mean}
}

// calibrated follows sklearn.calibration._CalibratedClassifier.predict_proba.
func (e *estimator) calibrated(in matrix) (answer, bool) {
	estimatorName := "estimator"
	if !e.has(estimatorName) {
		estimatorName = "base_estimator" // before 1.2
	}
	method := e.str("method", "sigmoid", "isotonic", "temperature")
	classes := e.labels("classes", e.get("classes"))
	p, ok := e.member(estimatorName, e.get(estimatorName), in)
	if !ok {
		return answer{}, false
	}
	if len(p.classes) != 1 {
		e.refuse(estimatorName, "it is no classifier with one output", "calibrate a classifier")
		return answer{}, false
	}
	scores, fromDecision := p.decision, true
	if scores.span.N == 0 {
		scores, fromDecision = p.probabilities, false
		if len(p.classes[0]) == 2 && scores.span.N == 2 {
			scores = scores.part(1)
		}
	}
	if scores.span.N == 0 {
		e.refuse(estimatorName, "it has neither decision_function nor predict_proba", "calibrate another classifier")
		return answer{}, false
	}
	if method == "temperature" { // its estimator may be fitted on the codes of the classes
		return e.temperature(scores, fromDecision, len(classes))
	}
	positions, ok := e.positions(p, classes)
	if !ok {
		return answer{}, false
	}
	return e.oneByOne(scores, positions, len(classes), method)
}

// oneByOne calibrates the score of each class by itself and divides by the sum; of two classes it calibrates the second.
func (e *estimator) oneByOne(scores answer, positions []int, n int, method string) (answer, bool) {
	b := e.c.b
	proba := worst(e.c.constants(make([]float64, n)), scores)
	calibrators := e.items("calibrators")
	for i := range min(len(calibrators), len(positions), int(scores.span.N)) {
		calibrator := e.child(fmt.Sprintf("calibrators[%d]", i), calibrators[i])
		if calibrator == nil {
			return answer{}, false
		}
		value, ok := calibrator.calibratorValue(scores.part(i), method)
		if !ok {
			return answer{}, false
		}
		at := positions[i]
		if n == 2 {
			at++
		}
		if at >= n {
			e.refuse("calibrators", "there are more than classes", "check that the file is whole")
			return answer{}, false
		}
		b.Add(&engine.Select{From: []int32{value.span.Start}, Out: proba.part(at).span})
		proba = worst(proba.span, proba, value)
	}
	if n == 2 {
		b.Add(&engine.Arith{Op: "rsub", In: proba.part(1).span, Out: proba.part(0).span, Values: []float64{1}})
	} else {
		b.Add(&engine.Normalize{In: proba.span, Out: proba.span, ZeroSum: "uniform"})
		if n >= 8 { // numpy adds eight sums side by side
			proba.tolerance = max(proba.tolerance, roundingTolerance)
		}
	}
	e.c.cappedAtOne(proba.span)
	return proba, true
}

// cappedAtOne is what _CalibratedClassifier.predict_proba does with probabilities that are a little more than 1.
func (c *compiler) cappedAtOne(span engine.Span) {
	c.b.Add(&engine.Clip{In: span, Out: span, Min: []float64{math.Inf(-1)}, Max: []float64{1}})
}

// calibratorValue is the answer of one calibrator for one score.
func (e *estimator) calibratorValue(score answer, method string) (answer, bool) {
	if method == "sigmoid" {
		if e.class != "sklearn.calibration._SigmoidCalibration" {
			e.refuse("class "+e.class, "the calibrator of method sigmoid is a _SigmoidCalibration", "check that the file is whole")
			return answer{}, false
		}
		out, b := e.c.b.Floats(1), e.c.b
		b.Add(&engine.Arith{Op: "mul", In: score.span, Out: out, Values: []float64{e.float("a_")}})
		b.Add(&engine.Arith{Op: "add", In: out, Out: out, Values: []float64{e.float("b_")}})
		b.Add(&engine.Arith{Op: "mul", In: out, Out: out, Values: []float64{-1}})
		b.Add(&engine.Map{Op: "expit", In: out, Out: out})
		value := worst(out, score, answer{tolerance: roundingTolerance})
		e.close()
		return value, true
	}
	before := len(e.c.reasons)
	p := e.c.predict(e, e.c.predicted(score, float64Type))
	return worst(p.value.span, p.value, score), len(e.c.reasons) == before && p.value.span.N == 1
}

// temperature follows sklearn.calibration._TemperatureScaling.predict: the softmax of the logits times beta_. Values that look like probabilities become
// logits by their logarithm; scikit-learn judges the batch as a whole, which is the row here.
func (e *estimator) temperature(scores answer, fromDecision bool, n int) (answer, bool) {
	calibrators := e.items("calibrators")
	if len(calibrators) != 1 {
		e.refuse("calibrators", fmt.Sprintf("there are %d, want 1", len(calibrators)), "check that the file is whole")
		return answer{}, false
	}
	calibrator := e.child("calibrators[0]", calibrators[0])
	if calibrator == nil {
		return answer{}, false
	}
	b := e.c.b
	logits := b.Floats(n)
	switch {
	case int(scores.span.N) == n:
		b.Add(&engine.LogProbabilities{In: scores.span, Out: logits, Epsilon: 1e-12})
	case n == 2 && fromDecision:
		b.Add(&engine.Select{From: []int32{scores.span.Start, scores.span.Start}, Out: logits})
		b.Add(&engine.Arith{Op: "mul", In: logits, Out: logits, Values: []float64{-1, 1}})
	case n == 2:
		b.Add(&engine.Select{From: []int32{scores.span.Start, scores.span.Start}, Out: logits})
		b.Add(&engine.Arith{Op: "rsub", In: scores.span, Out: engine.Span{Start: logits.Start, N: 1}, Values: []float64{1}})
		b.Add(&engine.LogProbabilities{In: logits, Out: logits, Epsilon: 1e-12})
	default:
		e.refuse("estimator", fmt.Sprintf("it gives %d scores for %d classes", scores.span.N, n), "use folds that have every class")
		return answer{}, false
	}
	e.c.checked(e, e.c.predicted(answer{span: logits}, float64Type), engine.Check{})
	b.Add(&engine.Arith{Op: "mul", In: logits, Out: logits, Values: []float64{calibrator.float("beta_")}})
	b.Add(&engine.Softmax{In: logits, Out: logits})
	e.c.cappedAtOne(logits)
	calibrator.close()
	return worst(logits, scores, answer{tolerance: roundingTolerance}), true
}
