package api

import (
	"encoding/json"
	"net/http"
	"testing"

	"sklambda/function/modeltest"
)

// FuzzPredict: whatever the body, the answer is a JSON document with a status that blames the request, or a prediction; never a 500.
func FuzzPredict(f *testing.F) {
	handlers := []http.Handler{newHandler(modeltest.Open(f, modeltest.Binary(f)), Options{}), newHandler(modeltest.Open(f, modeltest.Multiclass(f)), Options{})}
	for _, seed := range []string{
		`{"a":1,"b":null,"c":3,"d":true,"id":[{}]}`, `{"island":"α","bill/len~mm":1e3}`, `{"instances":[{"a":1},{"island":"\ud83d\ude00"}],"features_used":true}`,
		`{"a":1e400}`, `{"a":NaN}`, `[1]`, `{"instances":[{"a":1,"b":2,"c":3,"d":false},{"a":1,"b":2,"c":3,"d":false}],"features_used":true}`, "{\"a\":\"\xff\"}", ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, handler := range handlers {
			w := post(handler, "application/json", string(body))
			if w.Code != 200 && w.Code != 400 && w.Code != 413 && w.Code != 422 || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%q: got %d %s", body, w.Code, w.Body)
			}
			if w.Code == 200 && !json.Valid(body) {
				t.Errorf("%q is not JSON and was answered: %s", body, w.Body)
			}
		}
	})
}
