"""The export: golden rows from scikit-learn, an artifact from Go."""

from __future__ import annotations

import json
import os
import pickle
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn

from sklambda import _source
from sklambda._answers import Asker, left_out, quietly, threshold_reasons
from sklambda._binary import Binary, find_binary
from sklambda._certificate import Certificate
from sklambda._draft import Draft
from sklambda._errors import BuildError, PipelineFileError, RefusedError, SampleError
from sklambda._golden import LEAST, RowMaker, features_of, vocabulary_of
from sklambda._sample import Sample, draw
from sklambda._splits import split_points
from sklambda._table import read_rows, write_sample

__all__ = ["ExportReport", "export"]

# The golden rows are chosen by chance, and are the same for the same pipeline and sample.
_SEED = 20240229
# How often further rows are made up for those left out as undecided.
_ATTEMPTS = 5


@dataclass(frozen=True)
class ExportReport:
    """What was written.

    Parameters
    ----------
    out_dir : Path
        The artifact folder.
    manifest : dict
        Its manifest.
    rows : int
        The number of golden rows.
    errors : int
        How many of them scikit-learn raises for.
    undecided : int
        How many rows were left out, because scikit-learn disagrees with itself about them.
    hunted : int
        How many further rows were compared with Go in search of a difference. The worst of them are golden rows.
    largest : float
        The largest error among those, absolute or relative.
    output : str
        What ``sklambda build`` printed.
    """

    out_dir: Path
    manifest: dict[str, Any]
    rows: int
    errors: int
    undecided: int
    hunted: int
    largest: float
    output: str

    def __str__(self) -> str:
        """Return the report in a line or more."""
        lines = [self.output.rstrip()] if self.output.strip() else []
        lines.append(
            f"{self.out_dir}: {self.rows} golden rows from scikit-learn {sklearn.__version__}, replayed; "
            f"{self.errors} of them errors, {self.undecided} undecided and left out; "
            f"{self.hunted} rows hunted through, the largest error of them {self.largest:.2g}"
        )
        return "\n".join(lines)


def export(
    pipeline_or_path: Any,
    X: Any,
    out_dir: str | os.PathLike[str],
    *,
    name: str | None = None,
    version: str | None = None,
    threshold: float | None = None,
    decimals: int | None = None,
    std: bool = False,
    sample_rows: bool = True,
) -> ExportReport:
    """Compile a fitted pipeline to an artifact folder, certified by scikit-learn's own answers.

    Parameters
    ----------
    pipeline_or_path : estimator or path
        A fitted pipeline, or its joblib file.
    X : DataFrame, ndarray, Series, sequence of str or of dict, or path
        A sample of the input table without the target, or its CSV file.
    out_dir : path
        The artifact folder. It is left as it was unless every golden row comes out the same in Go.
    name : str, optional
        The model's name; by default that of the file.
    version : str, optional
        The model's version; by default v1.0.
    threshold : float, optional
        With it, a binary label is the positive class when the unrounded probability is at least this.
    decimals : int, optional
        Decimals of the numbers in HTTP answers; by default they are not rounded.
    std : bool, default False
        Whether answers have the standard deviation of each value, as ``predict(X, return_std=True)`` of a
        GaussianProcessRegressor gives it.
    sample_rows : bool, default True
        Whether golden rows may be rows of the sample. Otherwise they are made from its ranges and categories alone.

    Returns
    -------
    ExportReport
        What was written.

    Raises
    ------
    RefusedError
        If the pipeline cannot be exported exactly: with every reason.
    SklambdaError
        If anything else fails; the subclass and the message say what.
    """
    binary = find_binary()
    with tempfile.TemporaryDirectory(prefix="sklambda-") as folder:
        work = Path(folder)
        pipeline = _pipeline_file(pipeline_or_path, work)
        _check_names(pipeline_or_path, X)
        sample = _sample_file(X, work)
        options = _build_options(name, version, threshold, decimals, std)
        try:
            _draft(binary, pipeline, sample, work / "draft", options)
        except BuildError as error:  # the files of this folder are not the user's
            raise BuildError(str(error).replace(f"{work / sample.name}: ", "X: ")) from error
        estimator = _source.load(pipeline)
        reasons = threshold_reasons(estimator, threshold)
        if reasons:
            raise RefusedError(reasons)
        binary.rows(pipeline, sample, work / "rows.jsonl")
        with quietly():
            certificate = _certificate(estimator, pipeline, work / "rows.jsonl", work / "draft", binary, threshold, sample_rows)
        answers = certificate.answers
        golden = work / "golden.jsonl"
        certificate.write(golden)
        options += ["--golden", str(golden), "--undecided", str(answers.undecided)]
        if not certificate.failed:  # else the build says which row differs, by more than --hunted can take
            options += ["--hunted", f"{certificate.hunted}={certificate.largest!r}"]
        options += _versions()
        output = binary.build(pipeline, sample, Path(out_dir), options)
        return ExportReport(
            Path(out_dir),
            _manifest(Path(out_dir)),
            len(answers.rows),
            answers.errors,
            answers.undecided,
            certificate.hunted,
            certificate.largest,
            output,
        )


