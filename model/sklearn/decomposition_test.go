package sklearn

import "testing"

func TestDecompositionParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_decomposition.py")
}
