package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
)

// kernelValues are the kernel values of a row and some points. What they add up on their way is added up in an order that is not promised, and a sum of them times
// large coefficients shows it.
type kernelValues struct {
	span engine.Span
	// rows are the kernel values of some of the points themselves; none where they are not known.
	rows []kernelRow
	// batched: they are products of matrices, whose order of addition differs between batches; libsvm computes row by row.
	batched bool
}

// kernelRow holds the kernel values of one point, and for each the sum of magnitudes whose last bits may be lost in it.
type kernelRow struct{ values, noise []float64 }

// probes is how many of the points are asked.
const probes = 32

// probe runs a kernel on some of its own points.
func probe(step *engine.Kernel) []kernelRow {
	width, n := int(step.In.N), int(step.Out.N)
	b := engine.NewBuilder()
	for i := range width {
		b.Number(i)
	}
	alone := *step
	alone.In, alone.Out = engine.Span{Start: 0, N: int32(width)}, b.Floats(n)
	b.Add(&alone)
	b.Output("values", alone.Out)
	plan, err := b.Plan()
	if err != nil || n == 0 {
		return nil // the whole plan will say why
	}
	var batch engine.Batch
	for k := range min(probes, n) {
		at := k * n / min(probes, n)
		batch.Numbers = append(batch.Numbers, step.Points[at*width:(at+1)*width]...)
		batch.N++
	}
	var result engine.Result
	plan.Run(&batch, &result)
	rows := make([]kernelRow, batch.N)
	for k := range rows {
		rows[k] = kernelRow{values: result.Values[k*n : (k+1)*n], noise: make([]float64, n)}
		x := batch.Numbers[k*width : (k+1)*width]
		for j, v := range rows[k].values {
			rows[k].noise[j] = noise(step, v, x, step.Points[j*width:(j+1)*width])
		}
	}
	return rows
}

// noise is the sum of magnitudes behind a kernel value v of x and y: an error of one part in 2^52 of it is to be expected in v.
func noise(step *engine.Kernel, v float64, x, y []float64) float64 {
	size, products := math.Abs(v), math.Sqrt(engine.Plain.SquaredNorm(x)*engine.Plain.SquaredNorm(y))
	gamma, degree := math.Abs(float64(step.Gamma)), float64(step.Degree)
	switch step.Op {
	case "linear":
		return products
	case "polynomial":
		if degree == 0 {
			return size
		}
		return size + float64(degree*math.Pow(size, (degree-1)/degree)*gamma*products)
	case "sigmoid":
		return size + float64((1-float64(v*v))*gamma*products)
	case "rbf":
		return size * (1 + float64(gamma*2*(engine.Plain.SquaredNorm(x)+engine.Plain.SquaredNorm(y))))
	}
	return size + 0.5
}

// summed is the answer of kernel values times weights, of which each row makes an output, + bias (NaN where the sum itself says nothing of the size of the answer). Where the sums are so ill-conditioned that scikit-learn's own answers for
// a row differ between batches by more than a billionth, that is refused.
func (e *estimator) summed(v kernelValues, span engine.Span, weights, bias []float64) answer {
	median, worst := v.lost(weights, bias)
	if v.batched && median > 2.5e-9 {
		e.refuse("its coefficients", fmt.Sprintf("they are so large that rounding errors of about %.0e remain, and scikit-learn's own answers for a row differ between batches", median),
			"refit with a larger alpha, fewer components or another kernel")
	}
	if !(worst > roundingTolerance) {
		return answer{span, roundingTolerance, ""}
	}
	return answer{span, min(worst, worstTolerance), fmt.Sprintf("kernel values times large coefficients: rounding errors up to %.0e are measured on the points of the fit", worst)}
}

// lost are the rounding errors, absolute or relative, that sums of the kernel values times weights, + bias, have for some of the points; 0 where none is known.
func (v kernelValues) lost(weights, bias []float64) (median, worst float64) {
	var errors []float64
	n := int(v.span.N)
	for _, row := range v.rows {
		worst := 0.0
		for k, b := range bias {
			sum, lost := b, 0.0
			for j, w := range weights[k*n : (k+1)*n] {
				sum += float64(w * row.values[j])
				lost += float64(math.Abs(w) * row.noise[j])
			}
			if math.IsNaN(sum) {
				sum = 0
			}
			worst = max(worst, lost/max(1, math.Abs(sum)))
		}
		errors = append(errors, worst*ulp)
	}
	if len(errors) == 0 {
		return 0, 0
	}
	slices.Sort(errors)
	return errors[len(errors)/2], errors[len(errors)-1]
}
