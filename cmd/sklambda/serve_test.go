package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// startServe runs serve on a free port until the test ends, and returns what it greets with.
func startServe(t *testing.T, args ...string) (greeting string, stop func() (status int, log string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, greet := io.Pipe()
	var log bytes.Buffer // read once run has returned
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), stdio{out: greet, err: &log})
		greet.Close()
	}()
	stop = func() (int, string) {
		cancel()
		select {
		case status := <-done:
			return status, log.String()
		case <-time.After(10 * time.Second):
			t.Fatal("serve does not end")
			return 0, ""
		}
	}
	t.Cleanup(cancel)
	buffer := make([]byte, 4096)
	for !strings.Contains(greeting, "curl") || !strings.HasSuffix(greeting, "\n\n") {
		n, err := out.Read(buffer)
		greeting += string(buffer[:n])
		if err != nil {
			t.Fatalf("serve ended: %q, %s", greeting, log.String())
		}
	}
	return greeting, stop
}

// TestServe: the request that serve prints gets an answer, the signal a clean end.
func TestServe(t *testing.T) {
	t.Parallel()
	greeting, stop := startServe(t, "--model", certified(t), "--cors", "https://app.example.com")
	if !strings.HasPrefix(greeting, "churn v2 (binary_classification, certified) on http://127.0.0.1:") {
		t.Errorf("greeting is %q", greeting)
	}
	curl := regexp.MustCompile(`(?m)^curl -s (\S+) -H '(Content-Type): (\S+)' -d '(.*)'$`).FindStringSubmatch(greeting)
	if curl == nil {
		t.Fatalf("no curl line in %q", greeting)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, curl[1], strings.NewReader(curl[4]))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(curl[2], curl[3])
	request.Header.Set("Origin", "https://app.example.com")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Prediction map[string]json.RawMessage }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || string(answer.Prediction["probability"]) != "0.5625" || string(answer.Prediction["model_version"]) != `"v2"` {
		t.Errorf("%s: status %d, %s", curl[0], response.StatusCode, answer.Prediction)
	}
	if got := response.Header.Get("Access-Control-Allow-Origin"); got != "https://app.example.com" {
		t.Errorf("allowed origin is %q", got)
	}
	status, log := stop()
	if status != exitOK || !regexp.MustCompile(`msg=request method=POST route=/predict status=200 `).MatchString(log) {
		t.Errorf("status %d, log %q", status, log)
	}
}

func TestServeUncertified(t *testing.T) {
	t.Parallel()
	greeting, stop := startServe(t, "--model", churn(t, "v1", nil))
	if !strings.HasPrefix(greeting, "churn v1 (binary_classification, not certified) on ") {
		t.Errorf("greeting is %q", greeting)
	}
	if status, log := stop(); status != exitOK || !strings.Contains(log, "warning: not certified: ") {
		t.Errorf("status %d, stderr %q", status, log)
	}
}

func TestServeRefused(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { busy.Close() })
	dir := certified(t)
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"busy port", []string{"--addr", busy.Addr().String()}, "another program listens there"},
		{"no port", []string{"--addr", "127.0.0.1"}, "missing port"},
		{"origin", []string{"--cors", "example.com"}, `"example.com"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			runText(t, "", append([]string{"serve", "--model", dir}, tt.args...)...).wantFailure(t, exitFailed, tt.want)
		})
	}
}

// TestServeEnvironment changes the process's environment, so it is not parallel.
func TestServeEnvironment(t *testing.T) {
	t.Setenv(corsVariable, "nowhere")
	dir := certified(t)
	runText(t, "", "serve", "--model", dir).wantFailure(t, exitFailed, `"nowhere"`)
	t.Setenv(corsVariable, "")
	t.Setenv(levelVariable, "loud")
	runText(t, "", "serve", "--model", dir).wantFailure(t, exitFailed, levelVariable, "debug, info, warn or error")
	t.Setenv(levelVariable, "error")
	_, stop := startServe(t, "--model", dir)
	if status, log := stop(); status != exitOK || log != "" {
		t.Errorf("status %d, log %q", status, log)
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		addr net.Addr
		want string
	}{
		{&net.TCPAddr{IP: net.IPv6zero, Port: 80}, "127.0.0.1:80"},
		{&net.TCPAddr{IP: net.IPv4zero, Port: 80}, "127.0.0.1:80"},
		{&net.TCPAddr{IP: net.IPv6loopback, Port: 80}, "[::1]:80"},
		{&net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 80}, "10.0.0.7:80"},
	} {
		if got := reachable(tt.addr); got != tt.want {
			t.Errorf("reachable(%v) is %s, want %s", tt.addr, got, tt.want)
		}
	}
}

func TestShellQuoted(t *testing.T) {
	t.Parallel()
	if got, want := shellQuoted(`{"it's": 'x'}`), `{"it'\''s": '\''x'\''}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
