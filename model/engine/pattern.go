package engine

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// maxProgram bounds the instructions of a pattern.
const maxProgram = 1 << 14

// Pattern is a regular expression of Python's module re, for str, as far as its matches are the same here: they are found in time linear in
// the text, by the leftmost-first rule that Python's backtracking follows. CompilePattern refuses what is not a regular expression in the strict
// sense (lookaround, references), and flags and anchors that mean something else in Go.
type Pattern struct {
	prog   *syntax.Prog
	groups int
	ascii  bool
	// letters, if it is not 0, says that the pattern is a run of at least so many \w, the longest that can be had.
	letters int
}

// wordRun is \w\w+ in its usual spellings. It is compiled, like the expressions below, when the first pattern is read: most plans have none, and every start
// would pay for it.
var wordRun = lazyRegexp(`^(?:\(\?u\))?(?:\\b)?((?:\\w)*)\\w(?:\+|\{(\d{1,3}),\})(?:\\b)?$`)

// lazyRegexp compiles an expression when it is first wanted.
func lazyRegexp(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// CompilePattern reads a pattern.
func CompilePattern(expr string) (*Pattern, error) {
	t := translator{rest: expr}
	if err := t.all(); err != nil {
		return nil, err
	}
	parsed, err := syntax.Parse(t.out.String(), syntax.Perl)
	if err != nil {
		return nil, err
	}
	if err := checkEmpty(parsed); err != nil {
		return nil, err
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	if len(prog.Inst) > maxProgram {
		return nil, fmt.Errorf("it is too long: %d instructions, want at most %d", len(prog.Inst), maxProgram)
	}
	p := &Pattern{prog: prog, groups: parsed.MaxCap(), ascii: t.ascii}
	if p.groups > 1 {
		return nil, fmt.Errorf("it has %d groups, want at most one", p.groups)
	}
	if m := wordRun().FindStringSubmatch(expr); m != nil {
		last := 1
		if m[2] != "" {
			last, _ = strconv.Atoi(m[2]) // three digits at most
		}
		p.letters = len(m[1])/len(`\w`) + last
	}
	return p, nil
}

// checkEmpty refuses patterns that match the empty text, or repeat what does: Python goes on from there in a way of its own.
func checkEmpty(re *syntax.Regexp) error {
	if matchesEmpty(re) {
		return fmt.Errorf("it matches the empty text")
	}
	return checkRepeats(re)
}

func checkRepeats(re *syntax.Regexp) error {
	switch re.Op {
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		if matchesEmpty(re.Sub[0]) {
			return fmt.Errorf("it repeats what matches the empty text")
		}
	}
	for _, sub := range re.Sub {
		if err := checkRepeats(sub); err != nil {
			return err
		}
	}
	return nil
}

// matchesEmpty reports whether an expression may match without a character.
func matchesEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return matchesEmpty(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || matchesEmpty(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !matchesEmpty(sub) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if matchesEmpty(sub) {
				return true
			}
		}
		return false
	}
	return true // anchors, boundaries, ?, *
}

// isWord is the pattern's \w.
func (p *Pattern) isWord(c rune) bool {
	if p.ascii {
		return isASCIIWord(c)
	}
	return isWord(c)
}

// thread is a walk through the program; spans are the match and its group, -1 where they are not set.
type thread struct {
	pc    uint32
	spans [4]int32
}

// queue is a set of threads in order of preference.
type queue struct {
	threads []thread
	at      []uint32 // where a pc stands in threads, if it stands there
}

func (q *queue) has(pc uint32) bool {
	i := q.at[pc]
	return int(i) < len(q.threads) && q.threads[i].pc == pc
}

// machine runs patterns.
type machine struct {
	p         *Pattern
	text      []byte
	now, next queue
}

// reset prepares the machine for a pattern and a text.
func (m *machine) reset(p *Pattern, text []byte) {
	m.p, m.text = p, text
	for _, q := range []*queue{&m.now, &m.next} {
		if len(q.at) < len(p.prog.Inst) {
			q.at = make([]uint32, len(p.prog.Inst))
		}
	}
}

// find returns the first match that starts at from or behind: its end, and what re.findall gives of it, its group if there is one (an empty
// text if the group takes no part).
func (m *machine) find(from int) (end int, token []byte, ok bool) {
	var found [4]int32
	m.now.threads = m.now.threads[:0]
	for i := from; ; {
		if !ok {
			m.add(&m.now, uint32(m.p.prog.Start), i, [4]int32{int32(i), -1, -1, -1})
		}
		if len(m.now.threads) == 0 && ok {
			break
		}
		r, size := rune(-1), 0
		if i < len(m.text) {
			r, size = utf8.DecodeRune(m.text[i:])
		}
		m.next.threads = m.next.threads[:0]
		for _, t := range m.now.threads {
			inst := &m.p.prog.Inst[t.pc]
			if inst.Op == syntax.InstMatch {
				found, ok = t.spans, true
				found[1] = int32(i)
				break // those behind are less preferred
			}
			if size > 0 && inst.MatchRune(r) {
				m.add(&m.next, inst.Out, i+size, t.spans)
			}
		}
		m.now, m.next = m.next, m.now
		if size == 0 {
			break
		}
		i += size
	}
	switch {
	case !ok:
		return 0, nil, false
	case m.p.groups == 0:
		return int(found[1]), m.text[found[0]:found[1]], true
	case found[3] < 0:
		return int(found[1]), nil, true
	}
	return int(found[1]), m.text[found[2]:found[3]], true
}

// add puts pc, or where it leads without a character, into a queue.
func (m *machine) add(q *queue, pc uint32, at int, spans [4]int32) {
	if q.has(pc) {
		return
	}
	q.at[pc] = uint32(len(q.threads))
	q.threads = append(q.threads, thread{pc, spans})
	inst := &m.p.prog.Inst[pc]
	switch inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		m.add(q, inst.Out, at, spans)
		m.add(q, inst.Arg, at, spans)
	case syntax.InstEmptyWidth:
		if m.holds(syntax.EmptyOp(inst.Arg), at) {
			m.add(q, inst.Out, at, spans)
		}
	case syntax.InstNop:
		m.add(q, inst.Out, at, spans)
	case syntax.InstCapture:
		if inst.Arg == 2 || inst.Arg == 3 {
			spans[inst.Arg] = int32(at)
		}
		m.add(q, inst.Out, at, spans)
	}
}

