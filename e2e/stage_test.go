package e2e

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

// The life of a stack with all that an environment can have: a stage name, tokens, CodeDeploy with its hooks, provisioned
// concurrency, a budget, kept logs. It is prod, whose stage is called prod, too.
func TestStage(t *testing.T) {
	t.Parallel()
	tokens := startIssuer(t)
	p := newProject(t, startEmulator(t, ""))
	before := p.inventory(t)
	config := amd64()
	maps.Copy(config, map[string]any{
		"Auth":                   map[string]any{"Kind": "jwt", "Issuer": tokens.url, "Audiences": []string{audience}},
		"Deploy":                 map[string]any{"Strategy": "canary", "Percent": 10, "Minutes": 5},
		"ProvisionedConcurrency": map[string]any{"Min": 1, "Max": 3, "TargetPercent": 70},
		"Alarms":                 map[string]any{"Email": "nobody@example.com"},
	})
	d := deployment{environment: "prod", config: config, model: shippedModel()}
	outputs := p.deploy(t, d)
	checkInventory(t, before, p.inventory(t), "stack", "log group", "function", "layer", "API", "role", "alarm", "dashboard", "topic")
	l := &live{project: p, api: p.endpoint(outputs["ApiId"], "prod"), function: outputs["FunctionName"]}
	if want := outputs["ApiId"] + ".execute-api."; !strings.Contains(outputs["PredictUrl"], want) || !strings.HasSuffix(outputs["PredictUrl"], "/prod/predict") {
		t.Errorf("PredictUrl is %q, want %s… and /prod/predict at its end", outputs["PredictUrl"], want)
	}

	progress(t, "requests")
	checkTokens(t, l.api, tokens)
	l.api.token = tokens.token(t, nil)
	checkPredictions(t, l.api)
	checkRefusals(t, l.api)

	second := d
	second.model = mustSecondModel(t)
	l.deploy(t, second)
	l.api.send(t, "POST", "/predict", demoRow).want(t, "predict after hooks that passed", 200, secondAnswer)
	l.hooksReported(t, "BeforeAllowTraffic Succeeded", "AfterAllowTraffic Succeeded")
	checkBadCode(t, l, second)

	// With IAM the hook can sign its calls: it asks through the API.
	third := second
	third.config = maps.Clone(config)
	third.config["Auth"] = map[string]any{"Kind": "iam", "Issuer": "", "Audiences": []string{}}
	l.deploy(t, third)
	l.hooksReported(t) // nothing: the version is the same
	checkProtected(t, p)
	third.config["TerminationProtection"] = false
	third.model = d.model
	l.deploy(t, third)
	l.api.send(t, "POST", "/predict", demoRow).want(t, "predict after a hook through the API", 200, demoAnswer)
	l.hooksReported(t, "BeforeAllowTraffic Succeeded", "AfterAllowTraffic Succeeded")

	p.destroy(t, third)
	l.api.send(t, "POST", "/predict", demoRow).want(t, "the API after cdk destroy", 404)
	var kept []string
	for _, group := range []string{"ApiAccessLog", "FunctionLog", "DeploymentBeforeLog", "DeploymentAfterLog"} {
		kept = append(kept, "log group .*sklambda-prod.*"+group+".*")
	}
	checkGone(t, before, p.inventory(t), kept...)
}

// checkProtected has the stack that was synthesized last refuse to go.
func checkProtected(t *testing.T, p *project) {
	t.Helper()
	progress(t, "cdk destroy of a protected stack")
	if printed, err := p.cdk("destroy", "--app", filepath.Join(p.dir, "cdk.out"), "--force"); err == nil || !strings.Contains(printed, "TerminationProtection is enabled") {
		t.Errorf("cdk destroy of a protected stack: %v:\n%s", err, printed)
	}
}

// checkBadCode deploys code that starts and passes the self-test, and then answers with a decimal less. The hook has to notice.
func checkBadCode(t *testing.T, l *live, d deployment) {
	t.Helper()
	progress(t, "a deploy of code that answers wrongly")
	l.edit(t, "function/api/answer.go", "model.RoundDecimals(f, *a.decimals)", "model.RoundDecimals(f, *a.decimals-1)")
	defer l.copy(t, "function/api")
	l.unchanged(t, "code that answers wrongly", secondAnswer, func() {
		printed, err := l.cdk("deploy", append(l.arguments(t, d), "--require-approval", "never")...)
		if err == nil {
			t.Errorf("deployed:\n%s", printed)
		}
		if got := l.settledStatus(t, d.stack()); got != "UPDATE_ROLLBACK_COMPLETE" {
			t.Errorf("the stack is %s, want UPDATE_ROLLBACK_COMPLETE", got)
		}
		l.hooksReported(t, "BeforeAllowTraffic Failed")
	})
}

// hooksReported checks what the hooks of the last deployment reported, as the wrapper prints it.
func (l *live) hooksReported(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for line := range strings.Lines(l.log.String()) {
		if words := strings.Fields(line); len(words) == 5 && words[0] == "CodeDeploy:" {
			got = append(got, words[1]+" "+words[4])
		}
	}
	got = got[l.reported:]
	l.reported += len(got)
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("the hooks reported %q, want %q", got, want)
	}
}
