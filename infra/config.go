package main

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Config is one environment. Everything that differs between environments is here; another environment is one more
// element of environments().
type Config struct {
	// Name is what -c env=… selects; the stack is called sklambda-<Name>. Lower-case letters, digits and hyphens.
	Name string
	// Account and Region pin the stack to one place. Empty means that of the credentials which deploy it. An account is
	// given together with its region.
	Account string
	Region  string

	// Architecture of the function: "arm64" (cheaper a millisecond) or "amd64".
	Architecture string
	// MemoryMB of the function, 128 to 10240. Lambda's share of CPU grows with it: one full core at 1769.
	MemoryMB int
	// TimeoutSeconds of an invocation, 1 to 29: the HTTP API itself gives up after 30.
	TimeoutSeconds int
	// Model says where the model travels: ModelInLayer or ModelInFunction.
	Model ModelPlacement
	// LogLevel is the least level the function logs: "debug", "info", "warn" or "error".
	LogLevel string

	// LogRetentionDays of the function's log and of the access log: one of the values CloudWatch Logs knows.
	LogRetentionDays int
	// RetainLogs keeps the log groups when the stack is destroyed.
	RetainLogs bool

	// Stage of the HTTP API: "$default" (no prefix in the path) or a name, which then starts the path: /prod/predict.
	Stage string
	// RateLimit is the steady number of requests a second that the API lets through, and BurstLimit the number it takes
	// at once; beyond them it answers 429 without invoking the function.
	RateLimit  int
	BurstLimit int
	// CORSOrigins are the web origins whose pages may call the API: "https://app.example.com", or "*" alone for any.
	// Empty: none.
	CORSOrigins []string

	// Tags are put on every resource, beside Tags of our own: "project" and "environment".
	Tags map[string]string
}

// ModelPlacement is where the model's files travel.
type ModelPlacement string

const (
	// ModelInLayer puts the model into a layer, which Lambda mounts at /opt: a new model leaves the code as it is.
	ModelInLayer ModelPlacement = "layer"
	// ModelInFunction puts the model into the function's own zip, beside the bootstrap: one asset, no layer.
	ModelInFunction ModelPlacement = "function"
)

// environments are the environments of this app; the first is the default.
func environments() []Config {
	return []Config{
		{
			Name:             "dev",
			Architecture:     "arm64",
			MemoryMB:         512,
			TimeoutSeconds:   10,
			Model:            ModelInLayer,
			LogLevel:         "debug",
			LogRetentionDays: 7,
			Stage:            "$default",
			RateLimit:        10,
			BurstLimit:       20,
			CORSOrigins:      []string{"*"},
		},
		{
			Name:             "staging",
			Architecture:     "arm64",
			MemoryMB:         1024,
			TimeoutSeconds:   10,
			Model:            ModelInLayer,
			LogLevel:         "info",
			LogRetentionDays: 30,
			Stage:            "staging",
			RateLimit:        100,
			BurstLimit:       200,
			CORSOrigins:      []string{"https://staging.example.com"}, // reserved by RFC 2606: put your own here
		},
		{
			Name:             "prod",
			Architecture:     "arm64",
			MemoryMB:         1024,
			TimeoutSeconds:   10,
			Model:            ModelInLayer,
			LogLevel:         "info",
			LogRetentionDays: 365,
			RetainLogs:       true,
			Stage:            "prod",
			RateLimit:        1000,
			BurstLimit:       2000,
			CORSOrigins:      []string{"https://www.example.com"}, // reserved by RFC 2606: put your own here
		},
	}
}

// environment returns the environment of that name, validated; "" is the default one.
func environment(configs []Config, name string) (Config, error) {
	names := make([]string, len(configs))
	for i, c := range configs {
		names[i] = c.Name
		if c.Name == name {
			return c, c.validate()
		}
	}
	return Config{}, fmt.Errorf("environment %q is not known: allowed are %s", name, strings.Join(names, ", "))
}

// Limits of AWS that a Config is checked against.
const (
	minMemoryMB, maxMemoryMB = 128, 10240
	// maxTimeoutSeconds stays below the 30 seconds after which an HTTP API gives up on its integration.
	maxTimeoutSeconds = 29
	maxTagKey         = 128
	maxTagValue       = 256
)

