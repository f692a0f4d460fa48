package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestScore(t *testing.T) {
	t.Parallel()
	const stay, leave = `"label":"stay","probability":0.25,"probabilities":{"stay":0.75,"leave, now":0.25}}`, `"label":"leave, now","probability":0.75,"probabilities":{"stay":0.25,"leave, now":0.75}}`
	tests := []struct {
		name    string
		args    []string
		in      string
		want    string
		summary string
	}{
		{
			name:    "csv to jsonl",
			args:    []string{"--in-format", "csv", "--out-format", "jsonl"},
			in:      "city,age\nBonn,32\nKöln,64\n",
			want:    "{" + stay + "\n{" + leave + "\n",
			summary: "scored 2 rows, 0 with an error, in ",
		},
		{
			name: "jsonl to csv",
			args: []string{"--in-format", "jsonl", "--out-format", "csv"},
			in:   "{\"age\": 32, \"city\": \"Bonn\", \"note\": 1e400}\n\n{\"age\": 64, \"city\": \"K\\u00f6ln\", \"note\": [1]}",
			want: "label,probability,probability_stay,\"probability_leave, now\",error_code,error_field,error_message\n" +
				"stay,0.25,0.75,0.25,,,\n\"leave, now\",0.75,0.25,0.75,,,\n",
		},
		{
			name: "ids in csv",
			args: []string{"--in-format", "csv", "--out-format", "csv", "--id", "key", "--id", "city"},
			in:   "key,age,city,note\n007,32,Bonn,\n,32,Bonn,x\n\"\",32,Bonn,\"\"\n\"a,b\",32,Bonn,y\n",
			want: "key,city,label,probability,probability_stay,\"probability_leave, now\",error_code,error_field,error_message\n" +
				"007,Bonn,stay,0.25,0.75,0.25,,,\n,Bonn,stay,0.25,0.75,0.25,,,\n\"\",Bonn,stay,0.25,0.75,0.25,,,\n\"a,b\",Bonn,stay,0.25,0.75,0.25,,,\n",
		},
		{
			name: "ids in jsonl",
			args: []string{"--in-format", "jsonl", "--out-format", "jsonl", "--id", "key"},
			in: `{"key":9007199254740993,"age":32,"city":"Bonn"}` + "\n" + `{"age":32,"city":"Bonn","key":"x\"y"}` + "\n" +
				`{"key":null,"age":32,"city":"Bonn"}` + "\n" + `{"age":32,"city":"Bonn"}` + "\n" + `{"key":true,"age":32,"city":"Bonn"}`,
			want: `{"key":9007199254740993,` + stay + "\n" + `{"key":"x\"y",` + stay + "\n" + `{"key":null,` + stay + "\n" +
				`{"key":null,` + stay + "\n" + `{"key":true,` + stay + "\n",
		},
		{
			name: "ids of csv in jsonl are text",
			args: []string{"--in-format", "csv", "--out-format", "jsonl", "--id", "age"},
			in:   "city,age\nBonn,32\n",
			want: `{"age":"32",` + stay + "\n",
		},
		{
			name: "no rows to csv",
			args: []string{"--in-format", "csv", "--out-format", "csv"},
			in:   "age,city\n",
			want: "label,probability,probability_stay,\"probability_leave, now\",error_code,error_field,error_message\n",
		},
		{
			name:    "no rows to jsonl",
			args:    []string{"--in-format", "jsonl", "--out-format", "jsonl"},
			summary: "scored 0 rows, 0 with an error",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := runText(t, tt.in, append([]string{"score", "--model", certified(t), "--in", "-", "--out", "-"}, tt.args...)...)
			got.wantSuccess(t)
			if diff := cmp.Diff(tt.want, got.out); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if !strings.Contains(got.err, tt.summary) {
				t.Errorf("stderr is %q, want %q in it", got.err, tt.summary)
			}
		})
	}
}

