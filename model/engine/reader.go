package engine

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// container is a parsed header and the tensors that no step has taken yet.
type container struct {
	plan    []byte
	tensors map[string]tensor
	sums    []sum
}

// sum is what the checksum of some bytes should be.
type sum struct {
	name, want string
	bytes      []byte
}

// tensor is an entry of the header with its bytes.
type tensor struct {
	entry
	bytes []byte
}

// aligned copies data if 8-byte items cannot be viewed in it. Mapped files and whole allocations can.
func aligned(data []byte) []byte {
	if uintptr(unsafe.Pointer(unsafe.SliceData(data)))%8 == 0 {
		return data
	}
	words := make([]uint64, (len(data)+7)/8)
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), len(data))
	copy(b, data)
	return b
}

// readContainer checks the header and the layout of the tensors, and finds the checksums.
func readContainer(data []byte) (*container, error) {
	if len(data) < 8 {
		return nil, fmt.Errorf("%d bytes, want a header of at least 8", len(data))
	}
	length := binary.LittleEndian.Uint64(data)
	if length > maxHeader || length > uint64(len(data)-8) || (8+length)%alignment != 0 {
		return nil, fmt.Errorf("header of %d bytes in a file of %d, want it to end in the file, at a multiple of %d, and at most %d bytes long", length, len(data), alignment, maxHeader)
	}
	if err := validJSON(data[8 : 8+length]); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	header, err := members(data[8 : 8+length])
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	metadata, err := readMetadata(header["__metadata__"])
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	delete(header, "__metadata__")
	c := &container{tensors: make(map[string]tensor, len(header))}
	if err := c.layout(header, data[8+length:]); err != nil {
		return nil, err
	}
	return c, c.findSums(metadata)
}

// readMetadata reads the metadata: strings only.
func readMetadata(raw json.RawMessage) (map[string]string, error) {
	m, err := members(raw)
	if err != nil {
		return nil, err
	}
	metadata := make(map[string]string, len(m))
	for key, value := range m {
		if metadata[key], err = text(value); err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
	}
	if metadata["format"] != planFormat {
		return nil, fmt.Errorf("format is %q, this sklambda reads %q: build the artifact again", metadata["format"], planFormat)
	}
	delete(metadata, "format")
	return metadata, nil
}

// layout lays the header's entries over the body, which they must cover without holes.
func (c *container) layout(header map[string]json.RawMessage, body []byte) error {
	names := slices.Sorted(maps.Keys(header))
	for _, name := range names {
		var t tensor
		if err := decode(header[name], reflect.ValueOf(&t.entry).Elem()); err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		if len(t.Offsets) != 2 || t.Offsets[0] < 0 || t.Offsets[1] < t.Offsets[0] || t.Offsets[1] > int64(len(body)) {
			return fmt.Errorf("tensor %q: data_offsets are %v, want a range of %d bytes", name, t.Offsets, len(body))
		}
		t.bytes = body[t.Offsets[0]:t.Offsets[1]:t.Offsets[1]]
		c.tensors[name] = t
	}
	slices.SortFunc(names, func(a, b string) int {
		x, y := c.tensors[a].Offsets, c.tensors[b].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	})
	end := int64(0)
	for _, name := range names {
		t := c.tensors[name]
		if t.Offsets[0] != end {
			return fmt.Errorf("tensor %q: starts at %d, want %d, where the one before ends", name, t.Offsets[0], end)
		}
		end = t.Offsets[1]
	}
	if end != int64(len(body)) {
		return fmt.Errorf("tensors end at %d of %d bytes", end, len(body))
	}
	return nil
}

// findSums finds the plan and the checksum of it and of each tensor, and leaves the steps' tensors, without the pads.
func (c *container) findSums(metadata map[string]string) error {
	plan, ok := metadata["plan"]
	if !ok {
		return errors.New(`metadata has no "plan"`)
	}
	c.plan = []byte(plan)
	delete(metadata, "plan")
	if err := c.findSum(metadata, "plan", c.plan); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(c.tensors)) {
		t := c.tensors[name]
		if !strings.HasPrefix(name, padPrefix) {
			if err := c.findSum(metadata, name, t.bytes); err != nil {
				return fmt.Errorf("tensor %q: %w", name, err)
			}
			continue
		}
		if t.Dtype != "U8" || !t.holds(1) || len(t.bytes) >= alignment || slices.Max(append(t.bytes, 0)) != 0 {
			return fmt.Errorf("tensor %q: want fewer than %d zero bytes", name, alignment)
		}
		delete(c.tensors, name)
	}
	if len(metadata) > 0 {
		return fmt.Errorf("metadata has the unknown key %q", slices.Min(slices.Collect(maps.Keys(metadata))))
	}
	return nil
}

// findSum takes the checksum of name out of the metadata.
func (c *container) findSum(metadata map[string]string, name string, b []byte) error {
	want, ok := metadata[crcPrefix+name]
	if !ok {
		return fmt.Errorf("metadata has no %q", crcPrefix+name)
	}
	delete(metadata, crcPrefix+name)
	c.sums = append(c.sums, sum{name, want, b})
	return nil
}

// holds reports whether the tensor has one dimension and its bytes are that many items of a size.
func (t *tensor) holds(size int) bool {
	return len(t.Shape) == 1 && len(t.bytes)%size == 0 && t.Shape[0] == int64(len(t.bytes)/size)
}

// take hands a tensor to a step.
func (c *container) take(p port) error {
	t, ok := c.tensors[p.name]
	switch {
	case !ok:
		return fmt.Errorf("tensor %q is missing", p.name)
	case t.Dtype != p.dtype:
		return fmt.Errorf("tensor %q has dtype %q, want %q", p.name, t.Dtype, p.dtype)
	case !t.holds(p.size):
		return fmt.Errorf("tensor %q has shape %v, want one dimension for %d bytes of %s", p.name, t.Shape, len(t.bytes), p.dtype)
	case t.Offsets[0]%alignment != 0:
		return fmt.Errorf("tensor %q starts at %d, want a multiple of %d", p.name, t.Offsets[0], alignment)
	}
	delete(c.tensors, p.name)
	p.set(t.bytes)
	return nil
}

// empty refuses tensors that no step has taken.
func (c *container) empty() error {
	if len(c.tensors) == 0 {
		return nil
	}
	return fmt.Errorf("no step wants the tensor %q", slices.Min(slices.Collect(maps.Keys(c.tensors))))
}
