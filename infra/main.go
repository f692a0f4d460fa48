// Command infra is the CDK app: one stack for the environment chosen by -c env=…, serving the model in the folder chosen by
// -c model=…. cdk.json starts it for every `npx cdk` command. `go run ./infra costs` prints what the environments cost instead, and
// `go run ./infra place ENV [CONFIG]` where an environment is pinned to.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "sklambda:", err)
		os.Exit(1)
	}
}

// run synthesizes the app into the folder that the CDK command line names. What can be refused is refused before the first
// construct, which starts jsii's Node process.
func run() error {
	if len(os.Args) > 1 {
		return runCommand(os.Stdout, os.Args[1:])
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	values, err := readContext()
	if err != nil {
		return err
	}
	selected, err := readSelection(values)
	if err != nil {
		return err
	}
	config, err := environment(environments(), selected.environment, selected.override)
	if err != nil {
		return err
	}
	models, err := config.models(selected.modelDir)
	if err != nil {
		return err
	}
	assets, remove, err := prepareAssets(ctx, config, models)
	if err != nil {
		return err
	}
	defer remove()
	if err := errors.Join(reportSizes(os.Stderr, config, assets), checkBatches(config, assets)); err != nil {
		return err
	}

	defer closeJSII()
	app := awscdk.NewApp(nil)
	NewPredictionStack(app, "sklambda-"+config.Name, &PredictionStackProps{Config: config, Assets: assets})
	app.Synth(nil)
	return nil
}

// runCommand prints what is asked for in the place of a synth.
func runCommand(out io.Writer, args []string) error {
	switch {
	case args[0] == "costs" && len(args) == 1:
		_, err := fmt.Fprint(out, costs(environments()))
		return err
	case args[0] == "place" && (len(args) == 2 || len(args) == 3):
		config, err := environment(environments(), args[1], strings.Join(args[2:], ""))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, config.Region, config.Account) // both empty: wherever the credentials are of
		return err
	}
	return fmt.Errorf("got arguments %q: allowed are none, as the CDK command line has it, costs, or place ENV [CONFIG]", args)
}

// closeJSII ends jsii's Node process. jsii-runtime-go waits for it twice, and when the second wait comes too late it prints
// "Runtime process exited abnormally" after a synth that went well; so nobody listens.
func closeJSII() {
	if nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = nowhere
	}
	jsii.Close()
}

// readContext reads the context as the CDK command line hands it over: in CDK_CONTEXT_JSON, and what is too large for that in a
// file (App.loadContext in aws-cdk-lib). awscdk.App would read it too, but only once Node runs.
func readContext() (map[string]any, error) {
	values := map[string]any{}
	if text := os.Getenv("CDK_CONTEXT_JSON"); text != "" {
		if err := json.Unmarshal([]byte(text), &values); err != nil {
			return nil, fmt.Errorf("CDK_CONTEXT_JSON: %w", err)
		}
	}
	if path := os.Getenv("CONTEXT_OVERFLOW_LOCATION_ENV"); path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, &values); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return values, nil
}

// selection is what the command line chose.
type selection struct {
	// environment is -c env=…, by default the first environment.
	environment string
	// modelDir is -c model=…; empty if it is not given.
	modelDir string
	// override is -c config=…, a file of fields over the environment; empty for none.
	override string
}

// readSelection reads the context. It refuses a key that nothing reads: a slip in "-c model=…" would deploy another model
// than the one that was meant.
func readSelection(values map[string]any) (selection, error) {
	selected := selection{environment: environments()[0].Name}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value := values[key]
		var field *string
		switch key {
		case "env":
			field = &selected.environment
		case "model":
			field = &selected.modelDir
		case "config":
			field = &selected.override
		default:
			if strings.Contains(key, ":") || slices.Contains(toolkitKeys, key) {
				continue
			}
			return selection{}, fmt.Errorf("context %q is not known: allowed are -c env=NAME, -c model=DIR and -c config=FILE", key)
		}
		text, ok := value.(string)
		if !ok || text == "" {
			return selection{}, fmt.Errorf("context %q is %#v: allowed is a text that is not empty", key, value)
		}
		*field = text
	}
	return selected, nil
}

// toolkitKeys are the context keys without a colon that belong to the CDK command line; all others of its own have one, as
// have feature flags and cached look-ups.
var toolkitKeys = []string{"acknowledged-issue-numbers", "cli-telemetry"}
