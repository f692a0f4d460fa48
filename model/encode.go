package model

import (
	"math"
	"strconv"

	"sklambda/model/table"
)

// AppendJSON appends the answer for row i as JSON Lines have it, an object without a newline: all that the estimator offers, or
// {"error":{…}} for a row without an answer.
func (p *Predictions) AppendJSON(dst []byte, i int) []byte {
	if problem := p.Problem(i); problem != nil {
		return AppendProblem(dst, problem)
	}
	dst = append(dst, '{')
	dst = p.AppendFields(dst, i, nil)
	return append(dst, '}')
}

// AppendProblem appends {"error":{"code","field","message"}}; field is null for a problem of the row as a whole.
func AppendProblem(dst []byte, problem *table.Problem) []byte {
	dst = append(dst, `{"error":{"code":`...)
	dst = table.AppendString(dst, problem.Code)
	dst = append(dst, `,"field":`...)
	if problem.Field == "" {
		dst = append(dst, "null"...)
	} else {
		dst = table.AppendString(dst, problem.Field)
	}
	dst = append(dst, `,"message":`...)
	dst = table.AppendString(dst, problem.Message)
	return append(dst, `}}`...)
}

// AppendFields appends the members of the answer for row i, which has one, without the braces around them: label, probability and probabilities, decision,
// score, value; labels and a list of probabilities for several outputs (of objects, or of numbers for multilabel targets); values for several numbers and for transformers. With
// decimals every number is rounded.
func (p *Predictions) AppendFields(dst []byte, i int, decimals *int) []byte {
	start := len(dst)
	switch task := p.batch.model.manifest.Task; {
	case task.OneLabel():
		dst = p.appendLabel(dst, i, decimals)
	case task == MultioutputClassification:
		dst = p.appendOutputs(dst, i, decimals)
	}
	dst = appendMember(dst, start, "value", p.Values(i), p.batch.model.manifest.Task == Regression, decimals)
	dst = appendMember(dst, start, "std", p.Stds(i), p.batch.model.manifest.Task == Regression, decimals)
	decision := p.Decision(i)
	dst = appendMember(dst, start, "decision", decision, len(decision) == 1, decimals)
	return appendMember(dst, start, "score", p.Score(i), true, decimals)
}

// appendLabel appends label and, where there are probabilities, probability and probabilities.
func (p *Predictions) appendLabel(dst []byte, i int, decimals *int) []byte {
	dst = append(append(dst, `"label":`...), p.Label(i, 0).RawMessage...)
	if p.batch.model.probabilities.n == 0 {
		return dst
	}
	dst = append(dst, `,"probability":`...)
	from := len(dst)
	dst = appendNumber(dst, p.Probability(i), decimals)
	told, to := p.told(i), len(dst)
	dst = append(dst, `,"probabilities":{`...)
	for class, probability := range p.OutputProbabilities(i, 0) {
		dst = p.appendKey(dst, 0, class)
		if class == told { // printing a number takes longer than anything else here: it is copied
			dst = append(dst, dst[from:to]...)
		} else {
			dst = appendNumber(dst, probability, decimals)
		}
	}
	return append(dst, '}')
}

// appendMember appends a member of numbers to an object whose members begin at start, if there are any: "name" and one number where it is single, else a
// list ("values" for the name "value").
func appendMember(dst []byte, start int, name string, list []float64, single bool, decimals *int) []byte {
	if len(list) == 0 {
		return dst
	}
	dst = append(append(comma(dst, len(dst)-start), '"'), name...)
	if single {
		return appendNumber(append(dst, `":`...), list[0], decimals)
	}
	if name == "value" {
		dst = append(dst, 's')
	}
	return appendNumbers(append(dst, `":`...), list, decimals)
}

// appendOutputs appends labels and probabilities of several outputs: for each output those of its classes, or one number.
func (p *Predictions) appendOutputs(dst []byte, i int, decimals *int) []byte {
	dst = append(dst, `"labels":[`...)
	for output := range p.batch.model.keys {
		dst = append(comma(dst, output), p.Label(i, output).RawMessage...)
	}
	dst = append(dst, ']')
	if p.batch.model.probabilities.n == 0 {
		return dst
	}
	if p.batch.model.multilabel() {
		return appendNumbers(append(dst, `,"probabilities":`...), p.Probabilities(i), decimals)
	}
	dst = append(dst, `,"probabilities":[`...)
	for output := range p.batch.model.keys {
		dst = p.AppendProbabilities(comma(dst, output), i, output, decimals)
	}
	return append(dst, ']')
}

// AppendProbabilities appends {"<class>": p, …} with every class of one output, keyed as JSON would print it.
func (p *Predictions) AppendProbabilities(dst []byte, i, output int, decimals *int) []byte {
	dst = append(dst, '{')
	for class, probability := range p.OutputProbabilities(i, output) {
		dst = appendNumber(p.appendKey(dst, output, class), probability, decimals)
	}
	return append(dst, '}')
}

// appendKey appends the name of a class with its colon, and a comma in front of every one but the first.
func (p *Predictions) appendKey(dst []byte, output, class int) []byte {
	return append(append(comma(dst, class), p.batch.model.keys[output][class]...), ':')
}

// comma appends a comma in front of every item but the first.
func comma(dst []byte, i int) []byte {
	if i == 0 {
		return dst
	}
	return append(dst, ',')
}

func appendNumbers(dst []byte, list []float64, decimals *int) []byte {
	dst = append(dst, '[')
	for i, f := range list {
		dst = appendNumber(comma(dst, i), f, decimals)
	}
	return append(dst, ']')
}

func appendNumber(dst []byte, f float64, decimals *int) []byte {
	if decimals != nil {
		f = RoundDecimals(f, *decimals)
	}
	return table.AppendFloat(dst, f)
}

// RoundDecimals rounds to a number of decimals: the nearest decimal number, of two equally near ones the even one, as Python's round does.
func RoundDecimals(f float64, decimals int) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return f
	}
	var buffer [400]byte // the largest float64 has 309 digits before the point
	rounded, err := strconv.ParseFloat(string(strconv.AppendFloat(buffer[:0], f, 'f', decimals, 64)), 64)
	if err != nil {
		return f // rounded up beyond the largest float64
	}
	return rounded
}
