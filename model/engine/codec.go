package engine

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"
)

// This file turns JSON and struct fields into each other, strictly: encoding/json alone would accept a field twice, in another
// letter case, or not at all, null for anything, and bytes that are no UTF-8. It only proves that the whole is JSON, once, by
// validJSON; what follows splits JSON that is known to be valid.

// validJSON reports what is wrong with raw as JSON.
func validJSON(raw []byte) error {
	if json.Valid(raw) {
		return nil
	}
	return json.Unmarshal(raw, new(json.RawMessage))
}

// split cuts valid JSON, an object or a list, into its parts, which it appends: the items of a list, or the keys and values of an object in turn.
func split(parts [][]byte, raw []byte) [][]byte {
	raw = raw[1 : len(raw)-1]
	start, depth := 0, 0
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			for i++; raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case depth == 0 && (c == ',' || c == ':'):
			parts = append(parts, bytes.TrimSpace(raw[start:i]))
			start = i + 1
		}
	}
	if last := bytes.TrimSpace(raw[start:]); len(last) > 0 {
		parts = append(parts, last)
	}
	return parts
}

// fewParts is the room for the parts of a small object, on the stack of who splits it.
const fewParts = 24

// objectParts appends the keys and values of a JSON object in turn.
func objectParts(parts [][]byte, raw []byte) ([][]byte, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '{' {
		return nil, fmt.Errorf("got %.40s, want a JSON object", raw)
	}
	return split(parts, raw), nil
}

// members splits a JSON object into its members and refuses a duplicate key.
func members(raw []byte) (map[string]json.RawMessage, error) {
	parts, err := objectParts(make([][]byte, 0, 8+len(raw)/64), raw)
	if err != nil {
		return nil, err
	}
	m := make(map[string]json.RawMessage, len(parts)/2)
	for i := 0; i < len(parts); i += 2 {
		key, err := text(parts[i])
		if err != nil {
			return nil, err
		}
		if _, ok := m[key]; ok {
			return nil, fmt.Errorf("duplicate key %q", key)
		}
		m[key] = parts[i+1]
	}
	return m, nil
}

// text reads a JSON string.
func text(raw []byte) (string, error) {
	if len(raw) == 0 || raw[0] != '"' || !utf8.Valid(raw) {
		return "", fmt.Errorf("got %.40s, want a string", raw)
	}
	rest := raw[1 : len(raw)-1]
	i := bytes.IndexByte(rest, '\\')
	if i < 0 {
		return string(rest), nil
	}
	var out strings.Builder
	out.Grow(len(rest))
	for ; i >= 0; i = bytes.IndexByte(rest, '\\') {
		c := rest[i+1]
		if c != '"' && c != '\\' { // the JSON of a plan, which is a string of the metadata, has few others
			var s string
			err := json.Unmarshal(raw, &s)
			return s, err
		}
		out.Write(rest[:i])
		out.WriteByte(c)
		rest = rest[i+2:]
	}
	out.Write(rest)
	return out.String(), nil
}

// decode reads raw into v: structs by their json tags, every field once and no other; slices; and plain values.
func decode(raw json.RawMessage, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Struct:
		var few [fewParts][]byte
		parts, err := objectParts(few[:0], raw)
		if err != nil {
			return err
		}
		return decodeFields(parts, v)
	case reflect.Bool:
		v.SetBool(string(raw) == "true")
		if !v.Bool() && string(raw) != "false" {
			return fmt.Errorf("got %.40s, want true or false", raw)
		}
		return nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(string(raw), 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("got %.40s, want an integer of %d bits", raw, v.Type().Bits())
		}
		v.SetInt(n)
		return nil
	}
	if u, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		return u.UnmarshalJSON(raw)
	}
	if v.Kind() == reflect.String {
		s, err := text(raw)
		v.SetString(s)
		return err
	}
	return decodeList(raw, v)
}

// decodeList reads a JSON list into slice v.
func decodeList(raw json.RawMessage, v reflect.Value) error {
	if raw[0] != '[' {
		return fmt.Errorf("got %.40s, want a list", raw)
	}
	if list, ok := v.Addr().Interface().(*[]int64); ok { // each tensor of the header has two
		return decodeIntegers(raw, list)
	}
	parts := split(nil, raw)
	v.Set(reflect.MakeSlice(v.Type(), len(parts), len(parts)))
	for i, item := range parts {
		if err := decode(item, v.Index(i)); err != nil {
			return fmt.Errorf("item %d: %w", i, err)
		}
	}
	return nil
}

