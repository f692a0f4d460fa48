package sklearn

import (
	"testing"

	"sklambda/model/pickle"
)

// rangeIndex is a pandas.RangeIndex, which a file has in a few bytes however long it is.
func rangeIndex(stop int64) *pickle.Object {
	of := &pickle.Dict{}
	for name, v := range map[string]int64{"start": 0, "stop": stop, "step": 1} {
		of.Pairs = append(of.Pairs, pickle.Pair{Key: name, Value: v})
	}
	return &pickle.Object{Class: &pickle.Global{Module: "pandas.core.indexes.base", Name: "_new_Index"}, Args: []pickle.Value{nil, of}}
}

func TestRangeIndexIsAsLongAsItsValues(t *testing.T) {
	t.Parallel()
	for stop, want := range map[int64]bool{3: true, 2: false, 4: false, 1 << 31: false, 1 << 62: false, -1 << 62: false} {
		values := []pickle.Value{int64(7), int64(8), int64(9)}
		got, ok := readLabels(rangeIndex(stop), values)
		if ok != want {
			t.Errorf("range(%d) for three values: got %v, want %v", stop, ok, want)
		}
		if v, found := got.at(int64(2)); want && (!found || v != int64(9)) {
			t.Errorf("range(%d): label 2 has %v, want 9", stop, v)
		}
	}
}

func TestLabelsAreThoseOfADict(t *testing.T) {
	t.Parallel()
	var s labelled
	for _, label := range []pickle.Value{"a", int64(1), 2.5} {
		if !s.add(label, label) {
			t.Errorf("%v is refused", label)
		}
	}
	for _, label := range []pickle.Value{"a", true, 1.0, nil, &pickle.List{}} {
		if s.add(label, label) {
			t.Errorf("%v is taken, though it is there or no label", label)
		}
	}
	if v, ok := s.at(1.0); !ok || v != int64(1) {
		t.Errorf("1.0 has %v, %v, want that of 1", v, ok)
	}
	if _, ok := s.at(1.5); ok {
		t.Error("1.5 is found")
	}
}
