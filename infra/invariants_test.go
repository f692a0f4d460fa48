package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// variants are environments that use what ours do not, so that every construct is held to the invariants.
func variants() []Config {
	change := func(name string, edit func(*Config)) Config {
		config := environments()[0]
		config.Name = name
		edit(&config)
		return config
	}
	return []Config{
		change("jwt", func(c *Config) {
			c.Auth = Auth{AuthJWT, "https://id.example.com/", []string{"predict", "batch"}}
			c.Deploy = Deploy{StrategyLinear, 20, 5}
			c.Domain = domain(func(*Domain) {})
		}),
		change("url", func(c *Config) {
			functionURL(c)
			c.SavedQueries = true
			c.Deploy = Deploy{Strategy: StrategyAllAtOnce}
			c.Model = ModelInFunction
			c.Architecture = "amd64"
			c.Batch = &BatchConfig{MaxConcurrency: 5, ExpireDays: 7}
		}),
		change("models", func(c *Config) {
			c.Models = []ModelConfig{{}, {Name: "churn"}, {Name: "fraud-eu"}}
			c.Auth.Kind = AuthIAM
			c.Stage = "v1"
			c.Deploy = Deploy{StrategyCanary, 10, 5}
			c.ReservedConcurrency = 50
			c.CustomerKey = true
			c.ProvisionedConcurrency = &ProvisionedConcurrency{Min: 2, Max: 10, TargetPercent: 70}
			c.Alarms.Email = "team@example.com"
			c.Budget = &Budget{MonthlyUSD: 50}
			c.Batch = &BatchConfig{MaxConcurrency: 40, ExpireDays: 30, RetainBucket: true}
		}),
		change("plain", func(c *Config) {
			c.Account, c.Region = "123456789012", "eu-central-1"
			c.CORSOrigins = nil
			c.Tags = map[string]string{"owner": "team a"}
			c.ProvisionedConcurrency = &ProvisionedConcurrency{Min: 1}
			c.Deploy = Deploy{StrategyAllAtOnce, 0, 0}
		}),
	}
}

