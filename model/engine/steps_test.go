package engine

import (
	"math"
	"testing"
)

var (
	nan     = math.NaN()
	inf     = math.Inf(1)
	negZero = math.Copysign(0, -1)
)

// span is the slots from a to before b.
func span(a, b int32) Span { return Span{Start: a, N: b - a} }

// bitsOf is an int64 as an Integer slot carries it.
func bitsOf(v int64) float64 { return math.Float64frombits(uint64(v)) }

// stepCase runs one step: inputs from slot 0 on (texts too), the step writes slot 8 on.
type stepCase struct {
	name     string
	step     Step
	in       []float64
	integers []int64
	text     string
	want     []float64
	wantErr  RowError
	wantText string
}

func (c *stepCase) plan() (*Plan, *Batch, error) {
	b := NewBuilder()
	batch := &Batch{N: 1, Numbers: c.in, Texts: []string{c.text}}
	for i := range c.in {
		b.Number(i)
	}
	for i, v := range c.integers {
		b.Integer(i)
		batch.Numbers = append(batch.Numbers[:len(batch.Numbers):len(batch.Numbers)], bitsOf(v))
	}
	b.Text(50)
	b.NewText()
	b.Floats(28 - b.floats)
	b.Add(c.step)
	if c.wantText != "" {
		b.Add(&IndicateText{In: 1, Out: 8, Missing: RawText(c.wantText)})
		c.want = []float64{1}
	}
	b.Output("out", span(8, 8+int32(len(c.want))))
	p, err := b.Plan()
	return p, batch, err
}

