package engine

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// Plan is a compiled model: immutable, and safe for use by many goroutines at once. It comes from a Builder, Load or Open.
type Plan struct {
	inputs        []Input
	outputs       []Output
	steps         []Step
	floats, texts int

	numberSlots []int32    // of the Number and Integer inputs, in plan order
	textSlots   []int32    // of the Text inputs, in plan order
	outputSlots []int32    // of all outputs side by side
	width       int        // of all outputs
	chunk       int        // rows of a session
	keys32      int        // key columns of a row of narrow trees
	keys64      int        // key columns of a row of wide trees
	features    int        // features of a step of small trees
	sparse      int        // sparse registers of a row
	columns     []columnar // the steps where the slots of many rows lie column by column; nil if they never do

	spare    atomic.Pointer[session] // kept through garbage collections, so that one caller at a time never allocates
	sessions sync.Pool               // for more callers
	data     []byte                  // the container that the steps' tensors view; nil for a built plan
	mapped   bool                    // data is a mapping of ours, which Close ends
}

// Inputs are the plan's inputs in the order in which Batch wants them. The list is not to be changed.
func (p *Plan) Inputs() []Input { return p.inputs }

// Outputs are the plan's outputs in the order of Result's columns. The list is not to be changed.
func (p *Plan) Outputs() []Output { return p.outputs }

// Steps are the plan's steps in the order in which they run, for inspection. They are not to be changed.
func (p *Plan) Steps() []Step { return p.steps }

// Floats is the number of float64 slots of a row's frame.
func (p *Plan) Floats() int { return p.floats }

// Texts is the number of text slots of a row's frame.
func (p *Plan) Texts() int { return p.texts }

// Width is the number of values of a row's result: all outputs side by side.
func (p *Plan) Width() int { return p.width }

// Chunk is the number of rows up to which Run answers on the goroutine that asks.
func (p *Plan) Chunk() int { return p.chunk }

// MappedBytes is the size of the container that the plan views, 0 for a plan that was built and not loaded.
func (p *Plan) MappedBytes() int { return len(p.data) }

// Output finds an output by name: columns start to start+n-1 of Result.Values.
func (p *Plan) Output(name string) (start, n int, ok bool) {
	for _, o := range p.outputs {
		if o.Name == name {
			return start, int(o.Span.N), true
		}
		start += int(o.Span.N)
	}
	return 0, 0, false
}

// prepare checks the whole plan and derives what Run needs. Nothing that passes it can fail or go out of bounds at run time.
func (p *Plan) prepare() error {
	if p.floats < 0 || p.floats > maxFloats || p.texts < 0 || p.texts > maxTexts {
		return fmt.Errorf("plan: frame of %d numbers and %d texts, want at most %d and %d", p.floats, p.texts, maxFloats, maxTexts)
	}
	f := &frame{floats: make([]slotKind, p.floats), texts: make([]bool, p.texts)}
	for i, in := range p.inputs {
		if err := p.prepareInput(f, in); err != nil {
			return fmt.Errorf("plan: input %d: %w", i, err)
		}
	}
	for i, s := range p.steps {
		if s == nil {
			return fmt.Errorf("plan: step %d is nil", i)
		}
		if err := s.check(f); err != nil {
			return fmt.Errorf("plan: step %d (%s): %w", i, s.Kind(), err)
		}
	}
	if err := p.prepareOutputs(f); err != nil {
		return err
	}
	p.sparse = len(f.sparse)
	p.keys32, p.keys64 = f.keys32, f.keys64
	p.features = f.features
	p.chunk = chunkRows(8*p.floats + 16*p.texts + 4*p.keys32 + 8*p.keys64)
	if p.chunk >= columnarChunk {
		p.columns = columnSteps(p.steps)
	}
	return nil
}

func (p *Plan) prepareInput(f *frame, in Input) error {
	if in.Feature < 0 {
		return fmt.Errorf("feature is %d, want 0 or more", in.Feature)
	}
	switch in.Kind {
	case Number, Integer:
		if in.Slot < 0 || int(in.Slot) >= len(f.floats) || f.floats[in.Slot] != unset {
			return fmt.Errorf("slot is %d, want one of %d slots that no other input has", in.Slot, len(f.floats))
		}
		f.floats[in.Slot] = number
		if in.Kind == Integer {
			f.floats[in.Slot] = integer
		}
		p.numberSlots = append(p.numberSlots, in.Slot)
	case Text:
		if in.Slot < 0 || int(in.Slot) >= len(f.texts) || f.texts[in.Slot] {
			return fmt.Errorf("slot is %d, want one of %d text slots that no other input has", in.Slot, len(f.texts))
		}
		f.texts[in.Slot] = true
		p.textSlots = append(p.textSlots, in.Slot)
	default:
		return fmt.Errorf("kind is %q, want %q, %q or %q", in.Kind, Number, Integer, Text)
	}
	return nil
}

func (p *Plan) prepareOutputs(f *frame) error {
	if len(p.outputs) == 0 {
		return errors.New("plan: no outputs")
	}
	seen := make(map[string]bool, len(p.outputs))
	for i, o := range p.outputs {
		if o.Name == "" || seen[o.Name] {
			return fmt.Errorf("plan: output %d: name is %q, want a name of its own", i, o.Name)
		}
		seen[o.Name] = true
		if err := f.read("span", o.Span); err != nil {
			return fmt.Errorf("plan: output %d (%s): %w", i, o.Name, err)
		}
		if len(p.outputSlots)+int(o.Span.N) > maxFloats {
			return fmt.Errorf("plan: output %d (%s): more than %d numbers in all outputs", i, o.Name, maxFloats)
		}
		for i := range o.Span.N {
			p.outputSlots = append(p.outputSlots, o.Span.Start+i)
		}
	}
	p.width = len(p.outputSlots)
	return nil
}
