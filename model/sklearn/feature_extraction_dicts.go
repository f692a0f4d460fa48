package sklearn

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

const (
	dictVectorizer = "sklearn.feature_extraction._dict_vectorizer.DictVectorizer"
	featureHasher  = "sklearn.feature_extraction._hash.FeatureHasher"
)

// takesDicts reports whether a class takes a dict for each row.
func takesDicts(class string) bool { return class == dictVectorizer || class == featureHasher }

// refuseTable refuses what takes dicts where it is given the columns of a table.
func (e *estimator) refuseTable() matrix {
	e.ignores(e.attributes()...)
	e.refuse("its input", "it takes a dict for each row, and is not given the rows as they come in",
		"make it the first step; for columns of a table take OneHotEncoder(handle_unknown='ignore') for strings and 'passthrough' for numbers")
	return unknownMatrix
}

// first lists the estimators of a kind that take the input: the estimator itself, or those that it hands its input on to (a pipeline to its first alone).
func (e *estimator) first(takes func(class string) bool) []*estimator {
	if takes(e.class) {
		return []*estimator{e}
	}
	inner := e.nested()
	if isPipeline(e.class) {
		inner = inner[:min(1, len(inner))]
	}
	var out []*estimator
	for _, part := range inner {
		out = append(out, part.first(takes)...)
	}
	return out
}

// dictKeys are the keys of the rows: those of the sample, else those in the vocabularies of the estimators that take the rows.
func (c *compiler) dictKeys(takers []*estimator) []string {
	if c.opt.Sample != nil {
		return c.opt.Sample.Names
	}
	reasons, seen := c.reasons, map[string]bool{}
	var keys []string
	for _, e := range takers {
		if e.class != dictVectorizer {
			continue
		}
		terms, _ := e.vocabulary()
		for _, term := range terms {
			key, _, _ := strings.Cut(term, e.str("separator"))
			if !seen[key] {
				keys = append(keys, key)
			}
			seen[key] = true
		}
	}
	c.reasons = reasons // which transform gives again
	return keys
}

// refuseKeys refuses an estimator that needs a sample to tell the keys of the rows.
func (e *estimator) refuseKeys(what, why string) {
	e.refuse(what, why, "give a sample of rows: a column for each key")
}

// transformDictVectorizer follows sklearn.feature_extraction.DictVectorizer.transform: a number is stored in the column of its key, and 1 in the column of
// key, separator and string. What has no column is left out.
func transformDictVectorizer(e *estimator, in matrix) matrix {
	if !in.dicts {
		return e.refuseTable()
	}
	e.ignores("sort", "feature_names_")
	v := newDictVocabulary(e)
	out := register{Sparse: e.c.b.NewSparse(len(v.terms)), dtype: e.dictType()}
	step := &engine.SparsePlace{Out: out.Sparse, Float32: out.dtype == float32Type}
	var numbers, texts []column
	for _, col := range in.cols {
		switch at, values := v.columns[col.feature.name], v.values(col.feature.name); v.kind(col.feature) {
		case numberKind:
			numbers, step.Columns = append(numbers, col), append(step.Columns, int32(at))
			v.claim([]int{at})
		case textKind:
			texts = append(texts, col)
			v.claim(values)
		}
	}
	step.In = e.c.numbers(e, matrix{cols: numbers})
	step.Codes = v.codes(texts)
	e.c.b.Add(step)
	if !e.bool("sparse") {
		return e.c.dense(e, inRegister(out))
	}
	if out.dtype == float32Type && e.since(1, 9) {
		e.refuse("float32 values in a sparse matrix", "from scikit-learn 1.9 on its indices have 64 bits, for which trees raise", "use sparse=False, or float64")
	}
	return inRegister(out)
}

// dictVocabulary is the vocabulary of a DictVectorizer.
type dictVocabulary struct {
	e         *estimator
	separator string
	terms     []string
	columns   map[string]int // of the terms
	order     []int          // the columns in the order of their terms
	claimed   []bool
}

func newDictVocabulary(e *estimator) *dictVocabulary {
	v := &dictVocabulary{e: e, separator: e.str("separator"), columns: map[string]int{}}
	v.terms, _ = e.vocabulary()
	v.claimed = make([]bool, len(v.terms))
	for i, term := range v.terms {
		v.columns[term] = i
		v.order = append(v.order, i)
		if e.c.opt.Sample == nil && strings.Index(term, v.separator) != strings.LastIndex(term, v.separator) {
			e.refuseKeys(fmt.Sprintf("the key of %q", term), "it has the separator twice")
		}
	}
	slices.SortFunc(v.order, func(a, b int) int { return strings.Compare(v.terms[a], v.terms[b]) })
	return v
}

