#!/usr/bin/env bash
# Usage: infra/rollback.sh STACK [FUNCTION] [VERSION]
# Moves the alias live of a stack's function to the version before the one that takes the traffic, or to VERSION. FUNCTION is the name
# of one of several. Needs the AWS CLI with the credentials and the region of the stack.
set -euo pipefail
export AWS_DEFAULT_REGION=${AWS_REGION:-${AWS_DEFAULT_REGION:-}} # version 1 of the CLI does not read AWS_REGION
[ -n "$AWS_DEFAULT_REGION" ] || unset AWS_DEFAULT_REGION
stack=$1 function=${2:-} version=${3:-}

fail() { echo "rollback: $*" >&2; exit 1; }
command -v aws >/dev/null || fail "the AWS CLI is missing: https://aws.amazon.com/cli"
[ -n "${AWS_DEFAULT_REGION:-$(aws configure get region)}" ] || fail "no region: name that of the stack, by AWS_REGION=… or aws configure set region …"

if [ -z "$function" ]; then
  function=$(aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query 'Stacks[0].Outputs[?starts_with(OutputKey, `FunctionName`)].OutputValue')
  [ -n "$function" ] || fail "the stack $stack has no output FunctionName"
  [ "$(wc -w <<<"$function")" = 1 ] || fail "$stack has several functions, name one by FUNCTION=…: $function"
fi

alias=$(aws lambda get-alias --function-name "$function" --name live --output text \
  --query '[FunctionVersion, length(keys(not_null(RoutingConfig.AdditionalVersionWeights, `{}`)))]')
current=${alias%%[[:space:]]*} weights=${alias##*[[:space:]]}
[ "$weights" = 0 ] || fail "a deployment of $function is under way, part of the traffic is at a new version. Stop it, and CodeDeploy moves all of it back:
  aws deploy list-deployments --include-only-statuses InProgress --query deployments --output text
  aws deploy stop-deployment --auto-rollback-enabled --deployment-id ID"

versions=$(aws lambda list-versions-by-function --function-name "$function" --query 'Versions[].Version' --output text |
  tr '\t' '\n' | grep -E '^[0-9]+$' | sort -n)
if [ -z "$version" ]; then
  version=$(awk -v current="$current" '$1 < current' <<<"$versions" | tail -n 1)
  [ -n "$version" ] || fail "$function takes its traffic at version $current, and there is no version before it"
fi
grep -qx "$version" <<<"$versions" || fail "$function has no version $version: there are" $versions
[ "$version" != "$current" ] || fail "the traffic of $function is at version $version already"

aws lambda update-alias --function-name "$function" --name live --function-version "$version" --output text --query AliasArn >/dev/null
cat <<END
$function: the alias live was at version $current, and is at version $version now; all traffic goes there.
- The stack does not know: CloudFormation still holds version $current. A deploy of the same code and model changes nothing; one that makes a new
  version moves the alias to that. If CodeDeploy does it, undo this first, or deploy past it: docs/operations.md, Rolling back.
- To pin the old answers, deploy the old model folder (or the old commit) again.
- To undo this: make rollback STACK=$stack FUNCTION=$function VERSION=$current
END
