// Package web has the requests and responses of HTTP, as package api answers them and package gateway makes them. They are net/http's, which is left out of the
// bootstrap: with it TLS, cookies and proxies would be linked and made ready at every start. Package nethttp serves a Handler by net/http.
package web

import (
	"context"
	"io"
	"net/textproto"
)

// Methods.
const (
	MethodGet     = "GET"
	MethodHead    = "HEAD"
	MethodPost    = "POST"
	MethodOptions = "OPTIONS"
)

// Statuses of answers.
const (
	StatusOK                    = 200
	StatusNoContent             = 204
	StatusBadRequest            = 400
	StatusNotFound              = 404
	StatusMethodNotAllowed      = 405
	StatusRequestEntityTooLarge = 413
	StatusUnsupportedMediaType  = 415
	StatusUnprocessableEntity   = 422
	StatusInternalServerError   = 500
)

// StatusText is the name of a status of an error; it is empty for others.
func StatusText(status int) string {
	switch status {
	case StatusBadRequest:
		return "Bad Request"
	case StatusNotFound:
		return "Not Found"
	case StatusMethodNotAllowed:
		return "Method Not Allowed"
	case StatusRequestEntityTooLarge:
		return "Request Entity Too Large"
	case StatusUnsupportedMediaType:
		return "Unsupported Media Type"
	case StatusUnprocessableEntity:
		return "Unprocessable Entity"
	case StatusInternalServerError:
		return "Internal Server Error"
	}
	return ""
}

// Header has the values of each name, which is spelt as textproto.CanonicalMIMEHeaderKey does.
type Header = textproto.MIMEHeader

// Request is a request as a handler gets it.
type Request struct {
	Context context.Context
	Method  string
	Path    string // decoded, without the query
	Header  Header
	Body    io.Reader // never nil
}

// ResponseWriter takes an answer: headers first, then the status, which is 200 unless it is written, then the body.
type ResponseWriter interface {
	Header() Header
	WriteHeader(status int)
	Write(p []byte) (int, error)
}

// Handler answers requests. It may be asked by many goroutines.
type Handler interface {
	Serve(w ResponseWriter, r *Request)
}
