package engine

import (
	"fmt"
	"math"
)

// The steps of this file find the points of a set that are near to a row. They write the indices of the points and their distances, side by side, in
// the order in which scikit-learn has them.

// Points is a set of points to search through one by one.
type Points struct {
	Metric
	// Gram, if it is not empty: Euclidean distances by ‖x‖² - 2xy + ‖y‖², which are faster in scikit-learn and differ in the last bits.
	Gram Products `json:"gram"`
	// RowLast: the expansion starts with ‖y‖² and adds the row's ‖x‖² last.
	RowLast bool      `json:"row_last"`
	Data    []float64 `tensor:"data"`  // points × columns; empty for the metric "precomputed", whose rows hold the distance to each point
	Norms   []float64 `tensor:"norms"` // with Gram: the squared norm of each point
}

// NearestInTree writes the Indices.N nearest points of a tree. With Noise a row is marked as a Tie where it decides which point is the last.
type NearestInTree struct {
	In        Span `json:"in"`
	Indices   Span `json:"indices"`
	Distances Span `json:"distances"`
	Scratch   Span `json:"scratch"` // with Noise, and unless all points are taken: 2 × (Indices.N + 1) slots
	Precision
	Metric
	SpaceTree
}

// Within writes the points no further than Radius and their number. Indices and Distances have a slot for each point of the set. With a Bound a row is marked Unstable
// where rounding decides whether a point is within.
type Within struct {
	In        Span     `json:"in"`
	Count     Slot     `json:"count"`
	Indices   Span     `json:"indices"`
	Distances Span     `json:"distances"`
	Radius    Number64 `json:"radius"`
	Precision
	Points
}

// WithinTree writes the points of a tree no further than Radius and their number, as Within does.
type WithinTree struct {
	In        Span     `json:"in"`
	Count     Slot     `json:"count"`
	Indices   Span     `json:"indices"`
	Distances Span     `json:"distances"`
	Radius    Number64 `json:"radius"`
	Precision
	Metric
	SpaceTree
}

// checkPoints checks the set for vectors of a width and returns the number of points.
func (p *Points) checkPoints(width int) (int, error) {
	if p.Name == "precomputed" {
		return width, items("data", p.Data, 0)
	}
	if err := p.checkMetric(width); err != nil {
		return 0, err
	}
	switch p.Gram {
	case "", Fused, Paired, Plain:
	default:
		return 0, fmt.Errorf("gram is %q, want %q, %q, %q or nothing", p.Gram, Fused, Paired, Plain)
	}
	if width < 1 || len(p.Data) == 0 || len(p.Data)%width != 0 {
		return 0, fmt.Errorf("data has %d items, want points of %d columns", len(p.Data), width)
	}
	n, norms := len(p.Data)/width, 0
	if p.Gram != "" {
		norms = n
	}
	return n, items("norms", p.Norms, norms)
}

// rowNorm is the squared norm of the row, where the set needs it.
func (p *Points) rowNorm(x []float64) float64 {
	if p.Gram != "" {
		return p.Gram.SquaredNorm(x)
	}
	return 0
}

// count is the number of points, for rows of a width.
func (p *Points) count(width int) int {
	if p.Name == "precomputed" {
		return width
	}
	return len(p.Data) / width
}

// to is the reduced distance from a row to point i.
func (p *Points) to(reduced distance, x []float64, norm float64, i int) float64 {
	if reduced == nil {
		return x[i]
	}
	point := p.Data[i*len(x) : (i+1)*len(x)]
	if p.Gram == "" {
		return reduced(&p.Metric, x, point)
	}
	first, last := norm, p.Norms[i]
	if p.RowLast {
		first, last = last, first
	}
	if d := first - float64(2*p.Gram.dot(x, point)) + last; d > 0 {
		return d
	}
	return 0
}

