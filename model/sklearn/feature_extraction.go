package sklearn

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

const (
	countVectorizer   = "sklearn.feature_extraction.text.CountVectorizer"
	tfidfVectorizer   = "sklearn.feature_extraction.text.TfidfVectorizer"
	hashingVectorizer = "sklearn.feature_extraction.text.HashingVectorizer"
	tfidfTransformer  = "sklearn.feature_extraction.text.TfidfTransformer"
)

// featureExtractionConverters holds the classes of sklearn.feature_extraction.text, and those of sklearn.feature_extraction that take dicts.
func featureExtractionConverters() map[string]converter {
	return map[string]converter{
		countVectorizer:   {transform: transformCountVectorizer},
		tfidfVectorizer:   {transform: transformTfidfVectorizer},
		hashingVectorizer: {transform: transformHashingVectorizer},
		tfidfTransformer:  {transform: transformTfidfTransformer},
		dictVectorizer:    {transform: transformDictVectorizer},
		featureHasher:     {transform: transformFeatureHasher},
	}
}

// takesText reports whether a class takes a sequence of texts.
func takesText(class string) bool {
	return class == countVectorizer || class == tfidfVectorizer || class == hashingVectorizer
}

// transformCountVectorizer follows sklearn.feature_extraction.text.CountVectorizer.transform.
func transformCountVectorizer(e *estimator, in matrix) matrix {
	return inRegister(e.counts(in))
}

// counts adds the counting of terms (CountVectorizer._count_vocab).
func (e *estimator) counts(in matrix) register {
	e.ignores("max_df", "min_df", "max_features", "fixed_vocabulary_", "stop_words_")
	analysis := e.analysis(in)
	terms, columns := e.vocabulary()
	binary := e.bool("binary")
	t := e.countType(binary)
	out := register{Sparse: e.c.b.NewSparse(len(terms)), dtype: t, unstored: true}
	table := engine.NewStrings(terms)
	e.c.b.Add(&engine.TextCount{Analysis: analysis, Out: out.Sparse, Binary: binary || t == boolType, Columns: columns,
		Terms: table, Table: engine.NewTermTable(table)})
	return out
}

// countType is the dtype of counts. A small integer may wrap around, which is not followed.
func (e *estimator) countType(binary bool) dtype {
	v := e.get("dtype")
	t, ok := dtypeOf(v)
	if small := t.kind != 'f' && t.kind != 'b' && t.size < 4; !ok || t == float16Type || t.kind == 'O' || small && !binary {
		e.refuse("dtype is "+describe(v), "counts of that type round or wrap around", "use float64, float32, int64 or int32")
	}
	return t
}

// vocabulary reads the terms and their columns, in the order of the columns. vocabulary_ is there after the fit; a vectorizer that is
// given a vocabulary needs none (_validate_vocabulary).
func (e *estimator) vocabulary() (terms []string, columns []int32) {
	name := "vocabulary_"
	if !e.has(name) && e.has("vocabulary") {
		name = "vocabulary"
	}
	e.ignores("vocabulary", "vocabulary_")
	v := e.get(name)
	var keys, values []pickle.Value
	switch v := v.(type) {
	case *pickle.Dict:
		for _, p := range v.Pairs {
			keys, values = append(keys, p.Key), append(values, p.Value)
		}
	default:
		items, ok := sequence(v)
		if !ok {
			e.wrong(name, v, "a dict of terms and columns, or terms")
			return nil, nil
		}
		if _, unordered := v.(*pickle.Set); unordered {
			items = slices.Clone(items)
			slices.SortFunc(items, comparePythonStrings)
		}
		keys = items
	}
	terms, columns = make([]string, len(keys)), make([]int32, len(keys))
	seen := make([]bool, len(keys))
	for i, key := range keys {
		term, ok := key.(string)
		column := int64(i)
		if ok && values != nil {
			column, ok = pickle.Plain(values[i]).(int64)
		}
		if !ok || column < 0 || column >= int64(len(keys)) || seen[column] {
			e.wrong(name, v, "strings, with the columns from 0 on, each once")
			return nil, nil
		}
		seen[column] = true
		terms[column], columns[i] = term, int32(i)
	}
	return terms, columns
}

// comparePythonStrings orders strings by code points, as UTF-8 does too.
func comparePythonStrings(a, b pickle.Value) int {
	s, _ := a.(string)
	t, _ := b.(string)
	return cmp.Compare(s, t)
}

