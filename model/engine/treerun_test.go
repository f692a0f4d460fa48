package engine

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// literalTree walks the literal form as scikit-learn's sources do: Tree._apply_dense for Float32LE, _predict_one_from_raw_data for Float64LE.
func literalTree(t *Tree, compare Compare, sets []CategorySet, x []float64) []float64 {
	node := int32(0)
	for t.Left[node] != -1 {
		v := x[t.Feature[node]]
		if compare.single() {
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
			v += out[trees[i].Output+k]
			if compare == Float32Sum {
				v = float64(float32(v))
			}
			out[trees[i].Output+k] = v
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

// pack makes a step of trees.
type pack func(TreeSums, []Tree, []CategorySet) ([]Step, error)

func packLarge(sums TreeSums, trees []Tree, sets []CategorySet) ([]Step, error) {
	step, err := NewTrees(sums, trees, sets)
	return []Step{step}, err
}

func packOnlySmall(sums TreeSums, trees []Tree, _ []CategorySet) ([]Step, error) {
	steps, _, err := packSmall(sums, trees)
	return steps, err
}

// treePlan is a plan of trees alone.
func treePlan(t *testing.T, pack pack, features, columns int, compare Compare, init []float64, trees []Tree, sets []CategorySet) *Plan {
	t.Helper()
	b := NewBuilder()
	in := Span{N: int32(features)}
	for f := range features {
		b.Number(f)
	}
	out := b.Floats(columns)
	steps, err := pack(TreeSums{In: in, Out: out, Compare: compare, Init: init}, trees, sets)
	if err != nil {
		t.Fatal(err)
	}
	b.Add(steps...)
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
		pack     pack
		wide     bool
		trees    int  // at most
		single   bool // every leaf is one value for the same column
		vectors  bool // small trees are answered by vectors
	}{
		{"narrow", Float32LE, 5, 0, packLarge, false, 9, false, false},
		{"wide by features", Float32LE, maxNarrow + 1, 0, packLarge, true, 9, false, false},
		{"float64", Float64LE, 5, 0, packLarge, true, 9, false, false},
		{"categories", Float64LE, 4, 6, packLarge, true, 9, false, false},
		{"small", Float64LE, 5, 0, packOnlySmall, false, 9, false, false},
		{"small single", Float64LE, 5, 0, packOnlySmall, false, 40, true, false},
		{"small float32", Float32LE, 5, 0, packOnlySmall, false, 9, true, false},
		{"small float32 sum", Float32Sum, 1, 0, packOnlySmall, false, 9, true, false},
		{"small of many features", Float64LE, 300, 0, packOnlySmall, false, 9, false, false},
		{"small in several steps", Float64LE, 5, 0, packOnlySmall, false, 3 * maxBlock, true, false},
		{"vectors", Float64LE, 5, 0, packOnlySmall, false, 9, false, true},
		{"vectors single", Float64LE, 5, 0, packOnlySmall, false, 40, true, true},
		{"vectors float32", Float32LE, 1, 0, packOnlySmall, false, 9, true, true},
		{"vectors float32 sum", Float32Sum, vectorLanes/2 + 1, 0, packOnlySmall, false, 9, true, true},
		{"vectors of all features of a page", Float64LE, vectorLanes, 0, packOnlySmall, false, maxBlock, false, true},
		{"vectors of several pages", Float64LE, 3*vectorLanes - 5, 0, packOnlySmall, false, maxBlock, false, true},
		{"vectors of all pages", Float64LE, maxPages * vectorLanes, 0, packOnlySmall, false, 40, false, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const columns = 4
			rows := min(500, 100000/c.features, 20000/c.trees)
			for seed := range uint64(20) {
				r := rand.New(rand.NewPCG(seed, 1))
				sets := randomSets(r, c.sets)
				trees := make([]Tree, 1+r.IntN(c.trees))
				for i := range trees {
					trees[i] = randomTree(r, 1+r.IntN(maxSmall), c.features, c.sets)
					if c.single {
						trees[i].Values, trees[i].Width, trees[i].Output = trees[i].Values[:len(trees[i].Left)], 1, 0
					}
				}
				init := [][]float64{nil, {1, -2, math.Copysign(0, -1), 1e-3}}[seed%2]
				p := reload(t, treePlan(t, c.pack, c.features, columns, c.compare, init, trees, sets))
				if large, ok := p.Steps()[0].(*Trees); ok && large.Wide != c.wide {
					t.Fatalf("wide is %v, want %v", large.Wide, c.wide)
				}
				for _, step := range p.Steps() {
					if small, ok := step.(*SmallTrees); ok {
						useVectors(t, small, c.vectors)
					}
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

// TestWalkNarrow holds the walk of this processor against the one in Go, over nodes with the largest column and over forests.
func TestWalkNarrow(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 1))
	for _, features := range []int{1, 70, maxNarrow} {
		var trees []Tree
		for range 16 {
			trees = append(trees, randomTree(r, 1+r.IntN(300), features, 0))
		}
		last := Tree{Left: []int32{1, -1, -1}, Right: []int32{2, -1, -1}, Feature: []int32{int32(features - 1), -2, -2}, Threshold: make([]float64, 3),
			MissingLeft: []bool{true, false, false}, Values: []float64{0, 1, 2}, Width: 1}
		step, err := NewTrees(TreeSums{In: Span{N: int32(features)}, Out: Span{Start: int32(features), N: 4}, Compare: Float32LE}, append(trees, last), nil)
		if err != nil || step.Wide {
			t.Fatalf("wide is %v, error %v", step.Wide, err)
		}
		keys := narrowBlocks(step.keyColumns())
		for range 100_000 / (50 + features) {
			for column := range step.keyColumns() - 1 {
				for lane := range lanes {
					keys[1+column][lane] = key32(float32(hardValue(r)))
				}
			}
			var want, got group
			for lane := range want {
				want[lane] = uint64(step.Roots[r.IntN(len(step.Columns))])
			}
			got = want
			walkNarrowGo(step.Nodes, (*narrowKeys)(keys), &want)
			walkNarrow(step.Nodes, (*narrowKeys)(keys), &got)
			if got != want {
				t.Fatalf("%d features: lanes end at %v, want %v", features, got, want)
			}
		}
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
		step, err := NewTrees(TreeSums{In: in, Out: out, Compare: Float32LE, Init: part.init}, part.trees, nil)
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
	p = reload(t, p)
	var got Result
	for range 200 {
		x := hardRow(r, 3, false, trees)
		p.Run(&Batch{N: 1, Numbers: x}, &got)
		if err := sameBits(got.Values, literalForest(4, init, trees, Float32LE, nil, x)); err != nil {
			t.Fatalf("%v: %v", x, err)
		}
	}
}
