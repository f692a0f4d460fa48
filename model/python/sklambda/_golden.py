"""The choice of golden rows: ordinary ones, and hard ones made of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sklambda._sample import Sample, identity
from sklambda._source import parts
from sklambda._splits import SplitPoint
from sklambda._table import Column, Row, Value

__all__ = ["LEAST", "Feature", "RowMaker", "features_of", "vocabulary_of"]

# The fewest golden rows of an artifact.
LEAST = 200
# The most rows of each kind. A single row costs scikit-learn about 10 ms per method on a forest.
_ORDINARY = 200
_HARD = 300
_SPLIT = 200
_WORDS = 200

_NUMBERS: tuple[Value, ...] = (
    0.0, -0.0, 1e-300, -1e-300, 1e300, -1e300, 2**53 + 1, -(2**53) - 1, 3.5e38, 1e-46, math.inf, -math.inf, math.nan,
)  # fmt: skip
_STRINGS: tuple[Value, ...] = (
    "",
    "nan",
    "None",
    "NaN",
    "unseen",
    "žluťoučký kůň 🐎",
    "İstanbul",
    " ",
    "0",
    'a,b\n"c"',
)


@dataclass(frozen=True)
class Feature:
    """What is known of a column beyond its dtype.

    Parameters
    ----------
    used : bool
        Whether a step reads it.
    categories : tuple of Value
        Those the pipeline was trained with.
    low, high : float or None
        The range of a numeric column of the sample.
    whole : bool
        Whether its numbers are all integers.
    """

    used: bool
    categories: tuple[Value, ...]
    low: float | None
    high: float | None
    whole: bool


def features_of(manifest: Mapping[str, Any]) -> list[Feature]:
    """Return the features of a manifest."""
    return [
        Feature(
            used=bool(f["used"]),
            categories=tuple(f.get("categories") or ()),
            low=f.get("min"),
            high=f.get("max"),
            whole=f["type"] == "integer",
        )
        for f in manifest["features"]
    ]


def vocabulary_of(estimator: Any) -> list[str]:
    """Return some words of the text vectorizers in a pipeline, sorted.

    Parameters
    ----------
    estimator : estimator
        A fitted pipeline.
    """
    words = {str(w) for part in parts(estimator) for w in getattr(part, "vocabulary_", None) or ()}
    return sorted(words)[:: max(1, len(words) // _WORDS)]


class RowMaker:
    """Makes golden rows, the same ones for the same inputs.

    Parameters
    ----------
    columns : sequence of Column
        The input table.
    features : sequence of Feature
        What is known of its columns.
    sample : Sample
        The sample.
    words : sequence of str
        Words to make texts of.
    rng : numpy.random.Generator
        The source of chance.
    sample_rows : bool
        Whether rows of the sample, and values of its columns, may be used; otherwise ranges and categories alone.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        features: Sequence[Feature],
        sample: Sample,
        words: Sequence[str],
        rng: np.random.Generator,
        *,
        sample_rows: bool = True,
    ) -> None:
        self._columns = columns
        self._features = features
        self._sample = sample
        self._words = words or ("one", "two", "three")
        self._rng = rng
        self._sample_rows = sample_rows
        self._made: set[str] = set()

    def rows(self, labels: Sequence[Any] | None, points: Sequence[SplitPoint]) -> list[Row]:
        """Return ordinary rows, rows at split points and hard rows, all distinct.

        Parameters
        ----------
        labels : sequence or None
            The label of each row of the sample's pool, of which each is to occur; None if there are none.
        points : sequence of SplitPoint
            Of the trees in the pipeline.
        """
        ordinary = self._take(self._ordinary(labels), _ORDINARY)
        if len(ordinary) < _ORDINARY:
            ordinary += self.more(_ORDINARY - len(ordinary))
        bases = ordinary or [tuple(None for _ in self._columns)]
        split = self._take(self._at_splits(bases, points), _SPLIT)
        return ordinary + self._take(self._hard(bases), _HARD) + split

    def more(self, count: int) -> list[Row]:
        """Return further made-up rows: fewer, if the columns have too few values."""
        return self._take((self._synthetic() for _ in range(20 * count)), count)

    def _take(self, rows: Iterator[Row], most: int) -> list[Row]:
        """Take distinct rows, and none of the sample's unless they may be used."""
        taken: list[Row] = []
        for row in rows:
            if len(taken) >= most:
                break
            key = identity(row)
            if key in self._made or (not self._sample_rows and self._sample.holds(row)):
                continue
            self._made.add(key)
            taken.append(row)
        return taken

    def _ordinary(self, labels: Sequence[Any] | None) -> Iterator[Row]:
        if not self._sample_rows:
            return
        order = [int(i) for i in self._rng.permutation(len(self._sample.pool))]
        if labels is not None:
            # In turn by label: rare labels come early.
            turns: dict[str, int] = {}
            turn = []
            for i in order:
                key = repr(labels[i])
                turn.append(turns.get(key, 0))
                turns[key] = turn[-1] + 1
            order = [i for _, i in sorted(zip(turn, order), key=lambda pair: pair[0])]
        yield from (self._sample.pool[i] for i in order)

    def _synthetic(self) -> Row:
        return tuple(self._any(j) for j in range(len(self._columns)))

    def _any(self, j: int) -> Value:
        """Return an ordinary value of a column."""
        rng, feature = self._rng, self._features[j]
        if self._sample_rows and self._sample.pool and rng.random() < 0.9:
            return self._sample.pool[int(rng.integers(len(self._sample.pool)))][j]
        if not feature.used or rng.random() < 0.05:
            return None
        if feature.categories:
            return feature.categories[int(rng.integers(len(feature.categories)))]
        if self._columns[j].dtype == "bool":
            return bool(rng.integers(2))
        if self._columns[j].dtype == "object":
            return self._text()
        return self._number(feature)

    def _number(self, feature: Feature) -> Value:
        if feature.low is None or feature.high is None:
            return float(self._rng.normal())
        if feature.whole:
            # In Python's integers: a range may be wider than int64.
            return int(feature.low) + int(self._rng.random() * (int(feature.high) - int(feature.low) + 1))
        return float(feature.low + self._rng.random() * (feature.high - feature.low))

    def _text(self) -> str:
        count = int(self._rng.integers(1, 12))
        return " ".join(str(self._words[int(i)]) for i in self._rng.integers(len(self._words), size=count))

    def _with(self, bases: Sequence[Row], j: int, value: Value) -> Row:
        base = bases[int(self._rng.integers(len(bases)))]
        return (*base[:j], value, *base[j + 1 :])

    def _hard(self, bases: Sequence[Row]) -> Iterator[Row]:
        """Yield rows with one hard cell: every column missing first, then the rest in a random order."""
        used = [j for j, feature in enumerate(self._features) if feature.used]
        yield tuple(None for _ in self._columns)
        for j in used:
            yield self._with(bases, j, None)
        cells = [(j, value) for j in used for value in self._hard_values(j)]
        for i in self._rng.permutation(len(cells)):
            yield self._with(bases, *cells[int(i)])

    def _hard_values(self, j: int) -> Iterator[Value]:
        column, feature = self._columns[j], self._features[j]
        if column.dtype == "bool":
            yield from (True, False)
            return
        if column.dtype == "object" and not any(isinstance(c, (int, float)) for c in feature.categories):
            yield from _STRINGS
            for category in feature.categories[:3]:
                yield from (str(category) + " ", str(category).upper(), str(category)[:-1])
            yield from feature.categories[3:20]
            return
        yield from _NUMBERS
        yield from feature.categories[:20]
        for edge, outwards in ((feature.low, -math.inf), (feature.high, math.inf)):
            if edge is not None:
                span = abs((feature.high or 0.0) - (feature.low or 0.0)) or 1.0
                yield from (edge, float(np.nextafter(edge, outwards)), float(np.nextafter(edge, -outwards)))
                yield from (edge + math.copysign(span, outwards), edge + 0.5)

    def _at_splits(self, bases: Sequence[Row], points: Sequence[SplitPoint]) -> Iterator[Row]:
        """Yield rows at split points: those of shallow nodes are likelier, for more rows reach them."""
        numeric = [p for p in points if self._columns[p.column].dtype in ("float64", "int64")]
        if not numeric:
            return
        weights = np.array([2.0**-p.depth for p in numeric])
        count = min(len(numeric), _SPLIT)
        # A weight of 2**-1000 and the like cannot be drawn: those nodes are left out.
        weights[weights < 1e-12] = 0.0
        count = min(count, int(np.count_nonzero(weights)))
        for i in self._rng.choice(len(numeric), size=count, replace=False, p=weights / weights.sum()):
            point = numeric[int(i)]
            base = bases[int(self._rng.integers(len(bases)))]
            for value in point.values:
                yield (*base[: point.column], value, *base[point.column + 1 :])
