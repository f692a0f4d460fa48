package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// PredictionURLProps is what a PredictionURL is made of.
type PredictionURLProps struct {
	Config Config
	// Function answers every path; what it does not know is its own 404.
	Function *PredictionFunction
}

// PredictionURL is the function's own address, which takes requests signed by principals that may lambda:InvokeFunctionUrl.
type PredictionURL struct {
	constructs.Construct
	url awslambda.FunctionUrl
}

// NewPredictionURL makes the address. It belongs to the alias, so that it follows the traffic.
func NewPredictionURL(scope constructs.Construct, id string, props *PredictionURLProps) *PredictionURL {
	this := constructs.NewConstruct(scope, jsii.String(id))
	url := awslambda.NewFunctionUrl(this, jsii.String("Url"), &awslambda.FunctionUrlProps{
		Function: props.Function.Alias,
		AuthType: awslambda.FunctionUrlAuthType_AWS_IAM,
		Cors:     urlCORS(props.Config),
	})
	return &PredictionURL{Construct: this, url: url}
}

// URL is the address of a path. The one that Lambda gives ends in a slash.
func (u *PredictionURL) URL(path string) *string {
	return jsii.String(*u.url.Url() + path[1:])
}

// urlCORS lets Lambda answer for cross-origin requests, and alone, as corsPreflight has API Gateway do.
func urlCORS(config Config) *awslambda.FunctionUrlCorsOptions {
	if len(config.CORSOrigins) == 0 {
		return nil
	}
	return &awslambda.FunctionUrlCorsOptions{
		AllowedOrigins: jsii.Strings(config.CORSOrigins...),
		AllowedMethods: &[]awslambda.HttpMethod{awslambda.HttpMethod_GET, awslambda.HttpMethod_POST},
		AllowedHeaders: jsii.Strings(corsHeaders(config.Auth)...),
		ExposedHeaders: jsii.Strings("x-request-id"),
		MaxAge:         awscdk.Duration_Hours(jsii.Number(corsMaxAgeHours)),
	}
}