// writeNeighbors checks and marks what a search writes.
func (f *frame) writeNeighbors(in, indices, distances Span) error {
	if indices.N != distances.N || indices.N < 1 {
		return fmt.Errorf("indices has %d slots and distances %d, want the same number, at least one", indices.N, distances.N)
	}
	if overlap(indices, distances) || overlap(in, indices) || overlap(in, distances) {
		return fmt.Errorf("in %v, indices %v and distances %v overlap", in, indices, distances)
	}
	if err := f.read("in", in); err != nil {
		return err
	}
	if err := f.write("indices", indices); err != nil {
		return err
	}
	return f.write("distances", distances)
}

// Kind is "nearest_in_tree".
func (*NearestInTree) Kind() string { return "nearest_in_tree" }

func (t *NearestInTree) check(f *frame) error {
	if err := t.checkTree(&t.Metric, int(t.In.N)); err != nil {
		return err
	}
	if int(t.Indices.N) > len(t.Order) {
		return fmt.Errorf("indices has %d slots, want at most %d", t.Indices.N, len(t.Order))
	}
	if err := t.checkPrecision(len(t.Order)); err != nil {
		return err
	}
	scratch := int32(0)
	if t.Noise != 0 && int(t.Indices.N) < len(t.Order) {
		scratch = 2 * (t.Indices.N + 1)
	}
	if t.Scratch.N != scratch || overlap(t.Scratch, t.In) || overlap(t.Scratch, t.Indices) || overlap(t.Scratch, t.Distances) {
		return fmt.Errorf("scratch is %v, want %d slots apart from the others", t.Scratch, scratch)
	}
	if err := f.writeNeighbors(t.In, t.Indices, t.Distances); err != nil {
		return err
	}
	return f.write("scratch", t.Scratch)
}

func (t *NearestInTree) run(s *session, n int) {
	reduced := t.reduced()
	for r := range n {
		x, indices, distances := s.span(r, t.In), s.span(r, t.Indices), s.span(r, t.Distances)
		clearHeap(distances, indices, math.Inf(1))
		t.query(&t.Metric, reduced, 0, x, t.nearest(&t.Metric, reduced, 0, x), distances, indices)
		sortTogether(distances, indices)
		for i, v := range distances {
			distances[i] = t.unreduce(v)
		}
		if t.Noise != 0 {
			t.steady(s, r, reduced, x, indices, distances)
		}
	}
}

// steady marks a row whose noise decides which point is the last, or about the weights of the found points.
func (t *NearestInTree) steady(s *session, r int, reduced distance, x, indices, distances []float64) {
	noise := t.noiseOf(x)
	if k := len(indices); t.Scratch.N > 0 {
		scratch := s.span(r, t.Scratch)
		values, order := scratch[:k+1], scratch[k+1:]
		clearHeap(values, order, math.Inf(1))
		t.query(&t.Metric, reduced, 0, x, t.nearest(&t.Metric, reduced, 0, x), values, order)
		sortTogether(values, order)
		if last := distances[k-1]; t.unreduce(values[k]) <= last+2*noise && t.apart(reduced, x, last, 2*noise) {
			s.mark(r, Tie, -1)
		}
	}
	t.hold(s, r, indices, distances, func(int, float64) float64 { return noise })
}

// apart tells whether the points at a distance, give or take a slack, are of several groups.
func (t *NearestInTree) apart(reduced distance, x []float64, at, slack float64) bool {
	first := -1
	for i, point := range t.Order {
		if d := t.unreduce(reduced(&t.Metric, x, t.at(i, len(x)))); !(math.Abs(d-at) <= slack) {
			continue
		}
		if first < 0 {
			first = int(point)
		}
		if !t.alike(int(point), first) {
			return true
		}
	}
	return false
}

// Kind is "within".
func (*Within) Kind() string { return "within" }

