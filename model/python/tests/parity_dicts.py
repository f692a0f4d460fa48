"""Cases of sklearn.feature_extraction: DictVectorizer and FeatureHasher, which take a dict for each row, and what reads them."""

# ruff: noqa: RUF001 - the letters that look alike are what is tested

from __future__ import annotations

import math
from typing import Any

import numpy as np
from parity import FULL, Cases, Dicts, fit, main, pipe
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, Normalizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

# Keys with the values that they may have. "a=b" with 1 and "a" with "b" would be one column: they are kept apart below.
VALUES: dict[str, list[Any]] = {
    "city": ["Köln", "Bonn", "a=b", "=", "", "ñandú", "n\u0303andú", "東京", "Köln "],
    "Größe=": [1.5, 0.0, -0.0, 3, 2**53 + 1, -(2**60) - 2**36 - 1, 1e-300, 16777217],
    "ſ": [True, False],
    "digits": ["1", "007", "1.0", "True", "nan"],
    "": [2.0, 0.1, 0.3],
    "a=b": [0.25, 7.0, 1e10],
    "b": ["c", "d=e"],
    "unread": ["left out"],
}
HARD: dict[str, list[Any]] = {
    "city": ["unseen", "KÖLN", "b", "nan", "\u0000", "😀"],
    "Größe=": [math.inf, -math.inf, 1e300, -1e300, 3.5e38, 5e-324, 10**30, 1e-46],
    "ſ": [True],
    "digits": ["", "2"],
    "": [math.inf, -0.0, 1e300],
    "a=b": [-0.25, 1e-320],
    "b": ["=", "c "],
    "unread": [""],
}


def rows(n: int = 60, seed: int = 0, missing: float = 0.25) -> Dicts:
    """Return dicts of some of the keys each."""
    rng = np.random.default_rng(seed)
    out = [{key: values[rng.integers(len(values))] for key, values in VALUES.items() if rng.random() > missing} for _ in range(n)]
    return Dicts(out, list(VALUES))


def asked(seed: int = 1) -> Dicts:
    """Return rows to ask with: of the values, with none, with all, and with a hard value each."""
    plain, whole = rows(12, seed), rows(4, seed, 0.0)
    hard = [{**whole[i % len(whole)], key: value} for key, values in HARD.items() for i, value in enumerate(values)]
    return Dicts([*plain, {}, *whole, *hard], list(VALUES))


def target(n: int, k: int = 2) -> np.ndarray:
    """Return labels."""
    return np.array(["ham", "spam", "eggs"])[np.arange(n) * 7 % 11 % k]


def positive(of: Dicts) -> Dicts:
    """Return rows without negative numbers."""
    return Dicts([{k: v if isinstance(v, (bool, str)) else abs(v) for k, v in row.items()} for row in of], of.keys)


def vectorizers(cases: Cases) -> None:
    """Add DictVectorizer with every option, with a sample and without."""
    sample = rows()
    options: list[dict[str, Any]] = [
        {},
        {"sparse": False},
        {"sort": False},
        {"separator": " is "},
        {"separator": "", "sparse": False},
        {"dtype": np.float32, "sparse": False},
        {"dtype": float},
    ]
    fitted = [{key: value for key, value in row.items() if key != "unread"} for row in sample]
    for option in options:
        cases.add(f"dicts {option}", fit(DictVectorizer(**option), fitted), asked(), sample=sample)
    restricted = fit(DictVectorizer(), fitted)
    restricted.restrict(np.arange(len(restricted.feature_names_)) % 3 != 1)
    cases.add("restricted", restricted, asked(), sample=sample)
    one = fit(DictVectorizer(), Dicts([{"a": 1}]))
    cases.add("one column", one, Dicts([{"a": 2}, {"a": -0.0}, {}, {"a": math.inf}]), sample=Dicts([{"a": 1}]))
    # Without a sample the keys are those of the vocabulary, in its order.
    plain = Dicts([{"size": 1.5, "Stadt": "Köln"}, {"size": 2, "Stadt": "", "flag": True}, {"Stadt": "Bonn"}])
    asks = Dicts([*plain, {"Stadt": "unseen"}, {}, {"flag": False, "size": -3}], ["Stadt", "flag", "size"])
    for first in (DictVectorizer(), DictVectorizer(sparse=False), DictVectorizer(separator="::")):
        cases.add(f"no sample {first}", fit(first, plain), asks, dtypes=["object", "float64", "float64"])
    digits = Dicts([{"zip": "1", "n": 1}, {"zip": "2"}])
    cells = Dicts([{"zip": 1, "n": 1}, {"zip": 2}])  # as a CSV file has them
    cases.add("strings of digits", fit(DictVectorizer(), digits), digits, sample=cells, dtypes=["object", "float64"])
    # A key that is there as a number and with a string is read as the sample has it.
    both = fit(DictVectorizer(), [{"k": 1, "n": 1}, {"k": "x"}, {"k": "y"}])
    for of in (Dicts([{"k": 2, "n": 1}, {"k": 3}]), Dicts([{"k": "x", "n": 1}, {"k": "z"}])):
        cases.add(f"as in the sample {of[0]['k']}", both, Dicts([*of, {}], of.keys), sample=of)
    # As many keys as take the sort of a sparse row past insertion.
    many = Dicts(
        [{f"k{j}": float(i * j % 7) - 3 for j in range(40) if i * j % 5} for i in range(20)], [f"k{j}" for j in range(40)]
    )
    cases.add("many keys", fit(DictVectorizer(), many), many, sample=many)


