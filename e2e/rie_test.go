package e2e

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The bootstrap runs under AWS's own Runtime Interface Emulator, too: the Runtime API that it talks to elsewhere here is ours or the
// emulator's.
func TestRuntimeInterfaceEmulator(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp(runDir, "rie-")
	if err != nil {
		t.Fatal(err)
	}
	bootstrap := filepath.Join(dir, "bootstrap")
	env := append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if _, err := output(run, root, env, "go", "build", "-tags", "lambda.norpc,nethttpomithttp2", "-o", bootstrap, "./function"); err != nil {
		t.Fatal(err)
	}
	url := startRIE(t, dir, bootstrap)

	event := func(body string) string {
		return fmt.Sprintf(`{"version":"2.0","routeKey":"ANY /predict","rawPath":"/predict","headers":{"content-type":"application/json"},`+
			`"requestContext":{"http":{"method":"POST","path":"/predict"},"routeKey":"ANY /predict","stage":"$default"},"body":%q}`, body)
	}
	for range 3 { // the first is a cold start
		if got := post(t, url, event(demoRow)); !strings.Contains(got, `"statusCode":200`) || !strings.Contains(got, `\"probability\":0.9983`) {
			t.Errorf("predict: got %s", got)
		}
	}
	if got := post(t, url, demoRow); got != demoAnswer {
		t.Errorf("direct invoke: got %s, want %s", got, demoAnswer)
	}
	if got := post(t, url, event(`{"feature_1":"x"}`)); !strings.Contains(got, `"statusCode":422`) {
		t.Errorf("a wrong row: got %s", got)
	}
}

// startRIE starts the bootstrap with the shipped model under the Runtime Interface Emulator and returns the address to invoke it at.
func startRIE(t *testing.T, dir, bootstrap string) string {
	t.Helper()
	rie := filepath.Join(dir, "aws-lambda-rie")
	extractRIE(t, rie)
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	command := exec.CommandContext(run, rie, "--runtime-interface-emulator-address", address,
		"--runtime-api-address", fmt.Sprintf("127.0.0.1:%d", freePort(t)), bootstrap)
	printed := new(transcript)
	command.Dir, command.Stdout, command.Stderr = dir, printed, printed
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "MODEL_PATH=" + shippedModel(), "AWS_LAMBDA_FUNCTION_NAME=rie", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512"}
	if err := start(command); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := endGroup(command.Process.Pid); err != nil {
			t.Error(err)
		}
		_ = command.Wait()
		if t.Failed() {
			t.Logf("the Runtime Interface Emulator printed:\n%s", lastLines(printed.String(), 40))
		}
	})
	return "http://" + address + "/2015-03-31/functions/function/invocations"
}

// extractRIE takes the program out of the one wheel that the make target has downloaded.
func extractRIE(t *testing.T, to string) {
	t.Helper()
	wheels, err := filepath.Glob(filepath.Join(root, madeDir, "rie", "*.whl"))
	if err != nil || len(wheels) != 1 {
		t.Fatalf("wheels that hold the program: %q, %v", wheels, err)
	}
	wheel, err := zip.OpenReader(wheels[0])
	if err != nil {
		t.Fatal(err)
	}
	defer wheel.Close()
	from, err := wheel.Open("samcli/local/rapid/aws-lambda-rie-x86_64")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(file, from); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// post sends an event, retried until somebody listens, and returns the answer.
func post(t *testing.T, url, event string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(run, callTimeout)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(event))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			select {
			case <-ctx.Done():
				t.Fatal(err)
			case <-time.After(50 * time.Millisecond):
				continue
			}
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
}
