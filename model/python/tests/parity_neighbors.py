"""Cases of sklearn.neighbors for model/sklearn/neighbors_test.go."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
from parity import FULL, Cases, fit, main, pipe
from sklearn.decomposition import PCA
from sklearn.neighbors import (
    KernelDensity,
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    LocalOutlierFactor,
    NearestCentroid,
    NearestNeighbors,
    NeighborhoodComponentsAnalysis,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
    RadiusNeighborsTransformer,
)
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

METHODS = ("brute", "kd_tree", "ball_tree")
NAN = float("nan")


def grid(seed: int, n: int, d: int = 3, size: int = 4) -> np.ndarray:
    """Return points of a small grid of integers: many distances are equal, and all are exact."""
    return np.random.default_rng(seed).integers(0, size, size=(n, d)).astype(np.float64)


def cloud(seed: int, n: int, d: int = 3) -> np.ndarray:
    """Return points whose columns have other scales."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.normal(size=(n, d)) * np.logspace(0, 1, d) + 1)


def hard(X: np.ndarray) -> np.ndarray:
    """Return rows beside and at the points of X, and rows with extreme and missing cells."""
    rows = [*X[:8], *(X[:4] + 1e-9), *(X[:4] * 1.25), *(X[4:8].round(1))]
    for value in (NAN, np.inf, 1e6, -1e-300, -0.0, 5e-324):
        row = X[3].copy()
        row[len(rows) % X.shape[1]] = value
        rows.append(row)
    return np.array(rows)


def labels(X: np.ndarray, k: int = 3) -> np.ndarray:
    """Return k classes with names."""
    return np.asarray(np.array(["a", "b", "c", "d"])[(X.sum(axis=1) + X[:, 0]).round().astype(int) % k])


def choices(*lists: Iterable[Any], every: int = 5) -> list[tuple[Any, ...]]:
    """Return all combinations of the items of the lists, in the default run one of so many."""
    return list(itertools.product(*lists))[:: 1 if FULL else every]


def classifiers(cases: Cases) -> None:
    """Add KNeighborsClassifier: ties of every method, weights, metrics and several outputs."""
    for method, seed, k, weights in choices(METHODS, range(6), (1, 4, 5, 17, 40), ("uniform", "distance", None), every=17):
        X = grid(seed, 90 + 200 * seed)
        model = KNeighborsClassifier(k, weights=weights, algorithm=method, leaf_size=5 + seed)
        cases.add(
            f"{method} {seed} {k} {weights} grid",
            fit(model, X, labels(X)),
            grid(seed + 50, 40),
            exact=weights != "distance",
            batch=True,
        )
    for method, seed, weights in choices(METHODS, range(6), ("uniform", "distance")):
        X = cloud(seed, 60, 2 + 4 * seed)
        model = fit(KNeighborsClassifier(5, weights=weights, algorithm=method, leaf_size=3), X, labels(X))
        noisy = method == "brute" and weights == "distance"  # at its points: see regressors
        rows = hard(cloud(seed + 100, 60, 2 + 4 * seed) if noisy else X)
        cases.add(f"{method} {seed} {weights} cloud", model, rows, exact=weights != "distance", batch=True)
    X = grid(3, 80)
    Y = np.column_stack([labels(X), labels(X + 1, 2)])
    for method, weights in choices(METHODS, ("uniform", "distance"), every=3):
        model = fit(KNeighborsClassifier(6, weights=weights, algorithm=method), X, Y)
        cases.add(f"{method} {weights} two outputs", model, grid(9, 30), exact=weights == "uniform", batch=True)
    cases.add("numbers as classes", fit(KNeighborsClassifier(), X, X[:, 0].astype(int) > 1), grid(9, 20), exact=True)
    cases.add(
        "wide", fit(KNeighborsClassifier(3), cloud(1, 50, 300), np.arange(50) % 2), cloud(2, 20, 300), exact=True, batch=True
    )


# Metrics that every method takes, with the parameters they need.
PLAIN: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in ("euclidean", "manhattan", "chebyshev", "l1", "l2", "cityblock", "infinity")),
    ("minkowski", {"p": 3}),
    ("p", {"p": 1.5}),
]


