package sklearn

import (
	"slices"
	"testing"

	"sklambda/model/table"
)

func TestSpacesOfLightGBM(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sample, learned, want []string }{
		{[]string{"mean radius", "age"}, []string{"mean_radius", "age"}, []string{"mean radius", "age"}},
		{[]string{"mean-radius", "age"}, []string{"mean_radius", "age"}, []string{"mean_radius", "age"}},
		{[]string{"age", "mean radius"}, []string{"mean_radius", "age"}, []string{"mean_radius", "age"}},
		{[]string{"mean radius"}, []string{"mean_radius", "age"}, []string{"mean_radius", "age"}},
		{nil, []string{"a_b"}, []string{"a_b"}},
	} {
		compiler := &compiler{}
		if c.sample != nil {
			compiler.opt.Sample = &table.Sample{Names: c.sample}
		}
		if got := compiler.spaced(c.learned); !slices.Equal(got, c.want) {
			t.Errorf("a sample of %q and a model of %q: got %q, want %q", c.sample, c.learned, got, c.want)
		}
	}
}
