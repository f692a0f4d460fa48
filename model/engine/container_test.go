package engine

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// fullPlan is a plan with every kind of step, and rows for it.
func fullPlan(t testing.TB) (*Plan, *Batch) {
	t.Helper()
	b := NewBuilder()
	x := Span{b.Number(0), 2}
	b.Number(1)
	id, city := b.Integer(2), b.Text(3)
	work, codes, missing, flags := b.Floats(2), b.Floats(3), b.Floats(2), b.Floats(1)
	hot, margin, sums, label := b.Floats(7), b.Floats(2), b.Floats(2), b.Floats(2)
	filled := b.NewText()
	r := rand.New(rand.NewPCG(7, 7))
	grow := func(features, sets int) []Tree {
		trees := []Tree{randomTree(r, 9, features, sets), randomTree(r, 1, features, sets)}
		for i := range trees {
			trees[i].Width, trees[i].Output, trees[i].Values = 1, i, make([]float64, len(trees[i].Left))
			for k := range trees[i].Values {
				trees[i].Values[k] = r.Float64()
			}
		}
		return trees
	}
	narrow, err := NewTrees(TreeSums{In: work, Out: sums, Compare: Float32LE, Init: []float64{0.5, 0}}, grow(2, 0), nil)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := NewTrees(TreeSums{In: codes, Out: margin, Compare: Float64LE}, grow(3, 2), randomSets(r, 2))
	if err != nil {
		t.Fatal(err)
	}
	small, err := NewSmallTrees(TreeSums{In: codes, Out: margin, Compare: Float64LE, Accumulate: true}, grow(3, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Step{
		&Check{In: x, AllowNaN: true, Features: []int32{0, 1}},
		&Indicate{In: x, Out: missing, Missing: Number64(nan)},
		&Impute{In: x, Out: work, Missing: Number64(nan), Fill: []float64{1, 2}},
		&Arith{Op: "sub", In: work, Out: work, Values: []float64{0.5, 0.25}},
		&Clip{In: work, Out: work, Min: []float64{-5}, Max: []float64{5}},
		&FillText{In: city, Out: filled, Missing: MissingText, Fill: "Köln"},
		&IndicateText{In: city, Out: flags.Start, Missing: MissingText},
		&LookupText{In: filled, Lookup: Lookup{Out: codes.Start, Reject: true, Feature: 3, Codes: []float64{0, 1}}, Keys: NewStrings([]string{"Bonn", "Köln"})},
		&LookupInteger{In: id, Lookup: Lookup{Out: codes.Start + 1, Unknown: -1, Codes: []float64{0, 1, 2}}, Keys: []int64{-3, 4, 1 << 60}},
		&LookupNumber{In: missing.Start, Lookup: Lookup{Out: codes.Start + 2, Codes: []float64{0, 1}}, Keys: []float64{0, 1}},
		&OneHot{In: codes, Out: hot, Widths: []int32{2, 3, 2}},
		wide,
		&Normalize{In: margin, Out: margin, ZeroSum: "uniform"},
		&MatMul{In: hot, Out: margin, Weights: make([]float64, 14), Bias: []float64{0.1, 0.2}},
		&Softmax{In: margin, Out: margin},
		narrow,
		&Map{Op: "expit", In: sums, Out: sums},
		&ArgMax{In: margin, Out: label.Start},
		&Above{In: sums.Start, Out: label.Start + 1, Value: 0.5},
		&Select{From: []int32{label.Start, label.Start + 1}, Out: work},
		small,
	} {
		b.Add(s)
	}
	kernels, neighbors := addKernels(b, work), addNeighbors(b, work)
	transforms := addTransforms(b, work, filled)
	terms := addSparse(b, filled)
	b.Output("probability", margin)
	b.Output("sums", sums)
	b.Output("hot", hot)
	b.Output("label", work)
	b.Output("transforms", transforms)
	b.Output("members", addMembers(b, sums))
	b.Output("kernels", kernels)
	b.Output("neighbors", neighbors)
	b.Output("terms", terms)
	p, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return p, &Batch{
		N:       4,
		Numbers: []float64{1, 2, bitsOf(4), nan, 0.3, bitsOf(1 << 60), 0, inf, bitsOf(5), 7, -7, bitsOf(NotInteger)},
		Texts:   []string{"Bonn", MissingText, "Köln", "Ulm"},
	}
}

// addMembers adds the steps that put the answers of several models together, on two numbers of at least 0.
func addMembers(b *Builder, in Span) Span {
	out, rest := b.Floats(2), b.Floats(2)
	for _, s := range []Step{
		&WeightedSum{From: []int32{in.Start, in.Start}, Out: out, FromZero: true, Weights: []float64{0.25, 0.5}},
		&LogProbabilities{In: out, Out: out, Epsilon: 1e-12},
		&WeightedMedian{In: out, Out: out.Start, Work: rest, Weights: []float64{1, 2}},
		&Gather{In: rest.Start, Out: Span{Start: out.Start + 1, N: 1}, Table: []float64{3, 4}},
	} {
		b.Add(s)
	}
	return out
}

// answers are the results of all rows as text.
func answers(p *Plan, in *Batch) string {
	var out Result
	p.Run(in, &out)
	return fmt.Sprintln(out.Values, out.Errors)
}

func TestFullPlanHasEveryStep(t *testing.T) {
	t.Parallel()
	p, _ := fullPlan(t)
	var got []string
	for _, s := range p.Steps() {
		got = append(got, s.Kind())
	}
	for _, kind := range stepKinds() {
		if !strings.Contains(strings.Join(got, " "), kind) {
			t.Errorf("no step %q", kind)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	p, in := fullPlan(t)
	data := encode(t, p)
	q, err := Load(data)
	if err != nil {
		t.Fatal(err)
	}
	if again := encode(t, q); !bytes.Equal(data, again) {
		t.Error("a loaded plan is not written as the bytes it came from")
	}
	unexported := cmp.AllowUnexported(Strings{}, Trees{}, SmallTrees{}, smallVectors{}, rankTable{}, laneGroup{})
	opts := cmp.Options{unexported, cmpopts.IgnoreUnexported(Analysis{}), cmpopts.EquateEmpty(), cmp.Comparer(func(a, b Number64) bool {
		return sameBits([]float64{float64(a)}, []float64{float64(b)}) == nil
	})}
	for i, s := range p.Steps() {
		if diff := cmp.Diff(s, q.Steps()[i], opts); diff != "" {
			t.Errorf("step %d (-built +loaded)\n%s", i, diff)
		}
	}
	if diff := cmp.Diff([]any{p.Inputs(), p.Outputs(), p.Floats(), p.Texts(), p.Width(), len(data)}, []any{q.Inputs(), q.Outputs(), q.Floats(), q.Texts(), q.Width(), q.MappedBytes()}); diff != "" {
		t.Errorf("(-built +loaded)\n%s", diff)
	}
	if diff := cmp.Diff(answers(p, in), answers(q, in)); diff != "" {
		t.Errorf("(-built +loaded)\n%s", diff)
	}
}

// TestContainerIsSafetensors parses the file by the format's own words, with nothing of the package.
func TestContainerIsSafetensors(t *testing.T) {
	t.Parallel()
	p, _ := fullPlan(t)
	data := encode(t, p)
	length := binary.LittleEndian.Uint64(data)
	if (8+length)%64 != 0 {
		t.Errorf("data starts at %d, want a multiple of 64", 8+length)
	}
	var header map[string]struct {
		Dtype       string
		Shape       []int
		DataOffsets [2]int `json:"data_offsets"`
	}
	var metadata struct {
		M map[string]string `json:"__metadata__"`
	}
	raw := data[8 : 8+length]
	if err := json.Unmarshal(raw, &metadata); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(bytes.Replace(raw, []byte(`"__metadata__"`), []byte(`"_"`), 1), &header); err != nil {
		t.Fatal(err)
	}
	delete(header, "_")
	sizes := map[string]int{"F64": 8, "I64": 8, "U64": 8, "I32": 4, "U32": 4, "U8": 1}
	body := data[8+length:]
	var ranges [][2]int
	for name, e := range header {
		from, to := e.DataOffsets[0], e.DataOffsets[1]
		ranges = append(ranges, e.DataOffsets)
		if len(e.Shape) != 1 || e.Shape[0]*sizes[e.Dtype] != to-from || sizes[e.Dtype] == 0 {
			t.Errorf("%s: %v does not fill %d bytes", name, e, to-from)
		}
		if strings.HasPrefix(name, "pad.") {
			continue
		}
		if want := fmt.Sprintf("%08x", crc32.Checksum(body[from:to], crc32.MakeTable(crc32.Castagnoli))); metadata.M["crc32c:"+name] != want {
			t.Errorf("%s: CRC is %s, want %s", name, metadata.M["crc32c:"+name], want)
		}
		if from%64 != 0 {
			t.Errorf("%s starts at %d, want a multiple of 64", name, from)
		}
	}
	sort.Slice(ranges, func(i, j int) bool {
		return ranges[i][0] < ranges[j][0] || ranges[i][0] == ranges[j][0] && ranges[i][1] < ranges[j][1]
	})
	end := 0
	for _, r := range ranges {
		if r[0] != end {
			t.Errorf("a hole from %d to %d", end, r[0])
		}
		end = r[1]
	}
	if end != len(body) || len(ranges) < 20 {
		t.Errorf("%d tensors end at %d of %d", len(ranges), end, len(body))
	}
}

// TestDamage flips a bit in every seventh byte and cuts the file in many places: an error, or the same answers.
func TestDamage(t *testing.T) {
	t.Parallel()
	p, in := fullPlan(t)
	data, want := encode(t, p), answers(p, in)
	refused, flips := 0, 0
	for at := 0; at < len(data); at += len(data)/1500 | 1 {
		flips++
		damaged := bytes.Clone(data)
		damaged[at] ^= 1 << (at * 5 % 8)
		q, err := Load(damaged)
		if err != nil {
			refused++
		} else if got := answers(q, in); got != want {
			t.Errorf("a flipped bit in byte %d changes the answers", at)
		}
	}
	if refused < flips*98/100 {
		t.Errorf("%d of %d flips are refused, want nearly all", refused, flips)
	}
	for n := 0; n < len(data); n += len(data)/400 | 1 {
		if _, err := Load(data[:n]); err == nil {
			t.Errorf("%d of %d bytes load", n, len(data))
		}
	}
	if _, err := Load(append(bytes.Clone(data), 0)); err == nil {
		t.Error("a byte too many loads")
	}
}

// TestLoadUnaligned loads a plan from an address at which no float64 can be viewed.
func TestLoadUnaligned(t *testing.T) {
	t.Parallel()
	p, in := fullPlan(t)
	data := append([]byte{0}, encode(t, p)...)[1:]
	q, err := Load(data)
	if err != nil {
		t.Fatal(err)
	}
	if answers(q, in) != answers(p, in) {
		t.Error("answers differ")
	}
}
