package model

import (
	"strconv"

	"sklambda/model/table"
)

// csvError are the last columns of CSV answers; they are empty for a row that has one.
var csvError = []string{"error_code", "error_field", "error_message"}

// CSVHeader returns the columns of AppendCSV: label, probability, probability_<class>, decision or decision_<i>, score, value or value_<i>, std or std_<i>; label_<i> and
// probability_<i>_<class> (probability_<i> for multilabel targets) for several outputs; and the three of an error.
func (m *Model) CSVHeader() []string {
	var header []string
	hasProbabilities := m.probabilities.n > 0
	switch {
	case m.manifest.Task.OneLabel():
		header = append(header, "label")
		if hasProbabilities {
			header = m.appendClassColumns(append(header, "probability"), "probability_", 0)
		}
	case m.manifest.Task == MultioutputClassification:
		header = appendIndexed(header, "label", m.label.n)
		if m.multilabel() {
			header = appendIndexed(header, "probability", m.probabilities.n)
			break
		}
		for output := range m.keys {
			if hasProbabilities {
				header = m.appendClassColumns(header, "probability_"+strconv.Itoa(output)+"_", output)
			}
		}
	}
	header = appendColumns(header, "decision", m.decision.n, m.decision.n == 1)
	header = appendColumns(header, "score", m.score.n, true)
	header = appendColumns(header, "value", m.value.n, m.manifest.Task == Regression)
	header = appendColumns(header, "std", m.std.n, m.manifest.Task == Regression)
	return append(header, csvError...)
}

// appendClassColumns appends a column for each class of an output.
func (m *Model) appendClassColumns(header []string, prefix string, output int) []string {
	keys, _ := classKeys(m.manifest.Classes[output]) // New has checked them
	for _, key := range keys {
		header = append(header, prefix+key)
	}
	return header
}

// appendColumns appends name, or name_0, name_1, …
func appendColumns(header []string, name string, n int, single bool) []string {
	if single && n == 1 {
		return append(header, name)
	}
	return appendIndexed(header, name, n)
}

func appendIndexed(header []string, name string, n int) []string {
	for i := range n {
		header = append(header, name+"_"+strconv.Itoa(i))
	}
	return header
}

// AppendCSV appends the answer for row i as the cells of CSVHeader, without a newline. Cells that do not apply are empty.
func (p *Predictions) AppendCSV(dst []byte, i int) []byte {
	m := p.batch.model
	if problem := p.Problem(i); problem != nil {
		return m.AppendProblemCSV(dst, problem)
	}
	for output := range m.keys {
		dst = append(append(dst, m.cells[output][p.class(i, output)]...), ',')
	}
	if m.manifest.Task.OneLabel() && m.probabilities.n > 0 {
		dst = append(table.AppendCellFloat(dst, p.Probability(i)), ',')
	}
	dst = appendCells(dst, p.Probabilities(i))
	dst = appendCells(dst, p.Decision(i))
	dst = appendCells(dst, p.Score(i))
	dst = appendCells(dst, p.Values(i))
	dst = appendCells(dst, p.Stds(i))
	return append(dst, ",,"...)
}

// appendCells appends numbers, each with a comma behind it.
func appendCells(dst []byte, list []float64) []byte {
	for _, f := range list {
		dst = append(table.AppendCellFloat(dst, f), ',')
	}
	return dst
}

// AppendProblemCSV appends the cells of CSVHeader for a row without an answer.
func (m *Model) AppendProblemCSV(dst []byte, problem *table.Problem) []byte {
	for range m.csvColumns() - len(csvError) {
		dst = append(dst, ',')
	}
	dst = append(table.AppendCell(dst, problem.Code), ',')
	if problem.Field != "" {
		dst = table.AppendCell(dst, problem.Field)
	}
	return table.AppendCell(append(dst, ','), problem.Message)
}

// csvColumns is the number of columns of CSVHeader.
func (m *Model) csvColumns() int {
	n := len(m.keys) + m.probabilities.n + m.decision.n + m.score.n + m.value.n + m.std.n + len(csvError)
	if m.probabilities.n > 0 && m.manifest.Task.OneLabel() {
		n++
	}
	return n
}
