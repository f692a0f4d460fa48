package sklearn

import (
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

const (
	pipelineClass     = "sklearn.pipeline.Pipeline"
	featureUnionClass = "sklearn.pipeline.FeatureUnion"
)

// pipelineConverters holds the classes of sklearn.pipeline.
func pipelineConverters() map[string]converter {
	return map[string]converter{
		pipelineClass:     {transform: transformPipeline, predict: predictPipeline, composite: true},
		featureUnionClass: {transform: transformFeatureUnion, composite: true},
	}
}

// namedStep is one (name, estimator, …) tuple of a composite.
type namedStep struct {
	name  string
	value pickle.Value
	// rest are the tuple's further items (the columns of a ColumnTransformer).
	rest []pickle.Value
}

// isPassthrough reports whether the step leaves its input as it is.
func (s namedStep) isPassthrough() bool { return s.value == nil || s.value == "passthrough" }

// namedSteps reads a list of (name, estimator, …) tuples.
func namedSteps(e *estimator, attribute string) []namedStep {
	var steps []namedStep
	for _, item := range e.items(attribute) {
		parts, ok := sequence(item)
		if !ok || len(parts) < 2 {
			e.wrong(attribute, item, "a list of (name, estimator) tuples")
			return nil
		}
		name, _ := parts[0].(string)
		steps = append(steps, namedStep{name, parts[1], parts[2:]})
	}
	return steps
}

// pipelineSteps are the steps of a Pipeline that do something for a new row.
func pipelineSteps(e *estimator) []namedStep {
	e.ignores("memory", "transform_input") // transform_input only routes metadata to fit
	var steps []namedStep
	all := namedSteps(e, "steps")
	for i, s := range all {
		skipped := e.class == imblearnPipelineClass && i < len(all)-1 && isSampler(s.value)
		if !s.isPassthrough() && !skipped {
			steps = append(steps, s)
		}
	}
	return steps
}

// transformPipeline follows sklearn.pipeline.Pipeline.transform.
func transformPipeline(e *estimator, in matrix) matrix {
	for _, s := range pipelineSteps(e) {
		if child := e.child(s.name, s.value); child != nil {
			in = e.c.transform(child, in)
		} else {
			in = unknownMatrix
		}
	}
	return in
}

// predictPipeline follows sklearn.pipeline.Pipeline.predict and predict_proba.
func predictPipeline(e *estimator, in matrix) prediction {
	steps := pipelineSteps(e)
	for i, s := range steps {
		child := e.child(s.name, s.value)
		switch {
		case child == nil:
			in = unknownMatrix
		case i == len(steps)-1:
			return e.c.predict(child, in)
		default:
			in = e.c.transform(child, in)
		}
	}
	return prediction{}
}

// transformFeatureUnion follows sklearn.pipeline.FeatureUnion.transform.
func transformFeatureUnion(e *estimator, in matrix) matrix {
	weights := e.transformerWeights()
	e.ignores("verbose_feature_names_out", "_transformers_feature_names_out")
	var parts []matrix
	for _, s := range namedSteps(e, "transformer_list") {
		if s.value == "drop" {
			continue
		}
		part := in
		if !s.isPassthrough() {
			child := e.child(s.name, s.value)
			if child == nil {
				return unknownMatrix
			}
			part = e.c.transform(child, in)
		}
		parts = append(parts, e.weighted(part, weights, s.name))
	}
	sparse := anySparse(parts)
	for _, m := range parts {
		if sparse && !m.unknown && !m.sparse {
			e.sparseable(m)
		}
	}
	return e.hstack(parts, sparse)
}

// sparseable refuses a dense part that scipy.sparse.hstack raises for: one of objects. A missing cell makes objects of booleans.
func (e *estimator) sparseable(m matrix) {
	switch m.resultType() {
	case objectType:
		e.refuse("a part of objects beside a sparse one", "scipy has no sparse matrix of objects: scikit-learn raises for every row",
			"let every part give numbers, or none a sparse matrix")
	case boolType:
		e.c.checked(e, m, engine.Check{AllowInf: true})
	}
}
