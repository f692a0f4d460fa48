package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// exactInteger is the slow way to tell whether a decimal number is an integer within int64.
func exactInteger(text string) (int64, bool) {
	if _, exponent, ok := strings.Cut(strings.ToLower(text), "e"); ok {
		if n, err := strconv.Atoi(exponent); err != nil || n < -200 || n > 200 {
			mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
			return 0, strings.Trim(mantissa, "+-0.") == ""
		}
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}

// FuzzParseObject holds the parser against encoding/json: what one accepts as JSON the other does, but for the surrogates, the UTF-8 and the depth that are
// stricter here; names that occur twice are problems; values are equal.
func FuzzParseObject(f *testing.F) {
	for _, data := range []string{
		`{"a":1,"b":"x","c":true}`, `{"a":null,"b":"é\n\u00e9\ud83d\ude00","c":-0.5e-3}`, `{"a":1,"a":2}`, `{"\u0061":1e400}`,
		`{"b":[1,{"x":[]}],"d":{}}`, ` { } `, `{"a":01}`, `{"b":"\ud800"}`, "{\"b\":\"\xff\"}", `[1]`, `"x"`, `{"a":1}}`, `{"a":NaN}`, ``,
	} {
		f.Add([]byte(data))
	}
	columns := NewColumns([]string{"a", "b", "c"})
	f.Fuzz(func(t *testing.T, data []byte) {
		row := make([]Value, columns.Len())
		problems, err := columns.ParseObject(data, row)
		if syntax, ok := errors.AsType[*SyntaxError](err); ok && syntax.Code != MalformedJSON {
			if syntax.Code == LoneSurrogate && !bytes.Contains(data, []byte(`\u`)) || syntax.Code == InvalidUTF8 && utf8.Valid(data) {
				t.Fatalf("%q: %v", data, err)
			}
			return
		}
		if valid := json.Valid(data); valid != (err == nil) {
			t.Fatalf("%q: encoding/json says valid is %v, the parser %v", data, valid, err)
		}
		if err != nil || len(problems) > 0 {
			if err == nil && !hasProblem(data, columns) {
				t.Fatalf("%q: %+v", data, problems)
			}
			return
		}
		if hasProblem(data, columns) {
			t.Fatalf("%q: no problem was found", data)
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		for i, name := range columns.Names() {
			compareValue(t, row[i], want[name])
		}
	})
}

// hasProblem is the slow way to tell whether JSON is an object with names that are twice or unknown, or with a number beyond float64.
func hasProblem(data []byte, columns *Columns) bool {
	d := json.NewDecoder(bytes.NewReader(data))
	if token, _ := d.Token(); token != json.Delim('{') {
		return true
	}
	seen := map[string]bool{}
	for d.More() {
		token, _ := d.Token()
		name := token.(string)
		if _, known := columns.Index(name); !known || seen[name] {
			return true
		}
		seen[name] = true
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return true
		}
		if _, err := strconv.ParseFloat(string(raw), 64); errors.Is(err, strconv.ErrRange) {
			return true
		}
	}
	return false
}

func compareValue(t *testing.T, got Value, raw json.RawMessage) {
	t.Helper()
	var v any
	if raw != nil {
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
	}
	want := Value{}
	switch v := v.(type) {
	case nil:
		if raw != nil {
			want.Kind = Null
		}
	case string:
		want = Value{Kind: Text, Text: v}
	case bool:
		want.Kind = Boolean
		if v {
			want.Float = 1
		}
	case float64:
		want = Value{Kind: Number, Float: v, Int: got.Int, IsInt: got.IsInt}
	default:
		want.Kind = Other
	}
	if got != want {
		t.Errorf("%s is %+v, want %+v", raw, got, want)
	}
}

// FuzzCSV holds the reader against encoding/csv, which accepts more and knows neither quotes nor bounds.
func FuzzCSV(f *testing.F) {
	for _, data := range []string{"a,b\n1,2\n", "a\r\n\"x\r\ny\"\r\n", "\ufeffa,b\n,\"\"\n", "a,b\n1\n", "a\n\"", "a,a\n", "a,b\n\"x\"\"y\",z", "a\n\n\n1\n", "a\rb\n"} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := readAll(data)
		if err != nil {
			return
		}
		reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
		reader.FieldsPerRecord = -1
		want, err := reader.ReadAll()
		if err != nil {
			t.Fatalf("%q: encoding/csv refuses what was read: %v", data, err)
		}
		for i := range got {
			for j := range got[i] { // encoding/csv turns CR LF inside quotes into LF
				got[i][j] = strings.ReplaceAll(got[i][j], "\r\n", "\n")
			}
		}
		if len(got[0]) == 1 { // encoding/csv leaves out empty lines, which are rows of one cell here
			got = append(got[:1], withoutEmpty(got[1:])...)
			want = append(want[:1], withoutEmpty(want[1:])...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: (-encoding/csv +got)\n%s", data, diff)
		}
	})
}

