package engine

import (
	"math"
	"testing"
)

// line holds the points 0, 1, 1, 3, 4 and 6 of one column, as a set and as a tree of two leaves.
var line = []float64{0, 1, 1, 3, 4, 6}

func lineTree(ball bool) SpaceTree {
	t := SpaceTree{Ball: ball, Data: line, Order: []int32{5, 4, 3, 2, 1, 0}, Starts: []int32{0, 0, 3}, Ends: []int32{6, 3, 6}, Leaf: []int32{0, 1, 1}}
	if ball {
		t.Radius, t.Bounds = []float64{3.5, 2. / 3, 5. / 3}, []float64{2.5, 2. / 3, 13. / 3}
	} else {
		t.Radius, t.Bounds = make([]float64, 3), []float64{0, 0, 3, 6, 1, 6}
	}
	return t
}

var euclid = Metric{Name: "euclidean"}

// tophat is a density over the balls of line: one of a row that none of the points reaches is certain where no ball does, and noise where two do.
func tophat(bandwidth float64) *KernelDensity {
	return &KernelDensity{In: span(0, 1), Out: 8, Kernel: "tophat", Bandwidth: Number64(bandwidth), LogATol: Number64(-inf), LogRTol: Number64(-inf),
		LogTotal: Number64(math.Log(6)), Bound: 1e-9, Metric: euclid, SpaceTree: lineTree(true), NodeWeights: []float64{6, 3, 3}}
}

