"""Cases of Pipeline, ColumnTransformer and FeatureUnion for model/sklearn/compose_test.go."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
from parity import Cases, fit, main, pipe
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from tables import add

NAN = float("nan")


def people(n: int = 36) -> pd.DataFrame:
    """Return numbers, strings and booleans, some of them missing."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n).astype(float),
            "income": np.round(rng.normal(3e4, 9e3, n), 2),
            "city": pd.Series(rng.choice(["Köln", "Oslo", "東京", ""], n), dtype=object),
            "pet": pd.Series(rng.choice(["cat", "dog"], n), dtype=object),
            "member": rng.random(n) < 0.5,
            "debt": rng.normal(size=n) - 0.5,
        }
    )
    frame.loc[::7, "income"] = NAN
    frame.loc[::5, "pet"] = NAN
    return frame


def one_hot(**options: Any) -> OneHotEncoder:
    """Return a OneHotEncoder that ignores what it does not know."""
    return OneHotEncoder(handle_unknown="ignore", **options)


def select_columns(X: pd.DataFrame) -> list[str]:
    """Select columns as a callable does."""
    return [name for name in X.columns if name in ("age", "debt")]


def selections(cases: Cases) -> None:
    """Add every way to name columns, on a frame and on an array."""
    X = people()
    for name, columns in {
        "names": ["debt", "age"],
        "mask": [True, False, False, False, False, True],
        "numpy mask": np.array([True, False, False, False, False, True]),
        "indices": [5, 0],
        "negative": [-1, 0],
        "slice": slice(0, 2),
        "negative slice": slice(-1, None),
        "slice of names": slice("age", "income"),
        "selector": make_column_selector(dtype_include=float),
        "selector by pattern": make_column_selector(pattern="^(age|debt)$"),
        "callable": select_columns,
        "index": X.columns[[0, 5]],
        "numpy names": np.array(["age", "debt"], dtype=object),
        "none": [],
        "empty slice": slice(0, 0),
        "no mask": [False] * 6,
    }.items():
        scaler: Any = FunctionTransformer() if name == "empty slice" else StandardScaler()
        for rest in ("drop", "passthrough", SimpleImputer(strategy="most_frequent")):
            transformer = ColumnTransformer(
                [("n", scaler, columns), ("c", one_hot(), ["city", "pet"]), ("d", "drop", ["member"])],
                remainder=rest if isinstance(rest, str) else pipe(rest, one_hot()),
                sparse_threshold=0 if name == "empty slice" else 0.3,
            )
            add(cases, f"columns by {name}, rest {rest}", transformer, X, per_column=1)
    objects, numbers = X.to_numpy(), X[["age", "income", "debt"]].to_numpy()
    for name, columns in {"indices": [1, 0], "negative": [-1, 1], "slice": slice(0, 2), "mask": [True, True, False]}.items():
        for rest in ("drop", "passthrough", MinMaxScaler()):
            add(
                cases,
                f"array by {name}, rest {rest}",
                ColumnTransformer([("n", StandardScaler(), columns)], remainder=rest),
                numbers,
            )
    mixed = ColumnTransformer([("n", StandardScaler(), [0, 1]), ("c", one_hot(), [2, 3, 4])], remainder="passthrough")
    add(cases, "array of objects", mixed, objects)
    add(cases, "frame with numbers for names", mixed, X.set_axis(range(6), axis=1))


