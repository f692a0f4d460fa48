"""Write broken streams, and what CPython makes of each: a tree, or an error."""

from __future__ import annotations

import _compat_pickle
import pickle
import random
import resource
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pickle_reference import read, render

# Plain values: numpy itself can crash on the state of an array with a flipped bit.
SEEDS: tuple[Any, ...] = (
    [1, -2, 70000, 2**40, 2**70, 1.5, None, True, False],
    {"a": [1, {"b": (1, 2, 3, 4)}], 1: "é", None: b"\x00\xff"},
    {"k", 1, 2.5},
    [frozenset({1}), bytearray(b"xyz"), 1 + 2j],
    ["x" * 300, b"y" * 300, ("shared",), ("shared",)],
    [range(3), slice(1, None), OrderedDict(a=1), ValueError("x")],
)
BY_HAND = (
    b"(I1\nI01\nI00\nL5L\nL-12345678901234567890L\nF1.5\nF-inf\nV\\u0041\\x\\\\u0042\nS'a\\x41\\n\\101\\q'\nt.",
    b"(lp0\nI1\nag0\na.",
    b"(dp0\nI1\nI2\nsI1\nI3\ns.",
    b"]q\x05h\x05.",
    b"(K\x01K\x022K\x03t.",
    b"(K\x01(K\x0210K\x03t.",
    b"}(K\x01K\x02\x88K\x03G?\xf0\x00\x00\x00\x00\x00\x00K\x04u.",
    b"\x8f(K\x01\x88G?\xf0\x00\x00\x00\x00\x00\x00K\x01\x90.",
    b"(c__builtin__\nobject\nK\x01o.",
    b"(K\x01icopy_reg\nthing\n.",
    b"ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR}b.",
    b"ccollections\nOrderedDict\n)RK\x01K\x02s.",
    b"c__builtin__\ngetattr\ncm\nC\nX\x01\x00\x00\x00a\x86R)R.",
    b"\x80\x04cm\nC\n)}\x8c\x01kK\x01s\x92.",
    b"\x80\x04\x8c\x01m\x8c\x03A.b\x93.",
    b"\x80\x02\x8a\x00\x8a\x01\xff\x8a\x02\x00\x80\x8b\x09\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x87.",
    b"K\x01K\x02.",
    b"K\x01.trailing",
)


def streams(full: bool) -> Iterator[tuple[str, bytes]]:
    """Yield streams by name: written by hand, and pickles with bytes changed, dropped or doubled."""
    for i, stream in enumerate(BY_HAND):
        yield f"hand-{i}", stream
    for i, (module, name) in enumerate(sorted(_compat_pickle.NAME_MAPPING)):
        yield f"name-{i}", f"c{module}\n{name}\n.".encode()
    for i, module in enumerate(sorted(_compat_pickle.IMPORT_MAPPING)):
        yield f"module-{i}", f"c{module}\nanything\n.".encode()
    rng = random.Random(0)
    for i, (value, protocol) in enumerate((v, p) for v in SEEDS for p in range(6)):
        stream = pickle.dumps(value, protocol)
        yield f"seed-{i}", stream
        for k in range(400 if full else 40):
            broken = bytearray(stream)
            for _ in range(rng.randint(1, 2)):
                at = rng.randrange(len(broken))
                kind = rng.randrange(4)
                if kind == 0:
                    broken[at] ^= 1 << rng.randrange(8)
                elif kind == 1:
                    del broken[at : at + rng.randint(1, 4)]
                elif kind == 2:
                    broken[at:at] = broken[at : at + rng.randint(1, 4)]
                else:
                    broken[at] = rng.choice(b"()0123.NKabcdehijlopqrstu}]\x85\x86\x87\x88\x8f\x90\x91\x93\x94")
            yield f"broken-{i}-{k}", bytes(broken)


def make(out: Path, full: bool) -> None:
    """Write the streams. The tree of one that CPython refuses is the line ``error``."""
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    for name, stream in streams(full):
        try:
            lines = render(read(stream))
        except Exception as e:
            lines = ["error", f"{type(e).__name__}: {e}"]
        (out / f"{name}.pkl").write_bytes(stream)
        (out / f"{name}.txt").write_text("\n".join(lines) + "\n", errors="backslashreplace")
