"""Cases of the scalers, discretizers, power, quantile, spline, polynomial and label transformers and of functions of numpy."""

from __future__ import annotations

import itertools
import os
from typing import Any

import numpy as np
import pandas as pd
import scipy.special
from parity import Cases, fit, main, pipe
from sklearn.decomposition import PCA
from sklearn.impute import KNNImputer
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    LabelBinarizer,
    LabelEncoder,
    MaxAbsScaler,
    MultiLabelBinarizer,
    Normalizer,
    OneHotEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
    normalize,
)
from tables import every

NAN = float("nan")
FULL = os.environ.get("PARITY_FULL") == "1"
add = every(5)


def numbers(n: int = 40, missing: bool = False, columns: int = 4) -> Any:
    """Return columns of ordinary, wide, constant and whole numbers."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(n, 4)) * [1, 100, 0, 3] + [0, 5, 0.1, 1]
    X[:, 3] = np.round(X[:, 3])
    if missing:
        X[rng.random(X.shape) < 0.2] = NAN
    return X[:, :columns]


def one_hot(dtype: Any = np.float64, sparse: bool = True) -> OneHotEncoder:
    """Return an encoder that gives a matrix of a dtype."""
    return OneHotEncoder(dtype=dtype, sparse_output=sparse, handle_unknown="ignore")


def letters() -> Any:
    """Return two columns of strings."""
    return np.array([list("abcab" * 4), list("xxyyz" * 4)], dtype=object).T


def scalers(cases: Cases) -> None:
    """Add RobustScaler, MaxAbsScaler, Normalizer and Binarizer: arrays, frames, missing cells, float32, sparse."""
    X, missing = numbers(), numbers(missing=True)
    frame = pd.DataFrame(X, columns=list("abcd"))
    for center, scale, unit in itertools.product([True, False], repeat=3):
        scaler = RobustScaler(with_centering=center, with_scaling=scale, unit_variance=unit, quantile_range=(10, 80))
        add(cases, f"robust {center} {scale} {unit}", scaler, missing)
    for clip in (False, True):
        add(cases, f"max abs clip={clip}", MaxAbsScaler(clip=clip), missing)
        add(cases, f"max abs sparse clip={clip}", pipe(one_hot(), MaxAbsScaler(clip=clip)), letters())
    small: list[tuple[str, Any]] = [
        ("robust", RobustScaler()),
        ("max abs", MaxAbsScaler()),
        ("binarizer", Binarizer(threshold=0.3)),
    ]
    for name, scaler in [*small, ("normalizer max", Normalizer("max"))]:
        add(cases, f"{name} frame", scaler, frame)
        add(cases, f"{name} float32", pipe(one_hot(np.float32, False), StandardScaler(), scaler), letters())
        if name != "robust":
            add(cases, f"{name} sparse", pipe(one_hot(), scaler), letters())
    add(cases, "robust sparse", pipe(one_hot(), RobustScaler(with_centering=False)), letters())
    for norm in ("l1", "l2", "max"):
        add(cases, f"normalizer {norm}", Normalizer(norm), X, exact=norm == "max", per_column=13)
        add(cases, f"normalizer {norm} sparse", pipe(one_hot(), Normalizer(norm)), letters(), exact=norm == "max")
    for threshold in (0, -0.5, 1, 5.25):
        add(cases, f"binarizer {threshold}", Binarizer(threshold=threshold), X, per_column=13)
    add(cases, "binarizer booleans", Binarizer(), pd.DataFrame({"a": [True, False], "b": [False, True]}))


def bins(cases: Cases) -> None:
    """Add KBinsDiscretizer: every encoding and strategy, dtypes."""
    X = numbers()
    for encode, strategy, dtype in itertools.product(
        ["onehot", "onehot-dense", "ordinal"], ["uniform", "quantile", "kmeans"], [None, np.float32, np.float64]
    ):
        if dtype is None or strategy == "kmeans":
            options: dict[str, Any] = {"quantile_method": "averaged_inverted_cdf"} if strategy == "quantile" else {}
            scaler = KBinsDiscretizer([3, 5, 2, 4], encode=encode, strategy=strategy, dtype=dtype, **options)
            add(cases, f"bins {encode} {strategy} {dtype}", scaler, X)
    narrow = np.column_stack([X[:, 0] * 1e-12, X[:, 1]])  # all edges of the first column are as one: it has 0 bins
    add(cases, "bins closer than 1e-8", KBinsDiscretizer(3, encode="ordinal", strategy="kmeans"), narrow)
    uniform = KBinsDiscretizer(4, encode="ordinal", strategy="uniform")
    add(cases, "bins at edges", uniform, np.arange(17.0).reshape(-1, 1), per_column=30)
    add(cases, "bins float32", pipe(one_hot(np.float32, False), StandardScaler(), uniform), letters())


def distributions(cases: Cases) -> None:
    """Add PowerTransformer and QuantileTransformer."""
    X = numbers(missing=True)
    whole = np.random.default_rng(2).poisson(2, size=(60, 2)).astype(float)
    for standardize in (True, False):
        for name, table in {"missing": X[:, [0, 1, 3]], "whole": whole}.items():
            power = PowerTransformer(standardize=standardize)
            add(cases, f"yeo-johnson {name} {standardize}", power, table, exact=False)
        box_cox = PowerTransformer("box-cox", standardize=standardize)
        add(cases, f"box-cox {standardize}", box_cox, np.abs(numbers(columns=2)) + 0.1, exact=False)
    one_value = np.where(np.arange(90) % 8 == 0, NAN, 7.5).reshape(-1, 1)  # powers of 2.3e8
    cases.refused("yeo-johnson of one value and none", fit(PowerTransformer(), one_value), ["lambdas_[0] is 10.07"])
    add(cases, "yeo-johnson of one value", PowerTransformer(), one_value[1:8], exact=False)
    fixed = fit(PowerTransformer(standardize=False), whole)
    for method, lambdas in itertools.product(["yeo-johnson", "box-cox"], [(0, 2), (1, 1e-17), (-1.5, 3.5), (1e-4, 2 - 1e-5)]):
        fixed.method, fixed.lambdas_ = method, np.array(lambdas, dtype=float)
        rows = np.array([[0.5, 0.5], [3, 1e5], [1e-10, 1e-3], [0, 1], [-1, 2], [-0.25, -7], [NAN, 1e9]])
        cases.add(f"{method} {lambdas}", fixed, rows, exact=False)
    for output, n in itertools.product(["uniform", "normal"], [2, 7, 60]):
        for name, table in {"missing": X[:, [0, 1, 3]], "whole": whole}.items():
            quantile = QuantileTransformer(n_quantiles=n, output_distribution=output)
            add(cases, f"quantile {output} {n} {name}", quantile, table, exact=output == "uniform", per_column=13)
    add(cases, "quantile float32", pipe(one_hot(np.float32, False), QuantileTransformer(n_quantiles=5)), letters())


def polynomials(cases: Cases) -> None:
    """Add PolynomialFeatures: degrees, interactions, bias, sparse and float32."""
    X = numbers()
    degrees: list[Any] = [0, 1, 2, 3, 5, (0, 2), (2, 3), (3, 4), (1, 1)]
    for degree, interaction, bias in itertools.product(degrees, [False, True], [False, True]):
        if degree == 0 and not bias:
            continue
        polynomial = PolynomialFeatures(degree, interaction_only=interaction, include_bias=bias)
        if FULL or bias != interaction or degree == (2, 3):
            add(cases, f"polynomial {degree} {interaction} {bias}", polynomial, X, per_column=5)
            add(cases, f"polynomial sparse {degree} {interaction} {bias}", pipe(one_hot(), polynomial), letters())
    scaled = pipe(one_hot(np.float32, False), StandardScaler(), PolynomialFeatures(3))
    add(cases, "polynomial float32", scaled, letters())
    sparse = pipe(one_hot(), StandardScaler(with_mean=False), PolynomialFeatures(3), MaxAbsScaler())
    add(cases, "polynomial of scaled sparse", sparse, letters())


def splines(cases: Cases) -> None:
    """Add SplineTransformer: degrees, knots, extrapolations, bias, missing cells, sparse output."""
    X = numbers(columns=2)
    ways = ["error", "constant", "linear", "continue", "periodic"]
    for degree, way, knots in itertools.product([0, 1, 2, 3, 5], ways, ["uniform", "quantile"]):
        for sparse, bias in itertools.product([False, True], repeat=2):
            if (degree == 0 and way == "periodic") or (not FULL and (sparse == bias or degree in (2, 5))):
                continue
            spline = SplineTransformer(7, degree, knots=knots, extrapolation=way, include_bias=bias, sparse_output=sparse)
            if FULL or degree == 3 or (knots == "uniform" and way in ("constant", "linear")):
                add(cases, f"spline {degree} {way} {knots} {sparse} {bias}", spline, X, per_column=13 if degree == 3 else 4)
    for way, sparse in itertools.product(ways, [False, True]):
        zeros = SplineTransformer(5, extrapolation=way, handle_missing="zeros", sparse_output=sparse)
        add(cases, f"spline missing {way} {sparse}", zeros, numbers(missing=True, columns=2), per_column=13)
    ties = np.repeat([0.0, 1, 1, 1, 2, 5], 8).reshape(-1, 1)
    for way in ways[:4]:
        add(cases, f"spline tied knots {way}", SplineTransformer(6, knots="quantile", extrapolation=way), ties)
    listed = SplineTransformer(knots=np.array([[0, -1], [1, 0], [3, 9.0]]), extrapolation="linear")
    add(cases, "spline listed knots", listed, X)


def targets(cases: Cases) -> None:
    """Add TargetEncoder, LabelEncoder and LabelBinarizer."""
    rng = np.random.default_rng(3)
    X = letters()
    y = {"binary": rng.integers(0, 2, 20), "multiclass": rng.integers(0, 3, 20), "continuous": rng.normal(size=20)}
    for kind, smooth in itertools.product(y, ["auto", 0.0, 10.0]):
        encoder = TargetEncoder(target_type=kind, smooth=smooth)
        add(cases, f"target {kind} {smooth}", encoder, X, y=y[kind], per_column=6)
    missing = pd.DataFrame({"p": pd.Series(["a", "b", None, "a", "b"] * 4, dtype=object), "n": [1.0, 2, NAN, 1, 2] * 4})
    add(cases, "target missing", TargetEncoder(), missing, y=y["continuous"], none=["p"])
    kinds: dict[str, Any] = {
        "strings": ["b", "aé", "c"],
        "objects": np.array(["b", "aé", "c"], dtype=object),
        "integers": [3, 1, -2],
        "floats": [0.5, 1, 2],
        "one": ["a"],
        "two": ["a", "bb"],
        "two numbers": [0, 1],
    }
    for name, labels in kinds.items():
        column = np.array([[v] for v in labels], dtype=object if isinstance(labels[0], str) else None)
        texts = ["a", "b", "aéx", "bb", "bbc", "unseen", NAN, ""]
        hard = texts if column.dtype == object else [0, 1, 3, 2.5, -2, NAN, float("inf"), -0.0, 1e300]
        rows: list[Any] = [np.array([[v]], dtype=object if column.dtype == object else float) for v in [*column[:, 0], *hard]]
        cases.add(f"label encoder {name}", LabelEncoder().fit(labels), rows)
        if name == "floats":
            continue
        for options in ({}, {"sparse_output": True}, {"neg_label": -2, "pos_label": 0}, {"neg_label": -1, "pos_label": 3}):
            cases.add(f"label binarizer {name} {options}", LabelBinarizer(**options).fit(labels), rows)
    cases.refused("multilabel", MultiLabelBinarizer().fit([{"a"}, {"b"}]), ["it takes a list of sets of labels"])


UFUNCS = [
    *("absolute", "sign", "square", "sqrt", "reciprocal", "deg2rad", "floor", "ceil", "trunc", "rint", "negative", "isnan"),
    *("isfinite", "isinf", "logical_not", "log", "log1p", "log2", "log10", "exp", "exp2", "expm1", "cbrt", "sin", "cos", "tan"),
    *("arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "fabs", "radians", "degrees"),
]
INEXACT = set(UFUNCS[UFUNCS.index("log") : UFUNCS.index("fabs")])


def jumps(cases: Cases) -> None:
    """Add what jumps behind numbers that are not exact: cells on the edges of bins, and rows that rounding carries over one."""
    counts = np.random.default_rng(5).poisson(40, size=(300, 2)).astype(float)
    powers = 10.0 ** np.arange(-5, 16).reshape(-1, 1)
    for step in (np.floor, np.ceil, np.trunc, np.rint, np.sign):
        model = pipe(FunctionTransformer(np.log10), FunctionTransformer(step))
        cases.add(f"log10 {step.__name__}", fit(model, powers), powers)
    for log in (np.log, np.log1p, np.log10, np.log2, np.expm1):
        table = counts / 10 if log is np.expm1 else counts
        right = (log(table) == log(table.astype(np.longdouble)).astype(float)).all(axis=1)  # numpy's may be off, by processor
        bins = KBinsDiscretizer(6, encode="ordinal", quantile_method="linear")
        for step in (bins, QuantileTransformer(n_quantiles=50)):
            model = fit(pipe(FunctionTransformer(log), StandardScaler(), step), table)
            cases.add(f"{log.__name__} {type(step).__name__}", model, table[right], exact=False)
    table = counts[:26] * [1.1, 0.3]
    sums = fit(pipe(PCA(1, svd_solver="full"), KBinsDiscretizer(5, encode="ordinal", quantile_method="inverted_cdf")), table)
    at_edges = np.abs(sums[0].transform(table) - sums[1].bin_edges_[0][1:-1]).min(axis=1) < 1e-12
    cases.rejected("bins of sums, at their edges", sums, table[at_edges])
    donors = np.array([[0.0, 0.001], [2.0, 0.0020000002], [5.0, 0.7], [9.0, 0.3]])
    imputer = KNNImputer(n_neighbors=2, weights="distance")  # which may be off by 1e-9
    thousandths = fit(pipe(imputer, FunctionTransformer(np.round, kw_args={"decimals": 3})), donors)
    cases.rejected("thousandths of an imputed 0.0015000001", thousandths, np.array([[1.0, NAN]]))
    halves = fit(pipe(imputer, KBinsDiscretizer(2, encode="ordinal", strategy="uniform")), donors)
    cases.add("bins of imputed numbers", halves, np.array([[1.0, NAN], [4.0, NAN], [8.0, 0.5]]))
    root = fit(pipe(PCA(1), FunctionTransformer(np.abs), FunctionTransformer(np.sqrt)), table)
    cases.rejected("root of a sum that is 0", root, table.mean(axis=0, keepdims=True))
    cases.add("root of a sum", root, table, exact=False)
    cases.add("bins of sums", sums, table[~at_edges], exact=False)


def functions(cases: Cases) -> None:
    """Add FunctionTransformer with functions known by name, and the refusal of any other."""
    X = numbers(missing=True)
    frame = pd.DataFrame(X, columns=list("abcd"))
    for name in UFUNCS:
        table = frame if len(name) % 2 else X
        add(cases, f"numpy.{name}", FunctionTransformer(getattr(np, name)), table, exact=name not in INEXACT)
    for validate in (False, True):
        add(cases, f"log1p validate={validate}", FunctionTransformer(np.log1p, validate=validate), np.abs(numbers()), exact=False)
    for name, function in {"expit": scipy.special.expit, "logit": scipy.special.logit}.items():
        add(cases, name, FunctionTransformer(function), X, exact=False)
    clips: list[dict[str, Any]] = [
        {"a_min": 0, "a_max": 1},
        {"a_min": -1.5, "a_max": None},
        {"a_min": None, "a_max": 0.0},
        {"a_min": 0.0, "a_max": 0.0},
    ]
    for clip, table in itertools.product(clips, [X, frame]):
        add(cases, f"clip {clip} {type(table).__name__}", FunctionTransformer(np.clip, kw_args=clip), table, per_column=13)
    for decimals, table in itertools.product([None, 0, 2, -1], [X, frame]):
        kw_args = None if decimals is None else {"decimals": decimals}
        add(
            cases,
            f"round {decimals} {type(table).__name__}",
            FunctionTransformer(np.round, kw_args=kw_args),
            table,
            per_column=13,
        )
    filled: list[dict[str, Any]] = [{}, {"nan": -1.0, "posinf": 9.0, "neginf": -9}]
    for kw_args in filled:
        add(cases, f"nan_to_num {kw_args}", FunctionTransformer(np.nan_to_num, kw_args=kw_args), X, per_column=13)
    for norm in ("l1", "max"):
        function = FunctionTransformer(normalize, kw_args={"norm": norm})
        add(cases, f"normalize {norm}", function, numbers(), exact=norm == "max")
    chained = pipe(FunctionTransformer(np.log1p, feature_names_out="one-to-one"), StandardScaler()).set_output(transform="pandas")
    add(cases, "log1p, then scaled", chained, pd.DataFrame(np.abs(numbers()), columns=list("abcd")), exact=False)
    cases.refused("unknown function", fit(FunctionTransformer(np.cumsum), numbers()), ["func is numpy.cumsum"])
    axis = FunctionTransformer(normalize, kw_args={"axis": 0})
    cases.refused("normalize columns", fit(axis, numbers()), ["kw_args of normalize"])


if __name__ == "__main__":
    main(scalers, bins, distributions, polynomials, splines, targets, jumps, functions)
