"""Cases of DictVectorizer and FeatureHasher for model/sklearn/testdata/dicts: files that each scikit-learn version has written.

Run it under each version: python parity_versions_dicts.py model/sklearn/testdata/dicts/<scikit-learn version>
"""

from __future__ import annotations

import numpy as np
import sklearn
from packed import Packed, main
from parity import Dicts, fit, pipe
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])

ROWS = Dicts(
    [
        {"city": "Köln", "size": 1.5, "new": True},
        {"city": "Bonn", "size": -0.0, "new": False},
        {"city": "", "Größe=": 3},
        {"size": 0.1, "Größe=": 2**53 + 1},
        {"city": "a=b", "new": True},
        {"city": "Bonn", "size": 0.7, "Größe=": 1e-300, "new": False},
    ]
)
ASKED = Dicts(
    [*ROWS, {}, {"city": "unseen"}, {"size": 1e300}, {"city": "köln", "size": 2.5, "Größe=": -7.25, "new": True}], ROWS.keys
)


def dicts(cases: Packed) -> None:
    """Add both classes, alone and with a model behind."""
    y = np.arange(len(ROWS)) % 2
    firsts = [
        DictVectorizer(),
        DictVectorizer(sparse=False),
        DictVectorizer(sort=False, separator="::"),
        DictVectorizer(sparse=False, dtype=np.float32),
        FeatureHasher(n_features=6),
        FeatureHasher(n_features=2, alternate_sign=False),
        FeatureHasher(n_features=2, dtype=np.float32),
    ]
    if VERSION < (1, 9):
        firsts.append(DictVectorizer(dtype=np.float32))
    for first in firsts:
        tree = pipe(first, DecisionTreeClassifier(random_state=0))
        cases.add(f"{first}", fit(first, ROWS), ASKED, sample=ROWS)
        cases.add(f"{first}, tree", fit(tree, ROWS, y), ASKED, sample=ROWS)
        if first.dtype == np.float64:
            linear = pipe(first, LogisticRegression())
            cases.add(f"{first}, linear", fit(linear, ROWS, y), ASKED, sample=ROWS, exact=False)
    names = [f"key {j}" for j in range(40)]
    values = np.random.default_rng(0).normal(size=(6, 40)) * 10.0 ** np.arange(40)
    wide = Dicts([dict(zip(names, row.tolist())) for row in values])
    cases.add("sums", FeatureHasher(n_features=3), wide, sample=wide)


if __name__ == "__main__":
    main(dicts)
