"""What the hunt is for: a plan that is wrong where no row of the sample, and no hard row, comes to."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from conftest import Real
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

import sklambda
from sklambda import _certificate, _export
from sklambda._answers import quietly
from sklambda._binary import find_binary
from sklambda._certificate import Certificate
from sklambda._table import write_csv

_RNG = np.random.default_rng(0)
_X = _RNG.random((400, 2))


def _tree() -> tuple[Any, Any]:
    """Return a tree, and one with another value in the leaf of large x0 and large x1."""
    tree = DecisionTreeRegressor(max_depth=2).fit(_X, 10 * (_X[:, 0] > 0.8) + (_X.min(axis=1) > 0.8))
    altered = copy.deepcopy(tree)
    leaf = altered.apply([[0.99, 0.99]])[0]
    altered.tree_.value[leaf] += 0.001
    return tree, altered


def _line() -> tuple[Any, Any]:
    """Return x0 - x1, and one of which a coefficient is off by less than the tolerance: large numbers must cancel to show it."""
    line = LinearRegression().fit(_X, _X[:, 0] - _X[:, 1])
    line.coef_, line.intercept_ = np.array([1.0, -1.0]), 0.0
    altered = copy.deepcopy(line)
    altered.coef_[0] += 5e-13
    return line, altered


Certify = Callable[[Any, Any], Certificate]


@pytest.fixture
def certify(real: Real, tmp_path: Path) -> Certify:
    """Return a function that makes a certificate for a model with the plan of another."""

    def made(model: Any, planned: Any) -> Certificate:
        pipeline, asked, sample = (tmp_path / name for name in ("planned.joblib", "asked.joblib", "sample.csv"))
        joblib.dump(planned, pipeline)
        joblib.dump(model, asked)
        write_csv(_X[(_X < 0.8).all(axis=1)], sample)
        binary = find_binary()
        binary.build(pipeline, sample, tmp_path / "draft")
        binary.rows(pipeline, sample, tmp_path / "rows.jsonl")
        with quietly():
            return _export._certificate(model, asked, tmp_path / "rows.jsonl", tmp_path / "draft", binary, None, True)

    return made


def _wrong(made: Certificate) -> list[int]:
    """Return which golden rows the plan answers otherwise."""
    return [i for i, far in enumerate(made.distances) if far > made.bounds["value"]]


@pytest.mark.parametrize("models", [_tree, _line])
def test_an_altered_plan_is_caught_by_the_hunt_alone(certify: Certify, models: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hunted = certify(*models())
    assert hunted.hunted == 1024
    assert hunted.answers.undecided == 0
    assert hunted.failed
    assert hunted.largest > hunted.bounds["value"]
    monkeypatch.setattr("sklambda._hunt._ROUNDS", 0)
    chosen = certify(*models())
    assert not chosen.failed
    assert _wrong(chosen) == []
    # The rows of the hunt come behind all others.
    assert min(_wrong(hunted)) >= len(chosen.answers.rows)
    assert chosen.answers.rows == hunted.answers.rows[: len(chosen.answers.rows)]


def test_the_same_hunt_again_finds_the_same(certify: Certify) -> None:
    model, _ = _line()
    one, two = (certify(model, model) for _ in range(2))
    assert repr(one.answers) == repr(two.answers)
    assert one.hunted == 1024
    assert one.largest == two.largest <= 1e-12


def test_what_scikit_learn_is_not_sure_of_is_undecided(certify: Certify, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a find, a tenth of the bound is enough: the hunt looks for rows where rounding tells most."""
    seen: list[float] = []

    def other_sums(_: Path, __: Any, rows: Any, ___: Any, bounds: Any) -> set[int]:
        seen.append(bounds["value"])
        return set(range(len(rows)))

    monkeypatch.setattr(_certificate, "undecided", other_sums)
    made = certify(*_line())
    assert seen[-1] == pytest.approx(1e-13)
    assert made.answers.undecided > 0
    assert not made.failed
    # What is within the bound is kept.
    assert 0 < made.largest <= 1e-12


def test_the_figure_is_in_report_and_manifest(real: Real, tmp_path: Path) -> None:
    report = sklambda.export(_line()[0], _X, tmp_path / "artifact")
    assert report.hunted == 1024
    assert report.manifest["golden"]["hunt"] == {"rows": 1024, "largest": report.largest}
    assert "1024 rows hunted through" in str(report)
    assert "hunted through" in real.run("inspect", "--model", tmp_path / "artifact")


def test_cells_keep_the_type_of_their_column(real: Real, tmp_path: Path) -> None:
    """A tree splits a boolean column at 0.5, which is no value of it."""
    table = pd.DataFrame({"flag": _X[:, 0] > 0.5, "whole": (9 * _X[:, 1]).astype(int), "x": _X[:, 1]})
    forest = RandomForestRegressor(3, max_depth=3, random_state=0).fit(table, _X[:, 0] + _X[:, 1])
    assert sklambda.export(forest, table, tmp_path / "artifact").largest == 0
