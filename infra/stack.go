package main

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Keys of the tags on every resource.
const (
	projectTag     = "project"
	environmentTag = "environment"
)

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
	tags := map[string]*string{projectTag: jsii.String("sklambda"), environmentTag: jsii.String(config.Name)}
	for key, value := range config.Tags {
		tags[key] = jsii.String(value)
	}
	stack := awscdk.NewStack(scope, jsii.String(id), &awscdk.StackProps{
		Description: jsii.String("sklambda: model " + assets.Model.Name + " behind POST /predict (" + config.Name + ")"),
		Env:         deployTo(config),
		Tags:        &tags,
	})
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		awscdk.Tags_Of(stack).Add(jsii.String(key), tags[key], nil)
	}

	function := NewPredictionFunction(stack, "Function", &PredictionFunctionProps{Config: config, Assets: assets})
	api := NewPredictionAPI(stack, "Api", &PredictionAPIProps{Config: config, Handler: function.Alias})

	output := func(id, description string, value *string) {
		awscdk.NewCfnOutput(stack, jsii.String(id), &awscdk.CfnOutputProps{
			Description: jsii.String(description),
			Value:       value,
		})
	}
	output("PredictUrl", "POST a row here", api.URL("/predict"))
	output("ApiId", "Id of the HTTP API", api.API.HttpApiId())
	output("FunctionName", "Name of the function", function.Function.FunctionName())
	return stack
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
