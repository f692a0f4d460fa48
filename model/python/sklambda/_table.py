"""The input table: its columns, the typed rows that Go reads from a sample, and the tables that scikit-learn is asked with."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Union

import numpy as np

from sklambda._errors import BuildError, SampleError

__all__ = ["Column", "Row", "Signature", "Value", "read_rows", "row_json", "to_json", "write_csv", "write_sample"]

# A cell: None is a missing one. A column that no step reads may hold any JSON value.
Value = Union[None, bool, int, float, str, list[Any], dict[str, Any]]
Row = tuple[Value, ...]

_NUMERIC = ("float64", "int64")
_DTYPES = (*_NUMERIC, "bool", "object")
_NULLS = {"nan": math.nan, "none": None}
_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True)
class Column:
    """One column of the reference table.

    Parameters
    ----------
    name : str
        Its name.
    dtype : {"float64", "int64", "bool", "object"}
        Its fixed dtype.
    null : {"nan", "none"}
        What a missing cell is to scikit-learn.
    """

    name: str
    dtype: str
    null: str

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return self.dtype in _NUMERIC

    def dtype_for(self, value: Value) -> str:
        """Return the dtype of a column that holds ``value``: wider than its own where its own cannot hold it.

        An int64 column with a missing cell, a fraction or a number beyond int64 is float64, and a boolean column with a
        missing cell is object, as in pandas.
        """
        if self.dtype == "int64":
            whole = isinstance(value, (int, float)) and math.isfinite(value) and value == int(value)
            return "int64" if whole and int(value) in _INT64 else "float64"  # type: ignore[arg-type]
        if self.dtype == "bool" and not isinstance(value, bool):
            return "object"
        return self.dtype

    def cell(self, value: Value) -> Any:
        """Return a value as scikit-learn gets it. NaN is missing too: a column of numbers has one kind of missing cell."""
        return _NULLS[self.null] if value is None or value != value else value

    def array(self, values: Sequence[Value], dtype: str) -> np.ndarray[Any, Any]:
        """Return values as an array of a dtype that can hold them."""
        if dtype == "float64":
            return np.array([math.nan if v is None else float(v) for v in values], dtype=np.float64)  # type: ignore[arg-type]
        if dtype == "int64":
            return np.array([int(v) for v in values], dtype=np.int64)  # type: ignore[arg-type]
        array = np.empty(len(values), dtype=bool if dtype == "bool" else object)
        array[:] = [self.cell(v) for v in values]
        return array


@dataclass(frozen=True)
class Signature:
    """The columns of the input table and the form that the pipeline was fitted on.

    Parameters
    ----------
    columns : tuple of Column
        The columns, in order.
    names : bool
        Whether the pipeline was fitted with column names: then it is asked with a DataFrame, otherwise with an array.
    text : bool
        Whether it starts with a text vectorizer: then it is asked with a list of texts.
    dicts : bool, default False
        Whether it starts with DictVectorizer or FeatureHasher: then it is asked with a list of dicts, whose keys are the columns.
    """

    columns: tuple[Column, ...]
    names: bool
    text: bool
    dicts: bool = False

    def dtypes(self, row: Row) -> tuple[str, ...]:
        """Return the dtypes of a table that holds ``row``. Rows of one batch share them."""
        return tuple(column.dtype_for(value) for column, value in zip(self.columns, row))

    def table(self, rows: Sequence[Row]) -> Any:
        """Return rows as the pipeline is asked with them.

        Parameters
        ----------
        rows : sequence of Row
            At least one row, all of the same dtypes.

        Returns
        -------
        DataFrame, ndarray of shape (n_rows, n_columns), list of str or list of dict
            The reference table.
        """
        if self.dicts:
            return [self._dict(row) for row in rows]
        cells = list(zip(*rows))
        if self.text:
            return [self.columns[0].cell(value) for value in cells[0]]
        dtypes = self.dtypes(rows[0])
        arrays = [c.array(v, d) for c, v, d in zip(self.columns, cells, dtypes)]
        if self.names:
            return _frame({c.name: array for c, array in zip(self.columns, arrays)})
        if len(set(dtypes)) == 1 or set(dtypes) <= set(_NUMERIC):
            return np.column_stack(arrays)
        table = np.empty((len(rows), len(arrays)), dtype=object)
        for j, array in enumerate(arrays):
            table[:, j] = array
        return table

    def _dict(self, row: Row) -> dict[str, Value]:
        """Return a row as a dict, without the keys of missing cells, and of lists, which no step reads."""
        cells = zip(self.columns, row)
        return {c.name: value for c, value in cells if isinstance(value, (str, int, float)) and value == value}


def _frame(arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise SampleError(
            "the pipeline was fitted on a DataFrame, and pandas is not installed: python -m pip install pandas"
        ) from error
    # pandas 3 makes strings of objects its own `str`, unless told.
    return pd.DataFrame({name: pd.Series(array, dtype=array.dtype) for name, array in arrays.items()})


def read_rows(path: Path) -> tuple[Signature, Iterator[Row]]:
    """Read what ``sklambda rows`` wrote.

    Parameters
    ----------
    path : Path
        JSON Lines: the dtypes, then an array or object of cells a row.

    Returns
    -------
    signature : Signature
        From the first line.
    rows : iterator of Row
        The rows, read as they are asked for.
    """
    lines = _lines(path)
    try:
        head = json.loads(next(lines))
        columns = tuple(Column(c["name"], c["dtype"], c["null"]) for c in head["columns"])
        signature = Signature(columns, bool(head["names"]), bool(head["text"]), bool(head["dicts"]))
    except (StopIteration, ValueError, KeyError, TypeError) as error:
        raise BuildError(f"`sklambda rows` printed no dtypes line that this version reads: {error!r}") from error
    for column in columns:
        if column.dtype not in _DTYPES or column.null not in _NULLS:
            raise BuildError(f"`sklambda rows` gave column {column.name!r} the unknown dtype {column.dtype}, {column.null}")
    return signature, (_row(line, columns) for line in lines)


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as stream:
        yield from stream


def _row(line: str, columns: Sequence[Column]) -> Row:
    cells = json.loads(line)
    if isinstance(cells, dict):
        cells = [cells.get(column.name) for column in columns]
    # Non-finite numbers are strings in JSON.
    return tuple(float(v) if c.dtype in _NUMERIC and isinstance(v, str) else v for c, v in zip(columns, cells))


def to_json(value: Any) -> Any:
    """Return a value with its non-finite numbers written as the strings ``"NaN"``, ``"Infinity"``, ``"-Infinity"``."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    return value


