// Command bench writes docs/performance.md: start-up, memory, time a row, requests a second, sizes, build and score of the models M1 to M4 that
// models.py trains, beside scikit-learn, onnxruntime, FastAPI and m2cgen. Everything that is compared is measured in the same run, in turn.
//
//	make bench            # or: go run ./bench [-only start,rows] [-out FILE]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"sklambda/function/runtimetest"
)

// models are those of the targets; sizes are start-ups of further sizes of M4.
var (
	models = []string{"M1", "M2", "M3", "M4"}
	sizes  = []string{"M1", "M3", "M2", "M4-25", "M4-125", "M4"}
)

// stageLimit is several times what a stage takes on a machine of its own.
const stageLimit = 5 * time.Minute

// bench is what the stages share.
type bench struct {
	dir      string // the cache folder, absolute
	python   string // a Python with the alternatives
	programs string // a folder of what is built for this run
	report   *report
}

// stages make the parts of the report, in this order.
var stages = []struct {
	name string
	run  func(*bench, context.Context) error
}{
	{"start", (*bench).start}, {"rows", (*bench).rows}, {"http", (*bench).http}, {"sizes", (*bench).sizes}, {"build", (*bench).build},
	{"score", (*bench).score}, {"scaling", (*bench).scaling}, {"instructions", (*bench).instructions}, {"generated", (*bench).generated},
}

func main() {
	dir := flag.String("dir", filepath.Join(".tmp", "bench"), "where models and programs are kept")
	python := flag.String("python", filepath.Join(".venv-bench", "bin", "python"), "a Python with bench/requirements.txt")
	out := flag.String("out", filepath.Join("docs", "performance.md"), "the report")
	only := flag.String("only", "", "measure these stages alone and keep the other figures of the last run: start,rows,http,sizes,build,score,scaling,instructions,generated; none renders them again")
	answer := flag.String("answer", "", "be timed: answer lines of ROWS SECONDS with the microseconds a row of this model folder")
	count := flag.Int("count", 0, "with -answer: answer so many rows one by one, laid out, and end")
	laidOut := flag.Bool("laid-out", false, "with -answer: rows are laid out already, as an array is for scikit-learn")
	floor := flag.String("text-floor", "", "read rows of numbers for this artifact and write as many as its answers have: -text-floor ARTIFACT ROWS.csv OUT")
	flag.Parse()
	if *floor != "" {
		exit(runTextFloor(*floor, flag.Arg(0), flag.Arg(1)))
	}
	if *answer != "" {
		exit(timeRows(*answer, *laidOut, *count, os.Stdin, os.Stdout))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exit(run(ctx, *dir, *python, *only, *out))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(ctx context.Context, dir, python, only, out string) (err error) {
	b := &bench{}
	if b.dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if b.python, err = filepath.Abs(python); err != nil {
		return err
	}
	if _, err := os.Stat(b.python); err != nil {
		return fmt.Errorf("no Python with the alternatives at %s: make bench installs it, -python names another", python)
	}
	kept := filepath.Join(b.dir, "report.json")
	if b.report, err = readReport(kept, only != ""); err != nil {
		return err
	}
	if b.programs, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	defer os.RemoveAll(b.programs)
	if err := b.prepare(ctx); err != nil {
		return err
	}
	var failed error
	for _, stage := range stages {
		if only != "" && !slices.Contains(strings.Split(only, ","), stage.name) {
			continue
		}
		from := time.Now()
		b.report.begin(stage.name)
		if err := b.limited(ctx, stage.run); err != nil {
			b.report.fail(err)
			failed = errors.Join(failed, fmt.Errorf("%s: %w", stage.name, err))
		}
		fmt.Fprintf(os.Stderr, "%s: %.0f s\n", stage.name, time.Since(from).Seconds())
		if err := b.report.write(kept, out); err != nil {
			return err
		}
	}
	return errors.Join(failed, b.report.write(kept, out))
}

// limited ends a stage that takes too long, as on a machine that is busy with other things; the report then says so, and the other stages are measured.
func (b *bench) limited(ctx context.Context, run func(*bench, context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, stageLimit)
	defer cancel()
	return run(b, ctx)
}

// prepare trains the models that are missing and builds the programs.
func (b *bench) prepare(ctx context.Context) error {
	train := exec.CommandContext(ctx, b.python, append([]string{"bench/models.py", b.dir}, append(slices.Clone(models), "M4-25", "M4-125")...)...)
	cli, err := filepath.Abs(filepath.Join("dist", "sklambda"))
	if err != nil {
		return err
	}
	train.Env = append(os.Environ(), "SKLAMBDA_BIN="+cli)
	train.Stderr = os.Stderr
	if err := train.Run(); err != nil {
		return fmt.Errorf("bench/models.py: %w", err)
	}
	for folder, out := range map[string]string{"function": "bootstrap", "bench/floor": "floor", "bench/echo": "echo", "cmd/sklambda": "sklambda"} {
		if err := runtimetest.Build(folder, runtime.GOARCH, b.program(out)); err != nil {
			return err
		}
	}
	onnx := exec.CommandContext(ctx, "go", "build", "-C", filepath.Join("bench", "onnx"), "-trimpath", "-buildvcs=false", "-o", b.program("onnx"), ".")
	onnx.Env = append(os.Environ(), "CGO_ENABLED=1")
	if output, err := onnx.CombinedOutput(); err != nil {
		return fmt.Errorf("bench/onnx: %w\n%s", err, output)
	}
	return nil
}

// program is the path of a program that prepare builds.
func (b *bench) program(name string) string { return filepath.Join(b.programs, name) }

// model is a file of a model.
func (b *bench) model(name string, path ...string) string {
	return filepath.Join(append([]string{b.dir, name}, path...)...)
}

// onnxLibrary is onnxruntime's shared library, as its wheel brings it.
func (b *bench) onnxLibrary() (string, error) {
	const pattern = "lib/python3*/site-packages/onnxruntime/capi/libonnxruntime.so.*"
	found, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(b.python)), pattern))
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("%d files are %s, want 1", len(found), pattern)
	}
	if err != nil {
		return "", err
	}
	return found[0], nil
}
