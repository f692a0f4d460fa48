package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sklambda/function/modeltest"
	"sklambda/function/runtimetest"
	"sklambda/model"
)

// The shipped model's contract, to the letter.
const (
	demoRow    = `{"feature_1": 10, "feature_2": 3, "feature_3": 1}`
	demoAnswer = `{"prediction":{"probability":0.9983,"label":1,"threshold":0.5,"model_version":"v1.0",` +
		`"features_used":{"feature_1":10,"feature_2":3,"feature_3":1}}}`
)

func TestEvents(t *testing.T) {
	t.Parallel()
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			e := launch(t, commandFor(t, arch), "MODEL_PATH="+shipped, "CORS_ALLOW_ORIGINS=https://example.com")
			checkPredictions(t, e)
			checkOtherRoutes(t, e)
			checkBatch(t, e)
			checkBadRequests(t, e)
			checkPredictions(t, e) // the process goes on
			checkLog(t, e.process.Stderr())
			checkMetrics(t, e)
			if !e.process.Running() {
				t.Error("the process has ended")
			}
		})
	}
}

func checkPredictions(t *testing.T, e *environment) {
	t.Helper()
	encoded := base64.StdEncoding.EncodeToString([]byte(demoRow))
	events := map[string]map[string]any{
		"$default stage": event(t, "default_stage", body(demoRow)),
		"named stage":    event(t, "named_stage", body(demoRow)),
		"custom domain":  event(t, "custom_domain", body(demoRow)),
		"Function URL":   event(t, "function_url", body(demoRow)),
		"base64":         event(t, "base64", map[string]any{"body": encoded, "headers": map[string]string{"content-type": "application/json"}}),
	}
	for name, event := range events {
		if got := e.request(t, event); got.StatusCode != 200 || got.Body != demoAnswer || got.IsBase64Encoded {
			t.Errorf("%s: got %+v, want %s", name, got, demoAnswer)
		}
	}
	if got := string(e.invoke(t, []byte(demoRow))); got != demoAnswer {
		t.Errorf("direct invoke: got %s, want %s", got, demoAnswer)
	}
	batch := `{"instances":[` + demoRow + `,` + demoRow + `]}`
	one := `{"probability":0.9983,"label":1,"threshold":0.5,"model_version":"v1.0"}`
	if got := e.request(t, event(t, "default_stage", body(batch))); got.Body != `{"predictions":[`+one+`,`+one+`]}` {
		t.Errorf("batch: got %+v", got)
	}
}

