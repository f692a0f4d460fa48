package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sklambda/model"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	got := runText(t, "", "inspect", "--model", certified(t))
	got.wantSuccess(t)
	flat := regexp.MustCompile(` +`).ReplaceAllString(got.out, " ")
	for _, want := range []string{
		"name churn\n", "version v2\n", "task binary_classification\n", `classes "stay", "leave, now"` + "\n", `positive class "leave, now"` + "\n",
		"certified yes: 200 golden rows, 3 undecided; of 64 rows hunted through the largest error is 1e-15\n", "source churn.joblib, 1 bytes, sha256 000", "made with scikit-learn 1.9.1\n",
		"note null in column city is None\n", "age integer float64 refused 18 to 90\n", `city string object refused "Köln", "Bonn"` + "\n",
		"note string object not used \n", "probabilities 2 none: every bit counts\n",
		"pipeline.model sklearn.linear_model._logistic.LogisticRegression C=1.0\n", "plan 7 steps, ", "steps check lookup_text ", "golden.jsonl ", "plan.safetensors ",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("%q is missing in\n%s", want, flat)
		}
	}
}

func TestInspectJSON(t *testing.T) {
	t.Parallel()
	got := runText(t, "", "inspect", "--json", "--model", certified(t))
	got.wantSuccess(t)
	var shown struct {
		Certified bool
		Manifest  model.Manifest
		Plan      planSummary
	}
	decoder := json.NewDecoder(strings.NewReader(got.out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&shown); err != nil {
		t.Fatal(err)
	}
	if !shown.Certified || shown.Manifest.Name != "churn" || shown.Manifest.Golden.Rows != 200 || shown.Plan.Bytes == 0 || shown.Plan.Texts != 1 {
		t.Errorf("got %+v", shown)
	}
	want := []string{"check", "lookup_text", "select", "mat_mul", "arith", "select", "above"}
	if diff := cmp.Diff(want, shown.Plan.Steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestInspectUncertified(t *testing.T) {
	t.Parallel()
	got := runText(t, "", "inspect", "--model", churn(t, "v1", nil))
	got.wantSuccess(t)
	if !regexp.MustCompile(`certified +no: it has no golden rows`).MatchString(got.out) {
		t.Errorf("stdout is %s", got.out)
	}
}
