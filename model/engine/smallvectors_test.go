package engine

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRankKeys holds the ranks of numbers around all thresholds of 1 to as many as fit, several tables at once.
func TestRankKeys(t *testing.T) {
	t.Parallel()
	if !hasVectors {
		t.Skip("this processor has no vector instructions that small trees use")
	}
	r := rand.New(rand.NewPCG(7, 1))
	v := smallVectors{tables: make([]rankTable, maxRank)}
	lists := make([][]float64, maxRank)
	for i := range lists {
		for len(lists[i]) <= i {
			lists[i] = append(lists[i], hardValue(r)+0)
			slices.Sort(lists[i])
			lists[i] = slices.Compact(lists[i])
			if math.IsNaN(lists[i][0]) {
				lists[i] = lists[i][1:]
			}
		}
		var keys []uint64
		for _, threshold := range lists[i] {
			keys = append(keys, thresholdKey64(threshold), thresholdKey64(threshold))
		}
		ranks := make([]uint8, len(keys))
		if !v.addTable(i, keys, ranks) {
			t.Fatalf("%d thresholds do not fit", len(lists[i]))
		}
		for k, rank := range ranks {
			if want := maxRank - (i + 1) + k/2; int(rank) != want {
				t.Fatalf("%d thresholds: number %d has rank %d, want %d", i+1, k/2, rank, want)
			}
		}
	}
	for round := range 3000 {
		keys := make([]uint64, len(lists))
		values := make([]float64, len(lists))
		for i, list := range lists {
			values[i] = list[r.IntN(len(list))]
			switch r.IntN(5) {
			case 0:
				values[i] = math.Nextafter(values[i], math.Inf(1))
			case 1:
				values[i] = math.Nextafter(values[i], math.Inf(-1))
			case 2:
				values[i] = hardValue(r)
			}
			if keys[i] = key64(values[i]); math.IsNaN(values[i]) {
				keys[i] = missingHigh64
			}
		}
		var got [maxPages]byteLanes
		rankKeys(&v.tables[0], &v.blocks[0], &keys[0], len(keys), &got[0])
		for i, list := range lists {
			want, _ := slices.BinarySearch(list, values[i]) // those below
			if want += maxRank - len(list); math.IsNaN(values[i]) {
				want = missingRank
			}
			if rank := int(got[i/vectorLanes][i%vectorLanes]); rank != want {
				t.Fatalf("round %d: %v has rank %d of %d thresholds, want %d", round, values[i], rank, len(list), want)
			}
		}
	}
}

// TestNewSmallVectors holds which trees are left to the lists.
func TestNewSmallVectors(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name                              string
		trees, leaves, features, maxLanes int
		want                              bool
	}{
		{"boosting", 200, 31, 30, maxLanes, true},
		{"64 leaves", 100, 64, 30, maxLanes, true},
		{"a group that is half full", 16, 31, 10, maxLanes, true},
		{"few trees", 7, 31, 10, maxLanes, false},
		{"few trees, any number of lanes", 1, 2, 1, math.MaxInt, true},
		{"no split", 3, 1, 10, math.MaxInt, false},
		{"all pages", 200, 64, maxPages * vectorLanes, maxLanes, true},
		{"too many features", 250, 64, maxPages*vectorLanes + 30, math.MaxInt, false},
		{"too many thresholds", 200, 31, 5, math.MaxInt, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 1))
			trees := make([]Tree, c.trees)
			for i := range trees {
				trees[i] = randomTree(r, c.leaves, c.features, 0)
				for k := range trees[i].Threshold {
					trees[i].Threshold[k] = r.Float64()
				}
			}
			small, err := NewSmallTrees(TreeSums{In: Span{N: int32(c.features)}, Out: Span{Start: int32(c.features), N: 4}, Compare: Float64LE}, trees)
			if err != nil {
				t.Fatal(err)
			}
			want := c.want && hasVectors
			if got := newSmallVectors(small, c.maxLanes) != nil; got != want {
				t.Errorf("vectors: %v, want %v of %d splits of %d features", got, want, len(small.Keys), len(small.Features))
			}
			if got := small.vectors != nil; c.maxLanes == maxLanes && got != want {
				t.Errorf("the trees use vectors: %v, want %v", got, want)
			}
		})
	}
}

// TestSmallTreesOfALeaf has whole groups of trees without a split, at the end and between others.
func TestSmallTreesOfALeaf(t *testing.T) {
	t.Parallel()
	const features = 20
	r := rand.New(rand.NewPCG(9, 1))
	var trees []Tree
	for i := range 5*vectorLanes - 3 {
		leaves := 1
		if group := i / vectorLanes; group == 1 || group == 3 {
			leaves = 20
		}
		trees = append(trees, randomTree(r, leaves, features, 0))
	}
	for _, vectors := range []bool{false, true} {
		p := reload(t, treePlan(t, packOnlySmall, features, 4, Float64LE, nil, trees, nil))
		useVectors(t, p.Steps()[0].(*SmallTrees), vectors)
		var got Result
		for range 100 {
			x := hardRow(r, features, false, trees)
			p.Run(&Batch{N: 1, Numbers: x}, &got)
			if err := sameBits(got.Values, literalForest(4, nil, trees, Float64LE, nil, x)); err != nil {
				t.Fatalf("vectors: %v, %v: %v", vectors, x, err)
			}
		}
	}
}

// useVectors makes small trees be answered by vectors, however many lanes are empty, or by lists.
func useVectors(t *testing.T, small *SmallTrees, vectors bool) {
	t.Helper()
	small.vectors = nil
	if !vectors {
		return
	}
	if !hasVectors {
		t.Skip("this processor has no vector instructions that small trees use")
	}
	if small.vectors = newSmallVectors(small, math.MaxInt); small.vectors == nil && len(small.Keys) > 0 {
		t.Fatalf("no vectors for %d splits of %d features", len(small.Keys), len(small.Features))
	}
}
