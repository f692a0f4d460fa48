package engine

import (
	"math"
	"testing"
)

// kernelCases are results of sklearn.metrics.pairwise for the row (1, 2) and the points (1, 2), (0.5, 3), with gamma 0.5, coef0 1 and degree 3.
var kernelCases = map[string][]float64{
	"linear":        {5, 6.5},
	"polynomial":    {42.875, 76.765625},
	"sigmoid":       {0.9981778976111987, 0.9995931460438896},
	"cosine":        {0.9999999999999999, 0.9557790087219501},
	"rbf":           {1, 0.5352614285189903},
	"gaussian":      {1, 0.5352614285189903},
	"laplacian":     {1, 0.4723665527410147},
	"additive_chi2": {0, -0.3666666666666667},
	"chi2":          {1, 0.8324906126116026},
}

func TestKernel(t *testing.T) {
	t.Parallel()
	for op, want := range kernelCases {
		step := &Kernel{Op: op, Gram: Paired, In: span(0, 2), Out: span(8, 10), Gamma: 0.5, Coef0: 1, Degree: 3, Points: []float64{1, 2, 0.5, 3}}
		switch op {
		case "rbf":
			step.Norms = []float64{5, 9.25}
		case "cosine":
			for i, p := range step.Points {
				step.Points[i] = p / []float64{math.Sqrt(5), math.Sqrt(9.25)}[i/2]
			}
		}
		c := stepCase{name: op, step: step, in: []float64{1, 2}, want: want}
		p, batch, err := c.plan()
		if err != nil {
			t.Fatal(err)
		}
		var out Result
		reload(t, p).Run(batch, &out)
		for i, v := range out.Values {
			if math.Abs(v-want[i]) > 1e-14 {
				t.Errorf("%s of point %d is %v, want %v", op, i, v, want[i])
			}
		}
	}
}

// addKernels adds every kind of step of kernel.go, pairs.go and domain.go to a plan, and returns where the last ones write. In is two slots.
func addKernels(b *Builder, in Span) Span {
	values, pairs, out, work := b.Floats(4), b.Floats(3), b.Floats(3), b.Floats(21)
	for _, s := range []Step{
		&Kernel{Op: "rbf", Gram: Paired, In: in, Out: values, Gamma: 0.5, Points: []float64{1, 2, 3, 4, 5, 6, 7, 8}, Norms: []float64{5, 25, 61, 113}},
		&PairSums{In: values, Out: pairs, Counts: []int32{1, 2, 1}, Coef: []float64{1, -1, 2, -2, 3, -3, 4, -4}, Bias: []float64{0.5, 0, -0.5}},
		&PairProbabilities{In: pairs, Out: out, Work: work, A: []float64{-1, -1, -1}, B: []float64{0, 0, 0}},
		&LogSoftmax{In: out, Out: out},
		&Domain{In: in, Min: []float64{-9}, Max: []float64{9}, Features: []int32{0, 1}},
		&Interpolate{In: in.Start, Out: pairs.Start, X: []float64{0, 1}, Y: []float64{1, 3}},
		&PairVotes{Predictions: pairs, Confidences: pairs, Out: out},
		&Projection{In: pairs, Out: out, Weights: make([]float64, 9)},
		&CentreKernel{In: out, Out: out, Rows: []float64{1, 2, 3}, All: 0.5},
		&ChiSquaredFeatures{In: in, Out: span(work.Start, work.Start+6), Steps: 2, Interval: 0.5},
		&SteadyShares{Logs: out, Shares: out, Bound: 1e-12},
		&SteadyMap{Op: "sin", In: in.Start, Lost: 1e-12, Bound: 1e-9},
		&SteadySide{In: in.Start, Jumps: []float64{1, 2}, Bound: 1e-12},
		&Steady{In: out, Out: out, Bound: 1e-9, Errors: make([]float64, 9)},
		&CountSketch{In: in, Out: pairs, Work: span(work.Start, work.Start+6), Noise: 1e-9, Columns: []int32{0, 2, 1, 1}, Signs: []float64{1, -1, 1, -1}},
		&SumRows{In: pairs, Out: values, Widths: []int32{1, 1, 1}, Rows: make([]float64, 12), Bias: make([]float64, 4)},
	} {
		b.Add(s)
	}
	return out
}

// TestDomain holds which rows are marked, and why.
func TestDomain(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		step Domain
		in   []float64
		want RowError
	}{
		{"inside", Domain{Min: []float64{0}, Max: []float64{1}}, []float64{0, 1}, RowError{}},
		{"below", Domain{Min: []float64{0, 1}, Max: []float64{9}}, []float64{1, 0.5}, RowError{OutOfDomain, 6}},
		{"above", Domain{Min: []float64{0}, Max: []float64{9, 1}}, []float64{5, 2}, RowError{OutOfDomain, 6}},
		{"open", Domain{Open: true, Min: []float64{0, -1}, Max: []float64{1}}, []float64{0, 0}, RowError{OutOfDomain, 5}},
		{"nan", Domain{Open: true, Min: []float64{0}, Max: []float64{1}}, []float64{nan, 1}, RowError{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := NewBuilder()
			b.Number(0)
			b.Number(1)
			c.step.In, c.step.Features = span(0, 2), []int32{5, 6}
			b.Add(&c.step)
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

// TestCountSketchNoise holds which rows are marked: those whose columns are noise of a Fourier transform.
func TestCountSketchNoise(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		x    float64
		want ErrorCode
	}{{"small", 1e2, OK}, {"large", 1e6, Unstable}, {"infinite product", 1e300, Unstable}, {"nan", nan, OK}} {
		b := NewBuilder()
		b.Number(0)
		b.Add(&CountSketch{In: span(0, 1), Out: b.Floats(2), Work: b.Floats(4), Noise: 1e-9, Columns: []int32{0, 0}, Signs: []float64{1, -1}})
		b.Output("out", span(1, 3))
		p, err := b.Plan()
		if err != nil {
			t.Fatal(err)
		}
		var out Result
		reload(t, p).Run(&Batch{N: 1, Numbers: []float64{c.x}}, &out)
		if out.Errors[0].Code != c.want {
			t.Errorf("%s: got %v, want %v", c.name, out.Errors[0].Code, c.want)
		}
	}
}

// TestPairProbabilities holds the result that libsvm gives for three classes (SVC.predict_proba, with _probA and _probB set to these).
func TestPairProbabilities(t *testing.T) {
	t.Parallel()
	step := &PairProbabilities{In: span(0, 3), Out: span(8, 11), Work: span(11, 32), A: []float64{-1, -2, -1.5}, B: []float64{0, 0.5, -0.25}}
	b := NewBuilder()
	for i := range 3 {
		b.Number(i)
	}
	b.Floats(29)
	b.Add(step)
	b.Output("out", step.Out)
	p, err := b.Plan()
	if err != nil {
		t.Fatal(err)
	}
	var out Result
	reload(t, p).Run(&Batch{N: 1, Numbers: []float64{0.5, -0.25, 1}}, &out)
	sum := 0.0
	for _, v := range out.Values {
		sum += v
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("the probabilities %v add up to %v", out.Values, sum)
	}
	want := []float64{0.3257446529728485, 0.4356616177067141, 0.23859372932043743}
	for i, v := range out.Values {
		if math.Abs(v-want[i]) > 1e-14 {
			t.Errorf("probability %d is %v, want %v", i, v, want[i])
		}
	}
}
