package pickle

import (
	"fmt"
	"io"
	"os"
)

// maxExpansion is how much longer than its file a compressed stream may be by default; small files may reach minBytes.
const (
	maxExpansion = 100
	minBytes     = 1 << 30
	maxBytes     = 8 << 30
)

// withDefaults fills in the zero values, for a file of the given size.
func (l Limits) withDefaults(size int) Limits {
	if l.Bytes <= 0 {
		l.Bytes = min(max(int64(size)*maxExpansion, minBytes), maxBytes)
	}
	if l.Memory <= 0 {
		l.Memory = 2 << 30
	}
	if l.Depth <= 0 {
		l.Depth = 1000
	}
	if l.Memo <= 0 {
		l.Memo = 64 << 20
	}
	return l
}

// Read reads a pickle stream or a joblib file, plain or compressed (zlib, gzip, bz2, xz,
// lzma, lz4; told by the first bytes, as joblib does).
//
// Arrays and bytes of a plain file view data: the caller must not write to it afterwards.
// Bytes after the STOP opcode are ignored, as CPython's pickle.load and joblib.load do; bytes
// after the end of a compressed stream are ignored only where the format's own reader does so.
//
// An error about the stream is an *Error; one about a bound wraps ErrLimit.
func Read(data []byte, lim Limits) (Value, error) {
	lim = lim.withDefaults(len(data))
	stream, err := decompress(data, lim)
	if err != nil {
		return nil, err
	}
	r := newReader(stream, &budget{left: lim.Memory, total: lim.Memory}, lim)
	r.joblib = true
	v, err := r.run()
	if err != nil {
		return nil, err
	}
	if err := checkDepth(v, lim.Depth); err != nil {
		return nil, err
	}
	return v, nil
}

// ReadFile reads a file as Read does. A file longer than Limits.Bytes is refused unread.
func ReadFile(path string, lim Limits) (Value, error) {
	longest := lim.Bytes
	if longest <= 0 {
		longest = maxBytes
	}
	data, err := readBounded(path, longest)
	if err != nil {
		return nil, err
	}
	v, err := Read(data, lim)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return v, nil
}

// readBounded reads a regular file of at most limit bytes, in one allocation.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: not a regular file", path)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("read %s: %d bytes, at most %d are allowed (Limits.Bytes): %w", path, info.Size(), limit, ErrLimit)
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}
