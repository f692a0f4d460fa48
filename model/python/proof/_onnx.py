"""The usual way, in the same run: stock skl2onnx (float32) and onnxruntime on the same case."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DictionaryType, FloatTensorType, Int64TensorType, StringTensorType

from proof._run import Asked
from sklambda._answers import quietly
from sklambda._compare import Answer, differs
from sklambda._table import Row

__all__ = ["verdict"]

_BOUNDS = {"within 1e-9": 1e-9, "within 1e-5": 1e-5}
_TYPES = {"float64": (FloatTensorType, np.float32), "int64": (Int64TensorType, np.int64), "object": (StringTensorType, object)}
_OPSET = {"": 21, "ai.onnx.ml": 3}


def verdict(asked: Asked) -> str:
    """Convert a fitted estimator as skl2onnx's guide does, and compare what onnxruntime answers.

    Parameters
    ----------
    asked : Asked
        The estimator, its rows and scikit-learn's answers.

    Returns
    -------
    {"exact", "within 1e-9", "within 1e-5", "silently wrong", "refused"}
        Of the rows that scikit-learn answers: those for which it raises are left out, although most of them get an answer
        here. Another label, or a number further off than 1e-5 (absolute or relative), is silently wrong.
    """
    with quietly():
        try:
            session = _session(asked)
            got = [_answer(session, asked, i) for i in range(len(asked.rows))]
        except Exception:
            return "refused"
    pairs = [(want, answer) for want, answer in zip(asked.answers, got) if "error" not in want]
    if any(answer is None for _, answer in pairs):
        return "refused"
    same = [(_only(want, answer), answer) for want, answer in pairs if answer is not None]
    if all(not differs(want, answer, dict.fromkeys(("probabilities", "value"), 0.0)) for want, answer in same):
        return "exact"
    for name, bound in _BOUNDS.items():
        if all(not differs(want, answer, dict.fromkeys(("probabilities", "value"), bound)) for want, answer in same):
            return name
    return "silently wrong"


def _session(asked: Asked) -> Any:
    inputs: list[tuple[str, Any]]
    if asked.on.signature.dicts:  # a map of ONNX has values of one type
        inputs = [("X", DictionaryType(StringTensorType([1]), FloatTensorType([1])))]
    elif asked.on.signature.names:
        inputs = [(c.name, _TYPES[c.dtype][0]([None, 1])) for c in asked.on.columns]
    else:
        width = len(asked.on.columns)
        inputs = [("X", _TYPES[asked.on.columns[0].dtype][0]([None, 1 if asked.on.text else width]))]
    options = {id(asked.estimator): {"zipmap": False}} if hasattr(asked.estimator, "predict_proba") else None
    model = to_onnx(asked.estimator, initial_types=inputs, options=options, target_opset=_OPSET)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    settings.log_severity_level = 4
    return onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])


def _answer(session: Any, asked: Asked, i: int) -> Answer | None:
    """Return what onnxruntime says of a row; None where it raises."""
    try:
        outputs = dict(zip((o.name for o in session.get_outputs()), session.run(None, _feed(asked, asked.rows[i]))))
    except Exception:
        return None
    values = list(outputs.values())
    answer: Answer = {}
    want = asked.answers[i]
    if "labels" in want:
        answer["labels"] = np.asarray(values[0]).ravel().tolist()
    elif "label" in outputs or "label" in want:
        answer["label"] = np.asarray(values[0]).ravel().tolist()[0]
        if "probabilities" in want and len(values) > 1:
            answer["probabilities"] = dict(zip(want["probabilities"], _floats(values[1])))
    elif "value" in want:
        answer["value"] = _floats(values[0])[0]
    else:
        answer["values"] = _floats(values[0])
    return answer


def _feed(asked: Asked, row: Row) -> dict[str, Any]:
    """Return a row as onnxruntime takes it."""
    if asked.on.signature.dicts:
        return {"X": asked.on.signature.table([row])[0]}
    columns = asked.on.columns
    cells = [
        np.array([[math.nan if v is None and c.dtype != "object" else v]], dtype=_TYPES[c.dtype][1]) for v, c in zip(row, columns)
    ]
    return {c.name: cell for c, cell in zip(columns, cells)} if asked.on.signature.names else {"X": np.hstack(cells)}


def _floats(values: Any) -> list[float]:
    return [float(v) for v in np.asarray(values).ravel()]


def _only(want: Answer, answer: Answer) -> Answer:
    """Return the fields of scikit-learn's answer that onnxruntime gives too, numbers as floats."""
    kept = {key: want.get(key) for key in answer}
    loaded: Answer = json.loads(json.dumps(kept), parse_int=float) if not kept.keys() & {"label", "labels"} else kept
    return loaded
