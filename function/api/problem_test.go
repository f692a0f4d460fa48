package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sklambda/function/modeltest"
	"sklambda/function/web"
	"sklambda/model"
	"sklambda/model/table"
)

// document is a problem document, with nothing else in it.
type document struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      Code   `json:"code"`
	Errors    []item `json:"errors"`
	RequestID string `json:"request_id"`
}

type item struct {
	Pointer string `json:"pointer"`
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// readProblem checks the shape of a problem document.
func readProblem(t *testing.T, w *httptest.ResponseRecorder) document {
	t.Helper()
	var got document
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatalf("status %d: %v", w.Code, err)
	}
	want := document{Type: "about:blank", Title: http.StatusText(w.Code), Status: w.Code, RequestID: w.Header().Get("X-Request-Id"),
		Detail: got.Detail, Code: got.Code, Errors: got.Errors}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	if got.Detail == "" || got.Code == "" || got.RequestID == "" || got.Errors == nil {
		t.Errorf("document lacks a member: %+v", got)
	}
	if contentType := w.Header().Get("Content-Type"); contentType != "application/problem+json" {
		t.Errorf("content type %q", contentType)
	}
	return got
}

// places are code and pointer of each error.
func places(d document) []string {
	var list []string
	for _, e := range d.Errors {
		list = append(list, string(e.Code)+" "+e.Pointer)
	}
	return list
}

