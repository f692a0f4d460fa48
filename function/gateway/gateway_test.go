package gateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"

	"sklambda/function/api"
	"sklambda/function/modeltest"
	"sklambda/function/web"
)

func quiet(*api.Request) {}

func noBatch([]byte) ([]byte, int, error) { return nil, 0, errors.New("not a batch") }

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// invoke answers a payload as Lambda would have it.
func invoke(t testing.TB, h *Handler, payload []byte) []byte {
	t.Helper()
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"})
	out, err := h.Invoke(ctx, payload)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// invokeProxied is invoke for HTTP events.
func invokeProxied(t testing.TB, h *Handler, payload []byte) proxyResponse {
	t.Helper()
	out := invoke(t, h, payload)
	var response proxyResponse
	d := json.NewDecoder(bytes.NewReader(out))
	d.DisallowUnknownFields()
	if err := d.Decode(&response); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return response
}

// seen is what a handler sees of a request.
type seen struct {
	Method, Path, Body string
	Header             map[string]string
}

// handlerFunc is a web.Handler.
type handlerFunc func(web.ResponseWriter, *web.Request)

// Serve calls f.
func (f handlerFunc) Serve(w web.ResponseWriter, r *web.Request) { f(w, r) }

func TestRequests(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		want seen
	}{
		{"default_stage", seen{Method: "POST", Path: "/predict", Body: `{"x":1}`, Header: map[string]string{"Content-Type": "application/json"}}},
		{"named_stage", seen{Method: "POST", Path: "/predict", Body: `{"x":1}`, Header: map[string]string{"X-Forwarded-Proto": "https"}}},
		{"named_stage_default_route", seen{Method: "GET", Path: "/health"}},
		{"base64", seen{Method: "POST", Path: "/predict", Body: `{"x":1}`, Header: map[string]string{"Content-Type": "application/octet-stream"}}},
		{"cookies_and_query", seen{Method: "GET", Path: "/my/path",
			Header: map[string]string{"Accept": "text/html,application/json", "X-Many": "a,b"}}},
		{"custom_domain", seen{Method: "POST", Path: "/predict", Body: `{"x":1}`}},
		{"route_parameters", seen{Method: "POST", Path: "/v1/models/a/b", Body: `{"x":1}`}},
		{"head", seen{Method: "HEAD", Path: "/health"}},
		{"jwt_authorizer", seen{Method: "POST", Path: "/predict", Body: `{"x":1}`}},
		{"function_url", seen{Method: "POST", Path: "/predict", Body: `{"x":1}`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got seen
			h := New(handlerFunc(func(w web.ResponseWriter, r *web.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				got = seen{Method: r.Method, Path: r.Path, Body: string(body)}
				for name := range tt.want.Header {
					if got.Header == nil {
						got.Header = map[string]string{}
					}
					got.Header[name] = r.Header.Get(name)
				}
			}), noBatch, quiet)
			if response := invokeProxied(t, h, fixture(t, tt.name)); response.StatusCode != web.StatusOK {
				t.Errorf("status %d: %s", response.StatusCode, response.Body)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, routeKey, rawPath, stage, want string }{
		{"no stage", "$default", "/predict", "$default", "/predict"},
		{"stage", "$default", "/prod/predict", "prod", "/predict"},
		{"stage alone", "$default", "/prod", "prod", "/"},
		{"stage once", "$default", "/prod/prod/predict", "prod", "/prod/predict"},
		{"stage as the start of a name", "$default", "/production/predict", "prod", "/production/predict"},
		{"custom domain hides the stage", "$default", "/predict", "prod", "/predict"},
		{"route tells", "POST /predict", "/any/base/predict", "prod", "/predict"},
		{"one of several models", "ANY /models/churn/predict", "/prod/models/churn/predict", "prod", "/predict"},
		{"its signature", "ANY /models/churn/model", "/models/churn/model", "$default", "/model"},
		{"a model that no route names", "$default", "/models/churn/predict", "$default", "/models/churn/predict"},
		{"a model without a path", "ANY /models/churn", "/models/churn", "$default", "/models/churn"},
		{"a path without a model", "ANY /models//predict", "/models//predict", "$default", "/models//predict"},
		{"parameters that are not there", "ANY /{proxy+}", "/prod/predict", "prod", "/predict"},
		{"odd route key", "nonsense", "/predict", "$default", "/predict"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := event{RouteKey: tt.routeKey, RawPath: tt.rawPath, context: requestContext{Stage: tt.stage}}
			if got := e.path(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestResponses(t *testing.T) {
	t.Parallel()
	binary := "\x00\xff\x80"
	tests := []struct {
		name    string
		handler handlerFunc
		want    proxyResponse
	}{
		{"JSON", func(w web.ResponseWriter, _ *web.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "9")
			io.WriteString(w, `{"a":"<é>"}`)
		}, proxyResponse{StatusCode: 200, Headers: map[string]string{"content-type": "application/json"}, Body: `{"a":"<é>"}`}},
		{"problem", func(w web.ResponseWriter, _ *web.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(422)
			w.WriteHeader(500)
			io.WriteString(w, `{}`)
		}, proxyResponse{StatusCode: 422, Headers: map[string]string{"content-type": "application/problem+json"}, Body: `{}`}},
		{"text that is none", func(w web.ResponseWriter, _ *web.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(w, binary)
		}, proxyResponse{StatusCode: 200, Headers: map[string]string{"content-type": "text/html; charset=utf-8"},
			Body: base64.StdEncoding.EncodeToString([]byte(binary)), IsBase64Encoded: true}},
		{"binary", func(w web.ResponseWriter, _ *web.Request) {
			w.Header().Set("Content-Type", "image/png")
			io.WriteString(w, "png")
		}, proxyResponse{StatusCode: 200, Headers: map[string]string{"content-type": "image/png"}, Body: "cG5n", IsBase64Encoded: true}},
		{"no body", func(w web.ResponseWriter, _ *web.Request) {
			w.Header().Add("Vary", "Origin")
			w.Header().Add("Vary", "Accept")
			w.Header().Add("Set-Cookie", "a=1")
			w.Header().Add("Set-Cookie", "b=2")
			w.WriteHeader(204)
		}, proxyResponse{StatusCode: 204, Headers: map[string]string{"vary": "Origin,Accept"}, Cookies: []string{"a=1", "b=2"}}},
		{"nothing at all", func(web.ResponseWriter, *web.Request) {}, proxyResponse{StatusCode: 200}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := invokeProxied(t, New(tt.handler, noBatch, quiet), fixture(t, "default_stage"))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The whole way: event, API, model and back.
func TestPredictions(t *testing.T) {
	t.Parallel()
	h := New(api.New(modeltest.Open(t, modeltest.Regression(t)), api.Options{}), noBatch, quiet)
	const answer = `{"prediction":{"value":3,"model_version":"v1.0","features_used":{"x":1}}}`
	for _, name := range []string{"default_stage", "named_stage", "custom_domain", "function_url", "jwt_authorizer"} {
		if got := invokeProxied(t, h, fixture(t, name)); got.StatusCode != 200 || got.Body != answer || got.IsBase64Encoded {
			t.Errorf("%s: got %+v, want %s", name, got, answer)
		}
	}
	if got := invokeProxied(t, h, fixture(t, "base64")); got.StatusCode != 415 {
		t.Errorf("a body that says it is no JSON: got %+v", got)
	}
	typed := bytes.ReplaceAll(fixture(t, "base64"), []byte("application/octet-stream"), []byte("application/json"))
	if got := invokeProxied(t, h, typed); got.Body != answer {
		t.Errorf("base64: got %+v, want %s", got, answer)
	}
	if got := invokeProxied(t, h, fixture(t, "head")); got.StatusCode != 200 || got.Body != "" || got.Headers["content-type"] != "application/json" {
		t.Errorf("HEAD: got %+v, want 200 without a body", got)
	}
	got := invokeProxied(t, h, fixture(t, "bad_row"))
	if got.StatusCode != 422 || !strings.Contains(got.Body, `"pointer":"/x"`) || !strings.Contains(got.Body, `"request_id":"JKJaXmPLvHcESHA="`) {
		t.Errorf("a bad row: got %+v, want a problem that names it and API Gateway's request id", got)
	}
}

// A payload that no HTTP API sent is a body of /predict.
func TestDirectInvoke(t *testing.T) {
	t.Parallel()
	h := New(api.New(modeltest.Open(t, modeltest.Regression(t)), api.Options{}), noBatch, quiet)
	tests := []struct{ name, payload, want string }{
		{"row", `{"x":1}`, `{"prediction":{"value":3,"model_version":"v1.0","features_used":{"x":1}}}`},
		{"batch", `{"instances":[{"x":1}]}`, `{"predictions":[{"value":3,"model_version":"v1.0"}]}`},
		{"bad row", `{"x":"y"}`, `"code":"wrong_type"`},
		{"members of events", `{"x":1,"headers":5,"requestContext":"here","body":[]}`, `"pointer":"/requestContext"`},
		{"null", `null`, `"code":"not_an_object"`},
		{"empty", ``, `"code":"empty_body"`},
		{"garbage", "\x00\xff{", `"code":"malformed_json"`},
		{"not UTF-8", "{\"x\":\"\xff\"}", `"code":"invalid_utf8"`},
		{"lone surrogate", `{"x":"\ud800"}`, `"code":"lone_surrogate"`},
		{"an event of another service", `{"Records":[{"eventSource":"aws:s3"}]}`, `"code":"unknown_field"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := string(invoke(t, h, []byte(tt.payload)))
			if !strings.Contains(got, tt.want) || !json.Valid([]byte(got)) {
				t.Errorf("got %s, want %s in it", got, tt.want)
			}
			if strings.Contains(tt.want, "code") && !strings.Contains(got, `"request_id":"invocation-1"`) {
				t.Errorf("got %s, want Lambda's request id in it", got)
			}
		})
	}
}

// The names by which events are known may be spelt in every way that encoding/json takes.
func TestSpellings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		payload string
		want    error // nil: an error of an HTTP event
	}{
		{`{"x":1}`, errNotHTTP},
		{`{"x":"items"}`, errNotHTTP},
		{`{"x\"":"é"}`, errNotHTTP},
		{`{"items":[1]}`, errBatch},
		{`{"ITEMS" : [1]}`, errBatch},
		{`{"\u0049tems":[1]}`, errBatch},
		{`{"itemſ":[1]}`, errBatch},
		{`{"requestcontext":{}}`, nil},
		{`{"REQUESTCONTEXT" : {}}`, nil},
		{`{"\u0072equestContext":{}}`, nil},
		{`{"requeſtContext":{}}`, nil},
	}
	for _, tt := range tests {
		_, err := parseEvent([]byte(tt.payload))
		if plain := errors.Is(err, errNotHTTP) || errors.Is(err, errBatch); err == nil || plain != (tt.want != nil) || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.payload, err, tt.want)
		}
	}
}

// What claims to be an HTTP event and is none is refused in the shape that API Gateway passes on, and reported.
func TestMalformedEvents(t *testing.T) {
	t.Parallel()
	good := string(fixture(t, "default_stage"))
	replace := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the fixture does not hold %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	tests := []struct{ name, payload, detail string }{
		{"format 1.0", `{"httpMethod":"POST","path":"/predict","requestContext":{"httpMethod":"POST","stage":"prod"},"body":"{}"}`, "version 2.0"},
		{"headers of a wrong type", `{"requestContext":{"http":{"method":"GET"}},"headers":[]}`, "headers"},
		{"context of a wrong type", `{"requestContext":{"http":5}}`, "http"},
		{"base64 that is none", replace(`"isBase64Encoded": false`, `"isBase64Encoded": true`), "base64"},
		{"not UTF-8", replace(`\"x\"`, "\xff"), "UTF-8"},
		{"lone surrogate", replace(`\"x\"`, `\ud800`), `\\ud800`},
		{"reversed surrogates", replace(`\"x\"`, `\udc00\ud800`), `\\udc00`},
		{"surrogate cut off by another escape", replace(`\"x\"`, `\ud83d\n`), `\\ud83d`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var reported []api.Request
			h := New(handlerFunc(func(web.ResponseWriter, *web.Request) { t.Error("the handler was asked") }),
				noBatch, func(r *api.Request) { reported = append(reported, *r) })
			got := invokeProxied(t, h, []byte(tt.payload))
			if got.StatusCode != 400 || !strings.Contains(got.Body, `"code":"malformed_event"`) || !strings.Contains(got.Body, tt.detail) {
				t.Errorf("got %+v, want a problem that tells %q", got, tt.detail)
			}
			if len(reported) != 1 || reported[0].Status != 400 || reported[0].Code != api.MalformedEvent || reported[0].Route != api.NoRoute {
				t.Errorf("reported %+v, want one malformed event", reported)
			}
		})
	}
	pair := replace(`{\"x\":1}`, `{\"\ud83d\ude00\\\\\":1}`)
	if _, err := parseEvent([]byte(pair)); err != nil {
		t.Errorf("a whole surrogate pair and a backslash: %v", err)
	}
}

func TestLargeResponse(t *testing.T) {
	t.Parallel()
	body := func(quotes int) handlerFunc {
		return func(w web.ResponseWriter, _ *web.Request) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, strings.Repeat(`"`, quotes))
		}
	}
	if got := invokeProxied(t, New(body(maxResponse/2-100), noBatch, quiet), fixture(t, "default_stage")); got.StatusCode != 200 {
		t.Errorf("as much as fits: got %d", got.StatusCode)
	}
	var reported api.Request
	got := invokeProxied(t, New(body(maxResponse/2), noBatch, func(r *api.Request) { reported = *r }), fixture(t, "default_stage"))
	if got.StatusCode != 413 || !strings.Contains(got.Body, `"code":"response_too_large"`) {
		t.Errorf("a body that is too large once it is escaped: got %d %.200s", got.StatusCode, got.Body)
	}
	if reported.Status != 413 || reported.Code != api.ResponseTooLarge || reported.ID == "" || reported.Took <= 0 {
		t.Errorf("reported %+v, want what the client got", reported)
	}
	if out := invoke(t, New(body(maxResponse+1), noBatch, quiet), []byte(`{}`)); !bytes.Contains(out, []byte("response_too_large")) {
		t.Errorf("direct invoke: got %.200s", out)
	}
}

// An event of a Distributed Map goes to batch as it is; its error is that of the invocation.
func TestBatch(t *testing.T) {
	t.Parallel()
	const payload = `{"Items":[{"x":1},{"x":2}],"BatchInput":{"format":"csv"}}`
	var reported api.Request
	var answer []byte
	var failure error
	h := New(nil, func(got []byte) ([]byte, int, error) {
		if string(got) != payload {
			t.Errorf("handed on %s", got)
		}
		return answer, 2, failure
	}, func(r *api.Request) { reported = *r })
	tests := []struct {
		name    string
		answer  string
		err     error
		wantErr string
		want    api.Request
	}{
		{"answered", `{"results":[]}`, nil, "", api.Request{Route: "batch", Status: 200, Rows: 2}},
		{"refused", "", errors.New("format is \"x\""), "format", api.Request{Route: "batch", Status: 400, Code: api.MalformedEvent, Rows: 2}},
		{"too large", strings.Repeat(" ", maxResponse+1), nil, "6 MB", api.Request{Route: "batch", Status: 400, Code: api.MalformedEvent, Rows: 2}},
	}
	for _, tt := range tests {
		answer, failure = []byte(tt.answer), tt.err
		out, err := h.Invoke(t.Context(), []byte(payload))
		if (err == nil) != (tt.wantErr == "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) || err == nil && string(out) != tt.answer {
			t.Errorf("%s: got %.100s and the error %v", tt.name, out, err)
		}
		reported.Took = 0
		if diff := cmp.Diff(tt.want, reported); diff != "" {
			t.Errorf("%s: reported (-want +got):\n%s", tt.name, diff)
		}
	}
	for _, other := range []string{`{"Items":1}`, `{"Items":{}}`, `{"instances":[]}`, `[]`} {
		if _, err := parseEvent([]byte(other)); !errors.Is(err, errNotHTTP) {
			t.Errorf("%s is taken for %v", other, err)
		}
	}
}

// FuzzInvoke: no payload makes a panic, an error or an answer that is not JSON.
func FuzzInvoke(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		f.Add(fixture(f, strings.TrimSuffix(filepath.Base(file), ".json")))
	}
	f.Add([]byte(`{"requestContext":{"http":{"method":" "}},"rawPath":"%zz","rawQueryString":"%","headers":{"\n":"\r"}}`))
	h := New(api.New(modeltest.Open(f, modeltest.Regression(f)), api.Options{AllowOrigins: []string{"*"}}), noBatch, quiet)
	f.Fuzz(func(t *testing.T, payload []byte) {
		out := invoke(t, h, payload)
		if !json.Valid(out) {
			t.Fatalf("%q: got %q", payload, out)
		}
		if bytes.Contains(out, []byte(`"internal"`)) {
			t.Fatalf("%q: got %s", payload, out)
		}
	})
}
