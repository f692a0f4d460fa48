package main

import "sklambda/function/batch"

// asl is a piece of the Amazon States Language.
// https://states-language.net
type asl = map[string]any

// Names of states that others lead to.
const (
	badInput   = "Bad input"
	rowsLost   = "Rows lost"
	countRows  = "Count rows"
	scoreBatch = "Score"
)

// batchDefinition is the state machine: {"key": "input/rows.csv", "format": "csv" | "jsonl", "ids": ["customer"]}, of which only the key has to be there,
// makes {"rows": 1000, "function": the version that answered, "results": the manifest of the results}. A run asks one version from its first row to
// its last, and fails unless there is a result for every row.
func batchDefinition(config Config, rows int) asl {
	return asl{
		"Comment": "Scores a file of rows. " + batchInputText,
		"StartAt": "Check input",
		"States": asl{
			"Check input": choice(badInput, rule("Defaults", asl{"And": []asl{
				{"Variable": "$.key", "IsPresent": true}, {"Variable": "$.key", "StringMatches": inputPrefix + "*"},
			}})),
			"Defaults": asl{"Type": "Pass", "Result": asl{"format": "", "ids": []string{}}, "ResultPath": "$.defaults", "Next": "Settings"},
			"Settings": asl{"Type": "Pass", "Parameters": asl{"run.$": "States.JsonMerge($.defaults, $, false)"}, "OutputPath": "$.run", "Next": "Find version"},
			"Find version": asl{
				"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:lambda:getAlias",
				"Parameters":     asl{"FunctionName": "${FunctionName}", "Name": aliasName},
				"ResultSelector": asl{"function.$": "States.Format('${FunctionArn}:{}', $.FunctionVersion)"},
				"ResultPath":     "$.live", "Next": "Find format",
			},
			"Find format":      choice(badInput, formatRule("csv", "Score CSV"), formatRule("jsonl", "Score JSON Lines")),
			"Score CSV":        scoreMap(config, rows, "csv", asl{"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}),
			"Score JSON Lines": scoreMap(config, rows, "jsonl", asl{"InputType": "JSONL"}),
			countRows: asl{
				"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:describeMapRun",
				"Parameters": asl{"MapRunArn.$": "$.map.MapRunArn"},
				"ResultSelector": asl{
					"rows.$": "$.ItemCounts.Total", "scored.$": "$.ItemCounts.Succeeded", "written.$": "$.ItemCounts.ResultsWritten",
				},
				"ResultPath": "$.counts", "Next": "All rows?",
			},
			"All rows?": choice(rowsLost, rule("Done", asl{"And": []asl{
				{"Variable": "$.counts.rows", "NumericEqualsPath": "$.counts.scored"}, {"Variable": "$.counts.rows", "NumericEqualsPath": "$.counts.written"},
			}})),
			"Done": asl{"Type": "Pass", "End": true, "Parameters": asl{
				"rows.$": "$.counts.rows", "function.$": "$.live.function",
				"results.$": "States.Format('s3://{}/{}', $.map.ResultWriterDetails.Bucket, $.map.ResultWriterDetails.Key)",
			}},
			badInput: asl{"Type": "Fail", "Error": "BadInput", "Cause": batchInputText},
			rowsLost: asl{"Type": "Fail", "Error": "RowsLost", "Cause": "There is not one result for each row; the results are not to be used."},
		},
	}
}

const batchInputText = `The input is {"key": "` + inputPrefix + `...", "format": "csv" or "jsonl" where the name of the key does not tell, "ids": columns to be copied to the results}.`

// scoreMap reads the rows of a file in a format, has batches of them scored, and writes the results, one line a row.
func scoreMap(config Config, rows int, format string, reader asl) asl {
	return asl{
		"Type": "Map", "Label": format,
		"ItemReader": asl{
			"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": reader,
			"Parameters": asl{"Bucket": "${Bucket}", "Key.$": "$.key"},
		},
		"ItemSelector": asl{batch.RowMember + ".$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value"},
		"ItemBatcher": asl{
			"MaxItemsPerBatch": rows, "MaxInputBytesPerBatch": maxBatchInput,
			"BatchInput": asl{"function.$": "$.live.function", "input": asl{"format": format, "indexed": true, "ids.$": "$.ids"}},
		},
		"MaxConcurrency": config.Batch.MaxConcurrency,
		"ItemProcessor": asl{
			"ProcessorConfig": asl{"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
			"StartAt":         scoreBatch,
			"States":          batchStates(config),
		},
		"ResultWriter": asl{
			"Resource":     "arn:aws:states:::s3:putObject",
			"WriterConfig": asl{"OutputType": "JSONL", "Transformation": "FLATTEN"},
			"Parameters":   asl{"Bucket": "${Bucket}", "Prefix.$": "States.Format('" + resultsPrefix + "{}', $$.Execution.Name)"},
		},
		"ResultPath": "$.map", "Next": countRows,
	}
}

// batchStates score one batch. Its output is the list of results, as many as there were rows.
func batchStates(config Config) asl {
	return asl{
		scoreBatch: asl{
			"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
			"Parameters": asl{
				"FunctionName.$": "$.BatchInput.function",
				"Payload":        asl{"Items.$": "$.Items", "BatchInput.$": "$.BatchInput.input"},
			},
			"ResultSelector": asl{"results.$": "$.Payload.results"},
			"ResultPath":     "$.answer",
			"TimeoutSeconds": config.TimeoutSeconds + 5, // Lambda's own comes first
			// What another try may change: not an error of ours, which says that the file or the settings are wrong.
			"Retry": []asl{{
				"ErrorEquals": []string{"Lambda.ClientExecutionTimeoutException", "Lambda.ServiceException", "Lambda.AWSLambdaException",
					"Lambda.SdkClientException", "Lambda.TooManyRequestsException", "Lambda.Unknown", "States.Timeout"},
				"IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 6, "MaxDelaySeconds": 30, "JitterStrategy": "FULL",
			}},
			"Next": "Count results",
		},
		"Count results": asl{"Type": "Pass", "Next": "One each?", "Parameters": asl{
			"results.$": "$.answer.results", "rows.$": "States.ArrayLength($.Items)", "scored.$": "States.ArrayLength($.answer.results)",
		}},
		"One each?": choice(rowsLost, rule("Results", asl{"Variable": "$.rows", "NumericEqualsPath": "$.scored"})),
		"Results":   asl{"Type": "Pass", "OutputPath": "$.results", "End": true},
		rowsLost:    asl{"Type": "Fail", "Error": "RowsLost", "Cause": "The function did not give one result for each row."},
	}
}

// choice is a Choice state; otherwise is where it leads if no rule holds.
func choice(otherwise string, rules ...asl) asl {
	return asl{"Type": "Choice", "Choices": rules, "Default": otherwise}
}

// rule leads to a state if a condition holds.
func rule(next string, condition asl) asl {
	condition["Next"] = next
	return condition
}

// formatRule holds if the input says the format, or the key's name does and the input nothing.
func formatRule(format, next string) asl {
	return rule(next, asl{"Or": []asl{
		{"Variable": "$.format", "StringEquals": format},
		{"And": []asl{{"Variable": "$.format", "StringEquals": ""}, {"Variable": "$.key", "StringMatches": "*." + format}}},
	}})
}
