package pickle

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
)

// sliceOf reads a slice, whose parts are plain JSON.
func sliceOf(node *jsonObject, class *Global) (Value, error) {
	content, _ := node.get("content").(*jsonObject)
	o := &Object{Class: class}
	for _, name := range []string{"start", "stop", "step"} {
		v := content.get(name)
		if n, ok := v.(json.Number); ok {
			var err error
			if v, err = jsonScalar(n.String()); err != nil {
				return nil, err
			}
		}
		switch v.(type) {
		case nil, int64, string:
			o.Args = append(o.Args, v)
		default:
			return nil, errNode
		}
	}
	return o, nil
}

// array reads an array or a numpy scalar, from a file, or from nodes if it holds objects.
func (s *skops) array(node *jsonObject, class *Global) (Value, error) {
	if node.text("type") == "numpy" {
		raw, err := s.file(node.text("file"))
		if err != nil {
			return nil, err
		}
		a, err := s.npy(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", clip(node.text("file")), err)
		}
		if !isNDArray(class) && len(a.Shape) == 0 {
			return &Scalar{Type: a.Type, Data: a.Data}, nil
		}
		return a, nil
	}
	shapeValue, err := s.value(node.get("shape"))
	if err != nil {
		return nil, err
	}
	shape, err := s.r.shape(shapeValue)
	if err != nil {
		return nil, err
	}
	t := &DType{Kind: 'O', Size: 8}
	if err := s.r.register(t, &dtypeInfo{hasObject: true, weight: 1}); err != nil {
		return nil, err
	}
	nodes := []any{node.get("content")}
	if len(shape) > 0 {
		if nodes, err = flatNodes(node.get("content"), shape); err != nil {
			return nil, err
		}
	}
	items, err := s.items(nodes)
	if err != nil {
		return nil, err
	}
	return s.r.newArray(t, shape, false, &List{Items: items})
}

// flatNodes are the items of nested lists: the first level is plain, the others are nodes of lists.
func flatNodes(v any, shape []int) ([]any, error) {
	list, ok := v.([]any)
	if node, isNode := v.(*jsonObject); isNode && node.text("__loader__") == "ListNode" {
		list, ok = node.get("content").([]any)
	}
	if !ok || len(list) != shape[0] {
		return nil, errNode
	}
	if len(shape) == 1 {
		return list, nil
	}
	var out []any
	for _, item := range list {
		inner, err := flatNodes(item, shape[1:])
		if err != nil {
			return nil, err
		}
		out = append(out, inner...)
	}
	return out, nil
}

// sparse reads a sparse matrix of compressed rows or columns, as scipy.sparse.save_npz writes it: an archive of its arrays.
func (s *skops) sparse(node *jsonObject, class *Global) (Value, error) {
	raw, err := s.file(node.text("file"))
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", clip(node.text("file")), err)
	}
	inner := &skops{r: s.r, files: map[string]*zip.File{}, left: s.left}
	for _, f := range archive.File {
		inner.files[f.Name] = f
	}
	state := &Dict{}
	for _, name := range []string{"data", "indices", "indptr", "shape"} {
		raw, err := inner.file(name + ".npy")
		if err != nil {
			return nil, err
		}
		a, err := s.npy(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		value := Value(a)
		if name == "shape" {
			name, value = "_shape", &Tuple{Items: a.Values()}
		}
		state.Pairs = append(state.Pairs, Pair{Key: name, Value: value})
	}
	s.left = inner.left
	return &Object{Class: class, State: state}, nil
}
