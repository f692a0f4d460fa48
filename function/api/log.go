package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"time"

	"sklambda/model"
)

// Keys of log attributes, of this package and of those who log beside it.
const (
	LogCode         = "errorCode"  // of the problem that was answered
	LogDurationMs   = "durationMs" // in milliseconds
	LogError        = "error"
	LogMethod       = "method"
	LogModel        = "model"
	LogModelVersion = "modelVersion"
	LogRequestID    = "requestId"
	LogRoute        = "route" // the path of the route, "none" if there is no such path
	LogRows         = "rows"
	LogSHA256       = "sha256" // of the plan
	LogStack        = "stack"
	LogStatus       = "status"
)

// LogColdStart logs that a model has been opened and passed its self-test, and how long that took.
func LogColdStart(ctx context.Context, log *slog.Logger, m *model.Model, took time.Duration) {
	manifest := m.Manifest()
	log.LogAttrs(ctx, slog.LevelInfo, "cold start", slog.String(LogModel, manifest.Name), slog.String(LogModelVersion, manifest.Version),
		slog.String(LogSHA256, manifest.Files[model.PlanFile].SHA256), slog.Float64(LogDurationMs, Milliseconds(took)))
}

// NoRoute is the Route of a request whose path there is not.
const NoRoute = "none"

// Request is what there is to tell of one request, in a log line or as metrics. No feature's name or value is in it.
type Request struct {
	// ID is the X-Request-Id of the answer.
	ID     string
	Method string
	// Route is the path of the route, or NoRoute.
	Route  string
	Status int
	// Code is that of the problem that was answered, empty if there was none.
	Code Code
	// Rows were read; 0 for what has none.
	Rows int
	// Took is the time from the request to its answer.
	Took time.Duration
}

// log writes the one line of a request.
func (r *Request) log(ctx context.Context, log *slog.Logger) {
	level := slog.LevelInfo
	if r.Status >= 500 {
		level = slog.LevelError
	}
	if !log.Enabled(ctx, level) {
		return
	}
	attrs := [...]slog.Attr{slog.String(LogMethod, r.Method), slog.String(LogRoute, r.Route), slog.Int(LogStatus, r.Status),
		slog.Float64(LogDurationMs, Milliseconds(r.Took)), slog.Int(LogRows, r.Rows), slog.String(LogRequestID, r.ID),
		slog.String(LogCode, string(r.Code))}
	n := len(attrs)
	if r.Code == "" {
		n--
	}
	log.LogAttrs(ctx, level, "request", attrs[:n]...)
}

// requestKey is the key of a *Request in a context.
type requestKey struct{}

// WithRequest has the request of the context noted in r, and not logged: that is its owner's business. r.ID is the id that the request is answered
// with; without one an id is made. A client's header is never taken for it.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// requestOf returns the note of the context, and whether it is somebody else's; otherwise it is new.
func requestOf(ctx context.Context) (r *Request, owned bool) {
	r, owned = ctx.Value(requestKey{}).(*Request)
	if !owned {
		r = new(Request)
	}
	if r.ID == "" {
		var id [12]byte
		rand.Read(id[:])
		r.ID = hex.EncodeToString(id[:])
	}
	return r, owned
}

// Milliseconds has microseconds as its decimals.
func Milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
