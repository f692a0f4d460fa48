"""Parity cases that are kept in the repository: all estimators of a folder in one compressed file."""

from __future__ import annotations

import copy
import gzip
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
from parity import Cases


class Packed(Cases):
    """Cases whose estimators are the items of a list."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.estimators: list[Any] = []

    def _write(self, name: str, estimator: Any, case: dict[str, Any]) -> None:
        self.lines.append(json.dumps({"name": name, "item": len(self.estimators), **case}, allow_nan=False))
        self.estimators.append(copy.deepcopy(estimator))  # a script may fit it again


def main(*groups: Callable[[Packed], None]) -> None:
    """Write estimators.joblib and cases.jsonl.gz into the folder that the command line names."""
    warnings.simplefilter("ignore")
    cases = Packed(Path(sys.argv[1]))
    cases.folder.mkdir(parents=True, exist_ok=True)
    for group in groups:
        group(cases)
    joblib.dump(cases.estimators, cases.folder / "estimators.joblib", compress=("xz", 9))
    text = "".join(line + "\n" for line in cases.lines).encode()
    (cases.folder / "cases.jsonl.gz").write_bytes(gzip.compress(text, 9, mtime=0))
    print(f"{cases.folder.name}: {len(cases.lines)} cases, {cases.undecided} rows undecided")
