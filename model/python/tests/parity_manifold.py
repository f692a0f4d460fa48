"""Cases of sklearn.manifold and of label propagation for model/sklearn/manifold_test.go."""

from __future__ import annotations

import numpy as np
from parity import FULL, Cases, fit, main, pipe
from parity_neighbors import choices, cloud, grid, hard, labels
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import MDS, TSNE, Isomap, LocallyLinearEmbedding, SpectralEmbedding
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import LabelPropagation, LabelSpreading


def embeddings(cases: Cases) -> None:
    """Add Isomap and LocallyLinearEmbedding, in the middle of a pipeline and at its end."""
    X = cloud(51, 60)
    near = hard(X) + 0.01
    near = near[np.abs(near).max(axis=1) != 1e6 + 0.01]  # what is left of so large kernel values is rounding noise
    for algorithm, components, metric in choices(
        ("auto", "brute", "kd_tree", "ball_tree"), (1, 3), ("minkowski", "manhattan", "cosine"), every=5
    ):
        if metric == "cosine" and algorithm != "brute":
            continue
        model = Isomap(n_neighbors=8, n_components=components, neighbors_algorithm=algorithm, metric=metric)
        # by brute force a distance to a point itself is noise, and so is a row next to it
        rows = near + 0.17 if algorithm == "brute" and metric != "cosine" else near
        cases.add(f"isomap {algorithm} {components} {metric}", fit(model, X), rows, exact=False, batch=True)
        if metric != "cosine":
            cases.rejected(f"isomap of a far row {algorithm} {components} {metric}", model, X[:1] * 1e9)
    model = fit(Isomap(n_neighbors=8, neighbors_algorithm="brute"), X)
    cases.rejected("isomap at its points by expanded squares", model, X[:5])
    model = Isomap(n_neighbors=None, radius=9.0, path_method="FW")
    cases.add("isomap within a radius", fit(model, X), hard(X) + 0.01, exact=False, batch=True)
    cases.add("isomap then a model", fit(pipe(Isomap(), LogisticRegression()), X, labels(X)), near, exact=False, batch=True)
    for algorithm in ("kd_tree", "brute")[: 2 if FULL else 1]:
        for method in ("standard", "modified", "hessian", "ltsa"):
            model = LocallyLinearEmbedding(
                n_neighbors=8, method=method, neighbors_algorithm=algorithm, random_state=0, eigen_solver="dense"
            )
            cases.add(f"embedding {method} {algorithm}", fit(model, X), hard(X) + 0.01, exact=False, batch=True)
    for reg in (0.1, 1e-4):
        model = LocallyLinearEmbedding(n_neighbors=6, n_components=1, reg=reg, random_state=0)
        cases.add(f"embedding {reg}", fit(pipe(StandardScaler(), model), X), hard(X) + 0.01, exact=False, batch=True)
    cases.refused("no regularization", fit(LocallyLinearEmbedding(n_neighbors=3, reg=0, random_state=0), X), ["reg is 0"])
    for alone in (TSNE(max_iter=250), MDS(n_init=1, max_iter=2, init="random"), SpectralEmbedding()):
        cases.refused(type(alone).__name__, fit(alone, X), ["places its training rows"])


def propagation(cases: Cases) -> None:
    """Add LabelPropagation and LabelSpreading with both kernels."""
    for X, rows in ((grid(52, 90), grid(53, 40)), (cloud(54, 70), hard(cloud(54, 70)))):
        y = np.unique(labels(X), return_inverse=True)[1]
        y[::3] = -1
        for kind in (LabelPropagation, LabelSpreading):
            for model in (kind("knn", n_neighbors=5), kind("rbf", gamma=0.5), kind("rbf", gamma=20), kind("rbf", gamma=0)):
                cases.add(f"{model} {len(X)}", fit(model, X, y), rows, exact=False, batch=True)


if __name__ == "__main__":
    main(embeddings, propagation)
