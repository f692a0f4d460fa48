package e2e

import (
	"strings"
	"testing"
)

// Two models behind one API, each with a function and versions of its own; make rollback moves the traffic of one, and of no other.
func TestModels(t *testing.T) {
	t.Parallel()
	p := newProject(t, startEmulator(t, ""))
	before := p.inventory(t)
	first, second := shippedModel(), mustSecondModel(t)
	config := amd64()
	config["Models"] = []map[string]string{{}, {"Name": "other", "Dir": second}}
	d := deployment{environment: "dev", config: config, model: first}
	outputs := p.deploy(t, d)
	api := p.endpoint(outputs["ApiId"], "$default")
	checkModels(t, api, "two models", demoAnswer, secondAnswer)
	api.send(t, "GET", "/models/other/health", "").want(t, "health of one of several", 200)
	api.send(t, "GET", "/models/other/model", "").want(t, "signature of one of several", 200, `"v2.0"`)
	api.send(t, "POST", "/models/nothing/predict", demoRow).want(t, "a model that is not there", 404, `"message"`)
	if !strings.HasSuffix(outputs["PredictUrlOther"], "/models/other/predict") {
		t.Errorf("PredictUrlOther is %q", outputs["PredictUrlOther"])
	}

	config["Models"] = []map[string]string{{}, {"Name": "other", "Dir": first}}
	p.deploy(t, d)
	checkModels(t, api, "one of two models changed", demoAnswer, demoAnswer)
	progress(t, "make rollback of one of two")
	printed, err := p.script("rollback.sh", d.stack())
	if err == nil || !strings.Contains(printed, "several functions") {
		t.Errorf("a rollback that names no function: %v\n%s", err, printed)
	}
	checkModels(t, api, "a refused rollback", demoAnswer, demoAnswer)
	if printed, err = p.script("rollback.sh", d.stack(), outputs["FunctionNameOther"]); err != nil || !strings.Contains(printed, "is at version 1 now") {
		t.Errorf("rollback: %v\n%s", err, printed)
	}
	checkModels(t, api, "a rollback of one", demoAnswer, secondAnswer)

	p.destroy(t, d)
	checkGone(t, before, p.inventory(t), retainedByDev...)
}

// checkModels asks both models.
func checkModels(t *testing.T, api endpoint, when, answer, other string) {
	t.Helper()
	api.send(t, "POST", "/predict", demoRow).want(t, when+": the model without a name", 200, answer)
	api.send(t, "POST", "/models/other/predict", demoRow).want(t, when+": the one with a name", 200, other)
}