def outputs(cases: Cases) -> None:
    """Add passthrough, weights, sparse and dense stacks, and DataFrames between steps."""
    X = people()
    numeric, textual = ["age", "income", "debt"], ["city", "pet"]
    for threshold, sparse in itertools.product([0, 0.3, 1], [True, False]):
        transformer = ColumnTransformer(
            [
                ("n", StandardScaler(), numeric),
                ("c", one_hot(sparse_output=sparse), textual),
                ("p", "passthrough", ["member", "age"]),
            ],
            sparse_threshold=threshold,
        )
        add(cases, f"stack threshold={threshold} sparse={sparse}", transformer, X)
        if sparse:
            scaled = pipe(transformer, StandardScaler(with_mean=threshold < 0.3))
            add(cases, f"scaled stack threshold={threshold}", scaled, X)
    for weights in ({"n": 0.1}, {"n": 2, "c": 0.5}, {"c": -1, "p": 3}, {"p": np.float64(0.3)}):
        for sparse in (True, False):
            parts = [
                ("n", StandardScaler(), numeric),
                ("c", one_hot(sparse_output=sparse), textual),
                ("p", "passthrough", ["member", "debt"]),
            ]
            add(
                cases,
                f"weights {weights} sparse={sparse}",
                ColumnTransformer(parts, transformer_weights=weights),
                X,
                per_column=2,
            )
    float32 = ColumnTransformer(
        [("c", one_hot(dtype=np.float32), textual), ("o", OrdinalEncoder(dtype=np.float32), ["member"])],
        transformer_weights={"c": 0.1, "o": 0.3},
    )
    add(cases, "weights on float32", float32, X)
    negative = ColumnTransformer([("n", MinMaxScaler((-1, 0)), numeric), ("c", one_hot(), textual)], sparse_threshold=1)
    zeros = X.assign(debt=np.where(X.debt > 0, -0.0, X.debt))
    add(cases, "sparse stack loses -0", negative, zeros)
    add(cases, "sparse stack made dense", pipe(negative, FunctionTransformer(accept_sparse=True)), zeros)
    nested = ColumnTransformer([("s", negative, numeric + textual)], sparse_threshold=0)
    add(cases, "sparse in dense", nested, zeros)
    dense = one_hot(sparse_output=False)
    framed = ColumnTransformer([("n", StandardScaler(), numeric), ("c", dense, textual), ("p", "passthrough", ["member"])])
    framed.set_output(transform="pandas")
    add(cases, "pandas output", framed, X)
    again = ColumnTransformer(
        [("a", MinMaxScaler(), ["n__age", "p__member"]), ("b", "passthrough", make_column_selector(pattern="^c__"))]
    )
    add(cases, "columns of pandas output by name", pipe(framed, again), X)
    imputed = pipe(
        SimpleImputer(strategy="most_frequent"), ColumnTransformer([("c", dense, ["city", "pet"])], remainder="passthrough")
    )
    add(cases, "imputed pandas output", imputed.set_output(transform="pandas"), X)
    add(
        cases,
        "pandas output before a model",
        pipe(framed, SimpleImputer(), DecisionTreeClassifier(random_state=0)),
        X,
        y=X["member"],
    )
    add(cases, "short names", framed.set_params(verbose_feature_names_out=False), X)
    inner = ColumnTransformer([("m", "passthrough", ["member"]), ("i", SimpleImputer(), ["income"])], remainder=MinMaxScaler())
    add(cases, "nested", ColumnTransformer([("i", inner, ["debt", "income", "member"]), ("c", one_hot(), ["city"])]), X)


def unions(cases: Cases) -> None:
    """Add FeatureUnion, and columns that several steps read."""
    X = people()
    numbers = X[["age", "income", "debt"]]
    parts = [("s", StandardScaler()), ("p", "passthrough"), ("d", "drop"), ("i", SimpleImputer(add_indicator=True))]
    for weights in (None, {"s": 3, "p": 0.1}):
        union = FeatureUnion(parts, transformer_weights=weights)
        add(cases, f"union weights={weights}", union, numbers)
        add(cases, f"union array weights={weights}", union, numbers.to_numpy())
        add(cases, f"union in pipeline weights={weights}", pipe(SimpleImputer(), union, MinMaxScaler()), numbers)
    add(cases, "union pandas", FeatureUnion(parts).set_output(transform="pandas"), numbers)
    counted = FeatureUnion([("s", StandardScaler()), ("p", "passthrough")], transformer_weights=Counter(s=2))
    cases.refused("union weights=Counter", fit(counted, numbers), ["transformer_weights is an object of collections.Counter"])
    weighted = ColumnTransformer([("s", StandardScaler(), ["age"])], transformer_weights=Counter(s=2))
    cases.refused(
        "column transformer weights=Counter", fit(weighted, numbers), ["transformer_weights is an object of collections.Counter"]
    )
    beside_sparse = FeatureUnion([("h", one_hot()), ("p", "passthrough")])
    add(cases, "union of booleans, sparse", beside_sparse, X[["member"]])
    add(cases, "union of numbers, sparse", beside_sparse, X[["age", "debt"]])
    objects = fit(beside_sparse, X[["age", "member"]])
    cases.refused("union of objects, sparse", objects, ["a part of objects beside a sparse one"])
    encoders = FeatureUnion([("h", one_hot()), ("o", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1))])
    add(cases, "union of encoders", encoders, X[["city", "pet"]])
    whole = X[["age"]].astype(int).assign(flag=X["member"])
    add(
        cases,
        "integers read by encoder and scaler",
        FeatureUnion([("s", StandardScaler()), ("h", one_hot())]),
        whole,
        integers=["age"],
    )
    twice = ColumnTransformer(
        [("a", one_hot(), ["city"]), ("b", OrdinalEncoder(**UNKNOWN), ["city", "age"]), ("c", MinMaxScaler(), ["age"])]
    )
    add(cases, "columns read twice", twice, X)
    add(cases, "union of column transformers", FeatureUnion([("a", twice), ("b", clone_of(twice))]), X)
    imputed = ColumnTransformer(
        [("a", pipe(SimpleImputer(strategy="constant", fill_value="?"), one_hot()), ["pet"]), ("b", one_hot(), ["pet"])]
    )
    add(cases, "imputed and raw", imputed, X)


