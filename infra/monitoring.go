package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// MonitoringProps is what Monitoring is made of.
type MonitoringProps struct {
	Config    Config
	Functions []*PredictionFunction
	// API is what stands before the functions; nil for a Function URL.
	API *PredictionAPI
}

// Monitoring is the topic that people are told by, the alarms, the dashboard and the saved queries of a stack.
type Monitoring struct {
	constructs.Construct
	Topic awssns.Topic
	// FrontAlarms watch what stands before the models, ModelAlarms each model, by the name in its routes.
	FrontAlarms []awscloudwatch.Alarm
	ModelAlarms map[string][]awscloudwatch.Alarm

	config Config
	period awscdk.Duration
	action awscloudwatch.IAlarmAction
}

// query is one saved query of Logs Insights.
type query struct {
	name string
	// access says that it reads the access log; otherwise it reads the functions'.
	access bool
	lines  []string
}

// queries are saved as sklambda-<environment>/<name>. The function's lines have no feature's value, and so have the answers.
var queries = []query{
	errorsByCode,
	{name: "server errors", lines: []string{
		"fields @timestamp, message, error, errorCode, requestId, @log",
		`filter level = "ERROR"`,
		"sort @timestamp desc",
		"limit 100",
	}},
	{name: "slowest requests", lines: []string{
		"fields @timestamp, Latency, Rows, route, status, requestId",
		"filter ispresent(Latency)",
		"sort Latency desc",
		"limit 50",
	}},
	{name: "cold starts", lines: []string{
		`filter message = "cold start"`,
		"stats count() as starts, pct(durationMs, 50) as p50, max(durationMs) as slowest by model, modelVersion, bin(1h)",
	}},
	modelVersions,
	{name: "memory", lines: []string{
		`filter type = "platform.report"`,
		"stats max(record.metrics.maxMemoryUsedMB) as used, max(record.metrics.memorySizeMB) as size by @log",
	}},
	{name: "refused by the API", access: true, lines: []string{
		"fields @timestamp, status, method, path, errorType, integrationError, requestId",
		"filter status >= 400",
		"stats count() as requests by status, errorType, integrationError",
		"sort requests desc",
	}},
	{name: "callers", access: true, lines: []string{
		"stats count() as requests, pct(latency, 99) as p99 by userAgent, route",
		"sort requests desc",
		"limit 50",
	}},
}

// Two of the queries stand on the dashboard as well.
var (
	errorsByCode = query{name: "errors by code", lines: []string{
		"filter ispresent(errorCode)",
		"stats count() as answers by errorCode, status",
		"sort answers desc",
	}}
	modelVersions = query{name: "answers by model version", lines: []string{
		"filter ispresent(modelVersion) and ispresent(Latency)",
		"stats count() as answers, sum(Rows) as rows, max(@timestamp) as last by modelVersion, @log",
		"sort last desc",
	}}
)

// NewMonitoring makes all of it.
func NewMonitoring(scope constructs.Construct, id string, props *MonitoringProps) *Monitoring {
	m := &Monitoring{
		Construct:   constructs.NewConstruct(scope, jsii.String(id)),
		ModelAlarms: map[string][]awscloudwatch.Alarm{},
		config:      props.Config,
		period:      awscdk.Duration_Minutes(jsii.Number(props.Config.Alarms.PeriodMinutes)),
	}
	m.Topic = newTopic(m.Construct, props.Config)
	m.action = awscloudwatchactions.NewSnsAction(m.Topic)
	for _, function := range props.Functions {
		name := function.Assets.Name
		m.ModelAlarms[name] = m.newAlarms(pascal(name), alarmsOfModel(m.config), dimensionsOf(props, function))
	}
	m.FrontAlarms = m.newAlarms("", alarmsOfFront(m.config), dimensionsOf(props, props.Functions[0]))
	if m.config.SavedQueries {
		m.saveQueries(props)
	}
	m.newDashboard(props)
	m.newBudget()
	return m
}

// dimensionsOf tells a function, and the API before it, from others.
func dimensionsOf(props *MonitoringProps, function *PredictionFunction) dimensions {
	of := dimensions{function: function.Function.FunctionName()}
	if props.API != nil {
		of.api, of.stage = props.API.API.HttpApiId(), jsii.String(props.Config.Stage)
	}
	return of
}

