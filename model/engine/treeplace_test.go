package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPlace holds the order of nodes: three pairs beside the root, four in every other cache line, where most leaves are below; then what is below them.
func TestPlace(t *testing.T) {
	t.Parallel()
	// node 2i+2 is the right child of node 2i, and its left one a leaf but for node 5, below which is a complete tree of three levels
	tree := Tree{
		Left:  []int32{1, -1, 3, -1, 5, 15, 7, -1, 9, -1, 11, -1, 13, -1, -1, 17, 19, 21, 23, 25, 27, -1, -1, -1, -1, -1, -1, -1, -1},
		Right: []int32{2, -1, 4, -1, 6, 16, 8, -1, 10, -1, 12, -1, 14, -1, -1, 18, 20, 22, 24, 26, 28, -1, -1, -1, -1, -1, -1, -1, -1},
	}
	n := len(tree.Left)
	tree.Feature, tree.Threshold, tree.Values, tree.Width = make([]int32, n), make([]float64, n), make([]float64, n), 1
	p, err := new(placer).place(&tree)
	if err != nil {
		t.Fatal(err)
	}
	want := []int32{
		0, empty, 1, 2, 3, 4, 5, 6,
		15, 16, 17, 18, 19, 20, 21, 22, // below 5, which has most leaves
		7, 8, 9, 10, 11, 12, 13, 14, // below 6
		23, 24, 25, 26, 27, 28, // one pair each
	}
	if diff := cmp.Diff(want, p.nodes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestPlacesOfRandomTrees holds what place promises of any tree: each node has a place, its children stand side by side behind it, as the offset says. A line
// holds one cluster, or subtrees of fewer pairs than a cluster has.
func TestPlacesOfRandomTrees(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var places placer
	for leaves := 1; leaves < 400; leaves += 1 + leaves/8 {
		tree := randomTree(r, leaves, 3, 0)
		p, err := places.place(&tree)
		if err != nil {
			t.Fatal(err)
		}
		at := make(map[int32]int)
		for i, node := range p.nodes {
			if node != empty {
				at[node] = i
			}
		}
		if len(at) != len(tree.Left) || at[0] != 0 {
			t.Fatalf("%d leaves: %d of %d nodes have a place, the root %d", leaves, len(at), len(tree.Left), at[0])
		}
		heads, open := make(map[int]int), make(map[int]bool) // of a line: clusters that start in it; whether a whole cluster is below one of them
		for node, left := range tree.Left {
			i := at[int32(node)]
			if left == -1 {
				if p.offsets[i] != 0 {
					t.Errorf("%d leaves: the leaf %d has the offset %d", leaves, node, p.offsets[i])
				}
				continue
			}
			child := i + int(p.offsets[i])
			if child <= i || child%2 != 0 || at[left] != child || at[tree.Right[node]] != child+1 {
				t.Errorf("%d leaves: node %d at %d has children at %d and %d, and the offset %d", leaves, node, i, at[left], at[tree.Right[node]], p.offsets[i])
			}
			if i/clusterNodes != child/clusterNodes {
				heads[child/clusterNodes]++
				open[i/clusterNodes] = open[i/clusterNodes] || places.leaves[node] > clusterPairs
			}
		}
		for line, n := range heads {
			if n > 1 && open[line] {
				t.Errorf("%d leaves: line %d holds %d clusters, and a whole one is below them", leaves, line, n)
			}
		}
	}
}

// TestTreesStartAtLines has every tree start where a cache line does.
func TestTreesStartAtLines(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for _, compare := range []Compare{Float32LE, Float64LE} {
		var trees []Tree
		for leaves := 1; leaves < 20; leaves++ {
			trees = append(trees, randomTree(r, leaves, 3, 1))
			if compare == Float32LE {
				trees[leaves-1].Category = nil
			}
		}
		step, err := NewTrees(TreeSums{In: Span{N: 3}, Out: Span{Start: 3, N: 4}, Compare: compare}, trees, make([]CategorySet, 1))
		if err != nil {
			t.Fatal(err)
		}
		for i, root := range step.Roots[:len(trees)] {
			if root%clusterNodes != 0 {
				t.Errorf("%s: tree %d starts at node %d", compare, i, root)
			}
		}
	}
}
