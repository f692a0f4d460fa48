"""Cases of ensembles, searches, calibration and wrappers for model/sklearn/meta_test.go."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np
from parity import Cases, fit, main, pipe
from parity_models import classes, frame, frame_rows, hard_rows, table, target, thresholds
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeClassifier, SGDClassifier
from sklearn.metrics import fbeta_score, make_scorer
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

FULL = "PARITY_FULL" in os.environ
SEEN: set[tuple[str, bool]] = set()
NAMES = np.array(["köln", "aarhus", 'b"c', "Ä", "x", "zz"])


def tree(depth: int = 3, seed: int = 0) -> DecisionTreeClassifier:
    """Return a small classification tree."""
    return DecisionTreeClassifier(max_depth=depth, random_state=seed)


def regression_tree(depth: int = 3, seed: int = 0) -> DecisionTreeRegressor:
    """Return a small regression tree."""
    return DecisionTreeRegressor(max_depth=depth, random_state=seed)


def small() -> np.ndarray:
    """Return a table that linear models take: no heavy tails."""
    X = table()
    return np.column_stack([X[:, [0, 2, 4]], np.log(X[:, 1])])


def constant_score(estimator: Any, X: Any, y: Any) -> float:
    """Score every estimator alike, transformers too."""
    return 1.0


def skipped(model: Any, exact: bool, seen: set[tuple[str, bool]]) -> bool:
    """Tell whether a case is left to a full run: all but the first exact and the first inexact one of each class."""
    key = (type(model).__name__, exact)
    if key in seen and not FULL:
        return True
    seen.add(key)
    return False


def some(rows: np.ndarray, seed: int) -> np.ndarray:
    """Return some rows by default, all of them in a full run: a row that raises is found by halving batches, which is slow."""
    if FULL:
        return rows
    return rows[np.sort(np.random.default_rng(seed).permutation(len(rows))[:12])]


def put(cases: Cases, name: str, model: Any, X: np.ndarray, y: Any, exact: bool, largest: float = np.inf) -> None:
    """Fit and add a case with rows at the split points of the first trees inside the model.

    Parameters
    ----------
    largest : rows with a finite value beyond it are left out, where rounding alone decides about them.
    """
    if skipped(model, exact, SEEN):
        return
    fit(model, X, y)
    splits = [s for part in list(getattr(model, "estimators_", []))[:3] for s in thresholds(part)][:200]
    splits = [(column, t) for column, t in splits if column < X.shape[1]]
    rows = hard_rows(np.asarray(X, dtype=np.float64), splits, limit=8)
    rows = rows[~np.any((np.abs(rows) > largest) & np.isfinite(rows), axis=1)]
    cases.add(name, model, some(rows, len(cases.lines)), exact=exact, batch=True)


def voting(cases: Cases) -> None:
    """Add voting: hard and soft, weights, dropped members, as a transformer."""
    X = table()
    trees = [(f"t{i}", tree(3, i)) for i in range(4)]
    mixed = [("t", tree()), ("l", pipe(StandardScaler(), LogisticRegression())), ("f", RandomForestClassifier(5, random_state=0))]
    for k in (2, 3):
        y = NAMES[classes(X, k)]
        for mode in ("hard", "soft"):
            for weights in (None, [1, 2, 3, 1], [0.1, 0.7, 0.0, 1.3]):
                put(cases, f"voting {mode} k={k} {weights}", VotingClassifier(trees, voting=mode, weights=weights), X, y, True)
        put(cases, f"voting mixed k={k}", VotingClassifier(mixed, voting="soft", weights=[2, 1, 1]), X, y, False)
    put(cases, "voting integers", VotingClassifier(trees), X, classes(X, 3) * 5 - 2, True)
    put(cases, "voting booleans", VotingClassifier(trees, voting="soft"), X, classes(X, 2) == 1, True)
    dropped = VotingClassifier(trees, voting="soft", weights=[1, 2, 3, 4]).set_params(t1="drop")
    put(cases, "voting dropped", dropped, X, classes(X, 3), True)
    for mode, flat in (("hard", True), ("soft", True)):
        inner = VotingClassifier(trees, voting=mode, flatten_transform=flat)
        put(cases, f"voting {mode} inside", pipe(inner, tree()), X, classes(X, 3), True)
    negative = fit(VotingClassifier(trees, weights=[1, -1, 1, 1]), X, classes(X, 3))
    cases.refused("voting negative weights", negative, ["weight -1"])
    y = target(X)
    regressors = [
        ("t", regression_tree()),
        ("f", RandomForestRegressor(4, random_state=0)),
        ("h", HistGradientBoostingRegressor(max_iter=4)),
    ]
    for weights in (None, [1, 2, 3], [0.3, 0.1, 0.9]):
        put(cases, f"voting regressor {weights}", VotingRegressor(regressors, weights=weights), X, y, True)
    put(cases, "voting regressor inside", pipe(VotingRegressor(regressors), regression_tree()), X, y, True)
    put(cases, "voting regressor linear", VotingRegressor([*regressors, ("r", Ridge())]), small(), y, False)


def stacking(cases: Cases) -> None:
    """Add stacking: methods, passthrough, prefit, dropped members, several outputs."""
    X = table()
    members = [("t", tree()), ("f", RandomForestClassifier(3, random_state=0)), ("s", tree(2, 5))]
    linear = [("r", RidgeClassifier()), ("l", LogisticRegression()), ("t", tree())]
    for k in (2, 3):
        y = NAMES[classes(X, k)]
        for method in ("auto", "predict_proba", "predict"):
            for passthrough in (False, True):
                model = StackingClassifier(members, tree(), cv=2, stack_method=method, passthrough=passthrough)
                put(cases, f"stacking {method} {passthrough} k={k}", model, X, y, True)
        put(cases, f"stacking linear k={k}", StackingClassifier(linear, cv=2), small(), y, False)
        put(
            cases,
            f"stacking decision k={k}",
            StackingClassifier(linear[:2], cv=2, stack_method="decision_function"),
            small(),
            y,
            False,
        )
    prefit = [(name, fit(model, X, classes(X, 3))) for name, model in members]
    put(cases, "stacking prefit", StackingClassifier(prefit, tree(), cv="prefit"), X, classes(X, 3), True)
    put(cases, "stacking dropped", StackingClassifier([*members, ("d", "drop")], tree(), cv=2), X, classes(X, 3), True)
    put(cases, "stacking inside", pipe(StackingClassifier(members, tree(), cv=2), tree()), X, classes(X, 3), True)
    Y = np.column_stack([classes(X, 2), classes(X, 2, 9), classes(X, 2, 11)])
    forest = RandomForestClassifier(4, random_state=1)
    put(cases, "stacking multilabel", StackingClassifier(members, forest, cv=2), X, Y, True)
    y = target(X)
    regressors = [("t", regression_tree()), ("f", RandomForestRegressor(4, random_state=0))]
    for passthrough in (False, True):
        put(
            cases,
            f"stacking regressor {passthrough}",
            StackingRegressor(regressors, regression_tree(), cv=2, passthrough=passthrough),
            X,
            y,
            True,
        )
    put(cases, "stacking regressor default", StackingRegressor(regressors, cv=2), X, y, False)
    put(cases, "stacking regressor inside", pipe(StackingRegressor(regressors, cv=2), regression_tree()), X, y, True)
    F = frame().fillna({"size": 0.0})
    F["city"] = F["city"].fillna("none")
    yf = (F["floor"] > 3).to_numpy().astype(int)
    encode = ColumnTransformer([("c", OneHotEncoder(handle_unknown="ignore"), ["city"])], remainder="passthrough")
    of_frames = StackingClassifier([("a", pipe(encode, tree())), ("b", pipe(encode, LogisticRegression()))], cv=2)
    cases.add("stacking frames", fit(of_frames, F, yf), frame_rows(F), exact=False, batch=True)
    votes = VotingClassifier([("a", pipe(encode, tree())), ("b", pipe(encode, tree(2)))], voting="soft")
    cases.add("voting frames", fit(votes, F, yf), frame_rows(F), exact=True, batch=True)


def bagging(cases: Cases) -> None:
    """Add bagging: subsets of columns, classes that a bag lacks, votes, decision functions."""
    X = table()
    missing = table(missing=True)
    options: list[dict[str, Any]] = [
        {},
        {"max_features": 0.6},
        {"max_features": 3, "bootstrap_features": True},
        {"bootstrap": False, "max_samples": 0.5},
        {"max_samples": 6},
    ]
    for i, option in enumerate(options):
        for k in (2, 5):
            model = BaggingClassifier(n_estimators=6, random_state=i, **option)
            put(cases, f"bagging {option} k={k}", model, X, NAMES[classes(X, k)], True)
        model = BaggingRegressor(n_estimators=6, random_state=i, **option)
        put(cases, f"bagging regressor {option}", model, X, target(X), True)
    put(cases, "bagging missing", BaggingClassifier(tree(4), 5, random_state=0), missing, classes(missing, 3), True)
    put(
        cases,
        "bagging pipeline",
        BaggingClassifier(pipe(StandardScaler(), tree()), 4, max_features=3, random_state=0),
        X,
        classes(X, 3),
        True,
    )
    model = BaggingClassifier(pipe(tree()), 4, max_samples=5, max_features=3, random_state=0)
    put(cases, "bagging without every class", model, X, classes(X, 4), True)
    put(
        cases,
        "bagging votes",
        BaggingClassifier(pipe(OneVsRestClassifier(regression_tree(2))), 4, max_samples=9, random_state=0),
        X,
        classes(X, 4),
        True,
    )
    put(
        cases,
        "bagging forests",
        BaggingClassifier(RandomForestClassifier(3), 3, max_samples=7, random_state=0),
        X,
        classes(X, 4),
        True,
    )
    for k in (2, 3):
        y = classes(X, k)
        put(cases, f"bagging ridge k={k}", BaggingClassifier(RidgeClassifier(), 4, random_state=0), small(), y, False)
        put(
            cases,
            f"bagging logistic k={k}",
            BaggingClassifier(LogisticRegression(), 4, max_features=2, random_state=0),
            small(),
            y,
            False,
        )
        put(
            cases,
            f"bagging boosting k={k}",
            BaggingClassifier(GradientBoostingClassifier(n_estimators=3), 2, random_state=0),
            X,
            y,
            False,
        )
    put(cases, "bagging svc", BaggingClassifier(SVC(), 3, max_samples=20, random_state=0), small(), classes(X, 3), False)
    put(
        cases,
        "bagging regressor outputs",
        BaggingRegressor(n_estimators=4, random_state=0),
        X,
        np.column_stack([target(X), X[:, 0]]),
        True,
    )
    put(cases, "bagging regressor linear", BaggingRegressor(LinearRegression(), 4, random_state=0), small(), target(X), False)
    lacking = fit(BaggingClassifier(pipe(RidgeClassifier()), 12, max_samples=4, random_state=1), small(), classes(X, 3))
    cases.refused("bagging decisions of other classes", lacking, ["decision_function"])


def weight_boosting(cases: Cases) -> None:
    """Add AdaBoost."""
    X = table()
    for k in (2, 3, 6):
        y = NAMES[classes(X, k)]
        put(cases, f"adaboost k={k}", AdaBoostClassifier(n_estimators=12, random_state=0, learning_rate=0.7), X, y, False)
        put(cases, f"adaboost trees k={k}", AdaBoostClassifier(tree(2), n_estimators=6, random_state=0), X, y, False)
        put(
            cases,
            f"adaboost forests k={k}",
            AdaBoostClassifier(RandomForestClassifier(2, max_depth=2), n_estimators=4, random_state=0),
            X,
            y,
            False,
        )
    put(
        cases,
        "adaboost logistic",
        AdaBoostClassifier(LogisticRegression(), n_estimators=4, random_state=0),
        small(),
        classes(X, 3),
        False,
    )
    for loss in ("linear", "square", "exponential"):
        put(cases, f"adaboost {loss}", AdaBoostRegressor(n_estimators=12, loss=loss, random_state=0), X, target(X), True)
    put(cases, "adaboost regressor ridge", AdaBoostRegressor(Ridge(), n_estimators=5, random_state=0), small(), target(X), False)
    put(
        cases,
        "adaboost regressor many",
        AdaBoostRegressor(regression_tree(1), n_estimators=40, random_state=0),
        X,
        target(X).round(),
        True,
    )


def isolation(cases: Cases) -> None:
    """Add IsolationForest and RandomTreesEmbedding."""
    X = table(n=200)
    missing = table(n=200, missing=True)
    for name, model in (
        ("auto", IsolationForest(n_estimators=12, random_state=0)),
        ("contaminated", IsolationForest(n_estimators=12, contamination=0.1, random_state=0)),
        ("features", IsolationForest(n_estimators=12, max_features=2, contamination=0.05, max_samples=50, random_state=0)),
        ("bootstrap", IsolationForest(n_estimators=6, bootstrap=True, max_features=0.7, max_samples=0.4, random_state=0)),
        ("few", IsolationForest(n_estimators=3, max_samples=2, random_state=0)),
        ("one", IsolationForest(n_estimators=3, max_samples=1, random_state=0)),
    ):
        fit(model, X)
        rows = np.vstack([X, hard_rows(X, [], limit=0)])
        cases.add(f"isolation {name}", model, rows, exact=False, batch=True)
    fit(model := IsolationForest(n_estimators=8, contamination=0.2, random_state=0), missing)
    cases.add("isolation missing", model, hard_rows(missing, []), exact=False, batch=True)
    for sparse in (False, True):
        for option in ({}, {"max_depth": 2, "min_samples_leaf": 5}):
            embedding = RandomTreesEmbedding(4, sparse_output=sparse, random_state=0, **option)
            put(cases, f"embedding {sparse} {option}", embedding, X, None, True)
            put(cases, f"embedding inside {sparse} {option}", pipe(embedding, LogisticRegression()), X, classes(X, 3), False)


def searches(cases: Cases) -> None:
    """Add searches, frozen estimators and thresholds."""
    X = table()
    grid = {"max_depth": [1, 3]}
    y = NAMES[classes(X, 3)]
    for model in (
        GridSearchCV(tree(), grid, cv=2),
        GridSearchCV(pipe(StandardScaler(), tree()), {"s1__max_depth": [2]}, cv=2, refit=True, return_train_score=True),
        GridSearchCV(tree(), grid, cv=2, scoring=["accuracy", "f1_macro"], refit="accuracy"),
        RandomizedSearchCV(tree(), grid, n_iter=2, cv=2, random_state=0),
        HalvingGridSearchCV(tree(), grid, cv=2, random_state=0),
        HalvingRandomSearchCV(tree(), grid, n_candidates=2, cv=2, random_state=0),
        FrozenEstimator(fit(tree(), X, y)),
        pipe(FrozenEstimator(fit(StandardScaler(), X)), tree()),
        pipe(GridSearchCV(pipe(MinMaxScaler()), {"s0__clip": [False]}, scoring=constant_score, cv=2), tree()),
    ):
        put(cases, f"search {type(model).__name__} {len(cases.lines)}", model, X, y, True)
    unfitted = fit(GridSearchCV(tree(), grid, cv=2, refit=False), X, y)
    cases.refused("search refit=False", unfitted, ["refit is False"])
    cases.add(
        "search transformer",
        fit(GridSearchCV(pipe(MinMaxScaler()), {"s0__clip": [True]}, scoring=constant_score, cv=2), X, y),
        X[:9],
    )
    for labels in ([0, 1], ["no", "yes"], [1, 2], [-1, 1], [True, False]):
        y = np.array(labels)[classes(X, 2)]
        for response in ("auto", "predict_proba", "decision_function"):
            for positive in (None, *y[[0]], *y[y != y[0]][:1]):
                if positive is None and labels not in ([0, 1], [-1, 1]):
                    continue
                for threshold in ("auto", 0.3):
                    model = FixedThresholdClassifier(
                        LogisticRegression(), threshold=threshold, pos_label=positive, response_method=response
                    )
                    put(cases, f"fixed {labels} {response} {positive} {threshold}", model, small()[:60], y[:60], False)
    y = classes(X, 2)
    prefit = FrozenEstimator(fit(tree(), X, y))
    put(cases, "fixed frozen", FixedThresholdClassifier(prefit, threshold=0.25), X, y, True)
    alone = FixedThresholdClassifier(fit(tree(), X, y), threshold=0.25)
    cases.add("fixed never fitted", alone, X[:30], exact=True, batch=True)
    for option in (
        {},
        {"response_method": "decision_function"},
        {"scoring": "f1"},
        {"scoring": "neg_mean_absolute_error"},
        {"scoring": "positive_likelihood_ratio"},
        {"scoring": make_scorer(fbeta_score, beta=2, pos_label=0)},
        {"thresholds": [0.2, 0.4, 0.9], "store_cv_results": True},
        {"cv": 0.5, "refit": False, "random_state": 0},
    ):
        put(
            cases,
            f"tuned {len(cases.lines)}",
            TunedThresholdClassifierCV(LogisticRegression(), **{"cv": 2, **option}),
            small(),
            y,
            False,
        )
    model = TunedThresholdClassifierCV(tree(), scoring="f1", cv=2)
    put(cases, "tuned labels 1 and 2", model, X, y + 1, True)
    put(cases, "tuned prefit", TunedThresholdClassifierCV(fit(tree(), X, y), cv="prefit", refit=False), X, y, True)


def calibration(cases: Cases) -> None:
    """Add calibration: methods, ensembles, scores, classes."""
    X = table(n=240)
    S = np.column_stack([X[:, [0, 2, 4]], np.log(X[:, 1])])
    for k in (2, 3):
        y = NAMES[classes(X, k)]
        for method in ("sigmoid", "isotonic", "temperature"):
            for ensemble in ("auto", True, False):
                model = CalibratedClassifierCV(tree(4), method=method, cv=2, ensemble=ensemble)
                put(cases, f"calibrated tree {method} {ensemble} k={k}", model, X, y, method == "isotonic")
            for base in (
                LogisticRegression(),
                LinearSVC(),
                SGDClassifier(random_state=0),
                RidgeClassifier(),
                GradientBoostingClassifier(n_estimators=3),
            ):
                put(
                    cases,
                    f"calibrated {type(base).__name__} {method} k={k}",
                    CalibratedClassifierCV(base, method=method, cv=2),
                    S,
                    y,
                    False,
                )
        frozen = CalibratedClassifierCV(FrozenEstimator(fit(tree(), X, y)), method="isotonic")
        put(cases, f"calibrated frozen k={k}", frozen, X, y, True)
    rare = classes(X, 4)
    rare = np.where(np.arange(len(rare)) < 2, 3, np.minimum(rare, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        put(cases, "calibrated rare class", CalibratedClassifierCV(tree(), method="sigmoid", cv=2), X, rare, False)
    put(cases, "calibrated nine classes", CalibratedClassifierCV(tree(6), method="isotonic", cv=2), X, classes(X, 9), False)


def multiclass(cases: Cases) -> None:
    """Add the wrappers for several classes."""
    X = table()
    S = small()
    for k in (2, 3, 5):
        y = NAMES[classes(X, k)]
        put(cases, f"one vs rest trees k={k}", OneVsRestClassifier(tree(3)), X, y, True)
        put(cases, f"one vs rest regressors k={k}", OneVsRestClassifier(regression_tree(2)), X, y, True)
        put(cases, f"one vs rest logistic k={k}", OneVsRestClassifier(LogisticRegression()), S, y, False)
        put(cases, f"one vs rest svc k={k}", OneVsRestClassifier(LinearSVC()), S, y, False)
        put(cases, f"one vs one trees k={k}", OneVsOneClassifier(tree(2)), X, y, True)
        put(cases, f"one vs one svc k={k}", OneVsOneClassifier(LinearSVC()), S, y, False, 1e6)
        put(cases, f"one vs one logistic k={k}", OneVsOneClassifier(LogisticRegression()), S, y, False, 1e6)
        for size in (0.8, 1.5, 3.0):
            put(
                cases,
                f"output code trees {size} k={k}",
                OutputCodeClassifier(tree(2), code_size=size, random_state=1),
                X,
                y,
                True,
            )
        put(
            cases,
            f"output code logistic k={k}",
            OutputCodeClassifier(LogisticRegression(), code_size=4, random_state=1),
            S,
            y,
            False,
        )
    put(cases, "one vs rest missing", OneVsRestClassifier(tree(3)), table(missing=True), classes(table(missing=True), 3), True)
    Y = np.column_stack([classes(X, 2), classes(X, 2, 9), np.zeros(len(X), int), np.ones(len(X), int)])
    put(cases, "one vs rest multilabel", OneVsRestClassifier(tree(3)), X, Y, True)
    put(cases, "one vs rest multilabel logistic", OneVsRestClassifier(LogisticRegression()), S, Y, False)
    put(cases, "one vs rest multilabel ridge", OneVsRestClassifier(RidgeClassifier()), S, Y[:, :3], False)


def multioutput(cases: Cases) -> None:
    """Add the wrappers for several outputs, and chains."""
    X = table()
    S = small()
    Y = np.column_stack([classes(X, 2), classes(X, 4, 9), classes(X, 3, 11)])
    binary = np.column_stack([classes(X, 2), classes(X, 2, 9), classes(X, 2, 11)])
    put(cases, "multi-output trees", MultiOutputClassifier(tree()), X, NAMES[Y], True)
    put(cases, "multi-output one", MultiOutputClassifier(tree()), X, Y[:, :1], True)
    put(cases, "multi-output logistic", MultiOutputClassifier(LogisticRegression()), S, Y, False)
    put(cases, "multi-output ridge", MultiOutputClassifier(RidgeClassifier()), S, Y, False)
    put(cases, "multi-output regressor", MultiOutputRegressor(regression_tree()), X, Y + 0.5, True)
    put(cases, "multi-output linear", MultiOutputRegressor(Ridge()), S, Y + 0.5, False)
    for order in (None, [2, 0, 1], "random"):
        for method in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
            for cv in (None, 2):
                exact = method in ("predict", "predict_proba")
                base = tree() if exact else LogisticRegression()
                model = ClassifierChain(base, order=order, chain_method=method, cv=cv, random_state=0)
                put(
                    cases,
                    f"chain {order} {method} {cv}",
                    model,
                    X if exact else S,
                    binary,
                    exact,
                )
        put(
            cases,
            f"chain of several classes {order}",
            ClassifierChain(RidgeClassifier(), order=order, random_state=0),
            S,
            binary * 2 - 1,
            False,
        )
        put(cases, f"regressor chain {order}", RegressorChain(regression_tree(), order=order, random_state=0), X, Y + 0.5, True)
    chain = ClassifierChain(GaussianNB(), chain_method="predict_log_proba")
    cases.refused("chain of other logarithms", fit(chain, S, binary), ["no logarithm of its predict_proba"])
    put(cases, "regressor chain linear", RegressorChain(Ridge(), cv=2), S, Y + 0.5, False)


def semi_supervised(cases: Cases) -> None:
    """Add self-training."""
    X = table()
    for k in (2, 3):
        y = classes(X, k)
        y[::3] = -1
        for option in ({}, {"criterion": "k_best", "k_best": 5}, {"threshold": 0.9, "max_iter": None}):
            put(cases, f"self-training {option} k={k}", SelfTrainingClassifier(tree(), **option), X, y, True)
        put(cases, f"self-training logistic k={k}", SelfTrainingClassifier(LogisticRegression()), small(), y, False)
    names = NAMES[classes(X, 3)].astype(object)
    names[::4] = -1
    missing = table(missing=True)
    put(cases, "self-training strings", SelfTrainingClassifier(tree()), X, names, True)
    y = classes(missing, 3)
    y[::5] = -1
    put(cases, "self-training missing", SelfTrainingClassifier(tree()), missing, y, True)


def targets(cases: Cases) -> None:
    """Add regressors of a transformed target: functions and their inverses, and transformers."""
    X = table()
    y = target(X)
    tree_of = regression_tree
    for i, (func, inverse) in enumerate(
        [
            (None, None),
            (np.log1p, np.expm1),
            (np.log, np.exp),
            (np.sqrt, np.square),
            (np.arcsinh, np.sinh),
            (np.negative, np.negative),
        ]
    ):
        model = TransformedTargetRegressor(tree_of(), func=func, inverse_func=inverse, check_inverse=i % 2 == 0)
        put(cases, f"target {func}", model, X, y, func in (None, np.sqrt, np.negative))
    for transformer in (
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        MinMaxScaler((-2, 5)),
        MaxAbsScaler(),
        RobustScaler(),
        RobustScaler(with_centering=False),
        RobustScaler(with_scaling=False),
        QuantileTransformer(n_quantiles=20),
        pipe(MinMaxScaler((1, 3)), StandardScaler()),
    ):
        put(cases, f"target {transformer}", TransformedTargetRegressor(tree_of(), transformer=transformer), X, y, True)
    for transformer in (
        PowerTransformer(),
        PowerTransformer("box-cox"),
        PowerTransformer("box-cox", standardize=False),
        PowerTransformer(standardize=False),
        QuantileTransformer(n_quantiles=20, output_distribution="normal"),
        pipe(FunctionTransformer(np.log1p, np.expm1), StandardScaler()),
    ):
        put(cases, f"target {transformer}", TransformedTargetRegressor(tree_of(), transformer=transformer), X, y, False)
        put(
            cases,
            f"target linear {transformer}",
            TransformedTargetRegressor(Ridge(), transformer=transformer),
            small(),
            y,
            False,
            1e3,
        )
    put(
        cases,
        "target outputs",
        TransformedTargetRegressor(tree_of(), transformer=StandardScaler()),
        X,
        np.column_stack([y, X[:, 0]]),
        True,
    )
    put(cases, "target column", TransformedTargetRegressor(tree_of(), transformer=StandardScaler()), X, y[:, None], True)
    own = fit(TransformedTargetRegressor(tree_of(), func=own_function, inverse_func=own_function, check_inverse=False), X, y)
    cases.refused("target of an own function", own, ["func is"])


def own_function(y: Any) -> Any:
    """Stand for a function of the user's."""
    return y


if __name__ == "__main__":
    main(
        voting,
        stacking,
        bagging,
        weight_boosting,
        isolation,
        searches,
        calibration,
        multiclass,
        multioutput,
        semi_supervised,
        targets,
    )
