package batch

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sklambda/function/modeltest"
	"sklambda/model"
)

// artifacts are pipelines of scikit-learn with its own answers.
var artifacts = []string{"../../model/artifact", "../../model/testdata/breast_cancer/artifact", "../../model/testdata/diabetes/artifact",
	"../../model/testdata/penguins/artifact"}

// event makes an event of items.
func event(t *testing.T, items []json.RawMessage, input Input) []byte {
	t.Helper()
	payload, err := json.Marshal(map[string]any{"Items": items, "BatchInput": input})
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// score answers an event and returns its results.
func score(t *testing.T, s *Scorer, payload []byte) []json.RawMessage {
	t.Helper()
	out, rows, err := s.Score(payload)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Results []json.RawMessage }
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatalf("%v: %.300s", err, out)
	}
	if rows != len(answer.Results) {
		t.Fatalf("%d rows, %d results", rows, len(answer.Results))
	}
	return answer.Results
}

// cells writes a row of JSON Lines as Step Functions hands over a row of CSV; ok is false for one that CSV cannot hold.
func cells(t *testing.T, m *model.Manifest, input json.RawMessage) (row json.RawMessage, ok bool) {
	t.Helper()
	var values map[string]any
	d := json.NewDecoder(strings.NewReader(string(input)))
	d.UseNumber()
	if err := d.Decode(&values); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range m.Features {
		switch v := values[f.Name].(type) {
		case nil:
			out[f.Name] = ""
		case string:
			if v == "" {
				return nil, false // an empty cell is missing
			}
			out[f.Name] = v
		default:
			out[f.Name] = fmt.Sprint(v)
		}
	}
	row, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return row, true
}

