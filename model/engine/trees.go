package engine

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// Compare says how a tree compares a value with a threshold.
type Compare string

const (
	// Float32LE casts the value to float32 and goes left if it is <= the float64 threshold, as sklearn.tree._tree.Tree does.
	Float32LE Compare = "float32_le"
	// Float32Sum compares as Float32LE does, and rounds to float32 after every leaf that is added, as XGBoost's predictor does.
	Float32Sum Compare = "float32_sum"
	// Float64LE goes left if the value is <= the threshold in float64, as HistGradientBoosting's TreePredictor does.
	Float64LE Compare = "float64_le"
)

// single reports whether values are cast to float32.
func (c Compare) single() bool { return c == Float32LE || c == Float32Sum }

// Tree is one decision tree in literal form: node 0 is the root, children may stand in any order. NewTrees packs it.
type Tree struct {
	// Left and Right are the child nodes, both -1 in a leaf.
	Left, Right []int32
	// Feature is the column of Trees.In that a node looks at; ignored in a leaf.
	Feature []int32
	// Threshold of a numeric split; ignored in a leaf and in a category split.
	Threshold []float64
	// MissingLeft says that a missing value goes left; nil sends it right everywhere, as a comparison with NaN does.
	MissingLeft []bool
	// Category is nil, or for each node an index into the category sets, -1 for a numeric split.
	Category []int32
	// Values is row-major, nodes × Width: what a leaf adds. The rows of inner nodes are ignored.
	Values []float64
	// Width is the number of values a leaf adds, to the columns Output to Output+Width-1 of Trees.Out.
	Width, Output int
}

// CategorySet is a split by category in HistGradientBoosting's raw bitsets: bit c%32 of item c/32 stands for category c. Known
// are the categories seen in training, Left those that go left.
type CategorySet struct{ Known, Left [8]uint32 }

// Trees adds up decision trees of any size. Make one with NewTrees.
//
// # Nodes
//
// A tree starts at a multiple of eight nodes, where a cache line starts. Its root comes first, every other node behind its parent, and the right child follows
// the left one; place says in what order. Places without a node hold a leaf that no walk reaches. Offset is the distance from a node to its left child;
// 0 marks a leaf, whose first word is where its values start in Leaves; nothing else of a leaf is set.
//
// A narrow node is one word: bits 0-31 the threshold's key or the leaf's start, 32-43 key column, 44-63 offset. A wide node
// is two words: the threshold's key, the number of the category set or the leaf's start; then bits 0-31 offset, 32-61 key column,
// 62 category split.
//
// # Keys
//
// A walk compares unsigned integers. The key of a number is its bits, changed so that keys are ordered as numbers are (key32, key64). Column 0 of
// a row's keys is 0, which sends a leaf to itself; column 1+f has feature f with a missing value above every threshold, so that it goes right as a
// comparison with NaN does; column 1+In.N+f, there only if some node sends missing values left, has feature f with a missing value below every
// threshold.
//
// Rationale: an integer comparison is one subtraction, without a branch and without NaN's rules; where a missing value goes costs nothing. And a
// float32 x is <= a float64 t exactly if x <= t', the largest float32 not above t, so Float32LE needs no float64 threshold.
type Trees struct {
	TreeSums
	Wide  bool     `json:"wide"`
	Roots []int32  `tensor:"roots"` // first node of each tree, then the number of nodes
	Nodes []uint64 `tensor:"nodes"`
	Sets  []uint32 `tensor:"sets"` // 16 a set: Known, then Left

	missingLeft bool // some node sends missing values left
	common      int  // see commonWidth
}

// Layout of the words of a node.
const (
	narrowColumn = 32
	narrowOffset = 44
	narrowMask   = 1<<(narrowOffset-narrowColumn) - 1
	maxNarrow    = narrowMask / 2 // features that fit
	maxOffset    = 1<<(64-narrowOffset) - 1

	wideCategory = 1 << 62
	wideColumn   = 32
	wideMask     = 1<<30 - 1

	setWords = 16
)

