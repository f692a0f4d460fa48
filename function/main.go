// Command bootstrap is the Lambda function (provided.al2023): it opens the model in INIT and answers events through function/api. The
// environment: MODEL_PATH, the artifact folder (default /opt/model, where the layer puts it); LOG_LEVEL, debug, info, warn or error
// (default info); CORS_ALLOW_ORIGINS, web origins separated by commas, or * (default none). The log goes to standard error, the line of each
// request with its metrics to standard output.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"sklambda/function/api"
	"sklambda/function/batch"
	"sklambda/function/gateway"
	"sklambda/function/metrics"
	"sklambda/function/runtimeapi"
	"sklambda/model"
)

func main() {
	level := new(slog.LevelVar)
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level, ReplaceAttr: lambdacontext.ReplaceAttr}))
	client := runtimeapi.New(os.Getenv("AWS_LAMBDA_RUNTIME_API"))
	handler, err := start(log, level)
	if err != nil {
		log.Error("cold start failed", api.LogError, err.Error())
		// the reason is in the invoker's answer as well; if it does not get through, Lambda reports Runtime.ExitError and the log line remains
		_ = client.FailInit(&runtimeapi.Failure{Message: err.Error(), Type: "Runtime.ModelError"})
		os.Exit(1)
	}
	err = client.Serve(handler, func(failure *runtimeapi.Failure) {
		log.Error("invocation failed", api.LogError, failure.Error(), api.LogStack, strings.Join(failure.Stack, "\n"))
	})
	log.Error("the process ends", api.LogError, err.Error())
	os.Exit(1)
}

// start makes the handler: the model is open and has passed its self-test.
func start(log *slog.Logger, level *slog.LevelVar) (*gateway.Handler, error) {
	begin := time.Now()
	if err := level.UnmarshalText([]byte(cmp.Or(os.Getenv("LOG_LEVEL"), "info"))); err != nil {
		return nil, fmt.Errorf("LOG_LEVEL: %w; debug, info, warn or error is allowed", err)
	}
	origins, err := api.ParseOrigins(os.Getenv("CORS_ALLOW_ORIGINS"))
	if err != nil {
		return nil, fmt.Errorf("CORS_ALLOW_ORIGINS: %w", err)
	}
	m, err := model.Open(cmp.Or(os.Getenv("MODEL_PATH"), "/opt/model"), model.OpenOptions{})
	if err != nil {
		return nil, err
	}
	api.LogColdStart(context.Background(), log, m, time.Since(begin))
	recorder := metrics.NewRecorder(os.Stdout, os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), m.Manifest().Version)
	return gateway.New(api.New(m, api.Options{AllowOrigins: origins, Log: log}), batch.New(m).Score, recorder.Request), nil
}