func TestSteps(t *testing.T) {
	t.Parallel()
	two := span(0, 2)
	three := span(0, 3)
	donors := func(weighted bool) Step { // three donors, the last without the first column
		return &ImputeNearest{In: two, Out: span(8, 10), Missing: Number64(nan), Neighbors: 2, Weighted: weighted, Fixed: []int32{0, 0}, Means: []float64{77, 2},
			Donors: []float64{10, 1, 20, 3, 0, 2}, Holes: []float64{0, 0, 0, 0, 1, 0}, Norms: []float64{101, 409, 4}, Work: span(10, 28)}
	}
	nearest := func(neighbors int32, values ...float64) Step { // some of three donors at 0.1, 0.3 and 0.7 in the other column
		return &ImputeNearest{In: two, Out: span(8, 10), Missing: Number64(nan), Neighbors: neighbors, Fixed: []int32{0, 0}, Means: []float64{77, 2},
			Donors: []float64{values[0], 0.1, values[1], 0.3, values[2], 0.7}, Holes: make([]float64, 6),
			Norms: []float64{values[0]*values[0] + 0.1*0.1, values[1]*values[1] + 0.3*0.3, values[2]*values[2] + 0.7*0.7}, Work: span(10, 28)}
	}
	weighted := func(values ...float64) Step { // the two nearest of those
		s := nearest(2, values...).(*ImputeNearest)
		s.Weighted, s.Bound = true, 1e-9
		return s
	}
	cases := []stepCase{
		{name: "select", step: &Select{From: []int32{2, 0, 0}, Out: span(8, 11)}, in: []float64{1, 2, 3}, want: []float64{3, 1, 1}},
		{name: "arith add", step: &Arith{Op: "add", In: two, Out: span(8, 10), Values: []float64{1, 2}}, in: []float64{3, 4}, want: []float64{4, 6}},
		{name: "arith sub", step: &Arith{Op: "sub", In: two, Out: span(8, 10), Values: []float64{1}}, in: []float64{3, 4}, want: []float64{2, 3}},
		{name: "arith rsub", step: &Arith{Op: "rsub", In: two, Out: span(8, 10), Values: []float64{1}}, in: []float64{0.1, 4}, want: []float64{1 - 0.1, -3}},
		{name: "arith mul", step: &Arith{Op: "mul", In: two, Out: span(8, 10), Values: []float64{0.1, 2}}, in: []float64{3, 4}, want: []float64{0.30000000000000004, 8}},
		{name: "arith div", step: &Arith{Op: "div", In: two, Out: span(8, 10), Values: []float64{0, 3}}, in: []float64{3, 1}, want: []float64{inf, 1. / 3}},
		{name: "arith float32", step: &Arith{Op: "div", In: two, Out: span(8, 10), Values: []float64{3}, Float32: true}, in: []float64{1, 1e39}, want: []float64{0.3333333432674408, 3.3333332943699295e+38}},
		{name: "clip", step: &Clip{In: three, Out: span(8, 11), Min: []float64{0}, Max: []float64{1, 2, 3}}, in: []float64{5, nan, -1}, want: []float64{1, nan, 0}},
		{name: "clip zeros", step: &Clip{In: two, Out: span(8, 10), Min: []float64{0}, Max: []float64{1}}, in: []float64{negZero, -inf}, want: []float64{negZero, 0}},
		{name: "clip nan bounds", step: &Clip{In: two, Out: span(8, 10), Min: []float64{nan, 0}, Max: []float64{9, nan}}, in: []float64{1, 1}, want: []float64{nan, nan}},
		{name: "map exp", step: &Map{Op: "exp", In: two, Out: span(8, 10)}, in: []float64{0, -inf}, want: []float64{1, 0}},
		{name: "map expit", step: &Map{Op: "expit", In: three, Out: span(8, 11)}, in: []float64{0, inf, -inf}, want: []float64{0.5, 1, 0}},
		{name: "map log", step: &Map{Op: "log", In: three, Out: span(8, 11)}, in: []float64{1, 0, -1}, want: []float64{0, -inf, nan}},
		{name: "map logit", step: &Map{Op: "logit", In: three, Out: span(8, 11)}, in: []float64{0.5, 0, 1}, want: []float64{0, -inf, inf}},
		{name: "map log of a subnormal", step: &Map{Op: "log", In: one(0), Out: span(8, 9)}, in: []float64{0x1p-1060}, want: []float64{-1060 * math.Ln2}},
		{name: "map sign", step: &Map{Op: "sign", In: three, Out: span(8, 11)}, in: []float64{-inf, negZero, nan}, want: []float64{-1, 0, nan}},
		{name: "map rint", step: &Map{Op: "rint", In: three, Out: span(8, 11)}, in: []float64{2.5, -0.5, 3.5}, want: []float64{2, negZero, 4}},
		{name: "bin", step: &Bin{In: two, Out: span(8, 10), Counts: []int32{2, 1}, Edges: []float64{1, 2, 5}}, in: []float64{2, nan}, want: []float64{1, 1}},
		{name: "bin right", step: &Bin{In: two, Out: span(8, 10), Right: true, Counts: []int32{2, 0}, Edges: []float64{1, 2}}, in: []float64{2, 7}, want: []float64{2, 0}},
		{name: "quantile", step: &Quantile{In: three, Out: span(8, 11), References: []float64{0, 0.25, 0.5, 1}, Quantiles: []float64{0, 1, 1, 3, 0, 1, 1, 3, 0, 1, 1, 3}}, in: []float64{1, 2, -5}, want: []float64{0.375, 0.75, 0}},
		{name: "inverse quantile", step: &Quantile{In: three, Out: span(8, 11), Inverse: true, References: []float64{0, 0.5, 1}, Quantiles: []float64{0, 1, 5, 0, 1, 5, 0, 1, 5}}, in: []float64{0.75, -1, nan}, want: []float64{3, 0, nan}},
		{name: "inverse quantile normal", step: &Quantile{In: three, Out: span(8, 11), Normal: true, Inverse: true, References: []float64{0, 1}, Quantiles: []float64{0, 4, 0, 4, 0, 4}}, in: []float64{0, -5.3, 5.3}, want: []float64{2, 0, 4}},
		{name: "inverse yeo-johnson", step: &Power{Family: "inverse-yeo-johnson", In: three, Out: span(8, 11), Lambda: []float64{2, 1, 2}}, in: []float64{1.5, -3, 0}, want: []float64{1, -3, 0}},
		{name: "inverse yeo-johnson at the edges", step: &Power{Family: "inverse-yeo-johnson", In: two, Out: span(8, 10), Lambda: []float64{0, 2}}, in: []float64{0, math.Copysign(0, -1)}, want: []float64{0, 0}},
		{name: "inverse box-cox", step: &Power{Family: "inverse-box-cox", In: three, Out: span(8, 11), Lambda: []float64{0, 1, 1}}, in: []float64{0, 0, nan}, want: []float64{1, 1, nan}},
		{name: "quantile normal", step: &Quantile{In: two, Out: span(8, 10), Normal: true, References: []float64{0, 1}, Quantiles: []float64{0, 1, 0, 1}}, in: []float64{0.5, nan}, want: []float64{0, nan}},
		{name: "domain", step: &Domain{In: two, Min: []float64{0}, Max: []float64{1}, Features: []int32{5, 6}}, in: []float64{nan, 1.5}, wantErr: RowError{OutOfDomain, 6}},
		{name: "domain open", step: &Domain{In: one(0), Open: true, Min: []float64{0}, Max: []float64{1}, Features: []int32{5}}, in: []float64{0}, wantErr: RowError{OutOfDomain, 5}},
		{name: "power", step: &Power{Family: "yeo-johnson", In: two, Out: span(8, 10), Lambda: []float64{1, 1}}, in: []float64{0, nan}, want: []float64{0, nan}},
		{name: "power box-cox", step: &Power{Family: "box-cox", In: two, Out: span(8, 10), Lambda: []float64{0, 2}}, in: []float64{1, 1}, want: []float64{0, 0}},
		{name: "power at a pole", step: &Power{Family: "yeo-johnson-pow", In: two, Out: span(8, 10), Lambda: []float64{2, 1}}, in: []float64{3, -1}, want: []float64{7.5, -1}},
		{name: "products", step: &Monomials{Out: span(8, 10), Left: []int32{0, 8}, Right: []int32{1, 1}}, in: []float64{3, 5}, want: []float64{15, 75}},
		{name: "products sparse", step: &Monomials{Out: span(8, 9), Sparse: true, Left: []int32{0}, Right: []int32{1}}, in: []float64{negZero, inf}, want: []float64{0}},
		{name: "products float32", step: &Monomials{Out: span(8, 9), Float32: true, Left: []int32{0}, Right: []int32{0}}, in: []float64{1e30}, want: []float64{inf}},
		{name: "pair", step: &Pair{Op: "sub", Left: two, Right: two, Out: span(8, 10)}, in: []float64{3, inf}, want: []float64{0, nan}},
		{name: "pair by one", step: &Pair{Op: "div", Left: two, Right: one(1), Out: span(8, 10)}, in: []float64{3, 2}, want: []float64{1.5, 1}},
		{name: "scale l1", step: &Scale{Norm: "l1", In: two, Out: span(8, 10)}, in: []float64{-3, 1}, want: []float64{-0.75, 0.25}},
		{name: "scale l2", step: &Scale{Norm: "l2", In: two, Out: span(8, 10)}, in: []float64{3, -4}, want: []float64{0.6, -0.8}},
		{name: "scale max", step: &Scale{Norm: "max", In: two, Out: span(8, 10)}, in: []float64{2, -4}, want: []float64{0.5, -1}},
		{name: "scale zeros", step: &Scale{Norm: "max", In: two, Out: span(8, 10), Smallest: 1e-15}, in: []float64{0, 1e-20}, want: []float64{0, 1e-20}},
		{name: "spline", step: &Spline{In: one(0), Out: span(8, 11), Degree: 1, Outside: "constant", Margins: []int32{1}, Knots: []float64{-1, 0, 1, 2, 3}}, in: []float64{0.25}, want: []float64{0.75, 0.25, 0}},
		{name: "spline constant", step: &Spline{In: one(0), Out: span(8, 11), Degree: 1, Outside: "constant", Margins: []int32{1}, Knots: []float64{-1, 0, 1, 2, 3}}, in: []float64{9}, want: []float64{0, 0, 1}},
		{name: "spline linear", step: &Spline{In: one(0), Out: span(8, 11), Degree: 1, Outside: "linear", Margins: []int32{1}, Knots: []float64{-1, 0, 1, 2, 3}}, in: []float64{4}, want: []float64{0, -2, 3}},
		{name: "spline periodic", step: &Spline{In: one(0), Out: span(8, 10), Degree: 1, Outside: "periodic", Margins: []int32{1}, Knots: []float64{-1, 0, 1, 2, 3}}, in: []float64{-0.25}, want: []float64{0.75, 0.25}},
		{name: "spline missing", step: &Spline{In: one(0), Out: span(8, 10), Degree: 1, Outside: "continue", DropLast: true, Margins: []int32{1}, Knots: []float64{-1, 0, 1, 2, 3}}, in: []float64{nan}, want: []float64{0, 0}},
		{name: "pool mean", step: &Pool{Op: "mean", In: three, Out: span(8, 10), Groups: []int32{1, 0, 1}}, in: []float64{1, 5, 2}, want: []float64{5, 1.5}},
		{name: "pool median", step: &Pool{Op: "median", In: three, Out: one(8), Groups: []int32{0, 0, 0}}, in: []float64{4, 1, 4}, want: []float64{4}},
		{name: "pool max", step: &Pool{Op: "max", In: two, Out: one(8), Groups: []int32{0, 0}}, in: []float64{-4, -1}, want: []float64{-1}},
		{name: "choose", step: &Choose{Flags: two, Then: two, Else: span(2, 4), Out: span(8, 10)}, in: []float64{0, 5, 7, 8}, want: []float64{7, 5}},
		{name: "impute nearest", step: donors(false), in: []float64{nan, 2}, want: []float64{15, 2}},
		{name: "impute nearest weighted", step: donors(true), in: []float64{nan, 1}, want: []float64{10, 1}},
		{name: "impute nearest of two", step: nearest(1, 1, 2, 3), in: []float64{nan, 0.3 - 0.1001}, want: []float64{1, 0.3 - 0.1001}},
		{name: "impute nearest, as near but for rounding", step: nearest(1, 1, 2, 3), in: []float64{nan, 0.2}, want: []float64{nan, nan}, wantErr: RowError{Tie, -1}},
		{name: "impute nearest, both of those as near", step: nearest(2, 1, 2, 3), in: []float64{nan, 0.2}, want: []float64{1.5, 0.2}},
		{name: "impute nearest, as near and alike", step: nearest(1, 2, 2, 3), in: []float64{nan, 0.2}, want: []float64{2, 0.2}},
		{name: "impute nearest, at a donor but for rounding", step: weighted(1, 2, 3), in: []float64{nan, 0.1}, want: []float64{nan, nan}, wantErr: RowError{Unstable, -1}},
		{name: "impute nearest, next to a donor", step: weighted(1, 2, 3), in: []float64{nan, 0.1 + 1e-6}, want: []float64{nan, nan}, wantErr: RowError{Unstable, -1}},
		{name: "impute nearest, at a donor like the next", step: weighted(2, 2, 3), in: []float64{nan, 0.1}, want: []float64{2, 0.1}},
		{name: "impute nearest without a common column", step: donors(false), in: []float64{nan, nan}, want: []float64{77, 2}},
		{name: "shrink", step: &Shrink{In: three, Out: span(8, 11), By: 1}, in: []float64{3, -0.5, -2}, want: []float64{2, negZero, -1}},
		{name: "shrink positive", step: &Shrink{In: two, Out: span(8, 10), By: 1, Positive: true}, in: []float64{3, -2}, want: []float64{2, 0}},
		{name: "pursuit", step: &Pursuit{In: two, Out: span(8, 10), Row: one(0), Bound: 1e-12, Atoms: 1, Work: span(10, 20), Gram: []float64{4, 0, 0, 1}}, in: []float64{8, 1}, want: []float64{2, 0}},
		{name: "pursuit of all", step: &Pursuit{In: two, Out: span(8, 10), Row: one(0), Bound: 1e-12, Atoms: 2, Work: span(10, 26), Gram: []float64{4, 0, 0, 4}}, in: []float64{8, 12}, want: []float64{2, 3}},
		{name: "pursuit of equals", step: &Pursuit{In: two, Out: span(8, 10), Row: one(0), Bound: 1e-12, Atoms: 1, Work: span(10, 20), Gram: []float64{1, 0, 0, 1}}, in: []float64{2, 2}, want: []float64{2, 0}},
		{name: "pursuit of equals but for rounding", step: &Pursuit{In: two, Out: span(8, 10), Row: one(0), Bound: 1e-12, Atoms: 1, Work: span(10, 20), Gram: []float64{1, 0, 0, 1}},
			in: []float64{0.3, 0.3}, want: []float64{nan, nan}, wantErr: RowError{Unstable, -1}},
		{name: "pursuit of near atoms", step: &Pursuit{In: two, Out: span(8, 10), Row: one(0), Bound: 1e-12, Atoms: 2, Work: span(10, 26), Gram: []float64{1, 1 - 1e-8, 1 - 1e-8, 1}},
			in: []float64{2, 1}, want: []float64{nan, nan}, wantErr: RowError{Unstable, -1}},
		{name: "pursuit of nothing", step: &Pursuit{In: two, Out: span(8, 10), Row: one(0), Bound: 1e-12, Atoms: 1, Work: span(10, 20), Gram: []float64{4, 0, 0, 1}}, in: []float64{0, 0}, want: []float64{0, 0}},
		{name: "lasso", step: &Lasso{In: two, SquaredNorm: 2, Out: span(8, 10), Alpha: 1, Tolerance: 1e-8, Iterations: 100, Work: span(10, 18), Gram: []float64{1, 0, 0, 2}}, in: []float64{3, -2, 20}, want: []float64{2, -0.5}},
		{name: "lasso without a penalty", step: &Lasso{In: two, SquaredNorm: 2, Out: span(8, 10), Tolerance: 1e-8, Iterations: 100, Work: span(10, 18), Gram: []float64{1, 0, 0, 2}}, in: []float64{3, -2, 20}, want: []float64{3, -1}},
		{name: "topics of an empty row", step: &Topics{In: two, Out: span(8, 10), Prior: 0.5, Iterations: 5, Work: span(10, 14), Words: []float64{1, 0, 0, 1}}, in: []float64{0, 0}, want: []float64{0.5, 0.5}},
		{name: "truncate text", step: &TruncateText{In: 0, Out: 1, Runes: 2}, text: "éab", wantText: "éa"},
		{name: "truncate short text", step: &TruncateText{In: 0, Out: 1, Runes: 9}, text: "éab", wantText: "éab"},
		{name: "map float32", step: &Map{Op: "float32", In: two, Out: span(8, 10)}, in: []float64{0.1, 1e300}, want: []float64{0.10000000149011612, inf}},
		{name: "map cos", step: &Map{Op: "cos", In: two, Out: span(8, 10)}, in: []float64{0, inf}, want: []float64{1, nan}},
		{name: "map positive", step: &Map{Op: "positive", In: three, Out: span(8, 11)}, in: []float64{0, 1e-300, nan}, want: []float64{0, 1, 0}},
		{name: "map relu", step: &Map{Op: "relu", In: three, Out: span(8, 11)}, in: []float64{-1, 2, nan}, want: []float64{0, 2, nan}},
		{name: "map square", step: &Map{Op: "square", In: two, Out: span(8, 10)}, in: []float64{-3, 1e300}, want: []float64{9, inf}},
		{name: "map tanh", step: &Map{Op: "tanh", In: two, Out: span(8, 10)}, in: []float64{0, -inf}, want: []float64{0, -1}},
		{name: "map trunc", step: &Map{Op: "trunc", In: two, Out: span(8, 10)}, in: []float64{2.9, -2.9}, want: []float64{2, -2}},
		{name: "kernel", step: &Kernel{Op: "polynomial", Gram: Plain, In: two, Out: span(8, 10), Gamma: 1, Coef0: 1, Degree: 4, Points: []float64{1, 2, 0, 0}}, in: []float64{1, 1}, want: []float64{256, 1}},
		{name: "pair sums", step: &PairSums{In: span(0, 4), Out: span(8, 11), Counts: []int32{1, 2, 1}, Coef: []float64{1, 2, 4, 8, 10, 20, 40, 80}, Bias: []float64{0.5, 0, 0}},
			in: []float64{1, 3, 5, 7}, want: []float64{27.5, 66, 820}},
		{name: "pair sums of a sign that rounding decides", step: &PairSums{In: two, Out: span(8, 9), Counts: []int32{1, 1}, Coef: []float64{1, -1}, Bias: []float64{-0.1}},
			in: []float64{0.3, 0.2}, want: []float64{nan}, wantErr: RowError{Unstable, -1}},
		{name: "pair sums keep infinities apart", step: &PairSums{In: three, Out: span(8, 11), Counts: []int32{1, 1, 1}, Coef: []float64{1, 0, 0, 1, 1, 0}, Bias: []float64{0, 0, 0}},
			in: []float64{1, 2, inf}, want: []float64{1, nan, nan}},
		{name: "pair votes", step: &PairVotes{Predictions: three, Out: span(8, 11)}, in: []float64{0, 1, 1}, want: []float64{1, 0, 2}},
		{name: "pair votes of two", step: &PairVotes{Predictions: span(0, 1), Out: span(8, 10)}, in: []float64{1}, want: []float64{0, 1}},
		{name: "pair votes of four", step: &PairVotes{Predictions: span(0, 6), Out: span(8, 12)}, in: []float64{0, 1, 0, 1, 0, 1}, want: []float64{2, 1, 2, 1}},
		{name: "pair votes and confidences", step: &PairVotes{Predictions: three, Confidences: span(3, 6), Out: span(8, 11)}, in: []float64{0, 1, 1, -1, 2, 1},
			want: []float64{1 - 1./6, 0 - 2./9, 2.25}},
		{name: "pair probabilities", step: &PairProbabilities{In: span(0, 1), Out: span(8, 10), Work: span(10, 20), A: []float64{-1}, B: []float64{0}}, in: []float64{0}, want: []float64{0.5, 0.5}},
		{name: "log softmax", step: &LogSoftmax{In: two, Out: span(8, 10)}, in: []float64{0, 0}, want: []float64{-math.Ln2, -math.Ln2}},
		{name: "log softmax of infinities", step: &LogSoftmax{In: two, Out: span(8, 10)}, in: []float64{-inf, -inf}, want: []float64{nan, nan}},
		{name: "log softmax of one", step: &LogSoftmax{In: two, Out: span(8, 10)}, in: []float64{5, -inf}, want: []float64{0, -inf}},
		{name: "interpolate", step: &Interpolate{In: 0, Out: 8, X: []float64{0, 1, 3}, Y: []float64{0, 10, 20}}, in: []float64{1.5}, want: []float64{12.5}},
		{name: "interpolate at a point", step: &Interpolate{In: 0, Out: 8, X: []float64{0, 1, 3}, Y: []float64{0, 10, 20}}, in: []float64{3}, want: []float64{20}},
		{name: "interpolate above", step: &Interpolate{In: 0, Out: 8, X: []float64{0, 1}, Y: []float64{0, 10}}, in: []float64{3}, want: []float64{10}},
		{name: "interpolate below", step: &Interpolate{In: 0, Out: 8, X: []float64{0, 1}, Y: []float64{2, 10}}, in: []float64{-inf}, want: []float64{2}},
		{name: "interpolate outside", step: &Interpolate{In: 0, Out: 8, Outside: true, X: []float64{0, 1}, Y: []float64{2, 10}}, in: []float64{1.5}, want: []float64{nan}},
		{name: "interpolate float32", step: &Interpolate{In: 0, Out: 8, Float32: true, X: []float64{0, 3}, Y: []float64{0, 1}}, in: []float64{1}, want: []float64{0.3333333432674408}},
		{name: "sum rows", step: &SumRows{In: two, Out: span(8, 10), Widths: []int32{1, 2}, Rows: []float64{1, 2, 10, 20, 100, 200}, Bias: []float64{0.5, 0}}, in: []float64{0, 1}, want: []float64{101.5, 202}},
		{name: "sum rows outside", step: &SumRows{In: two, Out: span(8, 9), Widths: []int32{1, 1}, Rows: []float64{1, 2}, Bias: []float64{0}}, in: []float64{1, 0}, want: []float64{nan}},
		{name: "chi squared features", step: &ChiSquaredFeatures{In: two, Out: span(8, 14), Steps: 2, Interval: 0.5}, in: []float64{0, 2}, want: []float64{0, 1, 0, 0.8397063994768549, 0, 0.30326027328746813}},
		{name: "count sketch", step: &CountSketch{In: two, Out: span(8, 11), Work: span(12, 18), Noise: 1e-9, Columns: []int32{0, 2, 1, 1}, Signs: []float64{1, -1, 1, 1}}, in: []float64{2, 3}, want: []float64{-15, 10, 0}},
		{name: "count sketch of one column", step: &CountSketch{In: two, Out: span(8, 9), Work: span(12, 14), Noise: 1e-9, Columns: []int32{0, 0, 0, 0}, Signs: []float64{1, -1, 1, 1}},
			in: []float64{1e200, 3}, want: []float64{inf}},
		{name: "projection", step: &Projection{In: two, Out: span(8, 10), Weights: []float64{0.1, 1, 1, 2}}, in: []float64{3, 4}, want: []float64{4.3, 11}},
		{name: "kernel of a high power", step: &Kernel{Op: "polynomial", Gram: Paired, In: two, Out: span(8, 9), Gamma: 1, Degree: 5, Points: []float64{0.1, 0}}, in: []float64{3, 0}, want: []float64{0.0024300000000000016}},
		{name: "kernel out of range", step: &Kernel{Op: "polynomial", Gram: Paired, In: two, Out: span(8, 9), Gamma: 1, Degree: 3, Points: []float64{1, 0}}, in: []float64{-1e200, 0}, want: []float64{-inf}},
		{name: "centre kernel", step: &CentreKernel{In: three, Out: span(8, 11), All: 0.5, Rows: []float64{1, 2, 3}}, in: []float64{3, 4, 5}, want: []float64{-1.5, -1.5, -1.5}},
		{name: "mat mul", step: &MatMul{In: two, Out: span(8, 10), Weights: []float64{1, 2, 3, 4}, Bias: []float64{10, 20}}, in: []float64{1, 10}, want: []float64{31, 63}},
		{name: "mat mul without bias", step: &MatMul{In: two, Out: span(8, 9), Weights: []float64{1, 2}}, in: []float64{1, nan}, want: []float64{nan}},
		{name: "softmax", step: &Softmax{In: two, Out: span(8, 10)}, in: []float64{1000, 1000}, want: []float64{0.5, 0.5}},
		{name: "softmax in float32", step: &Softmax32{In: two, Out: span(8, 10)}, in: []float64{0.5, 1.5}, want: []float64{0.2689414322376251, 0.7310585975646973}},
		{name: "softmax nan", step: &Softmax{In: two, Out: span(8, 10)}, in: []float64{1, nan}, want: []float64{nan, nan}},
		{name: "normalize", step: &Normalize{In: two, Out: span(8, 10), ZeroSum: "nan"}, in: []float64{1, 3}, want: []float64{0.25, 0.75}},
		{name: "normalize zeros", step: &Normalize{In: two, Out: span(8, 10), ZeroSum: "nan"}, in: []float64{0, 0}, want: []float64{nan, nan}},
		{name: "normalize zeros uniformly", step: &Normalize{In: two, Out: span(8, 10), ZeroSum: "uniform"}, in: []float64{0, 0}, want: []float64{0.5, 0.5}},
		{name: "normalize zeros kept", step: &Normalize{In: two, Out: span(8, 10), ZeroSum: "keep"}, in: []float64{0, negZero}, want: []float64{0, negZero}},
		{name: "map exp2", step: &Map{Op: "exp2", In: three, Out: span(8, 11)}, in: []float64{-0.5, -1, nan}, want: []float64{math.Sqrt2 / 2, 0.5, nan}},
		{name: "map exp2 extremes", step: &Map{Op: "exp2", In: three, Out: span(8, 11)}, in: []float64{-inf, 1100, -1000}, want: []float64{0, inf, 0x1p-1000}},
		{name: "weighted sum", step: &WeightedSum{From: []int32{0, 1}, Weights: []float64{2, 3}, Out: span(8, 10)}, in: []float64{1, 10, 100}, want: []float64{32, 320}},
		{name: "sum of negative zeros", step: &WeightedSum{From: []int32{0, 0}, Out: span(8, 9)}, in: []float64{negZero}, want: []float64{negZero}},
		{name: "sum from zero", step: &WeightedSum{From: []int32{0, 0}, FromZero: true, Out: span(8, 9)}, in: []float64{negZero}, want: []float64{0}},
		{name: "gather", step: &Gather{In: 0, Out: span(8, 10), Table: []float64{1, 2, 3, 4}}, in: []float64{1}, want: []float64{3, 4}},
		{name: "gather outside", step: &Gather{In: 0, Out: span(8, 10), Table: []float64{1, 2, 3, 4}}, in: []float64{2}, want: []float64{nan, nan}},
		{name: "weighted median", step: &WeightedMedian{In: span(0, 4), Out: 8, Work: span(9, 13), Weights: []float64{1, 1, 1, 4}}, in: []float64{1, 2, 0, 7}, want: []float64{7}},
		{name: "weighted median at half", step: &WeightedMedian{In: span(0, 4), Out: 8, Work: span(9, 13), Weights: []float64{1, 1, 1, 1}}, in: []float64{5, 2, 9, 7}, want: []float64{5}},
		{name: "weighted median nan", step: &WeightedMedian{In: three, Out: 8, Work: span(9, 12), Weights: []float64{3, 1, 1}}, in: []float64{nan, 2, 1}, want: []float64{nan}},
		{name: "log probabilities", step: &LogProbabilities{In: two, Out: span(8, 10), Epsilon: 0.5}, in: []float64{0.5, 0.5}, want: []float64{0, 0}},
		{name: "log of no probabilities", step: &LogProbabilities{In: two, Out: span(8, 10)}, in: []float64{0.5, 0.6}, want: []float64{0.5, 0.6}},
		{name: "log of values outside", step: &LogProbabilities{In: two, Out: span(8, 10)}, in: []float64{-0.5, 1.5}, want: []float64{-0.5, 1.5}},
		{name: "arg max tie", step: &ArgMax{In: three, Out: 8}, in: []float64{1, 3, 3}, want: []float64{1}},
		{name: "arg max nan", step: &ArgMax{In: span(0, 4), Out: 8}, in: []float64{inf, 3, nan, nan}, want: []float64{2}},
		{name: "arg max zeros", step: &ArgMax{In: two, Out: 8}, in: []float64{negZero, 0}, want: []float64{0}},
		{name: "above", step: &Above{In: 0, Out: 8, Value: 0.5}, in: []float64{0.5}, want: []float64{0}},
		{name: "above more", step: &Above{In: 0, Out: 8, Value: 0.5}, in: []float64{math.Nextafter(0.5, 1)}, want: []float64{1}},
		{name: "above or equal", step: &Above{In: 0, Out: 8, Value: 0.5, OrEqual: true}, in: []float64{0.5}, want: []float64{1}},
		{name: "above nan", step: &Above{In: 0, Out: 8, Value: 0.5, OrEqual: true}, in: []float64{nan}, want: []float64{0}},
	}
	// held by TestCheck, TestDomain, TestTreesAgainstLiteral and TestInverseWeights
	kinds := map[string]bool{"check": true, "domain": true, "trees": true, "small_trees": true, "inverse_weights": true}
	cases = append(cases, neighborCases()...)
	cases = append(cases, steadyCases()...)
	cases = append(cases, lookupCases()...)
	for _, c := range sparseCases() { // held by TestSparseSteps
		for _, s := range c.steps {
			kinds[s.Kind()] = true
		}
	}
	kinds["sparse_dense"] = true
	for _, c := range cases {
		kinds[c.step.Kind()] = true
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, batch, err := c.plan()
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range []*Plan{p, reload(t, p)} {
				var out Result
				p.Run(batch, &out)
				if err := sameBits(out.Values, c.want); err != nil {
					t.Error(err)
				}
				if out.Errors[0] != c.wantErr {
					t.Errorf("error is %v, want %v", out.Errors[0], c.wantErr)
				}
			}
		})
	}
	for _, kind := range stepKinds() {
		if !kinds[kind] {
			t.Errorf("no case for the step %q", kind)
		}
	}
}