// neighborCases run one step of neighbors.go, vote.go or density.go each.
func neighborCases() []stepCase {
	set := Points{Metric: Metric{Name: "manhattan"}, Data: line}
	gram := Points{Metric: euclid, Gram: Fused, Data: line, Norms: []float64{0, 1, 1, 9, 16, 36}}
	tenths := Points{Metric: euclid, Gram: Fused, Data: []float64{0.3, 0.7}, Norms: []float64{0.09, 0.49}}
	holes := Points{Metric: Metric{Name: "nan_euclidean"}, Data: []float64{0.1, 0.3}}
	three, two := span(0, 3), span(0, 2)
	all, counted := Neighborhood{Indices: three, Count: -1}, Neighborhood{Indices: three, Count: 3}
	weighted := Neighborhood{Indices: two, Weights: span(2, 4), Count: -1}
	labels, widths := []int32{0, 0, 1, 1, 2, 2}, []int32{3}
	alike := []int32{0, 1, 1, 1, 0, 0}
	return []stepCase{
		{name: "nearest by heap", step: &Nearest{In: span(0, 1), Indices: span(8, 11), Distances: span(11, 14), Search: Heap, Points: set},
			in: []float64{2}, want: []float64{3, 2, 1, 1, 1, 1}},
		{name: "nearest by a stable order", step: &Nearest{In: span(0, 1), Indices: span(8, 10), Distances: span(10, 12), Search: Stable, Points: set, Precision: Precision{Groups: alike}},
			in: []float64{2}, want: []float64{1, 2, 1, 1}},
		{name: "nearest of points that answer differently", step: &Nearest{In: span(0, 1), Indices: span(8, 10), Distances: span(10, 12), Search: Stable, Points: set},
			in: []float64{2}, want: []float64{nan, nan, nan, nan}, wantErr: RowError{Tie, -1}},
		{name: "nearest by products", step: &Nearest{In: span(0, 1), Indices: span(8, 10), Distances: span(10, 12), Scratch: span(12, 16), Search: Merged, Points: gram},
			in: []float64{5}, want: []float64{4, 5, 1, 1}},
		{name: "nearest to itself by products", step: &Nearest{In: span(0, 1), Indices: span(8, 9), Distances: span(9, 10), Search: Heap, Points: tenths, Precision: Precision{Bound: 1e-12}},
			in: []float64{0.3}, want: []float64{nan, nan}, wantErr: RowError{Unstable, -1}},
		{name: "nearest to a whole number by products", step: &Nearest{In: span(0, 1), Indices: span(8, 9), Distances: span(9, 10), Search: Heap, Points: gram, Precision: Precision{Bound: 1e-12, Weights: true}},
			in: []float64{4}, want: []float64{4, 0}},
		{name: "nearest to itself by products, for weights", step: &Nearest{In: span(0, 1), Indices: span(8, 10), Distances: span(10, 12), Search: Heap, Points: tenths,
			Precision: Precision{Bound: 1e-9, Weights: true}}, in: []float64{0.3}, want: []float64{nan, nan, nan, nan}, wantErr: RowError{Unstable, -1}},
		{name: "nearest to itself among those that answer alike", step: &Nearest{In: span(0, 1), Indices: span(8, 9), Distances: span(10, 11), Search: Heap, Points: tenths,
			Precision: Precision{Bound: 1e-9, Weights: true, Groups: make([]int32, len(tenths.Data))}}, in: []float64{0.3}},
		{name: "nearest but for rounding", step: &Nearest{In: span(0, 1), Indices: span(8, 9), Distances: span(9, 10), Search: Stable, Points: holes, Precision: Precision{Bound: Number64(inf)}},
			in: []float64{0.2}, want: []float64{nan, nan}, wantErr: RowError{Tie, -1}},
		{name: "within but for rounding", step: &Within{In: span(0, 1), Count: 7, Indices: span(8, 10), Distances: span(10, 12), Radius: 0.1, Points: holes, Precision: Precision{Bound: Number64(inf)}},
			in: []float64{0.2}, want: []float64{nan, nan, nan, nan}, wantErr: RowError{Unstable, -1}},
		{name: "nearest of given distances", step: &Nearest{In: three, Indices: span(8, 9), Distances: span(9, 10), Search: Stable, Points: Points{Metric: Metric{Name: "precomputed"}}},
			in: []float64{3, 1, 2}, want: []float64{1, 1}},
		{name: "nearest in boxes", step: &NearestInTree{In: span(0, 1), Indices: span(8, 10), Distances: span(10, 12), Metric: euclid, SpaceTree: lineTree(false)},
			in: []float64{5}, want: []float64{0, 1, 1, 1}},
		{name: "nearest in boxes with noise", step: &NearestInTree{In: span(0, 1), Indices: span(8, 9), Distances: span(10, 11), Scratch: span(12, 16), Precision: Precision{Noise: 1e-13, Bound: Number64(inf)},
			Metric: euclid, SpaceTree: lineTree(false)}, in: []float64{0.5 + 1e-15}, want: []float64{nan}, wantErr: RowError{Tie, -1}},
		{name: "nearest in boxes with noise among those that answer alike", step: &NearestInTree{In: span(0, 1), Indices: span(8, 9), Distances: span(10, 11), Scratch: span(12, 16),
			Precision: Precision{Noise: 1e-13, Bound: Number64(inf), Groups: make([]int32, 6)}, Metric: euclid, SpaceTree: lineTree(false)}, in: []float64{0.5 + 1e-15}},
		{name: "within boxes with noise", step: &WithinTree{In: span(0, 1), Count: 7, Indices: span(8, 14), Distances: span(14, 20), Radius: 1, Precision: Precision{Noise: 1e-13},
			Metric: euclid, SpaceTree: lineTree(false)}, in: []float64{5 + 1e-15}, wantErr: RowError{Unstable, -1}},
		{name: "nearest in balls", step: &NearestInTree{In: span(0, 1), Indices: span(8, 10), Distances: span(10, 12), Metric: euclid, SpaceTree: lineTree(true)},
			in: []float64{0.25}, want: []float64{5, 4, 0.25, 0.75}},
		{name: "within", step: &Within{In: span(0, 1), Count: 7, Indices: span(8, 14), Distances: span(14, 20), Radius: 1, Points: set},
			in: []float64{2}, want: []float64{1, 2, 3, 0, 0, 0, 1, 1, 1, 0, 0, 0}},
		{name: "within boxes", step: &WithinTree{In: span(0, 1), Count: 7, Indices: span(8, 14), Distances: span(14, 20), Radius: 1, Metric: euclid, SpaceTree: lineTree(false)},
			in: []float64{5}, want: []float64{1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0}},
		{name: "distances", step: &Distances{In: span(0, 1), Out: span(8, 14), Points: gram}, in: []float64{2}, want: []float64{2, 1, 1, 1, 2, 4}},
		{name: "vote", step: &Vote{Neighborhood: all, Out: span(8, 11), Widths: widths, Labels: labels}, in: []float64{1, 4, 5}, want: []float64{1. / 3, 0, 2. / 3}},
		{name: "vote of two", step: &Vote{Neighborhood: counted, Out: span(8, 11), Widths: widths, Labels: labels}, in: []float64{1, 4, 5, 2}, want: []float64{0.5, 0, 0.5}},
		{name: "vote of none", step: &Vote{Neighborhood: counted, Out: span(8, 11), Widths: widths, Labels: labels, Empty: []int32{1}}, in: []float64{1, 4, 5, 0}, want: []float64{0, 1, 0}},
		{name: "weighted vote", step: &Vote{Neighborhood: weighted, Out: span(8, 11), Widths: widths, Labels: labels}, in: []float64{1, 4, 3, 1}, want: []float64{0.75, 0, 0.25}},
		{name: "mode of equals", step: &Mode{Neighborhood: weighted, Out: span(8, 9), Widths: widths, Labels: labels}, in: []float64{4, 1, 2, 2}, want: []float64{0}},
		{name: "mode by weight", step: &Mode{Neighborhood: weighted, Out: span(8, 9), Widths: widths, Labels: labels}, in: []float64{4, 1, 2, 1}, want: []float64{2}},
		{name: "average", step: &Average{Neighborhood: all, Out: span(8, 9), Values: line}, in: []float64{3, 4, 5}, want: []float64{13. / 3}},
		{name: "average of none", step: &Average{Neighborhood: counted, Out: span(8, 9), Values: line, Empty: Number64(nan)}, in: []float64{3, 4, 5, 0}, want: []float64{nan}},
		{name: "average of two columns", step: &Average{Neighborhood: all, Out: span(8, 10), Values: line}, in: []float64{0, 1, 2}, want: []float64{5. / 3, 10. / 3}},
		{name: "sum by weight", step: &Average{Neighborhood: weighted, Out: span(8, 9), Sum: true, Values: line}, in: []float64{3, 4, 0.5, 2}, want: []float64{9.5}},
		{name: "scatter", step: &Scatter{Neighborhood: weighted, Out: span(8, 12)}, in: []float64{3, 1, 0.5, 2}, want: []float64{0, 2, 0, 0.5}},
		{name: "scatter ones", step: &Scatter{Neighborhood: all, Out: span(8, 12)}, in: []float64{3, 1, 0}, want: []float64{1, 1, 0, 1}},
		{name: "outlier factor", step: &OutlierFactor{Neighborhood: weighted, Out: 8, Radii: make([]float64, 6), Densities: []float64{1, 1, 1, 1, 1, 1}}, in: []float64{3, 4, 0.5, 1.5}, want: []float64{-(1 + 1e-10)}},
		{name: "kernel density", step: tophat(1.5), in: []float64{0}, want: []float64{-0.6931471805599452}},
		{name: "kernel density of nothing", step: tophat(1.5), in: []float64{7.75}, want: []float64{-inf}},
		{name: "kernel density between points", step: tophat(0.8), in: []float64{2}, want: []float64{nan}, wantErr: RowError{Unstable, -1}},
		{name: "nearest center", step: &NearestCenter{In: two, Out: 8, Gram: Fused, Data: []float64{0, 0, 1, 1, 2, 0}, Norms: []float64{0, 2, 4}}, in: []float64{1.5, 0.5}, want: []float64{1}},
		{name: "bisection", step: &Bisection{NearestCenter: NearestCenter{In: span(0, 1), Out: 8, Gram: Plain, Data: []float64{0, 4, 3, 5}, Norms: []float64{0, 16, 9, 25}},
			Next: []int32{-3, 1, -1, -2}}, in: []float64{4.5}, want: []float64{1}},
		{name: "covariance", step: &Covariance{Op: "squared_exponential", In: two, Out: span(8, 10), Scales: []float64{2, 1}, Points: []float64{0, 0, 1, 1}}, in: []float64{2, 1}, want: []float64{math.Exp(-1), 1}},
		{name: "matern", step: &Covariance{Op: "matern", In: span(0, 1), Out: span(8, 9), A: 1.5, Scales: []float64{1}, Points: []float64{0}}, in: []float64{2}, want: []float64{(1 + 2*math.Sqrt(3)) * math.Exp(-2*math.Sqrt(3))}},
		{name: "rational quadratic", step: &Covariance{Op: "rational_quadratic", In: span(0, 1), Out: span(8, 9), A: 1, B: 2, Scales: []float64{1}, Points: []float64{0}}, in: []float64{4}, want: []float64{1. / 3}},
		{name: "periodic", step: &Covariance{Op: "periodic", In: span(0, 1), Out: span(8, 9), A: 1, B: 4, Scales: []float64{1}, Points: []float64{0}}, in: []float64{2}, want: []float64{math.Exp(-2)}},
		{name: "dot", step: &Covariance{Op: "dot", In: two, Out: span(8, 9), A: 1, Scales: []float64{1, 1}, Points: []float64{2, 3}}, in: []float64{4, 5}, want: []float64{24}},
		{name: "raise", step: &Raise{In: two, Out: span(8, 10), Exponent: 2}, in: []float64{3, -4}, want: []float64{9, 16}},
		{name: "lower solve", step: &LowerSolve{In: two, Out: span(8, 10), L: []float64{2, 1, 4}}, in: []float64{4, 10}, want: []float64{2, 2}},
		{name: "logistic gaussian", step: &LogisticGaussian{Mean: 0, Variance: 1, Out: span(8, 10)}, in: []float64{0, 1}, want: []float64{0.5000000049998334, 0.49999999500016656}},
		{name: "geodesic", step: &Geodesic{Neighborhood: weighted, Out: span(8, 11), Paths: []float64{0, 5, 2, 5, 0, 1, 2, 1, 0}}, in: []float64{0, 1, 1, 3}, want: []float64{1, 3, 3}},
		{name: "barycenter", step: &Barycenter{In: span(0, 1), Indices: span(1, 3), Out: span(8, 10), Scratch: span(10, 16), Regularization: 1, Points: []float64{0, 4, 9}},
			in: []float64{1, 0, 1}, want: []float64{0.6111111111111112, 0.3888888888888889}},
		{name: "log sum exp", step: &LogSumExp{In: three, Out: 8}, in: []float64{0, -inf, 0}, want: []float64{math.Log(2)}},
		{name: "log sum exp of nothing", step: &LogSumExp{In: two, Out: 8}, in: []float64{-inf, -inf}, want: []float64{-inf}},
		{name: "gaussians", step: &Gaussians{In: span(0, 1), Out: span(8, 9), Covariance: "full", Factors: []float64{0.5}, Shifts: []float64{1}, LogDets: []float64{math.Log(0.5)}, Offsets: []float64{0}},
			in: []float64{2}, want: []float64{-0.5*math.Log(2*math.Pi) + math.Log(0.5)}},
		{name: "spherical gaussians", step: &Gaussians{In: two, Out: span(8, 9), Covariance: "spherical", Factors: []float64{4}, Shifts: []float64{1, 2}, Squares: []float64{20}, LogDets: []float64{0}, Offsets: []float64{1}},
			in: []float64{1, 3}, want: []float64{-0.5*(2*math.Log(2*math.Pi)+4) + 1}},
		{name: "diagonal gaussians", step: &Gaussians{In: two, Out: span(8, 9), Covariance: "diag", Factors: []float64{4, 1}, Shifts: []float64{4, 2}, Squares: []float64{8}, LogDets: []float64{0}, Offsets: []float64{0}},
			in: []float64{1, 3}, want: []float64{-0.5 * (2*math.Log(2*math.Pi) + 1)}},
	}
}

