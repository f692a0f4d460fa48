package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// batchRows is the number of rows of the large file: its results are several times the 256 KiB that Step Functions passes on.
const batchRows = 6000

// executionTimeout bounds the run of a state machine.
const executionTimeout = 2 * time.Minute

// batches is a deployed state machine with its bucket.
type batches struct {
	*project
	machine, bucket string
}

// execution is how a run of the state machine ended.
type execution struct {
	Status, Output, Error, Cause string
}

// Files of rows in S3, scored by the state machine: what sklambda score answers for them, row by row.
func TestBatch(t *testing.T) {
	t.Parallel()
	p := newProject(t, startEmulator(t, ""))
	before := p.inventory(t)
	config := amd64()
	config["Batch"] = map[string]any{"MaxConcurrency": 4, "ExpireDays": 7}
	d := deployment{environment: "dev", config: config, model: shippedModel()}
	outputs := p.deploy(t, d)
	checkInventory(t, before, p.inventory(t), "bucket", "state machine")
	b := &batches{p, outputs["BatchStateMachine"], outputs["BatchBucket"]}

	checkScored(t, b, d)
	checkBatchFailures(t, b)

	b.empty(t)
	p.destroy(t, d)
	checkGone(t, before, p.inventory(t), retainedByDev...)
}

// rowsAsCSV are rows of the shipped model with a column that it does not have; some have no answer.
func rowsAsCSV() string {
	var b strings.Builder
	b.WriteString("customer,feature_1,feature_2,feature_3\n")
	for i := range batchRows {
		first := fmt.Sprintf("%d.%d", i%10, i%7)
		switch i % 1000 {
		case 3:
			first = ""
		case 5:
			first = "ten"
		}
		fmt.Fprintf(&b, "%05d,%s,%d,%d\n", i, first, i%6, i%2)
	}
	return b.String()
}

// rowsAsJSONL are some of them as JSON Lines.
func rowsAsJSONL() string {
	var b strings.Builder
	for i := range 100 {
		switch i {
		case 3:
			b.WriteString(`{"customer":"3","feature_1":null,"feature_2":1,"feature_3":1}` + "\n")
		case 5:
			b.WriteString(`{"customer":5,"feature_1":"5","feature_2":1,"feature_3":1}` + "\n")
		case 7:
			b.WriteString(`{"customer":"é","feature_2":1}` + "\n")
		default:
			fmt.Fprintf(&b, `{"customer":"c%d","feature_1":%d.25,"feature_2":%d,"feature_3":%d}`+"\n", i, i%10, i%6, i%2)
		}
	}
	return b.String()
}

// checkScored scores a file in either format and compares with the command line.
func checkScored(t *testing.T, b *batches, d deployment) {
	t.Helper()
	for _, tt := range []struct {
		key, format, rows string
		n, least          int // rows, and bytes of results
	}{
		{"input/large.csv", "", rowsAsCSV(), batchRows, 3 * 256 << 10},
		{"input/day 1/rows.txt", "jsonl", rowsAsJSONL(), 100, 0},
	} {
		b.put(t, tt.key, tt.rows)
		input := map[string]any{"key": tt.key, "ids": []string{"customer"}}
		extension := ".csv"
		if tt.format != "" {
			input["format"], extension = tt.format, "."+tt.format
		}
		got := b.run(t, "scored-"+strings.Trim(extension, "."), input)
		if got.Status != "SUCCEEDED" {
			t.Fatalf("%s: %+v", tt.key, got)
		}
		var output struct {
			Rows              int
			Function, Results string
		}
		if err := json.Unmarshal([]byte(got.Output), &output); err != nil || output.Rows != tt.n || !strings.HasSuffix(output.Function, ":1") {
			t.Errorf("%s: the output is %s, want %d rows of version 1", tt.key, got.Output, tt.n)
		}
		results := b.results(t, output.Results, "SUCCEEDED")
		if size := len(strings.Join(results, "")); size < tt.least {
			t.Errorf("%s: results have %d bytes, want more than %d", tt.key, size, tt.least)
		}
		compareWithScore(t, d, tt.rows, extension, results)
		progress(t, "%s: %d rows are those of sklambda score", tt.key, output.Rows)
	}
}

// compareWithScore holds results, which are in any order, against those of sklambda score for the same file.
func compareWithScore(t *testing.T, d deployment, rows, extension string, results []string) {
	t.Helper()
	in, out := filepath.Join(runDir, "rows"+extension), filepath.Join(runDir, "rows"+extension+".scored.jsonl")
	if err := os.WriteFile(in, []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := output(run, root, os.Environ(), filepath.Join(root, "dist", "sklambda"), "score", "--model", d.model, "--in", in, "--out", out, "--id", "customer"); err != nil {
		t.Fatal(err)
	}
	scored, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSuffix(string(scored), "\n"), "\n")
	seen := make([]bool, len(want))
	for _, line := range results {
		var got struct{ Row *int }
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.Row == nil || *got.Row >= len(want) || seen[*got.Row] {
			t.Fatalf("a result is not one of a row: %v: %s", err, line)
		}
		seen[*got.Row] = true
		bare := strings.Replace(line, fmt.Sprintf(`{"row":%d,`, *got.Row), "{", 1)
		if diff := cmp.Diff(decoded(t, want[*got.Row]), decoded(t, bare)); diff != "" { // the emulator writes the same numbers in another form
			t.Errorf("row %d (-want +got):\n%s", *got.Row, diff)
		}
	}
	if missing := slices.Index(seen, false); missing >= 0 || len(results) != len(want) {
		t.Errorf("%d results for %d rows; row %d has none", len(results), len(want), missing)
	}
}

