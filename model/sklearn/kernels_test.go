package sklearn

import "testing"

func TestKernelsParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_kernels.py")
}
