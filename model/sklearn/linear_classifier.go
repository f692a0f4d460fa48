package sklearn

import (
	"encoding/json"
	"fmt"

	"sklambda/model"
	"sklambda/model/engine"
)

// predictLogisticRegression follows sklearn.linear_model.LogisticRegression.decision_function, predict_proba and predict.
func predictLogisticRegression(e *estimator, in matrix) prediction {
	classes, coef, ok := e.linearClasses(in)
	ovr := e.isOneVsRest(totalClasses(classes))
	e.ignores(linearParams...)
	if !ok {
		return prediction{}
	}
	decision := coef.of(in, e.affine(in, coef))
	out := e.linearClassification(classes, decision)
	out.probabilities = answer{e.linearProbabilities(decision.span, ovr), decision.tolerance, decision.reason}
	if !ovr {
		coef.steadyShares(e, decision.span, out.probabilities)
	}
	return out
}

// classTask is the task of a classifier.
func classTask(classes [][]model.Class) model.Task {
	switch {
	case len(classes) > 1:
		return model.MultioutputClassification
	case len(classes[0]) == 2:
		return model.Binary
	}
	return model.Multiclass
}

// isOneVsRest tells which formula LogisticRegression.predict_proba uses: one sigmoid for each class, or the softmax.
// multi_class was removed in 1.8: two classes use the sigmoid, more use the softmax.
func (e *estimator) isOneVsRest(classes int) bool {
	solver := e.str("solver", "lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga")
	switch multiClass := e.getOr("multi_class", "auto"); multiClass {
	case "ovr", "warn":
		return true
	case "multinomial":
		return false
	case "auto", "deprecated":
		// before 1.6 newton-cholesky fitted one class against the rest
		return classes <= 2 || solver == "liblinear" || solver == "newton-cholesky" && !e.since(1, 6)
	default:
		e.wrong("multi_class", multiClass, "auto, ovr, multinomial")
		return false
	}
}

// linearLabel is LinearClassifierMixin.predict: decision > 0, or the first largest decision.
func (e *estimator) linearLabel(decision engine.Span) engine.Span {
	label := e.c.b.Floats(1)
	if decision.N == 1 {
		e.c.b.Add(&engine.Above{In: decision.Start, Out: label.Start})
	} else {
		e.c.b.Add(&engine.ArgMax{In: decision, Out: label.Start})
	}
	return label
}

// linearProbabilities is LogisticRegression.predict_proba: LinearClassifierMixin._predict_proba_lr if ovr, else the softmax,
// which sees a binary decision d as (-d, d).
func (e *estimator) linearProbabilities(decision engine.Span, ovr bool) engine.Span {
	b := e.c.b
	switch {
	case ovr && decision.N == 1:
		return e.sigmoidPair(decision)
	case ovr:
		out := b.Floats(int(decision.N))
		b.Add(&engine.Map{Op: "expit", In: decision, Out: out})
		zeroSum := "nan"
		if e.since(1, 9) {
			zeroSum = "uniform"
		}
		b.Add(&engine.Normalize{In: out, Out: out, ZeroSum: zeroSum})
		return out
	case decision.N == 1:
		out := b.Floats(2)
		b.Add(&engine.Select{From: []int32{decision.Start, decision.Start}, Out: out})
		b.Add(&engine.Arith{Op: "mul", In: out, Out: out, Values: []float64{-1, 1}})
		b.Add(&engine.Softmax{In: out, Out: out})
		return out
	}
	out := b.Floats(int(decision.N))
	b.Add(&engine.Softmax{In: decision, Out: out})
	return out
}

// sigmoidPair writes (1 - p, p) with p = expit(decision).
func (e *estimator) sigmoidPair(decision engine.Span) engine.Span {
	p := e.c.b.Floats(1)
	e.c.b.Add(&engine.Map{Op: "expit", In: decision, Out: p})
	return e.complemented(p)
}

// complemented writes (1 - p, p).
func (e *estimator) complemented(p engine.Span) engine.Span {
	out := e.c.b.Floats(2)
	e.c.b.Add(&engine.Select{From: []int32{p.Start}, Out: engine.Span{Start: out.Start + 1, N: 1}})
	e.c.b.Add(&engine.Arith{Op: "rsub", In: p, Out: engine.Span{Start: out.Start, N: 1}, Values: []float64{1}})
	return out
}

// linearClasses reads classes_ of a classifier with one output, and the linear function of one row for each class, or of one row for two.
func (e *estimator) linearClasses(in matrix) ([][]model.Class, linear, bool) {
	return e.linearFor(in, e.classes("classes_"))
}

// linearFor reads the linear function for classes that have been read.
func (e *estimator) linearFor(in matrix, classes [][]model.Class) ([][]model.Class, linear, bool) {
	coef := e.linear(in)
	if !e.atLeastTwo(classes) {
		return classes, coef, false
	}
	n := totalClasses(classes)
	if rows := len(coef.intercept); rows != n && !(n == 2 && rows == 1) {
		e.refuse(fmt.Sprintf("coef_ of %d rows", rows), fmt.Sprintf("it does not fit %d classes", n), "check that the file is whole")
		return classes, coef, false
	}
	return classes, coef, true
}

// linearClassification is LinearClassifierMixin.decision_function and predict.
func (e *estimator) linearClassification(classes [][]model.Class, decision answer) prediction {
	return prediction{
		task: classTask(classes), classes: classes,
		label:    answer{span: e.linearLabel(decision.span)},
		decision: decision,
	}
}

