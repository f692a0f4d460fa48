package sklearn

import (
	"math"
	"slices"

	"sklambda/model/pickle"
)

// labelled is a pandas.Series: a value for each label of its index.
type labelled struct {
	labels []pickle.Value
	values []pickle.Value
	places map[pickle.Value]int
}

// add appends a value, unless there is one under the label.
func (s *labelled) add(label, value pickle.Value) bool {
	if s.places == nil {
		s.places = map[pickle.Value]int{}
	}
	key, ok := labelKey(label)
	if _, seen := s.places[key]; seen || !ok {
		return false
	}
	s.places[key] = len(s.labels)
	s.labels, s.values = append(s.labels, label), append(s.values, value)
	return true
}

// at is the value under a label; a missing label is NaN.
func (s labelled) at(label pickle.Value) (pickle.Value, bool) {
	key, ok := labelKey(label)
	i, found := s.places[key]
	if !ok || !found {
		return nil, false
	}
	return s.values[i], true
}

// missingLabel is the key of NaN, which no map finds.
type missingLabel struct{}

// labelKey is what Python's dict compares labels by: a text, or a number, of which 1, 1.0 and True are the same. There are no others.
func labelKey(v pickle.Value) (pickle.Value, bool) {
	if isNaN(v) {
		return missingLabel{}, true
	}
	switch v := v.(type) {
	case string, int64:
		return v, true
	case bool:
		f, _ := number(v)
		return int64(f), true
	case float64:
		if whole := int64(v); math.Abs(v) < exactInteger && float64(whole) == v {
			return whole, true
		}
		return v, true
	}
	return nil, false
}

// readSeries reads a pandas.Series of labels that occur once, whose values are an array of numpy's or strings: its manager's state is (axes, values, items, and a
// dict that says the same in another way).
func readSeries(v pickle.Value) (labelled, bool) {
	obj, ok := v.(*pickle.Object)
	if !ok || obj.ClassName() != "pandas.Series" && obj.ClassName() != "pandas.core.series.Series" {
		return labelled{}, false
	}
	manager, _ := obj.Attr("_mgr")
	m, ok := manager.(*pickle.Object)
	if !ok {
		return labelled{}, false
	}
	state, _ := sequence(m.State)
	if len(state) < 2 {
		return labelled{}, false
	}
	axes, _ := sequence(state[0])
	blocks, _ := sequence(state[1])
	if len(axes) != 1 || len(blocks) != 1 {
		return labelled{}, false
	}
	values, ok := readColumn(blocks[0])
	if !ok {
		return labelled{}, false
	}
	return readLabels(axes[0], values)
}

// readLabels puts values under the labels of an index, which occur once.
func readLabels(index pickle.Value, values []pickle.Value) (labelled, bool) {
	labels, ok := readIndex(index, len(values))
	var out labelled
	for i, label := range labels {
		ok = ok && out.add(label, values[i])
	}
	return out, ok
}

// readIndex reads the n labels of a pandas.Index or RangeIndex: _new_Index(class, {"data": …}).
func readIndex(v pickle.Value, n int) ([]pickle.Value, bool) {
	obj, ok := v.(*pickle.Object)
	if !ok || obj.ClassName() != "pandas.core.indexes.base._new_Index" || len(obj.Args) != 2 {
		return nil, false
	}
	of, ok := obj.Args[1].(*pickle.Dict)
	if !ok {
		return nil, false
	}
	data, ok := of.Get("data")
	if !ok {
		return readRange(of, n)
	}
	labels, ok := readColumn(data)
	return labels, ok && len(labels) == n
}

// readRange reads the n labels start, start+step, … of a RangeIndex.
func readRange(of *pickle.Dict, n int) ([]pickle.Value, bool) {
	var bounds [3]int64
	for i, name := range []string{"start", "stop", "step"} {
		v, _ := of.Get(name)
		number, ok := pickle.Plain(v).(int64)
		if !ok || number > math.MaxInt32 || number < math.MinInt32 {
			return nil, false
		}
		bounds[i] = number
	}
	start, stop, step := bounds[0], bounds[1], bounds[2]
	if step <= 0 || max(0, (stop-start+step-1)/step) != int64(n) {
		return nil, false
	}
	labels := make([]pickle.Value, n)
	for i := range labels {
		labels[i] = start + int64(i)*step
	}
	return labels, true
}

