package sklearn

import (
	"fmt"
	"math"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// kernelParams are the parameters of a kernel of sklearn.metrics.pairwise.
type kernelParams struct{ gamma, coef0, degree float64 }

// kernelParams reads gamma, degree and coef0 as pairwise_kernels gets them under filter_params: no gamma is 1/n_features.
func (e *estimator) kernelParams(gamma string, features int) kernelParams {
	k := kernelParams{gamma: 1 / float64(features), coef0: e.float("coef0"), degree: e.float("degree")}
	if e.has(gamma) {
		k.gamma = e.float(gamma)
	}
	return k
}

// pairwiseKernel adds the steps of sklearn.metrics.pairwise.pairwise_kernels(in, points, metric), for the points that an attribute holds: a kernel value for each of
// them. Where both are float32 scikit-learn computes in float32, by BLAS, which is refused.
func (e *estimator) pairwiseKernel(in matrix, metric string, k kernelParams, attribute string) (kernelValues, bool) {
	points, shape, t, err := denseArray(e.get(attribute))
	width := in.width()
	precomputed := metric == "precomputed"
	if err != nil || len(shape) != 2 || !precomputed && shape[1] != width || precomputed && shape[0] != width {
		e.refuse(attribute+" is "+describe(e.get(attribute)), fmt.Sprintf("it does not fit the %d columns that the step is given", width),
			"check that the file is whole and the estimator fitted")
		return kernelValues{}, false
	}
	if t == float32Type && in.resultType() == float32Type && metric != "laplacian" { // which scipy computes in float64
		e.refuseFloat32(attribute)
	}
	span := e.c.checked(e, in, engine.Check{})
	if precomputed {
		return kernelValues{span: span}, true
	}
	gram := engine.Paired
	if _, isArray := e.get(attribute).(*pickle.Array); !isArray || in.sparse { // scipy's loops
		gram = engine.Plain
	}
	step := &engine.Kernel{
		Op: metric, Gram: gram, In: span, Out: e.c.b.Floats(shape[0]), Points: points,
		Gamma: engine.Number64(k.gamma), Coef0: engine.Number64(k.coef0), Degree: engine.Number64(k.degree),
	}
	switch metric {
	case "poly":
		step.Op = "polynomial"
	case "linear", "polynomial", "sigmoid", "laplacian":
	case "rbf":
		step.Norms = rowNorms(step.Gram, points, shape[0])
	case "cosine":
		step.Points = unitRows(step.Gram, points, shape[0])
	case "additive_chi2", "chi2":
		if in.sparse {
			e.refuse("sparse input", "the kernel "+metric+" takes none: scikit-learn raises for every row", "give it a dense array")
		}
		e.nonNegative(in, span)
	default:
		e.refuse("kernel "+fmt.Sprintf("%q", metric), "allowed are linear, polynomial, poly, rbf, sigmoid, laplacian, cosine, chi2, additive_chi2 and precomputed",
			"refit with one of these")
		return kernelValues{}, false
	}
	e.c.b.Add(step)
	return kernelValues{step.Out, probe(step), true}, true
}

// refuseFloat32 refuses a product of float32 with the float32 array of an attribute.
func (e *estimator) refuseFloat32(attribute string) {
	e.refuse("float32 input to float32 "+attribute, "scikit-learn adds the products up in float32, in an order that it does not promise",
		"fit this step on float64 (for example OneHotEncoder(dtype=np.float64)); gradient boosting gives its init float32: let init be a tree, or leave it out; where XGBoost alone is stacked, set passthrough=True or add a member that answers in float64")
}

// nonNegative adds sklearn.utils.validation.check_non_negative.
func (e *estimator) nonNegative(in matrix, span engine.Span) {
	e.c.domain(in, span, engine.Domain{Min: []float64{0}, Max: []float64{math.Inf(1)}})
}

// domain adds a check of the domain for the columns of a matrix, laid out in a span.
func (c *compiler) domain(in matrix, span engine.Span, d engine.Domain) {
	if span.N == 0 {
		return
	}
	d.In = span
	for _, col := range in.cols {
		d.Features = append(d.Features, col.origin)
	}
	c.b.Add(&d)
}

// kernelName reads the parameter kernel; a callable is refused by its name.
func (e *estimator) kernelName() (string, bool) {
	v, found := e.fetch("kernel")
	name, ok := v.(string)
	if found && !ok {
		e.refuse("kernel is "+describe(v), "a Python function is not executed", "use one of scikit-learn's kernels by its name")
	}
	return name, ok
}

// rowNorms are the squared lengths of n rows (sklearn.utils.extmath.row_norms).
func rowNorms(gram engine.Products, points []float64, n int) []float64 {
	norms := make([]float64, n)
	for i := range norms {
		norms[i] = gram.SquaredNorm(points[i*len(points)/n : (i+1)*len(points)/n])
	}
	return norms
}

// unitRows divides n rows by their length (sklearn.preprocessing.normalize); a row of zeros stays.
func unitRows(gram engine.Products, points []float64, n int) []float64 {
	unit := make([]float64, len(points))
	for i, norm := range rowNorms(gram, points, n) {
		if norm == 0 {
			norm = 1
		}
		for at := i * len(points) / n; at < (i+1)*len(points)/n; at++ {
			unit[at] = points[at] / math.Sqrt(norm)
		}
	}
	return unit
}

// matMul adds span @ weights.T + bias; weights are row-major, a row for each output.
func (c *compiler) matMul(span engine.Span, weights []float64, outputs int, bias []float64) engine.Span {
	out := c.b.Floats(outputs)
	if len(weights) == outputs*int(span.N) { // otherwise refused
		c.b.Add(&engine.MatMul{In: span, Out: out, Weights: weights, Bias: bias})
	}
	return out
}

// table reads a two-dimensional array of numbers, rows × columns (any number if negative).
func (e *estimator) table(name string, rows, columns int) (data []float64, n, m int, ok bool) {
	v := e.get(name)
	return e.tableOf(name, v, rows, columns)
}

func (e *estimator) tableOf(name string, v pickle.Value, rows, columns int) (data []float64, n, m int, ok bool) {
	data, shape, _, err := denseArray(v)
	if err != nil || len(shape) != 2 || rows >= 0 && shape[0] != rows || columns >= 0 && shape[1] != columns {
		e.refuse(name+" is "+describe(v), fmt.Sprintf("allowed is an array of %s × %s numbers", anyNumber(rows), anyNumber(columns)),
			"check that the file is whole and the estimator fitted")
		return nil, max(rows, 0), max(columns, 0), false
	}
	return data, shape[0], shape[1], true
}

func anyNumber(n int) string {
	if n < 0 {
		return "any"
	}
	return fmt.Sprint(n)
}

// transposed turns n rows into n columns.
func transposed(data []float64, n int) []float64 {
	if n == 0 {
		return data
	}
	m := len(data) / n
	out := make([]float64, len(data))
	for i := range n {
		for j := range m {
			out[j*n+i] = data[i*m+j]
		}
	}
	return out
}
