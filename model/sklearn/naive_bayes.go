package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// naiveBayesConverters holds the classes of sklearn.naive_bayes.
func naiveBayesConverters() map[string]converter {
	return map[string]converter{
		"sklearn.naive_bayes.GaussianNB":    {predict: predictGaussianNB},
		"sklearn.naive_bayes.MultinomialNB": {predict: predictMultinomialNB},
		"sklearn.naive_bayes.ComplementNB":  {predict: predictComplementNB},
		"sklearn.naive_bayes.BernoulliNB":   {predict: predictBernoulliNB},
		"sklearn.naive_bayes.CategoricalNB": {predict: predictCategoricalNB},
	}
}

// naiveBayesParams are the attributes that only the fit reads or that only describe it.
var naiveBayesParams = []string{"alpha", "fit_prior", "class_prior", "force_alpha", "class_count_", "feature_count_", "feature_all_", "norm", "min_categories",
	"category_count_", "priors", "var_smoothing", "epsilon_", "class_log_prior_"}

// naiveBayes is sklearn.naive_bayes._BaseNB.predict and predict_proba for a joint log likelihood.
func (e *estimator) naiveBayes(classes [][]model.Class, joint engine.Span) prediction {
	label, p := e.c.b.Floats(1), e.c.b.Floats(int(joint.N))
	e.c.b.Add(&engine.ArgMax{In: joint, Out: label.Start})
	e.c.b.Add(&engine.LogSoftmax{In: joint, Out: p})
	e.c.b.Add(&engine.Map{Op: "exp", In: p, Out: p})
	e.steadyShares(joint, p)
	return prediction{task: classTask(classes), classes: classes, label: answer{span: label}, probabilities: answer{p, roundingTolerance, ""}}
}

// oneOutput reads classes_ of a classifier with one output, which may have been fitted on one class.
func (e *estimator) oneOutput() ([][]model.Class, int, bool) {
	classes := e.classes("classes_")
	if len(classes) != 1 || len(classes[0]) == 0 {
		e.refuse("classes_", "it has no classes of one output", "check that the estimator is fitted")
		return classes, 0, false
	}
	return classes, len(classes[0]), true
}

// denseOnly refuses a sparse matrix where scikit-learn takes none.
func (e *estimator) denseOnly(in matrix) {
	if in.sparse {
		e.refuse("sparse input", "the class takes none: scikit-learn raises for every row", "let the step before give dense arrays")
	}
}

// predictGaussianNB follows sklearn.naive_bayes.GaussianNB._joint_log_likelihood.
func predictGaussianNB(e *estimator, in matrix) prediction {
	e.ignores(naiveBayesParams...)
	e.denseOnly(in)
	classes, n, ok := e.oneOutput()
	if !ok {
		return prediction{}
	}
	width := in.width()
	theta, _, _, okTheta := e.table("theta_", n, width)
	variance, _, _, okVar := e.table("var_", n, width)
	prior := e.vector("class_prior_", n)
	if !okTheta || !okVar || e.isFloat32("var_", "its logarithms are those of numpy in float32") {
		return prediction{}
	}
	span := e.c.checked(e, in, engine.Check{})
	b := e.c.b
	squares, joint := b.Floats(width), b.Floats(n)
	for k := range n {
		means, variances := theta[k*width:][:width], variance[k*width:][:width]
		constant := 0.0
		for _, v := range variances {
			constant += math.Log(2 * math.Pi * v)
		}
		b.Add(&engine.Arith{Op: "sub", In: span, Out: squares, Values: means})
		b.Add(&engine.Map{Op: "square", In: squares, Out: squares})
		b.Add(&engine.Arith{Op: "div", In: squares, Out: squares, Values: variances})
		b.Add(&engine.MatMul{In: squares, Out: engine.Span{Start: joint.Start + int32(k), N: 1}, Weights: slices.Repeat([]float64{-0.5}, width), Bias: []float64{-0.5 * constant}})
	}
	b.Add(&engine.Arith{Op: "add", In: joint, Out: joint, Values: logarithms(prior)})
	return e.naiveBayes(classes, joint)
}

func logarithms(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Log(v)
	}
	return out
}

// refuseAllFloat32 refuses float32 input where the array of an attribute is float32 too.
func (e *estimator) refuseAllFloat32(in matrix, attribute string) {
	if _, _, t, err := denseArray(e.get(attribute)); err == nil && t == float32Type && in.resultType() == float32Type {
		e.refuseFloat32(attribute)
	}
}

// isFloat32 refuses an attribute of float32, where scikit-learn's answers hang on functions in float32 whose last bit is not promised (since 1.9 a fit keeps
// float32).
func (e *estimator) isFloat32(attribute, why string) bool {
	_, _, t, err := denseArray(e.get(attribute))
	if err == nil && t == float32Type {
		e.refuse(attribute+" is float32", why+", whose last bit is not promised", "refit on float64")
		return true
	}
	return false
}

