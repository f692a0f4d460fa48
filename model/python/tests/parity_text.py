"""Cases of sklearn.feature_extraction.text: how texts are cut, counted, hashed and weighed, and what reads them."""

# ruff: noqa: RUF001 - the letters that look alike are what is tested

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pandas as pd
from parity import Cases, Texts, fit, main, pipe
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
    strip_accents_ascii,
    strip_accents_unicode,
)
from sklearn.feature_selection import SelectFromModel, SelectKBest, VarianceThreshold, chi2
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import MaxAbsScaler, Normalizer, OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

NAN = float("nan")
FULL = bool(os.environ.get("PARITY_FULL"))

DOCS = [
    "The quick brown fox jumps over the lazy dog",
    "A dog's life is not a cat's life, it's a dog's life",
    "Straße und STRASSE: Groß- und Kleinschreibung in München, Köln & Zürich",
    "İstanbul'da IŞIK ve ışık; İİ Iı",
    "ΟΔΥΣΣΕΥΣ Σ ΣΑΣ. ΑΣ' ΑΣΒ Α.Σ Σ̈ ΑΣ̈ ΑΣ͵ ὈΔΥΣΣΕΎΣ",
    "naïve café résumé Ångström ÆØÅ œuvre ﬁne ﬂow № ½ ² ① Ⅷ",
    "日本語のテキスト 中文文本 한국어 텍스트 각 갂 ｶﾞｷﾞ ㍿ ﷺ",
    "under_score a_b _ __ ___ x_1 1_000 3.14 1,000 007 a1b2",
    "tab\tand\nnew\r\nlines\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2003\u3000 many   spaces  ",
    "e\u0301 cole\u0301 n\u0303 zalgo\u0300\u0301\u0302 \u0301lone ͅᾼΣͅ ʰΣ ǅΣ",
    "emoji 😀 👨‍👩‍👧 flag 🇩🇪 zero\u200bwidth soft\u00adhyphen \ufeffbom",
    "हिन्दी पाठ தமிழ் ไทย العربية עברית ქართული ᏣᎳᎩ ꭰꭱ Ⴀ Ა",
    "the of and to in is you that it he was for on are as with",
    "",
    " ",
    "a",
    "aa",
    "!!! ??? ...",
    "ﬀ ﬃ ﬆ Ǆ ǆ K Å Ω ẞ ß ſ",
    "𝒜𝓁𝓅𝒽𝒶 𝔸 𝟙𝟚 𐐀𐐨 𞤀 🄰",
    "WORD word Word wORD words sword",
]


def texts(extra: int = 30 if FULL else 3, seed: int = 0) -> Texts:
    """Return the documents and random mixtures of their words and characters."""
    rng = np.random.default_rng(seed)
    words = " ".join(DOCS).split()
    chars = list("".join(DOCS))
    out = list(DOCS)
    for _ in range(extra):
        out.append(" ".join(rng.choice(words, rng.integers(1, 15))))
        out.append("".join(rng.choice(chars, rng.integers(1, 30))))
    return Texts(out)


def every(seed: int) -> Texts:
    """Return texts that hold, in all, every character of a random part of Unicode between other characters."""
    rng = np.random.default_rng(seed)
    planes = [c for c in range(0x20000) if not 0xD800 <= c < 0xE000]
    chosen = planes if FULL else list(rng.choice(planes, 1000, replace=False)) + list(range(0x600))
    return Texts(
        "".join(f"a{chr(c)}b {chr(c)}Σ {chr(c)}{chr(c)} AΣ{chr(c)}z" for c in chosen[i : i + 99])
        for i in range(0, len(chosen), 99)
    )


def target(n: int, k: int = 2) -> np.ndarray:
    """Return labels."""
    return np.array(["ham", "spam", "eggs"])[np.arange(n) * 7 % 11 % k]


