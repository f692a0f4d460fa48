package engine

import "golang.org/x/sys/cpu"

// hasVectors reports whether the processor has what rankKeys and fireLanes are written in.
var hasVectors = cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT

// rankKeys writes the ranks of n keys, at least 1, each in a table of its own.
//
//go:noescape
func rankKeys(tables *rankTable, blocks *rankBlock, keys *uint64, n int, ranks *byteLanes)

// fireLanes writes the words of a group, the leaves that are left of each of its trees, given the slots of each page of features and the ranks of these.
//
//go:noescape
func fireLanes(lanes *byteLanes, slots *int32, pages, planes int, ranks *byteLanes, words *[vectorLanes]uint64)

// walkNarrow is walkNarrowGo, by BMI2 where the processor has it.
func walkNarrow(nodes []uint64, keys *narrowKeys, at *group) {
	if cpu.X86.HasBMI2 {
		walkNarrowBMI2(&nodes[0], keys, at)
	} else {
		walkNarrowGo(nodes, keys, at)
	}
}

// walkNarrowBMI2 is walkNarrowGo in half the instructions. It checks no bounds: the nodes are those that checkNarrow has proved.
//
//go:noescape
func walkNarrowBMI2(nodes *uint64, keys *narrowKeys, at *group)

// scanNarrow is scanNarrowGo, by AVX2 where the processor has it.
func scanNarrow(nodes []uint64, limit, leaves uint64) (sound bool, widest uint64) {
	sound = true
	if whole := len(nodes) &^ 3; cpu.X86.HasAVX2 && whole > 0 {
		sound, widest = scanNarrowAVX2(&nodes[0], whole, limit, leaves)
		nodes, limit = nodes[whole:], limit-uint64(whole)*oneOffset
	}
	rest, column := scanNarrowGo(nodes, limit, leaves)
	return sound && rest, max(widest, column)
}

// scanNarrowAVX2 is scanNarrowGo for a multiple of four nodes, at least four.
//
//go:noescape
func scanNarrowAVX2(nodes *uint64, n int, limit, leaves uint64) (sound bool, widest uint64)
