package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// maxLayerDescription is Lambda's limit on a layer's description, in bytes.
const maxLayerDescription = 256

// NewModelLayer makes the layer that puts the model at /opt/model. It fits both architectures: the files are data.
func NewModelLayer(scope constructs.Construct, id string, assets ModelAssets) awslambda.LayerVersion {
	return awslambda.NewLayerVersion(scope, jsii.String(id), &awslambda.LayerVersionProps{
		Description:             jsii.String(layerDescription(assets.Model)),
		Code:                    awslambda.Code_FromAsset(jsii.String(assets.Layer), nil),
		CompatibleRuntimes:      &[]awslambda.Runtime{awslambda.Runtime_PROVIDED_AL2023()},
		CompatibleArchitectures: &[]awslambda.Architecture{awslambda.Architecture_ARM_64(), awslambda.Architecture_X86_64()},
	})
}

// layerDescription names the model by name, version and the sha256 of its manifest, which holds that of every other
// file. The name gives way where the three do not fit.
func layerDescription(model ModelIdentity) string {
	rest := fmt.Sprintf(" %s sha256:%s", model.Version, model.SHA256)
	name := []byte(model.Name)
	if room := maxLayerDescription - len(rest); len(name) > room {
		name = name[:max(room, 0)]
	}
	return string(name) + rest
}
