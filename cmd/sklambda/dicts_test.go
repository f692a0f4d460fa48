package main

import (
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sklambda/function/api"
	"sklambda/function/web/nethttp"
	"sklambda/model"
	"sklambda/model/pickle"
	"sklambda/model/sklearn"
	"sklambda/model/table"
)

// TestDictRequests posts the dicts of a fixture: each is a JSON object, with null for a key that the dict does not have.
func TestDictRequests(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "model", "sklearn", "testdata", "dicts", "1.9.1")
	value, _, err := readPipeline(filepath.Join(dir, "estimators.joblib"))
	if err != nil {
		t.Fatal(err)
	}
	served := 0
	for _, c := range fixtureCases(t, filepath.Join(dir, "cases.jsonl.gz")) {
		if !strings.HasSuffix(c.Name, ", linear") {
			continue
		}
		served++
		handler := c.serveDicts(t, value.(*pickle.List).Items[c.Item])
		for i := range c.Rows {
			code, answer := postDict(t, handler, c.object(t, c.Rows[i]))
			if c.Answers[i].Error != "" {
				t.Fatalf("%s: row %d is an error of scikit-learn", c.Name, i)
			}
			var want float64
			if err := json.Unmarshal(c.Answers[i].Probabilities[1], &want); err != nil {
				t.Fatal(err)
			}
			if got := answer.Prediction.Probability; code != http.StatusOK || math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: row %d: status %d, probability %v, want %v", c.Name, i, code, got, want)
			}
		}
		for body, want := range map[string]string{
			`{"city":"Bonn","size":1,"new":true}`:                       "missing_field",
			`{"city":["Bonn"],"size":1,"new":true,"Größe=":null}`:       "wrong_type",
			`{"city":{"x":1},"size":1,"new":true,"Größe=":null}`:        "wrong_type",
			`{"city":2,"size":1,"new":true,"Größe=":null}`:              "wrong_type",
			`{"city":null,"size":1,"new":true,"Größe=":null,"other":1}`: "unknown_field",
		} {
			if code, answer := postDict(t, handler, body); code != http.StatusUnprocessableEntity || len(answer.Errors) != 1 || answer.Errors[0].Code != want {
				t.Errorf("%s: %s: status %d, %v, want a 422 with %s", c.Name, body, code, answer.Errors, want)
			}
		}
	}
	if served < 5 {
		t.Errorf("%d pipelines, want 5 or more", served)
	}
}

// dictAnswer is what the API says of a dict.
type dictAnswer struct {
	Prediction struct{ Probability float64 }
	Errors     []struct{ Code string }
}

func postDict(t *testing.T, handler http.Handler, body string) (int, dictAnswer) {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, "/predict", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, request)
	var answer dictAnswer
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	return w.Code, answer
}

// object is a row of cells as a JSON object.
func (c *fixtureCase) object(t *testing.T, row []json.RawMessage) string {
	t.Helper()
	fields := map[string]json.RawMessage{}
	for i, name := range c.Names {
		fields[name] = row[i]
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// serveDicts builds the estimator with the case's sample and serves it.
func (c *fixtureCase) serveDicts(t *testing.T, estimator pickle.Value) http.Handler {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sample.jsonl")
	var lines strings.Builder
	for _, row := range c.Sample {
		lines.WriteString(c.object(t, row) + "\n")
	}
	if err := os.WriteFile(path, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	sample, err := table.ReadSample(path)
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := sklearn.Compile(estimator, sklearn.Options{Name: "case", Version: "v1.0", Sample: sample})
	if err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	dir := filepath.Join(t.TempDir(), "artifact")
	if _, err := model.Write(dir, &model.Artifact{Manifest: compiled.Manifest, Plan: compiled.Plan}); err != nil {
		t.Fatal(err)
	}
	m, err := model.Open(dir, model.OpenOptions{AllowUncertified: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return nethttp.Handler(api.New(m, api.Options{}))
}
