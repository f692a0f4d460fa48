package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sklambda/function/api"
	"sklambda/function/web/nethttp"
	"sklambda/model"
	"sklambda/model/pickle"
	"sklambda/model/sklearn"
)

// fixtureCase is a case of model/sklearn/testdata: a row and scikit-learn's answers to it, by output.
type fixtureCase struct {
	Name    string
	Item    int
	Refused []string
	Names   []string
	Sample  [][]json.RawMessage
	Rows    [][]json.RawMessage
	Answers []struct {
		Error                                             string
		Label, Probabilities, Decision, Score, Value, Std []json.RawMessage
	}
}

// TestShapes asks the HTTP API for an answer of every estimator in two folders of fixtures: its fields are those of docs/reference.md for what
// scikit-learn's methods gave, each of the right kind and length.
func TestShapes(t *testing.T) {
	t.Parallel()
	tasks := map[model.Task]int{}
	for _, folder := range []string{"predictors", "transformers"} {
		dir := filepath.Join("..", "..", "model", "sklearn", "testdata", folder, "1.9.1")
		value, _, err := readPipeline(filepath.Join(dir, "estimators.joblib"))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range fixtureCases(t, filepath.Join(dir, "cases.jsonl.gz")) {
			if c.Refused == nil && c.Sample == nil {
				tasks[c.checkShape(t, value.(*pickle.List).Items[c.Item])]++
			}
		}
	}
	for _, task := range []model.Task{model.Binary, model.Multiclass, model.MultioutputClassification, model.Clustering, model.OutlierDetection,
		model.Regression, model.MultioutputRegression, model.Density, model.Transform} {
		if tasks[task] == 0 {
			t.Errorf("no estimator has the task %s", task)
		}
	}
}

func fixtureCases(t *testing.T, path string) []*fixtureCase {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var cases []*fixtureCase
	for lines := bufio.NewReader(text); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return cases
		}
		c := &fixtureCase{}
		if err := json.Unmarshal(line, c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
}

// checkShape serves an estimator and compares the fields of its answer to the first row that has one.
func (c *fixtureCase) checkShape(t *testing.T, estimator pickle.Value) model.Task {
	t.Helper()
	compiled, err := sklearn.Compile(estimator, sklearn.Options{Name: "case", Version: "v1.0"})
	if err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	dir := filepath.Join(t.TempDir(), "artifact")
	if _, err := model.Write(dir, &model.Artifact{Manifest: compiled.Manifest, Plan: compiled.Plan}); err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	m, err := model.Open(dir, model.OpenOptions{AllowUncertified: true})
	if err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	defer m.Close()
	for i, row := range c.Rows {
		if c.Answers[i].Error != "" {
			continue
		}
		body := map[string]json.RawMessage{}
		for k, f := range compiled.Manifest.Features {
			body[f.Name] = row[k]
		}
		want := c.shape(i, compiled.Manifest)
		if got := askShape(t, m, body); !maps.Equal(got, want) {
			t.Errorf("%s (%s): got %v, want %v", c.Name, compiled.Manifest.Task, got, want)
		}
		return compiled.Manifest.Task
	}
	t.Errorf("%s: no row has an answer", c.Name)
	return ""
}

// shape are the fields that the answer to row i has, each with its kind: a list or an object with its length.
func (c *fixtureCase) shape(i int, m *model.Manifest) map[string]string {
	a, used := c.Answers[i], 0
	for _, f := range m.Features {
		if f.Used {
			used++
		}
	}
	want := map[string]string{"model_version": "string", "features_used": fmt.Sprintf("object of %d", used)}
	scalarOrList := func(field string, values []json.RawMessage) {
		switch len(values) {
		case 0:
		case 1:
			want[field] = "number"
		default:
			want[field] = fmt.Sprintf("list of %d", len(values))
		}
	}
	if len(a.Probabilities) == 0 || m.Task != model.Binary && m.Task != model.Multiclass { // their probabilities say it
		scalarOrList("decision", a.Decision)
	}
	scalarOrList("score", a.Score)
	switch {
	case m.Task == model.Transform || len(a.Value) > 1:
		want["values"] = fmt.Sprintf("list of %d", len(a.Value))
	case len(a.Value) == 1:
		want["value"] = "number"
	}
	if m.Task == model.MultioutputClassification {
		want["labels"] = fmt.Sprintf("list of %d", len(a.Label))
		if len(a.Probabilities) > 0 {
			want["probabilities"] = fmt.Sprintf("list of %d", len(a.Label))
		}
		return want
	}
	if len(a.Label) == 1 {
		want["label"] = kindOf(a.Label[0])
	}
	if len(a.Probabilities) > 0 {
		want["probability"] = "number"
		if m.Task != model.Binary {
			want["probabilities"] = fmt.Sprintf("object of %d", len(a.Probabilities))
		}
	}
	return want
}

// askShape posts a row and returns the kinds of the fields of the prediction.
func askShape(t *testing.T, m *model.Model, row map[string]json.RawMessage) map[string]string {
	t.Helper()
	body, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/predict", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	nethttp.Handler(api.New(m, api.Options{})).ServeHTTP(w, request)
	var answer struct{ Prediction map[string]json.RawMessage }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	got := map[string]string{}
	for field, raw := range answer.Prediction {
		got[field] = kindOf(raw)
	}
	return got
}

// kindOf is the kind of a JSON value; a number that is not finite is a string in answers, and a number here.
func kindOf(raw json.RawMessage) string {
	var list []json.RawMessage
	var object map[string]json.RawMessage
	switch {
	case slices.Contains([]string{`"NaN"`, `"Infinity"`, `"-Infinity"`}, string(raw)):
		return "number"
	case raw[0] == '"':
		return "string"
	case raw[0] == '[' && json.Unmarshal(raw, &list) == nil:
		return fmt.Sprintf("list of %d", len(list))
	case raw[0] == '{' && json.Unmarshal(raw, &object) == nil:
		return fmt.Sprintf("object of %d", len(object))
	case raw[0] == 't' || raw[0] == 'f':
		return "boolean"
	}
	return "number"
}
