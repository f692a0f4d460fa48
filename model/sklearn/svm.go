package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model"
	"sklambda/model/engine"
)

// svmConverters holds the classes of sklearn.svm that libsvm computes; those of liblinear are in linear_model.go.
func svmConverters() map[string]converter {
	return map[string]converter{
		"sklearn.svm._classes.SVC":         {predict: predictSVC},
		"sklearn.svm._classes.NuSVC":       {predict: predictSVC},
		"sklearn.svm._classes.SVR":         {predict: predictSVR},
		"sklearn.svm._classes.NuSVR":       {predict: predictSVR},
		"sklearn.svm._classes.OneClassSVM": {predict: predictOneClassSVM},
	}
}

// svmParams are the attributes that only the fit reads; dual_coef_ and intercept_ are the ones of libsvm with another sign for two classes.
var svmParams = []string{"C", "nu", "epsilon", "tol", "shrinking", "cache_size", "class_weight", "class_weight_", "max_iter", "gamma", "_effective_probability",
	"_num_iter", "n_iter_", "fit_status_", "shape_fit_", "dual_coef_", "intercept_", "coef_", "_impl", "probability", "_probA", "_probB",
	"decision_function_shape", "break_ties", "degree", "coef0", "_gamma", "support_", "support_vectors_", "_n_support", "_BaseLibSVM__Xfit"}

// machine is a fitted libsvm model with its kernel values for a row.
type machine struct {
	kernel kernelValues
	// coef holds a row of coefficients of the support vectors for each class but one.
	coef      []float64
	intercept []float64
}

// machine reads the support vectors and adds the steps of Kernel::k_function of sklearn/svm/src/libsvm/svm.cpp.
func (e *estimator) machine(in matrix, rows int) (m machine, ok bool) {
	e.ignores(svmParams...)
	coef, _, vectors, ok := e.table("_dual_coef_", -1, -1)
	if !ok {
		return m, false
	}
	sparse := e.bool("_sparse")
	if in.sparse && !sparse {
		e.refuse("sparse input", "it was fitted on a dense array, and scikit-learn raises for every row", "fit it on a sparse matrix, or give it dense ones")
	}
	m = machine{coef: coef, intercept: e.vector("_intercept_", -1)}
	kernel, ok := e.kernelName()
	if !ok {
		return m, false
	}
	if len(coef) != rows*vectors {
		e.refuse("_dual_coef_", fmt.Sprintf("it has %d items for %d support vectors", len(coef), vectors), "check that the file is whole")
		return m, false
	}
	if kernel == "precomputed" {
		ok = e.precomputed(in, &m, vectors)
		return m, ok
	}
	if vectors == 0 { // a constant
		e.c.checked(e, in, engine.Check{})
		return m, true
	}
	points, _, _, ok := e.table("support_vectors_", vectors, in.width())
	if !ok {
		return m, false
	}
	step := &engine.Kernel{Op: kernel, Gram: engine.Vectors, Points: points, In: e.c.checked(e, in, engine.Check{}), Out: e.c.b.Floats(vectors)}
	if sparse { // libsvm's own loops
		step.Gram = engine.Plain
	}
	switch kernel {
	case "linear":
	case "poly":
		step.Op, step.Degree = "polynomial", engine.Number64(e.float("degree"))
		step.Gamma, step.Coef0 = engine.Number64(e.float("_gamma")), engine.Number64(e.float("coef0"))
	case "sigmoid":
		step.Gamma, step.Coef0 = engine.Number64(e.float("_gamma")), engine.Number64(e.float("coef0"))
	case "rbf":
		step.Op, step.Gamma = "gaussian", engine.Number64(e.float("_gamma"))
	default:
		e.refuse(fmt.Sprintf("kernel %q", kernel), "allowed are linear, poly, rbf, sigmoid and precomputed", "refit with one of these")
		return m, false
	}
	e.c.b.Add(step)
	m.kernel = kernelValues{span: step.Out, rows: probe(step)}
	return m, true
}

// precomputed takes the kernel values of the support vectors out of a row of kernel values of all training rows.
func (e *estimator) precomputed(in matrix, m *machine, vectors int) bool {
	support := e.array("support_")
	at, err := support.Int64s()
	if err != nil || len(at) != vectors {
		e.wrong("support_", support, fmt.Sprintf("the indices of %d support vectors", vectors))
		return false
	}
	span := e.c.checked(e, in, engine.Check{})
	step := &engine.Select{Out: e.c.b.Floats(vectors)}
	for _, i := range at {
		if i < 0 || i >= int64(span.N) {
			e.wrong("support_", support, fmt.Sprintf("indices of %d training rows", span.N))
			return false
		}
		step.From = append(step.From, span.Start+int32(i))
	}
	e.c.b.Add(step)
	m.kernel = kernelValues{span: step.Out}
	return true
}

// ofMachine is an answer that adds up all kernel values.
func (e *estimator) ofMachine(m machine, span engine.Span) answer {
	outputs := len(m.coef) / max(int(m.kernel.span.N), 1)
	if outputs == 1 {
		return e.summed(m.kernel, span, m.coef, m.intercept)
	}
	// a row of coefficients serves several pairs of classes, whose decisions may all be small
	return e.summed(m.kernel, span, m.coef, slices.Repeat([]float64{math.NaN()}, outputs))
}

// predictSVR follows libsvm's predict_values for a regression: sum of dual_coef · kernel, + intercept.
func predictSVR(e *estimator, in matrix) prediction {
	e.ignores("random_state")
	m, ok := e.machine(in, 1)
	if !ok || !e.oneIntercept(m) {
		return prediction{}
	}
	value := e.c.matMul(m.kernel.span, m.coef, 1, m.intercept)
	return prediction{task: model.Regression, value: e.ofMachine(m, value)}
}