func TestBadBodies(t *testing.T) {
	t.Parallel()
	binary := newHandler(modeltest.Open(t, modeltest.Binary(t)), Options{})
	multiclass := newHandler(modeltest.Open(t, modeltest.Multiclass(t)), Options{})
	good := `"b":0,"c":0,"d":false`
	tests := []struct {
		name    string
		handler http.Handler
		body    string
		status  int
		errors  []string // code and pointer
		detail  string   // a part of it
	}{
		{"not JSON", binary, `age=41`, 400, []string{"malformed_json "}, "age"},
		{"cut off", binary, `{"a":1,"b":`, 400, []string{"malformed_json /b"}, "the end"},
		{"empty", binary, ``, 400, []string{"empty_body "}, "empty"},
		{"white space", binary, " \r\n\t", 400, []string{"empty_body "}, "empty"},
		{"array at top", binary, `[{"a":1}]`, 400, []string{"not_an_object "}, "an array"},
		{"string at top", binary, `"a"`, 400, []string{"not_an_object "}, "a string"},
		{"null at top", binary, `null`, 400, []string{"not_an_object "}, "null"},
		{"two documents", binary, `{"a":1,` + good + `}{}`, 400, []string{"malformed_json "}, "end of the input"},
		{"byte order mark", binary, "\ufeff{}", 400, []string{"malformed_json "}, ""},
		{"trailing comma", binary, `{"a":1,}`, 400, []string{"malformed_json "}, "name"},
		{"leading zero", binary, `{"a":01}`, 400, []string{"malformed_json "}, "a comma"},
		{"NaN", binary, `{"a":NaN,` + good + `}`, 400, []string{"malformed_json /a"}, "NaN"},
		{"Infinity", binary, `{"a":Infinity,` + good + `}`, 400, []string{"malformed_json /a"}, "Infinity"},
		{"-Infinity", binary, `{"a":-Infinity,` + good + `}`, 400, []string{"malformed_json /a"}, ""},
		{"invalid UTF-8 value", multiclass, "{\"island\":\"\xff\",\"bill/len~mm\":1}", 400, []string{"invalid_utf8 /island"}, "UTF-8"},
		{"invalid UTF-8 name", multiclass, "{\"\xc3\x28\":1}", 400, []string{"invalid_utf8 "}, "UTF-8"},
		{"lone surrogate", multiclass, `{"island":"\ud800","bill/len~mm":1}`, 400, []string{"lone_surrogate /island"}, `\ud800`},
		{"duplicate field", binary, `{"a":1,"a":1,` + good + `}`, 400, []string{"duplicate_field /a"}, "twice"},
		{"duplicate field, spelled otherwise", binary, `{"a":1,"\u0061":2,` + good + `}`, 400, []string{"duplicate_field /a"}, "twice"},
		{"too deep", binary, `{"id":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`, 400,
			[]string{"too_deep /id" + strings.Repeat("/0", table.MaxDepth-1)}, "deep"},
		{"malformed in a row", binary, `{"instances":[{"a":1,` + good + `},{"a":nan}]}`, 400, []string{"malformed_json /instances/1/a"}, "nan"},
		{"duplicate instances", binary, `{"instances":[],"instances":[]}`, 400, []string{"duplicate_field /instances"}, "twice"},

		{"wrong type", binary, `{"a":"1",` + good + `}`, 422, []string{"wrong_type /a"}, "a string"},
		{"wrong types", binary, `{"a":true,"b":[1],"c":{"x":1},"d":1}`, 422,
			[]string{"wrong_type /a", "wrong_type /b", "wrong_type /c", "wrong_type /d"}, "(and 3 more)"},
		{"a number for a string", multiclass, `{"island":1,"bill/len~mm":1}`, 422, []string{"wrong_type /island"}, "a string is expected"},
		{"missing fields", binary, `{"b":1,"c":1}`, 422, []string{"missing_field /a", "missing_field /d"}, "missing"},
		{"missing nullable field", multiclass, `{"island":"α"}`, 422, []string{"missing_field /bill~1len~0mm"}, "missing"},
		{"unknown and missing field", binary, `{"A/~":1,` + good + `}`, 422, []string{"unknown_field /A~1~0", "missing_field /a"}, "no such field"},
		{"out of range", binary, `{"a":1e400,` + good + `}`, 422, []string{"number_out_of_range /a"}, "float64"},
		{"out of range, negative", binary, `{"a":-1e400,` + good + `}`, 422, []string{"number_out_of_range /a"}, "float64"},
		{"non-finite number as a string", binary, `{"a":"NaN",` + good + `}`, 422, []string{"wrong_type /a"}, "a number is expected"},
		{"null", binary, `{"a":null,` + good + `}`, 422, []string{"missing_value /a"}, "missing"},
		{"null for a string", multiclass, `{"island":null,"bill/len~mm":1}`, 422, []string{"unknown_category /island"}, ""},
		{"beyond float32", binary, `{"a":1e300,` + good + `}`, 422, []string{"too_large /a"}, "float32"},
		{"unknown category", multiclass, `{"island":"γ","bill/len~mm":1}`, 422, []string{"unknown_category /island"}, `"α", "β"`},
		{"400 before 422", binary, `{"x":1,"a":1,"a":2,` + good + `}`, 400, []string{"unknown_field /x", "duplicate_field /a"}, "twice"},

		{"rows", binary, `{"instances":[{"a":null,` + good + `},{"a":1,` + good + `},{"a":"x"}]}`, 422,
			[]string{"wrong_type /instances/2/a", "missing_field /instances/2/b", "missing_field /instances/2/c", "missing_field /instances/2/d"}, ""},
		{"rows without an answer", binary, `{"instances":[{"a":null,` + good + `},{"a":1,` + good + `},{"a":1e39,` + good + `}]}`, 422,
			[]string{"missing_value /instances/0/a", "too_large /instances/2/a"}, "/instances/0/a"},
		{"row escaped", multiclass, `{"instances":[{"island":"α","bill/len~mm":"x"}]}`, 422, []string{"wrong_type /instances/0/bill~1len~0mm"}, ""},
		{"row that is no object", binary, `{"instances":[[1,2]]}`, 422, []string{"wrong_type /instances/0"}, "an array"},
		{"beside instances", binary, `{"instances":[],"a":1}`, 422, []string{"unknown_field /a"}, "instances"},
		{"features_used is no boolean", binary, `{"instances":[],"features_used":1}`, 422, []string{"wrong_type /features_used"}, "boolean"},
		{"instances is no array", binary, `{"instances":{"a":1}}`, 422,
			[]string{"wrong_type /instances"}, "got an object, an array of rows is expected"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := post(tt.handler, "application/json", tt.body)
			got := readProblem(t, w)
			if diff := cmp.Diff(tt.errors, places(got)); diff != "" || w.Code != tt.status {
				t.Errorf("status %d, want %d; errors (-want +got):\n%s%+v", w.Code, tt.status, diff, got)
			}
			if got.Code.Status() != tt.status || !slices.ContainsFunc(got.Errors, func(e item) bool { return e.Code == got.Code }) {
				t.Errorf("the code is %s, which is not that of an error with status %d", got.Code, tt.status)
			}
			if !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("the detail %q does not tell %q", got.Detail, tt.detail)
			}
		})
	}
}

