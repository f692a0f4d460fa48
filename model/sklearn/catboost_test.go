package sklearn

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// catboostBytes are the models of the kept cases with these names.
func catboostBytes(t testing.TB, names ...string) [][]byte {
	t.Helper()
	const dir = "testdata/catboost/1.2.10"
	list, ok := readPipeline(t, dir+"/estimators.joblib").(*pickle.List)
	if !ok {
		t.Fatalf("%s holds no list", dir)
	}
	var out [][]byte
	for _, c := range writtenCases(t, dir) {
		for _, name := range names {
			if c.Name == name {
				v, _ := list.Items[c.Item].(*pickle.Object).Attr("__model")
				raw, _ := v.(pickle.Bytes)
				out = append(out, raw)
			}
		}
	}
	if len(out) != len(names) {
		t.Fatalf("found %d of the cases %q", len(out), names)
	}
	return out
}

func TestCatBoostModel(t *testing.T) {
	t.Parallel()
	whole := catboostBytes(t, "two {'iterations': 1, 'depth': 1}")[0]
	if _, err := readCatBoost(pickle.Bytes(whole)); err != nil {
		t.Fatal(err)
	}
	replaced := func(from, to string) []byte { return bytes.Replace(whole, []byte(from), []byte(to), 1) }
	longer := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(longer[4:], uint32(len(whole)))
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "no model of CatBoost"},
		{"another format", []byte("CBM2\x00\x00\x00\x00"), "no model of CatBoost"},
		{"no table", []byte("CBM1\x00\x00\x00\x00"), "damaged: 1 items of 4 bytes at 0 are outside its 0 bytes"},
		{"a length beyond the end", longer, "damaged"},
		{"cut off", whole[:len(whole)-1], "damaged"},
		{"another version", replaced("Model_v1", "Model_v2"), `format "FlabuffersModel_v2"`},
		{"a table as a label", replaced(`"classes_count":0,"class_names":[0,1]`, `"classes_coun":0,"class_names":[{},1]`), "class 0 is {} with the label 0"},
		{"labels out of order", replaced(`"class_to_label":[0,1]`, `"class_to_label":[1,0]`), "class 0 is 0 with the label 1"},
		{"too few labels", replaced(`"class_to_label":[0,1]`, `"class_to_label":[0  ]`), "2 class_names for 1 labels"},
		{"params that are no JSON", replaced(`"loss_function":{`, `"loss_function":[`), "params are no JSON"},
	} {
		if _, err := readCatBoost(pickle.Bytes(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", c.name, err, c.want)
		}
	}
}

// TestDamagedCatBoost holds that no byte of a model that is changed makes a panic.
func TestDamagedCatBoost(t *testing.T) {
	t.Parallel()
	refused := 0
	for _, whole := range catboostBytes(t, "two {'iterations': 1, 'depth': 1}", "regressor {'grow_policy': 'Depthwise', 'nan_mode': 'Max'}") {
		for i := range whole {
			data := bytes.Clone(whole)
			data[i] ^= 0xff
			if !buildsCatBoost(data) {
				refused++
			}
		}
	}
	if refused < 500 {
		t.Errorf("%d damaged models were refused, want 500 or more", refused)
	}
}

// buildsCatBoost reads a model, and makes steps of its trees if it can be read.
func buildsCatBoost(data []byte) bool {
	m, err := readCatBoost(pickle.Bytes(data))
	if err != nil {
		return false
	}
	in, out := engine.Span{N: int32(m.columns)}, engine.Span{Start: int32(m.columns), N: int32(m.width)}
	_, err = engine.PackTrees(engine.TreeSums{In: in, Out: out, Compare: engine.Float32LE}, m.trees, nil)
	return err == nil
}

// FuzzCatBoost holds that no bytes of a model make its reader panic.
func FuzzCatBoost(f *testing.F) {
	for _, data := range catboostBytes(f, "two {'iterations': 1, 'depth': 1}", "three {'iterations': 1, 'depth': 1}",
		"regressor {'grow_policy': 'Depthwise', 'nan_mode': 'Max'}") {
		f.Add(data)
	}
	f.Fuzz(func(_ *testing.T, data []byte) { buildsCatBoost(data) })
}
