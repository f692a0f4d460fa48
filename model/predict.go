package model

import (
	"fmt"
	"math"
	"strings"

	"sklambda/model/engine"
	"sklambda/model/table"
)

// Predictions are the answers for the rows of a batch, held by it: they are valid until it is Reset or predicted again. Rows are numbered as they
// were appended. Accessors other than Problem are for rows without a problem.
type Predictions struct{ batch *Batch }

// Predict runs the plan over the rows of b.
func (m *Model) Predict(b *Batch) *Predictions {
	m.plan.Run(&b.in, &b.out)
	return &b.predictions
}

// Len is the number of rows.
func (p *Predictions) Len() int { return p.batch.in.N }

// Problem says why row i has no answer; it is nil if it has one. scikit-learn would raise for such a row.
func (p *Predictions) Problem(i int) *table.Problem {
	if e := p.batch.out.Errors[i]; e.Code != engine.OK {
		return p.batch.model.problem(e)
	}
	for output, keys := range p.batch.model.keys {
		if f := p.slots(i, p.batch.model.label)[output]; !(f >= 0 && f < float64(len(keys)) && f == math.Trunc(f)) {
			return &table.Problem{Code: BrokenPlan, Message: fmt.Sprintf("the plan gave class %v of %d", f, len(keys))}
		}
	}
	return nil
}

// problem puts an engine error into words.
func (m *Model) problem(e engine.RowError) *table.Problem {
	p, what, known := &table.Problem{}, "a value computed from the row", ""
	if e.Feature >= 0 && int(e.Feature) < len(m.manifest.Features) {
		f := &m.manifest.Features[e.Feature]
		p.Field, what, known = f.Name, "the value", f.knownCategories()
	}
	switch e.Code {
	case engine.MissingValue:
		p.Code, p.Message = MissingValue, what+" is missing; the model has no answer for a missing value here"
	case engine.NotFinite:
		p.Code, p.Message = NotFinite, what+" is infinite; a finite number is expected"
	case engine.TooLarge:
		p.Code, p.Message = TooLarge, what+" is too large for the model, which computes in float32: up to 3.4e38 is allowed"
	case engine.UnknownCategory:
		p.Code, p.Message = UnknownCategory, what+" is not a category that the model was trained with"+known
	case engine.Tie:
		p.Code, p.Message = Tie, "training rows that answer differently are equally near to this one, and scikit-learn's choice among them depends on the processor"
	case engine.Unstable:
		p.Code, p.Message = Unstable, what+" hangs on rounding errors: scikit-learn's own answer depends on the processor, or on the rows beside this one"
	default:
		p.Code, p.Message = OutOfDomain, what+" is outside the range for which the model is defined"
	}
	return p
}

// knownCategories lists the categories of a feature for a message.
func (f *Feature) knownCategories() string {
	const most = 10
	if len(f.Categories) == 0 {
		return ""
	}
	words := make([]string, 0, most+1)
	for _, category := range f.Categories[:min(len(f.Categories), most)] {
		words = append(words, string(category))
	}
	if len(f.Categories) > most {
		words = append(words, fmt.Sprintf("… (%d in all)", len(f.Categories)))
	}
	return "; it knows " + strings.Join(words, ", ")
}

// slots returns the numbers of one output for row i.
func (p *Predictions) slots(i int, s span) []float64 {
	at := i*p.batch.model.plan.Width() + s.start
	return p.batch.out.Values[at : at+s.n : at+s.n]
}

// class is the index of the label of row i in one output. With a threshold the label of a binary classifier is the positive class if its unrounded
// probability is at least the threshold; otherwise it is scikit-learn's own.
func (p *Predictions) class(i, output int) int {
	m := p.batch.model
	if t := m.manifest.Threshold; t != nil {
		if p.Probabilities(i)[m.positive] >= *t {
			return m.positive
		}
		return 1 - m.positive
	}
	return int(p.slots(i, m.label)[output])
}

// Label is the label of row i in one output of a classifier; single-output classifiers have output 0.
func (p *Predictions) Label(i, output int) Class {
	return p.batch.model.manifest.Classes[output][p.class(i, output)]
}

// Probabilities is predict_proba: a number for each class, in the order of Manifest.Classes, outputs side by side, or one number for each output of a
// multilabel target; empty if the model has none. A view.
func (p *Predictions) Probabilities(i int) []float64 { return p.slots(i, p.batch.model.probabilities) }

// multilabel reports whether predict_proba gives one number for each output.
func (m *Model) multilabel() bool { return m.manifest.oneProbability(m.probabilities.n) }

// OutputProbabilities are the Probabilities of the classes of one output; a multilabel target has none for each class.
func (p *Predictions) OutputProbabilities(i, output int) []float64 {
	from := p.batch.model.offsets[output]
	return p.Probabilities(i)[from : from+len(p.batch.model.keys[output])]
}

// Probability is that of the positive class of a binary classifier, of the label of any other.
func (p *Predictions) Probability(i int) float64 { return p.Probabilities(i)[p.told(i)] }

// told is the index of the class that Probability is about.
func (p *Predictions) told(i int) int {
	if m := p.batch.model; m.manifest.Task == Binary {
		return m.positive
	}
	return p.class(i, 0)
}

// Decision is decision_function, in scikit-learn's order; empty if the model has none. A view.
func (p *Predictions) Decision(i int) []float64 { return p.slots(i, p.batch.model.decision) }

// Score is score_samples: one number, none if the model has none. A view.
func (p *Predictions) Score(i int) []float64 { return p.slots(i, p.batch.model.score) }

// Values are the outputs of a regressor or a transformer; empty for a classifier. A view.
func (p *Predictions) Values(i int) []float64 { return p.slots(i, p.batch.model.value) }

// Stds are the standard deviations of Values; empty if the model has none. A view.
func (p *Predictions) Stds(i int) []float64 { return p.slots(i, p.batch.model.std) }
