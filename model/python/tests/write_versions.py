"""Write the fixtures of all scikit-learn versions: python write_versions.py [VERSION ...] (or `make versions`).

Each version is installed into an environment of its own under .tmp/versions, with the numpy and pandas of its day (numpy 1
until scikit-learn 1.4, numpy 2 from 1.5). The files, and the answers of the version that wrote them, are replayed by
model/sklearn/written_test.go.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parents[2]
FIXTURES = ROOT / "model" / "sklearn" / "testdata"
ENVIRONMENTS = ROOT / ".tmp" / "versions"

# scikit-learn, numpy, scipy, pandas, joblib.
VERSIONS = (
    ("1.2.0", "1.23.5", "1.10.1", "1.5.3", "1.3.2"),
    ("1.2.2", "1.23.5", "1.10.1", "1.5.3", "1.3.2"),
    ("1.3.0", "1.26.4", "1.11.4", "2.1.4", "1.3.2"),
    ("1.3.2", "1.26.4", "1.11.4", "2.1.4", "1.3.2"),
    ("1.4.2", "1.26.4", "1.12.0", "2.2.2", "1.3.2"),
    ("1.5.2", "2.0.2", "1.13.1", "2.2.3", "1.3.2"),
    ("1.6.1", "2.2.6", "1.15.3", "2.2.3", "1.3.2"),
    ("1.7.2", "2.3.5", "1.16.3", "2.3.3", "1.3.2"),
    ("1.8.0", "2.3.5", "1.16.3", "2.3.3", "1.3.2"),
    ("1.9.1", "2.4.6", "1.17.1", "3.1.1", "1.6.0"),
)
SCRIPTS = {
    "versions": "parity_versions.py",
    "linear": "parity_versions_linear.py",
    "transformers": "parity_versions_transformers.py",
    "predictors": "parity_versions_predictors.py",
    "dicts": "parity_versions_dicts.py",
}


def environment(scikit_learn: str, numpy: str, scipy: str, pandas: str, joblib: str) -> Path:
    """Return the Python of the version's environment, made on the first call."""
    folder = ENVIRONMENTS / scikit_learn
    python, done = folder / "bin" / "python", folder / ".done"
    if not done.exists():
        venv.create(folder, with_pip=True)
        libraries = {"scikit-learn": scikit_learn, "numpy": numpy, "scipy": scipy, "pandas": pandas, "joblib": joblib}
        pins = [f"{library}=={version}" for library, version in libraries.items()]
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pins], check=True)
        done.touch()
    return python


def main(chosen: list[str]) -> None:
    """Write every folder of fixtures that is there, or those of the chosen versions."""
    for version, *pins in VERSIONS:
        if chosen and version not in chosen:
            continue
        for name, script in SCRIPTS.items():
            folder = FIXTURES / name / version
            if folder.exists():
                python = environment(version, *pins)
                subprocess.run([python, TESTS / script, folder], check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


if __name__ == "__main__":
    main(sys.argv[1:])
