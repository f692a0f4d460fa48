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

// jsonlFields are the fields that an answer in JSON Lines may have.
var jsonlFields = []string{"label", "labels", "probability", "probabilities", "decision", "score", "value", "values", "error"}

// newEncoder refuses an id that has the name of a field of the answers.
func newEncoder(format string, m *model.Model, ids []string) (encoder, error) {
	fields := jsonlFields
	if format == csvFormat {
		fields = m.CSVHeader()
	}
	for _, id := range ids {
		if slices.Contains(fields, id) {
			return nil, fmt.Errorf("--id %s has the name of a field of the answers: rename the column", id)
		}
	}
	if format == csvFormat {
		return &csvEncoder{model: m, names: slices.Concat(ids, fields)}, nil
	}
	e := &jsonlEncoder{}
	for _, id := range ids {
		e.keys = append(e.keys, append(table.AppendString(nil, id), ':'))
	}
	return e, nil
}

// jsonlEncoder writes JSON Lines: the ids, then the fields of the answer.
type jsonlEncoder struct {
	keys [][]byte // `"name":` of each id
}

func (e *jsonlEncoder) header() []byte { return nil }

func (e *jsonlEncoder) answer(dst []byte, ids []table.Value, p *model.Predictions, i int) []byte {
	dst, open := e.open(dst, ids)
	return e.close(p.AppendJSON(dst, i), open)
}

func (e *jsonlEncoder) failure(dst []byte, ids []table.Value, problem *table.Problem) []byte {
	dst, open := e.open(dst, ids)
	return e.close(model.AppendProblem(dst, problem), open)
}

// open appends the brace and the ids, but for the last byte: close puts it where the answer's own brace is.
func (e *jsonlEncoder) open(dst []byte, ids []table.Value) ([]byte, int) {
	dst = append(dst, '{')
	for i, key := range e.keys {
		dst = table.AppendValue(append(dst, key...), ids[i])
		dst = append(dst, ',')
	}
	return dst[:len(dst)-1], len(dst) - 1
}

func (e *jsonlEncoder) close(dst []byte, open int) []byte {
	if len(e.keys) > 0 {
		dst[open] = ','
	}
	return append(dst, '\n')
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
