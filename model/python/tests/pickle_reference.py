"""Write pickle and joblib files, and what CPython reads from each, for the Go tests of model/pickle.

``python pickle_reference.py estimators|arrays|streams|fixtures OUT [--full]`` fills the folder OUT. Each ``NAME.pkl`` stands
beside ``NAME.txt``, the value tree that CPython's own unpickler made of that file, with globals as
names. ``NAME.pkl.FORMAT`` is the same object compressed. The Go test prints its tree in the same form.
"""

from __future__ import annotations

import _codecs
import _compat_pickle
import copyreg
import functools
import hashlib
import importlib
import io
import struct
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import joblib.numpy_pickle
import numpy as np

REAL: dict[tuple[str, str], Any] = {
    ("_codecs", "encode"): _codecs.encode,
    ("collections", "OrderedDict"): OrderedDict,
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): joblib.numpy_pickle.NumpyArrayWrapper,
    ("copyreg", "__newobj__"): copyreg.__newobj__,  # type: ignore[attr-defined]
    ("copyreg", "__newobj_ex__"): copyreg.__newobj_ex__,  # type: ignore[attr-defined]
    **{("builtins", f.__name__): f for f in (set, frozenset, bytes, bytearray, complex)},
    **{("numpy", name): getattr(np, name) for name in ("dtype", "ndarray", "memmap", "matrix", "record")},
    ("numpy.matrixlib.defmatrix", "matrix"): np.matrix,
}
for core in ("core", "_core"):
    REAL[f"numpy.{core}.multiarray", "_reconstruct"] = np._core.multiarray._reconstruct  # type: ignore[attr-defined]
    REAL[f"numpy.{core}.multiarray", "scalar"] = np._core.multiarray.scalar  # type: ignore[attr-defined]
    REAL[f"numpy.{core}.numeric", "_frombuffer"] = np._core.numeric._frombuffer  # type: ignore[attr-defined]
    REAL[f"numpy.{core}._internal", "_convert_to_stringdtype_kwargs"] = np._core._internal._convert_to_stringdtype_kwargs  # type: ignore[attr-defined]


LATIN1 = (str, ("latin1", "latin-1"))
# The calls that pickle itself writes for plain values, by the types (or values) of their arguments. Others are recorded.
SIGNATURES: dict[tuple[str, str], list[tuple[Any, ...]]] = {
    ("_codecs", "encode"): [LATIN1],
    ("collections", "OrderedDict"): [()],
    ("builtins", "set"): [(), ((list, tuple),)],
    ("builtins", "frozenset"): [(), ((list, tuple),)],
    ("builtins", "bytes"): [(), ((bytes, bytearray),), LATIN1],
    ("builtins", "bytearray"): [(), ((bytes, bytearray),), LATIN1],
    ("builtins", "complex"): [(float, float)],
}


class Recorder:
    """What a call of something unknown returns: it records all that pickle does to it."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Record the call that NEWOBJ makes, whose class is a recorder and not a type."""
        if isinstance(cls, Recorder):
            return Recorder(cls, args, kwargs)
        return object.__new__(cls)

    def __init__(self, cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None) -> None:
        self.cls, self.args, self.kwargs = cls, args, kwargs or {}
        self.state: Any = None
        self.items: list[Any] = []
        self.pairs: list[tuple[Any, Any]] = []

    def __call__(self, *args: Any) -> Recorder:
        return Recorder(self, args)

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def append(self, item: Any) -> None:
        self.items.append(item)

    def extend(self, items: list[Any]) -> None:
        self.items.extend(items)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.pairs.append((key, value))


class Name(Recorder):
    """A global that is not resolved."""

    def __init__(self, module: str, name: str) -> None:
        super().__init__(None, ())
        self.module, self.name = module, name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Name) and (self.module, self.name) == (other.module, other.name)

    def __hash__(self) -> int:
        return hash((self.module, self.name))


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, tuple) and isinstance(wanted[0], str):
        return isinstance(value, str) and value in wanted
    return isinstance(value, wanted)


class Understood(Name):
    """A global whose calls are made if they have a signature of SIGNATURES."""

    def __call__(self, *args: Any) -> Any:
        """Call, or record the call."""
        for signature in SIGNATURES[self.module, self.name]:
            if len(args) == len(signature) and all(map(_fits, args, signature)):
                return REAL[self.module, self.name](*args)
        return Recorder(self, args)


def _reconstructor(cls: Any, base: Any, state: Any) -> Recorder:
    if base == Name("builtins", "object") and state is None:
        return Recorder(cls, ())
    return Recorder(Name("copyreg", "_reconstructor"), (cls, base, state))


def _reconstruct(function: Name, cls: Any, *args: Any) -> Any:
    if isinstance(cls, Name):  # a subclass of ndarray that holds more than ndarray does
        return Recorder(function, (cls, *args))
    return REAL[function.module, function.name](cls, *args)


class Reader(joblib.numpy_pickle.NumpyUnpickler):  # type: ignore[misc]
    """joblib's unpickler, which is CPython's own, with names in place of code."""

    def __init__(self, data: bytes) -> None:
        super().__init__("", io.BytesIO(data), ensure_native_byte_order=False)

    def find_class(self, module: str, name: str) -> Any:
        """Resolve what makes plain and numpy values; leave the rest a name."""
        if self.proto < 3:
            if (module, name) in _compat_pickle.NAME_MAPPING:
                module, name = _compat_pickle.NAME_MAPPING[module, name]
            elif module in _compat_pickle.IMPORT_MAPPING:
                module = _compat_pickle.IMPORT_MAPPING[module]
        if (module, name) == ("copyreg", "_reconstructor"):
            return _reconstructor
        if (module, name) in SIGNATURES:
            return Understood(module, name)
        if name == "_reconstruct" and (module, name) in REAL:
            return functools.partial(_reconstruct, Name(module, name))
        return REAL.get((module, name)) or Name(module, name)


