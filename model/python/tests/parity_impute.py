"""Cases of SimpleImputer for model/sklearn/impute_test.go."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
from parity import Cases, main, pipe
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from tables import add

NAN = float("nan")
STRATEGIES = ["mean", "median", "most_frequent", "constant"]


def numbers(n: int = 40, share: float = 0.2) -> Any:
    """Return columns of numbers with missing cells: the last holds whole numbers, the third lacks none, the fourth all."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(n, 5)) * [1, 100, 1e-3, 1, 3]
    X[:, 4] = np.round(X[:, 4])
    X[rng.random(X.shape) < share] = NAN
    X[:, 2], X[:, 3] = 0.25, NAN
    return X


def mixed(missing: Any) -> pd.DataFrame:
    """Return strings, numbers and booleans with missing cells."""
    return pd.DataFrame(
        {
            "s": pd.Series(["a", missing, "é", "a", "", "nan"] * 3, dtype=object),
            "t": pd.Series(["x", "y", "y"] * 6, dtype=object),
            "n": pd.Series([1.5, missing, 3, 3, 0, -1] * 3, dtype=object if missing is None else float),
        }
    )


def on_numbers(cases: Cases) -> None:
    """Add every strategy, indicator and way to treat empty columns, on arrays, frames, float32 and integers."""
    X = numbers()
    frame = pd.DataFrame(X, columns=list("abcde"))
    for strategy, indicator, keep in itertools.product([*STRATEGIES, np.max], [False, True], [False, True]):
        imputer = SimpleImputer(strategy=strategy, add_indicator=indicator, keep_empty_features=keep)
        if callable(strategy) and not keep:
            imputer.strategy = len_or_nan
        elif callable(strategy):
            X = X[:, :3]
        name = f"numbers {strategy if isinstance(strategy, str) else 'callable'} indicator={indicator} keep={keep}"
        add(cases, name, imputer, X)
    for strategy, missing in itertools.product(STRATEGIES, [-1, 0.25, 0]):
        filled = np.nan_to_num(numbers(), nan=missing)
        for indicator in (False, True):
            imputer = SimpleImputer(missing_values=missing, strategy=strategy, add_indicator=indicator)
            add(cases, f"numbers {strategy} missing={missing} indicator={indicator}", imputer, filled)
    for fill in (0, 7, 0.1, -0.0, NAN, np.float32(0.1), True):
        add(cases, f"constant {fill!r}", SimpleImputer(strategy="constant", fill_value=fill, keep_empty_features=True), numbers())
    for strategy in STRATEGIES:
        add(cases, f"float32 {strategy}", SimpleImputer(strategy=strategy), numbers().astype(np.float32))
        add(cases, f"frame {strategy}", SimpleImputer(strategy=strategy), frame)
        whole = frame[["e"]].fillna(0).astype(int).assign(b=True, f=0.5)
        add(cases, f"integers and booleans {strategy}", SimpleImputer(strategy=strategy), whole)
        add(cases, f"sparse {strategy}", pipe(OneHotEncoder(), SimpleImputer(strategy=strategy)), mixed(NAN)[["s", "t"]])
    add(
        cases,
        "float32 constant 0.1",
        SimpleImputer(strategy="constant", fill_value=np.float32(0.1)),
        numbers().astype(np.float32),
    )
    add(
        cases,
        "float32 ordinal",
        pipe(OrdinalEncoder(dtype=np.float32), SimpleImputer(strategy="mean", add_indicator=True)),
        mixed(NAN)[["s", "t"]],
    )
    add(cases, "pandas.NA", SimpleImputer(missing_values=pd.NA, strategy="median", add_indicator=True), numbers())
    add(cases, "imputer and scaler", pipe(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), frame)


def len_or_nan(values: Any) -> float:
    """Return a statistic that depends on the column; NaN for one without values, which drops it."""
    return float(len(values)) if len(values) else NAN


