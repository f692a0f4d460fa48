"""Train the models of the measurements, and export them.

usage: models.py DIR [NAME …]. It writes DIR/NAME/{pipeline.joblib,sample.csv,artifact,model.onnx}; what exists is left as it is.

M1 is a scaler and a logistic regression; M2 a table of numbers and strings with a forest of 100 trees; M3 a HistGradientBoosting;
M4 a forest of 500 unlimited trees; M4-25 and M4-125 are the first of its trees, for start-up against size. Only M2 is fitted with
column names: asking the others needs no pandas.
"""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

Fitted = tuple[Any, pd.DataFrame]

# The rows of sample.csv, which every program is asked.
SAMPLE = 1000
# The nodes of each model, which the targets are about; 5 % off is an error.
NODES = {"M2": 148_034, "M3": 12_200, "M4": 1_800_000}


def table(rng: np.random.Generator, rows: int, columns: int) -> pd.DataFrame:
    """Return a table of normal numbers."""
    names = [f"feature_{i + 1}" for i in range(columns)]
    return pd.DataFrame(rng.normal(size=(rows, columns)), columns=names)


def interaction(rng: np.random.Generator, x: pd.DataFrame, noise: float) -> np.ndarray:
    """Return classes that depend on three columns."""
    first, second, third = (x.iloc[:, i].to_numpy() for i in range(3))
    return (first + second * third + noise * rng.normal(size=len(x)) > 0).astype(int)


def m1(folder: Path) -> Fitted:
    """Return a scaler and a logistic regression."""
    rng = np.random.default_rng(0)
    x = table(rng, 5000, 3)
    y = (x.sum(axis=1) + rng.normal(size=len(x)) > 0).astype(int)
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(x.to_numpy(), y), x


def m2(folder: Path) -> Fitted:
    """Return a forest over 14 numbers and 6 strings, 67 columns in all."""
    rng, rows = np.random.default_rng(0), 9000
    numbers, strings = [f"n{i}" for i in range(14)], [f"c{i}" for i in range(6)]
    x = pd.DataFrame({name: rng.normal(size=rows).round(4) for name in numbers})
    for i, name in enumerate(strings):
        x[name] = rng.choice([f"v{j}" for j in range(9 if i < 5 else 8)], rows)
    y = (x[numbers].sum(axis=1) + (x["c0"] == "v1") + 4 * rng.normal(size=rows) > 0).astype(int)
    columns = ColumnTransformer(
        [
            ("num", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("cat", OneHotEncoder(handle_unknown="ignore"), strings),
        ]
    )
    forest = RandomForestClassifier(100, max_depth=12, random_state=0, n_jobs=-1)
    return make_pipeline(columns, forest).fit(x, y), x


def m3(folder: Path) -> Fitted:
    """Return a HistGradientBoosting of 200 iterations."""
    rng = np.random.default_rng(0)
    x = table(rng, 10_000, 30)
    return HistGradientBoostingClassifier(max_iter=200, early_stopping=False).fit(x.to_numpy(), interaction(rng, x, 1)), x


def m4(folder: Path) -> Fitted:
    """Return a forest of 500 unlimited trees."""
    rng = np.random.default_rng(0)
    x = table(rng, 12_000, 30)
    return RandomForestClassifier(500, random_state=0, n_jobs=-1).fit(x.to_numpy(), interaction(rng, x, 2)), x


def part_of_m4(trees: int) -> Callable[[Path], Fitted]:
    """Return what makes a model of the first trees of M4."""

    def part(folder: Path) -> Fitted:
        forest = copy.copy(joblib.load(folder.parent / "M4" / "pipeline.joblib"))
        forest.estimators_, forest.n_estimators = forest.estimators_[:trees], trees
        return forest, pd.read_csv(folder.parent / "M4" / "sample.csv")

    return part


MODELS: dict[str, Callable[[Path], Fitted]] = {
    "M1": m1,
    "M2": m2,
    "M3": m3,
    "M4": m4,
    "M4-25": part_of_m4(25),
    "M4-125": part_of_m4(125),
}


def nodes(pipeline: Any) -> int:
    """Count the nodes of the trees of a pipeline's last step."""
    last = pipeline[-1] if hasattr(pipeline, "steps") else pipeline
    if hasattr(last, "estimators_"):
        return sum(tree.tree_.node_count for tree in last.estimators_)
    return sum(len(tree.nodes) for stage in getattr(last, "_predictors", ()) for tree in stage)


def train(folder: Path) -> None:
    """Write pipeline.joblib and sample.csv."""
    pipeline, x = MODELS[folder.name](folder)
    count = nodes(pipeline)
    if abs(count / NODES.get(folder.name, max(count, 1)) - 1) > 0.05 and folder.name in NODES:
        sys.exit(f"{folder.name} has {count} nodes; {NODES[folder.name]} ± 5 % are wanted: change its rows")
    print(f"{folder.name}: {count} nodes", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    x[:SAMPLE].to_csv(folder / "sample.csv", index=False)
    joblib.dump(pipeline, folder / "part")
    (folder / "part").rename(folder / "pipeline.joblib")


def export(folder: Path) -> None:
    """Write the artifact, certified by scikit-learn's own answers."""
    command = [sys.executable, "-m", "sklambda", "export", str(folder / "pipeline.joblib")]
    command += ["--sample", str(folder / "sample.csv"), "--out", str(folder / "artifact"), "--name", folder.name]
    path = str(Path(__file__).resolve().parents[1] / "model" / "python")
    subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": path}, stdout=sys.stderr)


def convert(folder: Path) -> None:
    """Write model.onnx: one float tensor of all columns, or a tensor a column if some are strings."""
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    pipeline, sample = joblib.load(folder / "pipeline.joblib"), pd.read_csv(folder / "sample.csv", nrows=1)
    types = [("rows", FloatTensorType([None, sample.shape[1]]))]
    if hasattr(pipeline, "feature_names_in_"):
        types = [
            (name, FloatTensorType([None, 1]) if sample[name].dtype == float else StringTensorType([None, 1])) for name in sample
        ]
    onnx = to_onnx(pipeline, initial_types=types, options={"zipmap": False}, target_opset=17)
    (folder / "model.onnx").write_bytes(onnx.SerializeToString())


def main() -> None:
    """Make what is missing."""
    root = Path(sys.argv[1])
    for name in sys.argv[2:] or MODELS:
        if not (root / name / "pipeline.joblib").exists():
            train(root / name)
        if not (root / name / "artifact" / "manifest.json").exists():
            export(root / name)
        if "-" not in name and not (root / name / "model.onnx").exists():
            convert(root / name)


if __name__ == "__main__":
    main()
