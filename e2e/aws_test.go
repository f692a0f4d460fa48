package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// callTimeout bounds one call of an AWS API or of ours.
const callTimeout = 30 * time.Second

// call sends a request to an AWS service of the emulator, which reads the service's name from the signature and checks no more of
// it, and returns the answer's body.
func (e *emulator) call(t *testing.T, service, method, path string, headers map[string]string, body string) []byte {
	t.Helper()
	status, answer := e.try(t, service, method, path, headers, body)
	if status/100 != 2 {
		t.Fatalf("%s: %s %s %s: status %d: %s", service, method, path, body, status, answer)
	}
	return answer
}

func (e *emulator) try(t *testing.T, service, method, path string, headers map[string]string, body string) (int, []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(run, callTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, e.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/"+region+"/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

// cloudFormation calls an action of CloudFormation's query API.
func (e *emulator) cloudFormation(t *testing.T, action string, parameters map[string]string, answer any) {
	t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2010-05-15"}}
	for name, value := range parameters {
		form.Set(name, value)
	}
	body := e.call(t, "cloudformation", http.MethodPost, "/", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, form.Encode())
	if answer != nil {
		if err := xml.Unmarshal(body, answer); err != nil {
			t.Fatalf("%s: %v: %s", action, err, body)
		}
	}
}

// json calls an action of a service with a JSON protocol.
func (e *emulator) json(t *testing.T, service, target string, request, answer any) {
	t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	got := e.call(t, service, http.MethodPost, "/", map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}, string(body))
	if err := json.Unmarshal(got, answer); err != nil {
		t.Fatalf("%s: %v: %s", target, err, got)
	}
}

// logLines of a group that hold a text, awaited: the emulator writes them behind the answer.
func (e *emulator) logLines(t *testing.T, group, text string) []string {
	t.Helper()
	for deadline := time.Now().Add(callTimeout); ; time.Sleep(100 * time.Millisecond) {
		var answer struct{ Events []struct{ Message string } }
		e.json(t, "logs", "Logs_20140328.FilterLogEvents", map[string]any{"logGroupName": group, "limit": 10000}, &answer)
		var lines []string
		for _, event := range answer.Events {
			if strings.Contains(event.Message, text) {
				lines = append(lines, strings.TrimSpace(event.Message))
			}
		}
		if len(lines) > 0 {
			return lines
		}
		if time.Now().After(deadline) {
			t.Fatalf("group %s has no line with %q among %d", group, text, len(answer.Events))
		}
	}
}

// lambda calls Lambda's API; path starts behind its date.
func (e *emulator) lambda(t *testing.T, method, path string, request, answer any) {
	t.Helper()
	var body bytes.Buffer
	if request != nil {
		if err := json.NewEncoder(&body).Encode(request); err != nil {
			t.Fatal(err)
		}
	}
	got := e.call(t, "lambda", method, "/2015-03-31"+path, nil, body.String())
	if err := json.Unmarshal(got, answer); err != nil {
		t.Fatalf("lambda %s: %v: %s", path, err, got)
	}
}

// liveVersion is the version that the function's alias names.
func (e *emulator) liveVersion(t *testing.T, function string) string {
	t.Helper()
	var alias struct{ FunctionVersion string }
	e.lambda(t, http.MethodGet, fmt.Sprintf("/functions/%s/aliases/live", function), nil, &alias)
	return alias.FunctionVersion
}
