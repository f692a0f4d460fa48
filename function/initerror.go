package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"time"
)

// reportInitError tells the Runtime API why INIT failed, so that the reason is in the invoker's answer as well as in the log; aws-lambda-go has no
// call for that. If it does not get through, Lambda reports Runtime.ExitError and the log line remains.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-initerror
func reportInitError(cause error) {
	const errorType = "Runtime.ModelError"
	body, err := json.Marshal(map[string]any{"errorMessage": cause.Error(), "errorType": errorType, "stackTrace": []string{}})
	if err != nil {
		return
	}
	request, err := http.NewRequest(http.MethodPost, "http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error", bytes.NewReader(body))
	if err != nil {
		return
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Lambda-Runtime-Function-Error-Type", errorType)
	client := http.Client{Transport: &http.Transport{}, Timeout: time.Second} // no proxy: the address is link-local
	if response, err := client.Do(request); err == nil {
		response.Body.Close()
	}
}
