package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// The core of the way runs against the emulator as it is, too, so that what the wrapper changes cannot be why it works. This
// emulator mounts no layers: the test puts the model at /opt.
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

	progress(t, "cdk deploy of %s", d.stack())
	p.mustCDK(t, "deploy", append(p.arguments(t, d), "--require-approval", "never")...)

	api := p.endpoint(p.outputs(t, d.stack())["ApiId"], "$default")
	api.send(t, "POST", "/predict", demoRow).want(t, "predict", 200, demoAnswer)
	api.send(t, "POST", "/predict", `{"feature_1": 10}`).want(t, "a row without two features", 422, "/feature_2", "/feature_3")
	api.send(t, "GET", "/predict", "").want(t, "a wrong method", 405)
	api.send(t, "GET", "/nothing", "").want(t, "a path that nobody serves", 404, `"message"`)
	p.destroy(t, d)
	api.send(t, "POST", "/predict", demoRow).want(t, "the API after cdk destroy", 404)
	checkGone(t, before, p.inventory(t), retainedByDev...)
}
