package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sklambda/function/runtimetest"
	"sklambda/model"
	"sklambda/model/table"
)

// coldStart is one start of a program, or the median of several.
type coldStart struct {
	milliseconds float64 // from exec to the first response
	peakMB       float64 // VmHWM after it
}

// starter is a bootstrap that is started again and again.
type starter struct {
	name    string
	command []string
	env     []string
	every   int // the rounds in which it takes part
	starts  []coldStart
}

// starters are the programs for a model: ours and the empty one in each round, those that take long less often.
func (b *bench) starters(name string) ([]*starter, error) {
	library, err := b.onnxLibrary()
	if err != nil {
		return nil, err
	}
	folder, script := b.model(name), filepath.Join("bench", "alternatives.py")
	return []*starter{
		{name: "sklambda", command: []string{b.program("bootstrap")}, env: []string{"MODEL_PATH=" + b.model(name, "artifact"), "LOG_LEVEL=error"}, every: 1},
		{name: "empty", command: []string{b.program("floor")}, every: 1},
		{name: "Go + onnxruntime", command: []string{b.program("onnx"), library, folder}, every: 4},
		{name: "Python + onnxruntime", command: []string{b.python, script, "onnxruntime", folder}, every: 8},
		{name: "Python + scikit-learn", command: []string{b.python, script, "scikit-learn", folder}, every: 8},
	}, nil
}

// start measures exec to first response, and memory after it.
func (b *bench) start(ctx context.Context) error {
	if err := b.fullStarts(ctx); err != nil {
		return err
	}
	if err := b.sizeStarts(ctx); err != nil {
		return err
	}
	return b.fractionalStarts(ctx)
}

// fullStarts are those of all programs with all of the CPU.
func (b *bench) fullStarts(ctx context.Context) error {
	var lines [][]string
	for _, name := range models {
		list, err := b.starters(name)
		if err != nil {
			return err
		}
		got, err := b.startAll(ctx, name, list, 24, nil)
		if err != nil {
			return err
		}
		lines = append(lines, startLine(name, got))
		b.startTargets(name, got)
		b.report.Figures["sklambda start "+name] = got["sklambda"].milliseconds
		b.report.Figures["scikit-learn start "+name] = got["Python + scikit-learn"].milliseconds
	}
	b.report.table("start", startHead, lines)
	return nil
}

var startHead = []string{"model", "sklambda", "empty", "Go + onnxruntime", "Python + onnxruntime", "Python + scikit-learn", "to empty", "Go + onnxruntime to it", "scikit-learn to it"}

// startLine shows milliseconds, and peak MB in brackets.
func startLine(name string, got map[string]coldStart) []string {
	line := []string{name}
	for _, program := range startHead[1:6] {
		c := got[program]
		line = append(line, fmt.Sprintf("%s [%s]", figure(c.milliseconds), figure(c.peakMB)))
	}
	ours := got["sklambda"].milliseconds
	return append(line, times(ours/got["empty"].milliseconds), times(got["Go + onnxruntime"].milliseconds/ours), times(got["Python + scikit-learn"].milliseconds/ours))
}

func (b *bench) startTargets(name string, got map[string]coldStart) {
	ours, r := got["sklambda"], b.report
	toEmpty, toOnnx, toPython := ours.milliseconds/got["empty"].milliseconds, got["Go + onnxruntime"].milliseconds/ours.milliseconds, got["Python + scikit-learn"].milliseconds/ours.milliseconds
	if name == "M4" {
		r.atMost("exec to first prediction against an empty bootstrap", name, toEmpty, 3, "×")
		r.atLeast("exec to first prediction against Go + onnxruntime", name, toOnnx, 80, "×")
		info, err := os.Stat(b.model(name, "artifact", model.PlanFile))
		if err == nil {
			r.atMost("peak memory", name, ours.peakMB, float64(info.Size())/(1<<20)+16, "MB")
		}
		return
	}
	r.atMost("exec to first prediction against an empty bootstrap", name, toEmpty, 1.5, "×")
	r.atLeast("exec to first prediction against Python + scikit-learn", name, toPython, 150, "×")
	r.atLeast("exec to first prediction against Go + onnxruntime", name, toOnnx, 4, "×")
	r.atMost("peak memory", name, ours.peakMB, 16, "MB")
}

