"""Cases for model/sklearn/testdata/containers: estimators in .skops files, in plain pickles and in those of cloudpickle.

skops and cloudpickle are not installed here. Run it in an environment that has them beside what it imports:
python parity_containers.py model/sklearn/testdata/containers
"""

from __future__ import annotations

import json
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import lightgbm
import numpy as np
import pandas as pd
import skops.io
import xgboost
from parity import Cases, Texts, fit, pipe
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC


class Containers(Cases):
    """Writes each estimator into every container."""

    def _write(self, name: str, estimator: Any, case: dict[str, Any]) -> None:
        stem = f"{len(self.lines) // 4:02d}"
        writers: dict[str, Callable[[Path], Any]] = {
            f"{stem}.skops": lambda path: skops.io.dump(estimator, path, compression=zipfile.ZIP_DEFLATED, compresslevel=9),
            f"{stem}-2.pkl": lambda path: path.write_bytes(pickle.dumps(estimator, 2)),
            f"{stem}-5.pkl": lambda path: path.write_bytes(pickle.dumps(estimator, 5)),
            f"{stem}-cloud.pkl": lambda path: path.write_bytes(cloudpickle.dumps(estimator)),
        }
        for file, write in writers.items():
            write(self.folder / file)
            self.lines.append(json.dumps({"name": f"{name} {file}", "file": file, **case}, allow_nan=False))


def main() -> None:
    """Write the files and cases.jsonl into the folder that the command line names."""
    cases = Containers(Path(sys.argv[1]))
    cases.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    F = pd.DataFrame(
        {"a": rng.normal(size=40), "b b": rng.normal(size=40), "é": np.array(["x", "y", "z", ""] * 10, dtype=object)}
    )
    F.loc[3, "a"] = np.nan
    y = np.array(["no", "yes"])[(F["b b"] > 0).to_numpy().astype(int)]
    columns = ColumnTransformer(
        [
            ("n", pipe(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="number")),
            ("c", OneHotEncoder(handle_unknown="ignore", dtype=np.float32), ["é"]),
        ]
    )
    rows = pd.concat([F[:8], F[:1].assign(**{"é": "unseen"})])
    X, Z = np.nan_to_num(F[["a", "b b"]].to_numpy()), np.arange(40) % 3
    ordinal = ColumnTransformer([("o", OrdinalEncoder(), [2]), ("p", "passthrough", slice(0, 2))])
    cases.add("columns, logistic", fit(pipe(columns, LogisticRegression()), F, y), rows, exact=False)
    cases.add("forest", fit(RandomForestClassifier(n_estimators=3, max_depth=3, random_state=0), X, Z), X[:8])
    cases.add(
        "boosting", fit(GradientBoostingRegressor(n_estimators=3, random_state=np.random.RandomState(0)), X, X[:, 1]), X[:8]
    )
    cases.add("hist", fit(pipe(ordinal, HistGradientBoostingClassifier(max_iter=3)), F, Z), rows[:8], exact=False)
    cases.add("neighbours", fit(KNeighborsClassifier(3, algorithm="kd_tree"), X, Z), X[:8] + 0.1, exact=False)
    cases.add("machine", fit(SVC(), X, Z), X[:8], exact=False)
    cases.add("descent", fit(SGDClassifier(loss="log_loss", random_state=0), X, Z == 1), X[:8], exact=False)
    sparse = fit(LogisticRegression(), X, Z).sparsify()
    cases.add("sparse", sparse, X[:8], exact=False)
    texts = Texts(["a dog and a cat", "the cat", "Éa dog's life", "cats"])
    cases.add("counts", fit(CountVectorizer(ngram_range=(1, 2), stop_words=["the"]), texts), texts)
    cases.add("text", fit(pipe(TfidfVectorizer(), LogisticRegression()), texts, [0, 1, 0, 1]), texts, exact=False)
    cases.add("xgboost", fit(xgboost.XGBClassifier(n_estimators=3, max_depth=2), X, Z), X[:8], exact=False)
    cases.add("lightgbm", fit(lightgbm.LGBMRegressor(n_estimators=3, num_leaves=4, verbose=-1), X, X[:, 0]), X[:8])
    (cases.folder / "cases.jsonl").write_text("".join(line + "\n" for line in cases.lines), encoding="utf-8")
    print(f"{len(cases.lines)} cases")


if __name__ == "__main__":
    main()
