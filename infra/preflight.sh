#!/usr/bin/env bash
# Usage: infra/preflight.sh MODEL_DIR
# Says everything that a deploy lacks: the AWS CLI, credentials, a region, the CDK's bootstrap stack, a proven artifact.
set -uo pipefail
model=$1 missing=0

lacks() { echo "deploy: $*" >&2; missing=1; }

region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
if ! command -v aws >/dev/null; then
  lacks "the AWS CLI is missing: https://aws.amazon.com/cli (npx cdk deploy works without these checks)"
elif [ -z "${region:=$(aws configure get region)}" ]; then
  lacks "no region: aws configure set region eu-central-1, or AWS_REGION=…"
elif ! account=$(aws sts get-caller-identity --region "$region" --query Account --output text 2>&1); then
  lacks "no credentials that AWS takes: aws configure sso, or AWS_PROFILE=…; AWS says: $account"
elif ! aws cloudformation describe-stacks --region "$region" --stack-name CDKToolkit --query 'Stacks[0].StackStatus' --output text >/dev/null 2>&1; then
  lacks "the CDK has no bootstrap stack in this account and region: npx cdk bootstrap --app '' aws://$account/$region"
else
  echo "deploy: account $account, region $region"
fi
if ! proof=$(dist/sklambda verify --model "$model" 2>&1); then
  lacks "the artifact in $model is not proven: $proof"
fi
exit $missing
