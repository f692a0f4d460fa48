"""Cases of sklearn.naive_bayes, discriminant_analysis, isotonic and dummy for model/sklearn/naive_bayes_test.go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from parity import FULL, Cases, fit, main, pipe
from parity_models import classes, frame, hard_rows, table, target
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

X = np.column_stack([table()[:, [0, 2, 4]], np.log(table()[:, 1])])
NAMES = np.array(["d", "a", "c", "b"])
ROWS = hard_rows(X, [])[:: 1 if FULL else 2]
COUNTS = np.random.default_rng(3).poisson([0.3, 2.0, 5.0, 1.0], size=(120, 4)).astype(float)
CODES = np.column_stack([table()[:, 2] + 3, table()[:, 4] * 10, np.arange(120) % 5])


def add(cases: Cases, model: Any, y: Any, tag: str = "", data: Any = X, rows: Any = ROWS, exact: bool = False) -> None:
    """Fit and add a case."""
    fit(model, data, y)
    cases.add(f"{len(cases.lines)} {model} {tag}", model, rows, exact=exact, batch=True)


def naive_bayes(cases: Cases) -> None:
    """Add the five naive Bayes classifiers, with one, two and several classes."""
    for k in (1, 2, 4):
        y = NAMES[classes(X, k)] if k > 1 else np.full(len(X), "one")
        for model in (
            GaussianNB(),
            GaussianNB(var_smoothing=0.1, priors=None if k != 2 else [0.3, 0.7]),
            GaussianNB(var_smoothing=0),
        ):
            add(cases, model, y, f"k={k}")
        models: list[Any] = [
            MultinomialNB(),
            MultinomialNB(alpha=0.0),
            MultinomialNB(alpha=[0.1, 1.0, 2.0, 0.5], fit_prior=False),
            ComplementNB(),
            ComplementNB(norm=True, alpha=0.3),
        ]
        for model in models:
            add(cases, model, y, f"k={k}", COUNTS, np.vstack([COUNTS[:20], ROWS[-30:], np.zeros((1, 4))]))
        for binarize in (0.0, None, 0.7, 1e300):
            data = (X > 0).astype(float) if binarize is None else X
            add(cases, BernoulliNB(binarize=binarize), y, f"k={k}", data)
        add(cases, BernoulliNB(alpha=0.0, fit_prior=False, class_prior=np.full(k, 1 / k)), y, f"k={k}")
    for option in ({}, {"alpha": 0.0}, {"min_categories": 9}, {"min_categories": [8, 4, 6], "fit_prior": False}):
        rows = np.vstack([CODES[:30], CODES[:4] - 0.5, CODES[:4] + 0.5, hard_rows(CODES, [])[25:], CODES[:6] + 2])
        add(cases, CategoricalNB(**option), classes(X, 3), data=CODES, rows=rows)
    encode = OneHotEncoder(handle_unknown="ignore")
    for model in (MultinomialNB(), ComplementNB(), BernoulliNB(), BernoulliNB(binarize=None)):
        add(cases, pipe(encode, model), classes(X, 3), "sparse", X[:, 1:3], ROWS[:, 1:3])
    texts = np.array([["a b"], ["b c c"], ["d"], ["a d d d"], ["c"], ["b d"]] * 4, dtype=object)
    count = ColumnTransformer([("t", CountVectorizer(token_pattern=r"\w"), 0)])
    for model in (MultinomialNB(), ComplementNB(), BernoulliNB(), BernoulliNB(binarize=1.0), MultinomialNB(alpha=0.0)):
        pipeline = fit(pipe(count, model), texts, np.arange(24) % 3)
        cases.add(f"text {model}", pipeline, np.vstack([texts[:6], [["x y"], ["a a b"], [""]]]), exact=False)
    floats = OneHotEncoder(handle_unknown="ignore", dtype=np.float32, sparse_output=False)
    add(cases, pipe(floats, MultinomialNB()), classes(X, 3), "float32", X[:, 1:3], ROWS[:, 1:3])
    codes = pipe(OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), CategoricalNB())
    strings = frame()[["city", "lift"]].fillna("")
    add(cases, codes, (frame()["floor"] > 3).to_numpy(), "strings", strings, strings[:40])
    for model in (MultinomialNB(alpha=0.0), BernoulliNB(alpha=0.0)):
        add(cases, pipe(encode, model), classes(X, 3), "sparse, infinite", X[:, 1:3], ROWS[:, 1:3])
    cases.refused("float32 logarithms", fit(GaussianNB(), X.astype(np.float32), classes(X, 3)), ["var_ is float32"])
    dense = fit(GaussianNB(), fit(encode, X[:, 1:3]).transform(X[:, 1:3]).toarray(), classes(X, 3))
    cases.refused("sparse, dense only", pipe(encode, dense), ["sparse input"])


def far_outside(cases: Cases) -> None:
    """Add rows far from all classes: an error where the last bits of the logarithms decide between two of them."""
    near = np.random.default_rng(1).normal(size=(60, 2))
    y = (near[:, 0] > 0).astype(int)
    bayes, rotated = fit(GaussianNB(), near, y), fit(QuadraticDiscriminantAnalysis(store_covariance=True), near, y)
    bayes.theta_, bayes.var_ = np.array([[0.0, 0.0], [1.0, 0.0]]), np.ones((2, 2))
    rotated.means_, rotated.rotations_, rotated.scalings_ = bayes.theta_, [np.eye(2)] * 2, [np.ones(2)] * 2
    for model in (bayes, rotated):
        name = type(model).__name__
        cases.add(f"{name} near", model, near, exact=False)
        cases.add(f"{name} far from both, nearer to one", model, np.array([[3e3, 1.0], [-2e3, 3.0]]), exact=False)
        cases.rejected(f"{name} far from both alike", model, np.array([[0.5 + 1e-7, 1e6], [0.5, -3e7]]))
    plane = fit(LinearDiscriminantAnalysis(), near, y)
    plane.coef_, plane.intercept_ = np.array([[1e7, -1e7]]), np.array([0.3])
    cases.add("coefficients that cancel, far from the plane", plane, near, exact=False)
    three = fit(LinearDiscriminantAnalysis(), near, y + (near[:, 1] > 0.5))
    three.coef_, three.intercept_ = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]), np.full(3, 1e8)
    cases.add("large decisions, far apart", three, np.array([[90.0, 0.0], [3.0, 99.0]]), exact=False)
    cases.rejected("large decisions that share", three, np.array([[0.3, 0.2], [-0.1, 1.4]]))
    cases.rejected("coefficients that cancel", plane, np.array([[3.3, 3.3], [3.3 + 1e-8, 3.3]]))


def discriminant(cases: Cases) -> None:
    """Add both discriminant analyses: solvers, two and several classes, and LDA as a transformer."""
    for k in (2, 3, 4):
        y = NAMES[classes(X, k)]
        options: list[dict[str, Any]] = [
            {},
            {"solver": "lsqr"},
            {"solver": "lsqr", "shrinkage": "auto"},
            {"solver": "eigen", "shrinkage": 0.3},
            {"n_components": 1, "store_covariance": True, "tol": 0.1, "priors": np.full(k, 1 / k)},
        ]
        for option in options:
            model = LinearDiscriminantAnalysis(**option)
            add(cases, model, y, f"k={k}")
        for option in ({}, {"reg_param": 0.3, "store_covariance": True}, {"priors": np.full(k, 1 / k)}):
            add(cases, QuadraticDiscriminantAnalysis(**option), y, f"k={k}")
        add(cases, QuadraticDiscriminantAnalysis(solver="eigen", shrinkage=0.1), y, f"k={k}")
        for option in ({}, {"solver": "eigen"}, {"n_components": 1}):
            reduce = fit(LinearDiscriminantAnalysis(**option), X, y)
            head = fit(QuadraticDiscriminantAnalysis(), reduce.transform(X), y)
            cases.add(f"reduced k={k} {option}", pipe(reduce, head), ROWS, exact=False, batch=True)
    lsqr = fit(LinearDiscriminantAnalysis(solver="lsqr"), X, classes(X, 2))
    cases.refused("no transform", pipe(lsqr, fit(LinearRegression(), X, X[:, 0])), ['solver "lsqr"'])


def isotonic(cases: Cases) -> None:
    """Add IsotonicRegression: bounds, directions, float32, one point."""
    x, y = np.round(X[:, 0], 1), target(X)
    points = np.unique(x)
    rows = np.concatenate([points, np.nextafter(points, np.inf), np.nextafter(points, -np.inf), (points[1:] + points[:-1]) / 2])
    rows = np.concatenate([rows, np.linspace(-5, 5, 41), hard_rows(X, [])[25:37, 0], [np.nan, np.inf, -0.0, 1e300]])[:, None]
    for bounds in ("nan", "clip", "raise"):
        for dtype in (np.float64, np.float32):
            for option in ({}, {"increasing": False}, {"increasing": "auto", "y_min": 0.9, "y_max": 1.7}):
                model = fit(IsotonicRegression(out_of_bounds=bounds, **option), x.astype(dtype), y.astype(dtype))
                cases.add(f"isotonic {bounds} {dtype.__name__} {option}", model, rows, batch=True)
        model = fit(IsotonicRegression(out_of_bounds=bounds), np.ones(3), [1.0, 2.0, 4.0])
        cases.add(f"isotonic of one point {bounds}", model, rows, batch=True)
    cases.add(
        "isotonic at the end", fit(pipe("passthrough", IsotonicRegression(out_of_bounds="clip")), x[:, None], y), rows, batch=True
    )
    middle = pipe(fit(IsotonicRegression(), x, y), fit(LinearRegression(), x[:, None], y))
    cases.refused("isotonic in the middle", middle, ["gives one dimension"])


def dummies(cases: Cases) -> None:
    """Add the dummies, on tables that they do not look at."""
    y = NAMES[classes(X, 3)]
    Y = np.column_stack([classes(X, 3), classes(X, 2, 9)])
    rows = ROWS[-20:]
    for strategy in ("most_frequent", "prior"):
        add(cases, DummyClassifier(strategy=strategy), y, rows=rows, exact=True)
        add(cases, DummyClassifier(strategy=strategy), Y, "several", rows=rows, exact=True)
        add(cases, DummyClassifier(strategy=strategy), np.zeros(len(X)), "one class", rows=rows, exact=True)
    add(cases, DummyClassifier(strategy="constant", constant="b"), NAMES[classes(X, 4)], rows=rows, exact=True)
    add(cases, DummyClassifier(strategy="constant", constant=1), Y[:, 1].astype(float), rows=rows, exact=True)
    add(cases, DummyClassifier(strategy="constant", constant=[2, 0]), Y, rows=rows, exact=True)
    for strategy in ("uniform", "stratified"):
        cases.refused(strategy, fit(DummyClassifier(strategy=strategy, random_state=0), X, y), ["at random"])
    options: list[dict[str, Any]] = [
        {},
        {"strategy": "median"},
        {"strategy": "quantile", "quantile": 0.3},
        {"strategy": "constant", "constant": 7},
    ]
    for option in options:
        add(cases, DummyRegressor(**option), target(X), rows=rows, exact=True)
    add(cases, DummyRegressor(strategy="constant", constant=[1.5, 2]), Y, rows=rows, exact=True)
    strings = frame()
    dummy = fit(DummyClassifier(), strings, strings["lift"])
    cases.add("dummy on strings", dummy, pd.DataFrame(strings[:10]), batch=True)
    cases.refused("sparse labels", fit(DummyClassifier(), X, sparse.csc_array(Y)), ["sparse_output_"])


if __name__ == "__main__":
    main(naive_bayes, far_outside, discriminant, isotonic, dummies)
