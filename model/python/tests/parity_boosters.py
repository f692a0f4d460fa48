"""Cases of the scikit-learn classes of XGBoost and LightGBM for model/sklearn/testdata/boosters, with their own answers.

Neither is installed here. Run it in an environment that has the versions the folder names, beside scikit-learn and pandas:
python parity_boosters.py model/sklearn/testdata/boosters/xgboost-3.2.0-lightgbm-4.7.0
"""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import xgboost
from boosted_rows import NAN, rows, table
from packed import Packed, main
from parity import Texts, fit, pipe
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def xgb_points(model: Any) -> list[tuple[int, float]]:
    """Return the splits of an XGBoost model."""
    frame = model.get_booster().trees_to_dataframe()
    inner = frame[frame["Feature"] != "Leaf"]
    names = model.get_booster().feature_names
    return [(names.index(f) if names else int(f[1:]), float(s)) for f, s in zip(inner["Feature"], inner["Split"]) if s == s]


def lgbm_points(model: Any) -> list[tuple[int, float]]:
    """Return the splits of a LightGBM model."""
    frame = model.booster_.trees_to_dataframe()
    inner = frame[frame["split_feature"].notna() & (frame["decision_type"] == "<=")]
    names = model.booster_.feature_name()
    return [(names.index(f), float(t)) for f, t in zip(inner["split_feature"], inner["threshold"])]


def xgb(cases: Packed) -> None:
    """Add XGBoost with every objective that is supported, boosters, missing values and early stopping."""
    X = table()
    y = np.nan_to_num(X[:, 0] + np.sin(X[:, 1]) * 3 + X[:, 2])
    two, three = (y > 0.3).astype(int), np.digitize(y, [-1, 1])
    small: dict[str, Any] = {"n_estimators": 12, "max_depth": 3, "random_state": 0, "n_jobs": 1}
    classifiers: list[tuple[dict[str, Any], np.ndarray]] = [
        ({}, two),
        ({}, three),
        ({"objective": "multi:softmax"}, three),
        ({"booster": "dart", "rate_drop": 0.4}, two),
        ({"booster": "dart", "rate_drop": 0.4}, three),
        ({"base_score": 0.2, "scale_pos_weight": 3}, two),
        ({"missing": 0}, two),
        ({"missing": -1.5}, three),
        ({"num_parallel_tree": 3, "n_estimators": 4, "subsample": 0.6}, three),
        ({"tree_method": "exact"}, two),
        ({"grow_policy": "lossguide", "max_leaves": 5}, two),
        ({"n_estimators": 200, "max_depth": 5}, two),
        ({"n_estimators": 1, "max_depth": 0, "tree_method": "hist", "max_leaves": 1}, two),
    ]
    for option, labels in classifiers:
        model = fit(xgboost.XGBClassifier(**{**small, **option}), X, labels)
        cases.add(f"xgb {option} {labels.max() + 1}", model, rows(X, xgb_points(model)), exact=False, batch=True)
    model = xgboost.XGBClassifier(**{**small, "n_estimators": 40, "early_stopping_rounds": 3, "learning_rate": 0.9})
    model.fit(X[:200], two[:200], eval_set=[(X[200:], two[200:])], verbose=False)
    cases.add(f"xgb stopped at {model.best_iteration}", model, rows(X, xgb_points(model)), exact=False, batch=True)
    forest = fit(xgboost.XGBRFClassifier(n_estimators=7, max_depth=4, random_state=0), X, three)
    cases.add("xgb forest", forest, rows(X, xgb_points(forest)), exact=False, batch=True)
    forest = fit(xgboost.XGBRFRegressor(n_estimators=7, max_depth=4, random_state=0), X, y)
    cases.add("xgb regression forest", forest, rows(X, xgb_points(forest)), exact=True, batch=True)
    regressors: list[tuple[dict[str, Any], np.ndarray, bool]] = [
        ({}, y, True),
        ({"n_estimators": 150}, 1e6 * y, True),
        ({"objective": "reg:absoluteerror"}, y, True),
        ({"objective": "reg:pseudohubererror"}, y, True),
        ({"objective": "reg:squaredlogerror"}, np.abs(y), True),
        ({"objective": "reg:quantileerror", "quantile_alpha": 0.3}, y, True),
        ({"objective": "reg:quantileerror", "quantile_alpha": [0.3, 0.6]}, y, True),
        ({"objective": "reg:logistic"}, two, False),
        ({"objective": "count:poisson"}, np.abs(y).astype(int), False),
        ({"objective": "reg:gamma"}, np.abs(y) + 0.1, False),
        ({"objective": "reg:tweedie"}, np.abs(y), False),
        ({"booster": "dart", "rate_drop": 0.5}, y, True),
        ({"base_score": 7.25}, y, True),
        ({}, np.column_stack([y, -y, two]), True),
    ]
    for option, goal, exact in regressors:
        model = fit(xgboost.XGBRegressor(**{**small, **option}), X, goal)
        cases.add(f"xgb {option} {np.ndim(goal)}", model, rows(X, xgb_points(model)), exact=exact, batch=True)
    F = pd.DataFrame(X, columns=["a", "b b", "ç", "d"])
    named = fit(xgboost.XGBClassifier(**small), F, two)
    cases.add("xgb names", named, pd.DataFrame(rows(X, xgb_points(named)), columns=F.columns), exact=False, batch=True)
    piped = fit(pipe(StandardScaler(), xgboost.XGBClassifier(**small)), F, three)
    cases.add("xgb pipeline", piped, pd.DataFrame(rows(X, [])[:60], columns=F.columns), exact=False, batch=True)
    linear = fit(xgboost.XGBRegressor(booster="gblinear", n_estimators=3), np.nan_to_num(X), y)
    cases.refused("xgb linear", linear, ["gblinear"])
    codes = X.copy()
    codes[:, 1] = np.arange(len(X)) % 9
    types = xgboost.XGBClassifier(
        feature_types=["q", "c", "q", "q"], enable_categorical=True, max_cat_to_onehot=1, n_estimators=5
    )
    cases.refused("xgb categories", fit(types, codes, np.isin(codes[:, 1], [1, 5, 7]).astype(int)), ["by category"])
    tree = fit(xgboost.XGBRegressor(multi_strategy="multi_output_tree", n_estimators=2), X, np.column_stack([y, -y]))
    cases.refused("xgb vector leaves", tree, ["multi_output_tree"])
    sparse(cases, X, three, small)


