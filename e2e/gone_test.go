package e2e

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// inventory lists what an account has, asking each service itself: CloudFormation cannot tell of what it has forgotten. A line is a kind
// and a name.
func (e *emulator) inventory(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, list := range []struct {
		kind, service, method, path, target, form string
		name                                      string // a pattern whose group is the name
	}{
		{kind: "stack", service: "cloudformation", form: "Action=DescribeStacks", name: `<StackName>([^<]+)`},
		{kind: "log group", service: "logs", target: "Logs_20140328.DescribeLogGroups", name: `"logGroupName": ?"([^"]+)`},
		{kind: "function", service: "lambda", method: http.MethodGet, path: "/2015-03-31/functions/", name: `"FunctionName": ?"([^"]+)`},
		{kind: "layer", service: "lambda", method: http.MethodGet, path: "/2018-10-31/layers", name: `"LayerVersionArn": ?"([^"]+)`},
		{kind: "API", service: "apigateway", method: http.MethodGet, path: "/v2/apis", name: `"apiId": ?"([^"]+)`},
		{kind: "role", service: "iam", form: "Action=ListRoles", name: `<RoleName>([^<]+)`},
		{kind: "bucket", service: "s3", method: http.MethodGet, path: "/", name: `<Name>([^<]+)`},
		{kind: "alarm", service: "monitoring", form: "Action=DescribeAlarms", name: `<AlarmName>([^<]+)`},
		{kind: "dashboard", service: "monitoring", form: "Action=ListDashboards", name: `<DashboardName>([^<]+)`},
		{kind: "topic", service: "sns", form: "Action=ListTopics", name: `<TopicArn>([^<]+)`},
		{kind: "state machine", service: "states", target: "AWSStepFunctions.ListStateMachines", name: `"stateMachineArn": ?"([^"]+)`},
	} {
		var body []byte
		switch {
		case list.target != "":
			body = e.call(t, list.service, http.MethodPost, "/", map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": list.target}, "{}")
		case list.form != "":
			body = e.call(t, list.service, http.MethodPost, "/", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, list.form)
		default:
			body = e.call(t, list.service, list.method, list.path, nil, "")
		}
		for _, match := range regexp.MustCompile(list.name).FindAllSubmatch(body, -1) {
			found = append(found, list.kind+" "+string(match[1]))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// checkGone compares the account after `cdk destroy` with what it had before the first deploy: only what retained names, as patterns, may
// have stayed, and each of them must have.
func checkGone(t *testing.T, before, after []string, retained ...string) {
	t.Helper()
	left := slices.DeleteFunc(slices.Clone(after), func(line string) bool { return slices.Contains(before, line) })
	for _, pattern := range retained {
		matches := func(line string) bool { return regexp.MustCompile("^" + pattern + "$").MatchString(line) }
		if !slices.ContainsFunc(left, matches) {
			t.Errorf("after cdk destroy nothing is left of %s, which is retained; there is %q", pattern, left)
		}
		left = slices.DeleteFunc(left, matches)
	}
	if len(left) > 0 {
		t.Errorf("after cdk destroy there is still %q", left)
	}
}

// checkInventory makes sure that the inventory sees a deployed stack: each kind that it has was there neither before.
func checkInventory(t *testing.T, before, deployed []string, kinds ...string) {
	t.Helper()
	added := map[string]bool{}
	for _, line := range deployed {
		if !slices.Contains(before, line) {
			for _, kind := range kinds {
				added[kind] = added[kind] || strings.HasPrefix(line, kind+" ")
			}
		}
	}
	for _, kind := range kinds {
		if !added[kind] {
			t.Errorf("the inventory of the deployed account has no new %s: %q", kind, deployed)
		}
	}
}
