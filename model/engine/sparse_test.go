package engine

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// sparseCase runs steps on one text and looks at what the last one, a SparseDense, writes from slot 8 on.
type sparseCase struct {
	name    string
	text    string
	steps   []Step
	want    []float64
	wantErr RowError
}

// counter counts the terms of a vocabulary into register 0.
func counter(a Analysis, terms ...string) *TextCount {
	a.Feature = 50
	if a.Unit == "" {
		a.Unit = "word"
	}
	if a.Accents == "" {
		a.Accents = "keep"
	}
	a.MinN, a.MaxN = max(a.MinN, 1), max(a.MaxN, 1)
	table := NewStrings(terms)
	t := &TextCount{Analysis: a, Out: Sparse{0, int32(len(terms))}, Terms: table, Table: NewTermTable(table)}
	for i := range terms {
		t.Columns = append(t.Columns, int32(i))
	}
	return t
}

func sparseCases() []sparseCase {
	words := Analysis{Pattern: `(?u)\b\w\w+\b`, Lower: true}
	hash := words
	hash.Unit, hash.Accents, hash.MinN, hash.MaxN = "word", "keep", 1, 1
	three := counter(words, "bb", "cc", "dd")
	weigh := func(step Step) []Step { return []Step{three, step} }
	in, out := Sparse{0, 3}, Sparse{1, 3}
	cells := &MatMul{Out: span(12, 18), Bias: []float64{nan, 0, 0.1, 1, -1, 6}}
	return []sparseCase{
		{name: "count", text: "BB a cc; bb", steps: weigh(&SparseSelect{In: in, Out: out, Columns: []int32{0, 1, 2}}), want: []float64{2, 1, 0}},
		{name: "missing text", text: MissingText, steps: weigh(&SparseCheck{In: in}), want: []float64{nan, nan, nan}, wantErr: RowError{MissingValue, 50}},
		{name: "stop words", text: "bb cc dd", steps: []Step{counter(Analysis{Stop: NewStrings([]string{"bb", "dd"}), MaxN: 2}, "cc", "bb", "bb cc", "dd")}, want: []float64{1, 0, 0, 0}},
		{name: "n-grams", text: "a b  a b", steps: []Step{counter(Analysis{MinN: 2, MaxN: 3}, "a b", "b a", "a b a", "a")}, want: []float64{2, 1, 1, 0}},
		{name: "characters", text: "a \t b", steps: []Step{counter(Analysis{Unit: "char", MaxN: 3}, "a", " ", "a b", "\t")}, want: []float64{1, 1, 1, 0}},
		{name: "characters of words", text: "ab c", steps: []Step{counter(Analysis{Unit: "char_wb", MinN: 2, MaxN: 4}, " a", "b ", " c ", "b c", " ab ")}, want: []float64{1, 1, 1, 0, 1}},
		{name: "accents", text: "É각ﬁ", steps: []Step{counter(Analysis{Accents: "unicode", Unit: "char"}, "E", "f", "\u1100", "\u11a8", "É")}, want: []float64{1, 1, 1, 1, 0}},
		{name: "ascii", text: "É각ﬁ", steps: []Step{counter(Analysis{Accents: "ascii", Unit: "char"}, "E", "f", "\u1100")}, want: []float64{1, 1, 0}},
		{name: "dotted I", text: "İ", steps: []Step{counter(Analysis{Lower: true, Unit: "char"}, "i", "\u0307")}, want: []float64{1, 1}},
		{name: "final sigma", text: "ΑΣ ΣΑ ΑΣ'Α Σ", steps: []Step{counter(Analysis{Lower: true, Unit: "char"}, "σ", "ς")}, want: []float64{3, 1}},
		{name: "pattern", text: "x-1 yy-22", steps: []Step{counter(Analysis{Pattern: `(\w+)-\d`}, "x", "yy", "x-1")}, want: []float64{1, 1, 0}},
		{name: "hash", text: "foo bar", steps: []Step{&TextHash{Analysis: hash, Out: Sparse{0, 4}, Alternate: true}}, want: []float64{-1, 1, 0, 0}},
		{name: "hash without sign", text: "foo bar foo", steps: []Step{&TextHash{Analysis: hash, Out: Sparse{0, 4}}}, want: []float64{2, 1, 0, 0}},
		{name: "arith", text: "bb bb cc", steps: weigh(&SparseArith{Op: "mul", In: in, Out: out, Values: []float64{0.1, 5, 7}}), want: []float64{0.2, 5, 0}},
		{name: "arith float32", text: "bb bb cc", steps: weigh(&SparseArith{Op: "div", In: in, Out: out, Values: []float64{3}, Float32: true}), want: []float64{float64(float32(2.) / 3), float64(float32(1.) / 3), 0}},
		{name: "map", text: "bb bb cc", steps: weigh(&SparseMap{Op: "log", In: in, Out: out}), want: []float64{0.6931471805599453, 0, 0}},
		{name: "map add", text: "bb bb cc", steps: weigh(&SparseMap{Op: "add", In: in, Out: out, Value: 1}), want: []float64{3, 2, 0}},
		{name: "map above", text: "bb bb cc", steps: weigh(&SparseMap{Op: "above", In: in, Out: out, Value: 1}), want: []float64{1, 0, 0}},
		{name: "l1", text: "bb bb bb cc", steps: weigh(&SparseNormalize{Norm: "l1", In: in, Out: out}), want: []float64{0.75, 0.25, 0}},
		{name: "l2", text: "bb bb bb bb cc cc cc", steps: weigh(&SparseNormalize{Norm: "l2", In: in, Out: out}), want: []float64{0.8, 0.6, 0}},
		{name: "max", text: "bb bb cc", steps: weigh(&SparseNormalize{Norm: "max", In: in, Out: out}), want: []float64{1, 0.5, 0}},
		{name: "norm of nothing", text: "", steps: weigh(&SparseNormalize{Norm: "l2", In: in, Out: out}), want: []float64{0, 0, 0}},
		{name: "select", text: "bb cc dd", steps: weigh(&SparseSelect{In: in, Out: Sparse{1, 2}, Columns: []int32{-1, 0, 1}}), want: []float64{1, 1}},
		{name: "check", text: "bb", steps: []Step{three, &SparseArith{Op: "div", In: in, Out: out, Values: []float64{0}}, &SparseCheck{In: out}}, want: []float64{nan, nan, nan}, wantErr: RowError{NotFinite, -1}},
		{name: "stack", text: "bb cc", steps: []Step{three, &SparseDense{In: in, Out: span(12, 15)}, &SparseStack{Parts: []StackPart{{Register: in}, {IsSpan: true, Span: span(12, 14)}}, Out: Sparse{1, 5}}}, want: []float64{1, 1, 0, 1, 1}},
		{name: "place", steps: []Step{cells, &SparsePlace{In: span(12, 15), Codes: span(15, 18), Out: Sparse{0, 6}, Columns: []int32{4, 0, 2}}}, want: []float64{0, 1, 0.1, 0, 0, 0}},
		{name: "place float32", steps: []Step{cells, &SparsePlace{In: span(14, 15), Out: Sparse{0, 1}, Columns: []int32{0}, Float32: true}}, want: []float64{float64(float32(0.1))}},
		{name: "hash entries", text: "ö", steps: []Step{cells, entries(16, false)}, want: hashed(16, map[string]float64{"c": 0.1, "d": 1, "f": -1, "s=ö": 1})},
		{name: "hash entries in one column", text: "ö", steps: []Step{cells, entries(1, true)}, want: []float64{float64(((-float32(0.1) + 1) - 1) - 1)}},
		{name: "hash a missing text", text: MissingText, steps: []Step{cells, entries(16, false)}, want: hashed(16, map[string]float64{"c": 0.1, "d": 1, "f": -1})},
		{name: "mat mul", text: "bb dd dd", steps: []Step{three, &SparseMatMul{In: in, Out: span(12, 14), Weights: []float64{1, 2, 3, 4, 5, 6}, Bias: []float64{0.5, 0}}, &SparseStack{Parts: []StackPart{{IsSpan: true, Span: span(12, 14)}}, Out: Sparse{1, 2}}}, want: []float64{11.5, 14}},
	}
}

