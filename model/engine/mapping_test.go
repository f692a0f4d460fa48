package engine

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	p, in := fullPlan(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.safetensors")
	if err := os.WriteFile(path, encode(t, p), 0o600); err != nil {
		t.Fatal(err)
	}
	q, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if answers(q, in) != answers(p, in) {
		t.Error("answers differ")
	}
	for range 2 {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a closed plan runs")
		}
	}()
	q.Run(in, &Result{})
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe, empty, bad := filepath.Join(dir, "pipe"), filepath.Join(dir, "empty"), filepath.Join(dir, "bad")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{empty: "", bad: "not a plan, but long enough to be one"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		dir: "want a regular file", pipe: "want a regular file", empty: "has 0 bytes", bad: "bad: plan: header of", filepath.Join(dir, "none"): "no such file",
	} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
}
