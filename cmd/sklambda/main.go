// Command sklambda compiles fitted scikit-learn pipelines into artifacts, and serves, scores, verifies and inspects them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"sklambda/model"
	"sklambda/model/sklearn"
)

// Exit statuses of every command.
const (
	exitOK      = 0
	exitFailed  = 1
	exitRefused = 2 // the pipeline cannot be compiled exactly
)

// stdio are the streams of a command.
type stdio struct {
	in       io.Reader
	out, err io.Writer
	// terminal says that err is one: progress is drawn there and nowhere else.
	terminal bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	status := run(ctx, os.Args[1:], stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr, terminal: isTerminal(os.Stderr)})
	os.Exit(status)
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// commands lists the subcommands in the order of a model's life.
func commands() []*command {
	return []*command{buildCommand(), serveCommand(), scoreCommand(), verifyCommand(), inspectCommand(), rowsCommand()}
}

// run executes one command line and returns its exit status.
func run(ctx context.Context, args []string, std stdio) int {
	if len(args) == 0 {
		usage(std.out)
		return exitOK
	}
	name, rest := args[0], args[1:]
	switch name {
	case "help", "--help", "-help", "-h":
		return help(rest, std)
	case "version", "--version", "-version":
		version(std.out)
		return exitOK
	}
	for _, c := range commands() {
		if c.name == name {
			return c.execute(ctx, rest, std)
		}
	}
	return unknownCommand(name, std)
}

func help(args []string, std stdio) int {
	if len(args) == 0 {
		usage(std.out)
		return exitOK
	}
	for _, c := range commands() {
		if c.name == args[0] {
			c.help(std.out)
			return exitOK
		}
	}
	return unknownCommand(args[0], std)
}

func unknownCommand(name string, std stdio) int {
	fmt.Fprintf(std.err, "sklambda: unknown command %q; allowed: %s, help, version\n", name, strings.Join(commandNames(), ", "))
	return exitFailed
}

func commandNames() []string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

func usage(w io.Writer) {
	fmt.Fprint(w, "sklambda compiles a fitted scikit-learn pipeline from its joblib file into a small artifact, and answers with it.\n\n"+
		"Usage: sklambda COMMAND [arguments]\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.summary)
	}
	fmt.Fprintf(w, "  %-9s %s\n  %-9s %s\n", "help", "show this text, or the help of a command", "version", "show versions")
	fmt.Fprint(w, "\nRun 'sklambda COMMAND --help' for the flags and an example.\n")
}

func version(w io.Writer) {
	release := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		release = info.Main.Version
	}
	fmt.Fprintf(w, "sklambda %s, artifact schema %d, %s %s/%s\n", release, model.SchemaVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// report prints err for the user and returns the exit status that it stands for.
func report(name string, err error, std stdio) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if refusal, ok := errors.AsType[*sklearn.Refusal](err); ok {
		printRefusal(std.err, refusal)
		return exitRefused
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	fmt.Fprintf(std.err, "sklambda %s: %v\n", name, err)
	return exitFailed
}

// printRefusal writes one line a reason: pipeline step, class, what, why, what to do.
func printRefusal(w io.Writer, refusal *sklearn.Refusal) {
	for _, r := range refusal.Reasons {
		fmt.Fprintln(w, oneLine(r.String()))
	}
}

// oneLine keeps a message that quotes the user's data on its line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
