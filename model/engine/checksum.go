package engine

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"runtime"
)

// slicingMost is the number of bytes up to which slicing is the cheaper way. On amd64 hash/crc32 first makes tables that join the three streams
// it reads at once, in a time in which slicing reads some 200 KB; on other machines it has nothing to prepare.
const slicingMost = 192 << 10

// crc32c returns what computes CRC-32C, in the way that is the cheapest for so many bytes in all.
func crc32c(size int) func(b []byte) uint32 {
	if runtime.GOARCH == "amd64" && size <= slicingMost {
		return newSlicing().checksum
	}
	table := crc32.MakeTable(crc32.Castagnoli)
	return func(b []byte) uint32 { return crc32.Checksum(b, table) }
}

// hexSum is a CRC-32C as the metadata holds it.
func hexSum(crc uint32) string { return fmt.Sprintf("%08x", crc) }

// checksum is the CRC-32C of b as the metadata holds it.
func checksum(b []byte) string { return hexSum(crc32c(len(b))(b)) }

// verify computes the checksums.
func verify(sums []sum) error {
	size := 0
	for _, s := range sums {
		size += len(s.bytes)
	}
	crc := crc32c(size)
	for _, s := range sums {
		if got := hexSum(crc(s.bytes)); got != s.want {
			return fmt.Errorf("CRC-32C of %q is %s, want %s: the file is damaged", s.name, got, s.want)
		}
	}
	return nil
}

// slicing holds the tables of slicing-by-8 for CRC-32C: table k has the remainder of each byte with k bytes of zeros after it.
// M. E. Kounavis, F. L. Berry: A Systematic Approach to Building High Performance Software-based CRC Generators, ISCC 2005.
type slicing [8][256]uint32

func newSlicing() *slicing {
	t := new(slicing)
	for i := range t[0] {
		crc := uint32(i)
		for range 8 {
			crc = crc>>1 ^ crc32.Castagnoli&-(crc&1)
		}
		t[0][i] = crc
	}
	for k := range t[1:] {
		for i, crc := range t[k] {
			t[k+1][i] = crc>>8 ^ t[0][byte(crc)]
		}
	}
	return t
}

// checksum is the CRC-32C of b.
func (t *slicing) checksum(b []byte) uint32 {
	crc := ^uint32(0)
	for ; len(b) >= 8; b = b[8:] {
		low, high := crc^binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		crc = t[7][byte(low)] ^ t[6][byte(low>>8)] ^ t[5][byte(low>>16)] ^ t[4][low>>24] ^
			t[3][byte(high)] ^ t[2][byte(high>>8)] ^ t[1][byte(high>>16)] ^ t[0][high>>24]
	}
	for _, x := range b {
		crc = t[0][byte(crc)^x] ^ crc>>8
	}
	return ^crc
}
