package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// reciprocals are the factors by which a sparse matrix is scaled (inplace_column_scale(X, 1.0 / scale_)).
func (e *estimator) reciprocals(scale []float64) []float64 {
	factors := make([]float64, len(scale))
	for i, s := range scale {
		factors[i] = 1 / s
		if math.IsNaN(factors[i]) || math.IsInf(factors[i], 0) {
			e.refuse("scale_", "a column has the scale "+describe(s)+", which zeros that are not stored escape", "drop the column")
		}
	}
	return factors
}

// transformRobustScaler follows sklearn.preprocessing.RobustScaler.transform: X -= center_, X /= scale_; a sparse matrix it multiplies by the reciprocal.
func transformRobustScaler(e *estimator, in matrix) matrix {
	e.ignores("quantile_range", "unit_variance")
	span, t := e.scaled(in)
	out := e.c.b.Floats(in.width())
	centering, scaling := e.bool("with_centering"), e.bool("with_scaling")
	center, scale := e.optionalVector("center_", centering, in.width()), e.optionalVector("scale_", scaling, in.width())
	if in.sparse {
		if !scaling {
			return in
		}
		e.c.arith("mul", span, out, e.reciprocals(scale), t)
		return e.rescaled(e.c.computed(out, in, t), scale)
	}
	if centering {
		e.c.arith("sub", span, out, center, t)
		span = out
	}
	if scaling {
		e.c.arith("div", span, out, scale, t)
		span = out
	}
	return e.rescaled(e.c.computed(span, in, t), scale)
}

// transformMaxAbsScaler follows sklearn.preprocessing.MaxAbsScaler.transform: X /= scale_, and clip.
func transformMaxAbsScaler(e *estimator, in matrix) matrix {
	e.ignores("max_abs_", "n_samples_seen_")
	if in.register != nil {
		if !e.truth("clip") {
			return inRegister(e.c.scaled(*in.register, e.reciprocals(e.vector("scale_", in.width())), in.floatType()))
		}
		in = e.c.spread(e, in)
	}
	span, t := e.scaled(in)
	out := e.c.b.Floats(in.width())
	scale := e.vector("scale_", in.width())
	if in.sparse {
		e.c.arith("mul", span, out, e.reciprocals(scale), t)
	} else {
		e.c.arith("div", span, out, scale, t)
	}
	if e.truth("clip") && in.width() > 0 {
		e.c.b.Add(&engine.Clip{In: out, Out: out, Min: []float64{-1}, Max: []float64{1}})
	}
	return e.rescaled(e.c.computed(out, in, t), scale)
}

// transformNormalizer follows sklearn.preprocessing.Normalizer.transform.
func transformNormalizer(e *estimator, in matrix) matrix {
	norm := e.str("norm", "l1", "l2", "max")
	if in.register != nil {
		r := *in.register
		r.dtype = in.floatType()
		return inRegister(e.unitRows(r, norm))
	}
	return e.normalized(in, norm)
}

// normalized follows sklearn.preprocessing.normalize(X, norm, axis=1). The order in which numpy adds up is not promised; the largest value is exact.
func (e *estimator) normalized(in matrix, norm string) matrix {
	t := in.floatType()
	if t == float16Type {
		e.refuse("float16 input", "no step computes in float16", "let the encoder before give float32 or float64")
	}
	if t == float32Type && norm != "max" {
		e.refuse("norm is "+describe(norm)+" on float32 input", "numpy adds up in float32, in an order that it does not promise", "give the step float64")
	}
	span, out := e.c.checked(e, in, engine.Check{}), e.c.b.Floats(in.width())
	smallest := 10 * 2.220446049250313e-16 // _handle_zeros_in_scale
	if t == float32Type {
		smallest = 10 * 1.1920928955078125e-07
	}
	if in.sparse { // only an empty row is left as it is
		smallest = math.SmallestNonzeroFloat64
	}
	e.c.b.Add(&engine.Scale{Norm: norm, In: span, Out: out, Smallest: engine.Number64(smallest), Float32: t == float32Type})
	m := e.c.computed(out, in, t)
	if norm != "max" {
		m = m.rounded()
	}
	return m
}

// rounded marks all columns as inexact: they went through a sum over the row in another order, an exp or a log.
func (m matrix) rounded() matrix {
	m = m.pick(indices(m.width()))
	same := !slices.ContainsFunc(m.cols, func(col column) bool { return col.inexact && !col.sameAlone })
	for i := range m.cols {
		m.cols[i].inexact, m.cols[i].sameAlone = true, same
	}
	return m
}

// transformBinarizer follows sklearn.preprocessing.Binarizer.transform.
func transformBinarizer(e *estimator, in matrix) matrix {
	threshold := e.float("threshold")
	raw, _ := e.obj.Attr("threshold")
	_, isScalar := raw.(*pickle.Scalar)
	return e.binarized(in, threshold, isScalar)
}

// binarized follows sklearn.preprocessing.binarize: X > threshold, in the dtype of X. A float32 matrix rounds a threshold that is a Python number.
func (e *estimator) binarized(in matrix, threshold float64, isScalar bool) matrix {
	t := in.checkedType()
	switch {
	case t.kind == 'O':
		t = float64Type
	case t == float32Type && isScalar:
		e.refuse("threshold is a numpy scalar, the input float32", "the versions of numpy compare them differently", "give the threshold as a Python number")
	case t == float32Type:
		threshold = float64(float32(threshold))
	}
	if in.sparse && threshold < 0 {
		e.refuse("threshold is "+describe(threshold), "a sparse matrix cannot be binarized below 0: scikit-learn raises for every row", "use a threshold of 0 or more")
	}
	edges, counts := make([]float64, in.width()), make([]int32, in.width())
	for i := range edges {
		edges[i], counts[i] = threshold, 1
	}
	span := e.c.checked(e, in, engine.Check{})
	e.c.steadySides(in, span, func(int) engine.SteadySide { return engine.SteadySide{Jumps: []float64{threshold}} })
	out := e.c.binned(span, false, counts, edges)
	m := e.c.computed(out, in, t)
	for i := range m.cols {
		m.cols[i].negativeZero = false
		m.cols[i].settle()
	}
	return m
}

