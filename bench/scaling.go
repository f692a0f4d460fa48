package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"

	"sklambda/model/engine"
)

// scalingSeconds is how long each point is measured; the least of scalingRounds counts.
const (
	scalingSeconds = 0.06
	scalingRounds  = 3
	pool           = 1024 // rows that are asked in turn
)

// scaling times synthetic plans from small to large: complete trees whose splits send half of the rows either way, so a row visits depth + 1 nodes
// of each tree, and dense products. One thread.
func (b *bench) scaling(context.Context) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, part := range []func() error{b.scaleTrees, b.scaleRows, b.scaleFeatures, b.scaleClasses} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// scaleTrees varies trees and depth, one row at a time.
func (b *bench) scaleTrees() error {
	head := []string{"trees"}
	depths := []int{4, 6, 8, 10, 12}
	for _, depth := range depths {
		head = append(head, fmt.Sprintf("depth %d: µs a row", depth), "ns a node")
	}
	lists := make([]series, len(depths))
	var lines [][]string
	for _, trees := range []int{8, 32, 128, 512, 1024} {
		line := []string{fmt.Sprint(trees)}
		for i, depth := range depths {
			p, err := forest(trees, depth, 32, 1)
			if err != nil {
				return err
			}
			us := timePlan(p, 32, 1)
			lists[i].Name = fmt.Sprintf("depth %d", depth)
			lists[i].add(float64(trees*(depth+1)), us)
			line = append(line, figure(us), figure(us*1000/float64(trees*(depth+1))))
		}
		lines = append(lines, line)
	}
	b.report.table("scaling-trees", head, lines)
	b.report.Plots["trees.svg"] = plot{Title: "One row against nodes visited", X: "trees × (depth + 1)", Y: "µs a row", Series: lists}.svg()
	return nil
}

// scaleRows varies the rows of a call.
func (b *bench) scaleRows() error {
	var lines [][]string
	var lists []series
	for _, shape := range []struct {
		name         string
		trees, depth int
	}{{"100 trees, depth 6", 100, 6}, {"100 trees, depth 10", 100, 10}, {"500 trees, depth 12", 500, 12}} {
		p, err := forest(shape.trees, shape.depth, 32, 1)
		if err != nil {
			return err
		}
		one := series{Name: shape.name}
		line := []string{shape.name}
		for _, n := range []int{1, 4, 16, 64, 256, 1024, 16 * 1024} {
			us := timePlan(p, 32, n)
			one.add(float64(n), us)
			line = append(line, figure(us))
		}
		lines, lists = append(lines, line), append(lists, one)
	}
	b.report.table("scaling-rows", []string{"µs a row of calls of", "1 row", "4", "16", "64", "256", "1,024", "16,384"}, lines)
	b.report.Plots["rows.svg"] = plot{Title: "Time a row against the rows of a call", X: "rows of a call", Y: "µs a row", Series: lists}.svg()
	return nil
}

// scaleFeatures varies the columns of a dense product and of a forest.
func (b *bench) scaleFeatures() error {
	features := []int{4, 16, 64, 256, 1024}
	head, product, trees := []string{"µs a row"}, []string{"dense product, 1 output"}, []string{"100 trees, depth 8"}
	for _, n := range features {
		p, err := dense(n, 1)
		if err != nil {
			return err
		}
		f, err := forest(100, 8, n, 1)
		if err != nil {
			return err
		}
		head = append(head, fmt.Sprintf("%d features", n))
		product, trees = append(product, figure(timePlan(p, n, 1))), append(trees, figure(timePlan(f, n, 1)))
	}
	b.report.table("scaling-features", head, [][]string{product, trees})
	return nil
}

// scaleClasses varies the numbers that a leaf holds and a product gives.
func (b *bench) scaleClasses() error {
	head, product, trees := []string{"µs a row"}, []string{"dense product of 32 features"}, []string{"100 trees, depth 8"}
	for _, n := range []int{1, 2, 4, 16, 64, 256} {
		p, err := dense(32, n)
		if err != nil {
			return err
		}
		f, err := forest(100, 8, 32, n)
		if err != nil {
			return err
		}
		head = append(head, fmt.Sprintf("%d classes", n))
		product, trees = append(product, figure(timePlan(p, 32, 1))), append(trees, figure(timePlan(f, 32, 1)))
	}
	b.report.table("scaling-classes", head, [][]string{product, trees})
	return nil
}

// forest is a plan of complete trees with random splits near the middle of normal values.
func forest(trees, depth, features, classes int) (*engine.Plan, error) {
	r := rand.New(rand.NewPCG(1, 2))
	list := make([]engine.Tree, trees)
	for i := range list {
		list[i] = complete(r, depth, features, classes)
	}
	return planOf(features, classes, func(in, out engine.Span) ([]engine.Step, error) {
		return engine.PackTrees(engine.TreeSums{In: in, Out: out, Compare: engine.Float32LE}, list, nil)
	})
}

// complete is a tree in which every leaf is depth splits below the root.
func complete(r *rand.Rand, depth, features, classes int) engine.Tree {
	n := 1<<(depth+1) - 1
	inner := n / 2
	t := engine.Tree{Left: make([]int32, n), Right: make([]int32, n), Feature: make([]int32, n), Threshold: make([]float64, n),
		Values: make([]float64, n*classes), Width: classes}
	for i := range n {
		t.Left[i], t.Right[i] = -1, -1
		if i < inner {
			t.Left[i], t.Right[i] = int32(2*i+1), int32(2*i+2)
			t.Feature[i], t.Threshold[i] = int32(r.IntN(features)), r.NormFloat64()/4
			continue
		}
		for c := range classes {
			t.Values[i*classes+c] = r.Float64()
		}
	}
	return t
}

// dense is a plan of one product of all features.
func dense(features, classes int) (*engine.Plan, error) {
	weights := make([]float64, features*classes)
	for i := range weights {
		weights[i] = float64(i%7) - 3
	}
	return planOf(features, classes, func(in, out engine.Span) ([]engine.Step, error) {
		return []engine.Step{&engine.MatMul{In: in, Out: out, Weights: weights}}, nil
	})
}

// planOf is a plan of steps over numeric features.
func planOf(features, width int, steps func(in, out engine.Span) ([]engine.Step, error)) (*engine.Plan, error) {
	b := engine.NewBuilder()
	for f := range features {
		b.Number(f)
	}
	out := b.Floats(width)
	list, err := steps(engine.Span{N: int32(features)}, out)
	if err != nil {
		return nil, err
	}
	b.Add(list...)
	b.Output("value", out)
	return b.Plan()
}

// timePlan gives the µs a row of calls of n random rows, other rows each time.
func timePlan(p *engine.Plan, features, n int) float64 {
	r := rand.New(rand.NewPCG(3, 4))
	rows := max(pool, n)
	numbers := make([]float64, rows*features)
	for i := range numbers {
		numbers[i] = r.NormFloat64()
	}
	var out engine.Result
	at := 0
	call := func() {
		p.Run(&engine.Batch{N: n, Numbers: numbers[at*features : (at+n)*features]}, &out)
		if at += n; at+n > rows {
			at = 0
		}
	}
	least := microseconds(call, n, scalingSeconds)
	for range scalingRounds - 1 {
		least = min(least, microseconds(call, n, scalingSeconds))
	}
	return least
}
