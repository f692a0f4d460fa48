package sklearn

import (
	"fmt"
	"math"
	"slices"

	"sklambda/model/engine"
	"sklambda/model/pickle"
)

// covariance is a kernel between the row and the training points.
type covariance struct {
	span engine.Span
	// scale is about the largest value that it takes on the training points.
	scale float64
}

const gaussianKernels = "sklearn.gaussian_process.kernels."

// kernelObject reads a kernel of sklearn.gaussian_process.kernels.
func (g *process) kernelObject(v pickle.Value, path string) (k *estimator, class string, ok bool) {
	obj, isObject := v.(*pickle.Object)
	if !isObject || len(obj.ClassName()) <= len(gaussianKernels) || obj.ClassName()[:len(gaussianKernels)] != gaussianKernels {
		g.e.refuse("the kernel "+describe(v), "it is none of scikit-learn's", "use the kernels of sklearn.gaussian_process.kernels")
		return nil, "", false
	}
	k = g.e.c.estimator(g.e.path+"."+path, obj)
	for _, name := range k.attributes() {
		if len(name) > 7 && name[len(name)-7:] == "_bounds" {
			k.ignores(name)
		}
	}
	return k, obj.ClassName()[len(gaussianKernels):], true
}

// kernel adds the steps of kernel(X, X_train_), class by class as sklearn/gaussian_process/kernels.py has them.
func (g *process) kernel(v pickle.Value, path string) (c covariance, ok bool) {
	k, class, ok := g.kernelObject(v, path)
	if !ok {
		return c, false
	}
	defer k.close()
	b := g.e.c.b
	switch class {
	case "Sum", "Product":
		return g.operator(k, class, path)
	case "Exponentiation":
		c, ok = g.kernel(k.get("kernel"), path+".kernel")
		exponent := k.float("exponent")
		if ok {
			b.Add(&engine.Raise{In: c.span, Out: c.span, Exponent: engine.Number64(exponent)})
			c.scale = math.Pow(c.scale, exponent)
		}
		return c, ok
	case "ConstantKernel":
		value := k.float("constant_value")
		return covariance{g.constant(value, g.n), value}, true
	case "WhiteKernel": // noise is in no other point
		k.ignores("noise_level")
		return covariance{g.constant(0, g.n), 0}, true
	case "PairwiseKernel":
		return g.pairwise(k)
	}
	step, ok := g.covariance(k, class)
	if !ok {
		return c, false
	}
	step.In, step.Out = g.row, b.Floats(g.n)
	b.Add(step)
	c = covariance{step.Out, 1}
	if step.Op == "dot" {
		width := int(g.row.N)
		for i := range g.n {
			c.scale = math.Max(c.scale, squares(g.points[i*width:(i+1)*width])+float64(step.A))
		}
	}
	return c, true
}

// operator adds Sum and Product.
func (g *process) operator(k *estimator, class, path string) (covariance, bool) {
	left, ok0 := g.kernel(k.get("k1"), path+".k1")
	right, ok1 := g.kernel(k.get("k2"), path+".k2")
	if !ok0 || !ok1 {
		return covariance{}, false
	}
	op := "add"
	left.scale += right.scale
	if class == "Product" {
		op = "mul"
		left.scale = (left.scale - right.scale) * right.scale
	}
	g.e.c.b.Add(&engine.Pair{Op: op, Left: left.span, Right: right.span, Out: left.span})
	return left, true
}

// constant adds n slots of one number. The row is finite, so that zero times it is zero.
func (g *process) constant(value float64, n int) engine.Span {
	return g.e.c.matMul(engine.Span{Start: g.row.Start, N: 1}, make([]float64, n), n, slices.Repeat([]float64{value}, n))
}

// covariance reads a kernel that is a function of the row and a point.
func (g *process) covariance(k *estimator, class string) (*engine.Covariance, bool) {
	width := int(g.row.N)
	step := &engine.Covariance{Scales: slices.Repeat([]float64{1}, width), Points: g.points}
	switch class {
	case "RBF":
		step.Op = "squared_exponential"
	case "Matern":
		step.Op, step.A = "matern", engine.Number64(k.float("nu"))
	case "RationalQuadratic":
		step.Op, step.A, step.B = "rational_quadratic", engine.Number64(k.float("alpha")), engine.Number64(k.float("length_scale"))
		return step, true
	case "ExpSineSquared":
		step.Op, step.A, step.B = "periodic", engine.Number64(k.float("length_scale")), engine.Number64(k.float("periodicity"))
		return step, true
	case "DotProduct":
		sigma := k.float("sigma_0")
		step.Op, step.A = "dot", engine.Number64(sigma*sigma)
		return step, true
	default:
		k.ignores(k.attributes()...)
		k.refuse("the kernel "+class, "it is not supported", "use another kernel of sklearn.gaussian_process.kernels")
		return nil, false
	}
	step.Scales = k.perOutput("length_scale", width)
	step.Points = make([]float64, len(g.points))
	for i, v := range g.points {
		step.Points[i] = v / step.Scales[i%width]
	}
	return step, true
}

