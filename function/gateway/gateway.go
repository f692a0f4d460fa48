// Package gateway turns events of API Gateway into requests of net/http, and the responses into what API Gateway expects. It is a lambda.Handler
// over raw bytes and knows nothing of models.
//
// An event of an HTTP API (payload format 2.0) or a Function URL becomes the request that the client made. Any other payload is a direct
// invoke: it is taken as the body of POST /predict, and the answer is the response's body, the problem document of an error included.
package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"sklambda/function/api"
)

// maxResponse is the most that Lambda takes as the response of an invocation, in bytes.
const maxResponse = 6 * 1024 * 1024

// directPath is the path that a direct invoke asks.
const directPath = "/predict"

// Handler is a lambda.Handler over an http.Handler. It is safe for concurrent use.
type Handler struct {
	next http.Handler
	log  *slog.Logger
}

// New returns a Handler that asks next. What next never sees, a malformed event or a response beyond Lambda's limit, is logged to log.
func New(next http.Handler, log *slog.Logger) *Handler {
	return &Handler{next: next, log: log}
}

// Invoke answers one event. The error is always nil: whatever is wrong with the event is told by a problem document, since an error would
// count as a failure of the function.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	e, err := parseEvent(payload)
	if errors.Is(err, errNotHTTP) {
		return h.direct(ctx, payload), nil
	}
	id := invocationID(ctx)
	if err != nil {
		return h.refuse(ctx, id, proxied, api.MalformedEvent, err.Error()), nil
	}
	if e.context.RequestID != "" {
		id = e.context.RequestID
	}
	body, err := e.body()
	if err != nil {
		return h.refuse(ctx, id, proxied, api.MalformedEvent, err.Error()), nil
	}
	return h.answer(e.request(api.WithRequestID(ctx, id), body), id, proxied), nil
}

// direct answers a payload that is no HTTP event.
func (h *Handler) direct(ctx context.Context, payload []byte) []byte {
	id := invocationID(ctx)
	r := newRequest(api.WithRequestID(ctx, id), http.MethodPost, &url.URL{Path: directPath}, http.Header{}, payload)
	return h.answer(r, id, (*response).bare)
}

// answer has the request answered. encode makes the payload of the response.
func (h *Handler) answer(r *http.Request, id string, encode func(*response) []byte) []byte {
	w := newResponse(r.Method)
	h.next.ServeHTTP(w, r)
	out := encode(w)
	if len(out) <= maxResponse {
		return out
	}
	return h.refuse(r.Context(), id, encode, api.ResponseTooLarge, "the response is larger than the 6 MB that Lambda can return; ask for fewer rows at once")
}

// refuse answers with a problem of our own.
func (h *Handler) refuse(ctx context.Context, id string, encode func(*response) []byte, code api.Code, detail string) []byte {
	w := newResponse(http.MethodPost)
	status := api.WriteProblem(w, api.Problem{Code: code, Detail: detail, RequestID: id})
	h.log.LogAttrs(ctx, slog.LevelWarn, "event refused", slog.Int(api.LogStatus, status), slog.String(api.LogCode, string(code)),
		slog.String(api.LogRequestID, id))
	return encode(w)
}

// invocationID is Lambda's own id of the invocation, for events that bring none.
func invocationID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}

// request makes the request that the client sent to API Gateway.
func (e *event) request(ctx context.Context, body []byte) *http.Request {
	header := make(http.Header, len(e.Headers)+1)
	for name, value := range e.Headers { // lower case; several values of a name are joined by commas
		header[textproto.CanonicalMIMEHeaderKey(name)] = []string{value}
	}
	if len(e.Cookies) > 0 {
		header["Cookie"] = []string{strings.Join(e.Cookies, "; ")}
	}
	r := newRequest(ctx, e.context.HTTP.Method, &url.URL{Path: e.path(), RawQuery: e.RawQueryString}, header, body)
	r.Host = e.context.DomainName
	r.RemoteAddr = e.context.HTTP.SourceIP
	return r
}

func newRequest(ctx context.Context, method string, target *url.URL, header http.Header, body []byte) *http.Request {
	r := &http.Request{
		Method: method, URL: target, Header: header, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, RequestURI: target.RequestURI(),
	}
	return r.WithContext(ctx)
}
