package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestInvariants holds every environment to what no environment may lack.
func TestInvariants(t *testing.T) {
	for _, config := range environments() {
		t.Run(config.Name, func(t *testing.T) {
			tmpl := synthesize(t, config)
			t.Run("function", func(t *testing.T) { checkFunction(t, config, tmpl) })
			t.Run("permissions", func(t *testing.T) { checkPermissions(t, tmpl) })
			t.Run("logs", func(t *testing.T) { checkLogs(t, config, tmpl) })
			t.Run("api", func(t *testing.T) { checkAPI(t, config, tmpl) })
			t.Run("tags", func(t *testing.T) { checkTags(t, config, tmpl) })
			t.Run("outputs", func(t *testing.T) { checkOutputs(t, config, tmpl) })
		})
	}
}

func checkFunction(t *testing.T, config Config, tmpl template) {
	function := tmpl.only(t, "AWS::Lambda::Function")
	function.wantAt(t, "provided.al2023", "Runtime")
	function.wantAt(t, []any{map[string]string{"arm64": "arm64", "amd64": "x86_64"}[config.Architecture]}, "Architectures")
	function.wantAt(t, float64(config.MemoryMB), "MemorySize")
	function.wantAt(t, float64(config.TimeoutSeconds), "Timeout")
	function.wantAt(t, "Active", "TracingConfig", "Mode")
	function.wantAt(t, "JSON", "LoggingConfig", "LogFormat")
	function.wantAt(t, "DEBUG", "LoggingConfig", "ApplicationLogLevel") // metrics pass at any level
	function.wantAt(t, nil, "VpcConfig")
	function.wantAt(t, nil, "FunctionName")
	function.wantAt(t, map[string]any{"LOG_LEVEL": config.LogLevel}, "Environment", "Variables")

	if layers := function.at("Layers").([]any); len(layers) != 1 {
		t.Errorf("layers are %s, want the model's", text(layers))
	}
	layer := tmpl.only(t, "AWS::Lambda::LayerVersion")
	model := stubAssets(t, config).Models[0].Model
	for _, part := range []string{model.Name, model.Version, model.SHA256} {
		if description := layer.at("Description").(string); !strings.Contains(description, part) {
			t.Errorf("layer description is %q, want %q in it", description, part)
		}
	}

	version := tmpl.only(t, "AWS::Lambda::Version")
	if version["DeletionPolicy"] != "Retain" || version["UpdateReplacePolicy"] != "Retain" {
		t.Errorf("policies of the version are %v and %v, want Retain", version["DeletionPolicy"], version["UpdateReplacePolicy"])
	}
	tmpl.only(t, "AWS::Lambda::Alias").wantAt(t, "live", "Name")
}

// wildcards are the statements that may name * as their resource, with the reason.
var wildcards = []struct{ action, reason string }{
	{"xray:PutTraceSegments", "X-Ray has no resource type for a trace"},
	{"xray:PutTelemetryRecords", "X-Ray has no resource type for a trace"},
}

