package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"sklambda/function/runtimetest"
	"sklambda/model"
)

// patience bounds every wait for a process.
const patience = time.Minute

// shipped is the model that the repository ships.
const shipped = "../../model/artifact"

// version is the ARN of the new version, alias that of the alias.
const (
	version = "arn:aws:lambda:us-east-1:000000000000:function:demo:7"
	alias   = "arn:aws:lambda:us-east-1:000000000000:function:demo:live"
)

// credentials are those that Lambda gives the hook.
var credentials = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: "token"}

// Programs under test, built once.
var hookBinary, functionBinary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "deployhook")
	hookBinary, functionBinary = filepath.Join(dir, "hook"), filepath.Join(dir, "function")
	if err == nil {
		err = errors.Join(runtimetest.Build(".", runtime.GOARCH, hookBinary), runtimetest.Build("..", runtime.GOARCH, functionBinary))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// start runs a bootstrap behind a Runtime API of its own.
func start(t *testing.T, binary string, timeout time.Duration, env ...string) (*runtimetest.API, *runtimetest.Process) {
	t.Helper()
	api, err := runtimetest.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { api.Close() })
	api.Timeout = timeout
	command := exec.Command(binary)
	command.Env = env
	process, err := api.Start(command)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(process.Stop)
	return api, process
}

// cloud is the part of AWS that the hook calls: CodeDeploy, and Lambda with a real function behind it.
type cloud struct {
	*httptest.Server
	mu       sync.Mutex
	reported []map[string]string
	invoked  int
	// invoke answers Lambda's Invoke with the payload of the function's answer, or writes the response itself and returns nil.
	invoke func(w http.ResponseWriter, r *http.Request, event []byte) []byte
	// busy is how many calls of CodeDeploy are refused first.
	busy int
}

// newCloud serves invoke, which a test may put in the place of a function.
func newCloud(t *testing.T, invoke func(w http.ResponseWriter, r *http.Request, event []byte) []byte) *cloud {
	t.Helper()
	c := &cloud{invoke: invoke}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/demo/invocations", func(w http.ResponseWriter, r *http.Request) {
		event := signed(t, w, r, "lambda")
		if len(event) > 6<<20 {
			t.Errorf("an event of %d bytes", len(event))
		}
		c.mu.Lock()
		c.invoked++
		c.mu.Unlock()
		if answer := c.invoke(w, r, event); answer != nil {
			w.Write(answer)
		}
	})
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) {
		body := signed(t, w, r, "codedeploy")
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.busy--; c.busy >= 0 {
			http.Error(w, `{"__type":"ThrottlingException"}`, http.StatusTooManyRequests)
			return
		}
		report := map[string]string{"target": r.Header.Get("X-Amz-Target"), "type": r.Header.Get("Content-Type")}
		if err := json.Unmarshal(body, &report); err != nil {
			t.Error(err)
		}
		c.reported = append(c.reported, report)
		io.WriteString(w, `{"lifecycleEventHookExecutionId":"execution"}`)
	})
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	return c
}

// signed reads the body of a request, whose signature has to be that of the credentials over what arrived.
func signed(t *testing.T, w http.ResponseWriter, r *http.Request, service string) []byte {
	t.Helper()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20))
	if err != nil {
		t.Error(err)
	}
	got := r.Header.Get("Authorization")
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || time.Since(at).Abs() > time.Minute {
		t.Errorf("signed at %q: %v", r.Header.Get("X-Amz-Date"), err)
	}
	again := &http.Request{Method: r.Method, URL: r.URL, Host: r.Host, Header: http.Header{}, ContentLength: r.ContentLength}
	again.URL.Host, again.URL.Scheme = r.Host, "http"
	_, names, _ := strings.Cut(got, "SignedHeaders=")
	names, _, _ = strings.Cut(names, ",")
	for name := range strings.SplitSeq(names, ";") {
		if value := r.Header.Get(name); value != "" && name != "x-amz-date" && name != "x-amz-security-token" {
			again.Header.Set(name, value)
		}
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, again, hex.EncodeToString(hash[:]), service, "us-east-1", at); err != nil {
		t.Error(err)
	}
	if want := again.Header.Get("Authorization"); got != want {
		t.Errorf("%s %s is signed\n%s, want\n%s", r.Method, r.URL, got, want)
	}
	return body
}