// NewTrees packs trees. It refuses what is not a tree: a node reached twice or never, a child or feature out of range, lists of different lengths.
func NewTrees(sums TreeSums, trees []Tree, sets []CategorySet) (*Trees, error) {
	t := &Trees{TreeSums: sums}
	for _, s := range sets {
		t.Sets = append(append(t.Sets, s.Known[:]...), s.Left[:]...)
	}
	placings := make([]placing, len(trees))
	t.Wide = !sums.Compare.single() || sums.In.N > maxNarrow
	var places placer
	for i := range trees {
		var err error
		if placings[i], err = places.place(&trees[i]); err != nil {
			return nil, fmt.Errorf("tree %d: %w", i, err)
		}
		t.Wide = t.Wide || slices.Max(placings[i].offsets) > maxOffset || trees[i].Category != nil
	}
	p := packer{trees: t, seen: make(map[string]uint64)}
	for i := range trees {
		if err := p.add(&trees[i], placings[i]); err != nil {
			return nil, fmt.Errorf("tree %d: %w", i, err)
		}
	}
	t.Roots = append(t.Roots, int32(t.nodes()))
	return t, t.checkParts()
}

// packer appends trees to a Trees.
type packer struct {
	trees *Trees
	seen  map[string]uint64 // where a leaf's values start, by their bytes: pure leaves repeat in their thousands
	key   []byte
}

// add packs one tree.
func (p *packer) add(tree *Tree, to placing) error {
	t := p.trees
	if t.nodes()+len(to.nodes) > math.MaxInt32-clusterNodes {
		return fmt.Errorf("more than %d nodes in all", math.MaxInt32-clusterNodes)
	}
	for t.nodes()%clusterNodes != 0 {
		p.empty()
	}
	t.Roots = append(t.Roots, int32(t.nodes()))
	t.Columns = append(t.Columns, int32(tree.Output))
	t.Widths = append(t.Widths, int32(tree.Width))
	for i, node := range to.nodes {
		if node == empty {
			p.empty()
			continue
		}
		if tree.Left[node] == -1 {
			if err := p.leaf(tree.Values[int(node)*tree.Width:][:tree.Width]); err != nil {
				return err
			}
			continue
		}
		if f := tree.Feature[node]; f < 0 || f >= t.In.N {
			return fmt.Errorf("node %d looks at feature %d of %d", node, f, t.In.N)
		}
		p.inner(tree, node, uint64(to.offsets[i]))
	}
	return nil
}

// inner appends an inner node.
func (p *packer) inner(tree *Tree, node int32, offset uint64) {
	column, threshold := 1+uint64(tree.Feature[node]), tree.Threshold[node]
	if tree.MissingLeft != nil && tree.MissingLeft[node] {
		column += uint64(p.trees.In.N)
	}
	if !p.trees.Wide {
		p.trees.Nodes = append(p.trees.Nodes, uint64(thresholdKey32(threshold))|column<<narrowColumn|offset<<narrowOffset)
		return
	}
	first, second := thresholdKey64(threshold), offset|column<<wideColumn
	if tree.Category != nil && tree.Category[node] != -1 {
		first, second = uint64(int64(tree.Category[node])), second|wideCategory
	}
	p.trees.Nodes = append(p.trees.Nodes, first, second)
}

// empty leaves a place without a node: a sound leaf that no walk reaches.
func (p *packer) empty() {
	p.trees.Nodes = append(p.trees.Nodes, make([]uint64, p.trees.words())...)
}

// leaf appends a leaf; equal values are stored once.
func (p *packer) leaf(values []float64) error {
	p.key = p.key[:0]
	for _, v := range values {
		p.key = binary.LittleEndian.AppendUint64(p.key, math.Float64bits(v))
	}
	start, ok := p.seen[string(p.key)]
	if !ok {
		start = uint64(len(p.trees.Leaves))
		if start > math.MaxUint32 {
			return fmt.Errorf("more than %d leaf values in all", uint32(math.MaxUint32))
		}
		p.seen[string(p.key)] = start
		p.trees.Leaves = append(p.trees.Leaves, values...)
	}
	p.trees.Nodes = append(p.trees.Nodes, start)
	if p.trees.Wide {
		p.trees.Nodes = append(p.trees.Nodes, 0)
	}
	return nil
}

// floor32 is the largest float32 that is not above v; NaN stays NaN.
func floor32(v float64) float32 {
	f := float32(v)
	if float64(f) > v {
		return math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}

// nodes is the number of nodes of all trees and of places without one.
func (t *Trees) nodes() int { return len(t.Nodes) / t.words() }

// words is the number of words of a node.
func (t *Trees) words() int {
	if t.Wide {
		return 2
	}
	return 1
}