// checkBatch has events of a Distributed Map answered; one that cannot be is an error of the invocation.
func checkBatch(t *testing.T, e *environment) {
	t.Helper()
	out := e.invoke(t, []byte(`{"Items":[{"feature_1":"10","feature_2":"3","feature_3":"1"},{"feature_1":"x","feature_2":"3","feature_3":"1"}],"BatchInput":{"format":"csv"}}`))
	var got struct {
		Results []struct {
			Label, Probability float64
			Error              struct{ Code, Field string }
		}
	}
	if err := json.Unmarshal(out, &got); err != nil || len(got.Results) != 2 || got.Results[0].Label != 1 || got.Results[0].Probability < 0.998 ||
		got.Results[1].Error.Code != "wrong_type" || got.Results[1].Error.Field != "feature_1" {
		t.Errorf("got %s", out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := e.api.Invoke(ctx, []byte(`{"Items":[],"BatchInput":{"format":"x"}}`))
	e.invocations++
	if failed, ok := errors.AsType[*runtimetest.FunctionError](err); !ok || failed.Type != "EventError" {
		t.Errorf("got the error %v, want an EventError", err)
	}
}

func checkOtherRoutes(t *testing.T, e *environment) {
	t.Helper()
	const ready = `{"status":"ready","model":"demo","model_version":"v1.0","certified":true}`
	if got := e.request(t, event(t, "named_stage_default_route", nil)); got.StatusCode != 200 || got.Body != ready {
		t.Errorf("/health: got %+v, want %s", got, ready)
	}
	describe := event(t, "named_stage_default_route", map[string]any{"rawPath": "/prod/model"})
	if got := e.request(t, describe); got.StatusCode != 200 || !strings.Contains(got.Body, `"certified":true`) {
		t.Errorf("/model: got %+v", got)
	}
	cors := event(t, "default_stage", map[string]any{"body": demoRow, "headers": map[string]string{"origin": "https://example.com"}})
	if got := e.request(t, cors); got.Headers["access-control-allow-origin"] != "https://example.com" {
		t.Errorf("CORS: got %+v", got.Headers)
	}
}

func checkBadRequests(t *testing.T, e *environment) {
	t.Helper()
	tests := []struct {
		name, body string
		status     int
		contains   string
	}{
		{"not JSON", "x", 400, `"malformed_json"`},
		{"empty", "", 400, `"empty_body"`},
		{"array at top", "[]", 400, `"not_an_object"`},
		{"duplicate", `{"feature_1":1,"feature_1":1}`, 400, `"/feature_1"`},
		{"NaN", `{"feature_1":NaN}`, 400, `"/feature_1"`},
		{"wrong type", `{"feature_1":"1","feature_2":1,"feature_3":1}`, 422, `"/feature_1"`},
		{"missing", `{"feature_1":1,"feature_2":1}`, 422, `"/feature_3"`},
		{"unknown", `{"feature_4":1}`, 422, `"/feature_4"`},
		{"1e400", `{"feature_1":1e400,"feature_2":1,"feature_3":1}`, 422, `"/feature_1"`},
		{"null", `{"feature_1":null,"feature_2":1,"feature_3":1}`, 422, `"/feature_1"`},
		{"10 MB", strings.Repeat(" ", 10<<20), 413, `"body_too_large"`},
	}
	for _, tt := range tests {
		got := e.request(t, event(t, "default_stage", body(tt.body)))
		if got.StatusCode != tt.status || !strings.Contains(got.Body, tt.contains) || got.Headers["content-type"] != "application/problem+json" {
			t.Errorf("%s: got %+v, want a problem with status %d and %s", tt.name, got, tt.status, tt.contains)
		}
	}
	for _, payload := range []string{"", "\x00", `{"requestContext":{}}`, `{"requestContext":{"http":{"method":"POST"}},"body":"{","isBase64Encoded":true}`} {
		if out := e.invoke(t, []byte(payload)); !strings.Contains(string(out), "about:blank") {
			t.Errorf("payload %q: got %s, want a problem document", payload, out)
		}
	}
}

// checkLog reads the log: JSON lines only, the first about the cold start, and no value of a feature.
func checkLog(t *testing.T, log string) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSuffix(log, "\n"), "\n") {
		var attrs map[string]any
		if err := json.Unmarshal([]byte(line), &attrs); err != nil {
			t.Errorf("line %d of the log is not JSON: %q", i, line)
			continue
		}
		if i > 0 {
			continue
		}
		sum, _ := attrs["sha256"].(string)
		if attrs["message"] != "cold start" || attrs["model"] != "demo" || attrs["modelVersion"] != "v1.0" || len(sum) != 64 || attrs["durationMs"] == nil {
			t.Errorf("the first line of the log is %s", line)
		}
	}
	if strings.Contains(log, "feature_") {
		t.Errorf("the log names features:\n%s", log)
	}
}

// checkMetrics reads standard output: one line an invocation, and no name of a feature.
func checkMetrics(t *testing.T, e *environment) {
	t.Helper()
	var out string
	for start := time.Now(); strings.Count(out, "\n") < e.invocations && time.Since(start) < patience; out = e.process.Stdout() {
		time.Sleep(time.Millisecond) // an answer may overtake the line that was written before it
	}
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != e.invocations {
		t.Fatalf("%d lines for %d invocations", len(lines), e.invocations)
	}
	for i, line := range lines {
		var got struct {
			AWS                                    json.RawMessage `json:"_aws"`
			Function, ModelVersion                 string
			Status                                 int
			Rows, Latency                          float64
			ColdStarts, ClientErrors, ServerErrors float64
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("line %d is not JSON: %q", i, line)
		}
		if got.AWS == nil || got.Function != "test" || got.ModelVersion != "v1.0" || got.Latency <= 0 || got.ServerErrors != 0 ||
			(got.ColdStarts == 1) != (i == 0) || (got.ClientErrors == 1) != (got.Status >= 400) || got.Status == 200 && strings.Contains(line, "/predict") && got.Rows == 0 {
			t.Errorf("line %d is %s", i, line)
		}
	}
	if strings.Contains(out, "feature_") {
		t.Errorf("the metrics name features:\n%s", out)
	}
}

// copyShipped copies the shipped model to a folder that a test may break.
func copyShipped(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "model")
	if err := os.CopyFS(dir, os.DirFS(shipped)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// edit changes one file of a copy of the shipped model.
func edit(name string, change func([]byte) []byte) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		path := filepath.Join(copyShipped(t), name)
		data, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, change(data), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Dir(path)
	}
}

