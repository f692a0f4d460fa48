"""Cases of linear models, trees, forests and boosting for model/sklearn/models_test.go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from parity import Cases, fit, main, pipe
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
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
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

NAN = float("nan")
SEED = 7


def table(seed: int = SEED, n: int = 120, missing: bool = False) -> np.ndarray:
    """Return a table of five columns: normal, heavy-tailed, small integers, constant, two values."""
    rng = np.random.default_rng(seed)
    X = np.column_stack(
        [
            rng.normal(size=n),
            np.exp(3 * rng.normal(size=n)),
            rng.integers(-3, 4, size=n),
            np.full(n, 2.5),
            rng.integers(0, 2, size=n) * 0.1,
        ]
    ).astype(np.float64)
    if missing:
        X[rng.random(X.shape) < 0.15] = NAN
    return X


def classes(X: np.ndarray, k: int, seed: int = SEED) -> np.ndarray:
    """Return k noisy classes that depend on X."""
    rng = np.random.default_rng(seed + 1)
    score = np.nan_to_num(X[:, 0]) + 0.3 * np.nan_to_num(X[:, 2]) + 0.5 * rng.normal(size=len(X))
    return np.asarray(np.digitize(score, np.quantile(score, np.linspace(0, 1, k + 1)[1:-1])))


def target(X: np.ndarray, seed: int = SEED) -> np.ndarray:
    """Return a positive target that depends on X."""
    rng = np.random.default_rng(seed + 2)
    return np.asarray(np.exp(np.nan_to_num(X[:, 0]) * 0.4 + 0.1 * np.nan_to_num(X[:, 2])) + 0.1 * rng.random(len(X)))


def thresholds(estimator: Any) -> list[tuple[int, float]]:
    """Return (column, threshold) of the splits of a tree, a forest or a boosted ensemble."""
    out: list[tuple[int, float]] = []
    for tree in np.ravel(getattr(estimator, "estimators_", [estimator])):
        if hasattr(tree, "tree_"):
            inner = tree.tree_.children_left >= 0
            out += list(zip(tree.tree_.feature[inner], tree.tree_.threshold[inner], strict=True))
    for stage in getattr(estimator, "_predictors", []):
        for predictor in stage:
            nodes = predictor.nodes[predictor.nodes["is_leaf"] == 0]
            out += list(zip(nodes["feature_idx"], nodes["num_threshold"], strict=True))
    return out


def hard_rows(X: np.ndarray, splits: list[tuple[int, float]], limit: int = 40) -> np.ndarray:
    """Return rows of X, rows at split points and one ulp aside, and rows with extreme and missing cells."""
    rng = np.random.default_rng(SEED)
    rows = [*X[:25]]
    for i in rng.permutation(len(splits))[:limit]:
        column, t = splits[i]
        t32 = np.float32(t)
        for value in (
            t,
            np.nextafter(t, np.inf),
            np.nextafter(t, -np.inf),
            float(t32),
            float(np.nextafter(t32, np.float32(np.inf))),
            float(np.nextafter(t32, np.float32(-np.inf))),
        ):
            row = X[rng.integers(len(X))].copy()
            row[column] = value
            rows.append(row)
    for column in range(X.shape[1]):
        for value in (
            NAN,
            np.inf,
            -np.inf,
            1e300,
            -1e300,
            3.5e38,
            3.4028235e38,
            3.4028235677973366e38,
            1e-300,
            -0.0,
            5e-324,
            2.0**53 + 2,
        ):
            row = X[rng.integers(len(X))].copy()
            row[column] = value
            rows.append(row)
    rows.append(np.full(X.shape[1], NAN))
    return np.array(rows)


def add(cases: Cases, name: str, estimator: Any, X: np.ndarray, y: np.ndarray, *, exact: bool) -> None:
    """Fit and add a case with hard rows."""
    fit(estimator, X, y)
    cases.add(name, estimator, hard_rows(np.asarray(X, dtype=np.float64), thresholds(estimator)), exact=exact, batch=True)


def logistic(cases: Cases) -> None:
    """Add LogisticRegression: solvers, penalties, two and three classes, label types."""
    X = np.column_stack([table()[:, [0, 2, 4]], np.log(table()[:, 1])])
    labels: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "int": lambda y: y,
        "str": lambda y: np.array(["setosa", "versicolor", 'ünïcode "quoted"'])[y],
        "object": lambda y: np.array(["a", "b", "c"], dtype=object)[y],
        "float": lambda y: np.array([-1.0, 0.0, 2.0])[y],
        "big": lambda y: np.array([1, 5, 2**40])[y],
    }
    for kind, of in labels.items():
        for k in (2, 3):
            add(cases, f"logistic {kind} k={k}", LogisticRegression(), X, of(classes(X, k)), exact=False)
    add(cases, "logistic bool", LogisticRegression(), X, classes(X, 2) == 1, exact=False)
    options: list[dict[str, Any]] = [
        {"C": 0.01},
        {"C": 100.0, "l1_ratio": 1.0, "solver": "saga", "max_iter": 300},
        {"l1_ratio": 0.5, "solver": "saga", "max_iter": 300},
        {"solver": "newton-cg"},
        {"solver": "newton-cholesky"},
        {"solver": "sag", "max_iter": 300},
        {"fit_intercept": False},
        {"class_weight": "balanced"},
        {"C": np.inf},
    ]
    for option in options:
        for k in (2, 4):
            add(cases, f"logistic {option} k={k}", LogisticRegression(**option), X, classes(X, k), exact=False)
    add(cases, "logistic liblinear", LogisticRegression(solver="liblinear"), X, classes(X, 2), exact=False)
    add(cases, "logistic liblinear dual", LogisticRegression(solver="liblinear", dual=True), X, classes(X, 2), exact=False)
    for k in (2, 3):
        model = fit(LogisticRegression(l1_ratio=1.0, solver="saga", C=0.1), X, classes(X, k)).sparsify()
        cases.add(f"logistic sparsified k={k}", model, hard_rows(X, []), exact=False, batch=True)
    X32 = X.astype(np.float32)
    model = fit(LogisticRegression(solver="saga"), X32, classes(X, 3))
    cases.add("logistic fitted on float32", model, hard_rows(X, []), exact=False, batch=True)


def linear(cases: Cases) -> None:
    """Add the linear regressors, with one and with several outputs."""
    X = np.column_stack([table()[:, [0, 2, 4]], np.log(table()[:, 1])])
    y = target(X)
    Y = np.column_stack([y, -y + X[:, 0], X[:, 1]])
    models: list[Any] = [
        LinearRegression(),
        LinearRegression(fit_intercept=False),
        LinearRegression(positive=True),
        Ridge(),
        Ridge(alpha=10.0, fit_intercept=False, solver="svd"),
        Ridge(solver="lsqr"),
        Ridge(positive=True, solver="lbfgs"),
        Lasso(alpha=0.01),
        Lasso(alpha=0.01, positive=True, selection="random", random_state=0),
        ElasticNet(alpha=0.01),
        ElasticNet(alpha=0.01, l1_ratio=0.2, fit_intercept=False, precompute=True),
    ]
    for i, model in enumerate(models):
        add(cases, f"linear {i} {model}", model, X, y, exact=False)
    for i, model in enumerate(
        [LinearRegression(), Ridge(alpha=np.array([1.0, 2.0, 3.0])), Lasso(alpha=0.01), ElasticNet(alpha=0.01)]
    ):
        add(cases, f"linear multi {i} {model}", model, X, Y, exact=False)
        add(cases, f"linear column {i} {model}", type(model)(), X, y[:, None], exact=False)
    add(cases, "linear float32", LinearRegression(), X.astype(np.float32), y.astype(np.float32), exact=False)


def trees(cases: Cases) -> None:
    """Add the four trees with every criterion and splitter."""
    for missing in (False, True):
        X = table(missing=missing)
        tag = " missing" if missing else ""
        for k in (2, 3):
            y = classes(X, k)
            for criterion in ("gini", "entropy", "log_loss"):
                for splitter in ("best", "random"):
                    model = DecisionTreeClassifier(criterion=criterion, splitter=splitter, random_state=0, min_samples_leaf=2)
                    add(cases, f"tree {criterion} {splitter} k={k}{tag}", model, X, y, exact=True)
            weighted = DecisionTreeClassifier(class_weight={0: 0.3, 1: 1.7}, max_leaf_nodes=9, max_features=2, random_state=1)
            add(cases, f"tree weighted k={k}{tag}", weighted, X, y, exact=True)
            add(cases, f"extra tree k={k}{tag}", ExtraTreeClassifier(random_state=0, max_depth=6), X, y, exact=True)
        y = target(X)
        for criterion in ("squared_error", "friedman_mse", "poisson"):
            model = DecisionTreeRegressor(criterion=criterion, random_state=0, min_samples_leaf=2)
            add(cases, f"regression tree {criterion}{tag}", model, X, y, exact=True)
        add(cases, f"extra regression tree{tag}", ExtraTreeRegressor(random_state=0), X, y, exact=True)
    X = table()
    add(cases, "tree absolute_error", DecisionTreeRegressor(criterion="absolute_error", random_state=0), X, target(X), exact=True)
    add(cases, "tree pruned", DecisionTreeClassifier(ccp_alpha=0.01, random_state=0), X, classes(X, 3), exact=True)
    add(cases, "tree stump", DecisionTreeClassifier(max_depth=1, random_state=0), X, classes(X, 3), exact=True)
    add(cases, "tree of one leaf", DecisionTreeRegressor(min_samples_split=1000), X, target(X), exact=True)
    monotonic = DecisionTreeClassifier(monotonic_cst=[1, 0, 0, 0, -1], random_state=0)
    add(cases, "tree monotonic", monotonic, X, classes(X, 2), exact=True)
    Y = np.column_stack([classes(X, 2), classes(X, 4, 9), classes(X, 3, 11)])
    add(cases, "tree multi-output", DecisionTreeClassifier(random_state=0, max_depth=5), X, Y, exact=True)
    add(cases, "tree multi-output strings", ExtraTreeClassifier(random_state=0), X, np.array(["a", "b", "c", "d"])[Y], exact=True)
    add(
        cases,
        "regression tree multi-output",
        DecisionTreeRegressor(random_state=0),
        X,
        np.column_stack([target(X), -target(X)]),
        exact=True,
    )
    add(cases, "tree one class", DecisionTreeClassifier(), X, np.zeros(len(X), dtype=int), exact=True)


def forests(cases: Cases) -> None:
    """Add forests: two and three classes, multi-output, missing values, ties."""
    for missing in (False, True):
        X = table(missing=missing)
        tag = " missing" if missing else ""
        for model_class in (RandomForestClassifier, ExtraTreesClassifier):
            for k in (2, 3):
                model = model_class(n_estimators=10, max_depth=6, random_state=0)
                add(cases, f"{model_class.__name__} k={k}{tag}", model, X, classes(X, k), exact=True)
        for model_class in (RandomForestRegressor, ExtraTreesRegressor):
            model = model_class(n_estimators=11, random_state=0, max_depth=7)
            add(cases, f"{model_class.__name__}{tag}", model, X, target(X), exact=True)
    X = table()
    Y = np.column_stack([classes(X, 2), classes(X, 4, 9)])
    add(cases, "forest multilabel", RandomForestClassifier(n_estimators=7, random_state=0), X, (Y > 0).astype(int), exact=True)
    add(cases, "forest multi-output", ExtraTreesClassifier(n_estimators=7, random_state=0), X, Y, exact=True)
    Z = np.column_stack([target(X), X[:, 0]])
    add(cases, "forest multi-output regression", RandomForestRegressor(n_estimators=7, random_state=0), X, Z, exact=True)
    options: list[dict[str, Any]] = [
        {"criterion": "entropy", "class_weight": "balanced_subsample"},
        {"bootstrap": False, "max_features": None},
        {"oob_score": True, "max_samples": 0.5, "class_weight": "balanced"},
        {"monotonic_cst": [1, 0, 0, 0, 0]},
        {"max_leaf_nodes": 5, "min_impurity_decrease": 0.001, "ccp_alpha": 0.001, "warm_start": True},
    ]
    for option in options:
        model = RandomForestClassifier(n_estimators=9, random_state=0, **option)
        add(cases, f"forest {option}", model, X, np.array(["no", "yes"])[classes(X, 2)], exact=True)
    for criterion in ("absolute_error", "friedman_mse", "poisson"):
        model = RandomForestRegressor(n_estimators=5, criterion=criterion, random_state=0, max_depth=4)
        add(cases, f"forest {criterion}", model, X, target(X), exact=True)
    big = RandomForestClassifier(n_estimators=60, random_state=0)
    add(cases, "forest of 60", big, table(n=600), classes(table(n=600), 5), exact=True)


def boosting(cases: Cases) -> None:
    """Add GradientBoosting with every loss and init."""
    X = table()
    for k in (2, 3):
        y = np.array(["a", "b", "c"])[classes(X, k)]
        inits: list[Any] = [None, "zero", RandomForestClassifier(n_estimators=3, max_depth=3, random_state=0)]
        for init in inits:
            model = GradientBoostingClassifier(n_estimators=8, init=init, random_state=0)
            add(cases, f"boosting k={k} init={init}", model, X, y, exact=init == "zero" and False)
    y = classes(X, 2)
    for init in (None, "zero", DecisionTreeClassifier(max_depth=2)):
        model = GradientBoostingClassifier(n_estimators=8, loss="exponential", init=init, random_state=0, subsample=0.7)
        add(cases, f"boosting exponential init={init}", model, X, y, exact=False)
    early = GradientBoostingClassifier(
        n_estimators=50, n_iter_no_change=2, random_state=0, learning_rate=0.37, max_features="sqrt"
    )
    add(cases, "boosting early", early, X, classes(X, 3), exact=False)
    y = target(X)
    for loss in ("squared_error", "absolute_error", "huber", "quantile"):
        for init in (None, "zero", DecisionTreeRegressor(max_depth=3, random_state=0)):
            model = GradientBoostingRegressor(n_estimators=8, loss=loss, init=init, random_state=0, learning_rate=0.3, alpha=0.8)
            add(cases, f"boosting {loss} init={init}", model, X, y, exact=True)
    model = GradientBoostingRegressor(
        n_estimators=5, init=GradientBoostingRegressor(n_estimators=3, random_state=0), random_state=0
    )
    add(cases, "boosting init=boosting", model, X, y, exact=True)
    init = DecisionTreeClassifier(max_depth=3, random_state=0)
    model = GradientBoostingClassifier(n_estimators=5, init=init, random_state=0)
    add(cases, "boosting init=tree", model, X, classes(X, 2), exact=False)
    for k in (2, 3):
        for strategy in ("most_frequent", "uniform", "constant"):
            init = DummyClassifier(strategy=strategy, constant=1 if strategy == "constant" else None)
            add(
                cases,
                f"boosting k={k} init={strategy}",
                GradientBoostingClassifier(n_estimators=4, init=init),
                X,
                classes(X, k),
                exact=False,
            )
    stratified = fit(GradientBoostingClassifier(n_estimators=3, init=DummyClassifier(strategy="stratified")), X, classes(X, 2))
    cases.refused("boosting init=stratified", stratified, ["stratified is random"])
    logistic = fit(GradientBoostingClassifier(n_estimators=3, init=LogisticRegression(), random_state=0), X, classes(X, 2))
    cases.refused("boosting init=logistic in float32", logistic, ["float32"])
    refused = fit(GradientBoostingRegressor(n_estimators=3, init=LinearRegression(), random_state=0), X, y)
    cases.refused("boosting init=linear in float32", refused, ["float32"])


def hist_boosting(cases: Cases) -> None:
    """Add HistGradientBoosting on numbers: losses, classes, missing values, infinities."""
    for missing in (False, True):
        X = table(missing=missing, n=300)
        tag = " missing" if missing else ""
        for k in (2, 3, 5):
            model = HistGradientBoostingClassifier(max_iter=12, min_samples_leaf=5, random_state=0)
            add(cases, f"hist k={k}{tag}", model, X, classes(X, k), exact=False)
        for loss in ("squared_error", "absolute_error", "gamma", "poisson", "quantile"):
            model = HistGradientBoostingRegressor(
                loss=loss, max_iter=12, quantile=0.7 if loss == "quantile" else None, random_state=0
            )
            add(cases, f"hist {loss}{tag}", model, X, target(X), exact=loss not in ("gamma", "poisson"))
    X = table(n=300)
    X[:20, 0] = np.inf
    X[20:40, 0] = -np.inf
    add(cases, "hist inf", HistGradientBoostingRegressor(max_iter=8), X, target(table(n=300)), exact=True)
    options: list[dict[str, Any]] = [
        {"monotonic_cst": [1, 0, -1, 0, 0]},
        {"interaction_cst": "pairwise", "max_depth": 3},
        {"early_stopping": True, "n_iter_no_change": 2, "max_iter": 40},
        {"max_bins": 8, "l2_regularization": 1.0, "learning_rate": 0.5},
        {"max_leaf_nodes": None, "max_features": 0.5, "warm_start": True},
        {"class_weight": "balanced"},
    ]
    for option in options:
        model = HistGradientBoostingClassifier(**{"max_iter": 8, "random_state": 0, **option})
        add(cases, f"hist {option}", model, table(n=300), np.array(["n", "y"])[classes(table(n=300), 2)], exact=False)


def frame(n: int = 200, seed: int = SEED) -> pd.DataFrame:
    """Return a DataFrame with numbers, strings and booleans, with missing cells."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "size": np.where(rng.random(n) < 0.1, NAN, rng.normal(size=n)),
            "city": pd.Series(rng.choice(["Köln", "Aarhus", "", "nan", "東京"], size=n), dtype=object).mask(
                rng.random(n) < 0.1, None
            ),
            "floor": rng.integers(-2, 9, size=n).astype(np.float64),
            "lift": rng.random(n) < 0.5,
        }
    )


