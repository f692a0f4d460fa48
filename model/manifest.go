// Package model is the contract between the compiler and the runtime: the artifact folder (manifest, plan, golden
// rows), the signature of the model, and the Predictor that answers for rows.
package model

import "encoding/json"

// SchemaVersion is the version of the manifest's shape that this package writes. It is raised when a reader of the old
// shape would misread the new one; an added optional field does not raise it. A reader refuses any other version.
const SchemaVersion = 1

// File names inside an artifact folder.
const (
	ManifestFile = "manifest.json"
	PlanFile     = "plan.safetensors"
	GoldenFile   = "golden.jsonl"
)

// Manifest describes an artifact: manifest.json. It holds no wall-clock time: the same inputs give the same bytes.
type Manifest struct {
	SchemaVersion int    `json:"schema_version"`
	Name          string `json:"name"`
	Version       string `json:"version"`
	// Task says which fields an answer has.
	Task     Task      `json:"task"`
	Features []Feature `json:"features"`
	// Classes are the labels by class index, one list per output (a single-output classifier has one). Nil for regressors and transformers.
	Classes [][]Class `json:"classes,omitempty"`
	// Positive is the index of the positive class of a binary classifier: 1 in scikit-learn.
	Positive *int `json:"positive_class,omitempty"`
	// Threshold: with it, a binary label is positive when the unrounded probability >= Threshold.
	Threshold *float64 `json:"threshold,omitempty"`
	// Decimals rounds the numbers of HTTP answers; nil leaves them as they are.
	Decimals *int `json:"decimals,omitempty"`
	// Outputs say what the plan gives and how exactly.
	Outputs []Output `json:"outputs"`
	// Pipeline lists the estimators in reading order. Of the members of an ensemble that differ in nothing but random_state it lists the first.
	Pipeline []Estimator `json:"pipeline"`
	// Notes are what the build had to tell ("null in column x is None").
	Notes  []string        `json:"notes,omitempty"`
	Source Source          `json:"source"`
	Golden *Golden         `json:"golden,omitempty"`
	Files  map[string]File `json:"files"`
}

// Task says what kind of answer a model gives.
type Task string

const (
	// Binary has one output of two classes.
	Binary Task = "binary_classification"
	// Multiclass has one output of any other number of classes.
	Multiclass Task = "multiclass_classification"
	// MultioutputClassification has several outputs of classes (multilabel included).
	MultioutputClassification Task = "multioutput_classification"
	// Regression has one number.
	Regression Task = "regression"
	// MultioutputRegression has several numbers.
	MultioutputRegression Task = "multioutput_regression"
	// Clustering has one output: the cluster, whose labels are the classes (a mixture gives their probabilities too).
	Clustering Task = "clustering"
	// OutlierDetection has one output: 1 for an inlier, -1 for an outlier.
	OutlierDetection Task = "outlier_detection"
	// Density has score_samples alone.
	Density Task = "density_estimation"
	// Transform is a pipeline that ends in a transformer.
	Transform Task = "transform"
)

// OneLabel reports whether predict gives one label, one of the only list of classes.
func (t Task) OneLabel() bool {
	switch t {
	case Binary, Multiclass, Clustering, OutlierDetection:
		return true
	}
	return false
}

// FeatureType is the JSON type of a feature.
type FeatureType string

const (
	NumberType  FeatureType = "number"
	IntegerType FeatureType = "integer" // describes the sample; any number is accepted
	BooleanType FeatureType = "boolean"
	StringType  FeatureType = "string"
)

// Feature is one column of the input table.
type Feature struct {
	Name string      `json:"name"`
	Type FeatureType `json:"type"`
	// DType is the column's dtype in the reference table: "float64", "int64", "bool" or "object".
	DType string `json:"dtype"`
	// Nullable: the model has an answer for null.
	Nullable bool `json:"nullable"`
	// NullIsNone: null stands for None; otherwise for NaN.
	NullIsNone bool `json:"null_is_none,omitempty"`
	// Used is false for a column that the pipeline was fitted with and no step reads.
	Used bool `json:"used"`
	// Categories are those the pipeline was trained with (strings, numbers or booleans), if an encoder reads the column.
	Categories []json.RawMessage `json:"categories,omitempty"`
	// Min, Max and Quantiles (0.05, 0.25, 0.5, 0.75, 0.95) describe a numeric column of the sample.
	Min       *float64  `json:"min,omitempty"`
	Max       *float64  `json:"max,omitempty"`
	Quantiles []float64 `json:"quantiles,omitempty"`
}

// Class is a label as JSON prints it: a string, a number or a boolean.
type Class struct{ json.RawMessage }

// Output names of plans. Every output is a range of numbers of the engine's result.
const (
	// LabelOutput holds a class index per output.
	LabelOutput = "label"
	// ProbabilitiesOutput holds predict_proba: a number per class, outputs side by side; one per output for a multilabel target.
	ProbabilitiesOutput = "probabilities"
	// DecisionOutput holds decision_function.
	DecisionOutput = "decision"
	// ScoreOutput holds score_samples.
	ScoreOutput = "score"
	// ValueOutput holds predict of a regressor, or transform: a number per output.
	ValueOutput = "value"
	// StdOutput holds the standard deviation of each value, where a regressor has one and the build was asked for it.
	StdOutput = "std"
)

// Output is one output of the plan.
type Output struct {
	Name  string `json:"name"`
	Width int    `json:"width"`
	// Tolerance is the largest difference from scikit-learn that is allowed, absolute or relative: 0 means any bit.
	Tolerance float64 `json:"tolerance"`
	// Reason says why Tolerance is above 1e-12; empty otherwise.
	Reason string `json:"reason,omitempty"`
}

// Estimator is one estimator of the pipeline.
type Estimator struct {
	// Path is its place, e.g. "pipeline.preprocess.num.scaler".
	Path   string                     `json:"path"`
	Class  string                     `json:"class"`
	Params map[string]json.RawMessage `json:"params,omitempty"`
}

// Source says what the artifact was compiled from.
type Source struct {
	// Name is the base name of the joblib file.
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	// Versions of scikit-learn (from the file), and of numpy, Python and joblib where the export gave them.
	Versions map[string]string `json:"versions,omitempty"`
}

// Golden describes golden.jsonl: scikit-learn's own answers, replayed at build.
type Golden struct {
	Rows int `json:"rows"`
	// SelfTest are the rows that INIT replays.
	SelfTest []int `json:"self_test"`
	// Undecided counts the rows left out because scikit-learn disagrees with itself about them.
	Undecided int `json:"undecided"`
	// Hunt is the search for a difference that gave some of the rows, where there was one.
	Hunt *Hunt `json:"hunt,omitempty"`
}

// Hunt describes a search for the rows about which this program and scikit-learn differ most.
type Hunt struct {
	// Rows were made up and compared; the worst of them are golden rows.
	Rows int `json:"rows"`
	// Largest is the largest error among the golden ones, absolute or relative, as the export measured it.
	Largest float64 `json:"largest"`
}

// File is the identity of a file.
type File struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}
