"""A second opinion of scikit-learn: in a process that makes sums in another order, with other kernels of OpenBLAS and numpy.

``python -m sklambda._second FOLDER`` reads question.pickle there and writes answers.json.
"""

from __future__ import annotations

import json
import os
import pickle
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.fft import ifft, set_backend, skip_backend

from sklambda import _source
from sklambda._answers import Asker, quietly
from sklambda._compare import Answer, differs, from_json
from sklambda._table import Row, to_json

__all__ = ["undecided"]

# Kernels of OpenBLAS that make sums in other orders, each one that scikit-learn uses on some machine: without fused
# multiply-adds, with them, with registers of other widths. Another library than OpenBLAS ignores them.
_KERNELS = ("ARMV8", "NEOVERSEN1") if platform.machine() in ("aarch64", "arm64") else ("Nehalem", "Haswell", "Sandybridge")
# What numpy does without, under the names of its versions. It then selects between equal values as it does on every processor.
_WITHOUT = "X86_V3 AVX2 X86_V4 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR"
_PATIENCE = 120  # seconds


def undecided(
    pipeline: Path, asker: Asker, rows: Sequence[Row], answers: Sequence[Answer], bounds: Mapping[str, float]
) -> set[int]:
    """Return the rows about which scikit-learn says something else in a process that makes its sums in another order.

    Parameters
    ----------
    pipeline : Path
        The joblib file.
    asker : Asker
        How the pipeline is asked.
    rows : sequence of Row
        The rows.
    answers : sequence of Answer
        Those of this process.
    bounds : mapping of str to float
        The allowed difference by output of the plan.

    Returns
    -------
    set of int
        Places in `rows`. None of them where another process cannot load the pipeline, as with classes of ``__main__``.
    """
    found: set[int] = set()
    for kernel in _KERNELS:
        left = [i for i in range(len(rows)) if i not in found]
        if not left:
            break
        others = _ask(pipeline, asker, [rows[i] for i in left], kernel)
        found |= {i for i, other in zip(left, others) if differs(answers[i], other, bounds)}
    return found


def _ask(pipeline: Path, asker: Asker, rows: Sequence[Row], kernel: str) -> list[Answer]:
    """Return the answers with a kernel: none where the process ends, by a processor that lacks it too, or takes too long."""
    question = (str(pipeline.resolve()), asker.signature, asker.threshold, asker.std, asker.without, list(rows))
    with tempfile.TemporaryDirectory(prefix="sklambda-") as folder:
        (Path(folder) / "question.pickle").write_bytes(pickle.dumps(question))
        try:
            subprocess.run(
                [sys.executable, "-m", "sklambda._second", folder],
                env={
                    **os.environ,
                    "OPENBLAS_CORETYPE": kernel,
                    "NPY_DISABLE_CPU_FEATURES": _WITHOUT,
                    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                },
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=True,
                timeout=_PATIENCE,
            )
            answers = json.loads((Path(folder) / "answers.json").read_bytes())
        except (OSError, ValueError, subprocess.SubprocessError):
            return []
    return [from_json(answer) for answer in answers]


class _ExtendedFourier:
    """A backend of scipy.fft with the digits and the range of a long double, where it has more than a double."""

    __ua_domain__ = "numpy.scipy.fft"

    @classmethod
    def __ua_function__(cls, method: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        x = np.asarray(args[0])
        with skip_backend(cls):
            out = method(x.astype(np.clongdouble if np.iscomplexobj(x) else np.longdouble), *args[1:], **kwargs)
        return out.astype(np.complex128) if method is ifft else out


def _answer(folder: Path) -> None:
    pipeline, signature, threshold, std, without, rows = pickle.loads((folder / "question.pickle").read_bytes())
    with quietly(), set_backend(_ExtendedFourier):
        asker = Asker(_source.load(Path(pipeline)), signature, threshold, std, without)
        answers = [to_json(asker.ask_one(row)) for row in rows]
    (folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    _answer(Path(sys.argv[1]))
