"""Diabetes progression after a year (scikit-learn ships the data): a random forest regressor on ten measurements."""

from __future__ import annotations

from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor

from examples._example import Example

__all__ = ["train"]


def train() -> Example:
    """Train a regressor of the disease's progression.

    Returns
    -------
    Example
        Its sample is the data set.
    """
    data = load_diabetes(as_frame=True, scaled=False)
    forest = RandomForestRegressor(n_estimators=60, min_samples_leaf=3, random_state=0)
    return Example(forest.fit(data.data, data.target), data.data)
