package pickle

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// zeros packs n zero bytes with a compressor.
func zeros(t *testing.T, n int, open func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := open(&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, n)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bombs are compressed files of 64 MiB of zeros.
func bombs(t *testing.T) map[string][]byte {
	t.Helper()
	const n = 64 << 20
	bz2, err := os.ReadFile(filepath.Join("testdata", "bomb.bz2"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"bz2":  bz2,
		"zlib": zeros(t, n, func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil }),
		"gzip": zeros(t, n, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }),
		"lz4":  zeros(t, n, func(w io.Writer) (io.WriteCloser, error) { return lz4.NewWriter(w), nil }),
		"xz":   zeros(t, n, func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) }),
		"lzma": zeros(t, n, func(w io.Writer) (io.WriteCloser, error) { return lzma.NewWriter(w) }),
	}
}

// xzWindowOf4GiB is an xz file whose block header asks for the largest window.
func xzWindowOf4GiB() []byte {
	header := []byte{2, 0, 0x21, 1, 40, 0, 0, 0}
	block := binary.LittleEndian.AppendUint32(header, crc32.ChecksumIEEE(header))
	stream := binary.LittleEndian.AppendUint32([]byte("\xfd7zXZ\x00\x00\x01"), crc32.ChecksumIEEE([]byte{0, 1}))
	return append(append(stream, block...), "\x01\x00\x00N\x00\x00\x00\x00"...)
}

// nestedDTypes is a dtype of two fields that hold the dtype before it, 60 times over.
func nestedDTypes() string {
	const call = "cnumpy\ndtype\nX\x02\x00\x00\x00V8\x85R"
	const state = "K\x08J\xff\xff\xff\xffK\x00tb"
	var s strings.Builder
	s.WriteString("cnumpy\ndtype\nX\x02\x00\x00\x00f8\x85Rq\x00")
	for range 60 {
		s.WriteString(call + "(K\x03U\x01|N(U\x01aU\x01bt}(U\x01ah\x00K\x00\x86U\x01bh\x00K\x00\x86u" + state + "q\x00")
	}
	return s.String() + "."
}

