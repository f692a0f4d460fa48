package model

import (
	"strings"

	"sklambda/model/engine"
	"sklambda/model/table"
)

// longestNumber is one of the float64 that AppendFloat needs most bytes for.
const longestNumber = -0.0000012345678901234567

// LongestAnswer is the most bytes that the answer for a row can have as AppendJSON writes it, and as AppendProblem does for a row whose fields are the
// model's. The name of a field that the model does not have comes from the row, and counts in addition.
func (m *Model) LongestAnswer() int {
	return max(m.longestPrediction(), m.longestProblem())
}

// longestPrediction writes an answer of long numbers and long labels.
func (m *Model) longestPrediction() int {
	b := m.NewBatch()
	b.in.N = 1
	b.out.Errors = make([]engine.RowError, 1)
	b.out.Values = make([]float64, m.plan.Width())
	for i := range b.out.Values {
		b.out.Values[i] = longestNumber
	}
	longest := 0
	for output, classes := range m.manifest.Classes {
		for class, label := range classes {
			if slot := &b.out.Values[m.label.start+output]; class == 0 || len(label.RawMessage) > len(classes[int(*slot)].RawMessage) {
				*slot = float64(class)
			}
			longest = max(longest, len(label.RawMessage))
		}
	}
	size := len(b.predictions.AppendJSON(nil, 0))
	if m.manifest.Threshold != nil { // it chooses the label
		size += longest
	}
	return size
}

// longestProblem writes the problems that a row can have, each in the field with the longest message.
func (m *Model) longestProblem() int {
	longest, field := 0, ""
	for i, f := range m.manifest.Features {
		for code := engine.MissingValue; code <= engine.Unstable; code++ {
			longest = max(longest, len(AppendProblem(nil, m.problem(engine.RowError{Code: code, Feature: int32(i)}))))
		}
		if len(f.Name) > len(field) {
			field = f.Name
		}
	}
	// A cell of another type is quoted, and no message of reading is as long as one that quotes what is not printed as it is.
	cell := table.Value{Kind: table.Cell, Text: strings.Repeat("\U0010ffff", 100)}
	for _, kind := range []table.Kind{table.Number, table.Boolean} {
		_, problem := table.Retype(cell, kind)
		problem.Field, problem.Code = field, table.NumberOutOfRange // the longest code of reading
		longest = max(longest, len(AppendProblem(nil, problem)))
	}
	return longest
}
