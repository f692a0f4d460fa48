"""Cases of the compiler's core, preprocessing and imputation for model/sklearn/preprocessing_test.go."""

from __future__ import annotations

import numpy as np
from parity import Cases, fit, main
from sklearn.preprocessing import StandardScaler


def scalers(cases: Cases) -> None:
    """Add StandardScaler."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(50, 3)) * [1, 10, 0.1] + [0, 5, -3]
    for mean in (True, False):
        for std in (True, False):
            scaler = fit(StandardScaler(with_mean=mean, with_std=std), X)
            cases.add(f"standard mean={mean} std={std}", scaler, np.vstack([X[:5], [[np.nan, 1, 2]], [[np.inf, 1, 2]]]))


if __name__ == "__main__":
    main(scalers)
