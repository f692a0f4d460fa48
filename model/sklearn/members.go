package sklearn

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// This file is what estimators share that hold other predictors: ensembles, wrappers, searches.

// nestedAttributes hold the fitted estimators of an estimator: tuples of a name and one, a list of them, or one.
var nestedAttributes = []string{"steps", "transformer_list", "estimators_", "best_estimator_", "estimator_", "regressor_", "calibrated_classifiers_", "estimator"}

// nested lists the fitted estimators inside an estimator.
func (e *estimator) nested() []*estimator {
	var out []*estimator
	for _, attribute := range nestedAttributes {
		v, _ := e.obj.Attr(attribute)
		items, ok := sequence(v)
		if !ok {
			items = []pickle.Value{v}
		}
		for _, item := range items {
			if parts, ok := sequence(item); ok && len(parts) >= 2 {
				item = parts[1]
			}
			if obj, ok := item.(*pickle.Object); ok && !isSampler(obj) {
				out = append(out, e.c.estimator(e.path, obj))
			}
		}
	}
	return out
}

// member compiles a predictor that the estimator holds. It is false if anything was refused.
func (e *estimator) member(name string, v pickle.Value, in matrix) (prediction, bool) {
	child := e.child(name, v)
	if child == nil {
		return prediction{}, false
	}
	before := len(e.c.reasons)
	p := e.c.predict(child, in)
	return p, len(e.c.reasons) == before && p.task != ""
}

// members compiles the predictors of a list, each for the input that the function gives, which knows the members before. Of members of the same class, parameters (but for
// random_state) and inner steps the manifest lists the first alone: an ensemble may hold hundreds.
func (e *estimator) members(attribute string, in func(i int, before []prediction) matrix) ([]prediction, bool) {
	items := e.items(attribute)
	out := make([]prediction, len(items))
	complete := true
	listed, refused := map[string]bool{}, map[string]bool{}
	for i, item := range items {
		class := describe(item)
		if refused[class] {
			continue
		}
		start, name := len(e.c.estimators), fmt.Sprintf("%s[%d]", attribute, i)
		var ok bool
		out[i], ok = e.member(name, item, in(i, out[:i]))
		complete, refused[class] = complete && ok, !ok
		e.c.estimators = unlisted(e.c.estimators, start, len(e.path)+1+len(name), listed)
	}
	if len(items) == 0 {
		e.refuse(attribute+" is empty", "an ensemble of nothing has no answer", "fit it")
	}
	return out, complete && len(items) > 0
}

// unlisted drops the entries from start on whose like was listed before; prefix is the length of the member's own path.
func unlisted(entries []model.Estimator, start, prefix int, listed map[string]bool) []model.Estimator {
	kept := entries[:start]
	for _, entry := range entries[start:] {
		params := maps.Clone(entry.Params)
		delete(params, "random_state")
		key := entry.Path[min(prefix, len(entry.Path)):] + " " + entry.Class + " " + string(marshal(params))
		if !listed[key] {
			kept = append(kept, entry)
		}
		listed[key] = true
	}
	return kept
}

// same gives every member the same input.
func same(in matrix) func(int, []prediction) matrix {
	return func(int, []prediction) matrix { return in }
}

// ask returns the numbers of one method of a predictor, with the dtype that they have: predict_proba, decision_function, or predict, whose labels
// must be numbers then.
func (e *estimator) ask(p prediction, method string) (answer, dtype, bool) {
	switch method {
	case "predict_proba":
		return p.probabilities, singleType(p.float32), p.probabilities.span.N > 0
	case "decision_function":
		return p.decision, float64Type, p.decision.span.N > 0
	case "predict":
		if p.value.span.N > 0 {
			return p.value, singleType(p.float32), true
		}
		return e.labelNumbers(p)
	}
	e.refuse("method "+method, "it is not one of predict_proba, decision_function and predict", "refit with one of them")
	return answer{}, float64Type, false
}

// labelNumbers are the labels of a classifier as the numbers that they are.
func (e *estimator) labelNumbers(p prediction) (answer, dtype, bool) {
	out := answer{span: p.label.span, tolerance: p.label.tolerance}
	t := int64Type
	plain := true
	for _, classes := range p.classes {
		plain = plain && isRange(classes)
	}
	if plain {
		return out, t, p.label.span.N > 0
	}
	out.span = e.c.b.Floats(int(p.label.span.N))
	for k, classes := range p.classes {
		values := make([]float64, len(classes))
		for i, class := range classes {
			v, classType, ok := classNumber(class)
			if !ok {
				e.refuse("the labels of a member", "they are no numbers, and the next estimator computes with them", "use predict_proba or decision_function here")
				return answer{}, t, false
			}
			values[i], t = v, promote(t, classType)
		}
		e.c.b.Add(&engine.Gather{In: p.label.span.Start + int32(k), Out: engine.Span{Start: out.span.Start + int32(k), N: 1}, Table: values})
	}
	return out, t, true
}

