package engine

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// The container is safetensors (https://github.com/huggingface/safetensors, "Format"): the length of a JSON header in 8
// little-endian bytes, the header, the tensors without holes. The metadata holds three things: "format", which is planFormat; "plan",
// the JSON of a document; and for it and each tensor its CRC-32C, "crc32c:NAME", in eight hexadecimal digits. A tensor of
// step i is called steps.i.FIELD and has one dimension. Every such tensor starts at a multiple of 64 bytes in the file: the
// header is padded with spaces, tensors by tensors pad.0, pad.1, … of zero bytes, which need no checksum.

const (
	planFormat = "sklambda-plan/2"
	alignment  = 64
	crcPrefix  = "crc32c:"
	padPrefix  = "pad."
	// maxHeader bounds the header: a plan's bulk is in its tensors.
	maxHeader = 16 << 20
	// besideFrom is the size of a plan, in bytes, from which its checksums are computed beside the other checks: those of a smaller one take no longer than
	// another thread takes to start.
	besideFrom = 64 << 10
)

// document is the JSON form of a plan without its tensors.
type document struct {
	Floats  int               `json:"floats"`
	Texts   int               `json:"texts"`
	Inputs  []Input           `json:"inputs"`
	Outputs []Output          `json:"outputs"`
	Steps   []json.RawMessage `json:"steps"`
}

// entry is a tensor in the header.
type entry struct {
	Dtype   string  `json:"dtype"`
	Shape   []int64 `json:"shape"`
	Offsets []int64 `json:"data_offsets"`
}

// littleEndian refuses a machine whose memory does not look like the file.
func littleEndian() error {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return errors.New("plan: this machine is big-endian, want a little-endian one")
	}
	return nil
}

// WriteTo writes the plan's container. The same plan gives the same bytes.
func (p *Plan) WriteTo(w io.Writer) (int64, error) {
	if err := littleEndian(); err != nil {
		return 0, err
	}
	c := &containerWriter{header: make(map[string]any), metadata: map[string]string{"format": planFormat}}
	doc := document{Floats: p.floats, Texts: p.texts, Inputs: list(p.inputs), Outputs: list(p.outputs), Steps: []json.RawMessage{}}
	for i, s := range p.steps {
		raw, err := encodeStep(s)
		if err != nil {
			return 0, fmt.Errorf("plan: step %d (%s): %w", i, s.Kind(), err)
		}
		doc.Steps = append(doc.Steps, raw)
		for _, t := range ports(s, fmt.Sprintf("steps.%d.", i)) {
			c.add(t)
		}
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		return 0, fmt.Errorf("plan: %w", err)
	}
	c.metadata["plan"], c.metadata[crcPrefix+"plan"] = string(raw), checksum(raw)
	return c.writeTo(w)
}

// list makes a nil list an empty one, so that its JSON is [] and not null.
func list[T any](l []T) []T { return append([]T{}, l...) }

// containerWriter collects tensors and writes them after their header.
type containerWriter struct {
	header   map[string]any
	metadata map[string]string
	blocks   [][]byte
	size     int64
	pads     int
}

// add appends a tensor and what pads it.
func (c *containerWriter) add(t port) {
	b := t.bytes()
	c.append(t.name, t.dtype, b, len(b)/t.size)
	c.metadata[crcPrefix+t.name] = checksum(b)
	if rest := len(b) % alignment; rest != 0 {
		pad := make([]byte, alignment-rest)
		c.append(fmt.Sprint(padPrefix, c.pads), "U8", pad, len(pad))
		c.pads++
	}
}

func (c *containerWriter) append(name, dtype string, b []byte, items int) {
	end := c.size + int64(len(b))
	c.header[name] = entry{Dtype: dtype, Shape: []int64{int64(items)}, Offsets: []int64{c.size, end}}
	c.blocks = append(c.blocks, b)
	c.size = end
}

func (c *containerWriter) writeTo(w io.Writer) (int64, error) {
	c.header["__metadata__"] = c.metadata
	header, err := json.Marshal(c.header) // sorts the keys
	if err != nil {
		return 0, fmt.Errorf("plan: %w", err)
	}
	if rest := (8 + len(header)) % alignment; rest != 0 {
		header = append(header, strings.Repeat(" ", alignment-rest)...)
	}
	if len(header) > maxHeader {
		return 0, fmt.Errorf("plan: header of %d bytes, want at most %d", len(header), maxHeader)
	}
	total := int64(0)
	for _, b := range append([][]byte{binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header}, c.blocks...) {
		n, err := w.Write(b)
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// Load reads a plan from the bytes of its container. The plan's tensors view data, which must not change while the plan is in use. All
// that can be wrong with a plan is found here: every CRC-32C is checked, every field, every tensor, every node.
func Load(data []byte) (*Plan, error) {
	if err := littleEndian(); err != nil {
		return nil, err
	}
	data = aligned(data)
	c, err := readContainer(data)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	// What the checksums say is told first: it is the cause. The other checks expect the worst of the bytes anyway, so both may be made at once.
	damage := make(chan error, 1)
	check := func() { damage <- verify(c.sums) }
	if len(data) < besideFrom {
		check()
	} else {
		go check()
	}
	p, err := c.load(data)
	if err == nil {
		err = p.prepare()
	}
	if damaged := <-damage; damaged != nil {
		return nil, fmt.Errorf("plan: %w", damaged)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// load makes the steps; what they mean is left to prepare.
func (c *container) load(data []byte) (*Plan, error) {
	var doc document
	err := validJSON(c.plan)
	if err == nil {
		err = decode(c.plan, reflect.ValueOf(&doc).Elem())
	}
	if err != nil {
		return nil, fmt.Errorf("plan: metadata: %w", err)
	}
	p := &Plan{floats: doc.Floats, texts: doc.Texts, inputs: doc.Inputs, outputs: doc.Outputs, data: data}
	for i, raw := range doc.Steps {
		s, err := decodeStep(i, raw)
		if err != nil {
			return nil, fmt.Errorf("plan: %w", err)
		}
		for _, t := range ports(s, fmt.Sprintf("steps.%d.", i)) {
			if err := c.take(t); err != nil {
				return nil, fmt.Errorf("plan: step %d (%s): %w", i, s.Kind(), err)
			}
		}
		p.steps = append(p.steps, s)
	}
	if err := c.empty(); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return p, nil
}
