package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// recorded are the instructions that a row took on amd64 when they were last looked at, laid out, alone. A tenth more is a regression: unlike a time
// it does not depend on what else the machine does.
var recorded = map[string]float64{"M1": 1630, "M2": 31_800, "M3": 11_900, "M4": 155_000}

// countedInstructions, about, are those of the rows that the second of two runs answers more: their difference has no start in it, of which a few thousand vary.
const countedInstructions = 8_000_000

// instructions counts those of a row with valgrind.
func (b *bench) instructions(ctx context.Context) error {
	if _, err := exec.LookPath("valgrind"); err != nil {
		return fmt.Errorf("%w: apt-get install valgrind", err)
	}
	var lines [][]string
	for _, name := range models {
		rows := max(200, countedInstructions/int(recorded[name]))
		few, err := b.countInstructions(ctx, name, rows)
		if err != nil {
			return err
		}
		more, err := b.countInstructions(ctx, name, 2*rows)
		if err != nil {
			return err
		}
		row := float64(more-few) / float64(rows)
		b.report.atMost("instructions of a row to those recorded", name, row/recorded[name], 1.1, "×")
		lines = append(lines, []string{name, fmt.Sprintf("%.0f", row), fmt.Sprintf("%.0f", recorded[name])})
	}
	b.report.table("instructions", []string{"model", "instructions a row", "recorded"}, lines)
	return nil
}

// instructionTotal is what cachegrind says at its end.
var instructionTotal = regexp.MustCompile(`I +refs: +([\d,]+)`)

// countInstructions are those of a process that answers some rows one by one.
func (b *bench) countInstructions(ctx context.Context, name string, rows int) (int, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	command := exec.CommandContext(ctx, "valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null",
		self, "-answer", b.model(name), "-count", fmt.Sprint(rows))
	command.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1")
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Run(); err != nil {
		return 0, fmt.Errorf("%v: %w\n%s", command.Args, err, said.String())
	}
	total := instructionTotal.FindStringSubmatch(said.String())
	if total == nil {
		return 0, fmt.Errorf("%v says no number of instructions:\n%s", command.Args, said.String())
	}
	return strconv.Atoi(strings.ReplaceAll(total[1], ",", ""))
}
