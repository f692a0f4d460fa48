package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	// timeLimit bounds the whole run: it ends before `go test -timeout` would, which cleans nothing up.
	timeLimit = 8 * time.Minute
	// madeDir is where the make target puts what the tests need, and runs put what they leave for a moment.
	madeDir = ".tmp/e2e"
)

// Set once by TestMain.
var (
	root   string          // of the repository
	runDir string          // of this run, removed at its end
	run    context.Context // ends with the time limit or an interrupt
	begin  = time.Now()
)

func TestMain(m *testing.M) {
	if os.Getenv("E2E") == "" {
		fmt.Println("e2e: not asked for; make e2e runs these tests")
		return
	}
	code, err := testMain(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func testMain(m *testing.M) (code int, err error) {
	if root, err = filepath.Abs(".."); err != nil {
		return 0, err
	}
	removeAbandoned(filepath.Join(root, madeDir))
	runDir = filepath.Join(root, madeDir, fmt.Sprintf("run-%d", os.Getpid()))
	if err := os.MkdirAll(runDir, 0o755); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(runDir)) }()

	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	var cancel context.CancelFunc
	run, cancel = context.WithTimeoutCause(interrupted, timeLimit, fmt.Errorf("the run took longer than %s", timeLimit))
	defer cancel()

	go launch()
	if missing := checkNamespaces(run); missing != "" {
		return 0, notRun(missing)
	}
	code = m.Run()
	if cause := context.Cause(run); cause != nil {
		return 1, cause
	}
	return code, nil
}

// notRun says that a tool is missing, which fails only where everything is required. `make test` repeats the line at its end.
func notRun(missing string) error {
	line := "end-to-end tests (" + missing + ")"
	if os.Getenv("REQUIRE_ALL") != "" {
		return errors.New(line)
	}
	fmt.Println("NOT RUN:", line)
	file, err := os.OpenFile(filepath.Join(root, ".tmp", "not-run"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, line)
	return errors.Join(err, file.Close())
}

// removeAbandoned removes the folders of runs that were killed.
func removeAbandoned(dir string) {
	folders, _ := filepath.Glob(filepath.Join(dir, "run-*"))
	for _, folder := range folders {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(folder), "run-"))
		if err != nil || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			os.RemoveAll(folder)
		}
	}
}

// progress tells what is going on, with the time since the start.
func progress(t *testing.T, format string, args ...any) {
	t.Helper()
	fmt.Printf("%5.1fs %s: %s\n", time.Since(begin).Seconds(), t.Name(), fmt.Sprintf(format, args...))
}
