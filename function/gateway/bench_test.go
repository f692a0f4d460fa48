package gateway

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"sklambda/function/api"
	"sklambda/function/metrics"
	"sklambda/function/modeltest"
)

// BenchmarkInvoke is a warm invocation without Lambda's own loop: an event in, a payload out, the log line included.
func BenchmarkInvoke(b *testing.B) {
	recorder := metrics.NewRecorder(io.Discard, "function", "v1.0")
	h := New(api.New(modeltest.Open(b, modeltest.Binary(b)), api.Options{}), noBatch, recorder.Request)
	event := fixture(b, "default_stage")
	row := func(i int) string { return fmt.Sprintf(`{"a":%d,"b":%d.5,"c":1,"d":false}`, i, i) }
	var payloads [][]byte
	for i := range 64 { // never the same row twice in a row
		escaped := bytes.ReplaceAll([]byte(row(i)), []byte(`"`), []byte(`\"`))
		payloads = append(payloads, bytes.Replace(event, []byte(`{\"x\":1}`), escaped, 1))
	}
	b.Run("payload=event", func(b *testing.B) { benchmark(b, h, payloads) })
	for i := range payloads {
		payloads[i] = []byte(row(i))
	}
	b.Run("payload=direct", func(b *testing.B) { benchmark(b, h, payloads) })
}

func benchmark(b *testing.B, h *Handler, payloads [][]byte) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		out := invoke(b, h, payloads[i%len(payloads)])
		if !bytes.Contains(out, []byte("probability")) {
			b.Fatalf("%s", out)
		}
	}
}