// readAll reads the header and all rows as text; missing cells are empty, a row with the wrong number of cells or invalid UTF-8 is an error.
func readAll(data []byte) ([][]string, error) {
	r, err := NewCSVReader(Block{data, 1}, nil)
	if err != nil {
		return nil, err
	}
	rows := [][]string{r.Columns().Names()}
	row := make([]Value, r.Columns().Len())
	for {
		problems, err := r.Read(row)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		if problems != nil {
			return nil, errors.New(problems[0].Message)
		}
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = v.Text
		}
		rows = append(rows, cells)
	}
}

// FuzzCSVBlocks: rows are the same in small blocks as in one, and the same values whether the reader types them or Retype does.
func FuzzCSVBlocks(f *testing.F) {
	for _, data := range []string{"a,b\n1,2\n", "a\r\n\"x\r\ny\"\r\n", "a,b\n-0.5,True\n 1e3,\"7\"\n", "a,b\n1\n", "a\n\"", "a\n\"x\"\"\ny\",z", "a\n\n\n1.50\n", "a\n1.5\rb\n",
		"a,b\n-0.1257302210933933,12\r\n1.5,\n\n3,4,5\n6\n", "a\n123456789012345678\n0.12345678901234567890\n",
		"a,b\nx,1.5\n,2\nä,3\n\"q\",4\nno\"q,5\n y ,6\n" + strings.Repeat("z", windowSize) + ",7\n"} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		one, err := openCSV(bytes.NewReader(data), nil, blockSize)
		many, sameErr := openCSV(bytes.NewReader(data), nil, 1)
		if fmt.Sprint(err) != fmt.Sprint(sameErr) {
			t.Fatalf("%q: %v, in blocks %v", data, err, sameErr)
		}
		if err != nil {
			return
		}
		want, err := readResults(one)
		got, sameErr := readResults(many)
		if diff := cmp.Diff(want, got); diff != "" || fmt.Sprint(err) != fmt.Sprint(sameErr) {
			t.Fatalf("%q: %v, in blocks %v (-one +blocks)\n%s", data, err, sameErr, diff)
		}
		for _, kind := range []Kind{Number, Boolean, Text} {
			if diff := cmp.Diff(retyped(want, kind), readTyped(t, data, kind), cmpopts.EquateNaNs()); diff != "" {
				t.Fatalf("%q, %v: (-Retype +Types)\n%s", data, kind, diff)
			}
		}
		padded := append(slices.Clone(data), strings.Repeat("\n1.5,-2", windowSize)...) // so that windows are whole
		sameBits := cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) })
		for _, kinds := range [][]Kind{{Number}, {Text, Number}, {Number, Text}} {
			want, got := readTyped(t, padded, kinds...), readInputs(t, padded, kinds)
			if diff := cmp.Diff(want, got, sameBits, cmpopts.IgnoreFields(Value{}, "Int", "IsInt")); diff != "" {
				t.Fatalf("%q, %v: (-Read +ReadInputs)\n%s", padded, kinds, diff)
			}
		}
	})
}

