package engine

import (
	"math"
	"math/bits"
	"unsafe"
)

// lanes is the number of walks that go on at once: while one waits for memory, the others go on.
const lanes = 8

// group is the nodes that the walks of one group are at.
type group [lanes]uint64

// narrowKeys is the keys of a block of rows, as many as a narrow node can name: what is behind the key columns is there, so that no step has to check its
// column, but is never read.
type narrowKeys [narrowMask + 1][lanes]uint32

func (t *Trees) run(s *session, n int) {
	t.start(s, n)
	columns := t.keyColumns()
	if !t.Wide {
		t.fillKeys32(s, n)
		t.walkAll(s, n, func(block int, at *group) { walkNarrow(t.Nodes, (*narrowKeys)(s.keys32[block*columns:]), at) })
		return
	}
	t.fillKeys64(s, n)
	nodes := unsafe.Slice((*[2]uint64)(unsafe.Pointer(unsafe.SliceData(t.Nodes))), len(t.Nodes)/2)
	if len(t.Sets) == 0 {
		t.walkAll(s, n, func(block int, at *group) { walkWide(nodes, s.keys64[block*columns:][:columns], at) })
	} else {
		t.walkAll(s, n, func(block int, at *group) {
			walkSets(nodes, t.Sets, int(t.In.N), s.keys64[block*columns:][:columns], at)
		})
	}
}

// walkAll has every tree walked for every row, trees outside so that a tree stays in cache, and adds the leaves in the order of the trees. Eight rows walk one
// tree at once; the rows that are left over walk eight trees at once. walk moves a group from the roots to the leaves, with the keys of a block.
func (t *Trees) walkAll(s *session, n int, walk func(block int, at *group)) {
	whole := n / lanes
	for tree := range t.Columns {
		for block := range whole {
			at := &s.walks
			for lane := range at {
				at[lane] = uint64(t.Roots[tree])
			}
			walk(block, at)
			t.addRows(s, block*lanes, tree, at)
		}
	}
	for r := whole * lanes; r < n; r++ {
		block, out := whole+r%lanes, s.span(r, t.Out)
		for first := 0; first < len(t.Columns); first += lanes {
			at := &s.walks
			for lane := range at {
				at[lane] = uint64(t.Roots[min(first+lane, len(t.Columns)-1)])
			}
			walk(block, at)
			t.addLeaves(out, first, at[:min(lanes, len(t.Columns)-first)])
		}
	}
}

// addRows adds the values of the leaves of one tree to eight rows from first on.
func (t *Trees) addRows(s *session, first, tree int, nodes *group) {
	from, width := first*s.width+int(t.Out.Start+t.Columns[tree]), int(t.Widths[tree])
	if width != 2 || t.Compare == Float32Sum {
		for _, node := range nodes {
			t.addLeaf(s.floats[from:from+width], node)
			from += s.width
		}
		return
	}
	for _, node := range nodes { // faster than a loop over two numbers
		leaf, out := t.Leaves[t.leafStart(node):][:2], s.floats[from:][:2]
		out[0] += leaf[0]
		out[1] += leaf[1]
		from += s.width
	}
}

// addLeaves adds the values of the leaves of trees from first on. Sums of one or two numbers stay in registers: in memory each addition waits for the store before it.
func (t *Trees) addLeaves(out []float64, first int, nodes []uint64) {
	switch {
	case t.Compare == Float32Sum: // rounds after every addition
		t.addEachLeaf(out, first, nodes)
	case t.common == 1:
		out = out[t.Columns[0]:]
		sum := out[0]
		for _, node := range nodes {
			sum += t.Leaves[t.leafStart(node)]
		}
		out[0] = sum
	case t.common == 2:
		out = out[t.Columns[0]:]
		a, b := out[0], out[1]
		for _, node := range nodes {
			leaf := t.Leaves[t.leafStart(node):][:2]
			a += leaf[0]
			b += leaf[1]
		}
		out[0], out[1] = a, b
	default:
		t.addEachLeaf(out, first, nodes)
	}
}

// addEachLeaf is addLeaves for trees of any widths.
func (t *Trees) addEachLeaf(out []float64, first int, nodes []uint64) {
	for i, node := range nodes {
		t.addLeaf(out[t.Columns[first+i]:][:t.Widths[first+i]], node)
	}
}

// leafStart is where the values of a leaf start in Leaves.
func (t *Trees) leafStart(node uint64) uint64 {
	if t.Wide {
		node *= 2
	}
	return t.Nodes[node]
}

