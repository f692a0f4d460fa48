package sklearn

import "testing"

func TestTextParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_text.py")
}

func TestDictParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_dicts.py")
}
