package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// numberImputer reads what KNNImputer and IterativeImputer share: missing_values, a number or NaN; columns of the input are told what a missing cell is.
func (e *estimator) numberImputer(in matrix) (p *imputer, missing float64) {
	p = &imputer{e: e, missing: e.missingValues(), dtype: float64Type}
	missing, ok := p.number()
	if !ok {
		e.wrong("missing_values", p.missing, "a number or NaN")
	}
	e.refuseSparse(in)
	e.needsFloat64(in, "it averages")
	p.settle(in)
	return p, missing
}

// withIndicator appends the columns of the MissingIndicator, if the imputer has one.
func (p *imputer) withIndicator(in, out matrix) matrix {
	if !p.e.bool("add_indicator") {
		p.e.ignores("indicator_")
		return out
	}
	out.cols = append(out.cols, p.indicate(in)...)
	return out.withType(float64Type)
}

// transformKNNImputer follows sklearn.impute.KNNImputer.transform. Which of donors at equal distances is taken, where numpy.argpartition cuts between them, depends
// on the processor there: such a row has no answer here (engine.Tie), unless they all have the same value.
func transformKNNImputer(e *estimator, in matrix) matrix {
	n := in.width()
	p, missing := e.numberImputer(in)
	if metric := e.get("metric"); metric != "nan_euclidean" {
		e.refuse("metric is "+describe(metric), "a Python function is not executed; allowed is nan_euclidean", "refit with metric='nan_euclidean'")
	}
	weights := e.str("weights", "uniform", "distance")
	keep := e.truth("keep_empty_features")
	if e.bool("add_indicator") && !e.since(1, 3, 1) {
		e.refuse("add_indicator is True", "before scikit-learn 1.3.1 a row without missing values has no indicator columns, unless another row of the batch has one", "refit with scikit-learn 1.3.1 or later")
	}
	if _, _, t, err := denseArray(e.get("_fit_X")); err == nil && t == float32Type {
		e.refuse("_fit_X is float32", "a cell without donors gets the mean of its column, which scikit-learn then adds up in float32", "fit it on float64")
	}
	donors, rows, _, ok := e.table("_fit_X", -1, n)
	holes, _, _, ok2 := e.table("_mask_fit_X", rows, n)
	valid := e.vector("_valid_mask", n)
	if !ok || !ok2 {
		return unknownMatrix
	}
	step := &engine.ImputeNearest{Missing: engine.Number64(missing), Neighbors: int32(min(e.int("n_neighbors"), math.MaxInt32)), Weighted: weights == "distance", Bound: worstTolerance,
		Donors: make([]float64, rows*n), Holes: holes, Norms: make([]float64, rows), Means: make([]float64, n), Fixed: make([]int32, n)}
	counts := make([]float64, n)
	for i, v := range donors {
		if holes[i] == 0 {
			step.Donors[i] = v
			step.Means[i%n] += v
			counts[i%n]++
		}
	}
	for i := range rows {
		step.Norms[i] = engine.Fused.SquaredNorm(step.Donors[i*n : (i+1)*n])
	}
	var kept []int
	fills := make([]float64, n)
	for i, ok := range valid {
		step.Means[i] /= max(counts[i], 1)
		step.Fixed[i] = 1 - int32(ok)
		if ok != 0 || keep {
			kept = append(kept, i)
		}
		fills[i] = ok
	}
	step.In = e.c.checked(e, in, engine.Check{AllowNaN: p.acceptsNaN()})
	step.Out, step.Work = e.c.b.Floats(n), e.c.b.Floats(3*n+4*rows)
	e.c.b.Add(step)
	out := e.c.imputed(in, step.Out, float64Type).rounded()
	if step.Weighted {
		out.loosen(answer{tolerance: worstTolerance, reason: "weights are inverse distances, which come from expanded squares and lose digits next to a donor"})
	}
	for i, ok := range valid {
		if ok == 0 && keep { // X[:, ~valid_mask] = 0
			out.cols[i].slot = e.c.b.Floats(1).Start
			e.c.b.Add(&engine.MatMul{In: engine.Span{Start: out.cols[i].slot}, Out: engine.Span{Start: out.cols[i].slot, N: 1}, Bias: []float64{0}})
		}
	}
	return p.withIndicator(in, out.pick(kept))
}