func (e *estimator) oneIntercept(m machine) bool {
	if len(m.intercept) != 1 {
		e.wrong("_intercept_", e.get("_intercept_"), "one number")
		return false
	}
	return true
}

// predictOneClassSVM follows sklearn.svm.OneClassSVM.decision_function, score_samples and predict.
func predictOneClassSVM(e *estimator, in matrix) prediction {
	m, ok := e.machine(in, 1)
	offset := e.vector("offset_", 1)
	if !ok || !e.oneIntercept(m) {
		return prediction{}
	}
	decision := e.c.matMul(m.kernel.span, m.coef, 1, m.intercept)
	score := e.c.b.Floats(1)
	e.c.b.Add(&engine.Arith{Op: "add", In: decision, Out: score, Values: offset})
	out := e.outlierDetection(decision, score, false)
	out.decision, out.score = e.ofMachine(m, decision), e.ofMachine(m, score)
	return out
}

// predictSVC follows sklearn.svm._base.BaseSVC.predict, decision_function and predict_proba. libsvm decides each pair of classes for the first of them where
// its decision is above 0, and the class with most votes wins, the first of equals.
func predictSVC(e *estimator, in matrix) prediction {
	classes := e.classes("classes_")
	if !e.atLeastTwo(classes) {
		return prediction{}
	}
	n := len(classes[0])
	m, ok := e.machine(in, n-1)
	if !ok {
		return prediction{}
	}
	pairs, ok := e.pairDecisions(m, n)
	if !ok {
		return prediction{}
	}
	out := prediction{task: classTask(classes), classes: classes}
	out.decision = e.ofMachine(m, e.svcDecision(pairs, n))
	out.label = answer{span: e.svcLabel(pairs, out.decision.span, n)}
	if probability, isBool := e.getOr("probability", false).(bool); isBool && probability {
		if p, ok := e.svcProbabilities(pairs, n); ok {
			out.probabilities = e.ofMachine(m, p)
		}
	}
	return out
}

// pairDecisions adds libsvm's predict_values: the decision of each pair of classes, above 0 for the first of them.
func (e *estimator) pairDecisions(m machine, n int) (engine.Span, bool) {
	counts, err := e.array("_n_support").Int64s()
	total := int64(0)
	step := &engine.PairSums{In: m.kernel.span, Coef: m.coef, Bias: m.intercept}
	for _, count := range counts {
		total += count
		step.Counts = append(step.Counts, int32(count))
	}
	if err != nil || len(counts) != n || total != int64(m.kernel.span.N) {
		e.refuse("_n_support", fmt.Sprintf("it does not count %d support vectors of %d classes: scikit-learn raises for every row", m.kernel.span.N, n), "check that the file is whole")
		return engine.Span{}, false
	}
	if len(m.intercept) != n*(n-1)/2 {
		e.wrong("_intercept_", e.get("_intercept_"), fmt.Sprintf("%d numbers", n*(n-1)/2))
		return engine.Span{}, false
	}
	step.Out = e.c.b.Floats(len(m.intercept))
	e.c.b.Add(step)
	return step.Out, true
}

// svcDecision is decision_function: with two classes libsvm's with the other sign; under "ovr" sklearn.utils.multiclass._ovr_decision_function.
func (e *estimator) svcDecision(pairs engine.Span, n int) engine.Span {
	shape := e.str("decision_function_shape", "ovr", "ovo")
	b := e.c.b
	if n > 2 && shape != "ovr" {
		return pairs
	}
	negative := b.Floats(int(pairs.N))
	b.Add(&engine.Arith{Op: "mul", In: pairs, Out: negative, Values: []float64{-1}})
	if n == 2 {
		return negative
	}
	second, out := b.Floats(int(pairs.N)), b.Floats(n)
	b.Add(&engine.Map{Op: "positive", In: negative, Out: second})
	b.Add(&engine.PairVotes{Predictions: second, Confidences: negative, Out: out})
	return out
}

// svcLabel is the class with most votes, or under break_ties the one with the largest decision.
func (e *estimator) svcLabel(pairs, decision engine.Span, n int) engine.Span {
	b, label := e.c.b, e.c.b.Floats(1)
	breakTies, ovo := e.bool("break_ties"), e.str("decision_function_shape") == "ovo"
	if breakTies && ovo {
		e.refuse("break_ties is True", "scikit-learn raises for every row where decision_function_shape is 'ovo'", "refit with break_ties=False")
	}
	if breakTies && n > 2 {
		b.Add(&engine.ArgMax{In: decision, Out: label.Start})
		return label
	}
	second, votes := b.Floats(int(pairs.N)), b.Floats(n)
	b.Add(&engine.Map{Op: "positive", In: pairs, Out: second})
	b.Add(&engine.Arith{Op: "rsub", In: second, Out: second, Values: []float64{1}})
	b.Add(&engine.PairVotes{Predictions: second, Out: votes})
	b.Add(&engine.ArgMax{In: votes, Out: label.Start})
	return label
}

// svcProbabilities adds libsvm's predict_probability, with the parameters of Platt's sigmoids that the fit stored.
func (e *estimator) svcProbabilities(pairs engine.Span, n int) (engine.Span, bool) {
	a, b := e.vector("_probA", -1), e.vector("_probB", -1)
	if len(a) != int(pairs.N) || len(b) != int(pairs.N) {
		e.refuse("_probA", "it was fitted with probability=False: scikit-learn raises for every row", "refit with probability=True, or set it to False")
		return engine.Span{}, false
	}
	out := e.c.b.Floats(n)
	e.c.b.Add(&engine.PairProbabilities{In: pairs, Out: out, Work: e.c.b.Floats(2*n*n + n), A: a, B: b})
	return out, true
}
