package sklearn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// signature describes the features as the manifest does.
func (c *compiler) signature(plan *engine.Plan) []model.Feature {
	nullable := c.probeNulls(plan)
	out := make([]model.Feature, len(c.features))
	for i, f := range c.features {
		out[i] = model.Feature{
			Name: f.name, Type: f.featureType(), DType: f.dtype.name(), Used: f.used,
			Nullable: !f.used || nullable[i], NullIsNone: f.missing == missingNone, Categories: f.categories,
		}
		if f.kind == numberKind {
			out[i].Min, out[i].Max, out[i].Quantiles = f.sample.quantiles()
		}
	}
	return out
}

// probeCells is how many cells of probing rows are laid out at a time: the rows are as many as the columns.
const probeCells = 1 << 20

// probeNulls runs the plan on an ordinary row with null in each feature in turn, and reports where it has an answer.
func (c *compiler) probeNulls(plan *engine.Plan) []bool {
	inputs, n := plan.Inputs(), len(c.features)
	ordinary := &engine.Batch{N: 1}
	for _, in := range inputs {
		f := c.features[in.Feature]
		if in.Kind == engine.Text {
			ordinary.Texts = append(ordinary.Texts, f.probeText())
		} else {
			ordinary.Numbers = append(ordinary.Numbers, f.probeNumber(in.Kind))
		}
	}
	var result engine.Result
	plan.Run(ordinary, &result)
	want := result.Errors[0]
	nullable := make([]bool, 0, n)
	for len(nullable) < n {
		batch := &engine.Batch{}
		for range min(n-len(nullable), max(1, probeCells/n)) {
			appendProbe(batch, ordinary, inputs, int32(len(nullable)+batch.N))
		}
		plan.Run(batch, &result)
		for _, got := range result.Errors[:batch.N] {
			nullable = append(nullable, got == want)
		}
	}
	return nullable
}

// appendProbe appends the ordinary row, with null in one feature.
func appendProbe(batch, ordinary *engine.Batch, inputs []engine.Input, feature int32) {
	number, text := len(batch.Numbers), len(batch.Texts)
	batch.N++
	batch.Numbers, batch.Texts = append(batch.Numbers, ordinary.Numbers...), append(batch.Texts, ordinary.Texts...)
	for _, in := range inputs {
		null := in.Feature == feature
		if in.Kind == engine.Text {
			if null {
				batch.Texts[text] = engine.MissingText
			}
			text++
			continue
		}
		if null && in.Kind == engine.Integer {
			batch.Numbers[number] = engine.IntegerBits(engine.NotInteger)
		} else if null {
			batch.Numbers[number] = math.NaN()
		}
		number++
	}
}

// probeText is an ordinary text of the feature.
func (f *feature) probeText() string {
	var text string
	for _, category := range f.categories {
		if json.Unmarshal(category, &text) == nil {
			return text
		}
	}
	return ""
}

// probeNumber is an ordinary number of the feature.
func (f *feature) probeNumber(kind engine.InputKind) float64 {
	for _, category := range f.categories {
		var v any
		d := json.NewDecoder(bytes.NewReader(category))
		d.UseNumber()
		if d.Decode(&v) != nil {
			continue
		}
		switch v := v.(type) {
		case bool:
			truth, _ := number(v)
			return truth
		case json.Number:
			if i, err := v.Int64(); err == nil && kind == engine.Integer {
				return engine.IntegerBits(i)
			}
			if number, err := v.Float64(); err == nil && kind == engine.Number {
				return number
			}
		}
	}
	if kind == engine.Integer {
		return engine.IntegerBits(int64(f.sample.median()))
	}
	return f.sample.median()
}

// newestVersion is the latest version of scikit-learn whose source has been compared, class by class, with what is compiled.
var newestVersion = [2]int{1, 9}

// versionNotes tell that a file is of a later version: what its attributes say is as known, or it would have been refused.
func (e *estimator) versionNotes() []string {
	version := e.deepVersion()
	var major, minor int
	if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); n != 2 || major < newestVersion[0] || major == newestVersion[0] && minor <= newestVersion[1] {
		return nil
	}
	return []string{fmt.Sprintf("written by scikit-learn %s, which is later than %d.%d, the latest that this version of sklambda knows: its attributes are as known; certify it by golden rows",
		version, newestVersion[0], newestVersion[1])}
}

// deepVersion is the scikit-learn version that wrote the estimator or, for one that does not say, its first child that does.
func (e *estimator) deepVersion() string {
	if v := e.version(); v != "" {
		return v
	}
	for _, inner := range e.nested() {
		if v := inner.deepVersion(); v != "" {
			return v
		}
	}
	return ""
}

// setOutput reports whether set_output asked for DataFrames.
func (e *estimator) setOutput() bool {
	v, _ := e.obj.Attr("_sklearn_output_config")
	config, _ := v.(*pickle.Dict)
	container, _ := config.Get("transform")
	return container == "pandas" || container == "polars"
}

// configured wraps the output of a transformer as set_output asks for (sklearn.utils._set_output._wrap_data_with_container).
// A transformer that does not name its columns is left out.
func (e *estimator) configured(m matrix) matrix {
	names, _ := e.obj.Attr("feature_names_out")
	if !e.setOutput() || e.class == functionTransformer && names == nil {
		return m
	}
	if m.sparse {
		e.refuse("set_output", "a DataFrame does not hold a sparse matrix: scikit-learn raises for every row", "set sparse_output=False, or sparse_threshold=0")
	}
	m.frame = true
	return m
}
