from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from conftest import Fake
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import sklambda
from sklambda.__main__ import main

_RNG = np.random.default_rng(0)
_X = pd.DataFrame({"a": _RNG.normal(size=80), "b": _RNG.normal(size=80)})
_Y = (_X["a"] > 0).astype(int)


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    path = tmp_path / "churn.joblib"
    joblib.dump(make_pipeline(StandardScaler(), LogisticRegression()).fit(_X, _Y), path)
    return path


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.csv"
    _X.to_csv(path, index=False)
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a folder that holds an older artifact."""
    folder = tmp_path / "artifact"
    folder.mkdir()
    (folder / "manifest.json").write_text("older", encoding="utf-8")
    return folder


def _golden(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "golden.jsonl").read_text(encoding="utf-8").splitlines()]


def _is_untouched(folder: Path) -> bool:
    return [p.name for p in folder.iterdir()] == ["manifest.json"] and (folder / "manifest.json").read_text("utf-8") == "older"


def test_export_writes_what_scikit_learn_answers(fake: Fake, pipeline: Path, sample: Path, out: Path) -> None:
    report = sklambda.export(pipeline, sample, out)
    rows = _golden(out)
    assert report.rows == len(rows) >= 200
    assert report.errors == sum(row["expected"] == {"error": {}} for row in rows) > 0
    model = joblib.load(pipeline)
    answered = [row for row in rows if row["expected"] != {"error": {}}]
    proba = model.predict_proba(pd.DataFrame([row["input"] for row in answered]))[:, 1]
    np.testing.assert_allclose([row["expected"]["probability"] for row in answered], proba, rtol=1e-12, atol=1e-12)
    inputs = [row["input"] for row in rows]
    assert sum(row in inputs for row in _X.to_dict("records")) == len(_X)
    assert "built" in str(report)
    assert f"{report.rows} golden rows" in str(report)


def test_options_reach_the_build(fake: Fake, pipeline: Path, sample: Path, out: Path) -> None:
    sklambda.export(pipeline, sample, out, name="churn", version="v2", threshold=0.3, decimals=4)
    draft, rows, build = fake.commands
    assert rows == ["rows", str(pipeline), "--sample", str(sample)]
    assert "--golden" not in draft
    assert str(out) not in draft
    given = dict(zip(build[2:20:2], build[3:20:2]))
    assert Path(given.pop("--golden")).name == "golden.jsonl"
    assert given == {
        "--out": str(out), "--sample": str(sample), "--version": "v2", "--name": "churn", "--threshold": "0.3", "--decimals": "4",
        "--undecided": "0", "--hunted": "0=0.0",
    }  # fmt: skip
    assert f"numpy={np.__version__}" in build
    assert f"joblib={joblib.__version__}" in build


def test_a_fitted_pipeline_is_exported_and_left_alone(fake: Fake, out: Path) -> None:
    model = RandomForestClassifier(n_estimators=3, n_jobs=2, random_state=0).fit(_X, _Y)
    report = sklambda.export(model, _X, out)
    assert report.rows == len(_golden(out))
    assert model.n_jobs == 2


def test_a_pipeline_that_cannot_be_pickled_is_refused(fake: Fake, out: Path) -> None:
    model = make_pipeline(FunctionTransformer(lambda X: X), LogisticRegression()).fit(_X, _Y)
    with pytest.raises(sklambda.RefusedError, match=r"Pipeline: it cannot be pickled .*<lambda>.*compute it before the pipeline"):
        sklambda.export(model, _X, out)
    assert _is_untouched(out)


def test_the_same_inputs_give_the_same_golden_rows(fake: Fake, pipeline: Path, sample: Path, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        sklambda.export(pipeline, sample, tmp_path / folder)
    assert (tmp_path / "one/golden.jsonl").read_bytes() == (tmp_path / "two/golden.jsonl").read_bytes()


def test_no_row_of_the_sample_is_kept_unless_allowed(fake: Fake, pipeline: Path, sample: Path, out: Path) -> None:
    report = sklambda.export(pipeline, sample, out, sample_rows=False)
    assert report.rows >= 200
    inputs = [row["input"] for row in _golden(out)]
    assert not [row for row in _X.to_dict("records") if row in inputs]
    edges = {*_X["a"].agg(["min", "max"]), *_X["b"].agg(["min", "max"])}
    assert {value for row in inputs for value in row.values()} & {*_X["a"], *_X["b"]} <= edges


def test_threshold_decides_the_golden_labels(fake: Fake, pipeline: Path, sample: Path, out: Path) -> None:
    sklambda.export(pipeline, sample, out, threshold=0.9)
    answers = [row["expected"] for row in _golden(out) if "label" in row["expected"]]
    assert {answer["label"] for answer in answers} == {0, 1}
    assert all(answer["label"] == int(answer["probability"] >= 0.9) for answer in answers)


@pytest.fixture
def command(pipeline: Path, sample: Path, out: Path) -> list[str]:
    return ["export", str(pipeline), "--sample", str(sample), "--out", str(out)]


def test_exit_status_is_0_when_written(fake: Fake, command: list[str], capsys: pytest.CaptureFixture[str], out: Path) -> None:
    assert main(command) == 0
    said = capsys.readouterr()
    assert "golden rows from scikit-learn" in said.out
    assert said.err == ""
    assert not _is_untouched(out)


def test_every_reason_of_a_refusal_is_a_line(
    fake: Fake, command: list[str], capsys: pytest.CaptureFixture[str], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.refuse("pipeline.a (A): why", "pipeline.b (B): why")
    monkeypatch.setattr(sklearn, "__version__", "1.4.2")
    assert main(command) == 2
    version, *others = capsys.readouterr().err.splitlines()
    assert version.startswith("churn.joblib: written by scikit-learn ")
    assert others == ["pipeline.a (A): why", "pipeline.b (B): why"]
    assert _is_untouched(out)


def test_another_scikit_learn_is_refused(
    fake: Fake, command: list[str], capsys: pytest.CaptureFixture[str], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrote = sklearn.__version__
    monkeypatch.setattr(sklearn, "__version__", "1.4.2")
    assert main(command) == 2
    assert f'python -m pip install "scikit-learn=={wrote}"' in capsys.readouterr().err
    assert _is_untouched(out)


def test_another_scikit_learn_is_refused_even_if_the_build_fails(
    fake: Fake, command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sklearn, "__version__", "1.4.2")
    monkeypatch.setenv("SKLAMBDA_BIN", "/bin/false")
    assert main(command) == 2
    assert "python -m pip install" in capsys.readouterr().err


def test_a_threshold_without_predict_proba_is_refused(fake: Fake, tmp_path: Path, sample: Path, out: Path) -> None:
    path = tmp_path / "regressor.joblib"
    joblib.dump(LinearRegression().fit(_X, _Y), path)
    with pytest.raises(sklambda.RefusedError, match="needs predict_proba"):
        sklambda.export(path, sample, out, threshold=0.5)
    assert _is_untouched(out)


def test_a_difference_in_go_leaves_the_old_artifact(
    fake: Fake, command: list[str], capsys: pytest.CaptureFixture[str], out: Path
) -> None:
    fake.differ()
    assert main(command) == 1
    assert "golden row 7: label: got 0, want 1" in capsys.readouterr().err
    assert _is_untouched(out)


def test_a_build_that_will_fail_is_told_of_no_hunt(
    fake: Fake, pipeline: Path, sample: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another label is infinitely far off, which --hunted does not take: the build is to say which row it is."""
    monkeypatch.setattr("conftest.FakeDraft.ask", lambda _, rows: [{"label": "another"}] * len(rows))
    monkeypatch.setattr("sklambda._certificate.undecided", lambda *_: set())
    sklambda.export(pipeline, sample, out)
    assert "--hunted" not in fake.commands[-1]


