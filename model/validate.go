package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"sklambda/model/table"
)

// maxTolerance is the loosest bound that an output may have: two units in the last place of float32, for libraries that compute in it. For all others it is
// 1e-9, which the compiler's tests hold.
const maxTolerance = 0x1p-22

// maxDecimals is the largest useful rounding: a float64 has 17 significant digits.
const maxDecimals = 17

// validate reports the first thing in the manifest that cannot be, Files and Golden apart.
func (m *Manifest) validate() error {
	if m.Name == "" || m.Version == "" {
		return fmt.Errorf("name is %q and version is %q; neither may be empty", m.Name, m.Version)
	}
	if strings.ContainsFunc(m.Name+m.Version, unicode.IsControl) {
		return fmt.Errorf("name is %q and version is %q; neither may have a line break or another control character", m.Name, m.Version)
	}
	if err := m.validateFeatures(); err != nil {
		return err
	}
	if err := m.validateClasses(); err != nil {
		return err
	}
	if err := m.validateOutputs(); err != nil {
		return err
	}
	if t := m.Threshold; t != nil && (m.Task != Binary || m.output(ProbabilitiesOutput) == nil || !(*t >= 0 && *t <= 1)) {
		return fmt.Errorf("threshold is %v; it is a number from 0 to 1, for a %s model with %s", *t, Binary, ProbabilitiesOutput)
	}
	if d := m.Decimals; d != nil && (*d < 0 || *d > maxDecimals) {
		return fmt.Errorf("decimals is %d; 0 to %d is allowed", *d, maxDecimals)
	}
	return nil
}

func (m *Manifest) validateFeatures() error {
	if len(m.Features) == 0 {
		return errors.New("features is empty; a model has at least one")
	}
	seen := make(map[string]bool, len(m.Features))
	for i := range m.Features {
		f := &m.Features[i]
		if seen[f.Name] {
			return fmt.Errorf("feature %q occurs twice", f.Name)
		}
		seen[f.Name] = true
		if !slices.Contains([]FeatureType{NumberType, IntegerType, BooleanType, StringType}, f.Type) {
			return fmt.Errorf("feature %q: type is %q; number, integer, boolean or string is allowed", f.Name, f.Type)
		}
		if !slices.Contains([]string{"float64", "int64", "bool", "object"}, f.DType) {
			return fmt.Errorf("feature %q: dtype is %q; float64, int64, bool or object is allowed", f.Name, f.DType)
		}
		for _, category := range f.Categories {
			if _, err := scalarKey(category); err != nil {
				return fmt.Errorf("feature %q: category %w", f.Name, err)
			}
		}
	}
	return nil
}

func (m *Manifest) validateClasses() error {
	lists := len(m.Classes)
	switch m.Task {
	case Binary, Multiclass:
		if lists != 1 || (len(m.Classes[0]) == 2) != (m.Task == Binary) {
			return fmt.Errorf("classes has %d lists; %s has one, and only %s has two classes in it", lists, m.Task, Binary)
		}
	case Clustering, OutlierDetection:
		if lists != 1 {
			return fmt.Errorf("classes has %d lists; %s has one", lists, m.Task)
		}
	case MultioutputClassification:
		if lists == 0 {
			return fmt.Errorf("classes is empty; %s has a list for each output", m.Task)
		}
	case Regression, MultioutputRegression, Density, Transform:
		if lists != 0 {
			return fmt.Errorf("classes has %d lists; %s has none", lists, m.Task)
		}
	default:
		return fmt.Errorf("task is %q; %q are allowed", m.Task, []Task{Binary, Multiclass, MultioutputClassification, Clustering,
			OutlierDetection, Regression, MultioutputRegression, Density, Transform})
	}
	if (m.Positive != nil) != (m.Task == Binary) || m.Positive != nil && (*m.Positive < 0 || *m.Positive > 1) {
		return fmt.Errorf("positive_class is 0 or 1 for %s, absent for any other task", Binary)
	}
	for _, classes := range m.Classes {
		if _, err := classKeys(classes); err != nil {
			return err
		}
	}
	return nil
}

