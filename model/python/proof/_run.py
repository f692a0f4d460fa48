"""One case: fit, ask scikit-learn, build, score, compare."""

from __future__ import annotations

import json
import math
import signal
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import joblib
from sklearn.base import clone

from proof._estimators import Fit
from proof._tables import Table, table
from sklambda._answers import Asker, left_out, quietly
from sklambda._binary import Binary
from sklambda._compare import Answer, differs, from_json, is_unsure
from sklambda._errors import BuildError, RefusedError
from sklambda._second import undecided
from sklambda._source import use_one_job
from sklambda._table import Row, row_json, to_json, write_sample

__all__ = ["Asked", "Result", "ask", "prove"]

# Where scikit-learn disagrees with itself by more, a row is undecided.
_BOUND = 1e-12
_SMALL_BATCH = 7
_PATIENCE = 20  # seconds of the processor


@dataclass
class Asked:
    """A fitted estimator and scikit-learn's answers.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    on : Table
        What it was fitted on.
    rows : list of Row
        The decided rows.
    answers : list of Answer
        One a row.
    undecided : int
        Rows left out, because scikit-learn disagrees with itself about them.
    without : tuple of str
        Methods that were not asked.
    """

    estimator: Any
    on: Table
    rows: list[Row]
    answers: list[Answer]
    undecided: int
    without: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the answers as text, by which they are compared to the bit."""
        return json.dumps([to_json(a) for a in self.answers])


@dataclass
class Result:
    """What became of a case.

    Parameters
    ----------
    status : {"exact", "close", "wrong", "refused", "failed"}
        exact: every bit; close: within the manifest's tolerance; wrong: not; failed: build or score ended otherwise.
    rows, errors : int
        Rows compared, and those of them for which scikit-learn raises.
    tolerance : float
        The largest that the manifest states.
    absolute, relative, ulps : float
        The largest differences of a number.
    reasons : tuple of str
        Why it was refused, or what differs.
    rival : str
        What skl2onnx and onnxruntime made of the same case; "" where they were not asked.
    undecided : int
        Rows left out, because scikit-learn says something else in another batch or with other sums.
    """

    status: str
    rows: int = 0
    errors: int = 0
    tolerance: float = 0.0
    absolute: float = 0.0
    relative: float = 0.0
    ulps: float = 0.0
    reasons: tuple[str, ...] = ()
    rival: str = ""
    undecided: int = 0


def ask(estimator: Any, fit: Fit, *, one_by_one: bool) -> Asked | None:
    """Fit an estimator and ask it about the table's rows.

    Parameters
    ----------
    estimator : estimator
        Unfitted.
    fit : (str, str)
        A table and a target, or "none".
    one_by_one : bool
        Whether to ask about each row alone too: slow. Where scikit-learn then answers otherwise the row is undecided.

    Returns
    -------
    Asked or None
        None where scikit-learn refuses the fit, or has no answer for any row.
    """
    on = table(fit[0])
    with quietly(), _bounded():
        try:
            data = [on.X] if fit[1] == "none" else [on.X, on.targets[fit[1]]]
            fitted = clone(estimator).fit(*deepcopy(data))  # a fit with copy=False writes into what it is given
            use_one_job(fitted)
            asker = Asker(fitted, on.signature)
        except Exception:
            return None
        first = [asker.ask_one(row) for row in on.rows] if one_by_one else asker.ask_many(on.rows)
        if all("error" in answer for answer in first):
            return None
        rows, answers = _decided(asker, on.rows, first)
    return Asked(fitted, on, rows, answers, len(on.rows) - len(rows))


@contextmanager
def _bounded() -> Iterator[None]:
    """Let what takes longer than _PATIENCE raise: some values of parameters make a fit endless."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, _PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _decided(asker: Asker, rows: Sequence[Row], first: Sequence[Answer]) -> tuple[list[Row], list[Answer]]:
    """Return the rows about which scikit-learn says the same in batches of other sizes."""
    agrees = [True] * len(rows)
    groups: dict[tuple[str, ...], list[int]] = {}
    for i, row in enumerate(rows):
        if "error" not in first[i]:
            groups.setdefault(asker.signature.dtypes(row), []).append(i)
    for group in groups.values():
        for size in (len(group), _SMALL_BATCH):
            for start in range(0, len(group), size):
                part = group[start : start + size]
                try:
                    batch = asker.ask([rows[i] for i in part])
                except Exception:
                    batch = [{"error": {}}] * len(part)
                for i, answer in zip(part, batch):
                    agrees[i] &= not differs(first[i], answer, {})
    kept = [i for i, ok in enumerate(agrees) if ok]
    return [rows[i] for i in kept], [first[i] for i in kept]


