"""Cases of imbalanced-learn's Pipeline for model/sklearn/testdata/imblearn, with its own answers.

It is not installed here. Run it in an environment that has the version the folder names, beside scikit-learn and pandas:
python parity_imblearn.py model/sklearn/testdata/imblearn/imbalanced-learn-0.14.2
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from imblearn import FunctionSampler
from imblearn.combine import SMOTEENN, SMOTETomek
from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, BorderlineSMOTE, RandomOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import (
    ClusterCentroids,
    EditedNearestNeighbours,
    NearMiss,
    OneSidedSelection,
    RandomUnderSampler,
    TomekLinks,
)
from packed import Packed, main
from parity import fit
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline as make_plain
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

NAN = float("nan")


def table() -> tuple[np.ndarray, np.ndarray]:
    """Return numbers and two classes, of which one is rare."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(160, 4))
    return X, np.where(X[:, 0] + X[:, 1] > 1.2, "rare", "usual")


def hard(X: np.ndarray) -> np.ndarray:
    """Return rows of X, and rows with a hard cell."""
    out = [x.copy() for x in X[:20]]
    for column in range(X.shape[1]):
        for value in (NAN, np.inf, 1e300, -1e300, 1e-300, -0.0):
            out.append(X[column].copy())
            out[-1][column] = value
    return np.array(out)


def samplers(cases: Packed) -> None:
    """Add a pipeline with each sampler, which it skips for new rows."""
    X, y = table()
    steps = [
        SMOTE(random_state=0), ADASYN(random_state=0), BorderlineSMOTE(random_state=0), RandomOverSampler(random_state=0),
        RandomUnderSampler(random_state=0), TomekLinks(), EditedNearestNeighbours(), NearMiss(),
        OneSidedSelection(random_state=0), ClusterCentroids(random_state=0), SMOTEENN(random_state=0),
        SMOTETomek(random_state=0), FunctionSampler(),
    ]  # fmt: skip
    for step in steps:
        model = fit(make_pipeline(StandardScaler(), step, LogisticRegression()), X, y)
        cases.add(type(step).__name__, model, hard(X), exact=False, batch=True)


def places(cases: Packed) -> None:
    """Add samplers at other places, pipelines of two kinds in each other, and pipelines in other estimators."""
    X, y = table()
    tree = DecisionTreeClassifier(max_depth=4, random_state=0)
    smote, under = SMOTE(random_state=0), RandomUnderSampler(random_state=0)
    for name, model in {
        "first": make_pipeline(smote, StandardScaler(), tree),
        "two": make_pipeline(smote, MinMaxScaler(), under, "passthrough", tree),
        "none": make_pipeline(StandardScaler(), tree),
        "gaps": make_pipeline(SimpleImputer(), smote, RandomForestClassifier(5, random_state=0)),
        "inner": make_plain(StandardScaler(), make_pipeline(smote, tree)),
        "search": GridSearchCV(make_pipeline(StandardScaler(), smote, tree), {"smote__k_neighbors": [2, 3]}, cv=3),
        "voting": VotingClassifier([("a", make_pipeline(under, tree)), ("b", make_pipeline(smote, LogisticRegression()))]),
    }.items():
        cases.add(name, fit(model, X, y), hard(X), exact=name != "voting", batch=True)
    scalers = fit(make_pipeline(smote, StandardScaler(), MinMaxScaler()), X, y)
    cases.add("transform", scalers, hard(X), exact=True, batch=True)


def frames(cases: Packed) -> None:
    """Add pipelines fitted on a DataFrame of numbers and strings."""
    X, y = table()
    F = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    F["kind"] = np.where(X[:, 2] > 0, "up", "down")
    encode = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["kind"]), remainder=StandardScaler())
    rows = F.iloc[:30].copy()
    rows.loc[rows.index[:3], "kind"] = ["left", None, ""]
    rows.loc[rows.index[3:5], "a"] = [NAN, 1e300]
    tree = DecisionTreeClassifier(max_depth=4, random_state=0)
    for name, model in {
        "frame": make_pipeline(encode, SMOTE(random_state=0), tree),
        "mixed": make_pipeline(SMOTENC(["kind"], random_state=0), encode, tree),
        "drawn": make_pipeline(RandomOverSampler(random_state=0), encode, tree),
    }.items():
        cases.add(name, fit(model, F, y), rows, exact=True, batch=True)


if __name__ == "__main__":
    main(samplers, places, frames)
