package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// scaledLinear is the plan of a StandardScaler and a LogisticRegression of two classes, as package sklearn compiles it.
func scaledLinear(b *testing.B, features int32) *Plan {
	b.Helper()
	builder := NewBuilder()
	from := make([]int32, features)
	x := Span{builder.Number(0), features}
	for i := range features {
		from[i] = i
		if i > 0 {
			builder.Number(int(i))
		}
	}
	r := rand.New(rand.NewPCG(5, 6))
	values := func() []float64 {
		list := make([]float64, features)
		for i := range list {
			list[i] = 0.5 + r.Float64()
		}
		return list
	}
	scaled, decision, label, p, both := builder.Floats(int(features)), builder.Floats(1), builder.Floats(1), builder.Floats(1), builder.Floats(2)
	builder.Add(&Check{In: x, AllowNaN: true, Features: from}, &Arith{Op: "sub", In: x, Out: scaled, Values: values()},
		&Arith{Op: "div", In: scaled, Out: scaled, Values: values()}, &Check{In: scaled, Features: from},
		&MatMul{In: scaled, Out: decision, Weights: values(), Bias: []float64{0.1}}, &Above{In: decision.Start, Out: label.Start},
		&Map{Op: "expit", In: decision, Out: p}, &Select{From: []int32{p.Start}, Out: Span{both.Start + 1, 1}},
		&Arith{Op: "rsub", In: p, Out: Span{both.Start, 1}, Values: []float64{1}})
	builder.Output("label", label)
	builder.Output("probabilities", both)
	builder.Output("decision", decision)
	plan, err := builder.Plan()
	if err != nil {
		b.Fatal(err)
	}
	return plan
}

func BenchmarkLinear(b *testing.B) {
	const features = 3
	p := scaledLinear(b, features)
	for _, n := range []int{1, 10_000} {
		b.Run(fmt.Sprintf("batch=%d", n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(3, 4))
			in := Batch{N: n}
			for range n * features {
				in.Numbers = append(in.Numbers, r.NormFloat64())
			}
			var out Result
			b.ReportAllocs()
			for b.Loop() {
				p.Run(&in, &out)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/row")
		})
	}
}
