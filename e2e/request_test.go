package e2e

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// endpoint is a stage of a deployed HTTP API.
type endpoint struct {
	url string
	// token is sent with every request unless it is empty.
	token string
}

// endpoint is where the emulator has the stage of an API; the stack's own output is an address of amazonaws.com.
func (e *emulator) endpoint(apiID, stage string) endpoint {
	return endpoint{url: e.url + "/_aws/execute-api/" + apiID + "/" + stage}
}

// answer is what a request got.
type answer struct {
	status  int
	headers http.Header
	body    string
}

// send sends a request with a body of JSON, unless the headers say otherwise.
func (e endpoint) send(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(run, callTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, e.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if e.token != "" {
		request.Header.Set("Authorization", "Bearer "+e.token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(got)}
}

// want checks a status and texts of the body.
func (a answer) want(t *testing.T, what string, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: status %d, want %d: %s", what, a.status, status, a.body)
		return
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s: got %s, want %s in it", what, a.body, text)
		}
	}
}
