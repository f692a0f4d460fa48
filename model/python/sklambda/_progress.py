"""A progress line. Ours, because the one thing wanted is a counter, and the user's environment stays as it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["progress"]

_T = TypeVar("_T")
_INTERVAL = 0.1  # seconds between two updates


def progress(items: Iterable[_T], total: int, what: str) -> Iterator[_T]:
    """Yield the items, counting them in one line of a terminal; silent where stderr is not a terminal.

    Parameters
    ----------
    items : iterable
        What to go through.
    total : int
        How many items there are.
    what : str
        What is being done, shown before the counter.

    Yields
    ------
    object
        Each item.
    """
    if not sys.stderr.isatty():
        yield from items
        return
    shown = 0.0
    try:
        for done, item in enumerate(items):
            now = time.monotonic()
            if now - shown >= _INTERVAL:
                shown = now
                print(f"\r{what} {done}/{total}", end="", file=sys.stderr, flush=True)
            yield item
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
