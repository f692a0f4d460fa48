"""Penguins of Palmer Archipelago (package palmerpenguins, CC0): strings, missing values and three species."""

from __future__ import annotations

from palmerpenguins import load_penguins
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from examples._example import Example

__all__ = ["train"]

_NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
_STRINGS = ["island", "sex"]


def train() -> Example:
    """Train a classifier of the species.

    Returns
    -------
    Example
        Its sample is the data set, with the rows that have missing values.
    """
    data = load_penguins()
    X = data[[*_STRINGS, *_NUMBERS]]
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), _NUMBERS),
            # A missing sex is a category of its own.
            ("strings", OneHotEncoder(handle_unknown="ignore"), _STRINGS),
        ]
    )
    return Example(make_pipeline(columns, LogisticRegression(max_iter=1000)).fit(X, data["species"]), X)
