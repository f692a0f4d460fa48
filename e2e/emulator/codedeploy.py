"""CodeDeploy: its resources are recorded, and an alias with a CodeDeployLambdaAliasUpdate policy moves as its hooks say.

When a stack update gives such an alias another version, the hook before the traffic is invoked, and the alias moves only if the
hook reports Succeeded; then the hook behind it is invoked, and the alias moves back unless that reports Succeeded too. The
resource, and with it the stack's update, fails with the hook's report. Traffic moves all at once: no alarm is evaluated, no
weight is set.
"""

from __future__ import annotations

import json
import os
import threading
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ministack.services import lambda_svc
from ministack.services.cloudformation import _stacks, changesets, handlers, provisioners, stacks

_ALIAS = "AWS::Lambda::Alias"
_HOOK_SECONDS = 60

_templates: dict[str, dict[str, Any]] = {}
"""The template that a stack was last created with or updated to, by the stack's name."""
_reports: dict[str, str] = {}
"""What a hook reported, by the id of its execution."""


class _Endpoint(BaseHTTPRequestHandler):
    """The one action of CodeDeploy that a hook calls."""

    def do_POST(self) -> None:
        """Answer PutLifecycleEventHookExecutionStatus."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = self.headers["X-Amz-Target"] == "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus"
        execution = body.get("lifecycleEventHookExecutionId")
        if known and execution in _reports:
            _reports[execution] = body["status"]
            self._answer(200, {"lifecycleEventHookExecutionId": execution})
        else:
            self._answer(400, {"__type": "InvalidLifecycleEventHookExecutionIdException", "message": str(execution)})

    def _answer(self, status: int, body: dict[str, str]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def _run_hook(name: str, function: str) -> None:
    """Invoke a hook as CodeDeploy does, and raise what it reports unless that is success."""
    execution = str(uuid.uuid4())
    _reports[execution] = "no status"
    request = urllib.request.Request(
        f"{os.environ['AWS_ENDPOINT_URL']}/2015-03-31/functions/{function}/invocations",
        data=json.dumps({"DeploymentId": "d-LOCAL0001", "LifecycleEventHookExecutionId": execution}).encode(),
    )
    with urllib.request.urlopen(request, timeout=_HOOK_SECONDS) as response:
        answer = response.read().decode()
    print(f"CodeDeploy: {name} {function} reported {_reports[execution]}", flush=True)
    if _reports[execution] != "Succeeded":
        raise ValueError(f"CodeDeploy deployment failed: {name} {function} reported {_reports[execution]}: {answer}")


def _hooks(stack_name: str, logical_id: str) -> dict[str, str]:
    """Physical names of the hooks of an alias, by their key in its update policy."""
    update = _templates[stack_name]["Resources"][logical_id].get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate", {})
    resources = _stacks[stack_name]["_resources"]
    return {
        key: resources[update[key]["Ref"]]["PhysicalResourceId"]
        for key in ("BeforeAllowTrafficHook", "AfterAllowTrafficHook")
        if key in update
    }


def _live_version(alias_arn: str) -> str:
    function, alias = alias_arn.split(":")[-2:]
    return str(lambda_svc._functions[function]["aliases"][alias]["FunctionVersion"])


def _move(original: Any) -> Any:
    """Wrap the handler that updates an alias."""

    def move(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str) -> Any:
        if _live_version(physical_id) == new["FunctionVersion"]:  # as in a rollback of a deployment that moved nothing
            return original(physical_id, old, new, stack_name, logical_id)
        hooks = _hooks(stack_name, logical_id)
        if "BeforeAllowTrafficHook" in hooks:
            _run_hook("BeforeAllowTraffic", hooks["BeforeAllowTrafficHook"])
        updated = original(physical_id, old, new, stack_name, logical_id)
        if "AfterAllowTrafficHook" in hooks:
            try:
                _run_hook("AfterAllowTraffic", hooks["AfterAllowTrafficHook"])
            except ValueError:
                original(physical_id, new, old, stack_name, logical_id)
                raise
        return updated

    return move


def _remember(deploy: Any) -> Any:
    """Wrap the deploy of a stack, whose handlers are not told of the template."""

    def remembering(stack_name: str, stack_id: str, template: dict[str, Any], *arguments: Any, **named: Any) -> Any:
        _templates[stack_name] = template
        return deploy(stack_name, stack_id, template, *arguments, **named)

    return remembering


def apply() -> list[str]:
    """Serve CodeDeploy's one action, and run the hooks of an alias."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["AWS_ENDPOINT_URL_CODEDEPLOY"] = f"http://127.0.0.1:{server.server_port}"  # functions inherit it

    for module in (changesets, handlers):
        module._deploy_stack_async = _remember(module._deploy_stack_async)
    alias = provisioners._RESOURCE_HANDLERS[_ALIAS]
    alias["update"] = _move(alias["update"])
    blocks = stacks._runs_on_worker_thread  # a hook calls back: it cannot be waited for where requests are answered
    stacks._runs_on_worker_thread = lambda resource_type: resource_type == _ALIAS or blocks(resource_type)
    return ["an alias moves all at once, behind its CodeDeploy hooks, which are invoked (it has no CodeDeploy)"]
