// Package batch answers the events of a Step Functions Distributed Map with an ItemBatcher: many rows in, as many answers out, in order. A row that
// cannot be scored gets an error of its own.
//
//	{"Items": [{"age": "41"}, …], "BatchInput": {"format": "csv", "ids": ["customer"]}}  →  {"results": [{"customer": "7", "label": …}, …]}
//
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sklambda/model"
	"sklambda/model/table"
)

// RowMember is the member of an answer that holds the number of its row, with Input.Indexed.
const RowMember = "row"

// maxIDNames bounds the names of the ids, which every result repeats, in bytes of JSON.
const maxIDNames = 256

// LongestResult is the most bytes that the result for a row can have, with its number and the comma behind it, beside what the row brings itself: values of its ids, and
// the names of fields that the model does not have.
func LongestResult(m *model.Model) int {
	const number = `"row":-9223372036854775808,`
	return m.LongestAnswer() + len(number) + maxIDNames + len(",")
}

// Input is the member BatchInput of an event.
type Input struct {
	// Format says what the rows were read from: "csv", whose cells are strings that the signature types, an empty one missing; or "jsonl", whose values are typed
	// already. Empty is jsonl.
	Format string `json:"format"`
	// Indexed: an item is {"row": its number, "value": the row}, and the number is copied to the answer.
	Indexed bool `json:"indexed"`
	// IDs are columns that are copied to the answers.
	IDs []string `json:"ids"`
}

// EventError says that an event as a whole cannot be answered. It is the type of the error that Lambda reports and logs: no value of a row is in it.
type EventError struct{ reason string }

// Error returns the reason.
func (e *EventError) Error() string { return e.reason }

func refuse(format string, args ...any) error { return &EventError{fmt.Sprintf(format, args...)} }

// Scorer answers events. It is safe for concurrent use.
type Scorer struct{ model *model.Model }

// New returns a Scorer over m.
func New(m *model.Model) *Scorer { return &Scorer{m} }

// Score answers an event, and says how many rows it had. The error is an *EventError.
func (s *Scorer) Score(payload []byte) (answer []byte, rows int, err error) {
	var event struct {
		Items      []json.RawMessage
		BatchInput json.RawMessage
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, 0, refuse("batch event: %v", err)
	}
	input, err := readInput(event.BatchInput)
	if err != nil {
		return nil, 0, err
	}
	r := s.newRun(input)
	for i, item := range event.Items {
		if err := r.read(i, item); err != nil {
			return nil, 0, err
		}
	}
	return r.answer(), len(event.Items), nil
}

// readInput reads BatchInput, which may be absent.
func readInput(data json.RawMessage) (input Input, err error) {
	if data != nil {
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(&input); err != nil {
			return input, refuse("BatchInput: %v", err)
		}
	}
	if input.Format != "" && input.Format != "csv" && input.Format != "jsonl" {
		return input, refuse("BatchInput: format is %q, csv or jsonl is allowed", input.Format)
	}
	names := 0
	for i, id := range input.IDs {
		names += len(table.AppendString(nil, id)) + len(`:null,`)
		switch {
		case slices.Contains(input.IDs[:i], id):
			return input, refuse("BatchInput: ids names %q twice", id)
		case model.IsAnswerField(id) || input.Indexed && id == RowMember:
			return input, refuse("BatchInput: the id %q has the name of a field of the answers: rename the column", id)
		}
	}
	if names > maxIDNames {
		return input, refuse("BatchInput: ids have %d bytes in the results, %d are allowed: name fewer, or rename the columns", names, maxIDNames)
	}
	return input, nil
}

// run is the answering of one event.
type run struct {
	Input
	ids      *model.IDs
	encoder  model.CopyEncoder
	model    *model.Model
	batch    *model.Batch
	row      []table.Value
	copied   [][]table.Value  // of each row, what its answer starts with
	problems []*table.Problem // of each row, nil if it is in the batch
}

