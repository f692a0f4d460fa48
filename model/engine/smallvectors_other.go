//go:build !amd64

package engine

// hasVectors is a constant, so that the compiler leaves out what depends on it.
const hasVectors = false

func rankKeys(*rankTable, *rankBlock, *uint64, int, *byteLanes) {}

func fireLanes(*byteLanes, *int32, int, int, *byteLanes, *[vectorLanes]uint64) {}
