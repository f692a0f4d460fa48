package engine

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
)

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

// TestText holds the reading of strings to encoding/json.
func TestText(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`""`, `"a"`, `"\""`, `"\\"`, `"\\\""`, `"a\"b\\c\"\""`, `"\"\u003c\""`, `"\n"`, `"é\"é"`, `"\/"`, `"\\u0041"`} {
		var want string
		if err := json.Unmarshal([]byte(raw), &want); err != nil {
			t.Fatal(err)
		}
		if got, err := text([]byte(raw)); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", raw, got, err, want)
		}
	}
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
		{"duplicate field", `"op":"expit"`, `"op":"expit","op":"expit"`, `step 16 (map): duplicate key "op"`},
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
		{"format", planFormat, "sklambda-plan/1", `format is "sklambda-plan/1"`},
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
		{"shape of a list", `"shape":[2]`, `"shape":[[2,1]]`, `field "shape": item 0: got [2, want an integer of 64 bits`},
		{"shape of a fraction", `"shape":[2]`, `"shape":[2.0]`, "item 0: got 2.0, want an integer"},
		{"shape beyond 64 bits", `"shape":[2]`, `"shape":[2 , 9223372036854775808]`, "item 1: got 9223372036854775808, want an integer"},
		{"shape empty", `"shape":[2]`, `"shape":[ ]`, "has shape []"},
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
			return bytes.Replace(b, []byte(planFormat), []byte("sklambda-plan/\xff"), 1)
		}, "want a string"},
		{"after the header", func(b []byte) []byte { b[header-1] = '}'; return b }, "header: invalid character '}'"},
		{"tail", func(b []byte) []byte { return append(b, make([]byte, 64)...) }, "tensors end at"},
		{"tensor byte", func(b []byte) []byte { b[header]++; return b }, `CRC-32C of "steps.0.features"`},
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