def _text(s: str) -> str:
    if all(" " <= c <= "~" and c not in '"\\' for c in s):
        return f'"{s}"'
    return "x" + s.encode("utf-8", "surrogatepass").hex()


def _dtype(t: np.dtype[Any]) -> str:
    out = f"{'>' if t.byteorder == '>' else '<'}{t.kind}{t.itemsize}"
    if t.names is not None and t.fields is not None:
        out += "{" + ",".join(f"{n}@{t.fields[n][1]}:{_dtype(t.fields[n][0])}" for n in t.names) + "}"
    if t.subdtype is not None:
        out += "[" + _dtype(t.subdtype[0]) + " " + "x".join(map(str, t.subdtype[1])) + "]"
    return out


def _leaf(v: Any) -> str | None:
    """Return the line of a value without members, None for a container."""
    if isinstance(v, np.generic):
        return f"scalar {_dtype(v.dtype)} {v.tobytes().hex()}"
    if v is None or isinstance(v, bool):
        return str(v)
    if isinstance(v, int):
        return f"int {v}"
    if isinstance(v, float):
        return "float " + struct.pack(">d", v).hex()
    if isinstance(v, complex):
        return "complex " + struct.pack(">dd", v.real, v.imag).hex()
    if isinstance(v, str):
        return "str " + _text(v)
    if isinstance(v, (bytes, bytearray)):
        return "bytes " + (v.hex() if len(v) <= 64 else f"{len(v)} {hashlib.sha256(v).hexdigest()}")
    if isinstance(v, np.dtype):
        return "dtype " + _dtype(v)
    if isinstance(v, Name):
        return "global " + _text(f"{v.module}.{v.name}")
    if isinstance(v, memoryview):
        return _leaf(bytes(v))
    return next((f'global "{m}.{n}"' for (m, n), real in REAL.items() if v is real), None)


def _columns(a: Any) -> bytes:
    """Return the items in C order, a structured array column by column (its gaps hold garbage).

    They are little-endian: numpy keeps an array's byte order only under protocol 5 and by joblib.
    """
    if a.dtype.names is None:
        return bytes(a.astype(a.dtype.newbyteorder("<")).tobytes("C"))
    return b"".join(_columns(a[name]) for name in a.dtype.names)


class Tree:
    """The printed form of a value tree: a line a value, containers numbered in the order they are met."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.seen: dict[int, int] = {}

    def add(self, v: Any) -> None:
        """Print a value and its members."""
        line = _leaf(v)
        if line is not None:
            self.lines.append(line)
            return
        if isinstance(v, (tuple, frozenset)) and not v:  # CPython shares the empty ones
            self.lines.append(f"{type(v).__name__} 0")
            return
        if id(v) in self.seen:
            self.lines.append(f"ref {self.seen[id(v)]}")
            return
        self.seen[id(v)] = len(self.seen)
        self._container(v)

    def _container(self, v: Any) -> None:
        if isinstance(v, (set, frozenset)):
            self.lines.append(f"{type(v).__name__} {len(v)}")
            self.lines += sorted("|".join(render(x)) for x in v)
        elif isinstance(v, dict):
            self.lines.append(f"dict {len(v)}")
            self._pairs(list(v.items()))
        elif isinstance(v, (list, tuple)):
            self._list(type(v).__name__, v)
        elif isinstance(v, np.ndarray):
            self._array(v)
        elif isinstance(v, Recorder):
            self.lines.append("object")
            self.add(v.cls)
            self._list("args", v.args)
            self.lines.append(f"kwargs {len(v.kwargs)}")
            self._pairs(list(v.kwargs.items()))
            self.add(v.state)
            self._list("items", v.items)
            self.lines.append(f"pairs {len(v.pairs)}")
            self._pairs(v.pairs)
        else:
            raise TypeError(f"no form for {type(v)}")

    def _list(self, word: str, items: Any) -> None:
        self.lines.append(f"{word} {len(items)}")
        for item in items:
            self.add(item)

    def _pairs(self, pairs: list[tuple[Any, Any]]) -> None:
        for key, value in pairs:
            self.add(key)
            self.add(value)

    def _array(self, a: Any) -> None:
        a = np.asarray(a)
        shape = "x".join(map(str, a.shape))
        self.lines.append(f"array {_dtype(a.dtype)} ({shape})".replace(">", "<"))
        flat = a.reshape(-1)
        if a.dtype.hasobject:
            for item in flat.tolist():
                if a.dtype.names is not None:
                    self._list("row", item)
                else:
                    self.add(item)
            return
        self.lines.append(hashlib.sha256(_columns(a)).hexdigest())
        if a.size <= 64 and (a.dtype.kind in "biuUS" or a.dtype.str[1:] in {"f2", "f4", "f8", "c8", "c16"}):
            for item in flat.tolist():
                self.add(item)


def render(v: Any) -> list[str]:
    """Return the lines of one value tree."""
    tree = Tree()
    tree.add(v)
    return tree.lines


def read(data: bytes) -> Any:
    """Return what CPython's unpickler makes of a file, with globals as names."""
    return Reader(data).load()


def write(out: Path, name: str, data: bytes) -> None:
    """Write a file and the tree that CPython reads from it."""
    (out / f"{name}.pkl").write_bytes(data)
    (out / f"{name}.txt").write_text("\n".join(render(read(data))) + "\n")


def main() -> None:
    """Run the generator that the command line names."""
    out = Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    importlib.import_module(f"pickle_{sys.argv[1]}").make(out, "--full" in sys.argv[3:])


if __name__ == "__main__":
    main()