def sparse(cases: Packed, X: np.ndarray, three: np.ndarray, small: dict[str, Any]) -> None:
    """Add XGBoost behind sparse matrices: cells that are not stored are missing to it, as are zeros of a dense part."""
    levels = np.floor(np.nan_to_num(X[:, :2]))
    unseen = np.vstack([levels[:20], [[77.0, 0.0]]])
    for stored in (True, False):
        hot = fit(
            pipe(OneHotEncoder(handle_unknown="ignore", sparse_output=stored), xgboost.XGBClassifier(**small)), levels, three
        )
        cases.add(f"xgb one-hot {stored}", hot, unseen, exact=False, batch=True)
    beside = ColumnTransformer(
        [("hot", OneHotEncoder(handle_unknown="ignore"), [0])], remainder="passthrough", sparse_threshold=1
    )
    for missing in (NAN, -1.0):
        model = fit(pipe(beside, xgboost.XGBClassifier(**{**small, "missing": missing})), levels, three)
        cases.add(f"xgb one-hot beside zeros {missing}", model, unseen, exact=False, batch=True)
    words = np.array(["red", "green", "blue", "grey", "dark red", "pale blue"])
    texts = Texts(" ".join(words[np.random.default_rng(i).integers(0, 6, 4)]) for i in range(len(three)))
    for vectorizer in (CountVectorizer(), TfidfVectorizer(), TfidfVectorizer(sublinear_tf=True, norm=None, use_idf=False)):
        model = fit(pipe(vectorizer, xgboost.XGBClassifier(**small)), texts, three)
        cases.add(f"xgb {vectorizer}", model, Texts([*texts[:40], "", "none of them"]), exact=False, batch=True)
    both = pd.DataFrame({"words": list(texts), "number": np.floor(np.nan_to_num(X[:, 0]))})
    columns = ColumnTransformer([("words", TfidfVectorizer(), "words")], remainder="passthrough", sparse_threshold=1)
    cases.add(
        "xgb words and numbers",
        fit(pipe(columns, xgboost.XGBClassifier(**small)), both, three),
        both[:60],
        exact=False,
        batch=True,
    )
    chosen = pipe(CountVectorizer(), TfidfTransformer(), SelectKBest(k=4), xgboost.XGBClassifier(**small))
    cases.add("xgb chosen words", fit(chosen, texts, three), texts[:40], exact=False, batch=True)
    hashed = fit(pipe(HashingVectorizer(n_features=8), xgboost.XGBClassifier(**small)), texts, three)  # what cancels is stored
    cases.refused("xgb hashed words", hashed, ["a sparse matrix that may store zeros"])


