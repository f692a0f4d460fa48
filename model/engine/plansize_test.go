package engine

import (
	"io"
	"math/rand/v2"
	"testing"
)

// TestPlanBytesPerNode holds a written plan to 8 bytes a node, 16 of one that compares in float64: the time of a row and of a start goes with them. One
// part in a hundred is for roots, metadata and the values of the leaves, of which these trees have few that differ.
func TestPlanBytesPerNode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		compare Compare
		bytes   int // a node
	}{{Float32LE, 8}, {Float64LE, 16}} {
		r := rand.New(rand.NewPCG(1, 2))
		trees, nodes := make([]Tree, 40), 0
		for i := range trees {
			trees[i] = randomTree(r, 1000, 20, 0)
			trees[i].Category = nil
			if tt.compare == Float32LE {
				trees[i].MissingLeft = nil
			}
			nodes += len(trees[i].Left)
		}
		n, err := treePlan(t, packLarge, 20, 4, tt.compare, nil, trees, nil).WriteTo(io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if most := float64(nodes*tt.bytes) * 1.01; float64(n) > most {
			t.Errorf("%s: the plan has %d bytes for %d nodes, at most %.0f are allowed", tt.compare, n, nodes, most)
		}
	}
}