func TestSparseSteps(t *testing.T) {
	t.Parallel()
	for _, c := range sparseCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := NewBuilder()
			b.Text(50)
			b.Floats(20)
			last := Sparse{}
			for _, s := range c.steps {
				b.Add(s)
				switch s := s.(type) {
				case *TextCount:
					last = s.Out
				case *TextHash:
					last = s.Out
				case *SparsePlace:
					last = s.Out
				case *HashEntries:
					last = s.Out
				case *SparseArith:
					last = s.Out
				case *SparseMap:
					last = s.Out
				case *SparseNormalize:
					last = s.Out
				case *SparseSelect:
					last = s.Out
				case *SparseStack:
					last = s.Out
				}
			}
			out := span(0, last.Width)
			b.Add(&SparseDense{In: last, Out: out})
			b.Output("out", out)
			p, err := b.Plan()
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range []*Plan{p, reload(t, p)} {
				var got Result
				p.Run(&Batch{N: 2, Texts: []string{"bb Bb cc dd a", c.text}}, &got)
				if err := sameBits(got.Values[p.Width():], c.want); err != nil {
					t.Error(err)
				}
				if got.Errors[1] != c.wantErr {
					t.Errorf("error is %v, want %v", got.Errors[1], c.wantErr)
				}
			}
		})
	}
}