// TestScoreErrorRows: each wrong row has an error with its code, field and id, between two answers.
func TestScoreErrorRows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, row, code, field, id string
	}{
		{"missing field", `{"key":1,"city":"Bonn"}`, "missing_field", "age", "1"},
		{"null", `{"key":1,"age":null,"city":"Bonn"}`, "missing_value", "age", "1"},
		{"infinite", `{"key":1,"age":"Infinity","city":"Bonn"}`, "not_finite", "age", "1"},
		{"unknown category", `{"key":1,"age":3,"city":"Rom"}`, "unknown_category", "city", "1"},
		{"wrong type", `{"key":1,"age":"3","city":"Bonn"}`, "wrong_type", "age", "1"},
		{"unknown field", `{"key":1,"age":3,"city":"Bonn","size":1}`, "unknown_field", "size", "1"},
		{"duplicate field", `{"key":1,"age":3,"city":"Bonn","age":4}`, "duplicate_field", "age", "1"},
		{"out of range", `{"key":1,"age":1e400,"city":"Bonn"}`, "number_out_of_range", "age", "1"},
		{"not JSON", `{"key":1,"age":NaN}`, "malformed_json", "age", "1"},
		{"not an object", `[1]`, "wrong_type", "", "null"},
		{"id beyond 64 bits", `{"key":12345678901234567890,"age":3,"city":"Bonn"}`, "number_out_of_range", "key", "null"},
		{"id that is a list", `{"key":[1],"age":3,"city":"Bonn"}`, "wrong_type", "key", "null"},
	}
	dir := certified(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const good = `{"key":"k","age":32,"city":"Bonn"}`
			got := runText(t, good+"\n"+tt.row+"\n"+good+"\n", "score", "--model", dir, "--in", "-", "--out", "-", "--in-format", "jsonl", "--out-format", "jsonl", "--id", "key")
			got.wantSuccess(t)
			lines := strings.Split(strings.TrimSpace(got.out), "\n")
			if len(lines) != 3 || !strings.Contains(lines[0], `"label"`) || !strings.Contains(lines[2], `"label"`) || !strings.Contains(got.err, "3 rows, 1 with an error") {
				t.Fatalf("got %q, %q; want an error between two answers", got.out, got.err)
			}
			var row map[string]json.RawMessage
			var problem struct{ Code, Field, Message string }
			if err := errors.Join(json.Unmarshal([]byte(lines[1]), &row), json.Unmarshal(row["error"], &problem)); err != nil {
				t.Fatalf("%s: %v", lines[1], err)
			}
			if len(row) != 2 || problem.Code != tt.code || problem.Field != tt.field || problem.Message == "" {
				t.Errorf("row is %s, want code %s and field %q", lines[1], tt.code, tt.field)
			}
			if id := string(row["key"]); id != tt.id {
				t.Errorf("the id is %s, want %s", id, tt.id)
			}
		})
	}
}

func TestScoreErrorRowsInCSV(t *testing.T) {
	t.Parallel()
	got := runText(t, "age,city,key\n32,Bonn,a\n,Bonn,b\nold,Bonn,c\n1,2\n32,Rom,d\n32,Bonn,e\n",
		"score", "--model", certified(t), "--in", "-", "--out", "-", "--in-format", "csv", "--out-format", "csv", "--id", "key")
	got.wantSuccess(t)
	var begins []string
	for _, line := range strings.Split(strings.TrimSpace(got.out), "\n")[1:] {
		cells := strings.SplitN(line, ",", 8)
		begins = append(begins, strings.Join(cells[:7], ","))
	}
	want := []string{"a,stay,0.25,0.75,0.25,,", "b,,,,,missing_value,age", "c,,,,,wrong_type,age", ",,,,,wrong_cell_count,", "d,,,,,unknown_category,city", "e,stay,0.25,0.75,0.25,,"}
	if diff := cmp.Diff(want, begins); diff != "" {
		t.Errorf("rows up to the message (-want +got):\n%s", diff)
	}
}

// TestScoreNumbers: numbers alone are read straight into the batch, beside an id they are read value by value: the answers are the same.
func TestScoreNumbers(t *testing.T) {
	t.Parallel()
	rows := []string{"-0.1257302210933933,64,1", "1e3,64,1", "\"1.5\",64,0", " 1.5,64,0", "inf,1,1", ",1,1", "x,1,1", "1,2", "1,2,3,4",
		"0.5,9007199254740993,00000000000000000000007", "0.12345678901234567890123,-0,+5", "1.7976931348623157e308,1,1e400", "12345678.5,3,4\r", "\"1\n\",2,3"}
	var text strings.Builder
	text.WriteString("feature_1,feature_2,feature_3\n")
	for i := range 6000 {
		if i%3 == 0 {
			text.WriteString(rows[i%997%len(rows)] + "\n")
		} else {
			fmt.Fprintf(&text, "%v,%d,%d\n", float64(i-3000)/700, i%50, i%2)
		}
	}
	folder := t.TempDir()
	in, out := filepath.Join(folder, "rows.csv"), filepath.Join(folder, "answers.jsonl")
	writeText(t, in, text.String())
	answers := func(args ...string) string {
		runText(t, "", append([]string{"score", "--model", filepath.Join("..", "..", "model", "artifact"), "--in", in, "--out", out}, args...)...).wantSuccess(t)
		return readText(t, out)
	}
	want := regexp.MustCompile(`"feature_3":(null|"[^"]*"),`).ReplaceAllString(answers("--id", "feature_3"), "")
	if diff := cmp.Diff(want, answers()); diff != "" {
		t.Errorf("answers without an id (-with +without):\n%s", diff)
	}
	if n := strings.Count(want, "\n"); n != 6000 {
		t.Errorf("%d answers, want 6000", n)
	}
}