def metrics(cases: Cases) -> None:
    """Add every metric with every method that takes it."""
    X, rows = cloud(5, 60, 4), hard(cloud(5, 60, 4))
    flags, flagged = grid(6, 40, 7, 2), grid(7, 30, 7, 2)
    tables: list[tuple[str, dict[str, Any], np.ndarray, np.ndarray]] = [
        *((name, params, X, rows) for name, params in PLAIN),
        ("minkowski", {"p": 3, "w": np.array([1.0, 2.0, 0.5, 1.0])}, X, rows),
        ("seuclidean", {"V": X.var(axis=0)}, X, rows),
        ("mahalanobis", {"VI": np.linalg.inv(np.cov(X.T))}, X, rows),
        ("canberra", {}, X, rows),
        ("braycurtis", {}, X, rows),
        ("hamming", {}, grid(1, 60, 4), grid(2, 20, 4)),
        ("haversine", {}, X[:, :2] / 20, rows[:, :2] / 20),
        *((name, {}, flags, flagged) for name in ("jaccard", "rogerstanimoto", "russellrao", "sokalsneath")),
    ]
    for method, (name, params, T, R) in choices(METHODS, tables, every=2):
        if method == "kd_tree" and ((name, params) not in PLAIN):
            continue
        if method == "brute" and (name in ("infinity", "p") or (T is not X and name != "haversine")):
            continue  # it does not take these, or numpy.argpartition decides between equally near points
        arguments: dict[str, Any] = {"algorithm": method, "metric": name, "leaf_size": 4}
        arguments["metric_params"] = {key: value for key, value in params.items() if key != "p" or name == "p"} or None
        if name == "minkowski":
            arguments["p"] = params["p"]
        weighted = KNeighborsClassifier(3, weights="distance", **arguments)
        for estimator in (KNeighborsTransformer(n_neighbors=3, **arguments), weighted):
            noisy = method == "brute" and name in ("euclidean", "l2")  # at its points: see regressors
            beside = hard(cloud(105, 60, 4)) if noisy else R
            cases.add(
                f"{name} {method} {type(estimator).__name__}", fit(estimator, T, labels(T)), beside, exact=False, batch=True
            )
    holes = cloud(8, 30, 4)
    holes[np.random.default_rng(8).random(holes.shape) < 0.2] = NAN
    for name in ("cosine", "correlation", "sqeuclidean", "nan_euclidean"):
        rows = holes if name == "nan_euclidean" else rows  # beside its points the answer hangs on the last bits
        model = fit(KNeighborsTransformer(n_neighbors=3, algorithm="brute", metric=name), X)
        cases.add(f"{name} brute", model, rows, exact=False, batch=True)
        model = fit(KNeighborsRegressor(3, weights="distance", metric=name, algorithm="brute"), X, X[:, 0])
        cases.add(f"{name} brute regressor", model, cloud(8, 30, 4), exact=False, batch=True)
        if name == "nan_euclidean":
            cases.rejected(f"{name} beside its points", model, X[:5])
        elif name != "sqeuclidean":  # the noise of these is 1e-16, and of no weight
            cases.add(f"{name} beside its points", model, X[:5], exact=False)
    model = fit(KNeighborsTransformer(n_neighbors=3, algorithm="brute", metric="nan_euclidean"), X)
    corners = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 3.0], [2.0, 3.0], [7.0, 1.0]])
    for algorithm in ("kd_tree", "ball_tree", "brute"):
        behind = fit(pipe(PCA(2), KNeighborsClassifier(1, algorithm=algorithm)), corners, [0, 1, 0, 1, 1])
        cases.rejected(f"between points behind a sum {algorithm}", behind, np.array([[1.0, 0.0], [1.0, 1.5]]))
        cases.add(f"next to a point behind a sum {algorithm}", behind, corners + 0.25, exact=False, batch=True)
    narrow = {"metric": "seuclidean", "metric_params": {"V": np.array([1e-12, 1e-12])}, "algorithm": "ball_tree"}
    behind = fit(pipe(PCA(2), KNeighborsClassifier(1, **narrow)), corners, [0, 1, 0, 1, 1])
    cases.rejected("between points behind a sum of small variances", behind, np.array([[1.0, 0.0], [1.0, 1.5]]))
    cases.rejected("nan_euclidean at its points", model, X[:5])
    whole = np.unique(grid(5, 20), axis=0) * [1, 7, 50]
    model = fit(KNeighborsRegressor(1, weights="distance", metric="nan_euclidean", algorithm="brute"), whole, whole[:, 0])
    cases.add("nan_euclidean at points of whole numbers", model, whole, exact=False, batch=True)
    model = fit(KNeighborsRegressor(3, metric="precomputed"), np.abs(X[:40] @ X[:40].T), X[:40, 0])
    cases.add("precomputed", model, np.abs(X[:50] @ X[:40].T), exact=True, batch=True)