def lgbm(cases: Packed) -> None:
    """Add LightGBM with every objective that is supported, boosters, missing values, categories and early stopping."""
    X = table()
    y = np.nan_to_num(X[:, 0] + np.sin(X[:, 1]) * 3 + X[:, 2])
    two, three = np.array(["n", "y"])[(y > 0.3).astype(int)], np.digitize(y, [-1, 1]) * 5
    small: dict[str, Any] = {"n_estimators": 12, "num_leaves": 7, "verbose": -1, "n_jobs": 1, "min_child_samples": 5}
    classifiers: list[tuple[dict[str, Any], np.ndarray]] = [
        ({}, two),
        ({}, three),
        ({"objective": "multiclassova"}, three),
        ({"boosting_type": "dart"}, two),
        ({"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}, two),
        ({"data_sample_strategy": "goss"}, three),
        ({"use_missing": False}, two),
        ({"sigmoid": 0.7, "class_weight": "balanced"}, two),
        ({"objective": "cross_entropy"}, (two == "y").astype(int)),
        ({"n_estimators": 150, "num_leaves": 31}, two),
        ({"extra_trees": True, "boost_from_average": False}, two),
        ({"min_child_samples": 299}, two),
    ]
    for option, labels in classifiers:
        model = fit(lightgbm.LGBMClassifier(**{**small, **option}), X, labels)
        points = lgbm_points(model) if option.get("min_child_samples") != 299 else []
        cases.add(f"lgbm {option} {len(set(labels))}", model, rows(X, points), exact=False, batch=True)
    model = lightgbm.LGBMClassifier(**{**small, "n_estimators": 60, "learning_rate": 0.9})
    model.fit(X[:200], two[:200], eval_set=[(X[200:], two[200:])], callbacks=[lightgbm.early_stopping(3, verbose=False)])
    cases.add(f"lgbm stopped at {model.best_iteration_}", model, rows(X, lgbm_points(model)), exact=False, batch=True)
    regressors: list[tuple[dict[str, Any], np.ndarray, bool]] = [
        ({}, y, True),
        ({"n_estimators": 120}, 1e6 * y, True),
        ({"objective": "regression_l1"}, y, True),
        ({"objective": "huber"}, y, True),
        ({"objective": "fair"}, y, True),
        ({"objective": "quantile", "alpha": 0.3}, y, True),
        ({"objective": "mape"}, y, True),
        ({"objective": "poisson"}, np.abs(y), False),
        ({"objective": "gamma"}, np.abs(y) + 0.1, False),
        ({"objective": "tweedie"}, np.abs(y), False),
        ({"boosting_type": "dart"}, y, True),
        ({"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}, y, True),
        ({"monotone_constraints": [1, 0, 0, 0]}, y, True),
    ]
    for option, goal, exact in regressors:
        model = fit(lightgbm.LGBMRegressor(**{**small, **option}), X, goal)
        cases.add(f"lgbm {option}", model, rows(X, lgbm_points(model)), exact=exact, batch=True)
    rng = np.random.default_rng(1)
    codes = X.copy()
    codes[:, 1], codes[:, 3] = rng.integers(0, 9, len(X)), rng.choice([0, 3, 40, 200], len(X))
    goal = np.isin(codes[:, 1], [0, 5, 7]) + (codes[:, 3] == 40) + 0.1 * y
    options: dict[str, Any] = {**small, "max_cat_to_onehot": 2, "min_data_per_group": 1, "cat_smooth": 0}
    model = lightgbm.LGBMRegressor(**options).fit(codes, goal, categorical_feature=[1, 3])
    values = (0, 0.5, -0.5, -0.0, 1, 5.9, 7, 8, 9, 31, 32, 40, 200, 255, 256, 300, 1e9, -1, -7, NAN)
    hard = np.array([[0.1, a, 0.2, b] for a in values for b in (0, 40, 200, NAN, -0.9, 41)])
    cases.add("lgbm categories", model, hard, exact=True, batch=True)
    F = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    named = fit(lightgbm.LGBMClassifier(**small), F, two)
    cases.add("lgbm names", named, pd.DataFrame(rows(X, lgbm_points(named)), columns=F.columns), exact=False, batch=True)
    piped = fit(pipe(StandardScaler(), lightgbm.LGBMRegressor(**small)), F, y)
    cases.add("lgbm pipeline", piped, pd.DataFrame(rows(X, [])[:60], columns=F.columns), exact=True, batch=True)
    cases.refused("lgbm zeros", fit(lightgbm.LGBMRegressor(zero_as_missing=True, **small), X, y), ["zero_as_missing"])
    cases.refused("lgbm linear", fit(lightgbm.LGBMRegressor(linear_tree=True, **small), X, y), ["linear_tree"])
    cases.refused("lgbm root", fit(lightgbm.LGBMRegressor(reg_sqrt=True, **small), X, y), ["reg_sqrt"])
    wide = codes.copy()
    wide[:, 1] = 1000 + wide[:, 1]
    far = lightgbm.LGBMRegressor(**options).fit(wide, goal, categorical_feature=[1])
    cases.refused("lgbm wide categories", far, ["beyond 255"])


if __name__ == "__main__":
    main(xgb, lgbm)
