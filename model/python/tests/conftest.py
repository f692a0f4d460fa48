"""The binaries that tests run: a stand-in for unit tests, the real one end to end."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sklambda._binary import find_binary
from sklambda._errors import BinaryNotFoundError


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


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    script = tmp_path / "fake-sklambda"
    program = Path(__file__).with_name("fake_sklambda.py")
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(program))} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("SKLAMBDA_BIN", str(script))
    # Hard rows are tested in test_golden.py.
    monkeypatch.setattr("sklambda._golden._HARD", 20)
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "fake.log"))
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
