package engine

import (
	"hash/crc32"
	"math/rand/v2"
	"testing"
)

// TestSlicing compares slicing with hash/crc32 at every length up to four words, at every place in a word, and at one of the lengths of a plan.
func TestSlicing(t *testing.T) {
	t.Parallel()
	b := make([]byte, 100_003)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	parts := [][]byte{b}
	for n := range 33 {
		for at := range 8 {
			parts = append(parts, b[at:at+n])
		}
	}
	table, slicing := crc32.MakeTable(crc32.Castagnoli), newSlicing()
	for _, part := range parts {
		if got, want := slicing.checksum(part), crc32.Checksum(part, table); got != want {
			t.Fatalf("%d bytes: %08x, want %08x", len(part), got, want)
		}
	}
	if got := slicing.checksum([]byte("123456789")); got != 0xe3069283 { // the check value of CRC-32C
		t.Errorf("check value %08x", got)
	}
}

func BenchmarkSlicing(b *testing.B) {
	data := make([]byte, 64<<10)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		newSlicing().checksum(data)
	}
}
