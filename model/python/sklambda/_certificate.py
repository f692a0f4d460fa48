"""The certificate: rows with scikit-learn's own answers, held against what Go answers with the draft."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sklambda._answers import Answers, Asker
from sklambda._compare import differs, distance, from_json, is_unsure
from sklambda._draft import Draft
from sklambda._errors import UndecidedError
from sklambda._golden import LEAST, RowMaker
from sklambda._hunt import hunt
from sklambda._second import undecided
from sklambda._splits import SplitPoint
from sklambda._table import Row, row_json

__all__ = ["Certificate"]


@dataclass
class Certificate:
    """Golden rows, those about which scikit-learn agrees with itself.

    Parameters
    ----------
    pipeline : Path
        The joblib file.
    asker : Asker
        Asks scikit-learn.
    draft : Draft
        Asks Go.
    bounds : mapping of str to float
        The allowed difference by output of the plan.
    answers : Answers
        The rows with scikit-learn's answers.
    distances : list of float
        How far Go's answer is from it, one a row.
    failed : bool
        Whether a row differs by more than the bound: the build will say which.
    hunted : int
        How many rows the hunt compared.
    largest : float
        The largest error of those that it kept.
    """

    pipeline: Path
    asker: Asker
    draft: Draft
    bounds: Mapping[str, float]
    answers: Answers = field(default_factory=Answers)
    distances: list[float] = field(default_factory=list)
    failed: bool = False
    hunted: int = 0
    largest: float = 0.0

    def add(self, rows: Sequence[Row]) -> None:
        """Add the rows that are decided, and count the others.

        Parameters
        ----------
        rows : sequence of Row
            New rows.
        """
        first = len(self.answers.rows)
        self.answers.add(self.asker, rows, self.bounds)
        added = range(first, len(self.answers.rows))
        if not added:
            return
        answers = [from_json(self.answers.answers[i]) for i in added]
        got = self.draft.ask(self.answers.rows[first:])
        self.distances += [distance(want, have) for want, have in zip(answers, got)]
        left = {i for i, have in zip(added, got) if is_unsure(have)}
        off = [i for i, want, have in zip(added, answers, got) if i not in left and differs(want, have, self.bounds)]
        unsure = self._undecided(off)
        self.failed |= len(unsure) < len(off)
        unsure |= left
        self.answers.leave_out(unsure)
        self.distances = [d for i, d in enumerate(self.distances) if i not in unsure]

    def answered(self) -> list[Row]:
        """Return the rows that scikit-learn has an answer for, of the commonest dtypes."""
        rows = [row for row, answer in zip(self.answers.rows, self.answers.answers) if "error" not in answer]
        dtypes = [self.asker.signature.dtypes(row) for row in rows]
        common = Counter(dtypes).most_common(1)
        return [row for row, own in zip(rows, dtypes) if own == common[0][0]]

    def hunt(self, maker: RowMaker, start: Sequence[Row], points: Sequence[SplitPoint], rng: np.random.Generator) -> None:
        """Search for the rows with the largest difference, and add them.

        Parameters
        ----------
        maker : RowMaker
            Makes values of the columns.
        start : sequence of Row
            Rows that scikit-learn has an answer for; at least one.
        points : sequence of SplitPoint
            Of the trees in the pipeline.
        rng : numpy.random.Generator
            The source of chance.
        """
        self.hunted, finds = hunt(self.asker, self.draft, maker, start, points, self.bounds, rng)
        first = len(self.answers.rows)
        self.add([find.row for find in finds])
        # An infinite one is of a row that fails the build.
        self.largest = max((far for far in self.distances[first:] if math.isfinite(far)), default=0.0)

    def _undecided(self, off: Sequence[int]) -> set[int]:
        """Return those of the rows, on which Go differs, about which scikit-learn disagrees with itself."""
        rows = [self.answers.rows[i] for i in off]
        own = [from_json(self.answers.answers[i]) for i in off]
        return {off[i] for i in undecided(self.pipeline, self.asker, rows, own, self.bounds)}

    def fill(self) -> None:
        """Repeat rows where the columns have too few values for as many distinct rows as an artifact needs.

        Raises
        ------
        UndecidedError
            If most rows are undecided, or none that is decided has an answer.
        """
        rows, answers = self.answers.rows, self.answers.answers
        if not rows or self.answers.undecided > len(rows):
            raise UndecidedError(
                "scikit-learn disagrees with itself, batch against single row or with sums in another order, about "
                f"{self.answers.undecided} rows and agrees about {len(rows)}: such a pipeline cannot be certified"
            )
        if self.answers.errors == len(rows):
            raise UndecidedError(
                f"scikit-learn raises for all of the {len(rows)} golden rows ({self.answers.undecided} are undecided): an "
                "artifact that answers nothing is not certified; ask the pipeline for a row of the sample in Python, and see "
                "what it says"
            )
        distinct = len(rows)
        for i in range(max(0, LEAST - distinct)):
            rows.append(rows[i % distinct])
            answers.append(answers[i % distinct])

    def write(self, path: Path) -> None:
        """Write the golden rows.

        Parameters
        ----------
        path : Path
            Receives JSON Lines.
        """
        with path.open("w", encoding="utf-8", newline="\n") as out:
            for row, answer in zip(self.answers.rows, self.answers.answers):
                line = {"input": row_json(row, self.asker.signature.columns), "expected": answer}
                out.write(json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n")
