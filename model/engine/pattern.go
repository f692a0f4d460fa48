package engine

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
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
