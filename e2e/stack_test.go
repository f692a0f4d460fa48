package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// stackTimeout bounds the wait for a stack's operation.
const stackTimeout = 2 * time.Minute

// resource of a stack.
type resource struct {
	PhysicalID string `xml:"PhysicalResourceId"`
	Type       string `xml:"ResourceType"`
}

// outputs of a stack, by their names.
func (e *emulator) outputs(t *testing.T, stack string) map[string]string {
	t.Helper()
	var answer struct {
		Outputs []struct {
			OutputKey, OutputValue string
		} `xml:"DescribeStacksResult>Stacks>member>Outputs>member"`
	}
	e.cloudFormation(t, "DescribeStacks", map[string]string{"StackName": stack}, &answer)
	outputs := map[string]string{}
	for _, output := range answer.Outputs {
		outputs[output.OutputKey] = output.OutputValue
	}
	return outputs
}

// settledStatus is the status of a stack once no operation is under way.
func (e *emulator) settledStatus(t *testing.T, stack string) string {
	t.Helper()
	for deadline := time.Now().Add(stackTimeout); ; time.Sleep(100 * time.Millisecond) {
		var answer struct {
			Status string `xml:"DescribeStacksResult>Stacks>member>StackStatus"`
		}
		e.cloudFormation(t, "DescribeStacks", map[string]string{"StackName": stack}, &answer)
		if !strings.HasSuffix(answer.Status, "_IN_PROGRESS") {
			return answer.Status
		}
		if time.Now().After(deadline) {
			t.Fatalf("stack %s is %s after %s", stack, answer.Status, stackTimeout)
		}
	}
}

// resources of a stack, of one type.
func (e *emulator) resources(t *testing.T, stack, resourceType string) []resource {
	t.Helper()
	var answer struct {
		Resources []resource `xml:"DescribeStackResourcesResult>StackResources>member"`
	}
	e.cloudFormation(t, "DescribeStackResources", map[string]string{"StackName": stack}, &answer)
	var found []resource
	for _, r := range answer.Resources {
		if r.Type == resourceType {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		t.Fatalf("stack %s has no %s among %d resources", stack, resourceType, len(answer.Resources))
	}
	return found
}

// deleteLayerAsset removes the zip of the synthesized model layer from the bucket of the CDK, as if its upload had been lost.
func (p *project) deleteLayerAsset(t *testing.T, d deployment) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(p.dir, "cdk.out", d.stack()+".template.json"))
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties struct{ Content struct{ S3Key string } }
		}
	}
	if err := json.Unmarshal(data, &template); err != nil {
		t.Fatal(err)
	}
	for _, r := range template.Resources {
		if r.Type == "AWS::Lambda::LayerVersion" {
			p.call(t, "s3", http.MethodDelete, "/cdk-hnb659fds-assets-"+account+"-"+region+"/"+r.Properties.Content.S3Key, nil, "")
			return
		}
	}
	t.Fatalf("template of %s has no layer", d.stack())
}
