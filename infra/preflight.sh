#!/usr/bin/env bash
# Usage: infra/preflight.sh MODEL_DIR [REGION [ACCOUNT]]
# Says everything that a deploy lacks: the AWS CLI, credentials, a region, the CDK's bootstrap stack, a proven artifact. REGION and ACCOUNT are
# those that the environment is pinned to; by default it goes to those of the credentials.
set -uo pipefail
model=$1 region=${2:-${AWS_REGION:-${AWS_DEFAULT_REGION:-}}} pinned=${3:-} missing=0

lacks() { echo "deploy: $*" >&2; missing=1; }

# place looks for a region, credentials and a bootstrap stack, and says each that is missing; the last needs the first two.
place() {
  if [ -z "${region:=$(aws configure get region)}" ]; then
    lacks "no region: aws configure set region eu-central-1, or AWS_REGION=…"
  fi
  if ! account=$(aws sts get-caller-identity --region "${region:-us-east-1}" --query Account --output text 2>&1); then
    lacks "no credentials that AWS takes: aws configure sso, or AWS_PROFILE=…; AWS says: $account"
  elif [ "$account" != "${pinned:=$account}" ]; then
    lacks "the environment is pinned to account $pinned, and these are credentials of account $account: choose others, by AWS_PROFILE=…"
  elif [ -n "$region" ] && ! aws cloudformation describe-stacks --region "$region" --stack-name CDKToolkit --output text >/dev/null 2>&1; then
    lacks "the CDK has no bootstrap stack in this account and region: npx cdk bootstrap --app '' aws://$account/$region"
  elif [ -n "$region" ]; then
    echo "deploy: account $account, region $region"
  fi
}

if command -v aws >/dev/null; then
  place
else
  lacks "the AWS CLI is missing: https://aws.amazon.com/cli (npx cdk deploy works without these checks)"
fi
if ! proof=$(dist/sklambda verify --model "$model" 2>&1); then
  lacks "the artifact in $model is not proven: $proof"
fi
exit $missing
