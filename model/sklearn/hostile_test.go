package sklearn

import (
	"errors"
	"testing"

	"sklambda/model/pickle"
)

// TestHostileAttributes puts values of every kind in the place of each attribute of fitted estimators: whatever a file holds, the
// answer is a plan or a refusal.
func TestHostileAttributes(t *testing.T) {
	t.Parallel()
	list, ok := readPipeline(t, "testdata/versions/1.9.1/estimators.joblib").(*pickle.List)
	if !ok || len(list.Items) == 0 {
		t.Fatal("the file holds no estimators")
	}
	refused, tried := 0, map[string]int{}
	for i, root := range list.Items {
		for _, a := range attributes(root) {
			if tried[a.name]++; tried[a.name] > 2 {
				continue // estimators of a class are much alike
			}
			pair, original := a.pair, *a.pair
			for k, value := range hostileValues() {
				pair.Value = value
				_, err := Compile(root, Options{Name: "hostile", Version: "v1.0"})
				var refusal *Refusal
				if errors.As(err, &refusal) {
					refused++
				} else if err != nil {
					t.Errorf("estimator %d, %s, value %d: got error %v, want a refusal", i, a.name, k, err)
				}
			}
			*pair = original
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
}

// attribute is an attribute of an object, named by class and name.
type attribute struct {
	name string
	pair *pickle.Pair
}

// attributes lists the attributes of an object and of what it holds.
func attributes(root pickle.Value) []attribute {
	var out []attribute
	seen := map[pickle.Value]bool{}
	var walk func(v pickle.Value)
	walk = func(v pickle.Value) {
		switch v := v.(type) {
		case *pickle.List:
			for _, item := range v.Items {
				walk(item)
			}
		case *pickle.Tuple:
			for _, item := range v.Items {
				walk(item)
			}
		case *pickle.Object:
			state, ok := v.State.(*pickle.Dict)
			if !ok || seen[v] {
				return
			}
			seen[v] = true
			for i := range state.Pairs {
				name, _ := state.Pairs[i].Key.(string)
				out = append(out, attribute{v.ClassName() + "." + name, &state.Pairs[i]})
				walk(state.Pairs[i].Value)
			}
		}
	}
	walk(root)
	return out
}

// hostileValues are values that no attribute of a fitted estimator has, or that few have.
func hostileValues() []pickle.Value {
	int64s := &pickle.DType{Kind: 'i', Size: 8}
	return []pickle.Value{
		nil, "text", int64(-5), int64(1) << 40, 2.5, true,
		&pickle.List{}, &pickle.List{Items: []pickle.Value{nil, nil}}, &pickle.Dict{},
		&pickle.Array{Type: int64s, Shape: []int{0}, Data: []byte{}},
		&pickle.Array{Type: int64s, Shape: []int{1, 1}, Data: make([]byte, 8)},
		&pickle.Array{Type: &pickle.DType{Kind: 'O'}, Shape: []int{1}, Objects: []pickle.Value{nil}},
		&pickle.Object{}, &pickle.Object{Class: &pickle.Global{Module: "a", Name: "B"}, State: "state"},
	}
}
