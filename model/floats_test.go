package model

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFloats: a row is floats alone if every feature is a number that a step reads, and nothing is copied.
func TestFloats(t *testing.T) {
	t.Parallel()
	manifest, plan := identity(t, Transform, nil, Output{Name: ValueOutput, Width: 3})
	numbers := opened(t, manifest, plan)
	manifest, plan = identity(t, Transform, nil, Output{Name: ValueOutput, Width: 2})
	manifest.Features[1].Type = BooleanType
	boolean := opened(t, manifest, plan)
	manifest, plan = binary(t)
	mixed := opened(t, manifest, plan)
	for _, tt := range []struct {
		name string
		ids  *IDs
		want []int
	}{
		{"numbers", numbers.NewIDs(nil), []int{0, 1, 2}},
		{"a feature copied", numbers.NewIDs([]string{"x1"}), nil},
		{"another column copied", numbers.NewIDs([]string{"key"}), nil},
		{"a boolean", boolean.NewIDs(nil), nil},
		{"features of all types", mixed.NewIDs(nil), nil},
	} {
		if diff := cmp.Diff(tt.want, tt.ids.Floats()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
