"""Cases of category_encoders for model/sklearn/testdata/category_encoders, with its own answers.

It is not installed here. Run it in an environment that has the version the folder names, beside scikit-learn and pandas:
python parity_category_encoders.py model/sklearn/testdata/category_encoders/category_encoders-2.11.2
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
from category_encoders import CountEncoder, OneHotEncoder, OrdinalEncoder, TargetEncoder, WOEEncoder
from packed import Packed, main
from parity import fit
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

NAN = float("nan")
LATEST = hasattr(OrdinalEncoder(), "min_group_size")
ENCODERS = (OrdinalEncoder, CountEncoder, TargetEncoder, WOEEncoder, OneHotEncoder)


def table(*, missing: bool) -> tuple[pd.DataFrame, np.ndarray]:
    """Return strings (with missing ones or not), integers and numbers, and a binary target."""
    rng = np.random.default_rng(5)
    n = 120
    town = rng.choice(np.array(["Ulm", "Köln", "Bonn", "", "nan"], dtype=object), n, p=[0.4, 0.3, 0.2, 0.07, 0.03])
    if missing:
        town[rng.random(n) < 0.1] = np.nan
    F = pd.DataFrame(
        {
            "size": np.round(rng.normal(size=n), 2),
            "town": pd.Series(town, dtype=object),
            "code": rng.integers(0, 6, n),
            "colour": pd.Series(rng.choice(np.array(["red", "blue", "green"], dtype=object), n), dtype=object),
        }
    )
    return F, ((F["size"] > 0) ^ (town == "Ulm")).astype(int)


def hard(F: pd.DataFrame) -> pd.DataFrame:
    """Return rows of F, and rows with an unseen, odd or missing cell."""
    rows = F.iloc[:18].copy()
    rows.loc[rows.index[:4], "town"] = ["Rom", "ulm", None, "None"]
    rows.loc[rows.index[4:7], "colour"] = ["red ", None, "-1"]
    rows.loc[rows.index[7:10], "code"] = [9, -1, -2]
    return rows


def policies(cases: Packed) -> None:
    """Add each encoder with each policy for what is unknown and missing."""
    for encoder, unknown, missing, gaps in itertools.product(
        ENCODERS, ("value", "return_nan", "error"), ("value", "return_nan", "error"), (False, True)
    ):
        F, y = table(missing=gaps)
        model = encoder(handle_unknown=unknown, handle_missing=missing)
        if gaps and (missing == "error" or (encoder is CountEncoder and unknown == "error" and missing == "return_nan")):
            continue  # the fit raises
        cases.add(f"{encoder.__name__} {unknown} {missing} {gaps}", fit(model, F, y), hard(F), exact=True)
    F, y = table(missing=True)
    more: list[Any] = [
        OneHotEncoder(handle_unknown="indicator", handle_missing="indicator"),
        OneHotEncoder(use_cat_names=True),
        CountEncoder(handle_unknown=5),
        CountEncoder(normalize=True),
        CountEncoder(normalize={"town": True}, handle_unknown={"town": "return_nan"}),
    ]
    if LATEST:
        more += [
            OneHotEncoder(handle_missing="ignore"),
            OrdinalEncoder(handle_unknown=-7, handle_missing=-9),
            TargetEncoder(handle_unknown=0.25, handle_missing=0.75),
        ]
    for model in more:
        cases.add(f"{model}", fit(model, F, y), hard(F), exact=True)


def columns(cases: Packed) -> None:
    """Add choices of columns, lumped groups, dropped columns, given mappings and arrays."""
    F, y = table(missing=True)
    rare = ["Ulm", "Bonn", *F["town"].iloc[2:]]
    for encoder in ENCODERS:
        name = encoder.__name__
        plain, whole = ["size", "town", "code"], ["town", "code", "colour"]
        cases.add(f"{name} of integers", fit(encoder(cols=["code", "town"]), F[plain], y), hard(F)[plain], exact=True)
        cases.add(
            f"{name} of all",
            fit(encoder(cols=whole), F[whole], y),
            hard(F)[whole],
            exact=True,
        )
        if LATEST or encoder is CountEncoder:
            grouped = fit(encoder(min_group_size=20, min_group_name="few"), F.assign(town=rare), y)
            cases.add(f"{name} lumped", grouped, hard(F), exact=True)
            cases.add(f"{name} lumped by name", fit(encoder(min_group_size=0.2), F, y), hard(F), exact=True)
        flat = F.assign(colour=pd.Series(["red"] * len(F), dtype=object))
        cases.add(f"{name} dropped", fit(encoder(drop_invariant=True), flat, y), hard(F), exact=True)
        if not LATEST:
            continue  # they take no array
        array = F[["code", "code"]].to_numpy(float)
        cases.add(
            f"{name} of an array", fit(encoder(cols=[1]), array, y), np.vstack([array[:9], [[1.0, NAN], [NAN, 99.0]]]), exact=True
        )
    given = [{"col": "colour", "mapping": {"red": 1, "green": 5, "blue": 3}}]
    plain = ["colour", "size"]
    cases.add("given", fit(OrdinalEncoder(mapping=given, cols=["colour"]), F[plain]), hard(F)[plain], exact=True)
    odd = [{"col": "colour", "mapping": {"red": -2, "green": 5, "blue": 3}}]
    for unknown, missing in itertools.product(("value", "return_nan"), ("value", "return_nan")):
        model = OrdinalEncoder(mapping=odd, cols=["colour"], handle_unknown=unknown, handle_missing=missing)
        cases.add(f"given -2 {unknown} {missing}", fit(model, F[plain]), hard(F)[plain], exact=True)
    broken = [{"col": "colour", "mapping": {"red": 1.5, "green": 5, "blue": 3}}]
    cases.refused("given fractions", fit(OrdinalEncoder(mapping=broken, cols=["colour"]), F[plain]), ["mapping of column"])
    cases.add("no column", fit(TargetEncoder(cols=[]), F[["size", "code"]], y), F[["size", "code"]].iloc[:5], exact=True)


def pipelines(cases: Packed) -> None:
    """Add pipelines of the kinds that people write."""
    F, y = table(missing=True)
    tree = DecisionTreeClassifier(max_depth=4, random_state=0)
    models = {
        "target, scaler, logistic": make_pipeline(TargetEncoder(), StandardScaler(), LogisticRegression()),
        "woe, tree": make_pipeline(WOEEncoder(), tree),
        "count, forest": make_pipeline(CountEncoder(), RandomForestClassifier(5, random_state=0)),
        "one-hot, tree": make_pipeline(OneHotEncoder(use_cat_names=True), tree),
        "columns": make_pipeline(
            make_column_transformer((TargetEncoder(), ["town"]), (OrdinalEncoder(), ["colour"]), remainder=StandardScaler()), tree
        ),
    }
    for name, model in models.items():
        cases.add(name, fit(model, F, y), hard(F), exact="logistic" not in name, batch=True)


if __name__ == "__main__":
    main(policies, columns, pipelines)
