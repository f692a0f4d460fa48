package sklearn

import (
	"fmt"
	"slices"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// linearModelConverters holds the classes of sklearn.linear_model.
func linearModelConverters() map[string]converter {
	regressor := converter{predict: predictLinearRegressor}
	return map[string]converter{
		"sklearn.linear_model._logistic.LogisticRegression":   {predict: predictLogisticRegression},
		"sklearn.linear_model._base.LinearRegression":         regressor,
		"sklearn.linear_model._ridge.Ridge":                   regressor,
		"sklearn.linear_model._coordinate_descent.Lasso":      regressor,
		"sklearn.linear_model._coordinate_descent.ElasticNet": regressor,
	}
}

// predictLinearRegressor follows sklearn.linear_model._base.LinearModel.predict: X @ coef_.T + intercept_.
func predictLinearRegressor(e *estimator, in matrix) prediction {
	e.ignores("copy_X", "fit_intercept", "positive", "tol", "normalize", "rank_", "singular_", "n_iter_", "dual_gap_", "alpha", "l1_ratio",
		"max_iter", "solver", "solver_", "precompute", "selection", "warm_start", "coef_")
	coef := e.linear(in)
	value := answer{e.affine(in, coef), roundingTolerance, ""}
	if len(coef.intercept) > 1 {
		return prediction{task: model.MultioutputRegression, value: value}
	}
	return prediction{task: model.Regression, value: value}
}

// predictLogisticRegression follows sklearn.linear_model.LogisticRegression.decision_function, predict_proba and predict.
func predictLogisticRegression(e *estimator, in matrix) prediction {
	e.ignores("penalty", "C", "dual", "tol", "fit_intercept", "intercept_scaling", "class_weight", "max_iter", "warm_start",
		"l1_ratio", "n_iter_")
	classes := e.classes("classes_")
	coef := e.linear(in)
	n := totalClasses(classes)
	ovr := e.isOneVsRest(n)
	if !e.atLeastTwo(classes) {
		return prediction{}
	}
	if rows := len(coef.intercept); rows != n && !(n == 2 && rows == 1) {
		e.refuse(fmt.Sprintf("coef_ of %d rows", rows), fmt.Sprintf("it does not fit %d classes", n), "check that the file is whole")
		return prediction{}
	}
	decision := e.affine(in, coef)
	return prediction{
		task: classTask(classes), classes: classes,
		label:         answer{span: e.linearLabel(decision)},
		probabilities: answer{e.linearProbabilities(decision, ovr), roundingTolerance, ""},
		decision:      answer{decision, roundingTolerance, ""},
	}
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
	b := e.c.b
	out := b.Floats(2)
	p := engine.Span{Start: out.Start + 1, N: 1}
	b.Add(&engine.Map{Op: "expit", In: decision, Out: p})
	b.Add(&engine.Arith{Op: "rsub", In: p, Out: engine.Span{Start: out.Start, N: 1}, Values: []float64{1}})
	return out
}

// linear is a fitted linear function: coef row-major, a row for each output, and an intercept for each.
type linear struct {
	coef      []float64
	intercept []float64
	float32   bool
}

// linear reads coef_ and intercept_ for the columns of a matrix.
func (e *estimator) linear(in matrix) linear {
	v := e.get("coef_")
	coef, shape, t, err := denseArray(v)
	if err != nil || len(shape) == 0 || len(shape) > 2 || shape[len(shape)-1] != in.width() {
		e.refuse("coef_ is "+describe(v), fmt.Sprintf("allowed is an array of %d columns, as many as the step is given", in.width()),
			"check that the file is whole and the estimator fitted")
		return linear{intercept: make([]float64, 1)}
	}
	rows := 1
	if len(shape) == 2 {
		rows = shape[0]
	}
	return linear{coef: coef, intercept: e.intercept(rows), float32: t == float32Type}
}

// intercept reads intercept_, a number or an array of one number for each output (one number stands for all).
func (e *estimator) intercept(rows int) []float64 {
	v := e.get("intercept_")
	if f, ok := number(v); ok {
		return slices.Repeat([]float64{f}, rows)
	}
	a, ok := v.(*pickle.Array)
	if ok {
		if f, err := a.Float64s(); err == nil && (len(f) == rows || len(f) == 1) {
			return slices.Repeat(f, rows/len(f))
		}
	}
	e.wrong("intercept_", v, fmt.Sprintf("a number or an array of %d numbers", rows))
	return make([]float64, rows)
}

// affine adds X @ coef.T + intercept, after the check for finite numbers that LinearModel makes.
func (e *estimator) affine(in matrix, l linear) engine.Span {
	if l.float32 && in.resultType() == float32Type {
		e.refuse("float32 input to float32 coef_", "scikit-learn adds the products up in float32, in an order that it does not promise",
			"fit this step on float64 (for example OneHotEncoder(dtype=np.float64)); gradient boosting gives its init float32: let init be a tree, or leave it out")
	}
	span := e.c.checked(e, in, engine.Check{})
	out := e.c.b.Floats(len(l.intercept))
	if len(l.coef) == len(l.intercept)*int(span.N) {
		e.c.b.Add(&engine.MatMul{In: span, Out: out, Weights: l.coef, Bias: l.intercept})
	}
	return out
}

// denseArray reads a numpy array or a scipy CSR matrix of numbers, in C order.
func denseArray(v pickle.Value) (data []float64, shape []int, t dtype, err error) {
	switch v := v.(type) {
	case *pickle.Array:
		data, err = v.Float64s()
		t, _ = dtypeOf(v.Type)
		return data, v.Shape, t, err
	case *pickle.Object:
		return denseCSR(v)
	}
	return nil, nil, dtype{}, fmt.Errorf("it is %s", describe(v))
}

// denseCSR reads scipy.sparse.csr_matrix or csr_array, what LogisticRegression.sparsify makes of coef_.
func denseCSR(o *pickle.Object) ([]float64, []int, dtype, error) {
	bad := func() ([]float64, []int, dtype, error) {
		return nil, nil, dtype{}, fmt.Errorf("it is %s", describe(o))
	}
	switch o.ClassName() {
	case "scipy.sparse._csr.csr_matrix", "scipy.sparse._csr.csr_array", "scipy.sparse.csr.csr_matrix":
	default:
		return bad()
	}
	arrays := map[string]*pickle.Array{}
	for _, name := range []string{"data", "indices", "indptr"} {
		v, _ := o.Attr(name)
		a, ok := v.(*pickle.Array)
		if !ok {
			return bad()
		}
		arrays[name] = a
	}
	shapeValue, _ := o.Attr("_shape")
	dims, ok := sequence(shapeValue)
	if !ok || len(dims) != 2 {
		return bad()
	}
	rows, ok0 := pickle.Plain(dims[0]).(int64)
	cols, ok1 := pickle.Plain(dims[1]).(int64)
	data, err0 := arrays["data"].Float64s()
	indices, err1 := arrays["indices"].Int64s()
	indptr, err2 := arrays["indptr"].Int64s()
	if !ok0 || !ok1 || err0 != nil || err1 != nil || err2 != nil || rows < 0 || cols < 0 || rows*cols > 1<<28 || int64(len(indptr)) != rows+1 {
		return bad()
	}
	dense := make([]float64, rows*cols)
	for r := range rows {
		from, to := indptr[r], indptr[r+1]
		if from < 0 || to < from || to > int64(len(data)) || to > int64(len(indices)) {
			return bad()
		}
		for k := from; k < to; k++ {
			if indices[k] < 0 || indices[k] >= cols {
				return bad()
			}
			dense[r*cols+indices[k]] += data[k]
		}
	}
	t, _ := dtypeOf(arrays["data"].Type)
	return dense, []int{int(rows), int(cols)}, t, nil
}
