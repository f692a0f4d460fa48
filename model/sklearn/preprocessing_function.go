package sklearn

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// transformFunctionTransformer follows sklearn.preprocessing.FunctionTransformer.transform: check_array under validate=True, then the identity, or a
// function of numpy, scipy or scikit-learn that is known by its name.
func transformFunctionTransformer(e *estimator, in matrix) matrix {
	e.ignores("inverse_func", "check_inverse", "feature_names_out", "inv_kw_args")
	acceptSparse, validate := e.bool("accept_sparse"), e.bool("validate")
	arguments, _ := e.getOr("kw_args", nil).(*pickle.Dict)
	if validate {
		if in.sparse && !acceptSparse {
			e.refuse("sparse input", "accept_sparse is False: scikit-learn raises for every row", "refit with accept_sparse=True")
		}
		t := in.checkedType()
		if t.kind == 'O' {
			t = float64Type
		}
		in = e.c.computed(e.c.checked(e, in, engine.Check{}), in, t)
	}
	f := e.get("func")
	if f == nil {
		if arguments != nil && len(arguments.Pairs) > 0 {
			e.refuse("kw_args", "the identity takes no arguments: scikit-learn raises for every row", "remove kw_args")
		}
		return in
	}
	g, isGlobal := f.(*pickle.Global)
	call := &functionCall{e: e, arguments: arguments}
	if isGlobal {
		call.module, call.name = strings.SplitN(g.Module, ".", 2)[0], g.Name
	}
	return call.apply(f, in)
}

// functionCall is the function of a FunctionTransformer with its arguments.
type functionCall struct {
	e            *estimator
	module, name string
	arguments    *pickle.Dict
	// single: a function of float32 may be off by its last bits.
	single bool
}

// functionAliases are other names of functions in numpy.
var functionAliases = map[string]string{
	"abs": "absolute", "fabs": "absolute", "radians": "deg2rad", "degrees": "rad2deg", "fix": "trunc", "around": "round",
	"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
}

func (f *functionCall) apply(value pickle.Value, in matrix) matrix {
	name := f.name
	if alias, ok := functionAliases[name]; ok {
		name = alias
	}
	ufunc := name != "expit" && name != "logit" && slices.Contains(engine.Functions(), name)
	switch {
	case f.module == "numpy" && ufunc, f.module == "scipy" && (name == "expit" || name == "logit"):
		f.take()
		return f.universal(name, in)
	case f.module == "numpy" && (name == "clip" || name == "round" || name == "nan_to_num"):
		return f.numpy(name, in)
	case f.module == "sklearn" && (name == "normalize" || name == "binarize"):
		return f.sklearn(name, in)
	}
	f.e.refuse("func is "+describe(value), "a Python function is not executed; known by name are numpy's functions of one value, numpy.clip, round and nan_to_num, "+
		"scipy.special.expit and logit, and scikit-learn's normalize and binarize", "compute it before the pipeline, or use a transformer of scikit-learn")
	return unknownMatrix
}

// take returns the arguments of the given names, nil where they are not given, and refuses any other.
func (f *functionCall) take(names ...string) map[string]pickle.Value {
	out := map[string]pickle.Value{}
	if f.arguments == nil {
		return out
	}
	for _, p := range f.arguments.Pairs {
		name, _ := p.Key.(string)
		if !slices.Contains(names, name) {
			f.e.refuse("kw_args["+describe(p.Key)+"]", f.name+" is not known to take it here", "leave it out")
			continue
		}
		out[name] = p.Value
	}
	return out
}

// universal applies one of numpy's functions to each value. A DataFrame stays one.
func (f *functionCall) universal(op string, in matrix) matrix {
	f.refuseSparse(in)
	f.refuseMissingObjects(in)
	span := f.e.c.numbers(f.e, in)
	types := make([]dtype, in.width())
	for i, col := range in.cols {
		var ok bool
		if types[i], ok = functionType(op, col.dtype); f.single && col.dtype == float32Type {
			types[i], ok = float32Type, true
		}
		if !ok {
			f.e.refuse(fmt.Sprintf("%s of a column of dtype %s", f.name, col.dtype),
				"numpy does not compute it in float64", "give the step float64")
			return unknownMatrix
		}
	}
	f.e.c.steadySides(in, span, func(int) engine.SteadySide { return jumpsOf(op) })
	out := f.e.c.mapped(op, span)
	m := f.e.c.steadyMap(op, in, span, f.e.c.computed(out, in, float64Type))
	for i := range m.cols {
		m.cols[i].dtype = types[i]
		m.cols[i].function(op)
		if types[i] == float32Type {
			slot := engine.Span{Start: m.cols[i].slot, N: 1}
			f.e.c.b.Add(&engine.Map{Op: "float32", In: slot, Out: slot})
		}
		if types[i].kind == 'i' { // no integer is -0
			f.e.c.arith("add", engine.Span{Start: m.cols[i].slot, N: 1}, engine.Span{Start: m.cols[i].slot, N: 1}, []float64{0}, float64Type)
		}
	}
	m.frame = in.frame
	return m
}