// newTopic makes the topic of the alarms, which CloudWatch and Budgets may publish to, for this account alone, over TLS. Without a key of the
// stack's own it has none: CloudWatch cannot use the one that SNS has for nothing, and a message holds an alarm's name and a number.
func newTopic(scope constructs.Construct, config Config) awssns.Topic {
	props := &awssns.TopicProps{DisplayName: jsii.String("sklambda " + config.Name), EnforceSSL: jsii.Bool(true)}
	if key := keyOf(scope); key != nil {
		props.MasterKey = key
	}
	topic := awssns.NewTopic(scope, jsii.String("Topic"), props)
	for _, service := range publishers(config) {
		topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(service), nil)},
			Actions:    jsii.Strings("sns:Publish"),
			Resources:  &[]*string{topic.TopicArn()},
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
		}))
	}
	if config.Alarms.Email != "" {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(config.Alarms.Email), nil))
	}
	return topic
}

// publishers are the services that tell the topic.
func publishers(config Config) []string {
	if config.Budget == nil {
		return []string{"cloudwatch.amazonaws.com"}
	}
	return []string{"budgets.amazonaws.com", "cloudwatch.amazonaws.com"}
}

func (m *Monitoring) saveQueries(props *MonitoringProps) {
	functionLogs := logGroupNames(props)
	for _, q := range queries {
		logs := functionLogs
		if q.access {
			if props.API == nil {
				continue // a Function URL has no access log
			}
			logs = []*string{props.API.AccessLog.LogGroupName()}
		}
		var names []any
		for _, name := range logs {
			names = append(names, name)
		}
		awslogs.NewCfnQueryDefinition(m.Construct, jsii.String("Query-"+strings.ReplaceAll(q.name, " ", "-")), &awslogs.CfnQueryDefinitionProps{
			Name:          jsii.String("sklambda-" + m.config.Name + "/" + q.name),
			QueryString:   jsii.String(strings.Join(q.lines, "\n| ")),
			LogGroupNames: &names,
		})
	}
}

// logGroupNames are the groups that the functions log to.
func logGroupNames(props *MonitoringProps) []*string {
	var names []*string
	for _, function := range props.Functions {
		names = append(names, function.Function.LogGroup().LogGroupName())
	}
	return names
}

func (m *Monitoring) newBudget() {
	if m.config.Budget == nil {
		return
	}
	var notifications []any
	for _, n := range []struct {
		kind    string
		percent int
	}{{"ACTUAL", 80}, {"FORECASTED", 100}} {
		notifications = append(notifications, &awsbudgets.CfnBudget_NotificationWithSubscribersProperty{
			Notification: &awsbudgets.CfnBudget_NotificationProperty{
				NotificationType:   jsii.String(n.kind),
				ComparisonOperator: jsii.String("GREATER_THAN"),
				Threshold:          jsii.Number(n.percent),
				ThresholdType:      jsii.String("PERCENTAGE"),
			},
			Subscribers: []any{&awsbudgets.CfnBudget_SubscriberProperty{SubscriptionType: jsii.String("SNS"), Address: m.Topic.TopicArn()}},
		})
	}
	var tags []any // which CDK's own tagging does not reach
	values := tagsOf(m.config)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		tags = append(tags, &awsbudgets.CfnBudget_ResourceTagProperty{Key: jsii.String(key), Value: values[key]})
	}
	budget := awsbudgets.NewCfnBudget(m.Construct, jsii.String("Budget"), &awsbudgets.CfnBudgetProps{
		Budget: &awsbudgets.CfnBudget_BudgetDataProperty{
			BudgetType:  jsii.String("COST"),
			TimeUnit:    jsii.String("MONTHLY"),
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: jsii.Number(m.config.Budget.MonthlyUSD), Unit: jsii.String("USD")},
		},
		NotificationsWithSubscribers: notifications,
		ResourceTags:                 tags,
	})
	budget.Node().AddDependency(m.Topic.Node().FindChild(jsii.String("Policy"))) // Budgets tries to publish when it is made
}
