"""Cases of kernel_ridge, kernel_approximation, KernelPCA, KernelCenterer and neural_network for model/sklearn/kernels_test.go."""

from __future__ import annotations

from typing import Any

import numpy as np
from parity import FULL, Cases, fit, main, pipe
from parity_models import classes, hard_rows, table, target
from scipy import sparse
from sklearn.decomposition import KernelPCA
from sklearn.kernel_approximation import (
    AdditiveChi2Sampler,
    Nystroem,
    PolynomialCountSketch,
    RBFSampler,
    SkewedChi2Sampler,
)
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import SGDClassifier
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neural_network import BernoulliRBM, MLPClassifier, MLPRegressor
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import KernelCenterer, OneHotEncoder, StandardScaler

X = np.column_stack([table()[:, [0, 2, 4]], np.log(table()[:, 1])])
Y = target(X)
YY = np.column_stack([Y, -Y + X[:, 0]])
POSITIVE = np.abs(X)
NAMES = np.array(["d", "a", "c", "b"])
# where one cell is huge a kernel is 0 or 1, or is lost in the noise of the products
HUGE = [1e300, -1e300, 3.5e38, 3.4028235e38, 3.4028235677973366e38, 2.0**53 + 2]
ROWS = np.array([row for row in hard_rows(X, []) if not np.isin(row, HUGE).any()])[:: 1 if FULL else 2]
KERNELS: list[dict[str, Any]] = [
    *({"kernel": kernel} for kernel in ("linear", "poly", "polynomial", "rbf", "laplacian", "sigmoid", "cosine")),
    {"kernel": "rbf", "gamma": 0.3},
    {"kernel": "laplacian", "gamma": 0.3},
    {"kernel": "poly", "degree": 2, "coef0": 0.0, "gamma": 0.5},
    {"kernel": "polynomial", "degree": 5, "gamma": 0.1},
    {"kernel": "sigmoid", "gamma": 0.1, "coef0": 0.3},
]
NONNEGATIVE: list[dict[str, Any]] = [{"kernel": "chi2", "gamma": 0.7}, {"kernel": "additive_chi2"}]


def add(cases: Cases, model: Any, y: Any = None, tag: str = "", data: Any = X, rows: np.ndarray = ROWS) -> None:
    """Fit and add a case."""
    fit(model, data, y)
    cases.add(f"{len(cases.lines)} {model} {tag}", model, rows, exact=False, batch=True)


