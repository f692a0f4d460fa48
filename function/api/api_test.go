package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sklambda/function/modeltest"
	"sklambda/function/web"
	"sklambda/function/web/nethttp"
	"sklambda/model"
)

// newHandler serves the API by net/http, as on a laptop.
func newHandler(m *model.Model, opt Options) http.Handler { return nethttp.Handler(New(m, opt)) }

// post asks handler and returns the answer.
func post(handler http.Handler, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/predict", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return serve(handler, r)
}

func serve(handler http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestPredict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		artifact func(testing.TB) *model.Artifact
		body     string
		want     string
	}{
		{"binary", modeltest.Binary, `{"a": 1, "b": 2.50, "c": 3, "d": false}`,
			`{"prediction":{"probability":0.9526,"label":1,"threshold":0.5,"model_version":"v1.0","features_used":{"a":1,"b":2.5,"c":3,"d":false}}}`},
		{"null where there is an answer", modeltest.Binary, `{"c":3.0,"b":null,"a":-0.5,"d":false}`,
			`{"prediction":{"probability":0.0293,"label":0,"threshold":0.5,"model_version":"v1.0","features_used":{"a":-0.5,"b":null,"c":3,"d":false}}}`},
		{"unused column", modeltest.Binary, `{"id":[1,{"x":"y"}],"a":0,"b":0,"c":0,"d":true}`,
			`{"prediction":{"probability":1,"label":1,"threshold":0.5,"model_version":"v1.0","features_used":{"a":0,"b":0,"c":0,"d":true}}}`},
		{"unused column, beyond float64", modeltest.Binary, `{"id":1e400,"a":0,"b":0,"c":0,"d":true}`,
			`{"prediction":{"probability":1,"label":1,"threshold":0.5,"model_version":"v1.0","features_used":{"a":0,"b":0,"c":0,"d":true}}}`},
		{"at the threshold", modeltest.Binary, `{"a":0,"b":0,"c":0,"d":false}`,
			`{"prediction":{"probability":0.5,"label":1,"threshold":0.5,"model_version":"v1.0","features_used":{"a":0,"b":0,"c":0,"d":false}}}`},
		{"below the threshold, rounded to it", modeltest.Binary, `{"a":-1e-5,"b":0,"c":0,"d":false}`,
			`{"prediction":{"probability":0.5,"label":0,"threshold":0.5,"model_version":"v1.0","features_used":{"a":-0.00001,"b":0,"c":0,"d":false}}}`},
		{"multiclass", modeltest.Multiclass, `{"island":"\u03b1","bill/len~mm":9007199254740993}`,
			`{"prediction":{"label":"Adélie","probability":0.576116884766,` +
				`"probabilities":{"Adélie":0.576116884766,"Gen\"too":0.211941557617,"C":0.211941557617},` +
				`"model_version":"v1.0","features_used":{"island":"α","bill/len~mm":9007199254740993}}}`},
		{"regression", modeltest.Regression, `{"x":1e3}`, `{"prediction":{"value":2001,"model_version":"v1.0","features_used":{"x":1000}}}`},
		{"unrounded", modeltest.Regression, `{"x":0.3333333333333333}`,
			`{"prediction":{"value":1.6666666666666665,"model_version":"v1.0","features_used":{"x":0.3333333333333333}}}`},
		{"an answer that is missing", modeltest.Regression, `{"x":null}`, `{"prediction":{"value":"NaN","model_version":"v1.0","features_used":{"x":null}}}`},
		{"multi-output regression", modeltest.MultioutputRegression, `{"x":0.25}`,
			`{"prediction":{"values":[0.2,0.8],"model_version":"v1.0","features_used":{"x":0.25}}}`},
		{"multi-output classification", modeltest.MultioutputClassification, `{"x":0.5}`,
			`{"prediction":{"labels":[true,"lo"],"probabilities":[{"false":0,"true":1},{"lo":1,"hi":0}],"model_version":"v1.0","features_used":{"x":0.5}}}`},
		{"no probabilities", modeltest.DecisionOnly, `{"x":-2}`, `{"prediction":{"label":-1,"decision":-2,"model_version":"v1.0","features_used":{"x":-2}}}`},
		{"clustering with probabilities", modeltest.Mixture, `{"x":0.75}`,
			`{"prediction":{"label":1,"probability":0.75,"probabilities":{"0":0.25,"1":0.75},"score":0.75,"model_version":"v1.0","features_used":{"x":0.75}}}`},
		{"outlier", modeltest.OutlierDetection, `{"x":-2}`, `{"prediction":{"label":-1,"decision":-2,"score":-3.5,"model_version":"v1.0","features_used":{"x":-2}}}`},
		{"density", modeltest.Density, `{"x":-2.5}`, `{"prediction":{"score":-2.5,"model_version":"v1.0","features_used":{"x":-2.5}}}`},
		{"batch", modeltest.Regression, ` {"instances" : [ {"x":1} , {"x":2} ] } `,
			`{"predictions":[{"value":3,"model_version":"v1.0"},{"value":5,"model_version":"v1.0"}]}`},
		{"batch with features", modeltest.Regression, `{"features_used":true,"instances":[{"x":1},{"x":null}]}`,
			`{"predictions":[{"value":3,"model_version":"v1.0","features_used":{"x":1}},{"value":"NaN","model_version":"v1.0","features_used":{"x":null}}]}`},
		{"batch with features, asked for late", modeltest.Regression, `{"instances":[{"x":1}],"features_used":true}`,
			`{"predictions":[{"value":3,"model_version":"v1.0","features_used":{"x":1}}]}`},
		{"empty batch", modeltest.Binary, `{"instances":[]}`, `{"predictions":[]}`},
		{"escaped name", modeltest.Regression, `{"\u0078":1}`, `{"prediction":{"value":3,"model_version":"v1.0","features_used":{"x":1}}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := post(newHandler(modeltest.Open(t, tt.artifact(t)), Options{}), "application/json", tt.body)
			if diff := cmp.Diff(tt.want, w.Body.String()); diff != "" || w.Code != http.StatusOK {
				t.Errorf("status %d (-want +got):\n%s", w.Code, diff)
			}
			header := map[string]string{}
			for _, name := range []string{"Content-Type", "Cache-Control", "X-Content-Type-Options"} {
				header[name] = w.Header().Get(name)
			}
			want := map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
			if diff := cmp.Diff(want, header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}

// A batch gives the answers of its rows asked alone, in order, however large.
func TestBatchOrder(t *testing.T) {
	t.Parallel()
	handler := newHandler(modeltest.Open(t, modeltest.Regression(t)), Options{})
	var body, want strings.Builder
	const rows = 5000
	for i := range rows {
		fmt.Fprintf(&body, `,{"x":%d}`, i)
		fmt.Fprintf(&want, `,{"value":%d,"model_version":"v1.0"}`, 2*i+1)
	}
	for range 2 { // the second time with memory that has been used
		got := post(handler, "", `{"instances":[`+body.String()[1:]+`]}`).Body.String()
		if got != `{"predictions":[`+want.String()[1:]+`]}` {
			t.Fatalf("answers of %d rows differ: %.200s …", rows, got)
		}
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	handler := newHandler(modeltest.Open(t, modeltest.Regression(t)), Options{})
	w := serve(handler, httptest.NewRequest(http.MethodGet, "/health", nil))
	want := `{"status":"ready","model":"test","model_version":"v1.0","certified":false}`
	if got := w.Body.String(); w.Code != http.StatusOK || got != want {
		t.Errorf("got %d %s, want 200 %s", w.Code, got, want)
	}
}

// HEAD answers as GET does, without the body, which net/http leaves out.
func TestHead(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newHandler(modeltest.Open(t, modeltest.Binary(t)), Options{}))
	t.Cleanup(server.Close)
	for _, path := range []string{"/health", "/model"} {
		response, err := http.Head(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusOK || len(body) != 0 || err != nil || response.Header.Get("Content-Type") != "application/json" {
			t.Errorf("HEAD %s: status %d, %d bytes, %v", path, response.StatusCode, len(body), err)
		}
	}
}

func TestModel(t *testing.T) {
	t.Parallel()
	dir := modeltest.Write(t, modeltest.Binary(t), `{"a":1,"b":2,"c":3,"d":true}`, `{"a":null,"b":2,"c":3,"d":true}`)
	m, err := model.Open(dir, model.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	handler := newHandler(m, Options{})
	w := serve(handler, httptest.NewRequest(http.MethodGet, "/model", nil))
	var got description
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	manifest := m.Manifest()
	positive := manifest.Classes[0][1]
	data, err := os.ReadFile(filepath.Join(dir, model.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	want := description{Name: "test", Version: "v1.0", SHA256: fmt.Sprintf("%x", sha256.Sum256(data)), Task: model.Binary, Certified: true, Features: manifest.Features, Classes: manifest.Classes,
		PositiveClass: &positive, Threshold: manifest.Threshold, Decimals: manifest.Decimals, Outputs: manifest.Outputs, Pipeline: manifest.Pipeline,
		Source: manifest.Source, Plan: manifest.Files[model.PlanFile], Golden: &golden{Rows: 200},
		Example: json.RawMessage(`{"a":50.12,"b":50.12,"c":50,"d":true}`)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w := post(handler, "application/json", string(got.Example)); w.Code != http.StatusOK {
		t.Errorf("the example is answered with %d %s", w.Code, w.Body)
	}
}

func TestExampleOfCategories(t *testing.T) {
	t.Parallel()
	m := modeltest.Open(t, modeltest.Multiclass(t))
	example := string(Example(m.Manifest()))
	if want := `{"island": "α", "bill/len~mm": 50.12}`; example != want {
		t.Errorf("got %s, want %s", example, want)
	}
	if w := post(newHandler(m, Options{}), "application/json", example); w.Code != http.StatusOK {
		t.Errorf("the example is answered with %d %s", w.Code, w.Body)
	}
}

// One line a request, with these keys and no others, and never a feature's value or name.
func TestLog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	handler := newHandler(modeltest.Open(t, modeltest.Multiclass(t)), Options{Log: slog.New(slog.NewJSONHandler(&out, nil))})
	r := httptest.NewRequest(http.MethodPost, "/predict", strings.NewReader(`{"instances":[{"island":"secret"},{"island":"α","bill/len~mm":12345}]}`))
	serve(handler, r)
	serve(handler, httptest.NewRequest(http.MethodGet, "/secret?secret", nil))
	post(handler, "", `{"island":"α","bill/len~mm":12345}`)

	var lines []map[string]any
	for line := range strings.Lines(out.String()) {
		var attrs map[string]any
		if err := json.Unmarshal([]byte(line), &attrs); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"time", LogDurationMs} {
			if _, ok := attrs[key]; !ok {
				t.Errorf("no %s in %s", key, line)
			}
			delete(attrs, key)
		}
		lines = append(lines, attrs)
	}
	for _, line := range lines {
		if id, _ := line[LogRequestID].(string); len(id) != 24 {
			t.Errorf("made the request id %q, want 24 digits", id)
		}
		delete(line, LogRequestID)
	}
	want := []map[string]any{
		{"level": "INFO", "msg": "request", "method": "POST", "route": "/predict", "status": 422.0, "rows": 2.0, "errorCode": "missing_field"},
		{"level": "INFO", "msg": "request", "method": "GET", "route": "none", "status": 404.0, "rows": 0.0, "errorCode": "not_found"},
		{"level": "INFO", "msg": "request", "method": "POST", "route": "/predict", "status": 200.0, "rows": 1.0},
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, value := range []string{"secret", "12345", "α", "island"} {
		if strings.Contains(out.String(), value) {
			t.Errorf("the log holds %q:\n%s", value, out.String())
		}
	}
}

// A request that somebody owns is noted for them, under their id, and not logged.
func TestOwnedRequest(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	handler := newHandler(modeltest.Open(t, modeltest.Regression(t)), Options{Log: slog.New(slog.NewJSONHandler(&out, nil))})
	got := Request{ID: "request-1"}
	r := httptest.NewRequest(http.MethodPost, "/predict", strings.NewReader(`{"instances":[{"x":1},{"x":true}]}`))
	w := serve(handler, r.WithContext(WithRequest(r.Context(), &got)))
	if got.Took <= 0 {
		t.Errorf("took %v", got.Took)
	}
	got.Took = 0
	want := Request{ID: "request-1", Method: "POST", Route: "/predict", Status: 422, Code: WrongType, Rows: 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if id := w.Header().Get("X-Request-Id"); id != "request-1" || out.Len() != 0 {
		t.Errorf("answered with the id %q and logged %q", id, out.String())
	}
}

// A broken invariant is a 500 that tells nothing, one line in the log that tells all, and the end of nothing.
func TestPanic(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := modeltest.Open(t, modeltest.Regression(t))
	handler := newHandler(m, Options{Log: slog.New(slog.NewJSONHandler(&out, nil))})
	if err := m.Close(); err != nil { // a closed plan panics when it is run
		t.Fatal(err)
	}
	w := post(handler, "application/json", `{"x":1}`)
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"type": "about:blank", "title": "Internal Server Error", "status": 500.0, "code": "internal", "errors": []any{},
		"detail": internalError().Detail, "request_id": w.Header().Get("X-Request-Id")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := strings.Count(out.String(), "plan is closed"); got != 1 {
		t.Errorf("the log tells the reason %d times, want 1:\n%s", got, out.String())
	}
	if w := serve(handler, httptest.NewRequest(http.MethodGet, "/health", nil)); w.Code != http.StatusOK {
		t.Errorf("afterwards /health gives %d", w.Code)
	}
}

// A single row costs a handful of allocations, whatever the number of features.
func TestAllocations(t *testing.T) {
	m := modeltest.Open(t, modeltest.Binary(t))
	s := New(m, Options{}).(*server)
	x := newExchange(s)
	body := strings.NewReader("")
	r := &web.Request{Context: t.Context(), Method: web.MethodPost, Path: "/predict", Header: web.Header{}, Body: body}
	got := testing.AllocsPerRun(100, func() {
		x.reset()
		body.Reset(`{"a":1,"b":2,"c":3,"d":false}`)
		if problem := s.predict(x, nil, r); problem != nil {
			t.Fatal(problem.Detail)
		}
	})
	if got > 10 {
		t.Errorf("%v allocations a request, want at most 10", got)
	}
}
