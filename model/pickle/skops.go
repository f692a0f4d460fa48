package pickle

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// This file reads .skops files (skops.io.dump): a zip archive of schema.json, a tree of nodes, and of the arrays that it names, in numpy's own format.
// Nodes become the values that a pickle of the same objects gives; nodes of other kinds become objects without a state, which
// only needing is a refusal.

// zipPrefix begins a zip archive, and no pickle: P is an opcode for persistent ids, which no file here has.
const zipPrefix = "PK\x03\x04"

// skops reads one archive.
type skops struct {
	r     *reader
	files map[string]*zip.File
	left  int64 // of Limits.Bytes, for all files
}

func readSkops(data []byte, r *reader, lim Limits) (Value, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("skops: %w", err)
	}
	s := &skops{r: r, files: map[string]*zip.File{}, left: lim.Bytes}
	for _, f := range archive.File {
		if err := r.charge(objectCost); err != nil {
			return nil, err
		}
		s.files[f.Name] = f
	}
	if s.files["schema.json"] == nil {
		return nil, errors.New("skops: the archive has no schema.json: it is a zip file of another kind; allowed are joblib, pickle and .skops files")
	}
	raw, err := s.file("schema.json")
	if err != nil {
		return nil, err
	}
	if loneSurrogate(raw) {
		return nil, errors.New("skops: schema.json has half of a surrogate pair, which is no character")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	root, err := s.decode(d, 0)
	if err != nil {
		return nil, fmt.Errorf("skops: schema.json: %w", err)
	}
	v, err := s.value(root)
	if err != nil {
		return nil, fmt.Errorf("skops: %w", err)
	}
	return v, nil
}

// halves are escapes of the two halves of a pair, with the backslashes of nested strings, and pairs of them.
var (
	halves = regexp.MustCompile(`\\+u[dD][89a-fA-F][0-9a-fA-F]{2}`)
	pairs  = regexp.MustCompile(`\\+u[dD][89abAB][0-9a-fA-F]{2}\\+u[dD][c-fC-F][0-9a-fA-F]{2}`)
)

// loneSurrogate reports whether JSON has half of a surrogate pair, which Go's decoder would take for U+FFFD. A string that only looks like one, as it
// has a backslash of its own before the u, counts too.
func loneSurrogate(raw []byte) bool { return halves.Match(pairs.ReplaceAll(raw, nil)) }

// file reads a file of the archive.
func (s *skops) file(name string) ([]byte, error) {
	f, ok := s.files[name]
	if !ok {
		return nil, fmt.Errorf("skops: the archive has no %s", clip(name))
	}
	stream, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("skops: %s: %w", clip(name), err)
	}
	defer stream.Close()
	raw, err := io.ReadAll(io.LimitReader(stream, min(s.left, s.r.budget.left)+1))
	if err != nil {
		return nil, fmt.Errorf("skops: %s: %w", clip(name), err)
	}
	if s.left -= int64(len(raw)); s.left < 0 {
		return nil, fmt.Errorf("skops: the archive unpacks to more than Limits.Bytes: %w", ErrLimit)
	}
	return raw, s.r.charge(len(raw))
}

// jsonObject is a JSON object in the order of the file.
type jsonObject struct {
	keys   []string
	values []any
}

// get returns the value of a key, the last one of a key that is there twice, as Python reads it.
func (o *jsonObject) get(key string) any {
	if o == nil {
		return nil
	}
	for i := len(o.keys) - 1; i >= 0; i-- {
		if o.keys[i] == key {
			return o.values[i]
		}
	}
	return nil
}

// text returns a string under a key, "" for anything else.
func (o *jsonObject) text(key string) string {
	s, _ := o.get(key).(string)
	return s
}

