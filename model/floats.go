package model

import (
	"slices"

	"sklambda/model/table"
)

// Floats are the places of the features in a row of AppendFloats. It is nil where rows are more than floats: with ids, and with a feature that is not a number,
// that must be an integer, or that nothing reads.
func (ids *IDs) Floats() []int {
	features, numbers := ids.model.manifest.Features, ids.model.numbers
	if len(ids.places) > 0 || len(ids.model.used) != len(features) || len(numbers) != len(features) {
		return nil
	}
	places := slices.Repeat([]int{-1}, len(features))
	for i, in := range numbers {
		if in.integer || features[in.feature].Type.kind() != table.Number || places[in.feature] >= 0 {
			return nil
		}
		places[in.feature] = i
	}
	return places
}

// AppendFloats adds the row that read writes, a float for each feature, at its place of IDs.Floats: what Append does with a row of numbers. If read returns
// false, nothing is added.
func (b *Batch) AppendFloats(read func(row []float64) bool) bool {
	at, n := len(b.in.Numbers), len(b.model.numbers)
	b.in.Numbers = slices.Grow(b.in.Numbers, n)[:at+n]
	if !read(b.in.Numbers[at:]) {
		b.in.Numbers = b.in.Numbers[:at]
		return false
	}
	b.in.N++
	return true
}
