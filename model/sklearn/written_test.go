package sklearn

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"sklambda/model/pickle"
)

// TestVersions compares files of the scikit-learn versions with the answers of the version that wrote each.
func TestVersions(t *testing.T) {
	t.Parallel()
	testWritten(t, "testdata/versions", 8)
}

// TestPandas compares files that hold objects of pandas, or were fitted on its dtypes, as each pandas writes them.
func TestPandas(t *testing.T) {
	t.Parallel()
	testWritten(t, "testdata/pandas", 4)
}

// TestLinearVersions compares files of what computes with sums of products: linear models, machines, naive Bayes, networks, kernels.
func TestLinearVersions(t *testing.T) {
	t.Parallel()
	testWritten(t, "testdata/linear", 8)
}

// testWritten compares every case in the n folders of a folder, which model/python/tests/packed.py wrote.
func testWritten(t *testing.T, dir string, n int) {
	t.Helper()
	folders, err := os.ReadDir(dir)
	if err != nil || len(folders) != n {
		t.Fatalf("%s has %d folders, want %d: %v", dir, len(folders), n, err)
	}
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			t.Parallel()
			compareWritten(t, filepath.Join(dir, folder.Name()))
		})
	}
}

func compareWritten(t *testing.T, dir string) {
	t.Helper()
	root := readPipeline(t, filepath.Join(dir, "estimators.joblib"))
	f, err := os.Open(filepath.Join(dir, "cases.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	cases := decodeCases(t, text)
	list, ok := root.(*pickle.List)
	if !ok || len(list.Items) != len(cases) || len(cases) == 0 {
		t.Fatalf("%s holds a %T, want a list of %d estimators", dir, root, len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			c.compareRoot(t, list.Items[c.Item])
		})
	}
}

// TestBoosters compares files of XGBoost and LightGBM with the answers of the libraries.
func TestBoosters(t *testing.T) {
	t.Parallel()
	testWritten(t, "testdata/boosters", 1)
}
