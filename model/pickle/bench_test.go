package pickle

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// BenchmarkRead reads a list of 500 joblib arrays, 144 MB in all: the shape of a large forest.
func BenchmarkRead(b *testing.B) {
	const arrays, items = 500, 36_000
	var file bytes.Buffer
	file.WriteString("\x80\x04](")
	for range arrays {
		file.WriteString("cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(X\x05\x00\x00\x00dtypecnumpy\ndtype\nX\x02\x00\x00\x00f8\x85R" +
			"X\x05\x00\x00\x00shapeJ")
		file.Write(binary.LittleEndian.AppendUint32(nil, items))
		file.WriteString("\x85X\x05\x00\x00\x00orderX\x01\x00\x00\x00Cub")
		file.Write(make([]byte, 8*items))
	}
	file.WriteString("e.")
	b.SetBytes(int64(file.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(file.Bytes(), Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