def hashers(cases: Cases) -> None:
    """Add FeatureHasher with every option."""
    sample = rows()
    options: list[dict[str, Any]] = [
        {},
        {"alternate_sign": False},
        {"dtype": np.float32},
        {"dtype": "float32", "alternate_sign": False},
        {"dtype": np.dtype("float64")},
    ]
    for option in options:
        for n in (1, 3, 50, 1024) if FULL else (3, 50):
            cases.add(f"hasher {n} {option}", FeatureHasher(n_features=n, **option), asked(), sample=sample)
    # Numbers of unlike sizes in one column: the order in which they are summed shows.
    rng = np.random.default_rng(5)
    for n, keys in ((1, 16), (1, 17), (3, 40), (7, 40), (20, 200), (2, 120)):
        names = [f"key {j}" for j in range(keys)]
        table = [
            {name: float(rng.normal() * 10.0 ** rng.integers(-9, 9)) for name in names if rng.random() < share}
            for share in (1.0, 0.9, 0.8, 0.6, 0.5, 0.3)
            for _ in range(4)
        ]
        wide = Dicts(table, names)
        for dtype in (np.float64, np.float32):
            hasher = FeatureHasher(n_features=n, dtype=dtype, alternate_sign=n != 7)
            cases.add(f"sums of {keys} in {n} {dtype.__name__}", hasher, wide, sample=wide)
    strings = Dicts([{f"s{j}": str(rng.integers(9)) for j in range(30)} for _ in range(8)])
    cases.add("strings alone", FeatureHasher(n_features=4), strings, sample=strings)
    cases.add("the least hash", FeatureHasher(n_features=1000), least(), sample=least())


def least() -> Dicts:
    """Return a row with a key whose hash is -2**31, of which abs is undefined."""
    return Dicts([{"qlInTXcV": 1.5, "x": 2.0}])


def models(cases: Cases) -> None:
    """Add what stands behind."""
    sample = positive(rows())
    y, ask = target(len(sample)), positive(asked())
    firsts = DictVectorizer(), DictVectorizer(sparse=False), FeatureHasher(n_features=30, alternate_sign=False)
    for i, first in enumerate(firsts):
        for model, exact in (
            (LogisticRegression(), False),
            (DecisionTreeClassifier(random_state=0), True),
            (RandomForestClassifier(5, random_state=0), True),
        ):
            fitted = fit(pipe(first, model), sample, y)
            cases.add(f"{first}, {model}", fitted, ask, sample=sample, exact=exact)
        for step in (MaxAbsScaler(), Normalizer(), SelectKBest(chi2, k=5), StandardScaler(with_mean=False), TfidfTransformer())[
            :: 1 if FULL or i == 0 else 2
        ]:
            dense = isinstance(first, DictVectorizer) and not first.sparse  # the order of its sums is not promised
            exact = not isinstance(step, StandardScaler) and not (isinstance(step, Normalizer) and dense)
            cases.add(f"{first}, {step}", fit(pipe(first, step), small(sample), y), small(ask), sample=small(sample), exact=exact)
    bayes = fit(pipe(DictVectorizer(), MultinomialNB()), small(sample), target(len(sample), 3))
    cases.add("naive Bayes", bayes, small(ask), sample=small(sample), exact=False)
    wide = fit(pipe(FeatureHasher(), SGDClassifier(random_state=0)), small(sample), y)
    wide.steps[-1][1].coef_[np.abs(wide.steps[-1][1].coef_) < 1e-12] = 0
    cases.add("a million columns", wide, small(ask), sample=small(sample), exact=False)
    composites(cases, small(sample), small(ask), y)