def on_objects(cases: Cases) -> None:
    """Add imputers of strings, numbers and booleans in one array of objects, with an encoder behind them."""
    for missing, strategy, indicator in itertools.product([NAN, None, pd.NA], ["most_frequent", "constant"], [False, True]):
        X = mixed(None if missing is None else NAN)
        none = list(X.columns) if missing is None else []
        imputer = SimpleImputer(missing_values=missing, strategy=strategy, add_indicator=indicator)
        name = f"objects {missing} {strategy} indicator={indicator}"
        encoder = OneHotEncoder(handle_unknown="ignore")
        for columns in (["s", "t"], ["s", "t", "n"]):
            if strategy == "constant" and "n" in columns:
                imputer.set_params(fill_value="missing")
                X["n"] = [1.0, 2.0, 3.0] * 6  # a string in a column of numbers that lacks none: never a category
            known = [c for c in none if c in columns]
            add(cases, f"{name} {columns}", pipe(imputer, encoder), X[columns], none=known)
    for fill in ("a", "filled", "", 0, None):
        imputer = SimpleImputer(missing_values="?", strategy="constant", fill_value=fill)
        X = pd.DataFrame({"s": ["a", "?", "b", "é"] * 4, "t": ["x", "y", "y", "y"] * 4}, dtype=object)
        if fill == 0:
            X["s"] = ["a", "a", "b", "é"] * 4  # else numbers and strings would not sort
        add(cases, f"question mark filled with {fill!r}", pipe(imputer, OneHotEncoder(handle_unknown="ignore")), X)
        marked = imputer.set_params(add_indicator=True)
        add(cases, f"question mark indicated, filled with {fill!r}", pipe(marked, OrdinalEncoder(**UNKNOWN)), X)
    passes = '"{}" was trained with None, which its SimpleImputer leaves'
    for missing in (None, NAN, pd.NA):
        other = "b" if missing is None else NAN
        both = pd.DataFrame({"s": pd.Series(["a", None, other, "b", None] * 4, dtype=object), "t": ["x", "y"] * 10})
        imputer = SimpleImputer(missing_values=missing, strategy="constant", fill_value="a")
        none = {"None": ["s", "t"], "nan": ["s"]}.get(str(missing), [])
        notes = [passes.format("s")] if isinstance(missing, float) else []
        if missing is None:
            both = both.astype(object)
        steps = pipe(imputer, OneHotEncoder(handle_unknown="ignore"))
        add(cases, f"None and NaN, {missing} is missing", steps, both, none=none, notes=notes)
    for strategy, encoder in itertools.product(["constant", "most_frequent"], [OneHotEncoder(), OrdinalEncoder(**UNKNOWN)]):
        steps = pipe(SimpleImputer(strategy=strategy, fill_value="?"), encoder)  # None passes, and so is a category
        X = pd.DataFrame({"s": ["a", None, "a", "b"] * 5, "n": [2, 2, None, 5] * 5, "t": ["x", "y"] * 10}, dtype=object)
        X = X if strategy == "most_frequent" else X[["s", "t"]]
        none, sample = list(X.columns)[:-1], strategy == "constant"
        notes = [passes.format(c) for c in none]
        add(cases, f"None passes {strategy} {encoder}", steps, X, none=none, notes=notes, sample=sample)
    again = pipe(
        SimpleImputer(strategy="constant", fill_value="?"),
        SimpleImputer(missing_values="?", strategy="most_frequent"),
        OrdinalEncoder(**UNKNOWN),
    )
    add(cases, "imputer after imputer", again, mixed(NAN)[["s", "t"]])


UNKNOWN: dict[str, Any] = {"handle_unknown": "use_encoded_value", "unknown_value": -1}


def types(cases: Cases) -> None:
    """Add imputers whose column types only a later encoder or the sample tells."""
    X = mixed(NAN).assign(n=[1.0, 2.0, 3.0] * 6)
    imputer = SimpleImputer(strategy="constant", fill_value="missing")
    for sample in (True, False):
        add(
            cases,
            f"constant string in numbers, sample={sample}",
            pipe(imputer, OneHotEncoder(handle_unknown="ignore")),
            X,
            sample=sample,
        )
    objects = X.to_numpy()
    add(cases, "objects array", pipe(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")), objects)
    add(cases, "constant string in numbers, then numbers", pipe(imputer, OrdinalEncoder(), StandardScaler()), X)
    empty = X.assign(e=pd.Series([NAN] * len(X), dtype=object))
    for keep in (False, True):
        most = SimpleImputer(strategy="most_frequent", keep_empty_features=keep)
        add(cases, f"empty column keep={keep}", pipe(most, OneHotEncoder(handle_unknown="ignore")), empty)
    booleans = pd.DataFrame({"b": pd.Series([True, False, NAN, True] * 4, dtype=object), "s": ["x", "y"] * 8}).astype(object)
    add(cases, "booleans", pipe(SimpleImputer(strategy="most_frequent"), OrdinalEncoder(**UNKNOWN)), booleans)
    infinite = mixed(NAN)[["n", "s"]]
    add(
        cases,
        "infinity in objects",
        pipe(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")),
        infinite,
        per_column=20,
    )


if __name__ == "__main__":
    main(on_numbers, on_objects, types)
