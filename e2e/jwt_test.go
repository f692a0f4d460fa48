package e2e

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

const audience = "sklambda-e2e"

// issuer makes JSON Web Tokens and serves the key to check them with, as an OpenID Connect provider does.
type issuer struct {
	url string
	key *rsa.PrivateKey
}

func startIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{key: newKey(t)}
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	i.url = server.URL
	serve := func(path string, document any) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if err := json.NewEncoder(w).Encode(document); err != nil {
				t.Error(err)
			}
		})
	}
	serve("/.well-known/openid-configuration", map[string]any{"issuer": i.url, "jwks_uri": i.url + "/keys"})
	serve("/keys", map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1",
		"n": base64.RawURLEncoding.EncodeToString(i.key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(i.key.E)).Bytes()),
	}}})
	return i
}

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// token is a valid one, with claims set over it.
func (i *issuer) token(t *testing.T, claims map[string]any) string {
	t.Helper()
	return sign(t, i.key, i.claims(claims))
}

func (i *issuer) claims(set map[string]any) map[string]any {
	now := time.Now()
	claims := map[string]any{
		"iss": i.url, "sub": "caller", "aud": audience,
		"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	maps.Copy(claims, set)
	return claims
}

func sign(t *testing.T, key *rsa.PrivateKey, claims map[string]any) string {
	t.Helper()
	encode := func(part any) string {
		data, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	signed := encode(map[string]string{"alg": "RS256", "typ": "JWT", "kid": "1"}) + "." + encode(claims)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// checkTokens calls an API that takes tokens of the issuer, with good ones and bad ones.
func checkTokens(t *testing.T, api endpoint, i *issuer) {
	t.Helper()
	hour := time.Hour
	for _, tt := range []struct {
		name, token string
		status      int
	}{
		{"valid token", i.token(t, nil), 200},
		{"one audience of two", i.token(t, map[string]any{"aud": []string{"other", audience}}), 200},
		{"no token", "", 401},
		{"no JWT", "secret", 401},
		{"expired", i.token(t, map[string]any{"exp": time.Now().Add(-hour).Unix()}), 401},
		{"not yet valid", i.token(t, map[string]any{"nbf": time.Now().Add(hour).Unix()}), 401},
		{"other audience", i.token(t, map[string]any{"aud": "other"}), 401},
		{"no audience", i.token(t, map[string]any{"aud": nil}), 401},
		{"other issuer", i.token(t, map[string]any{"iss": "https://issuer.example.com"}), 401},
		{"other key", sign(t, newKey(t), i.claims(nil)), 401},
	} {
		with := api
		with.token = tt.token
		for method, path := range map[string]string{"POST": "/predict", "GET": "/model"} {
			body := ""
			if method == "POST" {
				body = demoRow
			}
			with.send(t, method, path, body).want(t, tt.name+": "+path, tt.status)
		}
		with.send(t, "GET", "/health", "").want(t, tt.name+": /health, which is open", 200, `"ready"`)
	}
}
