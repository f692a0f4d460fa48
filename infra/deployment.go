package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// hookTimeoutSeconds is what a hook has for all golden rows; CodeDeploy waits an hour for its report.
const hookTimeoutSeconds = 300

// hasCodeDeploy reports whether CodeDeploy moves the traffic.
func (c Config) hasCodeDeploy() bool { return c.Deploy.Strategy != StrategyDirect }

// DeploymentProps is what a Deployment is made of.
type DeploymentProps struct {
	Config      Config
	Application awscodedeploy.CfnApplication
	// Function is the one whose alias is moved.
	Function *PredictionFunction
	// API is what the post-traffic hook calls; nil for a Function URL.
	API *PredictionAPI
	// Alarms move the traffic back.
	Alarms []awscloudwatch.Alarm
}

// NewDeployment has CodeDeploy move the alias of one function to a new version. A hook before it replays the golden rows against the
// new version, which takes no traffic unless all agree; one behind it does the same through the API. Neither runs when the alias is first made:
// there is no version to protect yet, and INIT's self-test is the guard.
func NewDeployment(scope constructs.Construct, id string, props *DeploymentProps) constructs.Construct {
	this := constructs.NewConstruct(scope, jsii.String(id))
	function := props.Function
	role := awsiam.NewRole(this, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("codedeploy.amazonaws.com"), nil),
	})
	group := newDeploymentGroup(this, props, role)

	groupARN := awscdk.Stack_Of(this).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("codedeploy"), Resource: jsii.String("deploymentgroup"),
		ResourceName: jsii.String(*props.Application.Ref() + "/" + *group.Ref()), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	before := newHook(this, "Before", props, groupARN, beforeHook(function))
	after := newHook(this, "After", props, groupARN, afterHook(props))

	policy := newCodeDeployPolicy(this, role, function, before, after)
	alias := function.cfnAlias()
	alias.CfnOptions().SetUpdatePolicy(&awscdk.CfnUpdatePolicy{CodeDeployLambdaAliasUpdate: &awscdk.CfnCodeDeployLambdaAliasUpdate{
		ApplicationName:        props.Application.Ref(),
		DeploymentGroupName:    group.Ref(),
		BeforeAllowTrafficHook: before.FunctionName(),
		AfterAllowTrafficHook:  after.FunctionName(),
	}})
	alias.AddDependency(policy.Node().DefaultChild().(awsiam.CfnPolicy)) // CloudFormation starts a deployment when the alias changes
	return this
}

// newDeploymentGroup says how the traffic moves and what moves it back. It is an L1: the L2 puts a managed policy on any role.
func newDeploymentGroup(scope constructs.Construct, props *DeploymentProps, role awsiam.Role) awscodedeploy.CfnDeploymentGroup {
	var alarms []any
	for _, alarm := range props.Alarms {
		alarms = append(alarms, &awscodedeploy.CfnDeploymentGroup_AlarmProperty{Name: alarm.AlarmName()})
	}
	return awscodedeploy.NewCfnDeploymentGroup(scope, jsii.String("Group"), &awscodedeploy.CfnDeploymentGroupProps{
		ApplicationName:      props.Application.Ref(),
		ServiceRoleArn:       role.RoleArn(),
		DeploymentConfigName: newDeploymentConfig(scope, props.Config.Deploy),
		DeploymentStyle: &awscodedeploy.CfnDeploymentGroup_DeploymentStyleProperty{
			DeploymentType:   jsii.String("BLUE_GREEN"),
			DeploymentOption: jsii.String("WITH_TRAFFIC_CONTROL"),
		},
		AlarmConfiguration: &awscodedeploy.CfnDeploymentGroup_AlarmConfigurationProperty{Enabled: jsii.Bool(true), Alarms: alarms},
		AutoRollbackConfiguration: &awscodedeploy.CfnDeploymentGroup_AutoRollbackConfigurationProperty{
			Enabled: jsii.Bool(true),
			Events:  jsii.Strings("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"),
		},
	})
}

