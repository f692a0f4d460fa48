"""The local AWS emulator with its gaps filled: ``python -m emulator`` in e2e/.

It runs ministack, an emulator from PyPI, after changing what stands between our stack and a real answer. Each module changes
one thing, and says on standard output what; nothing outside this process is changed.
"""

from __future__ import annotations

VERSION = "1.5.33"
"""The one version of ministack whose inside these modules know."""
