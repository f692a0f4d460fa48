package sklearn

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSupportedDoc holds docs/supported.md against the registry.
func TestSupportedDoc(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/supported.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-zA-Z0-9_.]+)`").FindAllSubmatch(doc, -1) {
		listed = append(listed, string(m[1]))
	}
	slices.Sort(listed)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(registry())), listed); diff != "" {
		t.Errorf("docs/supported.md (-registry +listed):\n%s", diff)
	}
}
