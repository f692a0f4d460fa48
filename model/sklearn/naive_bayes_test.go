package sklearn

import "testing"

func TestNaiveBayesParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_bayes.py")
}
