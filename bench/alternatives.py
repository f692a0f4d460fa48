"""Answer rows of a model with scikit-learn or onnxruntime: ``alternatives.py LIBRARY FOLDER``.

With $AWS_LAMBDA_RUNTIME_API it is a Lambda function that answers objects of features. Otherwise it is timed: it reads lines of
``ROWS SECONDS`` and prints the microseconds a row that calls of so many rows take, for about so long. One thread; the same row is
never asked twice in a row.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np

Row = list[Any]
# What a library is asked: a table made ready by Library.table, for the probabilities of each row.
Ask = Callable[[Any], Any]


class ScikitLearn:
    """The pipeline itself."""

    def __init__(self, folder: Path) -> None:
        """Load the pipeline."""
        import joblib

        self.pipeline = joblib.load(folder / "pipeline.joblib")
        last = self.pipeline[-1] if hasattr(self.pipeline, "steps") else self.pipeline
        if hasattr(last, "n_jobs"):
            last.n_jobs = 1

    def table(self, names: Sequence[str], rows: list[Row]) -> Any:
        """Return a DataFrame if the pipeline asks for columns by name, an array otherwise."""
        if not hasattr(self.pipeline, "feature_names_in_"):
            return np.array(rows, dtype=float)
        import pandas as pd

        return pd.DataFrame(rows, columns=list(names))

    def ask(self, table: Any) -> Any:
        """Return the probabilities."""
        return self.pipeline.predict_proba(table)


class OnnxRuntime:
    """The pipeline converted by skl2onnx."""

    def __init__(self, folder: Path) -> None:
        """Load the converted pipeline."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(folder / "model.onnx", options, ["CPUExecutionProvider"])
        self.by_name = len(self.session.get_inputs()) > 1

    def table(self, names: Sequence[str], rows: list[Row]) -> Any:
        """Return the input tensors."""
        if not self.by_name:
            return {"rows": np.array(rows, dtype=np.float32)}
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        return {
            name: np.array(cells, dtype=object if isinstance(cells[0], str) else np.float32).reshape(-1, 1)
            for name, cells in columns.items()
        }

    def ask(self, table: Any) -> Any:
        """Return the probabilities."""
        return self.session.run(["probabilities"], table)[0]


LIBRARIES: dict[str, type[ScikitLearn | OnnxRuntime]] = {"scikit-learn": ScikitLearn, "onnxruntime": OnnxRuntime}


def sample(folder: Path) -> tuple[list[str], list[Row]]:
    """Read sample.csv without pandas: cells that are no numbers are strings."""

    def cell(text: str) -> Any:
        try:
            return float(text)
        except ValueError:
            return text

    with (folder / "sample.csv").open(newline="") as file:
        names, *rows = csv.reader(file)
    return names, [[cell(text) for text in row] for row in rows]


def microseconds(ask: Ask, tables: Sequence[Any], rows: int, seconds: float) -> float:
    """Ask the tables in turn for some time; return the microseconds a row."""
    done, start = 0, time.perf_counter()
    while True:
        ask(tables[done % len(tables)])
        done += 1
        took = time.perf_counter() - start
        if took > seconds:
            return took * 1e6 / (done * rows)


def time_rows(library: ScikitLearn | OnnxRuntime, folder: Path) -> None:
    """Answer lines of ROWS SECONDS."""
    names, rows = sample(folder)
    tables: dict[int, list[Any]] = {}
    for line in sys.stdin:
        count, seconds = int(line.split()[0]), float(line.split()[1])
        if count not in tables:
            made = range(100 if count == 1 else 1)
            tables[count] = [library.table(names, [rows[(i * count + k) % len(rows)] for k in range(count)]) for i in made]
            if count == 1:
                library.ask(tables[count][0])  # the first call is slower
        print(microseconds(library.ask, tables[count], count, seconds), flush=True)


def serve(library: ScikitLearn | OnnxRuntime) -> None:
    """Answer events of the Lambda Runtime API."""
    api = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    prefix = "/2018-06-01/runtime/invocation/"
    while True:
        api.request("GET", prefix + "next")
        event = api.getresponse()
        row = json.loads(event.read())
        answer = library.ask(library.table(list(row), [list(row.values())]))
        body = json.dumps({"probability": float(answer[0][1])})
        api.request("POST", f"{prefix}{event.headers['Lambda-Runtime-Aws-Request-Id']}/response", body)
        api.getresponse().read()


def main() -> None:
    """Serve, or be timed."""
    folder = Path(sys.argv[2])
    library = LIBRARIES[sys.argv[1]](folder)
    if "AWS_LAMBDA_RUNTIME_API" in os.environ:
        serve(library)
    else:
        time_rows(library, folder)


if __name__ == "__main__":
    main()
