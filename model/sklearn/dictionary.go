package sklearn

import (
	"fmt"
	"math"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// dictionaryConverters holds the classes of sklearn.decomposition whose transform solves a problem for each row.
func dictionaryConverters() map[string]converter {
	dictionary := converter{transform: transformDictionary}
	batch := converter{transform: refuseNMF}
	return map[string]converter{
		"sklearn.decomposition._dict_learning.SparseCoder":                 dictionary,
		"sklearn.decomposition._dict_learning.DictionaryLearning":          dictionary,
		"sklearn.decomposition._dict_learning.MiniBatchDictionaryLearning": dictionary,
		"sklearn.decomposition._lda.LatentDirichletAllocation":             {transform: transformLatentDirichletAllocation},
		"sklearn.decomposition._nmf.NMF":                                   batch,
		"sklearn.decomposition._nmf.MiniBatchNMF":                          batch,
	}
}

// transformDictionary follows sklearn.decomposition._dict_learning._BaseSparseCoding._transform and _sparse_encode.
func transformDictionary(e *estimator, in matrix) matrix {
	e.ignores("n_components", "max_iter", "tol", "fit_algorithm", "code_init", "dict_init", "callback", "positive_dict", "n_iter_", "error_", "shuffle", "batch_size",
		"max_no_improvement", "_n_components", "_fit_algorithm", "_batch_size", "_random_state", "_A", "_B", "_ewa_cost", "_ewa_cost_min", "_no_improvement", "n_steps_",
		"n_components_", "alpha", "transform_alpha", "transform_n_nonzero_coefs", "transform_max_iter", "inner_stats_", "iter_offset_", "random_state_", "n_iter", "_inner_stats")
	attribute := "components_"
	if e.has("dictionary") {
		attribute = "dictionary"
	}
	span := e.finite(in, false)
	atoms, n, _, ok := e.table(attribute, -1, in.width())
	if !ok || n == 0 {
		return unknownMatrix
	}
	products := e.c.matMul(span, atoms, n, nil)
	codes := e.c.b.Floats(n)
	loss := answer{}
	positive, split := e.bool("positive_code"), e.bool("split_sign")
	algorithm := e.str("transform_algorithm", "lasso_lars", "lasso_cd", "lars", "omp", "threshold")
	gram := multiply(atoms, transposed(atoms, n), n, in.width(), n)
	switch algorithm {
	case "threshold":
		e.c.b.Add(&engine.Shrink{In: products, Out: codes, By: engine.Number64(e.codeAlpha()), Positive: positive})
	case "omp":
		loss = e.pursue(span, products, codes, gram, positive)
	case "lasso_cd":
		if !e.since(1, 9) {
			e.refuse("transform_algorithm is lasso_cd", "before scikit-learn 1.9 its descent stopped by other rules", "refit with scikit-learn 1.9, or use omp or threshold")
		}
		norm := e.quadraticForm(span, identity(in.width()))
		e.c.b.Add(&engine.Lasso{In: products, SquaredNorm: norm.Start, Out: codes, Alpha: engine.Number64(e.codeAlpha()), Tolerance: 1e-8, Gram: gram,
			Iterations: int32(min(e.int("transform_max_iter"), math.MaxInt32)), Positive: positive, Work: e.c.b.Floats(4 * n)})
	default:
		e.refuse("transform_algorithm is "+algorithm, "the path of least angle regression is not compiled", "use omp, lasso_cd (which solves the problem of lasso_lars) or threshold")
		return unknownMatrix
	}
	if !split {
		out := computedColumns(codes)
		out.loosen(loss)
		return out
	}
	both := e.c.b.Floats(2 * n)
	for k, factor := range []float64{1, -1} {
		half := engine.Span{Start: both.Start + int32(k*n), N: int32(n)}
		e.c.arith("mul", codes, half, []float64{factor}, float64Type)
		e.c.b.Add(&engine.Map{Op: "relu", In: half, Out: half})
	}
	out := computedColumns(both)
	out.loosen(loss)
	return out
}

// codeAlpha is the penalty: transform_alpha, else the alpha of the fit, else 1.
func (e *estimator) codeAlpha() float64 {
	for _, name := range []string{"transform_alpha", "alpha"} {
		if e.has(name) {
			return e.float(name)
		}
	}
	return 1
}

// pursue adds orthogonal matching pursuit of transform_n_nonzero_coefs atoms, by default a tenth of the columns. The coefficients may be off by 32 ulps times the
// condition number of all atoms; a row that loses more is an error (engine.Unstable).
func (e *estimator) pursue(row, products, codes engine.Span, gram []float64, positive bool) answer {
	n := int(products.N)
	atoms := int(min(max(float64(row.N)/10, 1), float64(n)))
	if e.has("transform_n_nonzero_coefs") {
		atoms = e.int("transform_n_nonzero_coefs")
	}
	if positive || atoms < 1 || atoms > n {
		e.refuse(fmt.Sprintf("transform_algorithm is omp with positive_code=%v and %d atoms of %d", positive, atoms, n),
			"scikit-learn raises for every row", "take 1 to n_components atoms of any sign")
		return answer{}
	}
	bound := roundingTolerance
	if f := factor(gram, n); f.regular && atoms > 1 {
		bound = min(max(bound, 0x1p-47*maxNorm(gram, n)*maxNorm(f.inverse(), n)), worstTolerance)
	}
	e.c.b.Add(&engine.Pursuit{In: products, Out: codes, Row: row, Atoms: int32(atoms), Bound: engine.Number64(bound), Work: e.c.b.Floats(engine.PursuitWork(n, atoms)), Gram: gram})
	return answer{tolerance: bound, reason: "the atoms are nearly dependent"}
}

// transformLatentDirichletAllocation follows sklearn.decomposition.LatentDirichletAllocation.transform.
func transformLatentDirichletAllocation(e *estimator, in matrix) matrix {
	e.ignores("n_components", "doc_topic_prior", "topic_word_prior", "learning_method", "learning_decay", "learning_offset", "max_iter", "batch_size", "evaluate_every",
		"total_samples", "perp_tol", "random_state_", "n_batch_iter_", "n_iter_", "topic_word_prior_", "components_", "bound_", "_n_components")
	span := e.finite(in, true)
	e.nonNegative(in, span)
	words, n, _, ok := e.table("exp_dirichlet_component_", -1, in.width())
	if !ok || n == 0 {
		return unknownMatrix
	}
	out := e.c.b.Floats(n)
	e.c.b.Add(&engine.Topics{In: span, Out: out, Prior: engine.Number64(e.float("doc_topic_prior_")), Tolerance: engine.Number64(e.float("mean_change_tol")),
		Iterations: int32(min(e.int("max_doc_update_iter"), math.MaxInt32)), Work: e.c.b.Floats(2 * n), Words: words})
	e.c.b.Add(&engine.Normalize{In: out, Out: out, ZeroSum: "nan"})
	return computedColumns(out)
}

// refuseNMF says why NMF has no plan: its iterations stop by a sum over all rows of the batch, and the answers of a row alone and
// among others differ by 8e-5 (cd) to 8e-3 (mu) on scikit-learn's iris data.
func refuseNMF(e *estimator, _ matrix) matrix {
	if state, ok := e.obj.State.(*pickle.Dict); ok {
		for _, p := range state.Pairs {
			if name, ok := p.Key.(string); ok {
				e.ignores(name)
			}
		}
	}
	e.refuse("its transform", "it iterates until all rows of a batch together have converged, so a row has another answer among other rows (1e-4 to 1e-2 apart on iris)",
		"use TruncatedSVD, PCA or LatentDirichletAllocation")
	return unknownMatrix
}
