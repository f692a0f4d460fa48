"""Cases of the transformers, the clusterings and the vectorizers for model/sklearn/testdata/transformers.

Each scikit-learn version has written its own files and answers, by write_versions.py. 1.2.0 is there beside 1.2.2 because
the category that OneHotEncoder drops has another name, 1.3.0 because KNNImputer forgets its indicator.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import sklearn
from packed import Packed, main
from parity import Texts, fit, pipe
from parity_models import classes, table, target
from sklearn import cluster, decomposition, feature_selection, impute, manifold, preprocessing, random_projection
from sklearn.cross_decomposition import CCA, PLSSVD, PLSCanonical, PLSRegression
from sklearn.ensemble import RandomForestClassifier, RandomTreesEmbedding
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import NeighborhoodComponentsAnalysis

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
NAN = float("nan")
X = np.column_stack([table()[:, [0, 2, 4]], np.log(table()[:, 1])])[:60]
GAPS = np.where(np.arange(240).reshape(60, 4) % 7 == 3, NAN, X)
Y = target(X)
YY = np.column_stack([Y, -Y + X[:, 0]])
K = classes(X, 3)
ROWS = np.vstack([X[:5] + 0.01, X[5:8] + 0.1, [[0.0, 1, 0.1, NAN], [9.0, -9, 0, 1], [-0.0, 2, 0.1, 1e5], [np.inf, 0, 0, 0]]])


def add(cases: Packed, model: Any, data: Any = X, y: Any = None, rows: Any = ROWS) -> None:
    """Fit and add a case."""
    cases.add(f"{len(cases.lines)} {type(model).__name__}", fit(model, data, y), rows, exact=False, batch=True)


def scaling(cases: Packed) -> None:
    """Add sklearn.preprocessing, but for what parity_versions.py has."""
    p = preprocessing
    for model in (
        p.RobustScaler(),
        p.RobustScaler(with_centering=False, unit_variance=True),
        p.MaxAbsScaler(),
        p.Normalizer("l1"),
        p.Normalizer("max"),
        p.Binarizer(threshold=0.3),
        p.PolynomialFeatures(),
        p.PolynomialFeatures((2, 3), interaction_only=True, include_bias=False),
        *(p.SplineTransformer(4, extrapolation=e) for e in ("constant", "linear", "continue", "periodic", "error")),
        p.SplineTransformer(4, degree=2, knots="quantile", include_bias=False),
        p.KBinsDiscretizer(3, encode="onehot", strategy="uniform"),
        p.KBinsDiscretizer(3, encode="onehot-dense", strategy="quantile"),
        p.KBinsDiscretizer(3, encode="ordinal", strategy="kmeans"),
        p.PowerTransformer(),
        p.PowerTransformer(standardize=False),
        p.QuantileTransformer(n_quantiles=9),
        p.QuantileTransformer(n_quantiles=9, output_distribution="normal"),
        p.FunctionTransformer(np.log1p),
    ):
        add(cases, model)
    add(cases, p.PowerTransformer(method="box-cox"), np.abs(X) + 0.1, rows=np.vstack([np.abs(ROWS) + 0.1, ROWS[-4:]]))
    levels = pd.DataFrame({"s": pd.Series(["a", "b", "é", "a", "b", "a"] * 10, dtype=object), "n": np.arange(60) % 4 * 1.0})
    asked = pd.DataFrame({"s": pd.Series(["a", "b", "é", "?", None], dtype=object), "n": [0, 1, 3, 9, NAN]})
    if VERSION >= (1, 3):
        for y, smooth in ((Y, "auto"), (K, 3.0), (K > 0, "auto")):
            if y is K and VERSION < (1, 4):
                continue
            model = fit(p.TargetEncoder(smooth=smooth, random_state=0), levels, y)
            cases.add(f"{len(cases.lines)} TargetEncoder", model, asked, sample=levels, exact=False, batch=True)
    dense = {"sparse_output": False}
    for options in (dense, {"drop": ["a", 0.0], **dense}, {"max_categories": 2, "handle_unknown": "infrequent_if_exist"}):
        cases.add(f"{len(cases.lines)} OneHotEncoder", fit(p.OneHotEncoder(**options), levels), asked, sample=levels, batch=True)
    for model in (
        impute.KNNImputer(n_neighbors=3),
        impute.MissingIndicator(),
        impute.MissingIndicator(features="all"),
        impute.IterativeImputer(max_iter=2, random_state=0),
        impute.IterativeImputer(max_iter=2, random_state=0, initial_strategy="median", min_value=-5, add_indicator=True),
    ):
        add(cases, model, GAPS)
    indicating = fit(impute.KNNImputer(weights="distance", add_indicator=True), GAPS)
    if VERSION >= (1, 3) and sklearn.__version__ != "1.3.0":
        add(cases, indicating, GAPS)
    else:
        cases.refused("KNNImputer with an indicator", indicating, ["add_indicator is True: before scikit-learn 1.3.1"])


def selection(cases: Packed) -> None:
    """Add sklearn.feature_selection."""
    s = feature_selection
    estimator = LogisticRegression()
    for model in (
        s.VarianceThreshold(0.1),
        s.SelectKBest(k=2),
        s.SelectPercentile(percentile=50),
        s.SelectFpr(alpha=0.5),
        s.SelectFdr(alpha=0.5),
        s.SelectFwe(alpha=0.5),
        s.GenericUnivariateSelect(mode="k_best", param=2),
        s.RFE(estimator, n_features_to_select=2),
        s.RFECV(estimator, cv=3),
        s.SelectFromModel(estimator),
        s.SelectFromModel(RandomForestClassifier(3, max_depth=2, random_state=0), threshold="median", max_features=2),
        s.SequentialFeatureSelector(estimator, n_features_to_select=2, cv=3),
    ):
        add(cases, model, y=K)


def components(cases: Packed) -> None:
    """Add the decompositions, the projections and the manifolds."""
    d, small = decomposition, {"n_components": 2, "random_state": 0}
    for model in (
        d.PCA(2),
        d.PCA(2, whiten=True, svd_solver="full"),
        d.IncrementalPCA(2),
        d.TruncatedSVD(**small),
        d.FastICA(whiten="unit-variance", **small),
        d.FactorAnalysis(**small),
        d.SparsePCA(max_iter=20, **small),
        d.MiniBatchSparsePCA(batch_size=10, **small),
        d.DictionaryLearning(max_iter=10, transform_algorithm="omp", **small),
        d.MiniBatchDictionaryLearning(batch_size=10, transform_algorithm="threshold", transform_alpha=0.1, **small),
        random_projection.GaussianRandomProjection(**small),
        random_projection.SparseRandomProjection(density=0.5, **small),
        manifold.Isomap(n_neighbors=8),
        manifold.LocallyLinearEmbedding(n_neighbors=8, random_state=0),
        RandomTreesEmbedding(3, max_depth=2, random_state=0),
    ):
        add(cases, model)
    add(cases, NeighborhoodComponentsAnalysis(max_iter=5, **small), y=K)
    positive, asked = np.abs(X), np.vstack([np.abs(ROWS), ROWS[-4:]])
    add(cases, d.LatentDirichletAllocation(max_iter=3, **small), positive, rows=asked)
    for model in (PLSRegression(2), PLSRegression(2, scale=False), PLSCanonical(2), CCA(2)):
        add(cases, model, y=YY)
        head = fit(LogisticRegression(), model.transform(X), K)
        cases.add(f"{len(cases.lines)} {type(model).__name__} reduces", pipe(model, head), ROWS, exact=False, batch=True)
    add(cases, PLSRegression(2), y=Y)
    add(cases, PLSSVD(2), y=YY)


def clusters(cases: Packed) -> None:
    """Add sklearn.cluster."""
    c = cluster
    for model in (
        c.KMeans(3, n_init=2, random_state=0),
        c.KMeans(3, n_init=2, random_state=0, algorithm="elkan"),
        c.MiniBatchKMeans(3, n_init=2, random_state=0, batch_size=20),
        c.BisectingKMeans(3, random_state=0),
        c.Birch(n_clusters=3),
        c.Birch(n_clusters=None, threshold=1.5),
        c.MeanShift(bandwidth=2.0),
        c.AffinityPropagation(random_state=0),
        c.FeatureAgglomeration(2),
        c.FeatureAgglomeration(2, pooling_func=np.max),
    ):
        add(cases, model)
        if hasattr(model, "predict") and hasattr(model, "transform"):
            add(cases, pipe(model, preprocessing.MinMaxScaler()))


def words(cases: Packed) -> None:
    """Add sklearn.feature_extraction.text; idf_ is a diagonal matrix until 1.4."""
    docs = Texts(["the quick brown fox", "a lazy dog, the fox", "naïve café dogs", "dog eat dog world", "", "Straße 12"])
    asked = Texts(["The Fox", "dog dog DOG", "cafe café", "x", "", "unseen words", "ıİ Σ ς"])
    for model in (
        CountVectorizer(),
        CountVectorizer(stop_words="english", ngram_range=(1, 2), binary=True),
        TfidfVectorizer(),
        TfidfVectorizer(sublinear_tf=True, smooth_idf=False, norm="l1", strip_accents="unicode"),
        TfidfVectorizer(use_idf=False, dtype=np.float32),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3), max_features=40),
        HashingVectorizer(n_features=32),
        pipe(CountVectorizer(), TfidfTransformer()),
        pipe(CountVectorizer(), TfidfTransformer(use_idf=False, norm=None)),
    ):
        add(cases, model, docs, rows=asked)
    add(cases, pipe(TfidfVectorizer(), MultinomialNB()), docs, np.arange(6) % 2, asked)


if __name__ == "__main__":
    main(scaling, selection, components, clusters, words)
