package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"sklambda/model/table"
)

// Comparer compares answers with scikit-learn's and keeps the largest error of each output. It is used by one goroutine.
type Comparer struct {
	manifest *Manifest
	http     bool
	row      int
	outputs  []OutputError
}

// OutputError is the largest error of an output over all rows compared.
type OutputError struct {
	Name      string  `json:"name"`
	Tolerance float64 `json:"tolerance"`
	Reason    string  `json:"reason,omitempty"`
	// Compared is how many numbers were compared. Largest is the largest of their errors, each the smaller of its absolute and relative error.
	Compared int     `json:"compared"`
	Largest  float64 `json:"largest"`
	// Row is where Largest was seen, counted by calls of Compare.
	Row int `json:"row"`
}

// NewComparer returns a Comparer for answers in the shape of JSON Lines, as AppendJSON writes them: every field of the expected answer and no other.
func NewComparer(m *Manifest) *Comparer {
	c := &Comparer{manifest: m}
	for _, o := range m.Outputs {
		c.outputs = append(c.outputs, OutputError{Name: o.Name, Tolerance: o.Tolerance, Reason: o.Reason})
	}
	return c
}

// NewHTTPComparer returns a Comparer for the prediction objects of POST /predict: of the fields of the expected answer those that are returned, at
// the manifest's rounding. A row that is refused is given as {"error":{}}.
func NewHTTPComparer(m *Manifest) *Comparer {
	c := NewComparer(m)
	c.http = true
	return c
}

// Outputs returns the largest error of each output so far.
func (c *Comparer) Outputs() []OutputError { return c.outputs }

// Compare says how an answer differs from the expected one, both JSON objects; it is empty where they agree: the same labels, classes and order of
// classes, the same numbers missing, numbers within the tolerance of their output, and an error where an error is expected.
func (c *Comparer) Compare(expected, got []byte) string {
	defer func() { c.row++ }()
	want, err := members(expected)
	if err != nil {
		return "the expected answer is not a JSON object: " + err.Error()
	}
	answer, err := members(got)
	if err != nil {
		return "the answer is not a JSON object: " + err.Error()
	}
	_, raises := find(want, "error")
	problem, refused := find(answer, "error")
	switch {
	case raises && refused:
		return ""
	case raises:
		return fmt.Sprintf("scikit-learn raises; the answer is %.200s", got)
	case refused:
		return fmt.Sprintf("scikit-learn answers %.200s; the answer is the error %.200s", expected, problem)
	}
	return c.fields(want, answer)
}

// fields compares the fields of two answers.
func (c *Comparer) fields(want, answer []member) string {
	compared := 0
	for _, w := range want {
		got, ok := find(answer, w.name)
		if !ok && c.http {
			continue
		}
		if !ok {
			return w.name + " is missing in the answer"
		}
		compared++
		if difference := c.field(w.name, w.value, got); difference != "" {
			return difference
		}
	}
	if compared == 0 {
		return "the answer has none of the expected fields"
	}
	for _, a := range answer {
		if _, ok := find(want, a.name); !ok && !c.http {
			return a.name + " is in the answer, scikit-learn's has none"
		}
	}
	return ""
}

// fieldOutputs are the outputs in which the numbers of a field lie.
var fieldOutputs = map[string]string{
	"probability": ProbabilitiesOutput, "probabilities": ProbabilitiesOutput, "decision": DecisionOutput,
	"score": ScoreOutput, "value": ValueOutput, "values": ValueOutput, "std": StdOutput,
}

// field compares one field.
func (c *Comparer) field(name string, want, got json.RawMessage) string {
	if name == "label" || name == "labels" {
		return compareLabels(name, want, got)
	}
	for i := range c.outputs {
		if c.outputs[i].Name == fieldOutputs[name] {
			return c.numbers(&c.outputs[i], name, want, got)
		}
	}
	return fmt.Sprintf("the expected answer has the field %q, which this model does not give", name)
}

// numbers compares numbers, lists and objects of them.
func (c *Comparer) numbers(o *OutputError, path string, want, got json.RawMessage) string {
	switch first(want) {
	case '{':
		return c.objects(o, path, want, got)
	case '[':
		var wants, gots []json.RawMessage
		if json.Unmarshal(want, &wants) != nil || json.Unmarshal(got, &gots) != nil || len(wants) != len(gots) {
			return mismatch(path, want, got)
		}
		for i := range wants {
			if difference := c.numbers(o, fmt.Sprintf("%s[%d]", path, i), wants[i], gots[i]); difference != "" {
				return difference
			}
		}
		return ""
	}
	w, okWant := parseNumber(want)
	g, okGot := parseNumber(got)
	if !okWant || !okGot || !c.close(o, w, g) {
		return mismatch(path, want, got)
	}
	return ""
}

