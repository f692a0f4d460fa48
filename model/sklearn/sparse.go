package sklearn

import (
	"fmt"
	"slices"
	"strings"

	"sklambda/model/engine"
)

// register is where a wide sparse matrix lies: all of it in one sparse register of the engine, so that a row costs what it stores.
type register struct {
	engine.Sparse
	dtype   dtype
	inexact bool
	// unstored: no stored value is 0.
	unstored bool
}

// maxSpread bounds the columns of a sparse matrix that are laid into slots, for a step that reads a dense one.
const maxSpread = 1 << 18

// inRegister is the sparse matrix of a register.
func inRegister(r register) matrix { return matrix{register: &r, sparse: true} }

// readsRegister reports whether the converter of a class reads a register as it is; any other is given slots.
func readsRegister(class string) bool {
	switch class {
	case pipelineClass, imblearnPipelineClass, featureUnionClass, tfidfTransformer, "sklearn.naive_bayes.MultinomialNB", "sklearn.naive_bayes.ComplementNB", "sklearn.naive_bayes.BernoulliNB",
		"sklearn.preprocessing._data.Normalizer", "sklearn.preprocessing._data.MaxAbsScaler", "sklearn.decomposition._truncated_svd.TruncatedSVD":
		return true
	}
	if strings.HasPrefix(class, "sklearn.feature_selection.") {
		_, selects := featureSelectionConverters()[class]
		return selects && !strings.Contains(class, "._rfe.") // which may predict
	}
	_, linear := linearModelConverters()[class] // by affine
	return linear && !strings.HasSuffix(class, ".RANSACRegressor")
}

// inputOf is a matrix as the estimator's converter reads it.
func (c *compiler) inputOf(e *estimator, m matrix) matrix {
	if m.register != nil && !readsRegister(e.class) {
		return c.spread(e, m)
	}
	return m
}

// spread lays a register into slots, as a sparse matrix of columns.
func (c *compiler) spread(e *estimator, m matrix) matrix {
	r := m.register
	if r.Width > maxSpread {
		e.refuse(fmt.Sprintf("a sparse matrix of %d columns", r.Width),
			fmt.Sprintf("this step computes with all columns, and %d are the most that are laid out for it; linear models take any number", maxSpread),
			fmt.Sprintf("let the step before give fewer: n_features of a hasher up to %d, max_features of the others", maxSpread))
		return unknownMatrix
	}
	out := c.b.Floats(int(r.Width))
	c.b.Add(&engine.SparseDense{In: r.Sparse, Out: out})
	spread := c.computed(out, matrix{sparse: true}, r.dtype)
	for i := range spread.cols {
		spread.cols[i].inexact, spread.cols[i].unstored = r.inexact, r.unstored
	}
	return spread
}

// stored is a matrix as a register: scipy.sparse.csr_matrix(X), which does not store zeros of a dense one.
func (c *compiler) stored(e *estimator, m matrix) register {
	if m.register != nil {
		return *m.register
	}
	return c.stack(e, []matrix{m}, m.checkedType())
}

// stack sets matrices side by side in a register (scipy.sparse.hstack).
func (c *compiler) stack(e *estimator, parts []matrix, t dtype) register {
	out := register{dtype: t, unstored: true}
	var list []engine.StackPart
	width := 0
	for _, m := range parts {
		width += m.width()
		out.inexact = out.inexact || m.tolerance() > 0
		out.unstored = out.unstored && (!m.sparse || m.storesNoZeros())
		if m.register != nil {
			list = append(list, engine.StackPart{Register: m.register.Sparse})
		} else if m.width() > 0 {
			list = append(list, engine.StackPart{IsSpan: true, Span: c.numbers(e, m)})
		}
	}
	out.Sparse = c.b.NewSparse(width)
	c.b.Add(&engine.SparseStack{Parts: list, Out: out.Sparse})
	return out
}

// storesNoZeros reports whether a zero of a sparse matrix is known to be a cell that is not stored.
func (m matrix) storesNoZeros() bool {
	if m.register != nil {
		return m.register.unstored
	}
	return !slices.ContainsFunc(m.cols, func(col column) bool { return !col.unstored })
}

// anyRegister reports whether one of the matrices lies in a register.
func anyRegister(parts []matrix) bool {
	for _, m := range parts {
		if m.register != nil {
			return true
		}
	}
	return false
}

// scaled is a register with its stored values multiplied by a factor for each column, or by one for all.
func (c *compiler) scaled(r register, factors []float64, t dtype) register {
	out := register{Sparse: c.b.NewSparse(int(r.Width)), dtype: t, inexact: r.inexact}
	c.b.Add(&engine.SparseArith{Op: "mul", In: r.Sparse, Out: out.Sparse, Float32: t == float32Type, Values: factors})
	return out
}

// selected are the columns of a register that a mask keeps.
func (c *compiler) selected(r register, mask []bool) register {
	columns, kept := make([]int32, len(mask)), 0
	for i, keep := range mask {
		columns[i] = -1
		if keep {
			columns[i] = int32(kept)
			kept++
		}
	}
	out := register{Sparse: c.b.NewSparse(kept), dtype: r.dtype, inexact: r.inexact, unstored: r.unstored}
	c.b.Add(&engine.SparseSelect{In: r.Sparse, Out: out.Sparse, Columns: columns})
	return out
}

// affineOf adds X @ coef.T + intercept for a matrix in a register, in the order of scipy's csr_matvecs.
func (e *estimator) affineOf(r register, l linear) engine.Span {
	if !l.unchecked {
		e.c.b.Add(&engine.SparseCheck{In: r.Sparse})
	}
	n, width := len(l.intercept), int(r.Width)
	out := e.c.b.Floats(n)
	if len(l.coef) != n*width {
		return out // refused by linear
	}
	weights := make([]float64, len(l.coef))
	for j := range n {
		for i := range width {
			weights[i*n+j] = l.coef[j*width+i]
		}
	}
	e.c.b.Add(&engine.SparseMatMul{In: r.Sparse, Out: out, Weights: weights, Bias: l.intercept})
	return out
}
