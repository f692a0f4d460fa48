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
	config, err := environment(environments(), "staging")
	if err != nil || config.Name != "staging" {
		t.Errorf("got %q, %v", config.Name, err)
	}
	_, err = environment(environments(), "production")
	if want := `environment "production" is not known: allowed are dev, staging, prod`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(*Config)
		want string
	}{
		{"name", func(c *Config) { c.Name = "Dev 1" }, `Name is "Dev 1": allowed are lower-case letters, digits and hyphens, a letter first, at most 32`},
		{"account", func(c *Config) { c.Account, c.Region = "12345", "eu-west-1" }, `Account is "12345": allowed are 12 digits, or nothing`},
		{"account alone", func(c *Config) { c.Account = "123456789012" }, `Account is "123456789012" without a Region: give both`},
		{"region", func(c *Config) { c.Region = "Frankfurt" }, `Region is "Frankfurt": allowed is a name such as eu-central-1, or nothing`},
		{"architecture", func(c *Config) { c.Architecture = "x86" }, `Architecture is "x86": allowed are arm64, amd64`},
		{"memory", func(c *Config) { c.MemoryMB = 64 }, `MemoryMB is 64: allowed is 128 to 10240`},
		{"memory high", func(c *Config) { c.MemoryMB = 10241 }, `MemoryMB is 10241: allowed is 128 to 10240`},
		{"timeout", func(c *Config) { c.TimeoutSeconds = 30 }, `TimeoutSeconds is 30: allowed is 1 to 29`},
		{"timeout zero", func(c *Config) { c.TimeoutSeconds = 0 }, `TimeoutSeconds is 0: allowed is 1 to 29`},
		{"model", func(c *Config) { c.Model = "s3" }, `Model is "s3": allowed are layer, function`},
		{"log level", func(c *Config) { c.LogLevel = "trace" }, `LogLevel is "trace": allowed are debug, info, warn, error`},
		{"retention", func(c *Config) { c.LogRetentionDays = 10 }, `LogRetentionDays is 10: allowed are 1 3 5 7 14 30 60`},
		{"stage", func(c *Config) { c.Stage = "v1/prod" }, `Stage is "v1/prod": allowed are $default, or up to 128 letters, digits, - and _`},
		{"stage empty", func(c *Config) { c.Stage = "" }, `Stage is "": allowed are $default`},
		{"rate", func(c *Config) { c.RateLimit = 0 }, `RateLimit is 0: allowed is 1 or more requests a second`},
		{"burst", func(c *Config) { c.BurstLimit = -1 }, `BurstLimit is -1: allowed is 1 or more requests`},
		{"origin without scheme", func(c *Config) { c.CORSOrigins = []string{"example.com"} }, `CORSOrigins has "example.com": allowed is scheme://host`},
		{"origin with a slash", func(c *Config) { c.CORSOrigins = []string{"https://example.com/"} }, `CORSOrigins has "https://example.com/": allowed is scheme://host`},
		{"origin in upper case", func(c *Config) { c.CORSOrigins = []string{"https://Example.com"} }, `CORSOrigins has "https://Example.com": allowed is scheme://host`},
		{"any origin and one", func(c *Config) { c.CORSOrigins = []string{"https://example.com", "*"} }, `CORSOrigins has "*": allowed is * alone`},
		{"tag of ours", func(c *Config) { c.Tags = map[string]string{"project": "x"} }, `Tags has "project"="x": the key is set by the stack itself`},
		{"tag of AWS", func(c *Config) { c.Tags = map[string]string{"aws:x": "x"} }, `Tags has "aws:x"="x": allowed is a key of 1 to 128 bytes that does not start with aws:`},
		{"tag too long", func(c *Config) { c.Tags = map[string]string{"k": strings.Repeat("v", 257)} }, `allowed is a value of up to 256 bytes`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := environments()[0]
			tt.set(&config)
			err := config.validate()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if strings.Contains(err.Error(), ";") {
				t.Errorf("got more than one complaint: %v", err)
			}
		})
	}
}

func TestValidateNamesEverything(t *testing.T) {
	config := environments()[0]
	config.MemoryMB, config.LogLevel = 1, "loud"
	want := `environment "dev": MemoryMB is 1: allowed is 128 to 10240; LogLevel is "loud": allowed are debug, info, warn, error`
	if err := config.validate(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestValidOrigins(t *testing.T) {
	config := environments()[0]
	config.CORSOrigins = []string{"https://app.example.com", "http://localhost:3000"}
	if err := config.validate(); err != nil {
		t.Error(err)
	}
}

func TestReadSelection(t *testing.T) {
	for _, tt := range []struct {
		name    string
		values  map[string]any
		want    selection
		wantErr string
	}{
		{"nothing", map[string]any{"@aws-cdk/core:target-partitions": []any{"aws"}}, selection{"dev", "model/artifact"}, ""},
		{"both", map[string]any{"env": "prod", "model": "/tmp/m"}, selection{"prod", "/tmp/m"}, ""},
		{"a slip", map[string]any{"modle": "/tmp/m"}, selection{}, `context "modle" is not known: allowed are -c env=NAME and -c model=DIR`},
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
