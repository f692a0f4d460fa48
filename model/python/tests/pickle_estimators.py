"""Fit every class of scikit-learn that small data can fit, and write the files."""

from __future__ import annotations

import io
import itertools
import os
import pickle
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import joblib
import numpy as np
import pandas as pd
from pickle_reference import write
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.utils import all_estimators
from sklearn.utils._test_common.instance_generator import _construct_instances

COMPRESSIONS = ("zlib", "gzip", "bz2", "xz", "lzma", "lz4")
# What scikit-learn's own tests use is too slow here.
FASTER: dict[str, dict[str, Any]] = {"TSNE": {"max_iter": 250, "method": "exact"}}


def tables() -> list[tuple[Any, ...]]:
    """Return the arguments of fit to try in turn."""
    rng = np.random.RandomState(0)
    X = np.abs(rng.randn(40, 4))
    label, value = (X[:, 0] > X[:, 1]).astype(int), 2 * X[:, 0] + 1
    words = ["a cat sat", "the dog ran", "a bird flew", "naïve cats and dogs"] * 10
    dicts = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}] * 20
    return [
        (X, label),
        (X, value),
        (X, np.c_[value, X[:, 1]]),
        (X, np.c_[label, 1 - label]),
        (X[:, :3], label),
        (X[:, 0], value),
        (label,),
        (words, label),
        (dicts, label),
        ([(1, 2), (3,)] * 20,),
        (X @ X.T, label),
    ]


def frame() -> tuple[pd.DataFrame, list[str]]:
    """Return a table with strings, booleans and missing values, and its target."""
    rng = np.random.RandomState(1)
    X = pd.DataFrame(
        {
            "size": np.where(rng.rand(60) < 0.2, np.nan, rng.randn(60)),
            "island": rng.choice(["Biscoe", "Dream", "Torgersen"], 60),
            "tagged": rng.rand(60) < 0.5,
            "kind": pd.Categorical(rng.choice(["x", "y"], 60)),
        }
    )
    return X, list(rng.choice(["Adélie", "Gentoo"], 60))


def pipelines() -> dict[str, Any]:
    """Return fitted pipelines as users have them."""
    X, y = frame()
    numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    strings = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    columns = ColumnTransformer([("n", numbers, ["size"]), ("s", strings, ["island"])], remainder="drop")
    selected = ColumnTransformer(
        [
            ("n", numbers, make_column_selector(dtype_include=float)),
            ("s", strings, X.select_dtypes("category").columns),
            ("b", FunctionTransformer(np.log1p), slice(2, 3)),
        ]
    )
    return {
        "Pipeline-logistic": make_pipeline(columns, LogisticRegression()).fit(X, y),
        "Pipeline-forest": make_pipeline(selected, RandomForestClassifier(5, random_state=0)).fit(X, y),
        "Pipeline-histogram": HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype").fit(
            X[["size", "kind"]], y
        ),
    }


def fit(name: str) -> Any:
    """Return a fitted estimator, or the reasons why none could be made."""
    if name == "FrozenEstimator":  # scikit-learn's own tests leave it out
        return FrozenEstimator(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]))
    reasons = []
    for args in tables():
        try:
            estimator = next(iter(_construct_instances(dict(all_estimators())[name])))
            return estimator.set_params(**FASTER.get(name, {})).fit(*args)
        except Exception as e:
            reasons.append(f"{type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}"[:120])
    return reasons


def dump(out: Path, name: str, fitted: Any, compressions: list[str]) -> None:
    """Write an object under every protocol, plain and by joblib, and compressed."""
    for protocol in (2, 3, 4, 5):
        write(out, f"{name}-pickle{protocol}", pickle.dumps(fitted, protocol))
        buffer = io.BytesIO()
        joblib.dump(fitted, buffer, protocol=protocol)
        write(out, f"{name}-joblib{protocol}", buffer.getvalue())
    for compression, protocol in itertools.product(compressions, (2, 3, 4, 5) if len(compressions) > 1 else (4,)):
        joblib.dump(fitted, out / f"{name}-joblib{protocol}.pkl.{compression}", (compression, 3), protocol)


def one(out: Path, number: int, name: str, full: bool) -> str | None:
    """Fit and write one class; return why it could not be fitted."""
    warnings.filterwarnings("ignore")
    fitted = fit(name)
    if isinstance(fitted, list):
        return f"{name}: {'; '.join(fitted)}"
    dump(out, name, fitted, list(COMPRESSIONS) if full else [COMPRESSIONS[number % len(COMPRESSIONS)]])
    return None


def make(out: Path, full: bool) -> None:
    """Write the files of all classes, and the classes that are missing to report.txt."""
    warnings.filterwarnings("ignore")
    names = [name for name, _ in all_estimators()]
    with ProcessPoolExecutor(2) as pool:
        missing = list(pool.map(one, itertools.repeat(out), range(len(names)), names, itertools.repeat(full), chunksize=4))
    for name, fitted in pipelines().items():
        dump(out, name, fitted, list(COMPRESSIONS))
    reasons = [reason for reason in missing if reason]
    lines = [f"{len(names) - len(reasons)} of {len(names)} classes", *reasons]
    (out / "report.txt").write_text("\n".join(lines) + "\n")
