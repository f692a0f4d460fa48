// Package replay holds an artifact's golden rows against a live service that answers as function/api does: for sklambda verify --url and for the
// deploy hook. How a request travels is the caller's business.
package replay

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"sklambda/model"
)

const (
	batchRows  = 50      // rows of a request
	batchBytes = 1 << 20 // of a request's rows and their answers; an endpoint takes, and gives, 6 MB at most
	requests   = 4       // at a time
)

// A Service sends a request to a live service and returns the status and the body of the answer. It is used by several goroutines. Its error says that there is
// no answer.
type Service func(ctx context.Context, method, path string, body []byte) (status int, answer []byte, err error)

// Result is what a replay found.
type Result struct {
	*model.Report
	// Unsent rows hold a number that HTTP cannot carry.
	Unsent int
}

// refusedRow is the answer to a row that the service refuses, as a comparer has it: an error with the code and the detail of the problem document.
func refusedRow(problem []byte) json.RawMessage {
	var row struct {
		Error struct {
			Code   string `json:"code,omitempty"`
			Detail string `json:"detail,omitempty"`
		} `json:"error"`
	}
	if json.Unmarshal(problem, &row.Error) != nil { // another service's 422 is an error as well
		return json.RawMessage(`{"error":{}}`)
	}
	answer, _ := json.Marshal(row) // strings always are JSON
	return answer
}

// goldenRow is a golden row on its way to a service.
type goldenRow struct {
	number int // in golden.jsonl, from 0
	golden model.GoldenRow
	raises bool
	body   json.RawMessage // the input as HTTP takes it; nil if it cannot
	answer json.RawMessage // what the service said
}

// replay asks a live service.
type replay struct {
	service Service
	version string // of the artifact
}

// Golden replays the golden rows of m by POST /predict, in batches, and compares the fields that come back at the rounding they come in. progress is
// told how many rows are done. Differences are in the Result; the error says why there is no answer to a row.
func Golden(ctx context.Context, m *model.Model, service Service, progress func(done, total int)) (*Result, error) {
	rows, err := goldenRows(ctx, m)
	if err != nil {
		return nil, err
	}
	r := &replay{service: service, version: m.Manifest().Version}
	if err := r.askAll(ctx, rows, progress); err != nil {
		return nil, err
	}
	result := &Result{Report: &model.Report{Undecided: m.Manifest().Golden.Undecided}}
	comparer := model.NewHTTPComparer(m.Manifest())
	for _, row := range rows {
		if row.body == nil {
			result.Unsent++
			continue
		}
		result.Add(row.number, comparer.Compare(row.golden.Expected, row.answer))
	}
	result.Outputs = comparer.Outputs()
	return result, nil
}

// goldenRows reads the golden rows.
func goldenRows(ctx context.Context, m *model.Model) ([]*goldenRow, error) {
	var rows []*goldenRow
	err := m.EachGolden(ctx, func(number int, g model.GoldenRow) error {
		row := &goldenRow{number: number, golden: g}
		var expected map[string]json.RawMessage
		if err := json.Unmarshal(g.Expected, &expected); err != nil {
			return err
		}
		_, row.raises = expected["error"]
		rows = append(rows, row)
		return row.encode(m.Manifest())
	})
	return rows, err
}

// size is about what the row adds to a request and its answer, in bytes.
func (r *goldenRow) size() int { return len(r.body) + len(r.golden.Expected) }

// encode makes the body of the row. NaN becomes null where null means NaN; a row with another number that JSON cannot write gets no body.
func (r *goldenRow) encode(m *model.Manifest) error {
	var input map[string]json.RawMessage
	if err := json.Unmarshal(r.golden.Input, &input); err != nil {
		return err
	}
	changed := false
	for _, f := range m.Features {
		if f.Type == model.StringType || !f.Used {
			continue
		}
		switch string(input[f.Name]) {
		case `"NaN"`:
			if f.NullIsNone {
				return nil
			}
			input[f.Name], changed = json.RawMessage("null"), true
		case `"Infinity"`, `"-Infinity"`:
			return nil
		}
	}
	r.body = r.golden.Input
	if !changed {
		return nil
	}
	body, err := json.Marshal(input)
	r.body = body
	return err
}

