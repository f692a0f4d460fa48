package engine

import (
	"fmt"
	"math"
)

// SpaceTree is a k-d tree or a ball tree over points. Node i has the children 2i+1 and 2i+2; the points of a node are consecutive.
// The bounds and walks follow sklearn/neighbors/_kd_tree.pyx.tp and _ball_tree.pyx.tp.
type SpaceTree struct {
	// Ball: a node is a ball (Bounds: its centre, Radius); otherwise a box (Bounds: the lower corners of all nodes, then the upper ones).
	Ball   bool      `json:"ball"`
	Data   []float64 `tensor:"data"`  // points × columns, in the order of the leaves
	Order  []int32   `tensor:"order"` // the index of each of those points
	Starts []int32   `tensor:"starts"`
	Ends   []int32   `tensor:"ends"`
	Leaf   []int32   `tensor:"leaf"` // 1: the node has no children
	Radius []float64 `tensor:"radius"`
	Bounds []float64 `tensor:"bounds"`
}

// checkTree checks the tree for vectors of a width.
func (t *SpaceTree) checkTree(m *Metric, width int) error {
	if err := m.checkMetric(width); err != nil {
		return err
	}
	points, nodes := len(t.Order), len(t.Starts)
	if points < 1 || nodes < 1 || width < 1 {
		return fmt.Errorf("tree has %d nodes over %d points of %d columns, want at least one of each", nodes, points, width)
	}
	corners := 2
	if t.Ball {
		corners = 1
	} else if p := m.order(); !(p >= 1) {
		return fmt.Errorf("metric %q has no boxes", m.Name)
	}
	if len(t.Data) != points*width || len(t.Bounds) != corners*nodes*width {
		return fmt.Errorf("data has %d and bounds %d items, want %d and %d", len(t.Data), len(t.Bounds), points*width, corners*nodes*width)
	}
	if len(t.Ends) != nodes || len(t.Leaf) != nodes || len(t.Radius) != nodes {
		return fmt.Errorf("ends, leaf and radius have %d, %d and %d items, want %d", len(t.Ends), len(t.Leaf), len(t.Radius), nodes)
	}
	for _, index := range t.Order {
		if index < 0 || int(index) >= points {
			return fmt.Errorf("order holds %d, want 0 to %d", index, points-1)
		}
	}
	for i := range nodes {
		if t.Starts[i] < 0 || t.Ends[i] < t.Starts[i] || int(t.Ends[i]) > points {
			return fmt.Errorf("node %d holds the points [%d,%d) of %d", i, t.Starts[i], t.Ends[i], points)
		}
		if t.Leaf[i] == 0 && 2*i+2 >= nodes {
			return fmt.Errorf("node %d has no children and is not a leaf", i)
		}
	}
	return nil
}

// order is the p of a Minkowski metric, which bounds of boxes need; NaN for any other metric.
func (m *Metric) order() float64 {
	switch m.Name {
	case "euclidean":
		return 2
	case "manhattan":
		return 1
	case "chebyshev":
		return math.Inf(1)
	case "minkowski":
		return float64(m.P)
	}
	return math.NaN()
}

// at is point number i.
func (t *SpaceTree) at(i, width int) []float64 { return t.Data[i*width : (i+1)*width] }

// box is the lower and the upper corner of a node.
func (t *SpaceTree) box(node, width int) (low, high []float64) {
	upper := len(t.Starts) * width
	return t.Bounds[node*width : (node+1)*width], t.Bounds[upper+node*width : upper+(node+1)*width]
}

// nearest is the reduced distance that no point of the node is nearer than (min_rdist).
func (t *SpaceTree) nearest(m *Metric, reduced distance, node int, x []float64) float64 {
	if t.Ball {
		near, _ := t.bounds(m, reduced, node, x)
		return m.reduce(near)
	}
	near, _ := t.reducedBounds(m, node, x)
	return near
}

// reducedBounds are the smallest and the largest reduced distance to a box.
func (t *SpaceTree) reducedBounds(m *Metric, node int, x []float64) (near, far float64) {
	low, high := t.box(node, len(x))
	p := m.order()
	for j, v := range x {
		below, above := low[j]-v, v-high[j]
		d := (below + math.Abs(below)) + (above + math.Abs(above)) // twice the larger of them and 0
		most := max(math.Abs(below), math.Abs(above))
		if math.IsInf(p, 1) {
			near, far = max(near, 0.5*d), max(far, most)
		} else {
			near += float64(power(0.5*d, p))
			far += float64(power(most, p))
		}
	}
	return near, far
}

// bounds are the smallest and the largest distance to a node (min_max_dist).
func (t *SpaceTree) bounds(m *Metric, reduced distance, node int, x []float64) (near, far float64) {
	if t.Ball {
		d := m.unreduce(reduced(m, x, t.Bounds[node*len(x):(node+1)*len(x)]))
		return max(0, d-t.Radius[node]), d + t.Radius[node]
	}
	near, far = t.reducedBounds(m, node, x)
	if p := m.order(); !math.IsInf(p, 1) {
		near, far = power(near, 1/p), power(far, 1/p)
	}
	return near, far
}

// query fills a heap with the nearest points below a node, whose nearest reduced distance is known (_query_single_depthfirst).
func (t *SpaceTree) query(m *Metric, reduced distance, node int, x []float64, near float64, values, indices []float64) {
	if near > values[0] {
		return
	}
	if t.Leaf[node] != 0 {
		for i := int(t.Starts[node]); i < int(t.Ends[node]); i++ {
			pushHeap(values, indices, reduced(m, x, t.at(i, len(x))), float64(t.Order[i]))
		}
		return
	}
	first, second := 2*node+1, 2*node+2
	near1, near2 := t.nearest(m, reduced, first, x), t.nearest(m, reduced, second, x)
	if !(near1 <= near2) {
		first, second, near1, near2 = second, first, near2, near1
	}
	t.query(m, reduced, first, x, near1, values, indices)
	t.query(m, reduced, second, x, near2, values, indices)
}

// within lists the points below a node that are no further than radius, from place count on, and returns the next place (_query_radius_single).
func (t *SpaceTree) within(m *Metric, reduced distance, node int, x []float64, radius float64, distances, indices []float64, count int) int {
	near, far := t.bounds(m, reduced, node, x)
	switch {
	case near > radius:
	case far <= radius:
		for i := int(t.Starts[node]); i < int(t.Ends[node]) && count < len(indices); i++ {
			indices[count], distances[count] = float64(t.Order[i]), m.unreduce(reduced(m, x, t.at(i, len(x))))
			count++
		}
	case t.Leaf[node] != 0:
		most := m.reduce(radius)
		for i := int(t.Starts[node]); i < int(t.Ends[node]) && count < len(indices); i++ {
			if d := reduced(m, x, t.at(i, len(x))); d <= most {
				indices[count], distances[count] = float64(t.Order[i]), m.unreduce(d)
				count++
			}
		}
	default:
		count = t.within(m, reduced, 2*node+1, x, radius, distances, indices, count)
		count = t.within(m, reduced, 2*node+2, x, radius, distances, indices, count)
	}
	return count
}
