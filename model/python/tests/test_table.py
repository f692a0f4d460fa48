from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sklambda import BuildError, SampleError
from sklambda._table import Column, Signature, read_rows, row_json, to_json, write_csv, write_sample

_NUMBER = Column("n", "float64", "nan")
_INTEGER = Column("i", "int64", "nan")
_FLAG = Column("b", "bool", "nan")
_NAN = Column("s", "object", "nan")
_NONE = Column("t", "object", "none")


def _signature(*columns: Column, names: bool = True, text: bool = False, dicts: bool = False) -> Signature:
    return Signature(columns, names, text, dicts)


def test_a_frame_has_the_fixed_dtypes() -> None:
    table = _signature(_NUMBER, _INTEGER, _FLAG, _NAN, _NONE).table(
        [(1, 2**62 + 1, True, None, None), (None, -5, False, "a", "b")]
    )
    assert [str(dtype) for dtype in table.dtypes] == ["float64", "int64", "bool", "object", "object"]
    assert list(table.columns) == ["n", "i", "b", "s", "t"]
    assert table["i"].tolist() == [2**62 + 1, -5]
    assert math.isnan(table["n"][1])
    assert math.isnan(table["s"][0])
    assert table["t"][0] is None


@pytest.mark.parametrize(
    ("column", "value", "want"),
    [
        (_NUMBER, None, "float64"),
        (_NUMBER, 3, "float64"),
        (_INTEGER, 3, "int64"),
        (_INTEGER, 3.0, "int64"),
        (_INTEGER, 2**63 - 1, "int64"),
        (_INTEGER, 2**63, "float64"),
        (_INTEGER, 1e300, "float64"),
        (_INTEGER, 3.5, "float64"),
        (_INTEGER, math.inf, "float64"),
        (_INTEGER, None, "float64"),
        (_FLAG, True, "bool"),
        (_FLAG, None, "object"),
        (_NAN, "x", "object"),
    ],
)
def test_a_column_is_as_wide_as_its_value_needs(column: Column, value: Any, want: str) -> None:
    assert column.dtype_for(value) == want
    table = _signature(column).table([(value,)])
    assert str(table.dtypes.iloc[0]) == want


def test_an_array_has_one_dtype() -> None:
    assert _signature(_NUMBER, _INTEGER, names=False).table([(1.5, 2)]).dtype == np.float64
    assert _signature(_INTEGER, _INTEGER, names=False).table([(1, 2)]).dtype == np.int64
    mixed = _signature(_NUMBER, _NONE, names=False).table([(1.5, None), (2, "a")])
    assert mixed.dtype == object
    assert mixed.tolist() == [[1.5, None], [2.0, "a"]]


def test_texts_are_a_list() -> None:
    assert _signature(_NONE, text=True).table([("a b",), (None,)]) == ["a b", None]


def test_dicts_have_no_key_without_a_value() -> None:
    table = _signature(_NUMBER, _FLAG, _NAN, names=False, dicts=True).table(
        [(1, True, ""), (math.nan, None, None), (-0.0, False, "NaN")]
    )
    assert table == [{"n": 1, "b": True, "s": ""}, {}, {"n": -0.0, "b": False, "s": "NaN"}]
    assert [type(value) for value in table[0].values()] == [int, bool, str]