// countWeights reads feature_log_prob_ and class_log_prior_ of a naive Bayes model of counts.
func (e *estimator) countWeights(in matrix, classes int) (weights, prior []float64, ok bool) {
	weights, _, _, ok = e.table("feature_log_prob_", classes, in.width())
	e.refuseAllFloat32(in, "feature_log_prob_")
	return weights, e.vector("class_log_prior_", classes), ok
}

// counted adds X @ weights.T + bias. Zeros that a sparse matrix does not store do not meet an infinite weight, which only smoothing by 0 makes.
func (e *estimator) counted(in matrix, weights, bias []float64) engine.Span {
	if in.sparse && in.register == nil && slices.ContainsFunc(weights, func(w float64) bool { return math.IsInf(w, 0) || math.IsNaN(w) }) {
		in = inRegister(e.c.stored(e, in))
	}
	return e.affine(in, linear{coef: weights, intercept: bias})
}

// predictMultinomialNB follows sklearn.naive_bayes.MultinomialNB._joint_log_likelihood.
func predictMultinomialNB(e *estimator, in matrix) prediction {
	e.ignores(naiveBayesParams...)
	classes, n, ok := e.oneOutput()
	if !ok {
		return prediction{}
	}
	weights, prior, ok := e.countWeights(in, n)
	if !ok {
		return prediction{}
	}
	return e.naiveBayes(classes, e.counted(in, weights, prior))
}

// predictComplementNB follows sklearn.naive_bayes.ComplementNB._joint_log_likelihood: the prior counts for one class alone.
func predictComplementNB(e *estimator, in matrix) prediction {
	e.ignores(naiveBayesParams...)
	classes, n, ok := e.oneOutput()
	if !ok {
		return prediction{}
	}
	weights, prior, ok := e.countWeights(in, n)
	if !ok {
		return prediction{}
	}
	if n > 1 {
		clear(prior)
	}
	return e.naiveBayes(classes, e.counted(in, weights, prior))
}

// predictBernoulliNB follows sklearn.naive_bayes.BernoulliNB: binarize, then _joint_log_likelihood.
func predictBernoulliNB(e *estimator, in matrix) prediction {
	e.ignores(naiveBayesParams...)
	classes, n, ok := e.oneOutput()
	if !ok {
		return prediction{}
	}
	weights, bias, ok := e.countWeights(in, n)
	if !ok {
		return prediction{}
	}
	if e.has("binarize") {
		in = e.binarizedCounts(in, e.float("binarize"))
	}
	width := in.width()
	for k := range n {
		sum := 0.0
		for i := range width {
			w := &weights[k*width+i]
			negative := math.Log(1 - math.Exp(*w))
			*w -= negative
			sum += negative
		}
		bias[k] += sum
	}
	return e.naiveBayes(classes, e.counted(in, weights, bias))
}

// binarizedCounts is sklearn.preprocessing.binarize, of a register too.
func (e *estimator) binarizedCounts(in matrix, threshold float64) matrix {
	raw, _ := e.obj.Attr("binarize")
	_, isScalar := raw.(*pickle.Scalar)
	r := in.register
	if r == nil || r.dtype == float32Type && isScalar {
		return e.binarized(in, threshold, isScalar)
	}
	if r.dtype == float32Type {
		threshold = float64(float32(threshold))
	}
	out := register{Sparse: e.c.b.NewSparse(int(r.Width)), dtype: r.dtype}
	e.c.b.Add(&engine.SparseCheck{In: r.Sparse})
	e.c.b.Add(&engine.SparseMap{Op: "above", In: r.Sparse, Out: out.Sparse, Value: engine.Number64(threshold)})
	return inRegister(out)
}

// predictCategoricalNB follows sklearn.naive_bayes.CategoricalNB: numbers are cut to integers, a negative one or one beyond the categories raises, and the
// logarithms are added column by column.
func predictCategoricalNB(e *estimator, in matrix) prediction {
	e.ignores(naiveBayesParams...)
	e.ignores("n_categories_")
	e.denseOnly(in)
	classes, n, ok := e.oneOutput()
	columns := e.items("feature_log_prob_")
	if !ok || len(columns) != in.width() {
		e.wrong("feature_log_prob_", e.get("feature_log_prob_"), fmt.Sprintf("a list of %d arrays", in.width()))
		return prediction{}
	}
	step := &engine.SumRows{Bias: e.vector("class_log_prior_", n)}
	domain := engine.Domain{Min: []float64{0}}
	for i, item := range columns {
		logs, _, categories, ok := e.tableOf(fmt.Sprintf("feature_log_prob_[%d]", i), item, n, -1)
		if !ok {
			return prediction{}
		}
		step.Widths = append(step.Widths, int32(categories))
		step.Rows = append(step.Rows, transposed(logs, n)...)
		domain.Max = append(domain.Max, float64(categories-1))
	}
	span := e.c.checked(e, in, engine.Check{})
	step.In, step.Out = e.c.b.Floats(in.width()), e.c.b.Floats(n)
	e.c.b.Add(&engine.Map{Op: "trunc", In: span, Out: step.In})
	e.c.domain(in, step.In, domain)
	e.c.b.Add(step)
	return e.naiveBayes(classes, step.Out)
}
