package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sklambda/function/api"
	"sklambda/function/runtimetest"
	"sklambda/function/web/nethttp"
	"sklambda/model"
)

// maxSize is the largest hook that is acceptable, in bytes: that of the function.
const maxSize = 8_000_000

// hookTime is a timeout that no hook of these tests needs in full.
const hookTime = 40 * time.Second

// wrongRows are lines of golden.jsonl that are not among the self-test's.
var wrongRows = []int{10, 20, 30}

// wrongLabels has another label in three rows.
func wrongLabels(lines [][]byte) {
	for _, i := range wrongRows {
		if bytes.Contains(lines[i], []byte(`"label":1`)) {
			lines[i] = bytes.Replace(lines[i], []byte(`"label":1`), []byte(`"label":0`), 1)
		} else {
			lines[i] = bytes.Replace(lines[i], []byte(`"label":0`), []byte(`"label":1`), 1)
		}
	}
}

// wrongDecision is another decision in one row: a field that /predict does not return.
func wrongDecision(lines [][]byte) {
	lines[10] = regexp.MustCompile(`"decision":[^}]*`).ReplaceAll(lines[10], []byte(`"decision":0.125`))
}

func pre(env ...string) []string { return append(env, "HOOK=pre", "TARGET_FUNCTION="+version) }

func TestPreGood(t *testing.T) {
	t.Parallel()
	c := newCloud(t, function(t, shipped, "7"))
	c.busy = 2 // CodeDeploy is busy at first
	runHook(t, c, hookTime, pre()...).want(t, "Succeeded", `"failed":0`, 0)
	m, err := model.ReadManifest(filepath.Join(shipped, model.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	if c.invoked > m.Golden.Rows/5 {
		t.Errorf("%d invocations for %d rows", c.invoked, m.Golden.Rows)
	}
}

// A model that answers a golden row wrongly takes no traffic.
func TestPreBad(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func([][]byte)
		failed float64
		log    string
	}{
		{"labels", wrongLabels, 3, "3 of "},
		{"a field that /predict does not have", wrongDecision, 1, "decision is"},
		{"an answer where scikit-learn raises", func(lines [][]byte) {
			lines[10] = regexp.MustCompile(`"expected":.*`).ReplaceAll(lines[10], []byte(`"expected":{"error":{}}}`))
		}, 1, "scikit-learn raises"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := reseal(t, tt.change)
			c := newCloud(t, function(t, dir, "7"))
			runHook(t, c, hookTime, pre("MODEL_PATH="+dir)...).want(t, "Failed", tt.log, tt.failed)
		})
	}
}

// What is not the model's answer is a failure, too, and is reported in time.
func TestPreFailures(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.CopyFS(broken, os.DirFS(shipped)); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(broken, model.PlanFile), 100); err != nil {
		t.Fatal(err)
	}
	answer := func(status int, body string) func(http.ResponseWriter, *http.Request, []byte) []byte {
		return func(w http.ResponseWriter, _ *http.Request, _ []byte) []byte {
			w.WriteHeader(status)
			io.WriteString(w, body)
			return nil
		}
	}
	hang := func(_ http.ResponseWriter, r *http.Request, _ []byte) []byte {
		<-r.Context().Done()
		return nil
	}
	const seconds = 2 * time.Second
	tests := []struct {
		name    string
		invoke  func(http.ResponseWriter, *http.Request, []byte) []byte
		timeout time.Duration
		env     []string
		log     string
	}{
		{"another model", function(t, reseal(t, wrongLabels), "7"), hookTime, pre(), "serves the model whose manifest.json has the sha256"},
		{"INIT fails", function(t, broken, "7"), hookTime, pre(), "the function demo:7 failed (Unhandled)"},
		{"throttled for ever", answer(429, `{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"}`), seconds, pre(), "did not answer all golden rows before the hook's timeout"},
		{"hangs", hang, seconds, pre(), "did not answer all golden rows before the hook's timeout"},
		{"not allowed", answer(403, `{"Message":"not authorized to perform: lambda:InvokeFunction"}`), hookTime, pre(), "not authorized"},
		{"no such function", answer(404, `{"Message":"Function not found"}`), hookTime, pre(), "Function not found"},
		{"another program", answer(200, `"hello"`), hookTime, pre(), "gave no HTTP response"},
		{"broken layer", answer(200, ""), hookTime, pre("MODEL_PATH=" + broken), "plan.safetensors"},
		{"no layer", answer(200, ""), hookTime, pre("MODEL_PATH=" + filepath.Join(broken, "nothing")), "not an artifact folder"},
		{"no target", answer(200, ""), hookTime, []string{"HOOK=pre"}, "TARGET_FUNCTION is"},
		{"no hook", answer(200, ""), hookTime, []string{"TARGET_FUNCTION=" + version}, `HOOK is \"\": allowed are pre and post`},
		{"auth", answer(200, ""), hookTime, []string{"HOOK=post", "TARGET_URL=https://example.com", "TARGET_AUTH=basic", "TARGET_FUNCTION=" + alias}, "TARGET_AUTH is"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := runHook(t, newCloud(t, tt.invoke), tt.timeout, tt.env...)
			got.want(t, "Failed", tt.log)
			if got.took >= tt.timeout {
				t.Errorf("took %v, longer than Lambda gives it", got.took)
			}
		})
	}
}