// transformTfidfVectorizer follows sklearn.feature_extraction.text.TfidfVectorizer.transform: counts, weighed by the fitted TfidfTransformer.
func transformTfidfVectorizer(e *estimator, in matrix) matrix {
	e.ignores("norm", "use_idf", "smooth_idf", "sublinear_tf")
	counts := e.counts(in)
	child := e.child("_tfidf", e.get("_tfidf"))
	if child == nil {
		return unknownMatrix
	}
	if child.class != tfidfTransformer {
		e.wrong("_tfidf", child.obj, "a TfidfTransformer")
		return unknownMatrix
	}
	out := child.tfidf(counts)
	child.close()
	out.unstored = true // 1 + log(count) and idf_ are at least 1
	return inRegister(out)
}

// transformTfidfTransformer follows sklearn.feature_extraction.text.TfidfTransformer.transform.
func transformTfidfTransformer(e *estimator, in matrix) matrix {
	if in.register == nil {
		e.c.checked(e, in, engine.Check{})
	} else {
		e.c.b.Add(&engine.SparseCheck{In: in.register.Sparse})
	}
	counts := e.c.stored(e, in)
	out := e.tfidf(counts)
	out.unstored = counts.unstored && counts.dtype.kind == 'i' // of a whole number 1 + log is not 0
	return inRegister(out)
}

// tfidf weighs counts: 1 + log(count) with sublinear_tf, times idf_, divided by the row's norm.
func (e *estimator) tfidf(r register) register {
	e.ignores("smooth_idf")
	t := float64Type
	if r.dtype == float32Type {
		t = float32Type
	}
	if e.bool("sublinear_tf") {
		logs, out := e.c.b.NewSparse(int(r.Width)), e.c.b.NewSparse(int(r.Width))
		e.c.b.Add(&engine.SparseMap{Op: "log", In: r.Sparse, Out: logs, Float32: t == float32Type})
		e.c.b.Add(&engine.SparseMap{Op: "add", In: logs, Out: out, Value: 1, Float32: t == float32Type})
		r = register{Sparse: out, inexact: true}
	}
	r.dtype = t
	e.ignores("use_idf")
	if idf := e.idf(int(r.Width)); idf != nil {
		r = e.c.scaled(r, idf, t)
		// the product with a diagonal matrix, before 1.4, stored the columns of a row in another order, in which the norm adds up
		r.inexact = r.inexact || !e.since(1, 4)
	}
	return e.unitRows(r, e.get("norm"))
}

// idf reads idf_, or the diagonal matrix that held it before 1.4; nil for none.
func (e *estimator) idf(width int) []float64 {
	e.ignores("_idf_diag")
	if e.has("idf_") {
		return e.vector("idf_", width)
	}
	v, _ := e.obj.Attr("_idf_diag")
	o, ok := v.(*pickle.Object)
	if !ok {
		if use, _ := e.get("use_idf").(bool); use {
			e.get("idf_") // refuses
		}
		return nil
	}
	data, _ := o.Attr("data")
	a, ok := data.(*pickle.Array)
	if ok {
		if f, err := a.Float64s(); err == nil && len(f) == width {
			return f
		}
	}
	e.wrong("_idf_diag", v, fmt.Sprintf("a diagonal matrix of %d numbers", width))
	return nil
}

// unitRows follows sklearn.preprocessing.normalize for a matrix in a register.
func (e *estimator) unitRows(r register, norm pickle.Value) register {
	name, ok := norm.(string)
	switch {
	case norm == nil:
		return r
	case !ok || name != "l1" && name != "l2" && name != "max":
		e.wrong("norm", norm, "l1, l2 or None")
		return r
	}
	e.c.b.Add(&engine.SparseCheck{In: r.Sparse})
	out := register{Sparse: e.c.b.NewSparse(int(r.Width)), dtype: r.dtype, inexact: r.inexact}
	e.c.b.Add(&engine.SparseNormalize{Norm: name, In: r.Sparse, Out: out.Sparse, Float32: r.dtype == float32Type})
	return out
}

// transformHashingVectorizer follows sklearn.feature_extraction.text.HashingVectorizer.transform.
func transformHashingVectorizer(e *estimator, in matrix) matrix {
	analysis := e.analysis(in)
	n, norm, binary := e.int("n_features"), e.get("norm"), e.bool("binary")
	if n < 1 || n >= math.MaxInt32 {
		e.wrong("n_features", int64(n), "1 to 2147483646")
		return unknownMatrix
	}
	t := e.countType(binary)
	if norm != nil && t.kind != 'f' {
		t = float64Type // check_array(dtype=FLOAT_DTYPES)
	}
	out := register{Sparse: e.c.b.NewSparse(n), dtype: t}
	e.c.b.Add(&engine.TextHash{Analysis: analysis, Out: out.Sparse, Binary: binary, Alternate: e.bool("alternate_sign")})
	return inRegister(e.unitRows(out, norm))
}

