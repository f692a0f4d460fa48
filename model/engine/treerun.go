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
			if w&math.MaxUint32 > leaves {
				return fmt.Errorf("node %d: leaf values from %d, want at most %d", i, w&math.MaxUint32, leaves)
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
			if first > leaves {
				return fmt.Errorf("node %d: leaf values from %d, want at most %d", i, first, leaves)
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
		for i := range t.Columns {
			for r := range n {
				t.addLeaf(s, r, i, leafWide(t.words(i), t.Sets, s.span(r, t.In)))
			}
		}
		return
	}
	width := int(t.In.N)
	for r := range n {
		rounded := s.scratch[r*width : (r+1)*width]
		for i, v := range s.span(r, t.In) {
			rounded[i] = float32(v)
		}
	}
	for i := range t.Columns {
		words := t.words(i)
		for r := range n {
			x := s.scratch[r*width : (r+1)*width]
			if t.Wide {
				t.addLeaf(s, r, i, leafWide(words, t.Sets, x))
			} else {
				t.addLeaf(s, r, i, leafNarrow(words, x))
			}
		}
	}
}

// words are the nodes of tree i.
func (t *Trees) words(i int) []uint64 {
	from, to := int(t.Roots[i]), int(t.Roots[i+1])
	if t.Wide {
		return t.Nodes[2*from : 2*to]
	}
	return t.Nodes[from:to]
}

// addLeaf adds the values of a leaf of tree i to row r.
func (t *Trees) addLeaf(s *session, r, i, leaf int) {
	out := s.span(r, t.Out)[t.Columns[i]:]
	for k, v := range t.Leaves[leaf:][:t.Widths[i]] {
		out[k] += v
	}
}

// leafNarrow walks x down a tree of narrow nodes and returns where the leaf's values start. The comparison is
// !(v <= t), not v > t, so that NaN as value or threshold goes right, as in C.
func leafNarrow(nodes []uint64, x []float32) int {
	at := 0
	for {
		w := nodes[at]
		offset := w >> narrowOffset
		if offset == 0 {
			return int(w & math.MaxUint32)
		}
		v := x[w>>narrowFeature&maxFeature]
		right := 0
		if !(v <= math.Float32frombits(uint32(w))) {
			right = 1
		}
		if v != v && w&narrowMissing != 0 {
			right = 0
		}
		at += int(offset) + right
	}
}

// leafWide does the same for wide nodes. Values that are float32 already are widened, which is exact.
func leafWide[T float32 | float64](words []uint64, sets []uint32, x []T) int {
	at := 0
	for {
		first, second := words[2*at], words[2*at+1]
		offset := second & math.MaxUint32
		if offset == 0 {
			return int(first)
		}
		v := float64(x[second>>wideFeature&wideMask])
		left := v <= math.Float64frombits(first)
		if second&wideCategory != 0 {
			left = categoryLeft(sets[first*setWords:][:setWords], v, second&wideMissing != 0)
		} else if v != v {
			left = second&wideMissing != 0
		}
		if !left {
			offset++
		}
		at += int(offset)
	}
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