// Every golden row of every artifact, from JSON Lines and from CSV, in one event each: scikit-learn's answers, errors in their place.
func TestGoldenRows(t *testing.T) {
	t.Parallel()
	for _, dir := range artifacts {
		m, err := model.Open(dir, model.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		for _, format := range []string{"jsonl", "csv"} {
			t.Run(m.Manifest().Name+"/"+format, func(t *testing.T) {
				t.Parallel()
				var items, expected []json.RawMessage
				err := m.EachGolden(t.Context(), func(_ int, g model.GoldenRow) error {
					row, ok := g.Input, true
					if format == "csv" {
						row, ok = cells(t, m.Manifest(), g.Input)
					}
					if ok {
						items, expected = append(items, row), append(expected, g.Expected)
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if len(items) < model.MinGoldenRows*3/4 {
					t.Fatalf("only %d rows", len(items))
				}
				comparer := model.NewComparer(m.Manifest())
				for i, result := range score(t, New(m), event(t, items, Input{Format: format})) {
					if difference := comparer.Compare(expected[i], result); difference != "" {
						t.Errorf("row %d, %s: %s", i, items[i], difference)
					}
				}
			})
		}
	}
}

func TestResults(t *testing.T) {
	t.Parallel()
	s := New(modeltest.Open(t, modeltest.Multiclass(t)))
	const answer = `"label":"Adélie","probability":0.5761168847658291,"probabilities":{"Adélie":0.5761168847658291,"Gen\"too":0.21194155761708544,"C":0.21194155761708544},"decision":[1,0,0]}`
	good := `"island":"α","bill/len~mm":1`
	tests := []struct{ name, input, item, want string }{
		{"plain", `{}`, `{` + good + `}`, `{` + answer},
		{"no BatchInput", `null`, `{` + good + `}`, `{` + answer},
		{"NaN", `{}`, `{"island":"α","bill/len~mm":"NaN"}`, `{` + answer},
		{"id", `{"ids":["k"]}`, `{` + good + `,"k":"007"}`, `{"k":"007",` + answer},
		{"ids as they are", `{"ids":["k","island","n"]}`, `{"n":null,` + good + `,"k":12345678901234567}`, `{"k":12345678901234567,"island":"α","n":null,` + answer},
		{"absent id", `{"ids":["k"]}`, `{` + good + `}`, `{"k":null,` + answer},
		{"indexed", `{"indexed":true,"ids":["k"]}`, `{"row":41,"value":{` + good + `,"k":false}}`, `{"row":41,"k":false,` + answer},
		{"row 0", `{"indexed":true}`, `{"row":0,"value":{` + good + `}}`, `{"row":0,` + answer},
		{"row as an id", `{"ids":["row"]}`, `{` + good + `,"row":5}`, `{"row":5,` + answer},
		{"CSV", `{"format":"csv","ids":["k"]}`, `{"island":"α","bill/len~mm":" 1e0 ","k":"007"}`, `{"k":"007",` + answer},
		{"CSV, missing", `{"format":"csv","ids":["k"]}`, `{"island":"α","bill/len~mm":"","k":""}`, `{"k":null,` + answer},
		{"CSV, no number", `{"format":"csv"}`, `{"island":"α","bill/len~mm":"1,5"}`,
			`{"error":{"code":"wrong_type","field":"bill/len~mm","message":"got \"1,5\", a number is expected"}}`},
		{"JSON Lines, number as a string", `{"format":"jsonl"}`, `{"island":"α","bill/len~mm":"1"}`,
			`{"error":{"code":"wrong_type","field":"bill/len~mm","message":"got a string, a number is expected"}}`},
		{"unknown category", `{"indexed":true,"ids":["k"]}`, `{"row":3,"value":{"island":"γ","bill/len~mm":1,"k":"x"}}`, `{"row":3,"k":"x","error":{"code":"unknown_category",`},
		{"unknown field", `{}`, `{` + good + `,"x":1}`, `{"error":{"code":"unknown_field","field":"x",`},
		{"missing field", `{}`, `{"island":"α"}`, `{"error":{"code":"missing_field","field":"bill/len~mm",`},
		{"field twice", `{}`, `{` + good + `,"island":"β"}`, `{"error":{"code":"duplicate_field","field":"island",`},
		{"half of a surrogate pair", `{"indexed":true}`, `{"row":1,"value":{"island":"\ud800","bill/len~mm":1}}`, `{"row":1,"error":{"code":"lone_surrogate","field":"island",`},
		{"no object", `{}`, `[1,2]`, `{"error":{"code":"wrong_type","field":null,"message":"got an array, an object of fields is expected"}}`},
		{"null", `{"indexed":true}`, `{"row":9,"value":null}`, `{"row":9,"error":{"code":"wrong_type","field":null,`},
		{"id beyond 64 bits", `{"ids":["k"]}`, `{` + good + `,"k":18446744073709551616}`, `{"k":null,"error":{"code":"number_out_of_range","field":"k",`},
		{"id that is a list", `{"ids":["k"]}`, `{` + good + `,"k":[]}`, `{"k":null,"error":{"code":"wrong_type","field":"k",`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := score(t, s, []byte(`{"BatchInput":`+tt.input+`,"Items":[`+tt.item+`,`+tt.item+`]}`))
			if len(got) != 2 || !strings.Contains(string(got[0]), tt.want) || string(got[0]) != string(got[1]) {
				t.Errorf("got %s, want twice\n%s", got, tt.want)
			}
		})
	}
}

// Errors of rows stand in their places, and the rows around them have their answers.
func TestOrder(t *testing.T) {
	t.Parallel()
	s := New(modeltest.Open(t, modeltest.Regression(t)))
	got := score(t, s, []byte(`{"Items":[{"x":"a"},{"x":1},{},{"x":2},{"x":3},7]}`))
	var answers []string
	for _, result := range got {
		var row struct {
			Value json.Number
			Error struct{ Code string }
		}
		if err := json.Unmarshal(result, &row); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, row.Value.String()+row.Error.Code)
	}
	if diff := cmp.Diff([]string{"wrong_type", "3", "missing_field", "5", "7", "wrong_type"}, answers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := score(t, s, []byte(`{"Items":[]}`)); len(got) != 0 {
		t.Errorf("no rows: got %s", got)
	}
}

func TestRefusedEvents(t *testing.T) {
	t.Parallel()
	s := New(modeltest.Open(t, modeltest.Multiclass(t)))
	tests := []struct{ name, input, item, want string }{
		{"format", `{"format":"parquet"}`, `{}`, `format is "parquet", csv or jsonl is allowed`},
		{"slip in a name", `{"id":["k"]}`, `{}`, `unknown field "id"`},
		{"id twice", `{"ids":["k","k"]}`, `{}`, `ids names "k" twice`},
		{"id like an answer", `{"ids":["label"]}`, `{}`, `the id "label" has the name of a field of the answers`},
		{"id like the row", `{"ids":["row"],"indexed":true}`, `{}`, `the id "row" has the name`},
		{"long names of ids", `{"ids":["` + strings.Repeat("k", 249) + `"]}`, `{}`, "257 bytes in the results, 256 are allowed"},
		{"not indexed", `{"indexed":true}`, `{"island":"α"}`, `Items[0]: with "indexed" {"row": number, "value": row} is expected`},
		{"row that is no integer", `{"indexed":true}`, `{"row":1.5,"value":{}}`, `Items[0]: json`},
		{"CSV, other columns", `{"format":"csv"}`, `{"island":"α","bill/len~mm":"1","a":"","b":""}`, `the file has the columns "a", "b", which the model does not`},
		{"CSV, column missing", `{"format":"csv","ids":["k"]}`, `{"island":"α"}`, `the file lacks the columns "bill/len~mm", "k"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, _, err := s.Score([]byte(`{"Items":[` + tt.item + `],"BatchInput":` + tt.input + `}`))
			if _, ok := errors.AsType[*EventError](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %s and the error %v, want %q in it", out, err, tt.want)
			}
			if strings.Contains(fmt.Sprint(err), "α") {
				t.Errorf("the error quotes a value: %v", err)
			}
		})
	}
}

// No result is longer than the bound, with the longest of everything.
func TestLongestResult(t *testing.T) {
	t.Parallel()
	m := modeltest.Open(t, modeltest.Multiclass(t))
	s, bound := New(m), LongestResult(m)
	id := strings.Repeat("k", 248)
	input := `{"indexed":true,"ids":["` + id + `"]}`
	for _, item := range []string{`{"island":"α","bill/len~mm":1}`, `{"island":"γ","bill/len~mm":1}`, `{"island":"α"}`, `{"island":"α","bill/len~mm":1e400}`, `7`} {
		out, _, err := s.Score([]byte(`{"Items":[{"row":-9223372036854775808,"value":` + item + `}],"BatchInput":` + input + `}`))
		if size := len(out) - len(`{"results":[]}`) + len(","); err != nil || size > bound {
			t.Errorf("%s: %v: %d bytes, more than %d: %s", item, err, size, bound, out)
		}
	}
}
