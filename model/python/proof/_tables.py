"""Seeded hard tables and scikit-learn's own data sets, each with the rows that are asked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn import datasets

from sklambda._table import Column, Row, Signature

__all__ = ["Table", "table"]

_SEED = 20261125
_EXTREMES = (math.nan, math.inf, -math.inf, 1e300, -1e300, 1e-300, -1e-300, -0.0, 3.5e38, float(2**53 + 2), 5e-324)


@dataclass(frozen=True)
class Table:
    """An input to fit on, targets of every kind, and rows to ask about.

    Parameters
    ----------
    X : ndarray, DataFrame, list of str or list of dict
        The input.
    columns : sequence of Column
        The reference table's columns.
    rows : list of Row
        Ordinary rows and hard ones.
    targets : dict of str to array
        The target by its kind: "classes", "binary", "number", "numbers", "labels" (multilabel), "pair" (two outputs of classes),
        "partly" (binary, -1 where it is not known).
    """

    X: Any
    columns: tuple[Column, ...]
    rows: list[Row]
    targets: dict[str, Any] = field(default_factory=dict)
    text: bool = False
    dicts: bool = False

    @property
    def signature(self) -> Signature:
        """How the pipeline is asked with a row."""
        return Signature(self.columns, isinstance(self.X, pd.DataFrame), self.text, self.dicts)


def _targets(rng: np.random.Generator, signal: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return targets that depend on a signal and noise."""
    noisy = signal + 0.3 * rng.standard_normal(len(signal))
    order = noisy.argsort().argsort()
    three = order * 3 // len(order)
    number = np.round(np.exp(0.7 * (noisy - noisy.mean()) / noisy.std()), 3) + 0.1
    return {
        "classes": np.array(["high", "low", "mid"])[three],
        "binary": (order * 2 // len(order)).astype(np.int64),
        "number": number,
        "numbers": np.column_stack([number, noisy, np.sqrt(number)]),
        "labels": np.column_stack([order % 3 == 0, order * 2 >= len(order), noisy > 1.2 * noisy.mean()]).astype(np.int64),
        "pair": np.column_stack([three, order % 2]),
        "partly": np.where(np.arange(len(order)) % 3 == 0, -1, order * 2 // len(order)),
    }


def _numeric_rows(X: np.ndarray[Any, Any], rng: np.random.Generator, ordinary: int) -> list[Row]:
    """Return rows of X, points between them, and rows with one extreme cell."""
    some = X[rng.permutation(len(X))[:ordinary]]
    between = (some[1:] + some[:-1]) / 2
    rows = [tuple(row) for row in np.vstack([some, between[: ordinary // 2]]).tolist()]
    for k, value in enumerate(_EXTREMES):
        row = list(rows[k % len(rows)])
        row[k % len(row)] = value
        rows.append(tuple(row))
    flat = np.unique(X[:, 0])
    for t in flat[1 : len(flat) : max(1, len(flat) // 4)].tolist():
        for near in (
            t,
            math.nextafter(t, math.inf),
            math.nextafter(t, -math.inf),
            float(np.nextafter(np.float32(t), np.float32(9))),
        ):
            rows.append((near, *rows[0][1:]))
    rows.append((math.nan,) * X.shape[1])
    rows.append((0.0,) * X.shape[1])
    return rows


def _numeric(X: np.ndarray[Any, Any], rng: np.random.Generator, signal: np.ndarray[Any, Any], ordinary: int = 16) -> Table:
    columns = tuple(Column(f"x{j}", "float64", "nan") for j in range(X.shape[1]))
    return Table(X, columns, _numeric_rows(X, rng, ordinary), _targets(rng, signal))


def _hard(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Return columns of unlike kinds: a bell, a long tail, halves, whole numbers, a constant, and one that follows the first."""
    n = 72
    bell = rng.standard_normal(n)
    return np.column_stack(
        [
            np.round(bell, 2),
            np.round(np.exp(rng.standard_normal(n)), 3),
            rng.integers(0, 6, n) / 2,
            rng.integers(0, 4, n).astype(float),
            np.full(n, 3.0),
            np.round(0.5 * bell + rng.standard_normal(n), 1),
        ]
    )


def _positive(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    X: np.ndarray[Any, Any] = np.abs(_hard(rng)) + np.array([0.1, 0.1, 0.5, 1.0, 0.0, 0.2])
    return X


def _missing(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    X = _hard(rng)
    X[rng.random(X.shape) < 0.12] = math.nan
    X[:, 4] = 3.0
    return X


def _mixed(rng: np.random.Generator) -> Table:
    """Return a DataFrame of strings (one with None and one with odd texts), whole numbers and booleans."""
    n = 72
    colours = np.array(["red", "green", "blue", "ünïcode", ""], dtype=object)
    X = pd.DataFrame(
        {
            "colour": pd.Series(colours[rng.integers(0, 5, n)], dtype=object),
            "size": pd.Series(
                np.array(["S", "M", "L", "nan"], dtype=object)[rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])], dtype=object
            ),
            "count": rng.choice([1, 2, 3, 2**53 + 1], n, p=[0.4, 0.3, 0.2, 0.1]),
        }
    )
    columns = (Column("colour", "object", "nan"), Column("size", "object", "nan"), Column("count", "int64", "nan"))
    rows: list[Row] = [(str(a), str(b), int(c)) for a, b, c in X.iloc[:20].itertuples(index=False)]
    rows += [("purple", "S", 1), ("red", "XL", 1), ("red", "S", 9), ("Red", "S", 1), ("red ", "S", 1), ("red", "S", 2**53)]
    return Table(X, columns, rows, _targets(rng, X["count"].to_numpy() % 5 + 1.0 * (X["colour"] == "red").to_numpy()))


def _strings(rng: np.random.Generator) -> Table:
    """Return a DataFrame of two columns of strings with missing cells, NaN in one and None in the other."""
    n = 60
    first = np.array(["a", "b", "c", math.nan], dtype=object)[rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])]
    second = np.array(["x", "y", None], dtype=object)[rng.choice(3, n, p=[0.5, 0.3, 0.2])]
    X = pd.DataFrame({"first": pd.Series(first, dtype=object), "second": pd.Series(second, dtype=object)})
    columns = (Column("first", "object", "nan"), Column("second", "object", "none"))
    rows: list[Row] = [(a, b) for a in ("a", "b", "c", None, "d", "nan", "") for b in ("x", "y", None, "None", "z")]
    return Table(X, columns, rows, _targets(rng, (first == "a") + 0.5 * (second == "x")))


_TEXTS = (
    "The quick brown fox", "jumps over the lazy dog", "the fox; the dog!", "Ünïcode cafés and naïve résumés", "İstanbul ΣΟΦΟΣ",
    "a an the I you", "numbers 12 and 3.5 and 12", "tabs\tand\nnewlines", "snake_case don't re-use", "fox fox fox dog",
    "", " ", "東京 タワー", "ﬁne ligature ½", "brown dog brown fox", "lazy cat sat on the mat", "quick quick lazy", "mat cat hat",
)  # fmt: skip
_ASKED_TEXTS = ("fox", "FOX dog unseen", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 fox", "naïve naive NAÏVE", "ﬁ fi", "x" * 300, "The The the", "_ __ a_b 1_2")


def _texts(rng: np.random.Generator) -> Table:
    texts = [*_TEXTS, *_TEXTS[:12]]
    asked: list[Row] = [(text,) for text in (*_TEXTS, *_ASKED_TEXTS)]
    return Table(
        texts, (Column("x0", "object", "nan"),), asked, _targets(rng, np.array([len(t) for t in texts], float)), text=True
    )


_DICTS: dict[str, tuple[Any, ...]] = {
    "city": ("Köln", "Bonn", "a=b", "", "=", "東京"), "size": (1.5, -0.0, 3.0, 0.1, 2.0**53, 1e-300), "new": (True, False),
    "Größe=": (7.0, -2.5, 1e10), "ſ": ("1", "007", "nan"), "": (0.3, 0.1),
}  # fmt: skip
_ASKED_CELLS: dict[str, tuple[Any, ...]] = {
    "city": ("unseen", "KÖLN", "Köln ", "nan"), "size": (math.inf, -math.inf, 1e300, 3.5e38, 5e-324),
    "Größe=": (-1e-320, 2.0**60), "ſ": ("2", ""),
}  # fmt: skip


def _dicts(rng: np.random.Generator) -> Table:
    """Return dicts of some keys each, with strings, numbers and booleans."""
    X = [{key: of[rng.integers(len(of))] for key, of in _DICTS.items() if rng.random() < 0.8} for _ in range(72)]
    keys = list(dict.fromkeys(key for row in X for key in row))  # in the order of the sample, in which a hasher adds
    dtypes: dict[type, str] = {str: "object", bool: "bool", float: "float64"}
    columns = tuple(Column(key, dtypes[type(_DICTS[key][0])], "nan") for key in keys)
    asked = [*X[:24], {}, *({**X[0], key: cell} for key, cells in _ASKED_CELLS.items() for cell in cells)]
    rows: list[Row] = [tuple(row.get(key) for key in keys) for row in asked]
    signal = np.array([len(row) + 2.0 * (row.get("city") == "Bonn") for row in X])
    return Table(X, columns, rows, _targets(rng, signal), dicts=True)


def _binary_columns(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    return rng.integers(0, 3, (72, 5)).astype(float)


def _loaded(name: str, rng: np.random.Generator, rows: int) -> Table:
    data = getattr(datasets, f"load_{name}")()
    keep = np.sort(rng.permutation(len(data.data))[:rows])
    X = np.asarray(data.data, dtype=np.float64)[keep]
    return _numeric(X, rng, np.asarray(data.target, dtype=np.float64)[keep])


@cache
def table(name: str) -> Table:
    """Return a table by its name.

    Parameters
    ----------
    name : str
        "hard", "positive", "missing", "levels", "mixed", "strings", "texts", "dicts", "labels", "column", "unit", "kernel", or
        a data set of scikit-learn: "iris", "diabetes".

    Returns
    -------
    Table
        The same each time.
    """
    rng = np.random.default_rng([_SEED, *name.encode()])
    special: dict[str, Any] = {"mixed": _mixed, "strings": _strings, "texts": _texts, "dicts": _dicts}
    if name in special:
        made: Table = special[name](rng)
        return made
    numeric: dict[str, Any] = {"hard": _hard, "positive": _positive, "missing": _missing, "levels": _binary_columns}
    if name in numeric:
        X = numeric[name](rng)
        filled = np.nan_to_num(X, nan=0.5)
        return _numeric(X, rng, filled[:, 0] + 0.4 * filled[:, 1] - 0.3 * filled[:, 3])
    if name == "labels":
        X = np.array(["low", "mid", "high", "ünïcode", ""], dtype=object)[rng.integers(0, 5, 40)]
        asked: list[Row] = [(str(x),) for x in (*X, "unseen", "Low")]
        return Table(X, (Column("x0", "object", "nan"),), asked)
    if name == "column":
        whole = table("hard")
        rows: list[Row] = list(dict.fromkeys((row[0],) for row in whole.rows))
        return Table(whole.X[:, :1], whole.columns[:1], rows, whole.targets)
    if name == "unit":
        X = np.round(rng.random((60, 5)), 2)
        return _numeric(X, rng, X[:, 0])
    if name == "kernel":
        X = rng.standard_normal((20, 3))
        return _numeric(X @ X.T, rng, X[:, 0])
    return _loaded(name, rng, 100)
