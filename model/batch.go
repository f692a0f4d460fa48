package model

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/table"
)

// Codes of problems that a model finds; table has those of reading.
const (
	// MissingField: the row does not name a feature.
	MissingField = "missing_field"
	// MissingValue: null, or NaN, where the model has no answer for it.
	MissingValue = "missing_value"
	// NotFinite: an infinite number where the model has no answer for it.
	NotFinite = "not_finite"
	// TooLarge: a number beyond float32, in which the model computes.
	TooLarge = "too_large"
	// UnknownCategory: a category that the model was not trained with and refuses.
	UnknownCategory = "unknown_category"
	// OutOfDomain: a value for which a step of the model is not defined.
	OutOfDomain = "out_of_domain"
	// Tie: training rows that answer differently are equally near, and scikit-learn's choice among them depends on the processor.
	Tie = "tie"
	// Unstable: rounding errors move the answer by more than its bound, and scikit-learn's own depends on the processor.
	Unstable = "unstable"
	// BrokenPlan: the plan gave a class that does not exist.
	BrokenPlan = "broken_plan"
)

// Batch collects rows for Predict and holds the answers. It is used by one goroutine at a time and reused: after the first rounds, rows of numbers
// cost no allocation.
type Batch struct {
	model       *Model
	in          engine.Batch
	out         engine.Result
	row         []table.Value // the row that is being typed
	predictions Predictions
}

// RowOptions says what a source of rows may write.
type RowOptions struct {
	// NonFinite takes the strings "NaN", "Infinity" and "-Infinity" for numbers where a number is expected: JSON Lines and golden rows.
	NonFinite bool
}

// NewBatch returns an empty batch.
func (m *Model) NewBatch() *Batch {
	b := &Batch{model: m, row: make([]table.Value, len(m.manifest.Features))}
	b.predictions.batch = b
	return b
}

// Reset empties the batch. Predictions of it are no longer valid.
func (b *Batch) Reset() {
	b.in.N = 0
	b.in.Numbers = b.in.Numbers[:0]
	clear(b.in.Texts)
	b.in.Texts = b.in.Texts[:0]
}

// Len is the number of rows.
func (b *Batch) Len() int { return b.in.N }

// Append types a row, which has a Value for each feature, and adds it. If it does not fit the signature, its problems are returned and nothing is added. Null is
// passed on to the plan, which knows where scikit-learn has no answer. Values are copied; strings are kept until Reset.
func (b *Batch) Append(row []table.Value, opt RowOptions) []table.Problem {
	for _, used := range b.model.used {
		if kind := row[used.feature].Kind; kind != used.kind && kind != table.Null {
			var problems []table.Problem
			if row, problems = b.retype(row, opt); problems != nil {
				return problems
			}
			break
		}
	}
	at, n := len(b.in.Numbers), len(b.model.numbers)
	b.in.Numbers = slices.Grow(b.in.Numbers, n)[:at+n]
	numbers := b.in.Numbers[at:]
	for i, in := range b.model.numbers {
		if v := &row[in.feature]; v.Kind == table.Null || in.integer {
			numbers[i] = in.number(v)
		} else {
			numbers[i] = v.Float
		}
	}
	for _, feature := range b.model.texts {
		if v := &row[feature]; v.Kind == table.Text {
			b.in.Texts = append(b.in.Texts, v.Text)
		} else {
			b.in.Texts = append(b.in.Texts, engine.MissingText)
		}
	}
	b.in.N++
	return nil
}

// retype returns a row of which some value is not of its feature's kind, as the features' types have it, or what does not fit.
func (b *Batch) retype(row []table.Value, opt RowOptions) ([]table.Value, []table.Problem) {
	var problems []table.Problem
	for i := range b.row {
		f := &b.model.manifest.Features[i]
		v, problem := f.Accept(row[i], opt)
		if problem != nil {
			problem.Field = f.Name
			problems = append(problems, *problem)
		}
		b.row[i] = v
	}
	return b.row, problems
}

// Accept returns the value as the feature's type has it, or says why it does not fit.
func (f *Feature) Accept(v table.Value, opt RowOptions) (table.Value, *table.Problem) {
	if !f.Used {
		return v, nil
	}
	want := f.Type.kind()
	v, problem := table.Retype(v, want)
	switch {
	case problem != nil, v.Kind == want, v.Kind == table.Null:
		return v, problem
	case v.Kind == table.Absent:
		return v, &table.Problem{Code: MissingField, Message: "the field is missing; null stands for a missing value"}
	case want == table.Number && opt.NonFinite:
		if number, ok := table.NonFinite(v); ok {
			return number, nil
		}
	}
	return v, &table.Problem{Code: table.WrongType, Message: fmt.Sprintf("got %s, %s is expected", v.Kind, want)}
}

// number lays a typed value out for its slot.
func (in numberInput) number(v *table.Value) float64 {
	missing := v.Kind == table.Null
	switch {
	case in.integer && v.Kind == table.Boolean:
		return math.Float64frombits(uint64(v.Float))
	case in.integer && v.IsInt && !missing:
		return math.Float64frombits(uint64(v.Int))
	case in.integer:
		notInteger := int64(engine.NotInteger)
		return math.Float64frombits(uint64(notInteger))
	case missing:
		return math.NaN()
	default:
		return v.Float
	}
}
