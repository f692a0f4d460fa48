package sklearn

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/pickle"
	"sklambda/model/pythontest"
	"sklambda/model/table"
)

// parityCase is one line that model/python/tests/parity.py writes: a fitted estimator, rows, and scikit-learn's answers.
type parityCase struct {
	Name    string
	File    string
	Item    int // of a list that holds the estimators of many cases
	Refused []string
	Names   []string
	Dtypes  []*string
	None    []bool
	Notes   []string
	Exact   bool
	Sample  [][]json.RawMessage
	Rows    [][]json.RawMessage
	Answers []parityAnswer
}

type parityAnswer struct {
	Error         string
	Label         []json.RawMessage
	Probabilities []parityNumber
	Decision      []parityNumber
	Score         []parityNumber
	Value         []parityNumber
	Std           []parityNumber
}

// parityNumber is a float64 that may be spelled "NaN", "Infinity" or "-Infinity".
type parityNumber = engine.Number64

// testParity runs a script of model/python/tests and compares every case it writes.
func testParity(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	pythontest.Run(t, script, dir)
	cases := readCases(t, filepath.Join(dir, "cases.jsonl"))
	if len(cases) == 0 {
		t.Fatalf("%s wrote 0 cases", script)
	}
	t.Run("cases", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				c.compare(t, dir)
			})
		}
	})
	rows := 0
	for _, c := range cases {
		rows += len(c.Rows)
	}
	t.Logf("%s: %d cases, %d rows", script, len(cases), rows)
}

func readCases(t *testing.T, path string) []*parityCase {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return decodeCases(t, f)
}

