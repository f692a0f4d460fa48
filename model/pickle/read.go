package pickle

import "bytes"

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
// lzma, lz4; told by the first bytes, as joblib does), or a .skops file.
//
// Arrays and bytes of a plain file view data: the caller must not write to it afterwards.
// Bytes after the STOP opcode are ignored, as CPython's pickle.load and joblib.load do; bytes
// after the end of a compressed stream are ignored only where the format's own reader does so.
//
// An error about the stream is an *Error; one about a bound wraps ErrLimit.
func Read(data []byte, lim Limits) (Value, error) {
	lim = lim.withDefaults(len(data))
	if bytes.HasPrefix(data, []byte(zipPrefix)) {
		v, err := readSkops(data, newReader(nil, &budget{left: lim.Memory, total: lim.Memory}, lim), lim)
		if err == nil {
			err = checkDepth(v, lim.Depth)
		}
		if err != nil {
			return nil, err
		}
		return v, nil
	}
	stream, err := decompress(data, lim)
	if err != nil {
		return nil, err
	}
	if err := checkForeign(stream); err != nil {
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
