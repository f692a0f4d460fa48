package table

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func writeSample(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSampleInfer(t *testing.T) {
	t.Parallel()
	type column = Inferred
	tests := []struct {
		name, file, content string
		want                []column
	}{
		{"csv", "s.csv", "i,f,b,s,mixed,none,nan\n1,0.5,True,x,1,,1\n2,,false,,x,,nan\n\"3.0\",inf,True,\"\",2,,2\n", []column{
			{Kind: Number, Integers: true, Finite: []float64{1, 2, 3}}, {Kind: Number, Nullable: true, Finite: []float64{0.5}}, {Kind: Boolean},
			{Kind: Text, Nullable: true}, {Kind: Text, Odd: "x", OddRow: 2}, {Kind: Absent, Nullable: true},
			{Kind: Number, Nullable: true, Integers: true, Finite: []float64{1, 2}}}},
		{"all nan", "s.CSV", "a\nnan\n", []column{{Kind: Number, Nullable: true}}},
		{"ascending, without what is beyond float64", "s.csv", "a\n3\n-1e400\n-0.5\n1\n", []column{{Kind: Number, Finite: []float64{-0.5, 1, 3}}}},
		{"number and boolean", "s.csv", "a\n1\nTrue\n", []column{{Kind: Text, Odd: "True", OddRow: 2}}},
		{"jsonl", "s.jsonl", `{"i":1,"f":"NaN","b":true,"s":"1","w":"NaN"}` + "\n" + `{"s":null,"i":2,"f":2.5,"b":false,"w":"x"}` + "\n", []column{
			{Kind: Number, Integers: true, Finite: []float64{1, 2}}, {Kind: Number, Nullable: true, Finite: []float64{2.5}}, {Kind: Boolean},
			{Kind: Text, Nullable: true}, {Kind: Text}}},
		{"jsonl, strings that spell numbers only", "s.jsonl", `{"a":"NaN"}`, []column{{Kind: Text}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := ReadSample(writeSample(t, tt.file, tt.content))
			if err != nil {
				t.Fatal(err)
			}
			var got []column
			for i := range s.Names {
				got = append(got, s.Infer(i))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestReadSampleRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, content, want string }{
		{"extension", "s.txt", "a\n1\n", `got the extension ".txt", .csv or .jsonl is expected`},
		{"ragged", "s.csv", "a,b\n1,2\n1\n", "s.csv: line 3: 1 cells, the header has 2"},
		{"not UTF-8", "s.csv", "a,b\n1,\xff\n", `s.csv: line 2: field "b": the cell is not valid UTF-8: save the file as UTF-8`},
		{"a header alone", "s.csv", "a,b\n", "it has a header and no rows: give rows as the pipeline was fitted with, some hundreds if you have them"},
		{"no rows", "s.jsonl", "\n", "the file has no rows"},
		{"not an object", "s.jsonl", "\n[1]", `line 2: byte 0: got "[", expected an object of fields`},
		{"missing name", "s.jsonl", "{\"a\":1,\"b\":2}\n{\"a\":1}\n", `line 2: field "b" is missing; write null for a missing value`},
		{"unknown name", "s.jsonl", "{\"a\":1}\n{\"b\":1}\n", `line 2: field "b": the first line, which names all fields, does not have it: write it there, null for a missing value`},
		{"twice", "s.jsonl", "{\"a\":1,\"a\":1}\n", `line 1: field "a": the field occurs twice`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ReadSample(writeSample(t, tt.file, tt.content))
			if err == nil || !strings.HasSuffix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
