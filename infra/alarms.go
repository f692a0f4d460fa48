package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"sklambda/function/metrics"
)

// alarm is one alarm: it goes off when a metric reaches the environment's threshold.
type alarm struct {
	id     string
	metric metric
	// threshold as the environment has it.
	threshold func(Config) int
	// deploys says that it watches deployments alone: without CodeDeploy there is no such alarm.
	deploys bool
	// advice is what a person who gets the alarm reads.
	advice string
}

// alarms of each model, and of what stands before it.
var (
	modelAlarms = []alarm{
		{
			id: "Errors", metric: lambdaMetric("Errors", "Sum"), threshold: func(c Config) int { return c.Alarms.FunctionErrors },
			advice: "Invocations fail, so that callers get a 5xx from AWS: the function's log has the reason. make rollback brings the last version back.",
		},
		{
			id: "Throttles", metric: lambdaMetric("Throttles", "Sum"), threshold: func(c Config) int { return c.Alarms.Throttles },
			advice: "Lambda refuses invocations: the account's concurrency, or ReservedConcurrency, is used up.",
		},
		{
			id: "Latency", metric: lambdaMetric("Duration", "p99"), threshold: func(c Config) int { return c.Alarms.P99Milliseconds },
			advice: "The slowest hundredth of the invocations takes too long: larger batches, or too little MemoryMB.",
		},
		{
			id: "GoldenMismatches", metric: serviceMetric(metrics.GoldenMismatches, "Sum"), threshold: func(Config) int { return 1 }, deploys: true,
			advice: "A new version answered a golden row otherwise than scikit-learn: the deploy hook's log names the row. It takes no traffic.",
		},
	}
	apiAlarms = []alarm{{
		id: "ServerErrors", metric: apiMetric("5xx", "Sum"), threshold: func(c Config) int { return c.Alarms.ServerErrors },
		advice: "The API answers 5xx: errorCode in the function's log, integrationError in the access log.",
	}}
	urlAlarms = []alarm{{
		id: "ServerErrors", metric: lambdaMetric("Url5xxCount", "Sum"), threshold: func(c Config) int { return c.Alarms.ServerErrors },
		advice: "The function's address answers 5xx: errorCode in the function's log.",
	}}
	batchAlarms = []alarm{{
		id: "Failed", metric: statesMetric("ExecutionsFailed", "Sum"), threshold: func(Config) int { return 1 },
		advice: "A run over a file failed: its error in Step Functions says why, FAILED_0.jsonl beside its results which rows. Results that are there are not to be used.",
	}}
)

// alarmsOfModel are the alarms that each model gets in the environment.
func alarmsOfModel(config Config) []alarm {
	var kept []alarm
	for _, a := range modelAlarms {
		if !a.deploys || config.hasCodeDeploy() {
			kept = append(kept, a)
		}
	}
	return kept
}

// alarmsOfFront are the alarms of what stands before the models.
func alarmsOfFront(config Config) []alarm {
	if config.Front == FrontFunctionURL {
		return urlAlarms
	}
	return apiAlarms
}

// newAlarms makes alarms over the dimensions of m; each tells the topic when it goes off and when it is over.
func (m *Monitoring) newAlarms(prefix string, alarms []alarm, of dimensions) []awscloudwatch.Alarm {
	var made []awscloudwatch.Alarm
	for _, a := range alarms {
		props := &awscloudwatch.AlarmProps{
			Metric:             a.metric.of(of, "", m.period),
			AlarmDescription:   jsii.String("sklambda " + m.config.Name + ": " + a.advice),
			Threshold:          jsii.Number(a.threshold(m.config)),
			EvaluationPeriods:  jsii.Number(1),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
		}
		if a.metric.isPercentile() {
			props.EvaluateLowSampleCountPercentile = jsii.String("ignore") // of three requests there is no p99
		}
		alarm := awscloudwatch.NewAlarm(m.Construct, jsii.String(prefix+a.id), props)
		alarm.AddAlarmAction(m.action)
		alarm.AddOkAction(m.action)
		made = append(made, alarm)
	}
	return made
}

// metric is one of CloudWatch's, without its dimensions.
type metric struct {
	namespace, name, statistic string
	// dimension picks the ones of a target.
	dimension func(dimensions) map[string]*string
}

// dimensions are the values that metrics are told apart by.
type dimensions struct {
	function   *string // the function's name
	machine    *string // ARN of the state machine
	api, stage *string // nil for a Function URL
}

// lambdaMetric is one of Lambda's for the alias, told by its parts: a reference to the alias would make a circle, because the alias waits
// for the deployment group, which waits for the alarms.
func lambdaMetric(name, statistic string) metric {
	return metric{"AWS/Lambda", name, statistic, func(of dimensions) map[string]*string {
		return map[string]*string{"FunctionName": of.function, "Resource": jsii.String(*of.function + ":" + aliasName)}
	}}
}

// serviceMetric is one that the function writes itself, in CloudWatch's embedded metric format.
func serviceMetric(name, statistic string) metric {
	return metric{metrics.Namespace, name, statistic, func(of dimensions) map[string]*string {
		return map[string]*string{metrics.Dimension: of.function}
	}}
}

// apiMetric is one of the HTTP API's.
func apiMetric(name, statistic string) metric {
	return metric{"AWS/ApiGateway", name, statistic, func(of dimensions) map[string]*string {
		return map[string]*string{"ApiId": of.api, "Stage": of.stage}
	}}
}

// statesMetric is one of Step Functions' for a state machine; children of its maps count under other names.
func statesMetric(name, statistic string) metric {
	return metric{"AWS/States", name, statistic, func(of dimensions) map[string]*string {
		return map[string]*string{"StateMachineArn": of.machine}
	}}
}

func (m metric) isPercentile() bool { return m.statistic[0] == 'p' }

// of is the metric of a target. Without a label CloudWatch names it.
func (m metric) of(target dimensions, label string, period awscdk.Duration) awscloudwatch.Metric {
	dimension := m.dimension(target)
	props := &awscloudwatch.MetricProps{
		Namespace:     jsii.String(m.namespace),
		MetricName:    jsii.String(m.name),
		Statistic:     jsii.String(m.statistic),
		DimensionsMap: &dimension,
		Period:        period,
	}
	if label != "" {
		props.Label = jsii.String(label)
	}
	return awscloudwatch.NewMetric(props)
}

// alarmCount is the number of alarms in the environment.
func alarmCount(config Config) int {
	ofModel := len(alarmsOfModel(config))
	if config.Batch != nil {
		ofModel += len(batchAlarms)
	}
	return len(alarmsOfFront(config)) + max(1, len(config.Models))*ofModel
}
