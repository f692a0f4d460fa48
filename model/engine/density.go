package engine

import (
	"fmt"
	"math"
)

// KernelDensity writes the logarithm of a kernel density: the sum over all points of kernel(distance / Bandwidth), times the norm. It walks the tree and bounds the
// density until the bounds are within the tolerances, as BinaryTree.kernel_density does, whose result depends on the order of the walk. Where the density is next to 0, the
// result is what is left of bounds that are taken off one another, and hangs on the last bit of every exp and log: a row whose logarithm they may move by more than Bound,
// absolute or relative, is marked Unstable.
type KernelDensity struct {
	In        Span     `json:"in"`
	Out       Slot     `json:"out"`
	Scratch   Span     `json:"scratch"` // 4 slots a node with BreadthFirst, else none
	Kernel    string   `json:"kernel"`  // "gaussian", "tophat", "epanechnikov", "exponential", "linear" or "cosine"
	Bandwidth Number64 `json:"bandwidth"`
	// LogATol and LogRTol are the logarithms of the tolerances, -Infinity for 0.
	LogATol      Number64 `json:"log_atol"`
	LogRTol      Number64 `json:"log_rtol"`
	BreadthFirst bool     `json:"breadth_first"`
	// LogNorm is the logarithm of the kernel's norm; LogTotal that of the sum of all weights, which the result is divided by.
	LogNorm  Number64 `json:"log_norm"`
	LogTotal Number64 `json:"log_total"`
	Bound    Number64 `json:"bound"`
	Metric
	SpaceTree
	Weights     []float64 `tensor:"weights"`      // of the points, in the order of the leaves; empty if all are 1
	NodeWeights []float64 `tensor:"node_weights"` // of the points of each node
}

// Kind is "kernel_density".
func (*KernelDensity) Kind() string { return "kernel_density" }

func (t *KernelDensity) check(f *frame) error {
	if err := t.checkTree(&t.Metric, int(t.In.N)); err != nil {
		return err
	}
	if logKernel(t.Kernel) == nil {
		return fmt.Errorf("kernel is %q, which is not known", t.Kernel)
	}
	if len(t.NodeWeights) != len(t.Starts) || len(t.Weights) != 0 && len(t.Weights) != len(t.Order) {
		return fmt.Errorf("node_weights has %d and weights %d items, want %d and none or %d", len(t.NodeWeights), len(t.Weights), len(t.Starts), len(t.Order))
	}
	scratch := 0
	if t.BreadthFirst {
		scratch = 4 * len(t.Starts)
	}
	if int(t.Scratch.N) != scratch || overlap(t.Scratch, t.In) || overlap(t.Scratch, one(t.Out)) {
		return fmt.Errorf("scratch is %v, want %d slots of their own", t.Scratch, scratch)
	}
	if err := f.write("scratch", t.Scratch); err != nil {
		return err
	}
	return f.apart(t.In, one(t.Out))
}

// logKernel is the logarithm of a kernel at a distance, nil for an unknown one.
func logKernel(name string) func(d, h float64) float64 {
	switch name {
	case "gaussian":
		return logGaussian
	case "tophat":
		return logTophat
	case "epanechnikov":
		return logEpanechnikov
	case "exponential":
		return logExponential
	case "linear":
		return logLinear
	case "cosine":
		return logCosine
	}
	return nil
}

func logGaussian(d, h float64) float64 { return -0.5 * float64(d*d) / float64(h*h) }

func logExponential(d, h float64) float64 { return -d / h }

func logTophat(d, h float64) float64 {
	if d < h {
		return 0
	}
	return math.Inf(-1)
}

func logEpanechnikov(d, h float64) float64 {
	if d < h {
		return exactLog(1 - float64(d*d)/float64(h*h))
	}
	return math.Inf(-1)
}

func logLinear(d, h float64) float64 {
	if d < h {
		return exactLog(1 - d/h)
	}
	return math.Inf(-1)
}

func logCosine(d, h float64) float64 {
	if d < h {
		return exactLog(math.Cos(float64(0.5*math.Pi) * d / h))
	}
	return math.Inf(-1)
}

// logAddExp is log(exp(a) + exp(b)).
func logAddExp(a, b float64) float64 {
	top := max(a, b)
	if math.IsInf(top, -1) {
		return top
	}
	return top + exactLog(exactExp(a-top)+exactExp(b-top))
}

// logSubExp is log(exp(a) - exp(b)), -Infinity if that is not positive.
func logSubExp(a, b float64) float64 {
	if a <= b {
		return math.Inf(-1)
	}
	return a + exactLog(1-exactExp(b-a))
}

// bound is a lower bound of a density, and how far the upper bound is above it; both as logarithms.
type bound struct{ low, spread float64 }

// walk is the evaluation of one row.
type walk struct {
	*KernelDensity
	x       []float64
	reduced distance
	kernel  func(d, h float64) float64
	all     bound // of the whole density
	noise   noise // in all
}

func (t *KernelDensity) run(s *session, n int) {
	reduced, kernel := t.reduced(), logKernel(t.Kernel)
	for r := range n {
		w := walk{KernelDensity: t, x: s.span(r, t.In), reduced: reduced, kernel: kernel}
		if t.BreadthFirst {
			scratch, nodes := s.span(r, t.Scratch), len(t.Starts)
			w.breadthFirst(scratch[:nodes], scratch[nodes:2*nodes], scratch[2*nodes:3*nodes], scratch[3*nodes:])
		} else {
			w.all = w.root()
			w.depthFirst(0, w.all)
		}
		density := logAddExp(w.all.low, w.all.spread-math.Log(2))
		out := density + float64(t.LogNorm) - float64(t.LogTotal)
		s.row(r)[t.Out] = out
		if lost := w.noise.share(density); math.IsInf(lost, 1) || unsteady(lost, out, float64(t.Bound)) {
			s.mark(r, Unstable, -1)
		}
	}
}

