package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

var errXZ = errors.New("its headers are not valid")

// checkXZ walks the headers of an xz stream's blocks without decompressing them, and refuses blocks that
// ask for more window memory than their own output can use: the xz package allocates the window that the
// header claims. See "The .xz File Format", sections 2 to 3, and the chunk headers of LZMA2.
func checkXZ(data []byte) error {
	const streamHeader = 12
	if len(data) < streamHeader {
		return io.ErrUnexpectedEOF
	}
	checkSize, ok := map[byte]int{0: 0, 1: 4, 4: 8, 10: 32}[data[7]&0x0f]
	if !ok {
		return errXZ
	}
	var windows, output int64
	for at := streamHeader; ; {
		if at >= len(data) {
			return io.ErrUnexpectedEOF
		}
		if data[at] == 0 { // the index: no more blocks
			return nil
		}
		size := 4 * (int(data[at]) + 1)
		if size > len(data)-at {
			return io.ErrUnexpectedEOF
		}
		window, err := xzWindow(data[at : at+size])
		if err != nil {
			return err
		}
		at += size
		packed, unpacked, err := lzma2Size(data[at:])
		if err != nil {
			return err
		}
		windows, output = windows+window, output+unpacked
		if window > maxDictionary || windows > maxDictionary+8*output {
			return fmt.Errorf("a block asks for a window of %d bytes, at most %d are allowed: %w", window, maxDictionary, ErrLimit)
		}
		at += (packed+3)/4*4 + checkSize
	}
}

// xzWindow returns the dictionary size in a block header, whose only filter must be LZMA2.
func xzWindow(header []byte) (int64, error) {
	flags, rest := header[1], header[2:len(header)-4]
	for _, present := range []byte{0x40, 0x80} { // the sizes, packed and unpacked
		if flags&present != 0 {
			_, n := binary.Uvarint(rest)
			if n <= 0 {
				return 0, errXZ
			}
			rest = rest[n:]
		}
	}
	if flags&0x03 != 0 || len(rest) < 3 || rest[0] != 0x21 || rest[1] != 1 {
		return 0, fmt.Errorf("a filter other than LZMA2 alone")
	}
	return lzma.DecodeDictCap(rest[2])
}

// lzma2Size adds up the chunks of an LZMA2 block, from their headers.
func lzma2Size(data []byte) (packed int, unpacked int64, err error) {
	for at := 0; at < len(data); {
		control := data[at]
		header, size := 3, 0
		switch {
		case control == 0:
			return at + 1, unpacked, nil
		case control >= 0xc0:
			header = 6
		case control >= 0x80:
			header = 5
		case control > 2:
			return 0, 0, errXZ
		}
		if header > len(data)-at {
			break
		}
		out := int64(binary.BigEndian.Uint16(data[at+1:])) + 1
		if control >= 0x80 {
			out += int64(control&0x1f) << 16
			size = int(binary.BigEndian.Uint16(data[at+3:])) + 1
		} else {
			size = int(out)
		}
		unpacked += out
		at += header + size
	}
	return 0, 0, io.ErrUnexpectedEOF
}
