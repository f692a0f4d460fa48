package engine

import "fmt"

// PackTrees packs trees in the form that answers them fastest: steps of SmallTrees, or one of Trees. Of sums it takes In, Out, Compare, Accumulate and Init. It
// refuses what NewTrees refuses.
func PackTrees(sums TreeSums, trees []Tree, sets []CategorySet) ([]Step, error) {
	if len(trees) > 0 && areSmall(trees) {
		steps, cost, err := packSmall(sums, trees)
		if err != nil || cost < walkCost(sums.In.N, trees) {
			return steps, err
		}
	}
	step, err := NewTrees(sums, trees, sets)
	return []Step{step}, err
}

// areSmall reports whether SmallTrees can hold the trees.
func areSmall(trees []Tree) bool {
	for i := range trees {
		if len(trees[i].Left) > 2*maxSmall-1 || trees[i].Category != nil {
			return false
		}
	}
	return true
}

// packSmall packs trees in steps of SmallTrees that go on with one another's sums, and gives the sum of their costs.
func packSmall(sums TreeSums, trees []Tree) (steps []Step, cost int, err error) {
	for first := 0; first < len(trees); first += maxBlock {
		step, err := NewSmallTrees(sums, trees[first:min(first+maxBlock, len(trees))])
		if err != nil {
			return nil, 0, fmt.Errorf("from tree %d on: %w", first, err)
		}
		steps, cost = append(steps, step), cost+step.cost()
		sums.Accumulate, sums.Init = true, nil
	}
	return steps, cost, nil
}

// What a row takes, in tenths of a ns on a Xeon of 2023: between what it takes alone and in a batch. Measured with 1 to 256 random trees of 2 to 64
// leaves over 4 to 300 features. Integers, so that every machine makes the same plan.
const (
	costWalkFeature = 80 // a key in every column
	costWalkStep    = 24
	costSmallTree   = 15
	costFewFeature  = 90 // of at most fewSplits splits
	costFewSplit    = 13
	costManyFeature = 260
	costManySplit   = 2 // a quarter fire
)

// cost estimates what a row takes.
func (t *SmallTrees) cost() int {
	cost := costSmallTree * len(t.Columns)
	for i := range t.Features {
		if n := int(t.Starts[i+1] - t.Starts[i]); n <= fewSplits {
			cost += costFewFeature + costFewSplit*n
		} else {
			cost += costManyFeature + costManySplit*n
		}
	}
	return cost
}

// walkCost estimates what a row takes if sound trees are packed as Trees.
func walkCost(features int32, trees []Tree) int {
	steps := 0
	for i := range trees {
		steps += 1 + trees[i].depth(0)
	}
	return costWalkFeature*int(features) + costWalkStep*steps
}

// depth is the number of splits on the longest way from a node of a sound tree to a leaf.
func (t *Tree) depth(node int32) int {
	if t.Left[node] == -1 {
		return 0
	}
	return 1 + max(t.depth(t.Left[node]), t.depth(t.Right[node]))
}
