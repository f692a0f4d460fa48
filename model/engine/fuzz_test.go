package engine

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// FuzzLoad loads damaged plans with checksums made to fit, so that the checks behind them are reached. A plan that loads must run.
func FuzzLoad(f *testing.F) {
	p, _ := fullPlan(f)
	data := encode(f, p)
	f.Add(data)
	length := int(binary.LittleEndian.Uint64(data))
	f.Add(bytes.Replace(data, []byte(`\"n\":2`), []byte(`\"n\":9`), 1))
	f.Add(bytes.Replace(data[:8+length], []byte(`[2]`), []byte(`[3]`), 3))
	f.Fuzz(func(t *testing.T, data []byte) {
		q, err := Load(data)
		if fixed := withChecksums(data); err != nil && fixed != nil {
			q, err = Load(fixed)
		}
		if err != nil {
			return
		}
		if q.Floats() > 1<<16 || q.Texts() > 1<<16 || q.Width() > 1<<16 {
			return // runs, but slowly
		}
		in := &Batch{N: 2}
		for _, input := range q.Inputs() {
			if input.Kind == Text {
				in.Texts = append(in.Texts, "Bonn", MissingText)
			} else {
				in.Numbers = append(in.Numbers, nan, 4)
			}
		}
		var first, second Result
		q.Run(in, &first)
		q.Run(in, &second)
		if err := sameBits(first.Values, second.Values); err != nil {
			t.Errorf("two runs differ: %v", err)
		}
	})
}

// TestWithChecksums damages a byte here and there behind the header: no checksum says so, once it is made to fit.
func TestWithChecksums(t *testing.T) {
	t.Parallel()
	p, _ := fullPlan(t)
	data := encode(t, p)
	for i := 8 + int(binary.LittleEndian.Uint64(data)); i < len(data); i += 1 + len(data)/200 {
		data[i] ^= 1
		if _, err := Load(withChecksums(data)); err != nil && strings.Contains(err.Error(), "CRC-32C") {
			t.Errorf("byte %d: %v", i, err)
		}
		data[i] ^= 1
	}
}

// withChecksums makes the checksums of a container fit, nil if it has no readable header.
func withChecksums(data []byte) []byte {
	if len(data) < 8 || binary.LittleEndian.Uint64(data) > uint64(len(data)-8) {
		return nil
	}
	length := int(binary.LittleEndian.Uint64(data))
	raw := data[8 : 8+length]
	if validJSON(raw) != nil {
		return nil
	}
	header, err := members(raw)
	if err != nil {
		return nil
	}
	metadata, err := readMetadata(header["__metadata__"])
	if err != nil {
		return nil
	}
	delete(header, "__metadata__")
	c := &container{tensors: make(map[string]tensor)}
	if c.layout(header, data[8+length:]) != nil {
		return nil
	}
	fixed := bytes.Clone(data)
	set := func(name string, b []byte) {
		if old := metadata[crcPrefix+name]; len(old) == 8 {
			entry := `"` + crcPrefix + name + `":"`
			fixed = bytes.Replace(fixed, []byte(entry+old), []byte(entry+checksum(b)), 1)
		}
	}
	set("plan", []byte(metadata["plan"]))
	for name, t := range c.tensors {
		set(name, t.bytes)
	}
	return fixed
}
