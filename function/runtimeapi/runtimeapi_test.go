package runtimeapi

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"
)

// posted is what the client sent to a Runtime API.
type posted struct{ path, contentType, errorType, body string }

// fake is a Runtime API that hands over events, the last of which is followed by a refusal, and notes what is posted.
type fake struct {
	events []string
	// chunked leaves out the length of events; closing ends the connection after each response, and dropping before each second response to a GET.
	chunked, closing, dropping bool

	requests int
	posts    []posted
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.requests++; f.dropping && f.requests%2 == 0 {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			conn.Close()
		}
		return
	}
	if f.closing {
		w.Header().Set("Connection", "close")
	}
	if r.Method == http.MethodPost {
		body, _ := io.ReadAll(r.Body)
		f.posts = append(f.posts, posted{r.URL.Path, r.Header.Get("Content-Type"), r.Header.Get("Lambda-Runtime-Function-Error-Type"), string(body)})
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if len(f.events) == 0 || r.URL.Path != "/2018-06-01/runtime/invocation/next" {
		http.Error(w, "no more", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprint("id-", len(f.events)))
	if f.chunked {
		http.NewResponseController(w).Flush()
	}
	io.WriteString(w, f.events[0])
	f.events = f.events[1:]
}

// start serves the fake.
func (f *fake) start(t *testing.T) *Client {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return New(server.Listener.Addr().String())
}

// echo answers with the id and the event, and fails as the event tells it to.
type echo struct{}

type eventError struct{ reason string }

func (e *eventError) Error() string { return e.reason }

func (echo) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	switch string(payload) {
	case "fail":
		return nil, &eventError{"no good"}
	case "panic":
		panic("broken")
	}
	lc, _ := lambdacontext.FromContext(ctx)
	return append([]byte(lc.AwsRequestID+" "), payload...), nil
}

// serve has the fake's events answered, until it refuses to give another.
func serve(t *testing.T, f *fake) (failures []string, err error) {
	t.Helper()
	err = f.start(t).Serve(echo{}, func(failure *Failure) { failures = append(failures, failure.Error()) })
	return failures, err
}

func TestServe(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 6<<20)
	want := []posted{
		{path: "/2018-06-01/runtime/invocation/id-4/response", contentType: "application/octet-stream", body: "id-4 one"},
		{path: "/2018-06-01/runtime/invocation/id-3/error", contentType: "application/json", errorType: "eventError",
			body: `{"errorMessage":"no good","errorType":"eventError","stackTrace":[]}`},
		{path: "/2018-06-01/runtime/invocation/id-2/response", contentType: "application/octet-stream", body: "id-2 "},
		{path: "/2018-06-01/runtime/invocation/id-1/response", contentType: "application/octet-stream", body: "id-1 " + long},
	}
	for name, f := range map[string]*fake{"plain": {}, "chunked": {chunked: true}, "closing": {closing: true}, "dropping": {dropping: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.events = []string{"one", "fail", "", long}
			failures, err := serve(t, f)
			if diff := cmp.Diff(want, f.posts, cmp.AllowUnexported(posted{})); diff != "" {
				t.Errorf("posts (-want +got):\n%.2000s", diff)
			}
			if diff := cmp.Diff([]string{"eventError: no good"}, failures); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
			if err == nil || !strings.Contains(err.Error(), `GET invocation/next: it answered status 500: "no more`) {
				t.Errorf("got the error %v", err)
			}
		})
	}
}

// A panic is told with its stack, and ends the process.
func TestServePanic(t *testing.T) {
	t.Parallel()
	f := &fake{events: []string{"panic", "one"}}
	failures, err := serve(t, f)
	if !errors.Is(err, errPanic) || len(f.posts) != 1 || len(failures) != 1 || failures[0] != "string: broken" {
		t.Fatalf("got the error %v, %d posts, failures %q", err, len(f.posts), failures)
	}
	if got := f.posts[0]; got.path != "/2018-06-01/runtime/invocation/id-2/error" || !strings.Contains(got.body, "runtimeapi.echo.Invoke") {
		t.Errorf("got %+v", got)
	}
}

func TestFailInit(t *testing.T) {
	t.Parallel()
	f := new(fake)
	if err := f.start(t).FailInit(&Failure{Message: "no model", Type: "Runtime.ModelError"}); err != nil {
		t.Fatal(err)
	}
	want := []posted{{"/2018-06-01/runtime/init/error", "application/json", "Runtime.ModelError",
		`{"errorMessage":"no model","errorType":"Runtime.ModelError","stackTrace":[]}`}}
	if diff := cmp.Diff(want, f.posts, cmp.AllowUnexported(posted{})); diff != "" {
		t.Errorf("posts (-want +got):\n%s", diff)
	}
}

// An API that does not answer does not keep a process that cannot start.
func TestFailInitEnds(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	err = New(listener.Addr().String()).FailInit(&Failure{Message: "no model", Type: "Runtime.ModelError"})
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
		t.Errorf("got the error %v, want a timeout", err)
	}
}

