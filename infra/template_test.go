package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden templates anew")

func TestMain(m *testing.M) {
	code := runTests(m)
	jsii.Close()
	os.Exit(code)
}

// assemblies is the folder of the templates that a run of the tests has synthesized, a folder each.
var assemblies string

func runTests(m *testing.M) int {
	var err error
	if assemblies, err = os.MkdirTemp("", "sklambda-infra-*"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(assemblies)
	return m.Run()
}

// template is a synthesized CloudFormation template.
type template map[string]any

// resource is one resource of a template.
type resource map[string]any

// stubAssets stand for real ones: their bytes, and so the templates, do not change with the code or the model.
func stubAssets(t *testing.T, config Config) Assets {
	t.Helper()
	models, err := config.models("")
	if err != nil {
		t.Fatal(err)
	}
	var assets Assets
	for _, m := range models {
		made := ModelAssets{
			Name:     m.Name,
			Function: "testdata/stub/function",
			Model:    ModelIdentity{Name: "stub", Version: "v0.0", SHA256: "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef", LongestResult: 1000},
		}
		if config.Model == ModelInLayer {
			made.Layer = "testdata/stub/layer"
		}
		if config.hasCodeDeploy() {
			made.Hook = "testdata/stub/deployhook"
		}
		assets.Models = append(assets.Models, made)
	}
	return assets
}

// synthesized holds the templates of one test run: a synth costs about a second. Tests here do not run in parallel.
var synthesized = map[string]template{}

// synthesize makes the template of an environment out of stub assets, with the feature flags of cdk.json and cdk-nag watching.
func synthesize(t *testing.T, config Config) template {
	t.Helper()
	if made, ok := synthesized[config.Name]; ok {
		return made
	}
	if err := config.validate(); err != nil {
		t.Fatal(err)
	}
	made := synthesizeAssets(t, config, stubAssets(t, config), filepath.Join(assemblies, config.Name))
	synthesized[config.Name] = made
	return made
}

// synthesizeAssets makes the template of an environment out of any assets, in the folder out.
func synthesizeAssets(t *testing.T, config Config, assets Assets, out string) template {
	t.Helper()
	var settings struct{ Context map[string]any }
	readJSON(t, "../cdk.json", &settings)
	app := awscdk.NewApp(&awscdk.AppProps{
		AutoSynth: jsii.Bool(false),
		Outdir:    jsii.String(out),
		Context:   &settings.Context,
	})
	NewPredictionStack(app, "sklambda-"+config.Name, &PredictionStackProps{Config: config, Assets: assets})
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
	}), nil)
	app.Synth(nil)

	var made template
	readJSON(t, filepath.Join(out, "sklambda-"+config.Name+".template.json"), &made)
	return made
}

func templatePath(config Config) string {
	return filepath.Join(assemblies, config.Name, "sklambda-"+config.Name+".template.json")
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// every returns the resources of a type, by logical ID.
func (tmpl template) every(kind string) map[string]resource {
	found := map[string]resource{}
	for id, r := range tmpl["Resources"].(map[string]any) {
		if r := resource(r.(map[string]any)); r["Type"] == kind {
			found[id] = r
		}
	}
	return found
}

// only returns the one resource of a type.
func (tmpl template) only(t *testing.T, kind string) resource {
	t.Helper()
	found := tmpl.every(kind)
	if len(found) != 1 {
		t.Fatalf("%d resources of type %s, want 1", len(found), kind)
	}
	for _, r := range found {
		return r
	}
	return nil
}

// at follows keys into the resource's properties; nil where there is nothing.
func (r resource) at(keys ...string) any {
	value := r["Properties"]
	for _, key := range keys {
		inner, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = inner[key]
	}
	return value
}

// wantAt compares a property with what it has to be, as JSON has it: numbers are float64.
func (r resource) wantAt(t *testing.T, want any, keys ...string) {
	t.Helper()
	if diff := cmp.Diff(want, r.at(keys...)); diff != "" {
		t.Errorf("%s %v (-want +got):\n%s", r["Type"], keys, diff)
	}
}

// text renders a value as one line of JSON, for looking into intrinsic functions.
func text(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return string(bytes.TrimSpace(out.Bytes()))
}

// The manifest is where the CDK command line reads what no template can say.
func TestTerminationProtection(t *testing.T) {
	for _, config := range append(environments(), variants()...) {
		synthesize(t, config)
		var manifest struct {
			Artifacts map[string]struct {
				Properties struct{ TerminationProtection bool }
			}
		}
		readJSON(t, filepath.Join(assemblies, config.Name, "manifest.json"), &manifest)
		stack, ok := manifest.Artifacts["sklambda-"+config.Name]
		if want := config.Name == "prod"; !ok || stack.Properties.TerminationProtection != want {
			t.Errorf("%s: termination protection is %v (stack found: %v), want %v", config.Name, stack.Properties.TerminationProtection, ok, want)
		}
	}
}

func TestGoldenTemplates(t *testing.T) {
	for _, config := range environments() {
		t.Run(config.Name, func(t *testing.T) {
			var got bytes.Buffer
			encoder := json.NewEncoder(&got)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(synthesize(t, config)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "golden", config.Name+".json")
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("template changed; go test ./infra -update writes it anew (-want +got):\n%s", diff)
			}
		})
	}
}
