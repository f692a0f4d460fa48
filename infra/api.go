package main

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// routes are the paths of the API, each for any method: the function itself answers 405 and names what is allowed. Any
// other path is API Gateway's own 404 and invokes nothing.
var routes = []string{"/predict", "/health", "/model"}

// corsMaxAgeHours is how long a browser may remember a preflight answer: the most that Chromium does.
const corsMaxAgeHours = 2

// PredictionAPIProps is what a PredictionAPI is made of.
type PredictionAPIProps struct {
	Config Config
	// Handler answers the routes.
	Handler awslambda.IFunction
}

// PredictionAPI is the HTTP API in front of the function.
type PredictionAPI struct {
	constructs.Construct
	API   awsapigatewayv2.HttpApi
	Stage awsapigatewayv2.HttpStage
}

// NewPredictionAPI makes the API with its routes, one stage and its access log.
func NewPredictionAPI(scope constructs.Construct, id string, props *PredictionAPIProps) *PredictionAPI {
	this := constructs.NewConstruct(scope, jsii.String(id))
	config := props.Config

	api := awsapigatewayv2.NewHttpApi(this, jsii.String("Http"), &awsapigatewayv2.HttpApiProps{
		ApiName:            jsii.String("sklambda-" + config.Name),
		Description:        jsii.String("POST /predict, GET /health, GET /model (" + config.Name + ")"),
		CreateDefaultStage: jsii.Bool(false),
		CorsPreflight:      corsPreflight(config.CORSOrigins),
	})
	integration := awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Function"), props.Handler, nil)
	for _, path := range routes {
		api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
			Path:        jsii.String(path),
			Methods:     &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod_ANY},
			Integration: integration,
		})
	}

	stage := awsapigatewayv2.NewHttpStage(this, jsii.String("Stage"), &awsapigatewayv2.HttpStageProps{
		HttpApi:    api,
		StageName:  jsii.String(config.Stage),
		AutoDeploy: jsii.Bool(true),
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit:  jsii.Number(config.RateLimit),
			BurstLimit: jsii.Number(config.BurstLimit),
		},
	})
	// The L2 takes access log settings as an interface to be implemented, which Go cannot do over jsii.
	stage.Node().DefaultChild().(awsapigatewayv2.CfnStage).SetAccessLogSettings(&awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
		DestinationArn: newLogGroup(this, "AccessLog", config).LogGroupArn(),
		Format:         jsii.String(accessLogFormat()),
	})
	return &PredictionAPI{Construct: this, API: api, Stage: stage}
}

// URL is the address of a path of the API.
func (a *PredictionAPI) URL(path string) *string {
	address := *a.API.ApiEndpoint()
	if name := *a.Stage.StageName(); name != "$default" {
		address += "/" + name
	}
	return jsii.String(address + path)
}

// corsPreflight lets API Gateway answer for cross-origin requests, and alone: with it API Gateway drops the function's
// own CORS headers, answers OPTIONS without invoking (or authorizing) anything, and puts the headers on its own 4xx and
// 5xx too, which the function could not. So CORS_ALLOW_ORIGINS stays unset in Lambda.
func corsPreflight(origins []string) *awsapigatewayv2.CorsPreflightOptions {
	if len(origins) == 0 {
		return nil
	}
	return &awsapigatewayv2.CorsPreflightOptions{
		AllowOrigins: jsii.Strings(origins...),
		AllowMethods: &[]awsapigatewayv2.CorsHttpMethod{
			awsapigatewayv2.CorsHttpMethod_GET,
			awsapigatewayv2.CorsHttpMethod_POST,
		},
		AllowHeaders:  jsii.Strings("authorization", "content-type"),
		ExposeHeaders: jsii.Strings("x-request-id"),
		MaxAge:        awscdk.Duration_Hours(jsii.Number(corsMaxAgeHours)),
	}
}

// accessLogFormat is one line of JSON a request. It has nothing of a request's body, query or address.
func accessLogFormat() string {
	line, err := json.Marshal(map[string]string{
		"requestId":          "$context.requestId",
		"time":               "$context.requestTime",
		"userAgent":          "$context.identity.userAgent",
		"method":             "$context.httpMethod",
		"path":               "$context.path",
		"route":              "$context.routeKey",
		"status":             "$context.status",
		"latency":            "$context.responseLatency",
		"responseLength":     "$context.responseLength",
		"integrationStatus":  "$context.integration.status",
		"integrationLatency": "$context.integrationLatency",
		"integrationError":   "$context.integrationErrorMessage",
		"errorType":          "$context.error.responseType",
	})
	if err != nil {
		panic(err) // a map of strings always encodes
	}
	return string(line)
}
