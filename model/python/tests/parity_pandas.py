"""Cases of pipelines that hold pandas objects, or were fitted on pandas' own dtypes, for model/sklearn/testdata/pandas.

Run it under each pandas: python parity_pandas.py model/sklearn/testdata/pandas/<pandas version>[-pyarrow]
"""

from __future__ import annotations

import importlib.util
from typing import Any

import joblib
import numpy as np
import pandas as pd
from packed import main
from parity import Cases, pipe
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from tables import add

NAN = float("nan")
NUMBERS, TEXTS = ["age", "fare"], ["city", "pet"]


def people(n: int = 40) -> pd.DataFrame:
    """Return numbers, strings in pandas' own dtype, integers and booleans, none of them missing."""
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 80, n).astype(float),
            "city": rng.choice(["Köln", "Oslo", "東京"], n).tolist(),
            "fare": np.round(rng.normal(30, 9, n), 2),
            "pet": rng.choice(["cat", "dog", ""], n).tolist(),
            "rooms": rng.integers(1, 5, n),
            "member": rng.random(n) < 0.5,
        }
    )


def encoder() -> OneHotEncoder:
    """Return a OneHotEncoder that ignores what it does not know."""
    return OneHotEncoder(handle_unknown="ignore")


def numeric_columns(X: pd.DataFrame) -> pd.Index:
    """Select columns as a callable does."""
    return X.select_dtypes("float").columns


def selections(cases: Cases) -> None:
    """Add columns given as pandas objects and as callables."""
    X = people()
    y = X["age"] > 45
    for name, numbers, texts in (
        ("select_dtypes", X.select_dtypes("float").columns, X.select_dtypes(exclude=["number", "bool"]).columns),
        ("columns[...]", X.columns[[0, 2]], X.columns[[1, 3]]),
        ("columns[mask]", X.columns[X.dtypes == "float64"], X.columns[[t.kind == "O" for t in X.dtypes]]),
        ("difference", X[NUMBERS].columns.difference([]), X.columns.intersection(TEXTS)),
        ("series of names", pd.Series(NUMBERS), pd.Series(TEXTS, dtype=object)),
        ("object index", pd.Index(NUMBERS, dtype=object), pd.Index(TEXTS, dtype=object)),
        ("string index", pd.Index(NUMBERS, dtype="string"), pd.Index(TEXTS, dtype="string")),
        ("category index", pd.CategoricalIndex(NUMBERS), pd.CategoricalIndex(TEXTS)),
        ("index of positions", pd.Index([0, 2]), pd.RangeIndex(1, 4, 2)),
        ("series of booleans", X.dtypes == "float64", pd.Series([c in TEXTS for c in X.columns], index=X.columns)),
        ("numpy strings", np.array(NUMBERS), X.columns.to_numpy()[[1, 3]]),
        ("list of columns", list(X.columns[[0, 2]]), X.columns[[1, 3]].tolist()),
        ("selector", make_column_selector(dtype_include="number"), make_column_selector(dtype_exclude=["number", "bool"])),
        ("selector of types", make_column_selector(dtype_include=np.float64), make_column_selector(pattern="city|pet")),
        ("function", numeric_columns, TEXTS),
    ):
        for rest in ("drop", "passthrough"):
            columns = ColumnTransformer([("n", StandardScaler(), numbers), ("c", encoder(), texts)], remainder=rest)
            add(cases, f"{name}, rest {rest}", columns, X, per_column=2)
    columns = ColumnTransformer([("n", StandardScaler(), X.columns[[0, 2]]), ("c", encoder(), X.columns[[1, 3]])])
    memory = Pipeline([("c", columns), ("m", LogisticRegression())], memory=joblib.Memory(None))
    add(cases, "a model behind an index", memory, X, y=y, exact=False, per_column=2)


def categories(cases: Cases) -> None:
    """Add categories given as pandas objects."""
    X = people()[TEXTS]
    lists = (["Köln", "Oslo", "東京", "Paris"], ["", "cat", "dog"])
    for name, make in (
        ("Index", pd.Index),
        ("Series", pd.Series),
        ("unique", lambda values: pd.Series(values).unique()),
        ("array", lambda values: pd.array(values, dtype="string")),
        ("categories", lambda values: pd.CategoricalDtype(values).categories),
        ("object Series", lambda values: pd.Series(values, dtype=object)),
        ("list", list),
    ):
        given = [make(values) for values in lists]
        add(cases, f"one-hot categories {name}", OneHotEncoder(categories=given), X, per_column=3)
        ordinal = OrdinalEncoder(categories=given, handle_unknown="use_encoded_value", unknown_value=-1)
        add(cases, f"ordinal categories {name}", ordinal, X, per_column=3)
    whole = people()[["rooms"]]
    add(cases, "one-hot categories integers", OneHotEncoder(categories=[pd.Index([1, 2, 3, 4, 5])]), whole, integers=["rooms"])


def text_dtypes() -> list[str]:
    """Return pandas' dtypes of strings that are there."""
    names = ["object", "str", "string[python]", "category"]
    if importlib.util.find_spec("pyarrow"):
        names += ["string[pyarrow]", *([] if pd.__version__ >= "3" else ["string[pyarrow_numpy]"])]
    return names


