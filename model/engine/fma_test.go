package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fused matches arm64's fused multiply-adds, which round once where amd64 rounds twice.
var fused = regexp.MustCompile(`\bF(N?M(ADD|SUB)|ML[AS])[DS]?\b`)

// disassemble builds a package of the module, or one file, for arm64 and returns its functions' listings by name.
func disassemble(t *testing.T, what string) map[string]string {
	t.Helper()
	object := filepath.Join(t.TempDir(), "package.a")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", object, what)
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", what, err, out)
	}
	out, err := exec.CommandContext(t.Context(), "go", "tool", "objdump", object).Output()
	if err != nil {
		t.Fatalf("go tool objdump: %v", err)
	}
	functions := make(map[string]string)
	for _, part := range strings.Split("\n"+string(out), "\nTEXT ")[1:] {
		name, listing, _ := strings.Cut(part, "\n")
		functions[strings.TrimSuffix(strings.Fields(name)[0], "(SB)")] = listing
	}
	return functions
}

// TestNoFusedMultiplyAdd reads the arm64 code of the package.
func TestNoFusedMultiplyAdd(t *testing.T) {
	t.Parallel()
	functions := disassemble(t, "sklambda/model/engine")
	kernels := 0
	for name, listing := range functions {
		if strings.Contains(name, ".run") {
			kernels++
		}
		if name == "sklambda/model/engine.fma" {
			continue // the one that is meant
		}
		if at := fused.FindString(listing); at != "" {
			t.Errorf("%s holds %s: write float64(x*y) + z", name, at)
		}
	}
	if kernels < len(allSteps) {
		t.Errorf("%d kernels among %d functions, want at least %d", kernels, len(functions), len(allSteps))
	}
}

// TestFusedMultiplyAddIsSeen makes sure that the search finds what it looks for.
func TestFusedMultiplyAddIsSeen(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "fused.go")
	if err := os.WriteFile(file, []byte("package fused\n\nfunc F(x, y, z float64) float64 { return x*y + z }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, listing := range disassemble(t, file) {
		if strings.HasSuffix(name, ".F") {
			if fused.FindString(listing) == "" {
				t.Errorf("no fused multiply-add in\n%s", listing)
			}
			return
		}
	}
	t.Error("the function is not in the listing")
}

// TestNoFusedMultiplyAddAround reads the arm64 code of the packages that prepare what the kernels compute with.
func TestNoFusedMultiplyAddAround(t *testing.T) {
	t.Parallel()
	for _, pkg := range []string{"sklambda/model", "sklambda/model/table", "sklambda/model/sklearn", "sklambda/function/api"} {
		functions := disassemble(t, pkg)
		if len(functions) == 0 {
			t.Errorf("no function of %s was read", pkg)
		}
		for name, listing := range functions {
			if at := fused.FindString(listing); at != "" {
				t.Errorf("%s: %s holds %s: write float64(x*y) + z", pkg, name, at)
			}
		}
	}
}