// TestInverseWeights holds weights of distances, in place.
func TestInverseWeights(t *testing.T) {
	t.Parallel()
	for _, c := range [][2][]float64{{{2, 4}, {0.5, 0.25}}, {{0, 4}, {1, 0}}, {{1e-310, 4}, {1, 0}}} {
		b := NewBuilder()
		b.Number(0)
		b.Number(1)
		b.Add(&InverseWeights{Distances: span(0, 2), Count: -1})
		b.Output("out", span(0, 2))
		p, err := b.Plan()
		if err != nil {
			t.Fatal(err)
		}
		var out Result
		p.Run(&Batch{N: 1, Numbers: c[0]}, &out)
		if err := sameBits(out.Values, c[1]); err != nil {
			t.Error(err)
		}
	}
}

// TestBarycenterOverflow refuses rows so far from their neighbours that scipy.linalg.solve raises, with one neighbour and with two.
func TestBarycenterOverflow(t *testing.T) {
	t.Parallel()
	for k := range 2 {
		for x, want := range map[float64]ErrorCode{1e150: OK, 1e155: OutOfDomain, 1e300: OutOfDomain} {
			b := NewBuilder()
			b.Number(0)
			b.Number(1)
			b.Number(2)
			n := k + 1
			in, out, scratch := span(0, 1), b.Floats(n), b.Floats(n*(n+1))
			b.Add(&Barycenter{In: in, Indices: Span{1, int32(n)}, Out: out, Scratch: scratch, Regularization: 1e-3, Points: []float64{0, 4}})
			b.Output("out", out)
			p, err := b.Plan()
			if err != nil {
				t.Fatal(err)
			}
			var got Result
			p.Run(&Batch{N: 1, Numbers: []float64{x, 0, 1}}, &got)
			if got.Errors[0].Code != want {
				t.Errorf("%d neighbours, %g: code %v, want %v", n, x, got.Errors[0].Code, want)
			}
		}
	}
}

