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
_TELLING = 1000
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
        self.columns = columns
        self.features = features
        self._sample = sample
        self._words = words or ("one", "two", "three")
        self._rng = rng
        self._sample_rows = sample_rows
        self._made: set[str] = set()

    def ordinary(self, labels: Sequence[Any] | None) -> list[Row]:
        """Return ordinary rows, all distinct.

        Parameters
        ----------
        labels : sequence or None
            The label of each row of the sample's pool, of which each is to occur; None if there are none.
        """
        rows = self.take(self._ordinary(labels), _ORDINARY)
        return rows if len(rows) >= _ORDINARY else rows + self.more(_ORDINARY - len(rows))

    def hard(self, bases: Sequence[Row], points: Sequence[SplitPoint]) -> list[Row]:
        """Return rows at split points and rows with a hard cell, all distinct.

        Parameters
        ----------
        bases : sequence of Row
            What they are made of by changing a cell.
        points : sequence of SplitPoint
            Of the trees in the pipeline that the bases reach.
        """
        bases = bases or [tuple(None for _ in self.columns)]
        split = self.take(self._at_splits(bases, points), _SPLIT)
        missing = self.take(iter([tuple(None for _ in self.columns)]), 1)
        telling = self.take((self._with(bases, *cell) for cell in self._telling()), _TELLING)
        rest = max(0, _HARD - len(telling))
        return missing + telling + self.take((self._with(bases, *cell) for cell in self._cells()), rest) + split

    def more(self, count: int) -> list[Row]:
        """Return further made-up rows: fewer, if the columns have too few values."""
        return self.take((self._synthetic() for _ in range(20 * count)), count)

    def take(self, rows: Iterator[Row], most: int) -> list[Row]:
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
        return tuple(self.value(j) for j in range(len(self.columns)))

    def value(self, j: int) -> Value:
        """Return an ordinary value of a column."""
        rng, feature = self._rng, self.features[j]
        if self._sample_rows and self._sample.pool and rng.random() < 0.9:
            return self._sample.pool[int(rng.integers(len(self._sample.pool)))][j]
        if not feature.used or rng.random() < 0.05:
            return None
        if feature.categories:
            return feature.categories[int(rng.integers(len(feature.categories)))]
        if self.columns[j].dtype == "bool":
            return bool(rng.integers(2))
        if self.columns[j].dtype == "object":
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

    def _telling(self) -> Iterator[tuple[int, Value]]:
        """Yield of each column that is used a missing cell, then an unseen one or those outside of its range."""
        used = [j for j, feature in enumerate(self.features) if feature.used]
        yield from ((j, None) for j in used)
        for j in used:
            feature = self.features[j]
            if feature.low is not None and feature.high is not None:
                span = abs(feature.high - feature.low) or 1.0
                yield from ((j, feature.low - span), (j, feature.high + span))
            elif self.columns[j].dtype == "object":
                yield j, "unseen"

    def _cells(self) -> Iterator[tuple[int, Value]]:
        """Yield every hard cell, in a random order."""
        cells = [(j, value) for j, feature in enumerate(self.features) if feature.used for value in self.hard_values(j)]
        yield from (cells[int(i)] for i in self._rng.permutation(len(cells)))

    def hard_values(self, j: int) -> Iterator[Value]:
        """Yield the hard values of a column."""
        column, feature = self.columns[j], self.features[j]
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
        numeric = [p for p in points if self.columns[p.column].is_number]
        if not numeric:
            return
        weights = np.array([2.0**-p.depth for p in numeric])
        count = min(len(numeric), _SPLIT)
        # A weight of 2**-1000 and the like cannot be drawn: those nodes are left out.
        weights[weights < 1e-12] = 0.0
        count = min(count, int(np.count_nonzero(weights)))
        for i in self._rng.choice(len(numeric), size=count, replace=False, p=weights / weights.sum()):
            point = numeric[int(i)]
            base = bases[point.row]
            for value in point.values:
                yield (*base[: point.column], value, *base[point.column + 1 :])
