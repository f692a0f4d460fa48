"""Cases of KNNImputer, MissingIndicator and IterativeImputer for model/sklearn/impute_test.go."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
from parity import Cases, fit, main, pipe
from sklearn.ensemble import RandomForestRegressor
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.tree import DecisionTreeRegressor
from tables import add, every

NAN = float("nan")
some = every(3)


def data(n: int = 40, empty: bool = False, columns: int = 5) -> Any:
    """Return columns that depend on each other, with missing cells; the last one is whole, one may be empty."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, columns)) @ rng.normal(size=(columns, columns))
    X[:, :-1][rng.random((n, columns - 1)) < 0.25] = NAN
    if empty:
        X[:, 1] = NAN
    return X


def add_near(cases: Cases, name: str, imputer: Any, X: Any, marker: float = NAN) -> None:
    """Add an imputer with rows like those of X."""
    rows = np.vstack([X[:10], X[10:16] * 1.5, X[:4] + 0.25])
    rows[:, 0][10:13] = marker
    rows[-1] = marker
    rows[-2, :-1] = marker
    cases.add(name, fit(imputer, X), rows, exact=False)
    infinite = rows[:1].copy()
    infinite[0, -1] = np.inf
    cases.add(f"{name}, infinite", imputer, infinite, exact=False, may_fail=True)


def nearest(cases: Cases) -> None:
    """Add KNNImputer: weights, neighbors, missing_values, empty columns, indicators."""
    X = data()
    for weights, k in itertools.product(["uniform", "distance"], [1, 2, 5, 100]):
        add_near(cases, f"knn {weights} {k}", KNNImputer(weights=weights, n_neighbors=k), X)
    for keep, indicator in itertools.product([False, True], repeat=2):
        imputer = KNNImputer(keep_empty_features=keep, add_indicator=indicator)
        add_near(cases, f"knn empty {keep} {indicator}", imputer, data(empty=True))
    add_near(cases, "knn marked", KNNImputer(missing_values=-1, weights="distance"), np.nan_to_num(X, nan=-1), -1)
    steps = pipe(KNNImputer(add_indicator=True), LogisticRegression())
    add(cases, "knn in a pipeline", steps, pd.DataFrame(X, columns=list("abcde")), y=np.arange(40) % 2, exact=False, per_column=0)


def ties(cases: Cases) -> None:
    """Add rows with more donors at the same distance than are taken: an error where they differ, as numpy takes any."""
    X = np.array([[1.0, 0], [2, 2], [9, 7], [2, 9], [5, 20], [5, 22], [5, 24]])
    for k, weights in itertools.product([1, 3], ["uniform", "distance"]):
        imputer = fit(KNNImputer(n_neighbors=k, weights=weights), X)
        undecided = np.array([[NAN, 1.0]]) if k == 1 else np.array([[NAN, 4.5]])
        cases.rejected(f"knn tie {k} {weights}", imputer, undecided)
        cases.add(
            f"knn ties of equal donors {k} {weights}", imputer, np.array([[NAN, 21.0], [NAN, 23.0]])[: 2 - k // 2], exact=False
        )


def beside_donors(cases: Cases) -> None:
    """Add rows that are donors but for the missing cell: an error where rounding noise decides the weights."""
    X = np.random.default_rng(3).normal(size=(30, 4))
    imputer = fit(KNNImputer(weights="distance"), X)
    missing = X[:6].copy()
    missing[:, 1] = NAN
    cases.refused("knn float32", fit(KNNImputer(), X.astype(np.float32)), ["_fit_X is float32"])
    cases.rejected("knn at donors", imputer, missing)
    cases.add("knn near donors", imputer, missing + 1e-3, exact=False)
    whole = (X * 9).round() + np.arange(30)[:, None] * [0, 0, 0, 40]
    missing = whole[:6].copy()
    missing[:, 1] = NAN
    cases.add("knn at donors of whole numbers", fit(KNNImputer(weights="distance"), whole), missing, exact=False)


def indicators(cases: Cases) -> None:
    """Add MissingIndicator: features, sparse, new missing cells, objects."""
    X = data()
    for features, sparse, error in itertools.product(["missing-only", "all"], ["auto", True, False], [True, False]):
        indicator = MissingIndicator(features=features, sparse=sparse, error_on_new=error)
        some(cases, f"indicator {features} {sparse} {error}", indicator, X, per_column=2)
    some(cases, "indicator marked", MissingIndicator(missing_values=-1), np.nan_to_num(X, nan=-1))
    frame = pd.DataFrame({"s": ["a", NAN, "b", "?"] * 3, "n": [1.0, 2, NAN, 3] * 3})
    add(cases, "indicator objects", MissingIndicator(features="all"), frame)
    add(cases, "indicator of a text", MissingIndicator(missing_values="?", features="all"), frame[["s"]].fillna("c"))


def rounds(cases: Cases) -> None:
    """Add IterativeImputer: estimators, orders, bounds, neighbors, empty columns, indicators."""
    X = data()
    estimators: list[Any] = [None, LinearRegression(), Ridge(), DecisionTreeRegressor(max_depth=3), RandomForestRegressor(3)]
    for estimator in estimators:
        imputer = IterativeImputer(estimator, max_iter=3, random_state=1)
        add(cases, f"iterative {estimator}", imputer, X, exact=False, per_column=3)
    for order in ("ascending", "descending", "roman", "arabic", "random"):
        some(cases, f"iterative {order}", IterativeImputer(imputation_order=order, random_state=1), X, exact=False)
    for strategy in ("mean", "median", "most_frequent", "constant"):
        some(cases, f"iterative {strategy}", IterativeImputer(initial_strategy=strategy, max_iter=2), X, exact=False)
    others: list[dict[str, Any]] = [
        {"min_value": -0.5, "max_value": 0.75},
        {"n_nearest_features": 2, "random_state": 1},
        {"skip_complete": True},
        {"max_iter": 0},
        {"add_indicator": True},
        {"initial_strategy": "constant", "fill_value": 3.5, "max_iter": 1},
    ]
    for options in others:
        add(cases, f"iterative {options}", IterativeImputer(**options), X, exact=False, per_column=2)
    for keep, indicator in itertools.product([False, True], repeat=2):
        imputer = IterativeImputer(keep_empty_features=keep, add_indicator=indicator, max_iter=2)
        rows = data(empty=keep)[:12]
        if keep:
            rows[:, 1] = 7  # scikit-learn writes into a column that was empty in the fit
        cases.add(f"iterative empty {keep} {indicator}", fit(imputer, data(empty=True)), rows, exact=False)
    add(cases, "iterative marked", IterativeImputer(missing_values=-1, max_iter=2), np.nan_to_num(X, nan=-1), exact=False)
    refused = IterativeImputer(sample_posterior=True, random_state=1).fit(X)
    cases.refused("iterative posterior", refused, ["sample_posterior is True"])
    steps = pipe(SimpleImputer(), IterativeImputer())
    add(cases, "iterative without missing cells", steps, X, exact=False)


if __name__ == "__main__":
    main(nearest, ties, beside_donors, indicators, rounds)
