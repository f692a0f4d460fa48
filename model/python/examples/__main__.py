"""Trains the examples and exports them: ``python -m examples [NAME ...]`` in model/python.

For each it writes model/testdata/NAME/pipeline.joblib and sample.csv, and the artifact folder: model/artifact for the
demo, which is the model that is deployed, and model/testdata/NAME/artifact for the others.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import joblib

import sklambda
from examples import breast_cancer, demo, diabetes, penguins
from examples._example import Example

_MODEL = Path(__file__).resolve().parents[2]
_TRAIN: dict[str, Callable[[], Example]] = {
    "demo": demo.train,
    "breast_cancer": breast_cancer.train,
    "diabetes": diabetes.train,
    "penguins": penguins.train,
}


def write(name: str, model: Path, *, export: bool = True) -> None:
    """Train an example and write its files.

    Parameters
    ----------
    name : str
        The example.
    model : Path
        The folder that holds testdata/ and artifact/.
    export : bool, default True
        Whether to write the artifact folder too.
    """
    example = _TRAIN[name]()
    folder = model / "testdata" / name
    folder.mkdir(parents=True, exist_ok=True)
    pipeline, sample = folder / "pipeline.joblib", folder / "sample.csv"
    joblib.dump(example.pipeline, pipeline, compress=("zlib", 9))
    example.sample.to_csv(sample, index=False, lineterminator="\n")
    if export:
        out = model / "artifact" if name == "demo" else folder / "artifact"
        print(sklambda.export(pipeline, sample, out, name=name, threshold=example.threshold, decimals=example.decimals))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m examples", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(_TRAIN)} (default: all)")
    parser.add_argument("--out", type=Path, default=_MODEL, metavar="DIR", help="instead of the folder model/")
    parser.add_argument("--train-only", action="store_true", help="write no artifact folder")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.names) - set(_TRAIN))
    if unknown:
        parser.error(f"unknown example {unknown[0]}: it is one of {', '.join(_TRAIN)}")
    try:
        for name in given.names or _TRAIN:
            write(name, given.out, export=not given.train_only)
    except sklambda.SklambdaError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