// decodeIntegers reads a JSON list of integers.
func decodeIntegers(raw []byte, list *[]int64) error {
	*list = make([]int64, 0, 2)
	for rest := bytes.TrimSpace(raw[1 : len(raw)-1]); len(rest) > 0; {
		item, after, _ := bytes.Cut(rest, []byte{','})
		item, rest = bytes.TrimSpace(item), after
		n, err := strconv.ParseInt(string(item), 10, 64)
		if err != nil {
			return fmt.Errorf("item %d: got %.40s, want an integer of 64 bits", len(*list), item)
		}
		*list = append(*list, n)
	}
	return nil
}

// decodeFields reads an object's keys and values into the json fields of struct v.
func decodeFields(parts [][]byte, v reflect.Value) error {
	fields := jsonFields(v.Type())
	values, unknown := make([][]byte, len(fields)), ""
	for i := 0; i < len(parts); i += 2 {
		k := fieldOf(fields, parts[i])
		switch {
		case k < 0:
			unknown = cmp.Or(unknown, fmt.Sprintf("unknown field %.40s", parts[i]))
		case values[k] != nil:
			return fmt.Errorf("duplicate key %q", fields[k].name)
		default:
			values[k] = parts[i+1]
		}
	}
	for k, f := range fields {
		if values[k] == nil {
			return fmt.Errorf("field %q is missing: if another version of sklambda made the plan, build it again", f.name)
		}
		if err := decode(values[k], v.FieldByIndex(f.index)); err != nil {
			return fmt.Errorf("field %q: %w", f.name, err)
		}
	}
	if unknown != "" {
		return errors.New(unknown)
	}
	return nil
}

// fieldOf finds the field of a key as it stands in JSON, in quotes; it is -1 if there is none.
func fieldOf(fields []jsonField, key []byte) int {
	if bytes.IndexByte(key, '\\') < 0 {
		key = key[1 : len(key)-1]
	} else if s, err := text(key); err == nil {
		key = []byte(s)
	}
	return slices.IndexFunc(fields, func(f jsonField) bool { return f.name == string(key) })
}

// jsonField is a field with a json tag: its name in JSON, and its place for FieldByIndex.
type jsonField struct {
	name  string
	index []int
}

// knownFields are the jsonFields of the types that were asked for: a plan has a few types and many values of each.
var knownFields sync.Map

// jsonFields are the fields of a struct that have a json tag, those of embedded structs included, in order.
func jsonFields(t reflect.Type) []jsonField {
	if known, ok := knownFields.Load(t); ok {
		return known.([]jsonField)
	}
	var fields []jsonField
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Anonymous {
			for _, f := range jsonFields(field.Type) {
				fields = append(fields, jsonField{f.name, append([]int{i}, f.index...)})
			}
		} else if name, ok := field.Tag.Lookup("json"); ok {
			fields = append(fields, jsonField{name, field.Index})
		}
	}
	knownFields.Store(t, fields)
	return fields
}

