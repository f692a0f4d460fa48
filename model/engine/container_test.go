package engine

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
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
	narrow, err := NewTrees(work, sums, Float32LE, []float64{0.5, 0}, grow(2, 0), nil)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := NewTrees(codes, margin, Float64LE, nil, grow(3, 2), randomSets(r, 2))
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
	} {
		b.Add(s)
	}
	b.Output("probability", margin)
	b.Output("sums", sums)
	b.Output("hot", hot)
	b.Output("label", work)
	p, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return p, &Batch{
		N:       4,
		Numbers: []float64{1, 2, bits(4), nan, 0.3, bits(1 << 60), 0, inf, bits(5), 7, -7, bits(NotInteger)},
		Texts:   []string{"Bonn", MissingText, "Köln", "Ulm"},
	}
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
	for kind := range stepTypes() {
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
	opts := cmp.Options{cmp.AllowUnexported(Strings{}), cmpopts.EquateEmpty(), cmp.Comparer(func(a, b Number64) bool {
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

// TestDamage flips a bit in every third byte and cuts the file in many places: an error, or the same answers.
func TestDamage(t *testing.T) {
	t.Parallel()
	p, in := fullPlan(t)
	data, want := encode(t, p), answers(p, in)
	refused, flips := 0, 0
	for at := 0; at < len(data); at += 3 {
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
	for n := 0; n < len(data); n += 13 {
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

// rewrite changes the plan's JSON, or another metadata key, or the header as text, and makes the checksum of the plan fit again.
func rewrite(t *testing.T, data []byte, old, replacement string) []byte {
	t.Helper()
	length := binary.LittleEndian.Uint64(data)
	var header map[string]json.RawMessage
	if err := json.Unmarshal(data[8:8+length], &header); err != nil {
		t.Fatal(err)
	}
	var metadata map[string]string
	if err := json.Unmarshal(header["__metadata__"], &metadata); err != nil {
		t.Fatal(err)
	}
	inPlan := strings.Contains(metadata["plan"], old)
	metadata["plan"] = strings.Replace(metadata["plan"], old, replacement, 1)
	metadata["crc32c:plan"] = checksum([]byte(metadata["plan"]))
	header["__metadata__"], _ = json.Marshal(metadata)
	raw, _ := json.Marshal(header)
	if !inPlan {
		if !bytes.Contains(raw, []byte(old)) {
			t.Fatalf("%q is not in the header", old)
		}
		raw = bytes.Replace(raw, []byte(old), []byte(replacement), 1)
	}
	for (8+len(raw))%64 != 0 {
		raw = append(raw, ' ')
	}
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(raw))), raw...), data[8+length:]...)
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	p, _ := fullPlan(t)
	data := encode(t, p)
	if _, err := Load(rewrite(t, data, `"floats"`, `"floats"`)); err != nil {
		t.Fatalf("rewriting nothing: %v", err)
	}
	cases := []struct{ name, old, replacement, want string }{
		{"unknown kind", `"kind":"map"`, `"kind":"nap"`, `step 16: kind is "nap", want one of ["above"`},
		{"no kind", `"kind":"map",`, ``, "step 16: kind is "},
		{"null kind", `"kind":"map"`, `"kind":null`, "step 16: kind is null"},
		{"unknown field", `"op":"expit"`, `"op":"expit","x":1`, `step 16 (map): unknown field "x"`},
		{"other case", `"op":"expit"`, `"Op":"expit"`, `step 16 (map): field "op" is missing`},
		{"both cases", `"op":"expit"`, `"op":"expit","Op":"exp"`, `unknown field "Op"`},
		{"missing field", `"op":"expit",`, ``, `step 16 (map): field "op" is missing`},
		{"duplicate field", `"op":"expit"`, `"op":"expit","op":"expit"`, `step 16: duplicate key "op"`},
		{"null field", `"op":"expit"`, `"op":null`, "got null, want a string"},
		{"wrong type", `"op":"expit"`, `"op":1`, `step 16 (map): field "op"`},
		{"fraction", `"start":0,"n":2`, `"start":0.5,"n":2`, `field "start"`},
		{"int32", `"start":0,"n":2`, `"start":4294967296,"n":2`, `field "start"`},
		{"nested unknown", `"start":0,"n":2`, `"start":0,"n":2,"m":3`, `unknown field "m"`},
		{"nested duplicate", `"start":0,"n":2`, `"start":0,"n":2,"n":2`, `duplicate key "n"`},
		{"null list", `"outputs":[`, `"outputs":null,"outputs2":[`, "want a list"},
		{"plan field", `"texts":`, `"textz":`, `field "texts" is missing`},
		{"plan is no object", `{"floats"`, `["floats"`, "metadata: invalid character"},
		{"after the plan", `{"floats"`, `{}{"floats"`, "metadata: invalid character '{'"},
		{"negative frame", `"floats":`, `"floats":-`, "frame of -"},
		{"huge frame", `"floats":`, `"floats":999999999`, "frame of"},
		{"slot outside", `"out":{"start":3,`, `"out":{"start":400,`, "outside the frame"},
		{"shared slot", `"feature":1,"kind":"number","slot":1`, `"feature":1,"kind":"number","slot":0`, "no other input has"},
		{"shared text slot", `"feature":1,"kind":"number","slot":1`, `"feature":1,"kind":"text","slot":0`, "no other input has"},
		{"input kind", `"kind":"integer"`, `"kind":"int"`, `input 2: kind is "int"`},
		{"input without slot", `"kind":"integer","slot":2`, `"kind":"integer","slot":-2`, "input 2: slot is -2"},
		{"check before write", `"feature":1,"kind":"number","slot":1`, `"feature":1,"kind":"number","slot":5`, "slot 1, which nothing has written"},
		{"format", planFormat, "sklambda-plan/2", `format is "sklambda-plan/2"`},
		{"metadata key", `"format":`, `"author":"x","format":`, `unknown key "author"`},
		{"metadata type", `"format":`, `"author":1,"format":`, "want a string"},
		{"metadata duplicate", `"format":`, `"format":"x","format":`, `duplicate key "format"`},
		{"metadata missing", `"__metadata__"`, `"__meta__"`, "want a JSON object"},
		{"plan missing", `"plan":`, `"blan":`, `no "plan"`},
		{"plan CRC missing", `"crc32c:plan"`, `"crc32c:blan"`, `no "crc32c:plan"`},
		{"tensor CRC missing", `"crc32c:steps.0.features"`, `"crc32c:steps.0.f"`, `no "crc32c:steps.0.features"`},
		{"tensor CRC wrong", `"crc32c:steps.0.features":"`, `"crc32c:steps.0.features":"x`, "the file is damaged"},
		{"tensor missing", `"kind":"arith"`, `"kind":"impute"`, "step 3 (impute)"},
		{"tensor unused", `{"kind":"check","in":{"start":0,"n":2},"allow_nan":true,"allow_inf":false,"float32":false},`, ``, "step 1 (impute): tensor"},
		{"dtype", `"steps.0.features":{"dtype":"I32"`, `"steps.0.features":{"dtype":"U32"`, `dtype "U32", want "I32"`},
		{"shape", `"steps.0.features":{"dtype":"I32","shape":[2]`, `"steps.0.features":{"dtype":"I32","shape":[3]`, "has shape [3]"},
		{"dimensions", `"steps.0.features":{"dtype":"I32","shape":[2]`, `"steps.0.features":{"dtype":"I32","shape":[2,1]`, "has shape [2 1]"},
		{"entry field", `"steps.0.features":{"dtype":"I32"`, `"steps.0.features":{"x":1,"dtype":"I32"`, `unknown field "x"`},
		{"entry duplicate", `"steps.0.features":{"dtype":"I32"`, `"steps.0.features":{"dtype":"I32","dtype":"I32"`, `duplicate key "dtype"`},
		{"entry null", `"steps.0.features":{"dtype":"I32","shape":[2]`, `"steps.0.features":{"dtype":"I32","shape":null`, "want a list"},
		{"tensor duplicate", `"steps.0.features":{`, `"steps.0.features":{},"steps.0.features":{`, "duplicate key"},
		{"offsets outside", `"data_offsets":[0,8]`, `"data_offsets":[0,99999999]`, "want a range"},
		{"offsets backwards", `"data_offsets":[0,8]`, `"data_offsets":[8,0]`, "want a range"},
		{"offsets negative", `"data_offsets":[0,8]`, `"data_offsets":[-8,8]`, "want a range"},
		{"offsets count", `"data_offsets":[0,8]`, `"data_offsets":[0]`, "want a range"},
		{"hole", `"data_offsets":[0,8]`, `"data_offsets":[1,8]`, "starts at 1, want 0"},
		{"pad dtype", `"pad.0":{"dtype":"U8"`, `"pad.0":{"dtype":"I8"`, "zero bytes"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(rewrite(t, data, c.old, c.replacement))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "plan: ") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestLoadRefusesBodies covers what lies outside the header's JSON.
func TestLoadRefusesBodies(t *testing.T) {
	t.Parallel()
	p, _ := fullPlan(t)
	data := encode(t, p)
	header := int(8 + binary.LittleEndian.Uint64(data))
	cases := []struct {
		name   string
		change func([]byte) []byte
		want   string
	}{
		{"empty", func([]byte) []byte { return nil }, "0 bytes"},
		{"short", func(b []byte) []byte { return b[:7] }, "7 bytes"},
		{"header too long", func(b []byte) []byte { binary.LittleEndian.PutUint64(b, 1<<63); return b }, "header of 9223372036854775808"},
		{"header unaligned", func(b []byte) []byte { binary.LittleEndian.PutUint64(b, 57); return b }, "header of 57"},
		{"no JSON", func(b []byte) []byte { b[8] = 'x'; return b }, "header: invalid character"},
		{"no UTF-8", func(b []byte) []byte {
			return bytes.Replace(b, []byte("sklambda-plan/1"), []byte("sklambda-plan/\xff"), 1)
		}, "want a string"},
		{"after the header", func(b []byte) []byte { b[header-1] = '}'; return b }, "header: invalid character '}'"},
		{"tail", func(b []byte) []byte { return append(b, make([]byte, 64)...) }, "tensors end at"},
		{"tensor byte", func(b []byte) []byte { b[header]++; return b }, `tensor "steps.0.features": CRC-32C`},
		{"pad byte", func(b []byte) []byte { b[header+8]++; return b }, `tensor "pad.0": want fewer than 64 zero bytes`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := Load(c.change(bytes.Clone(data))); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestUnusedTensor adds a tensor that no step asks for.
func TestUnusedTensor(t *testing.T) {
	t.Parallel()
	c := &containerWriter{header: map[string]any{}, metadata: map[string]string{"format": planFormat}}
	extra := []float64{1}
	c.add(newPort("steps.0.values", "F64", &extra))
	raw := `{"floats":1,"texts":0,"inputs":[{"feature":0,"kind":"number","slot":0}],"outputs":[{"name":"x","span":{"start":0,"n":1}}],"steps":[]}`
	c.metadata["plan"], c.metadata["crc32c:plan"] = raw, checksum([]byte(raw))
	var b bytes.Buffer
	if _, err := c.writeTo(&b); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(b.Bytes()); err == nil || !strings.Contains(err.Error(), `no step wants the tensor "steps.0.values"`) {
		t.Errorf("got %v", err)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	p, in := fullPlan(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.safetensors")
	if err := os.WriteFile(path, encode(t, p), 0o600); err != nil {
		t.Fatal(err)
	}
	q, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if answers(q, in) != answers(p, in) {
		t.Error("answers differ")
	}
	for range 2 {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a closed plan runs")
		}
	}()
	q.Run(in, &Result{})
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe, empty, bad := filepath.Join(dir, "pipe"), filepath.Join(dir, "empty"), filepath.Join(dir, "bad")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{empty: "", bad: "not a plan, but long enough to be one"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		dir: "want a regular file", pipe: "want a regular file", empty: "has 0 bytes", bad: "bad: plan: header of", filepath.Join(dir, "none"): "no such file",
	} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
}
