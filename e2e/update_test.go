package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// secondAnswer is the second model's answer to demoRow: scikit-learn's own, from the golden rows that its export made.
const secondAnswer = `"probability":0.9985,"label":1,"threshold":0.5,"model_version":"v2.0"`

// secondModel trains and exports another model with the shipped one's signature, once a run.
var secondModel = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(runDir, "second-model")
	env := append(os.Environ(), "PYTHONPATH="+filepath.Join(root, "model", "python"), "SKLAMBDA_BIN="+filepath.Join(root, "dist", "sklambda"), "OMP_NUM_THREADS=1")
	_, err := output(run, filepath.Join(root, "e2e"), env, filepath.Join(root, ".venv", "bin", "python"), "second_model.py", dir)
	return dir, err
})

// live is a deployed function behind its API.
type live struct {
	*project
	api      endpoint
	function string
	// reported is how many reports of hooks have been looked at.
	reported int
}

// version is that which the alias names.
func (l *live) version(t *testing.T) string { return l.liveVersion(t, l.function) }

// versions are those of the function.
func (l *live) versions(t *testing.T) []string {
	t.Helper()
	var answer struct{ Versions []struct{ Version string } }
	l.lambda(t, http.MethodGet, "/functions/"+l.function+"/versions", nil, &answer)
	var versions []string
	for _, v := range answer.Versions {
		versions = append(versions, v.Version)
	}
	return versions
}

// unchanged runs an attempt that must not change what is served, nor leave a version behind.
func (l *live) unchanged(t *testing.T, what, answer string, attempt func()) {
	t.Helper()
	before, versions := l.version(t), l.versions(t)
	attempt()
	if after := l.version(t); after != before {
		t.Errorf("%s: the alias moved from version %s to %s", what, before, after)
	}
	if after := l.versions(t); !slices.Equal(after, versions) {
		t.Errorf("%s: the function had the versions %q, and has %q", what, versions, after)
	}
	l.api.send(t, "POST", "/predict", demoRow).want(t, what+": predict", 200, answer)
}

// checkCodeUpdate deploys another function with the same model.
func checkCodeUpdate(t *testing.T, l *live, d deployment) {
	t.Helper()
	layer := l.resources(t, d.stack(), "AWS::Lambda::LayerVersion")[0].PhysicalID
	before := l.version(t)
	l.edit(t, "function/api/log.go", `"cold start"`, `"cold start of other code"`)
	l.deploy(t, d)
	if after := l.version(t); after == before {
		t.Errorf("a code-only update left the alias at version %s", before)
	}
	if got := l.resources(t, d.stack(), "AWS::Lambda::LayerVersion")[0].PhysicalID; got != layer {
		t.Errorf("a code-only update made the layer %s of %s", got, layer)
	}
	l.api.send(t, "POST", "/predict", demoRow).want(t, "predict after a code-only update", 200, demoAnswer)
	l.logLines(t, l.logGroup(t), `"cold start of other code"`)
}

// checkModelUpdate deploys another model with the same function, and returns what is deployed then.
func checkModelUpdate(t *testing.T, l *live, d deployment) deployment {
	t.Helper()
	code, version := l.codeSHA256(t), l.version(t)
	updated := d
	updated.model = mustSecondModel(t)
	l.deploy(t, updated)
	if after := l.version(t); after == version {
		t.Errorf("a model-only update left the alias at version %s", version)
	}
	if got := l.codeSHA256(t); got != code {
		t.Errorf("a model-only update changed the function's code: sha256 was %s, is %s", code, got)
	}
	l.api.send(t, "POST", "/predict", demoRow).want(t, "predict after a model-only update", 200, secondAnswer)
	checkGolden(t, l.api, updated.model)
	return updated
}

