"""Cases of the predictors that no other script has for model/sklearn/testdata/predictors.

Each scikit-learn version has written its own files and answers, by write_versions.py. 1.3.0 is there beside 1.3.2 because
its AdaBoostClassifier votes in another way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import sklearn
from packed import Packed, main
from parity import fit, pipe
from parity_models import classes, table, target
from sklearn import ensemble, model_selection, multiclass, multioutput, neighbors
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.covariance import EllipticEnvelope
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, Matern, RationalQuadratic, WhiteKernel
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.multioutput import ClassifierChain, RegressorChain
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.semi_supervised import LabelPropagation, LabelSpreading, SelfTrainingClassifier
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
NAN = float("nan")
X = np.column_stack([table()[:, [0, 2, 4]], np.log(table()[:, 1])])[:60]
GAPS = np.where(np.arange(240).reshape(60, 4) % 7 == 3, NAN, X)
Y = target(X)
YY = np.column_stack([Y, -Y + X[:, 0]])
K, B = classes(X, 3), classes(X, 2)
NAMES = np.array(["d", "a", "c"])
LABELS = np.column_stack([B, classes(X, 2, 9), 1 - classes(X, 2, 11)])
ROWS = np.vstack([X[:6] + 0.01, X[8:11] + 0.1, [[0.0, 1, 0.1, NAN], [9.0, -9, 0, 1], [-0.0, 2, 0.1, 50], [np.inf, 0, 0, 0]]])
TREE = DecisionTreeClassifier(max_depth=2, random_state=0)
STUMP = DecisionTreeRegressor(max_depth=2, random_state=0)


def add(cases: Packed, model: Any, y: Any = None, data: Any = X, rows: Any = ROWS) -> None:
    """Fit and add a case."""
    cases.add(f"{len(cases.lines)} {type(model).__name__}", fit(model, data, y), rows, exact=False, batch=True)


def near(cases: Packed) -> None:
    """Add sklearn.neighbors."""
    n = neighbors
    for algorithm in ("brute", "kd_tree", "ball_tree"):
        for weights in ("uniform", "distance"):
            add(cases, n.KNeighborsClassifier(4, algorithm=algorithm, weights=weights), NAMES[K])
        add(cases, n.KNeighborsRegressor(3, algorithm=algorithm, p=1), YY)
    add(cases, n.KNeighborsClassifier(3, metric="manhattan"), LABELS)
    add(cases, n.KNeighborsClassifier(3, metric="chebyshev"), B == 1)
    add(cases, n.RadiusNeighborsClassifier(2.0, outlier_label="most_frequent"), K)
    add(cases, n.RadiusNeighborsRegressor(2.0, weights="distance"), Y)
    add(cases, n.NearestCentroid(), NAMES[K])
    add(cases, n.NearestCentroid(shrink_threshold=0.2), K)
    add(cases, n.LocalOutlierFactor(5, novelty=True))
    for kernel in ("gaussian", "tophat", "epanechnikov"):
        add(cases, n.KernelDensity(bandwidth=1.5, kernel=kernel))


def densities(cases: Packed) -> None:
    """Add outlier detection, mixtures and Gaussian processes."""
    add(cases, ensemble.IsolationForest(n_estimators=5, random_state=0))
    add(
        cases,
        ensemble.IsolationForest(
            n_estimators=5, max_samples=20, max_features=2, contamination=0.1, bootstrap=True, random_state=0
        ),
    )
    add(cases, EllipticEnvelope(support_fraction=0.9, random_state=0))
    for kind in ("full", "tied", "diag", "spherical"):
        add(cases, GaussianMixture(2, covariance_type=kind, random_state=0))
    add(cases, BayesianGaussianMixture(n_components=2, random_state=0))
    for kernel in (None, ConstantKernel() * RBF([1.0] * 4) + WhiteKernel(), Matern(nu=1.5) + DotProduct(), RationalQuadratic()):
        add(cases, GaussianProcessRegressor(kernel, alpha=0.1, normalize_y=True, optimizer=None), Y[::4], X[::4])
    add(cases, GaussianProcessRegressor(alpha=0.1), YY[::4], X[::4])
    add(cases, GaussianProcessClassifier(optimizer=None), B[::4], X[::4])
    add(cases, GaussianProcessClassifier(RBF(2.0), optimizer=None), NAMES[K[::4]], X[::4])


def ensembles(cases: Packed) -> None:
    """Add the ensembles that parity_versions.py has not, and histogram boosting with constraints."""
    e = ensemble
    algorithms = ("SAMME", "SAMME.R") if VERSION < (1, 6) else ("SAMME",)
    for algorithm in algorithms:
        options = {"algorithm": algorithm} if VERSION < (1, 8) else {}
        add(cases, e.AdaBoostClassifier(TREE, n_estimators=3, random_state=0, **options), NAMES[K])
        add(cases, e.AdaBoostClassifier(n_estimators=3, random_state=0, **options), B)
    add(cases, e.AdaBoostRegressor(STUMP, n_estimators=3, random_state=0), Y)
    add(cases, e.BaggingClassifier(TREE, 3, max_features=2, random_state=0), NAMES[K])
    add(cases, e.BaggingClassifier(SVC(), 2, random_state=0), K)
    add(cases, e.BaggingRegressor(STUMP, 3, max_samples=0.5, random_state=0), Y)
    parts = [("a", LogisticRegression()), ("b", TREE), ("c", GaussianNB())]
    for voting in ("hard", "soft"):
        add(cases, e.VotingClassifier(parts, voting=voting, weights=[1, 2, 1]), NAMES[K])
    add(cases, e.VotingRegressor([("a", Ridge()), ("b", STUMP), ("c", "drop")]), Y)
    for through in (False, True):
        add(cases, e.StackingClassifier(parts, cv=2, passthrough=through), NAMES[K])
    add(cases, e.StackingRegressor([("a", Ridge()), ("b", STUMP)], cv=2, final_estimator=LinearRegression()), Y)
    tiny = {"max_iter": 3, "max_leaf_nodes": 5, "random_state": 0}
    hist, regression = e.HistGradientBoostingClassifier, e.HistGradientBoostingRegressor
    add(cases, regression(monotonic_cst=[1, 0, 0, -1], **tiny), Y, GAPS)
    add(cases, regression(interaction_cst=[[0, 1], [2, 3]], early_stopping=True, **tiny), Y, GAPS)
    add(cases, hist(class_weight="balanced", **tiny), NAMES[K], GAPS)
    if VERSION >= (1, 4):
        add(cases, hist(max_features=0.5, warm_start=True, **tiny), B, GAPS)
    small = {"n_estimators": 3, "max_depth": 2, "random_state": 0}
    add(cases, e.GradientBoostingClassifier(subsample=0.7, n_iter_no_change=2, **small), NAMES[K])
    add(cases, e.RandomForestClassifier(oob_score=True, **small), LABELS)
    add(cases, e.ExtraTreesRegressor(bootstrap=True, oob_score=True, **small), YY)
    add(cases, DecisionTreeClassifier(max_depth=3, ccp_alpha=0.01, random_state=0), B == 1)
    add(cases, DecisionTreeClassifier(max_depth=3, random_state=0), K * 2.0)


def wrappers(cases: Packed) -> None:
    """Add what wraps another estimator."""
    ridge, logistic = Ridge(), LogisticRegression()
    for method in ("sigmoid", "isotonic", *(["temperature"] if VERSION >= (1, 8) else [])):
        for whole in (True, False):
            add(cases, CalibratedClassifierCV(GaussianNB(), method=method, cv=2, ensemble=whole), NAMES[K])
            add(cases, CalibratedClassifierCV(LinearSVC(random_state=0), method=method, cv=2, ensemble=whole), B)
    for model in (
        multiclass.OneVsRestClassifier(logistic),
        multiclass.OneVsRestClassifier(LinearSVC(random_state=0)),
        multiclass.OneVsOneClassifier(logistic),
        multiclass.OutputCodeClassifier(logistic, random_state=0),
        model_selection.GridSearchCV(TREE, {"max_depth": [1, 2]}, cv=2),
        model_selection.RandomizedSearchCV(TREE, {"max_depth": [1, 2]}, n_iter=1, cv=2, random_state=0),
        LabelPropagation(),
        LabelSpreading(kernel="knn", n_neighbors=4),
    ):
        add(cases, model, NAMES[K] if "Label" not in type(model).__name__ else K)
    add(cases, SelfTrainingClassifier(GaussianNB()), np.where(np.arange(60) % 3 == 0, -1, K))
    add(cases, multiclass.OneVsRestClassifier(logistic), LABELS)
    add(cases, multioutput.MultiOutputClassifier(logistic), LABELS)
    add(cases, ClassifierChain(logistic, order=[2, 0, 1]), LABELS)
    add(cases, multioutput.MultiOutputRegressor(ridge), YY)
    add(cases, RegressorChain(ridge), YY)
    add(cases, TransformedTargetRegressor(ridge, transformer=MinMaxScaler()), Y)
    add(cases, TransformedTargetRegressor(ridge, func=np.log1p, inverse_func=np.expm1), Y)
    if VERSION >= (1, 5):
        add(cases, model_selection.FixedThresholdClassifier(logistic, threshold=0.3), NAMES[B])
        add(cases, model_selection.TunedThresholdClassifierCV(logistic, cv=2, random_state=0), NAMES[B])
    if VERSION >= (1, 6):
        from sklearn.frozen import FrozenEstimator

        add(cases, CalibratedClassifierCV(FrozenEstimator(fit(GaussianNB(), X, B))), B)
        routed = pipe(FrozenEstimator(fit(StandardScaler(), X)), logistic).set_params(transform_input=["sample_weight"])
        with sklearn.config_context(enable_metadata_routing=True):
            fit(routed, X, B)
        cases.add("transform_input", routed, ROWS, exact=False, batch=True)


def frames(cases: Packed) -> None:
    """Add a ColumnTransformer whose remainder and columns are kept in other ways by each version, and pipelines over it."""
    F = pd.DataFrame(X, columns=["a", "b", "c", "d"]).assign(s=pd.Series(["x", "y", "é"] * 20, dtype=object))
    rows = F.iloc[:8].copy()
    rows.loc[rows.index[2], "s"] = "unseen"
    rows.loc[rows.index[3:5], "a"] = [NAN, 1e6]
    one_hot = OneHotEncoder(handle_unknown="ignore", min_frequency=2)
    for name, parts, rest in (
        ("names", [("n", StandardScaler(), ["a", "b"]), ("s", one_hot, ["s"])], "passthrough"),
        ("numbers", [("s", one_hot, [4])], MinMaxScaler()),
        ("through", [("p", "passthrough", ["d", "a"]), ("s", one_hot, [-1]), ("no", "drop", ["b"])], "drop"),
        (
            "kind",
            [("s", one_hot, make_column_selector(dtype_exclude="number")), ("n", MinMaxScaler(), slice(0, 2))],
            "passthrough",
        ),
    ):
        columns = ColumnTransformer(parts, remainder=rest)
        for head in (TREE, LogisticRegression()):
            piped = fit(pipe(columns, head), F, NAMES[K])
            cases.add(f"columns by {name}, {type(head).__name__}", piped, rows, sample=F, exact=False, batch=True)


if __name__ == "__main__":
    main(near, densities, ensembles, wrappers, frames)
