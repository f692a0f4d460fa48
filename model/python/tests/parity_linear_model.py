"""Cases of sklearn.linear_model and of the linear machines of sklearn.svm for model/sklearn/linear_model_test.go."""

from __future__ import annotations

from typing import Any

import numpy as np
from parity import FULL, Cases, fit, main, pipe
from parity_models import classes, hard_rows, table, target
from scipy import sparse
from sklearn import linear_model as lm
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import LinearSVC, LinearSVR
from sklearn.tree import DecisionTreeRegressor

X = np.column_stack([table()[:, [0, 2, 4]], np.log(table()[:, 1])])
Y = target(X)
YY = np.column_stack([Y, -Y + X[:, 0], X[:, 1]])
ROWS = hard_rows(X, [])[:: 1 if FULL else 3]


def add(cases: Cases, estimator: Any, y: np.ndarray, tag: str = "", data: Any = X) -> None:
    """Fit and add a case with hard rows."""
    fit(estimator, data, y)
    cases.add(f"{len(cases.lines)} {estimator} {tag}", estimator, ROWS, exact=False, batch=True)


def regressors(cases: Cases) -> None:
    """Add every regressor, with the parameters that change the form of coef_ and intercept_."""
    models: list[Any] = [
        lm.ARDRegression(compute_score=True),
        lm.ARDRegression(fit_intercept=False, threshold_lambda=1.0),
        lm.BayesianRidge(compute_score=True, alpha_init=1.0, lambda_init=0.5),
        lm.ElasticNetCV(cv=3, l1_ratio=[0.3, 0.9], alphas=5),
        lm.HuberRegressor(),
        lm.HuberRegressor(epsilon=1.1, fit_intercept=False, warm_start=True),
        lm.Lars(n_nonzero_coefs=2),
        lm.Lars(fit_path=False, jitter=0.01, random_state=0),
        lm.LarsCV(cv=3),
        lm.LassoCV(cv=3, alphas=[0.1, 0.01], positive=True, selection="random", random_state=0),
        lm.LassoLars(alpha=0.01),
        lm.LassoLars(alpha=0.01, positive=True, fit_path=False),
        lm.LassoLarsCV(cv=3),
        lm.LassoLarsIC(criterion="bic"),
        lm.LassoLarsIC(noise_variance=0.1),
        lm.OrthogonalMatchingPursuit(n_nonzero_coefs=2),
        lm.OrthogonalMatchingPursuit(tol=0.1, precompute=False),
        lm.OrthogonalMatchingPursuitCV(cv=3),
        lm.PassiveAggressiveRegressor(loss="squared_epsilon_insensitive", average=5, early_stopping=True, random_state=0),
        lm.QuantileRegressor(quantile=0.7, alpha=0.01),
        lm.RidgeCV(alphas=(0.1, 1.0), store_cv_results=True),
        lm.RidgeCV(cv=3, fit_intercept=False),
        lm.RidgeCV(gcv_mode="svd", scoring="r2"),
        lm.SGDRegressor(random_state=0, eta0=1e-4),
        lm.SGDRegressor(
            loss="huber", penalty="elasticnet", average=True, learning_rate="adaptive", early_stopping=True, random_state=0
        ),
        lm.TheilSenRegressor(random_state=0, max_subpopulation=200),
        lm.Ridge(solver="sparse_cg"),
        lm.Ridge(solver="sag", random_state=0),
        LinearSVR(random_state=0),
        LinearSVR(loss="squared_epsilon_insensitive", dual=False, intercept_scaling=2.0),
    ]
    for model in models:
        add(cases, model, Y)
    several: list[Any] = [
        lm.MultiTaskLasso(alpha=0.01),
        lm.MultiTaskLassoCV(cv=3, alphas=5),
        lm.MultiTaskElasticNet(alpha=0.01, l1_ratio=0.3, fit_intercept=False),
        lm.MultiTaskElasticNetCV(cv=3, alphas=5),
        lm.Lars(),
        lm.LassoLars(alpha=0.01, fit_intercept=False),
        lm.OrthogonalMatchingPursuit(),
        lm.RidgeCV(alpha_per_target=True),
    ]
    for model in several:
        add(cases, model, YY, "several")
        add(cases, model, YY[:, :1], "one column")
    model = fit(lm.SGDRegressor(penalty="l1", eta0=1e-4, random_state=0), X, Y).sparsify()
    cases.add("sparsified SGDRegressor", model, ROWS, exact=False, batch=True)


