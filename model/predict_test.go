package model

import (
	"encoding/csv"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sklambda/model/table"
)

func TestAppendProblems(t *testing.T) {
	t.Parallel()
	manifest, plan := binary(t)
	m := opened(t, manifest, plan)
	tests := []struct {
		name, input string
		options     RowOptions
		want        []table.Problem
	}{
		{"fits", `{"x":1,"id":1,"flag":true,"colour":"red"}`, RowOptions{}, nil},
		{"integer takes any number", `{"x":1,"id":1.5,"flag":true,"colour":"red"}`, RowOptions{}, nil},
		{"null is for the plan", `{"x":null,"id":null,"flag":null,"colour":null}`, RowOptions{}, nil},
		{"unused takes any value", `{"x":1,"id":1,"flag":true,"colour":"red","note":[{"a":1}]}`, RowOptions{}, nil},
		{"unused takes a number beyond float64", `{"x":1,"id":1,"flag":true,"colour":"red","note":-1e400}`, RowOptions{}, nil},
		{"missing", `{"flag":true}`, RowOptions{}, []table.Problem{
			{Field: "x", Code: MissingField, Message: "the field is missing; null stands for a missing value"},
			{Field: "id", Code: MissingField, Message: "the field is missing; null stands for a missing value"},
			{Field: "colour", Code: MissingField, Message: "the field is missing; null stands for a missing value"}}},
		{"types", `{"x":"1","id":true,"flag":1,"colour":[]}`, RowOptions{NonFinite: true}, []table.Problem{
			{Field: "x", Code: table.WrongType, Message: "got a string, a number is expected"},
			{Field: "id", Code: table.WrongType, Message: "got a boolean, a number is expected"},
			{Field: "flag", Code: table.WrongType, Message: "got a number, a boolean is expected"},
			{Field: "colour", Code: table.WrongType, Message: "got an array or object, a string is expected"}}},
		{"NaN in JSON Lines", `{"x":"NaN","id":"-Infinity","flag":true,"colour":"NaN"}`, RowOptions{NonFinite: true}, nil},
		{"NaN in HTTP", `{"x":"NaN","id":1,"flag":true,"colour":"red"}`, RowOptions{}, []table.Problem{
			{Field: "x", Code: table.WrongType, Message: "got a string, a number is expected"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			row := make([]table.Value, m.Columns().Len())
			if problems, err := m.Columns().ParseObject([]byte(tt.input), row); problems != nil || err != nil {
				t.Fatal(problems, err)
			}
			b := m.NewBatch()
			if diff := cmp.Diff(tt.want, b.Append(row, tt.options)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if want := map[bool]int{true: 1, false: 0}[tt.want == nil]; b.Len() != want {
				t.Errorf("the batch has %d rows, want %d", b.Len(), want)
			}
		})
	}
}

func TestPredictBinary(t *testing.T) {
	t.Parallel()
	manifest, plan := binary(t)
	m := opened(t, manifest, plan)
	tests := []struct{ name, input, want string }{
		{"half", `{"x":0,"id":0,"flag":false,"colour":"red"}`, `{"label":"no","probability":0.5,"probabilities":{"no":0.5,"yes":0.5},"decision":0}`},
		{"positive", `{"x":800,"id":0,"flag":false,"colour":"blue"}`, `{"label":"yes","probability":1,"probabilities":{"no":0,"yes":1},"decision":810}`},
		{"probability is of the positive class", `{"x":-800,"id":0,"flag":false,"colour":"red"}`,
			`{"label":"no","probability":0,"probabilities":{"no":1,"yes":0},"decision":-800}`},
		{"int64 beyond 2^53", `{"x":0,"id":9007199254740993,"flag":true,"colour":"green"}`,
			`{"label":"yes","probability":1,"probabilities":{"no":0,"yes":1},"decision":1090}`},
		{"2^53 is another id, a fraction none", `{"x":0,"id":9007199254740992,"flag":true,"colour":"green"}`,
			`{"label":"yes","probability":1,"probabilities":{"no":0,"yes":1},"decision":990}`},
		{"missing text", `{"x":800,"id":null,"flag":null,"colour":null}`, `{"label":"yes","probability":1,"probabilities":{"no":0,"yes":1},"decision":800}`},
		{"missing number", `{"x":null,"id":0,"flag":false,"colour":"red"}`,
			`{"error":{"code":"missing_value","field":"x","message":"the value is missing; the model has no answer for a missing value here"}}`},
		{"infinite", `{"x":"Infinity","id":0,"flag":false,"colour":"red"}`,
			`{"error":{"code":"not_finite","field":"x","message":"the value is infinite; a finite number is expected"}}`},
		{"unknown category", `{"x":0,"id":0,"flag":false,"colour":"pink"}`, `{"error":{"code":"unknown_category","field":"colour",` +
			`"message":"the value is not a category that the model was trained with; it knows \"blue\", \"green\", \"red\""}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, string(predictJSON(t, m, tt.input).AppendJSON(nil, 0))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestThreshold: the label compares the unrounded probability, and equality is positive.
func TestThreshold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		threshold float64
		want      string
	}{{0.5, `"yes"`}, {math.Nextafter(0.5, 1), `"no"`}, {0, `"yes"`}, {1, `"no"`}} {
		manifest, plan := binary(t)
		manifest.Threshold = pointer(tt.threshold)
		p := predictJSON(t, opened(t, manifest, plan), `{"x":0,"id":0,"flag":false,"colour":"red"}`)
		if got := string(p.Label(0, 0).RawMessage); got != tt.want {
			t.Errorf("threshold %v: label is %s, want %s", tt.threshold, got, tt.want)
		}
	}
}

// TestTasks holds JSON and CSV of every task, on models whose outputs are their features.
func TestTasks(t *testing.T) {
	t.Parallel()
	nan := `"NaN"`
	tests := []struct {
		name        string
		task        Task
		lists       [][]Class
		outputs     []Output
		input       []string
		json, cells string
		header      string
	}{
		{"multiclass", Multiclass, [][]Class{classes("0", "1", "10")}, []Output{{Name: LabelOutput, Width: 1}, {Name: ProbabilitiesOutput, Width: 3},
			{Name: DecisionOutput, Width: 3}}, []string{"2", "0.1", "0.2", "0.7", "-1", "1e-9", nan},
			`{"label":10,"probability":0.7,"probabilities":{"0":0.1,"1":0.2,"10":0.7},"decision":[-1,1e-9,"NaN"]}`,
			"10,0.7,0.1,0.2,0.7,-1,1e-9,NaN,,,", "label,probability,probability_0,probability_1,probability_10,decision_0,decision_1,decision_2"},
		{"one class, no probabilities", Multiclass, [][]Class{classes(`"a,b"`)}, []Output{{Name: LabelOutput, Width: 1}}, []string{"0"},
			`{"label":"a,b"}`, `"a,b",,,`, "label"},
		{"booleans and several outputs", MultioutputClassification, [][]Class{classes("false", "true"), classes(`""`, `"é"`)},
			[]Output{{Name: LabelOutput, Width: 2}, {Name: ProbabilitiesOutput, Width: 4}}, []string{"1", "0", "0.25", "0.75", "1", "0"},
			`{"labels":[true,""],"probabilities":[{"false":0.25,"true":0.75},{"":1,"é":0}]}`,
			`true,"",0.25,0.75,1,0,,,`, "label_0,label_1,probability_0_false,probability_0_true,probability_1_,probability_1_é"},
		{"multilabel", MultioutputClassification, [][]Class{classes("0", "1"), classes("0", "1"), classes("0", "1")},
			[]Output{{Name: LabelOutput, Width: 3}, {Name: ProbabilitiesOutput, Width: 3}}, []string{"1", "0", "1", "0.75", "0.25", "1"},
			`{"labels":[1,0,1],"probabilities":[0.75,0.25,1]}`,
			`1,0,1,0.75,0.25,1,,,`, "label_0,label_1,label_2,probability_0,probability_1,probability_2"},
		{"regression", Regression, nil, []Output{{Name: ValueOutput, Width: 1}}, []string{"-0.0"}, `{"value":-0.0}`, "-0.0,,,", "value"},
		{"several values", MultioutputRegression, nil, []Output{{Name: ValueOutput, Width: 2}}, []string{`"-Infinity"`, "1e300"},
			`{"values":["-Infinity",1e+300]}`, "-Infinity,1e+300,,,", "value_0,value_1"},
		{"clustering", Clustering, [][]Class{classes("0", "1", "2")}, []Output{{Name: LabelOutput, Width: 1}}, []string{"2"}, `{"label":2}`, "2,,,", "label"},
		{"clustering of two", Clustering, [][]Class{classes("0", "1")}, []Output{{Name: LabelOutput, Width: 1}}, []string{"0"}, `{"label":0}`, "0,,,", "label"},
		{"mixture", Clustering, [][]Class{classes("0", "1")}, []Output{{Name: LabelOutput, Width: 1}, {Name: ProbabilitiesOutput, Width: 2}, {Name: ScoreOutput, Width: 1}},
			[]string{"0", "0.75", "0.25", "-3.5"}, `{"label":0,"probability":0.75,"probabilities":{"0":0.75,"1":0.25},"score":-3.5}`,
			"0,0.75,0.75,0.25,-3.5,,,", "label,probability,probability_0,probability_1,score"},
		{"outlier detection", OutlierDetection, [][]Class{classes("-1", "1")}, []Output{{Name: LabelOutput, Width: 1}, {Name: DecisionOutput, Width: 1}, {Name: ScoreOutput, Width: 1}},
			[]string{"0", "-0.5", "-2"}, `{"label":-1,"decision":-0.5,"score":-2}`, "-1,-0.5,-2,,,", "label,decision,score"},
		{"density", Density, nil, []Output{{Name: ScoreOutput, Width: 1}}, []string{`"-Infinity"`}, `{"score":"-Infinity"}`, "-Infinity,,,", "score"},
		{"value with its deviation", Regression, nil, []Output{{Name: ValueOutput, Width: 1}, {Name: StdOutput, Width: 1}}, []string{"1", "0.25"},
			`{"value":1,"std":0.25}`, "1,0.25,,,", "value,std"},
		{"values with their deviations", MultioutputRegression, nil, []Output{{Name: ValueOutput, Width: 2}, {Name: StdOutput, Width: 2}}, []string{"1", "2", "0.5", "0"},
			`{"values":[1,2],"std":[0.5,0]}`, "1,2,0.5,0,,,", "value_0,value_1,std_0,std_1"},
		{"transformer of one column", Transform, nil, []Output{{Name: ValueOutput, Width: 1}, {Name: ScoreOutput, Width: 1}}, []string{"1", "2"},
			`{"values":[1],"score":2}`, "2,1,,,", "score,value_0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			manifest, plan := identity(t, tt.task, tt.lists, tt.outputs...)
			m := opened(t, manifest, plan)
			var fields []string
			for i, v := range tt.input {
				fields = append(fields, `"`+manifest.Features[i].Name+`":`+v)
			}
			p := predictJSON(t, m, "{"+strings.Join(fields, ",")+"}")
			if diff := cmp.Diff(tt.json, string(p.AppendJSON(nil, 0))); diff != "" {
				t.Errorf("JSON (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.cells, string(p.AppendCSV(nil, 0))); diff != "" {
				t.Errorf("CSV (-want +got)\n%s", diff)
			}
			header := m.CSVHeader()
			if diff := cmp.Diff(tt.header+",error_code,error_field,error_message", strings.Join(header, ",")); diff != "" {
				t.Errorf("header (-want +got)\n%s", diff)
			}
			problem := &table.Problem{Field: "f", Code: "c", Message: `m, "n"`}
			for _, cells := range [][]byte{p.AppendCSV(nil, 0), m.AppendProblemCSV(nil, problem)} {
				record, err := csv.NewReader(strings.NewReader(string(cells))).Read()
				if err != nil || len(record) != len(header) {
					t.Errorf("%s has %d cells, the header %d, %v", cells, len(record), len(header), err)
				}
			}
		})
	}
}

// TestBrokenPlan: a class index that does not exist is an error of the row, not a panic.
func TestBrokenPlan(t *testing.T) {
	t.Parallel()
	manifest, plan := identity(t, Multiclass, [][]Class{classes("0", "1", "2")}, Output{Name: LabelOutput, Width: 1})
	m := opened(t, manifest, plan)
	for _, index := range []string{"3", "-1", "0.5", `"NaN"`, `"Infinity"`, "1e300"} {
		if problem := predictJSON(t, m, `{"x0":`+index+`}`).Problem(0); problem == nil || problem.Code != BrokenPlan {
			t.Errorf("class %s: got %v, want %s", index, problem, BrokenPlan)
		}
	}
}

func TestRoundDecimals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in       float64
		decimals int
		want     float64
	}{
		{0.99834, 4, 0.9983}, {0.99835, 4, 0.9983}, {2.675, 2, 2.67}, {0.5, 0, 0}, {1.5, 0, 2}, {2.5, 0, 2}, {0.125, 2, 0.12}, {-0.375, 2, -0.38},
		{1e300, 2, 1e300}, {math.MaxFloat64, 17, math.MaxFloat64}, {5e-324, 17, 0}, {math.Inf(-1), 2, math.Inf(-1)},
	} {
		if got := RoundDecimals(tt.in, tt.decimals); got != tt.want {
			t.Errorf("RoundDecimals(%v, %d) = %v, want %v", tt.in, tt.decimals, got, tt.want)
		}
	}
	if !math.IsNaN(RoundDecimals(math.NaN(), 2)) {
		t.Error("NaN is rounded to a number")
	}
	manifest, plan := identity(t, MultioutputRegression, nil, Output{Name: ValueOutput, Width: 2})
	p := predictJSON(t, opened(t, manifest, plan), `{"x0":0.99834,"x1":"NaN"}`)
	if got := string(p.AppendFields(nil, 0, pointer(4))); got != `"values":[0.9983,"NaN"]` {
		t.Errorf("got %s", got)
	}
}

// TestBatchRows: each row of a batch has the answer that it has alone, and a batch can be reused.
func TestBatchRows(t *testing.T) {
	t.Parallel()
	manifest, plan := binary(t)
	m := opened(t, manifest, plan)
	b := m.NewBatch()
	reader := table.NewJSONLReader(m.Columns())
	reader.Reset(table.Block{Data: []byte(strings.Repeat(`{"x":1,"id":0,"flag":false,"colour":"pink"}
{"x":2,"id":0,"flag":false,"colour":"blue"}
{"x":-3,"id":0,"flag":true,"colour":null}
`, 300)), Line: 1})
	row := make([]table.Value, m.Columns().Len())
	for round := range 3 {
		b.Reset()
		for range 300 {
			if problems, err := reader.Read(row); problems != nil || err != nil || b.Append(row, RowOptions{}) != nil {
				t.Fatal(problems, err)
			}
		}
		p := m.Predict(b)
		for i := range p.Len() {
			var got float64
			if p.Problem(i) == nil {
				got = p.Decision(i)[0]
			}
			if want := []float64{0, 12, 997}[i%3]; got != want || (p.Problem(i) != nil) != (i%3 == 0) {
				t.Fatalf("round %d, row %d: decision %v and problem %v, want %v", round, i, got, p.Problem(i), want)
			}
		}
	}
}

func TestPredictAllocations(t *testing.T) { // not parallel: AllocsPerRun counts the whole process
	manifest, plan := binary(t)
	manifest.Decimals = pointer(4)
	m := opened(t, manifest, plan)
	b, row := m.NewBatch(), make([]table.Value, m.Columns().Len())
	data := []byte(`{"x":0.125,"id":9007199254740993,"flag":true,"colour":null}`)
	out := make([]byte, 0, 1<<10)
	if n := testing.AllocsPerRun(100, func() {
		b.Reset()
		for range 10 {
			if problems, err := m.Columns().ParseObject(data, row); problems != nil || err != nil || b.Append(row, RowOptions{}) != nil {
				t.Fatal(problems, err)
			}
		}
		p := m.Predict(b)
		for i := range b.Len() {
			out = p.AppendJSON(out[:0], i)
			out = p.AppendFields(out[:0], i, manifest.Decimals)
			out = p.AppendCSV(out[:0], i)
		}
	}); n != 0 {
		t.Errorf("%v allocations for 10 rows from JSON to JSON and CSV, want 0", n)
	}
}
