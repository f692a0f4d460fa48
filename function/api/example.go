package api

import (
	"math"
	"strconv"

	"sklambda/model"
	"sklambda/model/table"
)

// Example composes a request for one row from the quantiles and categories of the signature: medians and first categories. It is never
// a row of the sample. Columns that no step reads are left out.
func Example(m *model.Manifest) []byte {
	row := []byte{'{'}
	for i := range m.Features {
		f := &m.Features[i]
		if !f.Used {
			continue
		}
		if len(row) > 1 {
			row = append(row, ", "...)
		}
		row = append(table.AppendString(row, f.Name), ": "...)
		row = append(row, exampleValue(f)...)
	}
	return append(row, '}')
}

func exampleValue(f *model.Feature) []byte {
	for _, category := range f.Categories {
		if text := category[0] == '"'; string(category) != "null" && text == (f.Type == model.StringType) {
			return category
		}
	}
	switch {
	case f.Type == model.StringType:
		return []byte(`"text"`)
	case f.Type == model.BooleanType:
		return []byte("true")
	case len(f.Quantiles) == 0:
		return []byte("0")
	}
	return table.AppendFloat(nil, shorten(f, f.Quantiles[len(f.Quantiles)/2]))
}

// shorten returns a number near v that is nice to read and as the feature's are: an integer, or of four digits within the sample's range.
func shorten(f *model.Feature, v float64) float64 {
	if f.Type == model.IntegerType {
		return math.Round(v)
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	if err != nil || f.Min == nil || f.Max == nil || short < *f.Min || short > *f.Max {
		return v
	}
	return short
}