func (t *Within) check(f *frame) error {
	n, err := t.checkPoints(int(t.In.N))
	if err != nil {
		return err
	}
	if int(t.Indices.N) != n {
		return fmt.Errorf("indices has %d slots, want %d", t.Indices.N, n)
	}
	if err := t.checkPrecision(n); err != nil {
		return err
	}
	return f.writeWithin(t.In, t.Count, t.Indices, t.Distances)
}

// writeWithin is writeNeighbors for a search that writes a count as well.
func (f *frame) writeWithin(in Span, count Slot, indices, distances Span) error {
	if c := one(count); overlap(c, in) || overlap(c, indices) || overlap(c, distances) {
		return fmt.Errorf("count %d lies in another span", count)
	}
	if err := f.writeNeighbors(in, indices, distances); err != nil {
		return err
	}
	return f.write("count", one(count))
}

func (t *Within) run(s *session, n int) {
	reduced := t.reduced()
	most := t.reduce(float64(t.Radius))
	for r := range n {
		x, indices, distances := s.span(r, t.In), s.span(r, t.Indices), s.span(r, t.Distances)
		norm, count, noise := t.rowNorm(x), 0, t.noiseOf(x)
		for i := range indices {
			d := t.to(reduced, x, norm, i)
			if d <= most {
				indices[count], distances[count] = float64(i), t.unreduce(max(d, 0))
				count++
			}
			if off := t.rounding(x, i, d) + t.reducedNoise(noise, d); t.Bound != 0 && off > 0 && math.Abs(d-most) <= off {
				s.mark(r, Unstable, -1)
			}
		}
		t.hold(s, r, indices[:count], distances[:count], t.errors(x, noise))
		clear(indices[count:])
		clear(distances[count:])
		s.row(r)[t.Count] = float64(count)
	}
}

// Kind is "within_tree".
func (*WithinTree) Kind() string { return "within_tree" }

func (t *WithinTree) check(f *frame) error {
	if err := t.checkTree(&t.Metric, int(t.In.N)); err != nil {
		return err
	}
	if int(t.Indices.N) != len(t.Order) {
		return fmt.Errorf("indices has %d slots, want %d", t.Indices.N, len(t.Order))
	}
	if err := t.checkPrecision(len(t.Order)); err != nil {
		return err
	}
	return f.writeWithin(t.In, t.Count, t.Indices, t.Distances)
}

func (t *WithinTree) run(s *session, n int) {
	reduced := t.reduced()
	for r := range n {
		indices, distances := s.span(r, t.Indices), s.span(r, t.Distances)
		x := s.span(r, t.In)
		search := func(radius float64) int { return t.within(&t.Metric, reduced, 0, x, radius, distances, indices, 0) }
		if noise := t.noiseOf(x); noise != 0 && search(float64(t.Radius)-noise) != search(float64(t.Radius)+noise) {
			s.mark(r, Unstable, -1)
		}
		count := search(float64(t.Radius))
		t.hold(s, r, indices[:count], distances[:count], func(int, float64) float64 { return t.noiseOf(x) })
		clear(indices[count:])
		clear(distances[count:])
		s.row(r)[t.Count] = float64(count)
	}
}

// Distances writes the distance to each point, in order.
type Distances struct {
	In  Span `json:"in"`
	Out Span `json:"out"`
	Points
}

// Kind is "distances".
func (*Distances) Kind() string { return "distances" }

func (t *Distances) check(f *frame) error {
	n, err := t.checkPoints(int(t.In.N))
	if err != nil {
		return err
	}
	if int(t.Out.N) != n {
		return fmt.Errorf("out has %d slots, want %d", t.Out.N, n)
	}
	return f.apart(t.In, t.Out)
}

func (t *Distances) run(s *session, n int) {
	reduced := t.reduced()
	for r := range n {
		x := s.span(r, t.In)
		norm := t.rowNorm(x)
		out := s.span(r, t.Out)
		for i := range out {
			out[i] = t.unreduce(t.to(reduced, x, norm, i))
		}
	}
}
