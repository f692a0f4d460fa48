package engine

import "math/bits"

// leafWords has for each tree of a step of SmallTrees a bit for every leaf that is left.
type leafWords [maxBlock]uint64

// allLeaves is the word of a tree of which nothing is taken out.
const allLeaves = ^uint64(0)

// fewSplits is the number of splits of a feature up to which all are compared: a search and a loop whose end cannot be foreseen cost more.
const fewSplits = 16

func (t *SmallTrees) run(s *session, n int) {
	t.start(s, n)
	keys, ends := s.featureKeys[:len(t.Features)], s.ends[:len(t.Features)]
	for r := range n {
		t.fillKeys(s.span(r, t.In), keys)
		if t.vectors != nil {
			t.vectors.fire(keys, &s.words)
		} else {
			t.search(keys, ends)
			t.fire(keys, ends, &s.words)
		}
		if out := s.span(r, t.Out); t.single {
			t.sumSingle(&s.words, &out[t.Columns[0]])
		} else {
			t.sum(&s.words, out)
		}
	}
}

// fillKeys writes the keys of a row's values, of the features that splits look at.
func (t *SmallTrees) fillKeys(in []float64, keys []uint64) {
	float32s := t.Compare.single()
	for i, f := range t.Features {
		v := in[f]
		if float32s {
			v = float64(float32(v))
		}
		key := key64(v)
		if v != v {
			key = missingHigh64
		}
		keys[i] = key
	}
}

// search finds for each feature the first split whose threshold is not below the value of the row: those that fire lie between it and the middle.
func (t *SmallTrees) search(keys []uint64, ends []int32) {
	starts, ends := t.Starts[:len(keys)+1], ends[:len(keys)]
	for i, key := range keys {
		first, last := starts[i], starts[i+1]
		if last-first > fewSplits {
			ends[i] = int32(below(t.Keys, uint64(first), uint64(last-first), key))
		}
	}
}

// below is the first of n keys from the one at on that is not below a key; they are ascending, and n is at least 1. No branch depends on a key.
func below(keys []uint64, at, n uint64, key uint64) uint64 {
	for n > 1 {
		half := n >> 1
		_, less := bits.Sub64(keys[at+half], key, 0)
		at += half & -less
		n -= half
	}
	_, less := bits.Sub64(keys[at], key, 0)
	return at + less
}

// fire takes the leaves out of the trees' words that the row cannot fall into. Each of the words has all bits set before.
func (t *SmallTrees) fire(keys []uint64, ends []int32, words *leafWords) {
	starts := t.Starts[:len(keys)+1]
	for i, key := range keys {
		first, last := starts[i], starts[i+1]
		middle := middle(first, last)
		if key == missingHigh64 {
			t.fireMissing(first, last, words)
			continue
		}
		if last-first <= fewSplits {
			t.fireFew(first, middle, last, key, words)
			continue
		}
		end := ends[i]
		down := (end - middle) & ((end - middle) >> 31) // how far the end lies below the middle, as a negative number
		from, to := middle+down, end-down
		words.take(t.Trees[from:to], t.Masks[from:to])
	}
}

// take applies masks to the words of their trees, four at once. The last four come first, and some of them again at the end, which changes nothing: a
// second loop over what is left would cost more, because its end cannot be foreseen.
func (w *leafWords) take(trees []uint8, masks []uint64) {
	trees = trees[:len(masks)]
	last := len(masks) - 4
	if last < 0 {
		for k, mask := range masks {
			w[trees[k]] &= mask
		}
		return
	}
	w.takeFour((*[4]uint8)(trees[last:]), (*[4]uint64)(masks[last:]))
	for k := 0; k < last; k += 4 {
		w.takeFour((*[4]uint8)(trees[k:]), (*[4]uint64)(masks[k:]))
	}
}

// takeFour applies four masks.
func (w *leafWords) takeFour(trees *[4]uint8, masks *[4]uint64) {
	w[trees[0]] &= masks[0]
	w[trees[1]] &= masks[1]
	w[trees[2]] &= masks[2]
	w[trees[3]] &= masks[3]
}

// fireFew is fire for a feature with few splits. No branch depends on a key.
func (t *SmallTrees) fireFew(first, middle, last int32, key uint64, words *leafWords) {
	trees, masks, keys := t.Trees[first:last], t.Masks[first:last], t.Keys[first:last]
	trees, masks = trees[:len(keys)], masks[:len(keys)]
	for k, threshold := range keys {
		_, above := bits.Sub64(threshold, key, 0)
		_, lower := bits.Sub64(uint64(k), uint64(middle-first), 0)
		words[trees[k]] &= masks[k] | (above ^ lower - 1) // all bits for a split that does not fire
	}
}

// fireMissing is fire for a missing value of one feature.
func (t *SmallTrees) fireMissing(first, last int32, words *leafWords) {
	for i := uint32(first); i < uint32(last); i++ {
		spared := uint64(t.Missing[i/32]>>(i%32)&1) - 1 // all bits for a split that does not fire
		words[t.Trees[i]] &= t.Masks[i] | spared
	}
}

// sumSingle adds the values of the leaves to one column, in the order of the trees, and sets all bits of the words for the next row. The sum stays in
// a register: one in memory would make every addition wait for the store before it.
func (t *SmallTrees) sumSingle(words *leafWords, out *float64) {
	sum, leaves, firsts := *out, t.Leaves, t.Firsts[:len(t.Columns)]
	if t.Compare == Float32Sum {
		for i, first := range firsts {
			word := &words[uint8(i)]
			sum = float64(float32(sum + leaves[int(first)+bits.TrailingZeros64(*word)]))
			*word = allLeaves
		}
	} else {
		for i, first := range firsts {
			word := &words[uint8(i)]
			sum += leaves[int(first)+bits.TrailingZeros64(*word)]
			*word = allLeaves
		}
	}
	*out = sum
}

// sum adds the values of the leaves to the columns of their trees, in the order of the trees, and sets all bits of the words for the next row.
func (t *SmallTrees) sum(words *leafWords, out []float64) {
	rounded := t.Compare == Float32Sum
	for i := range t.Columns {
		width, column := int(t.Widths[i]), t.Columns[i]
		word := &words[uint8(i)]
		at := int(t.Firsts[i]) + bits.TrailingZeros64(*word)*width
		*word = allLeaves
		sums := out[column:]
		for k, v := range t.Leaves[at : at+width] {
			v += sums[k]
			if rounded {
				v = float64(float32(v))
			}
			sums[k] = v
		}
	}
}
