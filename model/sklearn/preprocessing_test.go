package sklearn

import "testing"

func TestPreprocessingParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_preprocessing.py")
}

func TestTransformersParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_transformers.py")
}
