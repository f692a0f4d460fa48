package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	account = "000000000000"
	region  = "us-east-1"

	startTimeout = time.Minute
)

// emulator is a running AWS emulator.
type emulator struct {
	url     string
	command *exec.Cmd
	log     *transcript
}

// transcript is what a running process has printed so far.
type transcript struct {
	mu      sync.Mutex
	printed bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.printed.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.printed.String()
}

// startEmulator starts the emulator on a free port of this machine alone, and ends it with the test. With a folder opt it is
// ministack as it is, whose functions see that folder at /opt; else the wrapper puts their layers there.
func startEmulator(t *testing.T, opt string, env ...string) *emulator {
	t.Helper()
	port := freePort(t)
	data := filepath.Join(runDir, "emulator-"+strconv.Itoa(port))
	if err := os.MkdirAll(filepath.Join(data, "home"), 0o755); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(root, madeDir, "venv", "bin")
	args := []string{filepath.Join(bin, "python"), "-m", "emulator"}
	if opt != "" {
		args = append([]string{"unshare"}, unshareFlags...)
		args = append(args, "sh", "-c", `mount --bind "$0" /opt && exec "$1"`, opt, filepath.Join(bin, "ministack"))
	}
	e := &emulator{url: fmt.Sprintf("http://127.0.0.1:%d", port), log: new(transcript)}
	e.command = exec.CommandContext(run, args[0], args[1:]...)
	e.command.Dir = filepath.Join(root, "e2e")
	e.command.Stdout, e.command.Stderr = e.log, e.log
	e.command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(data, "home"), "TMPDIR=" + data, "PYTHONDONTWRITEBYTECODE=1",
		"BIND_HOST=127.0.0.1", "GATEWAY_PORT=" + strconv.Itoa(port), "MINISTACK_HOST=localhost",
		"MINISTACK_ACCOUNT_ID=" + account, "MINISTACK_REGION=" + region, "S3_DATA_DIR=" + filepath.Join(data, "s3"),
		"IOT_MTLS_ENABLED=0", "SFTP_ENABLED=0", // no listener but the one port
		"DOCKER_HOST=unix://" + filepath.Join(data, "no-docker"), // it would remove containers of another emulator
		"AWS_ENDPOINT_URL=" + e.url, "EMULATOR_UNSHARE=" + strings.Join(unshareFlags, " "),
	}, env...)
	if err := start(e.command); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- e.command.Wait() }()
	t.Cleanup(func() {
		if err := endGroup(e.command.Process.Pid); err != nil {
			t.Error(err)
		}
		<-ended
		if t.Failed() {
			file := filepath.Join(root, madeDir, t.Name()+".log") // few lines here, or they would push the failure itself out of sight
			if err := os.WriteFile(file, []byte(e.log.String()), 0o644); err != nil {
				t.Error(err)
			}
			t.Logf("what the emulator printed is in %s; its end:\n%s", file, lastLines(e.log.String(), 5))
		}
	})
	e.awaitHealth(t, ended)
	for line := range strings.Lines(e.log.String()) {
		if strings.HasPrefix(line, "changed in") {
			progress(t, "%s", strings.TrimSpace(line))
		}
	}
	return e
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func (e *emulator) awaitHealth(t *testing.T, ended chan error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(run, startTimeout)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url+"/_ministack/health", nil)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the emulator ended: %v\n%s", err, e.log)
		case <-ctx.Done():
			t.Fatalf("the emulator is not ready after %s", startTimeout)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