// TestMetrics holds distances that scipy.spatial.distance gives.
func TestMetrics(t *testing.T) {
	t.Parallel()
	a, b := []float64{1, 2, 0}, []float64{4, 2, 4}
	flags, others := []float64{1, 1, 0, 0, 1}, []float64{1, 0, 1, 0, 0}
	for _, c := range []struct {
		metric Metric
		a, b   []float64
		want   float64
	}{
		{Metric{Name: "euclidean"}, a, b, 5},
		{Metric{Name: "sqeuclidean"}, a, b, 25},
		{Metric{Name: "manhattan"}, a, b, 7},
		{Metric{Name: "chebyshev"}, a, b, 4},
		{Metric{Name: "minkowski", P: 3}, a, b, 4.497941445275415},
		{Metric{Name: "minkowski", P: 2, Vector: []float64{1, 1, 4}}, a, b, 8.54400374531753},
		{Metric{Name: "seuclidean", Vector: []float64{1, 1, 4}}, a, b, 3.605551275463989},
		{Metric{Name: "mahalanobis", Matrix: []float64{1, 0, 0, 0, 1, 0, 0, 0, 4}}, a, b, 8.54400374531753},
		{Metric{Name: "hamming"}, a, b, 2. / 3},
		{Metric{Name: "canberra"}, a, b, 1.6},
		{Metric{Name: "braycurtis"}, a, b, 7. / 13},
		{Metric{Name: "cosine"}, a, b, 0.40371520600005606},
		{Metric{Name: "correlation"}, a, b, 1.8660254037844386},
		{Metric{Name: "nan_euclidean"}, []float64{1, nan, 0}, b, 6.123724356957945},
		{Metric{Name: "haversine"}, []float64{0, 0}, []float64{0, 1}, 1},
		{Metric{Name: "jaccard"}, flags, others, 0.75},
		{Metric{Name: "dice"}, flags, others, 0.6},
		{Metric{Name: "rogerstanimoto"}, flags, others, 0.75},
		{Metric{Name: "sokalmichener"}, flags, others, 0.75},
		{Metric{Name: "russellrao"}, flags, others, 0.8},
		{Metric{Name: "sokalsneath"}, flags, others, 6. / 7},
		{Metric{Name: "yule"}, flags, others, 4. / 3},
	} {
		if err := c.metric.checkMetric(len(c.a)); err != nil {
			t.Fatal(err)
		}
		if got := c.metric.unreduce(c.metric.reduced()(&c.metric, c.a, c.b)); math.Abs(got-c.want) > 1e-14 {
			t.Errorf("%s is %v, want %v", c.metric.Name, got, c.want)
		}
	}
}

