package pickle

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"
)

// archive makes a .skops file of files, given as name and content in turn.
func archive(t *testing.T, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func scalarNode(content string) string {
	return `{"__class__":"str","__module__":"builtins","__loader__":"JsonNode","content":` + content + `}`
}

func TestSkops(t *testing.T) {
	t.Parallel()
	header := "{'descr': [('a', '<i2'), ('', '|V2'), ('b', '<f4')], 'fortran_order': False, 'shape': (1,), }"
	npy := "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), 0}) + header + "\x07\x00\x00\x00\x00\x00\x80\x3f"
	schema := `{"__class__":"dict","__module__":"builtins","__loader__":"DictNode",
		"key_types":{"__loader__":"ListNode","content":[{"__class__":"int","__module__":"builtins","__loader__":"TypeNode"},
			{"__class__":"str","__module__":"builtins","__loader__":"TypeNode"},{"__class__":"str","__module__":"builtins","__loader__":"TypeNode"}]},
		"content":{"7":` + scalarNode(`"NaN"`) + `,"x":` + scalarNode(`"12345678901234567890"`) + `,
			"a":{"__class__":"ndarray","__module__":"numpy","__loader__":"NdArrayNode","type":"numpy","file":"1.npy"}}}`
	v, err := Read(archive(t, "1.npy", npy, "schema.json", schema), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	d := v.(*Dict)
	if len(d.Pairs) != 3 || d.Pairs[0].Key != int64(7) || d.Pairs[0].Value == d.Pairs[0].Value {
		t.Errorf("got %v, want NaN under the integer 7 first", d.Pairs)
	}
	a, _ := d.Get("a")
	b, err := a.(*Array).Field("b")
	if err != nil {
		t.Fatal(err)
	}
	if f, err := b.Float64s(); err != nil || len(f) != 1 || f[0] != 1 {
		t.Errorf("member b is %v, %v, want 1", f, err)
	}
}

func TestSkopsPairs(t *testing.T) {
	t.Parallel()
	v, err := Read(archive(t, "schema.json", scalarNode(`"\"\\ud83d\\ude00 \\uD83D\\uDE00\""`)), Limits{})
	if err != nil || v != "\U0001f600 \U0001f600" {
		t.Errorf("got %q, %v, want two smileys", v, err)
	}
}

func TestSkopsErrors(t *testing.T) {
	t.Parallel()
	node := func(loader, rest string) string {
		return `{"__class__":"c","__module__":"m","__loader__":"` + loader + `"` + rest + `}`
	}
	array := node("NdArrayNode", `,"type":"numpy","file":"1.npy"`)
	header := "{'descr': '|O8', 'fortran_order': False, 'shape': (1,)}"
	for name, c := range map[string]struct {
		files []string
		want  string
	}{
		"no schema":        {[]string{"a", "b"}, "the archive has no schema.json: it is a zip file of another kind"},
		"no json":          {[]string{"schema.json", "{"}, "schema.json: "},
		"no node":          {[]string{"schema.json", "1"}, errNode.Error()},
		"no file":          {[]string{"schema.json", array}, "no 1.npy"},
		"no array":         {[]string{"1.npy", "hello, world", "schema.json", array}, "no array in numpy's format"},
		"objects":          {[]string{"1.npy", "\x93NUMPY\x01\x00" + string([]byte{byte(len(header)), 0}) + header, "schema.json", array}, "items are objects"},
		"a list":           {[]string{"schema.json", node("ListNode", `,"content":{}`)}, errNode.Error()},
		"keys":             {[]string{"schema.json", node("DictNode", `,"content":{"a":1},"key_types":{"content":[]}`)}, errNode.Error()},
		"a scalar":         {[]string{"schema.json", scalarNode(`"[1]"`)}, "no scalar"},
		"a huge integer":   {[]string{"schema.json", scalarNode(`"` + strings.Repeat("9", 5000) + `"`)}, "5000 digits"},
		"half a pair":      {[]string{"schema.json", scalarNode(`"\"a\\ud800\\u00e4\""`)}, "half of a surrogate pair"},
		"half a pair, key": {[]string{"schema.json", `{"\udc00":1}`}, "half of a surrogate pair"},
		"a deep tree":      {[]string{"schema.json", strings.Repeat("[", 9000)}, "nested too deep"},
		"too much memory":  {[]string{"schema.json", `{"a":"` + strings.Repeat("x", 1<<22) + `"}`}, "memory"},
	} {
		_, err := Read(archive(t, c.files...), Limits{Memory: 1 << 22})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
	bomb := archive(t, "schema.json", strings.Repeat(" ", 1<<22))
	if _, err := Read(bomb, Limits{Bytes: 1 << 20}); !errors.Is(err, ErrLimit) {
		t.Errorf("a file that unpacks to more than is allowed: got %v, want ErrLimit", err)
	}
}
