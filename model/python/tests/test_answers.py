from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.decomposition import SparsePCA
from sklearn.ensemble import IsolationForest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from sklambda import RefusedError
from sklambda._answers import Answers, Asker, left_out, threshold_reasons
from sklambda._table import Column, Row, Signature

_COLUMNS = (Column("a", "float64", "nan"), Column("b", "float64", "nan"))
_SIGNATURE = Signature(_COLUMNS, names=False, text=False)
_X = np.random.default_rng(0).normal(size=(60, 2))
_ROWS: list[Row] = [(0.5, 1.0), (-1.0, 2), (3.0, -0.25)]
_BINARY = (_X[:, 0] > 0).astype(int)
_THREE = np.array(["low", "mid", "high"])[np.digitize(_X[:, 0], [-0.5, 0.5])]


def _ask(estimator: Any, threshold: float | None = None) -> list[dict[str, Any]]:
    return Asker(estimator, _SIGNATURE, threshold).ask(_ROWS)


def _table() -> Any:
    return _SIGNATURE.table(_ROWS)


def test_standard_deviation() -> None:
    """The deviation comes with the value, for one output and for several."""
    model = make_pipeline(StandardScaler(), GaussianProcessRegressor(RBF(), alpha=0.1, optimizer=None)).fit(_X, _X[:, 0])
    values, std = model.predict(_table(), return_std=True)
    assert Asker(model, _SIGNATURE, std=True).ask(_ROWS) == [
        {"value": v, "std": s} for v, s in zip(values.tolist(), std.tolist())
    ]
    model.fit(_X, _X)
    values, std = model.predict(_table(), return_std=True)
    assert Asker(model, _SIGNATURE, std=True).ask(_ROWS) == [
        {"values": v, "std": s} for v, s in zip(values.tolist(), std.tolist())
    ]


def test_binary_classifier() -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(_X, _BINARY)
    proba, decision, labels = model.predict_proba(_table()), model.decision_function(_table()), model.predict(_table())
    for i, answer in enumerate(_ask(model)):
        assert list(answer) == ["label", "probability", "probabilities", "decision"]
        assert answer["label"] == labels[i]
        assert type(answer["label"]) is int
        assert answer["probability"] == proba[i, 1]
        assert answer["probabilities"] == {"0": proba[i, 0], "1": proba[i, 1]}
        assert answer["decision"] == decision[i]


def test_several_classes() -> None:
    model = LogisticRegression().fit(_X, _THREE)
    proba, decision, labels = model.predict_proba(_table()), model.decision_function(_table()), model.predict(_table())
    for i, answer in enumerate(_ask(model)):
        assert answer["label"] == labels[i]
        assert list(answer["probabilities"]) == ["high", "low", "mid"]
        assert answer["probability"] == answer["probabilities"][labels[i]] == proba[i].max()
        assert answer["decision"] == decision[i].tolist()


def test_a_classifier_without_probabilities() -> None:
    (answer, *_) = _ask(RidgeClassifier().fit(_X, _BINARY))
    assert list(answer) == ["label", "decision"]


@pytest.mark.parametrize(
    ("classes", "keys"),
    [([False, True], ["false", "true"]), ([0, 10], ["0", "10"]), ([0.0, 2.0], ["0", "2"]), (["no", "ýes"], ["no", "ýes"])],
    ids=str,
)
def test_classes_are_keyed_as_json_prints_them(classes: list[Any], keys: list[str]) -> None:
    answers = _ask(DecisionTreeClassifier().fit(_X, np.array(classes)[_BINARY]))
    assert list(answers[0]["probabilities"]) == keys
    assert all(type(answer["label"]) is type(classes[0]) and answer["label"] in classes for answer in answers)


def test_several_outputs() -> None:
    model = DecisionTreeClassifier(max_depth=2).fit(_X, np.column_stack([_BINARY, np.digitize(_X[:, 1], [0, 1])]))
    labels, proba = model.predict(_table()), model.predict_proba(_table())
    for i, answer in enumerate(_ask(model)):
        assert list(answer) == ["labels", "probabilities"]
        assert answer["labels"] == labels[i].tolist()
        assert answer["probabilities"] == [
            dict(zip("01", proba[0][i].tolist())),
            dict(zip("012", proba[1][i].tolist())),
        ]


