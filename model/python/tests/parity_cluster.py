"""Cases of sklearn.cluster and sklearn.mixture for model/sklearn/cluster_test.go."""

from __future__ import annotations

import numpy as np
from parity import FULL, Cases, fit, main, pipe
from parity_neighbors import choices, cloud, grid, hard
from sklearn.base import clone
from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    OPTICS,
    AffinityPropagation,
    AgglomerativeClustering,
    Birch,
    BisectingKMeans,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
    SpectralClustering,
)
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler


def away(X: np.ndarray) -> np.ndarray:
    """Return rows apart from the points that centres may coincide with: there a distance hangs on the last bits."""
    rows = hard(X) + 0.01
    return np.vstack([rows, 3 * rows[:9], cloud(77, 20, X.shape[1])])


def means(cases: Cases) -> None:
    """Add KMeans and its kin: labels, and distances in the middle of a pipeline."""
    for n, d in choices((2, 5, 9), (1, 3, 20, 300) if FULL else (1, 3, 20), every=2):
        X = cloud(n, 120, d)
        for model in (
            KMeans(n, n_init=1, random_state=0),
            KMeans(n, n_init=1, algorithm="elkan", init="random", random_state=0),
            MiniBatchKMeans(n, n_init=1, random_state=0),
            BisectingKMeans(n, random_state=0),
            BisectingKMeans(n, random_state=0, bisecting_strategy="largest_cluster"),
        ):
            cases.add(f"{model} {d}", fit(model, X), away(X), exact=True, batch=True)
    X = grid(31, 90)
    for model in (
        KMeans(5, n_init=1, random_state=0),
        MiniBatchKMeans(5, n_init=1, random_state=0),
        BisectingKMeans(5, random_state=0),
    ):
        y = X[:, 0] > 1
        rows = grid(32, 20) + 0.3
        cases.add(f"{model} then a model", fit(pipe(clone(model), LogisticRegression()), X, y), rows, exact=False, batch=True)
        cases.add(
            f"{model} sparse", fit(pipe(OneHotEncoder(handle_unknown="ignore"), clone(model)), X), X[:30], exact=True, batch=True
        )
        union = FeatureUnion([("distances", model), ("scaled", StandardScaler())])
        cases.add(f"{model} distances", fit(union, X), rows, exact=False, batch=True)
    cases.add("one cluster", fit(BisectingKMeans(1, random_state=0), X), X[:5], exact=True)
    single = OrdinalEncoder(dtype=np.float32, handle_unknown="use_encoded_value", unknown_value=-1)
    cases.refused(
        "float32 centres", fit(KMeans(3, n_init=1, random_state=0), X.astype(np.float32)), ["cluster_centers_ is float32"]
    )
    cases.refused("float32", fit(pipe(single, KMeans(3, n_init=1, random_state=0)), X), ["float32 input"])
    union = FeatureUnion([("distances", KMeans(3, n_init=1, random_state=0))])
    cases.add("float32 distances", fit(pipe(single, union), X), X[:30], exact=False, batch=True)


def others(cases: Cases) -> None:
    """Add the other clusterers, and those that have no answer for a new row."""
    X = cloud(33, 80)
    rows = away(X)
    for seeding in (True, False):
        cases.add(f"mean shift {seeding}", fit(MeanShift(bandwidth=3, bin_seeding=seeding), X), rows, exact=True, batch=True)
    cases.add("affinity", fit(AffinityPropagation(random_state=0), X), rows, exact=True, batch=True)
    for n in (None, 3, AgglomerativeClustering(4)):
        model = Birch(threshold=0.8, n_clusters=n)
        cases.add(f"birch {n}", fit(model, X), rows, exact=True, batch=True)
        cases.add(f"birch {n} distances", fit(FeatureUnion([("d", model)]), X), rows, exact=False, batch=True)
    for alone in (DBSCAN(), HDBSCAN(copy=True), OPTICS(), AgglomerativeClustering(), SpectralClustering(2)):
        cases.refused(f"{alone}", fit(alone, X), ["labels its training rows"])
    cases.refused(
        "affinity of given distances", fit(AffinityPropagation(affinity="precomputed"), -np.abs(X @ X.T)), ["affinity is"]
    )


def mixtures(cases: Cases) -> None:
    """Add mixtures with every covariance and prior."""
    for covariance, n, d in choices(("full", "tied", "diag", "spherical"), (1, 3), (1, 4, 12), every=2):
        X = cloud(35, 200, d)
        model = GaussianMixture(n, covariance_type=covariance, random_state=0, max_iter=10)
        cases.add(f"mixture {covariance} {n} {d}", fit(model, X), hard(X), exact=False, batch=True)
        for prior in ("dirichlet_process", "dirichlet_distribution"):
            model = BayesianGaussianMixture(
                n_components=n, covariance_type=covariance, weight_concentration_prior_type=prior, random_state=0, max_iter=10
            )
            cases.add(f"bayesian {covariance} {n} {d} {prior}", fit(model, X), hard(X), exact=False, batch=True)
    X = cloud(36, 150)
    cases.add(
        "far from 0",
        fit(GaussianMixture(2, covariance_type="diag", random_state=0), X + 300),
        X[:30] + 300.5,
        exact=False,
        batch=True,
    )


if __name__ == "__main__":
    main(means, others, mixtures)
