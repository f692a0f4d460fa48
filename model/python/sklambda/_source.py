"""The joblib file: the scikit-learn version it states, read without unpickling, and the estimator it holds."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import pickletools
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import joblib
import numpy as np
import sklearn
from joblib.compressor import BinaryZlibFile

from sklambda._errors import PipelineFileError

__all__ = ["content", "load", "use_one_job", "version_reasons", "versions_in"]

_KEY = b"_sklearn_version"
# The key as a pickle string: BINUNICODE or SHORT_BINUNICODE (pickle protocol 2 and later).
_KEY_OP = re.compile(b"(?:X\\x10\\x00\\x00\\x00|\\x8c\\x10)" + _KEY)
_STRINGS = {"BINUNICODE", "SHORT_BINUNICODE"}
_BETWEEN = {"MEMOIZE", "BINPUT", "LONG_BINPUT", "FRAME"}
_CHUNK = 1 << 20
# What is read beyond the key: memo opcodes and the version, with room.
_TAIL = 128


def _open(path: Path) -> BinaryIO:
    """Open a joblib file for reading its pickle stream, whatever it is compressed with."""
    with path.open("rb") as raw:
        head = raw.read(6)
    if head.startswith(b"\x1f\x8b"):
        return cast("BinaryIO", gzip.open(path, "rb"))
    if head.startswith(b"BZ"):
        return cast("BinaryIO", bz2.open(path, "rb"))
    if head.startswith((b"\xfd7zXZ", b"\x5d\x00")):
        return cast("BinaryIO", lzma.open(path, "rb"))
    if head.startswith(b"\x04\x22\x4d\x18"):
        try:
            import lz4.frame
        except ImportError as error:
            raise PipelineFileError(
                f"{path} is compressed with lz4, which is not installed: python -m pip install lz4"
            ) from error
        return cast("BinaryIO", lz4.frame.open(path, "rb"))
    if head.startswith(b"\x78"):
        return cast("BinaryIO", BinaryZlibFile(str(path), "rb"))
    return path.open("rb")


def content(path: Path) -> bytes:
    """Return the pickle stream of a joblib file, decompressed.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bytes
        All of it.
    """
    with _open(path) as stream:
        return stream.read()


def _value_at(stream: bytes) -> str | None:
    """Return the string that follows the key at the start of ``stream``, if a string follows."""
    try:
        opcodes = pickletools.genops(stream)
        next(opcodes)
        for opcode, argument, _ in opcodes:
            if opcode.name in _STRINGS:
                return str(argument)
            if opcode.name not in _BETWEEN:
                return None
    except (ValueError, StopIteration):
        pass
    return None


def _scan(stream: BinaryIO) -> Iterator[str]:
    window = b""
    while True:
        chunk = stream.read(_CHUNK)
        window += chunk
        # A key near the end of the window waits for the next chunk, unless there is none.
        end = len(window) - _TAIL if chunk else len(window)
        for match in _KEY_OP.finditer(window):
            if match.start() < end:
                value = _value_at(window[match.start() : match.start() + _TAIL])
                if value is not None:
                    yield value
        if not chunk:
            return
        window = window[max(end, 0) :]


def _is_skops(path: Path) -> bool:
    """Tell whether a file is a zip archive, which of the containers .skops alone is."""
    with path.open("rb") as raw:
        return raw.read(4) == b"PK\x03\x04"


def _skops_versions(path: Path) -> Iterator[str]:
    """Yield the versions that the tree of a .skops file states."""
    with zipfile.ZipFile(path) as archive:
        stack = [json.loads(archive.read("schema.json"))]
    while stack:
        node = stack.pop()
        children = node.values() if isinstance(node, dict) else node
        stack.extend(child for child in children if isinstance(child, (dict, list)))
        if isinstance(node, dict) and isinstance(node.get("_sklearn_version"), dict):
            yield str(json.loads(node["_sklearn_version"]["content"]))


def versions_in(path: Path) -> list[str]:
    """Return the scikit-learn versions a joblib file states, without unpickling it.

    Every scikit-learn estimator is pickled with the ``_sklearn_version`` that wrote it
    (``sklearn.base.BaseEstimator.__getstate__``). joblib lays arrays raw into the pickle stream, so the stream is not
    one that ``pickletools`` can walk from its start: the key is searched for and the opcodes after it are read.

    Parameters
    ----------
    path : Path
        A joblib or pickle file, plain or compressed, or a .skops file.

    Returns
    -------
    list of str
        Distinct versions, sorted; empty if the file holds no scikit-learn estimator.
    """
    try:
        if _is_skops(path):
            return sorted(set(_skops_versions(path)))
        with _open(path) as stream:
            return sorted(set(_scan(stream)))
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise PipelineFileError(f"cannot read {path}: {error}") from error


def _minor(version: str) -> tuple[str, ...]:
    return tuple(version.split(".")[:2])


def version_reasons(path: Path) -> list[str]:
    """Return why scikit-learn's answers under this version would not be those of the file's: nothing if they are.

    Parameters
    ----------
    path : Path
        A joblib file.

    Returns
    -------
    list of str
        One line a version that differs in its major or minor number.
    """
    here: str = sklearn.__version__
    return [
        f"{path.name}: written by scikit-learn {version}, but this is scikit-learn {here}, which may answer "
        f'differently: run the export under the file\'s version: python -m pip install "scikit-learn=={version}"'
        for version in versions_in(path)
        if _minor(version) != _minor(here)
    ]


def _load_skops(path: Path) -> Any:
    try:
        from skops.io import load as load_skops
    except ImportError as error:
        raise PipelineFileError(f"{path} is a .skops file, and skops is not installed: python -m pip install skops") from error
    return load_skops(path)


def load(path: Path) -> Any:
    """Load the estimator of a joblib file and set it to one job.

    Parameters
    ----------
    path : Path
        A joblib or pickle file: loading it executes what it names, it is the user's own. Or a .skops file, of which skops
        loads the types that it trusts; for others, load it with ``skops.io.load`` and give the estimator to ``export``.

    Returns
    -------
    estimator
        The fitted estimator, with ``n_jobs=1`` in every nested estimator.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            estimator = _load_skops(path) if _is_skops(path) else joblib.load(path)
    except PipelineFileError:
        raise
    except Exception as error:
        raise PipelineFileError(
            f"cannot load {path}: {type(error).__name__}: {error}; run the export in the environment that wrote the file, "
            "and with the folder of your own classes' module on PYTHONPATH"
        ) from error
    use_one_job(estimator)
    return estimator


def use_one_job(estimator: Any) -> None:
    """Set ``n_jobs=1`` in every nested estimator: sums over threads are not reproducible.

    Parameters
    ----------
    estimator : estimator
        Changed in place, fitted attributes included.
    """
    for part in parts(estimator):
        if "n_jobs" in vars(part):
            part.n_jobs = 1


def parts(root: Any) -> Iterator[Any]:
    """Yield every object with attributes that hangs below ``root``, itself included, each once.

    Parameters
    ----------
    root : object
        A fitted estimator.

    Yields
    ------
    object
        Estimators, fitted ones included, and the helpers between them.
    """
    seen: set[int] = set()
    stack = [root]
    while stack:
        value = stack.pop()
        if isinstance(value, (str, bytes, int, float, type)) or hasattr(value, "__code__"):
            continue
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.dtype == object):
            stack.extend(np.ravel(value) if isinstance(value, np.ndarray) else value)
        elif type(value).__module__.split(".")[0] not in ("builtins", "numpy", "pandas") and hasattr(value, "__dict__"):
            yield value
            stack.extend(vars(value).values())
