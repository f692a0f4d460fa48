package sklearn

import "testing"

func TestFeatureSelectionParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_feature_selection.py")
}
