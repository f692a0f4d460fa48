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

// score compares the rate of CSV in, JSON Lines out with the engine's own on all cores, and with that of reading and writing the numbers alone.
func (b *bench) score(ctx context.Context) error {
	var lines [][]string
	for _, model := range models {
		rates, peaks, err := b.scoreModel(ctx, model)
		if err != nil {
			return err
		}
		part, ofText := 100*rates["score"]/rates["engine"], rates["score"]/rates["text"]
		b.report.atLeast("score, CSV to JSON Lines, part of the engine's own rate", model, part, 70, "%")
		lines = append(lines, []string{model, figure(rates["score"]), figure(rates["engine"]), figure(part) + " %", figure(rates["text"]), times(ofText),
			figure(peaks[few]), figure(peaks[many])})
	}
	b.report.table("score", []string{"model", "score rows/s", "engine rows/s", "part", "text alone rows/s", "to text alone", "peak MB, 25,000 rows", "peak MB, 100,000 rows"}, lines)
	return nil
}

// scoreRounds are those in which engine, text alone and score take turns: a run of score is short, and one that something else interrupts is not its best.
const scoreRounds = 9

// scoreModel gives the best rates, in rows a second, of the engine, of text alone and of score, and the peak memory of score in MB, by copies of the sample.
func (b *bench) scoreModel(ctx context.Context, model string) (rates map[string]float64, peaks map[int]float64, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	engine, err := contend(ctx, "sklambda", runtime.NumCPU(), self, "-answer", b.model(model), "-laid-out")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, engine.close()) }()
	rates, peaks = map[string]float64{}, map[int]float64{}
	out, artifact := filepath.Join(b.programs, "rows.jsonl"), b.model(model, "artifact")
	var in string
	var rows int
	for _, copies := range []int{few, many} { // memory is watched apart: the watcher takes time
		if in, rows, err = b.writeRows(model, copies); err != nil {
			return nil, nil, err
		}
		if _, peaks[copies], err = peakOf(exec.CommandContext(ctx, b.program("sklambda"), "score", "--model", artifact, "--in", in, "--out", out)); err != nil {
			return nil, nil, err
		}
	}
	best := func(name string, us float64) { rates[name] = max(rates[name], 1e6/us) }
	for range scoreRounds {
		us, err := engine.measure(batchRows, 0.3)
		if err != nil {
			return nil, nil, err
		}
		best("engine", us)
		for name, command := range map[string]*exec.Cmd{
			"score": exec.CommandContext(ctx, b.program("sklambda"), "score", "--model", artifact, "--in", in, "--out", out),
			"text":  exec.CommandContext(ctx, self, "-text-floor", artifact, in, out),
		} {
			from := time.Now()
			if said, err := command.CombinedOutput(); err != nil {
				return nil, nil, fmt.Errorf("%v: %w\n%s", command.Args, err, said)
			}
			best(name, time.Since(from).Seconds()*1e6/float64(rows))
		}
	}
	return rates, peaks, nil
}

// writeRows writes some copies of a sample to a file, and tells how many rows they have.
func (b *bench) writeRows(model string, copies int) (path string, rows int, err error) {
	sample, err := os.ReadFile(b.model(model, "sample.csv"))
	if err != nil {
		return "", 0, err
	}
	header, body, _ := bytes.Cut(sample, []byte("\n"))
	path = filepath.Join(b.programs, "rows.csv")
	return path, copies * bytes.Count(body, []byte("\n")), os.WriteFile(path, append(append(bytes.Clone(header), '\n'), bytes.Repeat(body, copies)...), 0o644)
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
