package engine

import (
	"fmt"
	"math"
	"slices"
)

// The steps of this file write features whose products approximate a kernel.

// ChiSquaredFeatures samples the Fourier transform of the additive chi-squared kernel: for each x the first column of its block is √(x·Interval), and for j from 1 on
// two more are f·cos(j·Interval·log x) and f·sin(j·Interval·log x) with f = √(2x·Interval / cosh(πj·Interval)). Zeros stay 0.
// Out is 2·Steps-1 blocks of In.N columns.
type ChiSquaredFeatures struct {
	In       Span     `json:"in"`
	Out      Span     `json:"out"`
	Steps    int32    `json:"steps"`
	Interval Number64 `json:"interval"`
}

// Kind is "chi_squared_features".
func (*ChiSquaredFeatures) Kind() string { return "chi_squared_features" }

func (t *ChiSquaredFeatures) check(f *frame) error {
	if t.Steps < 1 {
		return fmt.Errorf("steps is %d, want at least 1", t.Steps)
	}
	if want := (2*int64(t.Steps) - 1) * int64(t.In.N); int64(t.Out.N) != want {
		return fmt.Errorf("out has %d slots, want %d", t.Out.N, want)
	}
	return f.apart(t.In, t.Out)
}

func (t *ChiSquaredFeatures) run(s *session, n int) {
	interval := float64(t.Interval)
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		clear(out)
		for i, x := range in {
			if x == 0 {
				continue
			}
			out[i] = math.Sqrt(x * interval)
			logX, step := interval*logarithm(x), 2*x*interval
			for j := 1; j < int(t.Steps); j++ {
				factor := math.Sqrt(step / math.Cosh(math.Pi*float64(j)*interval))
				sin, cos := math.Sincos(float64(j) * logX)
				out[(2*j-1)*len(in)+i] = factor * cos
				out[2*j*len(in)+i] = factor * sin
			}
		}
	}
}

// CountSketch hashes In into Degree sketches of Out.N columns (Pham and Pagh, Fast and scalable polynomial kernels via explicit feature maps, 2013) and convolves them
// circularly: sketch d adds Signs[d·In.N+i]·x[i] to its column Columns[d·In.N+i]. Work is 2·Out.N slots of scratch. A Fourier transform, by which scikit-learn
// convolves, leaves noise in each column in proportion to the product of the lengths of the sketches: a row for which that is more than Noise, absolute or of the
// column, is marked Unstable. A transform of one column is the column itself, without noise, and one of a NaN is NaN in all.
type CountSketch struct {
	In      Span      `json:"in"`
	Out     Span      `json:"out"`
	Work    Span      `json:"work"`
	Noise   Number64  `json:"noise"`
	Columns []int32   `tensor:"columns"`
	Signs   []float64 `tensor:"signs"`
}

// Kind is "count_sketch".
func (*CountSketch) Kind() string { return "count_sketch" }

func (t *CountSketch) check(f *frame) error {
	if err := atLeastOne(t.In); err != nil {
		return err
	}
	if len(t.Columns) == 0 || len(t.Columns)%int(t.In.N) != 0 {
		return fmt.Errorf("columns has %d items, want a multiple of %d", len(t.Columns), t.In.N)
	}
	for i, c := range t.Columns {
		if c < 0 || c >= t.Out.N {
			return fmt.Errorf("columns[%d] is %d, want a column of %d", i, c, t.Out.N)
		}
	}
	if err := items("signs", t.Signs, len(t.Columns)); err != nil {
		return err
	}
	if int64(t.Work.N) != 2*int64(t.Out.N) {
		return fmt.Errorf("work has %d slots, want %d", t.Work.N, 2*int64(t.Out.N))
	}
	if overlap(t.Work, t.In) || overlap(t.Work, t.Out) {
		return fmt.Errorf("work %v overlaps in %v or out %v", t.Work, t.In, t.Out)
	}
	if err := f.write("work", t.Work); err != nil {
		return err
	}
	return f.apart(t.In, t.Out)
}

