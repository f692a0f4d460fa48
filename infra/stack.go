package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// maxStackDescription is CloudFormation's limit on a stack's description, in bytes.
const maxStackDescription = 1024

// PredictionStackProps is what a stack is made of.
type PredictionStackProps struct {
	// Config is the validated environment.
	Config Config
	// Assets are the folders that become the function's zip and the model layer.
	Assets Assets
}

// NewPredictionStack composes a model, the function that serves it and the HTTP API in front into one stack.
func NewPredictionStack(scope constructs.Construct, id string, props *PredictionStackProps) awscdk.Stack {
	config, assets := props.Config, props.Assets
	tags := tagsOf(config)
	stack := awscdk.NewStack(scope, jsii.String(id), &awscdk.StackProps{
		Description: jsii.String(describe(config, assets)),
		Env:         deployTo(config),
		Tags:        &tags,

		TerminationProtection: jsii.Bool(config.TerminationProtection),
	})
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		awscdk.Tags_Of(stack).Add(jsii.String(key), tags[key], nil)
	}

	if config.CustomerKey {
		NewKey(stack, config) // first: log groups look for it
	}
	var functions []*PredictionFunction
	for _, model := range assets.Models {
		functions = append(functions, NewPredictionFunction(stack, "Function"+pascal(model.Name), &PredictionFunctionProps{Config: config, Assets: model}))
	}
	front, api := newFront(stack, config, functions)
	monitoring := NewMonitoring(stack, "Monitoring", &MonitoringProps{Config: config, Functions: functions, API: api})
	if config.hasCodeDeploy() {
		application := awscodedeploy.NewCfnApplication(stack, jsii.String("Application"), &awscodedeploy.CfnApplicationProps{ComputePlatform: jsii.String("Lambda")})
		for _, function := range functions {
			NewDeployment(stack, "Deployment"+pascal(function.Assets.Name), &DeploymentProps{
				Config: config, Application: application, Function: function, API: api,
				Alarms: slices.Concat(monitoring.ModelAlarms[function.Assets.Name], monitoring.FrontAlarms),
			})
		}
	}

	for _, function := range functions {
		name := function.Assets.Name
		output(stack, "PredictUrl"+pascal(name), "POST a row here", front.URL(modelPath(name, "/predict")))
		output(stack, "FunctionName"+pascal(name), "Name of the function", function.Function.FunctionName())
		if config.Batch != nil {
			batch := NewBatch(stack, "Batch"+pascal(name), &BatchProps{Config: config, Function: function})
			batch.outputs(name)
			monitoring.newAlarms("Batch"+pascal(name), batchAlarms, dimensions{machine: batch.StateMachine.Ref()})
		}
	}
	acknowledge(stack, config)
	return stack
}

// describe tells which models the stack has.
func describe(config Config, assets Assets) string {
	var models []string
	for _, m := range assets.Models {
		models = append(models, m.Model.Name+" behind POST "+modelPath(m.Name, "/predict"))
	}
	text := "sklambda: model " + strings.Join(models, ", ") + " (" + config.Name + ")"
	return strings.ToValidUTF8(text[:min(len(text), maxStackDescription)], "")
}

// front is what stands before the functions.
type front interface {
	// URL is the address of a path.
	URL(path string) *string
}

// newFront makes what the config asks for. The API is nil where it is a Function URL.
func newFront(stack awscdk.Stack, config Config, functions []*PredictionFunction) (front, *PredictionAPI) {
	if config.Front == FrontFunctionURL {
		return NewPredictionURL(stack, "Url", &PredictionURLProps{Config: config, Function: functions[0]}), nil
	}
	api := NewPredictionAPI(stack, "Api", &PredictionAPIProps{Config: config, Functions: functions})
	output(stack, "ApiId", "Id of the HTTP API", api.API.HttpApiId())
	if config.Domain != nil {
		NewDomain(stack, "Domain", *config.Domain, api)
	}
	return api, api
}

// output shows a value when the stack has been deployed.
func output(scope constructs.Construct, id, description string, value *string) {
	awscdk.NewCfnOutput(scope, jsii.String(id), &awscdk.CfnOutputProps{Description: jsii.String(description), Value: value})
}

// deployTo is the place a config pins its stack to; nil leaves it to the credentials of the deploy.
func deployTo(config Config) *awscdk.Environment {
	if config.Region == "" {
		return nil
	}
	place := &awscdk.Environment{Region: jsii.String(config.Region)}
	if config.Account != "" {
		place.Account = jsii.String(config.Account)
	}
	return place
}
