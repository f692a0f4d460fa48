package main

import (
	"bytes"
	"context"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sklambda/model"
)

// synthTimeout bounds one run of the CDK command line, the first build of the app included.
const synthTimeout = 8 * time.Minute

// cdkSynth runs `npx cdk synth` as a user does, from the root of the repository, and returns what it printed.
func cdkSynth(t *testing.T, args ...string) (output string, out string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), synthTimeout)
	defer cancel()
	out = filepath.Join(t.TempDir(), "cdk.out")
	command := exec.CommandContext(ctx, "npx", append([]string{"cdk", "synth", "--quiet", "--output", out}, args...)...)
	command.Dir = ".."
	command.WaitDelay = time.Second
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	err = command.Run()
	return printed.String(), out, err
}

// needCDK skips a test where `npm ci` has not been run, unless everything is required.
func needCDK(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("../node_modules/.bin/cdk"); err == nil {
		return
	}
	if os.Getenv("REQUIRE_ALL") != "" {
		t.Fatal("node_modules has no cdk: run npm ci")
	}
	t.Skip("node_modules has no cdk: run npm ci")
}

func TestSynthCommand(t *testing.T) {
	needCDK(t)
	output, out, err := cdkSynth(t, "-c", "env=prod")
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var tmpl template
	readJSON(t, filepath.Join(out, "sklambda-prod.template.json"), &tmpl)
	asset := func(r resource, key string) string {
		hash, _, _ := strings.Cut(r.at(key, "S3Key").(string), ".")
		return filepath.Join(out, "asset."+hash)
	}

	for prefix, command := range map[string]string{"FunctionHandler": functionCommand, "DeploymentBefore": hookCommand, "DeploymentAfter": hookCommand} {
		checkBootstrap(t, command, filepath.Join(asset(tmpl.find(t, "AWS::Lambda::Function", prefix), "Code"), bootstrapName))
	}
	if !strings.Contains(output, "sklambda: prod: model demo v1.0: function ") || !strings.Contains(output, "% of Lambda's 250 MB") {
		t.Errorf("printed no sizes:\n%s", output)
	}
	if strings.Contains(output, "WARNING") {
		t.Errorf("printed a warning:\n%s", output)
	}

	layer := tmpl.only(t, "AWS::Lambda::LayerVersion")
	folder := asset(layer, "Content")
	for _, name := range []string{model.ManifestFile, model.PlanFile, model.GoldenFile} {
		want := sha256Of(t, filepath.Join("../model/artifact", name))
		if got := sha256Of(t, filepath.Join(folder, modelFolder, name)); got != want {
			t.Errorf("%s in the layer has the sha256 %s, want %s", name, got, want)
		}
	}
	if want := sha256Of(t, filepath.Join("../model/artifact", model.ManifestFile)); !strings.Contains(layer.at("Description").(string), want) {
		t.Errorf("layer description is %q, want the manifest's sha256 %s in it", layer.at("Description"), want)
	}
}

// checkBootstrap looks at the bootstrap of a command within an asset.
func checkBootstrap(t *testing.T, command, bootstrap string) {
	t.Helper()
	info, err := os.Stat(bootstrap)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o755 {
		t.Errorf("%s: mode is %v, want 0755", bootstrap, info.Mode())
	}
	binary, err := elf.Open(bootstrap)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	if binary.Machine != elf.EM_AARCH64 {
		t.Errorf("%s is for %s, want arm64", bootstrap, binary.Machine)
	}
	if got, want := sha256Of(t, filepath.Join("..", distDir, command, bootstrapName)), sha256Of(t, bootstrap); got != want {
		t.Errorf("dist/%s/bootstrap has the sha256 %s, the asset %s", command, got, want)
	}
}

func TestSynthCommandRefuses(t *testing.T) {
	needCDK(t)
	dir := writeArtifact(t, 200)
	edit(t, filepath.Join(dir, model.PlanFile), func(data []byte) []byte { data[len(data)-1] ^= 1; return data })
	output, out, err := cdkSynth(t, "-c", "model="+dir)
	if err == nil {
		t.Fatalf("synthesized:\n%s", output)
	}
	for _, want := range []string{"sklambda: ", filepath.Join(dir, model.PlanFile), "sha256"} {
		if !strings.Contains(output, want) {
			t.Errorf("printed, without %q:\n%s", want, output)
		}
	}
	for _, noise := range []string{"panic", "goroutine", "jsii", "Runtime process", "end-of-life"} {
		if strings.Contains(output, noise) {
			t.Errorf("printed %q:\n%s", noise, output)
		}
	}
	if made, _ := filepath.Glob(filepath.Join(out, "*.template.json")); len(made) != 0 {
		t.Errorf("made %v", made)
	}
}