// classNumber is the number that a label is.
func classNumber(class model.Class) (float64, dtype, bool) {
	switch text := string(class.RawMessage); text {
	case "true":
		return 1, boolType, true
	case "false":
		return 0, boolType, true
	default:
		v, err := strconv.ParseFloat(text, 64)
		if _, notWhole := strconv.ParseInt(text, 10, 64); notWhole == nil {
			return v, int64Type, true
		}
		return v, float64Type, err == nil
	}
}

// isRange reports whether the labels are 0, 1, …
func isRange(classes []model.Class) bool {
	for i, class := range classes {
		if string(class.RawMessage) != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// codes returns, for each class of a member that was fitted on codes, which of n outer classes it is.
func (e *estimator) codes(p prediction, n int) ([]int, bool) {
	outer := make([]model.Class, n)
	for i := range outer {
		outer[i] = model.Class{RawMessage: json.RawMessage(strconv.Itoa(i))}
	}
	return e.positions(p, outer)
}

// positions returns, for each class of a member with one output, where it is in a list of classes.
func (e *estimator) positions(p prediction, outer []model.Class) ([]int, bool) {
	if len(p.classes) != 1 {
		e.refuse("a member that is no classifier with one output", "its labels are not told apart", "use classifiers with one output")
		return nil, false
	}
	at := make(map[string]int, len(outer))
	for i, class := range outer {
		at[string(class.RawMessage)] = i
	}
	out := make([]int, len(p.classes[0]))
	for i, class := range p.classes[0] {
		position, ok := at[string(class.RawMessage)]
		if !ok {
			e.refuse("a member with the class "+string(class.RawMessage), fmt.Sprintf("it is none of the %d classes of the ensemble", len(outer)), "check that the file is whole")
			return nil, false
		}
		out[i] = position
	}
	return out, true
}

// isIdentity reports whether positions are 0, 1, …, n-1.
func isIdentity(positions []int, n int) bool { return slices.Equal(positions, indices(n)) }

// votes writes 1 at the outer class of a member's label, 0 elsewhere.
func (e *estimator) votes(p prediction, positions []int, n int) engine.Span {
	table := make([]float64, len(positions)*n)
	for i, position := range positions {
		table[i*n+position] = 1
	}
	out := e.c.b.Floats(n)
	e.c.b.Add(&engine.Gather{In: p.label.span.Start, Out: out, Table: table})
	return out
}

// spread writes numbers for some of n classes to where the classes are, and 0 elsewhere.
func (e *estimator) spread(in engine.Span, positions []int, n int) engine.Span {
	if isIdentity(positions, n) {
		return in
	}
	zero := e.c.constants([]float64{0})
	from := slices.Repeat([]int32{zero.Start}, n)
	for i, position := range positions {
		from[position] = in.Start + int32(i)
	}
	out := e.c.b.Floats(n)
	e.c.b.Add(&engine.Select{From: from, Out: out})
	return out
}

// constants are slots that hold the same numbers in every row.
func (c *compiler) constants(values []float64) engine.Span {
	out := c.b.Floats(len(values))
	c.b.Add(&engine.MatMul{Out: out, Bias: values})
	return out
}

// starts are the first slots of spans.
func starts(spans []engine.Span) []int32 {
	out := make([]int32, len(spans))
	for i, s := range spans {
		out[i] = s.Start
	}
	return out
}

// argMax adds the label that is the first largest of some numbers.
func (c *compiler) argMax(in engine.Span) answer {
	label := c.b.Floats(1)
	c.b.Add(&engine.ArgMax{In: in, Out: label.Start})
	return answer{span: label}
}

// divided divides all numbers by one.
func (c *compiler) divided(in engine.Span, by float64) {
	c.b.Add(&engine.Arith{Op: "div", In: in, Out: in, Values: []float64{by}})
}

// predicted is the matrix of the numbers of a predictor.
func (c *compiler) predicted(a answer, t dtype) matrix {
	m := c.computed(a.span, matrix{}, t)
	for i := range m.cols {
		m.cols[i].inexact = a.tolerance > 0
	}
	return m
}

// worst is an answer of some numbers that are as inexact as the worst of those they are made of.
func worst(span engine.Span, of ...answer) answer {
	out := answer{span: span}
	for _, a := range of {
		if a.tolerance > out.tolerance || a.tolerance == out.tolerance && out.reason == "" {
			out.tolerance, out.reason = a.tolerance, a.reason
		}
	}
	return out
}

// part is one column of an answer.
func (a answer) part(i int) answer {
	return answer{span: engine.Span{Start: a.span.Start + int32(i), N: 1}, tolerance: a.tolerance, reason: a.reason}
}

// beside sets answers side by side.
func (e *estimator) beside(parts ...answer) answer {
	var from []int32
	for _, a := range parts {
		for i := range a.span.N {
			from = append(from, a.span.Start+i)
		}
	}
	out := e.c.b.Floats(len(from))
	if len(from) > 0 {
		e.c.b.Add(&engine.Select{From: from, Out: out})
	}
	return worst(out, parts...)
}
