package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"strconv"

	"sklambda/model"
	"sklambda/model/sklearn"
	"sklambda/model/table"
)

func rowsCommand() *command {
	return &command{
		name:    "rows",
		usage:   "PIPELINE.joblib --sample SAMPLE.csv|SAMPLE.jsonl",
		summary: "print a sample as the reference table: dtypes, then typed rows",
		about: "Prints the sample as the table that scikit-learn is asked about: on the first line the dtypes, then each row as a JSON array\n" +
			"in column order. A missing cell is null; numbers that are not finite are \"NaN\", \"Infinity\", \"-Infinity\".",
		example: "sklambda rows pipeline.joblib --sample sample.csv",
		exit:    exitCompile,
		args:    1,
		setup: func(fs *flag.FlagSet) action {
			sample := fs.String("sample", "", "`FILE` of rows of the input table, .csv or .jsonl")
			return func(_ context.Context, args []string, std stdio) error { return rows(args[0], *sample, std) }
		},
	}
}

func rows(pipeline, samplePath string, std stdio) error {
	if err := required("sample", samplePath, "a file of rows, .csv or .jsonl"); err != nil {
		return err
	}
	root, _, err := readPipeline(pipeline)
	if err != nil {
		return err
	}
	sample, err := readSample(samplePath)
	if err != nil {
		return err
	}
	compiled, err := sklearn.Compile(root, sklearn.Options{Name: modelName(pipeline), Sample: sample})
	if err != nil {
		return err
	}
	at, err := places(sample, compiled)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(std.out)
	line := appendColumns(nil, compiled)
	for i, row := range sample.Rows {
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
		if line, err = appendRow(line[:0], row, at, compiled.Manifest.Features); err != nil {
			return fmt.Errorf("%s: row %d: %w", samplePath, i+1, err)
		}
	}
	if _, err := w.Write(append(line, '\n')); err != nil {
		return err
	}
	return w.Flush()
}

// appendColumns appends the first line: the columns with their dtypes, and how scikit-learn takes the table.
func appendColumns(dst []byte, compiled *sklearn.Compiled) []byte {
	dst = append(dst, `{"columns":[`...)
	for i, f := range compiled.Manifest.Features {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = table.AppendString(append(dst, `{"name":`...), f.Name)
		dst = table.AppendString(append(dst, `,"dtype":`...), f.DType)
		null := "nan"
		if f.NullIsNone {
			null = "none"
		}
		dst = append(table.AppendString(append(dst, `,"null":`...), null), '}')
	}
	dst = strconv.AppendBool(append(dst, `],"names":`...), compiled.Named)
	dst = strconv.AppendBool(append(dst, `,"text":`...), compiled.TextInput)
	dst = strconv.AppendBool(append(dst, `,"dicts":`...), compiled.DictInput)
	return append(dst, '}')
}

// appendRow appends one row as a JSON array of typed values.
func appendRow(dst []byte, row []table.Value, at []int, features []model.Feature) ([]byte, error) {
	dst = append(dst, '[')
	for i := range features {
		if i > 0 {
			dst = append(dst, ',')
		}
		value := table.Value{Kind: table.Null}
		if at[i] >= 0 {
			var problem *table.Problem
			if value, problem = features[i].Accept(row[at[i]], model.RowOptions{NonFinite: true}); problem != nil {
				return nil, fmt.Errorf("column %q: %s", features[i].Name, problem.Message)
			}
		}
		dst = table.AppendValue(dst, value)
	}
	return append(dst, ']'), nil
}
