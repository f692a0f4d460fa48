package table

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseObject(t *testing.T) {
	t.Parallel()
	columns := NewColumns([]string{"age", "name", "ok"})
	tests := []struct {
		name     string
		input    string
		want     []Value
		problems []Problem
	}{
		{"in order", `{"age":1.5,"name":"é","ok":true}`,
			[]Value{{Kind: Number, Float: 1.5}, {Kind: Text, Text: "é"}, {Kind: Boolean, Float: 1}}, nil},
		{"any order, white space", " {\n\t\"ok\" : false , \"age\" : -2 }\r\n",
			[]Value{{Kind: Number, IsInt: true, Int: -2, Float: -2}, {}, {Kind: Boolean}}, nil},
		{"null", `{"age":null,"name":null,"ok":null}`, []Value{{Kind: Null}, {Kind: Null}, {Kind: Null}}, nil},
		{"empty", `{}`, make([]Value, 3), nil},
		{"escapes in names and values", `{"n\u0061me":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`,
			[]Value{{}, {Kind: Text, Text: "\"\\/\b\f\n\r\té😀"}, {}}, nil},
		{"nested", `{"age":[1,{"a":[]}],"name":{"b":null}}`, []Value{{Kind: Other}, {Kind: Other}, {}}, nil},
		{"unknown", `{"age":1,"size":[{}],"":2}`, nil,
			[]Problem{{Field: "size", Code: UnknownField}, {Field: "", Code: UnknownField}}},
		{"duplicate", `{"age":1,"age":1}`, nil, []Problem{{Field: "age", Code: DuplicateField}}},
		{"duplicate by an escape", `{"age":1,"\u0061ge":null}`, nil, []Problem{{Field: "age", Code: DuplicateField}}},
		{"beyond float64", `{"age":-1e400}`, nil, []Problem{{Field: "age", Code: NumberOutOfRange}}},
		{"array", `[1]`, nil, []Problem{{Code: WrongType}}},
		{"number", `1`, nil, []Problem{{Code: WrongType}}},
		{"null itself", `null`, nil, []Problem{{Code: WrongType}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			row := []Value{{Kind: Other}, {Kind: Other}, {Kind: Other}} // left over from another row
			problems, err := columns.ParseObject([]byte(tt.input), row)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.problems, problems, cmpopts.IgnoreFields(Problem{}, "Message")); diff != "" {
				t.Errorf("problems (-want +got)\n%s", diff)
			}
			if tt.problems == nil {
				if diff := cmp.Diff(tt.want, row); diff != "" {
					t.Errorf("row (-want +got)\n%s", diff)
				}
			}
		})
	}
}

