from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklambda import PipelineFileError
from sklambda import _source as source


def _fitted() -> Any:
    X = np.arange(40.0).reshape(20, 2)
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, np.arange(20) % 2)


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3), ("lz4", 3)], ids=str)
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_version_is_read(tmp_path: Path, compress: Any, protocol: int) -> None:
    path = tmp_path / "pipeline.joblib"
    joblib.dump(_fitted(), path, compress=compress, protocol=protocol)
    assert source.versions_in(path) == [sklearn.__version__]


@pytest.mark.parametrize("cut", range(0, 40, 3))
def test_version_is_found_across_reads(tmp_path: Path, cut: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pipeline.pkl"
    path.write_bytes(b"\x80\x04" + b"." * cut + pickle.dumps({"_sklearn_version": "1.2.3"}))
    monkeypatch.setattr(source, "_CHUNK", 8)
    assert source.versions_in(path) == ["1.2.3"]


def test_reading_the_version_executes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.pkl"
    proof = tmp_path / "proof"
    path.write_bytes(f"cos\nmkdir\n(V{proof}\ntR.".encode() + pickle.dumps({"_sklearn_version": "1.2.3"}))
    assert source.versions_in(path) == ["1.2.3"]
    assert not proof.exists()


def test_every_version_is_found_once(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.pkl"
    states = [{"_sklearn_version": version} for version in ("1.5.0", "1.9.1", "1.5.0")]
    path.write_bytes(b"".join(pickle.dumps(state) for state in states) + b"_sklearn_version")
    assert source.versions_in(path) == ["1.5.0", "1.9.1"]


def test_a_file_of_no_estimator_has_no_version(tmp_path: Path) -> None:
    path = tmp_path / "list.joblib"
    joblib.dump([1, "_sklearn_version_of_what", np.zeros(3)], path)
    assert source.versions_in(path) == []
    assert source.version_reasons(path) == []


def test_another_minor_version_is_a_reason_with_the_pip_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pipeline.joblib"
    joblib.dump(_fitted(), path)
    wrote = sklearn.__version__
    monkeypatch.setattr(sklearn, "__version__", "1.4.2")
    (reason,) = source.version_reasons(path)
    assert f"written by scikit-learn {wrote}, but this is scikit-learn 1.4.2" in reason
    assert f'python -m pip install "scikit-learn=={wrote}"' in reason


def test_another_patch_version_is_no_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pipeline.joblib"
    joblib.dump(_fitted(), path)
    major, minor, _ = sklearn.__version__.split(".")
    monkeypatch.setattr(sklearn, "__version__", f"{major}.{minor}.99")
    assert source.version_reasons(path) == []


def test_a_file_cut_short_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut.joblib"
    joblib.dump(_fitted(), path, compress=("gzip", 3))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(PipelineFileError, match=r"cannot read .*cut\.joblib"):
        source.versions_in(path)


def test_a_file_that_does_not_load_says_so(tmp_path: Path) -> None:
    path = tmp_path / "alien.joblib"
    path.write_bytes(b"cno_such_module\nThing\n.")
    with pytest.raises(PipelineFileError, match=r"no_such_module.*environment that wrote"):
        source.load(path)


def test_n_jobs_is_one_in_every_nested_estimator(tmp_path: Path) -> None:
    X = np.random.default_rng(0).normal(size=(60, 3))
    y = (X[:, 0] > 0).astype(int)
    bagging = BaggingClassifier(RandomForestClassifier(n_estimators=2), n_estimators=2)
    columns = ColumnTransformer([("scale", StandardScaler(), [0, 1])], remainder="passthrough")
    search = GridSearchCV(RandomForestClassifier(n_estimators=3), {"max_depth": [2]}, cv=2)
    pipeline = make_pipeline(columns, VotingClassifier([("search", search), ("bagging", bagging)])).fit(X, y)
    for part in source.parts(pipeline):
        if "n_jobs" in vars(part):
            part.n_jobs = 2
    path = tmp_path / "pipeline.joblib"
    joblib.dump(pipeline, path)
    loaded = source.load(path)
    jobs = [vars(part)["n_jobs"] for part in source.parts(loaded) if "n_jobs" in vars(part)]
    # Templates and fitted copies: the column transformer, voting, the search, bagging, and the forests inside them.
    assert len(jobs) >= 10
    assert set(jobs) == {1}
    assert loaded[0].n_jobs == loaded[1].n_jobs == 1
    assert loaded[1].estimators_[0].best_estimator_.n_jobs == 1
    assert [forest.n_jobs for forest in loaded[1].estimators_[1].estimators_] == [1, 1]


def test_versions_of_a_skops_file() -> None:
    files = Path(__file__).parents[2] / "sklearn/testdata/containers"
    (version,) = source.versions_in(files / "00.skops")
    assert source.versions_in(files / "00-5.pkl") == [version]


def test_a_skops_file_without_skops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skops.io", None)
    with pytest.raises(PipelineFileError, match="pip install skops"):
        source.load(Path(__file__).parents[2] / "sklearn/testdata/containers/06.skops")
