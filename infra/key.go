package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// keyID is the id of the key in its stack.
const keyID = "Key"

// keyPendingDays is how long a key of a destroyed stack can still be saved: the least that KMS allows.
const keyPendingDays = 7

// NewKey makes the key of a stack's log groups and topic, which turns every year. It stays as long as the logs do: without it
// nobody could read them.
func NewKey(stack awscdk.Stack, config Config) awskms.Key {
	props := &awskms.KeyProps{
		Description:       jsii.String("sklambda " + config.Name + ": logs and alarms"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     removalOfLogs(config),
	}
	if !config.RetainLogs {
		props.PendingWindow = awscdk.Duration_Days(jsii.Number(keyPendingDays))
	}
	key := awskms.NewKey(stack, jsii.String(keyID), props)
	// The names of the groups are generated, and start with the stack's. To name each would make a circle.
	groups := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: jsii.String(*stack.StackName() + "-*"),
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	letUse(key, "logs."+*stack.Region()+"."+*stack.UrlSuffix(), map[string]any{"ArnLike": map[string]any{"kms:EncryptionContext:aws:logs:arn": groups}})
	for _, service := range publishers(config) {
		letUse(key, service, map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}})
	}
	return key
}

// keyOf is the key of the stack that scope belongs to; nil if it has none.
func keyOf(scope constructs.Construct) awskms.Key {
	key, _ := awscdk.Stack_Of(scope).Node().TryFindChild(jsii.String(keyID)).(awskms.Key)
	return key
}

// letUse lets a service encrypt and decrypt by the key.
func letUse(key awskms.Key, service string, condition map[string]any) {
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(service), nil)},
		Actions: jsii.Strings("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
			"kms:ReEncryptFrom", "kms:ReEncryptTo"),
		Resources:  jsii.Strings("*"), // in a key's policy, the key
		Conditions: &condition,
	}), nil)
}
