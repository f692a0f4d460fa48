package engine

import (
	"fmt"
	"math"
)

// The steps of this file make an answer of neighbours: of the indices of points, in an order, and a weight for each.

// Neighborhood is the neighbours that a step reads.
type Neighborhood struct {
	Indices Span `json:"indices"`
	// Weights has a slot for each index; it is empty if every neighbour counts the same.
	Weights Span `json:"weights"`
	// Count is the slot that holds how many of the indices are neighbours, -1 if all are.
	Count Slot `json:"count"`
}

// InverseWeights turns distances into weights, in place: 1/d; or, if any is 0, 1 for those and 0 for the others (sklearn.neighbors._base._get_weights).
type InverseWeights struct {
	Distances Span `json:"distances"`
	Count     Slot `json:"count"`
}

// Vote writes the share of each class in the weights of the neighbours; zeros if the weights are zero.
type Vote struct {
	Neighborhood
	Out    Span    `json:"out"`      // the classes of all outputs side by side
	Widths []int32 `tensor:"widths"` // classes of each output
	Labels []int32 `tensor:"labels"` // outputs × points: the class of each point
	Empty  []int32 `tensor:"empty"`  // for each output the class that has all of a row without neighbours; or none
}

// Mode writes, for each output, the class with the largest weight among the neighbours, the first of several.
type Mode struct {
	Neighborhood
	Out    Span    `json:"out"`
	Widths []int32 `tensor:"widths"`
	Labels []int32 `tensor:"labels"`
}

// Average writes the mean of the neighbours' values, Empty if there are no neighbours. With Sum it is the sum and not the mean.
type Average struct {
	Neighborhood
	Out    Span      `json:"out"`
	Sum    bool      `json:"sum"`
	Empty  Number64  `json:"empty"`
	Values []float64 `tensor:"values"` // points × outputs
}

// Scatter writes the neighbours as a row with a slot for each point: its weight (1 without weights), 0 for what is no neighbour. A point that is named twice, as where
// all are infinitely far, has the sum.
type Scatter struct {
	Neighborhood
	Out Span `json:"out"`
}

// checkNeighbors checks the neighbours and that they are among the given number of points, as far as can be told before the run.
func (h *Neighborhood) checkNeighbors(f *frame, out Span) error {
	if h.Weights.N != 0 && h.Weights.N != h.Indices.N || h.Indices.N < 1 {
		return fmt.Errorf("indices has %d slots and weights %d, want the same number or no weights", h.Indices.N, h.Weights.N)
	}
	if overlap(out, h.Indices) || overlap(out, h.Weights) || h.Count >= 0 && overlap(out, one(h.Count)) {
		return fmt.Errorf("out %v overlaps what is read", out)
	}
	if err := f.read("indices", h.Indices); err != nil {
		return err
	}
	if err := f.read("weights", h.Weights); err != nil {
		return err
	}
	if h.Count >= 0 {
		return f.read("count", one(h.Count))
	}
	return nil
}

// neighbors returns the indices and weights of a row; weights are nil if every neighbour counts the same.
func (h *Neighborhood) neighbors(s *session, r int) (indices, weights []float64) {
	indices = s.span(r, h.Indices)
	if h.Count >= 0 {
		indices = indices[:place(s.row(r)[h.Count], len(indices))]
	}
	if h.Weights.N > 0 {
		weights = s.span(r, h.Weights)[:len(indices)]
	}
	return indices, weights
}

// place is a number of a frame as an index from 0 to most. A frame of a hostile plan may hold any number.
func place(v float64, most int) int {
	if !(v > 0) {
		return 0
	}
	return int(min(v, float64(most)))
}

// weight is the weight of neighbour i.
func weight(weights []float64, i int) float64 {
	if weights == nil {
		return 1
	}
	return weights[i]
}

// checkLabels checks the labels of a vote and returns the number of points.
func checkLabels(widths, labels []int32) (int, error) {
	if len(widths) < 1 || len(labels) == 0 || len(labels)%len(widths) != 0 {
		return 0, fmt.Errorf("labels has %d items for %d outputs, want points for at least one", len(labels), len(widths))
	}
	points := len(labels) / len(widths)
	for k, width := range widths {
		for _, label := range labels[k*points : (k+1)*points] {
			if label < 0 || label >= width {
				return 0, fmt.Errorf("a label of output %d is %d, want 0 to %d", k, label, width-1)
			}
		}
	}
	return points, nil
}

// Kind is "inverse_weights".
func (*InverseWeights) Kind() string { return "inverse_weights" }

func (t *InverseWeights) check(f *frame) error {
	if t.Count >= 0 {
		if err := f.read("count", one(t.Count)); err != nil {
			return err
		}
	}
	return f.through(t.Distances, t.Distances)
}

func (t *InverseWeights) run(s *session, n int) {
	for r := range n {
		d := s.span(r, t.Distances)
		if t.Count >= 0 {
			d = d[:place(s.row(r)[t.Count], len(d))]
		}
		touching := false
		for i, v := range d {
			d[i] = 1 / v
			touching = touching || v == 0 || t.Count < 0 && math.IsInf(d[i], 0)
		}
		if touching {
			for i, v := range d {
				d[i] = truth(math.IsInf(v, 0))
			}
		}
	}
}

// Kind is "vote".
func (*Vote) Kind() string { return "vote" }

func (t *Vote) check(f *frame) error {
	if _, err := checkLabels(t.Widths, t.Labels); err != nil {
		return err
	}
	total := int64(0)
	for _, width := range t.Widths {
		total += int64(width)
	}
	for k, class := range t.Empty {
		if len(t.Empty) != len(t.Widths) || class < 0 || class >= t.Widths[k] {
			return fmt.Errorf("empty is %d, want a class for each of %d outputs", t.Empty, len(t.Widths))
		}
	}
	if total != int64(t.Out.N) {
		return fmt.Errorf("out has %d slots, want %d", t.Out.N, total)
	}
	if err := t.checkNeighbors(f, t.Out); err != nil {
		return err
	}
	return f.write("out", t.Out)
}