def frame_rows(X: pd.DataFrame) -> pd.DataFrame:
    """Return rows with unseen and missing cells; dtypes kept."""
    rows = X.iloc[:30].copy()
    rows.loc[rows.index[3], "city"] = "Unseen"
    rows.loc[rows.index[4], "size"] = NAN
    rows.loc[rows.index[5], "floor"] = 300.0
    rows.loc[rows.index[6], "floor"] = -7.5
    rows.loc[rows.index[7], "floor"] = NAN
    rows.loc[rows.index[8], "size"] = np.inf
    rows.loc[rows.index[9], "city"] = None
    return rows


def hist_categories(cases: Cases) -> None:
    """Add HistGradientBoosting with categorical features in every form."""
    X = frame()
    y = ((X["city"] == "Köln") | (X["floor"] > 3)).to_numpy().astype(int)
    for form in (["city"], ["city", "floor"], [False, True, True, False], [1], ["city", "lift"]):
        model = fit(HistGradientBoostingClassifier(max_iter=10, categorical_features=form, min_samples_leaf=5), X, y)
        cases.add(f"hist categories {form}", model, frame_rows(X), exact=False, batch=True)
    typed = X.assign(city=X["city"].astype("category"))
    model = fit(HistGradientBoostingRegressor(max_iter=10, min_samples_leaf=5), typed, y + 0.5)
    cases.add("hist categories from dtype", model, frame_rows(X), exact=True, batch=True)
    numbers = table(n=300, missing=True)
    model = fit(
        HistGradientBoostingClassifier(max_iter=10, categorical_features=[2, 4], min_samples_leaf=5), numbers, classes(numbers, 3)
    )
    cases.add("hist categories numbers", model, hard_rows(numbers, []), exact=False, batch=True)