def regressors(cases: Cases) -> None:
    """Add KNeighborsRegressor and RadiusNeighborsRegressor."""
    X = grid(11, 150)
    y = np.random.default_rng(1).normal(size=(150, 3))
    targets = ((y[:, 0], "one"), (y, "three"), (X[:, 0].astype(int), "whole"))
    rows = np.vstack([grid(13, 30), np.full((1, 3), 9.0)])
    for method, (target, name), weights in choices(METHODS, targets, ("uniform", "distance", None)):
        model = KNeighborsRegressor(9, weights=weights, algorithm=method)
        cases.add(f"{method} {weights} {name}", fit(model, X, target), grid(12, 30), exact=weights != "distance", batch=True)
        model = RadiusNeighborsRegressor(1.5, weights=weights, algorithm=method, leaf_size=4)
        cases.add(f"radius {method} {weights} {name}", fit(model, X, target), rows, exact=weights != "distance", batch=True)
    X = cloud(2, 60, 4)
    for search in ({"algorithm": "brute"}, {"algorithm": "brute", "metric": "nan_euclidean"}):
        model = fit(KNeighborsRegressor(3, weights="distance", **search), X, X[:, 0])
        cases.rejected(f"{search} at its points", model, X[:5])  # a distance to itself is noise there, and so is its weight
        alike = fit(KNeighborsRegressor(3, weights="distance", **search), X, np.ones(60))
        cases.add(f"{search} at its points, which answer alike", alike, X[:5], exact=False)


def radius(cases: Cases) -> None:
    """Add RadiusNeighborsClassifier with every kind of outlier label."""
    X = grid(14, 120)
    rows = np.vstack([grid(15, 30), np.full((1, 3), 9.0), np.full((1, 3), 5.0)])
    y = labels(X)
    for method, weights, outlier in choices(METHODS, ("uniform", "distance", None), (None, "most_frequent", "b")):
        model = RadiusNeighborsClassifier(1.0, weights=weights, algorithm=method, outlier_label=outlier)
        cases.add(f"{method} {weights} outlier {outlier}", fit(model, X, y), rows, exact=weights != "distance", batch=True)
    for method in METHODS:
        model = RadiusNeighborsClassifier(2, algorithm=method, outlier_label=["a", "b"], metric="manhattan")
        cases.add(f"{method} two outputs", fit(model, X, np.column_stack([y, labels(X + 1, 2)])), rows, exact=True, batch=True)
    model = RadiusNeighborsClassifier(1.0, outlier_label="z")
    cases.refused("another outlier label", fit(model, X, y), ["none of the classes"])
    model = RadiusNeighborsClassifier(1.0, outlier_label="b", metric="manhattan", algorithm="brute")
    cases.refused("outlier label as an index", fit(model, X, y), ["index of a class"])


def graphs(cases: Cases) -> None:
    """Add the transformers to graphs, and pipelines behind them."""
    X = grid(16, 50)
    for method, mode in choices(METHODS, ("distance", "connectivity"), every=3):
        model = fit(KNeighborsTransformer(mode=mode, n_neighbors=4, algorithm=method), X)
        cases.add(f"graph {method} {mode}", model, grid(17, 30), exact=False, batch=True)
        model = fit(RadiusNeighborsTransformer(mode=mode, radius=1.5, algorithm=method), X)
        cases.add(f"radius graph {method} {mode}", model, grid(17, 30), exact=False, batch=True)


def others(cases: Cases) -> None:
    """Add novelty detection, centroids, components and what is refused."""
    X = cloud(18, 80)
    for method, contamination in choices(METHODS, ("auto", 0.1), every=3):
        model = fit(LocalOutlierFactor(7, novelty=True, algorithm=method, contamination=contamination), X)
        cases.add(
            f"outlier factor {method} {contamination}", model, np.vstack([hard(X), 3 * cloud(19, 20)]), exact=False, batch=True
        )
    X = cloud(20, 60)
    y = labels(X)
    small = X * np.where(np.arange(X.shape[1]) == 0, 1e-12, 1.0)
    far = np.vstack([small[:4], [[1e300, *small[0, 1:]]]])  # 1e300 over the deviation of the column is infinite
    for metric in ("euclidean", "manhattan"):
        cases.add(f"centroid small {metric}", fit(NearestCentroid(metric=metric), small, y), far, exact=False, batch=True)
    years = X + np.where(np.arange(X.shape[1]) == 0, 500.0, 0.0)  # its distances are off by 1e-11
    cases.add("centroid of years", fit(NearestCentroid(), years, y), years[:20], exact=False, batch=True)
    cases.rejected("centroid far from 0", fit(NearestCentroid(), X + 1e6, y), X[:2] + 1e6)
    priors = ("uniform", "empirical", [0.5, 0.25, 0.25])
    for metric, shrink, prior in choices(("euclidean", "manhattan"), (None, 0.3), priors):
        model = fit(NearestCentroid(metric=metric, shrink_threshold=shrink, priors=prior), X, y)
        cases.add(f"centroid {metric} {shrink} {prior}", model, hard(X), exact=False, batch=True)
        two = prior if isinstance(prior, str) else [0.7, 0.3]
        model = fit(NearestCentroid(metric=metric, shrink_threshold=shrink, priors=two), X, y == "a")
        cases.add(f"two centroids {metric} {shrink} {two}", model, hard(X), exact=False, batch=True)
    for components in (None, 2):
        model = fit(NeighborhoodComponentsAnalysis(components, max_iter=5, random_state=0), X, y)
        cases.add(f"components {components}", model, hard(X), exact=False, batch=True)
    cases.refused("a search alone", fit(NearestNeighbors(), X), ["neither predict nor transform"])
    cases.refused("novelty off", fit(LocalOutlierFactor(), X), ["novelty is False"])
    cases.refused("a function as weights", fit(KNeighborsClassifier(weights=np.exp), X, y), ["weights is"])


