from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, OneHotEncoder, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklambda._splits import SplitPoint, split_points

_RNG = np.random.default_rng(0)
_X = _RNG.normal(size=(300, 3)) * [1, 100, 1e-3] + [0, 50, 7]
_Y = ((_X[:, 0] > 0.3) ^ (_X[:, 1] > 40)).astype(int)


def _stump(column: int) -> Any:
    X = np.zeros_like(_X)
    X[:, column] = _X[:, column]
    return DecisionTreeClassifier(max_depth=1), X, (_X[:, column] > np.median(_X[:, column])).astype(int)


@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler, RobustScaler, MaxAbsScaler, SimpleImputer, None])
def test_points_lie_on_both_sides_of_the_split(scaler: Any) -> None:
    """The values of a point differ by ulps, and the tree's answer changes among them."""
    for column in range(3):
        tree, X, y = _stump(column)
        pipeline = make_pipeline(*([] if scaler is None else [scaler()]), tree).fit(X, y)
        (point,) = split_points(pipeline, 3, X)
        assert point.column == column
        rows = np.zeros((len(point.values), 3))
        rows[:, column] = point.values
        assert len(set(pipeline.predict(rows))) == 2
        assert np.ptp(point.values) <= 1e-6 * np.abs(_X[:, column]).max()


def test_float32_values_straddle_the_cast() -> None:
    tree, X, y = _stump(1)
    tree.fit(X, y)
    (point,) = split_points(tree, 3, X)
    threshold = tree.tree_.threshold[0]
    left = [value for value in point.values if np.float32(value) <= threshold]
    right = [value for value in point.values if np.float32(value) > threshold]
    # The largest float64 that goes left and the smallest that goes right.
    assert np.nextafter(max(left), np.inf) == min(right)


def test_points_of_histogram_boosting_are_one_ulp_apart() -> None:
    model = HistGradientBoostingClassifier(max_iter=3).fit(_X, _Y)
    points = split_points(model, 3, _X)
    thresholds = {
        (int(node["feature_idx"]), float(node["num_threshold"]))
        for group in model._predictors
        for predictor in group
        for node in predictor.nodes
        if not node["is_leaf"]
    }
    assert {(p.column, p.values[0]) for p in points} == thresholds
    value, below, above = points[0].values
    assert np.nextafter(below, np.inf) == value == np.nextafter(above, -np.inf)


def test_categorical_columns_of_histogram_boosting_are_put_back_in_place() -> None:
    frame = pd.DataFrame({"number": _X[:, 1], "category": pd.Series(["a", "b", "c"] * 100, dtype="category")})
    model = HistGradientBoostingClassifier(max_iter=3, categorical_features="from_dtype").fit(frame, _Y)
    points = split_points(model, 2, frame)
    assert {p.column for p in points} == {0}
    low, high = _X[:, 1].min(), _X[:, 1].max()
    assert all(low <= p.values[0] <= high for p in points)


def test_columns_are_followed_through_a_column_transformer() -> None:
    frame = pd.DataFrame(_X, columns=["a", "b", "c"]).assign(s=["x", "y", "z"] * 100)[["s", "a", "b", "c"]]
    columns = ColumnTransformer(
        [
            ("one_hot", OneHotEncoder(), ["s"]),
            ("scaled", make_pipeline(SimpleImputer(), MinMaxScaler()), ["b"]),
            ("rest", "drop", ["c"]),
        ],
        remainder="passthrough",
    )
    pipeline = make_pipeline(columns, DecisionTreeClassifier(max_depth=3)).fit(frame, _Y)
    points = split_points(pipeline, 4, frame)
    assert {p.column for p in points} == {1, 2}
    assert any(abs(p.values[0] - 0.3) < 0.1 for p in points if p.column == 1)
    assert any(abs(p.values[0] - 40) < 10 for p in points if p.column == 2)


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(n_estimators=3),
        GradientBoostingClassifier(n_estimators=3),
        BaggingClassifier(DecisionTreeClassifier(), n_estimators=3, max_features=2, random_state=0),
        VotingClassifier(
            [("tree", DecisionTreeClassifier()), ("scaled", make_pipeline(StandardScaler(), DecisionTreeClassifier()))]
        ),
    ],
    ids=lambda model: type(model).__name__,
)
def test_ensembles_are_walked(model: Any) -> None:
    points = split_points(model.fit(_X, _Y), 3, _X)
    assert {p.column for p in points} >= {0, 1}
    assert {p.depth for p in points} >= {1, 2}
    low, high = _X.min(axis=0) - 1, _X.max(axis=0) + 1
    assert all(low[p.column] <= value <= high[p.column] for p in points for value in p.values)


