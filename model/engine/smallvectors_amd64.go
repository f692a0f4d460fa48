package engine

import "golang.org/x/sys/cpu"

// hasVectors reports whether the processor has what the functions below are written in.
var hasVectors = cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT

// rankKeys writes the ranks of n keys, at least 1, each in a table of its own.
//
//go:noescape
func rankKeys(tables *rankTable, blocks *rankBlock, keys *uint64, n int, ranks *byteLanes)

// fireLanes writes the words of a group, the leaves that are left of each of its trees, given the slots of each page of features and the ranks of these.
//
//go:noescape
func fireLanes(lanes *byteLanes, slots *int32, pages, planes int, ranks *byteLanes, words *[vectorLanes]uint64)
