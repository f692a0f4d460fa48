package engine

import (
	"cmp"
	"fmt"
	"math"
	"sort"
)

// Kind is "fill_text".
func (*FillText) Kind() string { return "fill_text" }

func (t *FillText) check(f *frame) error {
	if err := f.readText(t.In); err != nil {
		return err
	}
	return f.writeText(t.Out)
}

func (t *FillText) run(s *session, n int) {
	for r := range n {
		v := *s.text(r, t.In)
		if v == string(t.Missing) {
			v = string(t.Fill)
		}
		*s.text(r, t.Out) = v
	}
}

// Kind is "indicate_text".
func (*IndicateText) Kind() string { return "indicate_text" }

func (t *IndicateText) check(f *frame) error {
	if err := f.readText(t.In); err != nil {
		return err
	}
	return f.write("out", one(t.Out))
}

func (t *IndicateText) run(s *session, n int) {
	for r := range n {
		s.row(r)[t.Out] = truth(*s.text(r, t.In) == string(t.Missing))
	}
}

// checkTable checks what the look-ups share; ascending says whether key i is greater than key i-1.
func (t *Lookup) checkTable(f *frame, keys int, ascending func(i int) bool) error {
	if err := items("codes", t.Codes, keys); err != nil {
		return err
	}
	for i := 1; i < keys; i++ {
		if !ascending(i) {
			return fmt.Errorf("keys[%d] is not greater than the key before it", i)
		}
	}
	return f.write("out", one(t.Out))
}

// put writes the code of key at, or what an unknown key asks for.
func (t *Lookup) put(s *session, r, at int, found bool) {
	switch {
	case found:
		s.row(r)[t.Out] = t.Codes[at]
	case t.Reject:
		s.mark(r, UnknownCategory, t.Feature)
		fallthrough
	default:
		s.row(r)[t.Out] = float64(t.Unknown)
	}
}

// Kind is "lookup_text".
func (*LookupText) Kind() string { return "lookup_text" }

func (t *LookupText) check(f *frame) error {
	if err := f.readText(t.In); err != nil {
		return err
	}
	if err := t.Keys.check(); err != nil {
		return err
	}
	return t.checkTable(f, t.Keys.Len(), func(i int) bool { return t.Keys.At(i-1) < t.Keys.At(i) })
}

func (t *LookupText) run(s *session, n int) {
	for r := range n {
		v := *s.text(r, t.In)
		at, found := t.Keys.find(v)
		t.put(s, r, at, found)
	}
}

// Kind is "lookup_number".
func (*LookupNumber) Kind() string { return "lookup_number" }

func (t *LookupNumber) check(f *frame) error {
	if err := f.read("in", one(t.In)); err != nil {
		return err
	}
	last := len(t.Keys) - 1
	return t.checkTable(f, len(t.Keys), func(i int) bool {
		return t.Keys[i-1] < t.Keys[i] || i == last && math.IsNaN(t.Keys[i]) && !math.IsNaN(t.Keys[i-1])
	})
}

func (t *LookupNumber) run(s *session, n int) {
	keys, nan := t.Keys, -1
	if last := len(keys) - 1; last >= 0 && math.IsNaN(keys[last]) {
		keys, nan = keys[:last], last
	}
	for r := range n {
		v := s.row(r)[t.In]
		if math.IsNaN(v) {
			t.put(s, r, nan, nan >= 0)
			continue
		}
		at := sort.Search(len(keys), func(i int) bool { return keys[i] >= v })
		t.put(s, r, at, at < len(keys) && keys[at] == v)
	}
}

// Kind is "lookup_integer".
func (*LookupInteger) Kind() string { return "lookup_integer" }

func (t *LookupInteger) check(f *frame) error {
	if err := f.inside("in", one(t.In)); err != nil {
		return err
	}
	if f.floats[t.In] != integer {
		return fmt.Errorf("in is slot %d, which is no Integer slot", t.In)
	}
	if len(t.Keys) > 0 && t.Keys[0] == NotInteger {
		return fmt.Errorf("keys[0] is %d, which stands for no integer", t.Keys[0])
	}
	return t.checkTable(f, len(t.Keys), func(i int) bool { return t.Keys[i-1] < t.Keys[i] })
}

func (t *LookupInteger) run(s *session, n int) {
	for r := range n {
		v := int64(math.Float64bits(s.row(r)[t.In]))
		at, found := sort.Find(len(t.Keys), func(i int) int { return cmp.Compare(v, t.Keys[i]) })
		t.put(s, r, at, found)
	}
}

// Kind is "one_hot".
func (*OneHot) Kind() string { return "one_hot" }

func (t *OneHot) check(f *frame) error {
	if err := items("widths", t.Widths, int(t.In.N)); err != nil {
		return err
	}
	total := 0
	for i, w := range t.Widths {
		if w < 0 {
			return fmt.Errorf("widths[%d] is %d, want 0 or more", i, w)
		}
		total += int(w)
	}
	if total != int(t.Out.N) {
		return fmt.Errorf("widths add up to %d, want out's %d slots", total, t.Out.N)
	}
	return f.apart(t.In, t.Out)
}

func (t *OneHot) run(s *session, n int) {
	for r := range n {
		out := s.span(r, t.Out)
		clear(out)
		for i, code := range s.span(r, t.In) {
			w := int(t.Widths[i])
			if code >= 0 && code < float64(w) {
				out[int(code)] = 1
			}
			out = out[w:]
		}
	}
}
