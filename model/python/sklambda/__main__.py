"""The command line: ``python -m sklambda export``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from sklambda._errors import SklambdaError
from sklambda._export import export


class _Parser(argparse.ArgumentParser):
    """Exits with 1 on a wrong command line: 2 says that a pipeline is refused."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m sklambda", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    command = commands.add_parser(
        "export",
        help="compile a joblib file to an artifact folder, certified by scikit-learn's own answers",
        epilog="Exit status: 0 written and verified; 2 refused, one line a reason; 1 anything else. DIR is as it was unless 0.",
    )
    command.add_argument("pipeline", metavar="PIPELINE.joblib", help="the fitted pipeline")
    command.add_argument("--sample", required=True, metavar="SAMPLE.csv", help="rows of the input table: header, no target")
    command.add_argument("--out", required=True, metavar="DIR", help="the artifact folder")
    command.add_argument("--name", help="the model's name (default: that of the file)")
    command.add_argument("--version", default="v1.0", metavar="V", help="the model's version (default: %(default)s)")
    command.add_argument("--threshold", type=float, metavar="T", help="label positive when the probability is at least T")
    command.add_argument("--decimals", type=int, metavar="N", help="round the numbers of HTTP answers")
    command.add_argument(
        "--std",
        action="store_true",
        help="answer with the standard deviation of each value, too; for a GaussianProcessRegressor",
    )
    command.add_argument(
        "--no-sample-rows",
        action="store_true",
        help="make golden rows from ranges and categories: keep no row of the sample",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the process.

    Returns
    -------
    int
        The exit status.
    """
    given = _parser().parse_args(arguments)
    try:
        report = export(
            given.pipeline,
            given.sample,
            given.out,
            name=given.name,
            version=given.version,
            threshold=given.threshold,
            decimals=given.decimals,
            std=given.std,
            sample_rows=not given.no_sample_rows,
        )
    except SklambdaError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