// sizeStarts show that a start does not depend on the size of the model.
func (b *bench) sizeStarts(ctx context.Context) error {
	var lines [][]string
	ours, floor := series{Name: "sklambda"}, series{Name: "empty bootstrap"}
	for _, name := range sizes {
		list, err := b.starters(name)
		if err != nil {
			return err
		}
		got, err := b.startAll(ctx, name, list[:2], 16, nil)
		if err != nil {
			return err
		}
		info, err := os.Stat(b.model(name, "artifact", model.PlanFile))
		if err != nil {
			return err
		}
		mb := float64(info.Size()) / 1e6
		ours.add(mb, got["sklambda"].milliseconds)
		floor.add(mb, got["empty"].milliseconds)
		lines = append(lines, []string{name, figure(mb), figure(got["sklambda"].milliseconds), figure(got["empty"].milliseconds),
			times(got["sklambda"].milliseconds / got["empty"].milliseconds), figure(got["sklambda"].peakMB)})
	}
	b.report.table("start-size", []string{"model", "plan MB", "sklambda ms", "empty ms", "ratio", "peak MB"}, lines)
	b.report.Plots["start.svg"] = plot{Title: "Cold start against the size of the plan", X: "plan, MB", Y: "exec to first response, ms", Series: []series{ours, floor}}.svg()
	return nil
}

// startAll starts the programs in turn and gives the median of each. wrap, if given, is a command before each.
func (b *bench) startAll(ctx context.Context, name string, list []*starter, rounds int, wrap []string) (map[string]coldStart, error) {
	body, err := b.body(name, 0)
	if err != nil {
		return nil, err
	}
	for round := range rounds {
		for _, s := range list {
			if round%s.every != 0 {
				continue
			}
			one, err := s.start(ctx, body, wrap)
			if err != nil {
				return nil, err
			}
			s.starts = append(s.starts, one)
		}
	}
	got := map[string]coldStart{}
	for _, s := range list {
		got[s.name] = median(s.starts)
	}
	return got, nil
}

// body is a row of a model's sample as a JSON object.
func (b *bench) body(name string, row int) ([]byte, error) {
	m, err := model.ReadManifest(b.model(name, "artifact", model.ManifestFile))
	if err != nil {
		return nil, err
	}
	rows, err := readRows(m, b.model(name))
	if err != nil {
		return nil, err
	}
	object := []byte("{")
	for i, v := range rows[row%len(rows)] {
		if i > 0 {
			object = append(object, ',')
		}
		object = append(table.AppendString(object, m.Features[i].Name), ':')
		if v.Kind == table.Text {
			object = table.AppendString(object, v.Text)
		} else {
			object = table.AppendFloat(object, v.Float)
		}
	}
	return append(object, '}'), nil
}

// start runs a bootstrap until it has answered its first event, a direct invocation.
func (s *starter) start(ctx context.Context, body []byte, wrap []string) (got coldStart, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	api, err := runtimetest.Listen()
	if err != nil {
		return coldStart{}, err
	}
	defer func() { err = errors.Join(err, api.Close()) }()
	line := slices.Concat(wrap, s.command)
	command := exec.Command(line[0], line[1:]...)
	command.Env = s.env
	from := time.Now()
	process, err := api.Start(command)
	if err != nil {
		return coldStart{}, err
	}
	defer process.Stop()
	answer, err := api.Invoke(ctx, body)
	took := time.Since(from)
	if err != nil {
		return coldStart{}, fmt.Errorf("%s: %w: %s", s.name, err, process.Stderr())
	}
	if !json.Valid(answer) {
		return coldStart{}, fmt.Errorf("%s answered %q", s.name, answer)
	}
	peak, err := peakMB(process.PID())
	return coldStart{float64(took.Microseconds()) / 1000, peak}, err
}

// peakMB reads VmHWM, the peak of the resident memory; unlike ru_maxrss it does not inherit that of this process.
func peakMB(pid int) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		var kB float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kB); n == 1 {
			return kB / 1024, nil
		}
	}
	return 0, fmt.Errorf("no VmHWM for process %d", pid)
}

// median takes each figure's own median.
func median(list []coldStart) coldStart {
	pick := func(of func(coldStart) float64) float64 {
		values := make([]float64, len(list))
		for i, c := range list {
			values[i] = of(c)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return coldStart{pick(func(c coldStart) float64 { return c.milliseconds }), pick(func(c coldStart) float64 { return c.peakMB })}
}