func TestFirstHundredErrors(t *testing.T) {
	t.Parallel()
	handler := newHandler(modeltest.Open(t, modeltest.Regression(t)), Options{})
	w := post(handler, "application/json", `{"instances":[{"x":1}`+strings.Repeat(`,{"x":true}`, 150)+`]}`)
	got := readProblem(t, w)
	if len(got.Errors) != 100 || got.Errors[0].Pointer != "/instances/1/x" || got.Errors[99].Pointer != "/instances/100/x" {
		t.Errorf("got %d errors, from %+v to %+v; want 100, of rows 1 to 100", len(got.Errors), got.Errors[0], got.Errors[len(got.Errors)-1])
	}
	if !strings.Contains(got.Detail, "(and 149 more)") {
		t.Errorf("the detail is %q, want the number of all errors in it", got.Detail)
	}
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	good := `{"x":1}`
	handler := newHandler(modeltest.Open(t, modeltest.Regression(t)), Options{MaxBody: 1000, MaxInstances: 2})
	tests := []struct {
		name, method, path, body string
		header                   map[string]string
		status                   int
		code                     Code
		allow                    string
	}{
		{name: "wrong method", method: "GET", path: "/predict", status: 405, code: MethodNotAllowed, allow: "POST, OPTIONS"},
		{name: "PUT", method: "PUT", path: "/predict", body: good, status: 405, code: MethodNotAllowed, allow: "POST, OPTIONS"},
		{name: "HEAD", method: "HEAD", path: "/predict", status: 405, code: MethodNotAllowed, allow: "POST, OPTIONS"},
		{name: "POST to health", method: "POST", path: "/health", status: 405, code: MethodNotAllowed, allow: "GET, HEAD, OPTIONS"},
		{name: "DELETE of the model", method: "DELETE", path: "/model", status: 405, code: MethodNotAllowed, allow: "GET, HEAD, OPTIONS"},
		{name: "the root", method: "GET", path: "/", status: 404, code: NotFound},
		{name: "no OpenAPI yet", method: "GET", path: "/openapi.json", status: 404, code: NotFound},
		{name: "slash at the end", method: "POST", path: "/predict/", body: good, status: 404, code: NotFound},
		{name: "upper case", method: "POST", path: "/Predict", body: good, status: 404, code: NotFound},
		{name: "OPTIONS of nothing", method: "OPTIONS", path: "/nothing", status: 404, code: NotFound},
		{name: "form", method: "POST", path: "/predict", body: good, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
			status: 415, code: UnsupportedMediaType},
		{name: "text", method: "POST", path: "/predict", body: good, header: map[string]string{"Content-Type": "text/plain"}, status: 415, code: UnsupportedMediaType},
		{name: "malformed type", method: "POST", path: "/predict", body: good, header: map[string]string{"Content-Type": "application/json; =\xff"},
			status: 415, code: UnsupportedMediaType},
		{name: "gzip", method: "POST", path: "/predict", body: good, header: map[string]string{"Content-Type": "application/json", "Content-Encoding": "gzip"},
			status: 415, code: UnsupportedMediaType},
		{name: "body too large", method: "POST", path: "/predict", body: good + strings.Repeat(" ", 1000), status: 413, code: BodyTooLarge},
		{name: "too many rows", method: "POST", path: "/predict", body: `{"instances":[{"x":1},{"x":1},{"x":1}]}`, status: 413, code: TooManyInstances},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body))
			for name, value := range tt.header {
				r.Header.Set(name, value)
			}
			w := serve(handler, r)
			got := readProblem(t, w)
			if w.Code != tt.status || got.Code != tt.code || w.Header().Get("Allow") != tt.allow {
				t.Errorf("got %d %s, Allow %q; want %d %s, %q", w.Code, got.Code, w.Header().Get("Allow"), tt.status, tt.code, tt.allow)
			}
		})
	}
	for _, contentType := range []string{"", "application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.example+json"} {
		if w := post(handler, contentType, good); w.Code != http.StatusOK {
			t.Errorf("content type %q: got %d %s", contentType, w.Code, w.Body)
		}
	}
}

// A status that is answered has the name that net/http gives it.
func TestStatusText(t *testing.T) {
	t.Parallel()
	for _, code := range []Code{MalformedJSON, NotFound, MethodNotAllowed, BodyTooLarge, UnsupportedMediaType, WrongType, Internal} {
		if got, want := web.StatusText(code.Status()), http.StatusText(code.Status()); got != want {
			t.Errorf("%d is %q, want %q", code.Status(), got, want)
		}
	}
}

