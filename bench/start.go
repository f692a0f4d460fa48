package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"sklambda/function/runtimetest"
)

// coldStart is the median of several starts of one program.
type coldStart struct {
	milliseconds float64 // from exec to the first response
	peakMB       float64 // VmHWM after it
}

// coldStarts starts the bootstrap and the empty bootstrap in turn.
func coldStarts(ctx context.Context, bootstrap, floor, artifact string, body []byte, runs int) (got, empty coldStart, err error) {
	var starts, floors []coldStart
	for range runs {
		for _, p := range []struct {
			program string
			list    *[]coldStart
		}{{bootstrap, &starts}, {floor, &floors}} {
			one, err := start(ctx, p.program, artifact, body)
			if err != nil {
				return got, empty, err
			}
			*p.list = append(*p.list, one)
		}
	}
	return median(starts), median(floors), nil
}

// start runs a bootstrap until it has answered its first event, a direct invocation.
func start(ctx context.Context, program, artifact string, body []byte) (got coldStart, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	api, err := runtimetest.Listen()
	if err != nil {
		return coldStart{}, err
	}
	defer func() { err = errors.Join(err, api.Close()) }()
	command := exec.Command(program)
	command.Env = []string{"MODEL_PATH=" + artifact, "LOG_LEVEL=error"}
	from := time.Now()
	process, err := api.Start(command)
	if err != nil {
		return coldStart{}, err
	}
	defer process.Stop()
	answer, err := api.Invoke(ctx, body)
	took := time.Since(from)
	if err != nil {
		return coldStart{}, fmt.Errorf("%s: %w: %s", program, err, process.Stderr())
	}
	if !json.Valid(answer) {
		return coldStart{}, fmt.Errorf("%s answered %q", program, answer)
	}
	peak, err := peakMB(process.PID())
	return coldStart{float64(took.Microseconds()) / 1000, peak}, err
}

// peakMB reads VmHWM, the peak of the resident memory.
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