// Throttling that ends, and a version that is not ready yet, are waited for.
func TestPreBusyAtFirst(t *testing.T) {
	t.Parallel()
	real := function(t, shipped, "7")
	var calls atomic.Int32
	c := newCloud(t, func(w http.ResponseWriter, r *http.Request, event []byte) []byte {
		switch n := calls.Add(1); {
		case n == 1:
			http.Error(w, `{"Message":"The function is currently in the following state: Pending"}`, http.StatusConflict)
		case n%5 == 2:
			http.Error(w, `{"Reason":"ConcurrentInvocationLimitExceeded"}`, http.StatusTooManyRequests)
		case n == 3:
			http.Error(w, `{"Type":"Service"}`, http.StatusInternalServerError)
		default:
			return real(w, r, event)
		}
		return nil
	})
	runHook(t, c, hookTime, pre()...).want(t, "Succeeded", `"failed":0`, 0)
}

// served is the API at /prod with the model in dir; every third request is throttled, and with IAM a signature is asked for.
func served(t *testing.T, dir, auth string) string {
	t.Helper()
	m, err := model.Open(dir, model.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	handler := http.StripPrefix("/prod", nethttp.Handler(api.New(m, api.Options{})))
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if auth == "iam" {
			r.Body = io.NopCloser(bytes.NewReader(signed(t, w, r, "execute-api")))
		} else if r.Header.Get("Authorization") != "" {
			t.Error("signed without need")
		}
		if requests.Add(1)%3 == 1 {
			http.Error(w, `{"message":"Too Many Requests"}`, http.StatusTooManyRequests)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		m.Close()
	})
	return server.URL + "/prod"
}

func TestPost(t *testing.T) {
	t.Parallel()
	bad := reseal(t, wrongLabels)
	tests := []struct {
		name, auth, dir, hookDir string
		status, log              string
		metrics                  []float64
	}{
		{"good", "none", shipped, shipped, "Succeeded", `"failed":0`, []float64{0}},
		{"good, signed", "iam", shipped, shipped, "Succeeded", `"failed":0`, []float64{0}},
		{"bad", "none", bad, bad, "Failed", "3 of ", []float64{3}},
		{"the old model still", "iam", shipped, bad, "Failed", "serves the model whose", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, func(http.ResponseWriter, *http.Request, []byte) []byte {
				t.Error("the function was invoked")
				return nil
			})
			got := runHook(t, c, hookTime, "HOOK=post", "TARGET_FUNCTION="+alias, "TARGET_AUTH="+tt.auth, "TARGET_URL="+served(t, tt.dir, tt.auth), "MODEL_PATH="+tt.hookDir)
			got.want(t, tt.status, tt.log, tt.metrics...)
		})
	}
}

// Without a token, and without an address, the alias is asked.
func TestPostThroughAlias(t *testing.T) {
	t.Parallel()
	for name, env := range map[string][]string{"jwt": {"TARGET_AUTH=jwt", "TARGET_URL=https://example.com"}, "no address": {"TARGET_AUTH=iam"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, function(t, shipped, "live"))
			runHook(t, c, hookTime, append(env, "HOOK=post", "TARGET_FUNCTION="+alias)...).want(t, "Succeeded", `"failed":0`, 0)
		})
	}
}

// An event that names no deployment, and a report that does not get through, are errors of the invocation; the process goes on.
func TestUnreported(t *testing.T) {
	t.Parallel()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"__type":"DeploymentDoesNotExistException","message":"no such deployment"}`, http.StatusBadRequest)
	}))
	t.Cleanup(refusing.Close)
	hook, process := start(t, hookBinary, hookTime, "AWS_ENDPOINT_URL_CODEDEPLOY="+refusing.URL, "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b")
	for payload, want := range map[string]string{`{}`: "not an event of CodeDeploy", `[`: "not an event", `{"DeploymentId":"d","LifecycleEventHookExecutionId":"e"}`: "no such deployment"} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		_, err := hook.Invoke(ctx, []byte(payload))
		cancel()
		if failed, ok := errors.AsType[*runtimetest.FunctionError](err); !ok || !strings.Contains(failed.Message, want) {
			t.Errorf("%s: got %v, want %q", payload, err, want)
		}
	}
	if !process.Running() {
		t.Errorf("the process has ended:\n%s", process.Stderr())
	}
}

// panicking breaks when the result is written.
type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("on purpose") }

// A panic is reported as a failure.
func TestPanic(t *testing.T) {
	c := newCloud(t, function(t, shipped, "7"))
	for key, value := range map[string]string{"AWS_ENDPOINT_URL": c.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY": credentials.SecretAccessKey, "AWS_SESSION_TOKEN": credentials.SessionToken, "HOOK": "pre", "TARGET_FUNCTION": version, "MODEL_PATH": shipped} {
		t.Setenv(key, value)
	}
	var log bytes.Buffer
	h := &hook{log: slog.New(slog.NewJSONHandler(&log, nil)), metrics: panicking{}}
	out, err := h.Invoke(t.Context(), []byte(`{"DeploymentId":"d","LifecycleEventHookExecutionId":"e"}`))
	var answer map[string]string
	if err != nil || json.Unmarshal(out, &answer) != nil || answer["status"] != "Failed" || len(c.reported) != 1 || c.reported[0]["status"] != "Failed" {
		t.Errorf("got %s and %v; reported %v", out, err, c.reported)
	}
	if !strings.Contains(log.String(), "on purpose") || !strings.Contains(log.String(), "goroutine") {
		t.Errorf("the log is %s", log.String())
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	info, err := os.Stat(hookBinary)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > maxSize {
		t.Errorf("the hook has %d bytes, at most %d are allowed", info.Size(), maxSize)
	}
}
