"""End to end: the example pipelines from joblib file to artifact, with the real Go binary."""

from __future__ import annotations

import filecmp
import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from conftest import Real
from scipy.spatial.distance import euclidean
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder, StandardScaler

import sklambda
from examples.__main__ import main
from sklambda.__main__ import main as command

_MODEL = Path(__file__).resolve().parents[2]
_ARTIFACTS = {
    "demo": _MODEL / "artifact",
    "breast_cancer": _MODEL / "testdata/breast_cancer/artifact",
    "diabetes": _MODEL / "testdata/diabetes/artifact",
    "penguins": _MODEL / "testdata/penguins/artifact",
}
_DEMO_ROW = {"feature_1": 10, "feature_2": 3, "feature_3": 1}


def _manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return manifest


@pytest.mark.parametrize("name", _ARTIFACTS)
def test_the_shipped_artifact_is_of_the_shipped_pipeline_and_verifies(name: str, real: Real) -> None:
    folder, source = _ARTIFACTS[name], _MODEL / "testdata" / name / "pipeline.joblib"
    manifest = _manifest(folder)
    assert manifest["name"] == name
    assert manifest["source"]["size"] == source.stat().st_size
    assert manifest["golden"]["rows"] >= 200
    real.run("verify", "--model", folder)


@pytest.mark.parametrize("name", _ARTIFACTS)
def test_the_shipped_artifact_answers_as_scikit_learn(name: str, real: Real, tmp_path: Path) -> None:
    """The sample itself, most of which is not among the golden rows, through `score`."""
    folder = _MODEL / "testdata" / name
    pipeline = joblib.load(folder / "pipeline.joblib")
    table = pd.read_csv(folder / "sample.csv").astype({"sex": object, "island": object} if name == "penguins" else {})
    real.run("score", "--model", _ARTIFACTS[name], "--in", folder / "sample.csv", "--out", tmp_path / "answers.jsonl")
    answers = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(answers) == len(table) > 300
    if name == "diabetes":
        assert [answer["value"] for answer in answers] == pipeline.predict(table).tolist()
        return
    assert [answer["label"] for answer in answers] == pipeline.predict(table).tolist()
    got = [list(answer["probabilities"].values()) for answer in answers]
    np.testing.assert_allclose(got, pipeline.predict_proba(table), rtol=1e-12, atol=1e-12)


def test_the_demo_answers_its_request(real: Real) -> None:
    row = pd.DataFrame([_DEMO_ROW])
    pipeline = joblib.load(_MODEL / "testdata/demo/pipeline.joblib")
    assert round(float(pipeline.predict_proba(row)[0, 1]), 4) == 0.9983
    manifest = _manifest(_ARTIFACTS["demo"])
    assert (manifest["threshold"], manifest["decimals"], manifest["version"]) == (0.5, 4, "v1.0")


def test_training_again_gives_the_same_model(tmp_path: Path) -> None:
    """The shipped files come from the scripts: the answers agree as far as the machine's arithmetic does."""
    assert main(["--out", str(tmp_path), "--train-only"]) == 0
    for name in _ARTIFACTS:
        folder = tmp_path / "testdata" / name
        assert filecmp.cmp(folder / "sample.csv", _MODEL / "testdata" / name / "sample.csv", shallow=False)
        table = pd.read_csv(folder / "sample.csv")
        new, shipped = (joblib.load(f / "pipeline.joblib") for f in (folder, _MODEL / "testdata" / name))
        method = "predict" if name == "diabetes" else "predict_proba"
        np.testing.assert_allclose(getattr(new, method)(table), getattr(shipped, method)(table), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("name", "sample_rows"), [("demo", False), ("penguins", True)])
