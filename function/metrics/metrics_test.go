package metrics

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sklambda/function/api"
)

// definitions is what stands under _aws, as the specification's JSON schema has it.
func definitions(names ...string) map[string]any {
	var list []any
	for _, name := range names {
		unit := "Count"
		if name == Latency {
			unit = "Milliseconds"
		}
		list = append(list, map[string]any{"Name": name, "Unit": unit})
	}
	return map[string]any{"CloudWatchMetrics": []any{map[string]any{
		"Namespace": "sklambda", "Dimensions": []any{[]any{"Function"}}, "Metrics": list,
	}}}
}

// lines reads what was written. The time of a line is checked and taken out.
func lines(t *testing.T, written string) []map[string]any {
	t.Helper()
	var list []map[string]any
	d := json.NewDecoder(bytes.NewReader([]byte(written)))
	for d.More() {
		var line map[string]any
		if err := d.Decode(&line); err != nil {
			t.Fatalf("%v in %s", err, written)
		}
		stamp, _ := line["timestamp"].(string)
		at, err := time.Parse(time.RFC3339Nano, stamp)
		aws, _ := line["_aws"].(map[string]any)
		if err != nil || time.Since(at).Abs() > time.Minute || aws["Timestamp"] != float64(at.UnixMilli()) {
			t.Errorf("the time is %q and %v: %v", stamp, aws["Timestamp"], err)
		}
		delete(line, "timestamp")
		delete(aws, "Timestamp")
		list = append(list, line)
	}
	return list
}

func TestRequest(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	recorder := NewRecorder(&out, "churn-prod", `v"1`)
	recorder.Request(&api.Request{ID: "1", Method: "POST", Route: "/predict", Status: 200, Rows: 3, Took: 1500 * time.Microsecond})
	recorder.Request(&api.Request{ID: "2", Method: "POST", Route: "/predict", Status: 422, Rows: 1, Code: api.WrongType})
	recorder.Request(&api.Request{ID: "3", Route: api.NoRoute, Status: 500, Code: api.Internal})
	all := definitions(Rows, Latency, ClientErrors, ServerErrors, ColdStarts)
	want := []map[string]any{
		{"_aws": all, "Function": "churn-prod", "Rows": 3.0, "Latency": 1.5, "ClientErrors": 0.0, "ServerErrors": 0.0, "ColdStarts": 1.0, "level": "INFO",
			"message": "request", "method": "POST", "route": "/predict", "status": 200.0, "requestId": "1", "modelVersion": `v"1`},
		{"_aws": all, "Function": "churn-prod", "Rows": 1.0, "Latency": 0.0, "ClientErrors": 1.0, "ServerErrors": 0.0, "ColdStarts": 0.0, "level": "INFO",
			"message": "request", "method": "POST", "route": "/predict", "status": 422.0, "requestId": "2", "modelVersion": `v"1`, "errorCode": "wrong_type"},
		{"_aws": all, "Function": "churn-prod", "Rows": 0.0, "Latency": 0.0, "ClientErrors": 0.0, "ServerErrors": 1.0, "ColdStarts": 0.0, "level": "ERROR",
			"message": "request", "method": "", "route": "none", "status": 500.0, "requestId": "3", "modelVersion": `v"1`, "errorCode": "internal"},
	}
	if diff := cmp.Diff(want, lines(t, out.String())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWriteGoldenMismatches(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	WriteGoldenMismatches(&out, "churn-prod", "v2", 7)
	want := []map[string]any{{"_aws": definitions(GoldenMismatches), "Function": "churn-prod", "GoldenMismatches": 7.0, "level": "INFO",
		"message": "golden rows", "modelVersion": "v2"}}
	if diff := cmp.Diff(want, lines(t, out.String())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A line is one write: lines of several requests do not run into each other.
func TestOneWrite(t *testing.T) {
	t.Parallel()
	var out counter
	NewRecorder(&out, "f", "v").Request(&api.Request{Status: 200})
	if out != 1 {
		t.Errorf("%d writes, want 1", out)
	}
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c++; return len(p), nil }

func BenchmarkRequest(b *testing.B) {
	b.ReportAllocs()
	recorder, request := NewRecorder(new(counter), "churn-prod", "v1.0"), &api.Request{ID: "id", Method: "POST", Route: "/predict", Status: 200, Rows: 1}
	for b.Loop() {
		recorder.Request(request)
	}
}
