"""Cases of the selectors of columns for model/sklearn/feature_selection_test.go."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
from parity import Cases, fit, main, pipe
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_selection import (
    RFE,
    RFECV,
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
    f_regression,
)
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from tables import every

NAN = float("nan")
add = every(3)


def data() -> tuple[Any, Any]:
    """Return columns, two of them equal and one constant, and three classes."""
    rng = np.random.default_rng(1)
    X = np.round(rng.normal(size=(50, 9)), 2)
    X[:, 4], X[:, 7] = X[:, 3], 1.0
    return X, (X[:, 0] + X[:, 3] + rng.normal(size=50) > 0).astype(int) + (X[:, 1] > 1)


def univariate(cases: Cases) -> None:
    """Add the selectors by single columns."""
    X, y = data()
    selectors: list[Any] = [SelectKBest(k=k) for k in (1, 3, "all")]
    selectors += [SelectPercentile(percentile=p) for p in (1, 10, 33, 60, 99, 100)]
    selectors += [c(alpha=a) for c, a in itertools.product([SelectFpr, SelectFdr, SelectFwe], [0.2, 0.6])]
    generic = {"percentile": 40, "k_best": 2, "fpr": 0.1, "fdr": 0.2, "fwe": 0.3}
    selectors += [GenericUnivariateSelect(mode=mode, param=param) for mode, param in generic.items()]
    selectors += [VarianceThreshold(), VarianceThreshold(0.9), SelectKBest(f_regression, k=4)]
    for selector in selectors:
        add(cases, f"{selector}", selector, X, y=y, per_column=2)
    ties: list[list[float]] = [[1, 1, 1, 2], [3, 1, 1, 1], [NAN, 1, np.inf, 1, 1, 0, 0]]
    for percentile, scores in itertools.product([30, 50, 75], ties):
        selector = SelectPercentile(percentile=percentile)
        selector.scores_, selector.n_features_in_ = np.array(scores, dtype=float), len(scores)
        cases.add(f"percentile {percentile} of {scores}", selector, np.arange(len(scores), dtype=float).reshape(1, -1))
    cases.refused("k_best of a fraction", fit(GenericUnivariateSelect(mode="k_best"), X, y), ["param is 1e-05"])
    frame = pd.DataFrame(X, columns=list("abcdefghi")).assign(c=X[:, 2] > 0)
    add(cases, "frame", SelectKBest(k=3), frame, y=y)
    add(cases, "pandas output", SelectKBest(k=3).set_output(transform="pandas"), frame, y=y, per_column=2)
    missing = X.copy()
    missing[3:9, 2:5] = NAN
    add(cases, "variance of missing", VarianceThreshold(0.5), missing)
    letters = np.array([list("abcab" * 4), list("xxyyz" * 4)], dtype=object).T
    add(cases, "sparse", pipe(OneHotEncoder(handle_unknown="ignore"), SelectKBest(k=3)), letters, y=np.arange(20) % 2)
    union = FeatureUnion([("none", SelectKBest(k=0)), ("some", PCA(2))])  # numpy.empty(0) and dense columns: no sparse matrix
    trees = KNeighborsClassifier(20, algorithm="kd_tree")
    model = fit(pipe(OneHotEncoder(), union, trees), letters, np.arange(20) % 2)
    cases.add("no columns of a sparse matrix", model, letters, exact=False)
    add(cases, "variance sparse", pipe(OneHotEncoder(handle_unknown="ignore"), VarianceThreshold(0.2)), letters)


def models(cases: Cases) -> None:
    """Add SelectFromModel: importances of every kind, thresholds, norms, max_features."""
    X, y = data()
    fitted: list[Any] = [
        LogisticRegression(),
        LogisticRegression(l1_ratio=1, solver="saga", max_iter=20),
        Lasso(0.05),
        ElasticNet(0.1),
        LinearSVC(penalty="l1"),
        DecisionTreeClassifier(max_depth=4),
        DecisionTreeRegressor(criterion="absolute_error"),
        RandomForestClassifier(5, random_state=1),
        ExtraTreesRegressor(4, random_state=1),
        GradientBoostingClassifier(n_estimators=4),
        GradientBoostingRegressor(n_estimators=6),
        AdaBoostClassifier(n_estimators=4),
    ]
    for model in fitted:
        add(cases, f"from {model}", SelectFromModel(model), X, y=y, per_column=3)
    for threshold in ("mean", "median", "0.5*mean", " 1.2 * median", 0.1, -np.inf):
        add(
            cases, f"threshold {threshold}", SelectFromModel(RandomForestClassifier(3), threshold=threshold), X, y=y, per_column=1
        )
    for order in (1, 2, 3, -1, np.inf, -np.inf):
        add(cases, f"norm {order}", SelectFromModel(LogisticRegression(), norm_order=order), X, y=y, per_column=1)
    for most in (1, 4, lambda X: 2):
        selector = fit(SelectFromModel(Ridge(), max_features=most), X, y)
        selector.max_features = 2 if callable(most) else most
        cases.add(f"max_features {selector.max_features}", selector, X[:4])
    prefit = SelectFromModel(fit(Ridge(), X, y), prefit=True)
    cases.add("prefit", prefit, X[:4])
    named = SelectFromModel(pipe(Ridge()), importance_getter="named_steps.s0.coef_")
    cases.refused("importances by a property", fit(named, X, y), ["the file does not store named_steps"])


def wrappers(cases: Cases) -> None:
    """Add RFE, RFECV and SequentialFeatureSelector, as transformers and as predictors."""
    X, y = data()
    regression = (RFE(LinearRegression(), n_features_to_select=3), RFE(DecisionTreeRegressor(), n_features_to_select=0.5))
    classification = (RFE(LogisticRegression(), step=2), RFECV(LogisticRegression(), cv=2), RFE(RandomForestClassifier(3)))
    for selector in (*regression, *classification):
        add(cases, f"{selector} predicts", selector, X, y=y, per_column=1, exact=False)
    for model in (DecisionTreeClassifier(), LogisticRegression(), HistGradientBoostingClassifier(max_iter=3)):
        sequential = SequentialFeatureSelector(model, n_features_to_select=2, cv=2)
        add(cases, f"sequential {model}", sequential, X[:, :4], y=y, per_column=2)
    steps = pipe(RFE(DecisionTreeClassifier(), n_features_to_select=3), LogisticRegression())
    add(cases, "RFE in a pipeline", steps, X, y=y, per_column=1, exact=False)


if __name__ == "__main__":
    main(univariate, models, wrappers)