// function is a real function process with the model in dir. It answers as Lambda's Invoke does, an error of the function included; the qualifier has to be the given one.
func function(t *testing.T, dir, qualifier string) func(http.ResponseWriter, *http.Request, []byte) []byte {
	t.Helper()
	api, _ := start(t, functionBinary, patience, "MODEL_PATH="+dir)
	var one sync.Mutex // an environment has one invocation at a time
	return func(w http.ResponseWriter, r *http.Request, event []byte) []byte {
		if got := r.URL.Query().Get("Qualifier"); got != qualifier {
			t.Errorf("invoked the qualifier %q, want %q", got, qualifier)
		}
		one.Lock()
		defer one.Unlock()
		answer := make(chan []byte, 1)
		go func() {
			out, err := api.Invoke(r.Context(), event)
			if err != nil {
				out = failure(w, err)
			}
			answer <- out
		}()
		select {
		case out := <-answer:
			return out
		case initError := <-api.InitError():
			return failure(w, initError)
		}
	}
}

// failure is the answer of Invoke if the function failed.
func failure(w http.ResponseWriter, err error) []byte {
	w.Header().Set("X-Amz-Function-Error", "Unhandled")
	out, _ := json.Marshal(map[string]string{"errorMessage": err.Error()})
	return out
}

// outcome is what a run of the hook left.
type outcome struct {
	status  string // as CodeDeploy was told
	log     string
	metrics []float64 // GoldenMismatches of function demo
	took    time.Duration
}

// runHook starts the hook and hands it CodeDeploy's event.
func runHook(t *testing.T, c *cloud, timeout time.Duration, env ...string) outcome {
	t.Helper()
	base := []string{"AWS_ENDPOINT_URL=" + c.URL, "AWS_ACCESS_KEY_ID=" + credentials.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + credentials.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + credentials.SessionToken, "MODEL_PATH=" + shipped}
	api, process := start(t, hookBinary, timeout, append(base, env...)...)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	begin := time.Now()
	if _, err := api.Invoke(ctx, []byte(`{"DeploymentId":"d-1","LifecycleEventHookExecutionId":"execution","Other":1}`)); err != nil {
		t.Fatalf("%v\n%s", err, process.Stderr())
	}
	got := outcome{took: time.Since(begin)}
	process.Stop() // and so has been read to the end
	got.log = process.Stderr()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.reported) != 1 {
		t.Fatalf("reported %v, want one report", c.reported)
	}
	report := c.reported[0]
	if report["target"] != "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus" || report["type"] != "application/x-amz-json-1.1" ||
		report["deploymentId"] != "d-1" || report["lifecycleEventHookExecutionId"] != "execution" {
		t.Errorf("reported %v", report)
	}
	got.status = report["status"]
	for line := range strings.Lines(process.Stdout()) {
		var metric struct {
			Function         string
			GoldenMismatches *float64
		}
		if err := json.Unmarshal([]byte(line), &metric); err != nil || metric.Function != "demo" || metric.GoldenMismatches == nil {
			t.Errorf("%v: the line is %s", err, line)
			continue
		}
		got.metrics = append(got.metrics, *metric.GoldenMismatches)
	}
	return got
}

// want compares the outcome.
func (o outcome) want(t *testing.T, status, log string, metrics ...float64) {
	t.Helper()
	if o.status != status || !strings.Contains(o.log, log) || fmt.Sprint(o.metrics) != fmt.Sprint(metrics) {
		t.Errorf("reported %s with the metrics %v, want %s with %v and %q in the log:\n%s", o.status, o.metrics, status, metrics, log, o.log)
	}
}

// reseal copies the shipped model and changes its golden rows, the last ones but for the self-test's, under right hashes. Both the function and the hook
// open it: only a replay of all rows tells.
func reseal(t *testing.T, change func(lines [][]byte)) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "model")
	if err := os.CopyFS(dir, os.DirFS(shipped)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, model.GoldenFile)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(before, []byte("\n"))
	change(lines)
	after := bytes.Join(lines, nil)
	if bytes.Equal(before, after) {
		t.Fatal("nothing changed")
	}
	manifest, err := model.ReadManifest(filepath.Join(dir, model.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256(after)
	manifest.Files[model.GoldenFile] = model.File{SHA256: hex.EncodeToString(hash[:]), Size: int64(len(after))}
	data, err := manifest.Encode()
	if err == nil {
		err = errors.Join(os.WriteFile(path, after, 0o644), os.WriteFile(filepath.Join(dir, model.ManifestFile), data, 0o644))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