// holds reports whether a condition holds between two characters.
func (m *machine) holds(op syntax.EmptyOp, at int) bool {
	before, _ := utf8.DecodeLastRune(m.text[:at])
	after, _ := utf8.DecodeRune(m.text[at:])
	boundary := (at > 0 && m.p.isWord(before)) != (at < len(m.text) && m.p.isWord(after))
	switch op {
	case syntax.EmptyBeginText:
		return at == 0
	case syntax.EmptyEndText:
		return at == len(m.text)
	case syntax.EmptyWordBoundary:
		return boundary
	case syntax.EmptyNoWordBoundary:
		return !boundary
	}
	return false // the translator writes no other
}

// translator writes a pattern of Python in the syntax of Go, with \w, \d and \s as the characters they stand for.
type translator struct {
	rest  string
	out   strings.Builder
	ascii bool
	dot   string
}

var (
	flagGroup  = lazyRegexp(`^\(\?([a-zA-Z]+)\)`)
	repetition = lazyRegexp(`^\{(\d*)(,?)(\d*)\}`)
	groupStart = lazyRegexp(`^\((\?:|\?P<[A-Za-z_][A-Za-z_0-9]*>)?`)
)

func (t *translator) all() error {
	t.dot = `[^\n]`
	if m := flagGroup().FindStringSubmatch(t.rest); m != nil {
		for _, flag := range m[1] {
			switch flag {
			case 'u':
			case 'a':
				t.ascii = true
			case 's':
				t.dot = `(?s:.)`
			default:
				return fmt.Errorf("the flag %q is not supported, only a, s and u are", flag)
			}
		}
		t.rest = t.rest[len(m[0]):]
	}
	for t.rest != "" {
		if err := t.item(); err != nil {
			return err
		}
	}
	return nil
}

// item translates the next item.
func (t *translator) item() error {
	c, size := utf8.DecodeRuneInString(t.rest)
	switch c {
	case '\\':
		return t.escape()
	case '[':
		return t.class()
	case '(':
		m := groupStart().FindStringSubmatch(t.rest)
		if m[1] == "" && strings.HasPrefix(t.rest, "(?") {
			return fmt.Errorf("%.8q is not supported: no lookaround, flags or references", t.rest)
		}
		t.out.WriteString(m[0])
		t.rest = t.rest[len(m[0]):]
		return nil
	case '{':
		if m := repetition().FindStringSubmatch(t.rest); m != nil && (m[1] != "" || m[2] != "") {
			low := m[1]
			if low == "" {
				low = "0"
			}
			t.out.WriteString("{" + low + m[2] + m[3] + "}")
			t.rest = t.rest[len(m[0]):]
			return nil
		}
		t.out.WriteString(`\{`)
	case '^':
		t.out.WriteString(`\A`)
	case '$':
		return fmt.Errorf("$ is not supported, which in Python matches before a last line feed too: use \\Z")
	case '.':
		t.out.WriteString(t.dot)
	case '*', '+', '?', '|', ')':
		t.out.WriteRune(c)
	default:
		t.out.WriteString(regexp.QuoteMeta(t.rest[:size]))
	}
	t.rest = t.rest[size:]
	return nil
}

