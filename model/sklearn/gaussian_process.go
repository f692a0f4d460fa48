package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// gaussianProcessConverters holds the classes of sklearn.gaussian_process.
func gaussianProcessConverters() map[string]converter {
	return map[string]converter{
		"sklearn.gaussian_process._gpr.GaussianProcessRegressor":                {predict: predictGaussianProcessRegressor},
		"sklearn.gaussian_process._gpc.GaussianProcessClassifier":               {predict: predictGaussianProcessClassifier},
		"sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace": {predict: predictLaplace},
	}
}

// gaussianProcessParams are the attributes that only the fit reads.
var gaussianProcessParams = []string{"kernel", "alpha", "optimizer", "n_restarts_optimizer", "normalize_y", "copy_X_train", "n_targets", "max_iter_predict", "warm_start",
	"_rng", "rng", "y_train_", "log_marginal_likelihood_value_", "L_", "f_cached", "n_classes_", "multi_class", "_K_inv"}

// process is a Gaussian process with the table that it is given.
type process struct {
	e      *estimator
	row    engine.Span
	points []float64
	n      int
}

// process reads X_train_ and adds the check of the input.
func (e *estimator) process(in matrix, row engine.Span) (g process, ok bool) {
	e.ignores(gaussianProcessParams...)
	points, n, _, ok := e.table("X_train_", -1, in.width())
	return process{e, row, points, n}, ok && n > 0
}

// vectors adds the check that validate_data makes of the input of a Gaussian process.
func (e *estimator) vectors(in matrix) (engine.Span, bool) {
	switch {
	case in.sparse:
		e.refuse("sparse input", "a Gaussian process takes none: scikit-learn raises for every row", "give it dense input")
	case in.checkedType() == float32Type:
		e.refuse("float32 input", "scikit-learn computes some kernels in float32, in an order that it does not promise", "give this step float64")
	default:
		return e.c.checked(e, in, engine.Check{}), true
	}
	return engine.Span{}, false
}

// predictGaussianProcessRegressor follows sklearn.gaussian_process.GaussianProcessRegressor.predict: K(X, X_train_) @ alpha_, scaled back.
func predictGaussianProcessRegressor(e *estimator, in matrix) prediction {
	row, ok := e.vectors(in)
	if !ok {
		return prediction{}
	}
	g, ok := e.process(in, row)
	if !ok {
		return prediction{}
	}
	alpha, shape, _, err := denseArray(e.get("alpha_"))
	if err != nil || len(shape) == 0 || shape[0] != g.n || len(alpha) == 0 {
		e.wrong("alpha_", e.get("alpha_"), fmt.Sprintf("numbers for each of %d points", g.n))
		return prediction{}
	}
	outputs := len(alpha) / g.n
	mean, deviation := e.perOutput("_y_train_mean", outputs), e.perOutput("_y_train_std", outputs)
	kernel, ok := g.kernel(e.get("kernel_"), "kernel_")
	if !ok {
		return prediction{}
	}
	weights := make([]float64, len(alpha))
	worst := 0.0
	for k := range outputs {
		sum := 0.0
		for i := range g.n {
			weights[k*g.n+i] = alpha[i*outputs+k]
			sum += float64(alpha[i*outputs+k] * alpha[i*outputs+k])
		}
		worst = math.Max(worst, math.Sqrt(sum)*math.Abs(deviation[k]))
	}
	value := e.c.matMul(kernel.span, weights, outputs, nil)
	e.c.arith("mul", value, value, deviation, float64Type)
	e.c.arith("add", value, value, mean, float64Type)
	out := regression(value, roundingTolerance)
	if lost := 0x1p-49 * worst * kernel.scale; lost > roundingTolerance {
		out.value.tolerance = math.Min(lost, 1e-9)
		out.value.reason = fmt.Sprintf("it adds up weights of the size %.2g (alpha_), which cancel: the last bits of the kernel decide", worst*kernel.scale)
		if lost > 1e-8 {
			e.refuse(fmt.Sprintf("alpha_ of the size %.2g", worst*kernel.scale), "the weights cancel so far that scikit-learn's own answer depends on the processor and on the batch",
				"refit with a larger alpha (such as 1e-6), or with a WhiteKernel in the kernel")
		}
	}
	if e.c.opt.Std {
		out.std = g.deviation(kernel, deviation)
	}
	return out
}

