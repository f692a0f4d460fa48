"""How each class of scikit-learn is fitted in the proof: its required parameters, its tables and targets."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.decomposition import PCA
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils import all_estimators

from proof._tables import table

__all__ = ["Spec", "answers_new_rows", "classes", "spec"]

Fit = tuple[str, str]  # a table and a target
_Beside = dict[str, dict[str, Any]]  # further parameters, by parameter


@dataclass(frozen=True)
class Spec:
    """How a class is fitted.

    Parameters
    ----------
    params : dict
        The parameters of the default case: the required ones, small sizes, random_state=0.
    fits : sequence of (table, target)
        What it is fitted on; each is a case.
    beside : dict of str to dict
        By parameter: further parameters under which its values have an effect, in the compared default too.
    """

    params: dict[str, Any]
    fits: Sequence[Fit]
    beside: dict[str, dict[str, Any]] = field(default_factory=dict)


_CLASSES: Sequence[Fit] = (("hard", "classes"), ("hard", "binary"), ("iris", "classes"))
_NUMBERS: Sequence[Fit] = (("hard", "number"), ("diabetes", "number"))
_MANY_NUMBERS: Sequence[Fit] = (*_NUMBERS, ("hard", "numbers"))
_MANY_CLASSES: Sequence[Fit] = (*_CLASSES, ("hard", "pair"))
_TRANSFORM: Sequence[Fit] = (("hard", "classes"), ("iris", "classes"))
_GAPS: Sequence[Fit] = (("missing", "classes"), ("hard", "classes"))
_POSITIVE: Sequence[Fit] = (("positive", "classes"), ("positive", "binary"))
_TEXTS: Sequence[Fit] = (("texts", "classes"),)
_DICTS: Sequence[Fit] = (("dicts", "classes"),)

# Smaller than the defaults, so that thousands of fits take minutes.
_SMALL = {"n_estimators": 8, "max_iter": 200, "n_init": 2, "random_state": 0, "n_jobs": None}


def _grid(estimator: Any, name: str, values: Sequence[Any]) -> dict[str, Any]:
    return {"estimator": estimator, "param_grid": {name: list(values)}, "cv": 3}


def _required() -> dict[str, dict[str, Any]]:
    """Return the parameters that a class cannot do without, or not sensibly."""
    logistic, tree = LogisticRegression(), DecisionTreeClassifier(max_depth=3, random_state=0)
    regressors = [("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=3, random_state=0))]
    classifiers = [("a", logistic), ("b", tree), ("c", GaussianNB())]
    columns = [("a", StandardScaler(), [0, 2]), ("b", MinMaxScaler(), [1]), ("c", OneHotEncoder(handle_unknown="ignore"), [3])]
    return {
        "ColumnTransformer": {"transformers": columns},
        "FeatureUnion": {"transformer_list": [("a", StandardScaler()), ("b", PCA(2))]},
        "Pipeline": {"steps": [("a", StandardScaler()), ("b", logistic)]},
        "FrozenEstimator": {"estimator": StandardScaler().fit(table("hard").X)},
        "GridSearchCV": _grid(logistic, "C", [0.1, 1.0]),
        "RandomizedSearchCV": {"estimator": logistic, "param_distributions": {"C": [0.1, 1.0, 3.0]}, "n_iter": 2, "cv": 3},
        "HalvingGridSearchCV": _grid(logistic, "C", [0.1, 1.0]),
        "HalvingRandomSearchCV": {"estimator": logistic, "param_distributions": {"C": [0.1, 1.0, 3.0]}, "cv": 3},
        "FixedThresholdClassifier": {"estimator": logistic},
        "TunedThresholdClassifierCV": {"estimator": logistic, "cv": 3},
        "VotingClassifier": {"estimators": classifiers},
        "VotingRegressor": {"estimators": regressors},
        "StackingClassifier": {"estimators": classifiers, "cv": 3},
        "StackingRegressor": {"estimators": regressors, "cv": 3},
        "ClassifierChain": {"estimator": logistic},
        "RegressorChain": {"estimator": Ridge()},
        "MultiOutputClassifier": {"estimator": logistic},
        "MultiOutputRegressor": {"estimator": Ridge()},
        "OneVsOneClassifier": {"estimator": logistic},
        "OneVsRestClassifier": {"estimator": logistic},
        "OutputCodeClassifier": {"estimator": logistic},
        "SelfTrainingClassifier": {"estimator": logistic},
        "CalibratedClassifierCV": {"cv": 3},
        "RFE": {"estimator": logistic, "n_features_to_select": 2},
        "RFECV": {"estimator": logistic, "cv": 3},
        "SelectFromModel": {"estimator": logistic},
        "SequentialFeatureSelector": {"estimator": logistic, "n_features_to_select": 2, "cv": 3},
        "SelectKBest": {"k": 2},
        "SelectFpr": {"alpha": 0.5},
        "SelectFdr": {"alpha": 0.5},
        "SelectFwe": {"alpha": 0.5},
        "GenericUnivariateSelect": {"mode": "k_best", "param": 2},
        "SparseCoder": {"dictionary": np.eye(6)[:4] + 0.1},
        "TransformedTargetRegressor": {"regressor": Ridge(), "transformer": MinMaxScaler()},
        "RANSACRegressor": {"estimator": LinearRegression(), "min_samples": 0.5},
        "TruncatedSVD": {"n_components": 2},
        "LocalOutlierFactor": {"novelty": True, "n_neighbors": 8},
        "IterativeImputer": {"max_iter": 3},
        "OrthogonalMatchingPursuitCV": {"max_iter": 4},
        "FunctionTransformer": {"func": np.log1p},
        "QuantileTransformer": {"n_quantiles": 20},
        "GaussianRandomProjection": {"n_components": 3},
        "SparseRandomProjection": {"n_components": 3},
        "HashingVectorizer": {"n_features": 64},
        "FeatureHasher": {"n_features": 16},
        "HistGradientBoostingClassifier": {"max_iter": 8, "min_samples_leaf": 4},
        "HistGradientBoostingRegressor": {"max_iter": 8, "min_samples_leaf": 4},
        "MLPClassifier": {"hidden_layer_sizes": (6, 4), "max_iter": 60},
        "MLPRegressor": {"hidden_layer_sizes": (6, 4), "max_iter": 60},
        "SplineTransformer": {"n_knots": 4},
        "PolynomialCountSketch": {"n_components": 8},
        "RBFSampler": {"n_components": 8},
        "SkewedChi2Sampler": {"n_components": 8},
        "Nystroem": {"n_components": 8},
        "RandomTreesEmbedding": {"n_estimators": 4, "max_depth": 3},
        "LatentDirichletAllocation": {"n_components": 3, "max_iter": 5},
        "DictionaryLearning": {"n_components": 4, "max_iter": 20},
        "MiniBatchDictionaryLearning": {"n_components": 4, "max_iter": 5},
        "SparsePCA": {"n_components": 3, "max_iter": 20},
        "MiniBatchSparsePCA": {"n_components": 3, "max_iter": 5},
        "NMF": {"n_components": 3},
        "MiniBatchNMF": {"n_components": 3},
        "FastICA": {"n_components": 3},
        "FactorAnalysis": {"n_components": 2},
        "KernelPCA": {"n_components": 3},
        "BernoulliRBM": {"n_components": 4, "n_iter": 3},
        "BayesianGaussianMixture": {"n_components": 3},
        "GaussianMixture": {"n_components": 3},
        "KMeans": {"n_clusters": 3},
        "MiniBatchKMeans": {"n_clusters": 3},
        "BisectingKMeans": {"n_clusters": 3},
        "EllipticEnvelope": {"support_fraction": 0.9},
        "NeighborhoodComponentsAnalysis": {"max_iter": 10},
    }


def _fits() -> dict[str, Sequence[Fit]]:
    """Return the tables of the classes that need others than their kind's."""
    positive = (
        "MultinomialNB",
        "ComplementNB",
        "AdditiveChi2Sampler",
        "SkewedChi2Sampler",
        "NMF",
        "MiniBatchNMF",
        "LatentDirichletAllocation",
    )
    gaps = ("SimpleImputer", "KNNImputer", "MissingIndicator", "IterativeImputer")
    texts = ("CountVectorizer", "TfidfVectorizer", "HashingVectorizer")
    many = ("KNeighborsClassifier", "RadiusNeighborsClassifier", "DecisionTreeClassifier", "ExtraTreeClassifier",
            "RandomForestClassifier", "ExtraTreesClassifier", "DummyClassifier")  # fmt: skip
    many_numbers = ("LinearRegression", "Ridge", "RidgeCV", "Lasso", "ElasticNet", "KNeighborsRegressor",
                    "RadiusNeighborsRegressor", "DecisionTreeRegressor", "ExtraTreeRegressor", "RandomForestRegressor",
                    "ExtraTreesRegressor", "DummyRegressor", "GaussianProcessRegressor", "KernelRidge", "MLPRegressor",
                    "Lars", "OrthogonalMatchingPursuit",
                    "PLSRegression", "TransformedTargetRegressor")  # fmt: skip
    only_many = ("MultiTaskElasticNet", "MultiTaskElasticNetCV", "MultiTaskLasso", "MultiTaskLassoCV", "MultiOutputRegressor",
                 "RegressorChain", "CCA", "PLSCanonical")  # fmt: skip
    fits: dict[str, Sequence[Fit]] = {
        **dict.fromkeys(positive, _POSITIVE),
        **dict.fromkeys(gaps, _GAPS),
        **dict.fromkeys(texts, _TEXTS),
        **dict.fromkeys(("DictVectorizer", "FeatureHasher"), _DICTS),
        **dict.fromkeys(many, _MANY_CLASSES),
        **dict.fromkeys(many_numbers, _MANY_NUMBERS),
        **dict.fromkeys(only_many, (("hard", "numbers"), ("diabetes", "numbers"))),
    }
    fits |= {
        "OneHotEncoder": (("mixed", "classes"), ("strings", "classes"), ("levels", "classes")),
        "OrdinalEncoder": (("mixed", "classes"), ("strings", "classes"), ("levels", "classes")),
        "TargetEncoder": (("mixed", "number"), ("strings", "binary"), ("levels", "classes")),
        "CategoricalNB": (("levels", "classes"), ("levels", "binary")),
        "IsotonicRegression": (("column", "number"),),
        "PowerTransformer": (("hard", "classes"), ("positive", "classes")),
        "HistGradientBoostingClassifier": (*_CLASSES, ("missing", "classes")),
        "HistGradientBoostingRegressor": (*_NUMBERS, ("missing", "number")),
        "RidgeClassifier": (*_CLASSES, ("hard", "labels")),
        "MLPClassifier": (*_CLASSES, ("hard", "labels")),
        "OneVsRestClassifier": (*_CLASSES, ("hard", "labels")),
        "MultiOutputClassifier": (("hard", "pair"), ("hard", "labels")),
        "ClassifierChain": (("hard", "labels"), ("hard", "pair")),
        "FixedThresholdClassifier": (("hard", "binary"), ("iris", "binary")),
        "TunedThresholdClassifierCV": (("hard", "binary"), ("iris", "binary")),
        "SelfTrainingClassifier": (("hard", "partly"), ("iris", "partly")),
        "QuadraticDiscriminantAnalysis": (("iris", "classes"), ("iris", "binary")),
        "OrthogonalMatchingPursuitCV": (("diabetes", "number"),),
        "LabelEncoder": (("labels", "none"),),
        "LabelBinarizer": (("labels", "none"),),
        "TfidfTransformer": (("positive", "classes"), ("levels", "classes")),
        "BernoulliNB": (*_CLASSES, ("levels", "classes")),
        "BernoulliRBM": (("unit", "classes"),),
        "PLSSVD": (("hard", "numbers"),),
        "PLSCanonical": (("hard", "numbers"),),
        "CCA": (("hard", "numbers"),),
        "KernelCenterer": (("kernel", "classes"),),
        "SparseCoder": (("hard", "classes"),),
        "LinearDiscriminantAnalysis": _CLASSES,
    }
    return fits


