// Command infra is the CDK app: one stack for the environment chosen by -c env=…, serving the model in the folder chosen by
// -c model=…. cdk.json starts it for every `npx cdk` command.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "sklambda:", err)
		os.Exit(1)
	}
}

// run synthesizes the app into the folder that the CDK command line names.
func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	defer jsii.Close()
	// Synth is called below, and only when everything before it went well.
	app := awscdk.NewApp(&awscdk.AppProps{AutoSynth: jsii.Bool(false)})

	all, _ := app.Node().GetAllContext(nil).(map[string]any)
	selected, err := readSelection(all)
	if err != nil {
		return err
	}
	config, err := environment(environments(), selected.environment)
	if err != nil {
		return err
	}
	assets, remove, err := prepareAssets(ctx, config, selected.modelDir)
	if err != nil {
		return err
	}
	defer remove()
	NewPredictionStack(app, "sklambda-"+config.Name, &PredictionStackProps{Config: config, Assets: assets})
	app.Synth(nil)
	return nil
}

// selection is what the command line chose.
type selection struct {
	// environment is -c env=…, by default the first environment.
	environment string
	// modelDir is -c model=…, by default the shipped model.
	modelDir string
}

// readSelection reads the context. It refuses a key that nothing reads: a slip in "-c model=…" would deploy another model
// than the one that was meant.
func readSelection(values map[string]any) (selection, error) {
	selected := selection{environment: environments()[0].Name, modelDir: "model/artifact"}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		value := values[key]
		var field *string
		switch key {
		case "env":
			field = &selected.environment
		case "model":
			field = &selected.modelDir
		default:
			if strings.Contains(key, ":") || slices.Contains(toolkitKeys, key) {
				continue
			}
			return selection{}, fmt.Errorf("context %q is not known: allowed are -c env=NAME and -c model=DIR", key)
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
