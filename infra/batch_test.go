package main

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stateMachine returns the definition of a variant's state machine.
func stateMachine(t *testing.T, environment, prefix string) (r resource, definition map[string]any) {
	t.Helper()
	_, tmpl := variant(t, environment)
	r = tmpl.find(t, "AWS::StepFunctions::StateMachine", prefix)
	if err := json.Unmarshal([]byte(r.at("DefinitionString").(string)), &definition); err != nil {
		t.Fatal(err)
	}
	return r, definition
}

// in follows keys into a decoded value.
func in(value any, keys ...string) any {
	for _, key := range keys {
		value = value.(map[string]any)[key]
	}
	return value
}

// Rows are read from the bucket in either format, numbered, scored in batches that fit, and their results written beside, a line a row.
func TestScoreMaps(t *testing.T) {
	_, definition := stateMachine(t, "models", "BatchChurnStateMachine")
	for name, want := range map[string]struct {
		format string
		reader map[string]any
	}{
		"Score CSV":        {"csv", map[string]any{"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}},
		"Score JSON Lines": {"jsonl", map[string]any{"InputType": "JSONL"}},
	} {
		state := in(definition, "States", name)
		for key, want := range map[string]any{
			"ItemReader": map[string]any{"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": want.reader,
				"Parameters": map[string]any{"Bucket": "${Bucket}", "Key.$": "$.key"}},
			"ItemSelector": map[string]any{"row.$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value"},
			"ItemBatcher": map[string]any{"MaxItemsPerBatch": 122.0, "MaxInputBytesPerBatch": 65536.0, "BatchInput": map[string]any{
				"function.$": "$.live.function", "input": map[string]any{"format": want.format, "indexed": true, "ids.$": "$.ids"}}},
			"MaxConcurrency": 40.0,
			"ResultWriter": map[string]any{"Resource": "arn:aws:states:::s3:putObject", "WriterConfig": map[string]any{"OutputType": "JSONL", "Transformation": "FLATTEN"},
				"Parameters": map[string]any{"Bucket": "${Bucket}", "Prefix.$": "States.Format('results/{}', $$.Execution.Name)"}},
			"ToleratedFailurePercentage": nil, // one batch that fails makes the run fail
			"Catch":                      nil,
		} {
			if diff := cmp.Diff(want, in(state, key)); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", name, key, diff)
			}
		}
		retry := in(state, "ItemProcessor", "States", "Score", "Retry").([]any)[0]
		if in(retry, "JitterStrategy") != "FULL" || in(retry, "MaxAttempts") != 6.0 || slices.Contains(in(retry, "ErrorEquals").([]any), any("States.ALL")) {
			t.Errorf("%s: retries are %s", name, text(retry))
		}
		if mode := in(state, "ItemProcessor", "ProcessorConfig", "Mode"); mode != "DISTRIBUTED" {
			t.Errorf("%s: mode is %v", name, mode)
		}
	}
}

// Every state leads to one that is there, and every one is reached; every placeholder stands for something.
func TestBatchDefinitionIsWhole(t *testing.T) {
	r, definition := stateMachine(t, "url", "BatchStateMachine")
	for _, machine := range []any{definition, in(definition, "States", "Score CSV", "ItemProcessor"), in(definition, "States", "Score JSON Lines", "ItemProcessor")} {
		states := in(machine, "States").(map[string]any)
		reached := map[string]bool{in(machine, "StartAt").(string): true}
		for name, state := range states {
			var next []string
			for _, match := range regexp.MustCompile(`"(?:Next|Default)":"([^"]*)"`).FindAllStringSubmatch(text(withoutProcessor(state)), -1) {
				next = append(next, match[1])
				reached[match[1]] = true
			}
			if kind := in(state, "Type"); (len(next) == 0) != (in(state, "End") == true || kind == "Fail") {
				t.Errorf("%s, a %s, leads to %v", name, kind, next)
			}
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(states)), slices.Sorted(maps.Keys(reached))); diff != "" {
			t.Errorf("states (-there +reached):\n%s", diff)
		}
	}
	used := map[string]bool{}
	for _, match := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(r.at("DefinitionString").(string), -1) {
		used[match[1]] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(r.at("DefinitionSubstitutions").(map[string]any))), slices.Sorted(maps.Keys(used))); diff != "" {
		t.Errorf("placeholders (-given +used):\n%s", diff)
	}
}