func decodeCases(t testing.TB, r io.Reader) []*parityCase {
	t.Helper()
	var cases []*parityCase
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<28)
	for lines.Scan() {
		c := &parityCase{}
		if err := json.Unmarshal(lines.Bytes(), c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return cases
}

// compare compiles the file of the case and compares its refusal, or all of its answers.
func (c *parityCase) compare(t *testing.T, dir string) {
	t.Helper()
	c.compareRoot(t, readPipeline(t, filepath.Join(dir, c.File)))
}

func readPipeline(t testing.TB, path string) pickle.Value {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	root, err := pickle.Read(data, pickle.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func (c *parityCase) compareRoot(t *testing.T, root pickle.Value) {
	t.Helper()
	compiled, err := Compile(root, Options{Name: "case", Version: "v1.0", Std: c.asksStd(), Sample: c.sample(t)})
	if c.Refused != nil {
		c.compareRefusal(t, err)
		return
	}
	if err != nil {
		t.Fatalf("refused:\n%v", err)
	}
	c.compareManifest(t, compiled.Manifest)
	batch := &engine.Batch{N: len(c.Rows)}
	for _, row := range c.Rows {
		layOut(batch, compiled, c.values(t, row))
	}
	var result engine.Result
	compiled.Plan.Run(batch, &result)
	width := compiled.Plan.Width()
	for i := range c.Rows {
		got := result.Values[i*width : (i+1)*width]
		if diff := c.Answers[i].compare(compiled.Manifest, got, result.Errors[i]); diff != "" {
			t.Errorf("row %d %s: %s", i, c.Rows[i], diff)
		}
	}
}

// compareRefusal wants exactly one reason for each text.
func (c *parityCase) compareRefusal(t *testing.T, err error) {
	t.Helper()
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok {
		t.Fatalf("got error %v, want a refusal for %q", err, c.Refused)
	}
	if len(refusal.Reasons) != len(c.Refused) {
		t.Errorf("got %d reasons, want %d:\n%v", len(refusal.Reasons), len(c.Refused), refusal)
	}
	for i, want := range c.Refused {
		if i < len(refusal.Reasons) && !strings.Contains(refusal.Reasons[i].String(), want) {
			t.Errorf("reason %d is %q, want it to contain %q", i, refusal.Reasons[i], want)
		}
	}
	for _, r := range refusal.Reasons {
		if r.Path == "" || r.Class == "" || r.What == "" || r.Why == "" || r.Do == "" {
			t.Errorf("reason %+v has an empty part", r)
		}
	}
}

func (c *parityCase) compareManifest(t *testing.T, m *model.Manifest) {
	t.Helper()
	for i, want := range c.Dtypes {
		if want != nil && m.Features[i].DType != *want {
			t.Errorf("feature %q has dtype %s, want %s", m.Features[i].Name, m.Features[i].DType, *want)
		}
	}
	for i, want := range c.None {
		if m.Features[i].NullIsNone != want {
			t.Errorf("feature %q: null is None: got %v, want %v", m.Features[i].Name, m.Features[i].NullIsNone, want)
		}
	}
	if c.Notes != nil && len(m.Notes) != len(c.Notes) {
		t.Errorf("got notes %q, want %q", m.Notes, c.Notes)
	}
	for i := range min(len(m.Notes), len(c.Notes)) {
		if !strings.Contains(m.Notes[i], c.Notes[i]) {
			t.Errorf("note %d is %q, want it to contain %q", i, m.Notes[i], c.Notes[i])
		}
	}
	for _, o := range m.Outputs {
		if c.Exact && o.Tolerance != 0 {
			t.Errorf("output %s has tolerance %v, want 0", o.Name, o.Tolerance)
		}
		if o.Tolerance > roundingTolerance && o.Reason == "" {
			t.Errorf("output %s has tolerance %v without a reason", o.Name, o.Tolerance)
		}
	}
}

// compare returns the first difference between a row's answer and scikit-learn's, "" if there is none.
func (a *parityAnswer) compare(m *model.Manifest, got []float64, rowError engine.RowError) string {
	if (a.Error != "") != (rowError.Code != engine.OK) {
		return fmt.Sprintf("got error code %v (feature %d), want error %q", rowError.Code, rowError.Feature, a.Error)
	}
	if a.Error != "" {
		return ""
	}
	want := map[string][]parityNumber{
		model.ProbabilitiesOutput: a.Probabilities, model.DecisionOutput: a.Decision, model.ScoreOutput: a.Score, model.ValueOutput: a.Value,
		model.StdOutput: a.Std,
	}
	for _, o := range m.Outputs {
		part := got[:o.Width]
		got = got[o.Width:]
		if o.Name == model.LabelOutput {
			if diff := compareLabels(m, part, a.Label); diff != "" {
				return diff
			}
			continue
		}
		if diff := compareNumbers(o, part, want[o.Name]); diff != "" {
			return diff
		}
		delete(want, o.Name)
	}
	for name, numbers := range want {
		if len(numbers) > 0 {
			return "the plan lacks the output " + name
		}
	}
	return ""
}

func compareLabels(m *model.Manifest, got []float64, want []json.RawMessage) string {
	if len(got) != len(want) {
		return fmt.Sprintf("got %d labels, want %d", len(got), len(want))
	}
	for i, w := range want {
		var a, b any
		class := m.Classes[i][int(got[i])]
		if json.Unmarshal(class.RawMessage, &a) != nil || json.Unmarshal(w, &b) != nil || a != b {
			return fmt.Sprintf("output %d: got label %s, want %s", i, class.RawMessage, w)
		}
	}
	return ""
}

func compareNumbers(o model.Output, got []float64, want []parityNumber) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%s has %d numbers, want %d", o.Name, len(got), len(want))
	}
	for i, w := range want {
		if !agree(got[i], float64(w), o.Tolerance) {
			return fmt.Sprintf("%s[%d]: got %v (%016x), want %v (%016x)", o.Name, i, got[i], math.Float64bits(got[i]), w, math.Float64bits(float64(w)))
		}
	}
	return ""
}

// agree compares bit for bit (any NaN is equal to any other), or within an absolute or relative tolerance.
func agree(got, want, tolerance float64) bool {
	switch {
	case math.Float64bits(got) == math.Float64bits(want), math.IsNaN(got) && math.IsNaN(want):
		return true
	case tolerance == 0, math.IsNaN(got) || math.IsNaN(want), math.IsInf(want, 0) || math.IsInf(got, 0):
		return false
	}
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

// asksStd reports whether the case asks for standard deviations.
func (c *parityCase) asksStd() bool {
	return slices.ContainsFunc(c.Answers, func(a parityAnswer) bool { return len(a.Std) > 0 })
}

// sample is the sample that the case gives to the build, nil for none.
func (c *parityCase) sample(t *testing.T) *table.Sample {
	t.Helper()
	if c.Sample == nil {
		return nil
	}
	s := &table.Sample{Names: c.Names}
	for _, row := range c.Sample {
		s.Rows = append(s.Rows, c.values(t, row))
	}
	if s.Names == nil && len(s.Rows) > 0 {
		for i := range s.Rows[0] {
			s.Names = append(s.Names, fmt.Sprintf("column %d", i))
		}
	}
	return s
}

// values reads the cells of a row.
func (c *parityCase) values(t *testing.T, row []json.RawMessage) []table.Value {
	t.Helper()
	values := make([]table.Value, len(row))
	for i, raw := range row {
		v, err := parityCell(raw)
		if err != nil {
			t.Fatalf("%s: cell %s: %v", c.Name, raw, err)
		}
		values[i] = v
	}
	return values
}

// parityCell reads one cell: null, a boolean, a number, a string, or {"float": "Infinity"}.
func parityCell(raw json.RawMessage) (table.Value, error) {
	var nonFinite struct{ Float parityNumber }
	var text string
	var integer int64
	var number float64
	switch {
	case string(raw) == "null":
		return table.Value{Kind: table.Null}, nil
	case string(raw) == "true":
		return table.Value{Kind: table.Boolean, Float: 1}, nil
	case string(raw) == "false":
		return table.Value{Kind: table.Boolean}, nil
	case raw[0] == '{':
		err := json.Unmarshal(raw, &nonFinite)
		return table.Value{Kind: table.Number, Float: float64(nonFinite.Float)}, err
	case raw[0] == '"':
		err := json.Unmarshal(raw, &text)
		return table.Value{Kind: table.Text, Text: text}, err
	case json.Unmarshal(raw, &integer) == nil:
		return table.Value{Kind: table.Number, IsInt: true, Int: integer, Float: float64(integer)}, nil
	}
	err := json.Unmarshal(raw, &number)
	v := table.Value{Kind: table.Number, Float: number}
	if number == math.Trunc(number) && math.Abs(number) < 1<<63 {
		v.IsInt, v.Int = true, int64(number)
	}
	return v, err
}

// layOut appends a row to a batch as the plan's inputs ask for.
func layOut(batch *engine.Batch, compiled *Compiled, row []table.Value) {
	for _, in := range compiled.Plan.Inputs() {
		v := row[in.Feature]
		switch {
		case in.Kind == engine.Text && v.Kind == table.Text:
			batch.Texts = append(batch.Texts, v.Text)
		case in.Kind == engine.Text:
			batch.Texts = append(batch.Texts, engine.MissingText)
		case in.Kind == engine.Integer && v.IsInt:
			batch.Numbers = append(batch.Numbers, engine.IntegerBits(v.Int))
		case in.Kind == engine.Integer:
			batch.Numbers = append(batch.Numbers, engine.IntegerBits(engine.NotInteger))
		case v.Kind == table.Null:
			batch.Numbers = append(batch.Numbers, math.NaN())
		default:
			batch.Numbers = append(batch.Numbers, v.Float)
		}
	}
}