// function notes that a function of numpy was applied to the numbers of a column: one that jumps makes them exact again (see steadySides).
func (col *column) function(op string) {
	switch {
	case isJump(op):
		col.settle()
	case !isExactFunction(op):
		col.sameAlone = (!col.inexact || col.sameAlone) && slices.Contains(rightFunctions, op)
		col.inexact = true
	}
}

// settle notes that the numbers are exact: they are on sides that steadySides has made sure of.
func (col *column) settle() {
	col.inexact, col.sameAlone, col.loose, col.why, col.noise = false, false, 0, "", 0
}

// magnified is a matrix whose numbers, and with them the absolute errors of those that are inexact, were multiplied by a factor, if they were.
func (m matrix) magnified(factor float64, were bool) matrix {
	if !were {
		return m
	}
	m = m.pick(indices(m.width()))
	for i := range m.cols {
		m.cols[i].noise *= factor
		if col := &m.cols[i]; col.inexact || col.loose > 0 {
			col.loose = factor * max(col.loose, roundingTolerance)
		}
	}
	return m
}

// rightFunctions are those of numpy that are right to the last bit but for one case in a hundred, on all processors that were tried, and here.
var rightFunctions = []string{"log", "log10", "log1p", "log2", "expm1", "cbrt"}

// functionType is the dtype of numpy's result; false where no step gives it exactly.
func functionType(op string, t dtype) (dtype, bool) {
	switch {
	case slices.Contains(testFunctions, op):
		return boolType, t.kind == 'f' || t.kind == 'i' && op != "signbit"
	case t == float64Type:
		return t, true
	case t == float32Type:
		return t, isExactFunction(op) && op != "deg2rad" && op != "rad2deg"
	case t.kind == 'i' && (op == "absolute" || op == "negative" || op == "sign"):
		return t, true
	case t.kind == 'i' && t.size >= 4:
		return float64Type, !isExactFunction(op) || op == "sqrt"
	}
	return t, false
}

// testFunctions give booleans.
var testFunctions = []string{"isnan", "isinf", "isfinite", "signbit", "logical_not"}

// isExactFunction: IEEE 754 defines every bit of the result.
func isExactFunction(op string) bool {
	return slices.Contains([]string{"absolute", "negative", "sign", "square", "sqrt", "reciprocal", "deg2rad", "rad2deg",
		"floor", "ceil", "trunc", "rint"}, op) || slices.Contains(testFunctions, op)
}

func (f *functionCall) refuseSparse(in matrix) {
	if in.sparse {
		f.e.refuse("sparse input to "+f.name, "zeros that are not stored escape a function", "let the step before give dense output")
	}
}

// refuseMissingObjects refuses a column whose missing cells are None: the function raises for it.
func (f *functionCall) refuseMissingObjects(in matrix) {
	for _, col := range in.cols {
		if col.dtype.kind == 'O' && !col.isText() {
			f.e.refuse(f.e.c.columnName(col), "numpy's functions do not take objects: scikit-learn raises for every row", "convert the column to numbers first")
			return
		}
	}
}

// numpy applies numpy.clip, numpy.round or numpy.nan_to_num to float64.
func (f *functionCall) numpy(name string, in matrix) matrix {
	f.refuseSparse(in)
	for _, col := range in.cols {
		if !col.unknown && col.dtype != float64Type && !col.isText() {
			f.e.refuse(f.name+" of "+f.e.c.columnName(col), "only float64 is computed exactly", "give the step float64")
			return unknownMatrix
		}
	}
	span := f.e.c.numbers(f.e, in)
	out := f.e.c.copied(span)
	m := f.e.c.computed(out, in, float64Type)
	m.frame = in.frame
	switch name {
	case "clip":
		f.clip(out, in.frame)
	case "round":
		f.round(out, m)
	default:
		m.frame = false
		f.nanToNum(out)
	}
	return m
}

