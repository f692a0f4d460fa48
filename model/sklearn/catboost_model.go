package sklearn

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// catboostModel is the part of a CatBoost model that answers.
type catboostModel struct {
	// loss is the name of the loss function that it was trained with.
	loss string
	// names of the columns, nil if it was trained without.
	names   []string
	columns int
	// width is the number of sums of a row; each becomes sum*scale + bias.
	width int
	scale float64
	bias  []float64
	trees []engine.Tree
	// classes are the labels, threshold the probability above which the second of two is given, 0 if none is set.
	classes   []model.Class
	threshold float64
}

// Numbers of the fields of the tables TModelCore, TModelTrees, TFloatFeature and TKeyValue (catboost/libs/model/flatbuffers/{model,features}.fbs).
const (
	coreVersion, coreTrees, coreInfo, coreParts = 0, 1, 2, 3

	treesDimension, treesSplits, treesSizes, treesStarts, treesFloats, treesLeaves = 0, 1, 2, 3, 5, 8
	treesSteps, treesLeafIDs, treesScale, treesBias, treesBiases                   = 10, 11, 14, 15, 16

	floatHasNaN, floatIndex, floatFlat, floatBorders, floatName, floatNaN = 0, 1, 2, 3, 4, 5
	catboostNaNAsTrue                                                     = 2
)

// catboostOther are the fields of TModelTrees that hold what is no number: its features, and what is computed of them.
var catboostOther = []struct {
	field int
	name  string
}{{4, "categories"}, {6, "categories"}, {7, "categories"}, {12, "texts"}, {13, "texts or embeddings"}, {18, "embeddings"}}

// readCatBoost reads the model that CatBoost.__getstate__ stores: "CBM1", a length, and a buffer of that length.
func readCatBoost(v pickle.Value) (*catboostModel, error) {
	raw, ok := v.(pickle.Bytes)
	if !ok || len(raw) < 8 || string(raw[:4]) != "CBM1" {
		return nil, errors.New("it holds no model of CatBoost")
	}
	buf := &flatbuffer{data: raw}
	buf.data = buf.slice(8, buf.uint32(4), 1)
	core := buf.root()
	m := &catboostModel{}
	err := m.read(core, core.table(coreTrees))
	if buf.err != nil {
		return nil, fmt.Errorf("its model is damaged: %w", buf.err)
	}
	return m, err
}

func (m *catboostModel) read(core, trees flatTable) error {
	if version := string(core.vector(coreVersion, 1)); version != "FlabuffersModel_v1" {
		return fmt.Errorf("its model has the format %.40q, want FlabuffersModel_v1", version)
	}
	for _, other := range catboostOther {
		if len(trees.vector(other.field, 4)) > 0 {
			return option{"features that are " + other.name, "it takes " + other.name + ", and of CatBoost numbers alone are compiled",
				"fit on numbers: encode categories before, for example by OneHotEncoder or TargetEncoder"}
		}
	}
	if len(core.vector(coreParts, 4)) > 0 {
		return errors.New("it has parts behind its trees, which is not supported")
	}
	splits, err := m.readFeatures(trees.tables(treesFloats), len(core.buf.data))
	if err != nil {
		return err
	}
	m.width, m.scale, m.bias = trees.int32(treesDimension, 0), trees.float64(treesScale, 1), trees.float64s(treesBiases)
	if len(m.bias) == 0 {
		m.bias = slices.Repeat([]float64{trees.float64(treesBias, 0)}, min(max(m.width, 0), 1))
	}
	if m.width < 1 || len(m.bias) != m.width {
		return fmt.Errorf("it has %d outputs and %d biases", m.width, len(m.bias))
	}
	if err := m.readTrees(trees, splits); err != nil {
		return err
	}
	return m.readInfo(core)
}

// catboostSplit is a comparison: a value goes right if it is, as float32, above the border. A missing one goes left unless missingRight.
type catboostSplit struct {
	feature      int32
	border       float32
	missingRight bool
}

