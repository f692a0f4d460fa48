package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// gradientBoostingParams are the attributes that only the fit reads, beside those of the trees.
var gradientBoostingParams = []string{"n_estimators", "subsample", "init", "alpha", "warm_start", "validation_fraction",
	"n_iter_no_change", "tol", "loss_", "_loss", "train_score_", "oob_improvement_", "oob_scores_", "oob_score_", "n_estimators_", "_rng",
	"_random_state", "n_trees_per_iteration_", "estimators_", "_n_classes", "_raw_predict_init", "K"}

// predictGradientBoostingClassifier follows sklearn.ensemble.GradientBoostingClassifier.decision_function, predict and
// predict_proba.
func predictGradientBoostingClassifier(e *estimator, in matrix) prediction {
	loss := e.str("loss", "log_loss", "exponential", "deviance")
	classes := e.classes("classes_")
	outputs := boostedOutputs(classes)
	raw, tolerance := e.boosted(in, outputs, func(m matrix) initial { return e.initialClassifier(m, loss, totalClasses(classes)) })
	if !e.atLeastTwo(classes) {
		return prediction{}
	}
	label := e.c.b.Floats(1)
	if outputs == 1 {
		// before 1.4 log_loss took the argmax of (1-p, p), where an exact 0 goes to the first class
		orEqual := loss == "exponential" || e.since(1, 4)
		e.c.b.Add(&engine.Above{In: raw.Start, Out: label.Start, OrEqual: orEqual})
	} else {
		e.c.b.Add(&engine.ArgMax{In: raw, Out: label.Start})
	}
	return prediction{
		task: classTask(classes), classes: classes,
		label:         answer{span: label},
		probabilities: answer{e.boostedProbabilities(raw, loss), roundingTolerance, ""},
		decision:      answer{span: raw, tolerance: tolerance},
	}
}

// boostedOutputs is the number of trees an iteration: one for each class, but one for two classes.
func boostedOutputs(classes [][]model.Class) int {
	if n := totalClasses(classes); n > 2 {
		return n
	}
	return 1
}

// boostedProbabilities are the inverse links of sklearn._loss: expit, expit(2x) for the exponential loss, or the softmax.
func (e *estimator) boostedProbabilities(raw engine.Span, loss string) engine.Span {
	if raw.N > 1 {
		out := e.c.b.Floats(int(raw.N))
		e.c.b.Add(&engine.Softmax{In: raw, Out: out})
		return out
	}
	if loss == "exponential" {
		doubled := e.c.b.Floats(1)
		e.c.b.Add(&engine.Arith{Op: "mul", In: raw, Out: doubled, Values: []float64{2}})
		raw = doubled
	}
	return e.sigmoidPair(raw)
}

// predictGradientBoostingRegressor follows sklearn.ensemble.GradientBoostingRegressor.predict: the raw prediction itself.
func predictGradientBoostingRegressor(e *estimator, in matrix) prediction {
	e.ignores("loss")
	raw, tolerance := e.boosted(in, 1, e.initialRegressor)
	return regression(raw, tolerance)
}

// initial is where boosting starts: constants, or the answers of an estimator (which may differ in the last bits).
type initial struct {
	constants []float64
	span      engine.Span
	tolerance float64
}

// boosted follows BaseGradientBoosting._raw_predict and predict_stages of _gradient_boosting.pyx: the start, then
// learning_rate * value of each tree, added in order.
func (e *estimator) boosted(in matrix, outputs int, start func(matrix) initial) (engine.Span, float64) {
	e.ignores(gradientBoostingParams...)
	e.ignores(treeParams...)
	rate := e.float("learning_rate")
	trees := e.stages(in, outputs, rate)
	span := e.c.checked(e, in, engine.Check{Float32: true})
	init := start(e.c.computed(span, in, in.resultType()))
	raw := e.c.b.Floats(outputs)
	tolerance := max(in.tolerance(), init.tolerance)
	if init.span.N == 0 {
		e.addTrees(span, raw, engine.Float32LE, init.constants, trees, nil)
		return raw, tolerance
	}
	if int(init.span.N) != outputs {
		e.refuse("init", fmt.Sprintf("it gives %d outputs, the trees %d", init.span.N, outputs), "check that the file is whole")
		return raw, tolerance
	}
	from := make([]int32, outputs)
	for k := range from {
		from[k] = init.span.Start + int32(k)
	}
	e.c.b.Add(&engine.Select{From: from, Out: raw})
	e.addTreeSums(engine.TreeSums{In: span, Out: raw, Compare: engine.Float32LE, Accumulate: true}, trees, nil)
	return raw, tolerance
}

