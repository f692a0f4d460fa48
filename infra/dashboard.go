package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"sklambda/function/metrics"
)

// graph is one graph of the dashboard.
type graph struct {
	title string
	lines []line
}

// line is one metric of a graph, under the name that a person reads.
type line struct {
	label  string
	metric metric
}

// Graphs of each kind of front, and of each model. The dashboard is 24 wide: three graphs a row.
var (
	apiGraphs = []graph{
		{"Requests", []line{{"requests", apiMetric("Count", "Sum")}, {"4xx", apiMetric("4xx", "Sum")}, {"5xx", apiMetric("5xx", "Sum")}}},
		{"Latency at the API, ms", percentiles(apiMetric, "Latency")},
	}
	urlGraphs = []graph{
		{"Requests", []line{{"requests", lambdaMetric("UrlRequestCount", "Sum")}, {"4xx", lambdaMetric("Url4xxCount", "Sum")}, {"5xx", lambdaMetric("Url5xxCount", "Sum")}}},
		{"Latency at the URL, ms", percentiles(lambdaMetric, "UrlRequestLatency")},
	}
	modelGraphs = []graph{
		{"Invocations", []line{{"invocations", lambdaMetric("Invocations", "Sum")}, {"failed", lambdaMetric("Errors", "Sum")}, {"throttled", lambdaMetric("Throttles", "Sum")}}},
		{"Duration, ms", percentiles(lambdaMetric, "Duration")},
		{"Handler, ms", percentiles(serviceMetric, metrics.Latency)},
		{"Rows and errors", []line{{"rows", serviceMetric(metrics.Rows, "Sum")}, {"4xx", serviceMetric(metrics.ClientErrors, "Sum")}, {"5xx", serviceMetric(metrics.ServerErrors, "Sum")}}},
		{"Cold starts", []line{{"cold starts", serviceMetric(metrics.ColdStarts, "Sum")}}},
		{"Concurrency", []line{{"environments in use", lambdaMetric("ConcurrentExecutions", "Maximum")}}},
	}
)

const (
	graphWidth, graphHeight = 8, 6
	dashboardWidth          = 24
)

// percentiles are the three lines that say how long something takes.
func percentiles(of func(name, statistic string) metric, name string) []line {
	return []line{{"p50", of(name, "p50")}, {"p90", of(name, "p90")}, {"p99", of(name, "p99")}}
}

// newDashboard makes the dashboard: what is deployed, the front, each model, and what the log tells.
func (m *Monitoring) newDashboard(props *MonitoringProps) {
	board := awscloudwatch.NewDashboard(m.Construct, jsii.String("Dashboard"), nil)
	board.AddWidgets(awscloudwatch.NewTextWidget(&awscloudwatch.TextWidgetProps{
		Markdown: jsii.String(m.headline(props)), Width: jsii.Number(dashboardWidth), Height: jsii.Number(2 + len(props.Functions)),
	}))
	front := apiGraphs
	if props.API == nil {
		front = urlGraphs
	}
	board.AddWidgets(append(m.draw("", front, dimensionsOf(props, props.Functions[0])), m.costGraph(props))...)
	for _, function := range props.Functions {
		board.AddWidgets(m.draw(function.Assets.Name, modelGraphs, dimensionsOf(props, function))...)
	}
	board.AddWidgets(m.table(errorsByCode, props), m.table(modelVersions, props))
}

// headline says which models are deployed.
func (m *Monitoring) headline(props *MonitoringProps) string {
	text := []string{"# sklambda " + m.config.Name}
	for _, function := range props.Functions {
		model := function.Assets.Model
		text = append(text, fmt.Sprintf("`%s` %s %s, manifest sha256 %s", modelPath(function.Assets.Name, "/predict"), model.Name, model.Version, model.SHA256))
	}
	return strings.Join(text, "\n\n")
}

// draw makes graphs of a target; a model's name stands before the title.
func (m *Monitoring) draw(name string, graphs []graph, of dimensions) []awscloudwatch.IWidget {
	var widgets []awscloudwatch.IWidget
	for _, g := range graphs {
		var left []awscloudwatch.IMetric
		for _, l := range g.lines {
			left = append(left, l.metric.of(of, l.label, m.period))
		}
		widgets = append(widgets, m.newGraph(strings.TrimSpace(name+" "+g.title), left))
	}
	return widgets
}

func (m *Monitoring) newGraph(title string, left []awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: jsii.String(title),
		Left:  &left,
		Width: jsii.Number(graphWidth), Height: jsii.Number(graphHeight),
		LeftYAxis: &awscloudwatch.YAxisProps{Min: jsii.Number(0), ShowUnits: jsii.Bool(false)},
	})
}

// costGraph estimates what requests cost an hour, by the prices of the costs table.
func (m *Monitoring) costGraph(props *MonitoringProps) awscloudwatch.IWidget {
	hour := awscdk.Duration_Hours(jsii.Number(1))
	using := map[string]awscloudwatch.IMetric{}
	var terms []string
	for i, function := range props.Functions {
		of := dimensionsOf(props, function)
		invocations, duration := fmt.Sprintf("i%d", i), fmt.Sprintf("d%d", i)
		using[invocations] = lambdaMetric("Invocations", "Sum").of(of, "", hour)
		using[duration] = lambdaMetric("Duration", "Sum").of(of, "", hour)
		terms = append(terms, invocations+"*"+decimal(lambdaRequestUSD)+" + "+duration+"*"+decimal(m.config.millisecondUSD()))
	}
	if props.API != nil {
		using["requests"] = apiMetric("Count", "Sum").of(dimensionsOf(props, props.Functions[0]), "", hour)
		terms = append(terms, "requests*"+decimal(apiRequestUSD))
	}
	return m.newGraph("Requests cost, USD an hour", []awscloudwatch.IMetric{awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression:   jsii.String(strings.Join(terms, " + ")),
		UsingMetrics: &using,
		Label:        jsii.String("Lambda and API, list prices of us-east-1"),
		Period:       hour,
	})})
}

// decimal writes a number without an exponent, in which CDK would see the name of a metric.
func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// table shows what a saved query finds in the functions' logs.
func (m *Monitoring) table(q query, props *MonitoringProps) awscloudwatch.IWidget {
	logs := logGroupNames(props)
	return awscloudwatch.NewLogQueryWidget(&awscloudwatch.LogQueryWidgetProps{
		Title:         jsii.String(strings.ToUpper(q.name[:1]) + q.name[1:]),
		LogGroupNames: &logs,
		QueryString:   jsii.String(strings.Join(q.lines, "\n| ")),
		View:          awscloudwatch.LogQueryVisualizationType_TABLE,
		Width:         jsii.Number(dashboardWidth / 2), Height: jsii.Number(graphHeight),
	})
}
