package engine

// Builder collects a plan: inputs are declared, slots allocated, steps added in the order in which they run, outputs named. Mistakes are reported by
// Plan. A Builder is used by one goroutine, for one plan.
type Builder struct {
	floats, texts, sparse int
	inputs                []Input
	slots                 map[inputKey]int32 // of the inputs
	outputs               []Output
	steps                 []Step
}

// inputKey is what an input is declared by.
type inputKey struct {
	feature int32
	kind    InputKind
}

// NewBuilder returns a Builder of an empty plan.
func NewBuilder() *Builder { return &Builder{slots: map[inputKey]int32{}} }

// Number declares a feature as a Number input and returns its slot. A feature declared before keeps its slot. First declarations
// give consecutive slots as long as nothing else is allocated between them.
func (b *Builder) Number(feature int) Slot {
	return b.input(feature, Number, &b.floats)
}

// Integer declares a feature as an Integer input; slots are given as by Number. A feature may be both a Number and an Integer.
func (b *Builder) Integer(feature int) Slot {
	return b.input(feature, Integer, &b.floats)
}

// Text declares a feature as a Text input and returns its text slot. A feature declared before keeps its slot.
func (b *Builder) Text(feature int) TextSlot {
	return b.input(feature, Text, &b.texts)
}

// Floats allocates n consecutive float slots. It panics if n is negative.
func (b *Builder) Floats(n int) Span {
	if n < 0 {
		panic("engine: negative number of slots")
	}
	s := Span{Start: slot(b.floats), N: slot(n)}
	b.floats += n
	return s
}

// NewText allocates a text slot.
func (b *Builder) NewText() TextSlot {
	b.texts++
	return slot(b.texts - 1)
}

// Add appends steps, pointers such as &Arith{…}. The plan keeps them and their slices: they must not be changed afterwards.
func (b *Builder) Add(steps ...Step) { b.steps = append(b.steps, steps...) }

// Output names a range of slots as an output. Outputs are laid side by side in the order in which they are named.
func (b *Builder) Output(name string, s Span) {
	b.outputs = append(b.outputs, Output{Name: name, Span: s})
}

// Plan returns the plan, checked by the same rules as a loaded one.
func (b *Builder) Plan() (*Plan, error) {
	p := &Plan{floats: b.floats, texts: b.texts, inputs: b.inputs, outputs: b.outputs, steps: b.steps}
	if err := p.prepare(); err != nil {
		return nil, err
	}
	return p, nil
}

// input finds or declares an input; next is the counter that its slot is taken from.
func (b *Builder) input(feature int, kind InputKind, next *int) int32 {
	key := inputKey{slot(feature), kind}
	if at, ok := b.slots[key]; ok {
		return at
	}
	in := Input{Feature: key.feature, Kind: kind, Slot: slot(*next)}
	*next++
	b.inputs, b.slots[key] = append(b.inputs, in), in.Slot
	return in.Slot
}

// slot narrows a count to a slot number. What does not fit becomes -1, which prepare refuses.
func slot(n int) int32 {
	if int(int32(n)) != n {
		return -1
	}
	return int32(n)
}
