"""Random pipelines of transformers, from one seed, for model/sklearn/random_test.go.

The columns are of kinds whose dtype in the reference table does not depend on the pipeline: floats, strings and booleans.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd
from parity import Cases, main, pipe
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from tables import Columns, add

NAN = float("nan")
COUNT = 30


class Maker:
    """Makes random tables and pipelines that fit them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.numpy = np.random.default_rng(seed)

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return self.random.random() < probability

    def table(self) -> pd.DataFrame:
        """Return a table of 2 to 6 columns."""
        n = self.random.choice([15, 30])
        kinds = [self.random.choice(["n", "n", "s", "b"]) for _ in range(self.random.randint(1, 5))] + ["n"]
        return pd.DataFrame({f"{kind}{i}": self.column(kind, n) for i, kind in enumerate(kinds)})

    def column(self, kind: str, n: int) -> pd.Series:
        """Return a column of numbers, strings or booleans, of the first two with missing cells now and then."""
        if kind == "b":
            return pd.Series(np.arange(n) % 3 == 0)
        if kind == "n":
            values = self.numpy.normal(size=n) * self.random.choice([1, 1e-3, 1e6])
            if self.chance(0.4):
                values = self.numpy.integers(-2, 3, n).astype(float)
        else:
            words = self.random.sample(["a", "b", "c", "é", "日本", "", "nan", "None", "A"], self.random.randint(2, 6))
            values = self.numpy.choice(np.array(words, dtype=object), n)
        if self.chance(0.4):
            values[self.numpy.permutation(n)[: n // 5]] = NAN
        return pd.Series(values, dtype=object if kind == "s" else float)

    def scaler(self) -> Any:
        """Return a scaler."""
        if self.chance(0.5):
            return StandardScaler(with_mean=self.chance(0.6), with_std=self.chance(0.8))
        return MinMaxScaler(self.random.choice([(0, 1), (-1, 1), (0.1, 0.7)]), clip=self.chance(0.5))

    def imputer(self, numeric: bool) -> SimpleImputer:
        """Return an imputer of numbers, or of any objects."""
        strategies = ["mean", "median", "most_frequent", "constant"] if numeric else ["most_frequent", "constant"]
        fill = [None, 0, 0.1, -1] if numeric else [None, "a", "missing", ""]
        return SimpleImputer(
            missing_values=self.random.choice([NAN, NAN, NAN, pd.NA, -1 if numeric else "a"]),
            strategy=self.random.choice(strategies),
            fill_value=self.random.choice(fill),
            add_indicator=self.chance(0.3),
            keep_empty_features=self.chance(0.3),
        )

    def encoder(self) -> Any:
        """Return an encoder."""
        groups: dict[str, Any] = {}
        if self.chance(0.4):
            groups["min_frequency"] = self.random.choice([2, 4, 0.1])
        if self.chance(0.3):
            groups["max_categories"] = self.random.choice([2, 3, 4])
        if self.chance(0.5):
            return OneHotEncoder(
                handle_unknown=self.random.choice(["error", "ignore", "ignore", "infrequent_if_exist", "warn"]),
                drop=self.random.choice([None, None, "first", "if_binary"]),
                sparse_output=self.chance(0.5),
                dtype=self.random.choice([np.float64, np.float64, np.float32, int, bool]),
                **groups,
            )
        if self.chance(0.3):
            return OrdinalEncoder(**groups)
        missing = self.random.choice([NAN, -2, 50])
        return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=missing, **groups)

    def chain(self, numeric: bool) -> Any:
        """Return steps one after the other."""
        steps: list[Any] = []
        if self.chance(0.5):
            steps.append(self.imputer(numeric))
        if not numeric or self.chance(0.25):
            steps.append(self.encoder())
        if self.chance(0.5):
            steps.append(self.scaler())
        if self.chance(0.1):
            steps.append(self.imputer(True))
        return pipe(*steps) if steps else FunctionTransformer()

    def weights(self, name: str) -> dict[str, float] | None:
        """Return a weight for a transformer, now and then."""
        return {name: self.random.choice([0.1, 2, 0.5])} if self.chance(0.2) else None

    def columns(self, names: list[str], depth: int = 0) -> ColumnTransformer:
        """Return transformers of some of the columns."""
        parts: list[tuple[str, Any, list[str]]] = []
        for kind in "nsb":
            chosen = [name for name in names if name[0] == kind or self.chance(0.05)]
            numeric = all(name[0] == "n" for name in chosen)
            part: Any = self.chain(numeric)
            if self.chance(0.15):
                part = FeatureUnion([("u", part), ("v", self.chain(numeric))], transformer_weights=self.weights("u"))
            elif self.chance(0.15) and chosen and depth == 0:
                part = self.columns(chosen, 1)
            if chosen:
                parts.append((kind, part, chosen))
        threshold = self.random.choice([0, 0.3, 1])
        return ColumnTransformer(parts, sparse_threshold=threshold, transformer_weights=self.weights("n"))


def pipelines(cases: Cases) -> None:
    """Add the pipelines of the first seeds that scikit-learn can fit."""
    seed = 0
    while len(cases.lines) < COUNT:
        seed += 1
        maker = Maker(seed)
        X = maker.table()
        pipeline = maker.columns(list(X.columns))
        if maker.chance(0.3):
            pipeline = pipe(pipeline, maker.scaler())
        try:
            pipeline.fit(X)
            ends = pipeline.transform(Columns(X).table(Columns(X).fitted_rows(1)[0]))
            np.asarray(ends.toarray() if hasattr(ends, "toarray") else ends, dtype=float)
        except (TypeError, ValueError):
            continue  # a random pipeline may make no sense
        if ends.shape[1]:
            add(cases, f"seed {seed}", pipeline, X, per_column=2, may_fail=True)


if __name__ == "__main__":
    main(pipelines)
