"""The three-feature demo, v1.0: standardised numbers and a logistic regression, on synthetic data.

The recipe: ``feature_1`` is uniform on 0 to 12 (two decimals), ``feature_2`` a whole number from 0 to 5, ``feature_3`` is 0 or 1.
The label is 1 with probability ``1 / (1 + exp(-d))``, where
``d = 0.9 (feature_1 - 5) + 0.5 (feature_2 - 2) + 1.375 feature_3``. The three weights were chosen so that ``d`` is 6.375 at
(10, 3, 1), where the probability is 0.9983; the model learns them from 20,000 drawn rows, with an error of its own.
The seed is the first one, from 0, whose learned probability there rounds to 0.9983 too.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from examples._example import Example

__all__ = ["train"]

SEED = 3
_ROWS = 20_000
_SAMPLE = 500


def train(seed: int = SEED) -> Example:
    """Draw the data and train the demo.

    Parameters
    ----------
    seed : int, default SEED
        Of the data.

    Returns
    -------
    Example
        Its sample is the first 500 rows of the data.
    """
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "feature_1": rng.uniform(0, 12, _ROWS).round(2),
            "feature_2": rng.integers(0, 6, _ROWS),
            "feature_3": rng.integers(0, 2, _ROWS),
        }
    )
    d = 0.9 * (X["feature_1"] - 5) + 0.5 * (X["feature_2"] - 2) + 1.375 * X["feature_3"]
    y = (rng.random(_ROWS) < 1 / (1 + np.exp(-d))).astype(int)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    pipeline.fit(X, y)
    return Example(pipeline, X.head(_SAMPLE), threshold=0.5, decimals=4)
