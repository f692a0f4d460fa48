package e2e

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// project is a copy of what a deploy reads of the repository, so that a test may change the function's source, with the emulator
// that it is deployed to.
type project struct {
	dir string
	*emulator
}

// newProject copies the repository's sources of the function, and deploys the bootstrap stack of the CDK.
func newProject(t *testing.T, e *emulator) *project {
	t.Helper()
	p := newBareProject(t, e)
	progress(t, "cdk bootstrap")
	p.mustCDK(t, "bootstrap", "--app", "", "aws://"+account+"/"+region)
	return p
}

// newBareProject is a project in an account without a bootstrap stack.
func newBareProject(t *testing.T, e *emulator) *project {
	t.Helper()
	dir, err := os.MkdirTemp(runDir, "project-")
	if err != nil {
		t.Fatal(err)
	}
	p := &project{dir, e}
	for _, path := range []string{"go.mod", "go.sum", "cdk.json", "function", "model"} {
		p.copy(t, path)
	}
	return p
}

// copy copies a file, or the Go sources of a folder; tests stay behind.
func (p *project) copy(t *testing.T, name string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root, name), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if entry.Name() == "testdata" || entry.Name() == "python" {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(p.dir, relative), 0o755)
		}
		source := slices.Contains([]string{".go", ".s"}, filepath.Ext(path)) && !strings.HasSuffix(path, "_test.go")
		if relative != name && !source {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(p.dir, relative), data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// edit replaces the one occurrence of a text in a source file.
func (p *project) edit(t *testing.T, name, old, replacement string) {
	t.Helper()
	path := filepath.Join(p.dir, name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), old); n != 1 {
		t.Fatalf("%s has %q %d times, want once", name, old, n)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), old, replacement, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// environment of a command of the CDK: credentials of the emulator, and nothing of an account of the user's.
func (p *project) environment() []string {
	var env []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "CDK_") {
			env = append(env, variable)
		}
	}
	return append(env,
		"AWS_ENDPOINT_URL="+p.url, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION="+region, "AWS_DEFAULT_REGION="+region,
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true",
		"CDK_DEFAULT_ACCOUNT="+account, "CDK_DEFAULT_REGION="+region, "CDK_DISABLE_CLI_TELEMETRY=true",
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20", "AWS_PAGER=",
		"PATH="+filepath.Join(root, madeDir, "venv", "bin")+":"+os.Getenv("PATH")) // where the AWS CLI is
}

// script runs a script of infra, from the root of the repository as its make target does.
func (p *project) script(name string, args ...string) (string, error) {
	return output(run, root, p.environment(), filepath.Join(root, "infra", name), args...)
}

// cdk runs a command of the CDK in the project and returns what it printed.
func (p *project) cdk(command string, args ...string) (string, error) {
	cdk := filepath.Join(root, "node_modules", ".bin", "cdk")
	return output(run, p.dir, p.environment(), cdk, append([]string{command, "--no-color", "--no-notices"}, args...)...)
}

func (p *project) mustCDK(t *testing.T, command string, args ...string) string {
	t.Helper()
	printed, err := p.cdk(command, args...)
	if err != nil {
		t.Fatal(err)
	}
	return printed
}

// deployment is what is deployed: an environment, fields set over it, and a model.
type deployment struct {
	environment string
	config      map[string]any
	model       string
}

func (d deployment) stack() string { return "sklambda-" + d.environment }

// arguments of a command of the CDK that reads the app.
func (p *project) arguments(t *testing.T, d deployment) []string {
	t.Helper()
	config, err := json.Marshal(d.config)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(p.dir, "config.json")
	if err := os.WriteFile(file, config, 0o644); err != nil {
		t.Fatal(err)
	}
	return []string{
		"--app", filepath.Join(root, madeDir, "infra"), "--output", filepath.Join(p.dir, "cdk.out"),
		"-c", "env=" + d.environment, "-c", "model=" + d.model, "-c", "config=" + file,
	}
}

// deploy deploys, and returns the outputs of the stack.
func (p *project) deploy(t *testing.T, d deployment) map[string]string {
	t.Helper()
	progress(t, "cdk deploy of %s", d.stack())
	p.mustCDK(t, "deploy", append(p.arguments(t, d), "--require-approval", "never")...)
	return p.outputs(t, d.stack())
}

// destroy takes the stack down that was synthesized last.
func (p *project) destroy(t *testing.T, d deployment) {
	t.Helper()
	progress(t, "cdk destroy of %s", d.stack())
	p.mustCDK(t, "destroy", "--app", filepath.Join(p.dir, "cdk.out"), "--force")
}
