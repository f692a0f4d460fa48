package model_test

import (
	"fmt"

	"sklambda/model"
	"sklambda/model/engine"
	"sklambda/model/table"
)

func ExampleModel_Predict() {
	b := engine.NewBuilder()
	side := engine.Span{Start: b.Number(0), N: 1}
	area := b.Floats(1)
	b.Add(&engine.Check{In: side, Features: []int32{0}})
	b.Add(&engine.MatMul{In: side, Out: area, Weights: []float64{2}, Bias: []float64{0.5}})
	b.Output(model.ValueOutput, area)
	plan, err := b.Plan()
	if err != nil {
		panic(err)
	}
	m, err := model.New(&model.Manifest{
		Name: "line", Version: "v1.0", Task: model.Regression,
		Features: []model.Feature{{Name: "side", Type: model.NumberType, DType: "float64", Used: true}},
		Outputs:  []model.Output{{Name: model.ValueOutput, Width: 1, Tolerance: 1e-12}},
	}, plan)
	if err != nil {
		panic(err)
	}
	batch := m.NewBatch()
	for _, v := range []table.Value{{Kind: table.Number, Float: 3}, {Kind: table.Null}, {Kind: table.Text, Text: "3"}} {
		fmt.Println(batch.Append([]table.Value{v}, model.RowOptions{}))
	}
	predictions := m.Predict(batch)
	for i := range predictions.Len() {
		fmt.Println(string(predictions.AppendJSON(nil, i)))
	}
	// Output:
	// []
	// []
	// [{side wrong_type got a string, a number is expected}]
	// {"value":6.5}
	// {"error":{"code":"missing_value","field":"side","message":"the value is missing; the model has no answer for a missing value here"}}
}
