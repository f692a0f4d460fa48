package sklearn

import "testing"

func TestComposeParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_compose.py")
}
