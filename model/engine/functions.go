package engine

import (
	"fmt"
	"math"
	"slices"
)

// Map applies a function to each value: one of Functions, by numpy's and scipy's names, "positive" (1 where v > 0, else 0), "relu" (0 where v < 0), or "float32"
// (rounding to float32). Tests such as "isnan" give 0 or 1. In place allowed.
type Map struct {
	Op  string `json:"op"`
	In  Span   `json:"in"`
	Out Span   `json:"out"`
}

// Kind is "map".
func (*Map) Kind() string { return "map" }

func (t *Map) check(f *frame) error {
	if mapping(t.Op) == nil {
		return fmt.Errorf("op is %q, want one of those that Map documents", t.Op)
	}
	return f.each(t.In, t.Out)
}

func (t *Map) run(s *session, n int) {
	s.eachColumn(n, t.In, t.Out, mapping(t.Op))
}

// Functions are the functions of numpy and scipy that Map knows, sorted.
func Functions() []string {
	return slices.Sorted(slices.Values([]string{
		"exp", "exp2", "expit", "expm1", "log", "log10", "log1p", "log2", "logit", "cbrt",
		"sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
		"absolute", "negative", "sign", "square", "sqrt", "reciprocal", "deg2rad", "rad2deg",
		"floor", "ceil", "trunc", "rint", "isnan", "isinf", "isfinite", "signbit", "logical_not",
	}))
}

// mapping is the function that a Map names, nil for an unknown one.
func mapping(op string) func(float64) float64 {
	switch op {
	case "exp":
		return exactExp
	case "exp2":
		return exp2
	case "expit":
		return expit
	case "expm1":
		return exactExpm1
	case "log":
		return exactLog
	case "log10":
		return exactLog10
	case "log1p":
		return exactLog1p
	case "log2":
		return exactLog2
	case "logit":
		return func(v float64) float64 { return logarithm(v / (1 - v)) }
	case "cbrt":
		return exactCbrt
	case "float32":
		return func(v float64) float64 { return float64(float32(v)) }
	}
	if apply := trigonometric(op); apply != nil {
		return apply
	}
	return exactFunction(op)
}

// trigonometric are the circular and hyperbolic functions.
func trigonometric(op string) func(float64) float64 {
	switch op {
	case "sin":
		return math.Sin
	case "cos":
		return math.Cos
	case "tan":
		return math.Tan
	case "arcsin":
		return math.Asin
	case "arccos":
		return math.Acos
	case "arctan":
		return math.Atan
	case "sinh":
		return math.Sinh
	case "cosh":
		return math.Cosh
	case "tanh":
		return math.Tanh
	case "arcsinh":
		return math.Asinh
	case "arccosh":
		return math.Acosh
	case "arctanh":
		return math.Atanh
	default:
		return nil
	}
}

// exactFunction are the functions that IEEE 754 defines to the last bit, alone or as one product.
func exactFunction(op string) func(float64) float64 {
	switch op {
	case "absolute":
		return math.Abs
	case "negative":
		return func(v float64) float64 { return -v }
	case "positive":
		return func(v float64) float64 { return truth(v > 0) }
	case "relu":
		return relu
	case "sign":
		return sign
	case "square":
		return func(v float64) float64 { return v * v }
	case "sqrt":
		return math.Sqrt
	case "reciprocal":
		return func(v float64) float64 { return 1 / v }
	case "deg2rad":
		return func(v float64) float64 { return v * (math.Pi / 180) }
	case "rad2deg":
		return func(v float64) float64 { return v * (180 / math.Pi) }
	case "floor":
		return math.Floor
	case "ceil":
		return math.Ceil
	case "trunc":
		return math.Trunc
	case "rint":
		return math.RoundToEven
	case "isnan":
		return func(v float64) float64 { return truth(math.IsNaN(v)) }
	case "isinf":
		return func(v float64) float64 { return truth(math.IsInf(v, 0)) }
	case "isfinite":
		return func(v float64) float64 { return truth(v-v == 0) }
	case "signbit":
		return func(v float64) float64 { return truth(math.Signbit(v)) }
	case "logical_not":
		return func(v float64) float64 { return truth(v == 0) }
	default:
		return nil
	}
}

// logarithm is the natural logarithm. Go's own is wrong for subnormal numbers on amd64 (math.Log(1e-310) is -709.08 in Go 1.26).
func logarithm(v float64) float64 {
	if v > 0 && v < 0x1p-1022 {
		return math.Log(v*0x1p54) - 54*math.Ln2
	}
	return math.Log(v)
}

// sign is numpy.sign: 0 for both zeros, NaN for NaN.
func sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	case v == 0:
		return 0
	}
	return v
}

// relu is numpy.maximum(v, 0): NaN stays NaN.
func relu(v float64) float64 {
	if v < 0 {
		return 0
	}
	return v
}
