"""The committed Go tables are what the scripts write."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import stop_words
import unicode_tables

MODEL = Path(__file__).parents[2]


def squeezed(text: str) -> str:
    """Return text without the white space that gofmt changes."""
    return "".join(text.split())


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the tables are those of CPython 3.11")
def test_unicode_tables(capsys: pytest.CaptureFixture[str]) -> None:
    unicode_tables.main()
    committed = (MODEL / "engine/unicode_tables.go").read_text(encoding="utf-8")
    assert squeezed(committed) == squeezed(capsys.readouterr().out)


def test_stop_words(capsys: pytest.CaptureFixture[str]) -> None:
    stop_words.main()
    assert squeezed((MODEL / "sklearn/stop_words.go").read_text(encoding="utf-8")) == squeezed(capsys.readouterr().out)
