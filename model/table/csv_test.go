package table

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// cell is what a CSV reader gives for text.
func cell(text string) Value { return Value{Kind: Cell, Text: text} }

var null = Value{Kind: Null}

// result is a row, or what stands for it.
type result struct {
	Row      []Value
	Problems []string
	Line     int
}

func readResults(r RowReader) ([]result, error) {
	var all []result
	for {
		row := make([]Value, r.Columns().Len())
		problems, err := r.Read(row)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		out := result{Row: row, Line: r.Line()}
		for _, p := range problems {
			out.Row = nil
			out.Problems = append(out.Problems, p.Code+" "+p.Field+": "+p.Message)
		}
		all = append(all, out)
	}
}

func TestCSVReader(t *testing.T) {
	t.Parallel()
	ab := NewColumns([]string{"a", "b"})
	long := strings.Repeat("x", 100_000)
	tests := []struct {
		name    string
		columns *Columns
		input   string
		want    []result
		wantErr string
	}{
		{"plain", nil, "a,b\n1, x \n", []result{{[]Value{cell("1"), cell(" x ")}, nil, 2}}, ""},
		{"no end of line", nil, "a,b\n1,2", []result{{[]Value{cell("1"), cell("2")}, nil, 2}}, ""},
		{"CR LF, byte order mark", nil, "\ufeffa,b\r\n1,2\r\n", []result{{[]Value{cell("1"), cell("2")}, nil, 2}}, ""},
		{"order of the columns", ab, "b,a\n1,2\n", []result{{[]Value{cell("2"), cell("1")}, nil, 2}}, ""},
		{"absent column", ab, "b\n1\n", []result{{[]Value{{}, cell("1")}, nil, 2}}, ""},
		{"missing and empty", nil, "a,b\n,\"\"\n\"\",\n", []result{{[]Value{null, cell("")}, nil, 2}, {[]Value{cell(""), null}, nil, 3}}, ""},
		{"quotes", nil, "a,\"b\"\n\"x,\"\"y\"\"\",\"l1\nl2\r\n\"\nz,\"\"\"\"\n",
			[]result{{[]Value{cell(`x,"y"`), cell("l1\nl2\r\n")}, nil, 2}, {[]Value{cell("z"), cell(`"`)}, nil, 5}}, ""},
		{"empty lines", nil, "a,b\n\n1,2\n\r\n\n", []result{{[]Value{cell("1"), cell("2")}, nil, 3}}, ""},
		{"empty lines of one column", nil, "a\n\n1\n\"\"\n", []result{{[]Value{null}, nil, 2}, {[]Value{cell("1")}, nil, 3}, {[]Value{cell("")}, nil, 4}}, ""},
		{"ragged", nil, "a,b\n1\n1,2,3\n1,2\n", []result{
			{nil, []string{"wrong_cell_count : line 2: 1 cells, the header has 2"}, 2},
			{nil, []string{"wrong_cell_count : line 3: 3 cells, the header has 2"}, 3},
			{[]Value{cell("1"), cell("2")}, nil, 4}}, ""},
		{"invalid UTF-8", nil, "a,b\n1,\xff\n1,2\n", []result{
			{nil, []string{"invalid_utf8 b: line 2: the cell is not valid UTF-8: save the file as UTF-8"}, 2}, {[]Value{cell("1"), cell("2")}, nil, 3}}, ""},
		{"line longer than the buffer", nil, "a,b\n" + long + ",\"" + long + "\"\n1,2", []result{
			{[]Value{cell(long), cell(long)}, nil, 2}, {[]Value{cell("1"), cell("2")}, nil, 3}}, ""},
		{"cell too large", nil, "a\n" + strings.Repeat("x", MaxCell+1), nil, "line 2, column 1: the cell is larger than 1048576 bytes"},
		{"quoted cell too large", nil, "a\n\"" + strings.Repeat("x\n", MaxCell), nil,
			"line 2, column 1: the cell is larger than 1048576 bytes, or its closing quote is missing"},
		{"line too long", nil, "a\n" + strings.Repeat(long+",", MaxLine/len(long)+1), nil, "line 2: longer than 16777216 bytes"},
		{"row too long", nil, "a\n" + strings.Repeat("\""+long+"\n\",", MaxLine/len(long)+1), nil, "line 2: longer than 16777216 bytes"},
		{"row far too long", nil, "a\n" + strings.Repeat("\""+long+"\n\",", 4*MaxLine/len(long)), nil, "line 2: longer than 16777216 bytes"},
		{"far too large cell", nil, "a\n" + strings.Repeat("x", 4*MaxLine), nil, "line 2, column 1: the cell is larger than 1048576 bytes"},
		{"carriage return at the end", nil, "a\n1\r", nil, `line 2, column 1: '\r' in a cell without quotes: put the cell in double quotes and double the quotes in it`},
		{"quote in a cell", nil, "a,b\n1,5\"\n", nil, `line 2, column 2: '"' in a cell without quotes: put the cell in double quotes and double the quotes in it`},
		{"carriage returns", nil, "a,b\r1,2\r", nil, `line 1, column 2: '\r' in a cell without quotes: put the cell in double quotes and double the quotes in it`},
		{"text behind quotes", nil, "a,b\n\"1\"x,2\n", nil, `line 2, column 1: 'x' after the closing quote of the cell, a comma or the end of the line is expected`},
		{"open quotes", nil, "a,b\n1,2\n3,\"x\ny\n", nil, "line 3, column 2: the quotes of the cell are not closed: the file ends on line 4"},
		{"empty file", nil, "", nil, "line 1: the file is empty, a header row is expected"},
		{"empty header", nil, "\na\n", nil, "line 1: the line is empty, a header row is expected"},
		{"duplicate name", nil, "a,b,a\n", nil, `line 1, column 3: the name "a" is that of column 1 as well`},
		{"header not UTF-8", nil, "a,\xff\n", nil, "line 1, column 2: the name is not valid UTF-8: save the file as UTF-8"},
		{"unknown names", ab, "a,c,b,d\n", nil, `line 1: unknown columns "c", "d": leave them out, or copy them as ids; the columns are "a", "b"`},
		{"semicolons", ab, "a;b\n1;2\n", nil, `line 1: found ';' between the names of the header, want a comma: write the file with commas between the cells`},
		{"tabs", ab, "a\tb\n1\t2\n", nil, `line 1: found '\t' between the names of the header, want a comma: write the file with commas between the cells`},
		{"a semicolon in a name", NewColumns([]string{"a;b"}), "a;b\n1\n", []result{{[]Value{cell("1")}, nil, 2}}, ""},
		{"too many columns", nil, strings.Repeat(",", MaxColumns) + "\n", nil, "line 1, column 65537: more than 65536 columns"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, size := range []int{1, blockSize} {
				var got []result
				r, err := openCSV(strings.NewReader(tt.input), tt.columns, size)
				if err == nil {
					got, err = readResults(r)
				}
				if tt.wantErr != "" {
					if err == nil || err.Error() != tt.wantErr {
						t.Errorf("blocks of %d bytes: got error %v, want %s", size, err, tt.wantErr)
					}
					continue
				}
				if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
					t.Errorf("blocks of %d bytes: %v (-want +got)\n%s", size, err, diff)
				}
			}
		})
	}
}

