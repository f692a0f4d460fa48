package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"text/template"
)

//go:embed performance.md.tmpl
var prose string

// report is what docs/performance.md shows. It is kept beside the models, so that a stage can be measured again alone.
type report struct {
	Machine string
	Tables  map[string]string // Markdown, by name
	Plots   map[string]string // SVG, by file name
	Targets map[string][]target
	Failed  map[string]string // what a stage that could not be measured said
	Figures map[string]float64

	stage string // that is being measured
}

// target is a line of the first table.
type target struct {
	What, Subject, Want, Got string
	Met                      bool
}

// readReport starts a report, from the one that was kept if asked to.
func readReport(path string, keep bool) (*report, error) {
	r := &report{}
	data, err := os.ReadFile(path)
	if err == nil && keep {
		if err := json.Unmarshal(data, r); err != nil {
			return nil, fmt.Errorf("%s: %w; remove it", path, err)
		}
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if r.Tables == nil {
		*r = report{Machine: machine(), Tables: map[string]string{}, Plots: map[string]string{}, Targets: map[string][]target{},
			Failed: map[string]string{}, Figures: map[string]float64{}}
	}
	return r, nil
}

// machine is what the figures were measured on.
func machine() string {
	cpu := "unknown CPU"
	data, _ := os.ReadFile("/proc/cpuinfo") // a name for the reader; it may be absent
	for line := range strings.Lines(string(data)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			cpu = strings.TrimSpace(strings.TrimLeft(name, "\t :"))
			break
		}
	}
	return fmt.Sprintf("%s/%s, %d CPUs (%s), %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), cpu, runtime.Version())
}

// begin forgets what a stage said before.
func (r *report) begin(stage string) {
	r.stage = stage
	delete(r.Targets, stage)
	delete(r.Failed, stage)
}

// fail notes that the stage could not be measured.
func (r *report) fail(err error) { r.Failed[r.stage] = err.Error() }

// atMost and atLeast note a target that is a number in some unit.
func (r *report) atMost(what, subject string, got, want float64, unit string) {
	r.target(what, subject, "≤ ", got, want, unit, got <= want)
}

func (r *report) atLeast(what, subject string, got, want float64, unit string) {
	r.target(what, subject, "≥ ", got, want, unit, got >= want)
}

func (r *report) target(what, subject, sign string, got, want float64, unit string, met bool) {
	r.Targets[r.stage] = append(r.Targets[r.stage], target{what, subject, sign + figure(want) + " " + unit, figure(got) + " " + unit, met})
}

// figure prints a number with three digits that matter.
func figure(f float64) string {
	switch {
	case f >= 100:
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	case f >= 1:
		return fmt.Sprintf("%.2f", f)
	}
	return fmt.Sprintf("%.3f", f)
}

// times prints a ratio.
func times(f float64) string { return figure(f) + " ×" }

// table keeps a Markdown table.
func (r *report) table(name string, head []string, lines [][]string) {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat(" --- |", len(head)))
	for _, line := range lines {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(line, " | "))
	}
	r.Tables[name] = strings.TrimSuffix(b.String(), "\n")
}

// TargetTable is all targets, in the order of the stages.
func (r *report) TargetTable() string {
	var lines [][]string
	for _, stage := range stages {
		for _, t := range r.Targets[stage.name] {
			met := "yes"
			if !t.Met {
				met = "**no**"
			}
			lines = append(lines, []string{t.What, t.Subject, t.Want, t.Got, met})
		}
		if reason, ok := r.Failed[stage.name]; ok {
			lines = append(lines, []string{stage.name, "", "", "not measured: " + strings.ReplaceAll(strings.ReplaceAll(reason, "\n", " "), "|", "/"), "**no**"})
		}
	}
	all := &report{Tables: map[string]string{}}
	all.table("", []string{"what", "of", "target", "measured", "met"}, lines)
	return all.Tables[""]
}

// write keeps the report and renders it, with its plots beside it.
func (r *report) write(kept, out string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(kept, data, 0o644); err != nil {
		return err
	}
	page, err := template.New("performance.md").Parse(prose)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := page.Execute(&text, r); err != nil {
		return err
	}
	for name, svg := range r.Plots {
		if err := os.WriteFile(filepath.Join(filepath.Dir(out), name), []byte(svg), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(out, text.Bytes(), 0o644)
}
