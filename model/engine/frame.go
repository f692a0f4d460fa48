package engine

import "fmt"

// Limits of a frame. They bound what a hostile plan can make a session allocate: 32 MiB of numbers and 16 MiB of texts a row.
const (
	maxFloats = 1 << 22
	maxTexts  = 1 << 20
)

// slotKind says what a float slot holds once the steps so far have run.
type slotKind uint8

const (
	unset slotKind = iota
	number
	integer // the bits of an int64, see InputKind Integer
)

// frame follows a plan step by step at load time: which slots hold what. A step that reads a slot which nothing has written, or an
// Integer slot as a number, is refused, so that no kernel can read what an earlier row left behind.
type frame struct {
	floats         []slotKind
	texts          []bool
	sparse         []int32 // of each register the width, plus 1 once it is written
	keys32, keys64 int     // key columns that a row of trees needs: the most of all steps
	features       int     // features of small trees: the most of all steps
}

// inside reports whether the span lies in the frame.
func (f *frame) inside(what string, s Span) error {
	if s.Start < 0 || s.N < 0 || int(s.Start)+int(s.N) > len(f.floats) {
		return fmt.Errorf("%s is %v, outside the frame of %d slots", what, s, len(f.floats))
	}
	return nil
}

// read checks that every slot of the span holds a number.
func (f *frame) read(what string, s Span) error {
	if err := f.inside(what, s); err != nil {
		return err
	}
	for i := s.Start; i < s.Start+s.N; i++ {
		switch f.floats[i] {
		case unset:
			return fmt.Errorf("%s reads slot %d, which nothing has written", what, i)
		case integer:
			return fmt.Errorf("%s reads slot %d as a number; it holds an integer's bits", what, i)
		case number:
		}
	}
	return nil
}

// write checks the span and marks its slots as numbers.
func (f *frame) write(what string, s Span) error {
	if err := f.inside(what, s); err != nil {
		return err
	}
	for i := s.Start; i < s.Start+s.N; i++ {
		f.floats[i] = number
	}
	return nil
}

// each checks a step that computes Out[i] from In[i] alone: spans of one size, the same one or apart.
func (f *frame) each(in, out Span) error {
	if in.N != out.N {
		return fmt.Errorf("in has %d slots and out %d, want the same number", in.N, out.N)
	}
	if in != out && overlap(in, out) {
		return fmt.Errorf("in %v and out %v overlap", in, out)
	}
	return f.through(in, out)
}

// apart checks a step whose spans may differ in size and must not overlap.
func (f *frame) apart(in, out Span) error {
	if overlap(in, out) {
		return fmt.Errorf("in %v and out %v overlap", in, out)
	}
	return f.through(in, out)
}

func (f *frame) through(in, out Span) error {
	if err := f.read("in", in); err != nil {
		return err
	}
	return f.write("out", out)
}

// readText checks that the text slot has been written.
func (f *frame) readText(t TextSlot) error {
	if t < 0 || int(t) >= len(f.texts) {
		return fmt.Errorf("in is text slot %d, outside the frame of %d text slots", t, len(f.texts))
	}
	if !f.texts[t] {
		return fmt.Errorf("in is text slot %d, which nothing has written", t)
	}
	return nil
}

// writeText checks the text slot and marks it as written.
func (f *frame) writeText(t TextSlot) error {
	if t < 0 || int(t) >= len(f.texts) {
		return fmt.Errorf("out is text slot %d, outside the frame of %d text slots", t, len(f.texts))
	}
	f.texts[t] = true
	return nil
}

func overlap(a, b Span) bool {
	return a.N > 0 && b.N > 0 && int(a.Start) < int(b.Start)+int(b.N) && int(b.Start) < int(a.Start)+int(a.N)
}

// one is the span of a single slot.
func one(s Slot) Span { return Span{Start: s, N: 1} }

// String prints the span as a half-open range.
func (s Span) String() string {
	return fmt.Sprintf("[%d,%d)", s.Start, int(s.Start)+int(s.N))
}

// items checks the length of a parameter list.
func items[T any](what string, list []T, want int) error {
	if len(list) != want {
		return fmt.Errorf("%s has %d items, want %d", what, len(list), want)
	}
	return nil
}

// perColumn checks a list that has one item for all columns or one for each.
func perColumn(what string, list []float64, columns int32) error {
	if len(list) != 1 && len(list) != int(columns) {
		return fmt.Errorf("%s has %d items, want 1 or %d", what, len(list), columns)
	}
	return nil
}
