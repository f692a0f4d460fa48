package sklearn

import (
	"fmt"
	"math"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// kernelConverters holds the classes of sklearn.kernel_ridge and sklearn.kernel_approximation, KernelPCA and KernelCenterer.
func kernelConverters() map[string]converter {
	return map[string]converter{
		"sklearn.kernel_ridge.KernelRidge":                   {predict: predictKernelRidge},
		"sklearn.kernel_approximation.Nystroem":              {transform: transformNystroem},
		"sklearn.kernel_approximation.RBFSampler":            {transform: transformRBFSampler},
		"sklearn.kernel_approximation.SkewedChi2Sampler":     {transform: transformSkewedChi2Sampler},
		"sklearn.kernel_approximation.AdditiveChi2Sampler":   {transform: transformAdditiveChi2Sampler},
		"sklearn.kernel_approximation.PolynomialCountSketch": {transform: transformPolynomialCountSketch},
		"sklearn.decomposition._kernel_pca.KernelPCA":        {transform: transformKernelPCA},
		"sklearn.preprocessing._data.KernelCenterer":         {transform: transformKernelCenterer},
	}
}

// predictKernelRidge follows sklearn.kernel_ridge.KernelRidge.predict: the kernel with X_fit_ times dual_coef_.
func predictKernelRidge(e *estimator, in matrix) prediction {
	e.ignores("alpha", "kernel_params")
	params := e.kernelParams("gamma", in.width())
	kernel, ok := e.kernelName()
	v := e.get("dual_coef_")
	dual, shape, _, err := denseArray(v)
	if !ok {
		e.ignores("X_fit_")
		return prediction{}
	}
	values, ok := e.pairwiseKernel(in, kernel, params, "X_fit_")
	if !ok {
		return prediction{}
	}
	if err != nil || len(shape) == 0 || shape[0] != int(values.span.N) {
		e.wrong("dual_coef_", v, fmt.Sprintf("an array of %d rows", values.span.N))
		return prediction{}
	}
	outputs := 1
	if len(shape) == 2 {
		outputs = shape[1]
	}
	weights := transposed(dual, shape[0])
	out := linearRegression(e.c.matMul(values.span, weights, outputs, nil))
	out.value = e.summed(values, out.value.span, weights, make([]float64, outputs))
	return out
}

// kernelProjected is the matrix of kernel values times weights, of which each row makes a column.
func (e *estimator) kernelProjected(values kernelValues, weights []float64, columns int) matrix {
	span := e.c.b.Floats(columns)
	e.c.b.Add(&engine.Projection{In: values.span, Out: span, Weights: weights})
	out := e.c.inexact(span)
	bias := make([]float64, columns)
	out.loosen(e.summed(values, engine.Span{}, weights, bias))
	_, worst := values.lost(weights, bias)
	for i := range out.cols {
		out.cols[i].noise = worst
	}
	return out
}

// transformNystroem follows sklearn.kernel_approximation.Nystroem.transform: the kernel with components_ times normalization_.T. A parameter that is None
// keeps the default of the kernel's function, or what kernel_params says.
func transformNystroem(e *estimator, in matrix) matrix {
	e.ignores("n_components", "component_indices_", "_n_features_out")
	params := kernelParams{gamma: 1 / float64(in.width()), coef0: 1, degree: 3}
	kernel, ok := e.kernelName()
	if kernel == "chi2" {
		params.gamma = 1
	}
	more, _ := e.getOr("kernel_params", nil).(*pickle.Dict)
	for _, p := range []struct {
		name  string
		value *float64
	}{{"gamma", &params.gamma}, {"coef0", &params.coef0}, {"degree", &params.degree}} {
		if v, found := more.Get(p.name); found {
			f, isNumber := number(pickle.Plain(v))
			if !isNumber {
				e.wrong("kernel_params", v, "numbers")
			}
			*p.value = f
		}
		if e.has(p.name) {
			*p.value = e.float(p.name)
		}
	}
	if !ok {
		e.ignores("components_", "normalization_")
		return unknownMatrix
	}
	values, ok := e.pairwiseKernel(in, kernel, params, "components_")
	if !ok {
		return unknownMatrix
	}
	weights, n, _, ok := e.table("normalization_", -1, int(values.span.N))
	if !ok {
		return unknownMatrix
	}
	return e.kernelProjected(values, weights, n)
}

// transformRBFSampler follows sklearn.kernel_approximation.RBFSampler.transform.
func transformRBFSampler(e *estimator, in matrix) matrix {
	e.ignores("gamma", "_gamma")
	span := e.c.checked(e, in, engine.Check{})
	return e.fourierFeatures(in, span, func(n float64) float64 { return math.Sqrt(2 / n) })
}

// fourierFeatures are factor(n_components) · cos(X @ random_weights_ + random_offset_). The cosine shows the last bit of its angle: a row whose angles are so large
// that more than the bound is left to rounding is an error (engine.Unstable).
func (e *estimator) fourierFeatures(in matrix, span engine.Span, factor func(n float64) float64) matrix {
	n := e.int("n_components")
	e.ignores("_n_features_out")
	table, rows, _, ok := e.table("random_weights_", in.width(), n)
	offset := e.vector("random_offset_", n)
	if !ok {
		return unknownMatrix
	}
	e.refuseAllFloat32(in, "random_weights_")
	weights := transposed(table, rows)
	angles, out := e.c.b.Floats(n), e.c.b.Floats(n)
	e.c.b.Add(&engine.Projection{In: span, Out: angles, Weights: weights})
	e.c.b.Add(&engine.Arith{Op: "add", In: angles, Out: angles, Values: offset})
	e.c.b.Add(&engine.Map{Op: "cos", In: angles, Out: out})
	e.c.b.Add(&engine.Arith{Op: "mul", In: out, Out: out, Values: []float64{factor(float64(n))}})
	return e.steadyAngles(span, out, linear{coef: weights, intercept: offset, products: ordinaryProducts(in, weights)})
}

// steadyAngles bounds the rounding errors of functions of angles, which are off as far as their angles are.
func (e *estimator) steadyAngles(span, out engine.Span, angles linear) matrix {
	features := e.c.inexact(out)
	features.loosen(answer{tolerance: angles.cancellation(), reason: fmt.Sprintf("angles of the size %.0e, whose last bits a cosine shows", angles.size())})
	e.c.b.Add(angles.steadyStep(span, out))
	return features
}

// noFloat32 refuses float32 input of functions that scikit-learn computes in float32.
func (e *estimator) noFloat32(in matrix) {
	if in.resultType() == float32Type {
		e.refuse("float32 input", "scikit-learn computes functions of it in float32, whose last bit is not promised", "let the step before give float64")
	}
}

// transformSkewedChi2Sampler follows sklearn.kernel_approximation.SkewedChi2Sampler.transform: a value up to -skewedness raises.
func transformSkewedChi2Sampler(e *estimator, in matrix) matrix {
	e.denseOnly(in)
	e.noFloat32(in)
	skewedness := e.float("skewedness")
	span := e.c.checked(e, in, engine.Check{})
	e.c.domain(in, span, engine.Domain{Open: true, Min: []float64{-skewedness}, Max: []float64{math.Inf(1)}})
	logs := e.c.b.Floats(int(span.N))
	e.c.b.Add(&engine.Arith{Op: "add", In: span, Out: logs, Values: []float64{skewedness}})
	e.c.b.Add(&engine.Map{Op: "log", In: logs, Out: logs})
	return e.fourierFeatures(e.c.inexact(logs), logs, func(n float64) float64 { return math.Sqrt2 / math.Sqrt(n) })
}

// transformAdditiveChi2Sampler follows sklearn.kernel_approximation.AdditiveChi2Sampler.transform.
func transformAdditiveChi2Sampler(e *estimator, in matrix) matrix {
	e.ignores("sample_interval_", "_sample_interval")
	e.noFloat32(in)
	steps := e.int("sample_steps")
	interval := 0.0
	switch {
	case e.has("sample_interval"):
		interval = e.float("sample_interval")
	case steps >= 1 && steps <= 3:
		interval = []float64{0.8, 0.5, 0.4}[steps-1]
	default:
		e.refuse(fmt.Sprintf("sample_steps %d", steps), "without sample_interval scikit-learn raises for every row", "give sample_interval, or 1 to 3 steps")
		return unknownMatrix
	}
	span := e.c.checked(e, in, engine.Check{})
	e.nonNegative(in, span)
	out := e.c.b.Floats((2*steps - 1) * int(span.N))
	e.c.b.Add(&engine.ChiSquaredFeatures{In: span, Out: out, Steps: int32(steps), Interval: engine.Number64(interval)})
	m := e.c.inexact(out)
	m.sparse = in.sparse
	return m
}

// transformPolynomialCountSketch follows sklearn.kernel_approximation.PolynomialCountSketch.transform. It convolves the sketches by Fourier transforms, which leave
// noise as large as the largest column in every one; a row with more noise than the bound is an error (engine.Unstable).
func transformPolynomialCountSketch(e *estimator, in matrix) matrix {
	e.ignores("_n_features_out")
	degree, n, coef0 := e.int("degree"), e.int("n_components"), e.float("coef0")
	hashes, _, width, okHash := e.table("indexHash_", degree, -1)
	signs, _, _, okSign := e.table("bitHash_", degree, width)
	if !okHash || !okSign {
		return unknownMatrix
	}
	e.noFloat32(in)
	span := e.c.checked(e, in, engine.Check{})
	b := e.c.b
	const bound = 1e-9
	scaled := b.Floats(width)
	b.Add(&engine.Arith{Op: "mul", In: span, Out: engine.Span{Start: scaled.Start, N: span.N}, Values: []float64{math.Sqrt(e.float("gamma"))}})
	switch rest := width - int(span.N); {
	case rest == 1 && coef0 != 0:
		b.Add(&engine.MatMul{Out: engine.Span{Start: scaled.Start + span.N, N: 1}, Bias: []float64{math.Sqrt(coef0)}})
	case rest != 0 || coef0 != 0:
		e.refuse("indexHash_", fmt.Sprintf("it has %d columns for %d", width, span.N), "check that the file is whole")
		return unknownMatrix
	}
	step := &engine.CountSketch{In: scaled, Out: b.Floats(n), Work: b.Floats(2 * n), Signs: signs, Noise: bound}
	for _, h := range hashes {
		step.Columns = append(step.Columns, int32(h))
	}
	b.Add(step)
	m := e.c.inexact(step.Out)
	m.loosen(answer{tolerance: bound, reason: "scikit-learn multiplies polynomials by Fourier transforms, whose noise in small columns is that of the largest"})
	return m
}

// transformKernelPCA follows sklearn.decomposition.KernelPCA.transform: the centred kernel with X_fit_ times the eigenvectors, each over the root of its eigenvalue.
func transformKernelPCA(e *estimator, in matrix) matrix {
	e.ignores("n_components", "kernel_params", "alpha", "fit_inverse_transform", "eigen_solver", "tol", "max_iter", "iterated_power", "remove_zero_eig", "copy_X",
		"X_transformed_fit_", "dual_coef_")
	gamma := "gamma_" // since 1.3
	if _, found := e.obj.Attr(gamma); !found {
		gamma = "gamma"
	}
	e.ignores("gamma")
	params := e.kernelParams(gamma, in.width())
	kernel, ok := e.kernelName()
	centerer := e.child("_centerer", e.get("_centerer"))
	if !ok || centerer == nil {
		e.ignores("X_fit_", "eigenvalues_", "eigenvectors_")
		return unknownMatrix
	}
	values, ok := e.pairwiseKernel(in, kernel, params, "X_fit_")
	if !ok {
		return unknownMatrix
	}
	n := int(values.span.N)
	check := &engine.Check{In: values.span, Features: make([]int32, n)} // by the centerer, of the kernel
	for i := range check.Features {
		check.Features[i] = -1
	}
	e.c.b.Add(check)
	eigenvalues := e.vector("eigenvalues_", -1)
	vectors, _, columns, ok := e.table("eigenvectors_", n, len(eigenvalues))
	raw := values.span
	if kernel == "precomputed" { // columns that other steps may read too
		values.span = e.c.b.Floats(n)
	}
	rows, all, okCentre := centerer.centre(n)
	if !ok || !okCentre {
		return unknownMatrix
	}
	e.c.b.Add(&engine.CentreKernel{In: raw, Out: values.span, Rows: rows, All: engine.Number64(all)})
	weights := transposed(vectors, n)
	_, _, t, _ := denseArray(e.get("eigenvectors_"))
	for j, value := range eigenvalues {
		for i := range n {
			w := &weights[j*n+i]
			switch {
			case value == 0:
				*w = 0
			case t == float32Type:
				*w = float64(float32(*w) / float32(math.Sqrt(value)))
			default:
				*w /= math.Sqrt(value)
			}
		}
	}
	out := e.kernelProjected(values, weights, columns)
	if kernel == "precomputed" {
		e.steadyCentre(raw, out, weights, rows, all)
	}
	return out
}

// centre reads a KernelCenterer of n columns: ((k - rows) - mean of k) + all.
func (e *estimator) centre(n int) (rows []float64, all float64, ok bool) {
	all, ok = number(pickle.Plain(e.get("K_fit_all_")))
	if !ok {
		e.wrong("K_fit_all_", e.get("K_fit_all_"), "a number")
		return nil, 0, false
	}
	return e.vector("K_fit_rows_", n), all, true
}

// transformKernelCenterer follows sklearn.preprocessing.KernelCenterer.transform.
func transformKernelCenterer(e *estimator, in matrix) matrix {
	e.denseOnly(in)
	e.noFloat32(in)
	span := e.c.checked(e, in, engine.Check{})
	out := e.c.b.Floats(int(span.N))
	rows, all, ok := e.centre(in.width())
	if !ok {
		return unknownMatrix
	}
	e.c.b.Add(&engine.CentreKernel{In: span, Out: out, Rows: rows, All: engine.Number64(all)})
	m := e.c.computed(out, in, float64Type)
	for i := range m.cols { // each column reads all of them
		m.cols[i].origin, m.cols[i].inexact = -1, in.tolerance() > 0
	}
	m.loosen(in.asAnswer())
	return m
}
