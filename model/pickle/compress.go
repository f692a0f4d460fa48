package pickle

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"

	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// maxDictionary bounds the window that an xz or lzma file asks for: the largest of the xz tool's presets.
const maxDictionary = 64 << 20

// formats are the compressions of joblib, told by the first bytes (joblib's compressor.py). The zlib prefix
// is no opcode that can begin a pickle.
var formats = []struct {
	name, prefix string
	open         func(data []byte) (io.Reader, error)
}{
	{"zlib", "\x78", func(data []byte) (io.Reader, error) { return zlib.NewReader(bytes.NewReader(data)) }},
	{"gzip", "\x1f\x8b", func(data []byte) (io.Reader, error) { return gzip.NewReader(bytes.NewReader(data)) }},
	{"bz2", "BZ", func(data []byte) (io.Reader, error) { return bzip2.NewReader(bytes.NewReader(data)), nil }},
	{"xz", "\xfd7zXZ", openXZ},
	{"lzma", "\x5d\x00", func(data []byte) (io.Reader, error) {
		return lzma.ReaderConfig{DictCap: maxDictionary}.NewReader(bytes.NewReader(data))
	}},
	{"lz4", "\x04\x22\x4d\x18", func(data []byte) (io.Reader, error) { return lz4.NewReader(bytes.NewReader(data)), nil }},
}

// foreign are first bytes that no pickle has, of files that are taken for one.
var foreign = []struct{ prefix, what string }{
	{"\x93NUMPY", "an array of numpy.save, which holds no estimator: dump the fitted pipeline by joblib.dump"},
	{"\x28\xb5\x2f\xfd", "compressed by zstd, which joblib does not write: unpack it first"},
	{"\x1f\x8b", "compressed twice: unpack it once first"}, // what is compressed once has been unpacked
	{"version https://git-lfs", "a pointer of Git LFS and not the file itself: run git lfs pull"},
	{"\x89HDF", "an HDF5 file, as Keras writes it: allowed are joblib, pickle and .skops files of scikit-learn"},
	{"<", "a page of HTML or XML, which a download may have saved in the place of the file: download it again"},
	{"{", "JSON: allowed are joblib, pickle and .skops files"},
}

// checkForeign says in plain words what a stream is that cannot be a pickle.
func checkForeign(stream []byte) error {
	if len(stream) == 0 {
		return errors.New("the file is empty")
	}
	for _, f := range foreign {
		if bytes.HasPrefix(stream, []byte(f.prefix)) {
			return fmt.Errorf("the file is no pickle but %s", f.what)
		}
	}
	return nil
}

func openXZ(data []byte) (io.Reader, error) {
	if err := checkXZ(data); err != nil {
		return nil, err
	}
	return xz.ReaderConfig{SingleStream: true, DictCap: lzma.MinDictCap}.NewReader(bytes.NewReader(data))
}

// decompress returns the stream inside a joblib file: data itself, or what it decompresses to. Memory
// grows with what really comes out.
func decompress(data []byte, lim Limits) ([]byte, error) {
	if int64(len(data)) > lim.Bytes {
		return nil, tooLong("the file", lim)
	}
	if bytes.HasPrefix(data, []byte("ZF")) {
		return nil, fmt.Errorf("written by joblib before 0.10: load it there and dump it with a newer joblib")
	}
	for _, f := range formats {
		if !bytes.HasPrefix(data, []byte(f.prefix)) {
			continue
		}
		in, err := f.open(data)
		if err != nil {
			return nil, unpackError(f.name, err)
		}
		out, err := io.ReadAll(io.LimitReader(in, lim.Bytes+1))
		if err != nil {
			return nil, unpackError(f.name, err)
		}
		if int64(len(out)) > lim.Bytes {
			return nil, tooLong("the decompressed "+f.name+" file", lim)
		}
		return out, nil
	}
	return data, nil
}

func tooLong(what string, lim Limits) error {
	return fmt.Errorf("%s is longer than %d bytes (Limits.Bytes): %w", what, lim.Bytes, ErrLimit)
}

func unpackError(name string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w inside its %s stream", ErrCut, name)
	}
	return fmt.Errorf("corrupt %s stream: %w", name, err)
}