// readColumn reads the values of an array of numpy's, or of an array of strings that pandas wraps around one: __pyx_unpickle_NDArrayBacked(class, …) with the
// state (dtype, array, …).
func readColumn(v pickle.Value) ([]pickle.Value, bool) {
	if obj, ok := v.(*pickle.Object); ok && obj.ClassName() == "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked" {
		state, _ := sequence(obj.State)
		if len(state) < 2 {
			return nil, false
		}
		v = state[1]
	}
	array, ok := v.(*pickle.Array)
	if !ok || len(array.Shape) != 1 {
		return nil, false
	}
	return array.Values(), true
}

// grid is a pandas.DataFrame of numbers: a row for each label.
type grid struct {
	columns []pickle.Value
	rows    labelled // of the places in cells
	cells   [][]float64
}

// row is the row under a label, of NaN where there is none, as reindex gives it.
func (g grid) row(label pickle.Value) []float64 {
	if i, ok := g.rows.at(label); ok {
		place, _ := i.(int64)
		return g.cells[place]
	}
	return slices.Repeat([]float64{math.NaN()}, len(g.columns))
}

// block is some columns of a DataFrame: _unpickle_block(values, places, 2), whose row i is the column of place i.
type block struct {
	values []float64
	places []pickle.Value
	rows   int
}

// readGrid reads a pandas.DataFrame of numbers: BlockManager(blocks, [columns, index]).
func readGrid(v pickle.Value) (grid, bool) {
	obj, ok := v.(*pickle.Object)
	if !ok || obj.ClassName() != "pandas.DataFrame" && obj.ClassName() != "pandas.core.frame.DataFrame" {
		return grid{}, false
	}
	manager, _ := obj.Attr("_mgr")
	m, ok := manager.(*pickle.Object)
	if !ok || len(m.Args) < 2 {
		return grid{}, false
	}
	items, _ := sequence(m.Args[0])
	axes, _ := sequence(m.Args[1])
	width := 0
	var blocks []block
	for _, item := range items {
		b, ok := readBlock(item)
		if !ok || len(blocks) > 0 && b.rows != blocks[0].rows {
			return grid{}, false
		}
		blocks, width = append(blocks, b), width+len(b.places)
	}
	if len(blocks) == 0 || len(axes) != 2 {
		return grid{}, false
	}
	var out grid
	places := make([]pickle.Value, blocks[0].rows)
	for i := range places {
		places[i] = int64(i)
		out.cells = append(out.cells, make([]float64, width)) // as many as the blocks hold
	}
	var known bool
	out.columns, known = readIndex(axes[0], width)
	out.rows, ok = readLabels(axes[1], places)
	return out, ok && known && out.fill(blocks)
}

// fill writes the blocks, which hold each column once.
func (g grid) fill(blocks []block) bool {
	filled := make([]bool, len(g.columns))
	for _, b := range blocks {
		for i, item := range b.places {
			place, _ := item.(int64)
			if place < 0 || place >= int64(len(filled)) || filled[place] {
				return false
			}
			filled[place] = true
			for r := range g.cells {
				g.cells[r][place] = b.values[i*b.rows+r]
			}
		}
	}
	return true
}

func readBlock(v pickle.Value) (block, bool) {
	obj, ok := v.(*pickle.Object)
	if !ok || obj.ClassName() != "pandas._libs.internals._unpickle_block" || len(obj.Args) < 2 {
		return block{}, false
	}
	array, ok := obj.Args[0].(*pickle.Array)
	if !ok || len(array.Shape) != 2 {
		return block{}, false
	}
	values, err := array.Float64s()
	places, ok := readPlaces(obj.Args[1], array.Shape[0])
	return block{values, places, array.Shape[1]}, ok && err == nil
}

// readPlaces reads where the n columns of a block are: a slice or an array.
func readPlaces(v pickle.Value, n int) ([]pickle.Value, bool) {
	if array, ok := v.(*pickle.Array); ok {
		places, err := array.Int64s()
		out := make([]pickle.Value, len(places))
		for i, place := range places {
			out[i] = place
		}
		return out, err == nil && len(places) == n
	}
	obj, ok := v.(*pickle.Object)
	if !ok || obj.ClassName() != "builtins.slice" || len(obj.Args) != 3 {
		return nil, false
	}
	of := &pickle.Dict{}
	for i, name := range []string{"start", "stop", "step"} {
		of.Pairs = append(of.Pairs, pickle.Pair{Key: name, Value: obj.Args[i]})
	}
	return readRange(of, n)
}