def small(of: Dicts) -> Dicts:
    """Return rows without numbers that are large."""
    return Dicts([{k: v for k, v in row.items() if isinstance(v, str) or v < 1e9} for row in of], of.keys)


def composites(cases: Cases, sample: Dicts, ask: Dicts, y: np.ndarray) -> None:
    """Add what hands dicts on."""
    union = FeatureUnion([("v", DictVectorizer()), ("h", FeatureHasher(n_features=9))], transformer_weights={"h": 0.5})
    cases.add("union", fit(union, sample), ask, sample=sample)
    logistic = LogisticRegression()
    search = GridSearchCV(pipe("passthrough", DictVectorizer(), logistic), {"s2__C": [1, 2]}, cv=2)
    cases.add("search", fit(search, sample, y), ask, sample=sample, exact=False)
    calibrated = CalibratedClassifierCV(pipe(DictVectorizer(), MultinomialNB()), cv=2)
    cases.add("calibrated", fit(calibrated, sample, y), ask, sample=sample, exact=False)
    voting = VotingClassifier([("a", pipe(DictVectorizer(), logistic)), ("b", pipe(FeatureHasher(n_features=9), logistic))])
    cases.add("voting", fit(voting, sample, y), ask, sample=sample, exact=False)


def refusals(cases: Cases) -> None:
    """Add what is refused."""
    plain = Dicts([{"size": 1.5, "city": "Köln"}, {"city": "Bonn"}])
    hasher = FeatureHasher(n_features=4)
    cases.refused("hasher without a sample", hasher, ["the keys of the rows"])
    cases.refused("hashing pipeline without a sample", fit(pipe(hasher, LogisticRegression()), plain, [0, 1]), ["the keys of"])
    cases.refused("numbers and strings", fit(DictVectorizer(), [{"k": 1}, {"k": "x"}]), ['the key "k": it may hold'])
    cases.refused("separator twice", fit(DictVectorizer(), [{"k": "x=y"}]), ['the key of "k=x=y"'])
    cases.refused("no separator", fit(DictVectorizer(separator=""), [{"k": "x"}]), ['the key of "kx"'])
    clash = Dicts([{"a=b": 1, "a": "b"}])
    cases.refused("one column of two keys", fit(DictVectorizer(), clash), ['the column of "a=b"'], sample=clash)
    nested = Dicts([{"a": "b=c", "a=b": "c"}])
    cases.refused("one column of two strings", fit(DictVectorizer(), nested), ['the column of "a=b=c"'], sample=nested)
    cases.refused("keys that are no strings", fit(DictVectorizer(), [{1: 2.0}]), ["strings, with the columns"])
    for dtype in (np.int64, int, bool, np.float16):
        cases.refused(f"{dtype.__name__}", fit(DictVectorizer(dtype=dtype), plain), ["dtype is"], sample=plain)
        cases.refused(f"hasher {dtype.__name__}", FeatureHasher(n_features=4, dtype=dtype), ["dtype is"], sample=plain)
    named = fit(DictVectorizer(sparse=False), plain).set_params(dtype="float32")
    cases.refused("a dtype that is not called", named, ["calls it"], sample=plain)
    wide = fit(DictVectorizer(dtype=np.float32), plain)
    cases.refused("float32 in a sparse matrix", wide, ["float32 values in a sparse matrix"], sample=plain)
    for kind in ("pair", "string"):
        cases.refused(f"{kind}", FeatureHasher(n_features=4, input_type=kind), [f'input_type is "{kind}"'], sample=plain)
    behind = pipe(FunctionTransformer(), DictVectorizer())
    behind.steps[1][1].fit(plain)
    cases.refused("behind a function", behind, ["it takes a dict for each row"])
    columns = ColumnTransformer([("d", FeatureHasher(n_features=4), 0)]).fit(np.array([[{"a": 1}], [{"b": 1}]], dtype=object))
    cases.refused("in a column", columns, ["it takes a dict for each row"])


if __name__ == "__main__":
    main(vectorizers, hashers, models, refusals)
