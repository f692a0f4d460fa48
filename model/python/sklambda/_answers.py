"""scikit-learn's own answers, and whether it agrees with itself about them."""

from __future__ import annotations

import json
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.neural_network import BernoulliRBM
from threadpoolctl import threadpool_limits

from sklambda._compare import Answer, differs
from sklambda._errors import RefusedError
from sklambda._progress import progress
from sklambda._table import Row, Signature, to_json

__all__ = ["Answers", "Asker", "left_out", "offers", "quietly", "threshold_reasons"]

# The methods that are asked. transform is asked only of what has no predict.
_METHODS = ("predict", "predict_proba", "decision_function", "score_samples")
# Rows of the second batch that is asked: BLAS takes other paths for other shapes.
_SMALL_BATCH = 16


@contextmanager
def quietly() -> Iterator[None]:
    """Silence warnings, and keep sums reproducible: one thread."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), threadpool_limits(limits=1):
        warnings.simplefilter("ignore")
        yield


def offers(estimator: Any, method: str) -> bool:
    """Tell whether an estimator has a method that has answers, the same each time.

    Parameters
    ----------
    estimator : estimator
        A fitted pipeline or estimator.
    method : str
        The name of the method.

    Returns
    -------
    bool
        False, too, for `score_samples` of a BernoulliRBM, which is drawn at random, and for `predict_proba` of a
        GaussianProcessClassifier whose classes vote one against one: it raises for every row.
    """
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    votes = isinstance(last, GaussianProcessClassifier) and last.multi_class == "one_vs_one" and last.n_classes_ > 2
    if (isinstance(last, BernoulliRBM) and method == "score_samples") or (votes and method == "predict_proba"):
        return False
    return hasattr(estimator, method)


def left_out(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the methods that an artifact's answers do without: those of which build notes so.

    Parameters
    ----------
    manifest : mapping
        The artifact's manifest.

    Returns
    -------
    tuple of str
        Names of methods.
    """
    notes = manifest.get("notes", ())
    return tuple(name for name in _METHODS if any(f"the answers have no {name}: " in note for note in notes))


def threshold_reasons(estimator: Any, threshold: float | None) -> list[str]:
    """Return why a threshold cannot decide the label of an estimator: nothing if it can.

    Parameters
    ----------
    estimator : estimator
        A fitted pipeline or estimator.
    threshold : float or None
        The threshold, if one is asked for.
    """
    if threshold is None:
        return []
    kind = type(estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator).__name__
    if not 0 <= threshold <= 1:
        return [f"threshold {threshold} is no probability: give one from 0 to 1"]
    if not hasattr(estimator, "predict_proba"):
        return [f"{kind}: a threshold of {threshold} needs predict_proba, which it does not offer: leave the threshold out"]
    classes = getattr(estimator, "classes_", None)
    if isinstance(classes, list) or len(np.asarray(classes)) != 2:
        return [f"{kind}: a threshold of {threshold} needs one output of two classes: leave the threshold out"]
    return []


def _plain(values: Any) -> Any:
    """Return numbers, strings and booleans of numpy as Python's own, exactly."""
    if hasattr(values, "toarray"):
        values = values.toarray()
    return np.asarray(values).tolist()


def _key(label: Any) -> str:
    """Return a class as JSON prints it: the number 1.0 is 1. scikit-learn takes whole floats alone for classes."""
    if isinstance(label, str):
        return label
    return json.dumps(int(label) if isinstance(label, float) and label.is_integer() else label)