// TestScoreOverItsRows: neither by name nor through standard input are the answers written over the rows.
func TestScoreOverItsRows(t *testing.T) {
	t.Parallel()
	dir, rows := certified(t), filepath.Join(t.TempDir(), "rows.csv")
	writeText(t, rows, "age,city\n1,Bonn\n")
	const want = "is the file of the rows, which the answers would replace: name another file"
	runText(t, "", "score", "--model", dir, "--in", rows, "--out", rows).wantFailure(t, exitFailed, want)
	file, err := os.Open(rows)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := apart(file, rows); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("standard input from %s: got %v, want %s", rows, err, want)
	}
	if text := readText(t, rows); text != "age,city\n1,Bonn\n" {
		t.Errorf("the rows are now %q", text)
	}
}

// TestScoreIntoNoFolder: the message names the flag and what has to be.
func TestScoreIntoNoFolder(t *testing.T) {
	t.Parallel()
	rows, out := filepath.Join(t.TempDir(), "rows.csv"), filepath.Join(t.TempDir(), "none", "out.csv")
	writeText(t, rows, "age,city\n1,Bonn\n")
	runText(t, "", "score", "--model", certified(t), "--in", rows, "--out", out).wantFailure(t, exitFailed, "--out "+out+": its folder has to exist")
}

// TestScoreRefused: nothing is written, and what was there stays.
func TestScoreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, in string
		args           []string
		want           []string
	}{
		{"unknown columns", "rows.csv", "age,city,target,x\n1,Bonn,0,0\n", nil, []string{`"target", "x": leave them out, or copy them as ids`}},
		{"unknown columns of JSON Lines", "rows.jsonl", `{"age":1,"city":"Bonn","target":0}`, nil, []string{"line 1", `"target"`, "--id"}},
		{"missing column", "rows.csv", "age\n1\n", nil, []string{`lacks the columns "city"`}},
		{"missing column, no rows", "rows.csv", "age\n", nil, []string{`lacks the columns "city"`}},
		{"missing id", "rows.csv", "age,city\n1,Bonn\n", []string{"--id", "key"}, []string{`lacks the columns "key"`}},
		{"id twice", "rows.csv", "age,city\n1,Bonn\n", []string{"--id", "age", "--id", "age"}, []string{`"age" is given twice`}},
		{"id named as a field", "rows.csv", "age,city,label\n1,Bonn,1\n", []string{"--id", "label"}, []string{"--id label"}},
		{"empty file", "rows.csv", "", nil, []string{"header row"}},
		{"open quote", "rows.csv", "age,city\n1,Bonn\n2,\"Bonn\n", nil, []string{"line 3", "not closed"}},
		{"open quote behind many rows", "rows.csv", "age,city\n" + strings.Repeat("1,Bonn\n\n", 50_000) + "2,\"Bonn\n", nil, []string{"line 100002", "not closed"}},
		{"unknown format", "rows.txt", "age,city\n", nil, []string{`"txt"`, "csv or jsonl", "--in-format"}},
	}
	dir := certified(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			work := t.TempDir()
			in, out := filepath.Join(work, tt.file), filepath.Join(work, "out.jsonl")
			writeText(t, in, tt.in)
			writeText(t, out, "old")
			got := runText(t, "", append([]string{"score", "--model", dir, "--in", in, "--out", out}, tt.args...)...)
			got.wantFailure(t, exitFailed, tt.want...)
			if text := readText(t, out); text != "old" {
				t.Errorf("the output is now %q", text)
			}
			wantFiles(t, work, "out.jsonl", tt.file)
		})
	}
}

// TestScoreMany: more rows than chunks hold keep their order, and the file appears under its name.
func TestScoreMany(t *testing.T) {
	t.Parallel()
	const rows = 20_000
	work := t.TempDir()
	var in strings.Builder
	in.WriteString("n,age,city\n")
	for i := range rows {
		fmt.Fprintf(&in, "%d,%d,Bonn\n", i, i%64)
	}
	writeText(t, filepath.Join(work, "rows.csv"), in.String())
	out := filepath.Join(work, "out.csv")
	got := runText(t, "", "score", "--model", certified(t), "--in", filepath.Join(work, "rows.csv"), "--out", out, "--id", "n")
	got.wantSuccess(t)
	lines := strings.Split(strings.TrimSpace(readText(t, out)), "\n")[1:]
	if len(lines) != rows {
		t.Fatalf("got %d rows, want %d", len(lines), rows)
	}
	for i, line := range lines {
		p := float64(i%64) / 128
		if want := fmt.Sprintf("%d,stay,%v,%v,%v,,,", i, p, 1-p, p); line != want {
			t.Fatalf("row %d is %s, want %s", i, line, want)
		}
	}
	wantFiles(t, work, "out.csv", "rows.csv")
}

