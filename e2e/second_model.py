"""Trains the demo on other data and exports it: ``python second_model.py DIR``, with model/python on the path.

The artifact has the shipped model's signature and another version, so that a deploy of it changes the answers and nothing else.
"""

from __future__ import annotations

import sys

import sklambda
from examples import demo


def main() -> None:
    """Write the artifact."""
    example = demo.train(demo.SEED + 1)
    print(
        sklambda.export(
            example.pipeline,
            example.sample,
            sys.argv[1],
            name="demo",
            version="v2.0",
            threshold=example.threshold,
            decimals=example.decimals,
        )
    )


if __name__ == "__main__":
    main()
