"""Write the small files of model/pickle/testdata."""

from __future__ import annotations

import bz2
import pickle
from pathlib import Path

import joblib
import numpy as np
from pickle_streams import SEEDS
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier


def make(out: Path, full: bool) -> None:
    """Write the small files of model/pickle/testdata, which the tests use that run without Python."""
    forest = make_pipeline(StandardScaler(), DecisionTreeClassifier()).fit([[0.0], [1.0], [2.0]], ["a", "b", "a"])
    arrays = [
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(["a", None, 1], object),
        np.array(["x", "yz"]),
        np.zeros(2, [("a", "<i4"), ("b", "S2", (2,))]),
        np.float32(1.5),
        np.array(["s"], dtype=np.dtypes.StringDType()),
        np.datetime64("2026-11-23", "D"),
        np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2),
    ]
    for protocol in range(6):
        (out / f"plain-{protocol}.pkl").write_bytes(pickle.dumps(SEEDS, protocol))
        (out / f"arrays-{protocol}.pkl").write_bytes(pickle.dumps(arrays, protocol))
    for protocol in (2, 5):
        joblib.dump(arrays, out / f"arrays-{protocol}.joblib", protocol=protocol)
    joblib.dump(forest, out / "pipeline.joblib")
    for compression in ("zlib", "gzip", "bz2", "xz", "lzma", "lz4"):
        joblib.dump(arrays, out / f"arrays.joblib.{compression}", (compression, 3))
    (out / "bomb.bz2").write_bytes(bz2.compress(bytes(64 << 20)))
