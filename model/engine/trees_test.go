package engine

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// literalTree walks the literal form as scikit-learn's sources do: Tree._apply_dense for Float32LE, _predict_one_from_raw_data for Float64LE.
func literalTree(t *Tree, compare Compare, sets []CategorySet, x []float64) []float64 {
	node := int32(0)
	for t.Left[node] != -1 {
		v := x[t.Feature[node]]
		if compare == Float32LE {
			v = float64(float32(v))
		}
		missingLeft := t.MissingLeft != nil && t.MissingLeft[node]
		var left bool
		switch {
		case math.IsNaN(v):
			left = missingLeft
		case t.Category != nil && t.Category[node] != -1:
			set := sets[t.Category[node]]
			in := func(bits [8]uint32) bool { return bits[int(v)/32]>>(int(v)%32)&1 == 1 }
			switch {
			case v < 0 || v >= 256:
				left = missingLeft
			case in(set.Left):
				left = true
			case in(set.Known):
				left = false
			default:
				left = missingLeft
			}
		default:
			left = v <= t.Threshold[node]
		}
		if left {
			node = t.Left[node]
		} else {
			node = t.Right[node]
		}
	}
	return t.Values[int(node)*t.Width:][:t.Width]
}

func literalForest(columns int, init []float64, trees []Tree, compare Compare, sets []CategorySet, x []float64) []float64 {
	out := make([]float64, columns)
	copy(out, init)
	for i := range trees {
		for k, v := range literalTree(&trees[i], compare, sets, x) {
			out[trees[i].Output+k] += v
		}
	}
	return out
}

// hardValues are values at which comparisons are easy to get wrong.
var hardValues = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.1, float64(float32(0.1)), math.NaN(), math.Inf(1), math.Inf(-1),
	math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32,
	math.SmallestNonzeroFloat32 / 2, -math.SmallestNonzeroFloat32 / 2, 1e-310, -1e-310, 1e-40, -1e-40, 1e-60, -1e-60,
	math.MaxFloat32, -math.MaxFloat32, 1e39, -1e39, 1e300, -1e300, math.MaxFloat64, -math.MaxFloat64, 16777217, 9007199254740993,
}

// hardValue draws an ordinary or a hard value, exact or one ulp aside in float64 or float32.
func hardValue(r *rand.Rand) float64 {
	v := r.NormFloat64()
	if r.IntN(2) == 0 {
		v = hardValues[r.IntN(len(hardValues))]
	}
	switch r.IntN(6) {
	case 0:
		return math.Nextafter(v, math.Inf(1))
	case 1:
		return math.Nextafter(v, math.Inf(-1))
	case 2:
		return float64(math.Nextafter32(float32(v), float32(math.Inf(1))))
	case 3:
		return float64(math.Nextafter32(float32(v), float32(math.Inf(-1))))
	case 4:
		return float64(float32(v))
	default:
		return v
	}
}

// randomTree grows a tree with the given number of leaves; its nodes are stored in a random order after the root.
func randomTree(r *rand.Rand, leaves, features, sets int) Tree {
	n := 2*leaves - 1
	place := r.Perm(n - 1) // node k > 0 is stored at place[k-1]+1
	at := func(k int) int32 {
		if k == 0 {
			return 0
		}
		return int32(place[k-1] + 1)
	}
	t := Tree{
		Left: make([]int32, n), Right: make([]int32, n), Feature: make([]int32, n), Threshold: make([]float64, n),
		MissingLeft: make([]bool, n), Category: make([]int32, n), Width: 1 + r.IntN(3), Output: r.IntN(2),
	}
	for i := range n {
		t.Left[i], t.Right[i], t.Category[i], t.Feature[i] = -1, -1, -1, -2
	}
	open := []int{0}
	for next := 1; next < n; next += 2 {
		pick := r.IntN(len(open))
		node := at(open[pick])
		open[pick] = next
		open = append(open, next+1)
		t.Left[node], t.Right[node] = at(next), at(next+1)
		t.Feature[node] = int32(r.IntN(features))
		t.Threshold[node] = hardValue(r)
		t.MissingLeft[node] = r.IntN(2) == 0
		if sets > 0 && r.IntN(2) == 0 {
			t.Category[node] = int32(r.IntN(sets))
		}
	}
	for range n * t.Width {
		t.Values = append(t.Values, float64(r.IntN(3))/3) // few different ones, so that leaves are shared
	}
	switch {
	case sets == 0:
		t.Category = nil
	case r.IntN(4) == 0:
		t.MissingLeft = nil
	}
	return t
}

func randomSets(r *rand.Rand, n int) []CategorySet {
	sets := make([]CategorySet, n)
	for i := range sets {
		for k := range 8 {
			sets[i].Known[k], sets[i].Left[k] = r.Uint32(), r.Uint32()
		}
	}
	return sets
}