// askAll asks for every row, several requests at a time, and ends at the first request that gets no answer.
func (r *replay) askAll(ctx context.Context, rows []*goldenRow, progress func(done, total int)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan []*goldenRow)
	var workers sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range requests {
		workers.Go(func() {
			for batch := range queue {
				if err := r.ask(ctx, batch); err != nil {
					cancel(err)
					continue
				}
				mu.Lock()
				done += len(batch)
				progress(done, len(rows))
				mu.Unlock()
			}
		})
	}
	for _, batch := range batches(rows) {
		if ctx.Err() != nil {
			break
		}
		queue <- batch
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

// batches groups rows by request: those that have an answer together, each of the others alone, since one of them would refuse a whole batch.
func batches(rows []*goldenRow) (requests [][]*goldenRow) {
	var batch []*goldenRow
	size := 0
	for _, row := range rows {
		switch {
		case row.body == nil:
			continue
		case row.raises:
			requests = append(requests, []*goldenRow{row})
			continue
		case len(batch) == batchRows || len(batch) > 0 && size+row.size() > batchBytes:
			requests, batch, size = append(requests, batch), nil, 0
		}
		batch, size = append(batch, row), size+row.size()
	}
	if len(batch) > 0 {
		requests = append(requests, batch)
	}
	return requests
}

// ask sends one request. A batch that is refused is asked again row by row, to tell which row it is.
func (r *replay) ask(ctx context.Context, rows []*goldenRow) error {
	if len(rows) == 1 {
		return r.askRow(ctx, rows[0])
	}
	body := []byte(`{"instances":[`)
	for i, row := range rows {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, row.body...)
	}
	status, answer, err := r.post(ctx, append(body, "]}"...))
	if err != nil {
		return err
	}
	if status == http.StatusUnprocessableEntity {
		for _, row := range rows {
			if err := r.askRow(ctx, row); err != nil {
				return err
			}
		}
		return nil
	}
	var reply struct{ Predictions []json.RawMessage }
	if err := json.Unmarshal(answer, &reply); err != nil || len(reply.Predictions) != len(rows) {
		return fmt.Errorf("sent %d instances, got %d predictions: %s", len(rows), len(reply.Predictions), Excerpt(answer))
	}
	for i, row := range rows {
		if err := r.keep(row, reply.Predictions[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *replay) askRow(ctx context.Context, row *goldenRow) error {
	status, answer, err := r.post(ctx, row.body)
	if err != nil {
		return err
	}
	if status == http.StatusUnprocessableEntity {
		row.answer = refusedRow(answer)
		return nil
	}
	var reply struct{ Prediction json.RawMessage }
	if err := json.Unmarshal(answer, &reply); err != nil || reply.Prediction == nil {
		return fmt.Errorf("the answer has no prediction: %s", Excerpt(answer))
	}
	return r.keep(row, reply.Prediction)
}

// keep notes the answer to a row, which has to come from the same version of the model.
func (r *replay) keep(row *goldenRow, prediction json.RawMessage) error {
	var from struct {
		Version string `json:"model_version"`
	}
	if err := json.Unmarshal(prediction, &from); err != nil {
		return fmt.Errorf("a prediction is %s: %w", Excerpt(prediction), err)
	}
	if from.Version != r.version {
		return fmt.Errorf("it serves model_version %q, the artifact is %q", from.Version, r.version)
	}
	row.answer = prediction
	return nil
}

// post sends a body to /predict and returns the answer if the status is 200 or 422; any other one is an error.
func (r *replay) post(ctx context.Context, body []byte) (status int, answer []byte, err error) {
	status, answer, err = r.service(ctx, http.MethodPost, "/predict", body)
	if err == nil && status != http.StatusOK && status != http.StatusUnprocessableEntity {
		err = StatusError(status, answer)
	}
	return status, answer, err
}

// ManifestSHA256 asks the service for the identity of its model: the sha256 of its manifest.json.
func ManifestSHA256(ctx context.Context, service Service) (string, error) {
	status, answer, err := service(ctx, http.MethodGet, "/model", nil)
	if err != nil {
		return "", err
	}
	if status != http.StatusOK {
		return "", StatusError(status, answer)
	}
	var description struct {
		SHA256 string `json:"manifest_sha256"`
	}
	if err := json.Unmarshal(answer, &description); err != nil || description.SHA256 == "" {
		return "", fmt.Errorf("/model has no manifest_sha256: %s", Excerpt(answer))
	}
	return description.SHA256, nil
}
