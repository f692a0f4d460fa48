"""Cases of sklearn.svm, as libsvm computes it, for model/sklearn/svm_test.go."""

from __future__ import annotations

from typing import Any

import numpy as np
from parity import FULL, Cases, fit, main, pipe
from parity_models import classes, hard_rows, table, target
from scipy import sparse
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM

X = np.column_stack([table()[:, [0, 2, 4]], np.log(table()[:, 1])])
Y = target(X)
NAMES = np.array(["d", "a", "c", "b", "e"])
ROWS = hard_rows(X, [])[:: 1 if FULL else 4]
KERNELS: list[dict[str, Any]] = [
    {"kernel": "linear"},
    {"kernel": "rbf"},
    {"kernel": "rbf", "gamma": "auto"},
    {"kernel": "rbf", "gamma": 0.3},
    {"kernel": "poly"},
    {"kernel": "poly", "degree": 2, "coef0": 1.0, "gamma": 0.5},
    {"kernel": "poly", "degree": 4, "coef0": 0.5},
    {"kernel": "sigmoid", "coef0": 0.1},
]


def ties() -> np.ndarray:
    """Return rows on a grid, between which votes tie."""
    axis = np.linspace(-2, 2, 7)
    return np.array([[a, b, 0.05, c] for a in axis for b in axis[::2] for c in (-1.0, 2.0)])


def add(cases: Cases, name: str, model: Any, y: Any, data: Any = X, rows: np.ndarray = ROWS) -> None:
    """Fit and add a case."""
    fit(model, data, y)
    cases.add(f"{len(cases.lines)} {name} {model}", model, rows, exact=False, batch=True)


def classifiers(cases: Cases) -> None:
    """Add SVC and NuSVC: kernels, votes and their ties, shapes of the decision, probabilities."""
    for option in KERNELS:
        for k in (2, 4):
            add(cases, f"k={k}", SVC(max_iter=20000, **option), NAMES[classes(X, k)])
        add(cases, "nu", NuSVC(nu=0.2, **option), classes(X, 3))
    for k in (2, 3, 5):
        y = NAMES[classes(X, k)]
        for probability in (False, True):
            model = SVC(probability=probability, random_state=0, C=0.5)
            add(cases, f"k={k}", model, y, rows=np.vstack([ROWS, ties()]))
        add(cases, f"k={k}", SVC(decision_function_shape="ovo"), y)
        add(cases, f"k={k}", SVC(break_ties=True), y, rows=np.vstack([ROWS, ties()]))
        add(cases, f"k={k}", NuSVC(probability=True, random_state=0, class_weight="balanced", nu=0.1), y)
        add(cases, f"k={k} sparse", SVC(probability=True, random_state=0), y, data=sparse.csr_matrix(X))
    add(cases, "weights", SVC(class_weight={0: 5, 1: 0.2}, C=30.0, tol=0.1, shrinking=False, max_iter=50), classes(X, 2))
    add(cases, "large C", SVC(C=1e5, gamma=2.0), classes(X, 3))
    ovo = fit(SVC(break_ties=True, decision_function_shape="ovo"), X, classes(X, 3))
    cases.refused("ties of ovo", ovo, ["break_ties is True"])
    cases.refused("a function as kernel", fit(pipe(StandardScaler(), SVC(kernel=rbf_kernel)), X, classes(X, 2)), ["kernel is"])
    for alone in (SVC(kernel=rbf_kernel), pipe(SVC(kernel=rbf_kernel)), GridSearchCV(SVC(kernel=rbf_kernel), {"C": [1.0]}, cv=2)):
        cases.refused(
            f"a function as kernel of {alone}", fit(alone, X, classes(X, 2)), ["kernel is sklearn.metrics.pairwise.rbf_kernel"]
        )


def others(cases: Cases) -> None:
    """Add the regressors and OneClassSVM, dense and sparse, and precomputed kernels."""
    for option in KERNELS:
        for model in (SVR(C=0.5, max_iter=20000, **option), NuSVR(max_iter=20000, **option)):
            add(cases, "", model, Y)
        add(cases, "", OneClassSVM(nu=0.2, **option), None)
    add(cases, "epsilon", SVR(epsilon=0.5, C=10.0), Y)
    add(cases, "no support vectors", SVR(epsilon=9.0), np.full(len(X), 0.25))
    for model in (SVR(), NuSVR(kernel="linear", max_iter=2000), OneClassSVM(kernel="poly")):
        add(cases, "sparse", model, Y, data=sparse.csr_matrix(X))
    gram = rbf_kernel(X[:40])
    rows = np.vstack([rbf_kernel(X[40:60], X[:40]), np.full(40, np.nan)])
    for model, y in (
        (SVC(kernel="precomputed", probability=True, random_state=0), classes(X, 3)),
        (SVR(kernel="precomputed"), Y),
    ):
        add(cases, "precomputed", model, y[:40], data=gram, rows=rows)


def around(cases: Cases) -> None:
    """Add machines behind other steps."""
    numbers = np.column_stack([X[:, 1], X[:, 2]])
    for dtype in (np.float32, np.float64):
        pipeline = pipe(OneHotEncoder(handle_unknown="ignore", dtype=dtype), SVC(probability=True, random_state=0))
        add(cases, f"one-hot {dtype.__name__}", pipeline, classes(X, 3), data=numbers, rows=ROWS[:, 1:3])
    add(cases, "scaled", pipe(StandardScaler(), SVC()), classes(X, 3))
    add(cases, "float32", SVR(), Y.astype(np.float32), data=X.astype(np.float32))
    mixed = fit(pipe(OneHotEncoder(handle_unknown="ignore", sparse_output=False), SVC()), numbers, classes(X, 2))
    mixed.steps[0] = ("s0", fit(OneHotEncoder(handle_unknown="ignore"), numbers))
    cases.refused("sparse rows for a dense machine", mixed, ["fitted on a dense array"])


if __name__ == "__main__":
    main(classifiers, others, around)
