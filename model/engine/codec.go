package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// This file turns JSON and struct fields into each other, strictly: encoding/json alone would accept a field twice, in another
// letter case, or not at all, and null for anything.

// members splits a JSON object into its members and refuses a duplicate key.
func members(raw []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("got %.40s, want a JSON object", raw)
	}
	m := make(map[string]json.RawMessage)
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		key := t.(string) // an object's tokens at this place are keys
		if _, ok := m[key]; ok {
			return nil, fmt.Errorf("duplicate key %q", key)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
		m[key] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if rest := bytes.TrimLeft(raw[d.InputOffset():], " "); len(rest) > 0 {
		return nil, errors.New("bytes after the JSON object")
	}
	return m, nil
}

// decode reads raw into v: structs by their json tags, every field once and no other; slices; and plain values.
func decode(raw json.RawMessage, v reflect.Value) error {
	if _, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		return json.Unmarshal(raw, v.Addr().Interface())
	}
	switch v.Kind() {
	case reflect.Struct:
		m, err := members(raw)
		if err != nil {
			return err
		}
		return decodeMembers(m, v)
	case reflect.Slice:
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil || list == nil {
			return fmt.Errorf("got %.40s, want a list", raw)
		}
		v.Set(reflect.MakeSlice(v.Type(), len(list), len(list)))
		for i, item := range list {
			if err := decode(item, v.Index(i)); err != nil {
				return fmt.Errorf("item %d: %w", i, err)
			}
		}
		return nil
	default:
		if string(raw) == "null" {
			return fmt.Errorf("got null, want a %s", v.Type())
		}
		return json.Unmarshal(raw, v.Addr().Interface())
	}
}

// decodeMembers reads the members of an object into the json fields of struct v.
func decodeMembers(m map[string]json.RawMessage, v reflect.Value) error {
	known := 0
	err := eachField(v, "json", func(name string, field reflect.Value) error {
		raw, ok := m[name]
		if !ok {
			return fmt.Errorf("field %q is missing", name)
		}
		known++
		if err := decode(raw, field); err != nil {
			return fmt.Errorf("field %q: %w", name, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if known == len(m) {
		return nil
	}
	return fmt.Errorf("unknown field %q", unknownKey(m, v))
}

// unknownKey is the first key, in order, that is no json field of v.
func unknownKey(m map[string]json.RawMessage, v reflect.Value) string {
	rest := make(map[string]bool, len(m))
	for key := range m {
		rest[key] = true
	}
	_ = eachField(v, "json", func(name string, _ reflect.Value) error {
		delete(rest, name)
		return nil
	})
	return firstKey(rest)
}

// firstKey is the smallest key of a map that is not empty.
func firstKey[V any](m map[string]V) string {
	first, any := "", false
	for key := range m {
		if !any || key < first {
			first, any = key, true
		}
	}
	return first
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

// newStep makes an empty step of a kind, nil for an unknown one.
func newStep(kind string) Step {
	for _, s := range []Step{
		&Select{}, &Check{}, &Arith{}, &Clip{}, &Map{}, &Impute{}, &Indicate{}, &FillText{}, &IndicateText{}, &LookupText{}, &LookupNumber{},
		&LookupInteger{}, &OneHot{}, &MatMul{}, &Softmax{}, &Normalize{}, &ArgMax{}, &Above{}, &Trees{},
	} {
		if s.Kind() == kind {
			return s
		}
	}
	return nil
}