@pytest.mark.parametrize("bad", [["export"], ["export", "x", "--threshold", "much"], ["deploy"], []], ids=str)
def test_a_wrong_command_line_is_not_a_refusal(bad: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(bad)
    assert ended.value.code == 1
    assert "usage:" in capsys.readouterr().err


def test_files_that_are_not_there_are_named(fake: Fake, pipeline: Path, sample: Path, out: Path, tmp_path: Path) -> None:
    with pytest.raises(sklambda.PipelineFileError, match=r"no such.joblib is not a file"):
        sklambda.export(tmp_path / "no such.joblib", sample, out)
    with pytest.raises(sklambda.SampleError, match=r"no such.csv is not a file"):
        sklambda.export(pipeline, tmp_path / "no such.csv", out)


def test_an_array_for_a_pipeline_with_names_is_refused(fake: Fake, out: Path) -> None:
    model = LogisticRegression().fit(_X, _Y)
    with pytest.raises(sklambda.SampleError, match=r"X is an ndarray, .* fitted with the columns 'a', 'b': give a DataFrame"):
        sklambda.export(model, _X.to_numpy(), out)
    assert _is_untouched(out)


def test_a_failed_build_names_no_file_of_ours(
    fake: Fake, pipeline: Path, out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    binary = tmp_path / "sklambda"
    binary.write_text('#!/bin/sh\necho "sklambda build: $6: the sample lacks a column" >&2\nexit 1\n', encoding="utf-8")
    binary.chmod(0o755)
    monkeypatch.setenv("SKLAMBDA_BIN", str(binary))
    with pytest.raises(sklambda.BuildError, match=r"^X: the sample lacks a column$"):
        sklambda.export(pipeline, _X.to_numpy(), out)


def test_no_version_is_the_default_of_the_build(fake: Fake, pipeline: Path, sample: Path, out: Path) -> None:
    sklambda.export(pipeline, sample, out, version=None)
    assert all("--version" not in command for command in fake.commands)


def test_a_missing_binary_is_explained(
    pipeline: Path, sample: Path, out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SKLAMBDA_BIN", str(tmp_path / "nowhere"))
    with pytest.raises(sklambda.BinaryNotFoundError, match=r"SKLAMBDA_BIN is .*nowhere.*make build"):
        sklambda.export(pipeline, sample, out)
    monkeypatch.delenv("SKLAMBDA_BIN")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sklambda._binary._ROOT", tmp_path)
    with pytest.raises(sklambda.BinaryNotFoundError, match="build it with `make build`"):
        sklambda.export(pipeline, sample, out)


def test_the_binary_is_found_on_path_before_dist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("path", "dist"):
        (tmp_path / folder).mkdir()
        program = tmp_path / folder / "sklambda"
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.delenv("SKLAMBDA_BIN", raising=False)
    monkeypatch.setattr("sklambda._binary._ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert sklambda._binary.find_binary().path == tmp_path / "path/sklambda"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sklambda._binary.find_binary().path == tmp_path / "dist/sklambda"


def test_a_pipeline_that_is_undecided_is_not_certified(fake: Fake, sample: Path, out: Path, tmp_path: Path) -> None:
    class Moody(LogisticRegression):  # type: ignore[misc]
        def predict(self, X: Any) -> Any:
            return np.full(len(X), len(X) > 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sklambda._source.load", lambda _: Moody().fit(_X, _Y))
        path = tmp_path / "moody.joblib"
        joblib.dump(LogisticRegression().fit(_X, _Y), path)
        with pytest.raises(sklambda.UndecidedError, match="disagrees with itself"):
            sklambda.export(path, sample, out)
    assert _is_untouched(out)
