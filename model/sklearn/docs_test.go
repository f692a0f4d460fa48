package sklearn

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAddingAnEstimator holds that docs/adding-an-estimator.md quotes the code as it is.
func TestAddingAnEstimator(t *testing.T) {
	t.Parallel()
	const page = "../../docs/adding-an-estimator.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```(go|python)\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 3 {
		t.Fatalf("%s quotes %d pieces of code, want 3 or more", page, len(blocks))
	}
	sources := map[string]string{"go": "*.go", "python": "../python/tests/parity_*.py"}
	for _, block := range blocks {
		if !quoted(t, sources[block[1]], block[2]) {
			t.Errorf("%s quotes what is not in %s:\n%s", page, sources[block[1]], block[2])
		}
	}
}

// quoted reports whether a file of the pattern has the text.
func quoted(t *testing.T, pattern, text string) bool {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files: %v", pattern, len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), text) {
			return true
		}
	}
	return false
}