// deviation adds the standard deviations of predict(X, return_std=True): the root of kernel_.diag(X) - ‖L⁻¹K‖², 0 if that is negative, times that of the target.
func (g *process) deviation(kernel covariance, target []float64) answer {
	e := g.e
	factor, _, _, ok := e.table("L_", g.n, g.n)
	if !ok {
		return answer{}
	}
	diagonal, variance, ok := g.variance(kernel.span, factor, e.get("kernel_"))
	if !ok {
		return answer{}
	}
	b := e.c.b
	b.Add(&engine.Clip{In: variance, Out: variance, Min: []float64{0}, Max: []float64{math.Inf(1)}})
	squared, largest := make([]float64, len(target)), 0.0
	for k, s := range target {
		squared[k], largest = s*s, math.Max(largest, math.Abs(s))
	}
	out := e.c.matMul(variance, squared, len(squared), nil)
	b.Add(&engine.Raise{In: out, Out: out, Exponent: 0.5})
	scale, smallest := math.Max(kernel.scale, 1), g.smallestPivot(factor)
	if ulp*largest*scale*math.Sqrt(scale)/float64(2*smallest*smallest) > worstTolerance {
		e.refuse("std", "next to training points the variance is a difference of numbers that cancel, and scikit-learn's own last bits decide",
			"refit with a larger alpha (such as 1e-6) or with a WhiteKernel in the kernel, or leave std out")
	}
	return g.steadyDeviation(diagonal, variance, out, target)
}

// steadyDeviation makes a row an error (engine.Unstable) whose variance is so small beside the kernel's diagonal, as next to a training point, that its error moves the
// root by more than worstTolerance. Of the diagonal 8 ulps are allowed for, twice of what was measured between a row alone and in a batch.
func (g *process) steadyDeviation(diagonal, variance, out engine.Span, target []float64) answer {
	b := g.e.c.b
	lost := b.Floats(1)
	b.Add(&engine.Raise{In: variance, Out: lost, Exponent: -0.5})
	b.Add(&engine.Pair{Op: "mul", Left: lost, Right: diagonal, Out: lost})
	step := &engine.Steady{In: lost, Out: out, Bound: worstTolerance, Errors: magnitudes(target)}
	for i := range step.Errors {
		step.Errors[i] *= 8 * ulp / 2 // half of that is the slope of the root
	}
	b.Add(step)
	return answer{out, worstTolerance, "the variance is a difference of numbers that cancel"}
}

// smallestPivot is the smallest number on the diagonal of L.
func (g *process) smallestPivot(l []float64) float64 {
	smallest := math.Inf(1)
	for i := range g.n {
		smallest = math.Min(smallest, math.Abs(l[i*g.n+i]))
	}
	return smallest
}

// variance adds kernel_.diag(X), and that - ‖L⁻¹v‖².
func (g *process) variance(v engine.Span, l []float64, kernel pickle.Value) (diagonal, out engine.Span, ok bool) {
	diagonal, ok = g.diagonal(kernel)
	if !ok {
		return diagonal, out, false
	}
	b := g.e.c.b
	step := &engine.LowerSolve{In: v, Out: b.Floats(g.n)}
	for i := range g.n {
		step.L = append(step.L, l[i*g.n:i*g.n+i+1]...)
	}
	b.Add(step)
	squared := b.Floats(g.n)
	b.Add(&engine.Pair{Op: "mul", Left: step.Out, Right: step.Out, Out: squared})
	sum := g.e.c.matMul(squared, slices.Repeat([]float64{1}, g.n), 1, nil)
	out = b.Floats(1)
	b.Add(&engine.Pair{Op: "sub", Left: diagonal, Right: sum, Out: out})
	return diagonal, out, true
}

