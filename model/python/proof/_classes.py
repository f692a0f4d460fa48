"""All cases of one class: its default on every table, and every value of its parameters."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proof._estimators import answers_new_rows, classes, spec
from proof._run import Asked, Result, ask, prove
from proof._values import Value, values
from sklambda._binary import Binary

__all__ = ["Outcome", "Report", "prove_class", "report_of"]

# From the worst to the best.
_ORDER = ("failed", "wrong", "refused", "close", "exact")


@dataclass
class Outcome:
    """What became of one value of a parameter, or of the default.

    Parameters
    ----------
    label : str
        The value as in a call; "" for the default.
    counts : bool
        Whether it changes any bit of an answer against the default.
    results : list of Result
        One for each table on which it changes one (of the default: for each table).
    """

    label: str
    counts: bool
    results: list[Result] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The worst status of its results."""
        return min((r.status for r in self.results), key=_ORDER.index)

    @property
    def works(self) -> bool:
        """Whether all of its results are right."""
        return self.status in ("exact", "close")


@dataclass
class Report:
    """What became of a class.

    Parameters
    ----------
    name, module : str
        Of the class.
    answers : bool
        Whether it has a method that answers for new rows.
    default : Outcome or None
        None where scikit-learn fits it on none of the tables.
    values : list of Outcome
        One for each value that counts or fails.
    idle : list of str
        Values that change no bit of an answer.
    """

    name: str
    module: str
    answers: bool
    default: Outcome | None = None
    values: list[Outcome] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        """One of "supported", "refused" (on every table) and "no answer": it has none for new rows, or is not fitted on rows."""
        if self.default is None:
            return "no answer"
        return "refused" if {r.status for r in self.default.results} == {"refused"} else "supported"


def report_of(data: dict[str, Any]) -> Report:
    """Return a report that was written as JSON.

    Parameters
    ----------
    data : dict
        What dataclasses.asdict made of it.

    Returns
    -------
    Report
        As it was.
    """

    def outcome(of: dict[str, Any]) -> Outcome:
        results = [Result(**{**r, "reasons": tuple(r["reasons"])}) for r in of["results"]]
        return Outcome(of["label"], of["counts"], results)

    default = outcome(data["default"]) if data["default"] else None
    return Report(**{**data, "default": default, "values": [outcome(v) for v in data["values"]]})


def prove_class(name: str, binary: Binary, folder: Path, extent: str) -> Report:
    """Prove one class.

    Parameters
    ----------
    name : str
        Its public name.
    binary : Binary
        The Go binary.
    folder : Path
        Receives a folder for each case.
    extent : {"one", "rival", "all"}
        The default on one table alone; the default on every table, about which skl2onnx and onnxruntime are asked too; or the
        default and every value of a parameter on every table.

    Returns
    -------
    Report
        What came out.
    """
    cls = classes()[name]
    report = Report(name, cls.__module__, answers_new_rows(cls))
    if not report.answers:
        return report
    of = spec(cls)
    case = _Case(binary, folder, rival=extent == "rival")
    defaults = {fit: ask(cls(**of.params), fit, one_by_one=True) for fit in (of.fits[:1] if extent == "one" else of.fits)}
    results = [case.prove(a, f"default-{fit[0]}-{fit[1]}") for fit, a in defaults.items() if a is not None]
    if not results:
        return report
    report.default = Outcome("", True, results)
    if extent == "all":
        prover = _Prover(cls, of.params, defaults, of.beside, case)
        for value in values(cls, cls(**of.params).get_params(deep=False)):
            outcome = prover.value(value)
            if outcome is not None and outcome.counts:
                report.values.append(outcome)
            else:
                report.idle.append(str(value))
    return report


@dataclass
class _Case:
    """Proves cases, each in a folder of its own."""

    binary: Binary
    folder: Path
    rival: bool
    proven: int = 0

    def prove(self, asked: Asked, name: str) -> Result:
        self.proven += 1
        folder = self.folder / f"{self.proven:04d}-{name}"
        result = prove(asked, self.binary, folder)
        if result.status in ("exact", "close"):
            shutil.rmtree(folder)
        if self.rival:
            from proof._onnx import verdict  # only the environment of the comparison has onnxruntime

            result.rival = verdict(asked)
        return result


@dataclass
class _Prover:
    cls: type
    params: dict[str, Any]
    defaults: dict[tuple[str, str], Asked | None]
    beside: dict[str, dict[str, Any]]
    case: _Case

    def value(self, value: Value) -> Outcome | None:
        """Try a value on every table; None where scikit-learn takes it on none."""
        outcome = Outcome(str(value), counts=False)
        for beside in self._companions(value):
            for fit, default in self.defaults.items():
                self._on(outcome, value, beside, fit, default)
            if outcome.counts:
                break
        return outcome if outcome.results else None

    def _companions(self, value: Value) -> Iterator[dict[str, Any]]:
        yield {}
        if value.parameter in self.beside:
            yield self.beside[value.parameter]

    def _on(self, outcome: Outcome, value: Value, beside: dict[str, Any], fit: tuple[str, str], default: Asked | None) -> None:
        params = {**self.params, **beside}
        if beside:
            default = ask(self.cls(**params), fit, one_by_one=False)
        asked = ask(self.cls(**{**params, value.parameter: value.value}), fit, one_by_one=False)
        if asked is None or (default is not None and asked.text() == default.text()):
            return
        outcome.counts = True
        outcome.results.append(self.case.prove(asked, value.parameter))
