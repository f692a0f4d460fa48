package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"sklambda/function/runtimetest"
)

// patience bounds every wait for a process.
const patience = time.Minute

// shipped is the model that the repository ships.
const shipped = "../model/artifact"

// binaries are the bootstraps under test by architecture, built once.
var binaries = map[string]string{}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "bootstrap")
	if err == nil {
		err = buildAll(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// buildAll builds the bootstrap.
func buildAll(dir string) error {
	for _, arch := range []string{"amd64", "arm64"} {
		binaries[arch] = filepath.Join(dir, arch, "bootstrap")
		if err := runtimetest.Build(".", arch, binaries[arch]); err != nil {
			return err
		}
	}
	return nil
}

// commandFor runs the bootstrap of an architecture, under qemu-user if it is not this machine's.
func commandFor(t *testing.T, arch string) *exec.Cmd {
	t.Helper()
	if arch == runtime.GOARCH {
		return exec.Command(binaries[arch])
	}
	name := map[string]string{"arm64": "qemu-aarch64", "amd64": "qemu-x86_64"}[arch]
	emulator, err := exec.LookPath(name)
	if err != nil && os.Getenv("REQUIRE_ALL") == "1" {
		t.Fatalf("%s is missing: apt-get install qemu-user", name)
	}
	if err != nil {
		t.Skipf("NOT RUN: qemu-user; apt-get install qemu-user")
	}
	return exec.Command(emulator, binaries[arch])
}

// environment is one Lambda environment: a Runtime API with the bootstrap behind it.
type environment struct {
	api         *runtimetest.API
	process     *runtimetest.Process
	invocations int // answered so far
}

// launch starts the bootstrap with environment variables beside Lambda's own.
func launch(t *testing.T, command *exec.Cmd, env ...string) *environment {
	t.Helper()
	e, err := run(t, command, env...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// run is launch with an error if the program cannot be run.
func run(t *testing.T, command *exec.Cmd, env ...string) (*environment, error) {
	t.Helper()
	api, err := runtimetest.Listen()
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { api.Close() })
	command.Env = env
	process, err := api.Start(command)
	if err != nil {
		return nil, err
	}
	t.Cleanup(process.Stop)
	return &environment{api: api, process: process}, nil
}

// invoke hands an event over and returns the payload of the answer.
func (e *environment) invoke(t *testing.T, event []byte) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := e.api.Invoke(ctx, event)
	if err != nil {
		t.Fatalf("%v\n%s", err, e.process.Stderr())
	}
	e.invocations++
	return out
}

// response is what API Gateway gets.
type response struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

// request sends an HTTP event.
func (e *environment) request(t *testing.T, event map[string]any) response {
	t.Helper()
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	var got response
	if out := e.invoke(t, payload); json.Unmarshal(out, &got) != nil {
		t.Fatalf("not a response: %s", out)
	}
	return got
}

// event is a recorded event of API Gateway with some members replaced.
func event(t *testing.T, name string, replace map[string]any) map[string]any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("gateway/testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var e map[string]any
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	maps.Copy(e, replace)
	return e
}

func body(text string) map[string]any { return map[string]any{"body": text} }
