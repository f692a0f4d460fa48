package sklearn

import (
	"fmt"
	"strings"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// targetConverters holds sklearn.compose.TransformedTargetRegressor.
func targetConverters() map[string]converter {
	return map[string]converter{
		"sklearn.compose._target.TransformedTargetRegressor": {predict: predictTransformedTarget, composite: true},
	}
}

// predictTransformedTarget follows sklearn.compose.TransformedTargetRegressor.predict: the inverse transform of the regressor's prediction.
func predictTransformedTarget(e *estimator, in matrix) prediction {
	e.ignores("regressor", "transformer", "func", "inverse_func", "check_inverse", "_training_dim")
	p, ok := e.member("regressor_", e.get("regressor_"), in)
	transformer := e.child("transformer_", e.get("transformer_"))
	if !ok || transformer == nil {
		return prediction{}
	}
	if p.value.span.N == 0 {
		e.refuse("regressor_", "it is no regressor", "use a regressor")
		return prediction{}
	}
	before := len(e.c.reasons)
	out := e.c.inverse(transformer, e.c.predicted(p.value, singleType(p.float32)))
	transformer.close()
	if out.unknown || len(e.c.reasons) > before {
		return prediction{}
	}
	value := worst(e.c.numbers(e, out), p.value, out.asAnswer())
	if p.float32 && value.tolerance > 0 {
		value = worst(value.span, value, answer{tolerance: float32Tolerance, reason: "numpy computes the inverse function in float32, in which the regressor answers"})
	}
	task := model.Regression
	if value.span.N > 1 {
		task = model.MultioutputRegression
	}
	return prediction{task: task, value: value, float32: p.float32}
}

// inverse adds the steps of a transformer's inverse_transform, and lists the transformer in the manifest.
func (c *compiler) inverse(e *estimator, in matrix) matrix {
	c.estimators = append(c.estimators, model.Estimator{Path: e.path, Class: e.class, Params: params(e.obj)})
	switch e.class {
	case functionTransformer:
		return inverseFunctionTransformer(e, in)
	case pipelineClass, imblearnPipelineClass:
		return inversePipeline(e, in)
	}
	invert, ok := map[string]func(*estimator, matrix) matrix{
		"sklearn.preprocessing._data.StandardScaler":      inverseStandardScaler,
		"sklearn.preprocessing._data.MinMaxScaler":        inverseMinMaxScaler,
		"sklearn.preprocessing._data.MaxAbsScaler":        inverseMaxAbsScaler,
		"sklearn.preprocessing._data.RobustScaler":        inverseRobustScaler,
		"sklearn.preprocessing._data.PowerTransformer":    inversePowerTransformer,
		"sklearn.preprocessing._data.QuantileTransformer": inverseQuantileTransformer,
	}[e.class]
	if !ok {
		e.refuse("inverse_transform of "+e.class, "it is not supported", "use a scaler, PowerTransformer, QuantileTransformer, or a function of numpy and its inverse")
		return unknownMatrix
	}
	if in.floatType() == float32Type {
		e.refuse("float32 predictions of the regressor", "its inverse_transform then computes in float32, which is compiled for functions alone",
			"transform the target by functions (func=numpy.log1p, inverse_func=numpy.expm1), or take a regressor that answers in float64, such as HistGradientBoostingRegressor")
		return unknownMatrix
	}
	e.needsFloat64(in, "it inverts a transform")
	e.c.checked(e, in, engine.Check{AllowNaN: true})
	return invert(e, in)
}

// inversePipeline follows sklearn.pipeline.Pipeline.inverse_transform: the inverses of all steps from the last to the first.
func inversePipeline(e *estimator, in matrix) matrix {
	steps := pipelineSteps(e)
	for i := len(steps) - 1; i >= 0 && !in.unknown; i-- {
		child := e.child(steps[i].name, steps[i].value)
		if child == nil {
			return unknownMatrix
		}
		in = e.c.inverse(child, in)
		child.close()
	}
	return in
}

// inverseFunctionTransformer follows sklearn.preprocessing.FunctionTransformer.inverse_transform.
func inverseFunctionTransformer(e *estimator, in matrix) matrix {
	e.ignores("func", "kw_args", "check_inverse", "feature_names_out", "accept_sparse")
	if e.bool("validate") {
		e.c.checked(e, in, engine.Check{})
	}
	f, arguments := e.get("inverse_func"), e.getOr("inv_kw_args", nil)
	if f == nil {
		return in
	}
	call := &functionCall{e: e, single: true}
	call.arguments, _ = arguments.(*pickle.Dict)
	if g, ok := f.(*pickle.Global); ok {
		call.module, call.name = strings.SplitN(g.Module, ".", 2)[0], g.Name
	}
	return call.apply(f, in)
}

// scaledBack computes (x op values) for each column, in slots of its own.
func (e *estimator) scaledBack(in matrix, op string, values []float64) matrix {
	out := e.c.b.Floats(in.width())
	e.c.arith(op, e.c.numbers(e, in), out, values, float64Type)
	return e.c.computed(out, in, float64Type)
}

// inverseStandardScaler follows sklearn.preprocessing.StandardScaler.inverse_transform: X *= scale_, X += mean_.
func inverseStandardScaler(e *estimator, in matrix) matrix {
	e.ignores("var_", "n_samples_seen_", "mean_", "scale_")
	if e.bool("with_std") {
		in = e.scaledBack(in, "mul", e.vector("scale_", in.width()))
	}
	if e.bool("with_mean") {
		in = e.scaledBack(in, "add", e.vector("mean_", in.width()))
	}
	return in
}

// inverseMinMaxScaler follows sklearn.preprocessing.MinMaxScaler.inverse_transform: X -= min_, X /= scale_.
func inverseMinMaxScaler(e *estimator, in matrix) matrix {
	e.ignores("data_min_", "data_max_", "data_range_", "n_samples_seen_", "feature_range", "clip")
	in = e.scaledBack(in, "sub", e.vector("min_", in.width()))
	return e.scaledBack(in, "div", e.vector("scale_", in.width()))
}

// inverseMaxAbsScaler follows sklearn.preprocessing.MaxAbsScaler.inverse_transform: X *= scale_.
func inverseMaxAbsScaler(e *estimator, in matrix) matrix {
	e.ignores("max_abs_", "n_samples_seen_", "clip")
	return e.scaledBack(in, "mul", e.vector("scale_", in.width()))
}

// inverseRobustScaler follows sklearn.preprocessing.RobustScaler.inverse_transform: X *= scale_, X += center_.
func inverseRobustScaler(e *estimator, in matrix) matrix {
	e.ignores("quantile_range", "unit_variance", "scale_", "center_")
	if e.bool("with_scaling") {
		in = e.scaledBack(in, "mul", e.vector("scale_", in.width()))
	}
	if e.bool("with_centering") {
		in = e.scaledBack(in, "add", e.vector("center_", in.width()))
	}
	return in
}

// inversePowerTransformer follows sklearn.preprocessing.PowerTransformer.inverse_transform.
func inversePowerTransformer(e *estimator, in matrix) matrix {
	lambdas, family := e.vector("lambdas_", in.width()), e.str("method", "yeo-johnson", "box-cox")
	e.ignores("_scaler")
	if e.bool("standardize") {
		scaler := e.child("_scaler", e.get("_scaler"))
		if scaler == nil {
			return unknownMatrix
		}
		in = inverseStandardScaler(scaler, in)
		scaler.close()
	}
	out := e.c.b.Floats(in.width())
	e.c.b.Add(&engine.Power{Family: "inverse-" + family, In: e.c.numbers(e, in), Out: out, Lambda: lambdas})
	return e.c.computed(out, in, float64Type).rounded()
}

// inverseQuantileTransformer follows sklearn.preprocessing.QuantileTransformer.inverse_transform.
func inverseQuantileTransformer(e *estimator, in matrix) matrix {
	e.ignores("n_quantiles", "n_quantiles_", "subsample", "ignore_implicit_zeros")
	normal := e.str("output_distribution", "uniform", "normal") == "normal"
	references := e.vector("references_", -1)
	quantiles, n, _, ok := e.table("quantiles_", len(references), in.width())
	if !ok || len(references) == 0 {
		e.refuse("quantiles_", fmt.Sprintf("it does not fit %d references", len(references)), "check that the file is whole")
		return unknownMatrix
	}
	out := e.c.b.Floats(in.width())
	e.c.b.Add(&engine.Quantile{In: e.c.numbers(e, in), Out: out, Normal: normal, Inverse: true, References: references, Quantiles: transposed(quantiles, n)})
	m := e.c.computed(out, in, float64Type)
	if normal {
		m = m.rounded()
	}
	return m
}
