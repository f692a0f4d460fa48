package main

import (
	"fmt"
	"slices"

	"sklambda/model"
	"sklambda/model/table"
)

// An encoder writes output rows in one format.
type encoder interface {
	// header is what comes before the first row.
	header() []byte
	// answer appends the row of prediction i, with its ids.
	answer(dst []byte, ids []table.Value, p *model.Predictions, i int) []byte
	// failure appends the row of an input row that the model was not asked about.
	failure(dst []byte, ids []table.Value, problem *table.Problem) []byte
}

// newEncoder refuses an id that has the name of a field of the answers.
func newEncoder(format string, m *model.Model, ids []string) (encoder, error) {
	header := m.CSVHeader()
	for _, id := range ids {
		if format == csvFormat && slices.Contains(header, id) || format == jsonlFormat && model.IsAnswerField(id) {
			return nil, fmt.Errorf("--id %s has the name of a field of the answers: rename the column", id)
		}
	}
	if format == csvFormat {
		return &csvEncoder{model: m, names: slices.Concat(ids, header)}, nil
	}
	return &jsonlEncoder{model.NewCopyEncoder(ids)}, nil
}

// jsonlEncoder writes JSON Lines: the ids, then the fields of the answer.
type jsonlEncoder struct{ model.CopyEncoder }

func (e *jsonlEncoder) header() []byte { return nil }

func (e *jsonlEncoder) answer(dst []byte, ids []table.Value, p *model.Predictions, i int) []byte {
	return append(e.AppendAnswer(dst, ids, p, i), '\n')
}

func (e *jsonlEncoder) failure(dst []byte, ids []table.Value, problem *table.Problem) []byte {
	return append(e.AppendProblem(dst, ids, problem), '\n')
}

// csvEncoder writes CSV: the ids, then the columns of the answer.
type csvEncoder struct {
	model *model.Model
	names []string
}

func (e *csvEncoder) header() []byte {
	var dst []byte
	for i, name := range e.names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = table.AppendCell(dst, name)
	}
	return append(dst, '\n')
}

func (e *csvEncoder) answer(dst []byte, ids []table.Value, p *model.Predictions, i int) []byte {
	return append(p.AppendCSV(e.open(dst, ids), i), '\n')
}

func (e *csvEncoder) failure(dst []byte, ids []table.Value, problem *table.Problem) []byte {
	return append(e.model.AppendProblemCSV(e.open(dst, ids), problem), '\n')
}

// open appends the ids, each with a comma behind it; a missing one is an empty cell.
func (e *csvEncoder) open(dst []byte, ids []table.Value) []byte {
	for _, id := range ids {
		switch id.Kind {
		case table.Text, table.Cell:
			dst = table.AppendCell(dst, id.Text)
		case table.Number, table.Boolean:
			dst = table.AppendValue(dst, id)
		}
		dst = append(dst, ',')
	}
	return dst
}
