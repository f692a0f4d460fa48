// Package pythontest runs Python for the tests that compare with it.
package pythontest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// sums is an environment in which numpy and OpenBLAS compute alike on every processor with AVX2, so that a row whose answer hangs on the last bit of a sum
// (a tie, a distance of 0), or on which of equal values numpy selects, has the same one everywhere. Small fits take one thread: more only wait for each other.
var sums = []string{"OPENBLAS_CORETYPE=Haswell", "NPY_DISABLE_CPU_FEATURES=X86_V4 AVX512_ICL AVX512_SPR X86_V3", "OMP_NUM_THREADS=1"}

// Run runs a script of model/python/tests for a test of a folder in model, and fails with what it printed. The interpreter is
// $SKLAMBDA_PYTHON, else that of .venv at the root of the checkout; without one the test is skipped, or fails under REQUIRE_ALL.
func Run(t *testing.T, script string, args ...string) {
	t.Helper()
	python := os.Getenv("SKLAMBDA_PYTHON")
	if python == "" {
		python = filepath.Join("..", "..", ".venv", "bin", "python")
	}
	if _, err := os.Stat(python); err != nil {
		const help = "no Python with scikit-learn: make test makes .venv, or set SKLAMBDA_PYTHON"
		if os.Getenv("REQUIRE_ALL") != "" {
			t.Fatalf("%s: %v", help, err)
		}
		t.Skipf("%s: %v", help, err)
	}
	command := exec.CommandContext(t.Context(), python, append([]string{filepath.Join("..", "python", "tests", script)}, args...)...)
	command.Env = append(os.Environ(), sums...)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}
