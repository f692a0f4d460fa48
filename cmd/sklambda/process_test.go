package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// asMain makes the test binary run main, so that tests see a real process with its signals and its status.
const asMain = "SKLAMBDA_TEST_AS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
	}
	os.Exit(m.Run())
}

func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), asMain+"=1")
	return cmd
}

func TestProcessStatus(t *testing.T) {
	t.Parallel()
	refused := filepath.Join(t.TempDir(), "pipeline.joblib")
	writeText(t, refused, pipelineOf("sklearn.cluster._kmeans KMeans"))
	tests := []struct {
		args []string
		want int
	}{
		{[]string{"version"}, exitOK},
		{[]string{"predict"}, exitFailed},
		{[]string{"build", refused, "--out", filepath.Join(t.TempDir(), "artifact")}, exitRefused},
	}
	for _, tt := range tests {
		out, err := process(t, tt.args...).CombinedOutput()
		status := exitOK
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			status = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if status != tt.want {
			t.Errorf("sklambda %v: status %d, want %d: %s", tt.args, status, tt.want, out)
		}
	}
}

// TestProcessSignals: either signal ends serve cleanly.
func TestProcessSignals(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		cmd := process(t, "serve", "--model", shipped["demo"], "--addr", "127.0.0.1:0")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() && !strings.HasPrefix(lines.Text(), "curl ") {
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", signal, err)
		}
	}
}
