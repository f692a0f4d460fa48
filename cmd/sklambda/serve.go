package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"sklambda/function/api"
	"sklambda/function/web/nethttp"
	"sklambda/model"
)

// Environment variables, in Lambda as here.
const (
	corsVariable  = "CORS_ALLOW_ORIGINS"
	levelVariable = "LOG_LEVEL"
)

// shutdownTimeout is how long requests that are under way may take after a signal.
const shutdownTimeout = 10 * time.Second

func serveCommand() *command {
	return &command{
		name:    "serve",
		usage:   "--model DIR [--addr HOST:PORT] [--cors ORIGINS]",
		summary: "answer POST /predict over HTTP on this machine",
		about: "Serves the same HTTP API that runs in Lambda: POST /predict, GET /health, GET /model. Prints a request to try. One line a request\n" +
			"is logged to standard error. Ctrl-C lets requests under way finish.",
		example: "sklambda serve --model model/artifact --addr 127.0.0.1:8080",
		exit:    exitUsual,
		setup: func(fs *flag.FlagSet) action {
			dir := fs.String("model", "", "artifact `DIR`")
			addr := fs.String("addr", "127.0.0.1:8080", "`HOST:PORT` to listen on")
			cors := fs.String("cors", "", "comma-separated `ORIGINS` whose pages may call, or *; else $"+corsVariable)
			return func(ctx context.Context, _ []string, std stdio) error { return serve(ctx, *dir, *addr, *cors, std) }
		},
	}
}

func serve(ctx context.Context, dir, addr, cors string, std stdio) (err error) {
	if cors == "" {
		cors = os.Getenv(corsVariable)
	}
	origins, err := api.ParseOrigins(cors)
	if err != nil {
		return err
	}
	log, err := newLog(std.err)
	if err != nil {
		return err
	}
	m, err := openModel(dir, std)
	if err != nil {
		return err
	}
	defer closeModel(m, &err)
	listener, err := listen(ctx, addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           nethttp.Handler(api.New(m, api.Options{AllowOrigins: origins, Log: log})),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	printGreeting(std.out, m, listener.Addr())
	return serveUntil(ctx, server, listener)
}

// newLog logs as text, at the level that LOG_LEVEL gives.
func newLog(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if text := os.Getenv(levelVariable); text != "" {
		if err := level.UnmarshalText([]byte(text)); err != nil {
			return nil, fmt.Errorf("%s: %w; debug, info, warn or error is allowed", levelVariable, err)
		}
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})), nil
}

// listen opens the address, with an error that tells what to do.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("--addr %s: another program listens there: stop it, or choose another port, such as --addr 127.0.0.1:8081", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("--addr %s: %w", addr, err)
	}
	return listener, nil
}

// serveUntil serves until the context ends, then lets the requests under way finish.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err := server.Shutdown(patience)
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// printGreeting tells what is served, and a request that can be pasted.
func printGreeting(w io.Writer, m *model.Model, addr net.Addr) {
	certified := "certified"
	if !m.Certified() {
		certified = "not certified"
	}
	manifest := m.Manifest()
	base := "http://" + reachable(addr)
	fmt.Fprintf(w, "%s %s (%s, %s) on %s\n\n", manifest.Name, manifest.Version, manifest.Task, certified, base)
	fmt.Fprintf(w, "curl -s %s/predict -H 'Content-Type: application/json' -d '%s'\n\n", base, shellQuoted(string(api.Example(manifest))))
}

// shellQuoted escapes a text for single quotes of a shell.
func shellQuoted(s string) string { return strings.ReplaceAll(s, "'", `'\''`) }

// reachable is the address as a client on this machine writes it: a server that listens everywhere is reached on loopback.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return addr.String()
}
