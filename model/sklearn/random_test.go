package sklearn

import "testing"

func TestRandomParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_random.py")
}
