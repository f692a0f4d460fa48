from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklambda._golden import LEAST, Feature, RowMaker, features_of, vocabulary_of
from sklambda._sample import Sample, draw, identity
from sklambda._splits import SplitPoint
from sklambda._table import Column, Row

_COLUMNS = (
    Column("number", "float64", "nan"),
    Column("whole", "int64", "nan"),
    Column("flag", "bool", "nan"),
    Column("colour", "object", "nan"),
    Column("unused", "object", "nan"),
)
_FEATURES = (
    Feature(used=True, categories=(), low=-2.0, high=3.0, whole=False),
    Feature(used=True, categories=(1, 2, 30), low=1.0, high=30.0, whole=True),
    Feature(used=True, categories=(), low=None, high=None, whole=False),
    Feature(used=True, categories=("red", "green"), low=None, high=None, whole=False),
    Feature(used=False, categories=(), low=None, high=None, whole=False),
)


def _sample_rows(count: int) -> list[Row]:
    rng = np.random.default_rng(5)
    return [
        (float(rng.uniform(-2, 3)), int(rng.choice([1, 2, 30])), bool(i % 2), str(rng.choice(["red", "green"])), f"secret {i}")
        for i in range(count)
    ]


def _sample(count: int) -> Sample:
    return draw(_sample_rows(count), np.random.default_rng(0), hashes=True)


def _maker(sample: Sample, *, sample_rows: bool = True, words: Any = ()) -> RowMaker:
    return RowMaker(_COLUMNS, _FEATURES, sample, words, np.random.default_rng(1), sample_rows=sample_rows)


def _chosen(maker: RowMaker, labels: Any = None, points: Any = ()) -> list[Row]:
    ordinary = maker.ordinary(labels)
    return ordinary + maker.hard(ordinary, points)


_POINTS = [SplitPoint(0, (0.5, float(np.nextafter(0.5, 0)), float(np.nextafter(0.5, 1))), 0, 0)]


@pytest.mark.parametrize("sample_rows", [True, False])
@pytest.mark.parametrize("count", [0, 1, 3, 50, 1000])
def test_rows_are_enough_distinct_and_the_same_again(count: int, sample_rows: bool) -> None:
    rows = _chosen(_maker(_sample(count), sample_rows=sample_rows), points=_POINTS)
    assert LEAST <= len(rows) <= 1000
    assert len({identity(row) for row in rows}) == len(rows)
    assert repr(rows) == repr(_chosen(_maker(_sample(count), sample_rows=sample_rows), points=_POINTS))
    assert all(len(row) == len(_COLUMNS) for row in rows)


def test_rows_of_the_sample_are_taken() -> None:
    sample = _sample(50)
    rows = _chosen(_maker(sample))
    assert {identity(row) for row in sample.pool} <= {identity(row) for row in rows}


@pytest.mark.parametrize("count", [1, 50, 1000])
def test_no_row_and_no_free_text_of_the_sample_is_taken_unless_allowed(count: int) -> None:
    sample = _sample(count)
    maker = _maker(sample, sample_rows=False)
    rows = _chosen(maker, points=_POINTS) + maker.more(100)
    assert not {identity(row) for row in sample.pool} & {identity(row) for row in rows}
    assert not any("secret" in str(row) for row in rows)
    numbers = {row[0] for row in sample.pool}
    assert {row[0] for row in rows} & numbers <= {-2.0, 3.0}


def test_a_sample_of_every_possible_row_leaves_none_of_them() -> None:
    columns, features = _COLUMNS[2:3], _FEATURES[2:3]
    sample = draw([(True,), (False,)], np.random.default_rng(0), hashes=True)
    maker = RowMaker(columns, features, sample, (), np.random.default_rng(0), sample_rows=False)
    assert _chosen(maker) == [(None,)]


def test_hard_values_are_there() -> None:
    rows = _chosen(_maker(_sample(300)), points=_POINTS)
    numbers, wholes, flags, colours = ([row[j] for row in rows] for j in range(4))
    for value in (1e300, 1e-300, math.inf, -math.inf, 2**53 + 1, float(np.nextafter(3.0, math.inf)), None, *_POINTS[0].values):
        assert value in numbers
    assert any(value == 0 and math.copysign(1, value) < 0 for value in numbers if isinstance(value, float))
    assert {None, 2**53 + 1, 30.5} <= set(wholes)
    assert None in flags
    assert {None, "", "nan", "None", "unseen", "RED", "red ", "gree"} <= set(colours)
    assert (None,) * 5 in rows


def test_every_label_is_among_the_ordinary_rows() -> None:
    sample = _sample(4000)
    labels = ["common"] * 4000
    labels[1234] = labels[77] = "rare"
    rows = {identity(row) for row in _maker(sample).ordinary(labels)}
    assert {identity(sample.pool[1234]), identity(sample.pool[77])} <= rows


def test_split_points_of_shallow_nodes_come_first() -> None:
    points = [SplitPoint(0, (float(depth),), depth, 0) for depth in range(2000)]
    values = {row[0] for row in _chosen(_maker(_sample(300)), points=points)}
    assert {0.0, 1.0, 2.0, 3.0} <= values
    assert 1999.0 not in values


def test_text_is_made_of_the_vocabulary() -> None:
    pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["good film", "bad film"], [1, 0])
    words = vocabulary_of(pipeline)
    assert words == ["bad", "film", "good"]
    column, feature = Column("text", "object", "nan"), Feature(True, (), None, None, False)
    maker = RowMaker([column], [feature], Sample(), words, np.random.default_rng(0), sample_rows=False)
    texts = [row[0] for row in maker.more(50)]
    assert {word for text in texts if isinstance(text, str) for word in text.split()} == set(words)


def test_a_large_sample_is_drawn_from_evenly() -> None:
    sample = draw(((float(i),) for i in range(100_000)), np.random.default_rng(0), hashes=True)
    drawn = [row[0] for row in sample.pool]
    assert len(drawn) == 5000
    assert drawn == sorted(drawn)  # type: ignore[type-var]
    assert abs(np.mean(drawn) - 50_000) < 2000  # type: ignore[arg-type]
    assert sample.holds((99_999,))
    assert not sample.holds((100_000.0,))


def test_features_come_from_the_manifest() -> None:
    manifest = {
        "features": [
            {"name": "a", "type": "integer", "used": True, "min": 1, "max": 9},
            {"name": "b", "type": "string", "used": False, "categories": ["x"]},
        ]
    }
    assert features_of(manifest) == [Feature(True, (), 1, 9, True), Feature(False, ("x",), None, None, False)]


def test_every_column_of_a_wide_table_has_a_missing_and_an_extreme_cell() -> None:
    columns = [Column(f"x{j}", "float64", "nan") for j in range(150)] + [Column("s", "object", "nan")]
    features = [Feature(True, (), 0.0, 1.0, False)] * 150 + [Feature(True, ("a", "b"), None, None, False)]
    sample = Sample([(*map(float, row), "a") for row in np.random.default_rng(0).random((300, 150))])
    rows = _chosen(RowMaker(columns, features, sample, (), np.random.default_rng(1)))
    for j in range(150):
        assert {None, -1.0, 2.0} <= {row[j] for row in rows}
    assert {None, "unseen"} <= {row[150] for row in rows}
