package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"sklambda/model"
)

const (
	remoteBatchRows  = 50       // rows of a request
	remoteBatchBytes = 1 << 20  // of a request's body; an endpoint takes 6 MB at most
	remoteRequests   = 4        // at a time
	remoteAnswer     = 16 << 20 // bytes of an answer that are read
	requestTimeout   = 40 * time.Second
)

// refusedRow is the answer to a row that the endpoint refuses, as a comparer has it.
var refusedRow = json.RawMessage(`{"error":{}}`)

// remoteRow is a golden row on its way to an endpoint.
type remoteRow struct {
	number int // in golden.jsonl, from 0
	golden model.GoldenRow
	raises bool
	body   json.RawMessage // the input as HTTP takes it; nil if it cannot
	answer json.RawMessage // what the endpoint said
}

// remote asks a live endpoint.
type remote struct {
	client  *http.Client
	url     string
	version string // of the artifact
}

// predictURL is the address of /predict below, or at, the given one.
func predictURL(given string) (string, error) {
	u, err := url.Parse(given)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("--url %q is not an http or https address", given)
	}
	if !strings.HasSuffix(u.Path, "/predict") {
		u.Path = strings.TrimSuffix(u.Path, "/") + "/predict"
	}
	return u.String(), nil
}

// verifyRemote replays the golden rows against the endpoint. unsent counts those that HTTP cannot carry.
func verifyRemote(ctx context.Context, m *model.Model, address string, progress func(done, total int)) (report *model.Report, unsent int, err error) {
	address, err = predictURL(address)
	if err != nil {
		return nil, 0, err
	}
	rows, err := remoteRows(ctx, m)
	if err != nil {
		return nil, 0, err
	}
	r := &remote{client: &http.Client{Timeout: requestTimeout}, url: address, version: m.Manifest().Version}
	defer r.client.CloseIdleConnections()
	if err := r.askAll(ctx, rows, progress); err != nil {
		return nil, 0, err
	}
	report = &model.Report{Undecided: m.Manifest().Golden.Undecided}
	comparer := model.NewHTTPComparer(m.Manifest())
	for _, row := range rows {
		if row.body == nil {
			unsent++
			continue
		}
		report.Add(row.number, comparer.Compare(row.golden.Expected, row.answer))
	}
	report.Outputs = comparer.Outputs()
	return report, unsent, nil
}

// remoteRows reads the golden rows.
func remoteRows(ctx context.Context, m *model.Model) ([]*remoteRow, error) {
	var rows []*remoteRow
	err := m.EachGolden(ctx, func(number int, g model.GoldenRow) error {
		row := &remoteRow{number: number, golden: g}
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

// encode makes the body of the row. NaN becomes null where null means NaN; a row with another number that JSON cannot write gets no body.
func (r *remoteRow) encode(m *model.Manifest) error {
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
func (r *remote) askAll(ctx context.Context, rows []*remoteRow, progress func(done, total int)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan []*remoteRow)
	var workers sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range remoteRequests {
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
func batches(rows []*remoteRow) (requests [][]*remoteRow) {
	var batch []*remoteRow
	size := 0
	for _, row := range rows {
		switch {
		case row.body == nil:
			continue
		case row.raises:
			requests = append(requests, []*remoteRow{row})
			continue
		case len(batch) == remoteBatchRows || len(batch) > 0 && size+len(row.body) > remoteBatchBytes:
			requests, batch, size = append(requests, batch), nil, 0
		}
		batch, size = append(batch, row), size+len(row.body)
	}
	if len(batch) > 0 {
		requests = append(requests, batch)
	}
	return requests
}

// ask sends one request. A batch that is refused is asked again row by row, to tell which row it is.
func (r *remote) ask(ctx context.Context, rows []*remoteRow) error {
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
		return fmt.Errorf("%s: sent %d instances, got %d predictions: %s", r.url, len(rows), len(reply.Predictions), excerpt(answer))
	}
	for i, row := range rows {
		if err := r.keep(row, reply.Predictions[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *remote) askRow(ctx context.Context, row *remoteRow) error {
	status, answer, err := r.post(ctx, row.body)
	if err != nil {
		return err
	}
	if status == http.StatusUnprocessableEntity {
		row.answer = refusedRow
		return nil
	}
	var reply struct{ Prediction json.RawMessage }
	if err := json.Unmarshal(answer, &reply); err != nil || reply.Prediction == nil {
		return fmt.Errorf("%s: the answer has no prediction: %s", r.url, excerpt(answer))
	}
	return r.keep(row, reply.Prediction)
}

// keep notes the answer to a row, which has to come from the same version of the model.
func (r *remote) keep(row *remoteRow, prediction json.RawMessage) error {
	var from struct {
		Version string `json:"model_version"`
	}
	if err := json.Unmarshal(prediction, &from); err != nil {
		return fmt.Errorf("%s: a prediction is %s: %w", r.url, excerpt(prediction), err)
	}
	if from.Version != r.version {
		return fmt.Errorf("%s serves model_version %q, the artifact is %q", r.url, from.Version, r.version)
	}
	row.answer = prediction
	return nil
}

// post sends a body and returns the answer if the status is 200 or 422; any other one is an error.
func (r *remote) post(ctx context.Context, body []byte) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := r.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	if answer, err = io.ReadAll(io.LimitReader(response.Body, remoteAnswer)); err != nil {
		return 0, nil, fmt.Errorf("%s: read the answer: %w", r.url, err)
	}
	if status := response.StatusCode; status != http.StatusOK && status != http.StatusUnprocessableEntity {
		return 0, nil, errors.New(r.url + ": " + statusText(status, answer))
	}
	return response.StatusCode, answer, nil
}

// statusAdvice explains statuses that are no answer to a row.
var statusAdvice = map[int]string{
	http.StatusUnauthorized:          "the endpoint wants authorization, which verify does not send",
	http.StatusForbidden:             "the endpoint refuses the caller, or has no such route",
	http.StatusNotFound:              "no such route: does the address lack the stage?",
	http.StatusRequestEntityTooLarge: "the endpoint takes smaller bodies only",
	http.StatusTooManyRequests:       "the endpoint is throttled: try again later",
}

// statusText tells a status with what the body says: a problem document of ours, or API Gateway's own {"message":…}.
func statusText(status int, body []byte) string {
	var said struct{ Message, Detail string }
	text := excerpt(body)
	if json.Unmarshal(body, &said) == nil && said.Message+said.Detail != "" {
		text = oneLine(said.Message + said.Detail)
	}
	text = fmt.Sprintf("status %d %s: %s", status, http.StatusText(status), text)
	if advice := statusAdvice[status]; advice != "" {
		text += " (" + advice + ")"
	}
	return text
}

// excerpt is the start of a body, on one line.
func excerpt(body []byte) string {
	const most = 200
	return oneLine(string(body[:min(len(body), most)]))
}
