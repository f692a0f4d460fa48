"""Breast cancer (Wisconsin diagnostic; scikit-learn ships it): gradient-boosted trees on 30 measurements, string labels."""

from __future__ import annotations

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier

from examples._example import Example

__all__ = ["train"]


def train() -> Example:
    """Train a classifier of tumours as malignant or benign.

    Returns
    -------
    Example
        Its sample is the data set.
    """
    data = load_breast_cancer(as_frame=True)
    y = data.target_names[data.target]
    return Example(HistGradientBoostingClassifier(max_iter=60, random_state=0).fit(data.data, y), data.data)