// eachField calls do for the fields of struct v that have the given tag, those of embedded structs included, in order.
func eachField(v reflect.Value, tag string, do func(name string, field reflect.Value) error) error {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			if err := eachField(v.Field(i), tag, do); err != nil {
				return err
			}
		} else if name, ok := field.Tag.Lookup(tag); ok {
			if err := do(name, v.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// allSteps are all kinds of step, as nil pointers, which cost a start nothing.
var allSteps = []Step{
	(*Select)(nil), (*Check)(nil), (*Arith)(nil), (*Clip)(nil), (*Map)(nil), (*Impute)(nil), (*Indicate)(nil), (*FillText)(nil), (*IndicateText)(nil),
	(*LookupText)(nil), (*LookupNumber)(nil), (*LookupInteger)(nil), (*OneHot)(nil), (*MatMul)(nil), (*Softmax)(nil), (*Normalize)(nil), (*ArgMax)(nil),
	(*Above)(nil), (*Trees)(nil), (*Kernel)(nil), (*PairSums)(nil), (*PairVotes)(nil), (*PairProbabilities)(nil), (*LogSoftmax)(nil), (*Domain)(nil),
	(*Interpolate)(nil), (*Nearest)(nil), (*NearestInTree)(nil), (*Within)(nil), (*WithinTree)(nil), (*InverseWeights)(nil), (*Vote)(nil), (*Mode)(nil),
	(*Average)(nil), (*Scatter)(nil), (*OutlierFactor)(nil), (*KernelDensity)(nil), (*Distances)(nil), (*NearestCenter)(nil), (*Bisection)(nil),
	(*Gaussians)(nil), (*LogSumExp)(nil), (*Covariance)(nil), (*Raise)(nil), (*LowerSolve)(nil), (*LogisticGaussian)(nil), (*Geodesic)(nil),
	(*Barycenter)(nil), (*Bin)(nil), (*Quantile)(nil), (*Power)(nil), (*Monomials)(nil), (*Pair)(nil), (*Scale)(nil), (*Spline)(nil),
	(*TruncateText)(nil), (*Pool)(nil), (*ImputeNearest)(nil), (*Choose)(nil), (*Shrink)(nil), (*Pursuit)(nil), (*Lasso)(nil), (*Topics)(nil),
	(*TextCount)(nil), (*TextHash)(nil), (*SparseArith)(nil), (*SparseMap)(nil), (*SparseNormalize)(nil), (*SparseCheck)(nil), (*SparseSelect)(nil),
	(*SparseStack)(nil), (*SparseDense)(nil), (*SparseMatMul)(nil), (*Softmax32)(nil), (*WeightedSum)(nil), (*Gather)(nil), (*WeightedMedian)(nil),
	(*LogProbabilities)(nil), (*SumRows)(nil), (*ChiSquaredFeatures)(nil), (*CountSketch)(nil), (*CentreKernel)(nil), (*Projection)(nil), (*Steady)(nil),
	(*SmallTrees)(nil), (*SparsePlace)(nil), (*HashEntries)(nil), (*SteadyShares)(nil), (*SteadySide)(nil), (*SteadyMap)(nil),
}

// stepType is the struct of a kind of step, nil for an unknown one.
func stepType(kind string) reflect.Type {
	i := slices.IndexFunc(allSteps, func(s Step) bool { return s.Kind() == kind })
	if i < 0 {
		return nil
	}
	return reflect.TypeOf(allSteps[i]).Elem()
}

// stepKinds are the names of all kinds of step, sorted.
func stepKinds() []string {
	var kinds []string
	for _, s := range allSteps {
		kinds = append(kinds, s.Kind())
	}
	return slices.Sorted(slices.Values(kinds))
}

// decodeStep reads the JSON form of step i: its kind and its json fields.
func decodeStep(i int, raw json.RawMessage) (Step, error) {
	var few [fewParts][]byte
	parts, err := objectParts(few[:0], raw)
	if err != nil {
		return nil, fmt.Errorf("step %d: %w", i, err)
	}
	var kind json.RawMessage
	for k := 0; k < len(parts) && kind == nil; k += 2 {
		if string(parts[k]) == `"kind"` {
			kind = parts[k+1]
			parts = slices.Delete(parts, k, k+2)
		}
	}
	name, err := text(kind)
	structure := stepType(name)
	if err != nil || structure == nil {
		return nil, fmt.Errorf("step %d: kind is %.40s, want one of %q", i, kind, stepKinds())
	}
	v := reflect.New(structure)
	if err := decodeFields(parts, v.Elem()); err != nil {
		return nil, fmt.Errorf("step %d (%s): %w", i, name, err)
	}
	return v.Interface().(Step), nil
}

// encodeStep writes what decodeStep reads.
func encodeStep(s Step) (json.RawMessage, error) {
	raw := fmt.Appendf(nil, `{"kind":%q`, s.Kind())
	err := eachField(reflect.ValueOf(s).Elem(), "json", func(name string, field reflect.Value) error {
		value, err := json.Marshal(field.Interface())
		raw = append(fmt.Appendf(raw, `,%q:`, name), value...)
		return err
	})
	return append(raw, '}'), err
}

// port is one tensor of a step: a slice seen as bytes.
type port struct {
	name, dtype string
	size        int // bytes of an item
	bytes       func() []byte
	set         func([]byte)
}

// ports are the tensors of a step, in the order of its fields. prefix starts their names.
func ports(s Step, prefix string) []port {
	var list []port
	_ = eachField(reflect.ValueOf(s).Elem(), "tensor", func(name string, v reflect.Value) error {
		name = prefix + name
		switch field := v.Addr().Interface().(type) {
		case *[]float64:
			list = append(list, newPort(name, "F64", field))
		case *[]int64:
			list = append(list, newPort(name, "I64", field))
		case *[]int32:
			list = append(list, newPort(name, "I32", field))
		case *[]uint32:
			list = append(list, newPort(name, "U32", field))
		case *[]uint64:
			list = append(list, newPort(name, "U64", field))
		case *[]uint8:
			list = append(list, newPort(name, "U8", field))
		case *Strings:
			list = append(list, newPort(name+".bytes", "U8", &field.bytes), newPort(name+".offsets", "I64", &field.offsets))
		default:
			panic("engine: no tensor form for " + v.Type().String())
		}
		return nil
	})
	return list
}

// newPort views the slice at p as little-endian bytes, which is what memory holds on every machine that Load admits.
func newPort[T any](name, dtype string, p *[]T) port {
	size := int(unsafe.Sizeof(*new(T)))
	return port{
		name: name, dtype: dtype, size: size,
		bytes: func() []byte { return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(*p))), len(*p)*size) },
		set:   func(b []byte) { *p = unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/size) },
	}
}