// readFeatures reads the columns and returns the splits, which trees know by number: column by column, border by border. No more borders and letters are
// read than a file of size bytes can hold.
func (m *catboostModel) readFeatures(features []flatTable, size int) ([]catboostSplit, error) {
	m.columns = len(features)
	if m.columns < 1 || m.columns > maxFeatures {
		return nil, fmt.Errorf("it has %d features, want 1 to %d", m.columns, maxFeatures)
	}
	var splits []catboostSplit
	named := false
	for i, f := range features {
		if f.int32(floatIndex, -1) != i || f.int32(floatFlat, -1) != i {
			return nil, fmt.Errorf("feature %d is number %d of column %d", i, f.int32(floatIndex, -1), f.int32(floatFlat, -1))
		}
		name := f.vector(floatName, 1)
		borders := f.uint32s(floatBorders)
		if size -= len(name) + 4*len(borders); size < 0 {
			return nil, errors.New("its features overlap")
		}
		missingRight := f.byte(floatHasNaN) != 0 && f.byte(floatNaN) == catboostNaNAsTrue
		for k, bits := range borders {
			border := math.Float32frombits(bits)
			if math.IsNaN(float64(border)) || math.IsInf(float64(border), 0) || k > 0 && border <= math.Float32frombits(borders[k-1]) {
				return nil, fmt.Errorf("the borders of feature %d are not ascending finite numbers", i)
			}
			splits = append(splits, catboostSplit{int32(i), border, missingRight})
		}
		named = named || len(name) > 0 && string(name) != strconv.Itoa(i)
		m.names = append(m.names, string(name))
	}
	if !named {
		m.names = nil
	}
	return splits, nil
}

// readInfo reads what is stored as text: the loss function, the labels and the threshold.
func (m *catboostModel) readInfo(core flatTable) error {
	for _, pair := range core.tables(coreInfo) {
		value := pair.vector(1, 1)
		switch string(pair.vector(0, 1)) {
		case "params":
			var params struct {
				Loss struct{ Type string } `json:"loss_function"`
			}
			if err := json.Unmarshal(value, &params); err != nil {
				return fmt.Errorf("its params are no JSON: %w", err)
			}
			m.loss = params.Loss.Type
		case "class_params":
			if err := m.readClasses(value); err != nil {
				return err
			}
		case "binclass_probability_threshold":
			threshold, err := strconv.ParseFloat(string(value), 64)
			if err != nil || threshold <= 0 || threshold >= 1 {
				return fmt.Errorf("its binclass_probability_threshold is %.20q, want a number between 0 and 1", value)
			}
			m.threshold = threshold
		}
	}
	return nil
}

// readClasses reads the labels. Where no names are stored they are 0, 1, …
func (m *catboostModel) readClasses(text []byte) error {
	var params struct {
		Count  int               `json:"classes_count"`
		Names  []json.RawMessage `json:"class_names"`
		Labels []float64         `json:"class_to_label"`
	}
	if err := json.Unmarshal(text, &params); err != nil {
		return fmt.Errorf("its class_params are no JSON: %w", err)
	}
	if len(params.Names) == 0 && params.Count != 0 {
		return fmt.Errorf("classes_count is %d and it has no class_names, which is not supported", params.Count)
	}
	if len(params.Names) != 0 && len(params.Names) != len(params.Labels) {
		return fmt.Errorf("it has %d class_names for %d labels", len(params.Names), len(params.Labels))
	}
	m.classes = nil
	for i, label := range params.Labels {
		name := json.RawMessage(strconv.Itoa(i))
		if len(params.Names) > 0 {
			name = params.Names[i]
		}
		if label != float64(i) || name[0] == '{' || name[0] == '[' || name[0] == 'n' {
			return fmt.Errorf("class %d is %.40s with the label %v, want a string, a number or a boolean, and labels 0, 1, …", i, name, label)
		}
		m.classes = append(m.classes, model.Class{RawMessage: name})
	}
	return nil
}
