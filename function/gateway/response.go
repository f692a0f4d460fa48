package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"mime"
	"strings"
	"unicode/utf8"

	"sklambda/function/web"
)

// response records what a handler writes. It is a web.ResponseWriter.
type response struct {
	header web.Header
	status int
	body   bytes.Buffer
	noBody bool // HEAD: the body is not sent
}

func newResponse(method string) *response {
	return &response{header: web.Header{}, noBody: method == web.MethodHead}
}

// Header is as web.ResponseWriter has it.
func (w *response) Header() web.Header { return w.header }

// WriteHeader keeps the first status.
func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *response) Write(p []byte) (int, error) {
	w.WriteHeader(web.StatusOK)
	if w.noBody {
		return len(p), nil
	}
	return w.body.Write(p)
}

// bare is the payload of the response to a direct invoke: the body, which is JSON.
func (w *response) bare() []byte { return w.body.Bytes() }

// proxyResponse is a response of payload format 2.0.
type proxyResponse struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers,omitempty"`
	Cookies         []string          `json:"cookies,omitempty"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

// proxied is the payload of the response to an HTTP event.
func proxied(w *response) []byte {
	w.WriteHeader(web.StatusOK)
	out := proxyResponse{StatusCode: w.status, Headers: make(map[string]string, len(w.header))}
	for name, values := range w.header {
		switch name {
		case "Set-Cookie":
			out.Cookies = values
		case "Content-Length": // API Gateway's own business
		default:
			out.Headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	if body := w.body.Bytes(); isText(w.header.Get("Content-Type")) && utf8.Valid(body) {
		out.Body = string(body)
	} else if len(body) > 0 {
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(out) // strings and an integer: cannot fail
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// isText reports whether a body of the content type goes as text: JSON in its kinds, and text.
func isText(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && (mediaType == "application/json" || strings.HasSuffix(mediaType, "+json") || strings.HasPrefix(mediaType, "text/"))
}
