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
	if t.Accumulate {
		if err := f.read("out", t.Out); err != nil {
			return err
		}
	}
	if t.Compare == Float32LE {
		f.scratch = max(f.scratch, int(t.In.N))
	}
	return f.apart(t.In, t.Out)
}

// checkParts checks all but the frame, and scans every node: children lie after their parent and inside their tree, so that every walk
// ends; features, leaf values and category sets exist.
func (t *Trees) checkParts() error {
	if err := atLeastOne(t.In); err != nil {
		return err
	}
	if t.Compare != Float32LE && (t.Compare != Float64LE || !t.Wide) {
		return fmt.Errorf("compare is %q with wide %v, want %q, or %q with wide true", t.Compare, t.Wide, Float32LE, Float64LE)
	}
	if t.Accumulate && len(t.Init) != 0 {
		return fmt.Errorf("init has %d items, want none where the trees accumulate", len(t.Init))
	}
	if len(t.Init) != 0 && len(t.Init) != int(t.Out.N) {
		return fmt.Errorf("init has %d items, want none or %d", len(t.Init), t.Out.N)
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
	if err := items("columns", t.Columns, count); err != nil {
		return err
	}
	if err := items("widths", t.Widths, count); err != nil {
		return err
	}
	for i := range count {
		if err := t.checkTree(i); err != nil {
			return fmt.Errorf("tree %d: %w", i, err)
		}
	}
	return nil
}

func (t *Trees) checkTree(i int) error {
	width := int(t.Widths[i])
	if c := int(t.Columns[i]); c < 0 || width < 1 || c+width > int(t.Out.N) {
		return fmt.Errorf("columns %d to %d, outside out's %d", c, c+width, t.Out.N)
	}
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
	return t.checkNarrow(t.Nodes[from:to], leaves)
}

func (t *Trees) checkNarrow(nodes []uint64, leaves uint64) error {
	features := uint64(t.In.N)
	for i, w := range nodes {
		offset := w >> narrowOffset
		if offset == 0 {
			if w > leaves {
				return fmt.Errorf("node %d: leaf values from %d, want at most %d, and no feature", i, w, leaves)
			}
		} else if uint64(i)+offset+1 >= uint64(len(nodes)) || w>>narrowFeature&maxFeature >= features {
			return fmt.Errorf("node %d: offset %d, feature %d, outside %d nodes or %d features", i, offset, w>>narrowFeature&maxFeature, len(nodes), features)
		}
	}
	return nil
}

func (t *Trees) checkWide(words []uint64, leaves uint64) error {
	features, nodes, sets := uint64(t.In.N), uint64(len(words)/2), uint64(len(t.Sets)/setWords)
	for i := uint64(0); i < nodes; i++ {
		first, second := words[2*i], words[2*i+1]
		offset := second & math.MaxUint32
		switch {
		case offset == 0:
			if first > leaves || second != 0 {
				return fmt.Errorf("node %d: leaf values from %d, want at most %d, and no feature", i, first, leaves)
			}
		case i+offset+1 >= nodes || second>>wideFeature&wideMask >= features:
			return fmt.Errorf("node %d: offset %d, feature %d, outside %d nodes or %d features", i, offset, second>>wideFeature&wideMask, nodes, features)
		case second&wideCategory != 0 && (t.Compare != Float64LE || first >= sets):
			return fmt.Errorf("node %d: category set %d of %d under %q, want one of them under %q", i, int64(first), sets, t.Compare, Float64LE)
		}
	}
	return nil
}

func (t *Trees) run(s *session, n int) {
	if !t.Accumulate {
		for r := range n {
			out := s.span(r, t.Out)
			clear(out)
			copy(out, t.Init)
		}
	}
	if t.Compare == Float64LE {
		t.walkAll(s, n, s.width, int(t.In.Start), func() { walkWide(t.Nodes, t.Sets, s.floats, &s.lanes) })
		return
	}
	width := int(t.In.N)
	for r := range n {
		rounded := s.scratch[r*width : (r+1)*width]
		for i, v := range s.span(r, t.In) {
			rounded[i] = float32(v)
		}
	}
	if t.Wide {
		t.walkAll(s, n, width, 0, func() { walkWide(t.Nodes, t.Sets, s.scratch, &s.lanes) })
	} else {
		t.walkAll(s, n, width, 0, func() { walkNarrow(t.Nodes, s.scratch, &s.lanes) })
	}
}

// lanes is the number of walks that go on at once: while one waits for memory, the others go on.
const lanes = 4

// lane is one walk: a tree and a row of the chunk, the node it is at, and where the row's features start.
type lane struct {
	tree, row    int
	at, features uint64
}

// walkAll has every tree walked for every row, trees outside so that a tree stays in cache, and adds the leaves in that order.
// Feature 0 of row r is item r*stride+first of what walk looks at. walk moves the session's lanes from their roots to their leaves.
func (t *Trees) walkAll(s *session, n, stride, first int, walk func()) {
	for i := range s.lanes {
		s.lanes[i] = lane{features: uint64(first)} // what the last group leaves over must be a walk through this forest
	}
	walks := len(t.Columns) * n
	tree, row := 0, 0
	for done := 0; done < walks; done += lanes {
		group := s.lanes[:min(lanes, walks-done)]
		for i := range group {
			group[i] = lane{tree, row, uint64(t.Roots[tree]), uint64(row*stride + first)}
			if row++; row == n {
				tree, row = tree+1, 0
			}
		}
		walk()
		for _, l := range group {
			t.addLeaf(s, l)
		}
	}
}

// addLeaf adds the values of the leaf that a lane has come to.
func (t *Trees) addLeaf(s *session, l lane) {
	leaf := t.Nodes[l.at] & math.MaxUint32
	if t.Wide {
		leaf = t.Nodes[2*l.at]
	}
	out := s.span(l.row, t.Out)[t.Columns[l.tree]:]
	for k, v := range t.Leaves[leaf:][:t.Widths[l.tree]] {
		out[k] += v
	}
}

// walkNarrow moves each lane to its leaf.
func walkNarrow(nodes []uint64, x []float32, group *[lanes]lane) {
	a, b, c, d := group[0], group[1], group[2], group[3]
	for {
		i, j, k, l := nodes[a.at], nodes[b.at], nodes[c.at], nodes[d.at]
		if (i|j|k|l)>>narrowOffset == 0 {
			break
		}
		a.at += stepNarrow(i, x[a.features+i>>narrowFeature&maxFeature])
		b.at += stepNarrow(j, x[b.features+j>>narrowFeature&maxFeature])
		c.at += stepNarrow(k, x[c.features+k>>narrowFeature&maxFeature])
		d.at += stepNarrow(l, x[d.features+l>>narrowFeature&maxFeature])
	}
	group[0].at, group[1].at, group[2].at, group[3].at = a.at, b.at, c.at, d.at
}

// stepNarrow is the distance from a node to the child that v goes to, 0 in a leaf. The comparison is !(v <= t), not v > t, so
// that NaN as value or threshold goes right, as in C. There is no branch to predict.
func stepNarrow(w uint64, v float32) uint64 {
	offset := w >> narrowOffset
	stay := bit(offset == 0) | bit(v != v)&(w>>narrowMissing)
	return offset + bit(!(v <= math.Float32frombits(uint32(w))))&^stay
}

// bit is 1 or 0, without a branch.
func bit(b bool) uint64 {
	n := uint64(0)
	if b {
		n = 1
	}
	return n
}

// walkWide moves each lane to its leaf.
func walkWide[T float32 | float64](words []uint64, sets []uint32, x []T, group *[lanes]lane) {
	a, b, c, d := group[0], group[1], group[2], group[3]
	for {
		i, j, k, l := words[2*a.at+1], words[2*b.at+1], words[2*c.at+1], words[2*d.at+1]
		if i|j|k|l == 0 {
			break
		}
		v, w := float64(x[a.features+i>>wideFeature&wideMask]), float64(x[b.features+j>>wideFeature&wideMask])
		y, z := float64(x[c.features+k>>wideFeature&wideMask]), float64(x[d.features+l>>wideFeature&wideMask])
		if (i|j|k|l)&wideCategory != 0 {
			a.at += stepCategory(words[2*a.at], i, v, sets)
			b.at += stepCategory(words[2*b.at], j, w, sets)
			c.at += stepCategory(words[2*c.at], k, y, sets)
			d.at += stepCategory(words[2*d.at], l, z, sets)
			continue
		}
		a.at += stepWide(words[2*a.at], i, v)
		b.at += stepWide(words[2*b.at], j, w)
		c.at += stepWide(words[2*c.at], k, y)
		d.at += stepWide(words[2*d.at], l, z)
	}
	group[0].at, group[1].at, group[2].at, group[3].at = a.at, b.at, c.at, d.at
}

// stepWide is stepNarrow for a wide node. Values that are float32 already are widened, which is exact.
func stepWide(first, second uint64, v float64) uint64 {
	stay := bit(second == 0) | bit(v != v)&(second>>wideMissing)
	return second&math.MaxUint32 + bit(!(v <= math.Float64frombits(first)))&^stay
}

// stepCategory is stepWide for a node that may be a category split.
func stepCategory(first, second uint64, v float64, sets []uint32) uint64 {
	if second&wideCategory == 0 {
		return stepWide(first, second, v)
	}
	return second&math.MaxUint32 + bit(!categoryLeft(sets[first*setWords:][:setWords], v, second>>wideMissing == 1))
}

// categoryLeft decides a category split as _predict_one_from_raw_data of sklearn/ensemble/_hist_gradient_boosting/_predictor.pyx
// does: the value is truncated to a code; one that is negative or not known counts as missing. Codes above 255, whose
// conversion to uint8 C leaves undefined and which the encoder in front of the trees never makes, count as missing too.
func categoryLeft(set []uint32, v float64, missingLeft bool) bool {
	if !(v >= 0 && v < 256) {
		return missingLeft
	}
	code := uint8(v)
	known, left := set[code/32], set[8+code/32]
	bit := uint32(1) << (code % 32)
	return left&bit != 0 || known&bit == 0 && missingLeft
}
