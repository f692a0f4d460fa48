from __future__ import annotations

import math
from typing import Any

import pytest

from sklambda._compare import differs, distance, from_json


@pytest.mark.parametrize(
    ("one", "other", "want"),
    [
        ({"value": 1.0}, {"value": 1.0 + 5e-13}, False),
        ({"value": 1.0}, {"value": 1.0 + 5e-12}, True),
        ({"value": 1e6}, {"value": 1e6 + 5e-7}, False),
        ({"value": 1e-20}, {"value": 2e-20}, False),
        ({"value": math.nan}, {"value": math.nan}, False),
        ({"value": math.nan}, {"value": 1.0}, True),
        ({"value": math.inf}, {"value": math.inf}, False),
        ({"value": math.inf}, {"value": -math.inf}, True),
        ({"value": math.inf}, {"value": 1e308}, True),
        ({"label": 1}, {"label": 0}, True),
        ({"label": 1.0}, {"label": 1.0 + 5e-13}, True),
        ({"labels": ["a", "b"]}, {"labels": ["a", "c"]}, True),
        ({"error": {}}, {"error": {}}, False),
        ({"error": {}}, {"label": 1}, True),
        ({"decision": [1.0, 2.0]}, {"decision": [1.0, 2.0 + 1e-15]}, True),
        ({"values": [1.0]}, {"values": [1.0, 2.0]}, True),
        ({"probabilities": {"a": 1.0}}, {"probabilities": {"a": 1.0 - 1e-13}}, False),
        ({"probabilities": {"a": 1.0}}, {"probabilities": {"b": 1.0}}, True),
    ],
)
def test_difference(one: Any, other: Any, want: bool) -> None:
    bounds = {"decision": 0.0, "value": 1e-12}
    assert differs(one, other, bounds) is want
    assert differs(other, one, bounds) is want


@pytest.mark.parametrize(
    ("one", "other", "want"),
    [
        ({"value": 1.0}, {"value": 1.5}, 0.5),
        ({"value": 10.0}, {"value": 15.0}, 0.5),
        ({"label": 1, "probabilities": {"0": 0.25, "1": 0.75}}, {"label": 1, "probabilities": {"0": 0.5, "1": 0.625}}, 0.25),
        ({"values": [1.0, math.nan]}, {"values": [1.0, math.nan]}, 0.0),
        ({"values": [1.0, math.nan]}, {"values": [1.0, 2.0]}, math.inf),
        ({"label": "a"}, {"label": "b"}, math.inf),
        ({"label": 1}, {"error": {}}, math.inf),
        ({"error": {}}, {"error": {}}, 0.0),
    ],
)
def test_distance(one: Any, other: Any, want: float) -> None:
    assert distance(one, other) == distance(other, one) == want


def test_answers_come_back_from_json() -> None:
    answer = {"label": 1, "probabilities": {"1": 1, "2": "NaN"}, "decision": ["-Infinity", 2], "std": "Infinity"}
    got = from_json(answer)
    assert repr(got) == "{'label': 1, 'probabilities': {'1': 1.0, '2': nan}, 'decision': [-inf, 2.0], 'std': inf}"
    assert from_json({"error": {"code": "missing_value", "field": "a"}}) == {"error": {}}
