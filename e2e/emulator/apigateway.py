"""API Gateway: the settings of an HTTP API and of its stage under the keys that ministack reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import provisioners

_SETTINGS = {
    "AWS::ApiGatewayV2::Api": ["CorsConfiguration"],
    "AWS::ApiGatewayV2::Stage": ["DefaultRouteSettings"],
}


def _camel_case(settings: dict[str, Any]) -> dict[str, Any]:
    return {key[:1].lower() + key[1:]: value for key, value in settings.items()}


def _convert(keys: list[str], handler: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a handler so that every set of properties it is given has its settings in camel case."""

    def converted(*arguments: Any, **named: Any) -> Any:
        def convert(argument: Any) -> Any:
            if not isinstance(argument, dict):
                return argument
            return argument | {key: _camel_case(argument[key]) for key in keys if argument.get(key)}

        return handler(*map(convert, arguments), **{name: convert(value) for name, value in named.items()})

    return converted


def apply() -> list[str]:
    """Change how a template's HTTP API and stage are stored."""
    for resource, keys in _SETTINGS.items():
        handlers = provisioners._RESOURCE_HANDLERS[resource]
        for action in ("create", "update"):
            handlers[action] = _convert(keys, handlers[action])
    return ["CORS and throttling of an HTTP API are stored under the keys that it reads (CORS answered 403 to all)"]
