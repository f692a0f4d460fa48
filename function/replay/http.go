package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 16 << 20

// Over returns the Service at a base address. prepare, if not nil, is given each request with its body before it is sent, to sign it.
func Over(client *http.Client, base *url.URL, prepare func(r *http.Request, body []byte) error) Service {
	return func(ctx context.Context, method, path string, body []byte) (int, []byte, error) {
		address := base.JoinPath(path).String()
		request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
		if err != nil {
			return 0, nil, err
		}
		if body != nil {
			request.Header.Set("Content-Type", "application/json")
		}
		if prepare != nil {
			if err := prepare(request, body); err != nil {
				return 0, nil, err
			}
		}
		response, err := client.Do(request)
		if err != nil {
			return 0, nil, err
		}
		defer response.Body.Close()
		answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		if err != nil {
			return 0, nil, fmt.Errorf("%s: read the answer: %w", address, err)
		}
		return response.StatusCode, answer, nil
	}
}

// statusAdvice explains statuses that are no answer to a row.
var statusAdvice = map[int]string{
	http.StatusUnauthorized:          "the service wants authorization, which was not sent",
	http.StatusForbidden:             "the service refuses the caller, or has no such route",
	http.StatusNotFound:              "no such route: does the address lack the stage?",
	http.StatusRequestEntityTooLarge: "the service takes smaller bodies only",
	http.StatusTooManyRequests:       "the service is throttled: try again later",
}

// StatusError tells a status with what the body says: a problem document of ours, or API Gateway's own {"message":…}.
func StatusError(status int, body []byte) error {
	var said struct{ Message, Detail string }
	text := Excerpt(body)
	if json.Unmarshal(body, &said) == nil && said.Message+said.Detail != "" {
		text = Excerpt([]byte(said.Message + said.Detail))
	}
	text = fmt.Sprintf("status %d %s: %s", status, http.StatusText(status), text)
	if advice := statusAdvice[status]; advice != "" {
		text += " (" + advice + ")"
	}
	return errors.New(text)
}

// Excerpt is the start of a body, on one line.
func Excerpt(body []byte) string {
	const most = 200
	return strings.Join(strings.Fields(string(body[:min(len(body), most)])), " ")
}
