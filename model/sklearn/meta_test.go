package sklearn

import "testing"

func TestMetaParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_meta.py")
}
