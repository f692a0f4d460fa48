"""The draft: the compiled pipeline before it has golden rows, asked for its answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sklambda._binary import Binary
from sklambda._compare import Answer, from_json
from sklambda._errors import BuildError
from sklambda._table import Row, Signature, row_json

__all__ = ["Draft"]


class Draft:
    """An artifact without golden rows, and what Go answers with it.

    Parameters
    ----------
    binary : Binary
        The Go binary.
    folder : Path
        The artifact folder. Rows and answers lie beside it.
    signature : Signature
        Its input table.
    """

    def __init__(self, binary: Binary, folder: Path, signature: Signature) -> None:
        self._binary = binary
        self._folder = folder
        self._columns = signature.columns

    def ask(self, rows: Sequence[Row]) -> list[Answer]:
        """Return Go's answers.

        Parameters
        ----------
        rows : sequence of Row
            The rows.

        Returns
        -------
        list of Answer
            One a row, ``{"error": {}}`` where there is none.
        """
        asked, said = (self._folder.with_name(f"{self._folder.name}-{name}.jsonl") for name in ("rows", "answers"))
        with asked.open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(json.dumps(row_json(row, self._columns), ensure_ascii=False) + "\n" for row in rows)
        self._binary.score(self._folder, asked, said)
        with said.open(encoding="utf-8", newline="\n") as lines:
            answers = [from_json(json.loads(line)) for line in lines]
        if len(answers) != len(rows):
            raise BuildError(f"`sklambda score` gave {len(answers)} answers for {len(rows)} rows")
        return answers
