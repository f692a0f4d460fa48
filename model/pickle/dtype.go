package pickle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxDTypeWeight bounds a structured dtype: its members, counted through all levels.
const maxDTypeWeight = 4096

// dtypeInfo is what the reader knows of a dtype while it reads.
type dtypeInfo struct {
	// used says that an array, a scalar or another dtype relies on the dtype: its state is final.
	used bool
	// hasObject says that items hold Python objects (numpy's dtype.hasobject).
	hasObject bool
	// weight counts the members through all levels.
	weight int
}

// String returns numpy's short form, e.g. "<f8", or the members of a structured dtype.
func (t *DType) String() string {
	switch {
	case t == nil:
		return "?"
	case t.Fields != nil:
		names := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			names[i] = f.Name
		}
		return clip("V{" + strings.Join(names, ",") + "}")
	}
	order, size := "<", t.Size
	if t.BigEndian {
		order = ">"
	}
	if t.Kind == 'U' {
		size /= 4
	}
	if size <= 1 && t.Kind != 'U' || strings.IndexByte("SVOT", t.Kind) >= 0 {
		order = "|"
	}
	return order + string(t.Kind) + strconv.Itoa(size)
}

// sizes are the item sizes of the kinds that have fixed ones; 'S', 'U' and 'V' take any.
var sizes = map[byte][]int{
	'b': {1}, 'i': {1, 2, 4, 8}, 'u': {1, 2, 4, 8}, 'f': {2, 4, 8, 12, 16}, 'c': {8, 16, 24, 32},
	'O': {4, 8}, 'M': {8}, 'm': {8},
}

// newDType is a call of numpy.dtype, whose first argument is a type string such as "f8".
func (r *reader) newDType(args []Value) (Value, error) {
	if len(args) == 0 {
		return nil, errOpaque
	}
	s, ok := args[0].(string)
	if g, isGlobal := args[0].(*Global); isGlobal && (*g == Global{"numpy", "record"} || *g == Global{"numpy.rec", "record"}) {
		s, ok = "V0", true // numpy.record is a void whose fields are attributes as well
	}
	if !ok {
		return nil, fmt.Errorf("a dtype is made from a type string, got %s", describe(args[0]))
	}
	t, err := parseDType(s)
	if err != nil {
		return nil, err
	}
	return t, r.register(t, &dtypeInfo{hasObject: t.Kind == 'O', weight: 1})
}

// stringDType is numpy's variable-width string, whose items are stored like objects.
func (r *reader) stringDType() Value {
	t := &DType{Kind: 'T', Size: 16}
	r.dtypes[t] = &dtypeInfo{hasObject: true, weight: 1}
	return t
}

func (r *reader) register(t *DType, info *dtypeInfo) error {
	r.dtypes[t] = info
	return r.charge(indexCost)
}

// parseDType reads a type string: byte order, kind, size (characters for 'U').
func parseDType(s string) (*DType, error) {
	bad := fmt.Errorf("dtype %s is not known", clip(s))
	t := &DType{}
	if s != "" && strings.IndexByte("<>=|", s[0]) >= 0 {
		t.BigEndian = s[0] == '>'
		s = s[1:]
	}
	if s == "" {
		return nil, bad
	}
	t.Kind = s[0]
	if t.Kind == '?' && len(s) == 1 {
		return &DType{Kind: 'b', Size: 1}, nil
	}
	digits := s[1:]
	if i := strings.IndexByte(digits, '['); i >= 0 && (t.Kind == 'M' || t.Kind == 'm') {
		digits = digits[:i] // the unit of a time, e.g. [ns]
	}
	n, err := strconv.ParseUint(digits, 10, 29)
	if err != nil {
		return nil, bad
	}
	t.Size = int(n)
	switch allowed, fixed := sizes[t.Kind]; {
	case fixed && !slices.Contains(allowed, t.Size):
		return nil, bad
	case t.Kind == 'U':
		t.Size *= 4
	case t.Kind == 'O':
		t.Size = 8
	case !fixed && t.Kind != 'S' && t.Kind != 'V':
		return nil, bad
	}
	return t, nil
}

// use marks a dtype as final and returns what is known of it.
func (r *reader) use(t *DType) *dtypeInfo {
	info := r.dtypes[t]
	info.used = true
	return info
}