// newDeploymentConfig is the name of the steps: AWS's own for all at once, otherwise one of ours, since AWS has them for a few numbers only.
func newDeploymentConfig(scope constructs.Construct, deploy Deploy) *string {
	routing := &awscodedeploy.CfnDeploymentConfig_TrafficRoutingConfigProperty{}
	switch deploy.Strategy {
	case StrategyCanary:
		routing.Type = jsii.String("TimeBasedCanary")
		routing.TimeBasedCanary = &awscodedeploy.CfnDeploymentConfig_TimeBasedCanaryProperty{
			CanaryPercentage: jsii.Number(deploy.Percent), CanaryInterval: jsii.Number(deploy.Minutes),
		}
	case StrategyLinear:
		routing.Type = jsii.String("TimeBasedLinear")
		routing.TimeBasedLinear = &awscodedeploy.CfnDeploymentConfig_TimeBasedLinearProperty{
			LinearPercentage: jsii.Number(deploy.Percent), LinearInterval: jsii.Number(deploy.Minutes),
		}
	default:
		return jsii.String("CodeDeployDefault.LambdaAllAtOnce")
	}
	return awscodedeploy.NewCfnDeploymentConfig(scope, jsii.String("Steps"), &awscodedeploy.CfnDeploymentConfigProps{
		ComputePlatform:      jsii.String("Lambda"),
		TrafficRoutingConfig: routing,
	}).Ref()
}

// newCodeDeployPolicy is AWSCodeDeployRoleForLambdaLimited with our ARNs in the place of its patterns.
func newCodeDeployPolicy(scope constructs.Construct, role awsiam.Role, function *PredictionFunction, hooks ...awslambda.Function) awsiam.Policy {
	var hookARNs []*string
	for _, hook := range hooks {
		hookARNs = append(hookARNs, hook.FunctionArn())
	}
	alarms := awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("cloudwatch"), Resource: jsii.String("alarm"), ResourceName: jsii.String("*"), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	return awsiam.NewPolicy(scope, jsii.String("Policy"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{role},
		Statements: &[]awsiam.PolicyStatement{
			allow(jsii.Strings("lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"), function.Function.FunctionArn(), function.AliasARN()),
			allow(jsii.Strings("lambda:InvokeFunction"), hookARNs...),
			// A listing: CloudWatch checks it against all alarms, whatever names are asked for.
			allow(jsii.Strings("cloudwatch:DescribeAlarms"), alarms),
		},
	})
}

func allow(actions *[]*string, resources ...*string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: actions, Resources: &resources})
}

// hook is what a deploy hook is told, and what it may do beside reporting.
type hook struct {
	environment map[string]*string
	may         awsiam.PolicyStatement // nil for nothing
}

// beforeHook replays the golden rows against the new version.
func beforeHook(function *PredictionFunction) hook {
	version := function.Function.CurrentVersion().FunctionArn()
	return hook{
		environment: map[string]*string{"HOOK": jsii.String("pre"), "TARGET_FUNCTION": version},
		may:         allow(jsii.Strings("lambda:InvokeFunction"), version),
	}
}

// afterHook replays them as a caller would. Where it cannot be one, because it has no token, or because the address waits for the alias,
// which waits for the hook, it gets no TARGET_URL and asks the alias.
func afterHook(props *DeploymentProps) hook {
	auth, alias := props.Config.Auth.Kind, props.Function.AliasARN()
	after := hook{environment: map[string]*string{
		"HOOK": jsii.String("post"), "TARGET_FUNCTION": alias, "TARGET_AUTH": jsii.String(string(auth)),
	}}
	if props.API == nil || auth == AuthJWT {
		after.may = allow(jsii.Strings("lambda:InvokeFunction"), alias)
		return after
	}
	name := props.Function.Assets.Name
	after.environment["TARGET_URL"] = props.API.URL(modelPath(name, ""))
	if auth == AuthIAM {
		after.may = allow(jsii.Strings("execute-api:Invoke"), props.API.RouteARN("POST", modelPath(name, "/predict")), props.API.RouteARN("GET", modelPath(name, "/model")))
	}
	return after
}

// newHook makes the function of a hook. It has the model's golden rows as the model has them: in the layer, or in its zip.
func newHook(scope constructs.Construct, id string, props *DeploymentProps, group *string, hook hook) awslambda.Function {
	function := newHandler(constructs.NewConstruct(scope, jsii.String(id)), &handlerProps{
		Config:         props.Config,
		Description:    *hook.environment["HOOK"] + "-traffic hook of " + modelPath(props.Function.Assets.Name, "/predict") + " (" + props.Config.Name + ")",
		Code:           props.Function.Assets.Hook,
		Layer:          props.Function.Layer,
		Environment:    hook.environment,
		TimeoutSeconds: hookTimeoutSeconds,
	})
	function.AddToRolePolicy(allow(jsii.Strings("codedeploy:PutLifecycleEventHookExecutionStatus"), group))
	if hook.may != nil {
		function.AddToRolePolicy(hook.may)
	}
	return function
}
