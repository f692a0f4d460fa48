package engine

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestSmallTreesRefuse changes packed lists as a hostile file would: whatever passes must not be able to leave the lists at run time.
func TestSmallTreesRefuse(t *testing.T) {
	t.Parallel()
	tree := Tree{ // three leaves
		Left: []int32{1, -1, 3, -1, -1}, Right: []int32{2, -1, 4, -1, -1}, Feature: []int32{0, 0, 1, 0, 0}, Threshold: []float64{1, 0, 2, 0, 0},
		Values: []float64{0, 1, 0, 2, 3}, Width: 1,
	}
	cases := []struct {
		name   string
		change func(*SmallTrees)
		want   string
	}{
		{"good", func(*SmallTrees) {}, ""},
		{"compare", func(t *SmallTrees) { t.Compare = "lt" }, `compare is "lt"`},
		{"no firsts", func(t *SmallTrees) { t.Firsts = nil }, "firsts has 0 items"},
		{"too many trees", func(t *SmallTrees) { t.Firsts = make([]int32, maxBlock+2) }, "at most 256"},
		{"init", func(t *SmallTrees) { t.Init = make([]float64, 3) }, "init has 3 items"},
		{"column", func(t *SmallTrees) { t.Columns[1] = 1 }, "tree 1: columns 1 to 2"},
		{"first leaf", func(t *SmallTrees) { t.Firsts[0] = 1 }, "firsts does not go"},
		{"last leaf", func(t *SmallTrees) { t.Firsts[2] = 5 }, "firsts does not go"},
		{"no leaf", func(t *SmallTrees) { t.Firsts[1] = 0 }, "tree 0: 0 leaf values"},
		{"leaves backwards", func(t *SmallTrees) { t.Firsts[1] = -3 }, "tree 0: -3 leaf values"},
		{"half a leaf", func(t *SmallTrees) { t.Out.N, t.Widths[0] = 2, 2 }, "tree 0: 3 leaf values"},
		{"too many leaves", func(t *SmallTrees) { t.Leaves, t.Firsts[2] = make([]float64, 3+maxSmall+1), 3+maxSmall+1 }, "tree 1: 65 leaf values"},
		{"keys", func(t *SmallTrees) { t.Keys = t.Keys[1:] }, "have 3, 4, 4 and 1 items"},
		{"trees", func(t *SmallTrees) { t.Trees = t.Trees[1:] }, "have 4, 3, 4 and 1 items"},
		{"masks", func(t *SmallTrees) { t.Masks = t.Masks[1:] }, "have 4, 4, 3 and 1 items"},
		{"missing", func(t *SmallTrees) { t.Missing = nil }, "have 4, 4, 4 and 0 items"},
		{"starts", func(t *SmallTrees) { t.Starts = t.Starts[1:] }, "starts has 2 items, want 3"},
		{"first split", func(t *SmallTrees) { t.Starts[0] = 1 }, "starts does not go"},
		{"last split", func(t *SmallTrees) { t.Starts[2] = 3 }, "starts does not go"},
		{"no split", func(t *SmallTrees) { t.Starts[1] = 0 }, "feature 0 has the splits 0 to 0"},
		{"splits outside", func(t *SmallTrees) { t.Starts[1] = 5 }, "feature 0 has the splits 0 to 5"},
		{"splits backwards", func(t *SmallTrees) { t.Starts[1] = -1 }, "feature 0 has the splits 0 to -1"},
		{"feature outside", func(t *SmallTrees) { t.Features[1] = 2 }, "features[1] is 2"},
		{"negative feature", func(t *SmallTrees) { t.Features[0] = -1 }, "features[0] is -1"},
		{"feature twice", func(t *SmallTrees) { t.Features[1] = 0 }, "features[1] is 0"},
		{"keys descending", func(t *SmallTrees) { t.Keys[1]-- }, "split 1 has a smaller key"},
		{"key of no number", func(t *SmallTrees) { t.Keys[3] = missingHigh64 }, "split 3 has the key 0xffffffffffffffff"},
		{"tree", func(t *SmallTrees) { t.Trees[3] = 2 }, "split 3 belongs to tree 2 of 2"},
		{"no leaf left", func(t *SmallTrees) { t.Masks[2] = 0 }, "split 2 takes out leaf 2"},
		{"last leaf out", func(t *SmallTrees) { t.Masks[2] &^= 1 << 2 }, "split 2 takes out leaf 2"},
		{"another leaf out", func(t *SmallTrees) { t.Masks[2] &^= 1 << 1 }, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			trees, err := NewSmallTrees(TreeSums{In: Span{N: 2}, Out: Span{Start: 2, N: 1}, Compare: Float64LE}, []Tree{tree, tree})
			if err != nil {
				t.Fatal(err)
			}
			c.change(trees)
			if err := trees.checkParts(); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestPackTrees holds which form is chosen, and how many steps it takes.
func TestPackTrees(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name                          string
		trees, leaves, features, sets int
		want                          string // the kind of the steps
		steps                         int
	}{
		{"boosting", 200, 31, 30, 0, "small_trees", 1},
		{"more than a block", maxBlock + 1, 31, 30, 0, "small_trees", 2},
		{"stumps", 1, 2, 300, 0, "small_trees", 1},
		{"few trees", 4, 64, 30, 0, "trees", 1},
		{"few splits a feature", 64, 64, 300, 0, "trees", 1},
		{"large", 200, maxSmall + 1, 30, 0, "trees", 1},
		{"categories", 200, 31, 30, 3, "trees", 1},
		{"none", 0, 0, 30, 0, "trees", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 1))
			trees := make([]Tree, c.trees)
			for i := range trees {
				trees[i] = randomTree(r, c.leaves, c.features, c.sets)
			}
			sums := TreeSums{In: Span{N: int32(c.features)}, Out: Span{Start: int32(c.features), N: 4}, Compare: Float64LE}
			steps, err := PackTrees(sums, trees, randomSets(r, c.sets))
			if err != nil {
				t.Fatal(err)
			}
			if len(steps) != c.steps || steps[0].Kind() != c.want {
				t.Errorf("got %d steps of %s, want %d of %s", len(steps), steps[0].Kind(), c.steps, c.want)
			}
		})
	}
}
