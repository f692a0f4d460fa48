package model

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sklambda/model/table"
)

// withFiles completes a manifest as Write does.
func withFiles(m *Manifest) *Manifest {
	hash := strings.Repeat("0a", 32)
	m.Files = map[string]File{PlanFile: {SHA256: hash, Size: 1}, GoldenFile: {SHA256: hash, Size: 1}}
	m.Golden = &Golden{Rows: 200, SelfTest: []int{0, 1, 2, 3, 4, 5, 6, 199}, Hunt: &Hunt{Rows: 64, Largest: 0.5}}
	return m
}

func TestManifestRoundTrip(t *testing.T) {
	t.Parallel()
	want, _ := binary(t)
	withFiles(want)
	want.Name = "<é&>"
	want.Threshold = pointer(0.5)
	want.Features[0].Quantiles = []float64{1, 2.5, 1e-9}
	want.Pipeline = []Estimator{{Path: "pipeline", Class: "Pipeline", Params: map[string]json.RawMessage{"b": json.RawMessage(`[1]`), "a": json.RawMessage(`null`)}}}
	data, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeManifest(data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := got.Encode()
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("%v (-first +second)\n%s", err, cmp.Diff(string(data), string(again)))
	}
	if !bytes.Contains(data, []byte("<é&>")) {
		t.Error("the name is escaped as for HTML")
	}
}

func TestDecodeManifestRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, old, new, want string
	}{
		{"not JSON", "{", "", "not a manifest: "},
		{"other version", `"schema_version": 1`, `"schema_version": 2`, "schema_version is 2, this sklambda reads 1: build the artifact again"},
		{"no version", `"schema_version": 1,`, ``, "schema_version is missing: this is not a manifest of sklambda"},
		{"unknown field", `"name"`, `"nam"`, `unknown field "nam"`},
		{"unknown field inside", `"dtype"`, `"d_type"`, `unknown field "d_type"`},
		{"another letter case", `"name"`, `"Name"`, `unknown field "Name"`},
		{"not UTF-8", `"colours"`, "\"colours\xff\"", "not a manifest: byte "},
		{"a whole number that is none", `"width": 1,`, `"width": 1.0,`, `in field "width": got 1.0, expected a whole number of 64 bits`},
		{"twice", `"name": "colours"`, `"name": "colours", "name": "x"`, `"name" occurs twice`},
		{"twice inside", `"width": 1,`, `"width": 1, "width": 1,`, `"width" occurs twice`},
		{"trailing", "\n}\n", "\n}\n{}", "not a manifest: "},
		{"wrong type", `"width": 1`, `"width": "1"`, `in field "width": got "\"", expected a whole number`},
		{"sha256", strings.Repeat("0a", 32), "0A", `has the sha256 "0A"`},
		{"unknown file", `"golden.jsonl": {`, `"golden.json": {`, "files does not name golden.jsonl"},
		{"self-test rows", "      199\n", "      200\n", "ascending rows below 200 are allowed"},
		{"a hunt of less than nothing", `"largest": 0.5`, `"largest": -0.5`, "hunt has 64 rows and the largest error -0.5"},
		{"too few self-test rows", "      6,\n", "", "200 rows, 0 undecided and 7 self-test rows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, _ := binary(t)
			data, err := withFiles(m).Encode()
			if err != nil {
				t.Fatal(err)
			}
			changed := strings.Replace(string(data), tt.old, tt.new, 1)
			if changed == string(data) {
				t.Fatalf("%q is not in the manifest", tt.old)
			}
			_, err = decodeManifest([]byte(changed))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestDecodeManifestKnowsEveryField holds the fields that are read by hand to those that encoding/json writes.
func TestDecodeManifestKnowsEveryField(t *testing.T) {
	t.Parallel()
	want := &Manifest{}
	fill(reflect.ValueOf(want).Elem())
	data, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got := &Manifest{}
	if err := readManifestFields(table.NewDecoder(data), got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// fill gives every field a value that is not its zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(`"raw"`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		item := reflect.New(v.Type().Elem()).Elem()
		fill(item)
		v.SetMapIndex(reflect.ValueOf("key"), item)
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(0.5)
	default:
		v.SetInt(7)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*Manifest)
		want   string
	}{
		{"name", func(m *Manifest) { m.Name = "" }, `name is "" and version is "v1.0"; neither may be empty`},
		{"a line break", func(m *Manifest) { m.Version = "v1\n" }, `name is "colours" and version is "v1\n"; neither may have a line break`},
		{"no features", func(m *Manifest) { m.Features = nil }, "features is empty"},
		{"feature twice", func(m *Manifest) { m.Features[1].Name = "x" }, `feature "x" occurs twice`},
		{"type", func(m *Manifest) { m.Features[0].Type = "float" }, `feature "x": type is "float"; number, integer, boolean or string is allowed`},
		{"dtype", func(m *Manifest) { m.Features[0].DType = "float32" }, `feature "x": dtype is "float32"`},
		{"category", func(m *Manifest) { m.Features[0].Categories = []json.RawMessage{json.RawMessage(`[]`)} }, `category "[]" is not a string`},
		{"task", func(m *Manifest) { m.Task = "ranking" }, `task is "ranking"; ["binary_classification" `},
		{"three classes", func(m *Manifest) { m.Classes[0] = classes("0", "1", "2") }, "only binary_classification has two classes"},
		{"two classes", func(m *Manifest) { m.Task, m.Positive = Multiclass, nil }, "only binary_classification has two classes"},
		{"class twice", func(m *Manifest) { m.Classes[0] = classes("1", `"1"`) }, `class "1" occurs twice`},
		{"class is null", func(m *Manifest) { m.Classes[0] = classes("0", "{}") }, `class "{}" is not a string`},
		{"regressor with classes", func(m *Manifest) { m.Task, m.Positive = Regression, nil }, "classes has 1 lists; regression has none"},
		{"no lists", func(m *Manifest) { m.Task, m.Classes = MultioutputClassification, nil }, "classes is empty"},
		{"empty list", func(m *Manifest) { m.Task, m.Positive, m.Classes = MultioutputClassification, nil, [][]Class{{}} }, "a list of classes is empty"},
		{"clusterer without classes", func(m *Manifest) { m.Task, m.Positive, m.Classes = Clustering, nil, nil }, "classes has 0 lists; clustering has one"},
		{"detector with two lists", func(m *Manifest) {
			m.Task, m.Positive, m.Classes = OutlierDetection, nil, append(m.Classes, m.Classes[0])
		}, "classes has 2 lists; outlier_detection has one"},
		{"positive cluster", func(m *Manifest) { m.Task = Clustering }, "positive_class is 0 or 1 for binary_classification, absent for any other task"},
		{"density with classes", func(m *Manifest) { m.Task, m.Positive = Density, nil }, "classes has 1 lists; density_estimation has none"},
		{"density without a score", func(m *Manifest) { m.Task, m.Positive, m.Classes = Density, nil, nil }, `output "label" is 1 wide; density_estimation with these classes has 0`},
		{"threshold of a cluster", func(m *Manifest) { m.Task, m.Positive, m.Threshold = Clustering, nil, pointer(0.5) }, "threshold is 0.5"},
		{"no positive class", func(m *Manifest) { m.Positive = nil }, "positive_class is 0 or 1"},
		{"positive class", func(m *Manifest) { m.Positive = pointer(2) }, "positive_class is 0 or 1"},
		{"threshold", func(m *Manifest) { m.Threshold = pointer(1.5) }, "threshold is 1.5; it is a number from 0 to 1"},
		{"threshold NaN", func(m *Manifest) { m.Threshold = pointer(math.NaN()) }, "threshold is NaN"},
		{"threshold without probabilities", func(m *Manifest) { m.Threshold, m.Outputs = pointer(0.5), m.Outputs[:1] }, "threshold is 0.5"},
		{"decimals", func(m *Manifest) { m.Decimals = pointer(-1) }, "decimals is -1; 0 to 17 is allowed"},
		{"output", func(m *Manifest) { m.Outputs[0].Name = "x" }, `output "x" is not known`},
		{"output twice", func(m *Manifest) { m.Outputs[1] = m.Outputs[0] }, `output "label" occurs twice`},
		{"no width", func(m *Manifest) { m.Outputs[0].Width = 0 }, `output "label": width is 0`},
		{"width", func(m *Manifest) { m.Outputs[1].Width = 3 }, `output "probabilities" is 3 wide; binary_classification with these classes has 2`},
		{"no label", func(m *Manifest) { m.Outputs = m.Outputs[1:] }, `output "label" is 0 wide; binary_classification with these classes has 1`},
		{"value of a classifier", func(m *Manifest) { m.Outputs[2].Name = ValueOutput }, `output "value" is 1 wide`},
		{"deviation of a class", func(m *Manifest) { m.Outputs[2].Name = StdOutput }, `output "std" is 1 wide; binary_classification with these classes has 0`},
		{"tolerance", func(m *Manifest) { m.Outputs[0].Tolerance = 1e-6 }, `output "label": tolerance is 1e-06; 0 to 2.384185791015625e-07 is allowed`},
		{"tolerance NaN", func(m *Manifest) { m.Outputs[0].Tolerance = math.NaN() }, `output "label": tolerance is NaN`},

		// a plan and a manifest that do not fit each other
		{"too few features", func(m *Manifest) { m.Features = m.Features[:3] }, "an input reads feature 3 of 3"},
		{"unused feature", func(m *Manifest) { m.Features[0].Used = false }, `an input reads feature "x", which is not used`},
		{"number of a string", func(m *Manifest) { m.Features[0].Type = StringType }, `a number input reads feature "x", which is a string`},
		{"text of a number", func(m *Manifest) { m.Features[3].Type = NumberType }, `a text input reads feature "colour", which is a number`},
		{"output left out", func(m *Manifest) { m.Outputs = m.Outputs[:2] }, "the plan has 3 outputs, the manifest 2"},
		{"output missing", func(m *Manifest) { m.Outputs[2].Name = ScoreOutput }, `output "score" is 1 wide in the manifest, 0 in the plan`},
		{"output width", func(m *Manifest) { m.Outputs[2].Width = 2 }, `output "decision" is 2 wide in the manifest, 1 in the plan`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, plan := binary(t)
			tt.change(m)
			if _, err := New(m, plan); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