def test_export_of_a_fitted_pipeline(name: str, sample_rows: bool, real: Real, tmp_path: Path) -> None:
    folder = _MODEL / "testdata" / name
    table = pd.read_csv(folder / "sample.csv")
    report = sklambda.export(joblib.load(folder / "pipeline.joblib"), table, tmp_path / "artifact", sample_rows=sample_rows)
    manifest = _manifest(tmp_path / "artifact")
    assert manifest["golden"]["rows"] == report.rows >= 200
    assert manifest["golden"]["undecided"] == report.undecided
    assert set(manifest["source"]["versions"]) >= {"scikit-learn", "numpy", "python", "joblib"}
    real.run("verify", "--model", tmp_path / "artifact")
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    inputs = [json.loads(line)["input"] for line in (tmp_path / "artifact/golden.jsonl").read_text("utf-8").splitlines()]
    assert any(row in inputs for row in rows) is sample_rows


@pytest.mark.parametrize(
    "first", [DictVectorizer(), DictVectorizer(sparse=False), FeatureHasher(), FeatureHasher(n_features=4)], ids=str
)
def test_export_of_a_pipeline_that_takes_dicts(first: Any, real: Real, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values: dict[str, list[Any]] = {
        "city": ["Köln", "a=b", "", "1"],
        "zip": ["1", "2", "007"],
        "size=": [1.5, -0.0, 3.0, 1e-9],
        "vip": [True, False],
    }
    rows = [{k: v[rng.integers(len(v))] for k, v in values.items() if rng.random() < 0.8} for _ in range(80)]
    pipeline = make_pipeline(first, LogisticRegression()).fit(rows, np.arange(80) % 2)
    sklambda.export(pipeline, rows, tmp_path / "artifact")
    types = {feature["name"]: feature["type"] for feature in _manifest(tmp_path / "artifact")["features"]}
    assert types == {"city": "string", "zip": "string", "size=": "number", "vip": "boolean"}
    asked: list[dict[str, Any]] = [{}, {"city": "unseen", "size=": -7.5}, {"zip": "1", "vip": True}, {"city": "köln", "size=": 2}]
    lines = [json.dumps(dict.fromkeys(values) | row) + "\n" for row in asked]
    (tmp_path / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    said = real.run("score", "--model", tmp_path / "artifact", "--in", tmp_path / "rows.jsonl", "--out", "-")
    got = [json.loads(line)["probability"] for line in said.splitlines()]
    np.testing.assert_allclose(got, pipeline.predict_proba(asked)[:, 1], rtol=1e-12, atol=1e-12)


def test_a_column_of_dates_that_no_step_reads(real: Real, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    X = pd.DataFrame(
        {"when": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 99, 60), "D"), "v": rng.normal(size=60)}
    )
    y = X["v"] > 0
    pipeline = make_pipeline(ColumnTransformer([("v", StandardScaler(), ["v"])]), LogisticRegression()).fit(X, y)
    report = sklambda.export(pipeline, X, tmp_path / "artifact")
    assert [feature["used"] for feature in report.manifest["features"]] == [False, True]
    encoded = make_pipeline(OrdinalEncoder(), LogisticRegression()).fit(X, y)
    with pytest.raises(sklambda.RefusedError, match=r"categories_\[0\] is a datetime64: allowed is an array of strings"):
        sklambda.export(encoded, X, tmp_path / "artifact")


def test_a_refusal_leaves_the_artifact(real: Real, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    X = np.random.default_rng(0).normal(size=(30, 2))
    union = FeatureUnion([("sort", FunctionTransformer(np.sort)), ("flip", FunctionTransformer(np.flip))])
    joblib.dump(
        make_pipeline(union, KNeighborsRegressor(algorithm="brute", metric=euclidean)).fit(X, X[:, 0]), tmp_path / "odd.joblib"
    )
    pd.DataFrame(X, columns=["a", "b"]).to_csv(tmp_path / "sample.csv", index=False)
    out = tmp_path / "artifact"
    sklambda.export(LogisticRegression().fit(X, X[:, 0] > 0), X, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    capfd.readouterr()
    assert command(["export", str(tmp_path / "odd.joblib"), "--sample", str(tmp_path / "sample.csv"), "--out", str(out)]) == 2
    lines = capfd.readouterr().err.splitlines()
    steps = {line.split(" ")[0] for line in lines}
    assert steps == {"pipeline.featureunion.sort", "pipeline.featureunion.flip", "pipeline.kneighborsregressor"}
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
