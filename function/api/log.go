package api

import (
	"context"
	"log/slog"
	"time"

	"sklambda/model"
)

// Keys of log attributes, of this package and of those who log beside it.
const (
	LogCode         = "code"       // of the problem that was answered
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
		slog.String(LogSHA256, manifest.Files[model.PlanFile].SHA256), slog.Float64(LogDurationMs, milliseconds(took)))
}

// requestLine is the one line of a request.
type requestLine struct {
	method, route, requestID string
	code                     Code
	status, rows             int
}

func (l *requestLine) log(ctx context.Context, log *slog.Logger, took time.Duration) {
	level := slog.LevelInfo
	if l.status >= 500 {
		level = slog.LevelError
	}
	if !log.Enabled(ctx, level) {
		return
	}
	attrs := [...]slog.Attr{slog.String(LogMethod, l.method), slog.String(LogRoute, l.route), slog.Int(LogStatus, l.status),
		slog.Float64(LogDurationMs, milliseconds(took)), slog.Int(LogRows, l.rows), slog.String(LogRequestID, l.requestID),
		slog.String(LogCode, string(l.code))}
	n := len(attrs)
	if l.code == "" {
		n--
	}
	log.LogAttrs(ctx, level, "request", attrs[:n]...)
}

// milliseconds has microseconds as its decimals.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