func TestParseObjectSyntax(t *testing.T) {
	t.Parallel()
	columns := NewColumns([]string{"age", "name"})
	tests := []struct {
		name, input, want string
	}{
		{"empty", ``, "byte 0: got the end, expected a value"},
		{"NaN", `{"age":NaN}`, `byte 7, in field "age": got "NaN", expected a value`},
		{"Infinity", `{"age":-Infinity}`, `byte 8, in field "age": got "Infinity", expected a digit`},
		{"leading zero", `{"age":01}`, `byte 8: got "1", expected a comma or } after a member`},
		{"plus", `{"age":+1}`, `byte 7, in field "age": got "+", expected a value`},
		{"bare point", `{"age":1.}`, `byte 9, in field "age": got "}", expected a digit after the decimal point`},
		{"exponent", `{"age":1e}`, `byte 9, in field "age": got "}", expected a digit in the exponent`},
		{"cut", `{"age":1`, "byte 8: got the end, expected a comma or } after a member"},
		{"cut string", `{"name":"ab`, `byte 11, in field "name": got the end, expected a closing quote`},
		{"trailing comma", `{"age":1,}`, `byte 9: got "}", expected a name in double quotes`},
		{"single quotes", `{'age':1}`, `byte 1: got "'", expected a name in double quotes`},
		{"no colon", `{"age" 1}`, `byte 7: got "1", expected a colon after a name`},
		{"two values", `{"age":1} {}`, `byte 10: got "{", expected the end of the input`},
		{"trailing zero byte", "{\"age\":1}\x00", `byte 9: got "\x00", expected the end of the input`},
		{"control character", "{\"name\":\"a\nb\"}", `byte 10, in field "name": got "\n", expected no control character in a string: write it as an escape`},
		{"bad escape", `{"name":"\x"}`, `byte 10, in field "name": got "x", expected one of "\/bfnrtu after a backslash`},
		{"bad unicode escape", `{"name":"\u12g4"}`, `byte 9, in field "name": got "\\", expected four hexadecimal digits after \u`},
		{"lone surrogate", `{"name":"a\ud800b"}`, `byte 10, in field "name": \ud800 is half of a surrogate pair, which is no character`},
		{"lone low surrogate", `{"name":"\ude00\ud83d"}`, `byte 9, in field "name": \ude00 is half of a surrogate pair, which is no character`},
		{"invalid UTF-8", "{\"name\":\"ab\xffc\"}", `byte 11, in field "name": the string is not valid UTF-8`},
		{"invalid UTF-8 in a name", "{\"\xc3\":1}", "byte 2: the string is not valid UTF-8"},
		{"byte order mark", "\ufeff{}", "byte 0: got \"\\ufeff\", expected a value"},
		{"deep", `{"age":` + strings.Repeat("[", 100), `byte 70, in field "age": nested more than 64 deep`},
		{"word", `{"age":nul}`, `byte 7, in field "age": got "nul", expected a value`},
		{"long word", `{"age":truetrue}`, `byte 11: got "true", expected a comma or } after a member`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := columns.ParseObject([]byte(tt.input), make([]Value, 2))
			if syntax, ok := errors.AsType[*SyntaxError](err); !ok || syntax.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestParseObjectBoundsProblems(t *testing.T) {
	t.Parallel()
	input := `{"a":` + strings.Repeat(`1,"a":`, 1000) + `1}`
	problems, err := NewColumns([]string{"b"}).ParseObject([]byte(input), make([]Value, 1))
	if err != nil || len(problems) != 100 {
		t.Errorf("got %d problems and %v, want 100", len(problems), err)
	}
}

// TestStringsAreCopies: the caller may use its buffer again.
func TestStringsAreCopies(t *testing.T) {
	t.Parallel()
	data, row := []byte(`{"a":"text"}`), make([]Value, 1)
	if _, err := NewColumns([]string{"a"}).ParseObject(data, row); err != nil {
		t.Fatal(err)
	}
	clear(data)
	if row[0].Text != "text" {
		t.Errorf("got %q after the buffer was cleared", row[0].Text)
	}
}

func TestParseBody(t *testing.T) {
	t.Parallel()
	columns := NewColumns([]string{"a"})
	type seen struct {
		Raw      string
		Value    float64
		Problems int
	}
	tests := []struct {
		name  string
		input string
		want  Body
		rows  []seen
		err   string
	}{
		{"one", ` {"a":1} `, Body{}, []seen{{`{"a":1}`, 1, 0}}, ""},
		{"not an object", `[{"a":1}]`, Body{}, []seen{{`[{"a":1}]`, 0, 1}}, ""},
		{"empty", ``, Body{}, nil, "byte 0"},
		{"batch", `{"instances":[{"a":1}, {"a":2} ]}`, Body{Batch: true}, []seen{{`{"a":1}`, 1, 0}, {`{"a":2}`, 2, 0}}, ""},
		{"batch of none", `{"instances":[]}`, Body{Batch: true}, nil, ""},
		{"escaped name", `{"inst\u0061nces":[{"a":1}]}`, Body{Batch: true}, []seen{{`{"a":1}`, 1, 0}}, ""},
		{"features used", `{"features_used":true,"instances":[{"a":1}]}`, Body{Batch: true, FeaturesUsed: true}, []seen{{`{"a":1}`, 1, 0}}, ""},
		{"features used behind", `{"instances":[{"a":1}],"features_used":true}`, Body{Batch: true, FeaturesUsed: true}, []seen{{`{"a":1}`, 1, 0}}, ""},
		{"wrong elements", `{"instances":[1,{"b":2}]}`, Body{Batch: true}, []seen{{`1`, 0, 1}, {`{"b":2}`, 0, 1}}, ""},
		{"instances is no array", `{"instances":{"a":1}}`, Body{Batch: true, Problems: []Problem{{Field: "instances", Code: WrongType}}}, nil, ""},
		{"other members", `{"instances":[],"x":1,"features_used":1,"instances":[],"features_used":true}`,
			Body{Batch: true, FeaturesUsed: true, Problems: []Problem{
				{Field: "x", Code: UnknownField}, {Field: "features_used", Code: WrongType}, {Field: "instances", Code: DuplicateField}}}, nil, ""},
		{"syntax in a row", `{"instances":[{"a":1},{"a":}]}`, Body{Batch: true}, []seen{{`{"a":1}`, 1, 0}}, `byte 27, in field "a"`},
		{"syntax behind", `{"instances":[{"a":1}]`, Body{Batch: true}, []seen{{`{"a":1}`, 1, 0}}, "byte 22"},
		{"trailing", `{"instances":[]} x`, Body{Batch: true}, nil, "byte 17"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var rows []seen
			body, err := columns.ParseBody([]byte(tt.input), func(e Element) error {
				if e.Index != len(rows) {
					t.Errorf("index is %d, want %d", e.Index, len(rows))
				}
				rows = append(rows, seen{string(e.Raw), e.Row[0].Float, len(e.Problems)})
				return nil
			})
			if diff := cmp.Diff(tt.rows, rows); diff != "" {
				t.Errorf("rows (-want +got)\n%s", diff)
			}
			if tt.err != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tt.err) {
					t.Errorf("got error %v, want %s", err, tt.err)
				}
				return
			}
			if diff := cmp.Diff(tt.want, body, cmpopts.IgnoreFields(Problem{}, "Message")); err != nil || diff != "" {
				t.Errorf("%v, body (-want +got)\n%s", err, diff)
			}
		})
	}
}