// A body may end by its length, by its last chunk, or with the connection.
func TestResponses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		response, body string
		closes         bool
	}{
		{"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "hello", false},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", "hello", true},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n03\r\nllo\r\n0\r\nA: b\r\n\r\n", "hello", false},
		{"HTTP/1.0 200 OK\r\n\r\nhello", "hello", true},
		{"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true},
		{"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: Keep-Alive\r\n\r\nhello", "hello", false},
		{"HTTP/1.1 200 OK\r\nX: a,\r\n b\r\nContent-Length:\r\n  5\r\n\r\nhello", "hello", false},
		{"HTTP/1.1 202\r\nContent-Length: 0\r\n\r\n", "", false},
	} {
		in, out := bufio.NewReader(strings.NewReader(tt.response)), new(bytes.Buffer)
		r, err := readHead(in)
		if err == nil {
			err = r.readBody(in, out)
		}
		if err != nil || out.String() != tt.body || r.closes() != tt.closes || in.Buffered() != 0 {
			t.Errorf("%q: got %q, closes %v, left %d, error %v", tt.response, out, r.closes(), in.Buffered(), err)
		}
	}
}

// script answers each request, which must fit one read, by the next of the responses, over the same connection as long as the client wants it. After the
// last response it closes the connection, or with open leaves it be. It sends the requests to the channel that it returns.
func script(t *testing.T, open bool, responses ...string) (address string, requests <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	got := make(chan string, 100)
	go func() {
		for i := 0; ; {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 4096)
			for n, err := conn.Read(buf); err == nil; n, err = conn.Read(buf) {
				got <- string(buf[:n])
				io.WriteString(conn, responses[min(i, len(responses)-1)])
				if i++; i >= len(responses) && !open {
					break
				}
			}
			conn.Close()
		}
	}()
	return listener.Addr().String(), got
}

// A refusal is told whether or not its body comes to an end.
func TestServeRefused(t *testing.T) {
	t.Parallel()
	for response, want := range map[string]string{
		"HTTP/1.1 204 No Content\r\n\r\n":                                           `it answered status 204: ""`,
		"HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nno":                    `it answered status 403: "no"`,
		"HTTP/1.1 500 Error\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n":    `it answered status 500: "hello"`,
		"HTTP/1.1 413 Too Large\r\nTransfer-Encoding: gzip\r\n\r\n":                 `it answered status 413: ""`,
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n": `it answered status 100`,
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			address, _ := script(t, true, response)
			if err := New(address).Serve(echo{}, func(*Failure) {}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got the error %v, want %q in it", err, want)
			}
		})
	}
}

// A refusal is told even if the API closes the connection before the answer is through, and the answer is not sent again.
func TestServeRefusedEarly(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 6<<20)
	address, requests := script(t, false, fmt.Sprintf("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: a\r\nContent-Length: %d\r\n\r\n%s", len(long), long),
		"HTTP/1.1 413 Too Large\r\nContent-Length: 7\r\n\r\ntoo big")
	if err := New(address).Serve(echo{}, func(*Failure) {}); err == nil || !strings.Contains(err.Error(), `it answered status 413: "too big"`) {
		t.Errorf("got the error %v", err)
	}
	if n := len(requests); n != 2 {
		t.Errorf("got %d requests, want 2", n)
	}
}

// A response with more than its length says does not become the next response.
func TestServeSurplus(t *testing.T) {
	t.Parallel()
	const event = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: %s\r\nContent-Length: 3\r\n\r\none"
	address, requests := script(t, false, fmt.Sprintf(event, "a")+fmt.Sprintf(event, "b"),
		"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n{}\n", fmt.Sprintf(event, "c"), "HTTP/1.1 500 Error\r\n\r\n")
	if err := New(address).Serve(echo{}, func(*Failure) {}); err == nil || !strings.Contains(err.Error(), "invocation/c/response: it answered status 500") {
		t.Errorf("got the error %v", err)
	}
	var got []string
	for len(requests) > 0 {
		line, _, _ := strings.Cut(<-requests, " HTTP/1.1")
		got = append(got, strings.ReplaceAll(line, "/2018-06-01/runtime/invocation/", ""))
	}
	if diff := cmp.Diff([]string{"GET next", "POST a/response", "GET next", "POST c/response"}, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestServeErrors(t *testing.T) {
	t.Parallel()
	answer := func(response string) string {
		address, _ := script(t, false, response)
		return address
	}
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	tests := []struct{ name, address, want string }{
		{"no address", "", "AWS_LAMBDA_RUNTIME_API is not set"},
		{"nobody listens", "127.0.0.1:1", "connection refused"},
		{"no response", answer(""), "EOF"},
		{"no HTTP", answer("hello\n"), `got "hello", want a status line`},
		{"no headers", answer("HTTP/1.1 200 OK\r\n"), "unexpected EOF"},
		{"no length", answer("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), `content length "-1"`},
		{"compressed", answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"), `transfer encoding "gzip"`},
		{"no chunk", answer(chunked + "x\r\n"), `got "x", want the size of a chunk`},
		{"chunk cut short", answer(chunked + "5\r\nhel"), "unexpected EOF"},
		{"chunk too long", answer(chunked + "5\r\nhello!\r\n"), "want the end of a chunk of 5 bytes"},
		{"last chunk missing", answer(chunked + "5\r\nhello\r\n"), "unexpected EOF"},
		{"cut short", answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), "unexpected EOF"},
		{"an id that would be another header", answer("HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: a\rX: b\r\nContent-Length: 2\r\n\r\n{}"), "malformed"},
		{"no id", answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), "without an id"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := New(tt.address).Serve(echo{}, func(*Failure) {})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got the error %v, want %q in it", err, tt.want)
			}
		})
	}
}
