"""Resources that ministack refuses: they are recorded and do nothing."""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import provisioners

_TYPES = [
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::Budgets::Budget",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentConfig",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Logs::QueryDefinition",
]


def _create(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    return f"{stack_name}-{logical_id}", {}


def _update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    return physical_id, {}


def _delete(physical_id: str, props: dict[str, Any]) -> None:
    pass


def _metric_math(record: Any) -> Any:
    """Store an alarm on a metric-math expression as one on the first metric of the expression: neither is evaluated."""

    def with_metric(name: str, props: dict[str, Any]) -> Any:
        if not props.get("Metrics"):
            return record(name, props)
        metric = next(query["MetricStat"]["Metric"] for query in props["Metrics"] if "MetricStat" in query)
        plain = {key: value for key, value in props.items() if key != "Metrics"}
        return record(name, plain | {key: metric[key] for key in ("MetricName", "Namespace")})

    return with_metric


def apply() -> list[str]:
    """Register handlers for the types, and take alarms on expressions."""
    known = [name for name in _TYPES if name in provisioners._RESOURCE_HANDLERS]
    if known:
        raise RuntimeError(f"ministack has handlers for {', '.join(known)}: ours would hide them")
    for name in _TYPES:
        provisioners._RESOURCE_HANDLERS[name] = {"create": _create, "update": _update, "delete": _delete}
    provisioners._cw_metric_alarm_record = _metric_math(provisioners._cw_metric_alarm_record)
    return [
        f"{', '.join(_TYPES)} are recorded and do nothing (it refuses them)",
        "an alarm on a metric-math expression is recorded (it refuses it); no alarm is evaluated",
    ]
