// Command bootstrap is the Lambda function (provided.al2023): it opens the model in INIT and answers events through function/api. The
// environment: MODEL_PATH, the artifact folder (default /opt/model, where the layer puts it); LOG_LEVEL, debug, info, warn or error
// (default info); CORS_ALLOW_ORIGINS, web origins separated by commas, or * (default none). The log goes to standard error, the line of each
// request with its metrics to standard output.
package main

import (
	"cmp"
	"context"
	"fmt"
	stdlog "log"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"sklambda/function/api"
	"sklambda/function/batch"
	"sklambda/function/gateway"
	"sklambda/function/metrics"
	"sklambda/model"
)

func main() {
	level := new(slog.LevelVar)
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level, ReplaceAttr: lambdacontext.ReplaceAttr}))
	handler, err := start(log, level)
	if err != nil {
		log.Error("cold start failed", api.LogError, err.Error())
		reportInitError(err)
		os.Exit(1)
	}
	stdlog.SetFlags(0) // aws-lambda-go logs the error of an invocation by it, as JSON
	lambda.StartWithOptions(handler)
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