func (t *CountSketch) run(s *session, n int) {
	width := int(t.Out.N)
	for r := range n {
		in, out, work := s.span(r, t.In), s.span(r, t.Out), s.span(r, t.Work)
		sketch, product := work[:width], work[width:]
		t.sketch(0, in, out)
		lengths := math.Sqrt(squaredNorm(out))
		for d := 1; d*len(in) < len(t.Columns); d++ {
			t.sketch(d, in, sketch)
			lengths *= math.Sqrt(squaredNorm(sketch))
			convolve(product, out, sketch)
			copy(out, product)
		}
		switch {
		case slices.ContainsFunc(in, math.IsNaN):
			for i := range out {
				out[i] = math.NaN()
			}
		case width > 1 && !t.clear(out, lengths):
			s.mark(r, Unstable, -1)
		}
	}
}

// clear reports whether the noise is small in every column. It was measured for up to 100 columns, degrees 1 to 3 and four scales of rows: at most 2.8·2⁻⁵² of the
// product of the lengths.
func (t *CountSketch) clear(out []float64, lengths float64) bool {
	noise := float64(0x1p-50 * lengths)
	for _, v := range out {
		if !(noise <= float64(t.Noise)*max(1, math.Abs(v)-noise)) {
			return false
		}
	}
	return true
}

// sketch writes count sketch d.
func (t *CountSketch) sketch(d int, in, out []float64) {
	clear(out)
	for i, v := range in {
		out[t.Columns[d*len(in)+i]] += float64(t.Signs[d*len(in)+i] * v)
	}
}

// convolve writes the circular convolution of a and b, which are as long as out.
func convolve(out, a, b []float64) {
	clear(out)
	for i, v := range a {
		if v == 0 {
			continue
		}
		for j, w := range b[:len(b)-i] {
			out[i+j] += float64(v * w)
		}
		for j, w := range b[len(b)-i:] {
			out[j] += float64(v * w)
		}
	}
}

// CentreKernel centres a row of kernel values in feature space: ((k - Rows[j]) - mean) + All, where mean is that of the row.
type CentreKernel struct {
	In   Span      `json:"in"`
	Out  Span      `json:"out"`
	All  Number64  `json:"all"`
	Rows []float64 `tensor:"rows"`
}

// Kind is "centre_kernel".
func (*CentreKernel) Kind() string { return "centre_kernel" }

func (t *CentreKernel) check(f *frame) error {
	if err := items("rows", t.Rows, int(t.In.N)); err != nil {
		return err
	}
	return f.each(t.In, t.Out)
}

func (t *CentreKernel) run(s *session, n int) {
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		mean := pairwiseSum(in) / float64(len(in))
		for j, v := range in {
			out[j] = v - t.Rows[j] - mean + float64(t.All)
		}
	}
}

// Projection writes the products of In with the rows of Weights, each added up as a BLAS does for a matrix of rows: a chain of fused multiply-adds. A single one is
// added up as the product of two vectors.
type Projection struct {
	In      Span      `json:"in"`
	Out     Span      `json:"out"`
	Weights []float64 `tensor:"weights"` // Out.N × In.N
}

// Kind is "projection".
func (*Projection) Kind() string { return "projection" }

func (t *Projection) check(f *frame) error {
	if want := int64(t.In.N) * int64(t.Out.N); int64(len(t.Weights)) != want {
		return fmt.Errorf("weights has %d items, want %d", len(t.Weights), want)
	}
	return f.apart(t.In, t.Out)
}

func (t *Projection) run(s *session, n int) {
	products := Fused
	if t.Out.N == 1 {
		products = Vectors
	}
	for r := range n {
		in, out := s.span(r, t.In), s.span(r, t.Out)
		for j := range out {
			out[j] = products.dot(in, t.Weights[j*len(in):][:len(in)])
		}
	}
}
