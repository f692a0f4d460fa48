package engine

import (
	"fmt"
	"math"
)

// Kind is "small_trees".
func (*SmallTrees) Kind() string { return "small_trees" }

func (t *SmallTrees) check(f *frame) error {
	if err := t.checkParts(); err != nil {
		return err
	}
	f.features = max(f.features, len(t.Features))
	return t.checkFrame(f)
}

// checkParts checks all but the frame. It scans every split: its tree exists, and its mask keeps the tree's last leaf, so that no word becomes empty and
// the lowest bit of every word is a leaf of its tree.
func (t *SmallTrees) checkParts() error {
	if c := t.Compare; !c.single() && c != Float64LE {
		return fmt.Errorf("compare is %q, want %q, %q or %q", c, Float32LE, Float32Sum, Float64LE)
	}
	if n := len(t.Firsts); n == 0 || n > maxBlock+1 {
		return fmt.Errorf("firsts has %d items, want one more than the trees, of which there are at most %d", n, maxBlock)
	}
	if err := t.checkSums(len(t.Firsts) - 1); err != nil {
		return err
	}
	if err := t.checkLeaves(); err != nil {
		return err
	}
	splits := len(t.Keys)
	if splits > math.MaxInt32 || len(t.Trees) != splits || len(t.Masks) != splits || len(t.Missing) != (splits+31)/32 {
		return fmt.Errorf("keys, trees, masks and missing have %d, %d, %d and %d items, want as many each, and of missing one for 32",
			splits, len(t.Trees), len(t.Masks), len(t.Missing))
	}
	if err := t.checkFeatures(); err != nil {
		return err
	}
	if err := t.checkSplits(); err != nil {
		return err
	}
	t.single, t.vectors = t.commonWidth() == 1, newSmallVectors(t, maxLanes)
	return nil
}

// checkLeaves checks that every tree has 1 to 64 leaves.
func (t *SmallTrees) checkLeaves() error {
	if t.Firsts[0] != 0 || int(t.Firsts[len(t.Firsts)-1]) != len(t.Leaves) {
		return fmt.Errorf("firsts does not go from 0 to %d leaf values", len(t.Leaves))
	}
	for i, width := range t.Widths {
		values := int64(t.Firsts[i+1]) - int64(t.Firsts[i])
		if values < int64(width) || values%int64(width) != 0 || values/int64(width) > maxSmall {
			return fmt.Errorf("tree %d: %d leaf values, want 1 to %d leaves of %d", i, values, maxSmall, width)
		}
	}
	return nil
}

// checkFeatures checks that every feature has splits of its own, in order.
func (t *SmallTrees) checkFeatures() error {
	if err := items("starts", t.Starts, len(t.Features)+1); err != nil {
		return err
	}
	if t.Starts[0] != 0 || int(t.Starts[len(t.Features)]) != len(t.Keys) {
		return fmt.Errorf("starts does not go from 0 to %d splits", len(t.Keys))
	}
	for i, f := range t.Features {
		if f < 0 || f >= t.In.N || i > 0 && f <= t.Features[i-1] {
			return fmt.Errorf("features[%d] is %d, want ascending columns of %d", i, f, t.In.N)
		}
		first, last := t.Starts[i], t.Starts[i+1]
		if first < 0 || last <= first || int(last) > len(t.Keys) {
			return fmt.Errorf("feature %d has the splits %d to %d, want at least one of %d", f, first, last, len(t.Keys))
		}
		for k := first + 1; k < last; k++ {
			if t.Keys[k] < t.Keys[k-1] {
				return fmt.Errorf("split %d has a smaller key than the one before, want them ascending", k)
			}
		}
		if greatest := key64(math.Inf(1)); t.Keys[last-1] > greatest {
			return fmt.Errorf("split %d has the key %#x, want at most that of infinity, %#x", last-1, t.Keys[last-1], greatest)
		}
	}
	return nil
}

// checkSplits checks tree and mask of every split.
func (t *SmallTrees) checkSplits() error {
	lasts := make([]uint8, len(t.Columns)) // the last leaf of each tree
	for i, width := range t.Widths {
		lasts[i] = uint8((t.Firsts[i+1]-t.Firsts[i])/width - 1)
	}
	for i, tree := range t.Trees {
		if int(tree) >= len(lasts) {
			return fmt.Errorf("split %d belongs to tree %d of %d", i, tree, len(lasts))
		}
		if t.Masks[i]>>lasts[tree]&1 == 0 {
			return fmt.Errorf("split %d takes out leaf %d, the last one of tree %d", i, lasts[tree], tree)
		}
	}
	return nil
}
