package sklearn

import "testing"

func TestManifoldParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_manifold.py")
}