// TestHeapOrder holds the order that sklearn.neighbors.NearestNeighbors(algorithm="brute") gives for 20 points, most of them equally near.
func TestHeapOrder(t *testing.T) {
	t.Parallel()
	data := make([]float64, 20)
	for i := range data {
		data[i] = float64(i * 7 % 3)
	}
	step := &Nearest{In: span(0, 1), Indices: span(8, 26), Distances: span(26, 44), Scratch: span(44, 80), Search: Merged, Points: Points{Metric: Metric{Name: "manhattan"}, Data: data}}
	b := NewBuilder()
	b.Number(0)
	b.Floats(79)
	b.Add(step)
	b.Output("indices", step.Indices)
	p, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	var out Result
	p.Run(&Batch{N: 1, Numbers: []float64{0}}, &out)
	want := []float64{6, 3, 15, 0, 9, 12, 18, 1, 4, 16, 13, 10, 7, 19, 11, 14, 8, 2}
	if err := sameBits(out.Values, want); err != nil {
		t.Errorf("got %v, want %v", out.Values, want)
	}
}

// addNeighbors adds every kind of step of neighbors.go, vote.go and density.go to a plan, and returns where the last one writes.
func addNeighbors(b *Builder, in Span) Span {
	x := Span{in.Start, 1}
	indices, distances, scratch, count := b.Floats(2), b.Floats(2), b.Floats(4), b.Floats(1)
	every, far, graph := b.Floats(6), b.Floats(6), b.Floats(6)
	votes, out, nodes := b.Floats(2), b.Floats(4), b.Floats(12)
	near := Neighborhood{Indices: indices, Weights: distances, Count: -1}
	around := Neighborhood{Indices: every, Count: count.Start}
	set := Points{Metric: euclid, Gram: Plain, Data: line, Norms: []float64{0, 1, 1, 9, 16, 36}}
	for _, s := range []Step{
		&NearestInTree{In: x, Indices: indices, Distances: distances, Metric: euclid, SpaceTree: lineTree(true)},
		&Nearest{In: x, Indices: indices, Distances: distances, Scratch: scratch, Search: Merged, Points: set},
		&Within{In: x, Count: count.Start, Indices: every, Distances: far, Radius: 2, Points: set},
		&WithinTree{In: x, Count: count.Start, Indices: every, Distances: far, Radius: 2, Metric: euclid, SpaceTree: lineTree(false)},
		&OutlierFactor{Neighborhood: near, Out: out.Start, Radii: make([]float64, 6), Densities: make([]float64, 6)},
		&InverseWeights{Distances: distances, Count: -1},
		&Vote{Neighborhood: near, Out: votes, Widths: []int32{2}, Labels: []int32{0, 1, 0, 1, 0, 1}, Empty: []int32{1}},
		&Mode{Neighborhood: around, Out: Span{out.Start + 1, 1}, Widths: []int32{2}, Labels: []int32{0, 1, 0, 1, 0, 1}},
		&Average{Neighborhood: around, Out: Span{out.Start + 2, 1}, Values: line},
		&Scatter{Neighborhood: around, Out: graph},
		&Distances{In: x, Out: far, Points: set},
		&Pair{Op: "mul", Left: graph, Right: far, Out: graph},
		&NearestCenter{In: in, Out: out.Start, Gram: Paired, Data: line, Norms: []float64{1, 10, 52}},
		&Bisection{NearestCenter: NearestCenter{In: in, Out: out.Start, Gram: Fused, Data: line[:4], Norms: []float64{1, 10}}, Next: []int32{-1, -2}},
		&Gaussians{In: in, Out: votes, Covariance: "tied", Factors: []float64{1, 0, 0, 1}, Shifts: make([]float64, 4), LogDets: make([]float64, 2), Offsets: make([]float64, 2)},
		&LogSumExp{In: votes, Out: out.Start},
		&Covariance{Op: "matern", In: in, Out: votes, A: 1.2, Scales: []float64{1, 2}, Points: make([]float64, 4)},
		&Raise{In: votes, Out: votes, Exponent: 2},
		&LowerSolve{In: votes, Out: votes, L: []float64{1, 2, 3}},
		&Geodesic{Neighborhood: Neighborhood{Indices: indices, Weights: distances, Count: -1}, Out: votes, Paths: []float64{0, 1, 1, 0}},
		&Barycenter{In: x, Indices: indices, Out: votes, Scratch: Span{nodes.Start, 6}, Regularization: 0.1, Points: line},
		&LogisticGaussian{Mean: out.Start, Variance: out.Start + 1, Out: votes},
		&KernelDensity{In: x, Out: out.Start + 3, Scratch: nodes, Kernel: "gaussian", Bandwidth: 1, LogATol: Number64(-inf), LogRTol: Number64(-inf), Bound: 1e-9, BreadthFirst: true,
			Metric: euclid, SpaceTree: lineTree(false), NodeWeights: []float64{6, 3, 3}},
	} {
		b.Add(s)
	}
	return out
}

