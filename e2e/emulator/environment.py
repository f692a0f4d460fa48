"""Execution environments of ``provided.*`` functions: layers at /opt, the code at /var/task, and a Runtime API without delay.

ministack runs the bootstrap as a process that sees the files of this machine. Here it gets a mount namespace of its own, as it
has a file system of its own on AWS. It is entered by unshare(1) of util-linux with the options in $EMULATOR_UNSHARE; unshare
replaces itself by the bootstrap.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import apigateway, lambda_svc, s3
from ministack.services.cloudformation import provisioners

_OPT, _HOSTS, _TASK = _MOUNTS = ("EMULATOR_OPT", "EMULATOR_HOSTS", "EMULATOR_TASK")
_LAYERS = Path(tempfile.gettempdir()) / "layers"

# /var/task need not exist on this machine: an empty /var is laid over the machine's own, which the function has no use for.
_ENTER = """set -e
mount --bind "$0" /opt
mount --bind "$1" /etc/hosts
mount -t tmpfs tmpfs /var
mkdir /var/task
mount --bind "$2" /var/task
cd /var/task
exec ./bootstrap"""


def _start(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a process; a bootstrap in a mount namespace of its own."""
    environment = options.get("env") or {}
    if _OPT in environment:
        environment = dict(environment)
        mounts = [environment.pop(name) for name in _MOUNTS]
        command = ["unshare", *os.environ["EMULATOR_UNSHARE"].split(), "sh", "-c", _ENTER, *mounts]
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
        _rename_first(aside, folder)
    return folder


def _rename_first(aside: Path, folder: Path) -> None:
    """Rename a folder, or remove it where another environment of the same layers has put its own."""
    try:
        aside.rename(folder)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
        shutil.rmtree(aside)


def _refuse_missing(create: Any) -> Any:
    """Wrap the handler that makes a layer: without its zip in S3 it has to fail."""

    def checked(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        bucket, key = props["Content"]["S3Bucket"], props["Content"]["S3Key"]
        if not s3._get_object_data(bucket, key):
            raise ValueError(f"Error occurred while GetObject. S3 Error Code: NoSuchKey ({bucket}/{key})")
        return create(logical_id, props, stack_name)

    return checked


def _write_hosts() -> Path:
    """Write this machine's host names, with those of the HTTP APIs, which no name server knows."""
    names = [f"{api}.execute-api.localhost" for api in apigateway._apis]
    with tempfile.NamedTemporaryFile("w", prefix="hosts-", delete=False) as file:
        file.write(Path("/etc/hosts").read_text(encoding="utf-8") + "".join(f"\n127.0.0.1 {name}\n" for name in names))
    return Path(file.name)


def apply() -> list[str]:
    """Change how ministack starts a bootstrap and talks to it."""
    worker_env = lambda_svc._provided_worker_env
    handler_class = lambda_runtime.ProvidedWorker._build_handler_class

    def with_mounts(config: dict[str, Any], code_dir: str, port: int) -> dict[str, str]:
        environment: dict[str, str] = worker_env(config, code_dir, port)
        environment |= {_OPT: str(_merge_layers(config)), _HOSTS: str(_write_hosts()), _TASK: code_dir}
        return environment | {"LAMBDA_TASK_ROOT": "/var/task"}

    def without_delay(*arguments: Any) -> Any:
        handler = handler_class(*arguments)
        handler.disable_nagle_algorithm = True
        return handler

    layer = provisioners._RESOURCE_HANDLERS["AWS::Lambda::LayerVersion"]
    layer["create"] = _refuse_missing(layer["create"])
    lambda_svc._provided_worker_env = with_mounts
    lambda_runtime.subprocess = SimpleNamespace(**vars(subprocess) | {"Popen": _start})
    lambda_runtime.ProvidedWorker._build_handler_class = without_delay
    lambda_runtime._PROVIDED_POLL = 0.005
    return [
        "layers of provided.* functions are mounted at /opt and the code at /var/task (it mounts no layers)",
        "a layer whose zip is not in S3 fails (it makes an empty one)",
        "these functions find the addresses of HTTP APIs in /etc/hosts",
        "its Runtime API sends at once (TCP_NODELAY) and looks every 5 ms (50 ms)",
    ]
