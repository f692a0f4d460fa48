package main

import (
	"math"
	"strconv"

	"sklambda/model"
	"sklambda/model/table"
)

// exampleRow composes a request from the quantiles and categories of the signature; it is never a row of the sample.
// Columns that no step reads are left out.
func exampleRow(m *model.Manifest) []byte {
	row := []byte{'{'}
	for _, f := range m.Features {
		if !f.Used {
			continue
		}
		if len(row) > 1 {
			row = append(row, ", "...)
		}
		row = append(table.AppendString(row, f.Name), ": "...)
		row = append(row, exampleValue(&f)...)
	}
	return append(row, '}')
}

func exampleValue(f *model.Feature) []byte {
	for _, c := range f.Categories {
		if string(c) != "null" {
			return c
		}
	}
	switch f.Type {
	case model.StringType:
		return []byte(`"text"`)
	case model.BooleanType:
		return []byte("true")
	}
	if len(f.Quantiles) == 0 {
		return []byte("0")
	}
	median := f.Quantiles[len(f.Quantiles)/2]
	if f.Type == model.IntegerType {
		median = math.Round(median)
	} else if short, err := strconv.ParseFloat(strconv.FormatFloat(median, 'g', 4, 64), 64); err == nil && f.Min != nil && f.Max != nil && *f.Min <= short && short <= *f.Max {
		median = short
	}
	return table.AppendFloat(nil, median)
}
