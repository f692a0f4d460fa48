"""docs/supported.md and docs/skl2onnx.md, from the reports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

import sklearn

from proof._classes import Outcome, Report
from proof._run import Result
from sklambda import _source

__all__ = ["holds", "page", "recorded", "rival_page"]

_FIXTURES = Path(__file__).resolve().parents[2] / "sklearn" / "testdata"
_WRITTEN = ("versions", "linear", "transformers", "predictors", "dicts")  # folders of fixtures, one for each version in each

_HEAD = """# What is supported

This page is made by `make parity` and not edited by hand. Each class of scikit-learn {version} that can answer for a row it
has not seen was fitted on seeded hard tables and on scikit-learn's own data sets, its file compiled by `sklambda build`, the
rows scored by `sklambda score`, and every answer compared with scikit-learn's: labels, class order, missing values and errors
must be equal, numbers to the bit or within the tolerance that `inspect` prints. Rows about which scikit-learn itself says
something else in another batch, or with another of OpenBLAS's kernels, are undecided and left out: {undecided} of the defaults'.

*Values* counts the values of parameters from scikit-learn's own constraints (each option, boolean and None; of each interval
two values inside and any closed end) that change any bit of an answer against the default, and how many of them work. The
others are listed below: refused by `build`, with the reason, or differing on some rows. *Files of* names the scikit-learn
versions whose own files of the class are replayed by the tests, with the answers of the version that wrote them. The *largest
differences* are those of three numbers: the absolute one may be of a number of 1e300, the relative one of a number next to 0.
Each number keeps to the tolerance, absolute or relative.

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
        undecided=sum(r.undecided for r in results),
    )
    return "\n".join([head, *_classes(asked), *_refused_values(asked), *_differing_values(asked), *_without(reports)]) + "\n"


def _classes(reports: Sequence[Report]) -> Iterator[str]:
    def module(report: Report) -> str:
        return report.module.split(".")[1]

    for name, group in groupby(sorted(reports, key=lambda r: (module(r), r.name)), key=module):
        yield from (
            f"## sklearn.{name}",
            "",
            "| class | | exact to | largest differences | values | files of |",
            "| --- | --- | --- | --- | --- | --- |",
        )
        for report in group:
            cells = (report.state, _exactness(report), _largest(report), _values(report), _versions(report))
            yield f"| `{report.name}` | {' | '.join(cells)} |"
        yield ""


def _exactness(report: Report) -> str:
    right = _right(report)
    tolerance = max((r.tolerance for r in right), default=0.0)
    exact = [f"{tolerance:g}" if tolerance else "every bit"] if right else []
    reasons = [reason for r in report.default.results if r not in right for reason in r.reasons[:1]] if report.default else []
    return "; ".join(dict.fromkeys([*exact, *map(_short, reasons)]))


def _largest(report: Report) -> str:
    right = _right(report)
    ulps = max((r.ulps for r in right), default=0)
    if not ulps:
        return "none" if right else ""
    return f"{max(r.absolute for r in right):.1e} absolute, {max(r.relative for r in right):.1e} relative, {ulps:g} ulp"


def _right(report: Report) -> list[Result]:
    return [r for r in report.default.results if r.status in ("exact", "close")] if report.default else []


def _values(report: Report) -> str:
    return f"{sum(v.works for v in report.values)} of {len(report.values)}" if report.values else ""


@cache
def _fixtures() -> dict[str, frozenset[bytes]]:
    """Return the words in the fixtures that each scikit-learn version wrote, by version."""
    words: dict[str, frozenset[bytes]] = {}
    for file in sorted(file for folder in _WRITTEN for file in (_FIXTURES / folder).glob("*/*.joblib")):
        version = ".".join(file.parent.name.split(".")[:2])
        words[version] = words.get(version, frozenset()) | frozenset(re.findall(rb"\w+", _source.content(file)))
    return words


def _versions(report: Report) -> str:
    """Return the versions whose files of the class are replayed by the tests."""
    return ", ".join(version for version, words in _fixtures().items() if report.name.encode() in words)


def _refused_values(reports: Sequence[Report]) -> Iterator[str]:
    refused = [(r, v) for r in reports if r.state == "supported" for v in r.values if v.status == "refused"]
    if refused:
        yield from ("## Values that are refused", "")
        yield from _listed(refused)


def _differing_values(reports: Sequence[Report]) -> Iterator[str]:
    differing = [
        (r, v) for r in reports for v in [*([r.default] if r.default else []), *r.values] if v.status in ("wrong", "failed")
    ]
    if differing:
        yield from ("## Values that differ on some rows", "")
        yield "The rows are extreme, or near ties that a rounding error decides, and all kernels that were asked agree there."
        yield "`export` looks for such rows and refuses a pipeline that has one; `build` alone, without golden rows, cannot."
        yield ""
        yield from _listed(differing)


