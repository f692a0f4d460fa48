package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironmentsAreValid(t *testing.T) {
	for _, config := range environments() {
		if err := config.validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestEnvironmentByName(t *testing.T) {
	config, err := environment(environments(), "staging", "")
	if err != nil || config.Name != "staging" {
		t.Errorf("got %q, %v", config.Name, err)
	}
	_, err = environment(environments(), "production", "")
	if want := `environment "production" is not known: allowed are dev, staging, prod`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestModels(t *testing.T) {
	config := environments()[0]
	config.Models = []ModelConfig{{Dir: "a"}, {Name: "b", Dir: "b"}}
	open := environments()[0]
	open.Models = []ModelConfig{{}, {Name: "b", Dir: "b"}}
	for _, tt := range []struct {
		name    string
		config  Config
		dir     string
		want    []ModelConfig
		wantErr string
	}{
		{"the shipped one", environments()[0], "", []ModelConfig{{Dir: "model/artifact"}}, ""},
		{"another", environments()[0], "m", []ModelConfig{{Dir: "m"}}, ""},
		{"several", config, "", config.Models, ""},
		{"one of several", open, "m", []ModelConfig{{Dir: "m"}, {Name: "b", Dir: "b"}}, ""},
		{"of no use", config, "m", nil, `-c model=m has no effect: every one of Models in environment "dev" has a Dir of its own`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.config.models(tt.dir)
			if (err == nil) != (tt.wantErr == "") || (err != nil && err.Error() != tt.wantErr) {
				t.Fatalf("error is %v, want %q", err, tt.wantErr)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("models (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOverride(t *testing.T) {
	for _, tt := range []struct {
		name, json string
		want       func(*Config)
		wantErr    string
	}{
		{"nothing", `{}`, func(*Config) {}, ""},
		{"a field", `{"MemoryMB":2048}`, func(c *Config) { c.MemoryMB = 2048 }, ""},
		{"within a struct", `{"Alarms":{"Email":"a@example.com"}}`, func(c *Config) { c.Alarms.Email = "a@example.com" }, ""},
		{"a list", `{"CORSOrigins":["https://a.example.com"]}`, func(c *Config) { c.CORSOrigins = []string{"https://a.example.com"} }, ""},
		{"models", `{"models":[{"Name":"b"}]}`, func(c *Config) { c.Models = []ModelConfig{{Name: "b"}} }, ""},
		{"a pointer", `{"Domain":null,"Budget":{"MonthlyUSD":5}}`, func(c *Config) { c.Budget = &Budget{MonthlyUSD: 5} }, ""},
		{"a slip", `{"MemoryMb":1,"Memory":1}`, nil, `unknown field "Memory"`},
		{"a wrong type", `{"MemoryMB":"1"}`, nil, "MemoryMB of type int"},
		{"no object", `[]`, nil, "allowed is one JSON object"},
		{"more", `{}{}`, nil, "allowed is one JSON object"},
		{"null", `null`, nil, "allowed is one JSON object"},
		{"another environment's name", `{"Name":"prod"}`, nil, `calls the environment "dev" "prod", which is another one's name`},
		{"a name of its own", `{"Name":"eu"}`, func(c *Config) { c.Name = "eu" }, ""},
		{"a bad value", `{"MemoryMB":1}`, nil, "MemoryMB is 1: allowed is 128 to 10240"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.json")
			if err := os.WriteFile(path, []byte(tt.json), 0o644); err != nil {
				t.Fatal(err)
			}
			base := environments()
			base[0].Models = []ModelConfig{{Dir: "a"}}
			got, err := environment(base, "dev", path)
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("error is %v, want %s", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := environments()[0]
			want.Models = []ModelConfig{{Dir: "a"}}
			tt.want(&want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("config (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := environment(environments(), "dev", filepath.Join(t.TempDir(), "none.json")); err == nil || !strings.Contains(err.Error(), "-c config: open") {
		t.Errorf("no such file: got %v", err)
	}
}

// place prints where preflight.sh has to look.
func TestPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(`{"Region": "eu-west-1", "Account": "123456789012"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args          []string
		want, wantErr string
	}{
		{[]string{"place", "dev"}, " \n", ""},
		{[]string{"place", "dev", file}, "eu-west-1 123456789012\n", ""},
		{[]string{"place", "test"}, "", `environment "test" is not known`},
		{[]string{"place"}, "", "allowed are none"},
		{[]string{"plaice", "dev"}, "", "allowed are none"},
	} {
		var out strings.Builder
		err := runCommand(&out, tt.args)
		if out.String() != tt.want || (err == nil) != (tt.wantErr == "") || (err != nil && !strings.Contains(err.Error(), tt.wantErr)) {
			t.Errorf("%q: printed %q, %v; want %q, %q", tt.args, out.String(), err, tt.want, tt.wantErr)
		}
	}
}

func TestReadSelection(t *testing.T) {
	for _, tt := range []struct {
		name    string
		values  map[string]any
		want    selection
		wantErr string
	}{
		{"nothing", map[string]any{"@aws-cdk/core:target-partitions": []any{"aws"}}, selection{environment: "dev"}, ""},
		{"all", map[string]any{"env": "prod", "model": "/tmp/m", "config": "c.json"}, selection{"prod", "/tmp/m", "c.json"}, ""},
		{"a slip", map[string]any{"modle": "/tmp/m"}, selection{}, `context "modle" is not known: allowed are -c env=NAME, -c model=DIR and -c config=FILE`},
		{"empty", map[string]any{"env": ""}, selection{}, `context "env" is "": allowed is a text that is not empty`},
		{"no text", map[string]any{"env": 3.0}, selection{}, `context "env" is 3: allowed is a text that is not empty`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readSelection(tt.values)
			if got != tt.want || (err == nil) != (tt.wantErr == "") || (err != nil && err.Error() != tt.wantErr) {
				t.Errorf("got %+v, %v; want %+v, %s", got, err, tt.want, tt.wantErr)
			}
		})
	}
}

func TestReadContext(t *testing.T) {
	overflow := filepath.Join(t.TempDir(), "context-overflow.json")
	if err := os.WriteFile(overflow, []byte(`{"model":"m"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, json, file string
		want             map[string]any
		wantErr          string
	}{
		{"no command line", "", "", map[string]any{}, ""},
		{"variable", `{"env":"prod"}`, "", map[string]any{"env": "prod"}, ""},
		{"variable and file", `{"env":"prod"}`, overflow, map[string]any{"env": "prod", "model": "m"}, ""},
		{"not JSON", `{"env"`, "", nil, "CDK_CONTEXT_JSON: unexpected end of JSON input"},
		{"no such file", `{}`, overflow + "x", nil, "no such file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("CDK_CONTEXT_JSON", tt.json)
			t.Setenv("CONTEXT_OVERFLOW_LOCATION_ENV", tt.file)
			got, err := readContext()
			if (err == nil) != (tt.wantErr == "") || (err != nil && !strings.Contains(err.Error(), tt.wantErr)) {
				t.Fatalf("error is %v, want %q", err, tt.wantErr)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("context (-want +got):\n%s", diff)
			}
		})
	}
}
