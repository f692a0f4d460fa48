package sklearn

import "testing"

func TestNeighborsParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_neighbors.py")
}