def dtypes(cases: Cases) -> None:
    """Add fits on pandas' own dtypes, with and without missing cells."""
    for dtype in text_dtypes():
        for missing in (False, True):
            X = people()[TEXTS].astype(dtype)
            if missing:
                X.loc[::6, "city"] = NAN
            name = f"{dtype} missing={missing}"
            filled = pipe(SimpleImputer(missing_values=pd.NA, strategy="constant", fill_value="none"), encoder())
            add(cases, f"imputed NA {name}", filled, X, per_column=3)
            if X["city"].hasnans and X["city"][0] is pd.NA:
                continue  # no other step takes it
            add(cases, f"one-hot {name}", encoder(), X, per_column=3)
            add(cases, f"ordinal {name}", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), X, per_column=3)
            filled = pipe(SimpleImputer(strategy="constant", fill_value="none"), encoder())
            add(cases, f"imputed {name}", filled, X, per_column=3)
            frequent = pipe(SimpleImputer(strategy="most_frequent"), encoder())
            add(cases, f"most frequent {name}", frequent, X, per_column=3)
    for missing in (False, True):
        X = people()[[*NUMBERS, "rooms", "member"]].astype({"age": "Float64", "rooms": "Int64", "member": "boolean"})
        if missing:
            X.loc[::6, ["age", "rooms", "member"]] = pd.NA
        name = f"nullable missing={missing}"
        add(cases, f"scaler {name}", StandardScaler(), X, per_column=3)
        add(cases, f"scaler of booleans {name}", pipe(SimpleImputer(), MinMaxScaler()), X[["member"]], per_column=3)
        add(cases, f"imputer {name}", SimpleImputer(strategy="median", add_indicator=True), X, per_column=3)
        for column in ("rooms", "age", "member"):
            add(cases, f"one-hot {name} {column}", encoder(), X[[column]])
        model = pipe(SimpleImputer(strategy="most_frequent"), RandomForestClassifier(n_estimators=3, max_depth=3, random_state=0))
        add(cases, f"forest {name}", model, X, y=people()["age"] > 45, per_column=3)
    X = people()[["rooms"]].astype("category")
    add(cases, "one-hot category of integers", encoder(), X, integers=["rooms"])
    narrow = people()[["age", "rooms", "member"]].astype({"age": "float32", "rooms": "int8"})
    add(cases, "scaler of narrow numbers", StandardScaler(), narrow, per_column=3)
    add(cases, "one-hot of narrow integers", encoder(), narrow[["rooms"]], integers=["rooms"])


def targets(cases: Cases) -> None:
    """Add targets given as pandas objects."""
    X = people()[NUMBERS]
    y = pd.Series(np.where(X["age"] > 45, "old", "young").tolist(), name="group")
    for dtype in text_dtypes():
        for model in (LogisticRegression(), DecisionTreeClassifier(max_depth=2), HistGradientBoostingClassifier(max_iter=2)):
            add(cases, f"{type(model).__name__} target {dtype}", model, X, y=y.astype(dtype), exact=False, per_column=1)
    for dtype in ("Int64", "boolean", "int8", "category"):
        for model in (LogisticRegression(), DecisionTreeClassifier(max_depth=2)):
            add(
                cases,
                f"{type(model).__name__} target {dtype}",
                model,
                X,
                y=(y == "old").astype(int).astype(dtype),
                exact=False,
                per_column=1,
            )


def hist(cases: Cases) -> None:
    """Add HistGradientBoosting with categorical features of pandas."""
    X = people(120)
    y = ((X["city"] == "Oslo") | (X["age"] > 60)).to_numpy()
    options: dict[str, Any] = {"max_iter": 3, "max_leaf_nodes": 5, "min_samples_leaf": 5}
    for dtype in text_dtypes():
        typed = X.assign(city=X["city"].astype(dtype).astype("category"), pet=X["pet"].astype(dtype).astype("category"))
        for missing in (False, True):
            if missing and dtype in ("string[python]", "string[pyarrow]"):
                continue  # their missing category is NA, which the encoder does not take
            if missing:
                typed.loc[::6, "city"] = NAN
            model = HistGradientBoostingClassifier(categorical_features="from_dtype", **options)
            add(cases, f"from_dtype {dtype} missing={missing}", model, typed, y=y, exact=False, per_column=3)
        model = HistGradientBoostingClassifier(categorical_features=X.columns[[1, 3]], **options)
        add(cases, f"named by index {dtype}", model, X.assign(city=X["city"].astype(dtype)), y=y, exact=False, per_column=3)
    whole = X.assign(rooms=X["rooms"].astype("category"))[["age", "rooms", "fare"]]
    add(cases, "from_dtype integers", HistGradientBoostingClassifier(**options), whole, y=y, exact=False, integers=["rooms"])
    flags = X.assign(member=X["member"].astype("category"))[["age", "member", "fare"]]
    add(cases, "from_dtype booleans", HistGradientBoostingClassifier(**options), flags, y=y, exact=False)
    nullable = X[["age", "rooms", "member"]].astype({"age": "Float64", "rooms": "Int64", "member": "boolean"})
    nullable.loc[::6, "age"] = pd.NA
    add(cases, "nullable", HistGradientBoostingClassifier(**options), nullable, y=y, exact=False)


if __name__ == "__main__":
    main(selections, categories, dtypes, targets, hist)