def analyzers(cases: Cases) -> None:
    """Add every way to cut a text."""
    options: list[dict[str, Any]] = [
        {},
        {"lowercase": False},
        {"strip_accents": "unicode"},
        {"strip_accents": "ascii", "lowercase": False},
        {"strip_accents": strip_accents_unicode},
        {"strip_accents": strip_accents_ascii},
        {"ngram_range": (1, 3)},
        {"ngram_range": (2, 2)},
        {"ngram_range": (3, 5), "stop_words": "english"},
        {"stop_words": "english"},
        {"stop_words": ["und", "dog", "naïve", "x_1"]},
        {"binary": True},
        {"dtype": np.float32},
        {"dtype": np.int32},
        {"dtype": bool},
        {"dtype": np.int8, "binary": True},
        {"max_df": 3, "min_df": 2},
        {"max_features": 7},
        {"max_df": 0.3, "min_df": 0.05},
        {"analyzer": "char"},
        {"analyzer": "char", "ngram_range": (2, 4), "max_features": 300},
        {"analyzer": "char_wb"},
        {"analyzer": "char_wb", "ngram_range": (3, 5), "max_features": 300},
        {"analyzer": "char_wb", "ngram_range": (1, 2), "strip_accents": "unicode", "stop_words": "english"},
        {"vocabulary": ["dog", "cat", "straße", "word", "ist"]},
        {"vocabulary": {"dog": 1, "the": 0, "οδυσσευς": 2}},
        {"vocabulary": {"the", "dog", "quick brown"}, "ngram_range": (1, 2)},
        {"tokenizer": str.split, "token_pattern": None},
        {"preprocessor": str.lower, "strip_accents": "ascii"},
    ]
    for pattern in PATTERNS:
        options.append({"token_pattern": pattern})
    for option in options:
        vectorizer = fit(CountVectorizer(**option), texts(2))
        cases.add(f"count {option}", vectorizer, texts(), batch=True)
    parts: list[dict[str, Any]] = [{"min_df": 1}, {"strip_accents": "unicode", "lowercase": False}, {"analyzer": "char"}]
    for i, part in enumerate(parts):
        rows = every(i)
        cases.add(
            f"unicode {part}",
            pipe(CountVectorizer(**part), LinearRegression()).fit(rows, np.arange(len(rows))),
            rows[:1],
            exact=False,
        )
        hashed = HashingVectorizer(n_features=64, norm=None, **{k: v for k, v in part.items() if k != "min_df"})
        cases.add(f"unicode hashed {part}", hashed, rows, batch=True)
    one = fit(CountVectorizer(lowercase=False), Texts(["a word"]))
    cases.add("missing", one, Texts(["a word", None, NAN, "another word"]))


PATTERNS = [
    r"\b\w+\b",
    r"\w+",
    r"(?u)\b\w\w\w+\b",
    r"\w{3,}",
    r"\b\w{2,4}\b",
    r"\b[a-zA-Z]+\b",
    r"[a-z]+",
    r"\b[^\d\W]+\b",
    r"[^\s]+",
    r"\S+",
    r"\d+",
    r"\D\w",
    r"(?a)\b\w\w+\b",
    r"(?u)\b\w+(?:'\w+)?\b",
    r"\b(\w)\w*\b",
    r"(\w+)-?",
    r"(a)|\w\w",
    r"[\w']+",
    r"[\w-]+|[^\w\s]",
    r"[^\W_]+?\b",
    r"\B\w",
    r"\w+\B",
    r".{3}",
    r"(?s).{2,5}?",
    r"[à-ü\x41-\u005A]{2,}",
    r"\w{,2}x|dog{1}",
    r"[]\[.,-]|\.{3}|\{|{",
    r"^\w+|\w+\Z",
    r"(?:the|them|t\w+) \w+",
    r"\b(?:\w\w?)+\b",
]


