package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// actionsOn returns what a policy allows: its statements' actions, each with its resource as one line of JSON.
func actionsOn(policy resource) map[string]string {
	allowed := map[string]string{}
	for _, s := range policy.at("PolicyDocument", "Statement").([]any) {
		statement := s.(map[string]any)
		for _, action := range oneOrMany(statement["Action"]) {
			allowed[action] = text(statement["Resource"])
		}
	}
	return allowed
}

func TestStrategies(t *testing.T) {
	for _, tt := range []struct {
		environment string
		wantConfig  any // of the deployment group
		wantRouting any
	}{
		{"plain", "CodeDeployDefault.LambdaAllAtOnce", nil},
		{"jwt", map[string]any{"Ref": "DeploymentStepsACB178C0"}, map[string]any{
			"Type": "TimeBasedLinear", "TimeBasedLinear": map[string]any{"LinearPercentage": 20.0, "LinearInterval": 5.0},
		}},
		{"models", map[string]any{"Ref": "DeploymentStepsACB178C0"}, map[string]any{
			"Type": "TimeBasedCanary", "TimeBasedCanary": map[string]any{"CanaryPercentage": 10.0, "CanaryInterval": 5.0},
		}},
	} {
		t.Run(tt.environment, func(t *testing.T) {
			_, tmpl := variant(t, tt.environment)
			group := tmpl.find(t, "AWS::CodeDeploy::DeploymentGroup", "DeploymentGroup")
			group.wantAt(t, tt.wantConfig, "DeploymentConfigName")
			group.wantAt(t, "WITH_TRAFFIC_CONTROL", "DeploymentStyle", "DeploymentOption")
			for _, steps := range tmpl.every("AWS::CodeDeploy::DeploymentConfig") {
				steps.wantAt(t, tt.wantRouting, "TrafficRoutingConfig")
				steps.wantAt(t, "Lambda", "ComputePlatform")
			}
			for id, alias := range tmpl.every("AWS::Lambda::Alias") {
				update, ok := alias["UpdatePolicy"].(map[string]any)["CodeDeployLambdaAliasUpdate"].(map[string]any)
				if !ok || update["BeforeAllowTrafficHook"] == nil || update["AfterAllowTrafficHook"] == nil {
					t.Errorf("%s: update policy is %s, want both hooks", id, text(alias["UpdatePolicy"]))
				}
			}
		})
	}
	_, tmpl := variant(t, "dev")
	if alias := tmpl.only(t, "AWS::Lambda::Alias"); alias["UpdatePolicy"] != nil || len(tmpl.every("AWS::CodeDeploy::DeploymentGroup")) != 0 {
		t.Errorf("direct: update policy is %s, want none and no CodeDeploy", text(alias["UpdatePolicy"]))
	}
}

// The rollback watches every alarm of the model and of the front, and none of another model.
func TestRollbackAlarms(t *testing.T) {
	_, tmpl := variant(t, "models")
	var watched []string
	for _, alarm := range tmpl.find(t, "AWS::CodeDeploy::DeploymentGroup", "DeploymentChurnGroup").at("AlarmConfiguration", "Alarms").([]any) {
		id := alarm.(map[string]any)["Name"].(map[string]any)["Ref"].(string)
		watched = append(watched, id[:len(id)-8])
	}
	slices.Sort(watched)
	want := []string{"MonitoringChurnErrors", "MonitoringChurnGoldenMismatches", "MonitoringChurnLatency", "MonitoringChurnThrottles", "MonitoringServerErrors"}
	if diff := cmp.Diff(want, watched); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
}

// Each hook knows its target, and may do nothing but report, ask exactly that target, log and trace.
func TestHooks(t *testing.T) {
	always := []string{"codedeploy:PutLifecycleEventHookExecutionStatus", "logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
	const version, alias = `{"Ref":"FunctionHandlerCurrentVersion`, `,":live"]]}`
	for _, tt := range []struct {
		environment, hook string
		target            string // in TARGET_FUNCTION
		url, auth         string // in TARGET_URL ("null" for none), and TARGET_AUTH
		may, on           string // beside what every hook may; and a part of its resource
	}{
		{"plain", "Before", version, "null", "null", "lambda:InvokeFunction", version},
		{"plain", "After", alias, `{"Fn::GetAtt":["ApiHttp17514DA7","ApiEndpoint"]}`, `"none"`, "", ""},
		{"models", "After", alias, `,"/v1"]]}`, `"iam"`, "execute-api:Invoke", `"/v1/POST/predict"`},
		{"jwt", "After", alias, "null", `"jwt"`, "lambda:InvokeFunction", alias},
		{"url", "Before", version, "null", "null", "lambda:InvokeFunction", version},
		{"url", "After", alias, "null", `"iam"`, "lambda:InvokeFunction", alias},
	} {
		t.Run(tt.environment+" "+tt.hook, func(t *testing.T) {
			config, tmpl := variant(t, tt.environment)
			function := tmpl.find(t, "AWS::Lambda::Function", "Deployment"+tt.hook)
			function.wantAt(t, map[string]any{"Before": "pre", "After": "post"}[tt.hook], "Environment", "Variables", "HOOK")
			for key, want := range map[string]string{"TARGET_FUNCTION": tt.target, "TARGET_URL": tt.url, "TARGET_AUTH": tt.auth} {
				if got := text(function.at("Environment", "Variables", key)); !strings.Contains(got, want) {
					t.Errorf("%s is %s, want %s in it", key, got, want)
				}
			}
			model := tmpl.find(t, "AWS::Lambda::Function", "FunctionHandler")
			if config.Model == ModelInLayer && text(function.at("Layers")) != text(model.at("Layers")) {
				t.Errorf("layers are %s, want the model's", text(function.at("Layers")))
			}
			may := actionsOn(tmpl.find(t, "AWS::IAM::Policy", "Deployment"+tt.hook+"Role"))
			want := slices.Clone(always)
			if tt.may != "" {
				want = append(want, tt.may)
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(may))); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
			if !strings.Contains(may[tt.may], tt.on) {
				t.Errorf("%s is allowed on %s, want %s", tt.may, may[tt.may], tt.on)
			}
			if on := may[always[0]]; !strings.Contains(on, `deploymentgroup:",{"Ref":"Application"},"/",{"Ref":"DeploymentGroup`) {
				t.Errorf("reports to %s, want the deployment group", on)
			}
		})
	}
}

// CodeDeploy may move this alias and start these hooks.
func TestCodeDeployRole(t *testing.T) {
	_, tmpl := variant(t, "plain")
	may := actionsOn(tmpl.find(t, "AWS::IAM::Policy", "DeploymentPolicy"))
	want := []string{"cloudwatch:DescribeAlarms", "lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:InvokeFunction", "lambda:UpdateAlias"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(may))); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
	if on := may["lambda:InvokeFunction"]; strings.Contains(on, "FunctionHandler") || !strings.Contains(on, "DeploymentBeforeHandler") || !strings.Contains(on, "DeploymentAfterHandler") {
		t.Errorf("may invoke %s, want the hooks alone", on)
	}
}
