package main

import (
	"encoding/json"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// routes are the paths of a model, each for any method: the function itself answers 405 and names what is allowed. There is no
// default route: any other path is API Gateway's own 404 and invokes nothing.
var routes = []route{
	{path: "/predict"},
	{path: "/health", open: true}, // a prober has no credentials; it learns whether, not what
	{path: "/model"},
}

type route struct {
	path string
	open bool // to all, whatever Config.Auth says
}

// modelPath is a path of the model of that name, "" for the one without.
func modelPath(name, path string) string {
	if name == "" {
		return path
	}
	return "/models/" + name + path
}

// defaultStage is the stage that adds nothing to a path.
const defaultStage = "$default"

// corsMaxAgeHours is how long a browser may remember a preflight answer: the most that Chromium does.
const corsMaxAgeHours = 2

// PredictionAPIProps is what a PredictionAPI is made of.
type PredictionAPIProps struct {
	Config Config
	// Functions answer the routes, each its own.
	Functions []*PredictionFunction
}

// PredictionAPI is the HTTP API in front of the functions.
type PredictionAPI struct {
	constructs.Construct
	API   awsapigatewayv2.HttpApi
	Stage awsapigatewayv2.HttpStage
	// AccessLog has a line a request.
	AccessLog awslogs.LogGroup
}

// NewPredictionAPI makes the API with its routes, one stage and its access log.
func NewPredictionAPI(scope constructs.Construct, id string, props *PredictionAPIProps) *PredictionAPI {
	this := constructs.NewConstruct(scope, jsii.String(id))
	config := props.Config

	api := awsapigatewayv2.NewHttpApi(this, jsii.String("Http"), &awsapigatewayv2.HttpApiProps{
		ApiName:            jsii.String("sklambda-" + config.Name),
		Description:        jsii.String("POST /predict, GET /health, GET /model (" + config.Name + ")"),
		CreateDefaultStage: jsii.Bool(false),
		CorsPreflight:      corsPreflight(config),
	})
	authorizer := newAuthorizer(config.Auth)
	for _, function := range props.Functions {
		name := function.Assets.Name
		integration := awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Function"+pascal(name)), function.Alias, nil)
		for _, route := range routes {
			options := &awsapigatewayv2.AddRoutesOptions{
				Path:        jsii.String(modelPath(name, route.path)),
				Methods:     &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod_ANY},
				Integration: integration,
			}
			if authorizer != nil && !route.open {
				options.Authorizer = authorizer
			}
			api.AddRoutes(options)
		}
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
	settings := stage.Node().DefaultChild().(awsapigatewayv2.CfnStage)
	// The L2 takes access log settings as an interface to be implemented, which Go cannot do over jsii.
	accessLog := newLogGroup(this, "AccessLog", config)
	settings.SetAccessLogSettings(&awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
		DestinationArn: accessLog.LogGroupArn(),
		Format:         jsii.String(accessLogFormat()),
	})
	return &PredictionAPI{Construct: this, API: api, Stage: stage, AccessLog: accessLog}
}

// newAuthorizer checks who calls; nil lets anybody.
func newAuthorizer(auth Auth) awsapigatewayv2.IHttpRouteAuthorizer {
	switch auth.Kind {
	case AuthIAM:
		return awsapigatewayv2authorizers.NewHttpIamAuthorizer()
	case AuthJWT:
		return awsapigatewayv2authorizers.NewHttpJwtAuthorizer(jsii.String("Jwt"), jsii.String(auth.Issuer),
			&awsapigatewayv2authorizers.HttpJwtAuthorizerProps{JwtAudience: jsii.Strings(auth.Audiences...)})
	}
	return nil
}

// pascal makes a part of a construct's id of a model's name: churn-eu becomes ChurnEu.
func pascal(name string) string {
	var id strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		if part != "" {
			id.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return id.String()
}

// URL is the address of a path of the API.
func (a *PredictionAPI) URL(path string) *string {
	address := *a.API.ApiEndpoint()
	if name := *a.Stage.StageName(); name != defaultStage {
		address += "/" + name
	}
	return jsii.String(address + path)
}

// RouteARN is what a caller needs permission on to use a method of a path under AuthIAM.
func (a *PredictionAPI) RouteARN(method, path string) *string {
	return awscdk.Stack_Of(a.API).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("execute-api"), Resource: a.API.HttpApiId(),
		ResourceName: jsii.String(*a.Stage.StageName() + "/" + method + path),
	})
}

// corsPreflight lets API Gateway answer for cross-origin requests, and alone: with it API Gateway drops the function's
// own CORS headers, answers OPTIONS without invoking (or authorizing) anything, and puts the headers on its own 4xx and
// 5xx too, which the function could not. So CORS_ALLOW_ORIGINS stays unset in Lambda.
func corsPreflight(config Config) *awsapigatewayv2.CorsPreflightOptions {
	if len(config.CORSOrigins) == 0 {
		return nil
	}
	return &awsapigatewayv2.CorsPreflightOptions{
		AllowOrigins: jsii.Strings(config.CORSOrigins...),
		AllowMethods: &[]awsapigatewayv2.CorsHttpMethod{
			awsapigatewayv2.CorsHttpMethod_GET,
			awsapigatewayv2.CorsHttpMethod_POST,
		},
		AllowHeaders:  jsii.Strings(corsHeaders(config.Auth)...),
		ExposeHeaders: jsii.Strings("x-request-id"),
		MaxAge:        awscdk.Duration_Hours(jsii.Number(corsMaxAgeHours)),
	}
}

// corsHeaders are the request headers that a page may send: for AuthIAM those of a signed request as well.
func corsHeaders(auth Auth) []string {
	headers := []string{"authorization", "content-type"}
	if auth.Kind == AuthIAM {
		headers = append(headers, "x-amz-content-sha256", "x-amz-date", "x-amz-security-token")
	}
	return headers
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
