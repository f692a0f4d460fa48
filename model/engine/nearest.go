package engine

import (
	"fmt"
	"math"
)

// Search says how the nearest points are kept, which decides the order of equally near ones.
type Search string

const (
	// Heap pushes the points on a heap in their order and sorts it.
	Heap Search = "heap"
	// Merged pushes the points on a heap, that heap on another, and sorts that one.
	Merged Search = "merged"
	// Stable sorts by distance, then by index, and marks a row as a Tie whose last place points of several groups compete for that are equally near, with a Bound but for rounding.
	Stable Search = "stable"
)

// Nearest writes the Indices.N nearest points.
type Nearest struct {
	In        Span   `json:"in"`
	Indices   Span   `json:"indices"`
	Distances Span   `json:"distances"`
	Scratch   Span   `json:"scratch"` // 2 × Indices.N slots for Merged, else none
	Search    Search `json:"search"`
	Precision
	Points
}

// Kind is "nearest".
func (*Nearest) Kind() string { return "nearest" }

func (t *Nearest) check(f *frame) error {
	n, err := t.checkPoints(int(t.In.N))
	if err != nil {
		return err
	}
	if err := t.checkPrecision(n); err != nil {
		return err
	}
	scratch := int32(0)
	switch t.Search {
	case Heap, Stable:
	case Merged:
		scratch = 2 * t.Indices.N
	default:
		return fmt.Errorf("search is %q, want %q, %q or %q", t.Search, Heap, Merged, Stable)
	}
	if int(t.Indices.N) > n || t.Scratch.N != scratch {
		return fmt.Errorf("indices has %d slots and scratch %d, want at most %d and %d", t.Indices.N, t.Scratch.N, n, scratch)
	}
	if overlap(t.Scratch, t.In) || overlap(t.Scratch, t.Indices) || overlap(t.Scratch, t.Distances) {
		return fmt.Errorf("scratch %v overlaps another span", t.Scratch)
	}
	if err := f.writeNeighbors(t.In, t.Indices, t.Distances); err != nil {
		return err
	}
	return f.write("scratch", t.Scratch)
}

func (t *Nearest) run(s *session, n int) {
	reduced := t.reduced()
	for r := range n {
		x, indices, distances := s.span(r, t.In), s.span(r, t.Indices), s.span(r, t.Distances)
		norm := t.rowNorm(x)
		if t.Search == Stable {
			if t.insert(reduced, x, norm, distances, indices) {
				s.mark(r, Tie, -1)
			}
			t.hold(s, r, indices, distances, t.errors(x, t.noiseOf(x)))
			continue
		}
		values, order := distances, indices
		if t.Search == Merged {
			scratch := s.span(r, t.Scratch)
			values, order = scratch[:len(indices)], scratch[len(indices):]
		}
		out, outside := t.push(values, order, reduced, x, norm)
		if t.Search == Merged {
			clearHeap(distances, indices, math.MaxFloat64)
			for i, v := range values {
				pushHeap(distances, indices, v, order[i])
			}
		}
		sortTogether(distances, indices)
		last := len(distances) - 1
		if slack := t.slack(x, outside, out, int(indices[last]), distances[last]); slack > 0 && t.tied(reduced, x, norm, distances[last], out, slack) {
			s.mark(r, Tie, -1)
		}
		for i, v := range distances {
			distances[i] = t.unreduce(max(v, 0))
		}
		t.hold(s, r, indices, distances, t.errors(x, t.noiseOf(x)))
	}
}

// push keeps the nearest points on a heap, and returns the nearest that is left out: its distance and index, -1 if there is none.
func (t *Nearest) push(values, order []float64, reduced distance, x []float64, norm float64) (out float64, outside int) {
	clearHeap(values, order, math.MaxFloat64)
	outside = -1
	for i := range t.count(len(x)) {
		d := t.to(reduced, x, norm, i)
		lost, at := d, i
		if d < values[0] {
			lost, at = values[0], int(order[0])
		}
		if i >= len(values) && (outside < 0 || before(lost, out)) {
			out, outside = lost, at
		}
		pushHeap(values, order, d, float64(i))
	}
	return out, outside
}

// slack is how far rounding may move the distances of the last point that is taken and of the nearest that is left out, together.
func (t *Nearest) slack(x []float64, outside int, out float64, inside int, last float64) float64 {
	if t.Bound == 0 || outside < 0 {
		return 0
	}
	noise := t.noiseOf(x)
	return t.rounding(x, outside, out) + t.rounding(x, inside, last) + t.reducedNoise(noise, out) + t.reducedNoise(noise, last)
}

// tied tells whether the nearest point that is left out is as near as the last that is taken, give or take a slack, and that decides about the answer.
func (t *Nearest) tied(reduced distance, x []float64, norm, last, out, slack float64) bool {
	return !before(last+slack, out) && t.apart(reduced, x, norm, last, slack)
}

// insert keeps the nearest points sorted; of equally near ones the earlier comes first. It tells whether that decides about the answer.
func (t *Nearest) insert(reduced distance, x []float64, norm float64, distances, indices []float64) (tie bool) {
	kept, out, outside := 0, math.NaN(), -1 // the nearest point that is left out
	for i := range t.count(len(x)) {
		d := t.to(reduced, x, norm, i)
		if kept == len(distances) {
			lost, at := d, i
			if before(d, distances[kept-1]) {
				lost, at = distances[kept-1], int(indices[kept-1])
			}
			if outside < 0 || before(lost, out) {
				out, outside = lost, at
			}
			if !before(d, distances[kept-1]) {
				continue
			}
			kept--
		}
		j := kept
		for ; j > 0 && before(d, distances[j-1]); j-- {
			distances[j], indices[j] = distances[j-1], indices[j-1]
		}
		distances[j], indices[j] = d, float64(i)
		kept++
	}
	last := distances[kept-1]
	if outside >= 0 {
		tie = t.tied(reduced, x, norm, last, out, t.slack(x, outside, out, int(indices[kept-1]), last))
	}
	for i, v := range distances {
		distances[i] = t.unreduce(v)
	}
	return tie
}

// apart tells whether the points at a distance, give or take a slack, are of several groups.
func (t *Nearest) apart(reduced distance, x []float64, norm, at, slack float64) bool {
	if len(t.Groups) == 0 {
		return true
	}
	first := int32(-1)
	for i, group := range t.Groups {
		d := t.to(reduced, x, norm, i)
		switch {
		case before(d+slack, at), before(at+slack, d):
		case first < 0:
			first = group
		case group != first:
			return true
		}
	}
	return false
}

// before is numpy's order of floats: NaN comes last.
func before(a, b float64) bool { return a < b || math.IsNaN(b) && !math.IsNaN(a) }
