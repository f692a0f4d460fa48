package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The shipped model's contract, to the letter.
const (
	demoRow    = `{"feature_1": 10, "feature_2": 3, "feature_3": 1}`
	demoAnswer = `{"prediction":{"probability":0.9983,"label":1,"threshold":0.5,"model_version":"v1.0",` +
		`"features_used":{"feature_1":10,"feature_2":3,"feature_3":1}}}`
)

func shippedModel() string { return filepath.Join(root, "model", "artifact") }

// retainedByDev is what cdk destroy leaves of the environment dev: patterns for checkGone.
var retainedByDev []string

// amd64 is the config that every deployment starts from: the emulator runs the function on this machine.
func amd64() map[string]any { return map[string]any{"Architecture": "amd64"} }

// The life of a stack without a stage name and without CodeDeploy: environment dev.
func TestDeploy(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "")
	checkPreflight(t, newBareProject(t, e), 1, "the CDK has no bootstrap stack in this account and region")
	p := newProject(t, e)
	checkPreflight(t, p, 0, "account "+account+", region "+region)
	before := p.inventory(t)
	config := amd64()
	config["CORSOrigins"] = []string{"https://app.example.com"}
	d := deployment{environment: "dev", config: config, model: shippedModel()}
	outputs := p.deploy(t, d)
	checkInventory(t, before, p.inventory(t), "stack", "log group", "function", "layer", "API", "role")
	l := &live{project: p, api: p.endpoint(outputs["ApiId"], "$default"), function: outputs["FunctionName"]}

	progress(t, "requests")
	checkPredictions(t, l.api)
	checkRefusals(t, l.api)
	checkCORS(t, l.api)
	checkGolden(t, l.api, d.model)
	checkLog(t, l)

	checkCodeUpdate(t, l, d)
	updated := checkModelUpdate(t, l, d)
	checkRollback(t, l, updated)
	checkRefused(t, l, updated)
	checkFailedDeploy(t, l, updated)
	checkKilledDeploy(t, l, updated)

	p.destroy(t, d)
	l.api.send(t, "POST", "/predict", demoRow).want(t, "the API after cdk destroy", 404)
	checkGone(t, before, p.inventory(t), retainedByDev...)
}

// checkPreflight runs what `make deploy` looks for first.
func checkPreflight(t *testing.T, p *project, status int, want string) {
	t.Helper()
	printed, err := p.script("preflight.sh", shippedModel())
	if (err != nil) != (status != 0) || !strings.Contains(printed, want) {
		t.Errorf("preflight: %v, want status %d and %q:\n%s", err, status, want, printed)
	}
}

func checkPredictions(t *testing.T, api endpoint) {
	t.Helper()
	api.send(t, "POST", "/predict", demoRow).want(t, "predict", 200, demoAnswer)
	one := strings.Replace(strings.TrimSuffix(strings.TrimPrefix(demoAnswer, `{"prediction":`), `}`), `,"features_used":{"feature_1":10,"feature_2":3,"feature_3":1}`, "", 1)
	api.send(t, "POST", "/predict", `{"instances":[`+demoRow+`,`+demoRow+`]}`).want(t, "batch", 200, `{"predictions":[`+one+`,`+one+`]}`)
	// Without a textual content type API Gateway hands the body over in base64; the function takes JSON alone.
	api.send(t, "POST", "/predict", demoRow, "Content-Type", "application/octet-stream").want(t, "a body in base64", 415)
	api.send(t, "GET", "/health", "").want(t, "health", 200, `"status":"ready"`, `"certified":true`)
	api.send(t, "GET", "/model", "").want(t, "model", 200, `"feature_1"`)
}

func checkRefusals(t *testing.T, api endpoint) {
	t.Helper()
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"not JSON", "POST", "/predict", "x", 400, `"malformed_json"`},
		{"no body", "POST", "/predict", "", 400, `"empty_body"`},
		{"wrong type", "POST", "/predict", `{"feature_1":"1","feature_2":1,"feature_3":1}`, 422, `"/feature_1"`},
		{"row of a batch", "POST", "/predict", `{"instances":[` + demoRow + `,{"feature_1":1,"feature_2":1}]}`, 422, `"/instances/1/feature_3"`},
		{"wrong method", "DELETE", "/predict", "", 405, `"method_not_allowed"`},
		{"path of nobody", "GET", "/nothing", "", 404, `"message"`},
		{"below a route", "POST", "/predict/more", demoRow, 404, `"message"`},
	} {
		api.send(t, tt.method, tt.path, tt.body).want(t, tt.name, tt.status, tt.want)
	}
}

func checkCORS(t *testing.T, api endpoint) {
	t.Helper()
	const allowed, denied = "https://app.example.com", "https://evil.example.com"
	preflight := api.send(t, "OPTIONS", "/predict", "", "Origin", allowed, "Access-Control-Request-Method", "POST")
	preflight.want(t, "preflight", 204)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": allowed, "Access-Control-Allow-Methods": "GET,POST",
		"Access-Control-Allow-Headers": "authorization,content-type", "Access-Control-Max-Age": "7200",
	} {
		if got := preflight.headers.Get(name); got != want {
			t.Errorf("preflight: %s is %q, want %q", name, got, want)
		}
	}
	got := api.send(t, "POST", "/predict", demoRow, "Origin", allowed)
	if got.headers.Get("Access-Control-Allow-Origin") != allowed || got.headers.Get("Access-Control-Expose-Headers") != "x-request-id" {
		t.Errorf("an allowed origin got the headers %v", got.headers)
	}
	for _, method := range []string{"OPTIONS", "POST"} {
		got := api.send(t, method, "/predict", demoRow, "Origin", denied, "Access-Control-Request-Method", "POST")
		if header := got.headers.Get("Access-Control-Allow-Origin"); header != "" {
			t.Errorf("%s from another origin: Access-Control-Allow-Origin is %q", method, header)
		}
	}
}

// checkGolden replays every golden row of the artifact through the API.
func checkGolden(t *testing.T, api endpoint, model string) {
	t.Helper()
	printed, err := output(run, root, os.Environ(), filepath.Join(root, "dist", "sklambda"), "verify", "--model", model, "--url", api.url)
	if err != nil {
		t.Error(err)
		return
	}
	progress(t, "%s", lastLines(printed, 1))
}

// checkLog looks for what requests leave in the function's own log group.
func checkLog(t *testing.T, l *live) {
	t.Helper()
	group := l.logGroup(t)
	if group == "" || strings.HasPrefix(group, "/aws/lambda/") {
		t.Errorf("the function logs to %q, want a group of the stack", group)
		return
	}
	for _, text := range []string{"START RequestId", `"cold start"`, `"status":422`, "REPORT RequestId"} {
		l.logLines(t, group, text)
	}
}

func checkNoDifference(t *testing.T, p *project, d deployment) {
	t.Helper()
	progress(t, "cdk diff")
	if printed, err := p.cdk("diff", append(p.arguments(t, d), "--fail")...); err != nil {
		t.Errorf("a deployed stack differs from its template: %v", err)
	} else if !strings.Contains(printed, "There were no differences") {
		t.Errorf("cdk diff printed:\n%s", printed)
	}
}