@dataclass
class Asker:
    """Asks a pipeline for all it offers.

    Parameters
    ----------
    estimator : estimator
        A fitted pipeline or estimator, set to one job.
    signature : Signature
        Its input table.
    threshold : float or None
        With it, a binary label is the positive class when the unrounded probability is at least this.
    std : bool, default False
        Whether a regressor is asked for the standard deviation of its values as well.
    without : tuple of str, default ()
        Methods that are not asked.
    """

    estimator: Any
    signature: Signature
    threshold: float | None = None
    std: bool = False
    without: tuple[str, ...] = ()
    methods: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.methods = tuple(name for name in _METHODS if name not in self.without and offers(self.estimator, name))
        if "predict" not in self.methods and hasattr(self.estimator, "transform"):
            self.methods += ("transform",)
        if not self.methods:
            raise RefusedError([f"{type(self.estimator).__name__}: it offers none of predict and transform"])

    def ask(self, rows: Sequence[Row]) -> list[Answer]:
        """Return the answers for rows of the same dtypes, asked in one batch.

        Parameters
        ----------
        rows : sequence of Row
            At least one row.

        Returns
        -------
        list of Answer
            One a row. What scikit-learn raises is raised.
        """
        table = self.signature.table(rows)
        got = {name: getattr(self.estimator, name)(table) for name in self.methods if not (self.std and name == "predict")}
        if "transform" in got and np.ndim(got["transform"]) == 1:  # LabelEncoder's is, and SparsePCA's of one row
            got["transform"] = np.reshape(got["transform"], (len(rows), -1))
        answers: list[Answer] = [{} for _ in rows]
        if self.std:
            got["predict"], std = self.estimator.predict(table, return_std=True)
            for answer, value in zip(answers, _plain(std)):
                answer["std"] = value
        if "predict" in got:
            self._predictions(answers, got["predict"], got.get("predict_proba"))
        for name, key in (
            ("decision_function", "decision"),
            ("score_samples", "score"),
            ("transform", "values"),
        ):
            if name in got:
                for answer, value in zip(answers, _plain(got[name])):
                    answer[key] = value
        return answers

    def ask_one(self, row: Row) -> Answer:
        """Return the answer for one row: ``{"error": {}}`` where scikit-learn raises.

        Where it raises for a row that is alone, the row is asked twice in one table: SparsePCA gives one row in one dimension,
        which no step behind it takes.
        """
        for rows in ([row], [row, row]):
            try:
                return self.ask(rows)[0]
            except Exception:
                continue
        return {"error": {}}

    def ask_many(self, rows: Sequence[Row]) -> list[Answer]:
        """Return the answers, asked for many rows at once; where scikit-learn raises, for each half.

        Parameters
        ----------
        rows : sequence of Row
            At least one row, of any dtypes.

        Returns
        -------
        list of Answer
            One a row, ``{"error": {}}`` where scikit-learn raises for it alone.
        """
        if len(rows) == 1:
            return [self.ask_one(rows[0])]
        if len({self.signature.dtypes(row) for row in rows}) == 1:
            try:
                return self.ask(rows)
            except Exception:  # for one of the rows, or more
                pass
        half = len(rows) // 2
        return self.ask_many(rows[:half]) + self.ask_many(rows[half:])

    def _predictions(self, answers: list[Answer], predicted: Any, proba: Any) -> None:
        if np.shape(predicted)[1:] == (1,) and np.ndim(proba) == 2 and np.shape(proba)[1] > 1:
            predicted = np.ravel(predicted)  # CatBoost's labels, where there are more than two classes, are a column
        values = _plain(predicted)
        if is_regressor(self.estimator):
            for answer, value in zip(answers, values):
                many = isinstance(value, list) and len(value) != 1
                answer["values" if many else "value"] = value[0] if isinstance(value, list) and not many else value
        elif np.ndim(predicted) == 2:
            for answer, value in zip(answers, values):
                answer["labels"] = value
        else:
            for answer, value in zip(answers, values):
                answer["label"] = value
        if isinstance(proba, list):
            outputs = [self._named(_plain(c), _plain(p)) for c, p in zip(self.estimator.classes_, proba)]
            for answer, named in zip(answers, zip(*outputs)):
                answer["probabilities"] = list(named)
        elif proba is not None and np.ndim(predicted) == 2:
            # multilabel: one number for each output
            for answer, row in zip(answers, _plain(proba)):
                answer["probabilities"] = row
        elif proba is not None:
            # a mixture has no classes_: its labels are the indices of its components
            classes = getattr(self.estimator, "classes_", range(np.shape(proba)[1]))
            self._probabilities(answers, _plain(classes), _plain(proba))

    @staticmethod
    def _named(classes: list[Any], proba: list[list[float]]) -> list[dict[str, float]]:
        keys = [_key(label) for label in classes]
        return [dict(zip(keys, row)) for row in proba]

    def _probabilities(self, answers: list[Answer], classes: list[Any], proba: list[list[float]]) -> None:
        for answer, row, named in zip(answers, proba, self._named(classes, proba)):
            if self.threshold is not None:
                answer["label"] = classes[1] if row[1] >= self.threshold else classes[0]
            positive = len(classes) == 2 and is_classifier(self.estimator)
            answer["probability"] = row[1] if positive else row[classes.index(answer["label"])]
            answer["probabilities"] = named


@dataclass
class Answers:
    """The rows that scikit-learn has an answer for, with it.

    Parameters
    ----------
    rows : list of Row
        The decided rows.
    answers : list of Answer
        One a row.
    undecided : int
        How many rows were left out, because scikit-learn disagrees with itself about them.
    """

    rows: list[Row] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    undecided: int = 0

    @property
    def errors(self) -> int:
        """How many of the rows scikit-learn raises for."""
        return sum("error" in answer for answer in self.answers)

    def add(self, asker: Asker, rows: Sequence[Row], bounds: Mapping[str, float]) -> None:
        """Ask for further rows, one by one and in batches, and keep those on which the answers agree.

        Parameters
        ----------
        asker : Asker
            The pipeline.
        rows : sequence of Row
            The rows.
        bounds : mapping of str to float
            The allowed difference by output of the plan.
        """
        single = [asker.ask_one(row) for row in progress(rows, len(rows), "asking scikit-learn: row")]
        decided = [True] * len(rows)
        for batch in _batches(asker.signature, rows, single):
            try:
                answers = asker.ask([rows[i] for i in batch])
            except Exception:
                answers = [{"error": {}}] * len(batch)
            for i, answer in zip(batch, answers):
                decided[i] &= not differs(single[i], answer, bounds)
        for row, answer, keep in zip(rows, single, decided):
            if keep:
                self.rows.append(row)
                self.answers.append({key: to_json(value) for key, value in answer.items()})
            else:
                self.undecided += 1

    def leave_out(self, indices: Collection[int]) -> None:
        """Leave out rows that turned out to be undecided.

        Parameters
        ----------
        indices : collection of int
            Their places in `rows`.
        """
        kept = [i for i in range(len(self.rows)) if i not in indices]
        self.undecided += len(self.rows) - len(kept)
        self.rows = [self.rows[i] for i in kept]
        self.answers = [self.answers[i] for i in kept]


def _batches(signature: Signature, rows: Sequence[Row], answers: Sequence[Answer]) -> Iterator[list[int]]:
    """Yield the rows that have an answer, grouped by dtypes: each group whole, and again in small batches."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for i, row in enumerate(rows):
        if "error" not in answers[i]:
            groups.setdefault(signature.dtypes(row), []).append(i)
    for group in groups.values():
        yield group
        for start in range(0, len(group), _SMALL_BATCH):
            yield group[start : start + _SMALL_BATCH]
