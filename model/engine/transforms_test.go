package engine

// addTransforms adds a step of each kind that transforms columns to a plan, and returns what they write. The input are two slots and a text.
func addTransforms(b *Builder, in Span, text TextSlot) Span {
	out := b.Floats(26)
	at := func(from, n int32) Span { return Span{Start: out.Start + from, N: n} }
	short, work := b.NewText(), b.Floats(20)
	for _, s := range []Step{
		&Bin{In: in, Out: at(0, 2), Right: true, Counts: []int32{2, 1}, Edges: []float64{-1, 0, 0.5}},
		&Quantile{In: in, Out: at(2, 2), Normal: true, References: []float64{0, 1}, Quantiles: []float64{-1, 0, 1, 2}},
		&Power{Family: "yeo-johnson", In: in, Out: at(4, 2), Lambda: []float64{0.5, 1.5}},
		&Monomials{Out: at(6, 1), Left: []int32{in.Start}, Right: []int32{in.Start + 1}},
		&Pair{Op: "add", Left: in, Right: in, Out: at(7, 2)},
		&Scale{Norm: "l1", In: in, Out: at(9, 2), Smallest: 1e-15},
		&Spline{In: one(in.Start), Out: at(11, 1), Outside: "constant", Margins: []int32{0}, Knots: []float64{-9, 9}},
		&Pool{Op: "median", In: in, Out: at(13, 1), Groups: []int32{0, 0}},
		&ImputeNearest{In: in, Out: at(14, 2), Missing: Number64(nan), Neighbors: 1, Fixed: []int32{0, 0}, Means: []float64{1, 2}, Donors: []float64{1, 2, 3, 0},
			Holes: []float64{0, 0, 0, 1}, Norms: []float64{5, 9}, Work: Span{work.Start, 14}},
		&Shrink{In: in, Out: at(18, 2), By: 0.5},
		&Pursuit{In: in, Out: at(20, 2), Row: in, Atoms: 1, Bound: 1e-6, Work: Span{work.Start, 10}, Gram: []float64{2, 1, 1, 3}},
		&Lasso{In: in, SquaredNorm: in.Start, Out: at(22, 2), Alpha: 0.1, Tolerance: 1e-8, Iterations: 9, Work: Span{work.Start, 8}, Gram: []float64{2, 1, 1, 3}},
		&Topics{In: in, Out: at(24, 2), Prior: 0.5, Tolerance: 1e-3, Iterations: 9, Work: Span{work.Start, 4}, Words: []float64{0.5, 0.1, 0.2, 0.6}},
		&Choose{Flags: at(0, 2), Then: in, Else: at(14, 2), Out: at(16, 2)},
		&TruncateText{In: text, Out: short, Runes: 2},
		&IndicateText{In: short, Out: out.Start + 12, Missing: "Kö"},
	} {
		b.Add(s)
	}
	return out
}
