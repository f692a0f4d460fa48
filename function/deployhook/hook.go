package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"sklambda/function/api"
	"sklambda/function/metrics"
	"sklambda/model"
)

// Keys of log attributes, beside those of package api.
const (
	logDeployment = "deploymentId"
	logFailed     = "failed" // golden rows
)

// reserve is the time that is kept for the report to CodeDeploy; of a short timeout, a quarter.
const reserve = 10 * time.Second

// hook is a lambda.Handler for CodeDeploy's lifecycle events.
type hook struct {
	log     *slog.Logger
	metrics io.Writer
}

// lifecycleEvent is what CodeDeploy sends. It does not say which version is to be checked.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
type lifecycleEvent struct {
	DeploymentID    string `json:"DeploymentId"`
	HookExecutionID string `json:"LifecycleEventHookExecutionId"`
}

// Invoke checks the target and reports to CodeDeploy, whatever happens. Its error says that CodeDeploy was not told.
func (h *hook) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event lifecycleEvent
	if err := json.Unmarshal(payload, &event); err != nil || event.DeploymentID == "" || event.HookExecutionID == "" {
		return nil, fmt.Errorf("not an event of CodeDeploy: DeploymentId and LifecycleEventHookExecutionId are expected: %.200s", payload)
	}
	err := h.check(ctx)
	status := statusSucceeded
	if err != nil {
		status = statusFailed
		h.log.ErrorContext(ctx, "deploy hook failed", api.LogError, err.Error(), logDeployment, event.DeploymentID)
	} else {
		h.log.InfoContext(ctx, "deploy hook succeeded", logDeployment, event.DeploymentID)
	}
	clients, err := newClients()
	if err == nil {
		err = clients.report(ctx, event, status)
	}
	if err != nil {
		return nil, fmt.Errorf("report %s of deployment %s: %w", status, event.DeploymentID, err)
	}
	return json.Marshal(map[string]string{"status": status})
}

// check asks the target about every golden row. It ends in time for the report, and turns a panic into an error.
func (h *hook) check(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			h.log.ErrorContext(ctx, "panic", api.LogError, fmt.Sprint(v), api.LogStack, string(debug.Stack()))
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	if deadline, ok := ctx.Deadline(); ok {
		bounded, cancel := context.WithTimeoutCause(ctx, time.Until(deadline)-min(reserve, time.Until(deadline)/4),
			errors.New("the target did not answer all golden rows before the hook's timeout"))
		defer cancel()
		ctx = bounded
	}
	err = h.checkTarget(ctx)
	if err != nil && ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	return err
}

// checkTarget opens the model that came with the deployment and holds the target against it.
func (h *hook) checkTarget(ctx context.Context) (err error) {
	target, err := readTarget()
	if err != nil {
		return err
	}
	m, err := model.Open(cmp.Or(os.Getenv("MODEL_PATH"), "/opt/model"), model.OpenOptions{Full: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	clients, err := newClients()
	if err != nil {
		return err
	}
	report, err := target.verify(ctx, m, clients)
	if err != nil {
		return err
	}
	metrics.WriteGoldenMismatches(h.metrics, target.function.name, m.Manifest().Version, report.Failed)
	h.log.InfoContext(ctx, "golden rows", api.LogRows, report.Rows, logFailed, report.Failed)
	return report.Err()
}
