package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// build compiles and certifies M4, as a user's CI does.
func (b *bench) build(ctx context.Context) error {
	const name = "M4"
	out := filepath.Join(b.programs, "artifact")
	took, peak, err := peakOf(exec.CommandContext(ctx, b.program("sklambda"), "build", b.model(name, "pipeline.joblib"), "--sample", b.model(name, "sample.csv"),
		"--golden", b.model(name, "artifact", "golden.jsonl"), "--out", out))
	if err != nil {
		return err
	}
	source, err := os.Stat(b.model(name, "pipeline.joblib"))
	if err != nil {
		return err
	}
	mb := float64(source.Size()) / (1 << 20)
	b.report.atMost("build", name, took.Seconds(), 10, "s")
	b.report.atMost("build, peak memory to the file's size", name, peak/mb, 3, "×")
	b.report.table("build", []string{"model", "joblib MB", "seconds", "peak MB", "peak to joblib"},
		[][]string{{name, figure(mb), figure(took.Seconds()), figure(peak), times(peak / mb)}})
	return nil
}

// few and many are the copies of the sample, of 1,000 rows, that score gets.
const few, many = 25, 100

// score compares the rate of CSV in, JSON Lines out with the engine's own on all cores.
func (b *bench) score(ctx context.Context) error {
	var lines [][]string
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, model := range models {
		engine, err := contend(ctx, "sklambda", runtime.NumCPU(), self, "-answer", b.model(model), "-laid-out")
		if err != nil {
			return err
		}
		best := map[int]float64{} // µs a row of score, by copies of the sample
		peaks := map[int]float64{}
		own := 0.0
		for range 2 {
			us, err := engine.measure(batchRows, 0.3)
			if err != nil {
				return err
			}
			if own == 0 || us < own {
				own = us
			}
			for _, copies := range []int{few, many} {
				us, peak, err := b.scoreRows(ctx, model, copies)
				if err != nil {
					return err
				}
				if best[copies] == 0 || us < best[copies] {
					best[copies] = us
				}
				peaks[copies] = max(peaks[copies], peak)
			}
		}
		if err := engine.close(); err != nil {
			return err
		}
		part := 100 * own / best[many]
		b.report.atLeast("score, CSV to JSON Lines, part of the engine's own rate", model, part, 70, "%")
		lines = append(lines, []string{model, figure(1e6 / best[many]), figure(1e6 / own), figure(part) + " %", figure(peaks[few]), figure(peaks[many])})
	}
	b.report.table("score", []string{"model", "score rows/s", "engine rows/s", "part", "peak MB, 25,000 rows", "peak MB, 100,000 rows"}, lines)
	return nil
}

// scoreRows scores some copies of a sample and gives the µs a row and the peak memory.
func (b *bench) scoreRows(ctx context.Context, model string, copies int) (us, peak float64, err error) {
	sample, err := os.ReadFile(b.model(model, "sample.csv"))
	if err != nil {
		return 0, 0, err
	}
	header, rows, _ := bytes.Cut(sample, []byte("\n"))
	in, out := filepath.Join(b.programs, "rows.csv"), filepath.Join(b.programs, "rows.jsonl")
	if err := os.WriteFile(in, append(append(bytes.Clone(header), '\n'), bytes.Repeat(rows, copies)...), 0o644); err != nil {
		return 0, 0, err
	}
	took, peak, err := peakOf(exec.CommandContext(ctx, b.program("sklambda"), "score", "--model", b.model(model, "artifact"), "--in", in, "--out", out))
	return took.Seconds() * 1e6 / float64(copies*bytes.Count(rows, []byte("\n"))), peak, err
}

// peakOf runs a command and watches its peak memory, every few milliseconds.
func peakOf(command *exec.Cmd) (took time.Duration, peak float64, err error) {
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	from := time.Now()
	if err := command.Start(); err != nil {
		return 0, 0, err
	}
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			took = time.Since(from)
			if err == nil && peak == 0 {
				err = errors.New("it ended before its memory was read")
			}
			if err != nil {
				err = fmt.Errorf("%v: %w\n%s", command.Args, err, said.String())
			}
			return took, peak, err
		case <-tick.C:
			if mb, err := peakMB(command.Process.Pid); err == nil { // it may have ended by now
				peak = mb
			}
		}
	}
}
