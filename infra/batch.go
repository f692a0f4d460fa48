package main

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Prefixes in the bucket: files of rows, and a folder of results for each run.
const (
	inputPrefix   = "input/"
	resultsPrefix = "results/"
)

// Limits on a batch, which is one child workflow of the map, in bytes.
const (
	// maxState is Step Functions' limit on what passes from state to state.
	maxState = 256 << 10
	// maxBatchInput are the rows of a batch. Their ids are copied to the results, which stand beside the rows in the state.
	maxBatchInput = 64 << 10
	// stateOverhead is what a state has beside rows and results.
	stateOverhead = 8 << 10
)

// batchRows is the most rows of which no batch passes Step Functions' limit, whatever the model answers.
func batchRows(m ModelAssets) (int, error) {
	rows := (maxState - stateOverhead - 2*maxBatchInput) / m.Model.LongestResult
	if rows < 1 {
		return 0, fmt.Errorf("model %s %s cannot have Batch: a row's result may have %d bytes, and Step Functions passes on 256 KiB with the row; score the file by sklambda score",
			m.Model.Name, m.Model.Version, m.Model.LongestResult)
	}
	return rows, nil
}

// checkBatches refuses models whose results are too large for a batch.
func checkBatches(config Config, assets Assets) error {
	if config.Batch == nil {
		return nil
	}
	for _, m := range assets.Models {
		if _, err := batchRows(m); err != nil {
			return err
		}
	}
	return nil
}

// BatchProps is what a Batch is made of.
type BatchProps struct {
	Config   Config // Batch is set
	Function *PredictionFunction
}

// Batch scores files of rows in a bucket: a Step Functions Distributed Map reads CSV or JSON Lines, and the function answers for many rows at a time.
type Batch struct {
	constructs.Construct
	Bucket       awss3.Bucket
	StateMachine awsstepfunctions.CfnStateMachine
}

// NewBatch makes the bucket, the state machine and its role.
func NewBatch(scope constructs.Construct, id string, props *BatchProps) *Batch {
	this := &Batch{Construct: constructs.NewConstruct(scope, jsii.String(id))}
	config, function := props.Config, props.Function
	rows, err := batchRows(function.Assets)
	if err != nil {
		panic(err) // checkBatches has refused it
	}
	this.Bucket = newBatchBucket(this.Construct, *config.Batch)
	role := awsiam.NewRole(this.Construct, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), nil),
	})
	definition, err := json.Marshal(batchDefinition(config, rows))
	if err != nil {
		panic(err) // a map of plain values always encodes
	}
	log := newLogGroup(this.Construct, "Log", config)
	this.StateMachine = awsstepfunctions.NewCfnStateMachine(this.Construct, jsii.String("StateMachine"), &awsstepfunctions.CfnStateMachineProps{
		DefinitionString: jsii.String(string(definition)),
		DefinitionSubstitutions: map[string]*string{
			"Bucket": this.Bucket.BucketName(), "FunctionArn": function.Function.FunctionArn(), "FunctionName": function.Function.FunctionName(),
		},
		RoleArn: role.RoleArn(),
		LoggingConfiguration: &awsstepfunctions.CfnStateMachine_LoggingConfigurationProperty{
			Level:                jsii.String("ALL"),
			IncludeExecutionData: jsii.Bool(false), // rows are data
			Destinations: []any{&awsstepfunctions.CfnStateMachine_LogDestinationProperty{
				CloudWatchLogsLogGroup: &awsstepfunctions.CfnStateMachine_CloudWatchLogsLogGroupProperty{LogGroupArn: log.LogGroupArn()},
			}},
		},
		TracingConfiguration: &awsstepfunctions.CfnStateMachine_TracingConfigurationProperty{Enabled: jsii.Bool(true)},
	})
	policy := newBatchPolicy(this, role, function)
	this.StateMachine.AddDependency(policy.Node().DefaultChild().(awsiam.CfnPolicy)) // Step Functions tries the log when the machine is made
	newMapPolicy(this, role)
	return this
}

