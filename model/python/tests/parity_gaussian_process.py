"""Cases of sklearn.gaussian_process for model/sklearn/gaussian_process_test.go."""

from __future__ import annotations

from typing import Any

import numpy as np
from parity import FULL, Cases, fit, main, pipe
from parity_neighbors import choices, cloud, hard, labels
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    ConstantKernel,
    DotProduct,
    Exponentiation,
    ExpSineSquared,
    Matern,
    PairwiseKernel,
    RationalQuadratic,
    WhiteKernel,
)
from sklearn.preprocessing import StandardScaler

KERNELS: list[Any] = [
    RBF(1.5),
    RBF([1.0, 2.0, 0.5]),
    *(Matern(1.3, nu=nu) for nu in (0.5, 1.5, 2.5, np.inf, 1.0, 0.8, 3.7)),
    Matern([1.0, 2.0, 3.0], nu=1.5),
    RationalQuadratic(1.2, 0.7),
    ExpSineSquared(1.1, 2.5),
    DotProduct(0.7),
    ConstantKernel(2.0) * RBF(2.0) + WhiteKernel(0.1),
    RBF(1.0) * DotProduct(1.0) + 0.5,
    Exponentiation(RationalQuadratic(1.0, 1.0), 2),
    DotProduct(0.5) ** 3,
    PairwiseKernel(metric="linear"),
    PairwiseKernel(metric="rbf", gamma=0.3),
    PairwiseKernel(metric="laplacian", gamma=0.3),
]


class WithStd(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A regressor that is asked for standard deviations as well."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def predict(self, X: Any) -> Any:
        """Return the values."""
        return self.model.predict(X)

    def predict_std(self, X: Any) -> Any:
        """Return their standard deviations."""
        return self.model.predict(X, return_std=True)[1]


def rows(X: np.ndarray) -> np.ndarray:
    """Return rows near X and far from it."""
    return np.vstack([hard(X), cloud(5, 15) * 0.5])


def regressors(cases: Cases) -> None:
    """Add regressors with every kernel, several outputs and normalized targets."""
    X = cloud(41, 40)
    y = np.column_stack([np.sin(X[:, 0]) + X[:, 1] / 5, X[:, 2]])
    more = [PairwiseKernel(metric=metric, gamma=0.1) for metric in ("poly", "polynomial", "sigmoid", "cosine")] if FULL else []
    for kernel in KERNELS + more:
        for target, normalize in choices((y[:, 0], y, y[:, :1]), (True, False)):
            noise = (
                40.0 if isinstance(kernel, ExpSineSquared) or "sigmoid" in str(kernel) else 0.01
            )  # these have negative eigenvalues
            noise = 1e4 if "** 3" in str(kernel) else noise
            model = GaussianProcessRegressor(kernel, alpha=noise, optimizer=None, normalize_y=normalize)
            name = f"regressor {kernel} {np.shape(target)} {normalize}"
            fit(model, X, target)
            unknown = getattr(kernel, "metric", "rbf") in ("poly", "polynomial", "sigmoid", "cosine") or "** 3" in str(kernel)
            cases.add(name, model, rows(X), exact=False, batch=True, asked=None if unknown else WithStd(model))
    for metric in ("chi2", "additive_chi2"):
        kernel = PairwiseKernel(metric=metric, gamma=0.2) + WhiteKernel(300.0)
        model = GaussianProcessRegressor(kernel, alpha=1.0, optimizer=None)
        cases.add(f"regressor {metric}", fit(model, np.abs(X), y[:, 0]), X[:20] + 1, exact=False, batch=True)
    cases.add("default", fit(GaussianProcessRegressor(alpha=1e-3), X, y[:, 0]), rows(X), exact=False, batch=True)
    model = GaussianProcessRegressor(ConstantKernel() * RBF() + WhiteKernel(), n_restarts_optimizer=1, random_state=0)
    cases.add("optimized", fit(pipe(StandardScaler(), model), X, y[:, 0]), rows(X), exact=False, batch=True)
    model = fit(GaussianProcessRegressor(RBF(1.5), optimizer=None, normalize_y=True), X, y[:, 0] * 1e4)
    cases.rejected("deviations at training points", model, X[:5], std=True)
    close = np.linspace(0, 1, 40).reshape(-1, 1)
    model = GaussianProcessRegressor(optimizer=None)
    cases.refused("weights that cancel", fit(model, close, np.random.default_rng(0).normal(size=40)), ["alpha_ of the size"])


def classifiers(cases: Cases) -> None:
    """Add classifiers of two and of three classes."""
    X = cloud(42, 45)
    y = labels(X)
    for kernel in KERNELS[:: 1 if FULL else 3]:
        if isinstance(kernel, Exponentiation) and isinstance(kernel.kernel, DotProduct):
            continue  # its posterior mode is not found
        model = GaussianProcessClassifier(kernel, optimizer=None)
        columns = 1 if isinstance(kernel, ExpSineSquared) else 3  # it is a kernel of a line only
        cases.add(f"two classes {kernel}", fit(model, X[:, :columns], y == "a"), rows(X)[:, :columns], exact=False, batch=True)
    model = GaussianProcessClassifier(1.0 * RBF(2.0), optimizer=None)
    cases.add("one against the rest", fit(model, X, y), rows(X), exact=False, batch=True)
    cases.add("optimized", fit(GaussianProcessClassifier(random_state=0), X, y), rows(X), exact=False, batch=True)
    model = GaussianProcessClassifier(1.0 * RBF(2.0), multi_class="one_vs_one", optimizer=None)
    cases.add("one against one", fit(model, X, y), rows(X), exact=False, batch=True)
    far = np.vstack(
        [X[:3], X[:1] * 1e300, -X[1:2] * 1e200]
    )  # Matern's product of infinity and 0 is NaN, which the solver raises for
    cases.add("far away", fit(GaussianProcessClassifier(Matern(nu=1.5), optimizer=None), X, y == "a"), far, exact=False)


if __name__ == "__main__":
    main(regressors, classifiers)
