package sklearn

import "testing"

func TestSVMParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_svm.py")
}
