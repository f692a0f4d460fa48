package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
)

// A command is one subcommand: its help, its flags and what it does.
type command struct {
	name    string
	usage   string // what follows the name: arguments and required flags
	summary string // one line for the list of commands
	about   string // what it does, for its help
	example string // a line or more that can be pasted
	exit    string // what the statuses mean, where they say more than usual
	// args is the number of positional arguments.
	args int
	// setup declares the flags and returns what runs when they are parsed.
	setup func(fs *flag.FlagSet) action
}

// An action runs a command with its positional arguments.
type action func(ctx context.Context, args []string, std stdio) error

// exitUsual describes the statuses of a command that compiles nothing.
const exitUsual = "0 done; 1 failed"

// exitCompile describes the statuses of a command that compiles a pipeline.
const exitCompile = "0 done; 2 the pipeline is refused (one line a reason); 1 any other failure"

func (c *command) execute(ctx context.Context, args []string, std stdio) int {
	if slices.ContainsFunc(args, isHelp) {
		c.help(std.out)
		return exitOK
	}
	fs := c.flags()
	run := c.setup(fs)
	positional, err := parse(fs, args)
	if err == nil && len(positional) != c.args {
		err = fmt.Errorf("got %d arguments %q, want %d; usage: sklambda %s %s", len(positional), positional, c.args, c.name, c.usage)
	}
	if err == nil {
		err = run(ctx, positional, std)
	}
	return report(c.name, err, std)
}

func isHelp(arg string) bool { return arg == "--help" || arg == "-help" || arg == "-h" }

func (c *command) flags() *flag.FlagSet {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	return fs
}

// parse reads flags and positional arguments in any order, which package flag alone does not.
func parse(fs *flag.FlagSet, args []string) (positional []string, err error) {
	for len(args) > 0 {
		if err := fs.Parse(args); err != nil {
			return nil, flagError(fs, err)
		}
		if fs.NArg() == 0 {
			break
		}
		positional, args = append(positional, fs.Arg(0)), fs.Args()[1:]
	}
	return positional, nil
}

// flagError is an error of package flag with the dashes that our flags have.
func flagError(fs *flag.FlagSet, err error) error {
	text := regexp.MustCompile(`(: | flag | for )-(\w)`).ReplaceAllString(err.Error(), "$1--$2")
	if strings.HasPrefix(text, "flag provided but not defined") {
		text += "; allowed: " + strings.Join(flagNames(fs), ", ")
	}
	return errors.New(text)
}

func flagNames(fs *flag.FlagSet) []string {
	var names []string
	fs.VisitAll(func(f *flag.Flag) { names = append(names, "--"+f.Name) })
	return names
}

func (c *command) help(w io.Writer) {
	fs := c.flags()
	c.setup(fs)
	fmt.Fprintf(w, "Usage: sklambda %s %s\n\n%s\n\nFlags:\n", c.name, c.usage, c.about)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fs.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(table, "  %s\t%s%s\n", strings.TrimSpace("--"+f.Name+" "+value), usage, defaultText(f))
	})
	table.Flush()
	fmt.Fprintf(w, "\nExample:\n  %s\n\nExit status: %s.\n", strings.ReplaceAll(c.example, "\n", "\n  "), c.exit)
}

func defaultText(f *flag.Flag) string {
	if f.DefValue == "" || f.DefValue == "false" || f.DefValue == "0" {
		return ""
	}
	return " (default " + f.DefValue + ")"
}

// required refuses an empty value of a flag that has to be given.
func required(name, value, what string) error {
	if value == "" {
		return fmt.Errorf("missing --%s: %s", name, what)
	}
	return nil
}

// stringList is a flag that may be given several times.
type stringList []string

func (l *stringList) String() string { return strings.Join(*l, ",") }

// Set adds one value.
func (l *stringList) Set(value string) error {
	*l = append(*l, value)
	return nil
}
