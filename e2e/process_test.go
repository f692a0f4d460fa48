package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// launches are commands to be started, each with where to send the outcome.
var launches = make(chan struct {
	command *exec.Cmd
	started chan error
})

// launch starts commands from one thread that lives as long as this process: the kernel ends a child whose Pdeathsig is set when
// the thread that started it ends, so that nothing outlives even a killed run.
func launch() {
	runtime.LockOSThread()
	for l := range launches {
		l.started <- l.command.Start()
	}
}

// start starts a command in a process group of its own, which cancel ends as a whole.
func start(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return endGroup(command.Process.Pid) }
	command.WaitDelay = 5 * time.Second
	started := make(chan error)
	launches <- struct {
		command *exec.Cmd
		started chan error
	}{command, started}
	return <-started
}

// endGroup kills a process with all that it started; that there is none any more is no error.
func endGroup(pid int) error {
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// output runs a command to its end and returns what it printed.
func output(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	var printed bytes.Buffer
	command := exec.CommandContext(ctx, name, args...)
	command.Dir, command.Env = dir, env
	command.Stdout, command.Stderr = &printed, &printed
	err := start(command)
	if err == nil {
		err = command.Wait()
		_ = endGroup(command.Process.Pid)
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, printed.String())
	}
	return printed.String(), err
}

// unshareFlags are the options with which unshare(1) gives a mount namespace of one's own; set once by checkNamespaces.
var unshareFlags []string

// checkNamespaces finds out how to get a private mount namespace. Who is not root needs a user namespace around it. It returns what is
// missing, or nothing.
func checkNamespaces(ctx context.Context) string {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return "they need Linux on amd64"
	}
	if _, err := exec.LookPath("unshare"); err != nil {
		return "apt-get install util-linux"
	}
	for _, flags := range [][]string{{"--mount"}, {"--map-root-user", "--mount"}} {
		try := append(slices.Clone(flags), "sh", "-c", "mount -t tmpfs tmpfs /opt")
		if _, err := output(ctx, "", os.Environ(), "unshare", try...); err == nil {
			unshareFlags = flags
			return ""
		}
	}
	return "no mount namespace: run as root, or sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0"
}