// treePlan is a plan of trees alone.
func treePlan(t *testing.T, features, columns int, compare Compare, init []float64, trees []Tree, sets []CategorySet) *Plan {
	t.Helper()
	b := NewBuilder()
	in := Span{N: int32(features)}
	for f := range features {
		b.Number(f)
	}
	out := b.Floats(columns)
	step, err := NewTrees(in, out, compare, init, trees, sets)
	if err != nil {
		t.Fatal(err)
	}
	b.Add(step)
	b.Output("out", out)
	p, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// reload writes a plan and loads it again.
func reload(t *testing.T, p *Plan) *Plan {
	t.Helper()
	q, err := Load(encode(t, p))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func encode(t testing.TB, p *Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := p.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sameBits compares float64 lists bit by bit, any NaN with any other.
func sameBits(a, b []float64) error {
	if len(a) != len(b) {
		return fmt.Errorf("%d values, want %d", len(a), len(b))
	}
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) && !(math.IsNaN(a[i]) && math.IsNaN(b[i])) {
			return fmt.Errorf("value %d is %v, want %v", i, a[i], b[i])
		}
	}
	return nil
}

func TestTreesAgainstLiteral(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		compare  Compare
		features int
		sets     int
		wide     bool
	}{
		{"narrow", Float32LE, 5, 0, false},
		{"wide by features", Float32LE, maxFeature + 2, 0, true},
		{"float64", Float64LE, 5, 0, true},
		{"categories", Float64LE, 4, 6, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const columns, rows = 4, 500
			for seed := range uint64(20) {
				r := rand.New(rand.NewPCG(seed, 1))
				sets := randomSets(r, c.sets)
				trees := make([]Tree, 1+r.IntN(9))
				for i := range trees {
					trees[i] = randomTree(r, 1+r.IntN(40), c.features, c.sets)
				}
				init := [][]float64{nil, {1, -2, math.Copysign(0, -1), 1e-3}}[seed%2]
				p := reload(t, treePlan(t, c.features, columns, c.compare, init, trees, sets))
				if wide := p.Steps()[0].(*Trees).Wide; wide != c.wide {
					t.Fatalf("wide is %v, want %v", wide, c.wide)
				}
				in := Batch{N: rows}
				for range rows {
					in.Numbers = append(in.Numbers, hardRow(r, c.features, c.sets > 0, trees)...)
				}
				var out Result
				p.Run(&in, &out)
				for i := range rows {
					x := in.Numbers[i*c.features : (i+1)*c.features]
					want := literalForest(columns, init, trees, c.compare, sets, x)
					if err := sameBits(out.Values[i*columns:(i+1)*columns], want); err != nil {
						t.Fatalf("seed %d row %d: %v", seed, i, err)
					}
					var single Result
					p.Run(&Batch{N: 1, Numbers: x}, &single)
					if err := sameBits(single.Values, want); err != nil {
						t.Fatalf("seed %d row %d alone: %v", seed, i, err)
					}
				}
			}
		})
	}
}

// hardRow draws a row: hard values, thresholds of the trees and their neighbours, category codes.
func hardRow(r *rand.Rand, features int, codes bool, trees []Tree) []float64 {
	row := make([]float64, features)
	for i := range row {
		switch k := r.IntN(4); {
		case k == 0:
			tree := trees[r.IntN(len(trees))]
			row[i] = tree.Threshold[r.IntN(len(tree.Threshold))]
		case k == 1 && codes:
			row[i] = float64(r.IntN(300)-20) + []float64{0, 0.5, 0.999}[r.IntN(3)]
		default:
			row[i] = hardValue(r)
		}
	}
	return row
}

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

// TestTreesAccumulate splits a forest over two steps: the sums must be those of one.
func TestTreesAccumulate(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	trees := []Tree{randomTree(r, 20, 3, 0), randomTree(r, 20, 3, 0), randomTree(r, 20, 3, 0)}
	init := []float64{0.1, 0.2, 0.3, 0.4}
	b := NewBuilder()
	in := Span{b.Number(0), 3}
	b.Number(1)
	b.Number(2)
	out := b.Floats(4)
	for _, part := range []struct {
		init  []float64
		trees []Tree
	}{{init, trees[:1]}, {nil, trees[1:]}} {
		step, err := NewTrees(in, out, Float32LE, part.init, part.trees, nil)
		if err != nil {
			t.Fatal(err)
		}
		step.Accumulate = part.init == nil
		b.Add(step)
	}
	b.Output("out", out)
	p, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	var got Result
	for range 200 {
		x := hardRow(r, 3, false, trees)
		reload(t, p).Run(&Batch{N: 1, Numbers: x}, &got)
		if err := sameBits(got.Values, literalForest(4, init, trees, Float32LE, nil, x)); err != nil {
			t.Fatalf("%v: %v", x, err)
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
		tree.Threshold[i], tree.Values[i] = float64(i%7)-3, float64(i)
	}
	p := treePlan(t, 1, 1, Float32LE, nil, []Tree{tree}, nil)
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
	step, err := NewTrees(Span{N: 1}, Span{Start: 1, N: 1}, Float64LE, nil, []Tree{tree}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(step.Leaves) != 1 {
		t.Errorf("leaves are %v, want one zero", step.Leaves)
	}
	tree.Values[4] = math.Copysign(0, -1)
	if step, err = NewTrees(Span{N: 1}, Span{Start: 1, N: 1}, Float64LE, nil, []Tree{tree}, nil); err != nil || len(step.Leaves) != 2 {
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
			_, err := NewTrees(Span{N: 2}, Span{Start: 2, N: 1}, c.compare, c.init, []Tree{tree}, make([]CategorySet, 1))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
