package api

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"sklambda/function/web"
)

// anyOrigin allows every origin.
const anyOrigin = "*"

// ParseOrigins reads a list of web origins such as "https://example.com,http://localhost:3000", or "*" for all. An empty text is no origin.
func ParseOrigins(list string) ([]string, error) {
	var origins []string
	for origin := range strings.SplitSeq(list, ",") {
		if origin = strings.TrimSpace(origin); origin == "" {
			continue
		}
		u, err := url.Parse(origin)
		if origin != anyOrigin && (err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin || origin != strings.ToLower(origin)) {
			return nil, fmt.Errorf("origin %q: want * or scheme://host[:port] in lower case, without a path", origin)
		}
		origins = append(origins, origin)
	}
	return origins, nil
}

// allowOrigin sets the CORS headers of an answer. An origin that is not allowed gets none, which is how a browser learns of it; so does a
// caller that is no browser.
func (s *server) allowOrigin(h web.Header, t *route, r *web.Request) {
	if len(s.AllowOrigins) == 0 {
		return
	}
	origin := r.Header.Get("Origin")
	allowed := anyOrigin
	if !slices.Contains(s.AllowOrigins, anyOrigin) {
		h.Add("Vary", "Origin") // whether allowed or not: a cache must not give one origin's answer to another
		allowed = origin
		if !slices.Contains(s.AllowOrigins, origin) {
			return
		}
	}
	if origin == "" {
		return
	}
	h.Set("Access-Control-Allow-Origin", allowed)
	h.Set("Access-Control-Expose-Headers", "X-Request-Id")
	if t != nil && r.Method == web.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", t.allow())
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		h.Set("Access-Control-Max-Age", "7200") // the most that Chromium keeps
	}
}
