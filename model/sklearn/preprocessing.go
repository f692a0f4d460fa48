package sklearn

import (
	"sklambda/model/engine"
	"sklambda/model/pickle"
)

const functionTransformer = "sklearn.preprocessing._function_transformer.FunctionTransformer"

// preprocessingConverters holds the classes of sklearn.preprocessing.
func preprocessingConverters() map[string]converter {
	return map[string]converter{
		"sklearn.preprocessing._data.StandardScaler":             {transform: transformStandardScaler},
		"sklearn.preprocessing._data.MinMaxScaler":               {transform: transformMinMaxScaler},
		"sklearn.preprocessing._encoders.OneHotEncoder":          {transform: transformOneHotEncoder},
		"sklearn.preprocessing._encoders.OrdinalEncoder":         {transform: transformOrdinalEncoder},
		functionTransformer:                                      {transform: transformFunctionTransformer},
		"sklearn.preprocessing._data.RobustScaler":               {transform: transformRobustScaler},
		"sklearn.preprocessing._data.MaxAbsScaler":               {transform: transformMaxAbsScaler},
		"sklearn.preprocessing._data.Normalizer":                 {transform: transformNormalizer},
		"sklearn.preprocessing._data.Binarizer":                  {transform: transformBinarizer},
		"sklearn.preprocessing._data.PowerTransformer":           {transform: transformPowerTransformer},
		"sklearn.preprocessing._data.QuantileTransformer":        {transform: transformQuantileTransformer},
		"sklearn.preprocessing._discretization.KBinsDiscretizer": {transform: transformKBinsDiscretizer},
		"sklearn.preprocessing._polynomial.PolynomialFeatures":   {transform: transformPolynomialFeatures},
		"sklearn.preprocessing._polynomial.SplineTransformer":    {transform: transformSplineTransformer},
		"sklearn.preprocessing._target_encoder.TargetEncoder":    {transform: transformTargetEncoder},
		labelEncoder:        {transform: transformLabelEncoder},
		labelBinarizer:      {transform: transformLabelBinarizer},
		multiLabelBinarizer: {transform: refuseMultiLabelBinarizer},
	}
}

// scaled is the input of a scaler, checked, and the dtype it computes in.
func (e *estimator) scaled(in matrix) (engine.Span, dtype) {
	t := in.floatType()
	if t == float16Type {
		e.refuse("float16 input", "no step computes in float16", "let the encoder before give float32 or float64")
	}
	return e.c.checked(e, in, engine.Check{AllowNaN: true}), t
}

// arith adds one operation with a value for each column, rounded to float32 for a float32 matrix: the float64 result of two float32
// operands, rounded, is the float32 result.
func (c *compiler) arith(op string, in, out engine.Span, values []float64, t dtype) {
	if in.N > 0 {
		c.b.Add(&engine.Arith{Op: op, In: in, Out: out, Float32: t == float32Type, Values: values})
	}
}

// transformStandardScaler follows sklearn.preprocessing.StandardScaler.transform: it subtracts and divides; a sparse
// matrix it multiplies by the reciprocal (inplace_column_scale).
func transformStandardScaler(e *estimator, in matrix) matrix {
	e.ignores("var_", "n_samples_seen_")
	span, t := e.scaled(in)
	out := e.c.b.Floats(in.width())
	withMean, withStd := e.bool("with_mean"), e.bool("with_std")
	mean, scale := e.optionalVector("mean_", withMean, in.width()), e.optionalVector("scale_", withStd, in.width())
	if t == float32Type && e.since(1, 8) && !in.sparse { // "xp.astype(self.mean_, X.dtype)"
		mean, scale = rounded(mean), rounded(scale)
	}
	switch {
	case in.sparse && withMean:
		e.refuse("with_mean is True", "a sparse matrix cannot be centred: scikit-learn raises for every row", "refit with with_mean=False")
	case in.sparse && withStd:
		e.c.arith("mul", span, out, e.reciprocals(scale), t)
		span = out
	case withMean:
		e.c.arith("sub", span, out, mean, t)
		span = out
		fallthrough
	default:
		if withStd {
			e.c.arith("div", span, out, scale, t)
			span = out
		}
	}
	return e.rescaled(e.c.computed(span, in, t), scale)
}

// optionalVector reads a vector that is used only under a parameter.
func (e *estimator) optionalVector(name string, used bool, n int) []float64 {
	if !used {
		e.ignores(name)
		return nil
	}
	return e.vector(name, n)
}

// rounded returns values rounded to float32.
func rounded(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(float32(v))
	}
	return out
}

// transformMinMaxScaler follows sklearn.preprocessing.MinMaxScaler.transform: X *= scale_, X += min_, and clip.
func transformMinMaxScaler(e *estimator, in matrix) matrix {
	e.ignores("data_min_", "data_max_", "data_range_", "n_samples_seen_")
	if in.sparse {
		e.refuse("sparse input", "MinMaxScaler takes none: scikit-learn raises for every row", "use MaxAbsScaler, or dense output before it")
	}
	span, t := e.scaled(in)
	out := e.c.b.Floats(in.width())
	e.c.arith("mul", span, out, e.vector("scale_", in.width()), t)
	e.c.arith("add", out, out, e.vector("min_", in.width()), t)
	if low, high := e.featureRange(); e.bool("clip") && in.width() > 0 {
		if t == float32Type {
			low, high = float64(float32(low)), float64(float32(high))
		}
		e.c.b.Add(&engine.Clip{In: out, Out: out, Min: []float64{low}, Max: []float64{high}})
	}
	return e.rescaled(e.c.computed(out, in, t), inverted(e.vector("scale_", in.width())))
}

// featureRange reads the two numbers of feature_range.
func (e *estimator) featureRange() (low, high float64) {
	items := e.items("feature_range")
	if len(items) == 2 {
		l, ok1 := number(pickle.Plain(items[0]))
		h, ok2 := number(pickle.Plain(items[1]))
		if ok1 && ok2 {
			return l, h
		}
	}
	e.wrong("feature_range", e.get("feature_range"), "two numbers")
	return 0, 1
}
