package engine

// addTransforms adds a step of each kind that transforms columns to a plan, and returns what they write. The input are two slots and a text.
func addTransforms(b *Builder, in Span, text TextSlot) Span {
	out := b.Floats(14)
	at := func(from, n int32) Span { return Span{Start: out.Start + from, N: n} }
	short := b.NewText()
	for _, s := range []Step{
		&Bin{In: in, Out: at(0, 2), Right: true, Counts: []int32{2, 1}, Edges: []float64{-1, 0, 0.5}},
		&Quantile{In: in, Out: at(2, 2), Normal: true, References: []float64{0, 1}, Quantiles: []float64{-1, 0, 1, 2}},
		&Power{Family: "yeo-johnson", In: in, Out: at(4, 2), Lambda: []float64{0.5, 1.5}},
		&Monomials{Out: at(6, 1), Left: []int32{in.Start}, Right: []int32{in.Start + 1}},
		&Pair{Op: "add", Left: in, Right: in, Out: at(7, 2)},
		&Scale{Norm: "l1", In: in, Out: at(9, 2), Smallest: 1e-15},
		&Spline{In: one(in.Start), Out: at(11, 1), Outside: "constant", Margins: []int32{0}, Knots: []float64{-9, 9}},
		&Pool{Op: "median", In: in, Out: at(13, 1), Groups: []int32{0, 0}},
		&TruncateText{In: text, Out: short, Runes: 2},
		&IndicateText{In: short, Out: out.Start + 12, Missing: "Kö"},
	} {
		b.Add(s)
	}
	return out
}
