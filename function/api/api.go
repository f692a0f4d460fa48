// Package api is the HTTP API over a model, as a web.Handler: the same one locally and in Lambda. It knows HTTP and JSON, not AWS and not
// estimators.
//
//	POST /predict   {"age": 41, …}                    → {"prediction": {…}}
//	                {"instances": [{"age": 41, …}]}   → {"predictions": [{…}]}
//	GET  /health    ready: the model is open and its self-test has passed
//	GET  /model     signature and provenance
//
// A batch echoes the rows that it was asked ("features_used" in each prediction) if the request has the member "features_used": true
// beside "instances"; a single row is always echoed. Errors are problem documents, see Problem. The Accept header is not looked at: JSON is the
// only form there is.
package api

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"sklambda/function/web"
	"sklambda/model"
)

// Defaults of Options.
const (
	// DefaultMaxBody is Lambda's own limit, 6 MB.
	DefaultMaxBody = 6 << 20
	// DefaultMaxInstances is about what fits Lambda's 6 MB as an answer.
	DefaultMaxInstances = 100_000
)

// Options of New. The zero value is of use.
type Options struct {
	// AllowOrigins are the web origins that may read answers, as ParseOrigins returns them; none by default.
	AllowOrigins []string
	// Log receives one line a request that nobody owns (WithRequest), never a feature's value; by default nothing is logged.
	Log *slog.Logger
	// MaxBody is the largest request body in bytes, 0 for DefaultMaxBody.
	MaxBody int64
	// MaxInstances is the largest batch in rows, 0 for DefaultMaxInstances.
	MaxInstances int
}

// New returns the API over m, which has passed its self-test and stays open as long as the handler is in use.
func New(m *model.Model, opt Options) web.Handler {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.MaxBody == 0 {
		opt.MaxBody = DefaultMaxBody
	}
	if opt.MaxInstances == 0 {
		opt.MaxInstances = DefaultMaxInstances
	}
	s := &server{Options: opt, model: m, answers: newAnswers(m)}
	s.routes = []route{
		{"/predict", []string{web.MethodPost}, s.predict},
		{"/health", []string{web.MethodGet, web.MethodHead}, static(func() []byte { return health(m) })},
		{"/model", []string{web.MethodGet, web.MethodHead}, static(func() []byte { return describe(m) })},
	}
	s.exchanges.New = func() any { return newExchange(s) }
	return s
}

// server is the API. It is immutable but for its pool.
type server struct {
	Options
	model     *model.Model
	answers   *answers
	routes    []route
	exchanges sync.Pool // of *exchange
}

// route is a path with its methods and its handler, which leaves the answer in the exchange or returns a problem.
type route struct {
	path    string
	methods []string
	serve   func(x *exchange, w web.ResponseWriter, r *web.Request) *Problem
}

// allow is the value of the header Allow.
func (t *route) allow() string { return strings.Join(t.methods, ", ") + ", OPTIONS" }

// Serve answers one request and logs one line, or notes it for who owns the request (WithRequest).
func (s *server) Serve(w web.ResponseWriter, r *web.Request) {
	start := time.Now()
	x := s.exchanges.Get().(*exchange)
	x.reset()
	note, owned := requestOf(r.Context)
	note.Method, note.Route = r.Method, NoRoute
	t := s.find(r.Path)
	if t != nil {
		note.Route = t.path
	}
	w.Header().Set("X-Request-Id", note.ID)
	problem, panicked := s.answer(t, x, w, r)
	if problem != nil {
		problem.RequestID = note.ID
		note.Code = problem.Code
		note.Status = WriteProblem(w, *problem)
	} else {
		note.Status = x.write(w)
	}
	note.Rows = x.rows
	if !panicked { // what panicked is not used again
		s.exchanges.Put(x)
	}
	note.Took = time.Since(start)
	if !owned {
		note.log(r.Context, s.Log)
	}
}

// answer has a route answer. A panic means a broken invariant of ours: it is logged here, once, and the client learns no more than that.
func (s *server) answer(t *route, x *exchange, w web.ResponseWriter, r *web.Request) (problem *Problem, panicked bool) {
	defer func() {
		if v := recover(); v != nil {
			s.Log.LogAttrs(r.Context, slog.LevelError, "panic", slog.String(LogError, fmt.Sprint(v)), slog.String(LogStack, string(debug.Stack())))
			problem, panicked = internalError(), true
		}
	}()
	s.allowOrigin(w.Header(), t, r)
	switch {
	case t == nil:
		return &Problem{Code: NotFound, Detail: "there is no such path; there are " + s.paths()}, false
	case r.Method == web.MethodOptions:
		w.Header().Set("Allow", t.allow())
		x.status = web.StatusNoContent
		return nil, false
	case !slices.Contains(t.methods, r.Method):
		w.Header().Set("Allow", t.allow())
		return &Problem{Code: MethodNotAllowed, Detail: fmt.Sprintf("got %.40q; %s allows %s", r.Method, t.path, t.allow())}, false
	}
	return t.serve(x, w, r), false
}

// find returns the route of a path, nil if there is none.
func (s *server) find(path string) *route {
	for i := range s.routes {
		if s.routes[i].path == path {
			return &s.routes[i]
		}
	}
	return nil
}

// paths lists the paths for a message.
func (s *server) paths() string {
	var paths []string
	for _, t := range s.routes {
		paths = append(paths, t.path)
	}
	return strings.Join(paths, ", ")
}

// static serves a body that never changes. It is made when it is first asked for: a cold start does not wait for it.
func static(body func() []byte) func(*exchange, web.ResponseWriter, *web.Request) *Problem {
	body = sync.OnceValue(body)
	return func(x *exchange, _ web.ResponseWriter, _ *web.Request) *Problem {
		x.out = append(x.out, body()...)
		return nil
	}
}