// decode reads the next JSON value: *jsonObject, []any, string, json.Number, bool or nil.
func (s *skops) decode(d *json.Decoder, depth int) (any, error) {
	if depth > 8*s.r.lim.Depth { // a value takes several levels of nodes
		return nil, fmt.Errorf("it is nested too deep: %w", ErrLimit)
	}
	if err := s.r.charge(containerCost); err != nil {
		return nil, err
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			item, err := s.decode(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err = d.Token()
		return list, err
	case json.Delim('{'):
		o := &jsonObject{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := s.decode(d, depth+1)
			if err != nil {
				return nil, err
			}
			o.keys, o.values = append(o.keys, key.(string)), append(o.values, value)
		}
		_, err = d.Token()
		return o, err
	}
	return token, nil
}

var errNode = errors.New("a node is not of the form that skops writes")

// value makes the value of a node.
func (s *skops) value(v any) (Value, error) {
	node, ok := v.(*jsonObject)
	if !ok {
		return nil, errNode
	}
	if err := s.r.charge(objectCost); err != nil {
		return nil, err
	}
	class := &Global{Module: node.text("__module__"), Name: node.text("__class__")}
	switch loader := node.text("__loader__"); loader {
	case "JsonNode":
		return jsonScalar(node.text("content"))
	case "DictNode":
		return s.dict(node)
	case "DefaultDictNode":
		content, _ := node.get("content").(*jsonObject)
		return s.value(content.get("main"))
	case "ListNode", "SetNode", "TupleNode":
		items, err := s.items(node.get("content"))
		switch {
		case err != nil:
			return nil, err
		case loader == "ListNode":
			return &List{Items: items}, nil
		case loader == "TupleNode":
			return &Tuple{Items: items}, nil
		}
		return &Set{Items: items, Frozen: class.Name == "frozenset"}, nil
	case "TypeNode", "FunctionNode":
		return class, nil
	case "NdArrayNode":
		return s.array(node, class)
	case "DTypeNode":
		v, err := s.value(node.get("content"))
		if a, ok := v.(*Array); ok {
			return a.Type, err
		}
		return v, err
	case "SparseMatrixNode":
		return s.sparse(node, class)
	case "BytesNode", "BytearrayNode":
		raw, err := s.file(node.text("file"))
		return Bytes(raw), err
	case "SliceNode":
		return sliceOf(node, class)
	}
	return s.object(node, class)
}

func (s *skops) items(v any) ([]Value, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, errNode
	}
	out := make([]Value, len(list))
	for i, item := range list {
		var err error
		if out[i], err = s.value(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// object is an instance: its state is the content, its arguments those of __reduce__ or, for a constructor, the content.
func (s *skops) object(node *jsonObject, class *Global) (Value, error) {
	o := &Object{Class: class}
	arguments := node.get("content")
	switch node.text("__loader__") {
	case "ObjectNode":
		arguments = nil
	case "ConstructorFromReduceNode":
	default:
		reduce, ok := node.get("__reduce__").(*jsonObject)
		if !ok { // a kind of its own: opaque
			return o, nil
		}
		arguments = reduce.get("args")
	}
	if arguments != nil {
		v, err := s.value(arguments)
		if err != nil {
			return nil, err
		}
		if list, ok := v.(*Tuple); ok {
			o.Args = list.Items
		}
	}
	if content := node.get("content"); content != nil && node.text("__loader__") != "ConstructorFromReduceNode" {
		state, err := s.value(content)
		if err != nil {
			return nil, err
		}
		if d, empty := state.(*Dict); !empty || len(d.Pairs) > 0 || o.Args == nil {
			o.State = state
		}
	}
	return o, nil
}

// dict reads a dict, whose keys JSON has made strings of: key_types says what they were.
func (s *skops) dict(node *jsonObject) (Value, error) {
	content, ok := node.get("content").(*jsonObject)
	types, ok2 := node.get("key_types").(*jsonObject)
	if !ok || !ok2 {
		return nil, errNode
	}
	kinds, ok := types.get("content").([]any)
	if !ok || len(kinds) != len(content.keys) {
		return nil, errNode
	}
	d := &Dict{Pairs: make([]Pair, len(content.keys))}
	for i, text := range content.keys {
		kind, _ := kinds[i].(*jsonObject)
		key, err := keyOf(text, kind.text("__module__"), kind.text("__class__"))
		if err != nil {
			return nil, err
		}
		value, err := s.value(content.values[i])
		if err != nil {
			return nil, err
		}
		d.Pairs[i] = Pair{Key: key, Value: value}
	}
	return d, nil
}

// keyOf is a key of a dict by its text and its type.
func keyOf(text, module, class string) (Value, error) {
	switch {
	case class == "str":
		return text, nil
	case class == "NoneType":
		return nil, nil
	case class == "int", module == "numpy" && strings.Contains(class, "int"):
		return jsonScalar(text)
	case class == "float", module == "numpy" && strings.Contains(class, "float"):
		f, err := strconv.ParseFloat(text, 64)
		return f, err
	}
	return nil, fmt.Errorf("a dict has keys of %s.%s, which are not read", clip(module), clip(class))
}

// jsonScalar reads what json.dumps of Python writes for None, a boolean, a number or a string.
func jsonScalar(text string) (Value, error) {
	switch text {
	case "NaN":
		return math.NaN(), nil
	case "Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("the value %s: %w", clip(text), err)
	}
	switch v := v.(type) {
	case nil, bool, string:
		return v, nil
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			f, err := v.Float64()
			return f, err
		}
		if len(v) > maxDigits {
			return nil, fmt.Errorf("an integer of %d digits, want at most %d", len(v), maxDigits)
		}
		if n, ok := new(big.Int).SetString(v.String(), 10); ok {
			return narrow(n), nil
		}
	}
	return nil, fmt.Errorf("the value %s is no scalar", clip(text))
}

// maxDigits is CPython's own bound on the digits of an int (sys.set_int_max_str_digits).
const maxDigits = 4300
