"""Rows for the cases of boosted trees: a table to fit on, and rows at split points, beside them and beyond all numbers."""

from __future__ import annotations

import numpy as np

NAN = float("nan")


def table(n: int = 300, columns: int = 4) -> np.ndarray:
    """Return numbers, some of them missing, zero, huge or equal."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(n, columns))
    X[:, 1] = np.round(X[:, 1], 1)
    X[rng.random(n) < 0.2, 2] = NAN
    X[rng.random(n) < 0.3, 0] = 0
    X[:, 3] = np.exp(9 * X[:, 3])
    return X


def rows(X: np.ndarray, points: list[tuple[int, float]]) -> np.ndarray:
    """Return rows of X, rows at split points and one ulp beside them, and hard rows."""
    out = [x.copy() for x in X[:30]]
    for i, (column, threshold) in enumerate(points[:25]):
        for value in (
            threshold,
            np.nextafter(threshold, -np.inf),
            np.nextafter(threshold, np.inf),
            float(np.nextafter(np.float32(threshold), np.float32(-np.inf))),
            float(np.nextafter(np.float32(threshold), np.float32(np.inf))),
        ):
            out.append(X[i % len(X)].copy())
            out[-1][column] = value
    for column in range(X.shape[1]):
        for value in (NAN, 0.0, -0.0, 1e-36, -1e-36, 1e-45, 1e300, -1e300, 1e38, np.inf, -np.inf, 1e-300, 0.1, 16777217.0):
            out.append(X[column].copy())
            out[-1][column] = value
    return np.array([*out, [NAN] * X.shape[1], [0.0] * X.shape[1]])
