package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// handlerProps is what tells our Lambda functions apart.
type handlerProps struct {
	Config         Config
	Description    string
	Code           string                  // the asset's folder
	Layer          awslambda.ILayerVersion // nil for none
	Environment    map[string]*string
	TimeoutSeconds int
}

// newHandler makes a function out of a bootstrap of ours, with a role and a log group of its own, the function's constructs being
// children of scope.
func newHandler(scope constructs.Construct, props *handlerProps) awslambda.Function {
	config := props.Config
	logGroup := newLogGroup(scope, "Log", config)
	// A role of our own, because the one that CDK makes has AWSLambdaBasicExecutionRole, which may write to every log
	// group of the account.
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	logGroup.GrantWrite(role)

	environment := map[string]*string{"LOG_LEVEL": jsii.String(config.LogLevel)}
	for key, value := range props.Environment {
		environment[key] = value
	}
	var layers *[]awslambda.ILayerVersion
	if props.Layer != nil {
		layers = &[]awslambda.ILayerVersion{props.Layer}
	} else {
		environment["MODEL_PATH"] = jsii.String("/var/task/" + modelFolder) // without it the function looks at /opt/model
	}
	return awslambda.NewFunction(scope, jsii.String("Handler"), &awslambda.FunctionProps{
		Description:  jsii.String(props.Description),
		Code:         awslambda.Code_FromAsset(jsii.String(props.Code), nil),
		Handler:      jsii.String("bootstrap"), // required by Lambda, not read by an OS-only runtime
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: lambdaArchitecture(config.Architecture),
		MemorySize:   jsii.Number(config.MemoryMB),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(props.TimeoutSeconds)),
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
		// Kept for a rollback, but for a version whose own deploy failed: the next try would find it and fail.
		CurrentVersionOptions: &awslambda.VersionOptions{RemovalPolicy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE},
	})
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
	group := awslogs.NewLogGroup(scope, jsii.String(id), &awslogs.LogGroupProps{RemovalPolicy: removalOfLogs(config)})
	// The L2's own property is an enum by name; the config has days, as AWS has.
	resource := group.Node().DefaultChild().(awslogs.CfnLogGroup)
	resource.SetRetentionInDays(jsii.Number(config.LogRetentionDays))
	if key := keyOf(scope); key != nil {
		resource.SetKmsKeyId(key.KeyArn())
	}
	return group
}

func removalOfLogs(config Config) awscdk.RemovalPolicy {
	if config.RetainLogs {
		return awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
	return awscdk.RemovalPolicy_DESTROY
}
