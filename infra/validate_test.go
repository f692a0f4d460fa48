package main

import (
	"fmt"
	"strings"
	"testing"
)

// functionURL makes an environment one with a Function URL.
func functionURL(c *Config) {
	c.Front, c.Stage, c.Auth = FrontFunctionURL, defaultStage, Auth{Kind: AuthIAM}
}

// domain is a valid one, but for what change does to it.
func domain(change func(*Domain)) *Domain {
	d := &Domain{
		Name:           "predict.example.com",
		CertificateARN: "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222-3333-4444-555555555555",
		BasePath:       "v1",
		HostedZoneID:   "Z0123456789ABC",
	}
	change(d)
	return d
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
		{"origin with a wildcard", func(c *Config) { c.CORSOrigins = []string{"https://*.example.com"} }, `CORSOrigins has "https://*.example.com": allowed is scheme://host`},
		{"origin with an empty port", func(c *Config) { c.CORSOrigins = []string{"https://example.com:"} }, `CORSOrigins has "https://example.com:": allowed is scheme://host`},
		{"tag with a character AWS refuses", func(c *Config) { c.Tags = map[string]string{"cost": "a&b"} }, `Tags has "cost"="a&b": allowed are letters, digits`},
		{"a tag twice", func(c *Config) { c.Tags = map[string]string{"owner": "a", "Owner": "b"} }, `Tags has "Owner" and "owner": allowed is a key once`},
		{"a tag of ours in other case", func(c *Config) { c.Tags = map[string]string{"Project": "a"} }, `Tags has "Project"="a": the key is set by the stack itself`},
		{"too many tags", func(c *Config) {
			c.Tags = map[string]string{}
			for i := range 49 {
				c.Tags[fmt.Sprint("tag", i)] = ""
			}
		}, `Tags has 49: allowed are up to 48`},
		{"a deployment of weeks", func(c *Config) { c.Deploy = Deploy{StrategyLinear, 10, 1440} }, `Deploy takes 12960 minutes, at 10 % every 1440: allowed is up to 2880`},
		{"issuer with a password", func(c *Config) { c.Auth = Auth{AuthJWT, "https://a:b@id.example.com", []string{"predict"}} }, `Auth.Issuer is "https://a:b@id.example.com": allowed is the https address`},
		{"blank audience", func(c *Config) { c.Auth = Auth{AuthJWT, "https://id.example.com", []string{" "}} }, `Auth.Audiences are [" "]: allowed are one or more, none of them empty`},
		{"certificate of another region", func(c *Config) { c.Region, c.Domain = "eu-west-1", domain(func(*Domain) {}) }, `allowed is a certificate of the stack's own region and account, eu-west-1`},
		{"certificate of another account", func(c *Config) {
			c.Account, c.Region, c.Domain = "210987654321", "eu-central-1", domain(func(*Domain) {})
		}, `allowed is a certificate of the stack's own region and account, eu-central-1 210987654321`},
		{"reserved", func(c *Config) { c.ReservedConcurrency = -1 }, `ReservedConcurrency is -1: allowed is 0 or more environments`},
		{"provisioned", func(c *Config) { c.ProvisionedConcurrency = &ProvisionedConcurrency{} }, `ProvisionedConcurrency.Min is 0: allowed is 1 or more environments`},
		{"provisioned above reserved", func(c *Config) { c.ReservedConcurrency, c.ProvisionedConcurrency = 2, &ProvisionedConcurrency{Min: 3} }, `ProvisionedConcurrency goes up to 3: allowed is up to ReservedConcurrency, 2`},
		{"scaling downwards", func(c *Config) { c.ProvisionedConcurrency = &ProvisionedConcurrency{Min: 3, Max: 3, TargetPercent: 70} }, `ProvisionedConcurrency.Max is 3: allowed is more than Min, 3, or 0 for no scaling`},
		{"scaling target", func(c *Config) { c.ProvisionedConcurrency = &ProvisionedConcurrency{Min: 1, Max: 3, TargetPercent: 95} }, `ProvisionedConcurrency.TargetPercent is 95: allowed is 10 to 90`},
		{"target without scaling", func(c *Config) { c.ProvisionedConcurrency = &ProvisionedConcurrency{Min: 1, TargetPercent: 70} }, `ProvisionedConcurrency.TargetPercent is 70 without a Max: give both, or neither`},
		{"batch concurrency", func(c *Config) { c.Batch = &BatchConfig{ExpireDays: 1} }, `Batch.MaxConcurrency is 0: allowed is 1 to 1000`},
		{"batch days", func(c *Config) { c.Batch = &BatchConfig{MaxConcurrency: 1} }, `Batch.ExpireDays is 0: allowed is 1 or more days`},
		{"batch takes all", func(c *Config) { c.Batch, c.ReservedConcurrency = &BatchConfig{MaxConcurrency: 10, ExpireDays: 1}, 10 }, `Batch.MaxConcurrency is 10: allowed is less than ReservedConcurrency, 10`},
		{"model name", func(c *Config) { c.Models = []ModelConfig{{Name: "Churn/1"}} }, `Models.Name is "Churn/1": allowed are lower-case letters`},
		{"model twice", func(c *Config) { c.Models = []ModelConfig{{Name: "a"}, {Name: "a"}} }, `Models has "a" twice: allowed is a name once, hyphens aside`},
		{"two without a name", func(c *Config) { c.Models = []ModelConfig{{Dir: "a"}, {Dir: "b"}} }, `Models has "" twice`},
		{"names like ids", func(c *Config) { c.Models = []ModelConfig{{Name: "a1"}, {Name: "a-1"}} }, `Models has "a-1" twice: allowed is a name once, hyphens aside`},
		{"models behind a URL", func(c *Config) { functionURL(c); c.Models = []ModelConfig{{Name: "a"}} }, `Models needs Front "http-api": a Function URL has one model, without a name`},
		{"front", func(c *Config) { c.Front = "rest" }, `Front is "rest": allowed are http-api, function-url`},
		{"stage of a URL", func(c *Config) { functionURL(c); c.Stage = "prod" }, `Stage is "prod": allowed with Front "function-url" is $default, it has no stages`},
		{"open URL", func(c *Config) { functionURL(c); c.Auth.Kind = AuthNone }, `Auth.Kind is "none": allowed with Front "function-url" is iam`},
		{"auth", func(c *Config) { c.Auth.Kind = "basic" }, `Auth.Kind is "basic": allowed are none, iam, jwt`},
		{"issuer without JWT", func(c *Config) { c.Auth.Issuer = "https://id.example.com" }, `Auth.Issuer and Auth.Audiences are for Auth.Kind "jwt": it is "none"`},
		{"issuer", func(c *Config) { c.Auth = Auth{AuthJWT, "http://id.example.com", []string{"a"}} }, `Auth.Issuer is "http://id.example.com": allowed is the https address of an OpenID Connect issuer`},
		{"no audience", func(c *Config) { c.Auth = Auth{AuthJWT, "https://id.example.com", nil} }, `Auth.Audiences are []: allowed are one or more`},
		{"empty audience", func(c *Config) { c.Auth = Auth{AuthJWT, "https://id.example.com", []string{""}} }, `Auth.Audiences are [""]: allowed are one or more, none of them empty`},
		{"domain", func(c *Config) { c.Domain = domain(func(d *Domain) { d.Name = "https://x.example.com" }) }, `Domain.Name is "https://x.example.com": allowed is a host name`},
		{"certificate", func(c *Config) { c.Domain = domain(func(d *Domain) { d.CertificateARN = "arn" }) }, `Domain.CertificateARN is "arn": allowed is the ARN of a certificate`},
		{"base path", func(c *Config) { c.Domain = domain(func(d *Domain) { d.BasePath = "/v1/" }) }, `Domain.BasePath is "/v1/": allowed are letters`},
		{"zone", func(c *Config) { c.Domain = domain(func(d *Domain) { d.HostedZoneID = "example.com" }) }, `Domain.HostedZoneID is "example.com": allowed is the id of a Route 53 zone`},
		{"domain of a URL", func(c *Config) { functionURL(c); c.Domain = domain(func(*Domain) {}) }, `Domain needs Front "http-api"`},
		{"strategy", func(c *Config) { c.Deploy.Strategy = "blue-green" }, `Deploy.Strategy is "blue-green": allowed are direct, all-at-once, canary, linear`},
		{"canary of everything", func(c *Config) { c.Deploy = Deploy{StrategyCanary, 100, 5} }, `Deploy.Percent is 100: allowed is 1 to 99`},
		{"linear without time", func(c *Config) { c.Deploy = Deploy{StrategyLinear, 10, 0} }, `Deploy.Minutes is 0: allowed is 1 to 1440`},
		{"steps of all at once", func(c *Config) { c.Deploy = Deploy{StrategyAllAtOnce, 10, 0} }, `Deploy.Percent and Deploy.Minutes are for the strategies canary and linear: it is "all-at-once"`},
		{"e-mail", func(c *Config) { c.Alarms.Email = "team" }, `Alarms.Email is "team": allowed is an address such as team@example.com, or nothing`},
		{"period", func(c *Config) { c.Alarms.PeriodMinutes = 0 }, `Alarms.PeriodMinutes is 0: allowed is 1 to 60`},
		{"server errors", func(c *Config) { c.Alarms.ServerErrors = 0 }, `Alarms.ServerErrors is 0: allowed is 1 or more answers`},
		{"function errors", func(c *Config) { c.Alarms.FunctionErrors = 0 }, `Alarms.FunctionErrors is 0: allowed is 1 or more invocations`},
		{"throttles", func(c *Config) { c.Alarms.Throttles = 0 }, `Alarms.Throttles is 0: allowed is 1 or more invocations`},
		{"latency", func(c *Config) { c.Alarms.P99Milliseconds = 10001 }, `Alarms.P99Milliseconds is 10001: allowed is 1 to 10000`},
		{"budget", func(c *Config) { c.Budget = &Budget{} }, `Budget.MonthlyUSD is 0: allowed is 1 or more dollars a month`},
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
