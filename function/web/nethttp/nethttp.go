// Package nethttp serves a web.Handler by net/http: on a laptop, and for net/http's own tools.
package nethttp

import (
	"net/http"

	"sklambda/function/web"
)

// Handler serves h.
func Handler(h web.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.Serve(writer{w}, &web.Request{Context: r.Context(), Method: r.Method, Path: r.URL.Path, Header: web.Header(r.Header), Body: r.Body})
	})
}

// writer is a web.ResponseWriter.
type writer struct{ http.ResponseWriter }

// Header shares the map of the response.
func (w writer) Header() web.Header { return web.Header(w.ResponseWriter.Header()) }
