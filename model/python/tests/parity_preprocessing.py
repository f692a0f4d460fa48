"""Cases of the scalers, the encoders and FunctionTransformer for model/sklearn/preprocessing_test.go."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
from parity import Cases, fit, main, pipe
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from tables import add

NAN = float("nan")


def numbers(seed: int = 1, n: int = 50, missing: bool = False) -> Any:
    """Return columns of ordinary, big, tiny, constant and whole numbers."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5)) * [1, 1e8, 1e-8, 0, 3] + [0, 5, -3, 0.1, 10]
    X[:, 4] = np.round(X[:, 4])
    if missing:
        X[rng.random(X.shape) < 0.2] = NAN
    return X


def strings(seed: int = 2, n: int = 60) -> Any:
    """Return two object columns of strings of uneven frequency, among them what looks missing and is not."""
    rng = np.random.default_rng(seed)
    first = rng.choice(["a", "b", "é", "日本", "", "nan", "None"], size=n, p=[0.4, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05])
    second = rng.choice(["x", "y"], size=n)
    return np.array([first, second], dtype=object).T


def scalers(cases: Cases) -> None:
    """Add StandardScaler and MinMaxScaler."""
    X, missing = numbers(), numbers(missing=True)
    frame = pd.DataFrame(X, columns=list("abcde"))
    for mean, std in itertools.product([True, False], repeat=2):
        add(cases, f"standard mean={mean} std={std}", StandardScaler(with_mean=mean, with_std=std), X)
        add(cases, f"standard frame mean={mean} std={std}", StandardScaler(with_mean=mean, with_std=std), frame)
    add(cases, "standard missing", StandardScaler(), missing)
    add(cases, "standard integers", StandardScaler(), np.arange(30).reshape(10, 3))
    add(cases, "standard float32", StandardScaler(), X.astype(np.float32))
    add(cases, "standard booleans", StandardScaler(), pd.DataFrame({"a": [True, False, True], "b": [1.5, 2.5, 4]}))
    weighted = StandardScaler().fit(X, sample_weight=np.arange(len(X)))
    cases.add("standard weighted", weighted, X[:5])
    for low_high, clip in itertools.product([(0, 1), (-1, 1), (0.1, 0.7), (-1e9, 3)], [False, True]):
        add(cases, f"minmax {low_high} clip={clip}", MinMaxScaler(feature_range=low_high, clip=clip), X)
    add(cases, "minmax missing", MinMaxScaler(clip=True), missing)
    add(cases, "minmax frame", MinMaxScaler(), frame)
    add(cases, "minmax float32", MinMaxScaler((0.1, 0.7), clip=True), X.astype(np.float32))
    add(cases, "scaler after scaler", pipe(StandardScaler(), MinMaxScaler(), StandardScaler(with_mean=False)), X)


def float32_scalers(cases: Cases) -> None:
    """Add scalers behind an encoder whose output is float32, and behind a sparse one."""
    X = strings()
    for scaler in (StandardScaler(), StandardScaler(with_mean=False), MinMaxScaler((0.1, 0.7), clip=True)):
        one_hot = OneHotEncoder(dtype=np.float32, sparse_output=False, handle_unknown="ignore")
        add(cases, f"float32 one-hot, {scaler}", pipe(one_hot, scaler), X)
        ordinal = OrdinalEncoder(dtype=np.float32, handle_unknown="use_encoded_value", unknown_value=-1)
        add(cases, f"float32 ordinal, {scaler}", pipe(ordinal, scaler), X)
    for dtype in (np.float32, np.float64, np.int8):
        one_hot = OneHotEncoder(dtype=dtype, handle_unknown="ignore")
        add(cases, f"sparse {dtype.__name__}", pipe(one_hot, StandardScaler(with_mean=False)), X)


def one_hot_strings(cases: Cases) -> None:
    """Add OneHotEncoder on strings: every combination of drop, handle_unknown and the grouping of infrequent ones."""
    X = strings()
    frame = pd.DataFrame(X, columns=["p", "q"])
    drops: list[Any] = [None, "first", "if_binary", ["b", "y"]]
    groups: list[dict[str, Any]] = [
        {},
        {"min_frequency": 5},
        {"min_frequency": 0.15},
        {"max_categories": 3},
        {"max_categories": 1},
    ]
    for drop, unknown, group in itertools.product(drops, ["error", "ignore", "infrequent_if_exist", "warn"], groups):
        if drop == "first" and group.get("max_categories") == 1:
            continue  # no column is left
        if drop == ["b", "y"] and (group.get("max_categories") == 1 or group.get("min_frequency") == 0.15):
            continue  # an infrequent category cannot be dropped
        encoder = OneHotEncoder(drop=drop, handle_unknown=unknown, **group)
        add(cases, f"one-hot drop={drop} {unknown} {group}", encoder, frame if unknown == "ignore" else X, per_column=2)
    for dtype in (np.float64, np.float32, np.int64, np.int8, np.uint8, np.bool_, float, int, bool, "float32"):
        add(cases, f"one-hot dtype {dtype}", OneHotEncoder(dtype=dtype, handle_unknown="ignore"), X, per_column=2)
        add(cases, f"one-hot dense dtype {dtype}", OneHotEncoder(dtype=dtype, sparse_output=False), X, per_column=2)
    listed = OneHotEncoder(categories=[["é", "a", "zz", "b", "日本", "", "nan", "None"], ["y", "x"]])
    add(cases, "one-hot categories listed", listed, X)
    add(cases, "one-hot unicode array", OneHotEncoder(handle_unknown="ignore"), X.astype(str))
    add(cases, "one-hot without sample", OneHotEncoder(handle_unknown="ignore"), frame, sample=False)
    add(cases, "one-hot categorical", OneHotEncoder(handle_unknown="ignore"), frame.astype("category"))
    add(cases, "one-hot pandas strings", OneHotEncoder(handle_unknown="ignore"), frame.astype("str"))