func TestSparseChecks(t *testing.T) {
	t.Parallel()
	three := counter(Analysis{}, "a", "b", "c")
	in, out := Sparse{0, 3}, Sparse{1, 3}
	unsorted := counter(Analysis{Stop: NewStrings([]string{"b", "a"})}, "a")
	full := counter(Analysis{}, "a")
	full.Table = []int32{0, 0}
	far := counter(Analysis{}, "a")
	far.Columns = []int32{1}
	hash := three.Analysis
	for name, steps := range map[string][]Step{
		"nothing has written":              {&SparseCheck{In: in}},
		"register 0 of 4 columns":          {three, &SparseCheck{In: Sparse{0, 4}}},
		"an earlier step has written":      {three, &SparseArith{Op: "mul", In: in, Out: in, Values: []float64{1}}},
		"want one of 4096 registers":       {three, &SparseArith{Op: "mul", In: in, Out: Sparse{4096, 3}, Values: []float64{1}}},
		`op is "add"`:                      {three, &SparseArith{Op: "add", In: in, Out: out, Values: []float64{1}}},
		"values has 2 items":               {three, &SparseArith{Op: "mul", In: in, Out: out, Values: []float64{1, 2}}},
		`op is "exp"`:                      {three, &SparseMap{Op: "exp", In: in, Out: out}},
		`norm is "l3"`:                     {three, &SparseNormalize{Norm: "l3", In: in, Out: out}},
		"in has 3 columns and out 2":       {three, &SparseMap{Op: "log", In: in, Out: Sparse{1, 2}}},
		"want -1 or more than 0":           {three, &SparseSelect{In: in, Out: out, Columns: []int32{-1, 0, 0}}},
		"parts of 3 columns":               {three, &SparseStack{Parts: []StackPart{{Register: in}}, Out: Sparse{1, 4}}},
		"in has 3 columns and out 4 slots": {three, &SparseDense{In: in, Out: span(0, 4)}},
		"weights has 1 items":              {three, &SparseMatMul{In: in, Out: span(0, 1), Weights: []float64{1}}},
		"bias has 2 items":                 {three, &SparseMatMul{In: in, Out: span(0, 1), Weights: []float64{1, 2, 3}, Bias: []float64{1, 2}}},
		"out is empty":                     {three, &SparseMatMul{In: in}},
		"stop[1] is not greater":           {unsorted},
		"a power of two with an empty one": {full},
		"columns[0] is 1, outside 1":       {far},
		`unit is "line"`:                   {counter(Analysis{Unit: "line"}, "a")},
		`accents is "none"`:                {counter(Analysis{Accents: "none"}, "a")},
		"pattern or stop words":            {counter(Analysis{Unit: "char", Pattern: "a"}, "a")},
		"n-grams of 2 to 1":                {counter(Analysis{MinN: 2}, "a")},
		"matches the empty text":           {counter(Analysis{Pattern: `\w*`}, "a")},
		"out has 0 columns":                {&TextHash{Analysis: hash}},
		"columns has 0 items":              {&SparsePlace{In: span(0, 1), Out: out}},
		"columns[0] is 3, outside 3":       {&SparsePlace{In: span(0, 1), Out: out, Columns: []int32{3}}},
		"codes reads slot 0":               {&SparsePlace{Codes: span(0, 1), Out: out}},
		"in reads slot 0":                  {&SparsePlace{In: span(0, 1), Out: out, Columns: []int32{0}}},
		"numbers reads slot 0":             {&HashEntries{Out: out, Names: NewStrings([]string{"a"}), Numbers: []int32{0}, Texts: []int32{-1}}},
		"in is text slot -1":               {&HashEntries{Out: out, Names: NewStrings([]string{"a"}), Numbers: []int32{-1}, Texts: []int32{-1}}},
		"numbers has 0 items":              {&HashEntries{Out: out, Names: NewStrings([]string{"a"}), Texts: []int32{-1}}},
		"texts has 0 items":                {&HashEntries{Out: out, Names: NewStrings([]string{"a"}), Numbers: []int32{-1}}},
		"out has 0 columns, want":          {&HashEntries{}},
	} {
		b := NewBuilder()
		b.Text(50)
		b.Floats(20)
		for _, s := range steps {
			b.Add(s)
		}
		b.Add(&LookupText{Lookup: Lookup{Out: 0}})
		b.Output("out", span(0, 1))
		if _, err := b.Plan(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error with %q", err, name)
		}
	}
}

