package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Config is one environment. Everything that differs between environments is here; another environment is one more
// element of environments(). What belongs to one account alone, such as an address or a domain, can stay out of the source: -c
// config=FILE.json sets fields over the chosen environment.
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
	// Models are the models behind the API, each with a function, a layer and an alias of its own. Empty: the one of -c model=…,
	// at /predict.
	Models []ModelConfig
	// ReservedConcurrency is how many environments a function may have at most, and has for itself; 0 leaves it to the
	// account. A new account has 10 in all, of which none can be reserved.
	ReservedConcurrency int
	// ProvisionedConcurrency keeps environments started, for a price by the hour. Nil: none.
	ProvisionedConcurrency *ProvisionedConcurrency
	// LogLevel is the least level the function logs: "debug", "info", "warn" or "error".
	LogLevel string

	// LogRetentionDays of the function's log and of the access log: one of the values CloudWatch Logs knows.
	LogRetentionDays int
	// RetainLogs keeps the log groups when the stack is destroyed.
	RetainLogs bool
	// TerminationProtection has CloudFormation refuse to destroy the stack until a deploy without it.
	TerminationProtection bool

	// CustomerKey encrypts the logs and the topic of the alarms by a KMS key of the stack's own, for a dollar a month. Without it they
	// are encrypted by keys that AWS owns (the topic: not beyond SNS's own disks).
	CustomerKey bool

	// Front is what stands before the function: FrontHTTPAPI or FrontFunctionURL.
	Front Front
	// Stage of the HTTP API: "$default" (no prefix in the path) or a name, which then starts the path: /prod/predict.
	Stage string
	// RateLimit is the steady number of requests a second that the API lets through, and BurstLimit the number it takes
	// at once; beyond them it answers 429 without invoking the function. A Function URL has no such limit but
	// ReservedConcurrency.
	RateLimit  int
	BurstLimit int
	// CORSOrigins are the web origins whose pages may call the API: "https://app.example.com", or "*" alone for any.
	// Empty: none.
	CORSOrigins []string
	// Auth is who may call. /health of an HTTP API is open to all.
	Auth Auth
	// Domain is a name of one's own for the HTTP API. Nil: only the one that AWS makes.
	Domain *Domain

	// Deploy is how a new version takes over the traffic.
	Deploy Deploy
	// Alarms are the thresholds, and who is told.
	Alarms Alarms
	// Batch scores files of rows in a bucket, by each model. Nil: none.
	Batch *BatchConfig
	// SavedQueries keeps queries of the logs for whoever looks for a fault. dev does without: its stack is one that a local emulator
	// of AWS takes, which these queries are not.
	SavedQueries bool
	// Budget tells when the account costs more than expected. Nil: none.
	Budget *Budget

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

// ModelConfig is one of several models behind the API.
type ModelConfig struct {
	// Name makes the routes /models/<Name>/predict, /models/<Name>/health and /models/<Name>/model. At most one model has
	// none, and the routes /predict, /health and /model. Lower-case letters, digits and hyphens.
	Name string
	// Dir is the artifact's folder. Empty: that of -c model=…
	Dir string
}

// ProvisionedConcurrency is the number of environments that are kept started.
type ProvisionedConcurrency struct {
	// Min is the number of environments at any time, 1 or more.
	Min int
	// Max lets Application Auto Scaling go up to it; 0 keeps to Min.
	Max int
	// TargetPercent of the started environments in use is where scaling aims, 10 to 90; 0 without Max.
	TargetPercent int
}

// Front is what stands before the function.
type Front string

const (
	// FrontHTTPAPI is an API Gateway HTTP API: throttling, JWT, an access log, several models; paid by the request.
	FrontHTTPAPI Front = "http-api"
	// FrontFunctionURL is the function's own address: one model, IAM alone, and nothing to pay beside Lambda.
	FrontFunctionURL Front = "function-url"
)

// AuthKind is a way to tell who calls.
type AuthKind string

const (
	// AuthNone lets anybody call.
	AuthNone AuthKind = "none"
	// AuthIAM takes requests signed by principals that may execute-api:Invoke (of a Function URL, lambda:InvokeFunctionUrl).
	AuthIAM AuthKind = "iam"
	// AuthJWT takes bearer tokens of one issuer, made for one of the audiences.
	AuthJWT AuthKind = "jwt"
)

// Auth is who may call.
type Auth struct {
	Kind AuthKind
	// Issuer of the tokens, an https address; its /.well-known/openid-configuration is where API Gateway finds the keys. For AuthJWT.
	Issuer string
	// Audiences of which a token has to name one. For AuthJWT.
	Audiences []string
}

// Domain is a name of one's own for an HTTP API.
type Domain struct {
	// Name such as "predict.example.com".
	Name string
	// CertificateARN is that of a certificate for the name, in the stack's region.
	CertificateARN string
	// BasePath starts the path on this domain, such as "v1"; empty for none.
	BasePath string
	// HostedZoneID of the Route 53 zone that gets the record. Empty: the output DomainTarget is what a record has to point at.
	HostedZoneID string
}

// BatchConfig is the scoring of files, by Step Functions.
type BatchConfig struct {
	// MaxConcurrency is how many batches of rows are scored at a time, 1 to 1000. They take it from what the account, or
	// ReservedConcurrency, gives the function: leave some to the API.
	MaxConcurrency int
	// ExpireDays is when files and results in the bucket are deleted, 1 or more days after they were written.
	ExpireDays int
	// RetainBucket keeps the bucket when the stack is destroyed; otherwise it has to be empty by then.
	RetainBucket bool
}

// Strategy is how traffic moves to a new version.
type Strategy string