// stages reads estimators_, an array of stages × outputs, and scales the leaf values.
func (e *estimator) stages(in matrix, outputs int, rate float64) []engine.Tree {
	a := e.array("estimators_")
	if len(a.Shape) != 2 || a.Shape[1] != outputs {
		e.refuse("estimators_ is "+describe(a), fmt.Sprintf("allowed is an array of stages × %d trees", outputs), "check that the file is whole")
		return nil
	}
	trees := make([]engine.Tree, 0, a.Len())
	for i, item := range a.Values() {
		_, t, ok := e.treeAt(in, i, item)
		if !ok {
			return nil
		}
		values := t.outputValues()
		scaled := make([]float64, len(values))
		for j, v := range values {
			scaled[j] = rate * v
		}
		t.values, t.Values, t.Width, t.Output = nil, scaled, 1, i%outputs
		t.MissingLeft = nil // the check before the trees lets no missing value through
		trees = append(trees, t.Tree)
	}
	return trees
}

// initialClassifier follows _init_raw_predictions of sklearn/ensemble/_gb.py for classifiers: the link of the init
// estimator's probabilities.
func (e *estimator) initialClassifier(in matrix, loss string, classes int) initial {
	child := e.initEstimator()
	if child == nil {
		return initial{}
	}
	link := boostingLink{loss: loss, classes: classes, centred: e.since(1, 4), epsilon: 0x1p-23}
	if e.since(1, 8) {
		link.epsilon = 0x1p-52
	}
	if child.class == "sklearn.dummy.DummyClassifier" {
		p, ok := child.dummyProbabilities(classes)
		if !ok {
			return initial{}
		}
		return initial{constants: link.constants(p), tolerance: roundingTolerance}
	}
	p := e.c.predict(child, e.rounded(in))
	if int(p.probabilities.span.N) != classes {
		child.refuse("init", fmt.Sprintf("it gives %d probabilities for %d classes", p.probabilities.span.N, classes),
			"use a classifier with predict_proba as init")
		return initial{}
	}
	return initial{span: link.steps(e.c.b, p.probabilities.span), tolerance: roundingTolerance}
}

// initialRegressor is the prediction of the init estimator.
func (e *estimator) initialRegressor(in matrix) initial {
	child := e.initEstimator()
	if child == nil {
		return initial{}
	}
	if child.class == "sklearn.dummy.DummyRegressor" {
		constant, err := child.array("constant_").Float64s()
		if err != nil || len(constant) != 1 {
			child.wrong("constant_", child.get("constant_"), "one number")
			return initial{}
		}
		return initial{constants: constant}
	}
	p := e.c.predict(child, e.rounded(in))
	return initial{span: p.value.span, tolerance: p.value.tolerance}
}

// initEstimator is init_, nil for "zero".
func (e *estimator) initEstimator() *estimator {
	v := e.get("init_")
	if v == "zero" {
		return nil
	}
	return e.child("init_", v)
}

// rounded adds the rounding to float32.
func (e *estimator) rounded(in matrix) matrix {
	span := e.c.numbers(e, in)
	out := e.c.b.Floats(in.width())
	e.c.b.Add(&engine.Map{Op: "float32", In: span, Out: out})
	return e.c.computed(out, in, float32Type)
}

