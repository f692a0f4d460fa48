"""Write numpy arrays, scalars and dtypes of every kind."""

from __future__ import annotations

import io
import pickle
import tempfile
from collections import OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from pickle_reference import write

DTYPES = [
    "?",
    "i1",
    "i2",
    "i4",
    "i8",
    "u1",
    "u2",
    "u4",
    "u8",
    "f2",
    "f4",
    "f8",
    "c8",
    "c16",
    ">i2",
    ">i4",
    ">i8",
    ">u8",
    ">f2",
    ">f4",
    ">f8",
    ">c16",
    "S3",
    "U3",
    ">U3",
    "V5",
    "M8[ns]",
    "M8[3D]",
    "m8[s]",
    ">M8[s]",
    "f16",
]


def _filled(dtype: str) -> np.ndarray[Any, Any]:
    """Return 24 items whose bytes are all in use."""
    t = np.dtype(dtype)
    if t.kind == "U":
        return np.array(["", "a", "né", "\U0001f600x", "\ud800", "b\0c"] * 4, dtype=t)
    if t.kind == "b":
        return np.array([True, False, False] * 8)
    if t.kind in "fc" and t.itemsize <= 16 and dtype != "f16":
        special = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-7, 6e-8, 65504, 1 / 3, -2.5, 5e-324, 1.0]
        return np.array(special * 2).astype(t)
    if dtype == "f16":
        return np.arange(24).astype(t) / 3
    raw = np.random.RandomState(0).bytes(24 * t.itemsize)
    return np.frombuffer(raw, dtype=t).copy()


def _structured() -> dict[str, Any]:
    tree = np.dtype([("left", "<i8"), ("threshold", "<f8"), ("missing", "u1")], align=True)
    inner = np.dtype([("a", ">i2"), ("b", "S2")])
    nested = np.dtype([("x", inner), ("m", "f4", (2, 3)), ("n", inner, (2,))])
    packed = np.zeros(6, tree)
    packed["left"], packed["threshold"], packed["missing"] = np.arange(6), np.arange(6) / 7, 1
    titled = np.dtype([(("a title", "a"), "i4"), ("b", "f4")])
    held = np.array([(1, "x"), (2, [None])], dtype=[("k", "i4"), ("o", "O")])
    return {
        "structured": packed,
        "structured-2d": np.asfortranarray(packed.reshape(2, 3)),
        "structured-nested": np.frombuffer(bytes(range(nested.itemsize * 3)), nested).copy(),
        "structured-titled": np.ones(2, titled),
        "structured-objects": held,
        "structured-scalar": packed[1],
        "record": np.dtype((np.record, [("a", "i4")])),
        "subarray-dtype": np.dtype(("f4", (2, 3))),
    }


def _layouts() -> dict[str, Any]:
    cube = np.arange(24, dtype="f8").reshape(2, 3, 4)
    objects = np.array([[1, "a", None], [2.5, [1], (3,)]], dtype=object)
    loop: list[Any] = []
    loop.append(loop)
    itself = np.empty(2, object)
    itself[0], itself[1] = itself, loop
    readonly = cube.copy()
    readonly.flags.writeable = False
    return {
        "fortran": np.asfortranarray(cube),
        "axes": cube.transpose(1, 0, 2),
        "strided": cube[:, ::2, ::-1],
        "broadcast": np.broadcast_to(np.float32(3), (2, 3)),
        "zero-d": np.array(7.5),
        "empty": np.empty((0, 3)),
        "empty-fortran": np.empty((3, 0), order="F"),
        "readonly": readonly,
        "matrix": np.asmatrix(cube[0]),
        "objects": objects,
        "objects-fortran": np.asfortranarray(objects),
        "objects-empty": np.empty((0, 2), object),
        "objects-zero-d": np.array({"a": 1}, dtype=object),
        "objects-itself": itself,
        "strings": np.array(["a", "long enough not to be short " * 3], dtype=np.dtypes.StringDType()),
        "zero-size-items": np.zeros(3, "V0"),
        "masked": np.ma.masked_equal([1, 2, 3], 2),
        "recarray": np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    }


