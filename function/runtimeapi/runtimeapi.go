// Package runtimeapi is a client of Lambda's Runtime API: it takes an event, has it answered, sends the answer and takes the next event.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
//
// It speaks HTTP/1.1 over one connection to an address of this machine. aws-lambda-go does so by net/http, whose TLS, proxies and pools are half of a
// bootstrap and of what its start takes: docs/adr/0009-runtime-api.md.
package runtimeapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// prefix is the version of the Runtime API.
const prefix = "/2018-06-01/runtime/"

// Statuses that the Runtime API answers with if all is well.
const (
	statusOK       = 200
	statusAccepted = 202
)

// endTimeout bounds what a process that is about to end waits for: the report of a failed INIT, which its log has as well, and the reason of a refusal.
const endTimeout = time.Second

// Handler answers the payload of an event, which it must not keep; it is aws-lambda-go's lambda.Handler. The context has the invocation's id, as
// lambdacontext has it.
type Handler interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Failure is what the Runtime API is told of an invocation, or of an INIT, that failed.
type Failure struct {
	Message string `json:"errorMessage"`
	Type    string `json:"errorType"`
	// Stack is that of a panic, line by line.
	Stack []string `json:"stackTrace"`
}

// Error returns type and message.
func (f *Failure) Error() string { return f.Type + ": " + f.Message }

// errPanic ends Serve.
var errPanic = errors.New("the handler panicked: nobody knows in which state")

// Serve has the events answered one by one. failed hears of each invocation that ends with an error of the handler, whose type has the name of the
// error's type, or with a panic. Serve returns an error only, after which Lambda wants the process to end: the Runtime API cannot be reached or refuses
// a request, or the handler panicked.
func (c *Client) Serve(handler Handler, failed func(*Failure)) error {
	for {
		id, err := c.next()
		if err != nil {
			return err
		}
		out, failure := invoke(handler, id, c.body.Bytes())
		if failure == nil {
			err = c.post("invocation/"+id+"/response", "application/octet-stream", "", out)
		} else {
			failed(failure)
			err = c.report("invocation/"+id+"/error", failure)
		}
		if err == nil && failure != nil && failure.Stack != nil {
			err = errPanic
		}
		if err != nil {
			return err
		}
	}
}

// FailInit tells that the function cannot start.
func (c *Client) FailInit(failure *Failure) error {
	c.timeout = endTimeout
	return c.report("init/error", failure)
}

// next waits for an event: its payload is in c.body.
func (c *Client) next() (id string, err error) {
	header, err := c.exchange("GET", "invocation/next", "", nil, statusOK)
	if err != nil {
		return "", err
	}
	if id = header.Get("Lambda-Runtime-Aws-Request-Id"); id == "" {
		return "", errors.New("the Runtime API handed over an event without an id")
	}
	return id, nil
}

// report posts a failure.
func (c *Client) report(path string, failure *Failure) error {
	told := *failure
	told.Stack = append([]string{}, failure.Stack...) // [] rather than null
	body, err := json.Marshal(told)
	if err != nil {
		return err
	}
	return c.post(path, "application/json", "Lambda-Runtime-Function-Error-Type: "+failure.Type+"\r\n", body)
}

// post sends a body. header, if any, is further lines.
func (c *Client) post(path, contentType, header string, body []byte) error {
	header = fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n%s", contentType, len(body), header)
	_, err := c.exchange("POST", path, header, body, statusAccepted)
	return err
}

// invoke has one event answered.
func invoke(handler Handler, id string, payload []byte) (out []byte, failure *Failure) {
	defer func() {
		if v := recover(); v != nil {
			failure = &Failure{Message: fmt.Sprint(v), Type: typeName(v), Stack: strings.Split(strings.TrimSpace(string(debug.Stack())), "\n")}
		}
	}()
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: id})
	out, err := handler.Invoke(ctx, payload)
	if err != nil {
		return nil, &Failure{Message: err.Error(), Type: typeName(err)}
	}
	return out, nil
}

// typeName is the name of v's type, or of what it points to, without its package.
func typeName(v any) string {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}