// objects compares two objects of numbers, whose names are in the same order.
func (c *Comparer) objects(o *OutputError, path string, want, got json.RawMessage) string {
	wants, errWant := members(want)
	gots, errGot := members(got)
	if errWant != nil || errGot != nil || len(wants) != len(gots) {
		return mismatch(path, want, got)
	}
	for i, w := range wants {
		if w.name != gots[i].name {
			return fmt.Sprintf("%s: class %d is %q, scikit-learn's is %q", path, i, gots[i].name, w.name)
		}
		if difference := c.numbers(o, fmt.Sprintf("%s[%q]", path, w.name), w.value, gots[i].value); difference != "" {
			return difference
		}
	}
	return ""
}

// close reports whether two numbers agree, and keeps their error.
func (c *Comparer) close(o *OutputError, want, got float64) bool {
	o.Compared++
	if math.IsNaN(want) || math.IsNaN(got) {
		return math.IsNaN(want) && math.IsNaN(got)
	}
	slack := 0.0
	if c.http && c.manifest.Decimals != nil {
		rounded := RoundDecimals(want, *c.manifest.Decimals)
		if o.Tolerance == 0 || rounded == got {
			want = rounded
		} else { // a number within the tolerance may have been rounded to the other side
			slack = math.Pow10(-*c.manifest.Decimals) / 2 * (1 + 1e-9)
		}
	}
	if math.Float64bits(want) == math.Float64bits(got) {
		return true
	}
	difference := math.Max(math.Abs(want-got)-slack, 0)
	if math.IsInf(difference, 0) {
		return false
	}
	if want != 0 {
		difference = math.Min(difference, difference/math.Abs(want))
	}
	if difference > o.Largest {
		o.Largest, o.Row = difference, c.row
	}
	return o.Tolerance > 0 && difference <= o.Tolerance
}

// compareLabels compares a label or a list of labels: the same JSON type and value.
func compareLabels(path string, want, got json.RawMessage) string {
	var wants, gots []json.RawMessage
	if first(want) == '[' {
		if json.Unmarshal(want, &wants) != nil || json.Unmarshal(got, &gots) != nil || len(wants) != len(gots) {
			return mismatch(path, want, got)
		}
	} else {
		wants, gots = []json.RawMessage{want}, []json.RawMessage{got}
	}
	for i := range wants {
		if !sameScalar(wants[i], gots[i]) {
			return mismatch(path, want, got)
		}
	}
	return ""
}

// sameScalar reports whether two strings, numbers or booleans are equal. 1 and 1.0 are.
func sameScalar(want, got json.RawMessage) bool {
	var w, g any
	if json.Unmarshal(want, &w) != nil || json.Unmarshal(got, &g) != nil {
		return false
	}
	switch w.(type) {
	case float64: // which may have lost digits of a large integer
		_, errWant := strconv.ParseInt(string(want), 10, 64)
		_, errGot := strconv.ParseInt(string(got), 10, 64)
		if errWant == nil && errGot == nil {
			return bytes.Equal(want, got)
		}
		return w == g
	case string, bool:
		return w == g
	default:
		return false
	}
}

// parseNumber reads a number, or one of the strings "NaN", "Infinity" and "-Infinity".
func parseNumber(raw json.RawMessage) (float64, bool) {
	switch string(raw) {
	case `"NaN"`:
		return math.NaN(), true
	case `"Infinity"`:
		return math.Inf(1), true
	case `"-Infinity"`:
		return math.Inf(-1), true
	}
	if c := first(raw); c != '-' && (c < '0' || c > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	return f, err == nil
}

func mismatch(path string, want, got json.RawMessage) string {
	return fmt.Sprintf("%s is %.200s, scikit-learn's is %.200s", path, got, want)
}

// first is the first byte of a value, 0 if there is none.
func first(raw json.RawMessage) byte {
	if len(raw) == 0 {
		return 0
	}
	return raw[0]
}

// member is a member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// members returns the members of a JSON object in order.
func members(raw []byte) ([]member, error) {
	var list []member
	err := table.EachMember(raw, func(name string, value []byte) error {
		list = append(list, member{name, value})
		return nil
	})
	return list, err
}

// find returns the value of a member.
func find(list []member, name string) (json.RawMessage, bool) {
	for _, m := range list {
		if m.name == name {
			return m.value, true
		}
	}
	return nil, false
}
