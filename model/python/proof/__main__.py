"""Run the proof.

``python -m proof`` writes docs/supported.md, ``python -m proof --fast`` holds it, ``python -m proof --onnx`` writes
docs/skl2onnx.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

import sklearn

from proof._classes import Report, prove_class, report_of
from proof._estimators import classes
from proof._page import holds, page, recorded, rival_page
from sklambda._binary import find_binary

_ROOT = Path(__file__).resolve().parents[3]
_PAGE = _ROOT / "docs" / "supported.md"
_RIVAL_PAGE = _ROOT / "docs" / "skl2onnx.md"
_LEAST_RATIO = 0.95


def main() -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument(
        "--fast", action="store_true", help="the default of every class on one table, held against docs/supported.md"
    )
    parser.add_argument("--only", metavar="CLASS", action="append", help="these classes alone")
    parser.add_argument(
        "--onnx", action="store_true", help="the defaults beside skl2onnx and onnxruntime (bench/requirements.txt)"
    )
    parser.add_argument("--resume", metavar="FILE", type=Path, help="reports.json of an earlier run, for all classes but --only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at once (default: the number of cores)")
    parser.add_argument(
        "--keep", metavar="DIR", type=Path, help="keep the files of every case that is not right, and reports.json, in DIR"
    )
    options = parser.parse_args()
    names = options.only or list(classes())
    if unknown := sorted(set(names) - set(classes())):
        parser.error(f"--only {', '.join(unknown)}: not a class of scikit-learn {sklearn.__version__} that answers for a new row")
    extent = "one" if options.fast else "rival" if options.onnx else "all"
    with tempfile.TemporaryDirectory(prefix="proof-") as temporary:
        folder = options.keep or Path(temporary)
        reports = _run(names, folder, options.jobs, extent)
        if options.resume:
            earlier = {report["name"]: report_of(report) for report in json.loads(options.resume.read_bytes())}
            reports = list((earlier | {report.name: report for report in reports}).values())
        if options.keep:
            (folder / "reports.json").write_text(
                json.dumps([asdict(r) for r in reports], indent=1, default=str), encoding="utf-8"
            )
    bad = [line for report in reports for line in _problems(report)]
    if options.fast:
        bad += _held(reports)
    elif {report.name for report in reports} == set(classes()):
        where, text = (_RIVAL_PAGE, rival_page(reports)) if options.onnx else (_PAGE, page(reports))
        where.write_text(text, encoding="utf-8")
    counted = [v for r in reports for v in r.values]
    works = sum(v.works for v in counted)
    if counted and len(reports) == len(classes()) and works < _LEAST_RATIO * len(counted):
        bad.append(f"{works} of {len(counted)} parameter values work, which is less than {_LEAST_RATIO:.0%}")
    print("\n".join(bad), file=sys.stderr)
    cases = sum(len(r.default.results) for r in reports if r.default)
    print(f"{len(reports)} classes, {cases} cases of defaults, {works} of {len(counted)} values work")
    return 1 if bad else 0


def _run(names: list[str], folder: Path, jobs: int, extent: str) -> list[Report]:
    binary = find_binary()
    reports: dict[str, Report] = {}
    with ProcessPoolExecutor(jobs) as pool:
        running = {pool.submit(prove_class, name, binary, folder / name, extent): name for name in names}
        for done in as_completed(running):
            reports[running[done]] = done.result()
            if sys.stderr.isatty():
                print(f"\r\x1b[K{len(reports)}/{len(names)} {running[done]}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    return [reports[name] for name in names]


def _problems(report: Report) -> list[str]:
    """Return what may not be: a wrong answer, a build that ends otherwise than refused."""
    outcomes = [*([report.default] if report.default else []), *report.values]
    return [
        f"{report.name}({outcome.label}): {result.status}: {' '.join(result.reasons)[:600]}"
        for outcome in outcomes
        for result in outcome.results
        if result.status in ("wrong", "failed")
    ]


def _held(reports: list[Report]) -> list[str]:
    """Return where the page says something else than what came out."""
    says = recorded(_PAGE.read_text(encoding="utf-8"))
    return [
        f"{report.name}: docs/supported.md says {says.get(report.name, 'nothing')}, it came out {report.state}: run `make parity`"
        for report in reports
        if not holds(report, says.get(report.name, "nothing"))
    ]


if __name__ == "__main__":
    sys.exit(main())
