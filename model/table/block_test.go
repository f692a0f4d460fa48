package table

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fileReader reads the rows of all blocks of a file. Its rows may be kept.
type fileReader struct {
	RowReader
	blocks *BlockReader
	block  Block
}

// openCSV reads CSV in blocks of some bytes.
func openCSV(r io.Reader, columns *Columns, size int) (*fileReader, error) {
	f := &fileReader{blocks: NewBlockReader(r, true)}
	f.blocks.size = size
	if err := f.blocks.Next(&f.block); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	reader, err := NewCSVReader(f.block, columns)
	f.RowReader = reader
	return f, err
}

// openJSONL reads JSON Lines in blocks of some bytes.
func openJSONL(r io.Reader, columns *Columns, size int) *fileReader {
	f := &fileReader{RowReader: NewJSONLReader(columns), blocks: NewBlockReader(r, false)}
	f.blocks.size = size
	return f
}

func (f *fileReader) Read(row []Value) ([]Problem, error) {
	for {
		problems, err := f.RowReader.Read(row)
		if err == nil {
			for i := range row {
				row[i].Text = strings.Clone(row[i].Text)
			}
		}
		if !errors.Is(err, io.EOF) {
			return problems, err
		}
		if err := f.blocks.Next(&f.block); err != nil {
			return nil, err
		}
		f.Reset(f.block)
	}
}

func TestBlockReader(t *testing.T) {
	t.Parallel()
	type block struct {
		Data string
		Line int
	}
	tests := []struct {
		name, input string
		quotes      bool
		size        int
		want        []block
	}{
		{"one block", "a\nb\nc\n", true, 100, []block{{"a\nb\nc\n", 1}}},
		{"no end of line", "a\nb\nc", true, 100, []block{{"a\nb\n", 1}, {"c", 3}}},
		{"empty file", "", true, 100, nil},
		{"rows", "a\nbc\n\nd", true, 4, []block{{"a\n", 1}, {"bc\n\n", 2}, {"d", 4}}},
		{"a row longer than a block", "abcdefgh\nij\nkl\nmn\n", true, 8, []block{{"abcdefgh\nij\nkl\n", 1}, {"mn\n", 4}}},
		{"quotes", "a\n\"b\nc\"\nd\n\"e\n\"\"f\"\ng\n", true, 6, []block{{"a\n", 1}, {"\"b\nc\"\n", 2}, {"d\n", 4}, {"\"e\n\"\"f\"\ng\n", 5}}},
		{"quotes without meaning", "\"a\nb\n", false, 4, []block{{"\"a\n", 1}, {"b\n", 2}}},
		{"open quotes", "a\n\"b\nc\nd\n", true, 4, []block{{"a\n", 1}, {"\"b\nc\nd\n", 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := NewBlockReader(strings.NewReader(tt.input), tt.quotes)
			b.size = tt.size
			var got []block
			var next Block
			for b.Next(&next) == nil {
				got = append(got, block{string(next.Data), next.Line})
			}
			if err := b.Next(&next); !errors.Is(err, io.EOF) {
				t.Errorf("behind the end: %v", err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestBlockReaderMemory: no more than about the longest row and a block is kept of a file, and a row that is too long is not read to its end.
func TestBlockReaderMemory(t *testing.T) {
	t.Parallel()
	input := &repeated{line: []byte("1,\"a\nb\"\n")}
	b := NewBlockReader(input, true)
	var block Block
	for i := range 100 {
		if err := b.Next(&block); err != nil || i > 0 && len(block.Data) < blockSize/2 || cap(block.Data) > 2*blockSize {
			t.Fatalf("a block of %d bytes, capacity %d, %v", len(block.Data), cap(block.Data), err)
		}
	}
	endless := NewBlockReader(io.MultiReader(strings.NewReader("\""), &repeated{line: []byte("\",\"\n")}), true)
	if err := endless.Next(&block); err != nil || len(block.Data) > 2*MaxLine {
		t.Fatalf("a block of %d bytes, %v", len(block.Data), err)
	}
}

func TestBlockReaderPassesErrorsOn(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, blockSize} {
		f, err := openCSV(io.MultiReader(strings.NewReader("a\n1\n2"), &failing{}), nil, size)
		if err != nil {
			t.Fatal(err)
		}
		got, err := readResults(f)
		if len(got) != 1 || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(err.Error(), "line 3: ") {
			t.Errorf("got %v and %v", got, err)
		}
	}
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
