"""docs/supported.md, from the reports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

import sklearn

from proof._classes import Outcome, Report
from proof._run import Result

__all__ = ["page", "recorded"]

_HEAD = """# What is supported

This page is made by `make parity` and not edited by hand. Each class of scikit-learn {version} that can answer for a row it
has not seen was fitted on seeded hard tables and on scikit-learn's own data sets, its file compiled by `sklambda build`, the
rows scored by `sklambda score`, and every answer compared with scikit-learn's: labels, class order, missing values and errors
must be equal, numbers to the bit or within the tolerance that `inspect` prints.

*Values* counts the values of parameters from scikit-learn's own constraints (each option, boolean and None; of each interval
two values inside and any closed end) that change any bit of an answer against the default, and how many of them work. The
others are refused by `build`, with the reason.

**{supported} of {field} classes are supported. {works} of {counted} parameter values ({ratio:.1%}) work. {rows} rows were
compared for the defaults alone; scikit-learn raises for {errors} of them, and so does sklambda.**
"""


def page(reports: Sequence[Report]) -> str:
    """Return the page.

    Parameters
    ----------
    reports : sequence of Report
        One for each class of scikit-learn.

    Returns
    -------
    str
        Markdown.
    """
    asked = [r for r in reports if r.state not in ("no answer",)]
    counted = [v for r in asked for v in r.values]
    results = [result for r in asked if r.default for result in r.default.results]
    head = _HEAD.format(
        version=sklearn.__version__,
        supported=sum(r.state == "supported" for r in asked),
        field=len(asked),
        works=sum(v.works for v in counted),
        counted=len(counted),
        ratio=sum(v.works for v in counted) / max(1, len(counted)),
        rows=sum(r.rows for r in results),
        errors=sum(r.errors for r in results),
    )
    return "\n".join([head, *_classes(asked), *_refused_values(asked), *_beside(asked), *_without(reports)]) + "\n"


def _classes(reports: Sequence[Report]) -> Iterator[str]:
    def module(report: Report) -> str:
        return report.module.split(".")[1]

    for name, group in groupby(sorted(reports, key=lambda r: (module(r), r.name)), key=module):
        yield from (
            f"## sklearn.{name}",
            "",
            "| class | | exact to | largest difference | values |",
            "| --- | --- | --- | --- | --- |",
        )
        for report in group:
            yield f"| `{report.name}` | {report.state} | {_exactness(report)} | {_largest(report)} | {_values(report)} |"
        yield ""


def _exactness(report: Report) -> str:
    if report.default is None or not report.default.works:
        return "; ".join(dict.fromkeys(_short(r) for r in (report.default.results[0].reasons if report.default else ())))
    tolerance = max(r.tolerance for r in report.default.results)
    return f"{tolerance:g}" if tolerance else "every bit"


def _largest(report: Report) -> str:
    if report.default is None or not report.default.works:
        return ""
    ulps = max(r.ulps for r in report.default.results)
    return f"{max(r.relative for r in report.default.results):.1e}, {ulps:g} ulp" if ulps else "none"


def _values(report: Report) -> str:
    return f"{sum(v.works for v in report.values)} of {len(report.values)}" if report.values else ""


def _refused_values(reports: Sequence[Report]) -> Iterator[str]:
    refused = [(r, v) for r in reports if r.state == "supported" for v in r.values if not v.works]
    if not refused:
        return
    yield from ("## Values that are refused", "", "| class | value | why |", "| --- | --- | --- |")
    for report, outcome in refused:
        yield f"| `{report.name}` | `{_cell(outcome.label)}` | {_why(outcome)} |"
    yield ""


def _why(outcome: Outcome) -> str:
    reasons = [reason for result in outcome.results for reason in result.reasons]
    return "; ".join(dict.fromkeys(_short(reason) for reason in reasons[:2]))


def _short(reason: str) -> str:
    """Return a reason of `build` without its place, which differs from case to case."""
    return _cell(re.sub(r"^\S+ \(\S+\): ", "", reason))[:200]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


_RIVAL_HEAD = """The same cases, in the same run, by stock skl2onnx (float32) and onnxruntime. Rows for which scikit-learn raises
are left out: onnxruntime answers most of them. Another label, or a number further off than 1e-5, is silently wrong."""
_RIVAL = ("exact", "within 1e-9", "within 1e-5", "silently wrong", "refused")


def _beside(reports: Sequence[Report]) -> Iterator[str]:
    """Yield the comparison with skl2onnx, if it was asked."""
    results = [r for report in reports for o in (report.default, *report.values) if o for r in o.results if r.rival]
    if not results:
        return
    ours = [_verdict(r) for r in results]
    yield from ("## Beside skl2onnx", "", _RIVAL_HEAD, "")
    yield from (f"| {len(results)} cases | {' | '.join(_RIVAL)} |", "| --- " * (len(_RIVAL) + 1) + "|")
    for name, verdicts in (("skl2onnx, onnxruntime", [r.rival for r in results]), ("sklambda", ours)):
        yield f"| {name} | {' | '.join(str(verdicts.count(v)) for v in _RIVAL)} |"
    yield ""


def _verdict(result: Result) -> str:
    """Return a result of ours in the rival's words: within the tolerance is within 1e-9, since none is looser."""
    return {"exact": "exact", "close": "within 1e-9", "refused": "refused"}.get(result.status, "silently wrong")


def _without(reports: Sequence[Report]) -> Iterator[str]:
    yield from ("## Classes without an answer for new rows", "")
    yield "They have no method that answers for a row they have not seen, or they take something else than rows of a table:"
    yield ", ".join(f"`{r.name}`" for r in reports if r.state == "no answer") + "."


def recorded(text: str) -> dict[str, str]:
    """Return the state of each class that a page lists.

    Parameters
    ----------
    text : str
        The page.

    Returns
    -------
    dict of str to str
        "supported", "refused" or "no answer" by class.
    """
    states = {m[1]: m[2] for m in re.finditer(r"^\| `(\w+)` \| (supported|refused) \|", text, re.M)}
    _, _, without = text.partition("## Classes without an answer for new rows")
    return states | dict.fromkeys(re.findall(r"`(\w+)`", without), "no answer")
