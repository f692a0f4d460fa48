package engine

import (
	"math"
	"slices"
	"unsafe"
)

const (
	// vectorLanes is the trees that vector instructions answer at once: the bytes of a register of AVX2.
	vectorLanes = 32
	// maxPages is the number of pages that the features of a step may have, 32 of them each.
	maxPages = 8
	// maxLanes is how many lanes there may be for a split: with more of them, empty ones, the lists are faster.
	maxLanes = 4
	// missingRank is the rank of a missing value, maxRank the highest one of a number.
	missingRank, maxRank = 255, 254
	// pivots is the square root of the number of ranks: two counts of so many keys find a rank.
	pivots = 16
)

// byteLanes has a byte for each of 32 trees, or for each feature of a page.
type byteLanes [vectorLanes]uint8

// allOnes is the widths of splits that never fire, and the masks that take nothing out.
var allOnes = byteLanes(slices.Repeat([]uint8{255}, vectorLanes))

// smallVectors is what SmallTrees has, laid out for processors that compare 32 bytes at once. It is made when a plan is loaded and has the same answers.
//
// # Method
//
// A value becomes a byte, its rank among the thresholds of its feature. The trees stand side by side, 32 of them to a group. A slot has one split of each tree of a
// group, all of them of one page of features: it looks 32 ranks up and finds the trees whose split does not fire. The leaves that are left of a tree, a word in
// SmallTrees, are here a byte in each of several planes, so that no byte has to be widened. No split is skipped, but 32 of them take 16 instructions.
//
// The ranks for which a split does not fire follow one another, the missing one being between the highest and 0: they go from low to low+width, modulo 256.
type smallVectors struct {
	tables []rankTable // by feature
	blocks []rankBlock
	groups []laneGroup
	slots  []int32     // of each group by page
	lanes  []byteLanes // for each slot features, lows, widths and the masks of each plane
	pages  int
}

// rankBlock is 16 ascending keys.
type rankBlock [pivots]int64

// rankTable finds the rank of a key. It stands for 256 keys in 16 blocks: the lowest possible one as often as is needed, the thresholds of the feature, each once,
// a key above those of all numbers and that of a missing value. Blocks without a threshold in front are not stored.
type rankTable struct {
	last  rankBlock // the last key of each block
	first int64     // of its blocks, in bytes from the start of all: where the first one would be if it were stored
	_     [7]int64
}

// laneGroup is 32 trees.
type laneGroup struct {
	first  int // of its lanes
	planes int // 4, or 8 if a tree has more than 32 leaves
}

// The lanes of a slot.
const (
	laneFeature = iota
	laneLow
	laneWidth
	lanePlanes // and those behind it
)

// signedKey turns a key into a signed integer that is ordered alike: AVX2 compares no others.
func signedKey(key uint64) int64 { return int64(key ^ 1<<63) }

// newSmallVectors lays sound trees out. It gives nil where the lists are what is left: on other processors, with more than 256 features or more than 254
// different thresholds of one, and where there would be more lanes than so many for a split.
func newSmallVectors(t *SmallTrees, maxLanes int) *smallVectors {
	pages := (len(t.Features) + vectorLanes - 1) / vectorLanes
	if !hasVectors || pages == 0 || pages > maxPages {
		return nil
	}
	v := &smallVectors{tables: make([]rankTable, len(t.Features)), pages: pages}
	ranks := make([]uint8, len(t.Keys))
	for i := range t.Features {
		first, last := t.Starts[i], t.Starts[i+1]
		if !v.addTable(i, t.Keys[first:last], ranks[first:last]) {
			return nil
		}
	}
	if !v.addGroups(t, maxLanes) {
		return nil
	}
	v.addSplits(t, ranks)
	return v
}

// addTable makes the table of a feature from the keys of its splits, and sets the rank of each: a value fires it or not as its own rank is above that or not. It
// reports whether there are few enough.
func (v *smallVectors) addTable(feature int, keys []uint64, ranks []uint8) bool {
	different := 1
	for i := 1; i < len(keys); i++ {
		if keys[i] != keys[i-1] {
			different++
		}
	}
	if different > maxRank {
		return false
	}
	start := maxRank - different // the rank of the first threshold
	skipped := start / pivots
	table, blocks := &v.tables[feature], make([]rankBlock, pivots-skipped)
	table.first = int64(len(v.blocks)-skipped) * pivots * 8
	set := func(rank int, key int64) { blocks[rank/pivots-skipped][rank%pivots] = key }
	for rank := skipped * pivots; rank < start; rank++ {
		set(rank, math.MinInt64)
	}
	rank := start
	for i, key := range keys {
		if i > 0 && key != keys[i-1] {
			rank++
		}
		set(rank, signedKey(key))
		ranks[i] = uint8(rank)
	}
	set(maxRank, signedKey(missingHigh64-1))
	set(missingRank, signedKey(missingHigh64))
	for i := range table.last {
		table.last[i] = math.MinInt64
		if i >= skipped {
			table.last[i] = blocks[i-skipped][pivots-1]
		}
	}
	v.blocks = append(v.blocks, blocks...)
	return true
}

