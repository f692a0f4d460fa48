"""Cases of the decompositions, projections, cross decompositions, EllipticEnvelope and FeatureAgglomeration."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from parity import Cases, fit, main, pipe
from sklearn.cluster import FeatureAgglomeration
from sklearn.covariance import EllipticEnvelope
from sklearn.cross_decomposition import CCA, PLSSVD, PLSCanonical, PLSRegression
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import (
    NMF,
    PCA,
    DictionaryLearning,
    FactorAnalysis,
    FastICA,
    IncrementalPCA,
    LatentDirichletAllocation,
    MiniBatchDictionaryLearning,
    MiniBatchSparsePCA,
    SparseCoder,
    SparsePCA,
    TruncatedSVD,
)
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, OneHotEncoder, RobustScaler, StandardScaler
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection
from sklearn.tree import DecisionTreeClassifier

NAN = float("nan")


def data(columns: int = 5, n: int = 40) -> Any:
    """Return columns that depend on each other."""
    rng = np.random.default_rng(1)
    return rng.normal(size=(n, columns)) @ rng.normal(size=(columns, columns)) + rng.normal(size=columns)


def rows(X: Any) -> Any:
    """Return ordinary and hard rows: far, exact zeros, missing, infinite."""
    hard = np.array([np.abs(X[0]) * 0, X[1] * 1e6, X[2] * 1e-9, np.where(np.arange(X.shape[1]) == 1, NAN, X[3])])
    return np.vstack([X[:6], hard, np.where(np.arange(X.shape[1]) == 0, np.inf, X[:1])])


def letters() -> Any:
    """Return two columns of strings."""
    return np.array([list("abcabdeffg" * 2), list("xxyyzxyxyz" * 2)], dtype=object).T


def linear(cases: Cases) -> None:
    """Add the classes whose transform is a linear map, dense and sparse."""
    X = data()
    estimators: list[Any] = [PCA(n, whiten=whiten) for n, whiten in itertools.product([None, 1, 3, 0.9, "mle"], [False, True])]
    estimators += [PCA(2, svd_solver=solver, random_state=1) for solver in ("arpack", "randomized", "covariance_eigh", "full")]
    estimators += [IncrementalPCA(3, whiten=whiten, batch_size=15) for whiten in (False, True)]
    estimators += [TruncatedSVD(2, algorithm=a, random_state=1) for a in ("arpack", "randomized")]
    estimators += [FactorAnalysis(n, rotation=r, random_state=1) for n, r in ((2, None), (3, "varimax"), (2, "quartimax"))]
    whitenings: list[Any] = ["unit-variance", "arbitrary-variance", False]
    estimators += [FastICA(None if w is False else 2, whiten=w, random_state=1, max_iter=500) for w in whitenings]
    estimators += [SparsePCA(2, ridge_alpha=a, random_state=1, max_iter=20) for a in (0.01, 3)]
    few = fit(SparsePCA(2, random_state=1, max_iter=20), X)
    few.components_ = np.array([[1.0, 0, 0, 0, 0], [0.5, 1, 0, 0, 0]])
    cases.add("sparse components", few, X[:3], exact=False)
    cases.rejected("sparse components of a huge row", few, np.array([[1.01e300, -0.005e300 * (1 + 1e-7), 1.0, 1.2, 1.0]]))
    twice = np.column_stack([X, X])
    for scaler in (StandardScaler(), MinMaxScaler(), RobustScaler(), MaxAbsScaler()):
        near = rows(twice)[[0, 1, 2, 3, 4, 5, 6, 8, 9]]
        cases.add(f"{scaler} of components", fit(pipe(PCA(5), scaler), twice), near, exact=False)
    noise = fit(pipe(PCA(6), StandardScaler()), twice)
    noise.steps[1][1].scale_[5] = 1e-16
    cases.refused("a scaler of rounding noise", noise, ["the step before leaves rounding errors of"])
    little = X * [1, 1, 1, 1, 0] + np.arange(len(X))[:, None] * [0, 0, 0, 0, 1e-7]
    cases.add("a small component, scaled", fit(pipe(PCA(), StandardScaler()), little), little[:5], exact=False)
    dependent = fit(SparsePCA(8, ridge_alpha=1e-12, random_state=1, max_iter=20), twice)
    dependent.components_[1] = dependent.components_[0]
    cases.refused("dependent sparse components", dependent, ["they are so nearly dependent"])
    estimators += [SparsePCA(7, alpha=0.1, random_state=1, max_iter=20), MiniBatchSparsePCA(2, random_state=1, max_iter=3)]
    estimators += [GaussianRandomProjection(3, random_state=1), SparseRandomProjection(3, random_state=1)]
    for estimator in estimators:
        cases.add(f"{estimator}", fit(estimator, X), rows(X), exact=False)
    sparse: list[Any] = [PCA(2), TruncatedSVD(2), IncrementalPCA(2), GaussianRandomProjection(3, random_state=1)]
    sparse += [SparseRandomProjection(3, random_state=1, dense_output=dense, density=0.5) for dense in (False, True)]
    for estimator in sparse:
        steps = pipe(OneHotEncoder(handle_unknown="ignore"), estimator, MaxAbsScaler())
        cases.add(f"sparse {estimator}", fit(steps, letters()), letters()[:8], exact=False)
    steps = pipe(StandardScaler(), PCA(3), LogisticRegression())
    cases.add("PCA before a classifier", fit(steps, X, X[:, 0] > 0), rows(X), exact=False)
    constant = np.column_stack([X, np.ones(len(X))])
    singular = fit(PCA(), constant)
    alone = fit(pipe(singular, StandardScaler(with_mean=False, with_std=False)), constant)  # it has no score_samples
    note = "pca (sklearn.decomposition._pca.PCA): the answers have no score_samples: the covariance has the condition number"
    cases.add("singular covariance", singular, rows(constant)[:3], asked=alone, notes=[note], exact=False)
    cases.add("singular covariance in a pipeline", fit(pipe(PCA(), StandardScaler()), X), rows(X)[:3], exact=False)
    repeated = np.column_stack([X, X[:, :1]])
    for whitened in (PCA(whiten=True), IncrementalPCA(whiten=True)):
        cases.refused(
            f"{whitened} of a repeated column", fit(pipe(whitened, MaxAbsScaler()), repeated), ["component 5 has the deviation"]
        )
    unlike = X * [1e5, 1, 1, 1, 0.1]
    cases.add(
        "whitened columns of unlike sizes", fit(pipe(PCA(whiten=True), MaxAbsScaler()), unlike), rows(unlike)[:6], exact=False
    )


def codes(cases: Cases) -> None:
    """Add the classes that solve a problem for each row: sparse codes and topics."""
    X = data()
    rng = np.random.default_rng(3)
    atoms = rng.normal(size=(7, 5))
    atoms /= np.linalg.norm(atoms, axis=1)[:, None]
    near = rows(X)[[0, 1, 2, 3, 4, 5, 6, 8, 9, 10]]
    coders: list[Any] = [SparseCoder(atoms, transform_algorithm="omp", transform_n_nonzero_coefs=k) for k in (None, 1, 3, 5)]
    for alpha, split, positive in itertools.product([None, 0.0, 0.3, 2.0], [False, True], [False, True]):
        for algorithm in ("threshold", "lasso_cd"):
            options: dict[str, Any] = {"transform_alpha": alpha, "split_sign": split, "positive_code": positive}
            coders.append(SparseCoder(atoms, transform_algorithm=algorithm, transform_max_iter=2000, **options))
    coders.append(SparseCoder(np.vstack([atoms[:2], atoms[:1], 0 * atoms[:1]]), transform_n_nonzero_coefs=4))
    for coder in coders:
        cases.add(f"{coder}", fit(coder, X), near, exact=False)
    for learning in (
        DictionaryLearning(3, max_iter=5, random_state=1),
        MiniBatchDictionaryLearning(3, max_iter=2, random_state=1),
    ):
        cases.add(f"{learning}", fit(learning, X), near, exact=False)
        learning.set_params(transform_algorithm="lasso_cd", split_sign=True)
        cases.add(f"{learning}", fit(learning, X), near, exact=False)
    learning = DictionaryLearning(3, max_iter=5, random_state=1, transform_algorithm="lasso_cd", split_sign=True)
    wider = fit(pipe(learning, DecisionTreeClassifier()), X, X[:, 0] > 0)
    cases.refused("a step behind twice the columns of the fit", wider, ["the step gets 6 columns"])
    near = np.vstack([np.eye(1, 5), np.eye(1, 5) + 0.02 * np.eye(1, 5, 1), np.eye(1, 5, 2)])
    cases.add("nearly dependent atoms", fit(SparseCoder(near, transform_n_nonzero_coefs=3), X), X[:8], exact=False)
    alike = fit(SparseCoder(np.eye(5) + 0.1, transform_n_nonzero_coefs=2), X)
    cases.rejected("atoms that rounding chooses between", alike, np.array([[0.3, 0.3, 0.1, 0.3, 0.2]]))
    cases.refused("lars", fit(SparseCoder(atoms, transform_algorithm="lars"), X), ["transform_algorithm is lars"])
    cases.refused("NMF", fit(NMF(2, max_iter=20), np.abs(X)), ["its transform"])
    counts = rng.poisson(1.5, size=(30, 6)).astype(float)
    hard = np.vstack([counts[:6], counts[:1] * 0, counts[:1] + 0.25, counts[:1] * 1e6, -counts[:1]])
    topics: list[Any] = [LatentDirichletAllocation(k, random_state=1, max_iter=3) for k in (1, 2, 5)]
    topics += [LatentDirichletAllocation(2, doc_topic_prior=0.1, topic_word_prior=0.9, max_iter=2, max_doc_update_iter=3)]
    topics += [LatentDirichletAllocation(3, mean_change_tol=1e-7, learning_method="online", max_iter=2)]
    for topic in topics:
        cases.add(f"{topic}", fit(topic, counts), hard, exact=False)
    steps = pipe(OneHotEncoder(handle_unknown="ignore"), LatentDirichletAllocation(2, random_state=1, max_iter=2))
    cases.add("topics of a sparse matrix", fit(steps, letters()), letters()[:8], exact=False)


def cross(cases: Cases) -> None:
    """Add the cross decompositions with one and two targets."""
    X = data()
    Y = X[:, :2] @ np.array([[1, 2], [0.5, -1]]) + np.random.default_rng(2).normal(size=(len(X), 2))
    for scale, estimator in itertools.product([True, False], [PLSRegression, PLSCanonical, CCA, PLSSVD]):
        cases.add(f"{estimator.__name__} {scale}", fit(estimator(2, scale=scale), X, Y), rows(X), exact=False)
    cases.add("PLSRegression of one", fit(PLSRegression(3), X, Y[:, 0]), rows(X), exact=False)
    cases.add("PLSRegression of a column", fit(PLSRegression(1), X, Y[:, :1]), rows(X), exact=False)
    pls = fit(PLSRegression(2), X, Y[:, 0])
    cases.add("PLSRegression transforms", pipe(pls, fit(StandardScaler(), pls.transform(X))), rows(X), exact=False)


def groups(cases: Cases) -> None:
    """Add EllipticEnvelope and FeatureAgglomeration."""
    X = data(4)
    for store, centered in itertools.product([True, False], repeat=2):
        envelope = EllipticEnvelope(store_precision=store, assume_centered=centered, random_state=1, contamination=0.2)
        cases.add(f"envelope {store} {centered}", fit(envelope, X), rows(X), exact=False)
    raw = load_breast_cancer().data
    cases.add("envelope of large scores", fit(EllipticEnvelope(random_state=0), raw), raw, exact=False)
    X = data(9)
    for pooling, clusters in itertools.product([np.mean, np.max, np.min, np.median], [1, 3, 9]):
        agglomeration = FeatureAgglomeration(clusters, pooling_func=pooling)
        cases.add(f"agglomeration {pooling.__name__} {clusters}", fit(agglomeration, X), rows(X))
    cases.refused("agglomeration sum", fit(FeatureAgglomeration(pooling_func=np.sum), X), ["pooling_func is numpy.sum"])


if __name__ == "__main__":
    main(linear, codes, cross, groups)