func TestJSONLReader(t *testing.T) {
	t.Parallel()
	input := "{\"a\":1}\r\n\n  \n{\"a\":}\n{\"b\":1}\n{\"a\":\"x\"}"
	for _, size := range []int{1, blockSize} {
		got, err := readResults(openJSONL(strings.NewReader(input), NewColumns([]string{"a"}), size))
		want := []result{
			{[]Value{{Kind: Number, IsInt: true, Int: 1, Float: 1}}, nil, 1},
			{nil, []string{`malformed_json a: line 4, byte 5: got "}", expected a value`}, 4},
			{nil, []string{"unknown_field b: the model has no such field"}, 5},
			{[]Value{{Kind: Text, Text: "x"}}, nil, 6},
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("blocks of %d bytes: %v (-want +got)\n%s", size, err, diff)
		}
	}
}

func TestRetype(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   Value
		want Kind
		out  Value
		code string
	}{
		{"integer", cell("12"), Number, Value{Kind: Number, IsInt: true, Int: 12, Float: 12}, ""},
		{"exponent", cell("1e5"), Number, Value{Kind: Number, IsInt: true, Int: 1e5, Float: 1e5}, ""},
		{"spaces", cell(" -0.5\t"), Number, Value{Kind: Number, Float: -0.5}, ""},
		{"inf", cell("inf"), Number, Value{Kind: Number, Float: math.Inf(1)}, ""},
		{"-inf", cell("-inf"), Number, Value{Kind: Number, Float: math.Inf(-1)}, ""},
		{"Infinity", cell("+Infinity"), Number, Value{Kind: Number, Float: math.Inf(1)}, ""},
		{"nan", cell("nan"), Number, Value{Kind: Number, Float: math.NaN()}, ""},
		{"beyond float64", cell("1e400"), Number, Value{}, NumberOutOfRange},
		{"text", cell("1 000"), Number, Value{}, WrongType},
		{"empty", cell(""), Number, Value{}, WrongType},
		{"boolean as number", cell("True"), Number, Value{}, WrongType},
		{"True", cell("True"), Boolean, Value{Kind: Boolean, Float: 1}, ""},
		{"false", cell("false"), Boolean, Value{Kind: Boolean}, ""},
		{"TRUE", cell("TRUE"), Boolean, Value{}, WrongType},
		{"number as boolean", cell("1"), Boolean, Value{}, WrongType},
		{"string", cell("1"), Text, Value{Kind: Text, Text: "1"}, ""},
		{"null", null, Number, null, ""},
		{"JSON value", Value{Kind: Boolean}, Number, Value{Kind: Boolean}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, problem := Retype(tt.in, tt.want)
			if problem != nil {
				if problem.Code != tt.code {
					t.Errorf("got %+v, want %q", problem, tt.code)
				}
				return
			}
			if diff := cmp.Diff(tt.out, got, cmpopts.EquateNaNs()); tt.code != "" || diff != "" {
				t.Errorf("want code %q (-want +got)\n%s", tt.code, diff)
			}
		})
	}
}

