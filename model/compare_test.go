package model

import "testing"

func TestCompare(t *testing.T) {
	t.Parallel()
	const full = `{"label":"yes","probability":0.5,"probabilities":{"no":0.5,"yes":0.5},"decision":0}`
	tests := []struct {
		name, expected, got, want string
	}{
		{"equal", full, full, ""},
		{"order of the fields", `{"decision":0,"label":"yes"}`, `{"label":"yes","decision":0}`, ""},
		{"escapes", `{"label":"\u00e9"}`, `{"label":"é"}`, ""},
		{"within the tolerance", `{"decision":1}`, `{"decision":1.0000000000009}`, ""},
		{"relative", `{"decision":1e20}`, `{"decision":1.0000000000009e20}`, ""},
		{"absolute", `{"decision":1e-20}`, `{"decision":2e-20}`, ""},
		{"beyond", `{"decision":1}`, `{"decision":1.0000000000011}`, "decision is 1.0000000000011, scikit-learn's is 1"},
		{"zeros within a tolerance", `{"decision":0}`, `{"decision":-0.0}`, ""},
		{"any bit", `{"score":0.1}`, `{"score":0.1}`, ""},
		{"one bit", `{"score":0.1}`, `{"score":0.10000000000000002}`, "score is 0.10000000000000002, scikit-learn's is 0.1"},
		{"a zero's sign", `{"score":0.0}`, `{"score":-0.0}`, "score is -0.0, scikit-learn's is 0.0"},
		{"NaN", `{"score":"NaN","decision":"NaN"}`, `{"score":"NaN","decision":"NaN"}`, ""},
		{"not NaN", `{"decision":"NaN"}`, `{"decision":1}`, `decision is 1, scikit-learn's is "NaN"`},
		{"infinite", `{"decision":"Infinity"}`, `{"decision":"Infinity"}`, ""},
		{"sign of infinity", `{"decision":"Infinity"}`, `{"decision":"-Infinity"}`, `decision is "-Infinity", scikit-learn's is "Infinity"`},
		{"infinite and large", `{"decision":"Infinity"}`, `{"decision":1e308}`, `decision is 1e308, scikit-learn's is "Infinity"`},
		{"large and infinite", `{"decision":1e308}`, `{"decision":"Infinity"}`, `decision is "Infinity", scikit-learn's is 1e308`},
		{"null", `{"decision":null}`, `{"decision":null}`, "decision is null, scikit-learn's is null"},
		{"label", `{"label":"yes"}`, `{"label":"no"}`, `label is "no", scikit-learn's is "yes"`},
		{"label of another type", `{"label":1}`, `{"label":"1"}`, `label is "1", scikit-learn's is 1`},
		{"label true and 1", `{"label":true}`, `{"label":1}`, "label is 1, scikit-learn's is true"},
		{"label 1 and 1.0", `{"label":1}`, `{"label":1.0}`, ""},
		{"label beyond 2^53", `{"label":9007199254740993}`, `{"label":9007199254740992}`, "label is 9007199254740992, scikit-learn's is 9007199254740993"},
		{"label null", `{"label":null}`, `{"label":null}`, "label is null, scikit-learn's is null"},
		{"labels", `{"labels":[1,"a"]}`, `{"labels":[1,"a"]}`, ""},
		{"labels differ", `{"labels":[1,0]}`, `{"labels":[1,1]}`, "labels is [1,1], scikit-learn's is [1,0]"},
		{"number of labels", `{"labels":[1]}`, `{"labels":[1,1]}`, "labels is [1,1], scikit-learn's is [1]"},
		{"class order", `{"probabilities":{"no":0.5,"yes":0.5}}`, `{"probabilities":{"yes":0.5,"no":0.5}}`,
			`probabilities: class 0 is "yes", scikit-learn's is "no"`},
		{"class missing", `{"probabilities":{"no":1}}`, `{"probabilities":{"no":1,"yes":0}}`, `probabilities is {"no":1,"yes":0}, scikit-learn's is {"no":1}`},
		{"class probability", `{"probabilities":{"no":0.5}}`, `{"probabilities":{"no":0.6}}`, `probabilities["no"] is 0.6, scikit-learn's is 0.5`},
		{"list of probabilities", `{"probabilities":[{"a":1},{"b":0}]}`, `{"probabilities":[{"a":1},{"b":1}]}`,
			`probabilities[1]["b"] is 1, scikit-learn's is 0`},
		{"length of a list", `{"decision":[1,2]}`, `{"decision":[1]}`, "decision is [1], scikit-learn's is [1,2]"},
		{"number and list", `{"decision":1}`, `{"decision":[1]}`, "decision is [1], scikit-learn's is 1"},
		{"list and number", `{"decision":[1]}`, `{"decision":1}`, "decision is 1, scikit-learn's is [1]"},
		{"missing field", full, `{"label":"yes"}`, "probability is missing in the answer"},
		{"extra field", `{"label":"yes"}`, `{"label":"yes","score":1}`, "score is in the answer, scikit-learn's has none"},
		{"field of no output", `{"value":1}`, `{"value":1}`, `the expected answer has the field "value", which this model does not give`},
		{"unknown field", `{"lable":1}`, `{"lable":1}`, `the expected answer has the field "lable", which this model does not give`},
		{"empty", `{}`, `{}`, "the answer has none of the expected fields"},
		{"any error", `{"error":{}}`, `{"error":{"code":"missing_value"}}`, ""},
		{"no error", `{"error":{}}`, `{"label":1}`, `scikit-learn raises; the answer is {"label":1}`},
		{"an error", `{"label":1}`, `{"error":{"code":"x"}}`, `scikit-learn answers {"label":1}; the answer is the error {"code":"x"}`},
		{"not JSON", `{"label":1}`, `{"label":`, `the answer is not a JSON object: byte 9, in field "label": got the end, expected a value`},
		{"not an object", `[]`, `{}`, `the expected answer is not a JSON object: byte 0: got "[", expected an object`},
	}
	m := &Manifest{Outputs: []Output{{Name: DecisionOutput, Tolerance: 1e-12}, {Name: ProbabilitiesOutput, Tolerance: 1e-12}, {Name: ScoreOutput}}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := NewComparer(m).Compare([]byte(tt.expected), []byte(tt.got)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestCompareHTTP(t *testing.T) {
	t.Parallel()
	const full = `{"label":1,"probability":0.99834,"probabilities":{"0":0.00166,"1":0.99834}}`
	tests := []struct {
		name, expected, got, want string
	}{
		{"its fields", full, `{"probability":0.9983,"label":1,"threshold":0.5,"model_version":"v1.0"}`, ""},
		{"rounded probabilities", full, `{"label":1,"probabilities":{"0":0.0017,"1":0.9983}}`, ""},
		{"not rounded", full, `{"label":1,"probability":0.99834}`, ""},
		{"other", full, `{"label":1,"probability":0.9981}`, "probability is 0.9981, scikit-learn's is 0.99834"},
		{"label", full, `{"label":0,"probability":0.9983}`, "label is 0, scikit-learn's is 1"},
		{"rounded to the other side", `{"probability":0.00005}`, `{"probability":0}`, ""},
		{"half a unit off", `{"probability":0.00004}`, `{"probability":0.0001}`, "probability is 0.0001, scikit-learn's is 0.00004"},
		{"large", `{"probability":1234.5678}`, `{"probability":1234.6}`, "probability is 1234.6, scikit-learn's is 1234.5678"},
		{"exact output", `{"score":0.12344}`, `{"score":0.1235}`, "score is 0.1235, scikit-learn's is 0.12344"},
		{"none of the fields", full, `{"model_version":"v1.0"}`, "the answer has none of the expected fields"},
		{"refused", `{"error":{}}`, `{"error":{}}`, ""},
	}
	m := &Manifest{Decimals: pointer(4), Outputs: []Output{{Name: ProbabilitiesOutput, Tolerance: 1e-12}, {Name: ScoreOutput}}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := NewHTTPComparer(m).Compare([]byte(tt.expected), []byte(tt.got)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestComparerKeepsTheLargestError(t *testing.T) {
	t.Parallel()
	c := NewComparer(&Manifest{Outputs: []Output{{Name: ValueOutput, Tolerance: 1e-9, Reason: "an exp"}}})
	for _, got := range []string{"1", "1.000000000000001", "1.00000000001", "1.0000000001", "1.000000000001"} {
		if difference := c.Compare([]byte(`{"value":1}`), []byte(`{"value":`+got+`}`)); difference != "" {
			t.Error(difference)
		}
	}
	got := c.Outputs()[0]
	if got.Row != 3 || got.Largest < 0.99e-10 || got.Largest > 1.01e-10 || got.Compared != 5 || got.Reason != "an exp" {
		t.Errorf("got %+v", got)
	}
}