// TestShift holds the bound of the shares of inverse distances against the shares at both ends of the distances.
func TestShift(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		distances, off []float64
		alike          []bool
		most           float64 // that the share of the first moves by
	}{
		{"exact", []float64{0, 1}, []float64{0, 0}, []bool{true, false}, 0},
		{"alike", []float64{0, 1e-9}, []float64{1e-8, 1e-8}, []bool{true, true}, 0},
		{"noise at the row itself, far from the other", []float64{0, 1}, []float64{1e-16, 1e-16}, []bool{true, false}, 1e-16},
		{"noise that has all the weight or not", []float64{1e-9, 1}, []float64{1e-8, 0}, []bool{true, false}, 1.1e-8},
		{"another that may be at the row itself", []float64{1e-9, 2e-9}, []float64{1e-8, 1e-8}, []bool{true, false}, 1},
		{"a small error", []float64{1, 2}, []float64{1e-10, 1e-10}, []bool{true, false}, 1e-10},
		{"infinitely far", []float64{1, math.Inf(1)}, []float64{1e-10, 0}, []bool{true, false}, 0},
	}
	for _, tt := range tests {
		got := shift(len(tt.distances), func(k int) (float64, float64, bool) { return tt.distances[k], tt.off[k], tt.alike[k] })
		if got < tt.most*0.99 || got > 3*tt.most {
			t.Errorf("%s: got %g, want about %g, and no less", tt.name, got, tt.most)
		}
	}
}