func TestAppendFloat(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "-0.0"}, {1, "1"}, {-2.5, "-2.5"}, {0.30000000000000004, "0.30000000000000004"},
		{1e-6, "0.000001"}, {9.5e-7, "9.5e-7"}, {5e-324, "5e-324"}, {1e20, "100000000000000000000"}, {1e21, "1e+21"},
		{-1.7976931348623157e308, "-1.7976931348623157e+308"},
		{math.NaN(), `"NaN"`}, {math.Inf(1), `"Infinity"`}, {math.Inf(-1), `"-Infinity"`},
	}
	for _, tt := range tests {
		if got := string(AppendFloat(nil, tt.in)); got != tt.want {
			t.Errorf("AppendFloat(%v) = %s, want %s", tt.in, got, tt.want)
		}
		want := strings.Trim(tt.want, `"`)
		if got := string(AppendCellFloat([]byte("x"), tt.in)); got != "x"+want {
			t.Errorf("AppendCellFloat(%v) = %s, want x%s", tt.in, got, want)
		}
	}
}

func TestAppendValue(t *testing.T) {
	t.Parallel()
	columns := NewColumns([]string{"a"})
	for _, tt := range []struct{ in, want string }{
		{"10", "10"}, {"10.0", "10"}, {"9007199254740993", "9007199254740993"}, {"-0", "-0.0"}, {"0.10", "0.1"},
		{"true", "true"}, {"false", "false"}, {"null", "null"}, {`"\u0041"`, `"A"`}, {"[1]", "null"},
	} {
		row := make([]Value, 1)
		if _, err := columns.ParseObject([]byte(`{"a":`+tt.in+`}`), row); err != nil {
			t.Fatal(err)
		}
		if got := AppendValue(nil, row[0]); !bytes.Equal(got, []byte(tt.want)) {
			t.Errorf("%s is written as %s, want %s", tt.in, got, tt.want)
		}
	}
}