// TestScoreDevice: a device is written, not replaced; a link is followed.
func TestScoreDevice(t *testing.T) {
	t.Parallel()
	dir, work := certified(t), t.TempDir()
	runText(t, "age,city\n1,Bonn\n", "score", "--model", dir, "--in", "-", "--in-format", "csv", "--out", os.DevNull, "--out-format", "csv").wantSuccess(t)
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		t.Fatalf("%s is now %v, %v", os.DevNull, info, err)
	}
	writeText(t, filepath.Join(work, "real.jsonl"), "old")
	link := filepath.Join(work, "link.jsonl")
	if err := os.Symlink("real.jsonl", link); err != nil {
		t.Fatal(err)
	}
	runText(t, "age,city\n32,Bonn\n", "score", "--model", dir, "--in", "-", "--in-format", "csv", "--out", link).wantSuccess(t)
	if text := readText(t, filepath.Join(work, "real.jsonl")); !strings.HasPrefix(text, `{"label":"stay"`) {
		t.Errorf("the file behind the link holds %q", text)
	}
	if target, err := os.Readlink(link); err != nil || target != "real.jsonl" {
		t.Errorf("the link is now %q, %v", target, err)
	}
	runText(t, "age,city\n", "score", "--model", dir, "--in", "-", "--in-format", "csv", "--out", work, "--out-format", "csv").wantFailure(t, exitFailed, "is a folder")
}

func TestScoreUncertified(t *testing.T) {
	t.Parallel()
	got := runText(t, "age,city\n32,Bonn\n", "score", "--model", churn(t, "v1", nil), "--in", "-", "--in-format", "csv", "--out", "-", "--out-format", "jsonl")
	got.wantSuccess(t)
	if !strings.Contains(got.err, "warning: not certified: ") || strings.Count(got.out, "\n") != 1 {
		t.Errorf("stderr is %q, stdout %q", got.err, got.out)
	}
}

// errFull is what a full disk says.
var errFull = errors.New("no space left")

// fullWriter takes some bytes and then no more.
type fullWriter struct{ room int }

func (w *fullWriter) Write(p []byte) (int, error) {
	if w.room -= len(p); w.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestScoreFullDisk(t *testing.T) {
	t.Parallel()
	var err bytes.Buffer
	in := strings.NewReader("age,city\n" + strings.Repeat("32,Bonn\n", 5000))
	args := []string{"score", "--model", certified(t), "--in", "-", "--in-format", "csv", "--out", "-", "--out-format", "jsonl"}
	status := run(t.Context(), args, stdio{in: in, out: &fullWriter{room: 100_000}, err: &err})
	if status != exitFailed || !strings.Contains(err.String(), errFull.Error()) {
		t.Errorf("status %d, stderr %q", status, err.String())
	}
}

// TestScoreInterrupted: a signal ends a run that waits for a pipe, and leaves nothing behind.
func TestScoreInterrupted(t *testing.T) {
	t.Parallel()
	dir, work := certified(t), t.TempDir()
	in, feed := io.Pipe()
	defer feed.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	go func() {
		io.WriteString(feed, "age,city\n"+strings.Repeat("32,Bonn\n", 2000))
		cancel()
	}()
	var err bytes.Buffer
	args := []string{"score", "--model", dir, "--in", "-", "--in-format", "csv", "--out", filepath.Join(work, "out.jsonl")}
	status := run(ctx, args, stdio{in: in, out: io.Discard, err: &err})
	if status != exitFailed || !strings.Contains(err.String(), "interrupted") {
		t.Errorf("status %d, stderr %q", status, err.String())
	}
	wantFiles(t, work)
}

// TestScoreProgress: rows are counted on a terminal, and nowhere else.
func TestScoreProgress(t *testing.T) {
	t.Parallel()
	dir := certified(t)
	for _, terminal := range []bool{false, true} {
		var err bytes.Buffer
		args := []string{"score", "--model", dir, "--in", "-", "--in-format", "csv", "--out", "-", "--out-format", "csv"}
		status := run(t.Context(), args, stdio{in: strings.NewReader("age,city\n32,Bonn\n"), out: io.Discard, err: &err, terminal: terminal})
		if status != exitOK || strings.Contains(err.String(), "\r1 rows") != terminal {
			t.Errorf("terminal %v: status %d, stderr %q", terminal, status, err.String())
		}
	}
}

func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// wantFiles checks which files a folder holds.
func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files in the folder (-want +got):\n%s", diff)
	}
}
