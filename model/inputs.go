package model

import (
	"slices"

	"sklambda/model/table"
)

// Inputs are the places of the features in a row of AppendInputs, for table.CSVReader: that of a number, the complement of that of a text. It is nil where rows are
// more than that: with ids, and with a feature of another type, that must be an integer, that nothing reads, or that is read twice.
func (ids *IDs) Inputs() []int {
	m := ids.model
	features := m.manifest.Features
	if len(ids.places) > 0 || len(m.used) != len(features) || len(m.numbers)+len(m.texts) != len(features) {
		return nil
	}
	const none = 1 << 30
	places := slices.Repeat([]int{none}, len(features))
	set := func(feature int32, kind table.Kind, place int) bool {
		sound := features[feature].Type.kind() == kind && places[feature] == none
		places[feature] = place
		return sound
	}
	for i, in := range m.numbers {
		if in.integer || !set(in.feature, table.Number, i) {
			return nil
		}
	}
	for i, feature := range m.texts {
		if !set(feature, table.Text, ^i) {
			return nil
		}
	}
	return places
}

// AppendInputs adds the row that read writes, a float or a text for each feature, at its place of IDs.Inputs: what Append does with a row without missing values. If
// read returns false, nothing is added. Texts are kept until Reset.
func (b *Batch) AppendInputs(read func(floats []float64, texts []string) bool) bool {
	in := &b.in
	at, n := len(in.Numbers), len(b.model.numbers)
	textAt, texts := len(in.Texts), len(b.model.texts)
	in.Numbers, in.Texts = slices.Grow(in.Numbers, n)[:at+n], slices.Grow(in.Texts, texts)[:textAt+texts]
	if !read(in.Numbers[at:], in.Texts[textAt:]) {
		clear(in.Texts[textAt:])
		in.Numbers, in.Texts = in.Numbers[:at], in.Texts[:textAt]
		return false
	}
	in.N++
	return true
}
