package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// freeTier is what CloudWatch gives for ever; the alarms are counted in the template, whatever the code says.
const freeAlarms, freeMetrics, freeDashboards = 10, 10, 3

func TestDevIsFree(t *testing.T) {
	config, tmpl := variant(t, "dev")
	for kind, most := range map[string]int{
		"AWS::CloudWatch::Alarm": freeAlarms, "AWS::CloudWatch::Dashboard": freeDashboards,
		"AWS::ApiGatewayV2::DomainName": 0, "AWS::KMS::Key": 0, "AWS::CodeDeploy::DeploymentGroup": 0, "AWS::ApiGateway::RestApi": 0,
	} {
		if found := tmpl.every(kind); len(found) > most {
			t.Errorf("%d resources of type %s, free are %d", len(found), kind, most)
		}
	}
	if n := customMetricCount(config); n > freeMetrics {
		t.Errorf("%d custom metrics, free are %d", n, freeMetrics)
	}
	if config.ProvisionedConcurrency != nil || tmpl.only(t, "AWS::Lambda::Alias").at("ProvisionedConcurrencyConfig") != nil {
		t.Error("provisioned concurrency is never free")
	}
	if config.LogRetentionDays > 30 {
		t.Errorf("logs are kept for %d days", config.LogRetentionDays)
	}
}

// emulated are the types of dev's stack, all of which a local emulator of AWS takes as it is: whoever adds one tries it there.
var emulated = []string{
	"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage", "AWS::CloudWatch::Alarm",
	"AWS::CloudWatch::Dashboard", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::Lambda::Alias", "AWS::Lambda::Function", "AWS::Lambda::LayerVersion",
	"AWS::Lambda::Permission", "AWS::Lambda::Version", "AWS::Logs::LogGroup", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy",
}

func TestDevIsEmulated(t *testing.T) {
	_, tmpl := variant(t, "dev")
	for id, r := range tmpl["Resources"].(map[string]any) {
		if kind := r.(map[string]any)["Type"].(string); !slices.Contains(emulated, kind) {
			t.Errorf("%s is a %s, which local emulators may not know", id, kind)
		}
	}
}

// The costs table counts what is in the template.
func TestCountsOfCosts(t *testing.T) {
	for _, config := range slices.Concat(environments(), variants()) {
		tmpl := synthesize(t, config)
		if got, want := alarmCount(config), len(tmpl.every("AWS::CloudWatch::Alarm")); got != want {
			t.Errorf("%s: counted %d alarms, the template has %d", config.Name, got, want)
		}
		if got := len(tmpl.every("AWS::CloudWatch::Dashboard")); got != dashboardCount {
			t.Errorf("%s: %d dashboards, want %d", config.Name, got, dashboardCount)
		}
	}
}

