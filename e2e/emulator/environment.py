"""Execution environments of ``provided.*`` functions: layers at /opt, the code at /var/task, and a Runtime API without delay.

ministack runs the bootstrap as a process that sees the files of this machine. Here it gets a mount namespace of its own, as it
has a file system of its own on AWS. It is entered by unshare(1) of util-linux with the options in $EMULATOR_UNSHARE; unshare
replaces itself by the bootstrap.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

_OPT, _TASK = "EMULATOR_OPT", "EMULATOR_TASK"
_LAYERS = Path(tempfile.gettempdir()) / "layers"

# /var/task need not exist on this machine: an empty /var is laid over the machine's own, which the function has no use for.
_ENTER = """set -e
mount --bind "$0" /opt
mount -t tmpfs tmpfs /var
mkdir /var/task
mount --bind "$1" /var/task
cd /var/task
exec ./bootstrap"""


def _start(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a process; a bootstrap in a mount namespace of its own."""
    environment = options.get("env") or {}
    if _OPT in environment:
        environment = dict(environment)
        opt, task = environment.pop(_OPT), environment.pop(_TASK)
        command = ["unshare", *os.environ["EMULATOR_UNSHARE"].split(), "sh", "-c", _ENTER, opt, task]
        options["env"] = environment
    return subprocess.Popen(command, **options)


def _merge_layers(config: dict[str, Any]) -> Path:
    """Extract the layers of a function, in order, into one folder, as Lambda does at /opt."""
    zips = [lambda_svc._resolve_layer_zip(layer) for layer in config.get("Layers") or []]
    if None in zips:
        raise RuntimeError(f"a layer of {config.get('FunctionName')} has no content: {config['Layers']}")
    key = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in zips)).hexdigest()
    folder = _LAYERS / key
    if not folder.exists():
        aside = Path(tempfile.mkdtemp(prefix="layers-"))
        for content in zips:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                lambda_svc._extract_zip_preserving_mode(archive, str(aside))
        aside.chmod(0o755)
        _LAYERS.mkdir(exist_ok=True)
        aside.rename(folder)
    return folder


def apply() -> list[str]:
    """Change how ministack starts a bootstrap and talks to it."""
    worker_env = lambda_svc._provided_worker_env
    handler_class = lambda_runtime.ProvidedWorker._build_handler_class

    def with_mounts(config: dict[str, Any], code_dir: str, port: int) -> dict[str, str]:
        environment: dict[str, str] = worker_env(config, code_dir, port)
        environment |= {_OPT: str(_merge_layers(config)), _TASK: code_dir, "LAMBDA_TASK_ROOT": "/var/task"}
        return environment

    def without_delay(*arguments: Any) -> Any:
        handler = handler_class(*arguments)
        handler.disable_nagle_algorithm = True
        return handler

    lambda_svc._provided_worker_env = with_mounts
    lambda_runtime.subprocess = SimpleNamespace(**vars(subprocess) | {"Popen": _start})
    lambda_runtime.ProvidedWorker._build_handler_class = without_delay
    lambda_runtime._PROVIDED_POLL = 0.005
    return [
        "layers of provided.* functions are mounted at /opt and the code at /var/task (it mounts no layers)",
        "its Runtime API sends at once (TCP_NODELAY) and looks every 5 ms (50 ms)",
    ]
