"""Split points of the trees in a fitted pipeline that given rows reach, as values of the input columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sklambda._trees import Split, of_catboost, of_histogram, of_lightgbm, of_xgboost, reached

__all__ = ["SplitPoint", "split_points"]

# Trees looked at, spread evenly over an ensemble: a forest of thousands has more nodes than golden rows can use.
_TREES = 64


@dataclass(frozen=True)
class Origin:
    """Where a column of a step's input comes from: ``input = scale * column + offset``.

    Parameters
    ----------
    column : int
        The column of the pipeline's input.
    scale, offset : float
        The way back; 1 and 0 where the value arrives unchanged, else right up to rounding.
    """

    column: int
    scale: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class SplitPoint:
    """A value of an input column near which a tree decides.

    Parameters
    ----------
    column : int
        The column of the pipeline's input.
    values : tuple of float
        The threshold and its neighbours.
    depth : int
        The depth of the node: a shallow one is reached by more rows.
    row : int
        The first of the given rows that reaches the node.
    """

    column: int
    values: tuple[float, ...]
    depth: int
    row: int


# None stands for a computed column.
_Origins = Sequence["Origin | None"]


class _UnknownWidthError(Exception):
    """A transformer whose output columns cannot be told from its attributes."""


@dataclass(frozen=True)
class _Grown:
    """A tree of either kind, with what reaches it.

    Parameters
    ----------
    fitted : sklearn.tree._tree.Tree or Split
        The tree.
    origins : sequence of Origin or None
        Where its input columns come from.
    X : ndarray of shape (n_rows, n_columns)
        What the given rows are at its door.
    """

    fitted: Any
    origins: _Origins
    X: np.ndarray[Any, Any]


def split_points(estimator: Any, n_columns: int, X: Any) -> list[SplitPoint]:
    """Return the split points that rows reach and whose column reaches a tree unchanged or scaled.

    Parameters
    ----------
    estimator : estimator
        A fitted pipeline or estimator.
    n_columns : int
        The number of its input columns.
    X : DataFrame or ndarray of shape (n_rows, n_columns)
        Rows that the estimator has answers for.

    Returns
    -------
    list of SplitPoint
        Of distinct values, in the order in which the trees are found.
    """
    trees = list(_walk(estimator, [Origin(j) for j in range(n_columns)], X))
    every = max(1, -(-len(trees) // _TREES))
    points: dict[tuple[int, tuple[float, ...]], SplitPoint] = {}
    for tree in trees[::every]:
        for point in _boosted(tree) if isinstance(tree.fitted, Split) else _tree(tree):
            points.setdefault((point.column, point.values), point)
    return list(points.values())


def _walk(estimator: Any, origins: _Origins, X: Any) -> Iterator[_Grown]:
    if hasattr(estimator, "steps"):
        try:
            for _, step in estimator.steps[:-1]:
                origins = _through(step, origins)
                X = X if _passes(step) else step.transform(X)
        except _UnknownWidthError:
            return
        yield from _walk(estimator.steps[-1][1], origins, X)
    elif hasattr(getattr(estimator, "tree_", None), "node_count"):  # KernelDensity has a tree_ of another kind
        yield _Grown(estimator.tree_, origins, _dense(X))
    elif hasattr(estimator, "_predictors"):
        if getattr(estimator, "_preprocessor", None) is not None:
            # Its inner ColumnTransformer puts the categorical columns first, as codes.
            categorical = np.asarray(estimator.is_categorical_, dtype=bool)
            origins = [None] * int(categorical.sum()) + [o for o, c in zip(origins, categorical) if not c]
            X = estimator._preprocessor.transform(X)
        yield from _grown(lambda: [of_histogram(p) for group in estimator._predictors for p in group], origins, X)
    elif hasattr(estimator, "booster_"):
        yield from _grown(lambda: of_lightgbm(estimator.booster_), origins, X)
    elif hasattr(estimator, "get_booster"):
        yield from _grown(lambda: of_xgboost(estimator.get_booster()), origins, X)
    elif hasattr(estimator, "get_borders"):  # CatBoost
        yield from _grown(lambda: of_catboost(estimator), origins, X)
    else:
        for part, inputs, table in _members(estimator, origins, X):
            yield from _walk(part, inputs, table)


def _grown(roots: Callable[[], list[Split | None]], origins: _Origins, X: Any) -> Iterator[_Grown]:
    try:
        table, found = _dense(X), roots()
    except (TypeError, ValueError, RecursionError):  # categories, which LightGBM and XGBoost look up themselves; a deep tree
        return
    yield from (_Grown(root, origins, table) for root in found if root is not None)


def _members(estimator: Any, origins: _Origins, X: Any) -> Iterator[tuple[Any, _Origins, Any]]:
    """Yield the fitted estimators inside a meta-estimator with their input columns."""
    drawn = getattr(estimator, "estimators_features_", None)  # of bagging
    if drawn is not None:
        for part, features in zip(estimator.estimators_, drawn):
            yield part, [origins[j] for j in features], (X.iloc if hasattr(X, "iloc") else X)[:, features]
        return
    for name, value in getattr(estimator, "__dict__", {}).items():
        if not name.endswith("_") and name != "estimator":
            continue
        for part in np.ravel(np.array(value, dtype=object)) if isinstance(value, (list, np.ndarray)) else [value]:
            part = part.estimator if name == "calibrated_classifiers_" else part  # which has no features of its own
            if getattr(part, "n_features_in_", None) == len(origins):
                yield part, origins, X


def _passes(step: Any) -> bool:
    """Tell whether a step of a pipeline changes nothing for new rows."""
    # A sampler of imbalanced-learn changes the rows of the fit alone.
    return step is None or (isinstance(step, str) and step == "passthrough") or hasattr(step, "fit_resample")


def _dense(X: Any) -> np.ndarray[Any, Any]:
    return np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=np.float64)


def _tree(tree: _Grown) -> Iterator[SplitPoint]:
    """Yield the split points of a ``sklearn.tree._tree.Tree``, which casts its input to float32."""
    nodes = tree.fitted
    paths = nodes.decision_path(tree.X.astype(np.float32)).tocsc()
    depths = np.zeros(nodes.node_count, dtype=int)
    for node in range(nodes.node_count):
        left, right = nodes.children_left[node], nodes.children_right[node]
        if left < 0:
            continue
        depths[left] = depths[right] = depths[node] + 1
        origin = tree.origins[nodes.feature[node]]
        rows = paths.indices[paths.indptr[node] : paths.indptr[node + 1]]
        if origin is not None and len(rows):
            yield _point(origin, _float32_values(float(nodes.threshold[node])), int(depths[node]), int(rows.min()))


def _boosted(tree: _Grown) -> Iterator[SplitPoint]:
    """Yield the split points of a boosted tree, which compares in float64, or in float32 as XGBoost and CatBoost do."""
    for split, depth, row in reached(tree.fitted, tree.X):
        origin = tree.origins[split.column]
        if origin is None:
            continue
        if split.single:
            # The largest float32 that goes left is the one below the threshold.
            values = _float32_values(float(np.nextafter(np.float32(split.threshold), np.float32(-np.inf))))
        else:
            values = _neighbours(split.threshold)
        yield _point(origin, values, depth, row)


def _neighbours(value: float) -> tuple[float, ...]:
    return (value, float(np.nextafter(value, -np.inf)), float(np.nextafter(value, np.inf)))


def _float32_values(threshold: float) -> tuple[float, ...]:
    """Return the threshold and the float64 values where the cast to float32 crosses it."""
    below = np.float32(threshold)
    if float(below) > threshold:
        below = np.nextafter(below, np.float32(-np.inf))
    above = np.nextafter(below, np.float32(np.inf))
    middle = float(below) / 2 + float(above) / 2
    return (*_neighbours(threshold), float(below), float(above), *_neighbours(middle))


def _point(origin: Origin, values: tuple[float, ...], depth: int, row: int) -> SplitPoint:
    if origin != Origin(origin.column):
        # Rounding moves the crossing by an ulp or two.
        inputs = [float(v * origin.scale + origin.offset) for v in values]
        values = tuple(dict.fromkeys(near for value in inputs for near in _neighbours(value)))
    finite = tuple(v for v in dict.fromkeys(values) if np.isfinite(v))
    return SplitPoint(origin.column, finite, depth, row)


def _through(step: Any, origins: _Origins) -> _Origins:
    """Return where the output columns of a transformer come from."""
    if _passes(step):
        return origins
    kind = type(step).__name__
    if kind == "Pipeline":
        for _, inner in step.steps:
            origins = _through(inner, origins)
        return origins
    if kind == "ColumnTransformer":
        return _column_transformer(step, origins)
    if kind == "FunctionTransformer" and step.func is None:
        return origins
    if kind == "SimpleImputer":
        return _imputer(step, origins)
    if hasattr(step, "get_support"):
        return [origins[j] for j in step.get_support(indices=True)]
    back = _way_back(step, kind, len(origins))
    if back is None:
        raise _UnknownWidthError
    return [_scaled(origin, s, m) for origin, s, m in zip(origins, *back)]


def _scaled(origin: Origin | None, scale: float, offset: float) -> Origin | None:
    if origin is None:
        return None
    return Origin(origin.column, origin.scale * scale, origin.scale * offset + origin.offset)


def _way_back(step: Any, kind: str, width: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None:
    """Return scale and offset that undo a scaler, or None for any other transformer."""

    def of(name: str, default: float) -> np.ndarray[Any, Any]:
        value = getattr(step, name, None)
        return np.full(width, default) if value is None else np.asarray(value, dtype=float)

    if kind == "StandardScaler":
        return of("scale_", 1), of("mean_", 0) if step.with_mean else np.zeros(width)
    if kind == "RobustScaler":
        return of("scale_", 1), of("center_", 0)
    if kind == "MaxAbsScaler":
        return of("scale_", 1), np.zeros(width)
    if kind == "MinMaxScaler":
        return 1 / step.scale_, -step.min_ / step.scale_
    return None


def _imputer(step: Any, origins: _Origins) -> _Origins:
    """Return the columns of a SimpleImputer that adds and drops none."""
    statistics = np.asarray(step.statistics_)
    dropped = statistics.dtype.kind == "f" and bool(np.isnan(statistics).any())
    if step.add_indicator or dropped:
        raise _UnknownWidthError
    return origins


def _column_transformer(step: Any, origins: _Origins) -> _Origins:
    slices = step.output_indices_
    result: list[Origin | None] = [None] * max((s.stop for s in slices.values()), default=0)
    for name, transformer, _ in step.transformers_:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        inputs = [origins[j] for j in step._transformer_to_input_indices[name]]
        try:
            outputs = _through(transformer, inputs)
        except _UnknownWidthError:
            continue
        where = slices[name]
        if len(outputs) == where.stop - where.start:
            result[where] = outputs
    return result