def _plain() -> dict[str, Any]:
    shared, array = [1], np.arange(3)
    deep: Any = ()
    for _ in range(100):
        deep = (deep, {"k": [deep]} if deep == () else None)
    numbers = [0, -1, 255, 256, 65535, 65536, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**400]
    return {
        "shared": [shared, shared, array, array, {"a": array}],
        "numbers": [*numbers, -0.0, 1.5, 1e308, float("inf"), float("nan"), 1 + 2j, True, False, None],
        "texts": ["", "é", "\ud800\udc00", "\U0001f600", "a\nb\\u0041", "x" * 300, "y" * 70000],
        "bytes": [b"", b"\x00\xff", b"z" * 300, bytearray(b"\x80b"), bytearray(), b"w" * 70000],
        "sets": [set(), {1, "a", None}, frozenset(), frozenset({(1, 2), 2.5}), set(range(3000))],
        "dicts": [{}, {1: "a", "1": 2, (1, 2): None, b"k": 1.5, None: 0, frozenset({1}): 1}, dict.fromkeys(range(3000))],
        "collections": [OrderedDict(a=1, b=[2]), defaultdict(list, {"a": [1]}), range(3), slice(1, None, 2)],
        "deep": deep,
        "scalars": [np.float64(1.5), np.float32(2), np.int64(-3), np.uint8(4), np.bool_(True), np.str_("é"), np.bytes_(b"q")],
        "times": [np.datetime64("2026-11-23", "D"), np.timedelta64(5, "s"), np.datetime64("NaT")],
        "types": [np.float64, dict, OSError, np.add, set, np.ndarray, len, KeyError],
        "dtypes": [np.dtype(d) for d in DTYPES],
        "random": [np.random.RandomState(0), np.random.default_rng(0)],
    }


def objects() -> dict[str, Any]:
    """Return every object by name."""
    arrays = {"dtype-" + d.strip("?").replace(">", "be-").replace("[", "-").rstrip("]"): _filled(d) for d in DTYPES}
    return {**arrays, **_structured(), **_layouts(), **_plain()}


def make(out: Path, full: bool) -> None:
    """Write every object under every protocol, plain and by joblib; arrays under numpy 1's names too."""
    for name, value in objects().items():
        for protocol in range(6):
            write(out, f"{name}-pickle{protocol}", pickle.dumps(value, protocol))
        for protocol in range(2, 6) if name != "zero-size-items" else ():  # joblib cannot write those
            buffer = io.BytesIO()
            joblib.dump(value, buffer, protocol=protocol)
            write(out, f"{name}-joblib{protocol}", buffer.getvalue())
    _memmap(out)
    _numpy1(out)


def _memmap(out: Path) -> None:
    with tempfile.NamedTemporaryFile() as file:
        mapped = np.memmap(file.name, "f4", "w+", shape=(3, 2))
        mapped[:] = np.arange(6).reshape(3, 2)
        write(out, "memmap-pickle4", pickle.dumps(mapped, 4))
        buffer = io.BytesIO()
        joblib.dump([mapped], buffer)
        write(out, "memmap-joblib4", buffer.getvalue())


def _numpy1(out: Path) -> None:
    """Write under the module names of numpy 1, which numpy 2 still imports."""
    functions = (np._core.multiarray._reconstruct, np._core.multiarray.scalar, np._core.numeric._frombuffer)  # type: ignore[attr-defined]
    value = [np.arange(6.0).reshape(2, 3), np.array(["a", None], object), np.float32(1.5)]
    for function in functions:
        function.__module__ = function.__module__.replace("_core", "core")
    for protocol in range(2, 6):
        data = pickle.dumps(value, protocol)
        if b"numpy.core" not in data or b"numpy._core" in data:
            raise AssertionError(f"protocol {protocol} does not hold numpy 1's names")
        write(out, f"numpy1-pickle{protocol}", data)