// transformMissingIndicator follows sklearn.impute.MissingIndicator.transform.
func transformMissingIndicator(e *estimator, in matrix) matrix {
	e.ignores("_n_features", "_precomputed")
	p := &imputer{e: e, missing: e.missingValues(), dtype: in.checkedType()}
	p.settle(in)
	all := e.str("features", "missing-only", "all") == "all"
	reject := e.bool("error_on_new") && !all
	sparse := e.get("sparse")
	if in.sparse {
		e.refuse("sparse input", "cells that are not stored cannot be missing", "let the step before give dense output")
	}
	features, err := e.array("features_").Int64s()
	if err != nil {
		e.wrong("features_", e.get("features_"), "column indices")
	}
	t := in.checkedType()
	if t.kind == 'b' {
		e.refuse("boolean input", "scikit-learn raises for every row", "give it numbers or objects")
	}
	if t.kind == 'O' && !p.acceptsNaN() {
		e.checkSelected(in)
	}
	if t.kind != 'O' {
		if _, ok := p.number(); !ok {
			e.refuse("missing_values is "+describe(p.missing), "the input are numbers: scikit-learn raises for every row", "use a number or NaN")
			return unknownMatrix
		}
		e.c.checked(e, in, engine.Check{AllowNaN: p.acceptsNaN()})
	}
	known := map[int]bool{}
	for _, f := range features {
		known[int(f)] = true
	}
	out := matrix{sparse: sparse == true}
	for i, col := range in.cols {
		flag := e.c.b.Floats(1)
		p.indicateColumn(col, flag)
		switch {
		case known[i]:
			out.cols = append(out.cols, column{laid: true, slot: flag.Start, dtype: boolType, origin: col.origin})
		case reject:
			e.c.domain(in.pick([]int{i}), flag, engine.Domain{Min: []float64{0}, Max: []float64{0}})
		}
	}
	return out
}

// transformIterativeImputer follows sklearn.impute.IterativeImputer.transform: the initial imputation, then every fitted estimator in turn
// predicts the missing cells of its column from the others.
func transformIterativeImputer(e *estimator, in matrix) matrix {
	e.ignores("estimator", "_estimator", "max_iter", "tol", "n_nearest_features", "initial_strategy", "fill_value", "imputation_order", "skip_complete", "min_value",
		"max_value", "random_state_", "n_features_with_missing_")
	p, missing := e.numberImputer(in)
	if e.bool("sample_posterior") {
		e.refuse("sample_posterior is True", "the imputed values are drawn at random", "refit with sample_posterior=False")
	}
	keep := e.truth("keep_empty_features")
	if keep && in.frame && e.since(1, 4) {
		e.refuse("keep_empty_features on a DataFrame", "scikit-learn writes into the table, which pandas 3 forbids", "leave keep_empty_features out, or fit on an array")
	}
	initial := e.child("initial_imputer_", e.get("initial_imputer_"))
	if initial == nil {
		return unknownMatrix
	}
	span := e.c.checked(e, in, engine.Check{AllowNaN: p.acceptsNaN()})
	filled := transformSimpleImputer(initial, in)
	initial.close()
	empty := make([]bool, in.width())
	if v, ok := e.obj.Attr("_is_empty_feature"); ok {
		e.has("_is_empty_feature")
		items, _ := sequence(v)
		for i := range min(len(items), len(empty)) {
			empty[i] = items[i] == true
		}
	} else { // before 1.4 the initial imputer told
		for i, v := range initial.statistics(in.width()) {
			empty[i] = isNaN(v)
		}
	}
	t := &iterative{e: e, missing: missing, round: filled}
	var kept []int
	for i := range in.cols {
		if keep || !empty[i] {
			kept = append(kept, i)
		}
	}
	if filled.unknown || filled.width() != len(kept) {
		if !filled.unknown {
			e.refuse("initial_imputer_", fmt.Sprintf("it gives %d columns of %d", filled.width(), len(kept)), "check that the file is whole")
		}
		return unknownMatrix
	}
	t.flags = e.c.b.Floats(len(kept))
	for k, i := range kept {
		flag := engine.Span{Start: t.flags.Start + int32(k), N: 1}
		e.c.b.Add(&engine.Indicate{In: engine.Span{Start: span.Start + int32(i), N: 1}, Out: flag, Missing: engine.Number64(missing)})
		if empty[i] {
			e.c.arith("mul", flag, flag, []float64{0}, float64Type)
		}
	}
	if e.int("n_iter_") == 0 {
		e.ignores("imputation_sequence_", "_min_value", "_max_value")
		return p.withIndicator(in, filled)
	}
	return p.withIndicator(in, t.impute(in, kept))
}