def test_points_are_distinct() -> None:
    points = split_points(RandomForestClassifier(n_estimators=20, max_depth=2).fit(_X.round(), _Y), 3, _X)
    assert len(points) == len(set(points))
    assert isinstance(points[0], SplitPoint)


def test_computed_columns_have_no_points() -> None:
    assert split_points(make_pipeline(PCA(2), DecisionTreeClassifier()).fit(_X, _Y), 3, _X) == []
    with_missing = np.where(_RNG.random(_X.shape) < 0.1, np.nan, _X)
    indicated = make_pipeline(SimpleImputer(add_indicator=True), DecisionTreeClassifier()).fit(with_missing, _Y)
    assert split_points(indicated, 3, with_missing) == []


def test_a_tree_of_neighbours_has_no_points() -> None:
    """The tree_ of a kernel density is a KDTree."""
    assert split_points(KernelDensity().fit(_X), 3, _X) == []


def test_points_are_of_nodes_that_the_rows_reach() -> None:
    """A row with its column at the threshold comes to the node and goes on to either side."""
    pipeline = make_pipeline(StandardScaler(), RandomForestClassifier(n_estimators=5)).fit(_X, _Y)
    few = _X[:7]
    points = split_points(pipeline, 3, few)
    assert 0 < len(points) < len(split_points(pipeline, 3, _X))
    for point in points:
        rows = np.repeat(few[[point.row]], len(point.values), axis=0)
        rows[:, point.column] = point.values
        assert len(np.unique(pipeline[-1].apply(pipeline[0].transform(rows)), axis=0)) > 1


def test_points_of_histogram_boosting_are_of_nodes_that_the_rows_reach() -> None:
    model = HistGradientBoostingClassifier(max_iter=3).fit(_X, _Y)
    few = split_points(model, 3, _X[:2])
    assert 0 < len(few) < len(split_points(model, 3, _X))
    root = model._predictors[0][0].nodes[0]
    assert (int(root["feature_idx"]), float(root["num_threshold"])) in {(p.column, p.values[0]) for p in few}


def test_a_large_ensemble_is_looked_at_in_part() -> None:
    forest = RandomForestClassifier(n_estimators=200, max_depth=1).fit(_X, _Y)
    assert 0 < len(split_points(forest, 3, _X)) <= 64


class _XGBoost:
    """What an XGBoost booster says of a tree: x1 < 0.1, then x0 < -2 on the left."""

    def save_raw(self, raw_format: str) -> bytearray:
        assert raw_format == "json"
        tree = {
            "left_children": [1, 3, -1, -1, -1], "right_children": [2, 4, -1, -1, -1], "split_indices": [1, 0, 0, 0, 0],
            "split_conditions": [0.1, -2, 5, 6, 7], "default_left": [0, 1, 0, 0, 0], "split_type": [0, 0, 0, 0, 0],
        }  # fmt: skip
        return bytearray(json.dumps({"learner": {"gradient_booster": {"model": {"trees": [tree]}}}}), "utf-8")


