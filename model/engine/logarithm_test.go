package engine

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNoPlainLog holds that kernels take logarithms by logarithm, not by math.Log, which is wrong for subnormal numbers on amd64.
func TestNoPlainLog(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	constants := []string{"math.Log(2)", "math.Log(2*math.Pi)"}
	call := regexp.MustCompile(`math\.Log\([^)]*\)`)
	found := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range call.FindAllString(string(source), -1) {
			found++
			if file != "functions.go" && !strings.HasSuffix(file, "_test.go") && !slices.Contains(constants, c) {
				t.Errorf("%s: got %s, want logarithm", file, c)
			}
		}
	}
	if found == 0 {
		t.Error("found no math.Log at all: the test looks for the wrong thing")
	}
}