def weights(cases: Cases) -> None:
    """Add tf-idf, and hashing, with every option."""
    docs = texts(2)
    tfidf: list[dict[str, Any]] = [
        {},
        {"norm": "l1"},
        {"norm": None},
        {"use_idf": False},
        {"smooth_idf": False},
        {"dtype": np.float32},
        {"dtype": np.float32, "norm": "l1", "ngram_range": (1, 2)},
        {"binary": True, "norm": None},
        {"analyzer": "char_wb", "ngram_range": (2, 3), "max_features": 200},
    ]
    for option in tfidf:
        cases.add(f"tfidf {option}", fit(TfidfVectorizer(**option), docs), texts(), batch=True)
    logarithms: list[dict[str, Any]] = [{"sublinear_tf": True}, {"sublinear_tf": True, "norm": None, "dtype": np.float32}]
    for option in logarithms:
        cases.add(f"tfidf {option}", fit(TfidfVectorizer(**option), docs), texts(), batch=True, exact=False)
    hashing: list[dict[str, Any]] = [
        {},
        {"alternate_sign": False},
        {"norm": "l1"},
        {"norm": None, "ngram_range": (1, 2)},
        {"binary": True, "norm": "l2"},
        {"dtype": np.float32},
        {"norm": None, "dtype": np.int64},
        {"norm": None, "dtype": np.int32, "alternate_sign": False},
        {"analyzer": "char", "ngram_range": (1, 3)},
        {"stop_words": "english", "strip_accents": "unicode"},
    ]
    for option in hashing:
        for n in (1, 7, 100) if FULL else (50,):
            cases.add(f"hashing {n} {option}", HashingVectorizer(n_features=n, **option), texts(), batch=True)
    for transformer in (
        TfidfTransformer(),
        TfidfTransformer(norm=None, smooth_idf=False),
        TfidfTransformer(use_idf=False, norm="l1"),
    ):
        cases.add(f"count, {transformer}", fit(pipe(CountVectorizer(), transformer), docs), texts(), batch=True)
        hashed = pipe(HashingVectorizer(n_features=50, norm=None), transformer)
        cases.add(f"hashing, {transformer}", fit(hashed, docs), texts(), batch=True)
        X = np.array([[1.0, 0, 2], [0, 0, 0], [-1, 3, 0.5], [1e300, 1e-300, -0.0], [NAN, 1, 1]])
        cases.add(f"array, {transformer}", fit(transformer, X[:3]), X)
        cases.add(
            f"hashing, {transformer}, linear",
            fit(pipe(hashed, LogisticRegression()), docs, target(len(docs))),
            texts(),
            exact=False,
        )
    sub = pipe(HashingVectorizer(n_features=9, alternate_sign=False), TfidfTransformer(sublinear_tf=True), LinearRegression())
    cases.add("sublinear hashing", fit(sub, docs, np.arange(len(docs))), texts(), exact=False)
    tiny = np.array([[5e-324, 1e-310, 2.0], [3.0, 1.0, 1e-308], [2.0, 0.0, 1.0]])
    cases.add("sublinear, subnormal", fit(TfidfTransformer(sublinear_tf=True), tiny), tiny, exact=False)
    signed = pipe(HashingVectorizer(n_features=9, norm=None), TfidfTransformer(sublinear_tf=True))
    counts = np.array([[1.0, 0, 2], [5e-324, 1e-310, 3], [0, 1, 2.2e-308]])
    cases.add("logarithm of subnormal numbers", fit(TfidfTransformer(sublinear_tf=True), counts), counts, exact=False)
    cases.add("logarithm of 0 and less", fit(signed, Texts(["dog"])), texts()[11:16], batch=True, exact=False)


def models(cases: Cases) -> None:
    """Add models behind a vectorizer."""
    docs = texts(4)
    for k in (2, 3):
        for i, model in enumerate(
            (
                LogisticRegression(),
                SGDClassifier(loss="log_loss", random_state=0),
                LinearSVC(random_state=0),
                LogisticRegression(solver="liblinear") if k == 2 else LogisticRegression(C=9),
                SGDClassifier(random_state=0),
            )
        ):
            vectorizers = TfidfVectorizer(ngram_range=(1, 2)), HashingVectorizer(n_features=2**12), CountVectorizer(binary=True)
            for vectorizer in vectorizers if FULL else vectorizers[i % 3 :][:1]:
                fitted = fit(pipe(vectorizer, model), docs, target(len(docs), k))
                cases.add(f"{vectorizer}, {model} k={k}", fitted, texts(), exact=False, batch=True)
        tree = fit(pipe(TfidfVectorizer(), DecisionTreeClassifier(random_state=0)), docs, target(len(docs), k))
        cases.add(f"tree k={k}", tree, texts(), batch=True)
        forest = pipe(CountVectorizer(), RandomForestClassifier(n_estimators=5, random_state=0))
        cases.add(f"forest k={k}", fit(forest, docs, target(len(docs), k)), texts(), batch=True)
    for step, exact in (
        (SelectKBest(chi2, k=9), True),
        (VarianceThreshold(0.001), True),
        (SelectFromModel(LogisticRegression()), True),
        (MaxAbsScaler(), True),
        (Normalizer("max"), True),
        (Normalizer("l1"), True),
        (TruncatedSVD(3, random_state=0), False),
    ):
        reduced = fit(pipe(TfidfVectorizer(), step), docs, target(len(docs)))
        cases.add(f"{step}", reduced, texts(), exact=exact, batch=True)
    for bayes in (MultinomialNB(), ComplementNB(norm=True), BernoulliNB(binarize=0.2)):
        piped = fit(pipe(CountVectorizer(), SelectKBest(chi2, k=20), bayes), docs, target(len(docs), 3))
        cases.add(f"{bayes}", piped, texts(), exact=False, batch=True)
    search = GridSearchCV(pipe("passthrough", TfidfVectorizer(), LogisticRegression()), {"s2__C": [1, 2]}, cv=2)
    cases.add("search", fit(search, docs, target(len(docs))), texts(), exact=False, batch=True)
    calibrated = CalibratedClassifierCV(pipe(CountVectorizer(), MultinomialNB()), cv=2)
    cases.add("calibrated", fit(calibrated, docs, target(len(docs))), texts(), exact=False, batch=True)
    voting = VotingClassifier(
        [("a", pipe(CountVectorizer(), MultinomialNB())), ("b", pipe(TfidfVectorizer(), LogisticRegression()))]
    )
    cases.add("voting", fit(voting, docs, target(len(docs))), texts(), exact=False, batch=True)
    wide = fit(pipe(HashingVectorizer(n_features=2**18 + 1), SGDClassifier(random_state=0)), docs, target(len(docs)))
    wide.steps[-1][1].coef_[np.abs(wide.steps[-1][1].coef_) < 1e-12] = 0
    cases.add("wide hashing", wide, texts(), exact=False, batch=True)
    scaled = pipe(TfidfVectorizer(), StandardScaler(with_mean=False), LogisticRegression())
    cases.add("scaled", fit(scaled, docs, target(len(docs))), texts(), exact=False, batch=True)


