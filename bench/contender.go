package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// contender is a program that is timed: it reads lines of "ROWS SECONDS" and answers with the microseconds a row.
type contender struct {
	name    string
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// contend starts a program with threads threads.
func contend(ctx context.Context, name string, threads int, program string, args ...string) (*contender, error) {
	command := exec.CommandContext(ctx, program, args...)
	command.Stderr = os.Stderr
	n := fmt.Sprint(threads)
	command.Env = append(os.Environ(), "GOMAXPROCS="+n, "OMP_NUM_THREADS="+n, "OPENBLAS_NUM_THREADS="+n, "PYTHONWARNINGS=ignore")
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &contender{name, command, in, bufio.NewReader(out)}, command.Start()
}

// measure asks for the microseconds a row of calls of some rows, measured for about some seconds.
func (c *contender) measure(rows int, seconds float64) (us float64, err error) {
	if _, err := fmt.Fprintln(c.in, rows, seconds); err != nil {
		return 0, fmt.Errorf("%s: %w", c.name, err)
	}
	if _, err := fmt.Fscanln(c.out, &us); err != nil {
		return 0, fmt.Errorf("%s: %w", c.name, err)
	}
	return us, nil
}

// close ends the program.
func (c *contender) close() error { return errors.Join(c.in.Close(), c.command.Wait()) }

// contenders are all programs for a model, in the order of the columns of the tables.
func (b *bench) contenders(ctx context.Context, model string) (list []*contender, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	library, err := b.onnxLibrary()
	if err != nil {
		return nil, err
	}
	folder, script := b.model(model), filepath.Join("bench", "alternatives.py")
	for _, c := range []struct {
		name    string
		threads int
		command []string
	}{
		{"sklambda", 1, []string{self, "-answer", folder}},
		{"laid out", 1, []string{self, "-answer", folder, "-laid-out"}},
		{"two threads", 2, []string{self, "-answer", folder, "-laid-out"}},
		{"scikit-learn", 1, []string{b.python, script, "scikit-learn", folder}},
		{"onnxruntime", 1, []string{b.python, script, "onnxruntime", folder}},
		{"Go + onnxruntime", 1, []string{b.program("onnx"), library, folder}},
	} {
		one, err := contend(ctx, c.name, c.threads, c.command[0], c.command[1:]...)
		if err != nil {
			return list, fmt.Errorf("%s: %w", c.name, err)
		}
		list = append(list, one)
	}
	return list, nil
}

// enough is how long a program is measured at most, seconds: one whose single call takes as long gets no second turn.
const enough = 8

// fastest measures all in turn for some rounds, and gives the least time of each.
func fastest(list []*contender, rows, rounds int, seconds float64) (map[string]float64, error) {
	times := map[string][]float64{}
	for range rounds {
		for _, c := range list {
			if took := times[c.name]; len(took) > 0 && slices.Max(took)*float64(rows)/1e6 > enough {
				continue
			}
			us, err := c.measure(rows, seconds)
			if err != nil {
				return nil, err
			}
			times[c.name] = append(times[c.name], us)
		}
	}
	least := map[string]float64{}
	for name, list := range times {
		least[name] = slices.Min(list)
	}
	return least, nil
}