// root bounds the density of all points.
func (w *walk) root() bound { return w.node(0, float64(w.LogTotal)) }

// node bounds the density of the points of a node, whose weight is given as a logarithm.
func (w *walk) node(i int, weight float64) bound {
	near, far := w.bounds(&w.Metric, w.reduced, i, w.x)
	low := weight + w.kernel(far, float64(w.Bandwidth))
	return bound{low, logSubExp(weight+w.kernel(near, float64(w.Bandwidth)), low)}
}

// within tells whether a spread, of which share is the node's share of all weights, is within the tolerances for a lower bound.
func (w *walk) within(spread, share, low float64) bool {
	norm := float64(w.LogNorm)
	error, allowed := norm+spread+share, logAddExp(float64(w.LogATol), float64(w.LogRTol)+norm+low)
	if lost := w.noise.share(spread); lost < 1 && !math.IsInf(allowed, 0) && math.Abs(error-allowed) <= float64(closeLogs*(1+math.Abs(allowed)))+lost {
		w.noise.add(spread, 1/noiseUnit) // rounding decides whether the spread is left as it is; one that is noise itself makes no difference
	}
	return error <= allowed
}

// done tells whether the bounds of a node, or of all, are close enough.
func (w *walk) done(i int, b bound) (node, all bool) {
	node = w.within(b.spread, float64(w.LogTotal)-exactLog(w.NodeWeights[i]), b.low)
	return node, !node && w.within(w.all.spread, 0, w.all.low)
}

// leaf replaces the bounds of a leaf by its points.
func (w *walk) leaf(i int, b bound) {
	w.all.low, w.all.spread = w.noise.minus(w.all.low, b.low), w.noise.minus(w.all.spread, b.spread)
	compact := math.IsInf(w.kernel(float64(w.Bandwidth), float64(w.Bandwidth)), -1)
	for p := int(w.Starts[i]); p < int(w.Ends[i]); p++ {
		d := w.unreduce(w.reduced(&w.Metric, w.x, w.at(p, len(w.x))))
		v, weight := w.kernel(d, float64(w.Bandwidth)), 0.0
		if len(w.Weights) > 0 {
			weight = exactLog(w.Weights[p])
		}
		if compact && !math.IsInf(v, -1) { // at its edge the kernel is a difference, too
			w.noise.add(weight, 1)
		}
		w.all.low = w.noise.plus(w.all.low, v+weight)
	}
}

// split replaces the bounds of a node by those of its children.
func (w *walk) split(parent, first, second bound) {
	w.all.low = w.noise.plus(w.noise.plus(w.noise.minus(w.all.low, parent.low), first.low), second.low)
	w.all.spread = w.noise.plus(w.noise.plus(w.noise.minus(w.all.spread, parent.spread), first.spread), second.spread)
}

// depthFirst is _kde_single_depthfirst.
func (w *walk) depthFirst(i int, b bound) {
	node, all := w.done(i, b)
	switch {
	case node || all:
	case w.Leaf[i] != 0:
		w.leaf(i, b)
	default:
		first, second := w.node(2*i+1, exactLog(w.NodeWeights[2*i+1])), w.node(2*i+2, exactLog(w.NodeWeights[2*i+2]))
		w.split(b, first, second)
		w.depthFirst(2*i+1, first)
		w.depthFirst(2*i+2, second)
	}
}

// breadthFirst is _kde_single_breadthfirst: nodes by their nearest distance.
func (w *walk) breadthFirst(low, spread, values, nodes []float64) {
	h := float64(w.Bandwidth)
	w.all = w.root()
	low[0], spread[0] = w.all.low, w.all.spread
	values[0], nodes[0] = 0, 0
	for size := 1; size > 0; {
		i := int(nodes[0])
		size = popNode(values[:size], nodes[:size])
		b := bound{low[i], spread[i]}
		node, all := w.done(i, b)
		switch {
		case node:
		case all:
			size = 0
		case w.Leaf[i] != 0:
			w.leaf(i, b)
		default:
			for child := 2*i + 1; child <= 2*i+2; child++ {
				near, far := w.bounds(&w.Metric, w.reduced, child, w.x)
				weight := exactLog(w.NodeWeights[child])
				low[child], spread[child] = weight+w.kernel(far, h), weight+w.kernel(near, h)
				size = pushNode(values[:size+1], nodes[:size+1], near, float64(child))
			}
			w.split(b, bound{low[2*i+1], spread[2*i+1]}, bound{low[2*i+2], spread[2*i+2]})
		}
	}
}

// pushNode puts a node at the end of a heap whose smallest value is first, and moves it up (NodeHeap.push).
func pushNode(values, nodes []float64, value, node float64) int {
	i := len(values) - 1
	values[i], nodes[i] = value, node
	for i > 0 {
		parent := (i - 1) / 2
		if values[parent] <= values[i] {
			break
		}
		swap(values, nodes, i, parent)
		i = parent
	}
	return len(values)
}

// popNode removes the first node of a heap (NodeHeap.pop).
func popNode(values, nodes []float64) int {
	n := len(values) - 1
	values[0], nodes[0] = values[n], nodes[n]
	for i := 0; i < n; {
		next := 0
		switch left := 2*i + 1; {
		case left+1 < n && !(values[left] <= values[left+1]):
			next = left + 1
		case left < n:
			next = left
		}
		if next == 0 || !(values[next] <= values[i]) {
			break
		}
		swap(values, nodes, i, next)
		i = next
	}
	return n
}
