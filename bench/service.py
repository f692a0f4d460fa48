"""FastAPI around scikit-learn, the usual way to serve a pipeline: ``uvicorn service:app``. $MODEL_FOLDER has pipeline.joblib."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from alternatives import ScikitLearn
from fastapi import FastAPI

app = FastAPI()
library = ScikitLearn(Path(os.environ["MODEL_FOLDER"]))


@app.post("/predict")
def predict(row: dict[str, Any]) -> dict[str, Any]:
    """Answer a row of features."""
    probability = library.ask(library.table(list(row), [list(row.values())]))[0]
    return {"prediction": {"probability": float(probability[1]), "label": int(probability.argmax())}}