// TestInPlace runs the steps that work in place on their own input.
func TestInPlace(t *testing.T) {
	t.Parallel()
	s := span(0, 2)
	for _, step := range []Step{
		&Arith{Op: "rsub", In: s, Out: s, Values: []float64{1, 2}},
		&Clip{In: s, Out: s, Min: []float64{0}, Max: []float64{1}},
		&Map{Op: "expit", In: s, Out: s},
		&Impute{In: s, Out: s, Missing: 3, Fill: []float64{1, 2}},
		&Softmax{In: s, Out: s},
		&Normalize{In: s, Out: s, ZeroSum: "nan"},
	} {
		t.Run(step.Kind(), func(t *testing.T) {
			t.Parallel()
			c := stepCase{step: step, in: []float64{3, -0.5}}
			b := NewBuilder()
			b.Number(0)
			b.Number(1)
			b.Add(step)
			b.Output("out", s)
			p, err := b.Plan()
			if err != nil {
				t.Fatal(err)
			}
			var got Result
			p.Run(&Batch{N: 1, Numbers: c.in}, &got)
			if err := sameBits(got.Values, apartFrom(t, step, c.in)); err != nil {
				t.Error(err)
			}
		})
	}
}

// apartFrom runs a copy of an in-place step into slots of its own.
func apartFrom(t *testing.T, step Step, in []float64) []float64 {
	t.Helper()
	out := span(8, 10)
	switch s := step.(type) {
	case *Arith:
		step = &Arith{Op: s.Op, In: s.In, Out: out, Values: s.Values}
	case *Clip:
		step = &Clip{In: s.In, Out: out, Min: s.Min, Max: s.Max}
	case *Map:
		step = &Map{Op: s.Op, In: s.In, Out: out}
	case *Impute:
		step = &Impute{In: s.In, Out: out, Missing: s.Missing, Fill: s.Fill}
	case *Softmax:
		step = &Softmax{In: s.In, Out: out}
	case *Normalize:
		step = &Normalize{In: s.In, Out: out, ZeroSum: s.ZeroSum}
	}
	c := stepCase{step: step, in: in, want: make([]float64, 2)}
	p, batch, err := c.plan()
	if err != nil {
		t.Fatal(err)
	}
	var r Result
	p.Run(batch, &r)
	return r.Values
}