// pairwise adds PairwiseKernel: sklearn.metrics.pairwise.pairwise_kernels.
func (g *process) pairwise(k *estimator) (c covariance, ok bool) {
	metric, width := k.str("metric"), float64(g.row.N)
	params := kernelParams{gamma: k.float("gamma"), coef0: 1, degree: 3}
	if v := k.get("pairwise_kernels_kwargs"); v != nil {
		for name, value := range k.strings("pairwise_kernels_kwargs") {
			f, isNumber := number(pickle.Plain(value))
			switch {
			case name == "degree" && isNumber:
				params.degree = f
			case name == "coef0" && isNumber:
				params.coef0 = f
			default:
				k.refuse("pairwise_kernels_kwargs["+name+"]", "it is not supported", "leave it out")
			}
		}
	}
	step := &engine.Kernel{In: g.row, Gamma: engine.Number64(params.gamma), Coef0: engine.Number64(params.coef0), Degree: engine.Number64(params.degree), Points: g.points, Op: metric, Gram: engine.Paired}
	c.scale = 1
	switch metric {
	case "poly":
		step.Op = "polynomial"
	case "linear", "polynomial", "sigmoid", "laplacian", "chi2", "additive_chi2":
	case "rbf":
		step.Norms = rowNorms(engine.Paired, g.points, g.n)
	case "cosine":
		step.Points = unitRows(engine.Paired, g.points, g.n)
	default:
		k.refuse(fmt.Sprintf("metric %q", metric), "it is not supported", "use one of scikit-learn's pairwise kernels by its name")
		return c, false
	}
	if metric == "chi2" || metric == "additive_chi2" {
		features := slices.Repeat([]int32{-1}, int(width))
		g.e.c.b.Add(&engine.Domain{In: g.row, Min: []float64{0}, Max: []float64{math.Inf(1)}, Features: features})
	}
	if metric == "linear" || metric == "poly" || metric == "polynomial" {
		for i := range g.n {
			at := squares(g.points[i*int(width) : (i+1)*int(width)])
			if metric != "linear" {
				at = math.Pow(float64(params.gamma*at)+params.coef0, params.degree)
			}
			c.scale = math.Max(c.scale, at)
		}
	}
	step.Out = g.e.c.b.Floats(g.n)
	c.span = step.Out
	g.e.c.b.Add(step)
	return c, true
}

// diagonal adds kernel.diag(X): the kernel of the row with itself, one slot.
func (g *process) diagonal(v pickle.Value) (engine.Span, bool) {
	k, class, ok := g.kernelObject(v, "kernel_")
	if !ok {
		return engine.Span{}, false
	}
	b := g.e.c.b
	switch class {
	case "Sum", "Product":
		left, ok0 := g.diagonal(k.get("k1"))
		right, ok1 := g.diagonal(k.get("k2"))
		if ok0 && ok1 {
			b.Add(&engine.Pair{Op: map[string]string{"Sum": "add", "Product": "mul"}[class], Left: left, Right: right, Out: left})
		}
		return left, ok0 && ok1
	case "Exponentiation":
		span, ok := g.diagonal(k.get("kernel"))
		if ok {
			b.Add(&engine.Raise{In: span, Out: span, Exponent: engine.Number64(k.float("exponent"))})
		}
		return span, ok
	case "ConstantKernel":
		return g.constant(k.float("constant_value"), 1), true
	case "WhiteKernel":
		return g.constant(k.float("noise_level"), 1), true
	case "DotProduct":
		sigma := k.float("sigma_0")
		return g.squaredLength(float64(sigma * sigma)), true
	case "PairwiseKernel":
		switch metric := k.str("metric"); metric {
		case "linear":
			return g.squaredLength(0), true
		case "rbf", "laplacian", "chi2":
			return g.constant(1, 1), true
		default:
			g.e.refuse("PairwiseKernel of "+metric, "its value of a row with itself is not supported", "use linear, rbf, laplacian or chi2")
			return engine.Span{}, false
		}
	}
	return g.constant(1, 1), true
}

// squaredLength adds the sum of squares of the row, and a number.
func (g *process) squaredLength(plus float64) engine.Span {
	squared := g.e.c.b.Floats(int(g.row.N))
	g.e.c.b.Add(&engine.Pair{Op: "mul", Left: g.row, Right: g.row, Out: squared})
	return g.e.c.matMul(squared, slices.Repeat([]float64{1}, int(g.row.N)), 1, []float64{plus})
}