func decoded(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}

// checkBatchFailures starts runs that cannot succeed: each says why, and is not taken for one that did.
func checkBatchFailures(t *testing.T, b *batches) {
	t.Helper()
	b.put(t, "input/other.csv", "feature_1,feature_2,height\n1,2,3\n")
	for _, tt := range []struct {
		name         string
		input        map[string]any
		wantErr      string
		cause        string
		failureCause string // in the file of failures, if there is one
	}{
		{"no-key", map[string]any{}, "BadInput", `"key"`, ""},
		{"elsewhere", map[string]any{"key": "results/x.csv"}, "BadInput", `"key"`, ""},
		{"no-format", map[string]any{"key": "input/rows.txt"}, "BadInput", `"format"`, ""},
		{"no-file", map[string]any{"key": "input/nothing.csv"}, "States.ItemReaderFailed", "nothing.csv", ""},
		{"other-columns", map[string]any{"key": "input/other.csv"}, "States.ExceedToleratedFailureThreshold", "", `the file has the columns \\\"height\\\", which the model does not`},
		{"bad-ids", map[string]any{"key": "input/large.csv", "ids": []string{"customer", "label"}}, "States.ExceedToleratedFailureThreshold", "", `the name of a field of the answers`},
	} {
		got := b.run(t, tt.name, tt.input)
		if got.Status != "FAILED" || got.Error != tt.wantErr || !strings.Contains(got.Cause, tt.cause) {
			t.Errorf("%s: %+v, want %s with %q", tt.name, got, tt.wantErr, tt.cause)
		}
		if tt.failureCause == "" {
			continue
		}
		manifest := slices.IndexFunc(b.keys(t), func(key string) bool {
			return strings.HasPrefix(key, "results/"+tt.name+"/") && strings.HasSuffix(key, "/manifest.json")
		})
		if manifest < 0 {
			t.Errorf("%s: there is no manifest among %q", tt.name, b.keys(t))
			continue
		}
		failures := b.results(t, "s3://"+b.bucket+"/"+b.keys(t)[manifest], "FAILED")
		if len(failures) == 0 || !strings.Contains(failures[0], "EventError") || !strings.Contains(failures[0], tt.failureCause) {
			t.Errorf("%s: failures are %q, want %q", tt.name, failures, tt.failureCause)
		}
	}
}

// run starts the state machine and waits for its end.
func (b *batches) run(t *testing.T, name string, input map[string]any) execution {
	t.Helper()
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	var started struct{ ExecutionArn string }
	b.json(t, "states", "AWSStepFunctions.StartExecution", map[string]any{"stateMachineArn": b.machine, "name": name, "input": string(text)}, &started)
	for deadline := time.Now().Add(executionTimeout); ; time.Sleep(100 * time.Millisecond) {
		var got execution
		b.json(t, "states", "AWSStepFunctions.DescribeExecution", map[string]any{"executionArn": started.ExecutionArn}, &got)
		if got.Status != "RUNNING" {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still running after %s", name, executionTimeout)
		}
	}
}

func (b *batches) path(key string) string {
	return "/" + b.bucket + "/" + strings.ReplaceAll(key, " ", "%20")
}

func (b *batches) put(t *testing.T, key, body string) {
	t.Helper()
	b.call(t, "s3", http.MethodPut, b.path(key), nil, body)
}

// keys of the bucket.
func (b *batches) keys(t *testing.T) []string {
	t.Helper()
	var keys []string
	for _, match := range regexp.MustCompile(`<Key>([^<]+)</Key>`).FindAllSubmatch(b.call(t, "s3", http.MethodGet, "/"+b.bucket+"?list-type=2", nil, ""), -1) {
		keys = append(keys, string(match[1]))
	}
	return keys
}

func (b *batches) empty(t *testing.T) {
	t.Helper()
	for _, key := range b.keys(t) {
		b.call(t, "s3", http.MethodDelete, b.path(key), nil, "")
	}
}

// results are the lines of the files of a kind that a manifest lists.
func (b *batches) results(t *testing.T, manifest, kind string) []string {
	t.Helper()
	key, ok := strings.CutPrefix(manifest, "s3://"+b.bucket+"/")
	if !ok {
		t.Fatalf("the manifest %q is not in the bucket %s", manifest, b.bucket)
	}
	var listed struct {
		ResultFiles map[string][]struct{ Key string }
	}
	if err := json.Unmarshal(b.call(t, "s3", http.MethodGet, b.path(key), nil, ""), &listed); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, file := range listed.ResultFiles[kind] {
		for line := range bytes.Lines(b.call(t, "s3", http.MethodGet, b.path(file.Key), nil, "")) {
			lines = append(lines, strings.TrimSuffix(string(line), "\n"))
		}
	}
	return lines
}