// readInputs reads all rows as numbers and texts, up to an error, by ReadInputs where it can. The kinds of the columns repeat.
func readInputs(t *testing.T, data []byte, kinds []Kind) []result {
	t.Helper()
	r, err := NewCSVReader(Block{data, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	width := r.Columns().Len()
	all := slices.Repeat(kinds, width)[:width]
	r.Types(all)
	places := make([]int, width)
	for i, kind := range all {
		places[i] = width - 1 - i
		if kind == Text {
			places[i] = ^places[i]
		}
	}
	r.Inputs(places)
	rows, _ := readResults(&inputReader{r, places})
	return rows
}

// inputReader reads rows of floats and texts as values.
type inputReader struct {
	*CSVReader
	places []int
}

func (r *inputReader) Read(row []Value) ([]Problem, error) {
	floats, texts := make([]float64, len(row)), make([]string, len(row))
	if !r.ReadInputs(floats, texts) {
		return r.CSVReader.Read(row)
	}
	for i, place := range r.places {
		if place < 0 {
			row[i] = Value{Kind: Text, Text: texts[^place]}
		} else {
			row[i] = Value{Kind: Number, Float: floats[place]}
		}
	}
	return nil, nil
}

// retyped applies Retype to rows of cells.
func retyped(rows []result, kind Kind) []result {
	all := slices.Clone(rows)
	for i := range all {
		all[i].Row = slices.Clone(all[i].Row)
		for j, cell := range all[i].Row {
			if v, problem := Retype(cell, kind); problem == nil {
				all[i].Row[j] = v
			}
		}
	}
	return all
}

// readTyped reads all rows with kinds for the columns, which repeat, up to an error.
func readTyped(t *testing.T, data []byte, kinds ...Kind) []result {
	t.Helper()
	r, err := NewCSVReader(Block{data, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	width := r.Columns().Len()
	r.Types(slices.Repeat(kinds, width)[:width])
	rows, _ := readResults(r) // the error has been compared
	return rows
}

func withoutEmpty(rows [][]string) [][]string {
	var kept [][]string
	for _, row := range rows {
		if len(row) != 1 || row[0] != "" {
			kept = append(kept, row)
		}
	}
	return kept
}

// FuzzAppendString holds the writer against the parser and encoding/json.
func FuzzAppendString(f *testing.F) {
	f.Add("a\"\\\n\r\t\x00\x1fé😀\u2028")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		b := AppendString(nil, s)
		var got string
		if err := json.Unmarshal(b, &got); err != nil || got != s {
			t.Errorf("%q: %s reads as %q, %v", s, b, got, err)
		}
		cell := append(AppendCell([]byte("h,i\n1,"), s), '\n')
		rows, err := readAll(cell)
		if err != nil || rows[1][1] != s {
			t.Errorf("%q: the cell %q reads as %q, %v", s, cell, rows, err)
		}
	})
}

// FuzzParseBody: a body is JSON for ParseBody if it is for ParseObject, and rows come in order.
func FuzzParseBody(f *testing.F) {
	for _, data := range []string{`{"a":1}`, `{"instances":[{"a":1},{}]}`, `{"features_used":true,"instances":[1,[]]}`, `{"inst\u0061nces":[],"x":{"instances":[]}}`,
		`{"instances":[{"a":1}`, `{"instances":[],"instances":[{}]}`, `[{"instances":[]}]`} {
		f.Add([]byte(data))
	}
	columns := NewColumns([]string{"a", "b"})
	f.Fuzz(func(t *testing.T, data []byte) {
		rows := 0
		body, err := columns.ParseBody(data, func(e Element) error {
			if e.Index != rows || !json.Valid(e.Raw) {
				t.Errorf("%q: row %d is %d, %q", data, rows, e.Index, e.Raw)
			}
			rows++
			return nil
		})
		row := make([]Value, columns.Len())
		problems, want := columns.ParseObject(data, row)
		if (err == nil) != (want == nil) {
			t.Fatalf("%q: ParseBody says %v, ParseObject %v", data, err, want)
		}
		if err == nil && !body.Batch && rows != 1 {
			t.Errorf("%q: %d rows of one object", data, rows)
		}
		if err == nil && body.Batch && problems == nil {
			t.Errorf("%q: a batch is a row without problems", data)
		}
	})
}
