package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"sklambda/function/api"
	"sklambda/function/web/nethttp"
	"sklambda/model"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	got := runText(t, "", "verify", "--model", certified(t))
	got.wantSuccess(t)
	for _, want := range []string{"golden rows: 200 replayed, 3 undecided\n", "largest error of probabilities: 0, allowed is none: every bit counts\n"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("stdout is %q, want %q in it", got.out, want)
		}
	}
}

func TestVerifyUncertified(t *testing.T) {
	t.Parallel()
	runText(t, "", "verify", "--model", churn(t, "v1", nil)).wantFailure(t, exitFailed, "no golden rows")
}

// reseal changes golden.jsonl of an artifact and notes its new identity in the manifest.
func reseal(t *testing.T, dir, old, new string) {
	t.Helper()
	path := filepath.Join(dir, model.GoldenFile)
	before := readText(t, path)
	after := strings.Replace(before, old, new, 1)
	if before == after {
		t.Fatalf("%q is not in %s", old, path)
	}
	writeText(t, path, after)
	sum := func(s string) string {
		h := sha256.Sum256([]byte(s))
		return hex.EncodeToString(h[:])
	}
	manifest := filepath.Join(dir, model.ManifestFile)
	text := strings.Replace(readText(t, manifest), sum(before), sum(after), 1)
	text = strings.Replace(text, fmt.Sprintf(`"size": %d`, len(before)), fmt.Sprintf(`"size": %d`, len(after)), 1)
	writeText(t, manifest, text)
}

// TestVerifyDifference: one row whose answer is not the golden one.
func TestVerifyDifference(t *testing.T) {
	t.Parallel()
	dir := certified(t)
	skipSelfTest(t, dir)
	reseal(t, dir, `"age":5,"city":"Bonn"},"expected":{"label":"stay"`, `"age":5,"city":"Bonn"},"expected":{"label":"leave, now"`)
	got := runText(t, "", "verify", "--model", dir)
	got.wantFailure(t, exitFailed, "1 of 200 golden rows differ")
	if want := `golden.jsonl line 2: label is "stay", scikit-learn's is "leave, now"`; !strings.Contains(got.out, want) {
		t.Errorf("stdout is %q, want %q in it", got.out, want)
	}
}

// endpoint serves the artifact in dir as Lambda does.
func endpoint(t *testing.T, dir string, wrap func(http.Handler) http.Handler) string {
	t.Helper()
	m, err := model.Open(dir, model.OpenOptions{AllowUncertified: true})
	if err != nil {
		t.Fatal(err)
	}
	handler := nethttp.Handler(api.New(m, api.Options{}))
	if wrap != nil {
		handler = wrap(handler)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.Close()
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return server.URL
}

func TestVerifyURL(t *testing.T) {
	t.Parallel()
	dir := certified(t)
	var requests atomic.Int32
	count := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			http.StripPrefix("/prod", h).ServeHTTP(w, r)
		})
	}
	address := endpoint(t, dir, count)
	for _, given := range []string{"/prod", "/prod/", "/prod/predict"} {
		requests.Store(0)
		got := runText(t, "", "verify", "--model", dir, "--url", address+given)
		got.wantSuccess(t)
		for _, want := range []string{"golden rows: 199 replayed, 3 undecided\n", "not sent: 1 rows"} {
			if !strings.Contains(got.out, want) {
				t.Errorf("stdout is %q, want %q in it", got.out, want)
			}
		}
		if n := requests.Load(); n != 5 { // 198 rows in 4 batches, and the row that is refused
			t.Errorf("%d requests, want 5", n)
		}
	}
}