def test_multilabel_probabilities_are_one_number_for_each_output() -> None:
    labels = np.column_stack([_BINARY, 1 - _BINARY, _X[:, 1] > 0]).astype(int)
    for answer in _ask(OneVsRestClassifier(DecisionTreeClassifier(max_depth=2)).fit(_X, labels)):
        assert len(answer["labels"]) == 3
        assert [p > 0.5 for p in answer["probabilities"]] == [label == 1 for label in answer["labels"]]


class _Column(DecisionTreeClassifier):  # type: ignore[misc]
    """Gives its labels as a column, as CatBoost does for more than two classes."""

    def predict(self, X: Any, check_input: bool = True) -> Any:
        return super().predict(X, check_input).reshape(-1, 1)


def test_a_column_of_labels_has_one_for_each_row() -> None:
    column = _Column(max_depth=3, random_state=0).fit(_X, _THREE)
    assert _ask(column) == _ask(DecisionTreeClassifier(max_depth=3, random_state=0).fit(_X, _THREE))


def test_regressors() -> None:
    one = DecisionTreeRegressor(max_depth=3).fit(_X, _X[:, 0])
    assert _ask(one) == [{"value": value} for value in one.predict(_table()).tolist()]
    column = LinearRegression().fit(_X, _X[:, :1])
    assert _ask(column) == [{"value": value} for value in column.predict(_table())[:, 0].tolist()]
    two = LinearRegression().fit(_X, _X)
    assert _ask(two) == [{"values": values} for values in two.predict(_table()).tolist()]


def test_a_transform_of_one_dimension_has_one_value_a_row() -> None:
    encoder = LabelEncoder().fit(["a", "b", "c"])
    signature = Signature((Column("x0", "object", "nan"),), names=False, text=False)
    assert Asker(encoder, signature).ask([("c",), ("a",)]) == [{"values": [2]}, {"values": [0]}]


def test_transformers_and_scores() -> None:
    scaler = StandardScaler().fit(_X)
    assert _ask(scaler) == [{"values": values} for values in scaler.transform(_table()).tolist()]
    encoder = LabelEncoder().fit([-1.0, 0.5, 3.0])
    one_column = Signature(_COLUMNS[:1], names=False, text=True)
    assert Asker(encoder, one_column).ask([(3.0,), (0.5,)]) == [{"values": [2]}, {"values": [1]}]
    machine = BernoulliRBM(n_components=3, n_iter=2, random_state=0).fit(_BINARY[:, None] * np.ones(2))
    assert _ask(machine) == [{"values": values} for values in machine.transform(_table()).tolist()]  # its scores are random
    forest = IsolationForest(n_estimators=5, random_state=0).fit(_X)
    assert [list(answer) for answer in _ask(forest)] == [["label", "decision", "score"]] * 3


def test_a_row_alone_is_answered_as_among_others() -> None:
    sparse_pca = SparsePCA(2, max_iter=5, random_state=0).fit(_X)
    values = sparse_pca.transform(_table()).tolist()
    asker = Asker(sparse_pca, _SIGNATURE)
    assert [asker.ask_one(row)["values"] for row in _ROWS] == [pytest.approx(v, rel=1e-12) for v in values]
    model = make_pipeline(sparse_pca, LogisticRegression()).fit(_X, _BINARY)
    assert Asker(model, _SIGNATURE).ask_one(_ROWS[0])["label"] == model.predict(_table())[0]


class _Sparse(BaseEstimator):  # type: ignore[misc]
    def transform(self, X: Any) -> Any:
        return csr_matrix(X)


def test_sparse_output_is_written_out() -> None:
    assert _ask(_Sparse())[1] == {"values": [-1.0, 2.0]}


def test_an_estimator_without_answers_is_refused() -> None:
    with pytest.raises(RefusedError, match="BaseEstimator: it offers none of predict and transform"):
        Asker(BaseEstimator(), _SIGNATURE)


@pytest.mark.parametrize("side", [-1, 0, 1])
def test_threshold_decides_the_label_on_the_unrounded_probability(side: int) -> None:
    model = LogisticRegression().fit(_X, _BINARY)
    p = model.predict_proba(_SIGNATURE.table(_ROWS[:1]))[0, 1]
    threshold = float(p if side == 0 else np.nextafter(p, side * np.inf))
    answer = Asker(model, _SIGNATURE, threshold).ask(_ROWS[:1])[0]
    assert answer["label"] == (1 if p >= threshold else 0) == (0 if side > 0 else 1)
    assert answer["probability"] == p


