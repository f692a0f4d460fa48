package table

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Bounds of a sample.
const (
	// MaxSampleBytes is the largest sample file.
	MaxSampleBytes = 512 << 20
	// MaxSampleCells is the largest number of rows times columns.
	MaxSampleCells = 10_000_000
)

// Sample is a file of rows, all in memory.
type Sample struct {
	Names []string
	// Rows have a Value for each name: Null, Cell (from CSV), or what JSON Lines gave. Use Retype to settle a Cell.
	Rows [][]Value
}

// ReadSample reads a .csv file, or a .jsonl file in which every line names the same fields. One wrong row is an error that names its line.
func ReadSample(path string) (*Sample, error) {
	s, err := readSample(path)
	if err != nil {
		return nil, fmt.Errorf("sample %s: %w", path, err)
	}
	return s, nil
}

func readSample(path string) (*Sample, error) {
	data, err := readBounded(path, MaxSampleBytes)
	if err != nil {
		return nil, err
	}
	switch extension := strings.ToLower(filepath.Ext(path)); extension {
	case ".csv":
		r, err := NewCSVReader(Block{data, 1}, nil)
		if err != nil {
			return nil, err
		}
		return collect(r)
	case ".jsonl":
		names, err := firstNames(data)
		if err != nil {
			return nil, err
		}
		r := NewJSONLReader(NewColumns(names))
		r.Reset(Block{data, 1})
		return collect(r)
	default:
		return nil, fmt.Errorf("got the extension %q, .csv or .jsonl is expected", extension)
	}
}

// readBounded reads a file of at most limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%d bytes, at most %d are read", info.Size(), limit)
	}
	return os.ReadFile(path)
}

// RowReader reads the rows of blocks, one block at a time; CSVReader and JSONLReader are its kinds.
type RowReader interface {
	Columns() *Columns
	Reset(Block)
	Read(row []Value) ([]Problem, error)
	Line() int
}

// collect reads all rows.
func collect(r RowReader) (*Sample, error) {
	s := &Sample{Names: r.Columns().Names()}
	width := len(s.Names)
	for {
		row := make([]Value, width)
		problems, err := r.Read(row)
		if errors.Is(err, io.EOF) && len(s.Rows) > 0 {
			return s, nil
		}
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it has a header and no rows: give rows as the pipeline was fitted with, some hundreds if you have them")
		}
		if err != nil {
			return nil, err
		}
		if len(problems) > 0 {
			return nil, sampleError(r.Line(), problems[0])
		}
		if i := slices.IndexFunc(row, func(v Value) bool { return v.Kind == Absent }); i >= 0 {
			return nil, fmt.Errorf("line %d: field %q is missing; write null for a missing value", r.Line(), s.Names[i])
		}
		if s.Rows = append(s.Rows, row); len(s.Rows)*width > MaxSampleCells {
			return nil, fmt.Errorf("more than %d cells: give fewer rows", MaxSampleCells)
		}
	}
}

// sampleError is the problem of a row as an error with its line, which the messages of some problems begin with.
func sampleError(line int, p Problem) error {
	where := fmt.Sprintf("line %d: ", line)
	what := strings.TrimPrefix(p.Message, where)
	if p.Code == UnknownField {
		what = "the first line, which names all fields, does not have it: write it there, null for a missing value"
	}
	if p.Field != "" {
		where += fmt.Sprintf("field %q: ", p.Field)
	}
	return errors.New(where + what)
}

// firstNames returns the names of the object on the first line.
func firstNames(data []byte) ([]string, error) {
	lines := JSONLReader{lines: newLineReader(Block{data, 1})}
	line, err := lines.nextLine()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file has no rows")
	}
	if err != nil {
		return nil, err
	}
	s := scanner{data: line}
	if s.peek() != '{' {
		return nil, fmt.Errorf("line %d: %w", lines.Line(), s.fail("an object of fields"))
	}
	var names []string
	err = s.object(func(name []byte, escaped bool) error {
		if key := text(name, escaped); !slices.Contains(names, key) {
			names = append(names, key)
		}
		return s.skip(2)
	})
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", lines.Line(), err)
	}
	return names, nil
}