def generalized(cases: Cases) -> None:
    """Add the generalized linear models with both links."""
    models: list[Any] = [
        lm.PoissonRegressor(),
        lm.PoissonRegressor(solver="newton-cholesky", alpha=0.0, fit_intercept=False),
        lm.GammaRegressor(alpha=0.1),
        *(lm.TweedieRegressor(power=p, link=k) for p, k in [(0, "auto"), (0, "log"), (1.5, "auto"), (3, "auto")]),
        lm.TweedieRegressor(power=1, link="identity", alpha=5.0),
        lm.TweedieRegressor(power=-1, link="auto", max_iter=5),
    ]
    for model in models:
        add(cases, model, Y)


def cancelling(cases: Cases) -> None:
    """Add coefficients and intercepts so large that rounding noise is left where they cancel: an error of the row."""
    y = X[:, 0] * 2 + X[:, 1]
    for model in (
        lm.LinearRegression(),
        lm.SGDRegressor(random_state=0),
        lm.RidgeClassifier(),
        lm.SGDOneClassSVM(random_state=0),
    ):
        fit(model, X, y > np.median(y) if isinstance(model, lm.RidgeClassifier) else y)
        model.coef_ = np.atleast_2d([2e6, -1e6, 1e6, 0.5])[slice(None) if model.coef_.ndim > 1 else 0]
        offset, value = ("offset_", 3e6) if isinstance(model, lm.SGDOneClassSVM) else ("intercept_", -3e6)
        setattr(model, offset, np.array([value]) if np.ndim(getattr(model, offset)) else value)
        name = type(model).__name__
        cases.add(f"large coefficients {name}", model, X[:20] + 0.1, exact=False)
        cases.rejected(f"large coefficients that cancel {name}", model, np.array([[1.1, 1.2, 2.0 + 1e-7, 0.3]]))
    model = fit(lm.PoissonRegressor(), X, np.abs(y))
    model.coef_, model.intercept_ = np.array([1e5, -1e5, 0, 0.5]), 1e4
    cases.add("large coefficients behind a link", model, X[:20] * [1, 1, 1, 0] + [[0, 0.1, 0, 0]], exact=False)
    rng = np.random.default_rng(3)
    for size in (1e5, 1e6):  # columns that the sample shows to be large, and that cancel
        large = np.column_stack([size + rng.normal(size=(200, 2)) * 10, rng.normal(size=200)])
        y = large[:, 0] - large[:, 1] + large[:, 2]
        for model in (lm.LinearRegression(), lm.Ridge(), lm.LogisticRegression(max_iter=500)):
            fit(model, large, y > 0 if isinstance(model, lm.LogisticRegression) else y)
            cases.add(f"columns of {size} {type(model).__name__}", model, large[:60], exact=False, sample=large)


def ransac(cases: Cases) -> None:
    """Add RANSACRegressor around several estimators."""
    for estimator in (None, lm.Ridge(), DecisionTreeRegressor(max_depth=3, random_state=0)):
        model = fit(lm.RANSACRegressor(estimator, random_state=0, min_samples=20), X, Y)
        exact = isinstance(estimator, DecisionTreeRegressor)
        cases.add(f"ransac {estimator}", model, ROWS, exact=exact, batch=True)
    add(cases, lm.RANSACRegressor(random_state=0, loss="squared_error", min_samples=0.5), YY, "several")


