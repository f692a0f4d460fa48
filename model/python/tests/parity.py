"""Shared part of the parity tests: fitted estimators with scikit-learn's own answers, row by row, for Go to compare with.

A script adds its cases to a `Cases` and calls `main`. Go (model/sklearn/parity_test.go) runs it with a folder as its only
argument and reads cases.jsonl from there: one case a line.
"""

from __future__ import annotations

import json
import math
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.base import is_regressor
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import Pipeline

Table = Any  # a DataFrame, an ndarray, Texts or Dicts


class Texts(list[Any]):
    """A sequence of texts, which a pipeline that starts with a text vectorizer takes. Its parts are such sequences too."""

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        return Texts(part) if isinstance(key, slice) else part


class Dicts(Texts):
    """A sequence of dicts, which DictVectorizer and FeatureHasher take, and the order of their keys in a row of cells."""

    def __init__(self, rows: Sequence[dict[str, Any]], keys: Sequence[str] | None = None) -> None:
        super().__init__(rows)
        self.keys = list(dict.fromkeys(key for row in rows for key in row)) if keys is None else list(keys)

    def __getitem__(self, key: Any) -> Any:
        part = list.__getitem__(self, key)
        return Dicts(part, self.keys) if isinstance(key, slice) else part


FULL = bool(os.environ.get("PARITY_FULL"))  # `make parity`: more cases than the default run has time for


