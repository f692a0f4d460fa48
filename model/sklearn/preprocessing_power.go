package sklearn

import (
	"fmt"
	"math"

	"sklambda/model/engine"
)

// needsFloat64 refuses a float32 matrix where numpy computes an exp, a log or a sum in float32.
func (e *estimator) needsFloat64(in matrix, does string) {
	if t := in.floatType(); t == float32Type || t == float16Type {
		e.refuse("float32 input", does+" in float32, to the last bits of which numpy gives no promise", "give the step float64, for example by dtype=np.float64 of the encoder before")
	}
}

// transformPowerTransformer follows sklearn.preprocessing.PowerTransformer.transform.
func transformPowerTransformer(e *estimator, in matrix) matrix {
	e.refuseSparse(in)
	e.needsFloat64(in, "it takes powers")
	lambdas := e.vector("lambdas_", in.width())
	family := e.str("method", "yeo-johnson", "box-cox")
	span := e.c.checked(e, in, engine.Check{AllowNaN: true})
	switch {
	case family == "box-cox":
		e.c.domain(in, span, engine.Domain{Open: true, Min: []float64{0}, Max: []float64{math.Inf(1)}})
	case !e.since(1, 9): // _yeo_johnson_transform had a power, whose last bit is divided by lambda
		family = "yeo-johnson-pow"
		for i, l := range lambdas {
			if smallest := min(math.Abs(l), math.Abs(2-l)); smallest < 1e-3 && smallest > 0 {
				e.refuse(fmt.Sprintf("lambdas_[%d] is %v", i, l), "scikit-learn before 1.9 loses all digits so close to 0 or 2", "refit with scikit-learn 1.9")
			}
		}
	}
	out := e.c.b.Floats(in.width())
	e.c.b.Add(&engine.Power{Family: family, In: span, Out: out, Lambda: lambdas})
	m := e.c.computed(out, in, float64Type).rounded()
	if !e.bool("standardize") {
		e.ignores("_scaler")
		return m
	}
	scaler := e.child("_scaler", e.get("_scaler"))
	if scaler == nil {
		return unknownMatrix
	}
	e.cancels(lambdas, scaler, m)
	m = transformStandardScaler(scaler, m)
	scaler.close()
	return m
}

// cancels loosens the columns of powers in which the mean takes so many digits away that the last bits of the power show, as in a column of one value with
// missing cells; where fewer than nine are left it refuses. An error of an ulp in the exponent, lambda·log(x), moves the power by as many ulps as it is large.
func (e *estimator) cancels(lambdas []float64, scaler *estimator, m matrix) {
	mean, scale := scaler.vector("mean_", len(lambdas)), scaler.vector("scale_", len(lambdas))
	for i, l := range lambdas {
		power := math.Abs(mean[i])
		lost := power * (1 + math.Log1p(power*math.Abs(l))) * ulp / scale[i]
		why := fmt.Sprintf("the powers of column %d are about %.2g and %.2g apart, so the last bits of a power show", i, mean[i], scale[i])
		switch {
		case lost > worstTolerance:
			e.refuse(fmt.Sprintf("lambdas_[%d] is %v", i, l), why+fmt.Sprintf(" as %.1g, and they differ between processors", lost),
				"drop the column if it has one value only, or scale it before")
		case lost > roundingTolerance:
			m.cols[i].loose, m.cols[i].why = lost, why
		}
	}
}

// quantileJumps are the quantiles at which the transform jumps, or as good as: those that repeat, as in a column of counts.
func quantileJumps(quantiles []float64) []float64 {
	var jumps []float64
	for i, q := range quantiles[1:] {
		if before := quantiles[i]; q-before <= 1e-9*max(1, math.Abs(q)) {
			jumps = append(jumps, before, q)
		}
	}
	return jumps
}

// transformQuantileTransformer follows sklearn.preprocessing.QuantileTransformer.transform. In a sparse matrix zeros that are not stored stay 0.
func transformQuantileTransformer(e *estimator, in matrix) matrix {
	e.ignores("n_quantiles", "n_quantiles_", "subsample", "ignore_implicit_zeros")
	normal := e.str("output_distribution", "uniform", "normal") == "normal"
	if normal {
		e.needsFloat64(in, "it computes the normal distribution's quantiles")
	}
	if in.sparse {
		e.refuse("sparse input", "zeros that are stored are transformed and others are not", "let the step before give dense output")
	}
	span, t := e.scaled(in)
	references := e.vector("references_", -1)
	quantiles, n, _, ok := e.table("quantiles_", len(references), in.width())
	out := e.c.b.Floats(in.width())
	if !ok || len(references) == 0 {
		return unknownMatrix
	}
	if in.width() > 0 {
		byColumn := transposed(quantiles, n)
		e.c.steadySides(in, span, func(i int) engine.SteadySide {
			return engine.SteadySide{Jumps: quantileJumps(byColumn[i*len(references):][:len(references)])}
		})
		e.c.b.Add(&engine.Quantile{In: span, Out: out, Normal: normal, References: references, Quantiles: byColumn})
		if t == float32Type {
			e.c.b.Add(&engine.Map{Op: "float32", In: out, Out: out})
		}
	}
	m := e.c.computed(out, in, t)
	if normal {
		m = m.rounded()
		for i := range m.cols {
			m.cols[i].sameAlone = false // the normal quantiles are not right to the last bit
		}
	}
	return m
}