def classifiers(cases: Cases) -> None:
    """Add every linear classifier with two and with four classes."""
    losses = ["hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron", "squared_error", "huber"]
    losses += ["epsilon_insensitive", "squared_epsilon_insensitive"]
    models: list[Any] = [
        *(lm.SGDClassifier(loss=loss, random_state=0) for loss in losses),
        lm.SGDClassifier(loss="modified_huber", average=10, alpha=1.0, penalty=None, random_state=1),
        lm.SGDClassifier(loss="log_loss", fit_intercept=False, class_weight="balanced", early_stopping=True, random_state=0),
        lm.Perceptron(penalty="l1", random_state=0),
        lm.PassiveAggressiveClassifier(loss="squared_hinge", random_state=0, average=True),
        lm.LogisticRegressionCV(Cs=3, cv=3, l1_ratios=(0.0,), use_legacy_attributes=True, scoring="accuracy"),
        lm.LogisticRegressionCV(Cs=3, cv=3, l1_ratios=(0.5, 1.0), solver="saga", use_legacy_attributes=False, max_iter=50),
        lm.LogisticRegressionCV(Cs=3, cv=3, l1_ratios=(0.0,), use_legacy_attributes=True, refit=False),
        lm.RidgeClassifier(),
        lm.RidgeClassifier(positive=True, class_weight="balanced"),
        lm.RidgeClassifierCV(store_cv_results=True),
        lm.RidgeClassifierCV(cv=3, alphas=(0.1, 1.0)),
        LinearSVC(random_state=0),
        LinearSVC(penalty="l1", dual=False, loss="squared_hinge", class_weight="balanced", fit_intercept=False),
        LinearSVC(multi_class="crammer_singer", random_state=0),
    ]
    for model in models:
        for k in (2, 4):
            add(cases, model, np.array(["d", "a", "c", "b"])[classes(X, k)], f"k={k}")
    labels = np.column_stack([classes(X, 2), classes(X, 2, 9), 1 - classes(X, 2, 11)])
    add(cases, lm.RidgeClassifier(), labels, "multilabel")
    add(cases, lm.RidgeClassifierCV(), labels, "multilabel")
    cases.refused("sparse labels", fit(lm.RidgeClassifier(), X, sparse.csr_array(labels)), ["a sparse table of labels"])
    sparsified = fit(lm.SGDClassifier(penalty="l1", random_state=0), X, classes(X, 3)).sparsify()
    cases.add("sparsified SGDClassifier", sparsified, ROWS, exact=False, batch=True)
    for option in ({}, {"nu": 0.1, "average": True}, {"fit_intercept": False, "learning_rate": "constant", "eta0": 0.01}):
        model = fit(lm.SGDOneClassSVM(random_state=0, **option), X)
        cases.add(f"{model}", model, ROWS, exact=False, batch=True)


def around(cases: Cases) -> None:
    """Add sparse and float32 inputs, and integers."""
    numbers = np.column_stack([X[:, 1], X[:, 2]])
    encode = OneHotEncoder(handle_unknown="ignore")
    for model in (lm.SGDClassifier(loss="log_loss", random_state=0), lm.RidgeClassifier(), LinearSVC(random_state=0)):
        pipeline = fit(pipe(encode, model), numbers, classes(X, 3))
        cases.add(f"one-hot {model}", pipeline, ROWS[:, 1:3], exact=False, batch=True)
    stored = ColumnTransformer([("encode", encode, [0]), ("keep", "passthrough", [1])], sparse_threshold=1)
    for model in (lm.Lasso(0.01), lm.ElasticNet(0.01), lm.LassoCV(cv=2), lm.Ridge()):  # the first two check no sparse input
        cases.add(f"sparse {model}", fit(pipe(stored, model), numbers, Y), ROWS[:, 1:3], exact=False)
    for model in (lm.PoissonRegressor(), lm.SGDRegressor(random_state=0)):
        add(cases, model, Y.astype(np.float32), "float32", X.astype(np.float32))
        pipeline = fit(pipe(OneHotEncoder(handle_unknown="ignore", dtype=np.float32), model), numbers, Y)
        cases.refused(f"float32 behind float32 {model}", pipeline, ["float32"])
    add(cases, lm.TheilSenRegressor(random_state=0, max_subpopulation=50), Y, "integers", np.round(X).astype(np.int64))


if __name__ == "__main__":
    main(regressors, generalized, cancelling, ransac, classifiers, around)