// TestParseBodyColumn: an object whose "instances" is a column is a row, unless it is an array.
func TestParseBodyColumn(t *testing.T) {
	t.Parallel()
	columns := NewColumns([]string{"instances"})
	for input, batch := range map[string]bool{`{"instances":5}`: false, `{"instances":{"a":1}}`: false, `{"instances":[]}`: true} {
		body, err := columns.ParseBody([]byte(input), func(Element) error { return nil })
		if err != nil || body.Batch != batch || body.Problems != nil {
			t.Errorf("%s: %+v, %v, want batch %t", input, body, err, batch)
		}
	}
}

func TestParseBodyStops(t *testing.T) {
	t.Parallel()
	stop := errors.New("enough")
	_, err := NewColumns([]string{"a"}).ParseBody([]byte(`{"instances":[{"a":1},{`), func(Element) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of visit", err)
	}
}

func TestAllocations(t *testing.T) { // not parallel: AllocsPerRun counts the whole process
	columns := NewColumns([]string{"a", "b", "c", "d"})
	row := make([]Value, 4)
	object := []byte(`{"d":1e-7,"a":123456789.123456789,"b":true,"c":null}`)
	if n := testing.AllocsPerRun(100, func() {
		if problems, err := columns.ParseObject(object, row); err != nil || problems != nil {
			t.Fatal(problems, err)
		}
	}); n != 0 {
		t.Errorf("ParseObject: %v allocations for a row of numbers, want 0", n)
	}
	text := []byte(`{"a":"x","b":"y","c":"z","d":[1]}`)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := columns.ParseObject(text, row); err != nil {
			t.Fatal(err)
		}
	}); n > 3 {
		t.Errorf("ParseObject: %v allocations for 3 strings, want at most 3", n)
	}
	buffer := make([]byte, 0, 100)
	if n := testing.AllocsPerRun(100, func() {
		buffer = AppendFloat(AppendString(buffer[:0], "a\nb"), math.Pi)
	}); n != 0 {
		t.Errorf("Append: %v allocations, want 0", n)
	}
	input := "a,b,c,d\n" + strings.Repeat("1.5,2,,\"x\"\n", 1000)
	reader, err := NewCSVReader(Block{[]byte(input), 1}, columns)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(500, func() {
		if problems, err := reader.Read(row); err != nil || problems != nil {
			t.Fatal(problems, err)
		}
	}); n != 0 {
		t.Errorf("CSVReader: %v allocations a row, want 0", n)
	}
}

// TestUniqueNamesOfMany has objects of names before and after the set of them becomes a map.
func TestUniqueNamesOfMany(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 3*fewNames; n++ {
		object := "{"
		for i := range n {
			object += fmt.Sprintf(`"n%d":%d,`, i, i)
		}
		if err := UniqueNames([]byte(object + `"":0}`)); err != nil {
			t.Errorf("%d names: %v", n, err)
		}
		for i := range n {
			if err := UniqueNames([]byte(object + fmt.Sprintf(`"n%d":0}`, i))); err == nil {
				t.Errorf("%d names: n%d occurs twice", n, i)
			}
		}
	}
}

func TestUniqueNames(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, data, want string }{
		{"scalar", ` 1 `, ""},
		{"same name in other objects", `{"a":{"a":[{"a":1},{"a":2}]},"b":"a"}`, ""},
		{"twice", `{"a":1,"b":2,"a":3}`, `byte 17, in field "a": "a" occurs twice in its object`},
		{"twice inside", `[0,{"x":[{"a":1,"\u0061":2}]}]`, `"a" occurs twice in its object`},
		{"trailing", `{} {}`, "byte 3: got "},
		{"cut off", `{"a":[1,`, "byte 8"},
		{"too deep", strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1), "nested more than 64 deep"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := UniqueNames([]byte(tt.data))
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestEachMember(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, data, want, wantErr string }{
		{"members", ` { "a" : [1, {"b":2}] , "\u0062":null }`, `a=[1, {"b":2}];b=null;`, ""},
		{"none", `{}`, "", ""},
		{"no object", `[1]`, "", `byte 0: got "[", expected an object`},
		{"nothing", ``, "", "byte 0: got the end"},
		{"trailing", `{"a":1}x`, "a=1;", "byte 7"},
		{"cut off", `{"a":1,"b":`, "a=1;", "got the end, expected a value"},
		{"visit fails", `{"stop":1,"b":2}`, "", "stopped"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			err := EachMember([]byte(tt.data), func(name string, value []byte) error {
				if name == "stop" {
					return errors.New("stopped")
				}
				got += name + "=" + string(value) + ";"
				return nil
			})
			if got != tt.want || tt.wantErr == "" && err != nil || tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr)) {
				t.Errorf("got %q, %v, want %q, %q", got, err, tt.want, tt.wantErr)
			}
		})
	}
}