def row_json(row: Row, columns: Sequence[Column]) -> dict[str, Any]:
    """Return a row as a JSON Lines object."""
    return {column.name: to_json(value) for column, value in zip(columns, row)}


def write_sample(X: Any, folder: Path) -> Path:
    """Write a sample that Go reads back with every value and type unchanged.

    Parameters
    ----------
    X : DataFrame, ndarray of shape (n_rows, n_columns), Series, sequence of str or list of dict
        The sample.
    folder : Path
        Receives sample.csv, or sample.jsonl of dicts.

    Returns
    -------
    Path
        The file.
    """
    dicts = isinstance(X, (list, tuple)) and len(X) > 0 and all(isinstance(item, Mapping) for item in X)
    path = folder / ("sample.jsonl" if dicts else "sample.csv")
    if dicts:
        _write_dicts(X, path)
    else:
        write_csv(X, path)
    return path


def _write_dicts(X: Sequence[Mapping[Any, Any]], path: Path) -> None:
    """Write JSON Lines with the keys of all dicts, in the order in which they come. A key that a dict does not have is null."""
    kinds: dict[str, str] = {}
    for item in X:
        for key, value in item.items():
            if not isinstance(key, str):
                raise SampleError(f"a dict of the sample has the key {key!r}: a key is a string, as in JSON")
            kind = _kind(value, key)
            if kind and kinds.get(key, "") not in ("", kind):
                raise SampleError(
                    f"key {key!r} of the sample holds {kinds[key]} and {kind}: a feature has values of one type; give each "
                    "a key of its own before the fit"
                )
            kinds[key] = kinds.get(key) or kind
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for item in X:
            cells = {key: to_json(_item(item.get(key))) for key in kinds}
            out.write(json.dumps(cells, ensure_ascii=False) + "\n")


def _item(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _kind(value: Any, key: str) -> str:
    """Return what a column of such values holds; "" for a missing cell."""
    value = _item(value)
    if value is None or value != value:
        return ""
    for kind, name in ((str, "strings"), (bool, "booleans"), ((int, float), "numbers")):
        if isinstance(value, kind):
            return name
    raise SampleError(
        f"key {key!r} of the sample holds a {type(value).__name__}: a value is a number, a boolean, a string or missing; give "
        "each part a key of its own before the fit"
    )


def write_csv(X: Any, path: Path) -> None:
    """Write a sample that Go reads back with every value and type unchanged.

    Parameters
    ----------
    X : DataFrame, ndarray of shape (n_rows, n_columns), Series or sequence of str
        The sample. A missing cell is written empty, a string quoted.
    path : Path
        Receives the CSV.
    """
    names, rows = _cells(X)
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(",".join(_quoted(name) for name in names) + "\n")
        for row in rows:
            out.write(",".join(_cell(value, name) for value, name in zip(row, names)) + "\n")


def _cells(X: Any) -> tuple[list[str], Iterable[Sequence[Any]]]:
    if hasattr(X, "columns"):
        names = [str(name) for name in X.columns]
        return names, zip(*(X.iloc[:, j].tolist() for j in range(len(names))))
    if hasattr(X, "toarray"):
        X = X.toarray()
    name = str(X.name) if getattr(X, "name", None) is not None else "x0"
    if not isinstance(X, np.ndarray):
        if not isinstance(X, Iterable):
            raise SampleError(
                f"the sample is of type {type(X).__name__}: give a DataFrame, an array, a list of texts or dicts, or a path"
            )
        X = list(X)
        if not all(isinstance(item, str) for item in X):
            X = np.array(X, dtype=object)
    if not isinstance(X, np.ndarray) or X.ndim == 1:
        return [name], ([value] for value in X)
    if X.ndim != 2:
        raise SampleError(f"the sample has {X.ndim} dimensions: give rows and columns")
    return [f"x{j}" for j in range(X.shape[1])], X.tolist()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _cell(value: Any, column: str) -> str:
    value = _item(value)
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
        return ""
    if isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, (str, date, timedelta)):  # of dates, a column that no step reads; build refuses one that a step does
        return _quoted(str(value))
    raise SampleError(
        f"column {column!r} of the sample holds a {type(value).__name__}: a cell is a number, a boolean, a string or "
        "missing; convert the column in the pipeline's input as it is converted for predict"
    )
