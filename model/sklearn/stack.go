package sklearn

import (
	"math"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// transformerWeights reads transformer_weights; nil for none.
func (e *estimator) transformerWeights() *pickle.Dict {
	v := e.getOr("transformer_weights", nil)
	weights, ok := v.(*pickle.Dict)
	if !ok && v != nil {
		e.wrong("transformer_weights", v, "None or a plain dict")
	}
	return weights
}

// weighted multiplies the output of a transformer by its weight, if it has one (sklearn.pipeline._transform_one).
func (e *estimator) weighted(m matrix, weights *pickle.Dict, name string) matrix {
	v, ok := weights.Get(name)
	if !ok || v == nil || m.unknown || m.width() == 0 {
		return m
	}
	w, ok := number(pickle.Plain(v))
	if !ok {
		e.wrong("transformer_weights", v, "a number for each transformer")
		return unknownMatrix
	}
	if !m.frame {
		return e.product(m, v, w, name)
	}
	out := matrix{frame: true} // pandas multiplies column by column
	for i := range m.cols {
		part := e.product(m.pick([]int{i}), v, w, name)
		if part.unknown {
			return part
		}
		out.cols = append(out.cols, part.cols...)
	}
	return out
}

// product multiplies an array by the weight, whose value is w.
func (e *estimator) product(m matrix, weight pickle.Value, w float64, name string) matrix {
	t, ok := weightedType(m.checkedType(), weight, w)
	if !ok || m.sparse && (math.IsNaN(w) || math.IsInf(w, 0)) {
		e.refuse("the weight "+describe(pickle.Plain(weight))+" of "+name, "its product with the output's dtype is not exact here",
			"let the transformer give float64, or leave the weight out")
		return unknownMatrix
	}
	if t == float32Type {
		w = float64(float32(w))
	}
	if m.register != nil {
		return inRegister(e.c.scaled(*m.register, []float64{w}, t))
	}
	out := e.c.b.Floats(m.width())
	e.c.arith("mul", e.c.factors(e, m), out, []float64{w}, t)
	if t.kind != 'f' && w < 0 { // integers have no -0
		e.c.arith("add", out, out, []float64{0}, t)
	}
	product := e.c.computed(out, m, t)
	for i := range product.cols {
		product.cols[i].negativeZero = product.cols[i].negativeZero || m.sparse && w < 0
	}
	return product
}

// factors is numbers for a product of Python objects: None times a number raises.
func (c *compiler) factors(e *estimator, m matrix) engine.Span {
	span := c.numbers(e, m)
	for i, col := range m.cols {
		if !col.unknown && col.dtype.kind == 'O' && col.null().kind == missingNone {
			c.b.Add(&engine.Check{In: engine.Span{Start: span.Start + int32(i), N: 1}, AllowInf: true, Features: []int32{col.origin}})
		}
	}
	return span
}

// weightedType is the dtype of an array of type t times a scalar; false where the product would round or wrap around in a way
// that depends on numpy's version or that no step does. A Python number does not widen an array of its own kind, a numpy
// scalar does since numpy 2.
func weightedType(t dtype, weight pickle.Value, w float64) (dtype, bool) {
	_, isScalar := weight.(*pickle.Scalar)
	_, isFloat := pickle.Plain(weight).(float64)
	switch {
	case t == float32Type:
		return t, !isScalar
	case t == float64Type:
		return t, true
	case t.kind == 'O': // of integers or of floats: the sign of a zero is not known
		return t, w >= 0
	case t.kind == 'f':
		return t, false
	case isFloat:
		return float64Type, true
	case t.kind == 'b':
		return int64Type, true
	}
	return t, t.size == 8 || w == 0 || w == 1 || w == -1 && t.kind == 'i'
}

func anySparse(parts []matrix) bool {
	for _, m := range parts {
		if m.sparse {
			return true
		}
	}
	return false
}

// hstack sets matrices side by side, as numpy.hstack or scipy.sparse.hstack do; columns are not copied.
func (e *estimator) hstack(parts []matrix, sparse bool) matrix {
	if sparse && anyRegister(parts) {
		return e.stacked(parts)
	}
	out := matrix{sparse: sparse}
	types := matrix{}
	frames := len(parts) > 0 && e.setOutput()
	for _, m := range parts {
		if m.unknown {
			return unknownMatrix
		}
		t := m.resultType()
		if sparse {
			m = storedSparse(m)
			if t == objectType { // check_array makes numbers of objects
				t = float64Type
			}
		} else {
			m = e.c.dense(e, m)
		}
		out.cols = append(out.cols, m.cols...)
		types.cols = append(types.cols, column{dtype: t})
		frames = frames && m.frame
	}
	if frames {
		out.frame = true
		return out
	}
	return out.withType(types.checkedType())
}

// stacked is hstack of a sparse matrix that lies in a register.
func (e *estimator) stacked(parts []matrix) matrix {
	types := matrix{}
	for _, m := range parts {
		if m.unknown {
			return unknownMatrix
		}
		t := m.resultType()
		if t == objectType { // check_array makes numbers of objects
			t = float64Type
		}
		types.cols = append(types.cols, column{dtype: t})
	}
	return inRegister(e.c.stack(e, parts, types.checkedType()))
}

// storedSparse marks the columns of a dense matrix, whose zeros a sparse one does not store, and those that lose the sign of their zeros in it.
func storedSparse(m matrix) matrix {
	if m.sparse {
		return m
	}
	m = m.pick(indices(m.width()))
	for i := range m.cols {
		m.cols[i].unstored = true
		m.cols[i].negativeZero = m.cols[i].dtype.kind == 'f' || m.cols[i].dtype.kind == 'O'
	}
	return m
}

// indices are 0, 1, …, n-1.
func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
