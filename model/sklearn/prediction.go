package sklearn

import (
	"sklambda/model"
	"sklambda/model/engine"
)

// roundingTolerance is the bound for everything that goes through an exp, a log or a dot product, whose last bits
// scikit-learn itself does not promise.
const roundingTolerance = 1e-12

// answer is one output of a predictor: its slots, and how far it may be from scikit-learn's (0: any bit).
type answer struct {
	span      engine.Span
	tolerance float64
	// reason says why the tolerance is above roundingTolerance.
	reason string
}

// prediction is what a predictor gives. Spans with N == 0 are methods that the estimator does not have.
type prediction struct {
	task model.Task
	// classes are the labels by class index, one list per output; nil for regressors and transformers.
	classes [][]model.Class
	// label holds a class index per output.
	label         answer
	probabilities answer
	decision      answer
	score         answer
	value         answer
	// std is the standard deviation of each value, if the build asked for it.
	std answer
	// float32: the numbers are float32 in Python.
	float32 bool
}

// behind loosens the numbers that are not exact to what the columns that they are computed from may be off by.
func (p prediction) behind(in matrix) prediction {
	loose := in.asAnswer()
	if loose.tolerance <= roundingTolerance {
		return p
	}
	for _, a := range []*answer{&p.probabilities, &p.decision, &p.score, &p.value, &p.std} {
		if a.tolerance > 0 {
			*a = worst(a.span, *a, loose)
		}
	}
	return p
}

// declare names the outputs in the plan and describes them for the manifest.
func (p prediction) declare(b *engine.Builder) []model.Output {
	var outputs []model.Output
	for _, o := range []struct {
		name string
		answer
	}{
		{model.LabelOutput, p.label}, {model.ProbabilitiesOutput, p.probabilities}, {model.DecisionOutput, p.decision},
		{model.ScoreOutput, p.score}, {model.ValueOutput, p.value}, {model.StdOutput, p.std},
	} {
		if o.span.N == 0 {
			continue
		}
		b.Output(o.name, o.span)
		outputs = append(outputs, model.Output{Name: o.name, Width: int(o.span.N), Tolerance: o.tolerance, Reason: o.reason})
	}
	return outputs
}