const (
	// StrategyDirect has CloudFormation move the alias: no CodeDeploy, no hooks, nothing to pay. INIT's self-test is the guard.
	StrategyDirect Strategy = "direct"
	// StrategyAllAtOnce has CodeDeploy move all traffic when the pre-traffic hook has passed.
	StrategyAllAtOnce Strategy = "all-at-once"
	// StrategyCanary moves Percent of the traffic, waits Minutes, and moves the rest.
	StrategyCanary Strategy = "canary"
	// StrategyLinear moves Percent of the traffic every Minutes.
	StrategyLinear Strategy = "linear"
)

// Deploy is how a new version takes over the traffic. With any strategy but StrategyDirect, a failing hook or an alarm moves
// all of it back.
type Deploy struct {
	Strategy Strategy
	// Percent and Minutes of a step: 1 to 99, and 1 to 1440. For StrategyCanary and StrategyLinear.
	Percent int
	Minutes int
}

// Alarms are the thresholds at which an alarm goes off, each over PeriodMinutes.
type Alarms struct {
	// Email gets the alarms, once its owner has confirmed. Empty: nobody is told.
	Email string
	// PeriodMinutes is the time that one value is made of, 1 to 60.
	PeriodMinutes int
	// ServerErrors is the number of 5xx answers, FunctionErrors of invocations that failed, Throttles of those that Lambda
	// refused: the alarm goes off at that many. 1 or more.
	ServerErrors   int
	FunctionErrors int
	Throttles      int
	// P99Milliseconds is what the slowest hundredth of the invocations may take, 1 to the timeout.
	P99Milliseconds int
}

// Budget is one on the whole account: one by tag sees nothing until somebody activates the tag for billing.
type Budget struct {
	// MonthlyUSD is the amount: the topic of the alarms is told at 80 % spent and at 100 % foreseen.
	MonthlyUSD int
}

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
			Front:            FrontHTTPAPI,
			Stage:            "$default",
			RateLimit:        10,
			BurstLimit:       20,
			CORSOrigins:      []string{"*"},
			Auth:             Auth{Kind: AuthNone},
			Deploy:           Deploy{Strategy: StrategyDirect},
			Alarms:           Alarms{PeriodMinutes: 5, ServerErrors: 5, FunctionErrors: 1, Throttles: 10, P99Milliseconds: 1000},
		},
		{
			Name:             "staging",
			Architecture:     "arm64",
			MemoryMB:         1024,
			TimeoutSeconds:   10,
			Model:            ModelInLayer,
			LogLevel:         "info",
			LogRetentionDays: 30,
			CustomerKey:      true,
			Front:            FrontHTTPAPI,
			Stage:            "staging",
			RateLimit:        100,
			BurstLimit:       200,
			CORSOrigins:      []string{"https://staging.example.com"}, // reserved by RFC 2606: put your own here
			Auth:             Auth{Kind: AuthIAM},
			Deploy:           Deploy{Strategy: StrategyAllAtOnce},
			Alarms:           Alarms{PeriodMinutes: 1, ServerErrors: 1, FunctionErrors: 1, Throttles: 10, P99Milliseconds: 500},
			SavedQueries:     true,
		},
		{
			Name:                  "prod",
			Architecture:          "arm64",
			MemoryMB:              1024,
			TimeoutSeconds:        10,
			Model:                 ModelInLayer,
			LogLevel:              "info",
			LogRetentionDays:      365,
			RetainLogs:            true,
			TerminationProtection: true,
			CustomerKey:           true,
			Front:                 FrontHTTPAPI,
			Stage:                 "prod",
			RateLimit:             1000,
			BurstLimit:            2000,
			CORSOrigins:           []string{"https://www.example.com"}, // reserved by RFC 2606: put your own here
			Auth:                  Auth{Kind: AuthIAM},
			Deploy:                Deploy{Strategy: StrategyCanary, Percent: 10, Minutes: 10},
			Alarms:                Alarms{PeriodMinutes: 1, ServerErrors: 1, FunctionErrors: 1, Throttles: 10, P99Milliseconds: 300},
			SavedQueries:          true,
			Budget:                &Budget{MonthlyUSD: 100},
		},
	}
}

// environment returns the environment of that name, with the fields that the file override sets ("" for none), validated.
func environment(configs []Config, name, override string) (Config, error) {
	names := make([]string, len(configs))
	for i, config := range configs {
		names[i] = config.Name
		if config.Name != name {
			continue
		}
		if err := config.overrideFrom(override); err != nil {
			return Config{}, err
		}
		if config.Name != name && slices.ContainsFunc(configs, func(c Config) bool { return c.Name == config.Name }) {
			return Config{}, fmt.Errorf("-c config: %s calls the environment %q %q, which is another one's name: its stack would get these settings; allowed is a name of its own, or -c env=%[3]s",
				override, name, config.Name)
		}
		return config, config.validate()
	}
	return Config{}, fmt.Errorf("environment %q is not known: allowed are %s", name, strings.Join(names, ", "))
}

// shippedModel is the artifact that is deployed when none is named.
const shippedModel = "model/artifact"

// models are the models of the environment, each with its folder. dir is that of -c model=…, "" if it is not given; it has to be of
// use, or another model than the one that was meant would be deployed.
func (c Config) models(dir string) ([]ModelConfig, error) {
	models := slices.Clone(c.Models)
	if len(models) == 0 {
		models = []ModelConfig{{}}
	}
	used := dir == ""
	for i := range models {
		if models[i].Dir == "" {
			models[i].Dir = cmp.Or(dir, shippedModel)
			used = true
		}
	}
	if !used {
		return nil, fmt.Errorf("-c model=%s has no effect: every one of Models in environment %q has a Dir of its own", dir, c.Name)
	}
	return models, nil
}
