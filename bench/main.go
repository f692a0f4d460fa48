// Command bench measures what docs/performance.md records: exec to the first response through the Runtime API, peak memory, sizes
// and time a row, for each shipped model, beside scikit-learn and an empty bootstrap in the same run.
//
//	make bench            # or: go run ./bench [-runs 20]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"
)

// subject is one model that is measured.
type subject struct{ name, artifact, pipeline, sample string }

// subjects are the shipped models.
func subjects() []subject {
	var list []subject
	for _, name := range []string{"demo", "breast_cancer", "diabetes", "penguins"} {
		folder := filepath.Join("model", "testdata", name)
		artifact := filepath.Join(folder, "artifact")
		if name == "demo" {
			artifact = filepath.Join("model", "artifact")
		}
		list = append(list, subject{name, artifact, filepath.Join(folder, "pipeline.joblib"), filepath.Join(folder, "sample.csv")})
	}
	return list
}

func main() {
	runs := flag.Int("runs", 20, "cold starts of each program; the median is shown")
	python := flag.String("python", filepath.Join(".venv", "bin", "python"), "a Python with scikit-learn")
	flag.Parse()
	if err := run(context.Background(), *runs, *python); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, runs int, python string) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bootstrap, floor := filepath.Join(dir, "bootstrap"), filepath.Join(dir, "floor")
	for pkg, out := range map[string]string{"./function": bootstrap, "./bench/floor": floor} {
		if err := build(ctx, runtime.GOARCH, pkg, out); err != nil {
			return err
		}
	}
	fmt.Printf("%s/%s, %d CPUs, %s; medians of %d cold starts, programs in turn\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), runs)
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(out, "model\tstart ms\tempty ms\tscikit-learn ms\tratio\tpeak MB\tscikit-learn MB\t1 row µs\tscikit-learn µs\tratio\tbatch µs/row\tscikit-learn µs/row\tratio\t")
	for i, s := range subjects() {
		progress("%d/%d %s", i+1, len(subjects()), s.name)
		line, err := measure(ctx, s, bootstrap, floor, python, runs)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Fprintln(out, line)
	}
	progress("")
	if err := out.Flush(); err != nil {
		return err
	}
	return printSizes(ctx, dir)
}

// measure is one line of the table.
func measure(ctx context.Context, s subject, bootstrap, floor, python string, runs int) (string, error) {
	body, rows, err := readRows(s)
	if err != nil {
		return "", err
	}
	start, empty, err := coldStarts(ctx, bootstrap, floor, s.artifact, body, runs)
	if err != nil {
		return "", err
	}
	reference, err := scikitLearn(ctx, python, s)
	if err != nil {
		return "", err
	}
	single, batch, err := timeRows(s.artifact, rows)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s\t%.1f\t%.1f\t%.0f\t%.0f ×\t%.1f\t%.0f\t%.2f\t%.0f\t%.0f ×\t%.2f\t%.2f\t%.1f ×\t", s.name,
		start.milliseconds, empty.milliseconds, reference.Start, reference.Start/start.milliseconds, start.peakMB, reference.PeakMB,
		single, reference.Single, reference.Single/single, batch, reference.Batch, reference.Batch/batch), nil
}

// build compiles a package as the bootstrap is compiled.
func build(ctx context.Context, arch, pkg, out string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", out, pkg)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err, output)
	}
	return nil
}

// progress shows what is being measured, if a person is looking.
func progress(format string, args ...any) {
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Fprintf(os.Stderr, "\r\x1b[K"+format, args...)
	}
}
