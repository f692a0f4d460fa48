"""Exceptions. Each message says what was got and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "BinaryNotFoundError",
    "BuildError",
    "PipelineFileError",
    "RefusedError",
    "SampleError",
    "SklambdaError",
    "UndecidedError",
]


class SklambdaError(Exception):
    """Base of all exceptions of this package.

    Attributes
    ----------
    exit_status : int
        What ``python -m sklambda`` exits with.
    """

    exit_status = 1


class RefusedError(SklambdaError):
    """The pipeline cannot be exported exactly, so it is not exported at all.

    Parameters
    ----------
    reasons : sequence of str
        One line a reason: pipeline step, class, what, why, what to do.
    """

    exit_status = 2

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


class BinaryNotFoundError(SklambdaError):
    """The Go binary ``sklambda`` is not where it is looked for."""


class BuildError(SklambdaError):
    """The Go binary failed, or a golden row came out differently in Go."""


class PipelineFileError(SklambdaError):
    """The joblib file cannot be read or loaded."""


class SampleError(SklambdaError):
    """The sample holds something that no column of the input table can hold."""


class UndecidedError(SklambdaError):
    """scikit-learn disagrees with itself about too many rows to certify the pipeline."""
