"""The binaries that tests run: a stand-in for unit tests, the real one end to end."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import joblib
import pytest

from sklambda._answers import Asker
from sklambda._binary import Binary, find_binary
from sklambda._compare import Answer
from sklambda._errors import BinaryNotFoundError
from sklambda._table import Row, Signature


class Fake:
    """The stand-in: what it was asked, and what it is to do."""

    def __init__(self, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._log = log
        self._monkeypatch = monkeypatch

    @property
    def commands(self) -> list[list[str]]:
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]

    def refuse(self, *reasons: str) -> None:
        self._monkeypatch.setenv("FAKE_REFUSE", "\n".join(reasons))

    def differ(self) -> None:
        self._monkeypatch.setenv("FAKE_DIFFER", "1")


class FakeDraft:
    """The stand-in's draft: it answers as scikit-learn does, for it asks it."""

    def __init__(self, binary: Binary, folder: Path, signature: Signature) -> None:
        threshold = json.loads((folder / "manifest.json").read_bytes()).get("threshold")
        self._asker = Asker(joblib.load(folder / "pipeline.joblib"), signature, threshold)

    def ask(self, rows: Sequence[Row]) -> list[Answer]:
        return self._asker.ask_many(rows)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    script = tmp_path / "fake-sklambda"
    program = Path(__file__).with_name("fake_sklambda.py")
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(program))} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("SKLAMBDA_BIN", str(script))
    # Hard rows are tested in test_golden.py, the hunt in test_hunt.py: the stand-in cannot score.
    monkeypatch.setattr("sklambda._golden._HARD", 20)
    monkeypatch.setattr("sklambda._hunt._ROUNDS", 0)
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "fake.log"))
    monkeypatch.setattr("sklambda._export.Draft", FakeDraft)
    return Fake(tmp_path / "fake.log", monkeypatch)


class Real:
    """The Go binary."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def run(self, *arguments: object) -> str:
        done = subprocess.run(
            [str(self._path), *map(str, arguments)], capture_output=True, encoding="utf-8", check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def real() -> Real:
    try:
        return Real(find_binary().path)
    except BinaryNotFoundError as error:
        if os.environ.get("REQUIRE_ALL") == "1":
            raise
        pytest.skip(str(error))
