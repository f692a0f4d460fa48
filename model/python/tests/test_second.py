from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.kernel_approximation import PolynomialCountSketch
from sklearn.neighbors import KNeighborsClassifier

import sklambda
from sklambda import _second
from sklambda._answers import Asker
from sklambda._table import Column, Row, Signature

_SIGNATURE = Signature((Column("a", "float64", "nan"),), names=False, text=False)
_ROWS: list[Row] = [(0.0,), (1.0,), (-1.0,)]

# What an estimator that another process can import answers: whatever OpenBLAS is told to be.
_MOODY = """
import os
from sklearn.base import BaseEstimator, RegressorMixin

class Moody(RegressorMixin, BaseEstimator):
    def predict(self, X):
        off = {"Nehalem": 1e-9, "ARMV8": 1e-9}.get(os.environ.get("OPENBLAS_CORETYPE"), 1e-14)
        return X[:, 0] * (1 + off)
"""


@pytest.fixture
def moody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "moody.py").write_text(_MOODY, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    return __import__("moody").Moody()


@pytest.fixture
def one_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start one process where all answer alike, not three."""
    monkeypatch.setattr(_second, "_KERNELS", _second._KERNELS[:1])


def _undecided(estimator: Any, path: Path, bound: float) -> set[int]:
    joblib.dump(estimator, path)
    asker = Asker(estimator, _SIGNATURE)
    return _second.undecided(path, asker, _ROWS, asker.ask(_ROWS), {"value": bound})


@pytest.mark.usefixtures("one_kernel")
def test_rows_that_come_out_otherwise_with_other_sums_are_undecided(moody: Any, tmp_path: Path) -> None:
    assert _undecided(moody, tmp_path / "pipeline.joblib", 1e-12) == {1, 2}
    assert _undecided(moody, tmp_path / "pipeline.joblib", 1e-8) == set()


@pytest.mark.usefixtures("one_kernel")
@pytest.mark.skipif(np.finfo(np.longdouble).eps == np.finfo(np.float64).eps, reason="long double has no more digits")
def test_columns_that_are_the_noise_of_a_fourier_transform_are_undecided(tmp_path: Path) -> None:
    sketch = PolynomialCountSketch(n_components=20, random_state=0).fit(np.zeros((1, 2)))
    joblib.dump(sketch, tmp_path / "pipeline.joblib")
    asker = Asker(sketch, Signature((Column("a", "float64", "nan"), Column("b", "float64", "nan")), names=False, text=False))
    rows: list[Row] = [(1.0, 2.0), (1e9, 1.0), (1e300, 1.0)]
    assert _second.undecided(tmp_path / "pipeline.joblib", asker, rows, asker.ask(rows), {"value": 1e-9}) == {1, 2}


class _Here(KNeighborsClassifier):  # type: ignore[misc]
    """A class of a module that another process does not find."""


@pytest.mark.usefixtures("one_kernel")
def test_what_another_process_cannot_load_gets_no_second_opinion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Here, "__module__", "__main__")
    monkeypatch.setattr("__main__._Here", _Here, raising=False)
    assert _undecided(_Here(1).fit(np.array([[0.0], [1.0]]), [0, 1]), tmp_path / "pipeline.joblib", 0.0) == set()


@pytest.mark.usefixtures("real")
def test_distances_of_equal_rows_are_undecided(tmp_path: Path) -> None:
    """The distance of a row to itself is 0 or 1e-8, by the kernel of OpenBLAS: such weights certify nothing."""
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    report = sklambda.export(KNeighborsClassifier(algorithm="brute", weights="distance").fit(X, y), X, tmp_path / "artifact")
    assert report.rows >= 200
    assert 0 < report.undecided < 200  # rows of the sample, which are training rows, whose neighbors answer differently
