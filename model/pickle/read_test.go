package pickle

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadValues(t *testing.T) {
	t.Parallel()
	self := &List{}
	self.Items = []Value{self}
	wide, _ := new(big.Int).SetString("-9223372036854775809", 10)
	object := &Object{Class: &Global{"m", "C"}}
	object.State = &Object{Class: &Global{"m", "setter"}, Args: []Value{object, int64(1)}}
	tests := []struct {
		name, input string
		want        Value
	}{
		{"none", "N.", nil},
		{"trailing bytes are ignored", "K\x01.rest", int64(1)},
		{"wide int", "\x8a\x09\xff\xff\xff\xff\xff\xff\xff\x7f\xff.", wide},
		{"lone surrogate", "\x8c\x03\xed\xa0\x80.", "\xed\xa0\x80"},
		{"protocol 0 surrogate", "V\\ud800\n.", "\xed\xa0\x80"},
		{"cycle", "]q\x00h\x00a.", self},
		{"last value, first place", "}(K\x01NK\x02NG?\xf0\x00\x00\x00\x00\x00\x00\x88u.",
			&Dict{Pairs: []Pair{{int64(1), true}, {int64(2), nil}}}},
		{"python 2 names", "\x80\x02c__builtin__\nunicode\n.", &Global{"builtins", "str"}},
		{"protocol 4 keeps names", "\x80\x04c__builtin__\nunicode\n.", &Global{"__builtin__", "unicode"}},
		{"keyword arguments", "\x80\x04cm\nC\n)}\x8c\x01aK\x01s\x92.",
			&Object{Class: &Global{"m", "C"}, Kwargs: &Dict{Pairs: []Pair{{"a", int64(1)}}}}},
		{"newobj by name", "ccopy_reg\n__newobj__\n(cm\nC\nK\x01tR.", &Object{Class: &Global{"m", "C"}, Args: []Value{int64(1)}}},
		{"newobj_ex by name", "ccopy_reg\n__newobj_ex__\n(cm\nC\nK\x01\x85}U\x01aK\x02stR.",
			&Object{Class: &Global{"m", "C"}, Args: []Value{int64(1)}, Kwargs: &Dict{Pairs: []Pair{{"a", int64(2)}}}}},
		{"another base stays a call", "ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\ndict\n}tR.",
			&Object{Class: &Global{"copyreg", "_reconstructor"}, Args: []Value{&Global{"m", "C"}, &Global{"builtins", "dict"}, &Dict{}}}},
		{"state setter", "cm\nC\n)\x81q\x00cm\nsetter\nh\x00K\x01\x86R0.", object},
		{"bytes of protocol 2", "c_codecs\nencode\nX\x03\x00\x00\x00a\xc3\xbfX\x06\x00\x00\x00latin1\x86R.", Bytes("a\xff")},
		{"unknown type string stays opaque", "cnumpy\ndtype\nX\x02\x00\x00\x00q9\x85R0N.", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Read([]byte(tt.input), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(render(tt.want), render(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	const dtype = "cnumpy\ndtype\nX\x02\x00\x00\x00f8\x85R"
	const wrapper = "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(X\x05\x00\x00\x00dtype" + dtype +
		"X\x05\x00\x00\x00shapeK\x02\x85X\x05\x00\x00\x00orderX\x01\x00\x00\x00Cub"
	tests := []struct{ name, input, want string }{
		{"empty", "", "the file is empty"},
		{"nothing after the protocol", "\x80\x04", "offset 2: file ends before the STOP opcode"},
		{"npy", "\x93NUMPY\x01\x00", "no pickle but an array of numpy.save"},
		{"zstd", "\x28\xb5\x2f\xfd\x04", "no pickle but compressed by zstd"},
		{"git lfs", "version https://git-lfs.github.com/spec/v1\n", "no pickle but a pointer of Git LFS"},
		{"html", "<!DOCTYPE html>", "no pickle but a page of HTML"},
		{"zip", "PK\x03\x04", "skops: zip: not a valid zip file"},
		{"text", "hello", "offset 0: BINGET: nothing is stored under memo 101"},
		{"not an opcode", "\x80\x02\xff", "offset 2: byte 0xff: not an opcode of pickle"},
		{"protocol", "\x80\x06.", "offset 0: PROTO: protocol 6, at most 5 is known"},
		{"cut str", "\x80\x02X\x05\x00\x00\x00ab", "offset 2: BINUNICODE: file ends inside a str: 5 bytes needed, 2 left"},
		{"cut length", "X\x05", "offset 0: BINUNICODE: file ends inside its argument: 4 bytes needed, 1 left"},
		{"cut line", "Iabc", "INT: file ends inside a line of text"},
		{"cut frame", "\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00N.", "FRAME: file ends inside a frame: 5 bytes needed, 2 left"},
		{"crossing a frame", "\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x01M\x01\x01.", ""},
		{"str crosses its frame", "\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00\x8c\x05hello.", "SHORT_BINUNICODE: frame ends inside a str: 5 bytes needed, 1 left in the frame"},
		{"frame in a frame", "\x95\x0a\x00\x00\x00\x00\x00\x00\x00\x95\x00\x00\x00\x00\x00\x00\x00\x00N.", "a frame begins 1 bytes before the end"},
		{"empty stack", "a", "APPEND: needs 2 values on the stack, 0 are there"},
		{"below a mark", "N(\x85.", "TUPLE1: needs 1 values on the stack, 0 are there"},
		{"no mark", "]e.", "APPENDS: no MARK on the stack"},
		{"append to an int", "K\x01Na.", "APPEND: needs a list, got an int"},
		{"key without value", "}(Nu.", "SETITEMS: a key without a value"},
		{"unhashable", "}]Ns.", "SETITEM: a list cannot be a key"},
		{"add to a frozenset", "(\x91(N\x90.", "ADDITEMS: needs a set, got a set"},
		{"memo", "h\x07.", "BINGET: nothing is stored under memo 7"},
		{"not UTF-8", "\x8c\x01\xff.", "a str that is not UTF-8"},
		{"python 2 bytes", "U\x01\xff.", "SHORT_BINSTRING: a str of Python 2 with byte 0xff"},
		{"persistent id", "Pabc\n.", "PERSID: a persistent id"},
		{"extension", "\x82\x01.", "EXT1: an extension code of copyreg"},
		{"out-of-band buffer", "\x80\x05\x97.", "NEXT_BUFFER: an out-of-band buffer: its bytes are stored outside the file"},
		{"call of a value", "N)R.", "REDUCE: calls None"},
		{"no tuple", "cm\nC\nNR.", "REDUCE: needs a tuple of arguments, got None"},
		{"state twice", "cm\nC\n)\x81}b}b.", "BUILD: an object of m.C gets its state twice"},
		{"int", "I0x\n.", "INT: not an int in decimal digits"},
		{"long int", "L" + strings.Repeat("9", 5000) + "L\n.", "LONG: not an int in decimal digits (at most 4300)"},
		{"float", "F0x1p3\n.", "FLOAT: not a float"},
		{"negative length", "\x8b\xff\xff\xff\xff.", "LONG4: a negative length"},
		{"cut joblib array", wrapper + "12345678", "BUILD: file ends inside an array of shape [2] and dtype <f8: 16 bytes needed, 8 left"},
		{"joblib 0.9 array", "cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}b.", "written by joblib before 0.10"},
		{"joblib 0.9 file", "ZF0x10", "written by joblib before 0.10"},
		{"dtype changed after use", dtype + "q\x00cnumpy._core.multiarray\nscalar\nh\x00C\x0812345678\x86R0h\x00(K\x03U\x01>NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb.", "BUILD: dtype <f8 gets its state after it was used"},
		{"short scalar", "cnumpy._core.multiarray\nscalar\n" + dtype + "C\x01x\x86R.", "a scalar of dtype <f8 needs 8 bytes, got a bytes of 1"},
		{"short array", "cnumpy._core.numeric\n_frombuffer\n(C\x01x" + dtype + "K\x02\x85U\x01CtR.", "an array of shape [2] and dtype <f8 needs 16 bytes"},
		{"huge shape", "cnumpy._core.numeric\n_frombuffer\n(C\x01x" + dtype + "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x1f\x85U\x01CtR.", "is too large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, err := Read([]byte(tt.input), Limits{})
			if tt.want == "" {
				if err != nil {
					t.Errorf("got %v, want no error", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want an error with %q", v, err, tt.want)
			}
		})
	}
}

// TestJoblibWithoutPadding reads an array as joblib wrote it before 1.2: without the alignment attribute.
func TestJoblibWithoutPadding(t *testing.T) {
	t.Parallel()
	v, err := Read([]byte("](cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(U\x05dtypecnumpy\ndtype\nU\x02u1\x85RU\x05shapeK\x02K\x02\x86U\x05orderU\x01Fub\x01\x02\x03\x04Ne."), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.(*List).Items[0].(*Array).Int64s()
	if diff := cmp.Diff([]int64{1, 3, 2, 4}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// TestUnknownDType keeps an array of a dtype that numpy does not have by itself as an Object, in the memo too.
func TestUnknownDType(t *testing.T) {
	t.Parallel()
	v, err := Read([]byte("(cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btRq\x05(K\x01K\x02\x85cnumpy\ndtype\nU\x08bfloat16\x85R\x89C\x041234tbh\x05t."), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	items := v.(*Tuple).Items
	o, ok := items[0].(*Object)
	if !ok || items[1] != items[0] {
		t.Fatalf("got %s and %s, want one object twice", describe(items[0]), describe(items[1]))
	}
	const want = "an array whose dtype is not understood: dtype bfloat16 is not known"
	if o.ClassName() != "numpy.ndarray" || o.BuildErr == nil || o.BuildErr.Error() != want {
		t.Errorf("got %s with %v, want %q", o.ClassName(), o.BuildErr, want)
	}
}

func TestErrorPosition(t *testing.T) {
	t.Parallel()
	_, err := Read([]byte("\x80\x02X\x05\x00\x00\x00ab"), Limits{})
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Offset != 2 || e.Opcode != "BINUNICODE" {
		t.Errorf("got %#v, want an *Error at offset 2 in BINUNICODE", err)
	}
}

// TestFixtures reads the committed files (pickle_reference.py fixtures): the same arrays under every protocol and compression.
func TestFixtures(t *testing.T) {
	t.Parallel()
	for _, group := range []string{"plain-*.pkl", "arrays*"} {
		files, err := filepath.Glob(filepath.Join("testdata", group))
		if err != nil || len(files) < 6 {
			t.Fatalf("%d files match %s (%v)", len(files), group, err)
		}
		var want []string
		for _, file := range files {
			v, err := readFile(file)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			got := render(v)
			if want == nil {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s differs from %s (-want +got)\n%s", file, files[0], diff)
			}
		}
	}
}

// TestTruncated cuts every committed file at every length: none may be read, and nothing may panic.
func TestTruncated(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "*"))
	if err != nil {
		t.Fatal(err)
	}
	tested := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil || len(data) > 4096 || strings.HasSuffix(file, "bomb.bz2") {
			continue
		}
		tested++
		for n := range len(data) {
			if _, err := Read(data[:n:n], Limits{}); err == nil {
				t.Errorf("%s: the first %d of %d bytes were read", file, n, len(data))
			}
		}
	}
	if tested < 20 {
		t.Errorf("%d files were cut, want at least 20", tested)
	}
}

// TestFlipped flips bits of the joblib files: where a checksum covers all, other values are never read. None may panic.
func TestFlipped(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "*.joblib*"))
	if err != nil || len(files) < 9 {
		t.Fatalf("%d files (%v)", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Read(data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		checked := strings.HasSuffix(file, "zlib") || strings.HasSuffix(file, "bz2") || strings.HasSuffix(file, "xz")
		step := 1
		if strings.Contains(file, "z") && !strings.HasSuffix(file, "zlib") {
			step = 29 // these allocate a window of megabytes each time
		}
		for i := 0; i < 8*len(data); i += step {
			flipped := bytes.Clone(data)
			flipped[i/8] ^= 1 << (i % 8)
			v, err := Read(flipped, Limits{Bytes: 1 << 20, Memory: 1 << 20})
			if checked && err == nil && !cmp.Equal(render(want), render(v)) {
				t.Errorf("%s: bit %d flipped: other values were read", file, i)
			}
		}
	}
}

// readFile reads a file within the default limits.
func readFile(path string) (Value, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Read(data, Limits{})
}

func TestAttr(t *testing.T) {
	t.Parallel()
	v, err := readFile(filepath.Join("testdata", "pipeline.joblib"))
	if err != nil {
		t.Fatal(err)
	}
	steps, _ := v.(*Object).Attr("steps")
	scaler := steps.(*List).Items[0].(*Tuple).Items[1].(*Object)
	mean, _ := scaler.Attr("mean_")
	got, err := mean.(*Array).Float64s()
	if diff := cmp.Diff([]float64{1}, got); err != nil || diff != "" {
		t.Errorf("mean_ (-want +got)\n%s%v", diff, err)
	}
	slots := &Object{State: &Tuple{Items: []Value{nil, &Dict{Pairs: []Pair{{"a", int64(1)}}}}}}
	if got, ok := slots.Attr("a"); !ok || got != int64(1) {
		t.Errorf("slot a: got %v, %v", got, ok)
	}
	if got, ok := slots.Attr("b"); ok {
		t.Errorf("slot b: got %v", got)
	}
	scale, _ := scaler.Attr("scale_")
	if got := scale.(*Array).Values(); got[0] != math.Sqrt(2.0/3) {
		t.Errorf("scale_: got %v", got)
	}
}