// TestHostile reads what claims more than it holds, or grows while it is read. Each input must be answered
// with the error it names, and what is allocated on the way must be bounded.
func TestHostile(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	const ff = "\xff\xff\xff\xff"
	small := Limits{Bytes: 1 << 20, Memory: 8 << 20, Memo: 1000}
	tests := []struct {
		name, input string
		lim         Limits
		limit       bool // whether the error wraps ErrLimit
		want        string
	}{
		{"bytes", "\x8e" + ff + ff[:3] + "\x3f.", Limits{}, false, "file ends inside a bytes"},
		{"bytearray", "\x96" + ff + ff + ".", Limits{}, false, "file ends inside a bytes"},
		{"str", "X" + ff + ".", Limits{}, false, "file ends inside a str"},
		{"int", "\x8b\xff\xff\xff\x7f.", Limits{}, false, "file ends inside an int"},
		{"frame", "\x95" + ff + ff + ".", Limits{}, false, "file ends inside a frame"},
		{"memo index", "Nr" + ff + "p9223372036854775807\n" + many("N", 10), Limits{}, false, "file ends before"},
		{"memo", many("N\x94", 2000), small, true, "more than 1000 memo entries"},
		{"nested lists", many("]", 1_000_000) + many("a", 999_999) + ".", Limits{}, true, "nest more than 1000 deep"},
		{"nested tuples", ")" + many("\x85", 1_000_000) + ".", Limits{}, true, "nest more than 1000 deep"},
		{"nested objects", "cm\nC\n" + many(")R", 5_000) + ".", Limits{}, true, "nest more than 1000 deep"},
		{"marks", many("(", 1_000_000), Limits{Memory: 8 << 20}, true, "Limits.Memory"},
		{"empty dicts", many("}", 1_000_000), Limits{Memory: 8 << 20}, true, "Limits.Memory"},
		{"one list appended to itself", "]q\x00" + many("h\x00h\x00h\x00\x87", 1_000_000), Limits{Memory: 8 << 20}, true, "Limits.Memory"},
		{"sets of a long list", "c__builtin__\nfrozenset\nq\x00](" + many("K\x01", 10_000) + "e\x85q\x01" + many("h\x00h\x01R", 10_000), Limits{Memory: 8 << 20}, true, "Limits.Memory"},
		{"calls of a long tuple", "cm\nf\nq\x00(" + many("K\x01", 10_000) + "tq\x01" + many("h\x00h\x01R", 10_000), Limits{Memory: 8 << 20}, true, "Limits.Memory"},
		{"bytes of a long str", "c_codecs\nencode\nq\x00X\xa0\x86\x01\x00" + many("a", 100_000) + "U\x06latin1\x86q\x01" + many("h\x00h\x01R", 10_000), Limits{Memory: 8 << 20}, true, "Limits.Memory"},
		{"a long key again and again", "}(B\xa0\x86\x01\x00" + many("k", 100_000) + "q\x00" + many("Nh\x00", 10_000) + "Nu.", Limits{Memory: 8 << 20}, true, "Limits.Memory"},
		{"dtypes", nestedDTypes(), Limits{}, false, "a structured dtype of more than 4096 members"},
		{"items without bytes", "cnumpy._core.numeric\n_frombuffer\n(C\x00cnumpy\ndtype\nU\x02V0\x85R\x8a\x06\x00\x00\x00\x00\x00\x01\x85U\x01CtR.", Limits{}, true, "Limits.Memory"},
		{"rows without items", "cnumpy._core.numeric\n_frombuffer\n(C\x00cnumpy\ndtype\nU\x02f8\x85R\x8a\x06\x00\x00\x00\x00\x00\x01K\x00\x86U\x01CtR.", Limits{}, false, "are allowed in a dimension"},
		{"xz window", string(xzWindowOf4GiB()), Limits{}, true, "a window of 4294967295 bytes"},
		{"lzma window", "\x5d\x00\x00\x00\xff" + ff + ff + many("\x00", 20), Limits{}, false, "exceeds configured dictionary capacity"},
		{"plain file", many("N", 2<<20), small, true, "longer than 1048576 bytes"},
	}
	for name, data := range bombs(t) {
		tests = append(tests, struct {
			name, input string
			lim         Limits
			limit       bool
			want        string
		}{name + " bomb", string(data), small, true, "the decompressed " + name + " file is longer than 1048576 bytes"})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			input := []byte(tt.input)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Read(input, tt.lim)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), tt.want) || errors.Is(err, ErrLimit) != tt.limit {
				t.Errorf("got %v, want an error with %q, ErrLimit %v", err, tt.want, tt.limit)
			}
			// A stack or list that grows is copied a few times; a decompressor may have a window of 8 MiB.
			most := uint64(40<<20 + 300*len(input))
			if tt.lim.Memory != 0 {
				most = 64 << 20
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > most {
				t.Errorf("%d bytes were allocated for %d bytes of input, want at most %d", got, len(input), most)
			}
		})
	}
}

// TestSharing reads a list that holds the one before it twice, 900 times over: 2^900 leaves if it were copied or walked naively.
func TestSharing(t *testing.T) {
	t.Parallel()
	v, err := Read([]byte("]"+strings.Repeat("q\x00]q\x01h\x00ah\x00a", 900)+"."), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	items := v.(*List).Items
	if len(items) != 2 || items[0] != items[1] {
		t.Errorf("the two items are not the same list: %v", items)
	}
}

func TestDepth(t *testing.T) {
	t.Parallel()
	nested := strings.Repeat("]", 10) + strings.Repeat("a", 9) + "."
	// The empty list in the middle is no level: it holds nothing.
	if _, err := Read([]byte(nested), Limits{Depth: 9}); err != nil {
		t.Errorf("9 levels under a limit of 9: %v", err)
	}
	if _, err := Read([]byte(nested), Limits{Depth: 8}); !errors.Is(err, ErrLimit) {
		t.Errorf("9 levels under a limit of 8: got %v, want ErrLimit", err)
	}
	// a = [1]; b = [a]; c = [a, b]: the longest way to a counts, 3 levels.
	shared := "]q\x00K\x01a0]q\x01h\x00a0]h\x00ah\x01a."
	if _, err := Read([]byte(shared), Limits{Depth: 3}); err != nil {
		t.Errorf("3 levels under a limit of 3: %v", err)
	}
	if _, err := Read([]byte(shared), Limits{Depth: 2}); !errors.Is(err, ErrLimit) {
		t.Errorf("3 levels under a limit of 2: got %v, want ErrLimit", err)
	}
}