// addLeaf adds the values of a leaf to the columns of its tree.
func (t *Trees) addLeaf(out []float64, node uint64) {
	for k, v := range t.Leaves[t.leafStart(node):][:len(out)] {
		out[k] += v
		if t.Compare == Float32Sum {
			out[k] = float64(float32(out[k]))
		}
	}
}

// walkNarrowGo moves each lane to its leaf. A step at a leaf stays there, so that all lanes step alike until the last has arrived.
func walkNarrowGo(nodes []uint64, keys *narrowKeys, at *group) {
	a, b, c, d, e, f, g, h := at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]
	for {
		w := nodes[a]
		moved := w
		a = stepNarrow(a, w, keys[w>>narrowColumn&narrowMask][0])
		w = nodes[b]
		moved |= w
		b = stepNarrow(b, w, keys[w>>narrowColumn&narrowMask][1])
		w = nodes[c]
		moved |= w
		c = stepNarrow(c, w, keys[w>>narrowColumn&narrowMask][2])
		w = nodes[d]
		moved |= w
		d = stepNarrow(d, w, keys[w>>narrowColumn&narrowMask][3])
		w = nodes[e]
		moved |= w
		e = stepNarrow(e, w, keys[w>>narrowColumn&narrowMask][4])
		w = nodes[f]
		moved |= w
		f = stepNarrow(f, w, keys[w>>narrowColumn&narrowMask][5])
		w = nodes[g]
		moved |= w
		g = stepNarrow(g, w, keys[w>>narrowColumn&narrowMask][6])
		w = nodes[h]
		moved |= w
		h = stepNarrow(h, w, keys[w>>narrowColumn&narrowMask][7])
		if moved>>narrowOffset == 0 {
			break
		}
	}
	*at = group{a, b, c, d, e, f, g, h}
}

// stepNarrow is the child of a node w, stored at node, that the key goes to: the right one where it is above the threshold's. The compiler makes one
// comparison and one addition with carry of it; a shift of the difference takes three instructions more.
func stepNarrow(node, w uint64, key uint32) uint64 {
	_, above := bits.Sub64(uint64(uint32(w)), uint64(key), 0)
	child, _ := bits.Add64(node, w>>narrowOffset, above)
	return child
}

// walkWide is walkNarrowGo for wide nodes without category splits.
func walkWide(nodes [][2]uint64, keys [][lanes]uint64, at *group) {
	a, b, c, d, e, f, g, h := at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]
	for {
		n := &nodes[a]
		moved := n[1]
		a = stepWide(a, n, keys[n[1]>>wideColumn][0])
		n = &nodes[b]
		moved |= n[1]
		b = stepWide(b, n, keys[n[1]>>wideColumn][1])
		n = &nodes[c]
		moved |= n[1]
		c = stepWide(c, n, keys[n[1]>>wideColumn][2])
		n = &nodes[d]
		moved |= n[1]
		d = stepWide(d, n, keys[n[1]>>wideColumn][3])
		n = &nodes[e]
		moved |= n[1]
		e = stepWide(e, n, keys[n[1]>>wideColumn][4])
		n = &nodes[f]
		moved |= n[1]
		f = stepWide(f, n, keys[n[1]>>wideColumn][5])
		n = &nodes[g]
		moved |= n[1]
		g = stepWide(g, n, keys[n[1]>>wideColumn][6])
		n = &nodes[h]
		moved |= n[1]
		h = stepWide(h, n, keys[n[1]>>wideColumn][7])
		if moved == 0 {
			break
		}
	}
	*at = group{a, b, c, d, e, f, g, h}
}

// stepWide is stepNarrow for a wide node.
func stepWide(node uint64, words *[2]uint64, key uint64) uint64 {
	_, above := bits.Sub64(words[0], key, 0)
	child, _ := bits.Add64(node, words[1]&math.MaxUint32, above)
	return child
}

// walkSets is walkWide for nodes of which some are category splits, over features columns of keys.
func walkSets(nodes [][2]uint64, sets []uint32, features int, keys [][lanes]uint64, at *group) {
	for {
		moved := uint64(0)
		for lane := range at {
			n := &nodes[at[lane]]
			moved |= n[1]
			column := n[1] >> wideColumn & wideMask
			if n[1]&wideCategory == 0 {
				at[lane] = stepWide(at[lane], n, keys[column][lane])
				continue
			}
			at[lane] += n[1] & math.MaxUint32
			if !categoryLeft(sets[n[0]*setWords:][:setWords], number64(keys[column][lane]), column > uint64(features)) {
				at[lane]++
			}
		}
		if moved == 0 {
			return
		}
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
