"""What an example is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Example"]


@dataclass(frozen=True)
class Example:
    """A trained pipeline and what it is exported with.

    Parameters
    ----------
    pipeline : estimator
        The fitted pipeline.
    sample : DataFrame
        Rows of its input table, without the target.
    threshold : float, optional
        Of the label.
    decimals : int, optional
        Of the numbers in HTTP answers.
    """

    pipeline: Any
    sample: Any
    threshold: float | None = None
    decimals: int | None = None
