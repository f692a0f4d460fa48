"""Exports a fitted scikit-learn pipeline, with scikit-learn's own answers, for sklambda to serve."""

from sklambda._errors import (
    BinaryNotFoundError,
    BuildError,
    PipelineFileError,
    RefusedError,
    SampleError,
    SklambdaError,
    UndecidedError,
)
from sklambda._export import ExportReport, export

__all__ = [
    "BinaryNotFoundError",
    "BuildError",
    "ExportReport",
    "PipelineFileError",
    "RefusedError",
    "SampleError",
    "SklambdaError",
    "UndecidedError",
    "export",
]