def kernels(cases: Cases) -> None:
    """Add what computes with pairwise kernels: every kernel, dense, sparse and precomputed."""
    for option in KERNELS:
        add(cases, KernelRidge(alpha=0.5, **option), Y)
        # more points than a linear kernel has rank: normalization_ then is noise, for scikit-learn too
        add(cases, Nystroem(n_components=4 if option["kernel"] in ("linear", "cosine") else 9, random_state=0, **option))
        if option["kernel"] not in ("polynomial", "laplacian"):
            add(cases, KernelPCA(n_components=3, **option))
        add(cases, KernelRidge(**option), Y, "sparse", sparse.csr_matrix(X))
    for option in NONNEGATIVE:
        add(cases, KernelRidge(**option), Y, data=POSITIVE)
        add(cases, Nystroem(n_components=9, random_state=0, **option), data=POSITIVE)
    add(cases, KernelRidge(kernel="rbf"), YY, "several")
    add(cases, KernelRidge(alpha=[0.1, 3.0], kernel="rbf"), YY, "several")
    add(cases, KernelRidge(kernel="rbf"), Y.astype(np.float32), "float32", X.astype(np.float32))
    add(cases, Nystroem(kernel="chi2", n_components=5, random_state=0), data=POSITIVE)
    add(cases, Nystroem(kernel="poly", kernel_params={"degree": 2, "gamma": 0.2}, n_components=5, random_state=0))
    add(cases, Nystroem(n_components=500))
    for option in (
        {"remove_zero_eig": True},
        {"eigen_solver": "arpack", "n_components": 2},
        {"eigen_solver": "randomized", "n_components": 2},
    ):
        add(cases, KernelPCA(kernel="rbf", **option))
    add(cases, KernelPCA(n_components=3, kernel="rbf", fit_inverse_transform=True))
    add(cases, KernelPCA(n_components=3, kernel="poly"), rows=np.vstack([ROWS, X[:3] * 1e300]))
    add(cases, KernelPCA(n_components=3, kernel="rbf"), tag="float32", data=X.astype(np.float32))
    gram, rows = rbf_kernel(X[:40]), np.vstack([rbf_kernel(X[40:60], X[:40]), np.full(40, np.nan)])
    add(cases, KernelRidge(kernel="precomputed"), Y[:40], "precomputed", gram, rows)
    add(cases, KernelPCA(kernel="precomputed", n_components=3), None, "precomputed", gram, rows)
    beside = FeatureUnion([("kernel", KernelPCA(kernel="precomputed", n_components=3)), ("as it is", "passthrough")])
    add(cases, beside, None, "precomputed beside the columns themselves", gram, rows)
    add(cases, Nystroem(kernel="precomputed", n_components=40), None, "precomputed", gram, rows)
    for n in (1, 7, 8, 40, 120):
        data = X[:n] @ X[:n].T
        cases.add(f"centerer {n}", fit(KernelCenterer(), data), np.vstack([data, X[-3:] @ X[:n].T]), batch=True)
    encode = OneHotEncoder(handle_unknown="ignore")
    add(
        cases,
        pipe(encode, Nystroem(n_components=5, random_state=0), SGDClassifier(random_state=0)),
        classes(X, 3),
        "",
        X[:, 1:3],
        ROWS[:, 1:3],
    )
    floats = OneHotEncoder(handle_unknown="ignore", dtype=np.float32)
    cases.refused(
        "float32 kernel", fit(pipe(floats, KernelRidge(kernel="rbf")), X[:, 1:3], Y), ["float32 input to float32 X_fit_"]
    )
    add(cases, pipe(floats, KernelRidge(kernel="laplacian")), Y, "float32", X[:, 1:3], ROWS[:, 1:3])
    cases.refused(
        "more components than rank", fit(Nystroem(kernel="linear", n_components=50, random_state=0), X), ["rounding errors"]
    )
    cases.refused("no ridge", fit(KernelRidge(kernel="poly", alpha=0.0), X, Y), ["rounding errors"])
    cases.refused("a function as kernel", fit(KernelRidge(kernel=_inner), X, Y), ["kernel is"])


def _inner(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b)


