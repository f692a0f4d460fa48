package sklearn

import "testing"

func TestImputeParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_impute.py")
}

func TestImputersParity(t *testing.T) {
	t.Parallel()
	testParity(t, "parity_imputers.py")
}
