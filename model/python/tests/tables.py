"""Rows of the reference table for the parity tests: those of a training table, and hard ones made from it."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from parity import Cases, Table, fit

HARD_TEXT = ["", " ", "nan", "None", "unseen", "A", "é", "e\u0301", "日本", "\U0001f600", "a\x00", "1", "True"]
HARD_NUMBERS = [
    0.0,
    -0.0,
    1.0,
    2.5,
    -1.0,
    1e-310,
    1e300,
    -1e300,
    math.inf,
    -math.inf,
    2.0**53,
    2.0**53 + 2,
    3.0000000000000004,
]


def missing(value: Any) -> bool:
    """Report whether a cell is missing."""
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


class Columns:
    """The columns of the reference table of a pipeline that was fitted on X (contracts.md, "the reference table").

    Parameters
    ----------
    integers : columns (names or positions) that are int64, because a consumer's categories_ are integers.
    objects : number columns of objects, because their missing cells are None.
    none : columns in which a missing cell is None.
    """

    def __init__(
        self,
        X: Table,
        integers: Collection[Any] = (),
        objects: Collection[Any] = (),
        none: Collection[Any] = (),
    ) -> None:
        self.named = isinstance(X, pd.DataFrame) and all(isinstance(name, str) for name in X.columns)
        self.names = list(X.columns) if isinstance(X, pd.DataFrame) else list(range(X.shape[1]))
        frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame({j: list(X[:, j]) for j in self.names})
        self.cells = [[self._plain(v) for v in frame[name].astype(object)] for name in self.names]
        self.none = [name in none for name in self.names]
        self.dtypes = [
            "int64" if n in integers else "object" if n in objects or n in none else self._dtype(v)
            for n, v in zip(self.names, self.cells, strict=True)
        ]

    @staticmethod
    def _plain(value: Any) -> Any:
        value = value.item() if isinstance(value, np.generic) else value
        return None if missing(value) else value

    @staticmethod
    def _dtype(values: Sequence[Any]) -> str:
        kinds = {type(v) for v in values if v is not None}
        if kinds == {bool}:
            return "object" if None in values else "bool"
        return "object" if str in kinds else "float64"

    def fitted_rows(self, count: int) -> list[list[Any]]:
        """Return the first rows of X."""
        return [[column[i] for column in self.cells] for i in range(min(count, len(self.cells[0])))]

    def hard_rows(self, rng: np.random.Generator, per_column: int = 8) -> list[list[Any]]:
        """Return rows of X with one cell each replaced: missing, unseen, extreme, close to a value of X."""
        rows = []
        for j, column in enumerate(self.cells):
            seen = [v for v in column if v is not None]
            if seen and isinstance(seen[0], bool):
                hard: list[Any] = [True, False]
            elif seen and isinstance(seen[0], str):
                hard = [*HARD_TEXT, seen[0] + " ", seen[0].upper()]
            else:
                near = [float(v) for v in seen[:3]]
                hard = HARD_NUMBERS + near + [math.nextafter(v, math.inf) for v in near]
            chosen = rng.permutation(len(hard))[:per_column]
            for value in [None, *(hard[k] for k in chosen)]:
                row = [c[rng.integers(len(c))] for c in self.cells]
                row[j] = value
                rows.append(row)
        return rows

    def tables(self, rows: Sequence[Sequence[Any]]) -> list[Table]:
        """Return each row as a table of its own."""
        return [self.table(row) for row in rows]

    def table(self, row: Sequence[Any]) -> Table:
        """Return a row as the reference table; a dtype that cannot hold the value is widened."""
        arrays = {n: self._array(j, row[j]) for j, n in enumerate(self.names)}
        if self.named:
            return pd.DataFrame({n: pd.Series(a, dtype=a.dtype) for n, a in arrays.items()})
        kinds = {a.dtype for a in arrays.values()}
        if len(kinds) == 1 or kinds <= {np.dtype("int64"), np.dtype("float64")}:
            return np.column_stack(list(arrays.values()))
        table = np.empty((1, len(arrays)), dtype=object)
        table[0] = [a.item() for a in arrays.values()]
        return table

    def _array(self, j: int, value: Any) -> Any:
        dtype = self.dtypes[j]
        if dtype == "int64" and (value is None or not math.isfinite(value) or value != int(value) or abs(value) >= 2**63):
            dtype = "float64"
        if dtype == "bool" and value is None:
            dtype = "object"
        if dtype == "float64":
            return np.array([math.nan if value is None else float(value)])
        array = np.empty(1, dtype=dtype)
        array[0] = (None if self.none[j] else math.nan) if value is None else value
        return array


def add(
    cases: Cases,
    name: str,
    estimator: Any,
    X: Table,
    *,
    y: Any = None,
    integers: Collection[Any] = (),
    objects: Collection[Any] = (),
    none: Collection[Any] = (),
    per_column: int = 4,
    sample: bool = True,
    **options: Any,
) -> None:
    """Fit an estimator on X and add it with rows of X and hard ones; the build must find the dtypes of `Columns`.

    Parameters
    ----------
    sample : give X to the build as its sample.
    """
    fit(estimator, X, y)
    columns = Columns(X, integers, objects, none)
    rng = np.random.default_rng(len(cases.lines))
    rows = columns.fitted_rows(6) + columns.hard_rows(rng, per_column)
    cases.add(
        name,
        estimator,
        columns.tables(rows),
        sample=columns.tables(columns.fitted_rows(len(X))) if sample else None,
        dtypes=columns.dtypes,
        none=columns.none,
        **options,
    )


def every(n: int) -> Callable[..., None]:
    """Return an `add` that adds each n-th case only, and all of them in a full run (PARITY_FULL=1)."""
    count = itertools.count()

    def add_some(cases: Cases, name: str, estimator: Any, X: Table, **options: Any) -> None:
        if next(count) % n == 0 or os.environ.get("PARITY_FULL") == "1":
            add(cases, name, estimator, X, **options)

    return add_some
