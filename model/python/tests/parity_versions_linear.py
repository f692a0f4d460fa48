"""Cases of the classes that add up products for model/sklearn/testdata/linear: files that each scikit-learn version has written.

Run it under each version: python parity_versions_linear.py model/sklearn/testdata/linear/<scikit-learn version>
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sklearn
from packed import Packed, main
from parity import fit, pipe
from parity_models import classes, hard_rows, table, target
from scipy import sparse
from sklearn import linear_model as lm
from sklearn.decomposition import KernelPCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.isotonic import IsotonicRegression
from sklearn.kernel_approximation import (
    AdditiveChi2Sampler,
    Nystroem,
    PolynomialCountSketch,
    RBFSampler,
    SkewedChi2Sampler,
)
from sklearn.kernel_ridge import KernelRidge
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.neural_network import BernoulliRBM, MLPClassifier, MLPRegressor
from sklearn.preprocessing import KernelCenterer
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR, OneClassSVM

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
X = np.column_stack([table()[:, [0, 2, 4]], np.log(table()[:, 1])])[:60]
Y = target(X)
YY = np.column_stack([Y, -Y + X[:, 0]])
LABELS = np.column_stack([classes(X, 2), classes(X, 2, 9), 1 - classes(X, 2, 11)])
NAMES = np.array(["d", "a", "c", "b"])
HUGE = [1e300, -1e300, 3.5e38, 3.4028235e38, 3.4028235677973366e38, 2.0**53 + 2]
ROWS = np.array([row for row in hard_rows(X, []) if not np.isin(row, HUGE).any()])[::5]


def add(cases: Packed, model: Any, y: Any = None, data: Any = X, rows: np.ndarray = ROWS) -> None:
    """Fit and add a case."""
    fit(model, data, y)
    sample = X[:9] if "Dummy" in type(model).__name__ else None  # before 1.5 they keep no count of columns
    cases.add(f"{len(cases.lines)} {type(model).__name__}", model, rows, sample=sample, exact=False, batch=True)


def linear(cases: Packed) -> None:
    """Add the linear models; a file holds the parameters of its version."""
    regressors: list[Any] = [
        lm.ARDRegression(),
        lm.BayesianRidge(),
        lm.ElasticNetCV(cv=3),
        lm.HuberRegressor(),
        lm.Lars(n_nonzero_coefs=2),
        lm.LarsCV(cv=3),
        lm.LassoCV(cv=3),
        lm.LassoLars(alpha=0.01),
        lm.LassoLarsCV(cv=3),
        lm.LassoLarsIC(),
        lm.OrthogonalMatchingPursuit(),
        lm.OrthogonalMatchingPursuitCV(cv=3),
        lm.PassiveAggressiveRegressor(random_state=0),
        lm.QuantileRegressor(solver="highs"),
        lm.RidgeCV(),
        lm.RidgeCV(cv=3),
        lm.SGDRegressor(random_state=0, average=True),
        lm.TheilSenRegressor(random_state=0, max_subpopulation=50),
        lm.RANSACRegressor(random_state=0, min_samples=10),
        lm.PoissonRegressor(),
        lm.GammaRegressor(),
        lm.TweedieRegressor(power=1.5),
        lm.TweedieRegressor(),
        LinearSVR(random_state=0),
        SVR(),
        NuSVR(kernel="poly"),
        KernelRidge(kernel="rbf"),
        DummyRegressor(strategy="median"),
        MLPRegressor(hidden_layer_sizes=(4,), max_iter=9, random_state=0),
    ]
    for model in regressors:
        add(cases, model, Y)
    for model in (
        lm.MultiTaskLasso(0.01),
        lm.MultiTaskLassoCV(cv=3),
        lm.MultiTaskElasticNet(0.01),
        lm.MultiTaskElasticNetCV(cv=3),
    ):
        add(cases, model, YY)
    add(cases, lm.RidgeClassifier(), LABELS)
    add(cases, lm.SGDOneClassSVM(random_state=0))


def classifiers(cases: Packed) -> None:
    """Add the classifiers, with two and with three classes."""
    for k in (2, 3):
        models: list[Any] = [
            *(lm.SGDClassifier(loss=loss, random_state=0) for loss in ("hinge", "log_loss", "modified_huber")),
            lm.Perceptron(random_state=0),
            lm.PassiveAggressiveClassifier(random_state=0),
            lm.RidgeClassifier(),
            lm.RidgeClassifierCV(),
            lm.LogisticRegressionCV(Cs=2, cv=2),
            LinearSVC(random_state=0),
            SVC(),
            SVC(probability=True, random_state=0, decision_function_shape="ovo"),
            SVC(break_ties=True, kernel="sigmoid"),
            NuSVC(nu=0.2, probability=True, random_state=0),
            LinearDiscriminantAnalysis(),
            LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
            QuadraticDiscriminantAnalysis(reg_param=0.1),
            GaussianNB(),
            BernoulliNB(),
            DummyClassifier(),
            MLPClassifier((4,), max_iter=9, random_state=0),
        ]
        if VERSION < (1, 8):
            models.append(lm.LogisticRegressionCV(Cs=2, cv=2, multi_class="ovr"))
        for model in models:
            add(cases, model, NAMES[classes(X, k)])
        add(cases, SVC(probability=True, random_state=0), classes(X, k), sparse.csr_matrix(X))
        for model in (MultinomialNB(), ComplementNB()):
            add(cases, model, classes(X, k), np.abs(X))
        codes = np.column_stack([X[:, 1] + 3, np.arange(60) % 4])
        add(cases, CategoricalNB(), classes(X, k), codes, np.vstack([codes[:9], codes[:3] - 0.5, codes[:3] + 9]))
    add(cases, MLPClassifier((4,), max_iter=9, random_state=0), LABELS)
    add(cases, OneClassSVM(nu=0.2))
    for bounds in ("nan", "clip", "raise"):
        model = fit(IsotonicRegression(out_of_bounds=bounds), X[:, 0], Y)
        cases.add(f"isotonic {bounds}", model, np.linspace(-4, 4, 17)[:, None], batch=True)


def features(cases: Packed) -> None:
    """Add the transformers."""
    positive = np.abs(X)
    for model in (
        Nystroem(n_components=5, random_state=0),
        RBFSampler(n_components=5, random_state=0),
        PolynomialCountSketch(n_components=8, random_state=0, coef0=1),
        KernelPCA(n_components=2, kernel="rbf"),
        KernelPCA(n_components=2, kernel="poly", gamma=0.1),
        BernoulliRBM(n_components=3, n_iter=2, random_state=0),
    ):
        add(cases, model)
    for model in (SkewedChi2Sampler(n_components=5, random_state=0), AdditiveChi2Sampler(), AdditiveChi2Sampler(sample_steps=3)):
        add(cases, model, data=positive, rows=np.vstack([np.abs(ROWS), ROWS[-5:]]))
    add(cases, KernelCenterer(), data=X @ X.T, rows=X[:9] @ X.T)
    reduce = fit(LinearDiscriminantAnalysis(), X, classes(X, 3))
    head = fit(lm.LinearRegression(), reduce.transform(X), Y)
    cases.add("reduced", pipe(reduce, head), ROWS, exact=False, batch=True)


if __name__ == "__main__":
    main(linear, classifiers, features)
