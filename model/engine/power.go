package engine

import (
	"fmt"
	"math"
)

// Power applies a power transform to each column, Lambda[i] its exponent: "yeo-johnson", "yeo-johnson-pow" (the same by
// a power instead of an exponential, which rounds differently) or "box-cox", or the inverse of one: "inverse-yeo-johnson", "inverse-box-cox". In place allowed.
type Power struct {
	Family string    `json:"family"`
	In     Span      `json:"in"`
	Out    Span      `json:"out"`
	Lambda []float64 `tensor:"lambda"`
}

// Kind is "power".
func (*Power) Kind() string { return "power" }

func (t *Power) check(f *frame) error {
	if powerFamily(t.Family) == nil {
		return fmt.Errorf(`family is %q, want "yeo-johnson", "yeo-johnson-pow", "box-cox", "inverse-yeo-johnson" or "inverse-box-cox"`, t.Family)
	}
	if err := items("lambda", t.Lambda, int(t.In.N)); err != nil {
		return err
	}
	return f.each(t.In, t.Out)
}

func (t *Power) run(s *session, n int) {
	apply := powerFamily(t.Family)
	for r := range n {
		out := s.span(r, t.Out)
		for i, v := range s.span(r, t.In) {
			out[i] = apply(v, t.Lambda[i])
		}
	}
}

func powerFamily(name string) func(v, lambda float64) float64 {
	switch name {
	case "yeo-johnson":
		return func(v, lambda float64) float64 { return yeoJohnson(v, lambda, expm1Log1p) }
	case "yeo-johnson-pow":
		return func(v, lambda float64) float64 { return yeoJohnson(v, lambda, powMinus1) }
	case "box-cox":
		return boxCox
	case "inverse-yeo-johnson":
		return inverseYeoJohnson
	case "inverse-box-cox":
		return inverseBoxCox
	default:
		return nil
	}
}

// yeoJohnson is scipy.stats.yeojohnson with a given lambda; shifted computes ((v + 1)**lambda - 1).
func yeoJohnson(v, lambda float64, shifted func(v, lambda float64) float64) float64 {
	const eps = 2.220446049250313e-16
	switch {
	case v >= 0 && math.Abs(lambda) < eps:
		return exactLog1p(v)
	case v >= 0:
		return shifted(v, lambda) / lambda
	case math.Abs(lambda-2) > eps:
		return -shifted(-v, 2-lambda) / (2 - lambda)
	}
	return -exactLog1p(-v)
}

func expm1Log1p(v, lambda float64) float64 { return exactExpm1(lambda * exactLog1p(v)) }

func powMinus1(v, lambda float64) float64 { return power(v+1, lambda) - 1 }

// boxCox is scipy.special.boxcox.
func boxCox(v, lambda float64) float64 {
	log := exactLog(v)
	switch {
	case math.Abs(lambda) < 1e-19:
		return log
	case lambda*log < 709.78:
		return exactExpm1(lambda*log) / lambda
	}
	return float64(math.Copysign(1, lambda)*exactExp(float64(lambda*log)-exactLog(math.Abs(lambda)))) - 1/lambda
}

// inverseYeoJohnson is sklearn.preprocessing.PowerTransformer._yeo_johnson_inverse_transform.
func inverseYeoJohnson(v, lambda float64) float64 {
	const eps = 2.220446049250313e-16
	switch {
	case v >= 0 && math.Abs(lambda) < eps:
		return exactExp(v) - 1
	case v >= 0:
		return power(float64(v*lambda)+1, 1/lambda) - 1
	case math.Abs(lambda-2) > eps:
		return 1 - power(float64(-(2-lambda)*v)+1, 1/(2-lambda))
	}
	return 1 - exactExp(-v)
}

// inverseBoxCox is scipy.special.inv_boxcox.
func inverseBoxCox(v, lambda float64) float64 {
	switch {
	case lambda == 0:
		return exactExp(v)
	case lambda*v < 1.79e308:
		return exactExp(exactLog1p(lambda*v) / lambda)
	}
	return exactExp((exactLog(math.Copysign(1, lambda)*(v+1/lambda)) + exactLog(math.Abs(lambda))) / lambda)
}