// buildDType is dtype.__setstate__ (arraydescr_setstate in numpy's descriptor.c): version, byte order,
// sub-array, names, fields, item size, alignment, flags and, for times, metadata.
func (r *reader) buildDType(t *DType, state Value) error {
	info := r.dtypes[t]
	if info.used {
		return r.errorf("dtype %s gets its state after it was used", t)
	}
	st, ok := state.(*Tuple)
	if !ok || len(st.Items) < 8 {
		return r.errorf("the state of a dtype must be a tuple of 8 or 9, got %s", describe(state))
	}
	version, _ := st.Items[0].(int64)
	if version != 3 && version != 4 {
		return r.errorf("version %v of a dtype's state is not known, only 3 and 4", st.Items[0])
	}
	order, _ := st.Items[1].(string)
	if len(order) != 1 || strings.IndexByte("<>=|", order[0]) < 0 {
		return r.errorf("the byte order of a dtype must be <, >, = or |, got %s", describe(st.Items[1]))
	}
	t.BigEndian = order == ">"
	info.used = true
	if strings.IndexByte("SUV", t.Kind) >= 0 {
		size, err := plainInt(st.Items[5], "the item size of a dtype")
		if err != nil || size > 1<<31-1 || t.Kind == 'U' && size%4 != 0 {
			return r.errorf("the item size of dtype %s is not valid", t)
		}
		t.Size = size
	}
	if err := r.buildSubArray(t, info, st.Items[2]); err != nil {
		return err
	}
	return r.buildFields(t, info, st.Items[3], st.Items[4])
}

// buildSubArray reads (base dtype, shape).
func (r *reader) buildSubArray(t *DType, info *dtypeInfo, v Value) error {
	if v == nil {
		return nil
	}
	pair, ok := v.(*Tuple)
	if !ok || len(pair.Items) != 2 || t.Kind != 'V' {
		return r.errorf("a sub-array dtype must be a void with a tuple of base and shape, got %s", describe(v))
	}
	base, ok := pair.Items[0].(*DType)
	if !ok || base == t {
		return r.errorf("the base of a sub-array dtype is not understood: %s", describe(pair.Items[0]))
	}
	shapeValue := pair.Items[1]
	if n, ok := shapeValue.(int64); ok {
		shapeValue = &Tuple{Items: []Value{n}}
	}
	shape, err := r.shape(shapeValue)
	if err != nil {
		return err
	}
	n, err := count(shape, base.Size)
	if err != nil {
		return r.errorf("%w", err)
	}
	if n*base.Size != t.Size {
		return r.errorf("a sub-array dtype of %d bytes holds %d items of %d bytes", t.Size, n, base.Size)
	}
	t.Sub, t.SubShape = base, shape
	return r.inherit(info, base)
}

// inherit adds a member's facts to those of the dtype that holds it.
func (r *reader) inherit(info *dtypeInfo, member *DType) error {
	m := r.use(member)
	info.hasObject = info.hasObject || m.hasObject
	info.weight += m.weight
	if info.weight > maxDTypeWeight {
		return r.errorf("a structured dtype of more than %d members", maxDTypeWeight)
	}
	return nil
}

// buildFields reads the names, which give the order, and the dict from name to (dtype, offset[, title]).
func (r *reader) buildFields(t *DType, info *dtypeInfo, names, fields Value) error {
	if names == nil {
		return nil
	}
	order, ok1 := names.(*Tuple)
	byName, ok2 := fields.(*Dict)
	if !ok1 || !ok2 || t.Kind != 'V' || t.Sub != nil {
		return r.errorf("a structured dtype must be a void with names and fields, got %s and %s", describe(names), describe(fields))
	}
	if err := r.charge(indexCost * len(order.Items)); err != nil {
		return err
	}
	known := make(map[string]Value, len(byName.Pairs))
	for _, p := range byName.Pairs {
		if name, ok := p.Key.(string); ok {
			known[name] = p.Value
		}
	}
	t.Fields = make([]Field, 0, len(order.Items))
	for _, n := range order.Items {
		name, ok := n.(string)
		if !ok {
			return r.errorf("the name of a dtype's field must be a str, got %s", describe(n))
		}
		def, _ := known[name].(*Tuple)
		delete(known, name)
		if def == nil || len(def.Items) < 2 {
			return r.errorf("field %s of a dtype has no definition, or is named twice", clip(name))
		}
		member, ok := def.Items[0].(*DType)
		offset, err := plainInt(def.Items[1], "the offset of a field")
		if !ok || err != nil || member == t || offset > t.Size || member.Size > t.Size-offset {
			return r.errorf("field %s does not fit into its dtype of %d bytes", clip(name), t.Size)
		}
		if err := r.inherit(info, member); err != nil {
			return err
		}
		t.Fields = append(t.Fields, Field{Name: name, Type: member, Offset: offset})
	}
	return nil
}