// addGroups makes groups whose splits never fire. It reports whether they have few enough lanes.
func (v *smallVectors) addGroups(t *SmallTrees, maxLanes int) bool {
	v.slots = make([]int32, (len(t.Columns)+vectorLanes-1)/vectorLanes*v.pages)
	slots := 0
	for page := range v.pages {
		var splits [maxBlock]int32 // of each tree
		last := min((page+1)*vectorLanes, len(t.Features))
		for _, tree := range t.Trees[t.Starts[page*vectorLanes]:t.Starts[last]] {
			splits[tree]++
		}
		for group := 0; group*vectorLanes < len(t.Columns); group++ {
			most := slices.Max(splits[group*vectorLanes:][:vectorLanes])
			v.slots[group*v.pages+page] = most
			slots += int(most)
		}
	}
	if slots*vectorLanes/maxLanes > len(t.Keys) {
		return false
	}
	v.lanes = make([]byteLanes, 0, slots*(lanePlanes+8))
	for first := 0; first < len(t.Columns); first += vectorLanes {
		group := laneGroup{first: len(v.lanes), planes: 4}
		for i := first; i < min(first+vectorLanes, len(t.Columns)); i++ {
			if t.Firsts[i+1]-t.Firsts[i] > t.Widths[i]*maxSmall/2 {
				group.planes = 8
			}
		}
		for range v.groupSlots(len(v.groups)) {
			v.lanes = append(v.lanes, byteLanes{}, byteLanes{})
			for range 1 + group.planes {
				v.lanes = append(v.lanes, allOnes)
			}
		}
		v.groups = append(v.groups, group)
	}
	return true
}

// groupSlots is the number of slots of a group in all pages.
func (v *smallVectors) groupSlots(group int) (n int32) {
	for _, slots := range v.slots[group*v.pages:][:v.pages] {
		n += slots
	}
	return n
}

// addSplits puts every split into the next slot of its tree and page.
func (v *smallVectors) addSplits(t *SmallTrees, ranks []uint8) {
	firsts := make([]int, len(v.groups)) // lanes of the page
	for i := range v.groups {
		firsts[i] = v.groups[i].first
	}
	var used [maxBlock]int // slots of each tree
	for i := range t.Features {
		page, feature := i/vectorLanes, uint8(i%vectorLanes)
		if page > 0 && feature == 0 {
			used = [maxBlock]int{}
			for g := range v.groups {
				firsts[g] += int(v.slots[g*v.pages+page-1]) * (lanePlanes + v.groups[g].planes)
			}
		}
		if feature >= vectorLanes/2 {
			feature ^= 0x90 // fireLanes wants the second half from 0x80 on
		}
		first, last := t.Starts[i], t.Starts[i+1]
		middle := middle(first, last)
		for k := first; k < last; k++ {
			tree := t.Trees[k]
			group, lane := tree/vectorLanes, tree%vectorLanes
			planes := v.groups[group].planes
			at := firsts[group] + used[tree]*(lanePlanes+planes)
			used[tree]++
			slot := v.lanes[at : at+lanePlanes+planes]
			slot[laneFeature][lane] = feature
			slot[laneLow][lane], slot[laneWidth][lane] = spared(ranks[k], k < middle, t.Missing[k/32]>>(k%32)&1 == 0)
			mask := t.Masks[k]
			for p := range slot[lanePlanes:] {
				slot[lanePlanes+p][lane] = uint8(mask)
				mask >>= 8
			}
		}
	}
}

// spared is the ranks for which a split does not fire, whose threshold has a rank: those of numbers above it if it fires for what goes left, or else those
// of the others; and that of a missing value or not.
func spared(rank uint8, firesLeft, missing bool) (low, width uint8) {
	low, high := uint8(0), rank
	switch {
	case firesLeft && missing:
		low, high = rank+1, missingRank
	case firesLeft:
		low, high = rank+1, maxRank
	case missing:
		low = missingRank
	}
	return low, high - low
}

// fire takes the leaves out of the trees' words that a row cannot fall into.
func (v *smallVectors) fire(keys []uint64, words *leafWords) {
	var ranks [maxPages]byteLanes
	rankKeys(&v.tables[0], &v.blocks[0], &keys[0], len(keys), &ranks[0])
	for i := range v.groups {
		group := &v.groups[i]
		lanes := unsafe.SliceData(v.lanes[group.first:]) // none in a group of leaves alone
		fireLanes(lanes, &v.slots[i*v.pages], v.pages, group.planes, &ranks[0], (*[vectorLanes]uint64)(words[i*vectorLanes:]))
	}
}