@pytest.mark.parametrize(
    ("estimator", "threshold", "reason"),
    [
        (LogisticRegression().fit(_X, _BINARY), 0.5, None),
        (RidgeClassifier().fit(_X, _BINARY), None, None),
        (RidgeClassifier().fit(_X, _BINARY), 0.5, "RidgeClassifier: a threshold of 0.5 needs predict_proba"),
        (make_pipeline(StandardScaler(), LinearRegression()).fit(_X, _BINARY), 0.5, "LinearRegression: .* needs predict_proba"),
        (LogisticRegression().fit(_X, _THREE), 0.5, "needs one output of two classes"),
        (DecisionTreeClassifier().fit(_X, np.column_stack([_BINARY, _BINARY])), 0.5, "needs one output of two classes"),
        (LogisticRegression().fit(_X, _BINARY), 1.5, "no probability"),
        (LogisticRegression().fit(_X, _BINARY), math.nan, "no probability"),
    ],
)
def test_a_threshold_needs_a_probability_to_compare_with(estimator: Any, threshold: float | None, reason: str | None) -> None:
    reasons = threshold_reasons(estimator, threshold)
    if reason is None:
        assert reasons == []
    else:
        assert len(reasons) == 1
        assert re.search(reason, reasons[0])


class _Moody(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Answers differently in a batch where a row says so, and raises for a negative one."""

    def predict(self, X: Any) -> Any:
        if (X[:, 0] < 0).any():
            raise ValueError("negative")
        return X[:, 0] + (X[:, 1] if len(X) > 1 else 0)


def test_rows_on_which_it_disagrees_with_itself_are_left_out_and_counted() -> None:
    rows: list[Row] = [(1.0, 0.0), (2.0, 1e-11), (3.0, 1e-13), (-1.0, 0.0), (4.0, 5.0)]
    answers = Answers()
    answers.add(Asker(_Moody(), _SIGNATURE), rows, {"value": 1e-12})
    assert answers.rows == [rows[0], rows[2], rows[3]]
    assert answers.answers == [{"value": 1.0}, {"value": 3.0}, {"error": {}}]
    assert (answers.undecided, answers.errors) == (2, 1)


class _Crowded(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Raises for a batch."""

    def predict(self, X: Any) -> Any:
        if len(X) > 1:
            raise MemoryError
        return np.array(["x"])


def test_rows_that_cannot_be_asked_in_a_batch_are_undecided() -> None:
    answers = Answers()
    answers.add(Asker(_Crowded(), _SIGNATURE), _ROWS, {})
    assert (answers.rows, answers.undecided) == ([], 3)


def test_numbers_that_are_not_finite_are_strings() -> None:
    answers = Answers()
    answers.add(Asker(_Moody(), _SIGNATURE), [(math.inf, 0.0), (math.nan, 0.0)], {})
    assert answers.answers == [{"value": "Infinity"}, {"value": "NaN"}]


def test_many_rows_are_asked_at_once_and_an_error_is_of_its_row_alone() -> None:
    asked: list[int] = []

    class Counting(_Moody):
        def predict(self, X: Any) -> Any:
            asked.append(len(X))
            return super().predict(X) - (X[:, 1] if len(X) > 1 else 0)

    rows: list[Row] = [(float(i), 0.0) for i in range(8)]
    rows[5] = (-1.0, 0.0)
    want = [{"value": row[0]} for row in rows]
    want[5] = {"error": {}}
    assert Asker(Counting(), _SIGNATURE).ask_many(rows) == want
    assert asked == [8, 4, 4, 2, 1, 1, 2, 2]  # the row that raises alone is asked twice in one table, too


def test_rows_are_left_out_later() -> None:
    answers = Answers([(0.0,), (1.0,), (2.0,)], [{"value": 0.0}, {"value": 1.0}, {"value": 2.0}], 4)
    answers.leave_out({0, 2})
    assert answers == Answers([(1.0,)], [{"value": 1.0}], 6)


def test_what_build_notes_as_left_out_is_not_asked() -> None:
    note = "pca (sklearn.decomposition._pca.PCA): the answers have no score_samples: it takes no sparse input"
    assert left_out({"notes": ["null in column x is None", note]}) == ("score_samples",)
    assert left_out({"notes": ["null in column x is None"]}) == left_out({}) == ()
