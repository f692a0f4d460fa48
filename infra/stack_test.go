package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// variant returns the variant of that name.
func variant(t *testing.T, name string) (Config, template) {
	t.Helper()
	for _, config := range slices.Concat(environments(), variants()) {
		if config.Name == name {
			return config, synthesize(t, config)
		}
	}
	t.Fatalf("there is no environment %q", name)
	return Config{}, nil
}

// find returns the resource of a type whose logical ID starts so.
func (tmpl template) find(t *testing.T, kind, prefix string) resource {
	t.Helper()
	for id, r := range tmpl.every(kind) {
		if strings.HasPrefix(id, prefix) {
			return r
		}
	}
	t.Fatalf("no %s whose logical ID starts with %s", kind, prefix)
	return nil
}

func TestFunction(t *testing.T) {
	config, tmpl := variant(t, "dev")
	function := tmpl.only(t, "AWS::Lambda::Function")
	function.wantAt(t, float64(config.TimeoutSeconds), "Timeout")
	function.wantAt(t, map[string]any{"LOG_LEVEL": config.LogLevel}, "Environment", "Variables")
	function.wantAt(t, nil, "ReservedConcurrentExecutions")
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
	var allowed []string
	for _, statement := range tmpl.only(t, "AWS::IAM::Policy").at("PolicyDocument", "Statement").([]any) {
		allowed = append(allowed, oneOrMany(statement.(map[string]any)["Action"])...)
	}
	slices.Sort(allowed)
	want := []string{"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
	if diff := cmp.Diff(want, allowed); diff != "" {
		t.Errorf("actions of the role (-want +got):\n%s", diff)
	}
}

// A new model alone makes a new version, or the alias would go on serving the old one; what is unchanged makes none.
func TestNewModelMakesAVersion(t *testing.T) {
	config := environments()[0]
	version := func(layer string) string {
		assets := stubAssets(t, config)
		assets.Models[0].Layer = layer
		return slices.Collect(maps.Keys(synthesizeAssets(t, config, assets, t.TempDir()).every("AWS::Lambda::Version")))[0]
	}
	layer := t.TempDir()
	if err := os.WriteFile(filepath.Join(layer, "manifest.json"), []byte("another model"), 0o644); err != nil {
		t.Fatal(err)
	}
	before, after := version("testdata/stub/layer"), version(layer)
	if before == after {
		t.Errorf("version is %s with either model", before)
	}
	if again := version("testdata/stub/layer"); again != before {
		t.Errorf("version is %s, and was %s with the same assets", again, before)
	}
}

func TestModelInFunction(t *testing.T) {
	_, tmpl := variant(t, "url")
	for id, function := range tmpl.every("AWS::Lambda::Function") {
		if path := function.at("Environment", "Variables", "MODEL_PATH"); path != "/var/task/model" || function.at("Layers") != nil {
			t.Errorf("%s: MODEL_PATH is %v and layers are %v, want /var/task/model and none", id, path, function.at("Layers"))
		}
	}
	if layers := tmpl.every("AWS::Lambda::LayerVersion"); len(layers) != 0 {
		t.Errorf("%d layers, want none", len(layers))
	}
}

func TestConcurrency(t *testing.T) {
	_, tmpl := variant(t, "models")
	tmpl.find(t, "AWS::Lambda::Function", "FunctionHandler").wantAt(t, 50.0, "ReservedConcurrentExecutions")
	for id, alias := range tmpl.every("AWS::Lambda::Alias") {
		if got := alias.at("ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions"); got != 2.0 {
			t.Errorf("%s: provisioned are %v, want 2", id, got)
		}
	}
	targets := tmpl.every("AWS::ApplicationAutoScaling::ScalableTarget")
	if len(targets) != 3 {
		t.Errorf("%d targets that scale, want one a model: 3", len(targets))
	}
	for _, target := range targets {
		target.wantAt(t, 2.0, "MinCapacity")
		target.wantAt(t, 10.0, "MaxCapacity")
	}
	for _, policy := range tmpl.every("AWS::ApplicationAutoScaling::ScalingPolicy") {
		policy.wantAt(t, 0.7, "TargetTrackingScalingPolicyConfiguration", "TargetValue")
	}
	_, tmpl = variant(t, "plain")
	tmpl.only(t, "AWS::Lambda::Alias").wantAt(t, 1.0, "ProvisionedConcurrencyConfig", "ProvisionedConcurrentExecutions")
	if targets := tmpl.every("AWS::ApplicationAutoScaling::ScalableTarget"); len(targets) != 0 {
		t.Errorf("%d targets that scale without a Max, want none", len(targets))
	}
}

func routeKeys(tmpl template) []string {
	var keys []string
	for _, route := range tmpl.every("AWS::ApiGatewayV2::Route") {
		keys = append(keys, route.at("RouteKey").(string))
	}
	slices.Sort(keys)
	return keys
}

func TestAPI(t *testing.T) {
	for _, config := range environments() {
		tmpl := synthesize(t, config)
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
		if diff := cmp.Diff([]string{"ANY /health", "ANY /model", "ANY /predict"}, routeKeys(tmpl)); diff != "" {
			t.Errorf("%s: routes (-want +got):\n%s", config.Name, diff)
		}
		alias := slices.Collect(maps.Keys(tmpl.every("AWS::Lambda::Alias")))[0]
		integration := tmpl.only(t, "AWS::ApiGatewayV2::Integration")
		integration.wantAt(t, "2.0", "PayloadFormatVersion")
		integration.wantAt(t, map[string]any{"Ref": alias}, "IntegrationUri")
		if invokers := tmpl.every("AWS::Lambda::Permission"); len(invokers) != len(routes) {
			t.Errorf("%s: %d permissions to invoke, want one a route: %d", config.Name, len(invokers), len(routes))
		}
	}
	_, tmpl := variant(t, "plain")
	tmpl.only(t, "AWS::ApiGatewayV2::Api").wantAt(t, nil, "CorsConfiguration")
	for id, permission := range tmpl.every("AWS::Lambda::Permission") {
		if source := text(permission.at("SourceArn")); !strings.Contains(source, ":eu-central-1:123456789012:") {
			t.Errorf("%s: source is %s, want it in the place that the config pins", id, source)
		}
	}
}

func TestAccessLog(t *testing.T) {
	_, tmpl := variant(t, "prod")
	var line map[string]string
	if err := json.Unmarshal([]byte(tmpl.only(t, "AWS::ApiGatewayV2::Stage").at("AccessLogSettings", "Format").(string)), &line); err != nil {
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

func TestJWT(t *testing.T) {
	config, tmpl := variant(t, "jwt")
	authorizer := tmpl.only(t, "AWS::ApiGatewayV2::Authorizer")
	authorizer.wantAt(t, "JWT", "AuthorizerType")
	authorizer.wantAt(t, config.Auth.Issuer, "JwtConfiguration", "Issuer")
	authorizer.wantAt(t, []any{"predict", "batch"}, "JwtConfiguration", "Audience")
	authorizer.wantAt(t, []any{"$request.header.Authorization"}, "IdentitySource")
	id := slices.Collect(maps.Keys(tmpl.every("AWS::ApiGatewayV2::Authorizer")))[0]
	for _, route := range tmpl.every("AWS::ApiGatewayV2::Route") {
		if route.at("RouteKey") != "ANY /health" {
			route.wantAt(t, map[string]any{"Ref": id}, "AuthorizerId")
		}
	}
}

func TestFunctionURL(t *testing.T) {
	config, tmpl := variant(t, "url")
	url := tmpl.only(t, "AWS::Lambda::Url")
	url.wantAt(t, "live", "Qualifier")
	url.wantAt(t, any([]any{config.CORSOrigins[0]}), "Cors", "AllowOrigins")
	for _, kind := range []string{"AWS::ApiGatewayV2::Api", "AWS::Lambda::Permission"} {
		if found := tmpl.every(kind); len(found) != 0 {
			t.Errorf("%d resources of type %s, want none", len(found), kind)
		}
	}
	if got := text(tmpl["Outputs"].(map[string]any)["PredictUrl"]); !strings.Contains(got, `"FunctionUrl"]},"predict"`) {
		t.Errorf("PredictUrl is %s, want the path behind the address, which ends in a slash", got)
	}
}

func TestDomain(t *testing.T) {
	config, tmpl := variant(t, "jwt")
	name := tmpl.only(t, "AWS::ApiGatewayV2::DomainName")
	name.wantAt(t, config.Domain.Name, "DomainName")
	tmpl.only(t, "AWS::ApiGatewayV2::ApiMapping").wantAt(t, config.Domain.BasePath, "ApiMappingKey")
	record := tmpl.only(t, "AWS::Route53::RecordSet")
	record.wantAt(t, config.Domain.HostedZoneID, "HostedZoneId")
	record.wantAt(t, config.Domain.Name, "Name")
	if got := text(tmpl["Outputs"].(map[string]any)["DomainUrl"]); !strings.Contains(got, `"https://predict.example.com/v1"`) {
		t.Errorf("DomainUrl is %s", got)
	}
}

// Each model has a function, an alias, a layer and routes of its own behind the one API.
func TestSeveralModels(t *testing.T) {
	_, tmpl := variant(t, "models")
	want := []string{
		"ANY /health", "ANY /model", "ANY /models/churn/health", "ANY /models/churn/model", "ANY /models/churn/predict",
		"ANY /models/fraud-eu/health", "ANY /models/fraud-eu/model", "ANY /models/fraud-eu/predict", "ANY /predict",
	}
	if diff := cmp.Diff(want, routeKeys(tmpl)); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	for kind, number := range map[string]int{
		"AWS::ApiGatewayV2::Api": 1, "AWS::ApiGatewayV2::Integration": 3, "AWS::Lambda::Alias": 3, "AWS::Lambda::LayerVersion": 3,
		"AWS::CodeDeploy::Application": 1, "AWS::CodeDeploy::DeploymentGroup": 3,
	} {
		if found := tmpl.every(kind); len(found) != number {
			t.Errorf("%d resources of type %s, want %d", len(found), kind, number)
		}
	}
	target := func(key string) string {
		for _, route := range tmpl.every("AWS::ApiGatewayV2::Route") {
			if route.at("RouteKey") == key {
				return text(route.at("Target"))
			}
		}
		return ""
	}
	if target("ANY /models/churn/predict") != target("ANY /models/churn/model") || target("ANY /models/churn/predict") == target("ANY /predict") {
		t.Error("routes of a model lead to another's function")
	}
	outputs := slices.Sorted(maps.Keys(tmpl["Outputs"].(map[string]any)))
	wantOutputs := []string{"ApiId", "BatchBucket", "BatchBucketChurn", "BatchBucketFraudEu", "BatchStateMachine", "BatchStateMachineChurn",
		"BatchStateMachineFraudEu", "FunctionName", "FunctionNameChurn", "FunctionNameFraudEu", "PredictUrl", "PredictUrlChurn", "PredictUrlFraudEu"}
	if diff := cmp.Diff(wantOutputs, outputs); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if url := text(tmpl["Outputs"].(map[string]any)["PredictUrlFraudEu"]); !strings.Contains(url, `"/v1/models/fraud-eu/predict"`) {
		t.Errorf("PredictUrlFraudEu is %s", url)
	}
}

func TestOutputs(t *testing.T) {
	for _, config := range environments() {
		outputs := synthesize(t, config)["Outputs"].(map[string]any)
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
