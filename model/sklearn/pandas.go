package sklearn

import (
	"sklambda/model/pickle"
)

// labelled is a pandas.Series: a value for each label of its index.
type labelled struct {
	labels []pickle.Value
	values []pickle.Value
}

// at is the value under a label; a missing label is NaN.
func (s labelled) at(label pickle.Value) (pickle.Value, bool) {
	for i, l := range s.labels {
		if samePlain(l, label) {
			return s.values[i], true
		}
	}
	return nil, false
}

// readSeries reads a pandas.Series whose values are an array of numpy's or strings: its manager's state is (axes, values, items, and a dict that says the same
// in another way).
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
	labels, ok := readIndex(axes[0])
	values, known := readColumn(blocks[0])
	return labelled{labels, values}, ok && known && len(labels) == len(values)
}

// readIndex reads the labels of a pandas.Index or RangeIndex: _new_Index(class, {"data": …}).
func readIndex(v pickle.Value) ([]pickle.Value, bool) {
	obj, ok := v.(*pickle.Object)
	if !ok || obj.ClassName() != "pandas.core.indexes.base._new_Index" || len(obj.Args) != 2 {
		return nil, false
	}
	of, ok := obj.Args[1].(*pickle.Dict)
	if !ok {
		return nil, false
	}
	if data, ok := of.Get("data"); ok {
		return readColumn(data)
	}
	return readRange(of)
}

// readRange reads the labels start, start+step, … of a RangeIndex.
func readRange(of *pickle.Dict) ([]pickle.Value, bool) {
	var bounds [3]int64
	for i, name := range []string{"start", "stop", "step"} {
		v, _ := of.Get(name)
		n, ok := pickle.Plain(v).(int64)
		if !ok {
			return nil, false
		}
		bounds[i] = n
	}
	const most = 1 << 20
	start, stop, step := bounds[0], bounds[1], bounds[2]
	if step == 0 || start > most || start < -most || stop > most || stop < -most {
		return nil, false
	}
	var labels []pickle.Value
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		labels = append(labels, i)
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

// grid is a pandas.DataFrame of numbers, row-major.
type grid struct {
	rows, columns []pickle.Value
	cells         [][]float64
}

// readGrid reads a pandas.DataFrame of numbers: BlockManager(blocks, [columns, index]), a block being _unpickle_block(values, places, 2) whose row i
// is the column of place i.
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
	blocks, _ := sequence(m.Args[0])
	axes, _ := sequence(m.Args[1])
	if len(axes) != 2 {
		return grid{}, false
	}
	columns, known := readIndex(axes[0])
	rows, ok := readIndex(axes[1])
	out := grid{rows: rows, columns: columns, cells: make([][]float64, len(rows))}
	for i := range out.cells {
		out.cells[i] = make([]float64, len(columns))
	}
	filled := 0
	for _, b := range blocks {
		n, read := out.fill(b)
		ok = ok && read
		filled += n
	}
	return out, ok && known && filled == len(columns)
}

// fill writes the columns of a block and counts them.
func (g grid) fill(v pickle.Value) (int, bool) {
	obj, ok := v.(*pickle.Object)
	if !ok || obj.ClassName() != "pandas._libs.internals._unpickle_block" || len(obj.Args) < 2 {
		return 0, false
	}
	array, ok := obj.Args[0].(*pickle.Array)
	if !ok || len(array.Shape) != 2 || array.Shape[1] != len(g.rows) {
		return 0, false
	}
	places, ok := readPlaces(obj.Args[1])
	values, err := array.Float64s()
	if !ok || err != nil || len(places) != array.Shape[0] {
		return 0, false
	}
	for i, place := range places {
		if place < 0 || place >= int64(len(g.columns)) {
			return 0, false
		}
		for r := range g.rows {
			g.cells[r][place] = values[i*len(g.rows)+r]
		}
	}
	return len(places), true
}

// readPlaces reads where a block's columns are: a slice or an array.
func readPlaces(v pickle.Value) ([]int64, bool) {
	if array, ok := v.(*pickle.Array); ok {
		places, err := array.Int64s()
		return places, err == nil
	}
	obj, ok := v.(*pickle.Object)
	if !ok || obj.ClassName() != "builtins.slice" || len(obj.Args) != 3 {
		return nil, false
	}
	of := &pickle.Dict{}
	for i, name := range []string{"start", "stop", "step"} {
		of.Pairs = append(of.Pairs, pickle.Pair{Key: name, Value: obj.Args[i]})
	}
	labels, ok := readRange(of)
	places := make([]int64, len(labels))
	for i, l := range labels {
		places[i], _ = l.(int64)
	}
	return places, ok
}