func TestCheck(t *testing.T) {
	t.Parallel()
	limit := float64(math.MaxFloat32) + 0x1p103 // half an ulp more: rounds to infinity
	cases := []struct {
		name  string
		check Check
		in    []float64
		want  RowError
	}{
		{"clean", Check{}, []float64{1, -1e300}, RowError{}},
		{"nan", Check{}, []float64{1, nan}, RowError{MissingValue, 7}},
		{"inf", Check{}, []float64{-inf, nan}, RowError{NotFinite, -1}},
		{"nan allowed", Check{AllowNaN: true}, []float64{nan, inf}, RowError{NotFinite, 7}},
		{"all allowed", Check{AllowNaN: true, AllowInf: true, Float32: true}, []float64{nan, inf}, RowError{}},
		{"too large", Check{Float32: true}, []float64{1, -1e300}, RowError{TooLarge, 7}},
		{"just too large", Check{Float32: true}, []float64{1, limit}, RowError{TooLarge, 7}},
		{"just not too large", Check{Float32: true}, []float64{1, math.Nextafter(limit, 0)}, RowError{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.check.In, c.check.Features = span(0, 2), []int32{-1, 7}
			b := NewBuilder()
			b.Number(0)
			b.Number(7)
			b.Add(&c.check)
			b.Output("out", span(0, 2))
			p, err := b.Plan()
			if err != nil {
				t.Fatal(err)
			}
			var out Result
			reload(t, p).Run(&Batch{N: 1, Numbers: c.in}, &out)
			if out.Errors[0] != c.want {
				t.Errorf("got %v, want %v", out.Errors[0], c.want)
			}
		})
	}
}