func (t *Vote) run(s *session, n int) {
	points := len(t.Labels) / len(t.Widths)
	for r := range n {
		indices, weights := t.neighbors(s, r)
		out := s.span(r, t.Out)
		clear(out)
		for k, width := range t.Widths {
			part, labels := out[:width], t.Labels[k*points:(k+1)*points]
			out = out[width:]
			if len(indices) == 0 && len(t.Empty) > 0 {
				part[t.Empty[k]] = 1
			}
			for i, index := range indices {
				part[labels[place(index, points-1)]] += weight(weights, i)
			}
			if total := pairwiseSum(part); total != 0 {
				for c := range part {
					part[c] /= total
				}
			}
		}
	}
}

// Kind is "mode".
func (*Mode) Kind() string { return "mode" }

func (t *Mode) check(f *frame) error {
	if _, err := checkLabels(t.Widths, t.Labels); err != nil {
		return err
	}
	if int(t.Out.N) != len(t.Widths) {
		return fmt.Errorf("out has %d slots, want %d", t.Out.N, len(t.Widths))
	}
	if err := t.checkNeighbors(f, t.Out); err != nil {
		return err
	}
	return f.write("out", t.Out)
}

func (t *Mode) run(s *session, n int) {
	points := len(t.Labels) / len(t.Widths)
	for r := range n {
		indices, weights := t.neighbors(s, r)
		for k, width := range t.Widths {
			labels := t.Labels[k*points : (k+1)*points]
			best, most := int32(0), 0.0
			for class := range width {
				// numpy.sum over all neighbours, those of other classes as zeros (sklearn.utils.extmath.weighted_mode)
				total := pairwise(len(indices), func(i int) float64 {
					if labels[place(indices[i], points-1)] != class {
						return 0
					}
					return weight(weights, i)
				})
				if total > most {
					best, most = class, total
				}
			}
			s.span(r, t.Out)[k] = float64(best)
		}
	}
}

// Kind is "average".
func (*Average) Kind() string { return "average" }

func (t *Average) check(f *frame) error {
	if t.Out.N < 1 || len(t.Values) == 0 || len(t.Values)%int(t.Out.N) != 0 {
		return fmt.Errorf("values has %d items for %d outputs, want points for at least one", len(t.Values), t.Out.N)
	}
	if err := t.checkNeighbors(f, t.Out); err != nil {
		return err
	}
	return f.write("out", t.Out)
}

func (t *Average) run(s *session, n int) {
	points := len(t.Values) / int(t.Out.N)
	for r := range n {
		indices, weights := t.neighbors(s, r)
		out := s.span(r, t.Out)
		total := float64(len(indices))
		if weights != nil {
			total = pairwiseSum(weights)
		}
		for k := range out {
			term := func(i int) float64 {
				v := t.Values[place(indices[i], points-1)*len(out)+k]
				if weights != nil {
					return float64(v * weights[i])
				}
				return v
			}
			switch {
			case len(indices) == 0:
				out[k] = float64(t.Empty)
				continue
			case len(out) == 1 || weights != nil:
				out[k] = pairwise(len(indices), term)
			default: // numpy adds row after row
				out[k] = 0
				for i := range indices {
					out[k] += term(i)
				}
			}
			if !t.Sum {
				out[k] /= total
			}
		}
	}
}

// Kind is "scatter".
func (*Scatter) Kind() string { return "scatter" }

func (t *Scatter) check(f *frame) error {
	if err := atLeastOne(t.Out); err != nil {
		return err
	}
	if err := t.checkNeighbors(f, t.Out); err != nil {
		return err
	}
	return f.write("out", t.Out)
}

func (t *Scatter) run(s *session, n int) {
	for r := range n {
		indices, weights := t.neighbors(s, r)
		out := s.span(r, t.Out)
		clear(out)
		for i, index := range indices {
			out[place(index, len(out)-1)] += weight(weights, i)
		}
	}
}

// OutlierFactor writes minus the local outlier factor of a row: the mean ratio of its neighbours' densities to its own
// (sklearn.neighbors.LocalOutlierFactor.score_samples).
type OutlierFactor struct {
	Neighborhood
	Out       Slot      `json:"out"`
	Radii     []float64 `tensor:"radii"`     // the distance of each point to its own furthest neighbour
	Densities []float64 `tensor:"densities"` // the local reachability density of each point
}

// Kind is "outlier_factor".
func (*OutlierFactor) Kind() string { return "outlier_factor" }

func (t *OutlierFactor) check(f *frame) error {
	if len(t.Radii) == 0 || len(t.Radii) != len(t.Densities) || t.Weights.N == 0 {
		return fmt.Errorf("radii has %d items, densities %d and weights %d slots, want as many as points, and weights", len(t.Radii), len(t.Densities), t.Weights.N)
	}
	if err := t.checkNeighbors(f, one(t.Out)); err != nil {
		return err
	}
	return f.write("out", one(t.Out))
}

func (t *OutlierFactor) run(s *session, n int) {
	for r := range n {
		indices, distances := t.neighbors(s, r)
		k, last := float64(len(indices)), len(t.Radii)-1
		reach := pairwise(len(indices), func(i int) float64 { return max(distances[i], t.Radii[place(indices[i], last)]) })
		density := 1 / (reach/k + 1e-10)
		ratios := pairwise(len(indices), func(i int) float64 { return t.Densities[place(indices[i], last)] / density })
		s.row(r)[t.Out] = -(ratios / k)
	}
}