def cell(value: Any) -> Any:
    """Return one input cell as JSON: null is missing, a non-finite float is {"float": "inf"}."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and math.isinf(value):
        return {"float": "Infinity" if value > 0 else "-Infinity"}
    return value


def number(value: Any) -> float | str:
    """Return one number of an answer as JSON; non-finite ones as the strings of contracts."""
    n = float(value)
    if math.isnan(n):
        return "NaN"
    if math.isinf(n):
        return "Infinity" if n > 0 else "-Infinity"
    return n


def numbers(values: Any) -> list[float | str]:
    """Return an array, a sparse matrix, a DataFrame or a list of arrays (one for each output) as a flat list."""
    if isinstance(values, list):
        return [n for part in values for n in numbers(part)]
    if hasattr(values, "toarray"):
        values = values.toarray()
    return [number(v) for v in np.asarray(values).ravel()]


def labels(values: Any) -> list[Any]:
    """Return predicted labels as JSON scalars."""
    return [v.item() if isinstance(v, np.generic) else v for v in np.asarray(values).ravel()]


def reference(X: Table, integers: Sequence[Any] = ()) -> Table:
    """Return X as the reference table: numbers float64, those of `integers` int64, booleans bool, anything else object."""
    if isinstance(X, np.ndarray):
        if X.dtype.kind == "O" or X.dtype.kind == "b":
            return X
        if X.dtype.kind in "US":
            return X.astype(object)
        return X.astype(np.int64 if len(integers) else np.float64)
    columns = {}
    for i, name in enumerate(X.columns):
        column = X.iloc[:, i]
        if name in integers:
            columns[name] = column.astype(np.int64)
        elif pd.api.types.is_bool_dtype(column.dtype):
            columns[name] = column.astype(bool)
        elif pd.api.types.is_numeric_dtype(column.dtype):
            columns[name] = column.astype(np.float64)
        else:
            columns[name] = column.astype(object)
    return pd.DataFrame(columns)


def methods_of(estimator: Any) -> dict[str, str]:
    """Return the methods that an estimator offers for new rows, by the output that holds their answers."""
    methods = (
        {"value" if is_regressor(estimator) else "label": "predict"} if hasattr(estimator, "predict") else {"value": "transform"}
    )
    methods |= {"probabilities": "predict_proba", "decision": "decision_function", "score": "score_samples", "std": "predict_std"}
    last = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
    if isinstance(last, BernoulliRBM):  # it draws its scores at random
        del methods["score"]
    if getattr(last, "multi_class", None) == "one_vs_one" and getattr(last, "n_classes_", 2) > 2:
        del methods["probabilities"]  # GaussianProcessClassifier raises for every row
    return {output: method for output, method in methods.items() if hasattr(estimator, method)}


def answers(estimator: Any, X: Table) -> list[dict[str, Any]]:
    """Return, for each row of X, everything that the estimator offers, asked for all rows at once."""
    out: list[dict[str, Any]] = [{} for _ in range(len(X))]
    for name, method in methods_of(estimator).items():
        values = getattr(estimator, method)(X)
        parts = [np.asarray(part).reshape(len(X), -1) for part in (values if isinstance(values, list) else [values])]
        for row, of in zip(np.hstack(parts), out, strict=True):
            of[name] = labels(row) if name == "label" else numbers(row)
    return out


def answer(estimator: Any, X: Table) -> dict[str, Any]:
    """Return everything that the estimator offers for X."""
    of = {name: getattr(estimator, method)(X) for name, method in methods_of(estimator).items()}
    return {name: labels(values) if name == "label" else numbers(values) for name, values in of.items()}


def row_of(X: Table | list[Table], i: int) -> Table:
    """Return row i as a table of one row, dtypes kept."""
    if isinstance(X, list) and not isinstance(X, Texts):
        return X[i]
    return X.iloc[[i]] if isinstance(X, pd.DataFrame) else X[i : i + 1]


def cells(X: Table | list[Table], i: int) -> list[Any]:
    """Return the cells of row i."""
    if isinstance(X, Dicts):
        return [cell(X[i].get(key)) for key in X.keys]
    if isinstance(X, Texts):
        return [cell(X[i])]
    if isinstance(X, list):
        X, i = X[i], 0
    if isinstance(X, pd.DataFrame):
        return [cell(X.iloc[i, j]) for j in range(X.shape[1])]
    return [cell(v) for v in X[i]]


def names_of(X: Table | list[Table]) -> list[Any] | None:
    """Return the column names of a DataFrame, the keys of dicts, None for an array."""
    if isinstance(X, Dicts):
        return X.keys
    table = X[0] if isinstance(X, list) else X
    return list(table.columns) if isinstance(table, pd.DataFrame) else None


class Cases:
    """Writes cases to a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self.undecided = 0

    def add(
        self,
        name: str,
        estimator: Any,
        rows: Table | list[Table],
        *,
        sample: Table | None = None,
        dtypes: Sequence[str | None] | None = None,
        none: Sequence[bool] | None = None,
        notes: Sequence[str] = (),
        exact: bool = True,
        may_fail: bool = False,
        batch: bool = False,
        asked: Any = None,
    ) -> None:
        """Add a fitted estimator and rows of the reference table (see `reference`) that it is asked about one by one.

        Parameters
        ----------
        rows : a table, or a list of tables of one row, whose dtypes may differ.
        sample : what the build is given as --sample; None for a build without one.
        dtypes : the dtype the build must find for each column, None where it does not matter; default: not compared.
        none : for each column, whether the build must take null for None.
        notes : texts, one for each note of the manifest, which contains it.
        exact : every bit must agree and the manifest must say so; otherwise the tolerance of the manifest holds.
        may_fail : all rows may be errors.
        batch : ask for many rows at once (much faster for ensembles), halving a batch that raises to find the rows that do.
        asked : what is asked for the answers, if it is not the estimator itself.
        """
        answers = self._answers(asked or estimator, rows, exact, batch)
        kept = [i for i, a in enumerate(answers) if a is not None]
        if not may_fail and all("error" in a for a in answers if a is not None):
            raise AssertionError(f"{name}: every row is an error: {answers[0]}")
        self._write(
            name,
            estimator,
            {
                "rows": [cells(rows, i) for i in kept],
                "answers": [answers[i] for i in kept],
                "sample": None if sample is None else [cells(sample, i) for i in range(len(sample))],
                "names": names_of(rows),
                "dtypes": dtypes,
                "none": none,
                "notes": list(notes),
                "exact": exact,
            },
        )

    def refused(self, name: str, estimator: Any, reasons: Sequence[str], sample: Table | None = None) -> None:
        """Add an estimator that the build must refuse, with exactly one reason for each text, which the reason contains."""
        case: dict[str, Any] = {"refused": list(reasons)}
        if sample is not None:
            case |= {"sample": [cells(sample, i) for i in range(len(sample))], "names": names_of(sample)}
        self._write(name, estimator, case)

    def rejected(self, name: str, estimator: Any, rows: Table, *, std: bool = False) -> None:
        """Add an estimator and rows that are errors here, whatever scikit-learn answers; with std it is asked for that, too."""
        answers = [{"error": "refused", "std": [0] * std}] * len(rows)
        self._write(name, estimator, {"rows": [cells(rows, i) for i in range(len(rows))], "answers": answers, "exact": False})

    def _write(self, name: str, estimator: Any, case: dict[str, Any]) -> None:
        file = f"{len(self.lines):05d}.joblib"
        joblib.dump(estimator, self.folder / file)
        self.lines.append(json.dumps({"name": name, "file": file, **case}, allow_nan=False))

    def _answers(self, estimator: Any, rows: Table, exact: bool, batch: bool) -> list[dict[str, Any] | None]:
        """Return the answer for each row, asked one by one or, with batch, many at once."""
        if not batch or len(rows) == 1:
            return [self._answer(estimator, rows, i, exact) for i in range(len(rows))]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                return list(answers(estimator, rows))
            except Exception:
                half = len(rows) // 2
                parts = (rows.iloc[:half], rows.iloc[half:]) if isinstance(rows, pd.DataFrame) else (rows[:half], rows[half:])
                return [a for part in parts for a in self._answers(estimator, part, exact, batch)]

    def _answer(self, estimator: Any, rows: Table | list[Table], i: int, exact: bool) -> dict[str, Any] | None:
        """Return the answer for row i; None where scikit-learn gives another label for the row within a batch."""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            row = row_of(rows, i)
            try:
                out = answer(estimator, row)
            except Exception as error:
                return {"error": f"{type(error).__name__}: {error}"}
            if exact or "label" not in out:
                return out
            pair = (
                Texts(row + row)
                if isinstance(row, Texts)
                else pd.concat([row, row])
                if isinstance(row, pd.DataFrame)
                else np.concatenate([row, row])
            )
            batch = labels(estimator.predict(pair))
            if batch[: len(out["label"])] == out["label"]:
                return out
        self.undecided += 1
        return None


def fit(estimator: Any, X: Table, y: Any = None) -> Any:
    """Fit without warnings."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return estimator.fit(X, y)


def pipe(*steps: Any) -> Pipeline:
    """Return a Pipeline whose steps are named s0, s1, …"""
    return Pipeline([(f"s{i}", step) for i, step in enumerate(steps)])


def main(*groups: Callable[[Cases], None]) -> None:
    """Write the cases of all groups into the folder that the command line names."""
    cases = Cases(Path(sys.argv[1]))
    for group in groups:
        group(cases)
    (cases.folder / "cases.jsonl").write_text("".join(line + "\n" for line in cases.lines), encoding="utf-8")
    print(f"{len(cases.lines)} cases, {cases.undecided} rows undecided")
