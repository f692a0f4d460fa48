//go:build !linux

package model

import "errors"

// exchange swaps the names of two folders at once, which this system is not asked to do.
func exchange(_, _ string) error { return errors.ErrUnsupported }