// predictLinearClassifier follows sklearn.linear_model._base.LinearClassifierMixin, for the classifiers that give no probabilities.
func predictLinearClassifier(e *estimator, in matrix) prediction {
	return e.linearClassifier(in, e.classes("classes_"))
}

// linearClassifier is the prediction of a classifier without probabilities for classes that have been read.
func (e *estimator) linearClassifier(in matrix, classes [][]model.Class) prediction {
	e.ignores(linearParams...)
	classes, coef, ok := e.linearFor(in, classes)
	if !ok {
		return prediction{}
	}
	return e.linearClassification(classes, coef.of(in, e.affine(in, coef)))
}

// predictSGDClassifier follows sklearn.linear_model.SGDClassifier.predict_proba, which two losses have.
func predictSGDClassifier(e *estimator, in matrix) prediction {
	loss := e.str("loss")
	e.ignores(linearParams...)
	classes, coef, ok := e.linearClasses(in)
	if !ok {
		return prediction{}
	}
	decision := coef.of(in, e.affine(in, coef))
	out := e.linearClassification(classes, decision)
	switch loss {
	case "log_loss", "log":
		out.probabilities = answer{e.linearProbabilities(decision.span, true), decision.tolerance, decision.reason}
	case "modified_huber":
		out.probabilities = answer{e.modifiedHuber(decision.span), decision.tolerance, decision.reason}
	}
	return out
}

// modifiedHuber is (clip(decision, -1, 1) + 1) / 2, normalised over several classes.
func (e *estimator) modifiedHuber(decision engine.Span) engine.Span {
	b := e.c.b
	p := b.Floats(int(decision.N))
	b.Add(&engine.Clip{In: decision, Out: p, Min: []float64{-1}, Max: []float64{1}})
	b.Add(&engine.Arith{Op: "add", In: p, Out: p, Values: []float64{1}})
	b.Add(&engine.Arith{Op: "div", In: p, Out: p, Values: []float64{2}})
	if p.N > 1 {
		b.Add(&engine.Normalize{In: p, Out: p, ZeroSum: "uniform"})
		return p
	}
	return e.complemented(p)
}

// predictSGDOneClassSVM follows sklearn.linear_model.SGDOneClassSVM.decision_function, score_samples and predict.
func predictSGDOneClassSVM(e *estimator, in matrix) prediction {
	e.ignores(linearParams...)
	e.ignores("intercept_")
	v := e.get("coef_")
	coef, shape, t, err := denseArray(v)
	offset := e.vector("offset_", 1)
	if err != nil || len(shape) == 0 || len(coef) != in.width() {
		e.wrong("coef_", v, fmt.Sprintf("an array of %d columns", in.width()))
		return prediction{}
	}
	plane := linear{coef: coef, intercept: []float64{-offset[0]}, float32: t == float32Type}
	decision := e.affine(in, plane)
	score := e.c.b.Floats(1)
	e.c.b.Add(&engine.Arith{Op: "add", In: decision, Out: score, Values: offset})
	out := e.outlierDetection(decision, score, true)
	out.decision, out.score = plane.of(in, decision), plane.of(in, score)
	return out
}

// outlierDetection is the prediction of a detector: 1 where the decision is above 0 (with orEqual: or 0), else -1.
func (e *estimator) outlierDetection(decision, score engine.Span, orEqual bool) prediction {
	label := e.c.b.Floats(1)
	e.c.b.Add(&engine.Above{In: decision.Start, Out: label.Start, OrEqual: orEqual})
	return outliers(label, decision, score)
}

// outliers is the prediction of a detector, whose label is 1 for an inlier and 0 for an outlier.
func outliers(label, decision, score engine.Span) prediction {
	return prediction{
		task:     model.OutlierDetection,
		classes:  [][]model.Class{{{RawMessage: json.RawMessage("-1")}, {RawMessage: json.RawMessage("1")}}},
		label:    answer{span: label},
		decision: answer{decision, roundingTolerance, ""},
		score:    answer{score, roundingTolerance, ""},
	}
}

// predictRidgeClassifier follows sklearn.linear_model._ridge._RidgeClassifierMixin.predict: with several labels a row, each whose decision is above 0.
func predictRidgeClassifier(e *estimator, in matrix) prediction {
	binarizer := e.child("_label_binarizer", e.get("_label_binarizer"))
	if binarizer == nil {
		return prediction{}
	}
	e.ignores("classes_") // those of the binarizer, which alone has them before 1.7
	if !binarizer.multilabel() {
		return e.linearClassifier(in, binarizer.classes("classes_"))
	}
	e.ignores(linearParams...)
	coef := e.linear(in)
	decision := e.affine(in, coef)
	label := e.c.b.Floats(int(decision.N))
	e.c.b.Add(&engine.Map{Op: "positive", In: decision, Out: label})
	return prediction{
		task: model.MultioutputClassification, classes: indicators(int(decision.N)),
		label:    answer{span: label},
		decision: coef.of(in, decision),
	}
}

// multilabel reports whether a LabelBinarizer was fitted on several labels a row, as a table of 0 and 1.
func (e *estimator) multilabel() bool {
	kind := e.str("y_type_")
	if e.bool("sparse_input_") {
		e.refuse("sparse_input_ is True", "it was fitted on a sparse table of labels, and gives one for each row", "fit on a dense table of labels")
	}
	return kind == "multilabel-indicator"
}
