package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewDomain puts a name of one's own before the API, over TLS 1.2 or later. The outputs are the address and what a DNS record has to
// point at; with HostedZoneID the record is made as well.
func NewDomain(scope constructs.Construct, id string, domain Domain, api *PredictionAPI) constructs.Construct {
	this := constructs.NewConstruct(scope, jsii.String(id))
	name := awsapigatewayv2.NewDomainName(this, jsii.String("Name"), &awsapigatewayv2.DomainNameProps{
		DomainName:     jsii.String(domain.Name),
		Certificate:    awscertificatemanager.Certificate_FromCertificateArn(this, jsii.String("Certificate"), jsii.String(domain.CertificateARN)),
		SecurityPolicy: awsapigatewayv2.SecurityPolicy_TLS_1_2,
	})
	mapping := &awsapigatewayv2.ApiMappingProps{Api: api.API, Stage: api.Stage, DomainName: name}
	address := "https://" + domain.Name
	if domain.BasePath != "" {
		mapping.ApiMappingKey = jsii.String(domain.BasePath)
		address += "/" + domain.BasePath
	}
	awsapigatewayv2.NewApiMapping(this, jsii.String("Mapping"), mapping)
	if domain.HostedZoneID != "" {
		awsroute53.NewCfnRecordSet(this, jsii.String("Record"), &awsroute53.CfnRecordSetProps{
			Name:         jsii.String(domain.Name),
			Type:         jsii.String("A"),
			HostedZoneId: jsii.String(domain.HostedZoneID),
			AliasTarget: &awsroute53.CfnRecordSet_AliasTargetProperty{
				DnsName: name.RegionalDomainName(), HostedZoneId: name.RegionalHostedZoneId(),
			},
		})
	}
	output(scope, "DomainUrl", "Address on the domain of one's own", jsii.String(address))
	output(scope, "DomainTarget", "What the domain's CNAME record points at", name.RegionalDomainName())
	return this
}