def _listed(values: Sequence[tuple[Report, Outcome]]) -> Iterator[str]:
    yield from ("| class | value | why |", "| --- | --- | --- |")
    for report, outcome in values:
        yield f"| `{report.name}` | {f'`{_cell(outcome.label)}`' if outcome.label else 'the default'} | {_why(outcome)} |"
    yield ""


def _why(outcome: Outcome) -> str:
    reasons = [reason for result in outcome.results for reason in result.reasons]
    return "; ".join(dict.fromkeys(_short(reason) for reason in reasons[:2]))


def _short(reason: str) -> str:
    """Return a reason of `build` without its place, which differs from case to case."""
    return _cell(re.sub(r"^\S+ \(\S+\): ", "", reason))[:200]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


_RIVAL_HEAD = """# Beside skl2onnx

This page is made by `make parity` and not edited by hand. The default of each class of [what is supported](supported.md), on
the same tables and rows and in the same run: scikit-learn {version} is the truth, stock skl2onnx (float32, as its guide has it)
with onnxruntime the usual way. Rows for which scikit-learn raises are left out here, although onnxruntime answers most of them.
A case counts as silently wrong if any row has another label, or a number further off than 1e-5, absolute or relative. Rows are
hard on purpose: huge and tiny numbers, thresholds and their neighbours.
"""
_RIVAL = ("exact", "within 1e-9", "within 1e-5", "silently wrong", "refused")


def rival_page(reports: Sequence[Report]) -> str:
    """Return the comparison with skl2onnx.

    Parameters
    ----------
    reports : sequence of Report
        One for each class, its default asked of both.

    Returns
    -------
    str
        Markdown.
    """
    results = [(report.name, r) for report in reports if report.default for r in report.default.results if r.rival]
    lines = [_RIVAL_HEAD.format(version=sklearn.__version__), f"| {len(results)} cases | {' | '.join(_RIVAL)} |"]
    lines.append("| --- " * (len(_RIVAL) + 1) + "|")
    rivals, ours = [r.rival for _, r in results], [_verdict(r) for _, r in results]
    for who, verdicts in (("skl2onnx, onnxruntime", rivals), ("sklambda", ours)):
        lines.append(f"| {who} | {' | '.join(str(verdicts.count(v)) for v in _RIVAL)} |")
    lines += ["", "| class | skl2onnx, onnxruntime | sklambda |", "| --- | --- | --- |"]
    for name, group in groupby(results, key=lambda pair: pair[0]):
        of = [r for _, r in group]
        lines.append(f"| `{name}` | {_counted([r.rival for r in of])} | {_counted([_verdict(r) for r in of])} |")
    return "\n".join(lines) + "\n"


def _counted(verdicts: Sequence[str]) -> str:
    """Return each verdict once, with how often it was given where the tables differ."""
    counts = {v: verdicts.count(v) for v in _RIVAL if v in verdicts}
    return ", ".join(v if len(counts) == 1 else f"{v} ({n})" for v, n in counts.items())


def _verdict(result: Result) -> str:
    """Return a result of ours in the rival's words: within the tolerance is within 1e-9, since none is looser."""
    return {"exact": "exact", "close": "within 1e-9", "refused": "refused"}.get(result.status, "silently wrong")


def _without(reports: Sequence[Report]) -> Iterator[str]:
    yield from ("## Classes without an answer for new rows", "")
    yield "They have no method that answers for a row they have not seen, or they take something else than rows of a table:"
    yield ", ".join(f"`{r.name}`" for r in reports if r.state == "no answer") + "."


def recorded(text: str) -> dict[str, str]:
    """Return what a page says of each class.

    Parameters
    ----------
    text : str
        The page.

    Returns
    -------
    dict of str to str
        "no answer", or the state with the reasons for which some data are refused, by class.
    """
    says = {m[1]: m[2] for m in re.finditer(r"^\| `(\w+)` \| ((?:supported|refused) \| .*)$", text, re.M)}
    _, _, without = text.partition("## Classes without an answer for new rows")
    return says | dict.fromkeys(re.findall(r"`(\w+)`", without), "no answer")


def holds(report: Report, says: str) -> bool:
    """Tell whether what came out is what a page says.

    Parameters
    ----------
    report : Report
        Of the default on one table or more.
    says : str
        What the page says of the class.
    """
    if report.state != "refused":
        return says.startswith(report.state)
    # a table whose data are refused, of a class that is supported on others
    reasons = [_short(reason) for r in report.default.results for reason in r.reasons[:1]] if report.default else []
    return says.startswith("refused") or all(
        re.sub(r"[\d.e+]+", "", reason) in re.sub(r"[\d.e+]+", "", says) for reason in reasons
    )
