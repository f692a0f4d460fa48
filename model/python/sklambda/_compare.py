"""The comparison of two answers for the same row: of Go and scikit-learn, or of scikit-learn and itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["Answer", "differs", "distance", "from_json", "is_unsure"]

# An answer in the shape of a JSON Lines row; {"error": {}} where scikit-learn raises.
Answer = dict[str, Any]

# The field of an answer -> the output of the plan whose tolerance holds for it. The other fields are discrete.
_OUTPUT_OF = {
    "probability": "probabilities",
    "probabilities": "probabilities",
    "decision": "decision",
    "score": "score",
    "value": "value",
    "values": "value",
    "std": "std",
}
# Absolute or relative, where the artifact states nothing.
_BOUND = 1e-12
# Codes of rows that Go leaves without an answer because scikit-learn's own is that of one processor.
_UNSURE = ("tie", "unstable")
_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def differs(one: Answer, other: Answer, bounds: Mapping[str, float]) -> bool:
    """Tell whether two answers for the same row differ by more than the bound.

    Parameters
    ----------
    one, other : Answer
        The answers.
    bounds : mapping of str to float
        The allowed difference, absolute or relative, by output of the plan.

    Returns
    -------
    bool
        True for another label, error, missingness, or a number that is further off.
    """
    if one.keys() != other.keys():
        return True
    for key, value in one.items():
        bound = bounds.get(_OUTPUT_OF[key], _BOUND) if key in _OUTPUT_OF else 0.0
        if not _distance(value, other[key]) <= bound:
            return True
    return False


def distance(one: Answer, other: Answer) -> float:
    """Return how far two answers for the same row are apart.

    Parameters
    ----------
    one, other : Answer
        The answers.

    Returns
    -------
    float
        The largest difference of two numbers, absolute or relative, whichever is less; infinite for another label, error
        or missingness.
    """
    if one.keys() != other.keys():
        return math.inf
    return max((_distance(value, other[key]) for key, value in one.items()), default=0.0)


def _distance(one: Any, other: Any) -> float:
    if isinstance(one, dict):
        if not isinstance(other, dict) or one.keys() != other.keys():
            return math.inf
        return max((_distance(value, other[key]) for key, value in one.items()), default=0.0)
    if isinstance(one, list):
        if not isinstance(other, list) or len(one) != len(other):
            return math.inf
        return max((_distance(a, b) for a, b in zip(one, other)), default=0.0)
    if not isinstance(one, float) or not isinstance(other, float):
        return math.inf if one != other else 0.0
    if one == other or (math.isnan(one) and math.isnan(other)):
        return 0.0
    if not math.isfinite(one) or not math.isfinite(other):
        return math.inf
    return abs(one - other) / max(1.0, min(abs(one), abs(other)))


def from_json(answer: Answer) -> Answer:
    """Return an answer as JSON has it with numbers as floats, non-finite ones too. An error has no text, and few have codes."""
    if "error" in answer:
        code = answer["error"].get("code")
        return {"error": {"code": code} if code in _UNSURE else {}}
    return {key: _number(value) if key in _OUTPUT_OF else value for key, value in answer.items()}


def is_unsure(answer: Answer) -> bool:
    """Tell whether Go has no answer because scikit-learn's own, by a tie or by its rounding errors, is that of a processor."""
    return answer.get("error", {}).get("code") in _UNSURE


def _number(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _number(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_number(item) for item in value]
    return _NON_FINITE[value] if isinstance(value, str) else float(value)
