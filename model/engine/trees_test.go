package engine

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestFloor32 holds x <= v against x <= floor32(v) around every hard value.
func TestFloor32(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	for range 200000 {
		v, x := hardValue(r), float32(hardValue(r))
		if got, want := x <= floor32(v), float64(x) <= v; got != want {
			t.Fatalf("%v <= floor32(%v) = %v, want %v", x, v, got, want)
		}
		if f := floor32(v); float64(f) > v || float64(math.Nextafter32(f, float32(math.Inf(1)))) <= v && !math.IsInf(v, 1) {
			t.Fatalf("floor32(%v) = %v is not the largest float32 below", v, f)
		}
	}
}

// TestWideOffsets packs a tree whose levels are too far apart for a narrow node.
func TestWideOffsets(t *testing.T) {
	t.Parallel()
	const leaves = 1<<20 + 1
	n := 2*leaves - 1
	tree := Tree{Left: make([]int32, n), Right: make([]int32, n), Feature: make([]int32, n), Threshold: make([]float64, n), Values: make([]float64, n), Width: 1}
	for i := range n {
		tree.Left[i], tree.Right[i] = int32(2*i+1), int32(2*i+2)
		if 2*i+2 >= n {
			tree.Left[i], tree.Right[i] = -1, -1
		}
		tree.Threshold[i], tree.Values[i] = float64(i%7)-3, float64(i%1009)
	}
	p := treePlan(t, packLarge, 1, 1, Float32LE, nil, []Tree{tree}, nil)
	if !p.Steps()[0].(*Trees).Wide {
		t.Error("nodes are narrow, want wide ones")
	}
	var out Result
	for _, x := range []float64{-3, 0, 0.1, 2, 5} {
		p.Run(&Batch{N: 1, Numbers: []float64{x}}, &out)
		if err := sameBits(out.Values, literalTree(&tree, Float32LE, nil, []float64{x})); err != nil {
			t.Errorf("x = %v: %v", x, err)
		}
	}
}

