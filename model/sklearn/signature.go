package sklearn

import (
	"encoding/json"
	"math"
	"slices"

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
			Nullable: !f.used || nullable[i], NullIsNone: f.used && f.missing == missingNone, Categories: f.categories,
		}
		if f.kind == numberKind {
			out[i].Min, out[i].Max, out[i].Quantiles = f.sample.quantiles()
		}
	}
	return out
}

// name is numpy's name of the dtypes that an input column can have.
func (t dtype) name() string {
	switch t {
	case int64Type:
		return "int64"
	case boolType:
		return "bool"
	case objectType:
		return "object"
	}
	return "float64"
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
	v := f.sample.median()
	for _, category := range f.categories {
		if v, ok := probeCategory(category); ok {
			return f.probeAs(kind, null, v)
		}
	}
	return f.probeAs(kind, null, v)
}

func (f *feature) probeAs(kind engine.InputKind, null bool, v float64) float64 {
	switch {
	case kind == engine.Integer && null:
		return engine.IntegerBits(engine.NotInteger)
	case kind == engine.Integer:
		return engine.IntegerBits(int64(v))
	case null:
		return math.NaN()
	}
	return v
}

func probeCategory(raw json.RawMessage) (float64, bool) {
	var number float64
	if json.Unmarshal(raw, &number) == nil && string(raw) != "null" {
		return number, true
	}
	var boolean bool
	if json.Unmarshal(raw, &boolean) == nil && string(raw) != "null" {
		if boolean {
			return 1, true
		}
		return 0, true
	}
	return 0, false
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

// configured wraps the output of a transformer as set_output asks for.
func (e *estimator) configured(m matrix) matrix {
	m.frame = m.frame || e.setOutput()
	return m
}

// addCategories notes the categories of an input column for the signature.
func (col column) addCategories(categories []pickle.Value) {
	if col.feature == nil || col.feature.categories != nil {
		return
	}
	for _, category := range categories {
		if raw, ok := jsonScalar(pickle.Plain(category)); ok {
			col.feature.categories = append(col.feature.categories, raw)
		}
	}
	col.feature.categories = slices.Clip(col.feature.categories)
}
