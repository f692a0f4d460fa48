"""The values of an estimator's parameters that count, from scikit-learn's own ``_parameter_constraints``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from sklearn.utils._param_validation import Interval, Options, StrOptions

__all__ = ["Value", "values"]

# Parameters of these four have no constraints: what their documentation lists.
_BY_HAND: dict[str, dict[str, list[Any]]] = {
    "FeatureUnion": {"transformer_weights": [None, {"a": 0.5}], "verbose_feature_names_out": [False, True]},
    "FrozenEstimator": {},
    "KernelCenterer": {},
    "LabelEncoder": {},
}


# As the end of an interval it is a limit of the type: FeatureHasher's answers would have as many columns.
_INT32 = 2**31 - 1


@dataclass(frozen=True)
class Value:
    """One value of one parameter.

    Parameters
    ----------
    parameter : str
        Its name.
    value : object
        The value.
    """

    parameter: str
    value: Any

    def __str__(self) -> str:
        """Return it as in a call."""
        return f"{self.parameter}={self.value!r}"


def values(cls: type, defaults: dict[str, Any]) -> list[Value]:
    """List the values that count: each option, boolean and None, and of each interval two interior values and any closed end.

    Parameters
    ----------
    cls : type
        The estimator's class.
    defaults : dict
        Its parameters in the default case: they are left out.

    Returns
    -------
    list of Value
        In the order of the constraints. Callables, arrays and random_state are not among them.
    """
    found: list[Value] = []
    constraints: dict[str, Any] = getattr(cls, "_parameter_constraints", None) or {}
    candidates: Iterator[tuple[str, Any]] = (
        (name, value)
        for name, of in constraints.items()
        if name != "random_state" and not isinstance(of, str)
        for constraint in of
        for value in _of(constraint, defaults.get(name))
    )
    if not constraints:
        candidates = ((name, value) for name, of in _BY_HAND[cls.__name__].items() for value in of)
    for name, value in candidates:
        known = [v.value for v in found if v.parameter == name]
        if not any(_same(value, other) for other in [*known, defaults.get(name, ())]):
            found.append(Value(name, value))
    return found


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other or (one != one and other != other))


def _of(constraint: Any, default: Any) -> Iterator[Any]:
    if constraint is None:
        yield None
    elif constraint == "boolean":
        yield from (True, False)
    elif isinstance(constraint, Interval):
        yield from _interval(constraint, default)
    elif isinstance(constraint, (StrOptions, Options)):
        hidden: set[Any] = getattr(constraint, "deprecated", set())
        yield from sorted((o for o in constraint.options if o not in hidden), key=repr)


def _interval(interval: Any, default: Any) -> Iterator[Any]:
    """Yield any finite closed end and two values inside, near the default where there is one."""
    low = -math.inf if interval.left is None else interval.left
    high = math.inf if interval.right is None else interval.right
    whole = interval.type is Integral
    if interval.closed in ("left", "both") and math.isfinite(low):
        yield int(low) if whole else float(low)
    if interval.closed in ("right", "both") and math.isfinite(high) and high != _INT32:
        yield int(high) if whole else float(high)
    number = isinstance(default, (int, float)) and not isinstance(default, bool) and math.isfinite(default)
    near = default if number else None
    if whole:
        start = near if near is not None else 2
        tried = [start + 1, start + 2, start - 1, 2, 3, 5]
    elif math.isfinite(low) and math.isfinite(high):
        tried = [low + (high - low) * part for part in (0.25, 0.7, 0.45)]
    elif near:
        tried = [near * 0.5, near * 3.0, near + 0.25]
    else:
        base = low if math.isfinite(low) else -0.5
        tried = [base + 0.5, base + 1.5, base + 0.1]
    inside = [value for value in tried if low < value < high and value != default]
    yield from (int(v) if whole else float(v) for v in inside[:2])
