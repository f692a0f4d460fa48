// Command deployhook is the Lambda function that CodeDeploy asks before and after it moves the traffic of the alias to a new version: it replays all
// golden rows of the model against that version, checks that it serves that very model, and reports to CodeDeploy, which rolls back on a failure.
//
// The environment: HOOK, pre or post; TARGET_FUNCTION, the qualified ARN to ask: the new version's before, the alias's afterwards; afterwards also TARGET_URL, the base
// address of the API, if the hook may call it, and TARGET_AUTH, none, iam or jwt; MODEL_PATH, the artifact folder (default /opt/model). AWS_ENDPOINT_URL_LAMBDA,
// AWS_ENDPOINT_URL_CODEDEPLOY and AWS_ENDPOINT_URL name other endpoints than AWS's.
//
// An AWS SDK client for each of the two calls would double the binary, which is read on every cold start; the SDK's signer alone does not.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

func main() {
	// Nothing is read or opened here: a hook that fails in INIT cannot report, and CodeDeploy would wait for an hour.
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{ReplaceAttr: lambdacontext.ReplaceAttr}))
	lambda.StartWithOptions(&hook{log: log, metrics: os.Stdout})
}