def degenerate(cases: Cases) -> None:
    """Add fits and files that have no exact answer, and are refused in words."""
    X = table()
    alone = fit(HistGradientBoostingClassifier(max_iter=2), X, np.zeros(len(X), int))
    cases.refused("hist of one class", alone, ["at least two classes"])
    wide = fit(DecisionTreeRegressor(max_depth=2), X, target(X))
    wide.n_features_in_ = 2**62
    cases.refused("a tree of very many columns", wide, ["65536 columns are the most"])
    objects = pd.DataFrame({"x": pd.Series([1.0, 2.0, NAN, 3.0] * 9, dtype=object)})
    filled = fit(pipe(SimpleImputer(strategy="constant", fill_value="7"), DecisionTreeRegressor()), objects, np.arange(36.0))
    cases.refused("a number filled in as a string", filled, ['is filled with the string "7"'], objects)
    without = fit(LogisticRegression(), X, classes(X, 2))
    without.classes_ = []
    cases.refused("logistic without classes", without, ["classes_ is", "at least two classes"])


def pipelines(cases: Cases) -> None:
    """Add whole pipelines that end in these models."""
    X = frame()
    y = np.array(["no", "yes"])[((X["city"] == "Köln") | (X["floor"] > 3)).to_numpy().astype(int)]
    encode = ColumnTransformer(
        [
            ("n", MinMaxScaler(), ["floor"]),
            ("c", OneHotEncoder(handle_unknown="ignore"), ["city"]),
            ("b", "passthrough", ["lift"]),
        ]
    )
    for model, exact in (
        (LogisticRegression(), False),
        (RandomForestClassifier(n_estimators=8, random_state=0), True),
        (GradientBoostingClassifier(n_estimators=8, random_state=0), False),
    ):
        pipeline = fit(pipe(encode, model), X, y)
        cases.add(f"pipeline {type(model).__name__}", pipeline, frame_rows(X), exact=exact, batch=True)
    numbers = table(missing=True)
    for model, exact in ((DecisionTreeClassifier(random_state=0), True), (HistGradientBoostingClassifier(max_iter=5), False)):
        pipeline = fit(pipe(StandardScaler(), model), numbers, classes(numbers, 3))
        cases.add(f"scaled {type(model).__name__}", pipeline, hard_rows(numbers, []), exact=exact, batch=True)
    ordinal = ColumnTransformer(
        [("c", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["city"])], remainder="passthrough"
    )
    pipeline = fit(pipe(ordinal, HistGradientBoostingClassifier(max_iter=5, categorical_features=[0])), X, y)
    cases.add("ordinal, hist", pipeline, frame_rows(X), exact=False, batch=True)


if __name__ == "__main__":
    main(logistic, linear, trees, forests, boosting, hist_boosting, hist_categories, degenerate, pipelines)
