package pickle_test

import (
	"fmt"
	"os"

	"sklambda/model/pickle"
)

// A pipeline of a scaler and a tree, as joblib.dump wrote it.
func ExampleRead() {
	data, err := os.ReadFile("testdata/pipeline.joblib")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := pickle.Read(data, pickle.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	pipeline := v.(*pickle.Object)
	fmt.Println(pipeline.ClassName())
	steps, _ := pipeline.Attr("steps")
	for _, step := range steps.(*pickle.List).Items {
		pair := step.(*pickle.Tuple).Items
		fmt.Println(pair[0], pair[1].(*pickle.Object).ClassName())
	}
	// Output:
	// sklearn.pipeline.Pipeline
	// standardscaler sklearn.preprocessing._data.StandardScaler
	// decisiontreeclassifier sklearn.tree._classes.DecisionTreeClassifier
}

// A stream, and one that is cut.
func ExampleRead_stream() {
	v, err := pickle.Read([]byte("\x80\x04\x95\x0d\x00\x00\x00\x00\x00\x00\x00\x8c\x04math\x8c\x03sin\x93."), pickle.Limits{})
	fmt.Println(v, err) // the name of the function: nothing is imported, nothing is called

	_, err = pickle.Read([]byte("\x80\x04\x8c\x04ma"), pickle.Limits{})
	fmt.Println(err)
	// Output:
	// math.sin <nil>
	// offset 2: SHORT_BINUNICODE: file ends inside a str: 4 bytes needed, 2 left
}
