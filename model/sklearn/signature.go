package sklearn

import (
	"bytes"
	"encoding/json"
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

// probeNulls runs the plan on an ordinary row with null in each feature in turn, and reports where it has an answer.
func (c *compiler) probeNulls(plan *engine.Plan) []bool {
	n := len(c.features)
	batch := &engine.Batch{N: n + 1}
	for row := range batch.N {
		for _, in := range plan.Inputs() {
			f := c.features[in.Feature]
			if in.Kind == engine.Text {
				batch.Texts = append(batch.Texts, f.probeText(int(in.Feature) == row))
			} else {
				batch.Numbers = append(batch.Numbers, f.probeNumber(in.Kind, int(in.Feature) == row))
			}
		}
	}
	var result engine.Result
	plan.Run(batch, &result)
	nullable := make([]bool, n)
	for i := range nullable {
		nullable[i] = result.Errors[i] == result.Errors[n]
	}
	return nullable
}

func (f *feature) probeText(null bool) string {
	var text string
	if null {
		return engine.MissingText
	}
	for _, category := range f.categories {
		if json.Unmarshal(category, &text) == nil {
			return text
		}
	}
	return ""
}

func (f *feature) probeNumber(kind engine.InputKind, null bool) float64 {
	switch {
	case kind == engine.Integer && null:
		return engine.IntegerBits(engine.NotInteger)
	case null:
		return math.NaN()
	}
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

// deepVersion is the scikit-learn version that wrote the estimator or, for one that does not say, its first child that does.
func (e *estimator) deepVersion() string {
	if v := e.version(); v != "" {
		return v
	}
	for _, attribute := range []string{"steps", "transformer_list"} {
		items, _ := sequence(e.getOr(attribute, nil))
		for _, item := range items {
			parts, _ := sequence(item)
			if len(parts) < 2 {
				continue
			}
			if obj, ok := parts[1].(*pickle.Object); ok {
				if v := e.c.estimator(e.path, obj).deepVersion(); v != "" {
					return v
				}
			}
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
func (e *estimator) configured(m matrix) matrix {
	if !e.setOutput() {
		return m
	}
	if m.sparse && e.class != functionTransformer { // whose output is wrapped only if it names its columns
		e.refuse("set_output", "a DataFrame does not hold a sparse matrix: scikit-learn raises for every row", "set sparse_output=False, or sparse_threshold=0")
	}
	m.frame = true
	return m
}
