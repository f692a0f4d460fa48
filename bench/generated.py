"""Write Go code for the forest of M2 with m2cgen: ``generated.py MODEL_FOLDER OUT`` writes OUT/{forest.go,rows.json}.

The rows are transformed already: m2cgen has no preprocessing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import joblib
import m2cgen
import pandas as pd


def main() -> None:
    """Write the files."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    sys.setrecursionlimit(100_000)
    pipeline = joblib.load(folder / "pipeline.joblib")
    rows = pipeline[:-1].transform(pd.read_csv(folder / "sample.csv"))
    rows = rows.toarray() if hasattr(rows, "toarray") else rows
    out.mkdir(parents=True, exist_ok=True)
    (out / "rows.json").write_text(json.dumps(rows.tolist()))
    (out / "forest.go").write_text("package main\n\n" + m2cgen.export_to_go(pipeline[-1]))


if __name__ == "__main__":
    main()