func mustSecondModel(t *testing.T) string {
	t.Helper()
	dir, err := secondModel()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// checkRollback has `make rollback` move the alias to the version before, which the next deploy of the same leaves alone, and back.
func checkRollback(t *testing.T, l *live, d deployment) {
	t.Helper()
	version := l.version(t)
	progress(t, "rollback of version %s", version)
	l.rollback(t, d, "was at version "+version+", and is at version 2 now")
	l.api.send(t, "POST", "/predict", demoRow).want(t, "predict after a rollback", 200, demoAnswer)
	checkGolden(t, l.api, shippedModel())
	l.deploy(t, d)
	l.api.send(t, "POST", "/predict", demoRow).want(t, "predict after a deploy of the same behind a rollback", 200, demoAnswer)
	l.rollback(t, d, "was at version 2, and is at version "+version+" now", "", version)
	l.api.send(t, "POST", "/predict", demoRow).want(t, "predict after the rollback of a rollback", 200, secondAnswer)
	if printed, err := l.script("rollback.sh", d.stack(), "", "99"); err == nil || !strings.Contains(printed, "has no version 99") {
		t.Errorf("rollback to a version that is not there: %v", err)
	}
}

func (l *live) rollback(t *testing.T, d deployment, want string, args ...string) {
	t.Helper()
	printed, err := l.script("rollback.sh", append([]string{d.stack()}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(printed, want) {
		t.Errorf("rollback printed, without %q:\n%s", want, printed)
	}
}

// checkRefused deploys what has to be refused before anything of AWS is touched.
func checkRefused(t *testing.T, l *live, d deployment) {
	t.Helper()
	progress(t, "deploys that have to be refused")
	wrongAnswer := func(dir string) { // under a hash that fits
		golden, manifest := filepath.Join(dir, "golden.jsonl"), filepath.Join(dir, "manifest.json")
		old := sum(t, golden)
		edit(t, golden, `"label":1,`, `"label":0,`)
		edit(t, manifest, old, sum(t, golden))
	}
	for _, tt := range []struct {
		name string
		harm func(dir string)
		set  map[string]any
		want []string
	}{
		{"bad golden rows", wrongAnswer, nil, []string{"golden.jsonl", "scikit-learn"}},
		{"broken layer", func(dir string) { edit(t, filepath.Join(dir, "plan.safetensors"), "\x00", "\x01") }, nil, []string{"plan.safetensors", "sha256"}},
		{"wrong config", nil, map[string]any{"MemoryMB": 1}, []string{"MemoryMB is 1: allowed is 128 to 10240"}},
	} {
		bad := d
		bad.config = maps.Clone(d.config)
		maps.Copy(bad.config, tt.set)
		if tt.harm != nil {
			bad.model = filepath.Join(l.dir, strings.ReplaceAll(tt.name, " ", "-"))
			if err := os.CopyFS(bad.model, os.DirFS(d.model)); err != nil {
				t.Fatal(err)
			}
			tt.harm(bad.model)
		}
		l.unchanged(t, tt.name, secondAnswer, func() {
			printed, err := l.cdk("deploy", append(l.arguments(t, bad), "--require-approval", "never")...)
			if err == nil {
				t.Fatalf("%s: deployed:\n%s", tt.name, printed)
			}
			for _, want := range tt.want {
				if !strings.Contains(printed, want) {
					t.Errorf("%s: printed, without %q:\n%s", tt.name, want, printed)
				}
			}
		})
	}
}

// edit replaces the first occurrence of a text in a file.
func edit(t *testing.T, path, old, replacement string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(old)) {
		t.Fatalf("%s has no %q", path, old)
	}
	if err := os.WriteFile(path, bytes.Replace(data, []byte(old), []byte(replacement), 1), 0o644); err != nil {
		t.Fatal(err)
	}
}

func sum(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// checkFailedDeploy has CloudFormation fail in the middle of an update: the new layer's zip is lost behind its back.
func checkFailedDeploy(t *testing.T, l *live, d deployment) {
	t.Helper()
	progress(t, "a stack update that fails")
	first := d
	first.model = shippedModel()
	l.unchanged(t, "a failed update", secondAnswer, func() {
		l.mustCDK(t, "deploy", append(l.arguments(t, first), "--require-approval", "never", "--method", "prepare-change-set", "--change-set-name", "lost")...)
		l.deleteLayerAsset(t, first)
		l.cloudFormation(t, "ExecuteChangeSet", map[string]string{"StackName": d.stack(), "ChangeSetName": "lost"}, nil)
		if got := l.settledStatus(t, d.stack()); got != "UPDATE_ROLLBACK_COMPLETE" {
			t.Errorf("the stack is %s, want UPDATE_ROLLBACK_COMPLETE", got)
		}
	})
}

// checkKilledDeploy kills a deploy half-way, with all its processes, and then deploys the same again.
func checkKilledDeploy(t *testing.T, l *live, d deployment) {
	t.Helper()
	progress(t, "a deploy that is killed")
	first := d
	first.model = shippedModel()
	l.killDeploy(t, first)
	l.api.send(t, "POST", "/predict", demoRow).want(t, "predict after a killed deploy", 200, `"model_version"`)
	if got := l.settledStatus(t, d.stack()); !strings.HasSuffix(got, "_COMPLETE") {
		t.Errorf("the stack is %s after a killed deploy", got)
	}
	l.deploy(t, first)
	l.api.send(t, "POST", "/predict", demoRow).want(t, "predict after a deploy behind a killed one", 200, demoAnswer)
	checkNoDifference(t, l.project, first)
}

// killDeploy starts a deploy and kills it when CloudFormation has been told to begin, before it hears so.
func (p *project) killDeploy(t *testing.T, d deployment) {
	t.Helper()
	command := exec.CommandContext(run, filepath.Join(root, "node_modules", ".bin", "cdk"),
		append([]string{"deploy", "--no-color", "--no-notices", "--require-approval", "never"}, p.arguments(t, d)...)...)
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	begun := false
	between := p.interpose(t, "Action=ExecuteChangeSet", func() {
		begun = true
		if err := endGroup(command.Process.Pid); err != nil {
			t.Error(err)
		}
	})
	command.Dir, command.Env = p.dir, append(p.environment(), "AWS_ENDPOINT_URL="+between)
	if err := start(command); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil || !begun {
		t.Errorf("the deploy was not killed (%v, change set begun: %t), and printed:\n%s", err, begun, printed.String())
	}
}

// interpose serves as the emulator does, and when it has answered a request whose body has a text, calls then in place of answering.
func (e *emulator) interpose(t *testing.T, text string, then func()) string {
	t.Helper()
	address, err := url.Parse(e.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(address)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !bytes.Contains(body, []byte(text)) {
			proxy.ServeHTTP(w, r)
			return
		}
		proxy.ServeHTTP(httptest.NewRecorder(), r)
		then()
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// logGroup is the name of the group that the function writes to.
func (l *live) logGroup(t *testing.T) string {
	t.Helper()
	var config struct{ LoggingConfig struct{ LogGroup string } }
	l.lambda(t, http.MethodGet, "/functions/"+l.function+"/configuration", nil, &config)
	return config.LoggingConfig.LogGroup
}

// codeSHA256 of the version that takes the traffic.
func (l *live) codeSHA256(t *testing.T) string {
	t.Helper()
	var config struct{ CodeSha256 string }
	l.lambda(t, http.MethodGet, "/functions/"+l.function+"/configuration?Qualifier=live", nil, &config)
	return config.CodeSha256
}
