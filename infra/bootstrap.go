package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	// distDir is where what is built goes; relative to the root of the repository, where cdk.json is.
	distDir       = "dist"
	bootstrapName = "bootstrap"
)

// The commands that run in Lambda, each the name of its folder in dist.
const (
	functionCommand = "function"
	hookCommand     = "deployhook"
)

// commandFolder is where the sources of a command are.
var commandFolder = map[string]string{functionCommand: "./function", hookCommand: "./function/deployhook"}

// commands are those that an environment needs.
func commands(config Config) []string {
	if config.hasCodeDeploy() {
		return []string{functionCommand, hookCommand}
	}
	return []string{functionCommand}
}

// buildBootstrap builds a command for an architecture, into the file out and into dist/<command>/bootstrap. It asks the go
// command every time: its cache knows what is stale, a finished file's name does not. The same sources give the same bytes
// in any folder and under any environment, so that the asset's hash changes with the code alone. The tags leave out what is never used:
// the RPC of the retired go1.x runtime, and HTTP/2 (0.4 MB), which neither the Runtime API nor AWS's APIs need.
func buildBootstrap(ctx context.Context, goarch, command, out string) error {
	if err := makeFolder(filepath.Dir(out)); err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc,nethttpomithttp2", "-ldflags", "-s -w",
		"-o", out, commandFolder[command])
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+goarch, "CGO_ENABLED=0", "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=")
	var output bytes.Buffer
	build.Stdout, build.Stderr = &output, &output
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the bootstrap for %s: %s: %w\n%s", goarch, build, err, bytes.TrimSpace(output.Bytes()))
	}
	if err := os.Chmod(out, 0o755); err != nil {
		return err
	}
	return publish(out, filepath.Join(distDir, command, bootstrapName))
}

// publish copies a finished file to its well-known place, aside first: nobody sees half of it.
func publish(from, to string) error {
	if err := makeFolder(filepath.Dir(to)); err != nil {
		return err
	}
	aside := fmt.Sprintf("%s.%d", to, os.Getpid())
	if err := copyFile(aside, from, 0o755); err != nil {
		os.Remove(aside)
		return err
	}
	return os.Rename(aside, to)
}