def composites(cases: Cases) -> None:
    """Add vectorizers side by side, and on a column of a table."""
    docs = texts(4)
    union = FeatureUnion(
        [("w", TfidfVectorizer()), ("c", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3), max_features=99))],
        transformer_weights={"w": 0.7},
    )
    cases.add("union", fit(union, docs), texts(), batch=True)
    cases.add("union, linear", fit(pipe(union, LogisticRegression()), docs, target(len(docs))), texts(), exact=False, batch=True)
    F = pd.DataFrame(
        {
            "title": pd.Series(list(docs), dtype=object),
            "size": np.arange(len(docs)) % 5 * 0.5,
            "kind": pd.Series(["a", "b", "é"] * len(docs), dtype=object)[: len(docs)],
            "body": pd.Series(list(docs)[::-1], dtype=object),
        }
    )
    rows = pd.concat(
        [F[:: 1 if FULL else 9], F[:1].assign(title=None), F[:1].assign(size=7.0, kind="b"), F[:1].assign(title=NAN)]
    )
    for threshold in (0, 0.3, 1) if FULL else (0.3,):
        columns = ColumnTransformer(
            [
                ("t", TfidfVectorizer(), "title"),
                ("n", StandardScaler(), ["size"]),
                ("k", OneHotEncoder(), ["kind"]),
                ("b", Pipeline([("c", CountVectorizer()), ("t", TfidfTransformer())]), "body"),
            ],
            sparse_threshold=threshold,
            transformer_weights={"n": 2.0, "b": 0.5},
        )
        cases.add(f"columns {threshold}", fit(columns, F), rows, batch=True)
        for model, exact in ((LogisticRegression(), False), (DecisionTreeClassifier(random_state=0), True)):
            fitted = fit(pipe(columns, model), F, target(len(docs)))
            cases.add(f"columns {threshold}, {model}", fitted, rows, exact=exact, batch=True)
    A = np.array([[d, str(i)] for i, d in enumerate(docs)], dtype=object)
    cases.add(
        "array", fit(ColumnTransformer([("t", CountVectorizer(), 0), ("u", HashingVectorizer(n_features=9), -1)]), A), A[::4]
    )


def refusals(cases: Cases) -> None:
    """Add what is refused."""
    docs = texts(2)
    y = target(len(docs))
    for pattern in (r"(?<=a)\w+", r"(?i)dog\w", r"\w*", r"(\w)(\w)", r"\w+$", r"(\w)\1", r"(?:a*)+b", r"\p{L}+"):
        vectorizer = CountVectorizer(vocabulary=["a"], token_pattern=pattern)
        cases.refused(f"pattern {pattern}", vectorizer, [f"{pattern.replace(chr(92), chr(92) * 2)}"])
    cases.refused("tokenizer", CountVectorizer(vocabulary=["a"], tokenizer=str.splitlines), ["tokenizer"])
    cases.refused("preprocessor", CountVectorizer(vocabulary=["a"], preprocessor=str.upper), ["preprocessor"])
    cases.refused("analyzer", CountVectorizer(vocabulary=["a"], analyzer=str.split), ["analyzer"])
    cases.refused("input", CountVectorizer(vocabulary=["a"], input="filename"), ["input"])
    cases.refused("small counts", fit(CountVectorizer(dtype=np.int8), docs), ["dtype"])
    wide = fit(pipe(HashingVectorizer(n_features=2**19), RandomForestClassifier(n_estimators=2, max_depth=2)), docs, y)
    cases.refused("wide forest", wide, ["524288 columns"])


if __name__ == "__main__":
    main(analyzers, weights, models, composites, refusals)
