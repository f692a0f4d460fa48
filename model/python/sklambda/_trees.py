"""The splits of boosted trees, of scikit-learn, LightGBM, XGBoost and CatBoost, and which of them rows reach."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Split", "of_catboost", "of_histogram", "of_lightgbm", "of_xgboost", "reached"]


@dataclass
class Split:
    """An inner node of a tree.

    Parameters
    ----------
    column : int
        Of the tree's input.
    threshold : float
        What is compared with; NaN for a set of categories, of which is not told which go left.
    missing_left : bool
        Whether a missing value goes left.
    left, right : Split or None
        None for a leaf.
    single : bool
        Whether the comparison is in float32, and a value equal to the threshold goes right.
    """

    column: int
    threshold: float
    missing_left: bool
    left: Split | None = None
    right: Split | None = None
    single: bool = False

    def goes_left(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return for each value of the column whether it goes left."""
        compared = values.astype(np.float32) < np.float32(self.threshold) if self.single else values <= self.threshold
        return np.where(np.isnan(values), self.missing_left, compared)


def of_histogram(predictor: Any) -> Split | None:
    """Return the root of a tree of HistGradientBoosting: None if it is a leaf."""

    def split(i: int) -> Split | None:
        node = nodes[i]
        if node["is_leaf"]:
            return None
        categorical = "is_categorical" in nodes.dtype.names and node["is_categorical"]
        threshold = np.nan if categorical else float(node["num_threshold"])
        children = split(int(node["left"])), split(int(node["right"]))
        return Split(int(node["feature_idx"]), threshold, bool(node["missing_go_to_left"]), *children)

    nodes = predictor.nodes
    return split(0)


def of_lightgbm(booster: Any) -> list[Split | None]:
    """Return the roots of the trees of a LightGBM booster."""

    def split(node: dict[str, Any]) -> Split | None:
        if "split_feature" not in node:
            return None
        threshold = float(node["threshold"]) if node["decision_type"] == "<=" else np.nan
        children = split(node["left_child"]), split(node["right_child"])
        return Split(int(node["split_feature"]), threshold, bool(node["default_left"]), *children)

    return [split(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]


def of_xgboost(booster: Any) -> list[Split | None]:
    """Return the roots of the trees of an XGBoost booster: none of a linear one."""
    model = json.loads(bytes(booster.save_raw(raw_format="json")))["learner"]["gradient_booster"]
    trees = model.get("gbtree", model).get("model", {}).get("trees", [])  # dart wraps a gbtree
    return [_xgboost_split(tree, 0) for tree in trees]


def _xgboost_split(tree: dict[str, Any], i: int) -> Split | None:
    left, right = tree["left_children"][i], tree["right_children"][i]
    if left < 0:
        return None
    threshold = np.nan if tree["split_type"][i] else float(np.float32(tree["split_conditions"][i]))
    children = _xgboost_split(tree, left), _xgboost_split(tree, right)
    return Split(int(tree["split_indices"][i]), threshold, bool(tree["default_left"][i]), *children, single=True)


def of_catboost(estimator: Any) -> list[Split | None]:
    """Return the roots of the trees of an estimator of CatBoost, whose splits are all of numbers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        estimator.save_model(str(path), format="json")
        model = json.loads(path.read_text(encoding="utf-8"))
    features = model["features_info"]["float_features"]
    right = {f["feature_index"] for f in features if f["has_nans"] and f["nan_value_treatment"] == "AsTrue"}
    if "trees" in model:
        return [_catboost_split(tree, right) for tree in model["trees"]]
    return [_catboost_levels(tree["splits"] or [], right) for tree in model["oblivious_trees"]]


def _catboost_split(node: dict[str, Any], right: set[int]) -> Split | None:
    if "split" not in node:
        return None
    return _catboost_node(node["split"], right, _catboost_split(node["left"], right), _catboost_split(node["right"], right))


def _catboost_levels(levels: list[dict[str, Any]], right: set[int]) -> Split | None:
    """Return the root of a symmetric tree, whose nodes of a level are one."""
    below = None
    for level in reversed(levels):
        below = _catboost_node(level, right, below, below)
    return below


def _catboost_node(split: dict[str, Any], right: set[int], low: Split | None, high: Split | None) -> Split:
    column = int(split["float_feature_index"])
    # A value equal to the border goes left, so the one above it is the first that goes right.
    threshold = float(np.nextafter(np.float32(split["border"]), np.float32(np.inf)))
    return Split(column, threshold, column not in right, low, high, single=True)


def reached(root: Split | None, X: np.ndarray[Any, Any]) -> Iterator[tuple[Split, int, int]]:
    """Yield the splits at thresholds that rows reach, each with its depth and the first row that does.

    Parameters
    ----------
    root : Split or None
        The tree.
    X : ndarray of shape (n_rows, n_columns)
        Its input.
    """
    at = [(root, 0, np.arange(len(X)))]
    while at:
        split, depth, rows = at.pop()
        if split is None or not len(rows):
            continue
        if np.isnan(split.threshold):
            # Rows of either side go to both: that costs a point or two that none reaches.
            left = right = np.full(len(rows), True)
        else:
            yield split, depth, int(rows[0])
            left = split.goes_left(X[rows, split.column])
            right = ~left
        at += [(split.right, depth + 1, rows[right]), (split.left, depth + 1, rows[left])]
