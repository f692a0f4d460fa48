"""Cases of every supported class for model/sklearn/testdata/versions: files that each scikit-learn version has written.

Run it under each version: python parity_versions.py model/sklearn/testdata/versions/<scikit-learn version>
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import sklearn
from packed import Packed, main
from parity import Cases, fit, pipe
from parity_models import classes, frame, frame_rows, hard_rows, table, target, thresholds
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor
from tables import add as add_table

NAN = float("nan")
VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])


def add(cases: Cases, name: str, model: Any, X: np.ndarray, y: np.ndarray, *, exact: bool, rows: int = 16) -> None:
    """Fit and add a case with some of its hard rows, and one of missing values."""
    fit(model, X, y)
    hard = hard_rows(X, thresholds(model))
    chosen = np.random.default_rng(len(cases.lines)).permutation(len(hard))[:rows]
    cases.add(name, model, np.vstack([hard[chosen], np.where(np.arange(X.shape[1]) == 0, NAN, X[:1])]), exact=exact, batch=True)


def logistic(cases: Cases) -> None:
    """Add LogisticRegression with every solver, and multi_class as long as there was one (removed in 1.8)."""
    X = np.column_stack([table()[:, [0, 2, 4]], np.log(table()[:, 1])])
    for solver in ("lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"):
        for k in (2, 3):
            if solver == "liblinear" and k == 3 and VERSION >= (1, 8):
                continue
            add(
                cases,
                f"{solver} k={k}",
                LogisticRegression(solver=solver),
                X,
                np.array(["a", "b", "c"])[classes(X, k)],
                exact=False,
            )
            for multi_class in ("auto", "ovr", "multinomial"):
                if VERSION >= (1, 8) or (multi_class == "multinomial" and solver in ("liblinear", "newton-cholesky")):
                    continue
                model = LogisticRegression(solver=solver, multi_class=multi_class, C=0.5)
                if (solver == "newton-cholesky" and multi_class == "auto" and VERSION >= (1, 6)) or solver in (
                    "lbfgs",
                    "liblinear",
                ):
                    add(cases, f"{solver} {multi_class} k={k}", model, X, classes(X, k), exact=False)
    add(cases, "balanced", LogisticRegression(class_weight="balanced", fit_intercept=False), X, classes(X, 2) == 1, exact=False)
    sparse = fit(LogisticRegression(solver="liblinear", C=0.1), X, classes(X, 2)).sparsify()
    cases.add("sparsified", sparse, X[:9], exact=False)


def linear(cases: Cases) -> None:
    """Add the linear regressors, with one and with several outputs."""
    X = np.column_stack([table()[:, [0, 2, 4]], np.log(table()[:, 1])])
    Y = np.column_stack([target(X), X[:, 1] - target(X)])
    for model in (
        LinearRegression(),
        LinearRegression(positive=True),
        Ridge(),
        Ridge(solver="lsqr"),
        Lasso(alpha=0.01),
        ElasticNet(alpha=0.01),
    ):
        add(cases, f"{model}", model, X, Y[:, 0], exact=False)
        if not getattr(model, "positive", False):
            add(cases, f"{model} of two", model, X, Y, exact=False)


def trees(cases: Cases) -> None:
    """Add trees and forests, fitted with missing values where the version lets them."""
    small: dict[str, Any] = {"n_estimators": 3, "max_depth": 4, "random_state": 0}
    for missing in (False, True):
        X = table(missing=missing)
        y, z = np.array(["n", "y", "z"])[classes(X, 3)], target(X)
        X32 = np.column_stack([X[:, 0], np.nan_to_num(X[:, 1:])]) if missing else X
        for name, model, goal in (
            ("tree", DecisionTreeClassifier(max_depth=4, random_state=0), y),
            ("random tree", DecisionTreeClassifier(splitter="random", max_depth=4, random_state=0), y),
            (
                "weighted tree",
                DecisionTreeClassifier(criterion="entropy", class_weight="balanced", max_depth=4, random_state=0),
                classes(X, 12),
            ),
            ("extra tree", ExtraTreeClassifier(max_depth=4, random_state=0), y),
            ("regression tree", DecisionTreeRegressor(max_depth=4, random_state=0), z),
            ("absolute tree", DecisionTreeRegressor(criterion="absolute_error", max_depth=3, random_state=0), z),
            ("poisson tree", DecisionTreeRegressor(criterion="poisson", max_depth=3, random_state=0), z),
            ("extra regression tree", ExtraTreeRegressor(max_depth=4, random_state=0), z),
            ("forest", RandomForestClassifier(class_weight="balanced_subsample", **small), y),
            (
                "binary forest",
                RandomForestClassifier(bootstrap=False, max_features=None, criterion="log_loss", **small),
                classes(X, 2),
            ),
            ("extra trees", ExtraTreesClassifier(**small), y),
            ("regression forest", RandomForestRegressor(criterion="friedman_mse", **small), z),
            ("extra regression trees", ExtraTreesRegressor(**small), z),
            ("outputs", DecisionTreeClassifier(max_depth=3, random_state=0), np.column_stack([classes(X, 2), classes(X, 3, 9)])),
            ("forest outputs", RandomForestClassifier(**small), np.column_stack([classes(X, 2), classes(X, 3, 9)])),
            ("regression outputs", ExtraTreesRegressor(**small), np.column_stack([z, -z])),
        ):
            try:
                add(cases, f"{name} missing={missing}", model, X32, goal, exact=True)
            except ValueError:  # this version or criterion takes no missing values
                assert missing
    if VERSION >= (1, 4):
        model = RandomForestClassifier(monotonic_cst=[1, 0, 0, 0, -1], **small)
        add(cases, "monotonic forest", model, table(), classes(table(), 2), exact=True)


def boosting(cases: Cases) -> None:
    """Add GradientBoosting and HistGradientBoosting with every loss."""
    X = table()
    y, z = np.array(["a", "b", "c"]), target(X)
    small: dict[str, Any] = {"n_estimators": 4, "max_depth": 2, "random_state": 0}
    for init in (None, "zero", DecisionTreeClassifier(max_depth=2, random_state=0)):
        for loss, k in (("log_loss", 2), ("log_loss", 3), ("exponential", 2), ("deviance", 3)):
            if loss != "deviance" or VERSION < (1, 3):
                add(
                    cases,
                    f"boosting {loss} k={k} {init}",
                    GradientBoostingClassifier(loss=loss, init=init, **small),
                    X,
                    y[classes(X, k)],
                    exact=False,
                )
    for init in (None, "zero", DecisionTreeRegressor(max_depth=2, random_state=0)):
        for loss in ("squared_error", "absolute_error", "huber", "quantile"):
            add(
                cases,
                f"boosting {loss} {init}",
                GradientBoostingRegressor(loss=loss, init=init, **small),
                X,
                z,
                exact=True,
                rows=8,
            )
    for missing in (False, True):
        X = table(missing=missing)
        tiny: dict[str, Any] = {"max_iter": 3, "max_leaf_nodes": 6, "random_state": 0}
        for k in (2, 3):
            add(cases, f"hist k={k} missing={missing}", HistGradientBoostingClassifier(**tiny), X, y[classes(X, k)], exact=False)
        for loss in ("squared_error", "absolute_error", "poisson", "gamma", "quantile"):
            if loss == "gamma" and VERSION < (1, 3):
                continue
            model = HistGradientBoostingRegressor(loss=loss, quantile=0.3 if loss == "quantile" else None, **tiny)
            add(cases, f"hist {loss} missing={missing}", model, X, z, exact=loss not in ("poisson", "gamma"))
    if VERSION < (1, 3):
        for loss, k in (("auto", 2), ("binary_crossentropy", 2), ("categorical_crossentropy", 3)):
            add(cases, f"hist {loss} k={k}", HistGradientBoostingClassifier(loss=loss, **tiny), X, classes(X, k), exact=False)


def hist_categories(cases: Packed) -> None:
    """Add HistGradientBoosting with categorical features: numbers in every version, strings since 1.4."""
    rng = np.random.default_rng(3)
    X = np.column_stack([rng.integers(0, 7, 150), rng.normal(size=150), rng.choice([0, 3, 40, 200], 150)]).astype(float)
    y = (np.isin(X[:, 0], [1, 4]) ^ (X[:, 2] == 40)).astype(int) + X[:, 0] / 100
    X[rng.random(150) < 0.1, 0] = NAN
    rows = [[a, 0.0, b] for a in (0, 1, 2.0, 2.5, 6, 7, 31, 255, NAN, -0.0, 4.999) for b in (0, 3, 40, 41, 200, NAN)]
    rows += [[a, 0.5, 3.0] for a in (-1, -0.5, -250, -1e300)]
    wide = [[a, 0.5, 3.0] for a in (256, 260, 1e9, 1e300, np.inf)]
    options: dict[str, Any] = {
        "max_iter": 4,
        "max_leaf_nodes": 6,
        "min_samples_leaf": 3,
        "categorical_features": [0, 2],
        "max_bins": 255,
    }
    model = fit(HistGradientBoostingRegressor(**options), X, y)
    cases.add("hist categories", model, np.array(rows), exact=True, batch=True)
    if VERSION >= (1, 4):
        cases.add("hist wide categories", model, np.array(wide), exact=True, batch=True)
    else:
        cases.rejected("hist wide categories", model, np.array(wide))  # what C does with them is not defined
    model = fit(HistGradientBoostingClassifier(**options), pd.DataFrame(X, columns=["a", "b", "c"]), (10 * y).astype(int) % 3)
    cases.add("hist categories of a frame", model, pd.DataFrame(rows, columns=["a", "b", "c"]), exact=False, batch=True)
    F = frame()
    z = np.array(["no", "yes"])[((F["city"] == "Köln") | (F["floor"] > 3)).to_numpy().astype(int)]
    ordinal = ColumnTransformer(
        [("c", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=NAN, encoded_missing_value=NAN), ["city"])],
        remainder="passthrough",
    )
    piped = pipe(ordinal, HistGradientBoostingClassifier(max_iter=3, max_leaf_nodes=5, categorical_features=[0]))
    cases.add("ordinal, hist", fit(piped, F, z), frame_rows(F), none=None, exact=False, batch=True)
    if VERSION >= (1, 4):
        options["categorical_features"] = ["city", "floor"]
        cases.add("hist names", fit(HistGradientBoostingClassifier(**options), F, z), frame_rows(F), exact=False, batch=True)
        typed = F.assign(city=F["city"].astype("category"))
        options["categorical_features"] = "from_dtype"
        cases.add(
            "hist from_dtype", fit(HistGradientBoostingClassifier(**options), typed, z), frame_rows(F), exact=False, batch=True
        )


def encoders(cases: Cases) -> None:
    """Add OneHotEncoder and OrdinalEncoder on strings, numbers and missing cells."""
    F = pd.DataFrame(
        {
            "s": pd.Series(["a", "b", "é", "a", "b", "a", "", "nan"] * 3, dtype=object),
            "t": pd.Series(["x", "y"] * 12, dtype=object),
            "n": [0.5, 1.5, -0.0, 7.0] * 6,
        }
    )
    nan, none = F.copy(), F[["s", "t"]].copy()
    nan.loc[::5, ["s", "n"]] = NAN
    none.loc[::5, "s"] = None
    for name, X, nulls in (("plain", F, []), ("nan", nan, []), ("none", none, ["s"])):
        for drop in (None, "first", "if_binary"):
            for unknown in ("error", "ignore", "infrequent_if_exist", "warn"):
                if unknown == "warn" and VERSION < (1, 6):
                    continue
                group = {"min_frequency": 4} if unknown in ("infrequent_if_exist", "warn") else {}
                encoder = OneHotEncoder(drop=drop, handle_unknown=unknown, **group)
                add_table(cases, f"one-hot {name} drop={drop} {unknown}", encoder, X, none=nulls, per_column=2, sample=False)
        options: list[dict[str, Any]] = [
            {},
            {"handle_unknown": "use_encoded_value", "unknown_value": -1, "encoded_missing_value": -2},
        ]
        if VERSION >= (1, 3):
            options.append({"handle_unknown": "use_encoded_value", "unknown_value": NAN, "min_frequency": 4})
        for option in options:
            add_table(cases, f"ordinal {name} {option}", OrdinalEncoder(**option), X, none=nulls, per_column=2, sample=False)
    whole = pd.DataFrame({"i": [1, 2, 3, 2**53 + 1] * 3})
    add_table(cases, "one-hot integers", OneHotEncoder(dtype=np.float32, sparse_output=False), whole, integers=["i"])
    add_table(cases, "one-hot booleans", OneHotEncoder(drop="if_binary"), pd.DataFrame({"b": [True, False] * 4}))
    float32 = pipe(OrdinalEncoder(dtype=np.float32), StandardScaler(), MinMaxScaler((0.1, 0.7), clip=True))
    add_table(cases, "float32 scalers", float32, F[["s", "t"]], per_column=2)


def transformers(cases: Cases) -> None:
    """Add imputers, scalers, ColumnTransformer and FeatureUnion."""
    X = table(missing=True, n=40)
    X[:, 3] = NAN
    for strategy in ("mean", "median", "most_frequent", "constant"):
        for keep in (False, True):
            imputer = SimpleImputer(strategy=strategy, add_indicator=keep, keep_empty_features=keep)
            add_table(cases, f"imputer {strategy} keep={keep}", imputer, X, per_column=1, sample=False)
    F = frame(60)[["size", "city", "floor"]]
    F["city"] = pd.Series([None if pd.isna(city) else city for city in F["city"]], dtype=object)  # every pandas
    none = ["city"]
    for missing, strategy in ((None, "most_frequent"), (None, "constant"), (NAN, "constant")):
        text = F[["city"]].fillna(NAN) if missing is NAN else F[["city"]]
        imputer = SimpleImputer(missing_values=missing, strategy=strategy, add_indicator=missing is None)
        add_table(
            cases,
            f"imputer of strings {missing} {strategy}",
            pipe(imputer, OneHotEncoder(handle_unknown="ignore")),
            text,
            none=none if missing is None else [],
        )
    add_table(cases, "standard", StandardScaler(), X[:, :3], per_column=2, sample=False)
    add_table(cases, "minmax", MinMaxScaler((-1, 2), clip=True), X[:, :3], per_column=2, sample=False)
    numbers, text = ["size", "floor"], ["city"]
    one_hot = OneHotEncoder(handle_unknown="ignore")
    G = F.assign(extra=np.arange(60) % 7 * 0.5)
    for rest in ("drop", "passthrough", MinMaxScaler()):
        for threshold in (0, 1):
            columns = ColumnTransformer(
                [("n", pipe(SimpleImputer(), StandardScaler()), numbers), ("c", one_hot, text), ("p", "passthrough", [-1])][
                    : 3 - threshold
                ],
                remainder=rest,
                sparse_threshold=threshold,
                transformer_weights={"n": 0.3},
            )
            add_table(cases, f"columns rest={rest} threshold={threshold}", columns, G, none=none, per_column=2)
    for name, columns in {
        "slice": slice("size", "size"),
        "mask": [True, False, True, False],
        "selector": make_column_selector(dtype_include="number"),
    }.items():
        columns = ColumnTransformer([("n", FunctionTransformer(), columns), ("d", "drop", ["extra"])], remainder=one_hot)
        add_table(cases, f"columns by {name}", columns, G, none=none, per_column=2)
    framed = ColumnTransformer([("n", StandardScaler(), numbers)], remainder="passthrough", verbose_feature_names_out=False)
    framed.set_output(transform="pandas")
    again = ColumnTransformer([("a", MinMaxScaler(), ["floor", "extra"])])
    add_table(cases, "pandas output", pipe(framed, again), G, per_column=2)
    union = FeatureUnion(
        [("s", StandardScaler()), ("p", "passthrough"), ("d", "drop"), ("i", SimpleImputer(add_indicator=True))],
        transformer_weights={"s": 2},
    )
    add_table(cases, "union", pipe(union, "passthrough"), F[numbers], per_column=2)
    columns = ColumnTransformer([("n", pipe(SimpleImputer(), StandardScaler()), numbers), ("c", one_hot, text)])
    y = F["floor"] > 3
    for model, exact in (
        (LogisticRegression(), False),
        (RandomForestClassifier(n_estimators=3, max_depth=3, random_state=0), True),
    ):
        add_table(cases, f"whole {type(model).__name__}", pipe(columns, model), F, y=y, none=none, per_column=2, exact=exact)


if __name__ == "__main__":
    main(logistic, linear, trees, boosting, hist_categories, encoders, transformers)
