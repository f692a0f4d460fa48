// Package gateway turns events of API Gateway into requests of package web, and the responses into what API Gateway expects. It is a lambda.Handler
// over raw bytes and knows nothing of models.
//
// An event of an HTTP API (payload format 2.0) or a Function URL becomes the request that the client made. An event of a Step Functions Distributed
// Map is handed on as it is. Any other payload is a direct invoke: it is taken as the body of POST /predict, and the answer is the response's body,
// the problem document of an error included.
package gateway

import (
	"bytes"
	"context"
	"errors"
	"net/textproto"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"sklambda/function/api"
	"sklambda/function/web"
)

// maxResponse is the most that Lambda takes as the response of an invocation, in bytes.
const maxResponse = 6 * 1024 * 1024

// directPath is the path that a direct invoke asks.
const directPath = "/predict"

// batchRoute is the route that a batch is reported under. There is no such path.
const batchRoute = "batch"

// Handler is a lambda.Handler over a web.Handler. It is safe for concurrent use.
type Handler struct {
	next   web.Handler
	batch  func(payload []byte) (answer []byte, rows int, err error)
	report func(*api.Request)
}

// New returns a Handler that asks next, and batch about the events of a Distributed Map. It tells report of every invocation once it is answered, those
// that neither sees included: a malformed event, or a response beyond Lambda's limit.
func New(next web.Handler, batch func(payload []byte) (answer []byte, rows int, err error), report func(*api.Request)) *Handler {
	return &Handler{next: next, batch: batch, report: report}
}

// Invoke answers one event. The error is nil but for a batch: whatever is wrong with another event is told by a problem document, since an error would
// count as a failure of the function.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	start := time.Now()
	i := &invocation{handler: h, ctx: ctx, encode: proxied, note: api.Request{ID: invocationID(ctx), Route: api.NoRoute}}
	out, err := i.answer(payload)
	i.note.Took = time.Since(start)
	h.report(&i.note)
	return out, err
}

// invocation is one event on its way to its answer.
type invocation struct {
	handler *Handler
	ctx     context.Context
	encode  func(*response) []byte // makes the payload of the response
	note    api.Request
}

// answer makes the payload of the answer.
func (i *invocation) answer(payload []byte) ([]byte, error) {
	e, err := parseEvent(payload)
	switch {
	case errors.Is(err, errBatch):
		return i.score(payload)
	case errors.Is(err, errNotHTTP):
		i.encode = (*response).bare
		return i.ask(i.newRequest(web.MethodPost, directPath, web.Header{}, payload)), nil
	case err != nil:
		return i.refuse(api.MalformedEvent, err.Error()), nil
	}
	if e.context.RequestID != "" {
		i.note.ID = e.context.RequestID
	}
	body, err := e.body()
	if err != nil {
		return i.refuse(api.MalformedEvent, err.Error()), nil
	}
	return i.ask(i.request(e, body)), nil
}

// score has a batch answered. Its error is the invocation's: Step Functions stops, or tries again.
func (i *invocation) score(payload []byte) ([]byte, error) {
	out, rows, err := i.handler.batch(payload)
	i.note.Route, i.note.Status, i.note.Rows = batchRoute, web.StatusOK, rows
	if err == nil && len(out) > maxResponse {
		err = errors.New("the answers are larger than the 6 MB that Lambda can return: send fewer rows at once")
	}
	if err != nil {
		i.note.Code, i.note.Status = api.MalformedEvent, api.MalformedEvent.Status()
		return nil, err
	}
	return out, nil
}

// ask has the request answered.
func (i *invocation) ask(r *web.Request) []byte {
	w := newResponse(r.Method)
	i.handler.next.Serve(w, r)
	out := i.encode(w)
	if len(out) <= maxResponse {
		return out
	}
	return i.refuse(api.ResponseTooLarge, "the response is larger than the 6 MB that Lambda can return; ask for fewer rows at once")
}

// refuse answers with a problem of our own.
func (i *invocation) refuse(code api.Code, detail string) []byte {
	w := newResponse(web.MethodPost)
	i.note.Code = code
	i.note.Status = api.WriteProblem(w, api.Problem{Code: code, Detail: detail, RequestID: i.note.ID})
	return i.encode(w)
}

// invocationID is Lambda's own id of the invocation, for events that bring none.
func invocationID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}

// request makes the request that the client sent to API Gateway.
func (i *invocation) request(e *event, body []byte) *web.Request {
	header := make(web.Header, len(e.Headers))
	for name, value := range e.Headers { // lower case; several values of a name are joined by commas
		header[textproto.CanonicalMIMEHeaderKey(name)] = []string{value}
	}
	return i.newRequest(e.context.HTTP.Method, e.path(), header, body)
}

// newRequest makes a request whose answer is noted in i.note.
func (i *invocation) newRequest(method, path string, header web.Header, body []byte) *web.Request {
	return &web.Request{Context: api.WithRequest(i.ctx, &i.note), Method: method, Path: path, Header: header, Body: bytes.NewReader(body)}
}