KERNELS = ("gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine")


def density(cases: Cases) -> None:
    """Add KernelDensity: kernels, trees, walks and tolerances."""
    X = cloud(21, 90, 2)
    weights = np.random.default_rng(2).random(90) + 0.1
    rows = hard(X)
    far = np.abs(rows).max(axis=1) == 1e6  # of a Gaussian nothing is left there but what rounding leaves of bounds
    for kernel, method, breadth_first, (atol, rtol), weighted in choices(
        KERNELS, ("kd_tree", "ball_tree"), (True, False), ((0, 0), (0.01, 0), (0, 1e-2)), (None, weights), every=11
    ):
        model = KernelDensity(
            kernel=kernel, algorithm=method, breadth_first=breadth_first, atol=atol, rtol=rtol, bandwidth=1.5, leaf_size=10
        )
        name = f"density {kernel} {method} {breadth_first} {atol} {rtol} {weighted is not None}"
        model.fit(X, sample_weight=weighted)
        cases.add(name, model, rows[~far] if kernel == "gaussian" else rows, exact=False, batch=True)
    rng = np.random.default_rng(22)
    wide, between = rng.normal(size=(200, 6)), rng.normal(size=(400, 6))
    for kernel, breadth_first in itertools.product(("tophat", "epanechnikov", "linear", "cosine"), (True, False)):
        model = fit(KernelDensity(kernel=kernel, bandwidth=0.7, leaf_size=5, breadth_first=breadth_first), wide)
        reached = np.sqrt(((between[:, np.newaxis] - wide) ** 2).sum(axis=2)).min(axis=1) < 0.7
        name = f"density {kernel} {breadth_first}"
        cases.add(f"{name} near points", model, between[reached], exact=False, batch=True)
        cases.add(f"{name} far from all", model, wide[:9] + 9, exact=False, batch=True)
        noise = between[~reached & np.isfinite(model.score_samples(between))]  # what is left of bounds taken off one another
        cases.rejected(f"{name} between points", model, noise)
    for d in (9, 13, 17):  # the norm of the cosine is a sum of large terms of alternating signs
        X = rng.normal(size=(40, d))
        cases.add(f"density of {d} columns", fit(KernelDensity(kernel="cosine", bandwidth=0.7), X), X, exact=False, batch=True)
    X = cloud(21, 90, 2)
    for bandwidth in ("scott", "silverman", 0.5):
        model = fit(KernelDensity(bandwidth=bandwidth), X)
        cases.add(f"density {bandwidth}", model, rows[~far], exact=False, batch=True)
        cases.rejected(f"density {bandwidth} far away", model, rows[far & np.isfinite(rows).all(axis=1)])
    for metric in ("manhattan", "chebyshev", "haversine"):
        cases.add(f"density {metric}", fit(KernelDensity(metric=metric), X / 9), rows[~far] / 9, exact=False, batch=True)


def pipelines(cases: Cases) -> None:
    """Add pipelines with float32 and sparse input."""
    X = grid(22, 100)
    y = labels(X)
    for method in METHODS:
        single = OrdinalEncoder(dtype=np.float32, handle_unknown="use_encoded_value", unknown_value=-1)
        for metric in ("euclidean", "manhattan", "canberra"):
            if metric == "canberra" and method == "kd_tree":
                continue
            model = fit(pipe(single, KNeighborsClassifier(4, algorithm=method, metric=metric)), X, y)
            cases.add(f"float32 {method} {metric}", model, grid(23, 30), exact=True, batch=True)
        model = fit(pipe(StandardScaler(), KNeighborsClassifier(4, algorithm=method)), cloud(24, 60), labels(cloud(24, 60)))
        cases.add(f"scaled {method}", model, hard(cloud(24, 60)), exact=True, batch=True)
    for metric in ("euclidean", "manhattan", "cosine"):
        model = fit(
            pipe(OneHotEncoder(handle_unknown="ignore"), KNeighborsClassifier(1, weights="distance", metric=metric)), X, y
        )
        cases.add(f"sparse {metric}", model, X[:30], exact=False, batch=True)


if __name__ == "__main__":
    main(classifiers, metrics, regressors, radius, graphs, others, density, pipelines)
