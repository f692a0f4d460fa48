//go:build !amd64

package engine

// hasVectors is a constant, so that the compiler leaves out what depends on it.
const hasVectors = false

func rankKeys(*rankTable, *rankBlock, *uint64, int, *byteLanes) {}

func fireLanes(*byteLanes, *int32, int, int, *byteLanes, *[vectorLanes]uint64) {}

// walkNarrow moves each lane to its leaf.
func walkNarrow(nodes []uint64, keys *narrowKeys, at *group) { walkNarrowGo(nodes, keys, at) }

// scanNarrow is scanNarrowGo.
func scanNarrow(nodes []uint64, limit, leaves uint64) (sound bool, widest uint64) {
	return scanNarrowGo(nodes, limit, leaves)
}
