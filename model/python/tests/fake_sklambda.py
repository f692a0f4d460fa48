"""A stand-in for the Go binary in unit tests: `rows` and `build` for columns of numbers and strings.

$FAKE_LOG receives the command lines. $FAKE_REFUSE makes build refuse with its lines; $FAKE_DIFFER makes a build with golden
rows fail.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _sample(path: str) -> tuple[list[str], list[list[Any]], list[bool]]:
    with Path(path).open(newline="", encoding="utf-8") as stream:
        header, *rows = csv.reader(stream)
    numeric = [all(row[j] == "" or _number(row[j]) is not None for row in rows) for j in range(len(header))]
    typed = [[None if c == "" else _number(c) if n else c for c, n in zip(row, numeric)] for row in rows]
    return header, typed, numeric


def _rows(path: str) -> None:
    header, rows, numeric = _sample(path)
    dtypes = ["float64" if n else "object" for n in numeric]
    columns = [{"name": name, "dtype": dtype, "null": "nan"} for name, dtype in zip(header, dtypes)]
    print(json.dumps({"columns": columns, "names": True, "text": False, "dicts": False}))
    for row in rows:
        print(json.dumps(row))


def _build(arguments: list[str]) -> int:
    options = dict(zip(arguments[1::2], arguments[2::2]))
    if os.environ.get("FAKE_REFUSE"):
        print(os.environ["FAKE_REFUSE"], file=sys.stderr)
        return 2
    if os.environ.get("FAKE_DIFFER") and "--golden" in options:
        print("golden row 7: label: got 0, want 1", file=sys.stderr)
        return 1
    header, rows, numeric = _sample(options["--sample"])
    features = []
    for j, (name, n) in enumerate(zip(header, numeric)):
        values = [row[j] for row in rows if row[j] is not None]
        feature: dict[str, Any] = {"name": name, "type": "number" if n else "string", "used": True}
        feature |= {"min": min(values), "max": max(values)} if n else {"categories": sorted(set(values))}
        features.append(feature)
    out = Path(options["--out"])
    out.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, Any] = {"features": features, "outputs": [{"name": "probabilities", "width": 2, "tolerance": 1e-12}]}
    manifest |= {"threshold": float(options["--threshold"])} if "--threshold" in options else {}
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    shutil.copy(arguments[0], out / "pipeline.joblib")
    if "--golden" in options:
        shutil.copy(options["--golden"], out / "golden.jsonl")
        print("built")
    return 0


def main() -> int:
    """Run a command."""
    with Path(os.environ["FAKE_LOG"]).open("a", encoding="utf-8") as log:
        log.write(json.dumps(sys.argv[1:]) + "\n")
    if sys.argv[1] == "rows":
        _rows(sys.argv[4])
        return 0
    return _build(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
