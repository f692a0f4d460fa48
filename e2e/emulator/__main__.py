"""Starts the emulator: ``python -m emulator``. Its address is $BIND_HOST and $GATEWAY_PORT, as ministack reads them."""

from __future__ import annotations

import importlib.metadata
import sys

from emulator import VERSION


def main() -> int:
    """Change ministack, tell what was changed, and run it until it is ended."""
    installed = importlib.metadata.version("ministack")
    if installed != VERSION:
        print(f"ministack is {installed}: the start wrapper changes its inside and knows {VERSION} alone", file=sys.stderr)
        return 1

    from ministack.app import main as run

    from emulator import apigateway, codedeploy, environment, stepfunctions, unsupported

    for module in (environment, apigateway, unsupported, codedeploy, stepfunctions):
        for change in module.apply():
            print(f"changed in ministack {VERSION}: {change}", flush=True)
    run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