// dummyProbabilities is what DummyClassifier.predict_proba gives for every row; its classes_ are the codes of the classes.
func (e *estimator) dummyProbabilities(classes int) ([]float64, bool) {
	prior, ok := e.classPrior(classes)
	if !ok {
		return nil, false
	}
	out := make([]float64, classes)
	switch strategy := e.get("strategy"); strategy {
	case "prior":
		return prior, true
	case "uniform":
		for i := range out {
			out[i] = 1 / float64(classes)
		}
	case "most_frequent":
		out[argMax(prior)] = 1
	case "constant":
		code, isNumber := number(e.get("constant"))
		if !isNumber || code != math.Trunc(code) || code < 0 || code >= float64(classes) {
			e.wrong("constant", e.get("constant"), fmt.Sprintf("the code of one of %d classes", classes))
			return nil, false
		}
		out[int(code)] = 1
	default:
		e.refuse("strategy "+describe(strategy), "as init of gradient boosting prior, most_frequent, uniform and constant are supported; stratified is random",
			"leave init out or use init='zero'")
		return nil, false
	}
	return out, true
}

// classPrior reads class_prior_.
func (e *estimator) classPrior(classes int) ([]float64, bool) {
	v := e.get("class_prior_")
	if list, ok := v.(*pickle.List); ok && len(list.Items) == 1 {
		v = list.Items[0]
	}
	a, ok := v.(*pickle.Array)
	if !ok {
		e.wrong("class_prior_", v, "an array")
		return nil, false
	}
	prior, err := a.Float64s()
	if err != nil || len(prior) != classes || classes == 0 {
		e.wrong("class_prior_", v, fmt.Sprintf("%d numbers", classes))
		return nil, false
	}
	return prior, true
}

// boostingLink is the link function of a loss: from probabilities to raw predictions.
type boostingLink struct {
	loss    string
	classes int
	// centred: the logarithms for several classes are centred, as they are since 1.4 (before, _gb_losses.py).
	centred bool
	// epsilon is where probabilities are clipped: that of float32, and of float64 since 1.8.
	epsilon float64
}

// constants applies the link to constant probabilities.
func (l boostingLink) constants(p []float64) []float64 {
	p = slices.Clone(p)
	for i := range p {
		p[i] = min(max(p[i], l.epsilon), 1-l.epsilon)
	}
	if l.classes == 2 {
		logit := math.Log(p[1] / (1 - p[1]))
		if l.loss == "exponential" {
			logit *= 0.5
		}
		return []float64{logit}
	}
	mean := 0.0
	for i := range p {
		p[i] = math.Log(p[i])
		mean += p[i]
	}
	if mean /= float64(len(p)); l.centred {
		for i := range p {
			p[i] -= mean
		}
	}
	return p
}

// steps applies the link at run time.
func (l boostingLink) steps(b *engine.Builder, p engine.Span) engine.Span {
	bounds := engine.Clip{Min: []float64{l.epsilon}, Max: []float64{1 - l.epsilon}}
	if l.classes == 2 {
		out := b.Floats(1)
		bounds.In, bounds.Out = engine.Span{Start: p.Start + 1, N: 1}, out
		b.Add(&bounds)
		b.Add(&engine.Map{Op: "logit", In: out, Out: out})
		if l.loss == "exponential" {
			b.Add(&engine.Arith{Op: "mul", In: out, Out: out, Values: []float64{0.5}})
		}
		return out
	}
	logs := b.Floats(l.classes)
	bounds.In, bounds.Out = p, logs
	b.Add(&bounds)
	b.Add(&engine.Map{Op: "log", In: logs, Out: logs})
	if !l.centred {
		return logs
	}
	centred := b.Floats(l.classes)
	b.Add(&engine.MatMul{In: logs, Out: centred, Weights: centring(l.classes)})
	return centred
}

// centring is the matrix that subtracts the mean.
func centring(n int) []float64 {
	m := make([]float64, n*n)
	for i := range m {
		m[i] = -1 / float64(n)
		if i/n == i%n {
			m[i]++
		}
	}
	return m
}
