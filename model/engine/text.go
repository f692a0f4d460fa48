package engine

// TruncateText copies the first Runes code points of a text, as a numpy array of strings of that width holds it.
type TruncateText struct {
	In    TextSlot `json:"in"`
	Out   TextSlot `json:"out"`
	Runes int32    `json:"runes"`
}

// Kind is "truncate_text".
func (*TruncateText) Kind() string { return "truncate_text" }

func (t *TruncateText) check(f *frame) error {
	if err := f.readText(t.In); err != nil {
		return err
	}
	return f.writeText(t.Out)
}

func (t *TruncateText) run(s *session, n int) {
	for r := range n {
		*s.text(r, t.Out) = truncate(*s.text(r, t.In), int(t.Runes))
	}
}

func truncate(text string, runes int) string {
	for at := range text {
		if runes <= 0 {
			return text[:at]
		}
		runes--
	}
	return text
}
