package main

import (
	"context"
	"errors"
)

const (
	// batchRows is the size of the batch that is timed.
	batchRows = 100_000
	// The rounds in which programs take turns, and the seconds of each turn. A batch is asked once at least.
	rowRounds, rowSeconds     = 5, 0.25
	batchRounds, batchSeconds = 4, 0.1
)

// The targets of one row, µs, and of 100,000 rows, as a ratio to the faster of scikit-learn and onnxruntime.
var (
	rowTarget   = map[string]float64{"M1": 0.5, "M2": 6, "M3": 3, "M4": 60}
	batchTarget = map[string]float64{"M1": 1, "M2": 2.5, "M3": 2.5, "M4": 1}
)

// rows times one row and 100,000 rows of every model.
func (b *bench) rows(ctx context.Context) error {
	var single, batch [][]string
	for _, model := range models {
		one, many, err := b.timeModel(ctx, model)
		if err != nil {
			return err
		}
		onnx := min(one["onnxruntime"], one["Go + onnxruntime"])
		single = append(single, []string{model, figure(one["sklambda"]), figure(one["laid out"]), figure(one["scikit-learn"]), figure(one["onnxruntime"]),
			figure(one["Go + onnxruntime"]), times(one["scikit-learn"] / one["sklambda"]), times(onnx / one["sklambda"])})
		best := min(many["scikit-learn"], many["onnxruntime"], many["Go + onnxruntime"])
		batch = append(batch, []string{model, figure(many["laid out"]), figure(many["sklambda"]), figure(many["two threads"]), figure(many["scikit-learn"]),
			figure(many["onnxruntime"]), figure(many["Go + onnxruntime"]), times(many["scikit-learn"] / many["laid out"]), times(best / many["laid out"])})
		b.report.atMost("one row, whole pipeline", model, one["sklambda"], rowTarget[model], "µs")
		b.report.atLeast("one row against onnxruntime, the faster of Python and cgo", model, onnx/one["sklambda"], 8, "×")
		b.report.atLeast("100,000 rows, one thread, against the faster of both", model, best/many["laid out"], batchTarget[model], "×")
		b.report.atLeast("100,000 rows, two threads against one", model, many["laid out"]/many["two threads"], 1.8, "×")
		b.report.Figures["sklambda row "+model], b.report.Figures["scikit-learn row "+model] = one["sklambda"], one["scikit-learn"]
	}
	b.report.table("row", []string{"model", "sklambda µs", "laid out µs", "scikit-learn µs", "onnxruntime µs", "Go + onnxruntime µs", "to scikit-learn", "to onnxruntime"}, single)
	b.report.table("batch", []string{"model", "sklambda µs a row", "typed too", "two threads", "scikit-learn", "onnxruntime", "Go + onnxruntime", "to scikit-learn", "to the fastest"}, batch)
	return nil
}

// timeModel times all programs on a model, in turn.
func (b *bench) timeModel(ctx context.Context, model string) (one, many map[string]float64, err error) {
	list, err := b.contenders(ctx, model)
	defer func() {
		for _, c := range list {
			err = errors.Join(err, c.close())
		}
	}()
	if err != nil {
		return nil, nil, err
	}
	if one, err = fastest(list, 1, rowRounds, rowSeconds); err != nil {
		return nil, nil, err
	}
	many, err = fastest(list, batchRows, batchRounds, batchSeconds)
	return one, many, err
}