// invariants are what no environment may lack. Each is asked of every resource of its type.
var invariants = []struct {
	name, kind string
	check      func(c Config, r resource) string // what is wrong; "" if nothing
}{
	{"runtime", "AWS::Lambda::Function", func(c Config, r resource) string { return r.lacks("provided.al2023", "Runtime") }},
	{"architecture", "AWS::Lambda::Function", func(c Config, r resource) string {
		return r.lacks([]any{map[string]string{"arm64": "arm64", "amd64": "x86_64"}[c.Architecture]}, "Architectures")
	}},
	{"memory", "AWS::Lambda::Function", func(c Config, r resource) string { return r.lacks(float64(c.MemoryMB), "MemorySize") }},
	{"timeout", "AWS::Lambda::Function", func(c Config, r resource) string {
		if timeout, ok := r.at("Timeout").(float64); !ok || timeout > hookTimeoutSeconds {
			return fmt.Sprintf("Timeout is %v", r.at("Timeout"))
		}
		return ""
	}},
	{"tracing", "AWS::Lambda::Function", func(_ Config, r resource) string { return r.lacks("Active", "TracingConfig", "Mode") }},
	{"JSON logs", "AWS::Lambda::Function", func(_ Config, r resource) string { return r.lacks("JSON", "LoggingConfig", "LogFormat") }},
	{"log level", "AWS::Lambda::Function", func(c Config, r resource) string {
		return r.lacks("DEBUG", "LoggingConfig", "ApplicationLogLevel") + r.lacks(c.LogLevel, "Environment", "Variables", "LOG_LEVEL") // metrics pass at any level
	}},
	{"log group of its own", "AWS::Lambda::Function", func(_ Config, r resource) string {
		if group := text(r.at("LoggingConfig", "LogGroup")); !strings.HasPrefix(group, `{"Ref":"`) {
			return "logs to " + group
		}
		return ""
	}},
	{"no VPC", "AWS::Lambda::Function", func(_ Config, r resource) string { return r.lacks(nil, "VpcConfig") }},
	{"generated name", "AWS::Lambda::Function", func(_ Config, r resource) string { return r.lacks(nil, "FunctionName") }},
	{"alias", "AWS::Lambda::Alias", func(_ Config, r resource) string { return r.lacks("live", "Name") }},
	{"versions are kept", "AWS::Lambda::Version", func(_ Config, r resource) string {
		if r["DeletionPolicy"] != "RetainExceptOnCreate" || r["UpdateReplacePolicy"] != "Retain" {
			return fmt.Sprintf("policies are %v and %v", r["DeletionPolicy"], r["UpdateReplacePolicy"])
		}
		return ""
	}},
	{"retention", "AWS::Logs::LogGroup", func(c Config, r resource) string { return r.lacks(float64(c.LogRetentionDays), "RetentionInDays") }},
	{"removal of logs", "AWS::Logs::LogGroup", func(c Config, r resource) string {
		if want := map[bool]string{true: "RetainExceptOnCreate", false: "Delete"}[c.RetainLogs]; r["DeletionPolicy"] != want {
			return fmt.Sprintf("deletion policy is %v, want %s", r["DeletionPolicy"], want)
		}
		return ""
	}},
	{"generated name of logs", "AWS::Logs::LogGroup", func(_ Config, r resource) string { return r.lacks(nil, "LogGroupName") }},
	{"encryption of logs", "AWS::Logs::LogGroup", func(c Config, r resource) string { return r.lacks(stackKey(c), "KmsKeyId") }},
	{"encryption of messages", "AWS::SNS::Topic", func(c Config, r resource) string { return r.lacks(stackKey(c), "KmsMasterKeyId") }},
	{"keys turn", "AWS::KMS::Key", func(_ Config, r resource) string { return r.lacks(true, "EnableKeyRotation") }},
	{"keys outlive the logs", "AWS::KMS::Key", func(c Config, r resource) string {
		if want := map[bool]string{true: "RetainExceptOnCreate", false: "Delete"}[c.RetainLogs]; r["DeletionPolicy"] != want {
			return fmt.Sprintf("deletion policy is %v, want %s", r["DeletionPolicy"], want)
		}
		return ""
	}},
	{"no managed policies", "AWS::IAM::Role", func(_ Config, r resource) string { return r.lacks(nil, "ManagedPolicyArns") }},
	{"no inline policies", "AWS::IAM::Role", func(_ Config, r resource) string { return r.lacks(nil, "Policies") }},
	{"who takes a role", "AWS::IAM::Role", func(_ Config, r resource) string {
		statements := r.at("AssumeRolePolicyDocument", "Statement").([]any)
		service := statements[0].(map[string]any)["Principal"].(map[string]any)["Service"]
		if len(statements) != 1 || !slices.Contains([]string{"lambda.amazonaws.com", "codedeploy.amazonaws.com", "states.amazonaws.com"}, fmt.Sprint(service)) {
			return "is assumed by " + text(statements)
		}
		return ""
	}},
	{"least privilege", "AWS::IAM::Policy", checkStatements},
	{"throttling", "AWS::ApiGatewayV2::Stage", func(c Config, r resource) string {
		return r.lacks(float64(c.RateLimit), "DefaultRouteSettings", "ThrottlingRateLimit") + r.lacks(float64(c.BurstLimit), "DefaultRouteSettings", "ThrottlingBurstLimit")
	}},
	{"access log", "AWS::ApiGatewayV2::Stage", func(_ Config, r resource) string {
		if text(r.at("AccessLogSettings", "DestinationArn")) == "null" {
			return "has none"
		}
		return ""
	}},
	{"closed by default", "AWS::ApiGatewayV2::Route", func(_ Config, r resource) string {
		if key := r.at("RouteKey").(string); key == "$default" || strings.Contains(key, "{") {
			return "takes any path: " + key
		}
		return ""
	}},
	{"authorization", "AWS::ApiGatewayV2::Route", func(c Config, r resource) string {
		want := map[AuthKind]string{AuthNone: "NONE", AuthIAM: "AWS_IAM", AuthJWT: "JWT"}[c.Auth.Kind]
		if strings.HasSuffix(r.at("RouteKey").(string), "/health") {
			want = "NONE"
		}
		return r.lacks(want, "AuthorizationType")
	}},
	{"TLS", "AWS::ApiGatewayV2::DomainName", func(_ Config, r resource) string {
		configurations := r.at("DomainNameConfigurations").([]any)
		return resource{"Properties": configurations[0]}.lacks("TLS_1_2", "SecurityPolicy")
	}},
	{"TLS of messages", "AWS::SNS::TopicPolicy", func(_ Config, r resource) string {
		if !strings.Contains(text(r.at("PolicyDocument")), `{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"`) {
			return "takes messages in clear"
		}
		return ""
	}},
	{"signed address", "AWS::Lambda::Url", func(_ Config, r resource) string { return r.lacks("AWS_IAM", "AuthType") }},
	{"who may invoke", "AWS::Lambda::Permission", func(_ Config, r resource) string {
		source := text(r.at("SourceArn"))
		if r.at("Principal") != "apigateway.amazonaws.com" || !strings.Contains(source, "execute-api") || !strings.Contains(source, "/*/*/") || strings.HasSuffix(source, `*"]]}`) {
			return fmt.Sprintf("%v may, from %s", r.at("Principal"), source)
		}
		return ""
	}},
	{"alarms are told", "AWS::CloudWatch::Alarm", func(_ Config, r resource) string {
		if actions, ok := r.at("AlarmActions").([]any); !ok || len(actions) != 1 || text(r.at("AlarmActions")) != text(r.at("OKActions")) {
			return "tells nobody"
		}
		return r.lacks("notBreaching", "TreatMissingData")
	}},
	{"private bucket", "AWS::S3::Bucket", func(_ Config, r resource) string {
		return r.lacks(map[string]bool{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true}, "PublicAccessBlockConfiguration") +
			r.lacks(nil, "BucketName")
	}},
	{"encrypted bucket", "AWS::S3::Bucket", func(c Config, r resource) string {
		want := `{"SSEAlgorithm":"AES256"}`
		if c.CustomerKey {
			want = `{"KMSMasterKeyID":` + text(stackKey(c)) + `,"SSEAlgorithm":"aws:kms"}`
		}
		if encryption := text(r.at("BucketEncryption")); !strings.Contains(encryption, want) {
			return "encryption is " + encryption
		}
		return ""
	}},
	{"objects expire", "AWS::S3::Bucket", func(c Config, r resource) string {
		return r.lacks([]any{map[string]any{
			"AbortIncompleteMultipartUpload": map[string]any{"DaysAfterInitiation": 1}, "ExpirationInDays": c.Batch.ExpireDays, "Status": "Enabled",
		}}, "LifecycleConfiguration", "Rules")
	}},
	{"removal of the bucket", "AWS::S3::Bucket", func(c Config, r resource) string {
		if want := map[bool]string{true: "RetainExceptOnCreate", false: "Delete"}[c.Batch.RetainBucket]; r["DeletionPolicy"] != want {
			return fmt.Sprintf("deletion policy is %v, want %s", r["DeletionPolicy"], want)
		}
		return ""
	}},
	{"TLS of the bucket", "AWS::S3::BucketPolicy", func(_ Config, r resource) string {
		policy := text(r.at("PolicyDocument"))
		if !strings.Contains(policy, `{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"`) || !strings.Contains(policy, `{"NumericLessThan":{"s3:TlsVersion":1.2}},"Effect":"Deny"`) {
			return "takes requests in clear: " + policy
		}
		return ""
	}},
	{"tracing of batches", "AWS::StepFunctions::StateMachine", func(_ Config, r resource) string { return r.lacks(true, "TracingConfiguration", "Enabled") }},
	{"logs of batches without data", "AWS::StepFunctions::StateMachine", func(_ Config, r resource) string {
		return r.lacks("ALL", "LoggingConfiguration", "Level") + r.lacks(false, "LoggingConfiguration", "IncludeExecutionData") + r.lacks(nil, "StateMachineName")
	}},
	{"rollback", "AWS::CodeDeploy::DeploymentGroup", func(_ Config, r resource) string {
		return r.lacks(true, "AutoRollbackConfiguration", "Enabled") + r.lacks(true, "AlarmConfiguration", "Enabled") +
			r.lacks([]any{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"}, "AutoRollbackConfiguration", "Events")
	}},
}

// stackKey is what refers to the key of an environment's stack; nil if it has none.
func stackKey(config Config) any {
	if !config.CustomerKey {
		return nil
	}
	return map[string]any{"Fn::GetAtt": []any{"Key961B73FD", "Arn"}}
}

// lacks is what wantAt complains of, as a text.
func (r resource) lacks(want any, keys ...string) string {
	if got := r.at(keys...); text(got) != text(want) {
		return fmt.Sprintf("%s is %s, want %s; ", strings.Join(keys, "."), text(got), text(want))
	}
	return ""
}

const logDelivery = "the delivery of Step Functions' logs has no resource type"

// wildcards are the actions that may name a pattern as their resource, with the reason.
var wildcards = []struct{ action, resource, reason string }{
	{"xray:PutTraceSegments", `"*"`, "X-Ray has no resource type for a trace"},
	{"xray:PutTelemetryRecords", `"*"`, "X-Ray has no resource type for a trace"},
	{"lambda:InvokeFunction", `,":*"]]}`, "a batch asks the version that the alias names when it starts"},
	{"s3:GetObject", `"/input/*"]]}`, "files of a batch"},
	{"s3:AbortMultipartUpload", `"/results/*"]]}`, "results of a batch"},
	{"s3:GetObject", `"/results/*"]]}`, "results of a batch"},
	{"s3:ListMultipartUploadParts", `"/results/*"]]}`, "results of a batch"},
	{"s3:PutObject", `"/results/*"]]}`, "results of a batch"},
	{"states:DescribeExecution", `,":*"]]}`, "children of a map are named when it runs"},
	{"states:StopExecution", `,":*"]]}`, "children of a map are named when it runs"},
	{"states:RedriveExecution", `,"/*:*"]]}`, "children of a map are named when it runs"},
	{"states:DescribeMapRun", `,"/*"]]}`, "runs of a map are named when it runs"},
	{"xray:GetSamplingRules", `"*"`, "X-Ray has no resource type for a sampling rule to be read"},
	{"xray:GetSamplingTargets", `"*"`, "X-Ray has no resource type for a sampling rule to be read"},
	{"logs:CreateLogDelivery", `"*"`, logDelivery},
	{"logs:DeleteLogDelivery", `"*"`, logDelivery},
	{"logs:DescribeLogGroups", `"*"`, logDelivery},
	{"logs:DescribeResourcePolicies", `"*"`, logDelivery},
	{"logs:GetLogDelivery", `"*"`, logDelivery},
	{"logs:ListLogDeliveries", `"*"`, logDelivery},
	{"logs:PutResourcePolicy", `"*"`, logDelivery},
	{"logs:UpdateLogDelivery", `"*"`, logDelivery},
	{"cloudwatch:DescribeAlarms", `:alarm:*"`, "CloudWatch checks a listing against all alarms, whatever names are asked for"},
}

// checkStatements holds a policy to exact actions on exact resources.
func checkStatements(_ Config, r resource) string {
	var wrong []string
	for _, s := range r.at("PolicyDocument", "Statement").([]any) {
		statement := s.(map[string]any)
		allowedOn := text(statement["Resource"])
		for _, action := range oneOrMany(statement["Action"]) {
			if strings.Contains(action, "*") {
				wrong = append(wrong, action+" is open-ended")
			}
			acknowledged := slices.ContainsFunc(wildcards, func(w struct{ action, resource, reason string }) bool {
				return w.action == action && strings.Contains(allowedOn, w.resource) && w.reason != ""
			})
			if strings.Contains(allowedOn, "*") && !acknowledged {
				wrong = append(wrong, action+" is allowed on "+allowedOn)
			}
			if strings.HasPrefix(action, "logs:") && !acknowledged && !strings.HasPrefix(allowedOn, `{"Fn::GetAtt":["`) {
				wrong = append(wrong, action+" is allowed on "+allowedOn)
			}
		}
	}
	return strings.Join(wrong, "; ")
}

func oneOrMany(value any) []string {
	if one, ok := value.(string); ok {
		return []string{one}
	}
	var many []string
	for _, v := range value.([]any) {
		many = append(many, v.(string))
	}
	return many
}

// TestInvariants holds every environment, and every variant, to the table.
func TestInvariants(t *testing.T) {
	asked := map[string]bool{}
	for _, config := range slices.Concat(environments(), variants()) {
		t.Run(config.Name, func(t *testing.T) {
			tmpl := synthesize(t, config)
			for _, invariant := range invariants {
				for id, r := range tmpl.every(invariant.kind) {
					asked[invariant.name] = true
					if problem := invariant.check(config, r); problem != "" {
						t.Errorf("%s: %s: %s", invariant.name, id, problem)
					}
				}
			}
			checkTags(t, config, tmpl)
			checkTypes(t, tmpl)
		})
	}
	for _, invariant := range invariants {
		if !asked[invariant.name] {
			t.Errorf("%s was asked of nothing: no template has %s", invariant.name, invariant.kind)
		}
	}
}

// tagless are the types that CloudFormation gives no tags.
var tagless = []string{
	"AWS::ApiGatewayV2::ApiMapping", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route",
	"AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy", "AWS::CloudWatch::Dashboard",
	"AWS::CodeDeploy::DeploymentConfig", "AWS::IAM::Policy", "AWS::Lambda::Alias", "AWS::Lambda::LayerVersion", "AWS::Lambda::Permission",
	"AWS::Lambda::Url", "AWS::Lambda::Version", "AWS::Logs::QueryDefinition", "AWS::Route53::RecordSet", "AWS::S3::BucketPolicy", "AWS::SNS::Subscription", "AWS::SNS::TopicPolicy",
}

func checkTags(t *testing.T, config Config, tmpl template) {
	t.Helper()
	for id, r := range tmpl["Resources"].(map[string]any) {
		r := resource(r.(map[string]any))
		if slices.Contains(tagless, r["Type"].(string)) {
			continue
		}
		tags := map[string]any{}
		list := r.at("Tags")
		if list == nil {
			list = r.at("ResourceTags") // as a budget has it
		}
		switch list := list.(type) {
		case []any:
			for _, tag := range list {
				tags[tag.(map[string]any)["Key"].(string)] = tag.(map[string]any)["Value"]
			}
		case map[string]any:
			tags = list
		}
		for key, want := range map[string]string{"project": "sklambda", "environment": config.Name, "owner": config.Tags["owner"]} {
			if got := tags[key]; got != want && want != "" {
				t.Errorf("%s (%s): tag %s is %v, want %s", id, r["Type"], key, got, want)
			}
		}
	}
}

// forbidden are types that a stack of ours never has.
var forbidden = map[string]string{
	"AWS::CloudFormation::CustomResource": "what CloudFormation cannot do is done at synth",
	"AWS::EC2::VPC":                       "a function in a VPC starts later and needs a NAT to send its traces",
	"AWS::Lambda::EventSourceMapping":     "nothing but the front invokes the function",
	"AWS::IAM::ManagedPolicy":             "a policy belongs to its role",
}

func checkTypes(t *testing.T, tmpl template) {
	t.Helper()
	for id, r := range tmpl["Resources"].(map[string]any) {
		kind := r.(map[string]any)["Type"].(string)
		if reason := forbidden[kind]; reason != "" || strings.HasPrefix(kind, "Custom::") {
			t.Errorf("%s is a %s: %s", id, kind, reason)
		}
	}
	if size := len(text(map[string]any(tmpl))); size > 200_000 {
		t.Errorf("template is %d bytes, want below 200 kB: CloudFormation takes 1 MB", size)
	}
}

// stateful are the resources that lose something, or break a caller, when they are replaced: their logical IDs are a contract.
var stateful = map[string][]string{
	"AWS::ApiGatewayV2::Api": {"ApiHttp17514DA7"},
	"AWS::Lambda::Function":  {"FunctionHandlerB180C98D"},
	"AWS::Lambda::Alias":     {"FunctionAliasD140E3BC"},
	"AWS::Logs::LogGroup":    {"ApiAccessLog713001CC", "FunctionLogE54B7D7B"},
	"AWS::SNS::Topic":        {"MonitoringTopic2EDA8B02"},
}

func TestLogicalIDs(t *testing.T) {
	models := variants()[2]
	if _, ok := synthesize(t, models).every("AWS::S3::Bucket")["BatchBucket7637E275"]; !ok {
		t.Errorf("the bucket of batches has another logical ID: %v", slices.Sorted(maps.Keys(synthesize(t, models).every("AWS::S3::Bucket"))))
	}
	for _, config := range append(environments(), models) {
		tmpl := synthesize(t, config)
		for kind, ids := range stateful {
			found := tmpl.every(kind)
			for _, id := range ids {
				if _, ok := found[id]; !ok {
					t.Errorf("%s: no %s with the logical ID %s, but %v: it would be replaced", config.Name, kind, id, slices.Sorted(maps.Keys(found)))
				}
			}
		}
	}
}
