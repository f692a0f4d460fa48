"""Answers rows with scikit-learn: prints the first answer, then {"peak_mb", "single", "batch"}, microseconds a row.

usage: scikit_learn.py PIPELINE.joblib SAMPLE.csv
"""

import json
import sys
import time
from pathlib import Path

import joblib
import numpy as np
import pandas as pd

BATCH_ROWS = 10_000  # as in rows.go
SECONDS = 1.0


def main() -> None:
    """Load, answer once, then measure."""
    pipeline = joblib.load(sys.argv[1])
    sample = pd.read_csv(sys.argv[2])
    rows = sample if hasattr(pipeline, "feature_names_in_") else sample.to_numpy()
    ask = pipeline.predict_proba if hasattr(pipeline, "predict_proba") else pipeline.predict

    def row(i: int) -> "pd.DataFrame | np.ndarray":
        i %= len(rows)
        return rows.iloc[i : i + 1] if isinstance(rows, pd.DataFrame) else rows[i : i + 1]

    print(float(np.ravel(ask(row(0)))[0]), flush=True)
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    singles = [row(i) for i in range(min(100, len(rows)))]
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        ask(singles[done % len(singles)])
        done += 1
    single = (time.perf_counter() - start) / done
    copies = -(-BATCH_ROWS // len(rows))
    if isinstance(rows, pd.DataFrame):
        batch = pd.concat([rows] * copies, ignore_index=True)[:BATCH_ROWS]
    else:
        batch = np.concatenate([rows] * copies)[:BATCH_ROWS]
    done, start = 0, time.perf_counter()
    while done == 0 or time.perf_counter() - start < SECONDS:
        ask(batch)
        done += len(batch)
    many = (time.perf_counter() - start) / done
    print(json.dumps({"peak_mb": int(peak.split()[1]) / 1024, "single": single * 1e6, "batch": many * 1e6}), flush=True)


if __name__ == "__main__":
    main()