func (s *Scorer) newRun(input Input) *run {
	r := &run{Input: input, ids: s.model.NewIDs(input.IDs), model: s.model, batch: s.model.NewBatch()}
	var names []string
	if input.Indexed {
		names = append(names, RowMember)
	}
	r.encoder = model.NewCopyEncoder(append(names, input.IDs...))
	r.row = make([]table.Value, r.ids.Columns().Len())
	return r
}

// read takes item i. A problem of the row alone is kept for its answer.
func (r *run) read(i int, item json.RawMessage) error {
	var copied []table.Value
	if r.Indexed {
		number, value, err := readIndexed(item)
		if err != nil {
			return refuse("Items[%d]: %v", i, err)
		}
		copied, item = append(copied, number), value
	}
	problems, err := r.ids.Columns().ParseObject(item, r.row)
	if err != nil {
		problems = []table.Problem{problemOf(err)}
	}
	if r.Format == "csv" {
		if err := r.readCells(problems); err != nil {
			return refuse("Items[%d]: %v", i, err)
		}
	}
	r.copied = append(r.copied, r.ids.AppendValues(copied, r.row))
	if problems == nil {
		if problem := r.ids.Problem(r.row); problem != nil {
			problems = []table.Problem{*problem}
		}
	}
	if problems == nil {
		problems = r.batch.Append(r.row[:r.model.Columns().Len()], model.RowOptions{NonFinite: true})
	}
	var first *table.Problem
	if problems != nil {
		first = &problems[0]
	}
	r.problems = append(r.problems, first)
	return nil
}

// readIndexed reads {"row": number, "value": row}.
func readIndexed(item json.RawMessage) (number table.Value, value json.RawMessage, err error) {
	var indexed struct {
		Row   *int64          `json:"row"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(item, &indexed); err != nil {
		return number, nil, err
	}
	if indexed.Row == nil || indexed.Value == nil {
		return number, nil, errors.New(`with "indexed" {"row": number, "value": row} is expected`)
	}
	return table.Value{Kind: table.Number, IsInt: true, Int: *indexed.Row, Float: float64(*indexed.Row)}, indexed.Value, nil
}

// problemOf is the problem of a row that is not JSON as table wants it: a name twice, half of a surrogate pair.
func problemOf(err error) table.Problem {
	e, ok := errors.AsType[*table.SyntaxError](err)
	if !ok {
		panic(err) // table promises no other error
	}
	return table.Problem{Field: e.Field, Code: e.Code, Message: fmt.Sprintf("byte %d: %s", e.Offset, e.Message)}
}

// readCells makes cells of a CSV row's strings. All rows of a file have the same columns, so that wrong ones are an error of the file.
func (r *run) readCells(problems []table.Problem) error {
	var unknown []string
	for _, p := range problems {
		if p.Code == table.UnknownField {
			unknown = append(unknown, fmt.Sprintf("%q", p.Field))
		}
	}
	if unknown != nil {
		return fmt.Errorf("the file has the columns %s, which the model does not: leave them out, or name them as ids", strings.Join(unknown, ", "))
	}
	if problems != nil {
		return nil
	}
	if err := r.ids.CheckColumns(func(i int) bool { return r.row[i].Kind != table.Absent }); err != nil {
		return fmt.Errorf("the file %w", err)
	}
	for i := range r.row {
		switch v := &r.row[i]; {
		case v.Kind == table.Text && v.Text == "":
			*v = table.Value{Kind: table.Null}
		case v.Kind == table.Text:
			v.Kind = table.Cell
		}
	}
	return nil
}

// answer runs the plan and writes a result for each row.
func (r *run) answer() []byte {
	predictions := r.model.Predict(r.batch)
	out := []byte(`{"results":[`)
	at := 0 // in predictions
	for i, problem := range r.problems {
		if i > 0 {
			out = append(out, ',')
		}
		if problem != nil {
			out = r.encoder.AppendProblem(out, r.copied[i], problem)
			continue
		}
		out = r.encoder.AppendAnswer(out, r.copied[i], predictions, at)
		at++
	}
	return append(out, "]}"...)
}