// escape translates a backslash and what follows, outside a class.
func (t *translator) escape() error {
	if len(t.rest) > 1 {
		switch c := t.rest[1]; c {
		case 'b', 'B', 'A':
			t.out.WriteString(t.rest[:2])
			t.rest = t.rest[2:]
			return nil
		case 'Z':
			t.out.WriteString(`\z`)
			t.rest = t.rest[2:]
			return nil
		}
	}
	ranges, err := t.escaped()
	if err == nil {
		t.writeClass(ranges, false)
	}
	return err
}

// escaped reads a backslash and what follows, inside or outside a class, as the characters that it matches.
func (t *translator) escaped() ([]runeRange, error) {
	if len(t.rest) < 2 {
		return nil, fmt.Errorf("it ends in a backslash")
	}
	c, size := utf8.DecodeRuneInString(t.rest[1:])
	whole := t.rest
	t.rest = t.rest[1+size:]
	switch c {
	case 'w', 'd', 's':
		return t.named(c), nil
	case 'W', 'D', 'S':
		return complement(t.named(c + 'a' - 'A')), nil
	case 'n', 't', 'r', 'f', 'v', 'a':
		r := rune("\n\t\r\f\v\a"[strings.IndexRune("ntrfva", c)])
		return []runeRange{{r, r}}, nil
	case 'x', 'u', 'U':
		digits := map[rune]int{'x': 2, 'u': 4, 'U': 8}[c]
		if len(t.rest) >= digits {
			if r, err := strconv.ParseUint(t.rest[:digits], 16, 31); err == nil && utf8.ValidRune(rune(r)) {
				t.rest = t.rest[digits:]
				return []runeRange{{rune(r), rune(r)}}, nil
			}
		}
	default:
		if c >= utf8.RuneSelf || !isASCIIWord(c) || c == '_' {
			return []runeRange{{c, c}}, nil
		}
	}
	return nil, fmt.Errorf("the escape %.4q is not supported", whole)
}

// named are the characters of \w, \d or \s.
func (t *translator) named(c rune) []runeRange {
	switch {
	case t.ascii && c == 'w':
		return []runeRange{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	case t.ascii && c == 'd':
		return []runeRange{{'0', '9'}}
	case t.ascii:
		return []runeRange{{'\t', '\r'}, {' ', ' '}}
	case c == 'w':
		return wordRunes
	case c == 'd':
		return digitRunes
	}
	return spaceRunes
}

// complement are the characters that ascending ranges leave out.
func complement(ranges []runeRange) []runeRange {
	var out []runeRange
	next := rune(0)
	for _, r := range ranges {
		if r.first > next {
			out = append(out, runeRange{next, r.first - 1})
		}
		next = r.last + 1
	}
	return append(out, runeRange{next, utf8.MaxRune})
}

// class translates a class in brackets.
func (t *translator) class() error {
	t.rest = t.rest[1:]
	negated := strings.HasPrefix(t.rest, "^")
	t.rest = strings.TrimPrefix(t.rest, "^")
	var ranges []runeRange
	for first := true; first || !strings.HasPrefix(t.rest, "]"); first = false {
		item, single, err := t.member()
		if err != nil {
			return err
		}
		if len(t.rest) > 1 && t.rest[0] == '-' && t.rest[1] != ']' {
			t.rest = t.rest[1:]
			last, alone, err := t.member()
			if err != nil {
				return err
			}
			if !single || !alone || last[0].first < item[0].first {
				return fmt.Errorf("a range in brackets does not go from one character to a later one")
			}
			item = []runeRange{{item[0].first, last[0].first}}
		}
		ranges = append(ranges, item...)
	}
	t.rest = t.rest[1:]
	t.writeClass(ranges, negated)
	return nil
}

// member reads one item of a class, and whether it is a single character.
func (t *translator) member() (ranges []runeRange, single bool, err error) {
	if t.rest == "" {
		return nil, false, fmt.Errorf("a bracket is not closed")
	}
	if strings.HasPrefix(t.rest, `\b`) {
		t.rest = t.rest[2:]
		return []runeRange{{'\b', '\b'}}, true, nil
	}
	if t.rest[0] == '\\' {
		named := len(t.rest) > 1 && strings.IndexByte("wdsWDS", t.rest[1]) >= 0
		ranges, err = t.escaped()
		return ranges, !named, err
	}
	c, size := utf8.DecodeRuneInString(t.rest)
	t.rest = t.rest[size:]
	return []runeRange{{c, c}}, true, nil
}

// writeClass writes a class of Go.
func (t *translator) writeClass(ranges []runeRange, negated bool) {
	t.out.WriteString("[")
	if negated {
		t.out.WriteString("^")
	}
	for _, r := range ranges {
		fmt.Fprintf(&t.out, `\x{%x}-\x{%x}`, r.first, r.last)
	}
	t.out.WriteString("]")
}