def samplers(cases: Cases) -> None:
    """Add the feature maps."""
    positive = np.abs(ROWS)
    fourier: list[dict[str, Any]] = [{}, {"gamma": "scale"}, {"gamma": 0.2, "n_components": 7}]
    # angles whose last bits are up to whole turns
    far = np.vstack([X[:8] * 2.0**53, X[:8] * [1, 1e16, 1, 1], X[:8] * [1e7, 1, 1, 1]])
    for option in (*fourier, {"n_components": 1}):
        add(cases, RBFSampler(random_state=0, **option), rows=ROWS[np.abs(ROWS).max(axis=1) < 1e3])
        cases.rejected(f"large angles {option}", fit(RBFSampler(random_state=0, **option), X), far)
    skewed: list[dict[str, Any]] = [{}, {"skewedness": 0.3, "n_components": 7}]
    for option in skewed:
        rows = np.vstack([positive, ROWS, [[-0.3, 1.0, 1.0, 1.0]], [[-1.0, 1.0, 1.0, 1.0]]])
        add(cases, SkewedChi2Sampler(random_state=0, **option), data=POSITIVE, rows=rows)
    additive: list[dict[str, Any]] = [{}, {"sample_steps": 1}, {"sample_steps": 3}, {"sample_steps": 5, "sample_interval": 0.3}]
    for option in additive:
        add(
            cases,
            AdditiveChi2Sampler(**option),
            data=POSITIVE,
            rows=np.vstack([positive, ROWS, np.zeros((1, 4)), np.full((1, 4), 1e-310)]),
        )
    sketches: list[dict[str, Any]] = [
        {},
        {"degree": 1},
        {"degree": 3, "coef0": 1.5},
        {"degree": 4, "gamma": 0.3, "n_components": 7},
        {"coef0": -0.4},
        {"n_components": 1},
    ]
    for option in sketches:
        add(cases, PolynomialCountSketch(random_state=0, **{"n_components": 16, **option}))
    add(cases, PolynomialCountSketch(n_components=1, random_state=0), rows=np.vstack([ROWS[:1] * 1e300, ROWS[:1] * -1e300]))
    noise = fit(PolynomialCountSketch(degree=1, n_components=8, random_state=0), X)
    cases.rejected("noise of a Fourier transform", noise, np.array([[1e300, 1.0, 2.0, 3.0], [1.0, 2.0, 2.0**53, 3.0]]))
    encode = OneHotEncoder(handle_unknown="ignore")
    for model in (AdditiveChi2Sampler(), PolynomialCountSketch(coef0=2.0, random_state=0), RBFSampler(random_state=0)):
        add(cases, pipe(encode, model), None, "sparse", X[:, 1:3], ROWS[:, 1:3])
        add(cases, pipe(encode, model, SGDClassifier(random_state=0)), classes(X, 3), "sparse", X[:, 1:3], ROWS[:, 1:3])


def networks(cases: Cases) -> None:
    """Add the perceptrons with every activation, and BernoulliRBM."""
    rows = hard_rows(X, [])[:: 1 if FULL else 2]
    for activation in ("identity", "logistic", "tanh", "relu"):
        small: dict[str, Any] = {"activation": activation, "max_iter": 20, "random_state": 0}
        for k in (2, 4):
            add(cases, MLPClassifier((5, 3), **small), NAMES[classes(X, k)], rows=rows)
        labels = np.column_stack([classes(X, 2), classes(X, 2, 9), 1 - classes(X, 2, 11)])
        add(cases, MLPClassifier((4,), **small), labels, "multilabel", rows=rows)
        add(cases, MLPRegressor(hidden_layer_sizes=(5,), **small), Y, rows=rows)
        add(cases, MLPRegressor(hidden_layer_sizes=(5, 2), **small), YY, "several", rows=rows)
    for option in (
        {"solver": "lbfgs"},
        {"solver": "sgd", "learning_rate": "adaptive"},
        {"early_stopping": True},
        {"loss": "poisson"},
    ):
        add(cases, MLPRegressor(hidden_layer_sizes=(3,), max_iter=20, random_state=0, **option), Y, rows=rows)
    add(cases, MLPClassifier((), max_iter=20, random_state=0), classes(X, 2), "no hidden layer", rows=rows)
    add(cases, MLPClassifier(max_iter=5, random_state=0), classes(X, 3), "float32", X.astype(np.float32), rows)
    add(cases, pipe(StandardScaler(), MLPClassifier((8,), max_iter=20, random_state=0)), classes(X, 3), rows=rows)
    add(
        cases,
        pipe(OneHotEncoder(handle_unknown="ignore"), MLPClassifier((4,), max_iter=9)),
        classes(X, 2),
        "",
        X[:, 1:3],
        rows[:, 1:3],
    )
    add(cases, BernoulliRBM(n_components=5, n_iter=3, random_state=0), data=(X > 0).astype(float), rows=rows)
    rbm = pipe(BernoulliRBM(n_components=5, n_iter=3, random_state=0), SGDClassifier(loss="log_loss", random_state=0))
    add(cases, rbm, classes(X, 3), data=(X > 0).astype(float))


if __name__ == "__main__":
    main(kernels, samplers, networks)