def prove(asked: Asked, binary: Binary, folder: Path) -> Result:
    """Build the fitted estimator, score the rows and compare with scikit-learn's answers.

    Parameters
    ----------
    asked : Asked
        The estimator, rows and answers.
    binary : Binary
        The Go binary.
    folder : Path
        For the files of the case: pipeline.joblib, sample.csv or sample.jsonl, rows.jsonl, answers.jsonl.

    Returns
    -------
    Result
        What came out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(asked.estimator, folder / "pipeline.joblib")
    sample = write_sample(asked.on.X, folder)
    columns = asked.on.columns
    for name, lines in (("rows", [row_json(r, columns) for r in asked.rows]), ("answers", [to_json(a) for a in asked.answers])):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=folder) as out:
        artifact = Path(out) / "artifact"
        try:
            binary.build(folder / "pipeline.joblib", sample, artifact)
            got = _score(binary, artifact, folder / "rows.jsonl")
        except RefusedError as refused:
            return Result("refused", reasons=tuple(refused.reasons))
        except (BuildError, subprocess.SubprocessError) as failed:
            return Result("failed", reasons=(str(failed),))
        manifest = json.loads((artifact / "manifest.json").read_bytes())
    if without := left_out(manifest):
        with quietly():
            asked = replace(asked, without=without, answers=_without_score(asked, without))
    return _compare(asked, got, {o["name"]: float(o["tolerance"]) for o in manifest["outputs"]}, folder)


def _without_score(asked: Asked, without: tuple[str, ...]) -> list[Answer]:
    """Return the answers without those of score_samples; only where scikit-learn raises, for that perhaps, it is asked again."""
    asker = Asker(asked.estimator, asked.on.signature, without=without)
    return [
        asker.ask_one(row) if "error" in answer else {key: value for key, value in answer.items() if key != "score"}
        for row, answer in zip(asked.rows, asked.answers)
    ]


def _score(binary: Binary, artifact: Path, rows: Path) -> list[Answer]:
    done = subprocess.run(
        [str(binary.path), "score", "--model", str(artifact), "--in", str(rows), "--out", "-"],
        capture_output=True,
        check=False,
        timeout=120,
    )
    if done.returncode != 0:
        raise BuildError(f"score ended with status {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-500:]}")
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def _compare(asked: Asked, got: Sequence[Answer], bounds: dict[str, float], folder: Path) -> Result:
    if len(got) != len(asked.rows):
        return Result("failed", reasons=(f"score gave {len(got)} rows for {len(asked.rows)}",))
    got = [from_json(have) for have in got]
    off = [i for i, (want, have) in enumerate(zip(asked.answers, got)) if differs(want, have, bounds)]
    left = {i for i in off if is_unsure(got[i])}
    rest = [i for i in off if i not in left]
    unsure = left | set(_unsure(asked, rest, bounds, folder) if rest else ())
    kept = [i for i in range(len(got)) if i not in unsure]
    errors = sum("error" in asked.answers[i] for i in kept)
    result = Result("exact", len(kept), errors, max(bounds.values(), default=0.0), undecided=asked.undecided + len(unsure))
    for i in kept:
        for one, other in _numbers(asked.answers[i], got[i]):
            _measure(result, one, other)
    if wrong := [i for i in off if i not in unsure]:
        result.status = "wrong"
        want, have = (json.dumps(to_json(answers[wrong[0]]))[:300] for answers in (asked.answers, got))
        result.reasons = (f"row {asked.rows[wrong[0]]}: scikit-learn {want}, sklambda {have}",)
    elif result.ulps > 0:
        result.status = "close"
    return result


def _unsure(asked: Asked, off: Sequence[int], bounds: dict[str, float], folder: Path) -> list[int]:
    """Return those of the rows about which scikit-learn says something else alone, or with its sums in another order."""
    asker = Asker(asked.estimator, asked.on.signature, without=asked.without)
    with quietly():
        alone = [i for i in off if differs(asked.answers[i], asker.ask_one(asked.rows[i]), bounds)]
    off = [i for i in off if i not in alone]
    rows, answers = [asked.rows[i] for i in off], [asked.answers[i] for i in off]
    return alone + ([off[i] for i in undecided(folder / "pipeline.joblib", asker, rows, answers, bounds)] if off else [])


def _numbers(want: Any, have: Any) -> list[tuple[float, float]]:
    """Return the pairs of finite numbers of two answers of the same shape."""
    if isinstance(want, dict) and isinstance(have, dict):
        return [
            pair for key in want.keys() & have.keys() if key not in ("label", "labels") for pair in _numbers(want[key], have[key])
        ]
    if isinstance(want, list) and isinstance(have, list):
        return [pair for one, other in zip(want, have) for pair in _numbers(one, other)]
    pair = isinstance(want, (int, float)) and isinstance(have, (int, float)) and math.isfinite(want) and math.isfinite(have)
    return [(float(want), float(have))] if pair else []


def _measure(result: Result, want: float, have: float) -> None:
    difference = abs(want - have)
    result.absolute = max(result.absolute, difference)
    if difference and want:
        result.relative = max(result.relative, difference / abs(want))
    result.ulps = max(result.ulps, abs(_ordinal(want) - _ordinal(have)))


def _ordinal(value: float) -> int:
    """Return the place of a float64 among all of them: neighbours are 1 apart, -0.0 and 0.0 too."""
    bits = int(struct.unpack("<q", struct.pack("<d", value))[0])
    return bits if bits >= 0 else -(2**63) - bits - 1
