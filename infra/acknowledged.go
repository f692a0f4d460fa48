package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// acknowledgement is a finding of a static check that stands, with the reason. The template carries it in the form that the tool
// reads, so that whoever runs the tool finds nothing else.
type acknowledgement struct {
	tool, id, kind string
	// of narrows a finding of cdk-nag down to what it names, or to what matches it between slashes; empty for all.
	of string
	// when says which resources of the kind it is for; nil for all.
	when   func(Config, awscdk.CfnResource) bool
	reason string
}

// Tools whose findings are acknowledged.
const (
	cdkNag  = "cdk_nag"
	checkov = "checkov"
	cfnLint = "cfn-lint"
)

// noAccessLog is why the bucket of batches has no server access log.
const noAccessLog = "a log of accesses would need a bucket of its own, and names keys for longer than the objects live; CloudTrail's data events tell who read what"

// acknowledged is every finding that stands.
var acknowledged = []acknowledgement{
	{tool: cdkNag, id: "AwsSolutions-APIG4", kind: "AWS::ApiGatewayV2::Route", when: isOpen,
		reason: "the environment's Auth is none, or the route is /health, which tells whether and not what"},
	{tool: cdkNag, id: "AwsSolutions-IAM5", kind: "AWS::IAM::Policy", of: "Resource::*",
		reason: "neither a trace of X-Ray nor the delivery of Step Functions' logs has a resource type"},
	{tool: cdkNag, id: "AwsSolutions-IAM5", kind: "AWS::IAM::Policy", when: within("Deployment"), of: `/^Resource::arn:.+:cloudwatch:.+:alarm:\*$/`,
		reason: "CloudWatch checks a listing of alarms against all of them, whatever names are asked for"},
	{tool: cdkNag, id: "AwsSolutions-IAM5", kind: "AWS::IAM::Policy", when: within("Batch"), of: `/^Resource::<Function\w*Handler\w+\.Arn>:\*$/`,
		reason: "a batch asks the version that the alias names when it starts"},
	{tool: cdkNag, id: "AwsSolutions-IAM5", kind: "AWS::IAM::Policy", when: within("Batch"), of: `/^Resource::<Batch\w*Bucket\w+\.Arn>\/(input|results)\/\*$/`,
		reason: "a batch reads any file below input/ and writes its results below results/"},
	{tool: cdkNag, id: "AwsSolutions-IAM5", kind: "AWS::IAM::Policy", when: within("Batch"), of: `/^Resource::arn:.+:states:.+:(execution|mapRun):<Batch\w*StateMachine\w+\.Name>[:\/].*\*$/`,
		reason: "children and runs of the state machine's own map are named when it runs"},
	{tool: cdkNag, id: "AwsSolutions-S1", kind: "AWS::S3::Bucket", reason: noAccessLog},
	{tool: checkov, id: "CKV_AWS_18", kind: "AWS::S3::Bucket", reason: noAccessLog},
	{tool: checkov, id: "CKV_AWS_21", kind: "AWS::S3::Bucket",
		reason: "objects are copies that expire: an older version would keep rows longer than ExpireDays says"},
	{tool: checkov, id: "CKV_AWS_115", kind: "AWS::Lambda::Function", when: isUnreserved,
		reason: "what is reserved is taken from the account, of which a new one has 10 in all: ReservedConcurrency sets it"},
	{tool: checkov, id: "CKV_AWS_116", kind: "AWS::Lambda::Function",
		reason: "every invocation is synchronous: its caller gets the error, there is nothing to queue"},
	{tool: checkov, id: "CKV_AWS_117", kind: "AWS::Lambda::Function",
		reason: "the function talks to nobody: a VPC would add a NAT, a cost and a slower start, and protect nothing"},
	{tool: checkov, id: "CKV_AWS_173", kind: "AWS::Lambda::Function",
		reason: "the variables hold a log level, a path and names, no secret; Lambda encrypts them by its own key"},
	{tool: checkov, id: "CKV_AWS_158", kind: "AWS::Logs::LogGroup", when: hasNoKey,
		reason: "CloudWatch encrypts by a key that AWS owns; CustomerKey pays for one of the stack's own"},
	{tool: checkov, id: "CKV_AWS_26", kind: "AWS::SNS::Topic", when: hasNoKey,
		reason: "a message holds an alarm's name and a number; CustomerKey pays for a key of the stack's own"},
	{tool: cfnLint, id: "W3005", kind: "AWS::Lambda::Function",
		reason: "CDK has a function wait for its role's policy, and names the role beside it"},
}

// within picks the resources of a construct of the stack whose id starts so.
func within(construct string) func(Config, awscdk.CfnResource) bool {
	return func(_ Config, r awscdk.CfnResource) bool { return strings.Contains(*r.Node().Path(), "/"+construct) }
}

func isOpen(_ Config, r awscdk.CfnResource) bool {
	return *r.(awsapigatewayv2.CfnRoute).AuthorizationType() == "NONE"
}

func hasNoKey(config Config, _ awscdk.CfnResource) bool { return !config.CustomerKey }

func isUnreserved(_ Config, r awscdk.CfnResource) bool {
	return r.(awslambda.CfnFunction).ReservedConcurrentExecutions() == nil
}

// acknowledge writes the acknowledgements into the metadata of a stack's resources.
func acknowledge(stack awscdk.Stack, config Config) {
	for _, construct := range *stack.Node().FindAll(constructs.ConstructOrder_PREORDER) {
		resource, ok := construct.(awscdk.CfnResource)
		if !ok {
			continue
		}
		kind := *resource.CfnResourceType()
		rows := map[string][]any{}
		for _, a := range acknowledged {
			if a.kind == kind && (a.when == nil || a.when(config, resource)) {
				rows[a.tool] = append(rows[a.tool], a.metadata())
			}
		}
		for tool, list := range rows {
			resource.AddMetadata(jsii.String(tool), inForm(tool, list))
		}
	}
}

// metadata is an acknowledgement in the form of its tool.
func (a acknowledgement) metadata() any {
	switch a.tool {
	case checkov:
		return map[string]any{"id": a.id, "comment": a.reason}
	case cfnLint:
		return a.id
	}
	row := map[string]any{"id": a.id, "reason": a.reason}
	switch {
	case strings.HasPrefix(a.of, "/"):
		row["applies_to"] = []any{map[string]any{"regex": a.of}}
	case a.of != "":
		row["applies_to"] = []any{a.of}
	}
	return row
}

// inForm is what a tool reads under its name.
func inForm(tool string, rows []any) any {
	switch tool {
	case checkov:
		return map[string]any{"skip": rows}
	case cfnLint:
		return map[string]any{"config": map[string]any{"ignore_checks": rows}}
	}
	return map[string]any{"rules_to_suppress": rows}
}