def test_rows_are_read_typed(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    columns = [{"name": name, "dtype": dtype, "null": "nan"} for name, dtype in (("n", "float64"), ("s", "object"))]
    lines = [
        {"columns": columns, "names": True, "text": False, "dicts": False},
        [0.1, "NaN"],
        ["-Infinity", None],
        {"s": "\u2028", "n": 2**60 + 1},
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    signature, rows = read_rows(path)
    assert signature == _signature(_NUMBER, _NAN)
    assert list(rows) == [(0.1, "NaN"), (-math.inf, None), (2**60 + 1, "\u2028")]


@pytest.mark.parametrize(
    "head",
    ["", "[]\n", "{}\n", '{"columns":[{"name":"a","dtype":"float32","null":"nan"}],"names":true,"text":false,"dicts":false}\n'],
    ids=["nothing", "list", "empty", "dtype"],
)
def test_a_strange_dtypes_line_is_an_error(tmp_path: Path, head: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(head, encoding="utf-8")
    with pytest.raises(BuildError, match="sklambda rows"):
        read_rows(path)


def test_numbers_that_are_not_finite_are_strings_in_json() -> None:
    assert to_json({"a": [math.nan, math.inf, -math.inf, 1.5, "x", None]}) == {
        "a": ["NaN", "Infinity", "-Infinity", 1.5, "x", None]
    }
    assert row_json((math.nan, "NaN"), (_NUMBER, _NAN)) == {"n": "NaN", "s": "NaN"}


def _written(X: Any, path: Path) -> str:
    write_csv(X, path)
    return path.read_text(encoding="utf-8")


def test_a_frame_is_written_with_its_types(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            'a"b': np.array([0.1, np.nan], dtype=np.float32),
            "i": pd.array([2**62 + 1, None], dtype="Int64"),
            "b": [True, False],
            "s": pd.Series(["", None], dtype=object),
            "t": ['say "x",\n', "1"],
        }
    )
    text = _written(frame, tmp_path / "sample.csv")
    assert text == '"a""b","i","b","s","t"\n0.10000000149011612,4611686018427387905,True,"","say ""x"",\n"\n,,False,,"1"\n'
    with (tmp_path / "sample.csv").open(newline="", encoding="utf-8") as stream:
        assert len(list(csv.reader(stream))) == 3


def test_an_array_and_texts_are_written(tmp_path: Path) -> None:
    path = tmp_path / "sample.csv"
    assert _written(np.array([[1.5, math.inf], [-0.0, 1e-300]]), path) == '"x0","x1"\n1.5,inf\n-0.0,1e-300\n'
    assert _written([[1, "a"], [2, None]], path) == '"x0","x1"\n1,"a"\n2,\n'
    assert _written(["a b", "c"], path) == '"x0"\n"a b"\n"c"\n'
    assert _written(pd.Series(["a b"], name="review"), path) == '"review"\n"a b"\n'


def test_dates_are_written_as_text(tmp_path: Path) -> None:
    frame = pd.DataFrame({"when": pd.to_datetime(["2024-02-29", None]), "for": pd.to_timedelta([36, 1], "h")})
    assert (
        _written(frame, tmp_path / "sample.csv") == '"when","for"\n"2024-02-29 00:00:00","1 days 12:00:00"\n,"0 days 01:00:00"\n'
    )


def test_a_cell_of_another_type_is_refused_by_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"raw": [b"2024"]})
    with pytest.raises(SampleError, match="column 'raw' of the sample holds a bytes"):
        write_csv(frame, tmp_path / "sample.csv")
    with pytest.raises(SampleError, match="3 dimensions"):
        write_csv(np.zeros((2, 2, 2)), tmp_path / "sample.csv")
    with pytest.raises(SampleError, match="the sample is of type int: give a DataFrame"):
        write_csv(5, tmp_path / "sample.csv")


def test_dicts_are_written_with_the_keys_of_all(tmp_path: Path) -> None:
    path = write_sample(
        [{"b": "1", "a": np.float32(0.5)}, {"c": True, "b": None}, {"a": math.inf, "c": np.bool_(False)}], tmp_path
    )
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [
        {"b": "1", "a": 0.5, "c": None},
        {"b": None, "a": None, "c": True},
        {"b": None, "a": "Infinity", "c": False},
    ]
    assert list(json.loads(path.read_text(encoding="utf-8").splitlines()[0])) == ["b", "a", "c"]
    assert write_sample(["a b"], tmp_path).name == "sample.csv"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([{"k": 1}, {}, {"k": "x"}], "key 'k' of the sample holds numbers and strings"),
        ([{"k": math.nan}, {"k": True}, {"k": 2}], "key 'k' of the sample holds booleans and numbers"),
        ([{"k": ["x", "y"]}], "key 'k' of the sample holds a list"),
        ([{"k": {"x": 1}}], "key 'k' of the sample holds a dict"),
        ([{1: 2.0}], "the key 1: a key is a string"),
    ],
    ids=["strings", "booleans", "list", "dict", "key"],
)
def test_a_dict_that_is_no_row_is_refused_by_name(rows: list[dict[Any, Any]], reason: str, tmp_path: Path) -> None:
    with pytest.raises(SampleError, match=reason):
        write_sample(rows, tmp_path)
