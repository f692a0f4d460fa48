package table

import (
	"strings"
	"testing"
)

func TestDecoderRefuses(t *testing.T) {
	t.Parallel()
	object := func(d *Decoder) error {
		return d.Object(func(string) error { _, err := d.Raw(); return err })
	}
	array := func(d *Decoder) error { return d.Array(func(int) error { _, err := d.Bool(); return err }) }
	text := func(d *Decoder) error { _, err := d.Text(); return err }
	float := func(d *Decoder) error { _, err := d.Float(); return err }
	whole := func(d *Decoder) error { _, err := d.Int(); return err }
	tests := []struct {
		data string
		read func(*Decoder) error
		want string // empty: it is read
	}{
		{` {"a":1,"b":{"a":[1]}} `, object, ""},
		{`[]`, object, "expected an object"},
		{`{"a":1,"a":2}`, object, `"a" occurs twice`},
		{`{"a":1,"\u0061":2}`, object, `"a" occurs twice`},
		{`{"x":{"a":1,"a":2}}`, object, `"a" occurs twice`},
		{`{"a":1`, object, "got the end"},
		{`[true, false]`, array, ""},
		{`null`, array, ""},
		{`{}`, array, "expected an array"},
		{`[null]`, array, "expected true or false"},
		{`"\u00e9"`, text, ""},
		{`null`, text, "expected a string"},
		{"\"\xff\"", text, "UTF-8"},
		{`-1.5e300`, float, ""},
		{`"1"`, float, "expected a number"},
		{`1e400`, float, "beyond the range of float64"},
		{`-9223372036854775808`, whole, ""},
		{`9223372036854775808`, whole, "expected a whole number of 64 bits"},
		{`1e2`, whole, "expected a whole number of 64 bits"},
		{`true`, whole, "expected a whole number"},
		{`1 1`, whole, "expected the end of the input"},
	}
	for _, tt := range tests {
		d := NewDecoder([]byte(tt.data))
		err := tt.read(d)
		if err == nil {
			err = d.End()
		}
		if (tt.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.data, err, tt.want)
		}
	}
}
