package sklearn

import "testing"

func TestGaussianProcessParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_gaussian_process.py")
}