// The default limit refuses a body of 10 MB over a real connection, and the server goes on.
func TestTenMegabytes(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newHandler(modeltest.Open(t, modeltest.Regression(t)), Options{}))
	t.Cleanup(server.Close)
	for _, body := range []string{strings.Repeat("x", 10<<20), `{"instances":[` + strings.Repeat(`{"x":1},`, 10<<20/8)} {
		response, err := http.Post(server.URL+"/predict", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("got %d, want 413", response.StatusCode)
		}
	}
	response, err := http.Post(server.URL+"/predict", "application/json", strings.NewReader(`{"x":1}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("afterwards: got %d, want 200", response.StatusCode)
	}
}

// Every code that reading or a model can give is in the table: none of them may become a 500. BrokenPlan is meant to.
func TestCodesOfOtherPackages(t *testing.T) {
	t.Parallel()
	want := map[int][]string{
		400: {table.MalformedJSON, table.TooDeep, table.InvalidUTF8, table.LoneSurrogate, table.DuplicateField},
		422: {table.UnknownField, table.WrongType, table.NumberOutOfRange, model.MissingField, model.MissingValue, model.NotFinite, model.TooLarge,
			model.UnknownCategory, model.OutOfDomain, model.Tie, model.Unstable},
		500: {model.BrokenPlan},
	}
	for status, codes := range want {
		for _, code := range codes {
			if got := Code(code).Status(); got != status {
				t.Errorf("%s: got %d, want %d", code, got, status)
			}
		}
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	m := modeltest.Open(t, modeltest.Regression(t))
	const mine, other = "https://example.com", "https://evil.example"
	listed, err := ParseOrigins(mine + " , http://localhost:3000")
	if err != nil {
		t.Fatal(err)
	}
	preflight := map[string]string{"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
	allowed := func(origin string, more map[string]string) map[string]string {
		want := map[string]string{"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "X-Request-Id"}
		for name, value := range more {
			want[name] = value
		}
		return want
	}
	answer := map[string]string{"Access-Control-Allow-Methods": "POST, OPTIONS", "Access-Control-Allow-Headers": "Authorization, Content-Type",
		"Access-Control-Max-Age": "7200"}
	withVary := func(h map[string]string) map[string]string { h["Vary"] = "Origin"; return h }
	tests := []struct {
		name    string
		origins []string
		method  string
		origin  string
		header  map[string]string
		status  int
		want    map[string]string
	}{
		{"no CORS", nil, "POST", mine, nil, 200, map[string]string{}},
		{"no CORS, preflight", nil, "OPTIONS", mine, preflight, 204, map[string]string{}},
		{"allowed", listed, "POST", mine, nil, 200, withVary(allowed(mine, nil))},
		{"allowed, second", listed, "POST", "http://localhost:3000", nil, 200, withVary(allowed("http://localhost:3000", nil))},
		{"allowed, an error", listed, "GET", mine, nil, 405, withVary(allowed(mine, nil))},
		{"allowed, preflight", listed, "OPTIONS", mine, preflight, 204, withVary(allowed(mine, answer))},
		{"denied", listed, "POST", other, nil, 200, withVary(map[string]string{})},
		{"denied, preflight", listed, "OPTIONS", other, preflight, 204, withVary(map[string]string{})},
		{"denied, as a part", listed, "POST", mine + ".evil.example", nil, 200, withVary(map[string]string{})},
		{"null origin", listed, "POST", "null", nil, 200, withVary(map[string]string{})},
		{"no browser", listed, "POST", "", nil, 200, withVary(map[string]string{})},
		{"any", []string{"*"}, "POST", other, nil, 200, allowed("*", nil)},
		{"any, preflight", []string{"*"}, "OPTIONS", other, preflight, 204, allowed("*", answer)},
		{"any, OPTIONS that is no preflight", []string{"*"}, "OPTIONS", other, nil, 204, allowed("*", nil)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tt.method, "/predict", strings.NewReader(`{"x":1}`))
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			for name, value := range tt.header {
				r.Header.Set(name, value)
			}
			w := serve(newHandler(m, Options{AllowOrigins: tt.origins}), r)
			got := map[string]string{}
			for name := range w.Header() {
				if name == "Vary" || strings.HasPrefix(name, "Access-Control-") {
					got[name] = strings.Join(w.Header()[name], ", ")
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || w.Code != tt.status {
				t.Errorf("status %d, want %d; header (-want +got):\n%s", w.Code, tt.status, diff)
			}
		})
	}
}

func TestParseOrigins(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]string{"": nil, " , ": nil, "*": {"*"}, "https://a.example,http://b:1": {"https://a.example", "http://b:1"}} {
		got, err := ParseOrigins(list)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", list, err, diff)
		}
	}
	for _, list := range []string{"example.com", "https://a.example/", "https://a.example/path", "https://u@a.example", "https://", "HTTPS://A", "https://*.a\x00"} {
		if got, err := ParseOrigins(list); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", list)) {
			t.Errorf("%q: got %v, %v; want an error that names it", list, got, err)
		}
	}
}