def test_xgboost_compares_in_float32_and_an_equal_value_goes_right() -> None:
    estimator = SimpleNamespace(get_booster=_XGBoost)
    points = split_points(estimator, 2, np.array([[0.0, 9.0], [0.0, 0.05]]))
    assert [(p.column, p.depth, p.row) for p in points] == [(1, 0, 0), (0, 1, 1)]
    threshold = np.float32(0.1)
    left = [value for value in points[0].values if np.float32(value) < threshold]
    right = [value for value in points[0].values if np.float32(value) >= threshold]
    assert np.nextafter(max(left), np.inf) == min(right)
    # Missing values go right at the root.
    assert [p.column for p in split_points(estimator, 2, np.array([[0.0, np.nan]]))] == [1]


class _LightGBM:
    """What a LightGBM booster says of a tree: x0 <= 0.1, then a set of categories on the right, then x1 <= 3 there."""

    def dump_model(self) -> dict[str, Any]:
        leaf = {"leaf_index": 0}
        number = {"split_feature": 1, "threshold": 3.0, "decision_type": "<=", "default_left": False}
        number |= {"left_child": leaf, "right_child": leaf}
        category = {"split_feature": 2, "threshold": "0||2", "decision_type": "==", "default_left": False}
        category |= {"left_child": leaf, "right_child": number}
        root = {"split_feature": 0, "threshold": 0.1, "decision_type": "<=", "default_left": True}
        return {"tree_info": [{"tree_structure": root | {"left_child": leaf, "right_child": category}}]}


def test_lightgbm_compares_in_float64() -> None:
    estimator = SimpleNamespace(booster_=_LightGBM())
    points = split_points(estimator, 3, np.array([[0.1, 0.0, 0.0], [0.2, 0.0, 0.0]]))
    assert [(p.column, p.values[0], p.depth, p.row) for p in points] == [(0, 0.1, 0, 0), (1, 3.0, 2, 1)]
    assert points[0].values[1:] == (np.nextafter(0.1, 0), np.nextafter(0.1, 1))
    assert len(split_points(estimator, 3, np.array([[np.nan, 0.0, 0.0]]))) == 1


class _CatBoost:
    """What CatBoost says of two trees: in each x1 <= 0.1, then x0 <= -2, in the second on the left alone."""

    def __init__(self, symmetric: bool) -> None:
        self.symmetric = symmetric

    def get_borders(self) -> None: ...

    def save_model(self, path: str, **options: str) -> None:
        assert options == {"format": "json"}
        first, second = {"float_feature_index": 1, "border": 0.1}, {"float_feature_index": 0, "border": -2.0}
        missing = [{"has_nans": True, "nan_value_treatment": "AsTrue"}, {"has_nans": False, "nan_value_treatment": "AsTrue"}]
        model: dict[str, Any] = {"features_info": {"float_features": [{"feature_index": i, **f} for i, f in enumerate(missing)]}}
        if self.symmetric:
            model["oblivious_trees"] = [{"splits": [first, second]}, {"splits": None}]
        else:
            leaf = {"value": 1.0}
            model["trees"] = [{"split": first, "right": leaf, "left": {"split": second, "left": leaf, "right": leaf}}]
        Path(path).write_text(json.dumps(model), encoding="utf-8")


@pytest.mark.parametrize("symmetric", [True, False])
def test_catboost_compares_in_float32_and_an_equal_value_goes_left(symmetric: bool) -> None:
    estimator = _CatBoost(symmetric)
    points = split_points(estimator, 2, np.array([[0.0, 0.05], [0.0, 9.0]]))
    assert [(p.column, p.depth, p.row) for p in points] == [(1, 0, 0), (0, 1, 0)]
    left = [value for value in points[0].values if np.float32(value) <= np.float32(0.1)]
    right = [value for value in points[0].values if np.float32(value) > np.float32(0.1)]
    assert np.nextafter(max(left), np.inf) == min(right)
    # Only a symmetric tree splits again above the border; where none was missing in training, a missing value goes left.
    assert len(split_points(estimator, 2, np.array([[0.0, 9.0]]))) == 1 + symmetric
    assert len(split_points(estimator, 2, np.array([[0.0, np.nan]]))) == 2
