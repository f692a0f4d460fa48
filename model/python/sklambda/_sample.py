"""What is kept of a sample: some of its rows, and what tells whether a row is one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sklambda._table import Row

__all__ = ["Sample", "draw", "identity"]

# Rows kept of a large sample. Golden rows are drawn from these.
_POOL = 5000


def identity(row: Row) -> str:
    """Return a text that is equal for equal rows. True and 1, -0.0 and 0.0 are apart; 1 and 1.0 are one number."""
    return repr([float(v) if isinstance(v, int) and not isinstance(v, bool) and abs(v) < 2**53 else v for v in row])


@dataclass
class Sample:
    """A sample of the input table.

    Parameters
    ----------
    pool : list of Row
        Rows drawn from it at random, in their order; all of them if they are few.
    seen : set of int
        Hashes of the identities of all rows, where they are asked for.
    """

    pool: list[Row] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def holds(self, row: Row) -> bool:
        """Tell whether a row is one of the sample's; it needs the hashes."""
        return hash(identity(row)) in self.seen


def draw(rows: Iterable[Row], rng: np.random.Generator, *, hashes: bool) -> Sample:
    """Read a sample once and keep at most 5000 of its rows, each as likely as any other.

    Parameters
    ----------
    rows : iterable of Row
        The sample.
    rng : numpy.random.Generator
        The source of chance.
    hashes : bool
        Whether to keep the hash of every row.

    Returns
    -------
    Sample
        What is kept.
    """
    kept: dict[int, Row] = {}
    order: list[int] = []
    sample = Sample()
    for i, row in enumerate(rows):
        if hashes:
            sample.seen.add(hash(identity(row)))
        if len(order) < _POOL:
            order.append(i)
            kept[i] = row
            continue
        j = int(rng.integers(i + 1))
        if j < _POOL:
            del kept[order[j]]
            order[j] = i
            kept[i] = row
    sample.pool = [kept[i] for i in sorted(kept)]
    return sample
