package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The rounds in which services take turns, and how long a turn takes.
const (
	httpRounds = 3
	httpTurn   = time.Second
)

// connections are how many requests are under way at once.
var connections = []int{1, 8, 64}

// service is something that answers POST /predict on an address of loopback.
type service struct {
	name    string
	address string
	command *exec.Cmd
}

// http measures requests a second of M1 and M2.
func (b *bench) http(ctx context.Context) error {
	var lines [][]string
	for _, model := range []string{"M1", "M2"} {
		got, err := b.httpModel(ctx, model)
		if err != nil {
			return err
		}
		for i, n := range connections {
			ours, echo, fast := got["sklambda"][i], got["echo"][i], got["FastAPI"][i]
			lines = append(lines, []string{model, fmt.Sprint(n), figure(ours), figure(echo), figure(fast), figure(100*ours/echo) + " %", times(ours / fast)})
			subject := fmt.Sprintf("%s, %d connections", model, n)
			b.report.atLeast("HTTP requests a second against a Go echo", subject, 100*ours/echo, 70, "%")
			b.report.atLeast("HTTP requests a second against FastAPI", subject, ours/fast, map[string]float64{"M1": 8, "M2": 100}[model], "×")
		}
	}
	b.report.table("http", []string{"model", "connections", "sklambda", "Go echo", "FastAPI + uvicorn", "of echo", "to FastAPI"}, lines)
	return nil
}

// httpModel gives the best rate of each service for each number of connections.
func (b *bench) httpModel(ctx context.Context, model string) (map[string][]float64, error) {
	ctx, cancel := context.WithCancel(ctx)
	services, err := b.services(ctx, model)
	defer func() {
		cancel()
		for _, s := range services {
			_ = s.command.Wait() // killed
		}
	}()
	if err != nil {
		return nil, err
	}
	bodies := make([][]byte, 100)
	for i := range bodies {
		if bodies[i], err = b.body(model, i); err != nil {
			return nil, err
		}
	}
	got := map[string][]float64{}
	for _, n := range connections {
		rates := map[string][]float64{}
		for range httpRounds {
			for _, s := range services {
				rate, err := load(s.address, bodies, n, httpTurn)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", s.name, err)
				}
				rates[s.name] = append(rates[s.name], rate)
			}
		}
		for name, list := range rates {
			got[name] = append(got[name], slices.Max(list))
		}
	}
	return got, nil
}

// services starts what answers for a model, and waits until all do.
func (b *bench) services(ctx context.Context, model string) (list []*service, err error) {
	for _, s := range []struct {
		name    string
		command func(host, port string) *exec.Cmd
	}{
		{"sklambda", func(host, port string) *exec.Cmd {
			return exec.CommandContext(ctx, b.program("sklambda"), "serve", "--model", b.model(model, "artifact"), "--addr", net.JoinHostPort(host, port))
		}},
		{"echo", func(host, port string) *exec.Cmd {
			return exec.CommandContext(ctx, b.program("echo"), net.JoinHostPort(host, port))
		}},
		{"FastAPI", func(host, port string) *exec.Cmd {
			return exec.CommandContext(ctx, b.python, "-m", "uvicorn", "service:app", "--app-dir", "bench", "--host", host, "--port", port, "--no-access-log", "--log-level", "error")
		}},
	} {
		address, err := freeAddress()
		if err != nil {
			return list, err
		}
		host, port, _ := strings.Cut(address, ":")
		command := s.command(host, port)
		log, err := os.Create(filepath.Join(b.programs, s.name+".log"))
		if err != nil {
			return list, err
		}
		defer log.Close()
		command.Stdout, command.Stderr = log, log
		command.Env = append(os.Environ(), "LOG_LEVEL=error", "MODEL_FOLDER="+b.model(model))
		if err := command.Start(); err != nil {
			return list, err
		}
		list = append(list, &service{s.name, address, command})
		if err := ready(address); err != nil {
			said, _ := os.ReadFile(log.Name()) // best effort: why it does not answer
			return list, fmt.Errorf("%s: %w\n%s", s.name, err, said)
		}
	}
	return list, nil
}

// freeAddress is an address of loopback that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// ready waits until something answers HTTP on an address.
func ready(address string) (err error) {
	for from := time.Now(); time.Since(from) < 30*time.Second; time.Sleep(20 * time.Millisecond) {
		response, got := http.Get("http://" + address + "/")
		if got == nil {
			return response.Body.Close()
		}
		err = got
	}
	return err
}
