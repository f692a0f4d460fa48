package engine_test

import (
	"bytes"
	"fmt"
	"log"

	"sklambda/model/engine"
)

// A plan of a scaler, one-hot encoding and a logistic regression: built, written, loaded and run over two rows.
func Example() {
	b := engine.NewBuilder()
	age, city := b.Number(0), b.Text(1)
	code := b.Floats(1)
	columns := b.Floats(3) // the scaled age and two cities
	probability := b.Floats(1)
	b.Add(&engine.Check{In: engine.Span{Start: age, N: 1}, Features: []int32{0}})
	b.Add(&engine.LookupText{
		In:     city,
		Lookup: engine.Lookup{Out: code.Start, Unknown: -1, Codes: []float64{0, 1}},
		Keys:   engine.NewStrings([]string{"Bonn", "Köln"}),
	})
	b.Add(&engine.Arith{Op: "sub", In: engine.Span{Start: age, N: 1}, Out: engine.Span{Start: columns.Start, N: 1}, Values: []float64{40}})
	b.Add(&engine.OneHot{In: code, Out: engine.Span{Start: columns.Start + 1, N: 2}, Widths: []int32{2}})
	b.Add(&engine.MatMul{In: columns, Out: probability, Weights: []float64{0.1, 1, -1}, Bias: []float64{0.5}})
	b.Add(&engine.Map{Op: "expit", In: probability, Out: probability})
	b.Output("probability", probability)
	built, err := b.Plan()
	if err != nil {
		log.Fatal(err)
	}

	var file bytes.Buffer
	if _, err := built.WriteTo(&file); err != nil {
		log.Fatal(err)
	}
	plan, err := engine.Load(file.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	var result engine.Result
	plan.Run(&engine.Batch{N: 2, Numbers: []float64{35, 40}, Texts: []string{"Köln", "Ulm"}}, &result)
	fmt.Printf("%.4f\n", result.Values)
	// Output: [0.2689 0.6225]
}