def _pipeline_file(pipeline_or_path: Any, work: Path) -> Path:
    if isinstance(pipeline_or_path, (str, os.PathLike)):
        path = Path(pipeline_or_path)
        if not path.is_file():
            raise PipelineFileError(f"{path} is not a file: give the joblib file of a fitted pipeline")
        return path
    path = work / "pipeline.joblib"
    try:
        joblib.dump(pipeline_or_path, path)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise RefusedError(
            [
                f"{type(pipeline_or_path).__name__}: it cannot be pickled ({error}); what holds a lambda, a local function or an "
                "open resource is not exported: compute it before the pipeline, or use a transformer of scikit-learn"
            ]
        ) from error
    return path


def _check_names(estimator: Any, X: Any) -> None:
    """Refuse rows without the names that the estimator was fitted with: a build would miss each of them."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None and isinstance(X, np.ndarray):
        shown = ", ".join([repr(str(name)) for name in names[:10]] + ["…"] * (len(names) > 10))
        raise SampleError(f"X is an ndarray, and the pipeline was fitted with the columns {shown}: give a DataFrame of them")


def _sample_file(X: Any, work: Path) -> Path:
    if isinstance(X, (str, os.PathLike)):
        path = Path(X)
        if not path.is_file():
            raise SampleError(f"{path} is not a file: give rows of the input table as CSV with a header")
        return path
    return write_sample(X, work)


def _build_options(name: str | None, version: str | None, threshold: float | None, decimals: int | None, std: bool) -> list[str]:
    options = ["--std"] if std else []
    for flag, value in (("--version", version), ("--name", name), ("--threshold", threshold), ("--decimals", decimals)):
        if value is not None:
            options += [flag, str(value)]
    return options


def _versions() -> list[str]:
    """Return the versions that made the answers. That of scikit-learn is in the file."""
    made = {"python": platform.python_version(), "numpy": np.__version__, "joblib": joblib.__version__}
    return [part for name, version in made.items() for part in ("--version-of", f"{name}={version}")]


def _draft(binary: Binary, pipeline: Path, sample: Path, out: Path, options: Sequence[str]) -> None:
    """Build without golden rows, for every refusal before any work."""
    reasons = _source.version_reasons(pipeline)
    try:
        binary.build(pipeline, sample, out, options)
    except RefusedError as refused:
        reasons += refused.reasons
    except BuildError:
        if not reasons:
            raise
    if reasons:
        raise RefusedError(reasons)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError) as error:
        raise BuildError(f"`sklambda build` left no manifest that can be read: {error}") from error
    return manifest


def _certificate(
    estimator: Any, pipeline: Path, rows: Path, draft: Path, binary: Binary, threshold: float | None, sample_rows: bool
) -> Certificate:
    """Choose golden rows and ask scikit-learn and the draft about them."""
    rng = np.random.default_rng(_SEED)
    manifest = _manifest(draft)
    signature, typed = read_rows(rows)
    names = [feature["name"] for feature in manifest["features"]]
    if names != [column.name for column in signature.columns]:
        raise BuildError("`sklambda rows` and `sklambda build` name different columns: use one build of sklambda")
    sample = draw(typed, rng, hashes=not sample_rows)
    std = any(output["name"] == "std" for output in manifest["outputs"])
    asker = Asker(estimator, signature, threshold, std, left_out(manifest))
    maker = RowMaker(
        signature.columns,
        features_of(manifest),
        sample,
        vocabulary_of(estimator),
        rng,
        sample_rows=sample_rows,
    )
    bounds = {output["name"]: float(output["tolerance"]) for output in manifest["outputs"]}
    certificate = Certificate(pipeline, asker, Draft(binary, draft, signature), bounds)
    certificate.add(maker.ordinary(_labels(asker, sample) if sample_rows else None))
    if certificate.answers.undecided and len(certificate.answered()) < LEAST // 2:
        certificate.add(maker.more(LEAST))  # the sample is of rows that are undecided, as training rows of neighbours may be
    bases = certificate.answered()
    splits = bases and not signature.text and not signature.dicts
    points = split_points(estimator, len(signature.columns), signature.table(bases)) if splits else []
    certificate.add(maker.hard(bases, points))
    for _ in range(_ATTEMPTS):
        missing = LEAST - len(certificate.answers.rows)
        if missing <= 0 or not certificate.answers.rows:
            break
        certificate.add(maker.more(missing))
    if bases:
        certificate.hunt(maker, bases, points, rng)
    certificate.fill()
    return certificate


def _labels(asker: Asker, sample: Sample) -> list[Any] | None:
    """Return the label of each row of the sample's pool: None where there are none, or scikit-learn raises."""
    if not sample.pool or len({asker.signature.dtypes(row) for row in sample.pool}) > 1:
        return None
    try:
        return [answer.get("label", answer.get("labels")) for answer in asker.ask(sample.pool)]
    except Exception:
        return None
