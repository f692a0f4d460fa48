package engine

import (
	"fmt"
	"math"
)

// Kind is "trees".
func (*Trees) Kind() string { return "trees" }

func (t *Trees) check(f *frame) error {
	if err := t.checkParts(); err != nil {
		return err
	}
	if t.Wide {
		f.keys64 = max(f.keys64, t.keyColumns())
	} else {
		f.keys32 = max(f.keys32, t.keyColumns())
	}
	return t.checkFrame(f)
}

// checkParts checks all but the frame, and scans every node: children lie after their parent and inside their tree, so that every walk
// ends; key columns, leaf values and category sets exist. It notes whether some node sends missing values left.
func (t *Trees) checkParts() error {
	t.missingLeft = false
	if !t.Compare.single() && (t.Compare != Float64LE || !t.Wide) {
		return fmt.Errorf("compare is %q with wide %v, want %q, %q, or %q with wide true", t.Compare, t.Wide, Float32LE, Float32Sum, Float64LE)
	}
	if len(t.Sets)%setWords != 0 {
		return fmt.Errorf("sets has %d items, want a multiple of %d", len(t.Sets), setWords)
	}
	if t.Wide && len(t.Nodes)%2 != 0 {
		return fmt.Errorf("nodes has %d words, want two a node", len(t.Nodes))
	}
	if len(t.Roots) < 1 || t.Roots[0] != 0 || int(t.Roots[len(t.Roots)-1]) != t.nodes() {
		return fmt.Errorf("roots does not go from 0 to %d nodes", t.nodes())
	}
	count := len(t.Roots) - 1
	if err := t.checkSums(count); err != nil {
		return err
	}
	for i := range count {
		if err := t.checkTree(i); err != nil {
			return fmt.Errorf("tree %d: %w", i, err)
		}
	}
	t.common = t.commonWidth()
	return nil
}

func (t *Trees) checkTree(i int) error {
	width := int(t.Widths[i])
	from, to := int(t.Roots[i]), int(t.Roots[i+1])
	if from < 0 || to <= from || to > t.nodes() {
		return fmt.Errorf("nodes %d to %d, want at least one of %d", from, to, t.nodes())
	}
	if width > len(t.Leaves) {
		return fmt.Errorf("%d leaf values, want %d in a leaf", len(t.Leaves), width)
	}
	leaves := uint64(len(t.Leaves) - width) // where the last leaf may start
	if t.Wide {
		return t.checkWide(t.Nodes[2*from:2*to], leaves)
	}
	return t.checkNarrow(t.Nodes[from:to], min(leaves, math.MaxUint32))
}

func (t *Trees) checkNarrow(nodes []uint64, leaves uint64) error {
	columns, last := 2*uint64(t.In.N), len(nodes)-1
	sound, widest := scanNarrow(nodes[:last], uint64(last)*oneOffset, leaves)
	t.missingLeft = t.missingLeft || widest > columns/2
	if sound && last < maxScan && widest <= columns && nodes[last] <= leaves {
		return nil
	}
	return t.narrowViolation(nodes, leaves)
}

// maxScan is the number of nodes from which scanNarrowGo may miss something: in a smaller tree no node that is sound has bit 63.
const maxScan = 1 << 19

// oneOffset is an offset of 1, without the low half of a node.
const oneOffset = 1 << (narrowOffset - narrowColumn)

// scanNarrowGo scans nodes of a tree but for the last one, which has no room for children; limit is oneOffset times those from the first of them to the last of the
// tree. sound says that each is a leaf of at most leaves or a split with children in the tree; widest is the largest column. Without a branch: much of a start
// with a large forest is spent here, and whether a node is a leaf cannot be foreseen. Nor is it inlined, and the differences stand as they do, so that
// the registers suffice.
//
//go:noinline
func scanNarrowGo(nodes []uint64, limit, leaves uint64) (sound bool, widest uint64) {
	all := uint64(math.MaxUint64) // of which bit 63 counts
	for _, w := range nodes {
		high := w >> narrowColumn
		column := high & narrowMask
		// children in the tree; and at most the last leaf, or both a column and an offset
		all &= (high - limit) & ((w - leaves - 1) | ^((column - 1) | (high - oneOffset)))
		limit -= oneOffset
		widest = max(widest, column)
	}
	return all>>63 == 1, widest
}

// narrowViolation describes the first node that is not sound.
func (t *Trees) narrowViolation(nodes []uint64, leaves uint64) error {
	columns := 2 * uint64(t.In.N)
	for i, w := range nodes {
		offset, column := w>>narrowOffset, w>>narrowColumn&narrowMask
		if offset == 0 && w > leaves {
			return fmt.Errorf("node %d: leaf values from %d, want at most %d, and no column", i, w, leaves)
		}
		if offset != 0 && (uint64(i)+offset+1 >= uint64(len(nodes)) || column-1 >= columns) {
			return fmt.Errorf("node %d: offset %d, column %d, outside %d nodes or 1 to %d", i, offset, column, len(nodes), columns)
		}
	}
	return nil
}

func (t *Trees) checkWide(words []uint64, leaves uint64) error {
	columns, nodes, sets := 2*uint64(t.In.N), uint64(len(words)/2), uint64(len(t.Sets)/setWords)
	for i := uint64(0); i < nodes; i++ {
		first, second := words[2*i], words[2*i+1]
		offset, column := second&math.MaxUint32, second>>wideColumn&wideMask
		switch {
		case offset == 0:
			if first > leaves || second != 0 {
				return fmt.Errorf("node %d: leaf values from %d, want at most %d, and no column", i, first, leaves)
			}
			continue
		case i+offset+1 >= nodes || column-1 >= columns || second>>63 != 0:
			return fmt.Errorf("node %d: offset %d, column %d, outside %d nodes or 1 to %d", i, offset, column, nodes, columns)
		case second&wideCategory != 0 && (t.Compare != Float64LE || first >= sets):
			return fmt.Errorf("node %d: category set %d of %d under %q, want one of them under %q", i, int64(first), sets, t.Compare, Float64LE)
		}
		t.missingLeft = t.missingLeft || column > columns/2
	}
	return nil
}

// keyColumns is the number of keys that a row has.
func (t *Trees) keyColumns() int {
	if t.missingLeft {
		return 1 + 2*int(t.In.N)
	}
	return 1 + int(t.In.N)
}
