package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// share is the part of a CPU that 512 MB of Lambda memory get.
const share = 0.29

// period is how long a quota is for, in µs.
const period = 20_000

// fractionalStarts are starts with a part of a CPU, through a cgroup. Each program is started by a shell that moves itself into it.
func (b *bench) fractionalStarts(ctx context.Context) error {
	group, err := newCgroup(share)
	if err != nil {
		b.report.Tables["start-share"] = "Not measured: no CPU cgroup can be made here (" + err.Error() + ")."
		return nil
	}
	defer os.Remove(group)
	wrap := []string{"/bin/sh", "-c", `echo $$ > "$0"/cgroup.procs && exec "$@"`, group}
	var lines [][]string
	for _, name := range []string{"M1", "M4"} {
		list, err := b.starters(name)
		if err != nil {
			return err
		}
		got, err := b.startAll(ctx, name, list, 6, wrap)
		if err != nil {
			return err
		}
		lines = append(lines, startLine(name, got))
	}
	b.report.table("start-share", startHead, lines)
	return nil
}

// newCgroup makes a group that gets a part of a CPU, in cgroup v2 or in the cpu controller of v1.
func newCgroup(part float64) (group string, err error) {
	quota := strconv.Itoa(int(part * period))
	root, settings := "/sys/fs/cgroup", [][2]string{{"cpu.max", quota + " " + strconv.Itoa(period)}}
	if _, err := os.Stat(filepath.Join(root, "cpu")); err == nil {
		root, settings = filepath.Join(root, "cpu"), [][2]string{{"cpu.cfs_period_us", strconv.Itoa(period)}, {"cpu.cfs_quota_us", quota}}
	}
	group = filepath.Join(root, fmt.Sprintf("sklambda-bench-%d", os.Getpid()))
	if err := os.Mkdir(group, 0o755); err != nil {
		return "", err
	}
	for _, s := range settings {
		if err := os.WriteFile(filepath.Join(group, s[0]), []byte(s[1]), 0o644); err != nil {
			os.Remove(group)
			return "", err
		}
	}
	return group, nil
}