// binned adds numpy.searchsorted on the edges of each column.
func (c *compiler) binned(in engine.Span, right bool, counts []int32, edges []float64) engine.Span {
	out := c.b.Floats(int(in.N))
	if in.N > 0 {
		c.b.Add(&engine.Bin{In: in, Out: out, Right: right, Counts: counts, Edges: edges})
	}
	return out
}

// transformKBinsDiscretizer follows sklearn.preprocessing.KBinsDiscretizer.transform: the number of inner edges that are not above the value,
// as it is or through a OneHotEncoder of all bins.
func transformKBinsDiscretizer(e *estimator, in matrix) matrix {
	e.ignores("n_bins", "strategy", "quantile_method", "subsample", "_encoder")
	e.refuseSparse(in)
	t := in.floatType()
	check := engine.Check{}
	if v := e.get("dtype"); v != nil {
		var ok bool
		if t, ok = dtypeOf(v); !ok || t != float32Type && t != float64Type {
			e.wrong("dtype", v, "None, float32 or float64")
		}
		check.Float32 = t == float32Type
	}
	if t == float16Type {
		e.refuse("float16 input", "no step computes in float16", "let the encoder before give float32 or float64")
	}
	span := e.c.checked(e, in, check)
	counts, edges, widths := e.binEdges(in.width())
	e.steadyBins(in, span, counts, edges, check.Float32)
	if check.Float32 {
		span = e.c.mapped("float32", span)
	}
	codes := e.c.binned(span, true, counts, edges)
	encode := e.str("encode", "onehot", "onehot-dense", "ordinal")
	if encode == "ordinal" {
		m := e.c.computed(codes, in, t)
		for i := range m.cols {
			m.cols[i].settle()
		}
		return m
	}
	return e.oneHot(codes, widths, in, t, encode == "onehot")
}

// steadyBins looks for numbers that rounding may carry over an edge. As float32 they cross it halfway between the two float32 on its sides.
func (e *estimator) steadyBins(in matrix, span engine.Span, counts []int32, edges []float64, single bool) {
	if edges == nil {
		return
	}
	byColumn := make([][]float64, len(counts))
	for i, n := range counts {
		byColumn[i], edges = slices.Clone(edges[:n]), edges[n:]
		for k, edge := range byColumn[i] {
			if above := float32(edge); single {
				if float64(above) < edge {
					above = math.Nextafter32(above, float32(math.Inf(1)))
				}
				byColumn[i][k] = (float64(above) + float64(math.Nextafter32(above, float32(math.Inf(-1))))) / 2
			}
		}
	}
	e.c.steadySides(in, span, func(i int) engine.SteadySide { return engine.SteadySide{Jumps: byColumn[i]} })
}

// mapped applies a function to each slot of a span.
func (c *compiler) mapped(op string, in engine.Span) engine.Span {
	out := c.b.Floats(int(in.N))
	if in.N > 0 {
		c.b.Add(&engine.Map{Op: op, In: in, Out: out})
	}
	return out
}

// oneHot expands the codes of the columns of in.
func (e *estimator) oneHot(codes engine.Span, widths []int32, in matrix, t dtype, sparse bool) matrix {
	out := matrix{sparse: sparse}
	for i, width := range widths {
		for range width {
			out.cols = append(out.cols, column{laid: true, dtype: t, origin: in.cols[i].origin})
		}
	}
	span := e.c.b.Floats(len(out.cols))
	for i := range out.cols {
		out.cols[i].slot = span.Start + int32(i)
	}
	if span.N > 0 {
		e.c.b.Add(&engine.OneHot{In: codes, Out: span, Widths: widths})
	}
	return out
}

// binEdges reads bin_edges_ without the outermost edges, and n_bins_.
func (e *estimator) binEdges(columns int) (counts []int32, edges []float64, widths []int32) {
	items := e.items("bin_edges_")
	bins := e.vector("n_bins_", columns)
	counts, widths = make([]int32, columns), make([]int32, columns)
	for i := range columns {
		var column []float64
		if i < len(items) {
			column, _ = floatItems(items[i])
		}
		if len(items) != columns || len(column) != int(bins[i])+1 {
			e.refuse("bin_edges_", fmt.Sprintf("it does not give n_bins_[%d] + 1 edges for column %d", i, i), "check that the file is whole and the estimator fitted")
			return counts, nil, widths
		}
		if len(column) == 1 { // all edges were closer than 1e-8: every value is in the bin 0
			continue
		}
		counts[i], widths[i] = int32(len(column)-2), int32(len(column)-1)
		edges = append(edges, column[1:len(column)-1]...)
	}
	return counts, edges, widths
}

// floatItems reads a list or an array of numbers.
func floatItems(v pickle.Value) ([]float64, bool) {
	items, ok := sequence(v)
	out := make([]float64, len(items))
	for i, item := range items {
		f, isNumber := number(pickle.Plain(item))
		out[i], ok = f, ok && isNumber
	}
	return out, ok
}