// INIT fails with the file and the reason, on standard error and through the Runtime API.
func TestInitErrors(t *testing.T) {
	t.Parallel()
	flip := func(data []byte) []byte { data[len(data)-80] ^= 1; return data }
	half := func(data []byte) []byte { return data[:len(data)/2] }
	otherLabels := func(data []byte) []byte { return bytes.ReplaceAll(data, []byte(`"label":0`), []byte(`"label":1`)) }
	tests := []struct {
		name  string
		model func(*testing.T) string
		env   []string
		want  []string
	}{
		{"no model", func(t *testing.T) string { return filepath.Join(t.TempDir(), "nothing") }, nil, []string{"nothing", "is not an artifact folder"}},
		{"bit flipped in the plan", edit(model.PlanFile, flip), nil, []string{model.PlanFile, "tensor"}},
		{"another answer in the golden rows", edit(model.GoldenFile, otherLabels), nil, []string{model.GoldenFile, "label"}},
		{"plan cut off", edit(model.PlanFile, half), nil, []string{model.PlanFile, "bytes"}},
		{"manifest cut off", edit(model.ManifestFile, half), nil, []string{model.ManifestFile, "unexpected end"}},
		{"manifest of a later schema", edit(model.ManifestFile, func(data []byte) []byte {
			return []byte(strings.Replace(string(data), `"schema_version": 1`, `"schema_version": 2`, 1))
		}), nil, []string{model.ManifestFile, "schema_version is 2"}},
		{"uncertified", func(t *testing.T) string { return modeltest.Write(t, modeltest.Regression(t)) }, nil, []string{"not certified", "golden rows"}},
		{"log level", copyShipped, []string{"LOG_LEVEL=loud"}, []string{"LOG_LEVEL", "loud"}},
		{"origins", copyShipped, []string{"CORS_ALLOW_ORIGINS=example.com"}, []string{"CORS_ALLOW_ORIGINS", "example.com"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := launch(t, commandFor(t, runtime.GOARCH), append(tt.env, "MODEL_PATH="+tt.model(t))...)
			checkInitError(t, e, tt.want)
		})
	}
}

func checkInitError(t *testing.T, e *environment, want []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := e.process.Wait(ctx); err == nil {
		t.Fatal("the process ended well")
	}
	var line struct{ Level, Message, Error string }
	log := e.process.Stderr()
	if err := json.Unmarshal([]byte(log), &line); err != nil || line.Level != "ERROR" || line.Message != "cold start failed" {
		t.Errorf("standard error is not the one line: %v\n%s", err, log)
	}
	select {
	case got := <-e.api.InitError():
		if diff := cmp.Diff(&runtimetest.FunctionError{Type: "Runtime.ModelError", Message: line.Error}, got); diff != "" {
			t.Errorf("the Runtime API was told (-log +got):\n%s", diff)
		}
	default:
		t.Error("the Runtime API was not told")
	}
	for _, part := range want {
		if !strings.Contains(line.Error, part) {
			t.Errorf("the reason is %q, want %q in it", line.Error, part)
		}
	}
}

// Without MODEL_PATH the model is at /opt/model. The bootstrap runs in a root of its own that holds nothing else: it needs nothing else.
func TestDefaultModelPath(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	data, err := os.ReadFile(binaries[runtime.GOARCH])
	if err == nil {
		err = os.WriteFile(filepath.Join(root, "bootstrap"), data, 0o755)
	}
	if err == nil {
		err = os.CopyFS(filepath.Join(root, "opt/model"), os.DirFS(shipped))
	}
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("/bootstrap")
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	if os.Geteuid() != 0 {
		command.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		command.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
	}
	e, err := run(t, command)
	if errors.Is(err, syscall.EPERM) && os.Getenv("REQUIRE_ALL") != "1" {
		t.Skip("NOT RUN: /opt/model by default; run as root, or allow user namespaces")
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := string(e.invoke(t, []byte(demoRow))); got != demoAnswer {
		t.Errorf("got %s, want %s", got, demoAnswer)
	}
}

// LOG_LEVEL=error leaves nothing to say about a cold start and good requests; metrics are not a matter of the level.
func TestLogLevel(t *testing.T) {
	t.Parallel()
	e := launch(t, commandFor(t, runtime.GOARCH), "MODEL_PATH="+shipped, "LOG_LEVEL=error")
	e.invoke(t, []byte(demoRow))
	if log := e.process.Stderr(); log != "" {
		t.Errorf("got %q, want nothing", log)
	}
	checkMetrics(t, e)
}
