package sklearn

import (
	"math"
	"slices"

	"sklambda/model/table"
)

// sampleColumn is what the sample tells about one column; a column without values tells nothing.
type sampleColumn struct {
	kind             featureKind
	boolean, integer bool
	// missing: a value is missing.
	missing bool
	// sorted are the finite numbers in ascending order.
	sorted []float64
	// odd is the first value of row oddRow, from 1, that is no number, in a column of numbers but for such; oddRow is 0 in others.
	odd    string
	oddRow int
}

// sampleColumn looks a feature up in the sample by name: without names in the file, they are the sample's own.
func (c *compiler) sampleColumn(name string) sampleColumn {
	if c.opt.Sample == nil {
		return sampleColumn{}
	}
	at := slices.Index(c.opt.Sample.Names, name)
	if at < 0 {
		return sampleColumn{}
	}
	column := c.opt.Sample.Infer(at)
	s := sampleColumn{boolean: column.Kind == table.Boolean, integer: column.Integers, missing: column.Nullable, sorted: column.Finite, odd: column.Odd, oddRow: column.OddRow}
	switch column.Kind {
	case table.Number, table.Boolean:
		s.kind = numberKind
	case table.Text:
		s.kind = textKind
	}
	return s
}

// dtype is the column's dtype in the reference table, as far as the sample tells.
func (s sampleColumn) dtype() dtype {
	switch {
	case s.boolean && !s.missing:
		return boolType
	case s.boolean, s.kind == textKind:
		return objectType
	}
	return float64Type
}

// median is an ordinary value of the column; 0 without numbers.
func (s sampleColumn) median() float64 {
	if len(s.sorted) == 0 {
		return 0
	}
	return s.sorted[len(s.sorted)/2]
}

// quantiles returns the range of the numbers and their quantiles 0.05, 0.25, 0.5, 0.75 and 0.95 (each a value of the
// sample, so that nothing depends on interpolation); nil without numbers.
func (s sampleColumn) quantiles() (low, high *float64, quantiles []float64) {
	if len(s.sorted) == 0 {
		return nil, nil, nil
	}
	last := len(s.sorted) - 1
	for _, q := range []float64{0.05, 0.25, 0.5, 0.75, 0.95} {
		quantiles = append(quantiles, s.sorted[int(math.Round(q*float64(last)))])
	}
	return &s.sorted[0], &s.sorted[last], quantiles
}
