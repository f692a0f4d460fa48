"""Cases of the scikit-learn classes of CatBoost for model/sklearn/testdata/catboost, with its own answers.

It is not installed here. Run it in an environment that has the version the folder names, beside scikit-learn and pandas:
python parity_catboost.py model/sklearn/testdata/catboost/1.2.10
"""

from __future__ import annotations

import itertools
from typing import Any

import catboost
import numpy as np
import pandas as pd
from boosted_rows import NAN, rows, table
from catboost import CatBoostClassifier, CatBoostRanker, CatBoostRegressor
from packed import Packed, main
from parity import fit, pipe
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import BaggingRegressor, StackingClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputRegressor
from sklearn.preprocessing import OneHotEncoder, StandardScaler

LATEST = not catboost.__version__.startswith("1.0.")
QUIET: dict[str, Any] = {"verbose": 0, "allow_writing_files": False, "thread_count": 1, "random_seed": 0}
SMALL: dict[str, Any] = {"iterations": 12, "depth": 3, **QUIET}


def points(model: Any) -> list[tuple[int, float]]:
    """Return the borders of a model, those of all columns in turn."""
    found = [(int(column), float(b)) for column, borders in model.get_borders().items() for b in borders]
    return found[:: max(1, len(found) // 25)]


def target(X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a number, one of two and one of three for each row."""
    y = np.nan_to_num(X[:, 0] + np.sin(X[:, 1]) * 3 + X[:, 2])
    return y, (y > 0.3).astype(int), np.digitize(y, [-1, 1])


def add(cases: Packed, name: str, model: Any, X: np.ndarray, y: Any, exact: bool) -> None:
    """Add a model that is fitted on X."""
    fit(model, X, y)
    cases.add(name, model, rows(X, points(model)), exact=exact, batch=True)


SHAPES: list[dict[str, Any]] = [
    {},
    {"nan_mode": "Max"},
    {"grow_policy": "Lossguide", "max_leaves": 6},
    {"grow_policy": "Depthwise", "nan_mode": "Max"},
    {"iterations": 60, "depth": 6},
    {"iterations": 3, "depth": 10},
    {"iterations": 1, "depth": 1},
    {"learning_rate": 1.0, "l2_leaf_reg": 0.1},
    {"border_count": 5, "feature_border_type": "Uniform"},
    {"boosting_type": "Ordered"},
    {"langevin": True, "posterior_sampling": True},
    {"rsm": 0.5, "bootstrap_type": "Bernoulli", "subsample": 0.6},
    {"grow_policy": "Lossguide", "max_leaves": 31, "depth": 10, "iterations": 5},
]


def classifiers(cases: Packed) -> None:
    """Add classifiers of two classes and of three, and every kind of label."""
    X = table()
    _, two, three = target(X)
    for option in SHAPES:
        add(cases, f"two {option}", CatBoostClassifier(**{**SMALL, **option}), X, two, False)
        if "langevin" not in option and option.get("boosting_type") != "Ordered":
            add(cases, f"three {option}", CatBoostClassifier(**{**SMALL, **option}), X, three, False)
    for loss, y in [
        ("CrossEntropy", two),
        ("Logloss", two),
        *itertools.product(("MultiClass", "MultiClassOneVsAll"), (two, three)),
    ]:
        add(cases, f"{loss} {y.max() + 1}", CatBoostClassifier(loss_function=loss, **SMALL), X, y, False)
    add(cases, "balanced", CatBoostClassifier(auto_class_weights="Balanced", **SMALL), X, three, False)
    add(cases, "objective", CatBoostClassifier(objective="CrossEntropy", **SMALL), X, two, False)
    add(cases, "target_border", CatBoostClassifier(target_border=0.4, **SMALL), X, two * 0.7, False)
    if LATEST:
        add(cases, "Focal", CatBoostClassifier(loss_function="Focal:focal_alpha=0.4;focal_gamma=2", **SMALL), X, two, False)
    kinds: dict[str, Any] = {
        "strings": np.array(["n", "ü"])[two],
        "digits": np.array(["0", "7", "-1"])[three],
        "booleans": two.astype(bool),
        "fractions": three + 0.5,
        "whole floats": two.astype(float),
        "negative": three - 5,
        "large": np.array([3, 2**40])[two],
    }
    for kind, labels in kinds.items():
        add(cases, f"labels: {kind}", CatBoostClassifier(**SMALL), X, labels, False)
    add(cases, "class_names", CatBoostClassifier(class_names=["b", "a"], **SMALL), X, np.array(["a", "b"])[two], False)
    tied = np.array([[0.0], [1.0]] * 30)
    model = fit(CatBoostClassifier(**{**SMALL, "depth": 1, "iterations": 2}), tied, [0, 0, 1, 1, 2, 2] * 10)
    cases.add("ties", model, np.array([[0.0], [1.0], [0.5], [NAN]]), exact=False)
    for threshold in (0.2, 0.5, 0.9):
        model = fit(CatBoostClassifier(**SMALL), X, two)
        model.set_probability_threshold(threshold)
        cases.add(f"threshold {threshold}", model, rows(X, points(model)), exact=False, batch=True)
    stopped = CatBoostClassifier(**{**SMALL, "iterations": 80, "learning_rate": 0.9, "early_stopping_rounds": 3})
    stopped.fit(X[:200], two[:200], eval_set=(X[200:], two[200:]))
    cases.add(f"stopped at {stopped.tree_count_}", stopped, rows(X, points(stopped)), exact=False, batch=True)


def regressors(cases: Packed) -> None:
    """Add regressors: those whose answer is the sum of the leaves must agree in every bit."""
    X = table()
    y, two, _ = target(X)
    for option in SHAPES:
        add(cases, f"regressor {option}", CatBoostRegressor(**{**SMALL, **option}), X, y, True)
    add(cases, "large", CatBoostRegressor(**SMALL), X, 1e6 * y, True)
    losses = ["MAE", "Quantile:alpha=0.3", "LogLinQuantile", "MAPE", "Lq:q=3", "Huber:delta=1", "Expectile:alpha=0.3", "LogCosh"]
    for loss in [*losses, "RMSE", *(["Cox", "MultiQuantile:alpha=0.2,0.5"] if LATEST else [])]:
        add(cases, loss, CatBoostRegressor(loss_function=loss, **SMALL), X, np.abs(y) + 0.1, True)
    for loss in ("Poisson", "Tweedie:variance_power=1.5", "RMSEWithUncertainty"):
        add(cases, loss, CatBoostRegressor(loss_function=loss, **SMALL), X, np.abs(y) + 0.1, False)
    add(cases, "objective", CatBoostRegressor(objective="Poisson", **SMALL), X, np.abs(y), False)
    for scale in (300.0, 3000.0):
        model = fit(CatBoostRegressor(loss_function="Poisson", **SMALL), X, np.abs(y) + 0.1)
        model.set_scale_and_bias(scale, 0.1)
        cases.add(f"exponents of {scale}", model, rows(X, points(model)), exact=False, batch=True)
    for loss in ["MultiRMSE", *(["MultiRMSEWithMissingValues"] if LATEST else [])]:
        add(cases, loss, CatBoostRegressor(loss_function=loss, **SMALL), X, np.column_stack([y, -y, two]), True)
    for scale, bias in ((3.3, 0.1), (1.0, -7.25), (0.1, 0.0)):
        model = fit(CatBoostRegressor(**SMALL), X, y)
        model.set_scale_and_bias(scale, bias)
        cases.add(f"scale {scale} bias {bias}", model, rows(X, points(model)), exact=True, batch=True)
    clean = np.nan_to_num(X)
    for mode in ("Min", "Max", "Forbidden"):
        model = fit(CatBoostRegressor(nan_mode=mode, **SMALL), clean, y)
        cases.add(f"nothing missing {mode}", model, rows(X, points(model)), exact=True, batch=True)
    model = fit(CatBoostRegressor(**SMALL), X, y)
    model.shrink(5)
    cases.add("shrunk", model, rows(X, points(model)), exact=True, batch=True)
    add(cases, "ignored features", CatBoostRegressor(ignored_features=[1], **SMALL), X, y, True)
    constant = X.copy()
    constant[:, 1] = 7
    add(cases, "a constant column", CatBoostRegressor(**SMALL), constant, y, True)
    whole = np.round(np.nan_to_num(X[:, :3]) * 10).astype(int)
    model = fit(CatBoostRegressor(**SMALL), whole, y)
    cases.add("integers", model, rows(whole.astype(float), points(model)), exact=True, batch=True)


def pipelines(cases: Packed) -> None:
    """Add pipelines and frames."""
    X = table()
    y, two, three = target(X)
    F = pd.DataFrame(X, columns=["a", "b b", "ç", "d"])
    named = fit(CatBoostRegressor(**SMALL), F, y)
    cases.add("names", named, pd.DataFrame(rows(X, points(named)), columns=F.columns), exact=True, batch=True)
    few = pd.DataFrame(rows(X, [])[:60], columns=F.columns)
    numbers = few[np.isfinite(few.fillna(0).abs().max(axis=1))]
    steps: dict[str, tuple[Any, bool]] = {
        "imputer, classifier": (pipe(SimpleImputer(), CatBoostClassifier(**SMALL)), False),
        "imputer, regressor": (pipe(SimpleImputer(strategy="median"), CatBoostRegressor(**SMALL)), True),
        "scaler, regressor": (pipe(StandardScaler(), CatBoostRegressor(**SMALL)), True),
    }
    for name, (model, exact) in steps.items():
        cases.add(name, fit(model, F, two if "classifier" in name else y), numbers, exact=exact, batch=True)
    F["town"] = np.array(["Ulm", "Köln", "Bonn"])[three]
    few["town"] = np.resize(np.array(["Bonn", "Ulm", "Kiel", "Köln"]), len(few))
    for sparse in (0.0, 1.0):
        columns = make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), ["town"]), remainder="passthrough", sparse_threshold=sparse
        )
        model = fit(pipe(columns, CatBoostClassifier(**SMALL)), F, three)
        cases.add(f"columns, sparse_threshold {sparse}", model, few, exact=False, batch=True)


def wrapped(cases: Packed) -> None:
    """Add estimators of scikit-learn that hold one of CatBoost."""
    X = table()
    y, two, three = target(X)
    classifier, regressor = CatBoostClassifier(**SMALL), CatBoostRegressor(**SMALL)
    votes = VotingClassifier([("a", classifier), ("b", CatBoostClassifier(**{**SMALL, "depth": 2}))], voting="soft")
    models: dict[str, tuple[Any, np.ndarray, bool]] = {
        "search": (GridSearchCV(regressor, {"depth": [2, 3]}, cv=2), y, True),
        "search, three classes": (GridSearchCV(classifier, {"depth": [2, 3]}, cv=2), three, False),
        "calibrated": (CalibratedClassifierCV(classifier, cv=2), three, False),
        "votes": (votes, three, False),
        "stacking": (StackingClassifier([("a", classifier)], LogisticRegression(), cv=2), two, False),
        "one against the rest": (OneVsRestClassifier(classifier), three, False),
        "bagging": (BaggingRegressor(regressor, 3, random_state=0), y, False),
        "target": (TransformedTargetRegressor(regressor, transformer=StandardScaler()), y, False),
        "several outputs": (MultiOutputRegressor(regressor), np.column_stack([y, -y]), True),
    }
    for name, (model, goal, exact) in models.items():
        fit(model, X, goal)
        cases.add(name, model, rows(X, [])[:60], exact=exact, batch=True)


class Squared:
    """A loss function of one's own."""

    def calc_ders_range(self, approxes: Any, targets: Any, _: Any) -> list[tuple[float, float]]:
        """Return the derivatives for each row."""
        return [(y - a, -1.0) for a, y in zip(approxes, targets)]


def refusals(cases: Packed) -> None:
    """Add what is refused, each with what is told."""
    X = table()
    _, two, three = target(X)
    codes = np.column_stack([X[:, 0], three]).astype(object)
    codes[:, 1] = [f"c{c}" for c in codes[:, 1]]
    cases.refused("categories", fit(CatBoostClassifier(cat_features=[1], **SMALL), codes, two), ["takes categories"])
    texts = pd.DataFrame({"a": X[:, 0], "t": [f"word{c} and word{c + 1}" for c in three]})
    cases.refused("texts", fit(CatBoostClassifier(text_features=["t"], **SMALL), texts, two), ["takes texts"])
    vectors = pd.DataFrame({"a": X[:, 0], "v": [[float(c), 1.0 - c] for c in three]})
    embedded = fit(CatBoostClassifier(embedding_features=["v"], **SMALL), vectors, two)
    cases.refused("embeddings", embedded, ["embeddings"])
    labels = np.column_stack([two, 1 - two])
    several = fit(CatBoostClassifier(loss_function="MultiLogloss", **SMALL), X, labels)
    cases.refused("several labels", several, ["loss_function MultiLogloss"])
    custom = fit(CatBoostRegressor(loss_function=Squared(), eval_metric="RMSE", **SMALL), X, two)
    cases.refused("a loss of one's own", custom, ["loss_function is an object of __main__.Squared"])
    survival = fit(CatBoostRegressor(loss_function="SurvivalAft", **SMALL), X, np.column_stack([two, two + 1]))
    cases.refused("survival", survival, ["loss_function SurvivalAft"])
    ranker = CatBoostRanker(loss_function="YetiRank", **SMALL).fit(X, two, group_id=np.arange(len(X)) // 10)
    cases.refused("ranker", ranker, ["only CatBoostClassifier and CatBoostRegressor"])
    count = fit(CatBoostClassifier(loss_function="MultiClass", classes_count=4, **SMALL), X, two)
    cases.refused("classes without rows", count, ["classes_count is 4"])
    loaded = CatBoostRegressor(**SMALL)
    loaded.__setstate__({"__model": fit(CatBoostRegressor(loss_function="Poisson", **SMALL), X, two).__getstate__()["__model"]})
    cases.refused("another loss", loaded, ['loss_function is "RMSE", and the model was trained with "Poisson"'])
    cases.refused("not fitted", pipe(SimpleImputer().fit(X), CatBoostClassifier(**SMALL)), ["no model of CatBoost"])


if __name__ == "__main__":
    main(classifiers, regressors, pipelines, wrapped, refusals)
