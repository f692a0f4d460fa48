from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from sklearn.base import BaseEstimator, RegressorMixin

from sklambda import UndecidedError
from sklambda._answers import Asker
from sklambda._certificate import Certificate
from sklambda._compare import Answer, from_json
from sklambda._draft import Draft
from sklambda._golden import LEAST
from sklambda._table import Column, Row, Signature

_SIGNATURE = Signature((Column("a", "float64", "nan"),), names=False, text=False)
_ROWS: list[Row] = [(float(i),) for i in range(5)]


class _Same(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    def predict(self, X: Any) -> Any:
        return X[:, 0]


class _Off:
    """A draft that is wrong about some rows."""

    def __init__(self, off: dict[float, float]) -> None:
        self._off = off

    def ask(self, rows: list[Row]) -> list[Answer]:
        return [{"value": cast("float", a) + self._off.get(cast("float", a), 0.0)} for (a,) in rows]


def _certificate(
    off: dict[float, float], undecided: set[float], monkeypatch: pytest.MonkeyPatch
) -> tuple[Certificate, list[list[Row]]]:
    asked: list[list[Row]] = []

    def second(_: Path, __: Asker, rows: list[Row], *___: object) -> set[int]:
        asked.append(rows)
        return {i for i, row in enumerate(rows) if row[0] in undecided}

    monkeypatch.setattr("sklambda._certificate.undecided", second)
    certificate = Certificate(Path(), Asker(_Same(), _SIGNATURE), cast("Draft", _Off(off)), {"value": 1e-12})
    certificate.add(_ROWS)
    return certificate, asked


def test_only_rows_that_differ_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, asked = _certificate({1.0: 0.5, 3.0: 0.25, 4.0: 2.0**-45}, {0.0, 1.0, 3.0}, monkeypatch)
    assert asked == [[(1.0,), (3.0,)]]
    assert certificate.answers.rows == [(0.0,), (2.0,), (4.0,)]
    assert certificate.distances == [0.0, 0.0, 2.0**-47]
    assert certificate.answers.undecided == 2
    assert not certificate.failed


@pytest.mark.parametrize("code", ["tie", "unstable"])
def test_a_tie_is_undecided_and_not_asked_again(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    tie = from_json({"error": {"code": code, "field": "", "message": "equally near"}})
    monkeypatch.setattr(_Off, "ask", lambda _, rows: [tie if row == (2.0,) else {"value": row[0]} for row in rows])
    certificate, asked = _certificate({}, set(), monkeypatch)
    assert asked == [[]]
    assert certificate.answers.rows == [(0.0,), (1.0,), (3.0,), (4.0,)]
    assert certificate.answers.undecided == 1
    assert not certificate.failed


def test_a_row_about_which_scikit_learn_agrees_with_itself_stays_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, _ = _certificate({1.0: 0.5, 3.0: 0.25}, {3.0}, monkeypatch)
    assert certificate.answers.rows == [(0.0,), (1.0,), (2.0,), (4.0,)]
    assert certificate.distances[1] == 0.5
    assert certificate.failed


def test_too_few_distinct_rows_are_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, _ = _certificate({}, set(), monkeypatch)
    certificate.fill()
    assert len(certificate.answers.rows) == len(certificate.answers.answers) == LEAST
    assert set(certificate.answers.rows) == set(_ROWS)


def test_errors_alone_are_not_certified(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, _ = _certificate({}, set(), monkeypatch)
    certificate.answers.answers = [{"error": {}} for _ in certificate.answers.rows]
    with pytest.raises(UndecidedError, match=r"raises for all of the 5 golden rows"):
        certificate.fill()


def test_mostly_undecided_is_not_certified(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, _ = _certificate(dict.fromkeys((0.0, 1.0, 2.0), 0.5), {0.0, 1.0, 2.0}, monkeypatch)
    with pytest.raises(UndecidedError, match=r"about 3 rows and agrees about 2"):
        certificate.fill()
