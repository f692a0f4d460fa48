package sklearn

import "testing"

func TestLinearModelParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_linear_model.py")
}