// perOutput reads an array or a list of a number for each output; one number stands for all.
func (e *estimator) perOutput(name string, outputs int) []float64 {
	v := e.get(name)
	out := make([]float64, outputs)
	f, isNumber := number(v)
	var items []float64
	if a, ok := v.(*pickle.Array); ok {
		items, _ = a.Float64s()
	} else if list, ok := sequence(v); ok {
		for _, item := range list {
			f, ok := number(pickle.Plain(item))
			if !ok {
				e.wrong(name, item, "a number")
			}
			items = append(items, f)
		}
	}
	for i := range out {
		switch {
		case isNumber:
			out[i] = f
		case len(items) == outputs:
			out[i] = items[i]
		case len(items) == 1:
			out[i] = items[0]
		default:
			e.wrong(name, v, fmt.Sprintf("%d numbers", outputs))
			return make([]float64, outputs)
		}
	}
	return out
}

// predictGaussianProcessClassifier follows sklearn.gaussian_process.GaussianProcessClassifier: a binary process for two classes, else
// sklearn.multiclass.OneVsRestClassifier or OneVsOneClassifier of them, whose probabilities and labels are its own.
func predictGaussianProcessClassifier(e *estimator, in matrix) prediction {
	e.ignores(gaussianProcessParams...)
	classes := e.classes("classes_")
	base := e.child("base_estimator", e.get("base_estimator_"))
	if base == nil || !e.atLeastTwo(classes) {
		return prediction{}
	}
	out := e.c.predict(base, in)
	out.decision = answer{}
	return out
}

// predictLaplace follows sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace.predict and predict_proba.
func predictLaplace(e *estimator, in matrix) prediction {
	classes := e.classes("classes_")
	row, ok := e.vectors(in)
	if !ok || !e.atLeastTwo(classes) {
		return prediction{}
	}
	label, probabilities, ok := e.laplace(in, row)
	if !ok {
		return prediction{}
	}
	return prediction{task: classTask(classes), classes: classes, label: answer{span: label}, probabilities: laplaceAnswer(probabilities)}
}

// laplaceAnswer bounds probabilities of LogisticGaussian.
func laplaceAnswer(span engine.Span) answer {
	return answer{span, 1e-11, "five error functions with coefficients up to 3517 cancel: scikit-learn's own result has no more digits"}
}

// laplace adds the label of the posterior mode and the probabilities around it.
func (e *estimator) laplace(in matrix, row engine.Span) (label, probabilities engine.Span, ok bool) {
	g, ok := e.process(in, row)
	if !ok {
		return label, probabilities, false
	}
	pi, weights := e.vector("pi_", g.n), e.vector("W_sr_", g.n)
	y, err := e.array("y_train_").Float64s() // booleans
	factor, _, _, isTable := e.table("L_", g.n, g.n)
	kernel, ok := g.kernel(e.get("kernel_"), "kernel_")
	if err != nil || len(y) != g.n || !isTable || !ok {
		return label, probabilities, false
	}
	for i := range y {
		y[i] -= pi[i]
	}
	b := e.c.b
	mean := e.c.matMul(kernel.span, y, 1, nil)
	label = b.Floats(1)
	b.Add(&engine.Above{In: mean.Start, Out: label.Start})
	v := b.Floats(g.n)
	b.Add(&engine.Arith{Op: "mul", In: kernel.span, Out: v, Values: weights})
	e.c.checked(e, computedColumns(v), engine.Check{}) // scipy.linalg.solve raises for a row so far away that a kernel is 0 times infinity
	_, variance, ok := g.variance(v, factor, e.get("kernel_"))
	if !ok {
		return label, probabilities, false
	}
	probabilities = b.Floats(2)
	b.Add(&engine.LogisticGaussian{Mean: mean.Start, Variance: variance.Start, Out: probabilities})
	return label, probabilities, true
}