// addSparse adds one of each text step and sparse step.
func addSparse(b *Builder, text TextSlot) Span {
	count := counter(Analysis{In: text, Pattern: `\b\w+\b`, MaxN: 2, Lower: true, Stop: NewStrings([]string{"a"})}, "ulm", "bonn")
	hash := &TextHash{Analysis: Analysis{In: text, Accents: "ascii", Unit: "char_wb", MinN: 1, MaxN: 2}, Out: Sparse{1, 5}, Alternate: true}
	out, two := b.Floats(7), b.Floats(2)
	for _, s := range []Step{
		count, hash,
		&HashEntries{Out: Sparse{7, 3}, Alternate: true, Separator: "=", Names: NewStrings([]string{"k"}), Numbers: []int32{-1}, Texts: []int32{text}},
		&SparseStack{Parts: []StackPart{{Register: Sparse{0, 2}}, {Register: Sparse{1, 5}}, {IsSpan: true, Span: out}}, Out: Sparse{2, 14}},
		&SparseSelect{In: Sparse{2, 14}, Out: Sparse{3, 7}, Columns: []int32{0, 1, 2, 3, 4, 5, 6, -1, -1, -1, -1, -1, -1, -1}},
		&SparseArith{Op: "mul", In: Sparse{3, 7}, Out: Sparse{4, 7}, Values: []float64{0.3}},
		&SparseMap{Op: "add", In: Sparse{4, 7}, Out: Sparse{5, 7}, Value: 9},
		&SparseCheck{In: Sparse{5, 7}},
		&SparseNormalize{Norm: "l2", In: Sparse{5, 7}, Out: Sparse{6, 7}},
		&SparseMatMul{In: Sparse{6, 7}, Out: two, Weights: make([]float64, 14), Bias: []float64{1, 2}},
		&SparseDense{In: Sparse{6, 7}, Out: out},
		&Softmax32{In: out, Out: out},
	} {
		if _, ok := s.(*SparseStack); ok { // it reads out
			b.Add(&MatMul{Out: out})
			b.Add(&SparsePlace{In: out, Out: Sparse{8, 7}, Columns: []int32{6, 5, 4, 3, 2, 1, 0}})
		}
		b.Add(s)
	}
	return out
}

func TestTextStepsDoNotAllocate(t *testing.T) {
	b := NewBuilder()
	text := b.Text(0)
	b.Output("out", addSparse(b, text))
	p, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	in, out := &Batch{N: 1, Texts: []string{"Ulm und Köln, ΣΑΣ; Bonn!"}}, new(Result)
	if n := testing.AllocsPerRun(100, func() { p.Run(in, out) }); n != 0 {
		t.Errorf("%v allocations a run, want none", n)
	}
}

