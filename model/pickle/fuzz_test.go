package pickle

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzRead reads any bytes. Whatever is read must be whole: every array's data fits its shape, every
// accessor answers or refuses, and the tree can be walked.
func FuzzRead(f *testing.F) {
	seed(f, "*.pkl", "*.joblib")
	seed(f, "../../sklearn/testdata/containers/*.skops")
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Read(data, Limits{Bytes: 1 << 20, Memory: 1 << 20})
		if err != nil {
			return
		}
		render(v)
		checkArrays(t, v)
	})
}

// FuzzSkops reads archives of any schema.json, beside two files that it may name: FuzzRead, which changes bytes of whole archives, hardly
// comes past their checksums.
func FuzzSkops(f *testing.F) {
	files, err := filepath.Glob("../sklearn/testdata/containers/*.skops")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds (%v)", err)
	}
	for _, file := range files {
		archive, err := zip.OpenReader(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Cleanup(func() { archive.Close() })
		for _, other := range archive.File {
			if other.Name != "schema.json" {
				f.Add(member(f, archive, "schema.json"), other.Name, member(f, archive, other.Name))
				break
			}
		}
	}
	f.Fuzz(func(t *testing.T, schema []byte, name string, file []byte) {
		if strings.HasSuffix(name, "/") || len(name) > 1<<10 {
			t.Skip("no name that the archive's writer takes for a file")
		}
		lim := Limits{Bytes: 1 << 20, Memory: 1 << 20}
		v, err := Read(archive(t, name, string(file), "schema.json", string(schema)), lim)
		if err != nil {
			return
		}
		render(v)
		checkArrays(t, v)
	})
}

// member is the content of a file of an archive.
func member(f *testing.F, archive *zip.ReadCloser, name string) []byte {
	f.Helper()
	file, err := archive.Open(name)
	if err != nil {
		f.Fatal(err)
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		f.Fatal(err)
	}
	return content
}

// FuzzDecompress unpacks any bytes: no panic, and no more output than is allowed.
func FuzzDecompress(f *testing.F) {
	seed(f, "*.joblib.*", "*.bz2")
	f.Fuzz(func(t *testing.T, data []byte) {
		lim := Limits{Bytes: 1 << 20}
		if out, err := decompress(data, lim); err == nil && int64(len(out)) > lim.Bytes {
			t.Fatalf("%d bytes came out, at most %d are allowed", len(out), lim.Bytes)
		}
	})
}

// seed adds the committed files that match.
func seed(f *testing.F, patterns ...string) {
	f.Helper()
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds match %s (%v)", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
}

// checkArrays calls every accessor on every array and scalar of a tree.
func checkArrays(t *testing.T, root Value) {
	t.Helper()
	seen := map[Value]bool{}
	todo := []Value{root}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch v := v.(type) {
		case *Array:
			checkArray(t, v)
		case *Scalar:
			Plain(v)
		}
		if !isContainer(v) || seen[v] {
			continue
		}
		seen[v] = true
		for i := 0; ; i++ {
			c, ok := child(v, i)
			if !ok {
				break
			}
			todo = append(todo, c)
		}
	}
}

func checkArray(t *testing.T, a *Array) {
	t.Helper()
	if a.Data != nil && len(a.Data) != a.Len()*a.Type.Size || a.Data == nil && len(a.Objects) != a.Len() {
		t.Fatalf("an array of shape %v and dtype %s holds %d bytes and %d objects", a.Shape, a.Type, len(a.Data), len(a.Objects))
	}
	if len(a.Values()) != a.Len() {
		t.Fatalf("%d values in an array of %d", len(a.Values()), a.Len())
	}
	_, err1 := a.Float64s()
	_, err2 := a.Int64s()
	_, err3 := a.Strings()
	if a.Len() > 0 && (err2 == nil && err1 != nil || err3 == nil && err1 == nil) {
		t.Fatalf("the accessors of dtype %s disagree: %v, %v, %v", a.Type, err1, err2, err3)
	}
	for _, field := range a.Type.Fields {
		if column, err := a.Field(field.Name); err == nil {
			checkArray(t, column)
		}
	}
}