// newBatchBucket makes a private bucket whose objects expire.
func newBatchBucket(scope constructs.Construct, batch BatchConfig) awss3.Bucket {
	removal := awscdk.RemovalPolicy_DESTROY
	if batch.RetainBucket {
		removal = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
	bucket := &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		EnforceSSL:        jsii.Bool(true),
		MinimumTLSVersion: jsii.Number(1.2),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     removal,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Expiration:                          awscdk.Duration_Days(jsii.Number(batch.ExpireDays)),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
		}},
	}
	if key := keyOf(scope); key != nil {
		bucket.Encryption, bucket.EncryptionKey, bucket.BucketKeyEnabled = awss3.BucketEncryption_KMS, key, jsii.Bool(true)
	}
	return awss3.NewBucket(scope, jsii.String("Bucket"), bucket)
}

// newBatchPolicy is what a run needs of other services.
func newBatchPolicy(batch *Batch, role awsiam.Role, function *PredictionFunction) awsiam.Policy {
	statements := []awsiam.PolicyStatement{
		allow(jsii.Strings("lambda:GetAlias"), function.AliasARN(), function.Function.FunctionArn()),
		// A run asks the version that the alias names when it starts, whose number is not known here.
		allow(jsii.Strings("lambda:InvokeFunction"), jsii.String(*function.Function.FunctionArn()+":*")),
		allow(jsii.Strings("s3:GetObject"), batch.Bucket.ArnForObjects(jsii.String(inputPrefix+"*"))),
		// What the map's writer needs: it uploads in parts, and reads the manifest again on a redrive.
		allow(jsii.Strings("s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"),
			batch.Bucket.ArnForObjects(jsii.String(resultsPrefix+"*"))),
		// Neither the delivery of logs nor traces have a resource type.
		allow(jsii.Strings("logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:GetLogDelivery",
			"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery", "xray:GetSamplingRules", "xray:GetSamplingTargets",
			"xray:PutTelemetryRecords", "xray:PutTraceSegments"), jsii.String("*")),
	}
	if key := batch.Bucket.EncryptionKey(); key != nil {
		statements = append(statements, allow(jsii.Strings("kms:Decrypt", "kms:GenerateDataKey"), key.KeyArn()))
	}
	return awsiam.NewPolicy(batch.Construct, jsii.String("Policy"), &awsiam.PolicyProps{Roles: &[]awsiam.IRole{role}, Statements: &statements})
}

// newMapPolicy is what a run needs of the state machine itself: to start the children of the map, and to count their rows.
func newMapPolicy(batch *Batch, role awsiam.Role) {
	name := *batch.StateMachine.AttrName()
	arn := func(resource, name string) *string {
		return awscdk.Stack_Of(batch.Construct).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("states"), Resource: jsii.String(resource), ResourceName: jsii.String(name), ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
		})
	}
	awsiam.NewPolicy(batch.Construct, jsii.String("MapPolicy"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{role},
		Statements: &[]awsiam.PolicyStatement{
			allow(jsii.Strings("states:StartExecution"), batch.StateMachine.Ref()),
			// Children and runs of the map are named when it runs.
			allow(jsii.Strings("states:DescribeExecution", "states:StopExecution"), arn("execution", name+":*")),
			allow(jsii.Strings("states:RedriveExecution"), arn("execution", name+"/*:*")),
			allow(jsii.Strings("states:DescribeMapRun"), arn("mapRun", name+"/*")),
		},
	})
}

// outputs shows where to put rows and what to start.
func (b *Batch) outputs(model string) {
	output(awscdk.Stack_Of(b.Construct), "BatchBucket"+pascal(model), "Put files of rows below "+inputPrefix, b.Bucket.BucketName())
	output(awscdk.Stack_Of(b.Construct), "BatchStateMachine"+pascal(model), `Start it with {"key": "`+inputPrefix+`..."}`, b.StateMachine.Ref())
}