// TestVerifyURLDifference: a live model that answers otherwise, and one that refuses a row of a batch.
func TestVerifyURLDifference(t *testing.T) {
	t.Parallel()
	dir := certified(t)
	tests := []struct {
		name, old, new string
		want           string
	}{
		{"label", `"age":5,"city":"Bonn"},"expected":{"label":"stay"`, `"age":5,"city":"Bonn"},"expected":{"label":"leave, now"`, `golden.jsonl line 2: label is "stay"`},
		{"probability", `"probability":0.0390625`, `"probability":0.0390626`, "golden.jsonl line 2: probability is 0.0390625, scikit-learn's is 0.0390626"},
		{"error for an answer", `"age":5,"city":"Bonn"`, `"age":5,"city":"Rom!"`, `the answer is the error {"code":"unknown_category","detail":"/city: `},
		{"answer for an error", `"age":3,"city":"Rom"`, `"age":3,"city":"Bonn"`, "golden.jsonl line 8: scikit-learn raises"},
	}
	address := endpoint(t, dir, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			changed := certified(t)
			skipSelfTest(t, changed)
			reseal(t, changed, tt.old, tt.new)
			got := runText(t, "", "verify", "--model", changed, "--url", address)
			got.wantFailure(t, exitFailed, "1 of 199 golden rows differ", "the endpoint serves another artifact")
			if !strings.Contains(got.out, tt.want) {
				t.Errorf("stdout is %q, want %q in it", got.out, tt.want)
			}
		})
	}
}

// skipSelfTest chooses other rows for the self-test, so that changed ones are not among them.
func skipSelfTest(t *testing.T, dir string) {
	t.Helper()
	m, err := model.ReadManifest(filepath.Join(dir, model.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	m.Golden.SelfTest = []int{190, 191, 192, 193, 194, 195, 196, 197}
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, filepath.Join(dir, model.ManifestFile), string(data))
}

// TestVerifyURLFailures: what is no answer ends the run with what the endpoint said.
func TestVerifyURLFailures(t *testing.T) {
	t.Parallel()
	dir := certified(t)
	tests := []struct {
		name   string
		status int
		body   string
		want   []string
	}{
		{"403 of API Gateway", 403, `{"message":"Forbidden"}`, []string{"status 403 Forbidden: Forbidden", "refuses the caller"}},
		{"404 of API Gateway", 404, `{"message":"Not Found"}`, []string{"status 404", "stage"}},
		{"413", 413, `{"message":"Request Entity Too Large"}`, []string{"status 413", "smaller bodies"}},
		{"429", 429, `{"message":"Too Many Requests"}`, []string{"status 429", "throttled"}},
		{"500 of API Gateway", 500, `{"message":"Internal Server Error"}`, []string{"status 500 Internal Server Error: Internal Server Error"}},
		{"a problem document", 415, `{"code":"unsupported_media_type","detail":"got text"}`, []string{"status 415", "got text"}},
		{"another site", 200, "<html>hello\nworld</html>", []string{"<html>hello world</html>"}},
		{"too few predictions", 200, `{"predictions":[{"label":1}]}`, []string{`{"predictions":[{"label":1}]}`}},
		{"no batch API", 422, `{}`, []string{"198 of 199 golden rows differ"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.body)
			}))
			defer server.Close()
			runText(t, "", "verify", "--model", dir, "--url", server.URL).wantFailure(t, exitFailed, tt.want...)
		})
	}
	t.Run("another version", func(t *testing.T) {
		t.Parallel()
		address := endpoint(t, churn(t, "v3", nil), nil)
		runText(t, "", "verify", "--model", dir, "--url", address).wantFailure(t, exitFailed, `serves model_version "v3", the artifact is "v2"`)
	})
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.NotFoundHandler())
		server.Close()
		runText(t, "", "verify", "--model", dir, "--url", server.URL).wantFailure(t, exitFailed, "connection refused")
	})
	for _, given := range []string{"localhost:8080", ""} { // a variable that is not set must not verify here instead
		t.Run(fmt.Sprintf("not an address: %q", given), func(t *testing.T) {
			t.Parallel()
			runText(t, "", "verify", "--model", dir, "--url", given).wantFailure(t, exitFailed, fmt.Sprintf("invalid value %q for flag --url: it is not an http or https address", given))
		})
	}
}