def _beside() -> dict[str, _Beside]:
    """Return, by class and parameter, what else must be set for its values to have an effect."""
    poly = {"kernel": "poly"}
    kernels = {"degree": poly, "coef0": poly, "gamma": {"kernel": "rbf"}}
    svm = {"degree": poly, "coef0": poly}
    neighbors = {"p": {"metric": "minkowski"}, "leaf_size": {"algorithm": "kd_tree"}}
    sgd: _Beside = {"l1_ratio": {"penalty": "elasticnet"}, "epsilon": {"loss": "huber"}, "eta0": {"learning_rate": "constant"},
           "power_t": {"learning_rate": "invscaling", "eta0": 0.1}, "validation_fraction": {"early_stopping": True},
           "n_iter_no_change": {"early_stopping": True}, "tol": {"early_stopping": True}}  # fmt: skip
    mlp: _Beside = {"learning_rate": {"solver": "sgd"}, "power_t": {"solver": "sgd", "learning_rate": "invscaling"},
           "momentum": {"solver": "sgd"},
           "nesterovs_momentum": {"solver": "sgd"}, "validation_fraction": {"early_stopping": True},
           "max_fun": {"solver": "lbfgs"}}  # fmt: skip
    boosting = {"validation_fraction": {"n_iter_no_change": 2}, "tol": {"n_iter_no_change": 2}}
    hist: _Beside = {name: {"early_stopping": True} for name in ("validation_fraction", "n_iter_no_change", "tol")}
    rare = {"handle_unknown": "infrequent_if_exist"}
    return {
        "LogisticRegression": {"l1_ratio": {"solver": "saga"}, "intercept_scaling": {"solver": "liblinear"}},
        "SVC": {**svm, "break_ties": {"decision_function_shape": "ovr"}},
        "NuSVC": svm, "SVR": svm, "NuSVR": svm, "OneClassSVM": svm,
        "KernelRidge": kernels, "KernelPCA": kernels, "Nystroem": kernels,
        "SGDClassifier": sgd, "SGDRegressor": sgd, "Perceptron": sgd, "MLPClassifier": mlp, "MLPRegressor": mlp,
        "KNeighborsClassifier": neighbors, "KNeighborsRegressor": neighbors, "RadiusNeighborsClassifier": neighbors,
        "RadiusNeighborsRegressor": neighbors,
        "GradientBoostingClassifier": boosting,
        "GradientBoostingRegressor": {**boosting, "alpha": {"loss": "quantile"}},
        "HistGradientBoostingClassifier": hist,
        "HistGradientBoostingRegressor": {**hist, "quantile": {"loss": "quantile"}},
        "OneHotEncoder": {"min_frequency": rare, "max_categories": rare},
        "OrdinalEncoder": {"unknown_value": {"handle_unknown": "use_encoded_value"}, "handle_unknown": {"unknown_value": -2}},
        "SimpleImputer": {"fill_value": {"strategy": "constant"}},
        "TweedieRegressor": {"link": {"power": 1}},
        "LinearDiscriminantAnalysis": {"shrinkage": {"solver": "lsqr"}},
        "KBinsDiscretizer": {"subsample": {"strategy": "quantile"}},
        "VotingClassifier": {"flatten_transform": {"voting": "soft"}},
    }  # fmt: skip


def classes() -> dict[str, type]:
    """Return every public class of scikit-learn by name."""
    return dict(all_estimators())


def answers_new_rows(cls: type) -> bool:
    """Tell whether a class has a method that answers for rows it has not seen."""
    methods = ("predict", "predict_proba", "decision_function", "score_samples", "transform")
    return any(hasattr(cls, method) for method in methods) or cls.__name__ == "FrozenEstimator"


def spec(cls: type) -> Spec:
    """Return how a class is fitted.

    Parameters
    ----------
    cls : type
        A class of scikit-learn.

    Returns
    -------
    Spec
        Its parameters, tables and targets.
    """
    name = cls.__name__
    accepted = inspect.signature(cls).parameters
    params = {key: value for key, value in _SMALL.items() if key in accepted} | _required().get(name, {})
    fits = _fits().get(name)
    if fits is None:
        made = cls(**params)
        fits = _CLASSES if is_classifier(made) else _NUMBERS if is_regressor(made) else _TRANSFORM
    return Spec(params, fits, _beside().get(name, {}))
