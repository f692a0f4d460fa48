package sklearn

import (
	"math"
	"slices"

	"sklambda/model/table"
)

// sampleColumn is what the sample tells about one column.
type sampleColumn struct {
	kind featureKind
	// boolean, integer: every value that is there is one.
	boolean, integer bool
	// missing: a value is missing.
	missing bool
	// sorted are the finite numbers in ascending order.
	sorted []float64
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
	var s sampleColumn
	cells := make([]table.Value, len(c.opt.Sample.Rows))
	for r, row := range c.opt.Sample.Rows {
		cells[r] = row[at]
	}
	s.infer(cells)
	return s
}

// infer settles the kind of a column: booleans, numbers, else strings. A column without values tells nothing. Strings of JSON Lines that
// spell numbers which are not finite are numbers beside numbers.
func (s *sampleColumn) infer(cells []table.Value) {
	booleans, numbers, values, spelled := true, true, 0, 0
	s.integer = true
	for _, cell := range cells {
		if cell.Kind == table.Null || cell.Kind == table.Absent {
			s.missing = true
			continue
		}
		values++
		if v, problem := table.Retype(cell, table.Boolean); problem != nil || v.Kind != table.Boolean {
			booleans = false
		}
		if number, ok := table.NonFinite(cell); ok {
			cell = number
			spelled++
		}
		v, problem := table.Retype(cell, table.Number)
		if problem != nil || v.Kind != table.Number {
			numbers = false
			continue
		}
		s.integer = s.integer && v.IsInt
		if !math.IsNaN(v.Float) && !math.IsInf(v.Float, 0) {
			s.sorted = append(s.sorted, v.Float)
		}
	}
	slices.Sort(s.sorted)
	switch {
	case values == 0:
		s.integer = false
	case booleans:
		s.kind, s.boolean, s.integer = numberKind, true, false
	case numbers && spelled < values:
		s.kind = numberKind
	default:
		s.kind, s.integer, s.sorted = textKind, false, nil
	}
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
