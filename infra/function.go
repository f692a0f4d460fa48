package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// aliasName is the alias that takes the traffic.
const aliasName = "live"

// PredictionFunctionProps is what a PredictionFunction is made of.
type PredictionFunctionProps struct {
	Config Config
	Assets ModelAssets
}

// PredictionFunction is the Lambda function with its model, its role and its log group.
type PredictionFunction struct {
	constructs.Construct
	// Assets are the ones that it was made of.
	Assets   ModelAssets
	Function awslambda.Function
	// Layer holds the model; nil with ModelInFunction.
	Layer awslambda.LayerVersion
	// Alias names the version that takes the traffic. Older versions are retained: there is something to go back to.
	Alias awslambda.Alias
}

// NewPredictionFunction makes the function.
func NewPredictionFunction(scope constructs.Construct, id string, props *PredictionFunctionProps) *PredictionFunction {
	this := &PredictionFunction{Construct: constructs.NewConstruct(scope, jsii.String(id)), Assets: props.Assets}
	config := props.Config
	if config.Model == ModelInLayer {
		this.Layer = NewModelLayer(this.Construct, "Model", props.Assets)
	}
	this.Function = newHandler(this.Construct, &handlerProps{
		Config:         config,
		Description:    "Answers POST " + modelPath(props.Assets.Name, "/predict") + " (" + config.Name + ")",
		Code:           props.Assets.Function,
		Layer:          this.Layer,
		TimeoutSeconds: config.TimeoutSeconds,
	})
	if config.ReservedConcurrency > 0 {
		this.Function.Node().DefaultChild().(awslambda.CfnFunction).SetReservedConcurrentExecutions(jsii.Number(config.ReservedConcurrency))
	}
	this.Alias = awslambda.NewAlias(this.Construct, jsii.String("Alias"), &awslambda.AliasProps{
		AliasName: jsii.String(aliasName),
		Version:   this.Function.CurrentVersion(),
	})
	this.provision(config.ProvisionedConcurrency)
	return this
}

// AliasARN is the alias's, told without the alias: what the alias depends on can name it.
func (f *PredictionFunction) AliasARN() *string {
	return jsii.String(*f.Function.FunctionArn() + ":" + aliasName)
}

// provision keeps environments of the alias started.
func (f *PredictionFunction) provision(p *ProvisionedConcurrency) {
	if p == nil {
		return
	}
	f.cfnAlias().SetProvisionedConcurrencyConfig(&awslambda.CfnAlias_ProvisionedConcurrencyConfigurationProperty{
		ProvisionedConcurrentExecutions: jsii.Number(p.Min),
	})
	if p.Max == 0 {
		return
	}
	f.Alias.AddAutoScaling(&awslambda.AutoScalingOptions{
		MinCapacity: jsii.Number(p.Min),
		MaxCapacity: jsii.Number(p.Max),
	}).ScaleOnUtilization(&awslambda.UtilizationScalingOptions{UtilizationTarget: jsii.Number(float64(p.TargetPercent) / 100)})
}

func (f *PredictionFunction) cfnAlias() awslambda.CfnAlias {
	return f.Alias.Node().DefaultChild().(awslambda.CfnAlias)
}
