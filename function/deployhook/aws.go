package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"sklambda/function/replay"
)

// Statuses of a hook, as CodeDeploy has them.
const (
	statusSucceeded = "Succeeded"
	statusFailed    = "Failed"
)

// maxAnswer bounds what is read of an answer, in bytes: Lambda's 6 MB, and some.
const maxAnswer = 8 << 20

// clients call AWS with the credentials that Lambda gives the hook.
type clients struct {
	http        *http.Client
	credentials aws.Credentials
	region      string
}

func newClients() (*clients, error) {
	c := &clients{http: http.DefaultClient, region: os.Getenv("AWS_REGION"), credentials: aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN")}}
	if c.region == "" || !c.credentials.HasKeys() {
		return nil, errors.New("AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not all set: Lambda sets them")
	}
	return c, nil
}

// sign signs a request with Signature Version 4.
func (c *clients) sign(r *http.Request, body []byte, service string) error {
	hash := sha256.Sum256(body)
	return v4.NewSigner().SignHTTP(r.Context(), c.credentials, r, hex.EncodeToString(hash[:]), service, c.region, time.Now())
}

// endpoint is the address of an AWS service.
func (c *clients) endpoint(service string) string {
	suffix := ""
	if strings.HasPrefix(c.region, "cn-") {
		suffix = ".cn"
	}
	address := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_"+strings.ToUpper(service)), os.Getenv("AWS_ENDPOINT_URL"), "https://"+service+"."+c.region+".amazonaws.com"+suffix)
	return strings.TrimSuffix(address, "/")
}

// call sends a signed POST to an AWS service, and again while the service is busy. Any status but 200 is an error.
func (c *clients) call(ctx context.Context, service, path string, header http.Header, body []byte) (http.Header, []byte, error) {
	var got http.Header
	status, answer, err := patiently(ctx, http.StatusInternalServerError, func() (int, []byte, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint(service)+path, bytes.NewReader(body))
		if err != nil {
			return 0, nil, err
		}
		request.Header = header.Clone()
		if err := c.sign(request, body, service); err != nil {
			return 0, nil, err
		}
		response, err := c.http.Do(request)
		if err != nil {
			return 0, nil, err
		}
		defer response.Body.Close()
		got = response.Header
		answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		return response.StatusCode, answer, err
	})
	if err == nil && status != http.StatusOK {
		err = replay.StatusError(status, answer)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", service, err)
	}
	return got, answer, nil
}

// Tries of a call, and the wait after the first, which doubles up to the longest.
const (
	tries       = 10
	firstWait   = 100 * time.Millisecond
	longestWait = 5 * time.Second
)

// patiently calls until there is an answer that another try would not change: not throttled, not a function between two states, not a status of broken or
// more, which says that the service itself is out of order.
func patiently(ctx context.Context, broken int, call func() (status int, answer []byte, err error)) (status int, answer []byte, err error) {
	wait := firstWait
	for try := 1; ; try++ {
		status, answer, err = call()
		busy := status == http.StatusTooManyRequests || status == http.StatusConflict || status >= broken
		if ctx.Err() != nil || try == tries || err == nil && !busy {
			return status, answer, err
		}
		select {
		case <-time.After(wait/2 + rand.N(wait/2)):
		case <-ctx.Done():
			return status, answer, errors.Join(err, ctx.Err())
		}
		wait = min(2*wait, longestWait)
	}
}

// report tells CodeDeploy how the hook ended.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_PutLifecycleEventHookExecutionStatus.html
func (c *clients) report(ctx context.Context, event lifecycleEvent, status string) error {
	body, err := json.Marshal(map[string]string{"deploymentId": event.DeploymentID, "lifecycleEventHookExecutionId": event.HookExecutionID, "status": status})
	if err != nil {
		return err
	}
	header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus"}}
	_, _, err = c.call(ctx, "codedeploy", "/", header, body)
	return err
}

// invoke asks a version or an alias of a function.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func (c *clients) invoke(ctx context.Context, f functionARN, event []byte) ([]byte, error) {
	path := "/2015-03-31/functions/" + url.PathEscape(f.name) + "/invocations?Qualifier=" + url.QueryEscape(f.qualifier)
	header, answer, err := c.call(ctx, "lambda", path, http.Header{"Content-Type": {"application/json"}}, event)
	if err != nil {
		return nil, err
	}
	if kind := header.Get("X-Amz-Function-Error"); kind != "" {
		return nil, fmt.Errorf("the function %s:%s failed (%s): %s", f.name, f.qualifier, kind, replay.Excerpt(answer))
	}
	return answer, nil
}

// request asks a function as an HTTP API does, with an event of payload format 2.0.
func (c *clients) request(ctx context.Context, f functionARN, method, path string, body []byte) (status int, answer []byte, err error) {
	event, err := json.Marshal(map[string]any{
		"version": "2.0", "routeKey": "$default", "rawPath": path, "headers": map[string]string{"content-type": "application/json"}, "body": string(body),
		"requestContext": map[string]any{"stage": "$default", "http": map[string]string{"method": method, "path": path}},
	})
	if err != nil {
		return 0, nil, err
	}
	out, err := c.invoke(ctx, f, event)
	if err != nil {
		return 0, nil, err
	}
	var response struct {
		StatusCode      int
		Body            string
		IsBase64Encoded bool
	}
	if err := json.Unmarshal(out, &response); err != nil || response.StatusCode == 0 {
		return 0, nil, fmt.Errorf("the function %s:%s gave no HTTP response: %s", f.name, f.qualifier, replay.Excerpt(out))
	}
	if !response.IsBase64Encoded {
		return response.StatusCode, []byte(response.Body), nil
	}
	answer, err = base64.StdEncoding.DecodeString(response.Body)
	return response.StatusCode, answer, err
}

// over asks the API at an address, signed if it wants IAM.
func (c *clients) over(address *url.URL, auth string) replay.Service {
	var prepare func(*http.Request, []byte) error
	if auth == "iam" {
		service := "execute-api"
		if strings.Contains(address.Host, ".lambda-url.") {
			service = "lambda"
		}
		prepare = func(r *http.Request, body []byte) error { return c.sign(r, body, service) }
	}
	service := replay.Over(c.http, address, prepare)
	return func(ctx context.Context, method, path string, body []byte) (int, []byte, error) {
		return patiently(ctx, http.StatusBadGateway, func() (int, []byte, error) { return service(ctx, method, path, body) })
	}
}