// kind says how a key is read: as it is in the vocabulary; as the sample has it, if it is there as a number and with strings. A key that is not there
// at all is not read (openKind).
func (v *dictVocabulary) kind(f *feature) featureKind {
	_, number := v.columns[f.name]
	switch text := len(v.values(f.name)) > 0; {
	case number && text:
		if f.sample.kind == openKind {
			v.e.refuseKeys(fmt.Sprintf("the key %q", f.name), "it may hold numbers or strings")
		}
		return f.sample.kind
	case number:
		return numberKind
	case text:
		return textKind
	}
	return openKind
}

// values are the columns of a key with a string, in the order of the strings.
func (v *dictVocabulary) values(key string) []int {
	prefix := key + v.separator
	start := sort.Search(len(v.order), func(i int) bool { return v.terms[v.order[i]] >= prefix })
	end := start
	for end < len(v.order) && strings.HasPrefix(v.terms[v.order[end]], prefix) {
		end++
	}
	return v.order[start:end]
}

// claim refuses columns that several keys may be stored in: scikit-learn then stores both, and what comes of it differs between the steps behind.
func (v *dictVocabulary) claim(columns []int) {
	for _, c := range columns {
		if v.claimed[c] {
			v.e.refuse(fmt.Sprintf("the column of %q", v.terms[c]), "two keys of the sample may be stored in it", "choose a separator that is in no key")
			return
		}
		v.claimed[c] = true
	}
}

// codes adds the look-ups of the strings of some keys: the columns where they are stored, -1 for a string that is not in the vocabulary.
func (v *dictVocabulary) codes(texts []column) engine.Span {
	c := v.e.c
	out := c.b.Floats(len(texts))
	for i, col := range texts {
		var keys []string
		var categories []pickle.Value
		look := engine.Lookup{Out: out.Start + int32(i), Unknown: -1, Feature: col.origin}
		for _, at := range v.values(col.feature.name) {
			value := v.terms[at][len(col.feature.name)+len(v.separator):]
			keys, categories, look.Codes = append(keys, value), append(categories, value), append(look.Codes, float64(at))
		}
		col.addCategories(categories)
		c.b.Add(&engine.LookupText{In: c.text(v.e, col), Keys: engine.NewStrings(keys), Lookup: look})
	}
	return out
}

// dictType reads the dtype of the values. A DictVectorizer calls it with each.
func (e *estimator) dictType() dtype {
	v := e.get("dtype")
	t, ok := dtypeOf(v)
	_, isClass := v.(*pickle.Global)
	switch {
	case e.class == dictVectorizer && !isClass:
		e.refuse("dtype is "+describe(v), "scikit-learn calls it, and so raises for every row", "use numpy.float64 or numpy.float32")
	case !ok || t != float64Type && t != float32Type:
		e.refuse("dtype is "+describe(v), "values of that type are cut or wrap around", "use numpy.float64 or numpy.float32")
	}
	return t
}

// transformFeatureHasher follows sklearn.feature_extraction.FeatureHasher.transform of dicts.
func transformFeatureHasher(e *estimator, in matrix) matrix {
	if !in.dicts {
		return e.refuseTable()
	}
	if kind := e.str("input_type"); kind != "dict" {
		e.refuse(fmt.Sprintf("input_type is %q", kind), "a row would be a list, and here it has a value for each feature", `use input_type="dict"`)
	}
	if e.c.opt.Sample == nil {
		e.refuseKeys("the keys of the rows", "a hasher does not keep them")
	}
	n := e.int("n_features")
	if n < 1 || n >= math.MaxInt32 {
		e.wrong("n_features", int64(n), "1 to 2147483646")
		return unknownMatrix
	}
	out := register{Sparse: e.c.b.NewSparse(n), dtype: e.dictType()}
	step := &engine.HashEntries{Out: out.Sparse, Alternate: e.bool("alternate_sign"), Float32: out.dtype == float32Type, Separator: "="}
	var names []string
	for _, col := range in.cols {
		number, text := engine.Slot(-1), engine.TextSlot(-1)
		if col.isText() {
			text = e.c.text(e, col)
		} else {
			number = e.c.number(e, col)
		}
		names, step.Numbers, step.Texts = append(names, col.feature.name), append(step.Numbers, number), append(step.Texts, text)
	}
	step.Names = engine.NewStrings(names)
	e.c.b.Add(step)
	return inRegister(out)
}
