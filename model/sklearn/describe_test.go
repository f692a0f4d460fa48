package sklearn

import (
	"math/big"
	"strings"
	"testing"

	"sklambda/model/pickle"
)

// TestDescribe: a reason names what was found in Python's words, and no type of this program.
func TestDescribe(t *testing.T) {
	casefold := &pickle.Object{Class: &pickle.Global{Module: "builtins", Name: "getattr"}, Args: []pickle.Value{&pickle.Global{Module: "builtins", Name: "str"}, "casefold"}}
	cleaner := &pickle.Object{Class: &pickle.Global{Module: "shop", Name: "Cleaner"}}
	for want, v := range map[string]pickle.Value{
		"None": nil, "True": true, "7": int64(7), "0.5": 0.5, "18446744073709551616": new(big.Int).Lsh(big.NewInt(1), 64), `"a"`: "a",
		"len": &pickle.Global{Module: "builtins", Name: "len"}, "numpy.log": &pickle.Global{Module: "numpy", Name: "log"},
		"str.casefold": casefold, "an object of shop.Cleaner": cleaner,
		"the method run of an object of shop.Cleaner": &pickle.Object{Class: &pickle.Global{Module: "builtins", Name: "getattr"}, Args: []pickle.Value{cleaner, "run"}},
		"functools.partial of str.casefold":           &pickle.Object{Class: &pickle.Global{Module: "functools", Name: "partial"}, Args: []pickle.Value{casefold}},
		"a datetime64":                                &pickle.Scalar{Type: &pickle.DType{Kind: 'M', Size: 8}, Data: make([]byte, 8)},
		"the dtype uint16":                            &pickle.DType{Kind: 'u', Size: 2},
		"an array of float32, of shape [2, 3]":        &pickle.Array{Type: &pickle.DType{Kind: 'f', Size: 4}, Shape: []int{2, 3}},
		"a set of 1 items":                            &pickle.Set{Items: []pickle.Value{"a"}},
		"2 bytes":                                     pickle.Bytes("ab"), "a complex number": complex(1, 2),
	} {
		if got := describe(v); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := describe(struct{}{}); strings.Contains(got, "struct") {
		t.Errorf("%q names a Go type", got)
	}
	if got := (dtype{'i', 2}).String(); got != "int16" {
		t.Errorf("got %q, want int16", got)
	}
}