func withoutProcessor(state any) map[string]any {
	bare := maps.Clone(state.(map[string]any))
	delete(bare, "ItemProcessor")
	return bare
}

// A run may read what is put into the bucket, write results, ask versions of its own model, and run itself; nothing else.
func TestBatchRole(t *testing.T) {
	_, tmpl := variant(t, "models")
	may := actionsOn(tmpl.find(t, "AWS::IAM::Policy", "BatchChurnPolicy"))
	for action, want := range map[string]string{
		"lambda:InvokeFunction": `FunctionChurnHandler`, "lambda:GetAlias": `FunctionChurnHandler`, "s3:PutObject": `"/results/*"`,
	} {
		if !strings.Contains(may[action], want) {
			t.Errorf("%s is allowed on %s, want %s", action, may[action], want)
		}
	}
	for action, on := range may {
		if strings.HasPrefix(action, "s3:") && !strings.Contains(on, "BatchChurnBucket") {
			t.Errorf("%s is allowed on %s, want the bucket of this model", action, on)
		}
	}
	for action, on := range actionsOn(tmpl.find(t, "AWS::IAM::Policy", "BatchChurnMapPolicy")) {
		if !strings.HasPrefix(action, "states:") || !strings.Contains(on, `BatchChurnStateMachine`) {
			t.Errorf("%s is allowed on %s, want the state machine alone", action, on)
		}
	}
}

// A run that fails is told, and is no reason to move the traffic back.
func TestBatchAlarm(t *testing.T) {
	_, tmpl := variant(t, "models")
	alarm := tmpl.find(t, "AWS::CloudWatch::Alarm", "MonitoringBatchChurnFailed")
	alarm.wantAt(t, "ExecutionsFailed", "MetricName")
	alarm.wantAt(t, 1.0, "Threshold")
	if of := text(alarm.at("Dimensions")); !strings.Contains(of, "StateMachineArn") || !strings.Contains(of, "BatchChurnStateMachine") {
		t.Errorf("watches %s", of)
	}
	for id, group := range tmpl.every("AWS::CodeDeploy::DeploymentGroup") {
		if alarms := text(group.at("AlarmConfiguration")); strings.Contains(alarms, "MonitoringBatch") {
			t.Errorf("%s rolls back by %s", id, alarms)
		}
	}
}

func TestNoBatchByDefault(t *testing.T) {
	for _, config := range environments() {
		tmpl := synthesize(t, config)
		if config.Batch == nil && len(tmpl.every("AWS::StepFunctions::StateMachine"))+len(tmpl.every("AWS::S3::Bucket")) > 0 {
			t.Errorf("%s has a batch that nobody asked for", config.Name)
		}
	}
}

// A batch with the longest results and the most input fits twice what Step Functions checks: the rows beside their results.
func TestBatchRows(t *testing.T) {
	for _, tt := range []struct {
		longest, want int // 0: refused
	}{{1, 122_880}, {1000, 122}, {61_440, 2}, {122_880, 1}, {122_881, 0}} {
		m := ModelAssets{Model: ModelIdentity{Name: "m", Version: "v1", LongestResult: tt.longest}}
		got, err := batchRows(m)
		if got != tt.want || (err != nil) != (tt.want == 0) {
			t.Errorf("%d bytes: got %d and %v, want %d", tt.longest, got, err, tt.want)
		}
		if size := got*tt.longest + 2*maxBatchInput + stateOverhead; size > maxState {
			t.Errorf("%d rows of %d bytes make %d, more than %d", got, tt.longest, size, maxState)
		}
		config := environments()[0]
		if err := checkBatches(config, Assets{Models: []ModelAssets{m}}); err != nil {
			t.Errorf("without Batch: %v", err)
		}
		config.Batch = &BatchConfig{MaxConcurrency: 1, ExpireDays: 1}
		if err := checkBatches(config, Assets{Models: []ModelAssets{m}}); (err != nil) != (tt.want == 0) || err != nil && !strings.Contains(err.Error(), "122881 bytes") {
			t.Errorf("%d bytes: %v", tt.longest, err)
		}
	}
}