// analysis reads how a vectorizer cuts texts (_VectorizerMixin.build_analyzer).
func (e *estimator) analysis(in matrix) engine.Analysis {
	e.ignores("encoding", "decode_error", "_stop_words_id", "lowercase", "strip_accents", "token_pattern", "tokenizer", "stop_words")
	e.str("input", "content")
	a := engine.Analysis{In: e.texts(in), Feature: -1, Accents: "keep", Unit: e.str("analyzer", "word", "char", "char_wb")}
	if len(in.cols) == 1 {
		a.Feature = in.cols[0].origin
	}
	a.MinN, a.MaxN = e.ngramRange()
	e.preprocessor(&a)
	if a.Unit == "word" {
		e.tokenizer(&a)
		a.Stop = engine.NewStrings(e.stopWords())
	}
	return a
}

// texts is the text slot of a vectorizer's input.
func (e *estimator) texts(in matrix) engine.TextSlot {
	if len(in.cols) == 1 && (in.vector || in.cols[0].unknown) {
		return e.c.text(e, in.cols[0])
	}
	e.refuse("its input", fmt.Sprintf("it takes a sequence of texts and is given a table of %d columns, whose names it would read", in.width()),
		"in a ColumnTransformer, give its column as a string and not as a list")
	return 0
}

func (e *estimator) ngramRange() (low, high int32) {
	v := e.get("ngram_range")
	if items, ok := sequence(v); ok && len(items) == 2 {
		a, ok0 := pickle.Plain(items[0]).(int64)
		b, ok1 := pickle.Plain(items[1]).(int64)
		if ok0 && ok1 && a >= 1 && a <= b && b <= math.MaxInt32 {
			return int32(a), int32(b)
		}
	}
	e.wrong("ngram_range", v, "two integers from 1 on, in order")
	return 1, 1
}

// preprocessor reads what is done to a text before it is cut (build_preprocessor): a preprocessor takes the place of lowercase and strip_accents.
func (e *estimator) preprocessor(a *engine.Analysis) {
	if f := e.get("preprocessor"); f != nil {
		if a.Lower = isMethod(f, "lower"); !a.Lower {
			e.refuse("preprocessor is "+describe(f), "a Python function is not executed; allowed are None and str.lower", "preprocess the text before the pipeline")
		}
		return
	}
	a.Lower = e.bool("lowercase")
	switch accents := e.get("strip_accents"); accents {
	case nil, "":
	case "unicode", "ascii":
		a.Accents = accents.(string)
	default:
		if g, ok := accents.(*pickle.Global); ok && g.Module == "sklearn.feature_extraction.text" {
			switch g.Name {
			case "strip_accents_unicode":
				a.Accents = "unicode"
				return
			case "strip_accents_ascii":
				a.Accents = "ascii"
				return
			}
		}
		e.refuse("strip_accents is "+describe(accents), `a Python function is not executed; allowed are None, "unicode" and "ascii"`, "preprocess the text before the pipeline")
	}
}

// tokenizer reads what cuts a text into words (build_tokenizer).
func (e *estimator) tokenizer(a *engine.Analysis) {
	if f := e.get("tokenizer"); f != nil {
		if !isMethod(f, "split") {
			e.refuse("tokenizer is "+describe(f), "a Python function is not executed; allowed are None and str.split", "describe the words by token_pattern, or join them with spaces before the pipeline")
		}
		return
	}
	expr := e.str("token_pattern")
	if _, err := engine.CompilePattern(expr); err != nil {
		e.refuse(fmt.Sprintf("token_pattern is %q", expr), "it cannot be followed exactly: "+err.Error(), `write it without that, for example r"\b\w\w+\b"`)
		return
	}
	a.Pattern = engine.RawText(expr)
}

// isMethod reports whether a value is the method of str, which pickles as getattr(str, name).
func isMethod(v pickle.Value, name string) bool {
	o, ok := v.(*pickle.Object)
	if !ok || o.ClassName() != "builtins.getattr" || len(o.Args) != 2 || o.Args[1] != name {
		return false
	}
	owner, ok := o.Args[0].(*pickle.Global)
	return ok && owner.String() == "builtins.str"
}

// stopWords reads the words that are left out, sorted (_check_stop_list).
func (e *estimator) stopWords() []string {
	v := e.get("stop_words")
	switch v {
	case nil:
		return nil
	case "english":
		return englishStopWords
	}
	items, ok := sequence(v)
	if !ok {
		e.wrong("stop_words", v, `None, "english" or a list of words`)
	}
	var words []string
	for _, item := range items {
		if word, ok := pickle.Plain(item).(string); ok { // anything else equals no word
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}
