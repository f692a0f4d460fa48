package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// refusedByPlain are the resources that the emulator does not know without the wrapper. Nothing depends on them.
const refusedByPlain = "AWS::Logs::QueryDefinition"

// The core of the way runs against the emulator as it is, too, so that what the wrapper changes cannot be why it works. This
// emulator mounts no layers: the test puts the model at /opt. It refuses a type of resource: the test takes those out of the template.
func TestPlainEmulator(t *testing.T) {
	t.Parallel()
	opt, err := os.MkdirTemp(runDir, "opt-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(opt, "model"), os.DirFS(shippedModel())); err != nil {
		t.Fatal(err)
	}
	p := newProject(t, startEmulator(t, opt))
	before := p.inventory(t)
	d := deployment{environment: "dev", config: amd64(), model: shippedModel()}

	progress(t, "cdk deploy of %s, without %s", d.stack(), refusedByPlain)
	p.mustCDK(t, "synth", append(p.arguments(t, d), "--quiet")...)
	p.removeResources(t, d, refusedByPlain)
	p.mustCDK(t, "deploy", "--app", filepath.Join(p.dir, "cdk.out"), "--require-approval", "never")

	api := p.endpoint(p.outputs(t, d.stack())["ApiId"], "$default")
	api.send(t, "POST", "/predict", demoRow).want(t, "predict", 200, demoAnswer)
	api.send(t, "POST", "/predict", `{"feature_1": 10}`).want(t, "a row without two features", 422, "/feature_2", "/feature_3")
	api.send(t, "GET", "/predict", "").want(t, "a wrong method", 405)
	api.send(t, "GET", "/nothing", "").want(t, "a path that nobody serves", 404, `"message"`)
	p.destroy(t, d)
	api.send(t, "POST", "/predict", demoRow).want(t, "the API after cdk destroy", 404)
	checkGone(t, before, p.inventory(t), retainedByDev...)
}

// removeResources takes the resources of a type out of the synthesized template.
func (p *project) removeResources(t *testing.T, d deployment, resourceType string) {
	t.Helper()
	path := filepath.Join(p.dir, "cdk.out", d.stack()+".template.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var template map[string]any
	if err := json.Unmarshal(data, &template); err != nil {
		t.Fatal(err)
	}
	resources := template["Resources"].(map[string]any)
	all := len(resources)
	maps.DeleteFunc(resources, func(_ string, r any) bool { return r.(map[string]any)["Type"] == resourceType })
	if len(resources) == all {
		t.Fatalf("the template has no %s", resourceType)
	}
	if data, err = json.Marshal(template); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