UNKNOWN: dict[str, Any] = {"handle_unknown": "use_encoded_value", "unknown_value": -1}


def clone_of(transformer: ColumnTransformer) -> ColumnTransformer:
    """Return the transformer with its columns in another order."""
    return ColumnTransformer(transformer.transformers[::-1])


class Own(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A user's own transformer."""

    def fit(self, X: Any, y: Any = None) -> Own:
        """Learn how many columns there are."""
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> Any:
        """Change nothing."""
        return X


def twice(X: Any) -> Any:
    """Double the numbers."""
    return 2 * X


def pipelines(cases: Cases) -> None:
    """Add pipelines with steps that do nothing, pipelines in pipelines, and files without a sample."""
    X = people()
    numbers = X[["age", "income", "debt"]]
    nothing = Pipeline([("a", "passthrough"), ("b", SimpleImputer()), ("c", None), ("d", pipe(StandardScaler(), "passthrough"))])
    add(cases, "steps that do nothing", nothing, numbers)
    preprocess = ColumnTransformer(
        [("n", pipe(SimpleImputer(), StandardScaler()), ["age", "income"]), ("c", one_hot(), ["city", "pet"])]
    )
    for sample in (True, False):
        tree = pipe(preprocess, DecisionTreeClassifier(random_state=0))
        add(cases, f"tree sample={sample}", tree, X.drop(columns="member"), y=X["member"], sample=sample)
    linear = pipe(preprocess, pipe("passthrough", LogisticRegression()))
    add(cases, "model in an inner pipeline", linear, X, y=X["pet"].fillna("none"), exact=False)


def refusals(cases: Cases) -> None:
    """Add pipelines that are refused, with every reason."""
    X = people()
    numbers = X[["age", "debt"]]
    cases.refused(
        "unknown class",
        fit(pipe(Own(), LogisticRegression()), numbers, X["member"]),
        ["pipeline.s0 (__main__.Own): class"],
    )
    unknown = fit(StandardScaler(), numbers)
    unknown.shift_ = 3
    cases.refused("unknown attribute", unknown, ["standardscaler (sklearn.preprocessing._data.StandardScaler): attribute shift_"])
    lacking = fit(StandardScaler(), numbers)
    del lacking.mean_
    cases.refused("lacking attribute", lacking, ["attribute mean_: it is not in the file (written by scikit-learn "])
    double = FunctionTransformer(twice)
    several = ColumnTransformer(
        [("a", Own(), ["age", "debt"]), ("b", pipe(double, unknown), ["debt"]), ("c", one_hot(), ["city"])]
    )
    several = Pipeline([("pre", several), ("own", Own()), ("model", LogisticRegression())])
    with_model = fit(several, X, X["member"])
    with_model[0].transformers_[1][1].steps[1][1].shift_ = 3
    with_model[-1].tilt_ = 1
    cases.refused(
        "several reasons",
        with_model,
        [
            "pipeline.pre.a (__main__.Own): class",
            "pipeline.pre.b.s0 (sklearn.preprocessing._function_transformer.FunctionTransformer): func is __main__.twice",
            "pipeline.pre.b.s1 (sklearn.preprocessing._data.StandardScaler): attribute shift_",
            "pipeline.own (__main__.Own): class",
            "pipeline.model (sklearn.linear_model._logistic.LogisticRegression): attribute tilt_",
        ],
    )
    strings = fit(pipe(SimpleImputer(strategy="most_frequent")), X[["city"]])
    cases.refused("strings at the end", strings, ['column "city": it holds strings'])
    dropped = fit(ColumnTransformer([("a", "drop", ["age"])]), numbers)
    cases.refused("no columns", dropped, ["it has no columns"])
    cases.refused("not an estimator", {"model": unknown}, ["the file does not hold a fitted estimator"])
    names = fit(pipe(FunctionTransformer(), ColumnTransformer([("a", StandardScaler(), ["age"])])), numbers)
    names.steps.insert(0, ("scale", fit(StandardScaler(), numbers)))
    cases.refused("names of an array", names, ["it selects columns by name, and gets an array without names"])


if __name__ == "__main__":
    main(selections, outputs, unions, pipelines, refusals)
