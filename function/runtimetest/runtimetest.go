// Package runtimetest is a Lambda Runtime API on loopback that drives a real bootstrap: for the function's black-box test and for the cold start
// figures of bench.
//
//	api, err := runtimetest.Listen()
//	process, err := api.Start(exec.Command("dist/function/bootstrap"))
//	answer, err := api.Invoke(ctx, event)
package runtimetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// prefix is the version of the Runtime API.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
const prefix = "/2018-06-01/runtime/"

// timeout is the Timeout of a new API.
const timeout = 30 * time.Second

// FunctionError is the error that a runtime reports, for an invocation or for INIT.
type FunctionError struct {
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
}

// Error returns type and message.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// API is a Runtime API with one environment: one process, one invocation at a time.
type API struct {
	// Timeout is what Lambda-Runtime-Deadline-Ms gives an invocation. It is told, not enforced; it may be set before the first Invoke.
	Timeout   time.Duration
	server    *http.Server
	address   string
	next      chan *invocation // handed over when the runtime asks for work
	initError chan *FunctionError
	ids       atomic.Int64
	pending   sync.Map // id → *invocation
}

// invocation is an event on its way, and its answer.
type invocation struct {
	id      string
	payload []byte
	done    chan answer
}

type answer struct {
	payload []byte
	err     error
}

// Listen starts a Runtime API on a free port of loopback. Close ends it.
func Listen() (*API, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &API{Timeout: timeout, address: listener.Addr().String(), next: make(chan *invocation), initError: make(chan *FunctionError, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+prefix+"invocation/next", a.serveNext)
	mux.HandleFunc("POST "+prefix+"invocation/{id}/response", a.serveResponse)
	mux.HandleFunc("POST "+prefix+"invocation/{id}/error", a.serveError)
	mux.HandleFunc("POST "+prefix+"init/error", a.serveInitError)
	a.server = &http.Server{Handler: mux, ReadHeaderTimeout: timeout}
	go a.server.Serve(listener)
	return a, nil
}

// Close ends the Runtime API at once.
func (a *API) Close() error { return a.server.Close() }

// InitError receives the error that the runtime reports about INIT.
func (a *API) InitError() <-chan *FunctionError { return a.initError }

// Invoke hands an event over as soon as the runtime asks for one, and returns what it answers. A failed invocation is a *FunctionError.
func (a *API) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	i := &invocation{id: "invocation-" + strconv.FormatInt(a.ids.Add(1), 10), payload: payload, done: make(chan answer, 1)}
	select {
	case a.next <- i:
	case <-ctx.Done():
		return nil, fmt.Errorf("the runtime did not ask for an event: %w", ctx.Err())
	}
	select {
	case got := <-i.done:
		return got.payload, got.err
	case <-ctx.Done():
		return nil, fmt.Errorf("the runtime did not answer: %w", ctx.Err())
	}
}

func (a *API) serveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case i := <-a.next:
		a.pending.Store(i.id, i)
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(a.Timeout).UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:test")
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Sampled=0")
		w.Write(i.payload)
	case <-r.Context().Done():
	}
}

// complete settles the invocation that a request is about.
func (a *API) complete(w http.ResponseWriter, r *http.Request, settle func(body []byte) answer) {
	v, ok := a.pending.LoadAndDelete(r.PathValue("id"))
	if !ok {
		http.Error(w, "no such invocation", http.StatusBadRequest)
		return
	}
	body, err := io.ReadAll(r.Body)
	got := answer{err: err}
	if err == nil {
		got = settle(body)
	}
	w.WriteHeader(http.StatusAccepted)
	v.(*invocation).done <- got
}

func (a *API) serveResponse(w http.ResponseWriter, r *http.Request) {
	a.complete(w, r, func(body []byte) answer { return answer{payload: body} })
}

func (a *API) serveError(w http.ResponseWriter, r *http.Request) {
	a.complete(w, r, func(body []byte) answer { return answer{err: functionError(body)} })
}

func (a *API) serveInitError(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case a.initError <- functionError(body):
		w.WriteHeader(http.StatusAccepted)
	default: // Lambda takes one
		w.WriteHeader(http.StatusForbidden)
	}
}

func functionError(body []byte) *FunctionError {
	e := new(FunctionError)
	if err := json.Unmarshal(body, e); err != nil {
		return &FunctionError{Type: "Runtime.Malformed", Message: string(body)}
	}
	return e
}

// Process is a bootstrap that was started.
type Process struct {
	command *exec.Cmd
	stdout  lockedBuffer
	stderr  lockedBuffer
	exited  chan struct{}
	err     error // of Wait, once exited is closed
}

// Start runs command with the environment that Lambda gives a function, beside what command.Env names; nothing of this process's environment
// is passed on. Stop ends it.
func (a *API) Start(command *exec.Cmd) (*Process, error) {
	p := &Process{command: command, exited: make(chan struct{})}
	command.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + a.address, "AWS_LAMBDA_FUNCTION_NAME=test", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "AWS_REGION=us-east-1", "TZ=:UTC", "LANG=en_US.UTF-8"}, command.Env...)
	command.Stdout, command.Stderr = &p.stdout, &p.stderr
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", strings.Join(command.Args, " "), err)
	}
	go func() {
		p.err = command.Wait()
		close(p.exited)
	}()
	return p, nil
}

// PID is the id of the process.
func (p *Process) PID() int { return p.command.Process.Pid }

// Stdout is what the process has written to its standard output so far.
func (p *Process) Stdout() string { return p.stdout.String() }

// Stderr is what the process has written to its standard error so far.
func (p *Process) Stderr() string { return p.stderr.String() }

// Wait waits for the process to end by itself and returns its error, nil for status 0.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.exited:
		return p.err
	case <-ctx.Done():
		return errors.Join(errors.New("the process is still running"), ctx.Err())
	}
}

// Running reports whether the process has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// Stop kills the process and waits for its end.
func (p *Process) Stop() {
	p.command.Process.Kill()
	<-p.exited
}

// lockedBuffer is a buffer that one goroutine writes while another reads.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(data)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
