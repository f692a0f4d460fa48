package e2e

import (
	"strings"
	"testing"
)

// checkGone looks for what a destroyed stack has left behind: versions of the function and of the layer are retained by design, all
// else has to be gone.
func (p *project) checkGone(t *testing.T, d deployment, outputs map[string]string) {
	t.Helper()
	p.endpoint(outputs["ApiId"], "$default").send(t, "POST", "/predict", demoRow).want(t, "the API after cdk destroy", 404)
	for service, list := range p.lists(t) {
		for _, name := range list {
			if strings.Contains(name, d.stack()) {
				t.Errorf("%s has %s after cdk destroy", service, name)
			}
		}
	}
}

// lists the names of what is in the account, by kind.
func (p *project) lists(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	var groups struct {
		LogGroups []struct{ LogGroupName string }
	}
	p.json(t, "logs", "Logs_20140328.DescribeLogGroups", map[string]any{}, &groups)
	for _, group := range groups.LogGroups {
		found["logs"] = append(found["logs"], group.LogGroupName)
	}
	var functions struct {
		Functions []struct{ FunctionName string }
	}
	p.lambda(t, "GET", "/functions/", nil, &functions)
	for _, function := range functions.Functions {
		found["lambda"] = append(found["lambda"], function.FunctionName)
	}
	return found
}
