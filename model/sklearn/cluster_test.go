package sklearn

import "testing"

func TestClusterParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_cluster.py")
}
