package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// forest is a synthetic plan of trees whose rows are random.
func forest(b *testing.B, compare Compare, trees, leaves, features int) *Plan {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	list := make([]Tree, trees)
	for i := range list {
		list[i] = randomTree(r, leaves, features, 0)
		for k := range list[i].Threshold {
			list[i].Threshold[k] = r.NormFloat64()
		}
		list[i].MissingLeft = nil
	}
	builder := NewBuilder()
	for f := range features {
		builder.Number(f)
	}
	out := builder.Floats(4)
	steps, err := PackTrees(TreeSums{In: Span{N: int32(features)}, Out: out, Compare: compare}, list, nil)
	if err != nil {
		b.Fatal(err)
	}
	builder.Add(steps...)
	builder.Output("out", out)
	p, err := builder.Plan()
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func BenchmarkRun(b *testing.B) {
	const pool = 1024
	for _, model := range []struct {
		compare                 Compare
		trees, leaves, features int
	}{{Float32LE, 100, 740, 67}, {Float64LE, 200, 31, 30}, {Float32LE, 500, 1800, 30}} {
		var p *Plan
		for _, n := range []int{1, pool} {
			b.Run(fmt.Sprintf("model=%s-%dx%d/batch=%d", model.compare, model.trees, model.leaves, n), func(b *testing.B) {
				if p == nil {
					p = forest(b, model.compare, model.trees, model.leaves, model.features)
				}
				r := rand.New(rand.NewPCG(3, 4))
				rows := make([]float64, pool*model.features)
				for i := range rows {
					rows[i] = r.NormFloat64()
				}
				var in Batch
				var out Result
				at := 0
				b.ReportAllocs()
				for b.Loop() {
					in = Batch{N: n, Numbers: rows[at*model.features : (at+n)*model.features]}
					p.Run(&in, &out)
					if at++; at+n > pool {
						at = 0
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/row")
			})
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	small, _ := fullPlan(b)
	for name, p := range map[string]*Plan{"steps": small, "forest": forest(b, Float32LE, 500, 1800, 30)} {
		data := encode(b, p)
		b.Run("model="+name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := Load(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