func checkPermissions(t *testing.T, tmpl template) {
	role := tmpl.only(t, "AWS::IAM::Role")
	role.wantAt(t, nil, "ManagedPolicyArns")
	role.wantAt(t, nil, "Policies")
	function := tmpl.only(t, "AWS::Lambda::Function")
	logGroup := function.at("LoggingConfig", "LogGroup").(map[string]any)["Ref"]

	var allowed []string
	for _, statement := range tmpl.only(t, "AWS::IAM::Policy").at("PolicyDocument", "Statement").([]any) {
		statement := statement.(map[string]any)
		for _, action := range oneOrMany(statement["Action"]) {
			allowed = append(allowed, action)
			if strings.Contains(action, "*") {
				t.Errorf("action %s is open-ended", action)
			}
			acknowledged := slices.ContainsFunc(wildcards, func(w struct{ action, reason string }) bool { return w.action == action })
			if statement["Resource"] == "*" && !acknowledged {
				t.Errorf("%s is allowed on *, with no acknowledged reason", action)
			}
			if strings.HasPrefix(action, "logs:") {
				want := map[string]any{"Fn::GetAtt": []any{logGroup, "Arn"}}
				if diff := cmp.Diff(any(want), statement["Resource"]); diff != "" {
					t.Errorf("%s resource (-want +got):\n%s", action, diff)
				}
			}
		}
	}
	slices.Sort(allowed)
	want := []string{"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
	if diff := cmp.Diff(want, allowed); diff != "" {
		t.Errorf("actions of the role (-want +got):\n%s", diff)
	}

	invokers := tmpl.every("AWS::Lambda::Permission")
	if len(invokers) != len(routes) {
		t.Errorf("%d permissions to invoke, want one a route: %d", len(invokers), len(routes))
	}
	api := slices.Collect(maps.Keys(tmpl.every("AWS::ApiGatewayV2::Api")))[0]
	for id, permission := range invokers {
		permission.wantAt(t, "apigateway.amazonaws.com", "Principal")
		if source := text(permission.at("SourceArn")); !strings.Contains(source, `{"Ref":"`+api+`"}`) || !strings.Contains(source, `/*/*/`) {
			t.Errorf("%s: source is %s, want one route of our API", id, source)
		}
	}
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

func checkLogs(t *testing.T, config Config, tmpl template) {
	groups := tmpl.every("AWS::Logs::LogGroup")
	if len(groups) != 2 {
		t.Errorf("%d log groups, want the function's and the access log", len(groups))
	}
	want := map[bool]string{true: "Retain", false: "Delete"}[config.RetainLogs]
	for id, group := range groups {
		group.wantAt(t, float64(config.LogRetentionDays), "RetentionInDays")
		group.wantAt(t, nil, "LogGroupName")
		if group["DeletionPolicy"] != want {
			t.Errorf("%s: deletion policy is %v, want %s", id, group["DeletionPolicy"], want)
		}
	}
	stage := tmpl.only(t, "AWS::ApiGatewayV2::Stage")
	group := stage.at("AccessLogSettings", "DestinationArn").(map[string]any)["Fn::GetAtt"].([]any)[0].(string)
	if _, ok := groups[group]; !ok {
		t.Errorf("access log goes to %q, want one of our groups", group)
	}
	var line map[string]string
	if err := json.Unmarshal([]byte(stage.at("AccessLogSettings", "Format").(string)), &line); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"requestId":        "$context.requestId",
		"status":           "$context.status",
		"latency":          "$context.responseLatency",
		"integrationError": "$context.integrationErrorMessage",
		"userAgent":        "$context.identity.userAgent",
	} {
		if line[key] != want {
			t.Errorf("access log %s is %q, want %q", key, line[key], want)
		}
	}
}

func checkAPI(t *testing.T, config Config, tmpl template) {
	api := tmpl.only(t, "AWS::ApiGatewayV2::Api")
	api.wantAt(t, "HTTP", "ProtocolType")
	var origins []any
	for _, origin := range config.CORSOrigins {
		origins = append(origins, origin)
	}
	api.wantAt(t, any(origins), "CorsConfiguration", "AllowOrigins")
	api.wantAt(t, []any{"GET", "POST"}, "CorsConfiguration", "AllowMethods")

	stage := tmpl.only(t, "AWS::ApiGatewayV2::Stage")
	stage.wantAt(t, config.Stage, "StageName")
	stage.wantAt(t, true, "AutoDeploy")
	stage.wantAt(t, float64(config.RateLimit), "DefaultRouteSettings", "ThrottlingRateLimit")
	stage.wantAt(t, float64(config.BurstLimit), "DefaultRouteSettings", "ThrottlingBurstLimit")

	var keys []string
	for _, route := range tmpl.every("AWS::ApiGatewayV2::Route") {
		keys = append(keys, route.at("RouteKey").(string))
	}
	slices.Sort(keys)
	if diff := cmp.Diff([]string{"ANY /health", "ANY /model", "ANY /predict"}, keys); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	alias := slices.Collect(maps.Keys(tmpl.every("AWS::Lambda::Alias")))[0]
	for id, integration := range tmpl.every("AWS::ApiGatewayV2::Integration") {
		integration.wantAt(t, "2.0", "PayloadFormatVersion")
		if target := integration.at("IntegrationUri"); text(target) != `{"Ref":"`+alias+`"}` {
			t.Errorf("%s invokes %s, want the alias", id, text(target))
		}
	}
}

// tagless are the types that CloudFormation gives no tags.
var tagless = []string{
	"AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::IAM::Policy", "AWS::Lambda::Alias",
	"AWS::Lambda::LayerVersion", "AWS::Lambda::Permission", "AWS::Lambda::Version",
}

func checkTags(t *testing.T, config Config, tmpl template) {
	for id, r := range tmpl["Resources"].(map[string]any) {
		r := resource(r.(map[string]any))
		if slices.Contains(tagless, r["Type"].(string)) {
			continue
		}
		tags := map[string]any{}
		switch list := r.at("Tags").(type) {
		case []any:
			for _, tag := range list {
				tags[tag.(map[string]any)["Key"].(string)] = tag.(map[string]any)["Value"]
			}
		case map[string]any:
			tags = list
		}
		if tags["project"] != "sklambda" || tags["environment"] != config.Name {
			t.Errorf("%s (%s) has tags %v", id, r["Type"], tags)
		}
	}
}

func checkOutputs(t *testing.T, config Config, tmpl template) {
	outputs := tmpl["Outputs"].(map[string]any)
	if diff := cmp.Diff([]string{"ApiId", "FunctionName", "PredictUrl"}, slices.Sorted(maps.Keys(outputs))); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	path := "/predict"
	if config.Stage != "$default" {
		path = "/" + config.Stage + "/predict"
	}
	if url := text(outputs["PredictUrl"]); !strings.Contains(url, `"`+path+`"`) {
		t.Errorf("PredictUrl is %s, want the path %s", url, path)
	}
}

// TestOtherConfigs covers what no environment of ours uses: the model inside the function's zip, amd64, a pinned place, tags
// of one's own, and no CORS.
func TestOtherConfigs(t *testing.T) {
	config := environments()[0]
	config.Name = "other"
	config.Architecture = "amd64"
	config.Model = ModelInFunction
	config.CORSOrigins = nil
	config.Account, config.Region = "123456789012", "eu-central-1"
	config.Tags = map[string]string{"owner": "team a"}
	tmpl := synthesize(t, config)

	function := tmpl.only(t, "AWS::Lambda::Function")
	function.wantAt(t, []any{"x86_64"}, "Architectures")
	function.wantAt(t, nil, "Layers")
	function.wantAt(t, map[string]any{"LOG_LEVEL": "debug", "MODEL_PATH": "/var/task/model"}, "Environment", "Variables")
	if layers := tmpl.every("AWS::Lambda::LayerVersion"); len(layers) != 0 {
		t.Errorf("%d layers, want none", len(layers))
	}
	tmpl.only(t, "AWS::ApiGatewayV2::Api").wantAt(t, nil, "CorsConfiguration")
	if tags := text(function.at("Tags")); !strings.Contains(tags, `{"Key":"owner","Value":"team a"}`) {
		t.Errorf("tags are %s, want owner among them", tags)
	}
	for id, permission := range tmpl.every("AWS::Lambda::Permission") {
		if source := text(permission.at("SourceArn")); !strings.Contains(source, ":eu-central-1:123456789012:") {
			t.Errorf("%s: source is %s, want it in the place that the config pins", id, source)
		}
	}
}

func TestLayerDescriptionFits(t *testing.T) {
	model := ModelIdentity{Name: strings.Repeat("n", 300), Version: "v1.0", SHA256: strings.Repeat("a", 64)}
	got := layerDescription(model)
	if len(got) != maxLayerDescription {
		t.Errorf("%d bytes, want %d", len(got), maxLayerDescription)
	}
	if want := " v1.0 sha256:" + model.SHA256; !strings.HasSuffix(got, want) {
		t.Errorf("description is %q, want it to end in %q", got, want)
	}
}