def missing_categories(cases: Cases) -> None:
    """Add encoders of categories with None and NaN."""
    for name, none, nan in (("none", True, False), ("nan", False, True), ("both", True, True)):
        values: list[Any] = ["a", "b", "nan", "None", "a", *([None] * 2 if none else []), *([NAN] * 3 if nan else [])]
        frame = pd.DataFrame({"p": pd.Series(values, dtype=object), "q": pd.Series(values[::-1], dtype=object)})
        notes = '"{}" was trained with None and with NaN'
        null: dict[str, Any] = {"none": ["p", "q"] if none else [], "notes": [notes.format(c) for c in "pq" if none and nan]}
        for unknown, drop in itertools.product(["error", "ignore"], [None, "first", "if_binary", ["a", None if none else NAN]]):
            encoder = OneHotEncoder(handle_unknown=unknown, drop=["a", values[-1]] if isinstance(drop, list) else drop)
            add(cases, f"one-hot {name} drop={drop} {unknown}", encoder, frame, **null)
        grouped = OneHotEncoder(min_frequency=2, handle_unknown="infrequent_if_exist")
        add(cases, f"one-hot {name} grouped", grouped, frame, **null)
        told = [notes.format(f"column {j}") for j in range(2) if none and nan]
        add(cases, f"one-hot {name} array", OneHotEncoder(), frame.to_numpy(), none=[0, 1] if none else [], notes=told)
        options: dict[str, Any]
        for options in (
            {},
            {"encoded_missing_value": -7},
            {"min_frequency": 2},
            {"max_categories": 2, "encoded_missing_value": 9},
        ):
            add(cases, f"ordinal {name} {options}", OrdinalEncoder(**options), frame, **null)
            unknown_too = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, **options)
            add(cases, f"ordinal {name} unknown {options}", unknown_too, frame, **null)


def number_categories(cases: Cases) -> None:
    """Add encoders of numbers, integers beyond 2^53, booleans, and numbers in object arrays."""
    rng = np.random.default_rng(5)
    integers = pd.DataFrame({"i": rng.integers(-3, 4, 40), "j": rng.integers(0, 2, 40)})
    big = pd.DataFrame({"i": np.array([2**53, 2**53 + 1, 2**53 + 2, -(2**62) - 1, 5] * 4)})
    floats = pd.DataFrame({"f": [0.1, 0.30000000000000004, -0.0, 7.5, NAN] * 4, "g": [1.0, 2.0, 1e300, -1e-310, 0.1] * 4})
    booleans = pd.DataFrame({"b": [True, False, True, True], "c": [True] * 4})
    for unknown in ("error", "ignore"):
        for name, frame in {"integers": integers, "big": big, "floats": floats, "booleans": booleans}.items():
            whole = list(frame.columns) if name in ("integers", "big") else []
            add(cases, f"one-hot {name} {unknown}", OneHotEncoder(handle_unknown=unknown), frame, integers=whole)
            whole = list(range(len(whole)))
            add(cases, f"one-hot {name} array {unknown}", OneHotEncoder(handle_unknown=unknown), frame.to_numpy(), integers=whole)
    for dtype in (np.float32, np.int8, np.uint16):
        X = floats.fillna(0).to_numpy().clip(0, 100).astype(dtype)
        whole = [] if dtype is np.float32 else [0, 1]
        add(
            cases,
            f"ordinal {dtype.__name__}",
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=NAN),
            X,
            integers=whole,
        )
    listed = OrdinalEncoder(categories=[[-3, -2, -1, 0, 1, 2, 3, 9], [0, 1]])
    add(cases, "ordinal listed integers", listed, integers, integers=["i", "j"])
    objects = np.array([[1, True], [2, False], [None, None], [1, True], [2.5, True]], dtype=object)
    add(cases, "one-hot objects", OneHotEncoder(handle_unknown="ignore"), objects, none=[0, 1])
    objects = np.array([[1, "a"], [2, "b"], [NAN, "a"], [1, "a"]], dtype=object)
    add(cases, "one-hot numbers beside strings", OneHotEncoder(handle_unknown="ignore"), objects, objects=[0])
    dtypes: list[Any] = [np.int32, np.float32, np.uint8, bool, "f4", int, object]
    for dtype in dtypes:
        add(cases, f"ordinal dtype {dtype}", OrdinalEncoder(dtype=dtype), strings(), per_column=2)
    for value in (-1, 100, NAN):
        encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=value, min_frequency=0.15)
        add(cases, f"ordinal unknown {value}", encoder, strings())


def functions(cases: Cases) -> None:
    """Add FunctionTransformer without a function, and the refusal of one with a function."""
    X = numbers()
    for validate in (False, True):
        add(cases, f"identity validate={validate}", FunctionTransformer(validate=validate), X)
        one_to_one = FunctionTransformer(validate=validate, feature_names_out="one-to-one")
        add(cases, f"identity frame validate={validate}", one_to_one, pd.DataFrame(X, columns=list("abcde")))
    cases.refused(
        "function",
        fit(FunctionTransformer(np.sort), X),
        ["functiontransformer (sklearn.preprocessing._function_transformer.FunctionTransformer): func is "],
    )


if __name__ == "__main__":
    main(scalers, float32_scalers, one_hot_strings, missing_categories, number_categories, functions)