// iterative is the state of an IterativeImputer within a row.
type iterative struct {
	e       *estimator
	missing float64
	// flags are 1 where a kept column was missing.
	flags engine.Span
	// round is what has been imputed so far.
	round matrix
}

// impute runs imputation_sequence_. A row that lacks all columns keeps its initial imputation.
func (t *iterative) impute(in matrix, kept []int) matrix {
	e, c := t.e, t.e.c
	first := c.numbers(e, t.round)
	values := c.copied(first)
	current := c.computed(values, t.round, float64Type).rounded()
	low, high := e.vector("_min_value", -1), e.vector("_max_value", -1)
	for i, item := range e.items("imputation_sequence_") {
		feature, neighbors, child, ok := t.triplet(i, item, len(kept))
		if !ok || feature >= len(low) || feature >= len(high) {
			return unknownMatrix
		}
		flag := engine.Span{Start: t.flags.Start + int32(feature), N: 1}
		seen := current.pick(neighbors)
		inputs, zeros := c.numbers(e, seen), c.b.Floats(len(neighbors))
		for j := range neighbors { // rows that do not lack the column are not predicted, and must not fail
			c.arith("mul", flag, engine.Span{Start: zeros.Start + int32(j), N: 1}, []float64{0}, float64Type)
		}
		c.b.Add(&engine.Choose{Flags: flag, Then: inputs, Else: zeros, Out: zeros})
		got := c.predict(child, c.computed(zeros, seen, float64Type))
		if got.value.span.N != 1 {
			if len(c.reasons) == 0 {
				e.refuse("estimator "+child.class, "it does not predict one number", "use a regressor")
			}
			return unknownMatrix
		}
		predicted := c.b.Floats(1)
		c.b.Add(&engine.Clip{In: got.value.span, Out: predicted, Min: []float64{low[feature]}, Max: []float64{high[feature]}})
		cell := engine.Span{Start: values.Start + int32(feature), N: 1}
		c.b.Add(&engine.Choose{Flags: flag, Then: predicted, Else: cell, Out: cell})
	}
	lacking := c.matMul(t.flags, slices.Repeat([]float64{1}, len(kept)), 1, []float64{-float64(len(kept))})
	out := c.b.Floats(len(kept))
	c.b.Add(&engine.Choose{Flags: lacking, Then: values, Else: first, Out: out})
	return c.imputed(in.pick(kept), out, float64Type).rounded()
}

// triplet reads item i of imputation_sequence_: the column, the columns it is predicted from, the estimator.
func (t *iterative) triplet(i int, item pickle.Value, columns int) (feature int, neighbors []int, child *estimator, ok bool) {
	attribute := fmt.Sprintf("imputation_sequence_[%d]", i)
	var parts []pickle.Value
	if obj, isObject := item.(*pickle.Object); isObject {
		parts = obj.Args
	} else {
		parts, _ = sequence(item)
	}
	if len(parts) != 3 {
		t.e.wrong(attribute, item, "a column, its neighbors and an estimator")
		return 0, nil, nil, false
	}
	f, isInt := pickle.Plain(parts[0]).(int64)
	items, isList := sequence(parts[1])
	ok = isInt && isList && f >= 0 && int(f) < columns
	for _, v := range items {
		n, isInt := pickle.Plain(v).(int64)
		ok = ok && isInt && n >= 0 && int(n) < columns
		neighbors = append(neighbors, int(n))
	}
	if !ok {
		t.e.wrong(attribute, item, "indices of kept columns")
		return 0, nil, nil, false
	}
	child = t.e.child(attribute, parts[2])
	return int(f), neighbors, child, child != nil
}
