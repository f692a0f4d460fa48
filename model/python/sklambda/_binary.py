"""The Go binary ``sklambda``: where it is, and its commands ``rows``, ``build`` and ``score``."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from sklambda._errors import BinaryNotFoundError, BuildError, RefusedError

__all__ = ["Binary", "find_binary"]

# Of a checkout: model/python/sklambda/_binary.py is three folders below its root.
_ROOT = Path(__file__).resolve().parents[3]
_REFUSED = 2


def find_binary() -> Binary:
    """Find the Go binary: ``$SKLAMBDA_BIN``, then ``PATH``, then the checkout's ``dist/``.

    Returns
    -------
    Binary
        The first that is there.
    """
    named = os.environ.get("SKLAMBDA_BIN")
    if named:
        if not os.access(named, os.X_OK) or Path(named).is_dir():
            raise BinaryNotFoundError(
                f"$SKLAMBDA_BIN is {named}, which is not an executable file: make it with `make build` and set "
                "SKLAMBDA_BIN to dist/sklambda, or unset it"
            )
        return Binary(Path(named))
    found = shutil.which("sklambda") or shutil.which(_ROOT / "dist" / "sklambda")
    if found:
        return Binary(Path(found))
    checkout = _ROOT if (_ROOT / "Makefile").is_file() else None
    where = f"make -C {shlex.quote(str(checkout))} build" if checkout else "make build"
    raise BinaryNotFoundError(
        f"the Go program sklambda is not in $SKLAMBDA_BIN, on PATH or in the checkout's dist/: build it with `{where}`"
        + ("" if checkout else " in a checkout of sklambda, and set SKLAMBDA_BIN to its dist/sklambda")
    )


class Binary:
    """The Go binary.

    Parameters
    ----------
    path : Path
        The executable.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, pipeline: Path, sample: Path, out: Path) -> None:
        """Write the typed rows of a sample.

        Parameters
        ----------
        pipeline : Path
            The joblib file.
        sample : Path
            The sample as CSV.
        out : Path
            Receives the dtypes and then one row a line, as JSON Lines.
        """
        with out.open("wb") as stdout:
            self._run(["rows", str(pipeline), "--sample", str(sample)], stdout)

    def build(self, pipeline: Path, sample: Path, out: Path, options: Sequence[str] = ()) -> str:
        """Compile a pipeline to an artifact folder.

        Parameters
        ----------
        pipeline : Path
            The joblib file.
        sample : Path
            The sample as CSV.
        out : Path
            The artifact folder. It is left as it was unless the build succeeds.
        options : sequence of str
            Further options.

        Returns
        -------
        str
            What the command printed.
        """
        return self._run(["build", str(pipeline), "--out", str(out), "--sample", str(sample), *options])

    def score(self, model: Path, rows: Path, out: Path) -> None:
        """Answer rows with an artifact.

        Parameters
        ----------
        model : Path
            The artifact folder.
        rows : Path
            The rows, as CSV or JSON Lines by the name of the file.
        out : Path
            Receives an answer a row.
        """
        self._run(["score", "--model", str(model), "--in", str(rows), "--out", str(out)])

    def _run(self, arguments: Sequence[str], stdout: IO[bytes] | int = subprocess.PIPE) -> str:
        done = subprocess.run(
            [str(self.path), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
        )
        said = done.stderr.decode("utf-8", "replace").strip()
        if done.returncode == _REFUSED:
            raise RefusedError(said.splitlines() or [f"{self.path} {arguments[0]} refused without a reason"])
        if done.returncode != 0:
            said = said.removeprefix(f"sklambda {arguments[0]}: ")
            raise BuildError(said or f"{self.path} {arguments[0]} ended with status {done.returncode} and gave no reason")
        return (done.stdout or b"").decode("utf-8", "replace")