// TestLeavesAreShared keeps equal leaf values, and only those, in one place.
func TestLeavesAreShared(t *testing.T) {
	t.Parallel()
	values := []float64{9, 0, math.Copysign(0, -1), 0, 0}
	tree := Tree{
		Left: []int32{1, -1, 3, -1, -1}, Right: []int32{2, -1, 4, -1, -1}, Feature: make([]int32, 5), Threshold: make([]float64, 5), Values: values, Width: 1,
	}
	step, err := NewTrees(TreeSums{In: Span{N: 1}, Out: Span{Start: 1, N: 1}, Compare: Float64LE}, []Tree{tree}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(step.Leaves) != 1 {
		t.Errorf("leaves are %v, want one zero", step.Leaves)
	}
	tree.Values[4] = math.Copysign(0, -1)
	if step, err = NewTrees(TreeSums{In: Span{N: 1}, Out: Span{Start: 1, N: 1}, Compare: Float64LE}, []Tree{tree}, nil); err != nil || len(step.Leaves) != 2 {
		t.Errorf("leaves are %v, want both zeros (%v)", step.Leaves, err)
	}
}

func TestNewTreesRefuses(t *testing.T) {
	t.Parallel()
	good := func() Tree {
		return Tree{
			Left: []int32{1, -1, -1}, Right: []int32{2, -1, -1}, Feature: []int32{1, -2, -2}, Threshold: []float64{0.5, 0, 0},
			Category: []int32{-1, -1, -1}, MissingLeft: make([]bool, 3), Values: []float64{0, 1, 2}, Width: 1,
		}
	}
	cases := []struct {
		name    string
		compare Compare
		init    []float64
		change  func(*Tree)
		want    string
	}{
		{"good", Float64LE, nil, func(*Tree) {}, ""},
		{"compare", "lt", nil, func(*Tree) {}, "compare"},
		{"init", Float64LE, []float64{1, 2}, func(*Tree) {}, "init has 2"},
		{"empty", Float64LE, nil, func(t *Tree) { *t = Tree{Width: 1} }, "0 nodes"},
		{"lengths", Float64LE, nil, func(t *Tree) { t.Feature = t.Feature[1:] }, "different lengths"},
		{"missing length", Float64LE, nil, func(t *Tree) { t.MissingLeft = t.MissingLeft[1:] }, "different lengths"},
		{"category length", Float64LE, nil, func(t *Tree) { t.Category = t.Category[1:] }, "different lengths"},
		{"values", Float64LE, nil, func(t *Tree) { t.Values = t.Values[1:] }, "values of width"},
		{"width", Float64LE, nil, func(t *Tree) { t.Width = 0 }, "values of width"},
		{"width beyond out", Float64LE, nil, func(t *Tree) { t.Output = 1 }, "columns 1 to 2"},
		{"output", Float64LE, nil, func(t *Tree) { t.Output = -1 }, "to column -1"},
		{"one child", Float64LE, nil, func(t *Tree) { t.Left[0] = -1 }, "children -1 and 2"},
		{"child outside", Float64LE, nil, func(t *Tree) { t.Right[0] = 3 }, "children 1 and 3"},
		{"cycle", Float64LE, nil, func(t *Tree) { t.Left[1], t.Right[1] = 0, 2 }, "is the root or has two parents"},
		{"shared child", Float64LE, nil, func(t *Tree) { t.Right[0] = 1 }, "has two parents"},
		{"unreached", Float64LE, nil, func(t *Tree) { t.Left[0], t.Right[0] = -1, -1 }, "1 of 3 nodes"},
		{"feature", Float64LE, nil, func(t *Tree) { t.Feature[0] = 2 }, "feature 2 of 2"},
		{"negative feature", Float64LE, nil, func(t *Tree) { t.Feature[0] = -2 }, "feature -2"},
		{"category outside", Float64LE, nil, func(t *Tree) { t.Category[0] = 1 }, "category set 1 of 1"},
		{"negative category", Float64LE, nil, func(t *Tree) { t.Category[0] = -2 }, "category set -2"},
		{"category in float32", Float32LE, nil, func(t *Tree) { t.Category[0] = 0 }, "category set"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tree := good()
			c.change(&tree)
			_, err := NewTrees(TreeSums{In: Span{N: 2}, Out: Span{Start: 2, N: 1}, Compare: c.compare, Init: c.init}, []Tree{tree}, make([]CategorySet, 1))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestTreesRefuseDamage changes packed nodes and lists as a hostile file would.
func TestTreesRefuseDamage(t *testing.T) {
	t.Parallel()
	tree := Tree{
		Left: []int32{1, -1, 3, -1, -1}, Right: []int32{2, -1, 4, -1, -1}, Feature: make([]int32, 5), Threshold: make([]float64, 5), Values: []float64{0, 1, 0, 2, 3}, Width: 1,
	}
	pack := func(compare Compare) *Trees {
		trees, err := NewTrees(TreeSums{In: Span{N: 2}, Out: Span{Start: 2, N: 1}, Compare: compare}, []Tree{tree, tree}, make([]CategorySet, 1))
		if err != nil {
			t.Fatal(err)
		}
		return trees
	}
	cases := []struct {
		name    string
		compare Compare
		change  func(*Trees)
		want    string
	}{
		{"narrow good", Float32LE, func(*Trees) {}, ""},
		{"narrow child outside the tree", Float32LE, func(t *Trees) { t.Nodes[0] = 7 << narrowOffset }, "tree 0: node 0: offset 7"},
		{"narrow last child", Float32LE, func(t *Trees) { t.Nodes[0] = 6<<narrowOffset | 1<<narrowColumn }, ""},
		{"narrow feature", Float32LE, func(t *Trees) { t.Nodes[8] = t.Nodes[8]&^(narrowMask<<narrowColumn) | 5<<narrowColumn }, "tree 1: node 0: offset 2, column 5"},
		{"narrow no column", Float32LE, func(t *Trees) { t.Nodes[0] &^= narrowMask << narrowColumn }, "column 0"},
		{"narrow leaf", Float32LE, func(t *Trees) { t.Nodes[1] = 4 }, "leaf values from 4"},
		{"narrow last leaf", Float32LE, func(t *Trees) { t.Nodes[13] = 4 }, "tree 1: node 5: leaf values from 4"},
		{"narrow last is a split", Float32LE, func(t *Trees) { t.Nodes[13] = 1<<narrowOffset | 1<<narrowColumn }, "tree 1: node 5: offset 1"},
		{"narrow leaf with a column", Float32LE, func(t *Trees) { t.Nodes[1] |= 2 << narrowColumn }, "leaf values"},
		{"narrow with float64", Float32LE, func(t *Trees) { t.Compare = Float64LE }, "with wide false"},
		{"wide good", Float64LE, func(*Trees) {}, ""},
		{"wide child outside the tree", Float64LE, func(t *Trees) { t.Nodes[1] = 7 }, "tree 0: node 0: offset 7"},
		{"wide child far outside", Float64LE, func(t *Trees) { t.Nodes[1] = math.MaxUint32 }, "offset 4294967295"},
		{"wide feature", Float64LE, func(t *Trees) { t.Nodes[1] = 1 | 5<<wideColumn }, "column 5"},
		{"wide no column", Float64LE, func(t *Trees) { t.Nodes[1] = 1 }, "column 0"},
		{"wide last bit", Float64LE, func(t *Trees) { t.Nodes[1] |= 1 << 63 }, "node 0"},
		{"wide leaf", Float64LE, func(t *Trees) { t.Nodes[2] = 4 }, "leaf values from 4"},
		{"wide leaf huge", Float64LE, func(t *Trees) { t.Nodes[2] = math.MaxUint64 }, "leaf values from"},
		{"wide leaf with a feature", Float64LE, func(t *Trees) { t.Nodes[3] = 1 << wideColumn }, "no column"},
		{"wide leaf with a set", Float64LE, func(t *Trees) { t.Nodes[3] = wideCategory }, "no column"},
		{"wide set", Float64LE, func(t *Trees) { t.Nodes[0], t.Nodes[1] = 1, t.Nodes[1]|wideCategory }, "category set 1 of 1"},
		{"wide odd words", Float64LE, func(t *Trees) { t.Nodes = t.Nodes[:27] }, "two a node"},
		{"sets", Float64LE, func(t *Trees) { t.Sets = t.Sets[:15] }, "sets has 15"},
		{"no roots", Float64LE, func(t *Trees) { t.Roots = nil }, "roots"},
		{"first root", Float64LE, func(t *Trees) { t.Roots[0] = 1 }, "roots"},
		{"last root", Float64LE, func(t *Trees) { t.Roots[2] = 13 }, "roots"},
		{"root outside", Float64LE, func(t *Trees) { t.Roots[1] = 15 }, "nodes 0 to 15"},
		{"root before", Float64LE, func(t *Trees) { t.Roots[1] = -1 }, "nodes 0 to -1"},
		{"empty tree", Float64LE, func(t *Trees) { t.Roots[1] = 14 }, "nodes 14 to 14"},
		{"columns", Float64LE, func(t *Trees) { t.Columns = t.Columns[:1] }, "columns has 1"},
		{"column", Float64LE, func(t *Trees) { t.Columns[1] = 1 }, "tree 1: columns 1 to 2"},
		{"column and width overflow", Float64LE, func(t *Trees) { t.Columns[1], t.Widths[1] = math.MaxInt32, math.MaxInt32 }, "outside out's 1"},
		{"widths", Float64LE, func(t *Trees) { t.Widths = nil }, "widths has 0"},
		{"width", Float64LE, func(t *Trees) { t.Widths[0] = 0 }, "columns 0 to 0"},
		{"leaves", Float64LE, func(t *Trees) { t.Leaves = nil }, "0 leaf values"},
		{"fewer leaves", Float64LE, func(t *Trees) { t.Leaves = t.Leaves[:2] }, "leaf values from 2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			trees := pack(c.compare)
			c.change(trees)
			err := trees.checkParts()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// narrowScans are the scan of this processor and the one in Go.
var narrowScans = map[string]func(nodes []uint64, limit, leaves uint64) (bool, uint64){"processor": scanNarrow, "Go": scanNarrowGo}

// TestNarrowScan holds the scan without branches against the plain rule: every bit of every node is turned over.
func TestNarrowScan(t *testing.T) {
	t.Parallel()
	tree := randomTree(rand.New(rand.NewPCG(1, 2)), 30, 5, 0)
	trees, err := NewTrees(TreeSums{In: Span{N: 5}, Out: Span{Start: 5, N: 4}, Compare: Float32LE}, []Tree{tree}, nil)
	if err != nil {
		t.Fatal(err)
	}
	leaves, last, refused := uint64(len(trees.Leaves)-int(trees.Widths[0])), len(trees.Nodes)-1, 0
	for i := range trees.Nodes {
		for bit := range 64 {
			trees.Nodes[i] ^= 1 << bit
			err := trees.narrowViolation(trees.Nodes, leaves)
			for name, scan := range narrowScans {
				sound, widest := scan(trees.Nodes[:last], uint64(last)*oneOffset, leaves)
				if sound = sound && widest <= 2*5 && trees.Nodes[last] <= leaves; sound != (err == nil) {
					t.Errorf("%s: node %d, bit %d: sound is %v, the rule says %v", name, i, bit, sound, err)
				}
			}
			if err != nil {
				refused++
			}
			trees.Nodes[i] ^= 1 << bit
		}
	}
	if refused == 0 {
		t.Error("no change was refused")
	}
}

// TestNarrowScanExtremes asks both about every node of the extremes of its three fields.
func TestNarrowScanExtremes(t *testing.T) {
	t.Parallel()
	const n, leaves = 15, 7
	trees := &Trees{TreeSums: TreeSums{In: Span{N: 5}}}
	for i := range uint64(n) {
		for _, offset := range []uint64{0, 1, n - i - 2, n - i - 1, n - i, 1 << 18, 1 << 19, 1<<19 + 1, maxOffset} {
			for _, column := range []uint64{0, 1, 10, 11, narrowMask / 2, narrowMask} {
				for _, low := range []uint64{0, 1, leaves, leaves + 1, 1 << 31, math.MaxUint32} {
					nodes := make([]uint64, n)
					nodes[i] = offset&maxOffset<<narrowOffset | column<<narrowColumn | low
					err := trees.narrowViolation(nodes, leaves)
					for name, scan := range narrowScans {
						sound, widest := scan(nodes[:n-1], (n-1)*oneOffset, leaves)
						if sound = sound && widest <= 10 && nodes[n-1] <= leaves; sound != (err == nil) {
							t.Errorf("%s: node %d, offset %d, column %d, %d: sound is %v, the rule says %v", name, i, offset, column, low, sound, err)
						}
						if i < n-1 && widest != column {
							t.Errorf("%s: node %d, column %d: widest is %d", name, i, column, widest)
						}
					}
				}
			}
		}
	}
}

// TestNarrowScanOfAHugeTree has a split without a column that only bit 63 tells from a sound one.
func TestNarrowScanOfAHugeTree(t *testing.T) {
	t.Parallel()
	trees := &Trees{TreeSums: TreeSums{In: Span{N: 5}}}
	nodes := make([]uint64, maxScan+10)
	if err := trees.checkNarrow(nodes, 7); err != nil {
		t.Errorf("all leaves: %v", err)
	}
	nodes[0] = 1<<63 | 8
	if err := trees.checkNarrow(nodes, 7); err == nil {
		t.Error("a split without a column is sound")
	}
}