func TestAlarms(t *testing.T) {
	config, tmpl := variant(t, "plain")
	alias := map[string]string{"FunctionName": `{"Ref":"FunctionHandlerB180C98D"}`, "Resource": `{"Fn::Join":["",[{"Ref":"FunctionHandlerB180C98D"},":live"]]}`}
	for _, tt := range []struct {
		id, namespace, name, statistic string
		threshold                      int
		dimensions                     map[string]string
	}{
		{"Errors", "AWS/Lambda", "Errors", "Sum", config.Alarms.FunctionErrors, alias},
		{"Throttles", "AWS/Lambda", "Throttles", "Sum", config.Alarms.Throttles, alias},
		{"Latency", "AWS/Lambda", "Duration", "p99", config.Alarms.P99Milliseconds, alias},
		{"ServerErrors", "AWS/ApiGateway", "5xx", "Sum", config.Alarms.ServerErrors, map[string]string{"ApiId": `{"Ref":"ApiHttp17514DA7"}`, "Stage": `"$default"`}},
		{"GoldenMismatches", "sklambda", "GoldenMismatches", "Sum", 1, map[string]string{"Function": `{"Ref":"FunctionHandlerB180C98D"}`}},
	} {
		t.Run(tt.id, func(t *testing.T) {
			alarm := tmpl.find(t, "AWS::CloudWatch::Alarm", "Monitoring"+tt.id)
			statistic := "Statistic"
			if tt.statistic[0] == 'p' {
				statistic = "ExtendedStatistic"
				alarm.wantAt(t, "ignore", "EvaluateLowSampleCountPercentile")
			}
			alarm.wantAt(t, tt.namespace, "Namespace")
			alarm.wantAt(t, tt.name, "MetricName")
			alarm.wantAt(t, tt.statistic, statistic)
			alarm.wantAt(t, float64(tt.threshold), "Threshold")
			alarm.wantAt(t, float64(60*config.Alarms.PeriodMinutes), "Period")
			alarm.wantAt(t, "GreaterThanOrEqualToThreshold", "ComparisonOperator")
			got := map[string]string{}
			for _, d := range alarm.at("Dimensions").([]any) {
				got[d.(map[string]any)["Name"].(string)] = text(d.(map[string]any)["Value"])
			}
			if diff := cmp.Diff(tt.dimensions, got); diff != "" {
				t.Errorf("dimensions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTopic(t *testing.T) {
	_, tmpl := variant(t, "models")
	subscription := tmpl.only(t, "AWS::SNS::Subscription")
	subscription.wantAt(t, "email", "Protocol")
	subscription.wantAt(t, "team@example.com", "Endpoint")
	policy := text(tmpl.only(t, "AWS::SNS::TopicPolicy").at("PolicyDocument"))
	for _, want := range []string{"cloudwatch.amazonaws.com", "budgets.amazonaws.com", `"aws:SourceAccount":{"Ref":"AWS::AccountId"}`} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy is %s, want %s in it", policy, want)
		}
	}
	tmpl.only(t, "AWS::Budgets::Budget").wantAt(t, map[string]any{"Amount": 50.0, "Unit": "USD"}, "Budget", "BudgetLimit")
	_, tmpl = variant(t, "dev")
	if found := tmpl.every("AWS::SNS::Subscription"); len(found) != 0 {
		t.Errorf("%d subscriptions without an address, want none", len(found))
	}
}

// The dashboard shows what a person looks for, and each of its queries is saved as well.
func TestDashboard(t *testing.T) {
	for _, name := range []string{"prod", "models", "url"} {
		config, tmpl := variant(t, name)
		body := text(tmpl.only(t, "AWS::CloudWatch::Dashboard").at("DashboardBody"))
		want := []string{"Requests", "Duration, ms", "p50", "p90", "p99", "ColdStarts", "ConcurrentExecutions", "Requests cost, USD an hour", "errorCode", "modelVersion"}
		for _, m := range stubAssets(t, config).Models {
			want = append(want, modelPath(m.Name, "/predict")+"` "+m.Model.Name+" "+m.Model.Version+", manifest sha256 "+m.Model.SHA256)
		}
		for _, part := range want {
			if !strings.Contains(body, part) {
				t.Errorf("%s: the dashboard has no %q", name, part)
			}
		}
	}
}

func TestQueries(t *testing.T) {
	_, tmpl := variant(t, "prod")
	saved := tmpl.every("AWS::Logs::QueryDefinition")
	if len(saved) != len(queries) {
		t.Errorf("%d saved queries, want %d", len(saved), len(queries))
	}
	for id, q := range saved {
		group := "FunctionLogE54B7D7B"
		if strings.Contains(fmt.Sprint(q.at("Name")), "callers") || strings.Contains(fmt.Sprint(q.at("Name")), "refused") {
			group = "ApiAccessLog713001CC"
		}
		if got := text(q.at("LogGroupNames")); got != `[{"Ref":"`+group+`"}]` {
			t.Errorf("%s reads %s, want %s", id, got, group)
		}
	}
	_, tmpl = variant(t, "url")
	if len(tmpl.every("AWS::Logs::QueryDefinition")) == 0 {
		t.Error("a Function URL has no saved queries")
	}
	for id, q := range tmpl.every("AWS::Logs::QueryDefinition") {
		if strings.Contains(text(q.at("LogGroupNames")), "AccessLog") {
			t.Errorf("%s reads an access log, which a Function URL has not", id)
		}
	}
}
