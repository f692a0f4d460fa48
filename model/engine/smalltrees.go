package engine

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// SmallTrees adds up decision trees of at most 64 leaves each, without walking them: QuickScorer (Lucchese et al., SIGIR 2015). Make one with NewSmallTrees.
//
// # Method
//
// A tree is a word with a bit for each leaf. A split that fires takes leaves out of the word: its mask has zeros for those below its first child, and
// the row is not among them. Leaves are numbered so that those below a first child come before those below a second one. When all splits that fire have
// taken out theirs, the lowest bit left is the leaf of the row: a lower one parts from it at a split where it is below the first child and the row goes to
// the second; that split has fired and taken it out. And the row's own leaf is never taken out.
//
// The splits of all trees stand together by feature, in the order of their thresholds. Those of the lower half of a feature have their right child first and
// fire for a value that goes left; the others have their left child first and fire for one that goes right. So a value fires the splits between the middle
// and itself, a quarter of all on average, which one search finds and nothing has to compare.
//
// A missing value is on no side: all splits of its feature are asked where it goes.
type SmallTrees struct {
	TreeSums
	Features []int32  `tensor:"features"` // the columns of In that a split looks at, ascending
	Starts   []int32  `tensor:"starts"`   // first split of each of them, then the number of splits
	Keys     []uint64 `tensor:"keys"`     // of the thresholds, see Trees; ascending in each feature
	Trees    []uint8  `tensor:"trees"`    // the tree that a split belongs to
	Masks    []uint64 `tensor:"masks"`    // the leaves that are left in its word when a split fires
	Missing  []uint32 `tensor:"missing"`  // bit i%32 of item i/32: a missing value fires split i
	Firsts   []int32  `tensor:"firsts"`   // where the leaves of each tree start in Leaves, then its length

	single  bool          // all trees add one value to the same column
	vectors *smallVectors // nil where the lists are used
}

const (
	// maxSmall is the number of leaves that a small tree may have: the bits of a word.
	maxSmall = 64
	// maxBlock is the number of trees of a step: what a byte can count. The splits of so many stay in the second-level cache.
	maxBlock = 256
)

// middle is where the splits that fire for what is above them start, of those from first to before last.
func middle(first, last int32) int32 { return first + (last-first)>>1 }

// smallSplit is a split while SmallTrees is made.
type smallSplit struct {
	feature, tree, node int32
	key                 uint64
	mask                uint64
	rightFirst          bool // it fires for what goes left
}

// NewSmallTrees packs at most 256 trees of at most 64 leaves without category splits. It refuses what NewTrees refuses.
func NewSmallTrees(sums TreeSums, trees []Tree) (*SmallTrees, error) {
	t := &SmallTrees{TreeSums: sums, Firsts: []int32{0}}
	var splits []smallSplit
	var places placer
	for i := range trees {
		if err := places.countLeaves(&trees[i]); err != nil {
			return nil, fmt.Errorf("tree %d: %w", i, err)
		}
		for node, left := range trees[i].Left {
			if left == -1 {
				continue
			}
			f := trees[i].Feature[node]
			if f < 0 || f >= sums.In.N {
				return nil, fmt.Errorf("tree %d: node %d looks at feature %d of %d", i, node, f, sums.In.N)
			}
			splits = append(splits, smallSplit{feature: f, tree: int32(i), node: int32(node), key: thresholdKey64(trees[i].Threshold[node])})
		}
	}
	t.order(splits)
	at := make([][]*smallSplit, len(trees)) // by tree and node
	for i := range trees {
		at[i] = make([]*smallSplit, len(trees[i].Left))
	}
	for i := range splits {
		at[splits[i].tree][splits[i].node] = &splits[i]
	}
	for i := range trees {
		if err := t.addTree(&trees[i], at[i]); err != nil {
			return nil, fmt.Errorf("tree %d: %w", i, err)
		}
	}
	t.addSplits(splits, trees)
	return t, t.checkParts()
}

// order sorts the splits and says which of them have their right child first.
func (t *SmallTrees) order(splits []smallSplit) {
	slices.SortFunc(splits, func(a, b smallSplit) int {
		return cmp.Or(cmp.Compare(a.feature, b.feature), cmp.Compare(a.key, b.key), cmp.Compare(a.tree, b.tree), cmp.Compare(a.node, b.node))
	})
	for first := 0; first < len(splits); {
		last := first
		for last < len(splits) && splits[last].feature == splits[first].feature {
			last++
		}
		t.Features, t.Starts = append(t.Features, splits[first].feature), append(t.Starts, int32(first))
		for i := first; i < int(middle(int32(first), int32(last))); i++ {
			splits[i].rightFirst = true
		}
		first = last
	}
	t.Starts = append(t.Starts, int32(len(splits)))
}

// addTree appends the leaves of a tree in their order, and sets the masks of its splits, which are given by node.
func (t *SmallTrees) addTree(tree *Tree, splits []*smallSplit) error {
	if len(t.Leaves)+maxSmall*tree.Width > math.MaxInt32 {
		return fmt.Errorf("more than %d leaf values in all", math.MaxInt32)
	}
	leaves := 0
	var number func(node int32)
	number = func(node int32) {
		split := splits[node]
		if split == nil {
			t.Leaves = append(t.Leaves, tree.Values[int(node)*tree.Width:][:tree.Width]...)
			leaves++
			return
		}
		first, second := tree.Left[node], tree.Right[node]
		if split.rightFirst {
			first, second = second, first
		}
		from := leaves
		number(first)
		split.mask = ^(uint64(1)<<leaves - uint64(1)<<from)
		number(second)
	}
	number(0)
	t.Columns, t.Widths = append(t.Columns, int32(tree.Output)), append(t.Widths, int32(tree.Width))
	t.Firsts = append(t.Firsts, int32(len(t.Leaves)))
	return nil
}

// addSplits appends the splits, which are sorted and have their masks.
func (t *SmallTrees) addSplits(splits []smallSplit, trees []Tree) {
	t.Missing = make([]uint32, (len(splits)+31)/32)
	for i, s := range splits {
		t.Keys, t.Masks, t.Trees = append(t.Keys, s.key), append(t.Masks, s.mask), append(t.Trees, uint8(s.tree))
		missing := trees[s.tree].MissingLeft
		if left := missing != nil && missing[s.node]; left == s.rightFirst {
			t.Missing[i/32] |= 1 << (i % 32)
		}
	}
}
