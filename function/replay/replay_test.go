package replay

import (
	"bytes"
	"testing"

	"sklambda/model"
)

// TestBody: what a golden row is over HTTP.
func TestBody(t *testing.T) {
	t.Parallel()
	m := &model.Manifest{Features: []model.Feature{
		{Name: "x", Type: model.NumberType, Used: true},
		{Name: "none", Type: model.NumberType, Used: true, NullIsNone: true},
		{Name: "s", Type: model.StringType, Used: true},
		{Name: "unused", Type: model.NumberType},
	}}
	tests := []struct{ name, input, want string }{
		{"as it is", `{"x":12345678901234567890, "s":"NaN"}`, `{"x":12345678901234567890, "s":"NaN"}`},
		{"NaN is null", `{"x":"NaN","s":"NaN","unused":"NaN"}`, `{"s":"NaN","unused":"NaN","x":null}`},
		{"NaN is not None", `{"none":"NaN"}`, ""},
		{"infinite", `{"x":"-Infinity"}`, ""},
		{"unused is infinite", `{"unused":"Infinity"}`, `{"unused":"Infinity"}`},
	}
	for _, tt := range tests {
		row := &goldenRow{golden: model.GoldenRow{Input: []byte(tt.input)}}
		if err := row.encode(m); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(row.body, []byte(tt.want)) {
			t.Errorf("%s: body is %s, want %s", tt.name, row.body, tt.want)
		}
	}
}
