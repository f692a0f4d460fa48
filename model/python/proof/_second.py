"""A second opinion of scikit-learn, whose sums are those of another kernel of OpenBLAS.

``python -m proof._second FOLDER`` reads pipeline.joblib and rows.pickle there and writes second.json: the answers.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import joblib

from sklambda._answers import Answer, Asker, quietly
from sklambda._table import Row, Signature, to_json

__all__ = ["second_opinion"]

# A kernel without fused multiply-adds that every machine of the architecture runs. Another library than OpenBLAS ignores it.
_OTHER_KERNEL = {"OPENBLAS_CORETYPE": "ARMV8" if os.uname().machine == "aarch64" else "Nehalem"}


def second_opinion(folder: Path, signature: Signature, rows: Sequence[Row], without: tuple[str, ...]) -> list[Answer]:
    """Ask scikit-learn in a process of its own.

    Parameters
    ----------
    folder : Path
        Holds pipeline.joblib.
    signature : Signature
        How the pipeline is asked.
    rows : sequence of Row
        The rows.
    without : tuple of str
        Methods that are not asked.

    Returns
    -------
    list of Answer
        One a row, numbers as JSON has them.
    """
    (folder / "rows.pickle").write_bytes(pickle.dumps((signature, list(rows), without)))
    subprocess.run(
        [sys.executable, "-m", "proof._second", str(folder)],
        env={**os.environ, **_OTHER_KERNEL},
        cwd=Path(__file__).resolve().parents[1],
        check=True,
        timeout=300,
    )
    answers: list[Answer] = json.loads((folder / "second.json").read_bytes())
    return answers


def _answer(folder: Path) -> None:
    signature, rows, without = pickle.loads((folder / "rows.pickle").read_bytes())
    with quietly():
        asker = Asker(joblib.load(folder / "pipeline.joblib"), signature, without=without)
        answers = [to_json(asker.ask_one(row)) for row in rows]
    (folder / "second.json").write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    _answer(Path(sys.argv[1]))