// TestUnicodeTables compares the tables with Go's, which are of a later version of Unicode: they agree on all that the older one knows, but for
// what is Python's own.
func TestUnicodeTables(t *testing.T) {
	t.Parallel()
	if unicodeVersion > unicode.Version {
		t.Skipf("Go's tables are of Unicode %s, before %s", unicode.Version, unicodeVersion)
	}
	lower, word, space := 0, 0, 0
	for c := rune(0); c <= unicode.MaxRune; c++ {
		want := string(unicode.ToLower(c))
		if got := string(appendLower(nil, []byte(string(c)))); got != want && c != 'İ' && unicode.ToUpper(unicode.ToLower(c)) == c {
			lower++
		}
		if isWord(c) && !unicode.IsLetter(c) && !unicode.IsNumber(c) && c != '_' {
			word++
		}
		if unicode.IsSpace(c) != isSpace(c) {
			space++
		}
	}
	// Python's white space has the four separators U+001C to U+001F as well.
	if lower != 0 || word > 0 || space != 4 {
		t.Errorf("%d capitals, %d word characters and %d spaces differ, want 0, 0 and 4", lower, word, space)
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		`(?i)a`: "the flag", `a$`: "$ is not supported", `(?=a)b`: "no lookaround", `(a)\1`: "the escape", `\p{L}`: "the escape",
		`[b-a]`: "a range in brackets", `[a`: "a bracket is not closed", `(a)(b)`: "it has 2 groups", `(?:a?)+b`: "it repeats", `a?`: "the empty text",
		`a\`: "ends in a backslash", `(?:\w{900}){20}`: "", `\x4`: "the escape", `a++`: "",
	} {
		if _, err := CompilePattern(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", expr, err, want)
		}
	}
	for expr, letters := range map[string]int{
		`(?u)\b\w\w+\b`: 2, `\w+`: 1, `\b\w{4,}\b`: 4, `\w\w{2,}`: 3, `\w+?`: 0, `\W+`: 0, `(?a)\w+`: 0,
	} {
		p, err := CompilePattern(expr)
		if err != nil || p.letters != letters {
			t.Errorf("%s: %v, %v, want runs of %d letters", expr, p, err, letters)
		}
	}
}

// FuzzPattern holds that a run of word characters is found by the machine as by the short cut, and that no pattern panics.
func FuzzPattern(f *testing.F) {
	f.Add(`(?u)\b\w\w+\b`, "Ab cé 'x'")
	f.Add(`[^\W\d]+?|(.)\B`, "a1 b")
	f.Fuzz(func(t *testing.T, expr, text string) {
		p, err := CompilePattern(expr)
		if err != nil || len(text) > 1000 {
			return
		}
		a := Analysis{pattern: p, MinN: 1, MaxN: 1}
		var short, long textScratch
		for _, s := range []*textScratch{&short, &long} {
			s.text = append(s.text, text...)
			a.wordGrams(s, ignore{})
			q := *p
			q.letters = 0
			a.pattern = &q
		}
		if !slices.Equal(short.other, long.other) {
			t.Errorf("%q in %q: %q, and %q by the machine", expr, text, short.other, long.other)
		}
	})
}

type ignore struct{}

func (ignore) gram(*textScratch, []byte) {}

// BenchmarkText scores a short text with 20,000 terms and a linear model of three classes.
func BenchmarkText(b *testing.B) {
	terms := make([]string, 20000)
	for i := range terms {
		terms[i] = strings.Repeat(string(rune('a'+i%26)), 1+i%5) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%30)) + string(rune('0'+i%10))
	}
	slices.Sort(terms)
	terms = slices.Compact(terms)
	n := len(terms)
	builder := NewBuilder()
	builder.Text(50)
	out := builder.Floats(3)
	count := counter(Analysis{Pattern: `(?u)\b\w\w+\b`, Lower: true, MaxN: 2}, terms...)
	weighed, normal := Sparse{1, int32(n)}, Sparse{2, int32(n)}
	builder.Add(count)
	builder.Add(&SparseArith{Op: "mul", In: count.Out, Out: weighed, Values: make([]float64, n)})
	builder.Add(&SparseNormalize{Norm: "l2", In: weighed, Out: normal})
	builder.Add(&SparseMatMul{In: normal, Out: out, Weights: make([]float64, 3*n), Bias: make([]float64, 3)})
	builder.Output("out", out)
	p, err := builder.Plan()
	if err != nil {
		b.Fatal(err)
	}
	in, result := &Batch{N: 1, Texts: []string{strings.Join(terms[1000:1030], " ")}}, new(Result)
	b.ReportAllocs()
	for b.Loop() {
		p.Run(in, result)
	}
}
