package api

import (
	"bytes"
	"encoding/json"

	"sklambda/model"
)

// health is the body of GET /health. There is a handler only once the model is open and its self-test has passed.
func health(m *model.Model) []byte {
	return encode(struct {
		Status       string `json:"status"`
		Model        string `json:"model"`
		ModelVersion string `json:"model_version"`
		Certified    bool   `json:"certified"`
	}{"ready", m.Manifest().Name, m.Manifest().Version, m.Certified()})
}

// description is the body of GET /model: what a caller may send, what comes back, and where the model comes from.
type description struct {
	Name          string            `json:"name"`
	Version       string            `json:"version"`
	SHA256        string            `json:"manifest_sha256,omitempty"`
	Task          model.Task        `json:"task"`
	Certified     bool              `json:"certified"`
	Features      []model.Feature   `json:"features"`
	Classes       [][]model.Class   `json:"classes,omitempty"`
	PositiveClass *model.Class      `json:"positive_class,omitempty"`
	Threshold     *float64          `json:"threshold,omitempty"`
	Decimals      *int              `json:"decimals,omitempty"`
	Outputs       []model.Output    `json:"outputs"`
	Pipeline      []model.Estimator `json:"pipeline"`
	Notes         []string          `json:"notes,omitempty"`
	Source        model.Source      `json:"source"`
	Plan          model.File        `json:"plan"`
	Golden        *golden           `json:"golden,omitempty"`
	// Example is a request composed from quantiles and categories, never a row of the sample.
	Example json.RawMessage `json:"example"`
}

// golden is how the certificate stands.
type golden struct {
	Rows      int `json:"rows"`
	Undecided int `json:"undecided"`
}

// describe makes the body of GET /model.
func describe(m *model.Model) []byte {
	f := m.Manifest()
	d := description{Name: f.Name, Version: f.Version, SHA256: m.ManifestSHA256(), Task: f.Task, Certified: m.Certified(), Features: f.Features, Classes: f.Classes,
		Threshold: f.Threshold, Decimals: f.Decimals, Outputs: f.Outputs, Pipeline: f.Pipeline, Notes: f.Notes, Source: f.Source,
		Plan: f.Files[model.PlanFile], Example: Example(f)}
	if f.Positive != nil {
		d.PositiveClass = &f.Classes[0][*f.Positive]
	}
	if f.Golden != nil {
		d.Golden = &golden{f.Golden.Rows, f.Golden.Undecided}
	}
	return encode(d)
}

// encode is json.Marshal for values that cannot fail, without escapes for HTML.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
