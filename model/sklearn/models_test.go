package sklearn

import "testing"

func TestModelParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_models.py")
}
