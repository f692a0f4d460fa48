package sklearn

import (
	"fmt"
	"math"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// maxPolynomialTerms bounds the output of PolynomialFeatures: its degree is only what a file says.
const maxPolynomialTerms = 1 << 20

// transformPolynomialFeatures follows sklearn.preprocessing.PolynomialFeatures.transform. A dense product is multiplied from its last factor
// to its first, a sparse one from the first to the last.
func transformPolynomialFeatures(e *estimator, in matrix) matrix {
	e.ignores("degree", "order", "_n_out_full")
	interaction, bias := e.bool("interaction_only"), e.bool("include_bias")
	low, high := e.int("_min_degree"), e.int("_max_degree")
	total := e.int("n_output_features_")
	t := in.floatType()
	if t == float16Type {
		e.refuse("float16 input", "no step computes in float16", "let the encoder before give float32 or float64")
	}
	span := e.c.checked(e, in, engine.Check{})
	if total < 0 || total > maxPolynomialTerms || high > total+1 {
		e.refuse("n_output_features_", fmt.Sprintf("it is %d, and %d terms are the most that are compiled", total, maxPolynomialTerms), "use a lower degree, or fewer columns")
		return unknownMatrix
	}
	p := &polynomial{e: e, span: span, float32: t == float32Type, sparse: in.sparse}
	if bias {
		p.slots, p.origins = append(p.slots, e.c.one().Start), append(p.origins, -1)
	}
	var terms []term
	for i, col := range in.cols {
		terms = append(terms, term{first: i, last: i, slot: span.Start + int32(i), origin: col.origin})
	}
	for degree := 1; degree <= high; degree++ {
		if degree > 1 {
			if terms = p.next(terms, in.width(), interaction); len(p.slots)+len(terms) > maxPolynomialTerms {
				break
			}
		}
		for _, term := range terms {
			if degree >= max(1, low) {
				p.slots, p.origins = append(p.slots, term.slot), append(p.origins, term.origin)
			}
		}
	}
	if len(p.slots) != total {
		e.refuse("n_output_features_", fmt.Sprintf("it is %d, and the degrees give %d", total, len(p.slots)), "check that the file is whole")
		return unknownMatrix
	}
	out := matrix{sparse: in.sparse}
	inexact := in.tolerance() > 0
	for i, slot := range p.slots {
		out.cols = append(out.cols, column{laid: true, slot: slot, dtype: t, origin: p.origins[i], inexact: inexact && p.origins[i] != -1 || inexact && i > 0})
	}
	return out
}

// one is a slot that holds 1.
func (c *compiler) one() engine.Span {
	out := c.b.Floats(1)
	c.b.Add(&engine.MatMul{In: engine.Span{Start: out.Start}, Out: out, Bias: []float64{1}})
	return out
}

// term is a product of columns, first ≤ … ≤ last.
type term struct {
	first, last int
	slot        engine.Slot
	origin      int32
}

// polynomial collects the terms of PolynomialFeatures.
type polynomial struct {
	e       *estimator
	span    engine.Span
	float32 bool
	sparse  bool
	slots   []engine.Slot
	origins []int32
}

// next gives the terms of one degree more, in the order of itertools.combinations (interaction) or combinations_with_replacement.
func (p *polynomial) next(terms []term, columns int, interaction bool) []term {
	distinct := 0
	if interaction {
		distinct = 1
	}
	var out []term
	step := &engine.Monomials{Float32: p.float32, Sparse: p.sparse}
	add := func(t term, column int) {
		out = append(out, term{first: min(t.first, column), last: max(t.last, column), origin: -1})
		step.Left, step.Right = append(step.Left, t.slot), append(step.Right, p.span.Start+int32(column))
	}
	if p.sparse { // (a b) c: every term, then one more column behind it
		for _, t := range terms {
			for column := t.last + distinct; column < columns && len(out) <= maxPolynomialTerms; column++ {
				add(t, column)
			}
		}
	} else { // (c b) a: every column, then the terms behind it
		for column := range columns {
			for _, t := range terms {
				if t.first >= column+distinct && len(out) <= maxPolynomialTerms {
					add(t, column)
				}
			}
		}
	}
	step.Out = p.e.c.b.Floats(len(out))
	for i := range out {
		out[i].slot = step.Out.Start + int32(i)
	}
	if len(out) > 0 {
		p.e.c.b.Add(step)
	}
	return out
}

// transformSplineTransformer follows sklearn.preprocessing.SplineTransformer.transform.
func transformSplineTransformer(e *estimator, in matrix) matrix {
	e.ignores("n_knots", "knots", "order", "n_features_out_")
	e.refuseSparse(in)
	extrapolation := e.str("extrapolation", "error", "constant", "linear", "continue", "periodic")
	bias, sparse := e.bool("include_bias"), e.truth("sparse_output")
	zeros := e.getOr("handle_missing", "error") == "zeros"
	t := in.checkedType()
	if t.kind != 'f' {
		t = float64Type
	}
	if t != float64Type {
		e.refuse("float32 input", "its versions mix float32 and float64", "give the step float64")
	}
	inner := sparse && extrapolation != "constant" && extrapolation != "linear" // BSpline.design_matrix takes no infinite value
	span := e.c.checked(e, in, engine.Check{AllowNaN: zeros, AllowInf: zeros && !inner})
	knots, degree, ok := e.bsplines(in.width())
	if !ok || in.width() == 0 {
		return unknownMatrix
	}
	bases := len(knots)/in.width() - degree - 1
	if extrapolation == "periodic" {
		bases -= degree
	}
	width := bases
	if !bias {
		width--
	}
	if zeros && inner {
		filled := e.c.b.Floats(in.width())
		e.c.b.Add(&engine.Impute{In: span, Out: filled, Missing: engine.Number64(math.NaN()), Fill: make([]float64, in.width())})
		e.splineDomain(filled, in, extrapolation, knots, degree, bases, sparse)
		span = e.missingInSparse(span, filled)
	} else {
		e.splineDomain(span, in, extrapolation, knots, degree, bases, sparse)
	}
	if degree == 0 && extrapolation == "periodic" && sparse {
		e.refuse("degree=0, extrapolation='periodic' and sparse_output=True", "scikit-learn drops every column then", "set sparse_output=False")
	}
	margins, ok := e.splineMargins(in.width(), degree, len(knots)/in.width(), extrapolation)
	if !ok {
		return unknownMatrix
	}
	outside := extrapolation
	if outside == "error" {
		outside = "continue"
	}
	out := e.c.b.Floats(width * in.width())
	if width > 0 {
		e.c.b.Add(&engine.Spline{In: span, Out: out, Degree: int32(degree), Outside: outside, DropLast: !bias, Sparse: sparse, Margins: margins, Knots: knots})
	}
	m := matrix{sparse: sparse}
	for i := range out.N {
		col := in.cols[int(i)/width]
		m.cols = append(m.cols, column{laid: true, slot: out.Start + i, dtype: t, origin: col.origin, inexact: col.inexact})
	}
	return m
}

// missingInSparse gives the columns that a sparse SplineTransformer sees under handle_missing="zeros": it has put 0 into a missing cell of a
// single row, and makes zeros of its splines in the first column alone.
func (e *estimator) missingInSparse(span, filled engine.Span) engine.Span {
	from := []int32{span.Start}
	for i := int32(1); i < span.N; i++ {
		from = append(from, filled.Start+i)
	}
	out := e.c.b.Floats(int(span.N))
	e.c.b.Add(&engine.Select{From: from, Out: out})
	return out
}

// splineMargins are by column the number of knots below the interval that is not extrapolated: the degree. The linear extrapolation of
// degrees 0 and 1 adds one to it in every column, up to 2, and keeps that for the next column ("degree += 1").
func (e *estimator) splineMargins(columns, degree, knots int, extrapolation string) ([]int32, bool) {
	margins := make([]int32, columns)
	for i := range margins {
		margins[i] = int32(degree)
		if extrapolation == "linear" && degree < 2 {
			margins[i] = int32(min(degree+i, 2))
		}
		if 2*int(margins[i])+1 > knots {
			e.refuse("extrapolation='linear' at degree "+fmt.Sprint(degree), "scikit-learn takes further knots off each column, and there are too few", "use more knots, or degree 2 or more")
			return nil, false
		}
	}
	return margins, true
}

// splineDomain adds the errors for values beyond the knots: of extrapolation="error", and of a dense assignment of degree 0 splines above
// the last knot, which has no column to go to.
func (e *estimator) splineDomain(span engine.Span, in matrix, extrapolation string, knots []float64, degree, bases int, sparse bool) {
	upper := extrapolation == "constant" && degree == 0 && !sparse
	if upper && bases == 1 {
		e.refuse("extrapolation='constant' with a single spline of degree 0", "scikit-learn leaves it out above the knots only for dense output", "use more knots")
	}
	if extrapolation != "error" && !upper {
		return
	}
	n := len(knots) / in.width()
	step := &engine.Domain{In: span, Min: make([]float64, in.width()), Max: make([]float64, in.width())}
	for i, col := range in.cols {
		step.Min[i], step.Max[i] = knots[i*n+degree], knots[i*n+n-degree-1]
		if upper {
			step.Min[i] = math.Inf(-1)
		}
		step.Features = append(step.Features, col.origin)
	}
	e.c.b.Add(step)
}

// bsplines reads bsplines_: the knots of each scipy.interpolate.BSpline, whose coefficients are an identity, and their degree.
func (e *estimator) bsplines(columns int) (knots []float64, degree int, ok bool) {
	degree = e.int("degree")
	items := e.items("bsplines_")
	if len(items) != columns {
		e.refuse("bsplines_", fmt.Sprintf("it has %d splines for %d columns", len(items), columns), "check that the file is whole and the estimator fitted")
		return nil, 0, false
	}
	for i, item := range items {
		obj, isObject := item.(*pickle.Object)
		var t []float64
		if isObject {
			v, found := obj.Attr("_t")
			if !found { // scipy before 1.15
				v, _ = obj.Attr("t")
			}
			if a, isArray := v.(*pickle.Array); isArray {
				t, _ = a.Float64s()
			}
		}
		if len(t) < 2*degree+2 || i > 0 && len(t) != len(knots)/i {
			e.refuse(fmt.Sprintf("bsplines_[%d]", i), "it holds no knots of the splines' degree", "check that the file is whole and the estimator fitted")
			return nil, 0, false
		}
		knots = append(knots, t...)
	}
	return knots, degree, true
}
