"""Cases of ensembles around XGBoost, which answers in float32, for model/sklearn/testdata/single, with answers of scikit-learn.

XGBoost is not installed here. Run it in an environment that has the version the folder names, beside scikit-learn and pandas:
python parity_single.py model/sklearn/testdata/single/xgboost-3.2.0
"""

from __future__ import annotations

from typing import Any

import numpy as np
from boosted_rows import rows, table
from packed import Packed, main
from parity import fit
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    BaggingRegressor,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multioutput import MultiOutputRegressor
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier, XGBRegressor

DEPTHS = (1, 2, 3)


def regressors(count: int) -> list[tuple[str, Any]]:
    """Return small regressors of unlike depths."""
    return [(f"m{i}", XGBRegressor(n_estimators=3, max_depth=1 + i % 4, n_jobs=1)) for i in range(count)]


def classifiers() -> list[tuple[str, Any]]:
    """Return small classifiers of unlike depths."""
    return [(f"m{i}", XGBClassifier(n_estimators=3, max_depth=depth, n_jobs=1)) for i, depth in enumerate(DEPTHS)]


def single(cases: Packed) -> None:
    """Add what numpy computes in float32, what it does not, and what is refused."""
    X = table(120)
    y = 1e5 * np.exp(np.nan_to_num(X[:, 0]) / 2 + X[:, 1])
    two = (y > np.median(y)).astype(int)
    asked = rows(X, [])
    one = regressors(3)[2][1]
    exact = {
        "voting": VotingRegressor(regressors(3)),
        "voting with weights": VotingRegressor(regressors(3), weights=[1, 2, 3]),
        "voting of nine": VotingRegressor(regressors(9)),
        "bagging": BaggingRegressor(one, 5, random_state=0),
        "stacking under a forest": StackingRegressor(regressors(2), RandomForestRegressor(5, random_state=0), cv=2),
    }
    for name, model in exact.items():
        cases.add(name, fit(model, X, y), asked, exact=name not in ("voting of nine", "voting with weights"))
    cases.add("voting of classifiers", fit(VotingClassifier(classifiers(), voting="soft"), X, two), asked, exact=False)
    for name, func, inverse in (("log1p", np.log1p, np.expm1), ("log", np.log, np.exp), ("sqrt", np.sqrt, np.square)):
        target = TransformedTargetRegressor(one, func=func, inverse_func=inverse)
        cases.add(f"target {name}", fit(target, X, y), asked, exact=name == "sqrt")
    several = TransformedTargetRegressor(MultiOutputRegressor(one), func=np.log, inverse_func=np.exp)
    cases.add("target of two columns", fit(several, X, np.column_stack([y, y / 7])), asked, exact=False)
    scaled = fit(TransformedTargetRegressor(one, transformer=StandardScaler()), X, y)
    cases.refused("target scaled", scaled, ["float32 predictions of the regressor"])
    cases.refused("stacking", fit(StackingRegressor(regressors(2), Ridge(), cv=2), X, y), ["float32 input to float32 coef_"])
    stacked = StackingClassifier(classifiers(), LogisticRegression(), cv=2)
    cases.refused("stacking of classifiers", fit(stacked, X, two), ["float32 input to float32 coef_"])


if __name__ == "__main__":
    main(single)
