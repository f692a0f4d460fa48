"""The hunt: a seeded search for the rows about which Go and scikit-learn differ most."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sklambda._answers import Asker
from sklambda._compare import differs, distance, is_unsure
from sklambda._draft import Draft
from sklambda._golden import RowMaker
from sklambda._progress import progress
from sklambda._splits import SplitPoint
from sklambda._table import Row, Value

__all__ = ["Find", "hunt"]

# Rows that are evaluated: fewer than a certificate has golden rows in a round, for scikit-learn is asked in batches.
_ROUNDS = 16
_CHILDREN = 64
# Rows whose changes are tried next, and rows that are kept.
_PARENTS = 16
_KEPT = 16


@dataclass(frozen=True)
class Find:
    """A row that the hunt came upon.

    Parameters
    ----------
    distance : (bool, float)
        Whether Go differs by more than is allowed, and how far it is from scikit-learn.
    row : Row
        The row.
    """

    distance: tuple[bool, float]
    row: Row


@dataclass
class _Breeder:
    """Makes new rows of those at hand.

    Parameters
    ----------
    maker : RowMaker
        Knows the columns and their ordinary and hard values.
    points : sequence of SplitPoint
        Of the trees in the pipeline.
    rng : numpy.random.Generator
        The source of chance.
    rows : list of Row
        Rows that scikit-learn has answers for.
    """

    maker: RowMaker
    points: Sequence[SplitPoint]
    rng: np.random.Generator
    rows: list[Row]
    _splits: dict[int, list[float]] = field(init=False)
    _used: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._used = [j for j, feature in enumerate(self.maker.features) if feature.used]
        self._splits = {}
        for point in self.points:
            if self.maker.columns[point.column].is_number:
                self._splits.setdefault(point.column, []).extend(point.values)

    def children(self, parents: Sequence[Row]) -> Iterator[Row]:
        """Yield rows without end: each a parent, or any row, with some cells changed."""
        while True:
            pool = parents if parents and self.rng.random() < 0.7 else self.rows
            yield self._child(pool[int(self.rng.integers(len(pool)))])

    def _child(self, parent: Row) -> Row:
        cells = list(parent)
        count = min(len(self._used), int(self.rng.geometric(0.4)))
        for j in self.rng.choice(self._used, size=count, replace=False) if count else ():
            cells[j] = self._changed(int(j), cells[j])
        # One cell far outside of its range at most: in a sum of several every digit can cancel, and what is left is
        # rounding, in scikit-learn as here.
        far = [j for j in self._used if self._is_far(j, cells[j])]
        for j in self.rng.permutation(far)[1:] if far else ():
            cells[j] = self.maker.value(int(j))
        return tuple(cells)

    def _is_far(self, j: int, value: Value) -> bool:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
            return False
        low, high = self.maker.features[j].low, self.maker.features[j].high
        if low is None or high is None:
            low, high = -1.0, 1.0
        span = (high - low) or 1.0
        return not low - span <= value <= high + span

    def _changed(self, j: int, value: Value) -> Value:
        chance = self.rng.random()
        if chance < 0.2:
            return self.maker.value(j)
        if chance < 0.4:
            return self.rows[int(self.rng.integers(len(self.rows)))][j]
        if chance < 0.5:
            hard = list(self.maker.hard_values(j))
            return hard[int(self.rng.integers(len(hard)))]
        if chance < 0.7 and j in self._splits:
            return float(self.rng.choice(self._splits[j]))
        if isinstance(value, bool):
            return not value
        if isinstance(value, (int, float)) and math.isfinite(value):
            return self._moved(j, value)
        return self.maker.value(j)

    def _moved(self, j: int, value: float) -> Value:
        """Return a number near another: by a share of the range, by a share of itself, or one ulp aside."""
        feature, chance = self.maker.features[j], self.rng.random()
        if feature.whole and self.rng.random() < 0.9:
            return int(value) + int(self.rng.integers(-8, 9))
        if chance < 0.4 and feature.low is not None and feature.high is not None:
            return float(value + (feature.high - feature.low) * self.rng.normal() * 2.0 ** -self.rng.integers(11))
        if chance < 0.8:
            return float(value * (1 + self.rng.normal() * 2.0 ** -self.rng.integers(1, 41)))
        return float(np.nextafter(value, math.inf if chance < 0.9 else -math.inf))


def hunt(
    asker: Asker,
    draft: Draft,
    maker: RowMaker,
    start: Sequence[Row],
    points: Sequence[SplitPoint],
    bounds: Mapping[str, float],
    rng: np.random.Generator,
) -> tuple[int, list[Find]]:
    """Search for the rows with the largest difference, the same ones for the same inputs.

    Parameters
    ----------
    asker : Asker
        scikit-learn.
    draft : Draft
        Go.
    maker : RowMaker
        Makes values of the columns.
    start : sequence of Row
        Rows that scikit-learn has answers for; at least one.
    points : sequence of SplitPoint
        Of the trees in the pipeline.
    bounds : mapping of str to float
        The allowed difference by output of the plan.
    rng : numpy.random.Generator
        The source of chance.

    Returns
    -------
    evaluations : int
        How many rows were made up and evaluated.
    finds : list of Find
        The worst of them, the worst first: as many beyond the bound, at most, as within it.
    """
    breeder = _Breeder(maker, points, rng, list(start))
    finds: list[Find] = []
    evaluations = 0
    for _ in progress(range(_ROUNDS), _ROUNDS, "hunting: round"):
        parents = [find.row for find in finds[:_PARENTS] if find.distance[1] > 0]
        # A table of few values has not many rows that are new.
        tries = (row for row, _ in zip(breeder.children(parents), range(4 * _CHILDREN)))
        children = maker.take(tries, _CHILDREN)
        if not children:
            break
        evaluations += len(children)
        finds += _evaluated(asker, draft, children, bounds)
        finds = _worst(finds)
    return evaluations, finds


def _worst(finds: list[Find]) -> list[Find]:
    """Return the worst finds beyond the bound, and behind them the worst within it: the former may all turn out undecided."""
    finds = sorted(finds, key=lambda find: find.distance, reverse=True)
    beyond = sum(find.distance[0] for find in finds)
    return finds[:beyond][:_KEPT] + finds[beyond:][:_KEPT]


def _evaluated(asker: Asker, draft: Draft, rows: Sequence[Row], bounds: Mapping[str, float]) -> Iterator[Find]:
    """Yield the rows with how far Go is from scikit-learn, but for ties and unstable rows, which are undecided."""
    got = draft.ask(rows)
    groups: dict[object, list[int]] = {}
    for i, (row, answer) in enumerate(zip(rows, got)):
        if is_unsure(answer):
            continue
        # A row that Go has no answer for is probably one that scikit-learn raises for, with the whole batch.
        groups.setdefault(i if "error" in answer else asker.signature.dtypes(row), []).append(i)
    for group in groups.values():
        for i, want in zip(group, asker.ask_many([rows[i] for i in group])):
            yield Find((differs(want, got[i], bounds), distance(want, got[i])), rows[i])