// retentionDays are the retentions that CloudWatch Logs knows (PutRetentionPolicy).
var retentionDays = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

var (
	namePattern    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	accountPattern = regexp.MustCompile(`^[0-9]{12}$`)
	regionPattern  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	stagePattern   = regexp.MustCompile(`^(\$default|[A-Za-z0-9_-]{1,128})$`)
)

// validate names everything that is wrong with the environment: what was got, and what is allowed.
func (c Config) validate() error {
	var wrong []string
	refuse := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	within := func(field string, got, low, high int) {
		if got < low || got > high {
			refuse("%s is %d: allowed is %d to %d", field, got, low, high)
		}
	}
	oneOf := func(field, got string, allowed ...string) {
		if !slices.Contains(allowed, got) {
			refuse("%s is %q: allowed are %s", field, got, strings.Join(allowed, ", "))
		}
	}

	if !namePattern.MatchString(c.Name) {
		refuse("Name is %q: allowed are lower-case letters, digits and hyphens, a letter first, at most 32", c.Name)
	}
	if c.Account != "" && !accountPattern.MatchString(c.Account) {
		refuse("Account is %q: allowed are 12 digits, or nothing", c.Account)
	}
	if c.Region != "" && !regionPattern.MatchString(c.Region) {
		refuse("Region is %q: allowed is a name such as eu-central-1, or nothing", c.Region)
	}
	if c.Account != "" && c.Region == "" {
		refuse("Account is %q without a Region: give both", c.Account)
	}
	oneOf("Architecture", c.Architecture, "arm64", "amd64")
	within("MemoryMB", c.MemoryMB, minMemoryMB, maxMemoryMB)
	within("TimeoutSeconds", c.TimeoutSeconds, 1, maxTimeoutSeconds)
	oneOf("Model", string(c.Model), string(ModelInLayer), string(ModelInFunction))
	oneOf("LogLevel", c.LogLevel, "debug", "info", "warn", "error")
	if !slices.Contains(retentionDays, c.LogRetentionDays) {
		refuse("LogRetentionDays is %d: allowed are %s", c.LogRetentionDays, strings.Trim(fmt.Sprint(retentionDays), "[]"))
	}
	if !stagePattern.MatchString(c.Stage) {
		refuse("Stage is %q: allowed are $default, or up to 128 letters, digits, - and _", c.Stage)
	}
	if c.RateLimit < 1 {
		refuse("RateLimit is %d: allowed is 1 or more requests a second", c.RateLimit)
	}
	if c.BurstLimit < 1 {
		refuse("BurstLimit is %d: allowed is 1 or more requests", c.BurstLimit)
	}
	for _, origin := range c.CORSOrigins {
		if problem := checkOrigin(origin, len(c.CORSOrigins)); problem != "" {
			refuse("CORSOrigins has %q: %s", origin, problem)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.Tags)) {
		if problem := checkTag(key, c.Tags[key]); problem != "" {
			refuse("Tags has %q=%q: %s", key, c.Tags[key], problem)
		}
	}
	if wrong == nil {
		return nil
	}
	return errors.New(fmt.Sprintf("environment %q: ", c.Name) + strings.Join(wrong, "; "))
}

// checkOrigin says what is wrong with one of n allowed origins; browsers compare the Origin header byte by byte, so that
// a path, a trailing slash or an upper-case letter would never match.
func checkOrigin(origin string, n int) string {
	if origin == "*" {
		if n > 1 {
			return "allowed is * alone, or origins without it"
		}
		return ""
	}
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || origin != u.Scheme+"://"+strings.ToLower(u.Host) {
		return "allowed is scheme://host or scheme://host:port in lower case, https or http, with nothing behind it"
	}
	return ""
}

func checkTag(key, value string) string {
	switch {
	case key == projectTag || key == environmentTag:
		return "the key is set by the stack itself"
	case key == "" || len(key) > maxTagKey || strings.HasPrefix(strings.ToLower(key), "aws:"):
		return fmt.Sprintf("allowed is a key of 1 to %d bytes that does not start with aws:", maxTagKey)
	case len(value) > maxTagValue:
		return fmt.Sprintf("allowed is a value of up to %d bytes", maxTagValue)
	}
	return ""
}
