package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// event is what is needed of an API Gateway HTTP API event of payload format 2.0, which is a Function URL's as well. A struct of our own
// spares the bootstrap aws-lambda-go/events and the decoding of what nobody reads.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
type event struct {
	RouteKey        string            `json:"routeKey"`
	RawPath         string            `json:"rawPath"`
	Headers         map[string]string `json:"headers"`
	PathParameters  map[string]string `json:"pathParameters"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	RequestContext  json.RawMessage   `json:"requestContext"`
	// Items are those of a Distributed Map, whose events have no requestContext.
	Items json.RawMessage

	context requestContext
}

type requestContext struct {
	Stage     string `json:"stage"`
	RequestID string `json:"requestId"`
	HTTP      struct {
		Method string `json:"method"`
	} `json:"http"`
}

// errNotHTTP and errBatch say that a payload is no HTTP event: a direct invoke, or the batch of a Distributed Map.
var (
	errNotHTTP = errors.New("not an event of API Gateway")
	errBatch   = errors.New("an event of a Distributed Map")
)

// parseEvent reads a payload. An HTTP event is what claims to be one, an object with an object "requestContext"; a batch is any other object with an array
// "Items", which no feature has for a value.
func parseEvent(payload []byte) (*event, error) {
	if isPlain(payload) {
		return nil, errNotHTTP
	}
	e := new(event)
	err := json.Unmarshal(payload, e) // goes on after a member of a wrong type
	if len(e.RequestContext) == 0 || e.RequestContext[0] != '{' {
		if len(e.Items) > 0 && e.Items[0] == '[' {
			return nil, errBatch
		}
		return nil, errNotHTTP
	}
	if err == nil {
		err = json.Unmarshal(e.RequestContext, &e.context)
	}
	if err == nil {
		// encoding/json puts U+FFFD for what is no text: a feature would silently be another string.
		err = checkText(payload)
	}
	if err == nil && e.context.HTTP.Method == "" {
		err = errors.New("requestContext.http.method is absent, want payload format version 2.0")
	}
	if err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	return e, nil
}

// isPlain reports that a payload, all ASCII and without escapes, has neither name by which encoding/json would know another event, in any letter case. It
// spares the first direct invoke of an environment what encoding/json has to learn about the struct.
func isPlain(payload []byte) bool {
	for _, c := range payload {
		if c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	lower := bytes.ToLower(payload)
	return !bytes.Contains(lower, []byte(`"requestcontext"`)) && !bytes.Contains(lower, []byte(`"items"`))
}

// checkText refuses JSON whose strings are not UTF-8 or hold half of a surrogate pair. The payload is JSON by then.
func checkText(payload []byte) error {
	if !utf8.Valid(payload) {
		return errors.New("not valid UTF-8")
	}
	for rest := string(payload); ; {
		i := strings.IndexByte(rest, '\\')
		if i < 0 {
			return nil
		}
		rest = rest[i:]
		size := 2
		if high, ok := unicodeEscape(rest); ok {
			size = 6
			if 0xD800 <= high && high <= 0xDFFF {
				low, ok := unicodeEscape(rest[6:])
				if !ok || high >= 0xDC00 || low < 0xDC00 || low > 0xDFFF {
					return fmt.Errorf("%s is half of a surrogate pair", rest[:6])
				}
				size = 12
			}
		}
		rest = rest[size:]
	}
}

// unicodeEscape reads \uXXXX at the start of s.
func unicodeEscape(s string) (uint64, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return n, err == nil
}

// path is the path as the API knows it. A route key such as "ANY /predict" tells it whatever stage or base path of a custom domain stands before
// it in rawPath; its parameters are filled in. Under $default, and behind a Function URL, it is rawPath without the stage's name: a base path
// cannot be told from the event there, which is why our infrastructure has a route key for each path.
func (e *event) path() string {
	if _, template, ok := strings.Cut(e.RouteKey, " "); ok && strings.HasPrefix(template, "/") {
		if path, ok := e.expand(template); ok {
			return withinModel(path)
		}
	}
	stage := e.context.Stage
	if stage == "" || stage == "$default" {
		return e.RawPath
	}
	rest, ok := strings.CutPrefix(e.RawPath, "/"+stage)
	if !ok || rest != "" && rest[0] != '/' {
		return e.RawPath
	}
	if rest == "" {
		return "/"
	}
	return rest
}

// modelsPrefix starts the routes of an API with several models: /models/{name}/predict.
const modelsPrefix = "/models/"

// withinModel is the path of a route without the name of the model that it leads to: a function knows one model, and API Gateway has chosen it by
// the route. Only a route can tell: in a raw path the name is the client's word alone, and asking one model for another is a 404.
func withinModel(path string) string {
	if rest, ok := strings.CutPrefix(path, modelsPrefix); ok {
		if name, _, ok := strings.Cut(rest, "/"); ok && name != "" {
			return rest[len(name):]
		}
	}
	return path
}

// expand fills the parameters of a route's path: /models/{name} and /v1/{proxy+}.
func (e *event) expand(template string) (string, bool) {
	parts := strings.Split(template, "/")
	for i, part := range parts {
		if !strings.HasPrefix(part, "{") || !strings.HasSuffix(part, "}") {
			continue
		}
		value, ok := e.PathParameters[strings.TrimSuffix(part[1:len(part)-1], "+")]
		if !ok {
			return "", false
		}
		parts[i] = value
	}
	return strings.Join(parts, "/"), true
}

// body is the request's body in bytes.
func (e *event) body() ([]byte, error) {
	if !e.IsBase64Encoded {
		return []byte(e.Body), nil
	}
	body, err := base64.StdEncoding.DecodeString(e.Body)
	if err != nil {
		return nil, fmt.Errorf("event: body: %w", err)
	}
	return body, nil
}
