package sklearn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"sklambda/model"
	"sklambda/model/pickle"
)

// classes reads classes_: one array of labels, or a list of arrays, one for each output.
func (e *estimator) classes(name string) [][]model.Class {
	v := e.get(name)
	if list, ok := v.(*pickle.List); ok && len(list.Items) > 0 {
		var out [][]model.Class
		for _, item := range list.Items {
			out = append(out, e.labels(name, item))
		}
		return out
	}
	return [][]model.Class{e.labels(name, v)}
}

// atLeastTwo refuses classes of a classifier that has one output and tells two classes or more apart.
func (e *estimator) atLeastTwo(classes [][]model.Class) bool {
	if len(classes) == 1 && len(classes[0]) >= 2 {
		return true
	}
	e.refuse("classes_", fmt.Sprintf("it has %d outputs of %d classes in all, which is no classification with one output", len(classes), totalClasses(classes)),
		"fit on at least two classes")
	return false
}

// labels turns an array of labels into classes.
func (e *estimator) labels(name string, v pickle.Value) []model.Class {
	items, ok := sequence(v)
	if !ok || len(items) == 0 {
		e.wrong(name, v, "an array of labels")
		return nil
	}
	classes := make([]model.Class, len(items))
	for i, item := range items {
		raw, ok := jsonScalar(pickle.Plain(item))
		if !ok {
			e.wrong(name, item, "strings, integers, finite numbers and booleans as labels")
			return nil
		}
		classes[i] = model.Class{RawMessage: raw}
	}
	return classes
}

// jsonScalar encodes a string, a number or a boolean as JSON; false for anything else and for what JSON cannot hold.
func jsonScalar(v pickle.Value) (json.RawMessage, bool) {
	switch v := v.(type) {
	case bool, int64, string:
		return marshal(v), true
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, false
		}
		return marshal(v), true
	}
	return nil, false
}

// marshal encodes a plain value without escaping HTML.
func marshal(v any) json.RawMessage {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("sklearn: encode %T: %v", v, err)) // only plain scalars come here
	}
	return bytes.TrimRight(buf.Bytes(), "\n")
}

// params lists the constructor's parameters of an estimator that JSON can show: attributes without a trailing or a
// leading underscore. Nested estimators and arrays are shown by their description.
func params(obj *pickle.Object) map[string]json.RawMessage {
	state, ok := obj.State.(*pickle.Dict)
	if !ok {
		return nil
	}
	out := map[string]json.RawMessage{}
	for _, p := range state.Pairs {
		name, ok := p.Key.(string)
		if !ok || name == "" || name[0] == '_' || name[len(name)-1] == '_' {
			continue
		}
		v := pickle.Plain(p.Value)
		if raw, ok := jsonScalar(v); ok {
			out[name] = raw
		} else if v == nil {
			out[name] = json.RawMessage("null")
		} else {
			out[name] = marshal(describe(v))
		}
	}
	return out
}
