package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// aliasName is the alias that takes the traffic.
const aliasName = "live"

// PredictionFunctionProps is what a PredictionFunction is made of.
type PredictionFunctionProps struct {
	Config Config
	Assets ModelAssets
}

// PredictionFunction is the Lambda function with its model, its role and its log group.
type PredictionFunction struct {
	constructs.Construct
	// Assets are the ones that it was made of.
	Assets   ModelAssets
	Function awslambda.Function
	// Alias names the version that takes the traffic. Older versions are retained: there is something to go back to.
	Alias awslambda.Alias
}

// NewPredictionFunction makes the function.
func NewPredictionFunction(scope constructs.Construct, id string, props *PredictionFunctionProps) *PredictionFunction {
	this := constructs.NewConstruct(scope, jsii.String(id))
	config := props.Config

	logGroup := newLogGroup(this, "Log", config)
	// A role of our own, because the one that CDK makes has AWSLambdaBasicExecutionRole, which may write to every log
	// group of the account.
	role := awsiam.NewRole(this, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	logGroup.GrantWrite(role)

	environment := map[string]*string{"LOG_LEVEL": jsii.String(config.LogLevel)}
	var layers *[]awslambda.ILayerVersion
	if config.Model == ModelInLayer {
		layers = &[]awslambda.ILayerVersion{NewModelLayer(this, "Model", props.Assets)}
	} else {
		environment["MODEL_PATH"] = jsii.String("/var/task/" + modelFolder) // without it the function looks at /opt/model
	}

	function := awslambda.NewFunction(this, jsii.String("Handler"), &awslambda.FunctionProps{
		Description:  jsii.String("Answers POST " + modelPath(props.Assets.Name, "/predict") + " (" + config.Name + ")"),
		Code:         awslambda.Code_FromAsset(jsii.String(props.Assets.Function), nil),
		Handler:      jsii.String("bootstrap"), // required by Lambda, not read by an OS-only runtime
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: lambdaArchitecture(config.Architecture),
		MemorySize:   jsii.Number(config.MemoryMB),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(config.TimeoutSeconds)),
		Layers:       layers,
		Environment:  &environment,
		Role:         role,
		// Active tracing adds xray:PutTraceSegments and PutTelemetryRecords on * to the role: X-Ray knows no resource
		// for a trace.
		Tracing:          awslambda.Tracing_ACTIVE,
		LogGroup:         logGroup,
		LoggingFormat:    awslambda.LoggingFormat_JSON,
		SystemLogLevelV2: awslambda.SystemLogLevel_INFO,
		// Lambda lets everything through: the function has LOG_LEVEL, and the lines that carry its metrics have to
		// arrive whatever the level.
		ApplicationLogLevelV2: awslambda.ApplicationLogLevel_DEBUG,
		CurrentVersionOptions: &awslambda.VersionOptions{RemovalPolicy: awscdk.RemovalPolicy_RETAIN},
	})
	if config.ReservedConcurrency > 0 {
		function.Node().DefaultChild().(awslambda.CfnFunction).SetReservedConcurrentExecutions(jsii.Number(config.ReservedConcurrency))
	}
	alias := awslambda.NewAlias(this, jsii.String("Alias"), &awslambda.AliasProps{
		AliasName: jsii.String(aliasName),
		Version:   function.CurrentVersion(),
	})
	provision(alias, config.ProvisionedConcurrency)
	return &PredictionFunction{Construct: this, Assets: props.Assets, Function: function, Alias: alias}
}

// provision keeps environments of the alias started.
func provision(alias awslambda.Alias, p *ProvisionedConcurrency) {
	if p == nil {
		return
	}
	alias.Node().DefaultChild().(awslambda.CfnAlias).SetProvisionedConcurrencyConfig(&awslambda.CfnAlias_ProvisionedConcurrencyConfigurationProperty{
		ProvisionedConcurrentExecutions: jsii.Number(p.Min),
	})
	if p.Max == 0 {
		return
	}
	alias.AddAutoScaling(&awslambda.AutoScalingOptions{
		MinCapacity: jsii.Number(p.Min),
		MaxCapacity: jsii.Number(p.Max),
	}).ScaleOnUtilization(&awslambda.UtilizationScalingOptions{UtilizationTarget: jsii.Number(float64(p.TargetPercent) / 100)})
}

func lambdaArchitecture(goarch string) awslambda.Architecture {
	if goarch == "amd64" {
		return awslambda.Architecture_X86_64()
	}
	return awslambda.Architecture_ARM_64()
}

// newLogGroup makes a log group that forgets after the environment's retention. Its name is generated, so that a group
// kept from a destroyed stack does not stand in the way of the next.
func newLogGroup(scope constructs.Construct, id string, config Config) awslogs.LogGroup {
	removal := awscdk.RemovalPolicy_DESTROY
	if config.RetainLogs {
		removal = awscdk.RemovalPolicy_RETAIN
	}
	group := awslogs.NewLogGroup(scope, jsii.String(id), &awslogs.LogGroupProps{RemovalPolicy: removal})
	// The L2's own property is an enum by name; the config has days, as AWS has.
	group.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(config.LogRetentionDays))
	return group
}
