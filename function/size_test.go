package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"os"
	"testing"
)

// The largest bootstrap that is acceptable, in bytes, plain and zipped: it is fetched and read on every cold start.
var maxSize = map[string]struct{ plain, zipped int64 }{
	"arm64": {4_460_000, 1_870_000},
	"amd64": {4_650_000, 2_060_000},
}

func TestSize(t *testing.T) {
	t.Parallel()
	for arch, path := range binaries {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		limit := maxSize[arch]
		if n := int64(len(data)); n > limit.plain {
			t.Errorf("%s: the bootstrap has %d bytes, at most %d are allowed; go tool nm -size -sort size says what is in it", arch, n, limit.plain)
		}
		if n := zipped(t, data); n > limit.zipped {
			t.Errorf("%s: the zip of the bootstrap has %d bytes, at most %d are allowed", arch, n, limit.zipped)
		}
	}
}

// zipped is the size of a zip with a file of this content.
func zipped(t *testing.T, data []byte) int64 {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestCompression) })
	file, err := w.Create("bootstrap")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return int64(out.Len())
}