// copied copies slots.
func (c *compiler) copied(in engine.Span) engine.Span {
	out := c.b.Floats(int(in.N))
	from := make([]int32, in.N)
	for i := range from {
		from[i] = in.Start + int32(i)
	}
	if in.N > 0 {
		c.b.Add(&engine.Select{From: from, Out: out})
	}
	return out
}

// argument reads an argument that is a number, def if it is None or not given.
func (f *functionCall) argument(v pickle.Value, name string, def float64) float64 {
	if v == nil {
		return def
	}
	n, ok := number(pickle.Plain(v))
	if !ok || math.IsNaN(n) {
		f.e.refuse("kw_args["+describe(name)+"] is "+describe(v), "allowed is a number", "give a number for all columns")
	}
	return n
}

// clip is numpy.clip.
func (f *functionCall) clip(span engine.Span, frame bool) {
	given := f.take("a_min", "a_max", "min", "max")
	low, high := given["a_min"], given["a_max"]
	if low == nil {
		low = given["min"]
	}
	if high == nil {
		high = given["max"]
	}
	least, most := f.argument(low, "a_min", math.Inf(-1)), f.argument(high, "a_max", math.Inf(1))
	if span.N == 0 {
		return
	}
	f.e.c.b.Add(&engine.Clip{In: span, Out: span, Min: []float64{least}, Max: []float64{most}})
	bound := least
	if low == nil {
		bound = most
	}
	if (low == nil) != (high == nil) && !frame && bound == 0 { // numpy.maximum and minimum give the bound's own zero
		f.e.c.b.Add(&engine.Impute{In: span, Out: span, Fill: slices.Repeat([]float64{bound}, int(span.N))})
	}
}

// round is numpy.round: multiply, round half to even, divide; or the other way round for negative decimals.
func (f *functionCall) round(span engine.Span, m matrix) {
	decimals := f.argument(f.take("decimals")["decimals"], "decimals", 0)
	before, after := "mul", "div"
	if decimals < 0 {
		before, after = after, before
	}
	power := []float64{math.Pow(10, math.Abs(decimals))}
	if math.Abs(decimals) > 22 || decimals != math.Trunc(decimals) {
		f.e.refuse("kw_args[\"decimals\"]", "allowed is a whole number from -22 to 22", "round to fewer decimals")
	}
	if span.N == 0 {
		return
	}
	if decimals != 0 {
		f.e.c.arith(before, span, span, power, float64Type)
	}
	f.e.c.steadySides(m.magnified(power[0], decimals > 0), span, func(int) engine.SteadySide { return jumpsOf("rint") })
	f.e.c.b.Add(&engine.Map{Op: "rint", In: span, Out: span})
	for i := range m.cols {
		m.cols[i].function("rint")
	}
	if decimals != 0 {
		f.e.c.arith(after, span, span, power, float64Type)
	}
}

// nanToNum is numpy.nan_to_num.
func (f *functionCall) nanToNum(span engine.Span) {
	given := f.take("copy", "nan", "posinf", "neginf")
	fills := []struct{ missing, fill float64 }{
		{math.Inf(1), f.argument(given["posinf"], "posinf", math.MaxFloat64)},
		{math.Inf(-1), f.argument(given["neginf"], "neginf", -math.MaxFloat64)},
		{math.NaN(), f.argument(given["nan"], "nan", 0)},
	}
	for _, pair := range fills {
		if math.IsInf(pair.fill, 0) {
			f.e.refuse("kw_args of nan_to_num", "an infinite number is filled in", "fill a finite number in")
		}
		if span.N > 0 {
			f.e.c.b.Add(&engine.Impute{In: span, Out: span, Missing: engine.Number64(pair.missing), Fill: slices.Repeat([]float64{pair.fill}, int(span.N))})
		}
	}
}

// sklearn applies sklearn.preprocessing.normalize or binarize, row by row.
func (f *functionCall) sklearn(name string, in matrix) matrix {
	if name == "binarize" {
		given := f.take("copy", "threshold")
		_, isScalar := given["threshold"].(*pickle.Scalar)
		return f.e.binarized(in, f.argument(given["threshold"], "threshold", 0), isScalar)
	}
	given := f.take("copy", "norm", "axis")
	norm, ok := given["norm"].(string)
	if given["norm"] == nil {
		norm, ok = "l2", true
	}
	axis := f.argument(given["axis"], "axis", 1)
	if axis != 1 || !ok || norm != "l1" && norm != "l2" && norm != "max" {
		f.e.refuse("kw_args of normalize", "allowed are the norms l1, l2 and max of rows (axis=1)", "normalize rows")
		norm = "l2"
	}
	return f.e.normalized(in, norm)
}