func (m *Manifest) validateOutputs() error {
	widths := make(map[string]int, len(m.Outputs))
	for _, o := range m.Outputs {
		if !slices.Contains([]string{LabelOutput, ProbabilitiesOutput, DecisionOutput, ScoreOutput, ValueOutput, StdOutput}, o.Name) {
			return fmt.Errorf("output %q is not known", o.Name)
		}
		if widths[o.Name] != 0 {
			return fmt.Errorf("output %q occurs twice", o.Name)
		}
		if o.Width < 1 {
			return fmt.Errorf("output %q: width is %d; at least 1 is allowed", o.Name, o.Width)
		}
		if !(o.Tolerance >= 0 && o.Tolerance <= maxTolerance) {
			return fmt.Errorf("output %q: tolerance is %v; 0 to %v is allowed", o.Name, o.Tolerance, maxTolerance)
		}
		widths[o.Name] = o.Width
	}
	want := map[string]int{}
	switch m.Task {
	case Regression:
		want[ValueOutput] = 1
	case MultioutputRegression, Transform:
		want[ValueOutput] = max(widths[ValueOutput], 1)
	case Density:
		want[ScoreOutput] = 1
	default:
		want[LabelOutput] = len(m.Classes)
		if widths[ProbabilitiesOutput] != 0 {
			for _, classes := range m.Classes {
				want[ProbabilitiesOutput] += len(classes)
			}
			if m.oneProbability(widths[ProbabilitiesOutput]) {
				want[ProbabilitiesOutput] = len(m.Classes)
			}
		}
	}
	if widths[ScoreOutput] != 0 {
		want[ScoreOutput] = 1
	}
	if widths[StdOutput] != 0 && (m.Task == Regression || m.Task == MultioutputRegression) {
		want[StdOutput] = want[ValueOutput]
	}
	for _, name := range []string{LabelOutput, ProbabilitiesOutput, ScoreOutput, ValueOutput, StdOutput} {
		if widths[name] != want[name] {
			return fmt.Errorf("output %q is %d wide; %s with these classes has %d", name, widths[name], m.Task, want[name])
		}
	}
	return nil
}

// oneProbability reports whether n probabilities are one for each output, which is how scikit-learn gives those of multilabel targets, and not one for each
// class of each output.
func (m *Manifest) oneProbability(n int) bool {
	classes := 0
	for _, list := range m.Classes {
		classes += len(list)
	}
	return m.Task == MultioutputClassification && n == len(m.Classes) && n != classes
}

// output returns the output of a name, nil if there is none.
func (m *Manifest) output(name string) *Output {
	i := slices.IndexFunc(m.Outputs, func(o Output) bool { return o.Name == name })
	if i < 0 {
		return nil
	}
	return &m.Outputs[i]
}

// classKeys returns each class as a key of a JSON object, quoted: "0", "setosa", "true".
func classKeys(classes []Class) ([]string, error) {
	if len(classes) == 0 {
		return nil, errors.New("a list of classes is empty")
	}
	keys := make([]string, len(classes))
	for i, class := range classes {
		key, err := scalarKey(class.RawMessage)
		if err != nil {
			return nil, fmt.Errorf("class %w", err)
		}
		if slices.Contains(keys[:i], key) {
			return nil, fmt.Errorf("class %s occurs twice", class.RawMessage)
		}
		keys[i] = key
	}
	return keys, nil
}

// scalarKey returns a JSON string, number or boolean as the text that it has as a key of an object, without quotes.
func scalarKey(raw json.RawMessage) (string, error) {
	var v any
	if err := json.Unmarshal(raw, &v); err == nil {
		switch v := v.(type) {
		case string:
			return v, nil
		case bool, float64:
			return string(raw), nil
		case nil:
			return "null", nil
		}
	}
	return "", fmt.Errorf("%.60q is not a string, a number or a boolean", raw)
}

// kind is the kind of value that a feature's type stands for.
func (t FeatureType) kind() table.Kind {
	switch t {
	case BooleanType:
		return table.Boolean
	case StringType:
		return table.Text
	default:
		return table.Number
	}
}
